/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of an upgrade share: upgrade.c (events and actions), upgrade-rule.c (what the rule asks for), upgrade-end.c (how one ended),
 * upgrade-image.c (the file), upgrade-install.c (the installer and the restart). */
#pragma once

#include "engine/upgrade.h"
#include "firmware/installer.h"
#include "ipc/message.h"
#include "plan/upgrade.h"
#include "rule/rule.h"

G_BEGIN_DECLS

#define RS_UPGRADE_RULE "Upgrade_Rule"

struct _RsUpgrade
{
  RsEngine *engine;
  RsInstaller *installer; /* NULL: nobody installs */
  GDBusConnection *bus;
  RsUpgradePlan *plan;
  RsTimer *timer;
  char *folder;          /* firmware/ of the state folder */
  char *own_rule;        /* of the request, until the plan knows what it asks for; "" Upgrade_Rule */
  RsRuleAction *judged;  /* what the rule last asked for */
  RsRuleAction *action;  /* what is under way asks for; NULL: it began before the daemon */
  gboolean judged_named; /* judged has a server of its own (HTTP-12) … */
  gboolean named;        /* … and action */
  gboolean assigning;    /* what judged assigns is being stored … */
  gboolean judge_again;  /* … and the rule is to be looked at once more */
  char *message;         /* why what is under way failed */
  RsError code;
  gboolean bad_image;    /* what failed is the image itself */
  gboolean said_unkept;  /* the boot loader could not be told of this boot */
  gboolean asked;        /* logind took it upon itself to restart the phone */
  char *version;         /* of the image; "" not known */
  char *trial;           /* what is said of a new version by which the phone could not be provisioned yet; NULL nothing */
  GCancellable *running; /* the download, or that it is verified; NULL none */
  gboolean removing;     /* the file of the last one is being removed … */
  gboolean download_due; /* … and the next one waits for that */
  guint64 attempt;
  gint64 part_saved;     /* boot instant at which the flash last knew of the download */
  guint resets;          /* so many there were: what was begun before is not gone on with */
  guint refs;            /* by what is on its way */
};

/* Feeds the answer to an action. */
void     rs_upgrade_feed_done (RsUpgrade *upgrade,
                               gboolean   good);
void     rs_upgrade_feed_outcome (RsUpgrade       *upgrade,
                                  const RsOutcome *outcome);
void     rs_upgrade_feed_simple (RsUpgrade         *upgrade,
                                 RsUpgradeEventKind kind);
void     rs_upgrade_feed_looked (RsUpgrade           *upgrade,
                                 const RsUpgradeLook *looked);
void     rs_upgrade_feed_evaluated (RsUpgrade  *upgrade,
                                    RsWanted    wanted,
                                    const char *context);

/* Notes why it fails. */
void     rs_upgrade_fault (RsUpgrade  *upgrade,
                           RsError     code,
                           const char *message);
void     rs_upgrade_fault_of (RsUpgrade    *upgrade,
                              const GError *error);

/* What runs in the background holds on to it. */
RsUpgrade *rs_upgrade_hold (RsUpgrade *upgrade);
void     rs_upgrade_let_go (RsUpgrade *upgrade);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsUpgrade, rs_upgrade_let_go)

/* The state as it is, to be changed; and what follows. (transfer full) */
RsState *rs_upgrade_edit (const RsUpgrade *upgrade);
/* Takes state; durable, or where volatile only until the phone restarts. */
void     rs_upgrade_keep (RsUpgrade *upgrade,
                          RsState   *state,
                          gboolean   durable);

/* What the plan has to know after a restart, into state. */
void     rs_upgrade_note_memory (const RsUpgrade *upgrade,
                                 RsState         *state);

/* Of the URL that is under way. (transfer full) */
char    *rs_upgrade_url_digest (const RsUpgrade *upgrade);

/* upgrade-rule.c: what it assigns is stored before the plan is told */
void     rs_upgrade_evaluate (RsUpgrade *upgrade);

/* upgrade-end.c */
void     rs_upgrade_begun (RsUpgrade *upgrade);
void     rs_upgrade_end (RsUpgrade   *upgrade,
                         guint64      attempt,
                         RsUpgradeEnd end);
/* After INSTALLED, a daemon later, too. */
const char *rs_upgrade_what_is_installed (const RsUpgrade *upgrade);
/* A new version runs. */
void     rs_upgrade_note_trial (const RsUpgrade *upgrade,
                                RsState         *state);
/* … and a resync has failed; or all is well again. */
void     rs_upgrade_tell_trial (RsUpgrade *upgrade,
                                gboolean   on_trial);

/* upgrade-image.c */
char    *rs_upgrade_image_path (const RsUpgrade *upgrade);
gboolean rs_upgrade_image_is_complete (const RsUpgrade *upgrade);
void     rs_upgrade_image_forget (RsUpgrade *upgrade);
/* The same where there is one. */
void     rs_upgrade_image_drop (RsUpgrade *upgrade);
void     rs_upgrade_download (RsUpgrade *upgrade);

/* upgrade-install.c */
void     rs_upgrade_look_around (RsUpgrade *upgrade);
void     rs_upgrade_verify (RsUpgrade *upgrade);
void     rs_upgrade_install (RsUpgrade *upgrade,
                             gboolean   activate);
void     rs_upgrade_attach (RsUpgrade *upgrade);
/* It is known what came of the install; bad: what it has written is not to be used. */
void     rs_upgrade_note_over (RsState *state,
                               gboolean bad);
void     rs_upgrade_mark_good (RsUpgrade *upgrade);
void     rs_upgrade_reboot (RsUpgrade *upgrade);

G_END_DECLS
