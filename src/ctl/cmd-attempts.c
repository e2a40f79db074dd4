/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What starts an attempt: resync, activate, upgrade; and factory-reset, which starts everything anew. */
#include "config.h"

#include "base/names.h"
#include "ctl/attempt.h"
#include "ctl/bus.h"
#include "ctl/output.h"

#include <glib/gi18n.h>

RsExit
rs_cmd_resync (RsCtl *ctl)
{
  static const RsAttemptKind kind = { RS_IFACE_MAIN, "Resync", RS_IFACE_MAIN, "ResyncFinished" };
  const char *rule = ctl->n_words > 0 ? ctl->words[0] : "";
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (ctl->force)
    g_variant_dict_insert (&options, "force", "b", TRUE);
  return rs_attempt_run (ctl, &kind, g_variant_new ("(s@a{sv})", rule, g_variant_dict_end (&options)));
}

RsExit
rs_cmd_upgrade (RsCtl *ctl)
{
  static const RsAttemptKind kind = { RS_IFACE_FIRMWARE, "Upgrade", RS_IFACE_FIRMWARE, "Finished" };

  return rs_attempt_run (ctl, &kind, g_variant_new ("(sa{sv})", ctl->n_words > 0 ? ctl->words[0] : "", NULL));
}

/* A code that is written in groups arrives as several words. */
RsExit
rs_cmd_activate (RsCtl *ctl)
{
  static const RsAttemptKind kind = { RS_IFACE_ACTIVATION, "SubmitCode", RS_IFACE_MAIN, "ResyncFinished" };
  g_autofree char *code = g_strjoinv ("", ctl->words);

  return rs_attempt_run (ctl, &kind, g_variant_new ("(s)", code));
}

RsExit
rs_cmd_factory_reset (RsCtl *ctl)
{
  g_autoptr (GVariant) reply = NULL;

  if (!ctl->yes)
    return rs_fail_usage (ctl, rs_command_find ("factory-reset"),
                          _("This forgets every parameter and the server of this phone. If that is meant, add --yes"));
  reply = rs_bus_call (ctl, RS_IFACE_MAIN, "FactoryReset", g_variant_new ("()"), "()", NULL);
  if (reply == NULL)
    return ctl->exit;
  if (ctl->json)
    rs_output_json (rs_json_nothing (), FALSE);
  else
    g_print (_("The phone is as out of its box.\n"));
  return RS_EXIT_DONE;
}
