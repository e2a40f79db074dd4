/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of profile/ share. */
#pragma once

#include "profile/profile.h"

G_BEGIN_DECLS

/* Sanitizers cost a factor, and so does a build without optimisation. */
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define SLOWNESS 20
#else
#define SLOWNESS 1
#endif

#define TEXT(literal) g_bytes_new_static (literal, sizeof literal - 1)

/* Reads what must be a good profile. Takes the bytes. */
RsProfile          *read_good (GBytes *bytes);

/* Reads what must be corrupt, with default options where options is NULL, and gives the message. Takes the bytes. */
char               *read_corrupt (GBytes                 *bytes,
                                  const RsProfileOptions *options,
                                  guint                  *line,
                                  guint                  *column);

const RsAssignment *assignment_of (const RsProfile *profile,
                                   const char      *name);
const RsProfileNote *note_of (const RsProfile *profile,
                              guint            i);

GBytes             *sample (const char *name);
GBytes             *gzip (GBytes *bytes);

/* Concatenates and frees. */
GBytes             *joined (GBytes *a,
                            GBytes *b);

/* head, n times body, tail. A "%u" in body becomes the number. */
GBytes             *repeated (const char *head,
                              const char *body,
                              guint       n,
                              const char *tail);

double              cpu_ms (void);

G_END_DECLS
