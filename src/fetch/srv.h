/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SRV records of the DNS (RFC 2782): what is asked, what an answer says, and in which order its servers are tried
 * (DISC-7). Pure. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

#define RS_SRV_QUESTION_MAX 253 /* bytes of a name */

typedef struct
{
  guint16 priority;
  guint16 weight;
  guint16 port;
  char *host; /* in lower case, without the dot of a complete name */
} RsSrvRecord;

void rs_srv_record_free (RsSrvRecord *record);

/* The name whose records name the provisioning servers of a host. NULL: it has none, for it is an address or too long. */
char *rs_srv_question (const char *scheme, const char *host);

/* Reads the DNS's answer to a question. Of RsSrvRecord, at least one, in the order of the answer. What belongs to another
 * name is passed over, and so is a record that names no server: port 0, the target ".", or a target that is no name of
 * a host. RS_ERROR_NOT_FOUND: there is no record. RS_ERROR_FAILED: the answer cannot be read, or its records name no
 * server. (transfer full) */
GPtrArray *rs_srv_parse (const guint8 *answer, gsize length, const char *question, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* By priority, then by weight, the lower first. With chance as RFC 2782 wants it: of one priority each comes first in
 * proportion to its weight. */
void rs_srv_sort (GPtrArray *records, GRand *chance);

G_END_DECLS
