/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wiping of secrets. */
#include "base/secret.h"

#include <string.h>

typedef struct
{
  void *data;
  gsize length;
} Block;

void
rs_wipe (void *data,
         gsize length)
{
  if (data != NULL)
    explicit_bzero (data, length);
}

void
rs_secret_free (char *secret)
{
  if (secret != NULL)
    rs_wipe (secret, strlen (secret));
  g_free (secret);
}

gboolean
rs_secret_equal (const char *secret,
                 const char *candidate)
{
  gsize n = strlen (secret), m = strlen (candidate);
  guint8 difference = n == m ? 0 : 1;

  for (gsize i = 0; i < m; i++)
    difference |= (guint8)candidate[i] ^ (guint8)(n > 0 ? secret[i % n] : 0xff);
  return difference == 0;
}

static void
block_free (gpointer data)
{
  Block *block = data;

  rs_wipe (block->data, block->length);
  g_free (block->data);
  g_free (block);
}

GBytes *
rs_secret_bytes_new_take (void *data,
                          gsize length)
{
  Block *block = g_new (Block, 1);

  block->data = data;
  block->length = length;
  return g_bytes_new_with_free_func (data, length, block_free, block);
}
