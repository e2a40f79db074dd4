/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the parameters stood when a report of them last arrived, for --delta (REPORT-1): a mark each, by name, for each of the two rules of
 * Report_Rule. Files reported-1.conf and -2.conf; without one, no report has arrived. */
#pragma once

#include "system/lock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RS_REPORTED_SLOTS 2

typedef struct _RsReported RsReported;

/* Blocks, for the start only. lock: of dir, for the writes; NULL: there is nobody else. What cannot be read is as if nothing had been reported, and is said in warnings (char *). */
RsReported *rs_reported_open (const char *dir,
                              RsLock     *lock,
                              GPtrArray  *warnings);
void        rs_reported_free (RsReported *reported);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsReported, rs_reported_free)

/* name → mark, borrowed; NULL: nothing was reported. */
GHashTable *rs_reported_get (RsReported *reported,
                             guint       slot);

/* Takes marks. Durable before the callback; the same as before is not written. An error: then it stands in memory alone. */
void        rs_reported_save_async (RsReported         *reported,
                                    guint               slot,
                                    GHashTable         *marks,
                                    GAsyncReadyCallback callback,
                                    gpointer            data);
gboolean    rs_reported_save_finish (RsReported   *reported,
                                     GAsyncResult *result,
                                     GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Factory reset: nothing was ever reported. */
void        rs_reported_clear_async (RsReported         *reported,
                                     GAsyncReadyCallback callback,
                                     gpointer            data);
gboolean    rs_reported_clear_finish (RsReported   *reported,
                                      GAsyncResult *result,
                                      GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The body of a file. RS_ERROR_CORRUPT: a line is no name and mark. What stands after an empty line does not count. (transfer full) */
GHashTable *rs_marks_from_text (const char *text,
                                gsize       length,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;
GString    *rs_marks_to_text (GHashTable *marks) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
