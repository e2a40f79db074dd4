/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls: the Unix user and groups that the bus knows the caller by, as a value that travels with the call. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A set of classes; a caller in several groups has the most that any of them has. */
typedef enum
{
  RS_CALLER_NONE = 0,
  RS_CALLER_ROOT = 1 << 0,  /* root, and the user the daemon runs as */
  RS_CALLER_ADMIN = 1 << 1, /* group resyncd-admin */
  RS_CALLER_USER = 1 << 2,  /* group resyncd: the user class */
  RS_CALLER_SIP = 1 << 3,   /* group resyncd-sip */
} RsCallerClass;

typedef struct
{
  guint32  uid;
  char    *user; /* login name; "" unknown */
  guint    classes; /* RsCallerClass, joined */
} RsCaller;

RsCaller *rs_caller_copy (const RsCaller *caller);
void      rs_caller_free (RsCaller *caller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsCaller, rs_caller_free)

/* Root or admin: who may see and do what a profile may. */
gboolean  rs_caller_is_privileged (const RsCaller *caller);

/* The connections that have called. The bus is asked once for each: who is behind a unique name never changes, and the
 * name is never given away again. */
typedef struct _RsCallers RsCallers;

/* error: why the caller is not known; one of both is NULL, both are borrowed. */
typedef void (*RsCallerFunc) (const RsCaller *caller,
                              const GError   *error,
                              gpointer        data);

RsCallers *rs_callers_new (GDBusConnection *bus);
/* Who still waits is told that the service ends. */
void       rs_callers_free (RsCallers *callers);

/* Says who the sender is: at once where that is known, else when the bus has answered. Calls of one sender keep their
 * order. sender NULL (a peer-to-peer test connection) is the daemon's own user. */
void       rs_callers_ask (RsCallers   *callers,
                           const char  *sender,
                           RsCallerFunc func,
                           gpointer     data);

G_END_DECLS
