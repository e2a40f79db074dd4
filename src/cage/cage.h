/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cage of a worker: what a process that reads a server's bytes can still do once they have taken it over. Two steps
 * in this order, neither of which can be undone:
 *
 *   rs_cage_confine ()  while the process has one thread: resource limits, and Landlock, which holds the calling thread
 *                       and the threads that it starts later, and no other
 *   rs_cage_seal ()     when everything is loaded that needs it: the filter of system calls, for all threads at once
 *
 * Between the two the process can still load libraries and start threads, but sees no more files than in the end.
 *
 *   rs_cage_narrow ()   when what was fetched is a program of somebody else's, before it runs */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The last of the descriptors that the daemon gives every worker: the standard ones, and the channel between the two. One for an image
 * gets one more, its file. */
#define RS_CAGE_GIVEN_MAX 3
#define RS_CAGE_FILE (RS_CAGE_GIVEN_MAX + 1)
/* How many a worker may have, all in all; a power of two. */
#define RS_CAGE_DESCRIPTORS 64

typedef struct
{
  const char *const *paths; /* what may be read beside the libraries: files, and folders with all that is in them; one
                             * that is not there is passed over */
  gboolean tcp;             /* FALSE: of TCP only the port of the DNS, where the kernel can tell ports */
  guint64 memory;           /* bytes of address space beyond what is mapped already, which is libraries mostly */
  guint seconds;            /* of processor time */
  gboolean token;           /* the module of a token reads files, and gets along where it may not write them */
  gboolean narrows;         /* rs_cage_narrow () follows */
  guint64 file_bytes;       /* how long the file RS_CAGE_FILE may become, which alone is written; 0: there is none */
  gboolean allow_weak;      /* go on where the kernel has no Landlock */
} RsCage;

/* What Landlock of this kernel can do (its ABI, from 1); 0: there is none, or somebody forbids its use. */
guint rs_cage_landlock_abi (void);

/* RS_ERROR_FAILED: some of it cannot be had here, and the process must not go on. The message says what to do. */
gboolean rs_cage_confine (const RsCage *cage, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From here on a system call that a download does not need kills the process by SIGSYS; the few that libraries try and
 * can do without fail instead. In a build with sanitizers all of them fail, so that the checkers can report. */
gboolean rs_cage_seal (const RsCage *cage, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* No socket of TCP from here on; names are still looked up, by UDP. It does for all threads. */
gboolean rs_cage_narrow (GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
