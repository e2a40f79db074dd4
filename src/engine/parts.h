/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts that the engine's files work with. Plain borrowed pointers, made by rs_engine_new (), passed down explicitly; no file keeps
 * anything else of the engine. */
#pragma once

#include "discovery/network.h"
#include "engine/facts.h"
#include "store/config.h"
#include "store/param-store.h"
#include "store/reported.h"
#include "store/state-store.h"
#include "system/clock.h"
#include "system/identity.h"

G_BEGIN_DECLS

typedef struct _RsProxies RsProxies; /* engine/proxy.h */

typedef struct
{
  const RsConfig *config;
  const RsIdentity *identity;
  RsCatalogue *catalogue;
  RsClock *clock;
  RsParamStore *params;
  RsStateStore *state;
  RsReported *reported;
  RsNetwork *network;
  RsFacts *facts;
  RsProxies *proxies;
  const char *worker_path;
} RsParts;

#define RS_N_RULES 4

/* Profile_Rule, Profile_Rule_B, _C, _D: the four slots of a resync, in order (SCHED-9). */
extern const char *const rs_rule_names[RS_N_RULES];

G_END_DECLS
