/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes to Syslog_Server (LOG-1): each message once, one after the other, by workers of their own, since the server may be a name. Nobody
 * waits for it, and what the server does not take is lost, as syslog has it. What there is no way for, not even to ask for a name, is sent when there
 * is one: a number of them, the newest. */
#pragma once

#include "engine/parts.h"

G_BEGIN_DECLS

typedef struct _RsSyslog RsSyslog;

/* Borrows parts. */
RsSyslog *rs_syslog_new (const RsParts *parts);
void      rs_syslog_free (RsSyslog *syslog);

/* server: as Syslog_Server has it. datagram: of rs_syslog_format (). What goes wrong is said in the journal, once until it goes well again. */
void      rs_syslog_send (RsSyslog   *syslog,
                          const char *server,
                          const char *datagram);
/* There may be a way now. */
void      rs_syslog_go_on (RsSyslog *syslog);

G_END_DECLS
