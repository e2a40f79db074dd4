/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Upgrades: carries out what plan/upgrade.h decides, with the worker that fetches an image, the installer, and whoever restarts the phone. (UPG-1 … UPG-6) */
#pragma once

#include "engine/engine-private.h"

G_BEGIN_DECLS

typedef struct _RsUpgrade RsUpgrade;

/* bus: of RAUC and logind. Warns of a configuration that nobody can install by. */
RsUpgrade  *rs_upgrade_new (RsEngine        *engine,
                            GDBusConnection *bus);
void        rs_upgrade_free (RsUpgrade *upgrade);

/* After the plan of resyncs was started; first_of_boot: its start-up resync was not done yet. */
void        rs_upgrade_start (RsUpgrade *upgrade,
                              gboolean   first_of_boot);
/* Parameters changed; rule: Upgrade_Rule among them. */
void        rs_upgrade_config (RsUpgrade *upgrade,
                               gboolean   rule);
void        rs_upgrade_resync_begun (RsUpgrade *upgrade);
void        rs_upgrade_resync_ended (RsUpgrade *upgrade,
                                     gboolean   good);
void        rs_upgrade_busy (RsUpgrade *upgrade,
                             gboolean   busy);
/* Somebody has set the wall clock, perhaps. */
void        rs_upgrade_clock_set (RsUpgrade *upgrade);
/* A factory reset begins, or goes on: what is under way is dropped, and what was fetched. */
void        rs_upgrade_reset (RsUpgrade *upgrade);

/* The context of an install that is not under way, and of which it is not known what came of it. (transfer full); NULL: there is none */
char       *rs_upgrade_doubt (const RsState *state);

/* For the status; NULL none. */
const char *rs_upgrade_get_warning (const RsUpgrade *upgrade);
/* "idle", "waiting-idle" … */
const char *rs_upgrade_get_state (const RsUpgrade *upgrade);

G_END_DECLS
