/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bus as the commands need it: calls that say themselves what went wrong, and waiting for what the daemon tells. */
#pragma once

#include "ctl/ctl.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* Opens ctl->bus where it is not open. FALSE: said already, the exit status is in ctl->exit. */
gboolean  rs_bus_connect (RsCtl *ctl) G_GNUC_WARN_UNUSED_RESULT;

/* Calls a method of the daemon (starting it where the bus can). reply_type must be a tuple. NULL: said already, the
 * exit status is in ctl->exit. fds: takes the descriptors of the reply; may be NULL. arguments is consumed. */
GVariant *rs_bus_call (RsCtl        *ctl,
                       const char   *interface,
                       const char   *method,
                       GVariant     *arguments,
                       const char   *reply_type,
                       GUnixFDList **fds) G_GNUC_WARN_UNUSED_RESULT;

/* The same of a method that fetches something first and answers when it has it. */
GVariant *rs_bus_call_slow (RsCtl      *ctl,
                            const char *interface,
                            const char *method,
                            GVariant   *arguments,
                            const char *reply_type) G_GNUC_WARN_UNUSED_RESULT;

/* Properties.GetAll of an interface: a{sv}. */
GVariant *rs_bus_get_all (RsCtl      *ctl,
                          const char *interface) G_GNUC_WARN_UNUSED_RESULT;

/* Says what a failed call means and returns its exit status, which it also stores. */
RsExit    rs_bus_fail (RsCtl        *ctl,
                       const GError *error);

/* Listens to the daemon. func is called for each of its signals, and with interface "" and member "DaemonStarted" or
 * "DaemonLeft" (no arguments) when it comes and goes; it returns TRUE when all is done. Signals count from the moment
 * of rs_watch_new (), so that none is lost before rs_watch_run (). */
typedef struct _RsWatch RsWatch;
typedef gboolean (*RsWatchFunc) (const char *interface,
                                 const char *member,
                                 GVariant   *arguments,
                                 gpointer    data);

RsWatch  *rs_watch_new (RsCtl      *ctl,
                        RsWatchFunc func,
                        gpointer    data);
void      rs_watch_free (RsWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsWatch, rs_watch_free)

/* Runs a main loop until func has returned TRUE or rs_watch_stop () was called (0), the bus is gone or, unless stay,
 * the daemon left (3, said), or seconds (0: no limit) have passed (5, said). */
RsExit    rs_watch_run (RsWatch *watch,
                        gboolean stay,
                        guint    seconds);
void      rs_watch_stop (RsWatch *watch);

G_END_DECLS
