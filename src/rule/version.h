/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions of firmware as conditions compare them (RULE-4). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_VERSION_PARTS 5 /* major, minor, micro, patch or build, build */
#define RS_VERSION_SUFFIX_MAX 31

typedef struct
{
  struct
  {
    guint64 number;
    char    suffix[RS_VERSION_SUFFIX_MAX + 1]; /* letters and digits after the number */
  } parts[RS_VERSION_PARTS];
} RsVersion;

/* "11.0.1", "5.1.1(18)", "sip78xx.11-3-2MPP0001-609.loads", "sip88xx.9-3-1-7MPP-3": one to five parts, divided by "." or "-", the last also
 * in parentheses; a build, behind three parts at least, may be letters only ("BN"); a part that is not written is 0. FALSE: malformed. */
gboolean rs_version_parse (const char *text,
                           RsVersion  *version) G_GNUC_WARN_UNUSED_RESULT;

/* Part by part; of a part first the number, then the suffix (none is the least; numbers in it count as numbers). Below 0, 0, above 0. */
int      rs_version_compare (const RsVersion *a,
                             const RsVersion *b);

G_END_DECLS
