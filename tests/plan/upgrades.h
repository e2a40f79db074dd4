/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The upgrade machine as scripts: an event a line, and the actions that must follow. A phone is restarted by giving its memory to a new machine. */
#pragma once

#include "plan/upgrade.h"

#define S(n) ((gint64)(n) * G_USEC_PER_SEC)

typedef struct
{
  RsUpgradePlan *plan;
  RsNow now;
  gint64 timer;
  guint64 attempt;
  guint64 ended;      /* the attempt that ended last */
  guint forgotten;    /* how often the image was of no more use */
  gboolean saved;     /* what is to be known of the step was written before anything of it was done */
  RsUpgradeStep step; /* … for this one */
  GString *said;
} World;

/* A plan without memory and configuration. */
World *world_new (void);
void   world_free (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* A phone of which nothing is known, whose start-up resync was done. */
World *phone (void);

void configure (World      *world,
                gboolean    enabled,
                gboolean    resync_after,
                const char *retry);
/* resyncs: Provision_Enable. */
void configure_all (World      *world,
                    gboolean    enabled,
                    gboolean    resyncs,
                    gboolean    resync_after,
                    const char *retry);
void start (World                 *world,
            const RsUpgradeMemory *memory,
            gboolean               new_boot);
/* doubt: what was installed by then, perhaps. */
void start_in_doubt (World                 *world,
                     const RsUpgradeMemory *memory,
                     gboolean               new_boot,
                     const char            *doubt);
gboolean step (World          *world,
               RsUpgradeEvent *event,
               GError        **error);

/* One event by its word: "rule", "begun", "ended", "good" (a resync), "busy", "idle", "timer", "clock", "cancel", "ok", "bad" (what was to be done), "held", "runs" (the image that was to be verified does),
 * "asked" (to restart), "reset", "ask", "own" (requests), "nothing", "error:X", "want:X" (what the rule says), "look[:WHAT[,WHAT]]". FALSE: it was
 * refused. */
gboolean one (World      *world,
              const char *word);

/* The daemon starts again: all that is left is what was written. A boot loader is told of the boot, where nothing has to be looked at before. */
void restart (World   *world,
              gboolean new_boot);

/* "event event … > actions": all that follows from these. */
void play (World      *world,
           const char *script);
void in_state (World      *world,
               const char *state);

/* A walk from the rule to a new version that is confirmed after the restart. */
#define TO_DOWNLOAD "good > evaluate\nwant:a > begin look\nlook > download"
#define TO_INSTALL TO_DOWNLOAD "\nok > verify\nok > install"
#define TO_REBOOT TO_INSTALL "\nok > installed reboot"
