/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Activation codes as people enter them, and how long they have to wait after wrong ones. (DISC-11) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_CODE_ACTIVATION, /* 16 digits, for the activation service */
  RS_CODE_PROFILE,    /* "#" and 3 to 16 digits: the name of a profile, for the redirect service */
} RsCodeKind;

/* Blanks and hyphens do not count. digits: (transfer full), without the "#", to be wiped. FALSE with RS_ERROR_INVALID_CODE: the form is
 * wrong; the message does not hold the text. */
gboolean rs_code_read (const char *text,
                       RsCodeKind *kind,
                       char      **digits,
                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* µs from the last of so many wrong codes to the next one that is taken. */
gint64   rs_code_wait (guint wrong);

/* What is left of a wait after a restart, from the wall clock, which may have been set since: never longer than the wait itself. until: when
 * the next one is taken; wall clock, µs since the epoch. */
gint64   rs_code_wait_left (gint64 wait,
                            gint64 until,
                            gint64 now);

/* What a service reads (docs/redirect-service.md): "id=…&code=…" or "id=…&profile=…", percent-encoded. To be wiped. */
char    *rs_code_form (RsCodeKind  kind,
                       const char *digits,
                       const char *mac,
                       const char *serial,
                       const char *model) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
