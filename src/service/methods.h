/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods of the bus, one function each. A method owns the invocation: it answers it, now or later. */
#pragma once

#include "service/service.h"

G_BEGIN_DECLS

typedef struct
{
  RsEngine *engine;
  GHashTable *guesses; /* Verify: key → Guess */
  gboolean storing;    /* a Resync stores its rule: what else would take its place in the queue is Busy meanwhile */
} RsMethodContext;

typedef void (*RsMethodFunc) (RsMethodContext       *context,
                              const RsCaller        *caller,
                              GDBusMethodInvocation *invocation,
                              GVariant              *arguments);

/* Takes error. */
void rs_method_fail (GDBusMethodInvocation *invocation,
                     GError                *error);

void rs_method_resync (RsMethodContext       *context,
                       const RsCaller        *caller,
                       GDBusMethodInvocation *invocation,
                       GVariant              *arguments);
void rs_method_cancel (RsMethodContext       *context,
                       const RsCaller        *caller,
                       GDBusMethodInvocation *invocation,
                       GVariant              *arguments);
void rs_method_set_profile_rule (RsMethodContext       *context,
                                 const RsCaller        *caller,
                                 GDBusMethodInvocation *invocation,
                                 GVariant              *arguments);
/* Explain and ExplainWith. */
void rs_method_explain (RsMethodContext       *context,
                        const RsCaller        *caller,
                        GDBusMethodInvocation *invocation,
                        GVariant              *arguments);
void rs_method_preview (RsMethodContext       *context,
                        const RsCaller        *caller,
                        GDBusMethodInvocation *invocation,
                        GVariant              *arguments);
void rs_method_inhibit (RsMethodContext       *context,
                        const RsCaller        *caller,
                        GDBusMethodInvocation *invocation,
                        GVariant              *arguments);
void rs_method_set_facts (RsMethodContext       *context,
                          const RsCaller        *caller,
                          GDBusMethodInvocation *invocation,
                          GVariant              *arguments);
void rs_method_factory_reset (RsMethodContext       *context,
                              const RsCaller        *caller,
                              GDBusMethodInvocation *invocation,
                              GVariant              *arguments);
void rs_method_submit_code (RsMethodContext       *context,
                            const RsCaller        *caller,
                            GDBusMethodInvocation *invocation,
                            GVariant              *arguments);
void rs_method_upgrade (RsMethodContext       *context,
                        const RsCaller        *caller,
                        GDBusMethodInvocation *invocation,
                        GVariant              *arguments);
void rs_method_cancel_upgrade (RsMethodContext       *context,
                               const RsCaller        *caller,
                               GDBusMethodInvocation *invocation,
                               GVariant              *arguments);
/* What a later version brings: Disabled. */
void rs_method_later (RsMethodContext       *context,
                      const RsCaller        *caller,
                      GDBusMethodInvocation *invocation,
                      GVariant              *arguments);

void rs_method_get (RsMethodContext       *context,
                    const RsCaller        *caller,
                    GDBusMethodInvocation *invocation,
                    GVariant              *arguments);
void rs_method_list (RsMethodContext       *context,
                     const RsCaller        *caller,
                     GDBusMethodInvocation *invocation,
                     GVariant              *arguments);
void rs_method_set (RsMethodContext       *context,
                    const RsCaller        *caller,
                    GDBusMethodInvocation *invocation,
                    GVariant              *arguments);
void rs_method_reset (RsMethodContext       *context,
                      const RsCaller        *caller,
                      GDBusMethodInvocation *invocation,
                      GVariant              *arguments);
void rs_method_verify (RsMethodContext       *context,
                       const RsCaller        *caller,
                       GDBusMethodInvocation *invocation,
                       GVariant              *arguments);

/* Set and SetProfileRule end alike: answers the invocation (data) when the change is durable. */
void rs_method_on_set (GObject      *source,
                       GAsyncResult *result,
                       gpointer      data);

/* Who asked, for a check when the change has its turn. */
typedef struct
{
  RsCaller *caller;
  const RsConfig *config; /* lives as long as the engine, and that as long as the change */
} RsStanding;

/* func: of RsPermission; its data is an RsStanding. */
RsPermission rs_method_permission (RsMethodContext *context,
                                   const RsCaller  *caller,
                                   gboolean       (*func) (RsSnapshot *current,
                                                     const char *name,
                                                     const char *value,
                                                     gpointer    data,
                                                     GError    **error));

/* The origin of what a caller sets. */
RsOrigin rs_method_origin (const RsCaller *caller);

G_END_DECLS
