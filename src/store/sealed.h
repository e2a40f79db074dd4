/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text file whose last line proves that all of it is there: "#complete " and the SHA-256 of everything before. With
 * its previous generation and the setting aside of bad content (STORE-5). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_SEALED_NONE,     /* there is no such file, and never was */
  RS_SEALED_PRESENT,
  RS_SEALED_PREVIOUS, /* the present one was bad: the generation before it */
  RS_SEALED_LOST,     /* there was one, and no generation of it is good */
} RsSealedSource;

/* Takes in the body (without the seal). FALSE with an error: the content is bad. */
typedef gboolean (*RsSealedFunc) (const char *text,
                                  gsize       length,
                                  gpointer    data,
                                  GError    **error);

/* The body with its seal. Consumes body; the bytes wipe themselves. */
GBytes  *rs_sealed_close (GString *body);

/* The length of the body, or -1 where the last line is no seal or does not fit what stands before it. */
gssize   rs_sealed_body (const char *text,
                         gsize       length) G_GNUC_WARN_UNUSED_RESULT;

/* Reads name in dir (at most max bytes), checks the seal and gives the body to func; where that is bad the file is
 * set aside as name.broken-<now>, said in warnings (char *), and name.previous is tried. RS_ERROR_STORAGE: an I/O
 * error, which proves nothing about the content. */
gboolean rs_sealed_load (const char     *dir,
                         const char     *name,
                         gsize           max,
                         RsSealedFunc    func,
                         gpointer        data,
                         GPtrArray      *warnings,
                         RsSealedSource *source,
                         GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes what a factory reset may not leave: the previous generation and what was set aside. */
gboolean rs_sealed_forget (const char *dir,
                           const char *name,
                           GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
