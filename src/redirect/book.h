/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the provider wrote: where each phone belongs, which codes there are, and how the server is to be reached. A plain
 * keyfile; every fault is told with file and line, and none of the book counts before all are mended. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

typedef struct
{
  const char *serial; /* "": any */
  const char *model;  /* "": any */
  const char *rule;
} RsBookPhone;

typedef struct
{
  const char *digest; /* of the code, hexadecimal: what the file of uses knows it by */
  const char *rule;
  guint   uses;    /* how many phones may use it; 0: any number */
  gint64  expires; /* wall clock, µs since the epoch, the first instant at which it counts no more; 0: never */
} RsBookCode;

typedef struct
{
  GStrv   listen; /* "ADDRESS:PORT" */
  const char *certificate_file, *private_key_file; /* "" plain HTTP, for a proxy on the same machine */
  const char *client_header; /* in which such a proxy says who asks; "" none */
  const char *redirect_path, *activation_path;
  guint   requests;    /* a minute and client; 0: no limit */
  guint   wrong_codes; /* of a client before it has to wait */
  guint   patience;    /* seconds for a request to arrive, or for the next one of its connection */
  GHashTable *phones; /* MAC, 12 lower-case hexadecimal digits → RsBookPhone */
  GHashTable *codes;  /* how rs_book_find_code () finds them */
  GPtrArray *warnings; /* char *: what counts, and is unwise; with file and line */
  GStringChunk *texts; /* all that are not freed one by one */
  char   *secret;     /* what their keys are made with; of this run */
} RsBook;

/* What a code is for: they live in books of their own. */
typedef enum
{
  RS_BOOK_ACTIVATION, /* 16 digits */
  RS_BOOK_NAME,       /* 3 to 16 digits: "#" and the name of a profile */
} RsBookKind;

/* Reads FILE, then the .conf files of FILE.d in order of their names. secret: random text of this run. NULL: error says every fault, a
 * line each. Blocks. */
RsBook *rs_book_read (const char *file,
                      const char *secret,
                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void    rs_book_free (RsBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsBook, rs_book_free)

/* NULL: no such phone. mac: 12 lower-case hexadecimal digits. */
const RsBookPhone *rs_book_find_phone (const RsBook *book,
                                       const char   *mac);

/* NULL: no such code. How long it takes says nothing of the codes that there are: what is compared is a keyed digest. */
const RsBookCode  *rs_book_find_code (const RsBook *book,
                                      RsBookKind    kind,
                                      const char   *digits);

/* Whether digits may be a code of the kind: how many of them there must be. */
gboolean           rs_book_is_code (RsBookKind  kind,
                                    const char *digits);

/* 12 hexadecimal digits with or without ":", "-" or "." between them, in lower case; NULL: it is none. */
char              *rs_book_mac (const char *text);

G_END_DECLS
