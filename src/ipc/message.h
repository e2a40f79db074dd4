/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What daemon and worker say to each other over a socket pair: a request, progress, an outcome. GVariant in a
 * length-prefixed frame; every field bounded and checked on both sides, by the same code. The worker's words are
 * network input to the daemon. */
#pragma once

#include "base/error.h"
#include "params/assignment.h"

G_BEGIN_DECLS

/* A frame: 4 bytes length of the payload, little-endian, 1 byte type, then the payload: a serialized GVariant in normal
 * form. */
#define RS_FRAME_HEADER 5
#define RS_FRAME_MAX (64u << 20) /* a 10 MB profile of 100 000 parameters and the overhead of GVariant */

/* Bounds, in bytes and pieces, that a caller may want to keep before it is told. */
#define RS_MESSAGE_MAX 1024
#define RS_NOTE_MAX 256
#define RS_NOTES_MAX 100
#define RS_VALIDATOR_MAX 1024 /* an ETag or a date */
#define RS_PARAMETERS_MAX 1000000
#define RS_BODY_MAX (8u << 20) /* a report of all parameters */
#define RS_POST_MAX (64u << 10) /* what asks for a profile */
#define RS_PROXIES_MAX 4096
#define RS_CERTIFICATE_MAX 32768 /* some in PEM, or one */
#define RS_SERVERS_MAX 8704 /* 32 URLs of servers */
#define RS_REDIRECT_MAX (64u << 10) /* the small profile of a redirect service … */
#define RS_REDIRECT_PARAMETERS_MAX 100 /* … of which one counts */

/* How many redirects are followed in all (HTTP-2). */
#define RS_REDIRECTS_MAX 5

typedef enum
{
  RS_METHOD_GET,
  RS_METHOD_POST, /* --post, and reports: http and https only */
  RS_METHOD_PUT,  /* reports; by TFTP a write; messages */
} RsMethod;

/* Seconds that the daemon gives a worker beyond the transfer's: it keeps its own deadline, and only one that does not is killed. */
#define RS_WORKER_SECONDS_MORE 5

typedef enum
{
  RS_FRAME_REQUEST = 1,
  RS_FRAME_PROGRESS = 2,
  RS_FRAME_OUTCOME = 3,
  RS_FRAME_PART = 4,
} RsFrameType;

/* What the file is that a job fetches, and so what may come of it. */
typedef enum
{
  RS_JOB_PROFILE,   /* assignments, and the digest of the file */
  RS_JOB_AUTHORITY, /* a custom CA (HTTP-9): certificate and subject */
  RS_JOB_PROXY,     /* a proxy auto-configuration file (HTTP-10): what it says of target, in proxies */
  RS_JOB_SRV,       /* no file: the servers that SRV records name for host, of both schemes (DISC-7) */
  RS_JOB_REDIRECT,  /* as RS_JOB_PROFILE, except that nothing at all is an answer too, without assignments (DISC-10) */
  RS_JOB_IMAGE,     /* firmware (UPG-3), which goes into the descriptor that the worker was started with; its digest */
} RsJobKind;

/* The beginning of an image that is on disk for certain, and what it takes to go on from its end. A worker says one about once a
 * second and where it stops; the daemon keeps the last and gives it to the next worker, which goes on only where the file still
 * begins with the bytes of the digest: whatever was kept, and whatever the file holds, two different files are never glued
 * together. There is none of a server without validators, and none by TFTP. */
typedef struct
{
  guint64 bytes;     /* from the first on; 0: there is none, and the rest is empty */
  guint64 total;     /* of the whole image, at least bytes */
  char   *validator; /* for If-Range (RFC 9110 section 13.1.5): a strong ETag, or the date of Last-Modified */
  char   *digest;    /* SHA-256 of these bytes, 64 hexadecimal characters */
  char   *source;    /* SHA-256 of the URL that they came from, after redirects; a validator says nothing of what another one has */
} RsPart;

void       rs_part_clear (RsPart *part);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RsPart, rs_part_clear)

/* Whether it has the form of an ETag that is strong, or of a date in HTTP. */
gboolean   rs_validator_is_strong (const char *validator);

/* What to do: one job a worker. Texts may be NULL for "" when written and never are when read; user_agent, user and
 * password have no control characters, the conditional fields are ASCII. All texts are wiped when freed. */
typedef struct
{
  char    *scheme; /* "tftp", "http", "https"; "syslog": the body is one message, a datagram that nobody answers (LOG-1) */
  char    *host;
  guint16  port;
  char    *path;            /* with query; for TFTP the file name without its leading slash unless that is all */
  char    *user_agent;
  char    *user;            /* of the rule or the account; "" none */
  char    *password;
  gboolean basic_over_http; /* the rule itself gave the credentials (HTTP-3) */
  char    *if_none_match;   /* "" none (HTTP-8) */
  char    *if_modified_since;
  char    *key;             /* "" none */
  char    *alias_map;       /* "" none */
  char    *ca_file;         /* absolute path or "" */
  gboolean system_ca;
  char    *certificate_file;
  char    *private_key_file;
  gboolean clock_is_set;    /* HTTP-11: FALSE: a failure by dates only is reported as such */
  char    *literal_address; /* the one that rule or resyncd.conf name literally and that alone may be loopback,
                             * link-local … (HTTP-12); "" none */
  guint64  max_bytes;
  guint32  max_parameters;
  guint32  connect_timeout;  /* seconds */
  guint32  transfer_timeout; /* seconds, whole job */
  gboolean allow_weak_sandbox; /* on a kernel without Landlock: TRUE goes on, FALSE refuses the job */
  char    *ikm;             /* of RFC 8188 (ENC-2); "" none */
  RsMethod method;
  char    *body;            /* of RS_METHOD_POST and _PUT; may be "" */
  gboolean upload;          /* the body is a report that the server is to have, encrypted where key or ikm is set (ENC-4); what it
                             * answers is not read */
  RsJobKind kind;
  char    *proxies;         /* HTTP-10: "host:port" and "DIRECT", in the order to try them, with ";" between; "" DIRECT */
  char    *proxy_user;      /* "" the proxies ask for nothing */
  char    *proxy_password;
  char    *custom_ca;       /* what Custom_CA_Rule brought: certificates in PEM; "" none */
  char    *crl_file;        /* absolute path or "" */
  char    *own_address;     /* of the phone, for RS_JOB_PROXY; "" unknown */
  char    *token_paths;     /* absolute paths with ";" between: what the module of a token reads; "" none */
  char    *target;          /* RS_JOB_PROXY: the URL that a proxy is wanted for, no more of it than such a file may see */
  gboolean srv;             /* who is asked is said by SRV records of host, which is asked itself only where there is none (DISC-9) */
  gboolean srv_by_chance;   /* servers of one priority in the order of RFC 2782, else by their weight */
  char    *srv_target;      /* "name:port": who is asked in the place of host (DISC-8); "" none */
  gboolean proxies_found;   /* a proxy auto-configuration file named the proxies, for this host: a loopback, link-local … address is
                             * refused even where it stands among them (HTTP-12), and a redirect to another host ends the job */
  guint32  redirects;       /* already followed on the way here, by other jobs */
  guint32  stall_timeout;   /* RS_JOB_IMAGE, and 0 of others: seconds in which nothing comes. There is no time for the whole;
                             * transfer_timeout is what passes before the file begins */
  guint64  max_rate;        /* bytes a second; 0: as fast as it comes */
  guint64  room;            /* bytes that the file may have before its disk is full: what is free, and what it takes now */
  RsPart   part;            /* where to go on; by TFTP it begins anew */
} RsRequest;

void       rs_request_free (RsRequest *request);

/* By http or https; else by datagrams. */
gboolean   rs_request_is_http (const RsRequest *request);

/* Whether the phone's own certificate may be asked for, of a token: https, or http that may lead there. */
gboolean   rs_request_may_use_token (const RsRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsRequest, rs_request_free)

typedef enum
{
  RS_STAGE_CONNECTING,
  RS_STAGE_DOWNLOADING,
  RS_STAGE_DECODING,
} RsStage;

const char *rs_stage_name (RsStage stage);

typedef struct
{
  RsStage stage;
  guint64 bytes;
  guint64 total; /* 0: not known */
} RsProgress;

/* Fields that would contradict each other are refused on both sides. A success has code RS_ERROR_FAILED (0), no message
 * and no reason to fail, and status 0 (TFTP, syslog) or 200 with what the kind of the job brings and nothing else, or 304 with
 * not_modified and nothing, or 301 or 302 with redirects, the url where they lead, and nothing. A failure has a message and nothing
 * of a file: no digest, assignments, notes, certificate,
 * proxies, etag, last_modified. overload is of class C; silent has no http_status; dates_only is RS_ERROR_UNTRUSTED;
 * retry_after comes with 429 or 503. The url stays in the
 * request's scheme or went from http to https. An upload's success has a status from 200 to 299 (TFTP, syslog: 0) and the digest
 * of its body, and nothing of a profile. The success of an image has status 200 or 206 (TFTP, and a part that was all of it: 0), its digest
 * and nothing of a profile; how long it is the file itself says. RS_ERROR_STORAGE is a failure of an image alone. */
typedef struct
{
  gboolean  ok;            /* what was asked for is here, or not_modified */
  RsError   code;          /* where not ok */
  char     *message;       /* where not ok: what, where, what to do; no control characters, no secret */
  guint32   http_status;   /* 0: none */
  gboolean  not_modified;  /* 304 to a conditional request */
  gboolean  overload;      /* refused connection, 429 or 503 (HTTP-5) */
  gboolean  silent;        /* no answer or refused: the host loses this scheme's other paths (DISC-4) */
  gboolean  dates_only;    /* TLS failed only by the certificate's dates (HTTP-11) */
  guint32   retry_after;   /* seconds, 1 … 86400; 0: none (HTTP-7) */
  char     *url;           /* the last URL asked (after redirects), or to be asked, without userinfo; "" unknown */
  char     *server_address; /* $SERVIP; "" unknown */
  char     *etag;          /* ASCII; one that is not or is too long is as good as none */
  char     *last_modified;
  char     *digest;        /* 64 hexadecimal characters of a profile that came, or of the body uploaded */
  char     *certificate;   /* PEM */
  char     *subject;       /* of the first certificate: its common name where it has one */
  char     *proxies;       /* as in the request; never "" where it came */
  char     *servers;        /* RS_JOB_SRV: "https://name:port" and "http://…" in the order to try them, with ";" between */
  gboolean  pin_refused;   /* the token with the phone's own key did not take its PIN, which must not be tried again */
  guint32   redirects;     /* 0: the job is done; else followed so far, with the one to another host, whose proxies the daemon has
                            * to find */
  GPtrArray *assignments;  /* RsAssignment, never NULL */
  GPtrArray *notes;        /* char *: things the reader passed over, at most RS_NOTES_MAX */
} RsOutcome;

RsOutcome *rs_outcome_new (void); /* all empty, not ok, RS_ERROR_FAILED */
/* The message is escaped and cut to RS_MESSAGE_MAX. */
RsOutcome *rs_outcome_new_error (RsError     code,
                                 const char *message);
/* Escaped and cut to RS_NOTE_MAX; left out when there are RS_NOTES_MAX. */
void       rs_outcome_add_note (RsOutcome  *outcome,
                                const char *note);
void       rs_outcome_free (RsOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsOutcome, rs_outcome_free)

/* Each writer gives a whole frame with its header, or RS_ERROR_INVALID_ARGUMENT where a field is out of bounds. The
 * bytes are wiped when freed: a request holds keys, an outcome passwords. A progress cannot fail; its numbers are cut
 * to their bounds. */
GBytes     *rs_request_to_frame (const RsRequest *request,
                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes     *rs_progress_to_frame (const RsProgress *progress);
GBytes     *rs_outcome_to_frame (const RsOutcome *outcome,
                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes     *rs_part_to_frame (const RsPart *part,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a frame's header. FALSE and RS_ERROR_FAILED: the type is unknown, or the length is 0 or over what its type may
 * have (request 256 KiB and a body, progress 64 bytes, part 2 KiB, outcome RS_FRAME_MAX). */
gboolean    rs_frame_read_header (const guint8 header[RS_FRAME_HEADER],
                                  RsFrameType *type,
                                  gsize       *length,
                                  GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the payload of an outcome may be that long, to be asked before it is read: a taken-over worker shall not have
 * the daemon hold more than the request's max_bytes and max_parameters can come to. RS_ERROR_FAILED: it may not. */
gboolean    rs_outcome_check_length (gsize            length,
                                     const RsRequest *request,
                                     GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* Each reader takes the payload (without header) and checks type, normal form and every bound; RS_ERROR_FAILED says
 * which field. It copies what it keeps and does not wipe the payload: let it be of rs_secret_bytes_new_take (). An
 * outcome is checked against the request it answers: no more assignments than max_parameters, no more text than max_bytes, no
 * pin_refused where no token was to be asked, no not_modified without a
 * conditional request, url http(s)/tftp only, etag without control characters … */
RsRequest  *rs_request_from_payload (GBytes  *payload,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    rs_progress_from_payload (GBytes     *payload,
                                      RsProgress *progress,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
RsOutcome  *rs_outcome_from_payload (GBytes          *payload,
                                     const RsRequest *request,
                                     GError         **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of a job for an image by http or https, of no more than max_bytes. The caller clears *part, which an error leaves alone. */
gboolean    rs_part_from_payload (GBytes          *payload,
                                  const RsRequest *request,
                                  RsPart          *part,
                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
