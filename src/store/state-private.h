/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a state; for the store and its tests. */
#pragma once

#include "store/state-store.h"

G_BEGIN_DECLS

/* A keyfile without a seal. Equal states give equal texts. */
char    *rs_state_to_text (const RsState *state);

/* RS_ERROR_CORRUPT: it is none. Keys that are not there have the value of a phone out of the box. */
RsState *rs_state_from_text (const char *text,
                             gsize       length,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
