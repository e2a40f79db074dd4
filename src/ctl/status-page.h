/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status of the daemon as a page for people and as a JSON document. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* properties: all of the main interface (a{sv}); now in microseconds since the epoch. */
void      rs_status_print (GVariant *properties,
                           guint64   now);

#define RS_STATUS_TRIES G_VARIANT_TYPE ("a(ssst)")

/* A line of the story: entry is one of "onboarding" of the Status. (transfer full), to be printed. */
char     *rs_status_try (GVariant *entry) G_GNUC_WARN_UNUSED_RESULT;

JsonNode *rs_status_json (GVariant *properties) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
