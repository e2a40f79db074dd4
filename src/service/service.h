/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bus object: exports the interfaces, checks callers, hands calls to the engine and shows what it says. */
#pragma once

#include "engine/engine.h"
#include "service/caller.h"

G_BEGIN_DECLS

typedef struct _RsService RsService;

/* Exports everything on the connection. Borrows nothing: both are reffed. */
RsService *rs_service_new (GDBusConnection *bus,
                           RsEngine        *engine,
                           GError         **error) G_GNUC_WARN_UNUSED_RESULT;
void       rs_service_free (RsService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsService, rs_service_free)

G_END_DECLS
