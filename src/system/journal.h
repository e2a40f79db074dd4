/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal: each kind of event with its MESSAGE_ID and fields (LOG-2). Without a journal the same text goes to standard error. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* upper case: "ATTEMPT", "REASON", "RULE", "URL", "CLASS", "HTTP_STATUS" … goes out as RESYNCD_<name> */
  const char *value; /* NULL: left out. Already masked by the caller. */
} RsJournalField;

/* level: of GLib. message_id: RS_MESSAGE_…, or NULL. fields end with a name of NULL, or NULL. Control characters are escaped here. */
void rs_journal_send (GLogLevelFlags        level,
                      const char           *message_id,
                      const char           *message,
                      const RsJournalField *fields);

/* Like rs_journal_send () without fields, with a format. */
void rs_journal_print (GLogLevelFlags level,
                       const char    *message_id,
                       const char    *format,
                       ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
