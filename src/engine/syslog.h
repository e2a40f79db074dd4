/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes to Syslog_Server (LOG-1): each message once, one after the other, by workers of their own, since the server may be a name. Nobody
 * waits for it, and what cannot be sent is lost, as syslog has it. */
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

G_END_DECLS
