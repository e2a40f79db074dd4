/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts. */
#include "worker/talk.h"

/* words a second that are still no flood */
#define WORDS_A_SECOND 20
/* How often an image may begin anew: another server, an answer that is not the rest of what is there, a smaller window. */
#define RESTARTS_MAX 100

const char *
rs_talk_add_word (RsTalk *talk, gint64 now)
{
  guint64 seconds = talk->seconds + (talk->began > 0 ? (guint64)(now - talk->began) / G_USEC_PER_SEC : 0);

  return ++talk->n_words > WORDS_A_SECOND * seconds ? "worker lied: a flood of progress" : NULL;
}

gboolean
rs_talk_note_bytes (RsTalk *talk, guint64 bytes, const char **fault)
{
  gboolean fewer = bytes < talk->bytes, other = bytes != talk->bytes;

  talk->bytes = bytes;
  talk->restarts += fewer ? 1 : 0;
  *fault = talk->restarts > RESTARTS_MAX ? "worker lied: an image that begins anew without end" : NULL;
  return other;
}
