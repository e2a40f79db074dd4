/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The book as its reader writes it. */
#pragma once

#include "redirect/book.h"

G_BEGIN_DECLS

/* An empty one, with what counts where nothing is said. */
RsBook      *rs_book_new (const char *secret);

/* Who must not be in it yet, without a rule. mac: as rs_book_mac () gives it. Borrowed from the book. */
RsBookPhone *rs_book_add_phone (RsBook     *book,
                                const char *mac);
RsBookCode  *rs_book_add_code (RsBook     *book,
                               RsBookKind  kind,
                               const char *digits);

G_END_DECLS
