/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much a worker may say before its outcome: a flood would keep the daemon busy, and an image that begins anew again and again
 * would never end. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint seconds; /* that count from the beginning: all that a job has, or what an image may be silent for */
  gint64 began;  /* of an image, on the monotonic clock: each further second counts as well; 0: of none */
  guint64 n_words;
  guint64 bytes;
  guint restarts;
} RsTalk;

/* One more progress or part. What is wrong with it, or NULL. */
const char *rs_talk_add_word (RsTalk *talk, gint64 now) G_GNUC_WARN_UNUSED_RESULT;

/* What an image has now. FALSE: it is what it had before. *fault: what is wrong with it, or NULL. */
gboolean rs_talk_note_bytes (RsTalk *talk, guint64 bytes, const char **fault) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
