/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What resyncd asks resyncd-inform, and what it is told: one message each way over a socket, which ends where the
 * sender closes its side. GVariant in normal form with a version; each side takes the other's for network input. */
#pragma once

#include "dhcp/options.h"

G_BEGIN_DECLS

/* The place where systemd listens for resyncd-inform. */
#define RS_INFORM_SOCKET "/run/resyncd-inform.socket"

#define RS_QUESTION_BYTES_MAX 1024
#define RS_ANSWER_BYTES_MAX (64u << 10)
#define RS_QUESTION_CODES_MAX 32
#define RS_QUESTION_ID_MAX 130 /* a DUID (RFC 8415, 11.1) */
#define RS_QUESTION_CLASS_MAX 63
#define RS_ANSWER_OPTIONS_MAX 64
#define RS_ANSWER_MESSAGE_MAX 160 /* characters */

/* Of which server what is asked, and as whom. No allocated memory. */
typedef struct
{
  gboolean v6;
  char     interface[16];
  guint8   mac[6];
  guint8   address[4];                 /* IPv4: of the lease */
  guint8   server[RS_QUESTION_ID_MAX]; /* IPv4: the address of the server that gave the lease; IPv6: its DUID, where it is known */
  gsize    server_length;              /* IPv4: 4; IPv6: 0 any server */
  guint8   id[RS_QUESTION_ID_MAX];     /* the client identifier that the lease was asked for with (a DUID) */
  gsize    id_length;                  /* 0: none */
  char     vendor_class[RS_QUESTION_CLASS_MAX + 1]; /* option 60, or of DHCPv6 16 with enterprise 3561; "" none */
  guint16  codes[RS_QUESTION_CODES_MAX]; /* ascending */
  gsize    n_codes;
} RsDhcpQuestion;

typedef enum
{
  RS_ANSWER_GIVEN,  /* a server answered; it may have none of the options */
  RS_ANSWER_SILENT, /* none did, or none that counts */
  RS_ANSWER_FAILED, /* the question could not be asked */
} RsDhcpAnswerKind;

typedef struct
{
  RsDhcpAnswerKind kind;
  char      *message; /* where not given: why. Escaped and cut; "" nothing to add */
  GPtrArray *options; /* RsDhcpOption, in the order of their codes; of DHCPv6's 17 one an enterprise */
} RsDhcpAnswer;

/* Without options. */
RsDhcpAnswer *rs_dhcp_answer_new (RsDhcpAnswerKind kind,
                                  const char      *message) G_GNUC_WARN_UNUSED_RESULT;
void          rs_dhcp_answer_free (RsDhcpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsDhcpAnswer, rs_dhcp_answer_free)

gboolean      rs_dhcp_question_asks (const RsDhcpQuestion *question,
                                     guint16               code);

/* NULL where a bound does not hold. */
GBytes       *rs_dhcp_question_to_bytes (const RsDhcpQuestion *question) G_GNUC_WARN_UNUSED_RESULT;
GBytes       *rs_dhcp_answer_to_bytes (const RsDhcpAnswer *answer) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE, NULL: it is none, in a word: cut, longer, of another version, not in normal form, out of a bound. */
gboolean      rs_dhcp_question_from_bytes (GBytes         *bytes,
                                           RsDhcpQuestion *question) G_GNUC_WARN_UNUSED_RESULT;

/* Nothing but what was asked for passes. */
RsDhcpAnswer *rs_dhcp_answer_from_bytes (GBytes               *bytes,
                                         const RsDhcpQuestion *question) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
