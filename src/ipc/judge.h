/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to ipc/: whether an outcome makes sense. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

#define RS_DIGEST_LENGTH 64 /* hexadecimal digits of SHA-256 */
#define RS_BYTES_MAX (G_GUINT64_CONSTANT (1) << 30)  /* of a file that is read */
#define RS_IMAGE_MAX (G_GUINT64_CONSTANT (1) << 40) /* of one that is only written */

/* In which way a part that is not empty contradicts itself; NULL: in none. */
const char *rs_part_fault (const RsPart *part);

/* In which way it contradicts itself; NULL: in none. */
const char *rs_outcome_contradiction (const RsOutcome *outcome);

/* In which way it is no answer to the request; NULL: in none. */
const char *rs_outcome_mismatch (const RsOutcome *outcome,
                                 const RsRequest *request);

G_END_DECLS
