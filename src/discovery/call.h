/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's side of a question to resyncd-inform: one connection, one message each way, bounded in size and time. */
#pragma once

#include "dhcp/question.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RsInformCall RsInformCall;

/* answer: what was said (transfer full), or NULL and the error: RS_ERROR_UNREACHABLE: there is nobody, or he hung up or was silent; RS_ERROR_FAILED:
 * what came is no answer to the question. */
typedef void (*RsInformFunc) (RsDhcpAnswer *answer,
                              const GError *error,
                              gpointer      data);

/* path: of the socket; seconds: how long it may take in all. done comes once, from the main loop, never from within this call; not after the
 * call was freed. Never blocks. */
RsInformCall *rs_inform_call_new (const char           *path,
                                  const RsDhcpQuestion *question,
                                  guint                 seconds,
                                  RsInformFunc          done,
                                  gpointer              data) G_GNUC_WARN_UNUSED_RESULT;

/* Hangs up where it is not done. */
void          rs_inform_call_free (RsInformCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsInformCall, rs_inform_call_free)

G_END_DECLS
