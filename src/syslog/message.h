/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the phone tells its operator, as a datagram for a syslog server (LOG-1): RFC 5424, or RFC 3164 for receivers that know no other. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of a datagram: the most that RFC 3164 allows, and few enough for every link to carry it in one piece (RFC 5426, 3.2). */
#define RS_SYSLOG_MAX 1024
#define RS_SYSLOG_PORT 514

typedef enum
{
  RS_SYSLOG_RFC5424,
  RS_SYSLOG_RFC3164,
} RsSyslogFormat;

typedef enum
{
  RS_SEVERITY_EMERGENCY,
  RS_SEVERITY_ALERT,
  RS_SEVERITY_CRITICAL,
  RS_SEVERITY_ERROR,
  RS_SEVERITY_WARNING,
  RS_SEVERITY_NOTICE,
  RS_SEVERITY_INFO,
  RS_SEVERITY_DEBUG,
} RsSeverity;

/* By the names of Debug_Level: "EMERGENCY" … "DEBUG". */
gboolean rs_severity_from_name (const char *name,
                                RsSeverity *severity);

typedef struct
{
  RsSeverity severity;
  GDateTime *time; /* in the zone of the phone; NULL: its clock is not set */
  const char *host; /* the phone, by whatever name the operator knows it; other characters than visible ASCII become "_" */
  const char *id;  /* the kind of message, for RFC 5424 alone */
  const char *text; /* escaped, as rs_text_escape () does; cut with "…" where it does not fit */
} RsSyslogMessage;

/* Facility daemon, application resyncd. RFC 3164 has no way to say that the time is not known: without time and host the receiver puts in its own
 * (4.3.2 there). RFC 5424 marks a text as UTF-8 where it is not plain ASCII. */
char    *rs_syslog_format (const RsSyslogMessage *message,
                           RsSyslogFormat         format) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
