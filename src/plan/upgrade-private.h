/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the upgrade machine share: upgrade.c takes events and begins what may begin, upgrade-steps.c walks. */
#pragma once

#include "plan/upgrade.h"

G_BEGIN_DECLS

/* before the phone is asked again to restart, or to keep what runs */
#define RS_UPGRADE_AGAIN (300 * (gint64)G_USEC_PER_SEC)

struct _RsUpgradePlan
{
  RsRandom        random;
  RsUpgradeConfig config;
  RsUpgradeMemory memory;
  gboolean        configured;
  gboolean        started;
  gboolean        busy;
  gboolean        resyncing;
  gboolean        resync_coming; /* that of the start */
  gboolean        due;        /* the rule is to be looked at */
  gboolean        active;     /* the answer to an action is awaited */
  gboolean        looking;    /* … to LOOK */
  gboolean        keeping;    /* … to KEEP */
  gboolean        late;       /* … to what was begun before a reset: nothing new is before it came */
  gboolean        unknown;    /* the phone was restarted in between: what there is has to be looked at first */
  gboolean        keep;       /* what runs has proved itself, and the boot loader has not heard so in this boot … */
  gboolean        unkept;     /* … and did not when it was told */
  gboolean        doubting;   /* … before anything else: whether an install was done of which nobody knows … */
  char            doubtful[RS_UPGRADE_CONTEXT]; /* … this one */
  gboolean        looked;     /* this download was preceded by one */
  gboolean        activating; /* the install is one by ACTIVATE */
  gboolean        aborting;
  gboolean        by_hand;    /* … for a person */
  gboolean        failing;    /* a resync of the new one that runs has failed */
  gboolean        good;       /* the phone was provisioned since the new one runs */
  gint64          retry_at;   /* boot instant; G_MAXINT64 never */
  guint32         retry_after; /* seconds: what the server of the attempt that fails named; 0 none */
  gboolean        overload;   /* … and it had too many to answer … */
  guint           overloads;  /* … so often since the start */
  gboolean        wants_clock; /* what failed is tried again when the clock is set */
  gint64          pause;      /* boot instant before which nobody is asked to restart, or to keep what runs */
  guint64         attempt;    /* 0 none */
  guint64         last_attempt;
  gboolean        asked;      /* the rule is looked at for a person … */
  gboolean        asked_own;  /* … who brought it along */
  const char     *said_state;
};

void rs_upgrade_say (GArray *actions,
                     RsUpgradeActionKind kind);
void rs_upgrade_say_end (RsUpgradePlan *plan,
                         RsUpgradeEnd end,
                         GArray *actions);
void rs_upgrade_say_timer (gint64 at,
                           GArray *actions);

/* An action whose answer is awaited. */
void rs_upgrade_act (RsUpgradePlan *plan,
                     RsUpgradeActionKind kind,
                     GArray *actions);

/* Another step; it is saved before anything of it is done. */
void rs_upgrade_enter (RsUpgradePlan *plan,
                       RsUpgradeStep step,
                       GArray *actions);
void rs_upgrade_copy_context (char to[RS_UPGRADE_CONTEXT],
                              const char *from);
void rs_upgrade_forget_failure (RsUpgradePlan *plan);

/* When what failed is tried again, by the list of delays. */
void rs_upgrade_wait_for_retry (RsUpgradePlan *plan,
                                const RsNow *now,
                                GArray *actions);

/* Nothing is under way any more. */
void rs_upgrade_leave (RsUpgradePlan *plan,
                       RsUpgradeEnd end,
                       GArray *actions);

/* It ends so, and is tried again later, unless a person brought the rule along. */
void rs_upgrade_fail (RsUpgradePlan *plan,
                      const RsNow *now,
                      RsUpgradeEnd end,
                      GArray *actions);

/* It ends so, and is no failure: what it asks for is looked at anew. */
void rs_upgrade_drop (RsUpgradePlan *plan,
                      RsUpgradeEnd end,
                      GArray *actions);

/* An image that nobody may install takes up the disk. */
void rs_upgrade_forget_unwanted (RsUpgradePlan *plan,
                                 GArray *actions);

/* A new version that cannot be provisioned, or that is provisioned by nobody, does not keep a person from replacing it. */
void rs_upgrade_overtake (RsUpgradePlan *plan,
                          GArray *actions);

/* It is given up; at once, or when what is being done has ended. */
void rs_upgrade_abort (RsUpgradePlan *plan,
                       const RsNow *now,
                       GArray *actions);

/* Whether it can still be given up: nothing is being written. */
gboolean rs_upgrade_is_open (const RsUpgradePlan *plan);
void rs_upgrade_look (RsUpgradePlan *plan,
                      GArray *actions);

/* The answers. */
void rs_upgrade_looked (RsUpgradePlan *plan,
                        const RsUpgradeEvent *event,
                        GArray *actions);
void rs_upgrade_done (RsUpgradePlan *plan,
                      const RsUpgradeEvent *event,
                      GArray *actions);
void rs_upgrade_runs (RsUpgradePlan *plan,
                      const RsUpgradeEvent *event,
                      GArray *actions);

G_END_DECLS
