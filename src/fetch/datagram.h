/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One datagram to a syslog server, for a job (LOG-1): here and not in the daemon, since the server may be a name and name servers are no more to be
 * believed than others. Nothing is read; whether somebody listens there is not known afterwards, as syslog has it. */
#pragma once

#include "fetch/job.h"

G_BEGIN_DECLS

typedef struct _RsDatagram RsDatagram;

/* Ends the job from the main loop. */
RsDatagram *rs_datagram_start (RsJob *job);
void rs_datagram_free (RsDatagram *datagram);

G_END_DECLS
