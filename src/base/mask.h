/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be shown of a URL or a rule. Every text that leaves for a log, a status page or a caller below admin
 * goes through here (STORE-3). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Stands where a secret stood. A value that holds it is refused, so that a masked text is never stored back. */
#define RS_MASK "•••"

/* A URL without userinfo, its query and fragment as "?…", control characters escaped, cut as rs_text_escape () does. What cannot be a host and port
 * is hidden, and so is what stands before an "@" in the path (a password with a "/") and what follows a blank. */
char    *rs_mask_url (const char *url) G_GNUC_WARN_UNUSED_RESULT;

/* A rule with the values of --key, --uid, --pwd and of assignments, userinfo and query masked, control characters escaped; works on text that does
 * not parse, too, and then rather masks too much; more than 16 KiB are masked as a whole. */
char    *rs_mask_rule (const char *rule) G_GNUC_WARN_UNUSED_RESULT;

/* A text of any kind: as rs_mask_rule () where it has options of a rule that hold secrets; as rs_mask_url () where it holds a URL with an account, a query or a fragment, or "user:password@" by itself; RS_MASK where
 * it holds a field such as "password=x"; else as it is, and not escaped. So what comes back is the text itself where there is nothing to hide. */
char    *rs_mask_text (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a field of that name, in a query or a form, holds a secret by what it is called: "api_key", "userPass", "auth", but not "author". */
gboolean rs_mask_is_secret_name (const char *name,
                                 gsize       length);

/* Whether the text holds RS_MASK. */
gboolean rs_mask_is_masked (const char *text);

G_END_DECLS
