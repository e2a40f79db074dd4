/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The upgrade machine: (state, event) → (state, actions). It decides when Upgrade_Rule is looked at, whether what it names is fetched,
 * when an image may be installed and the phone restarted, and what a restart in the middle means; it does nothing itself.
 * (UPG-1 … UPG-6, SCHED-5, SCHED-7) */
#pragma once

#include "base/error.h"
#include "plan/resync.h"

G_BEGIN_DECLS

/* What is under way. Stored, so that a phone goes on there. */
typedef enum
{
  RS_UPGRADE_NOTHING,
  RS_UPGRADE_DOWNLOAD,
  RS_UPGRADE_VERIFY,  /* the image is here, whole */
  RS_UPGRADE_INSTALL, /* it is good */
  RS_UPGRADE_REBOOT,  /* it is installed and the old one runs */
  RS_UPGRADE_CONFIRM, /* the new one runs and has not shown yet that it can be provisioned */
} RsUpgradeStep;

/* "", "download", "verify", "install", "reboot", "confirm" */
const char   *rs_upgrade_step_name (RsUpgradeStep step);
/* RS_UPGRADE_NOTHING for any other text. */
RsUpgradeStep rs_upgrade_step_from_name (const char *name);

/* Whether the other slot may hold something new: INSTALL, REBOOT and CONFIRM. */
gboolean      rs_upgrade_is_written (RsUpgradeStep step);

/* A digest of rule and URL; "" none. */
#define RS_UPGRADE_CONTEXT 65

/* What must outlive the daemon. */
typedef struct
{
  RsUpgradeStep step;
  char          context[RS_UPGRADE_CONTEXT]; /* of what is under way */
  gboolean      own;                         /* a rule for this upgrade only asked for it */
  char          settled[RS_UPGRADE_CONTEXT]; /* what is not tried again by itself: it was installed */
  char          failed[RS_UPGRADE_CONTEXT];  /* what failed last … */
  guint         failures;                    /* … so often in a row … */
  gint64        retry;                       /* … and is tried again then: wall, µs; 0 at once, G_MAXINT64 never */
  gboolean      unproved;                    /* a CONFIRM was overtaken, and the phone was not provisioned since */
} RsUpgradeMemory;

typedef struct
{
  gboolean     enabled;      /* Upgrade_Enable, and there is somebody who installs */
  gboolean     resyncs;      /* Provision_Enable */
  gboolean     resync_after; /* Resync_After_Upgrade_Attempt */
  RsDelayList *retry;        /* Upgrade_Error_Retry_Delay, raised */
} RsUpgradeConfig;

typedef enum
{
  RS_UPGRADE_EVENT_START,        /* start; once (again only after RESET). Nothing begins before it and CONFIG */
  RS_UPGRADE_EVENT_CONFIG,       /* config */
  RS_UPGRADE_EVENT_RULE,         /* Upgrade_Rule has changed */
  RS_UPGRADE_EVENT_RESYNC_BEGUN,
  RS_UPGRADE_EVENT_RESYNC_ENDED, /* good: the phone is provisioned */
  RS_UPGRADE_EVENT_REQUEST,      /* own */
  RS_UPGRADE_EVENT_CANCEL,
  RS_UPGRADE_EVENT_BUSY,
  RS_UPGRADE_EVENT_IDLE,
  RS_UPGRADE_EVENT_TIMER,
  RS_UPGRADE_EVENT_CLOCK,        /* the wall clock is set now */
  RS_UPGRADE_EVENT_EVALUATED,    /* the answer to EVALUATE, of which there is one however often that was said: evaluated */
  RS_UPGRADE_EVENT_LOOKED,       /* the answer to LOOK: looked */
  RS_UPGRADE_EVENT_DONE,         /* the answer to DOWNLOAD, VERIFY, INSTALL, ACTIVATE, ATTACH, MARK_GOOD, KEEP: good */
  RS_UPGRADE_EVENT_RUNS,         /* the answer to VERIFY where the image has the version that runs */
  RS_UPGRADE_EVENT_HELD,         /* the answer to INSTALL, ACTIVATE where a call has come up before anything was done */
  RS_UPGRADE_EVENT_ASKED,        /* the answer to REBOOT, whatever it was: who is restarted hears no more */
  RS_UPGRADE_EVENT_RESET,        /* factory reset: everything is dropped, as before START */
} RsUpgradeEventKind;

typedef enum
{
  RS_WANTED_NOTHING,
  RS_WANTED_IMAGE,
  RS_WANTED_ERROR, /* the rule, or what its macros make of it, is none */
} RsWanted;

/* What there is on this phone. */
typedef struct
{
  gboolean failed;     /* whoever installs cannot be asked */
  gboolean newer;      /* the phone has started from what was installed */
  gboolean installing; /* it is being installed right now, by somebody who outlived the daemon */
  gboolean written;    /* it is in the slot from which the phone does not run; for an install that was begun: and that slot is the next one */
  gboolean complete;   /* it is here as a file, whole */
} RsUpgradeLook;

typedef struct
{
  RsUpgradeEventKind kind;
  RsNow              now;
  guint32            retry_after; /* DONE, not good: the seconds that the server named (HTTP-7); 0 none … */
  gboolean           overload;    /* … it had too many to answer (HTTP-5) … */
  gboolean           wants_clock; /* … and a certificate failed by its dates on a phone without a clock (HTTP-11) */
  union
  {
    struct
    {
      const RsUpgradeMemory *memory;
      gboolean               new_boot;      /* the phone was restarted since the memory was written */
      gboolean               resync_coming; /* this boot's start-up resync will be */
      const char            *doubt;         /* context of an install that ended without anybody knowing how, so that what runs may be that; NULL none */
    } start;
    RsUpgradeConfig *config; /* (transfer full) of the content */
    gboolean good;
    gboolean own;
    struct
    {
      RsWanted    wanted;
      const char *context; /* of the rule alone where it is in error */
    } evaluated;
    RsUpgradeLook looked;
  };
} RsUpgradeEvent;

typedef enum
{
  RS_UPGRADE_ACTION_EVALUATE,  /* the rule, or that of the request; what it assigns is stored first */
  RS_UPGRADE_ACTION_BEGIN,     /* an attempt begins: attempt */
  RS_UPGRADE_ACTION_LOOK,
  RS_UPGRADE_ACTION_DOWNLOAD,
  RS_UPGRADE_ACTION_VERIFY,
  RS_UPGRADE_ACTION_INSTALL,
  RS_UPGRADE_ACTION_ATTACH,    /* wait for who installs already */
  RS_UPGRADE_ACTION_ACTIVATE,  /* what the other slot has is what runs next */
  RS_UPGRADE_ACTION_REBOOT,
  RS_UPGRADE_ACTION_MARK_GOOD, /* what runs is what runs from now on */
  RS_UPGRADE_ACTION_KEEP,      /* the same for what had proved itself before: a boot loader counts each boot */
  RS_UPGRADE_ACTION_ABORT,     /* what was begun; DONE follows */
  RS_UPGRADE_ACTION_FORGET,    /* what there may be of an image is of no more use */
  RS_UPGRADE_ACTION_END,       /* attempt, end; SAVE as well, in the same write, unless it is SKIPPED or KNOWN */
  RS_UPGRADE_ACTION_RESYNC,    /* SCHED-7 */
  RS_UPGRADE_ACTION_TIMER,     /* at: boot instant; 0 disarm */
  RS_UPGRADE_ACTION_SAVE,      /* the memory has changed; before what follows is done */
  RS_UPGRADE_ACTION_STATUS,    /* the public state has changed */
} RsUpgradeActionKind;

typedef enum
{
  RS_UPGRADE_INSTALLED, /* the restart is to come, and then another end */
  RS_UPGRADE_SUCCESS,
  RS_UPGRADE_FAILED,
  RS_UPGRADE_FELL_BACK, /* the phone came up with the old one */
  RS_UPGRADE_INTERRUPTED, /* a restart, and the rule of this upgrade only was not kept */
  RS_UPGRADE_CANCELLED,
  RS_UPGRADE_OVERTAKEN, /* the new one runs, and another was asked for before the phone was provisioned by it */
  RS_UPGRADE_SKIPPED,   /* a request, and the rule names nothing */
  RS_UPGRADE_KNOWN,     /* a request, and what the rule names was installed before */
  RS_UPGRADE_RUNS,      /* the image has the version that runs */
} RsUpgradeEnd;

typedef struct
{
  RsUpgradeActionKind kind;
  guint64             attempt;
  RsUpgradeEnd        end;
  gint64              at;
} RsUpgradeAction;

typedef struct _RsUpgradePlan RsUpgradePlan;

RsUpgradePlan *rs_upgrade_plan_new (const RsRandom *random);
void           rs_upgrade_plan_free (RsUpgradePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsUpgradePlan, rs_upgrade_plan_free)

/* Takes one event and appends what is to be done to actions (GArray of RsUpgradeAction). For REQUEST, *attempt is its number, that of the
 * running attempt where that is one of Upgrade_Rule as well, or FALSE with RS_ERROR_BUSY or RS_ERROR_DISABLED; CANCEL is refused with
 * RS_ERROR_BUSY from when an image is being installed to the restart. For the others the result is TRUE, and the number 0. attempt may be NULL. */
gboolean rs_upgrade_plan_step (RsUpgradePlan  *plan,
                               RsUpgradeEvent *event,
                               GArray         *actions,
                               guint64        *attempt,
                               GError        **error);

const RsUpgradeMemory *rs_upgrade_plan_get_memory (const RsUpgradePlan *plan);

/* The public state: "idle", "waiting-idle", "downloading", "verifying", "installing", "reboot-required". */
const char *rs_upgrade_plan_get_state (const RsUpgradePlan *plan);

/* Whether a call holds what would be installed. */
gboolean    rs_upgrade_plan_is_busy (const RsUpgradePlan *plan);

/* Whether the phone runs a new version by which it could not be provisioned yet. */
gboolean    rs_upgrade_plan_is_on_trial (const RsUpgradePlan *plan);

/* $UPGST: whether what runs, or would be next, is tried again. */
gboolean    rs_upgrade_plan_is_retry (const RsUpgradePlan *plan);

G_END_DECLS
