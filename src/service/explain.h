/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a rule would do now, in steps, with secrets masked; nothing of it is done. */
#pragma once

#include "engine/engine.h"
#include "service/caller.h"

G_BEGIN_DECLS

/* aa{sv}, floating; "" explains the configured profile rules, the name of a parameter that holds a rule that one. supposed: a{ss}, values that parameters or macros are supposed to have; NULL: none.
 * RS_ERROR_INVALID_RULE where a given rule cannot be read, RS_ERROR_INVALID_NAME where a supposed name is neither. */
GVariant *rs_explain (RsEngine       *engine,
                      const RsCaller *caller,
                      const char     *rule,
                      GVariant       *supposed,
                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
