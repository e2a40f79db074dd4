/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "phone.h"

#include "lease.h"

#include "rule/rule.h"

#include <string.h>

void
phone_set (char      **field,
           const char *text)
{
  char *copy = g_strdup (text);

  g_free (*field);
  *field = copy;
}

const char *
phone_remembered_scheme (const Phone *phone)
{
  return g_str_has_prefix (phone->remembered, "https:") ? "https" : phone->remembered[0] != '\0' ? "http" : "";
}

/* DISC-6: whether the lease leads anywhere that is not below the scheme the phone was provisioned over. */
static gboolean
reaches (const Phone *phone,
         GPtrArray   *sources)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const RsDhcpSource *source = sources->pdata[i];

      for (guint k = 0; k < source->hints->len; k++)
        {
          const RsServerHint *hint = source->hints->pdata[k];

          if (hint->kind == RS_HINT_HOST
              || !rs_onboarding_downgrades (phone_remembered_scheme (phone), g_str_has_prefix (hint->text, "https:") ? "https" : "http"))
            return TRUE;
        }
    }
  return FALSE;
}

void
phone_facts (const Phone       *phone,
             GPtrArray         *sources,
             RsOnboardingFacts *facts)
{
  g_autoptr (RsRule) rule = rs_rule_parse (phone->rule[0] != '\0' ? phone->rule : "/$PN.cfg", RS_RULE_PROFILE, NULL);
  g_autofree char *identity = lease_identity (sources);

  *facts = (RsOnboardingFacts){
    .provisioned = phone->provisioned,
    .rule_is_factory = phone->rule[0] == '\0',
    .rule_names_server = rs_rule_names_server (rule),
    .have_remembered = phone->remembered[0] != '\0',
    .lease_changed = identity[0] != '\0' && strcmp (identity, phone->lease) != 0 && reaches (phone, sources),
    .hand_set = phone->hand_set,
  };
}

void
phone_clear (Phone *phone)
{
  g_free (phone->source);
  g_free (phone->rule);
  g_free (phone->remembered);
  g_free (phone->lease);
}

void
phone_reset (Phone *phone)
{
  phone_clear (phone);
  *phone = (Phone){ .source = g_strdup (""), .rule = g_strdup (""), .remembered = g_strdup (""), .lease = g_strdup ("") };
}

void
phone_provisioned (Phone          *phone,
                   RsProvisionedBy by,
                   const char     *source,
                   const char     *remembered,
                   const char     *lease)
{
  phone->provisioned = TRUE;
  phone->state = rs_onboarding_applied (phone->state, by);
  phone_set (&phone->source, source);
  phone_set (&phone->lease, lease);
  if (remembered != NULL)
    phone_set (&phone->remembered, remembered);
}
