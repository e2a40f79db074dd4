/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock of the state folder: two daemons must not write there. Every write goes through it. A disk that failed is let go, or it could not
 * be mounted anew below the running daemon; the next write takes the lock again on what is there then, and finds out whether another daemon
 * was quicker. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RsLock RsLock;

/* Not taken yet. */
RsLock  *rs_lock_new (const char *dir);
RsLock  *rs_lock_ref (RsLock *lock);
void     rs_lock_unref (RsLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsLock, rs_lock_unref)

/* Takes it, and waits up to the given seconds for another one to go. RS_ERROR_BUSY: it did not. RS_ERROR_STORAGE: the file of the lock cannot
 * be made. */
gboolean rs_lock_take (RsLock  *lock,
                       guint    seconds,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Around each write, in the thread that writes; several may be inside. It is taken first where it was let go: RS_ERROR_BUSY: another one has it,
 * and nothing may be written; RS_ERROR_STORAGE as above. lock NULL: there is nobody else. */
gboolean rs_lock_enter (RsLock  *lock,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
void     rs_lock_leave (RsLock *lock);

/* Tells, from inside, what the disk did: where a write failed it is let go as soon as nobody is inside, and a write
 * beside it that went well changes nothing of that. */
void     rs_lock_set_failed (RsLock  *lock,
                             gboolean failed);

G_END_DECLS
