/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The places where an unprovisioned phone looks for its profile, one after another (DISC-1, DISC-4, DISC-7). A machine:
 * next (), report (). */
#pragma once

#include "rule/macro.h"
#include "rule/url.h"

G_BEGIN_DECLS

typedef struct
{
  char  *source;    /* "dhcp-66" … */
  RsUrl *url;       /* expanded */
  char  *path_text; /* path before expansion (DISC-14) */
  char  *srv_target; /* "host:port" of an SRV record of the URL's host: who is asked in its place (DISC-8); NULL: the host */
} RsCandidate;

#define RS_CANDIDATE_SRV "dns-srv" /* the source of what SRV records name */

void rs_candidate_free (RsCandidate *candidate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsCandidate, rs_candidate_free)

typedef enum
{
  RS_TRY_FAILED, /* answered, but no profile: the next path of the same host */
  RS_TRY_SILENT, /* no answer, or refused: the host loses the scheme's other paths */
  RS_TRY_BUSY,   /* too busy for anybody (HTTP-7): so it is by the other schemes, where all of them have their own ports */
} RsTryResult;

typedef enum
{
  RS_CANDIDATE_URL,  /* with a path: as it is, then with each default path appended */
  RS_CANDIDATE_BASE, /* without a path: each default path */
  RS_CANDIDATE_HOST, /* tftp, then http, then https, each with each default path */
} RsCandidateKind;

typedef struct _RsCandidates RsCandidates;

/* default_paths as the configuration writes them ("/$PN.cfg" …). budget: µs a source may take (60 s). The macros
 * must stay valid as long as the machine. */
RsCandidates *rs_candidates_new (const char *const *default_paths,
                                 const RsMacros    *macros,
                                 gint64             budget);
void          rs_candidates_free (RsCandidates *candidates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsCandidates, rs_candidates_free)

/* Appends one hint of a source; sources are tried in the order they were added. FALSE: the text is no URL after
 * expansion; said in warnings (char *). */
gboolean      rs_candidates_add (RsCandidates   *candidates,
                                 const char     *source,
                                 RsCandidateKind kind,
                                 const char     *text,
                                 GPtrArray      *warnings);

/* Appends the default paths of a domain at one server that its SRV records name ("https://pr1.example.com:5060"), in the order of calls
 * (DISC-7). FALSE: it is none, or there is no default path; said in warnings. */
gboolean      rs_candidates_add_srv (RsCandidates *candidates,
                                     const char   *domain,
                                     const char   *server,
                                     GPtrArray    *warnings);

/* The time of a source begins now, before it has a candidate: they must be looked for, which takes its time as well. */
void          rs_candidates_begin (RsCandidates *candidates,
                                   const char   *source,
                                   gint64        now);

/* The next to try at boot instant now, or NULL: all were tried, and more may be added. Equal URLs at the same server are tried once.
 * (transfer full) */
RsCandidate  *rs_candidates_next (RsCandidates *candidates,
                                  gint64        now);

/* The sources that could not be tried to their end, for their time was over; asked once. (transfer full), of char * */
GPtrArray    *rs_candidates_take_late (RsCandidates *candidates);

/* What is left of the budget of the last one's source at boot instant now, µs; never negative. */
gint64        rs_candidates_left (const RsCandidates *candidates,
                                  gint64              now);

/* Nothing more is tried where that URL was asked just now, which went so. */
void          rs_candidates_leave_out (RsCandidates *candidates,
                                       const RsUrl  *url,
                                       RsTryResult   result);

/* How the last one went, unless it applied. */
void          rs_candidates_report (RsCandidates *candidates,
                                    RsTryResult   result);

G_END_DECLS
