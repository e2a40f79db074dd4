/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who guesses codes is slowed down, without a phone that is clumsy locking the others of its site
 * (docs/redirect-service.md, "Who guesses"). */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RsGuesses RsGuesses;

typedef struct
{
  GInetAddress *address; /* who asks */
  const char   *mac;     /* what it calls itself */
  guint         digits;  /* of the name of a profile; 0: it is an activation code */
} RsGuess;

/* wrong_codes: of a phone before it has to wait. Times are of the monotonic clock, µs. */
RsGuesses *rs_guesses_new (guint wrong_codes);
void       rs_guesses_free (RsGuesses *guesses);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsGuesses, rs_guesses_free)

/* Seconds before such a code is looked at; 0: now. */
guint      rs_guesses_wait (const RsGuesses *guesses,
                            const RsGuess   *guess,
                            gint64           now);

/* What came of one that was looked at. */
void       rs_guesses_note (RsGuesses     *guesses,
                            const RsGuess *guess,
                            gboolean       right,
                            gint64         now);

G_END_DECLS
