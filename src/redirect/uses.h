/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which phones have used which code, on disk before anybody is told where the code leads. A code counts phones, not
 * requests: one that did not get its answer may ask again. */
#pragma once

#include "base/error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RsUses RsUses;

/* Takes the lock of the folder and reads what is there. RS_ERROR_BUSY: another server has it; RS_ERROR_CORRUPT: the file
 * is none of ours. Blocks. */
RsUses  *rs_uses_open (const char *dir,
                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void     rs_uses_free (RsUses *uses);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsUses, rs_uses_free)

/* digest: of the code. */
gboolean rs_uses_has (const RsUses *uses,
                      const char   *digest,
                      const char   *mac);
guint    rs_uses_count (const RsUses *uses,
                        const char   *digest);

/* Counts the phone at once, and tells when that is on disk; several of them share a write. RS_ERROR_STORAGE: it is not,
 * and was taken back. */
void     rs_uses_note_async (RsUses             *uses,
                             const char         *digest,
                             const char         *mac,
                             GAsyncReadyCallback callback,
                             gpointer            data);
gboolean rs_uses_note_finish (GAsyncResult *result,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a write is on its way. */
gboolean rs_uses_is_busy (const RsUses *uses);

G_END_DECLS
