/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sentences that a phone which looks for its server ends with, as the daemon and its workers write them: "%s" stands for a name, a number, or a
 * sentence of its own. A test compares them with the sources. */
#include "config.h"

#include "ctl/story.h"

#include <glib/gi18n.h>
#include <string.h>

#define HOLE "%s"
#define MAX_HOLES 4
#define MAX_DEPTH 4

/* The first that fits counts. */
static const char *const sentences[] = {
  N_("the profile was applied"),
  N_("it says where this phone belongs"),
  N_("it does not know this phone"),
  N_("Invalid activation code"),
  N_("enter an activation code; %s"),
  N_("no way led to a profile: %s"),
  N_("no server that was found gave a profile: %s"),
  N_("DHCP names no provisioning server; set one with Profile_Rule, or have the DHCP server send option 66, 150, 159 or 160"),
  N_("no SRV record of %s or %s for %s"),
  N_("at %s: %s"),
  N_("left out: this phone was provisioned over https and does not go below it"),
  N_("the rule that it gives is none for this phone: %s"),
  N_("such a service is asked by https only"),
  N_("no answer within %s seconds; check that the server runs and that the network lets it through"),
  N_("no answer within %s seconds"),
  N_("the connection was refused; check that the server runs and listens on this port"),
  N_("no route to the server; check the phone's network"),
  N_("the host %s is unknown; check its name in the rule and the DNS server of this network"),
  N_("the DNS gave no answer for %s; check the DNS server of this network"),
  N_("the server is not trusted: %s; nothing was taken from it"),
  N_("the server is not trusted: %s; the phone's clock is not set yet"),
  N_("its certificate is for another name (%s, not %s)"),
  N_("its certificate is self-signed"),
  N_("its certificate comes from an issuer that is not trusted (%s)"),
  N_("its certificate has expired (on %s)"),
  N_("HTTP %s: %s"),
  N_("no such file; check the path in the rule and on the server"),
  N_("the server refuses this phone; check its access rules"),
  N_("the server is overloaded or down for maintenance"),
  N_("the server failed; look into its log"),
  N_("A web page came instead of a profile: a captive portal, a login or an error page; look at the URL in a browser on this network"),
};

static char *tell (const char *sentence,
                   guint       depth);

/* What stands in the holes of a pattern; NULL: the text is no such sentence. */
static GStrv
match (const char *pattern,
       const char *text)
{
  g_auto (GStrv) parts = g_strsplit (pattern, HOLE, MAX_HOLES + 1);
  guint holes = g_strv_length (parts) - 1;
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  if (!g_str_has_prefix (text, parts[0]))
    return NULL;
  text += strlen (parts[0]);
  for (guint i = 1; i <= holes; i++)
    {
      const char *end = i == holes && g_str_has_suffix (text, parts[i]) ? text + strlen (text) - strlen (parts[i])
                        : i < holes                                     ? strstr (text, parts[i])
                                                                        : NULL;
      g_autofree char *hole = end != NULL ? g_strndup (text, (gsize)(end - text)) : NULL;

      if (hole == NULL)
        return NULL;
      g_strv_builder_add (found, hole);
      text = end + strlen (parts[i]);
    }
  return text[0] == '\0' ? g_strv_builder_end (found) : NULL;
}

static char *
fill (const char *pattern,
      GStrv       holes,
      guint       depth)
{
  g_auto (GStrv) parts = g_strsplit (pattern, HOLE, MAX_HOLES + 1);
  g_autoptr (GString) text = g_string_new (parts[0]);

  for (guint i = 0; holes[i] != NULL && parts[i + 1] != NULL; i++)
    {
      g_autofree char *told = tell (holes[i], depth + 1);

      g_string_append_printf (text, "%s%s", told, parts[i + 1]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
tell (const char *sentence,
      guint       depth)
{
  for (gsize i = 0; depth < MAX_DEPTH && i < G_N_ELEMENTS (sentences); i++)
    {
      g_auto (GStrv) holes = match (sentences[i], sentence);

      if (holes != NULL)
        return fill (_(sentences[i]), holes, depth);
    }
  return g_strdup (sentence);
}

char *
rs_story_words (const char *sentence)
{
  return tell (sentence, 0);
}
