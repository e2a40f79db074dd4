/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the program prints: text for people, JSON documents for programs, and failures as both. */
#pragma once

#include "base/error.h"
#include "ctl/ctl.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Whether colours and moving progress may be used on standard output or standard error (a terminal, TERM not "dumb";
 * for colours NO_COLOR not set). */
gboolean  rs_output_has_colour (int fd);
gboolean  rs_output_is_terminal (int fd);

/* Text from the bus as a terminal can take it, whole. */
char     *rs_output_safe (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* Prints one JSON document; takes node. line: on one line, and at once. */
void      rs_output_json (JsonNode *node,
                          gboolean  line);

/* An empty object: the document of a command that has nothing to say. */
JsonNode *rs_json_nothing (void) G_GNUC_WARN_UNUSED_RESULT;

/* A member of the object that is open. */
void      rs_json_add_text (JsonBuilder *builder,
                            const char  *name,
                            const char  *text);
void      rs_json_add_number (JsonBuilder *builder,
                              const char  *name,
                              gint64       number);
void      rs_json_add_bool (JsonBuilder *builder,
                            const char  *name,
                            gboolean     value);

/* Says that the run failed, in the form that was asked for, and remembers and returns the exit status. The message is
 * escaped. */
RsExit    rs_fail (RsCtl      *ctl,
                   RsExit      exit,
                   RsError     code,
                   const char *format,
                   ...) G_GNUC_PRINTF (4, 5);

/* The same for a wrong command line, with a hint where to read on. command may be NULL. */
RsExit    rs_fail_usage (RsCtl           *ctl,
                         const RsCommand *command,
                         const char      *message);

/* Microseconds since the epoch as RFC 3339 in UTC, as local time for people, and as a distance from now ("in 12 min").
 * All of them: "" for 0. */
char     *rs_time_rfc3339 (guint64 time) G_GNUC_WARN_UNUSED_RESULT;
char     *rs_time_local (guint64 time) G_GNUC_WARN_UNUSED_RESULT;
char     *rs_time_ahead (guint64 time,
                         guint64 now) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
