/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who keeps the phone busy: a descriptor each; while any is open no resync starts and no upgrade is installed (SCHED-5), whether or not the daemon is
 * started again meanwhile. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RS_INHIBITORS_A_USER 16

typedef struct _RsInhibitors RsInhibitors;
typedef void (*RsInhibitFunc) (guint    n_open,
                               gpointer data);

/* folder: where they outlive the daemon, and not the boot; only its own. func: after each that opens or closes. */
RsInhibitors *rs_inhibitors_new (const char   *folder,
                                 RsInhibitFunc func,
                                 gpointer      data);
void          rs_inhibitors_free (RsInhibitors *inhibitors);

/* Those that a daemon before gave out and that are still held; func is called where there are any. */
void          rs_inhibitors_take_up (RsInhibitors *inhibitors);

/* The caller's end of a new pipe, or -1: RS_ERROR_BUSY where the user has 16, RS_ERROR_INVALID_ARGUMENT for an empty or overlong text. */
int           rs_inhibitors_open (RsInhibitors *inhibitors,
                                  guint32       uid,
                                  const char   *who,
                                  const char   *why,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Who the oldest one is, escaped; NULL: nobody. */
const char   *rs_inhibitors_first (RsInhibitors *inhibitors);

G_END_DECLS
