/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server that has taken a worker over would try from inside. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The filter ends the process; in a build with sanitizers it refuses with EPERM. */
#define KILLED -1
/* It ends it in such a build as well. */
#define KILLED_ALWAYS -2
/* Not held back. */
#define DONE 0

typedef struct
{
  const char *name;
  int (*act) (void);   /* 0: done; an errno: refused */
  int filter;          /* what comes of it with the filter alone, as on a kernel without Landlock */
  int landlock;        /* with Landlock alone; 0: that is not its part */
  guint abi;           /* … from which on it is */
  gboolean for_checks; /* a sanitizer's check for leaks does the like, and the filter of such a build lets it */
} Deed;

extern const Deed deeds[];
extern const guint n_deeds;

/* A folder of the test with the files "store" and "given", the latter open as given_fd; somebody listens at the abstract
 * socket of its name. */
extern char *scratch;
extern int given_fd;

G_END_DECLS
