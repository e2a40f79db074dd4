/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens and their words. The states of customization are names that the phone's documents use, so they stay. */
#include "config.h"

#include "ctl/words.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  const char *token;
  const char *words;
} Word;

static const Word words[] = {
  /* State */
  { "idle", N_("idle") },
  { "waiting-network", N_("waiting for the network") },
  { "discovering", N_("looking for its server") },
  { "activation-code", N_("waiting for an activation code") },
  { "waiting-idle", N_("waiting until the phone is idle") },
  { "resyncing", N_("resyncing") },
  { "upgrading", N_("upgrading") },
  { "resetting", N_("resetting to factory defaults") },
  /* State of an upgrade */
  { "verifying", N_("verifying the image") },
  { "installing", N_("installing") },
  { "reboot-required", N_("waiting for a restart") },
  /* stages of Progress */
  { "connecting", N_("connecting") },
  { "downloading", N_("downloading") },
  { "decoding", N_("decoding") },
  { "storing", N_("storing") },
  /* results */
  { "success", N_("success") },
  { "unchanged", N_("unchanged") },
  { "file-not-found", N_("file not found") },
  { "corrupt-profile", N_("corrupt profile") },
  { "failed", N_("failed") },
  { "cancelled", N_("cancelled") },
  { "skipped", N_("skipped") },
  { "installed", N_("installed") },
  /* why a resync is due */
  { "periodic", N_("periodic") },
  { "daily", N_("daily") },
  { "retry", N_("another try") },
  { "forced", N_("forced") },
  { "boot", N_("start of the phone") },
  { "lease", N_("new lease") },
  { "rules", N_("changed rules") },
  { "upgrade", N_("after an upgrade") },
  { "user", N_("asked for") },
  { "web", N_("asked for by web") },
  { "sip-notify", N_("asked for by SIP") },
  { "report", N_("report") },
  /* where the server came from */
  { "configured", N_("configured") },
  { "dns-srv", N_("DNS SRV") },
  { "redirect", N_("redirect service") },
  { "manual", N_("by hand") },
  { "cwmp", N_("TR-069") },
  /* what holds a resync back */
  { "network", N_("the network") },
  { "trigger", N_("a resync trigger") },
  { "retry-after", N_("the time that the server asked for") },
  { "clock", N_("the clock to be set") },
};

const char *
rs_word (const char *token)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (g_str_equal (words[i].token, token))
        return _(words[i].words);
    }
  return token;
}

char *
rs_word_source (const char *source)
{
  if (g_str_has_prefix (source, "dhcp-"))
    return g_strdup_printf (_("DHCP option %s"), source + strlen ("dhcp-"));
  if (g_str_has_prefix (source, "dhcp6-"))
    return g_strdup_printf (_("DHCPv6 option %s"), source + strlen ("dhcp6-"));
  return g_strdup (g_str_equal (source, "activation-code") ? _("activation code") : rs_word (source));
}

const char *
rs_word_message (const char *url,
                 const char *message)
{
  gsize length = strlen (url);

  if (length == 0 || !g_str_has_prefix (message, url) || !g_str_has_prefix (message + length, ": "))
    return message;
  return message + length + 2;
}
