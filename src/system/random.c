/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Uniform numbers from the kernel, so that a thousand phones that boot together do not draw alike. */
#include "system/random.h"

#include <sys/random.h>

guint32
rs_random_uniform (guint32  max,
                   gpointer unused)
{
  guint64 value;

  if (getrandom (&value, sizeof value, 0) != sizeof value)
    value = ((guint64)g_random_int () << 32) | g_random_int ();
  /* 64 random bits over at most 32: the bias is below 2^-32 */
  return (guint32)(value % ((guint64)max + 1));
}
