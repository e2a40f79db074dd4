/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server: libsoup's, with bounds of our own. */
#pragma once

#include "redirect/book.h"
#include "redirect/uses.h"

G_BEGIN_DECLS

typedef struct _RsServer RsServer;

/* Listens where the book says. Takes both. RS_ERROR_FAILED says what cannot be. */
RsServer *rs_server_new (RsBook  *book,
                         RsUses  *uses,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Phones, codes and the certificate of another book from now on; where it listens, and its limits, remain. Takes book. RS_ERROR_FAILED: the
 * certificate cannot be read, and nothing has changed. */
gboolean  rs_server_set_book (RsServer *server,
                              RsBook   *book,
                              GError  **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes no more; what is being counted is answered. */
void      rs_server_free (RsServer *server);

G_END_DECLS
