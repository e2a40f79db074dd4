/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to ipc/: a frame around a serialized tuple. */
#pragma once

#include "ipc/message.h"

G_BEGIN_DECLS

/* Consumes the floating children. RS_ERROR_INVALID_ARGUMENT: longer than a frame of this type may be. The bytes wipe
 * themselves. */
GBytes   *rs_frame_build (RsFrameType type,
                          GVariant  **children,
                          gsize       n_children,
                          GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* The tuple of a payload, or RS_ERROR_FAILED where its length cannot be. It may still be out of normal form, which
 * GVariant reads as defaults: what was read is checked and then given to rs_frame_confirm (). Borrows the payload's
 * memory where it is aligned, else makes a copy that wipes itself. */
GVariant *rs_frame_open (RsFrameType         frame,
                         const GVariantType *type,
                         GBytes             *payload,
                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the payload is, byte for byte, what a writer makes of the message that was read from it: normal form, proven
 * by writing. (g_variant_is_normal_form () takes 100 ms for 10 MB of byte arrays.) frame: of that writer, or NULL;
 * consumed. */
gboolean  rs_frame_confirm (RsFrameType type,
                            GBytes     *payload,
                            GBytes     *frame,
                            GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
