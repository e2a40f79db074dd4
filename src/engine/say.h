/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the operator wants to hear of the phone, in his own words: Log_Request_Msg and its like (LOG-1). */
#pragma once

#include "engine/engine-private.h"
#include "system/journal.h"

G_BEGIN_DECLS

typedef enum
{
  RS_SAY_NOTHING,
  RS_SAY_REQUEST,
  RS_SAY_SUCCESS,
  RS_SAY_FAILURE,
  RS_SAY_UPGRADE_REQUEST,
  RS_SAY_UPGRADE_SUCCESS,
  RS_SAY_UPGRADE_FAILURE,
} RsSaying;

/* To the journal, with these fields, and to Syslog_Server where there is one. An empty message is not sent. The macros are those of the attempt. */
void rs_engine_say (RsEngine             *engine,
                    RsSaying              saying,
                    const RsJournalField *fields);

G_END_DECLS
