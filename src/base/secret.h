/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets are wiped before their memory is given back, and never printed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Overwrites in a way the compiler may not leave out. */
void rs_wipe (void *data,
              gsize length);

/* Wipes and frees a NUL-terminated string; NULL is fine. */
void rs_secret_free (char *secret);

/* For g_autoptr-like use: g_auto (RsSecretString) pwd = g_strdup (…); */
typedef char *RsSecretString;

static inline void
rs_secret_clear (char **secret)
{
  rs_secret_free (*secret);
  *secret = NULL;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsSecretString, rs_secret_clear)

/* Whether two texts are equal, in a time that depends on the length of candidate only. */
gboolean rs_secret_equal (const char *secret,
                          const char *candidate);

/* GBytes that wipe their content when the last reference goes. Takes data (from g_malloc). */
GBytes  *rs_secret_bytes_new_take (void *data,
                                   gsize length);

G_END_DECLS
