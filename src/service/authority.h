/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bouncer: one table says which class may call which member; default deny (contract, "Who may call"). */
#pragma once

#include "params/snapshot.h"
#include "plan/resync.h"
#include "service/caller.h"
#include "store/config.h"

G_BEGIN_DECLS

/* Whether the caller's class may call the member at all. RS_ERROR_NOT_ALLOWED says which member. */
gboolean rs_authority_member (const RsCaller *caller,
                              const char     *interface,
                              const char     *member,
                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the caller may read the value. */
gboolean rs_authority_read (const RsCaller *caller,
                            const RsValue  *value,
                            const RsConfig *config);

/* Whether the caller may set or reset it. */
gboolean rs_authority_write (const RsCaller *caller,
                             const RsValue  *value);

/* Whether the caller may have this resync: the rows that depend on arguments and parameters. RS_ERROR_NOT_ALLOWED. */
gboolean rs_authority_resync (const RsCaller *caller,
                              RsSnapshot     *snapshot,
                              const RsConfig *config,
                              const char     *rule,
                              RsReason        reason,
                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a rule is one that the caller may give or store (RULE-10). The rule parses. */
gboolean rs_authority_rule (const RsCaller *caller,
                            RsSnapshot     *snapshot,
                            const RsConfig *config,
                            const char     *rule,
                            GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for the rule of the phone: the user class may set it only where User_Configurable_Resync is Yes. */
gboolean rs_authority_profile_rule (const RsCaller *caller,
                                    RsSnapshot     *snapshot,
                                    const RsConfig *config,
                                    const char     *rule,
                                    GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* As rs_authority_rule () for any parameter whose value is expanded when it is used: rules of every kind, triggers, messages, the User-Agent (PHONE-5). TRUE for
 * all others. */
gboolean rs_authority_value (const RsCaller *caller,
                             RsSnapshot     *snapshot,
                             const RsConfig *config,
                             const RsParam  *param,
                             const char     *text,
                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a macro stands for something the caller may read: those of parameters as the parameter, all others always. */
gboolean rs_authority_macro (const RsCaller *caller,
                             RsSnapshot     *snapshot,
                             const RsConfig *config,
                             const char     *macro);

G_END_DECLS
