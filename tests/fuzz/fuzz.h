/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the targets share: how an input is taken apart, and what holds for every text that comes out. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each target defines it: hands the input to the code under test, asserts what must hold of the answer, and writes the
 * answer to out. Some inputs are given twice, and then it must write the same both times. */
void fuzz_target (const guint8 *data,
                  gsize         size,
                  GString      *out);

/* Stands for a secret: where the code under test uses it as one, no text that is shown may hold it. In the
 * dictionaries. */
#define FUZZ_SECRET "hunter2"

/* An input being taken apart from its front. What is no longer there is 0 or empty. */
typedef struct
{
  const guint8 *data;
  gsize         size;
} FuzzInput;

guint8   fuzz_byte (FuzzInput *input);
guint16  fuzz_uint16 (FuzzInput *input);
guint32  fuzz_uint32 (FuzzInput *input);

/* The next bytes, at most size of them. */
FuzzInput fuzz_take (FuzzInput *input,
                     gsize      size);

/* A text up to the next newline, which is passed over, or to the end; it is cut at a NUL. */
char    *fuzz_line (FuzzInput *input) G_GNUC_WARN_UNUSED_RESULT;

/* What is left, as a text that is cut at a NUL. */
char    *fuzz_rest (const FuzzInput *input) G_GNUC_WARN_UNUSED_RESULT;

/* What is left. With repeat the first two bytes say how long a head and a body are, and the body comes again and
 * again up to 96 KiB: what costs more than the size shows in the time it takes. */
GBytes  *fuzz_bytes (FuzzInput *input,
                     gboolean   repeat) G_GNUC_WARN_UNUSED_RESULT;

/* A file in memory with that content, and its path in *path. Close it. */
int      fuzz_file (const void *data,
                    gsize       size,
                    char      **path) G_GNUC_WARN_UNUSED_RESULT;

/* good: the code said that all is well. An error is set exactly where not, it is of our domain, and its message can be
 * shown. */
void     fuzz_check_error (gboolean      good,
                           const GError *error);

/* A text that is shown: valid UTF-8 without control characters. */
void     fuzz_check_line (const char *text);

/* The same for a list of char *. */
void     fuzz_check_lines (GPtrArray *lines);

gboolean fuzz_holds_secret (const char *text);

/* How often the secret stands in a text. */
guint    fuzz_count_secrets (const char *text);

/* The catalogue of data/catalogue/, read once. */
struct _RsCatalogue *fuzz_catalogue (void);

G_END_DECLS
