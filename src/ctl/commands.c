/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of commands. A command that is not here does not exist: not in the help, not in the completion, not in the
 * manual page (a lint test compares). */
#include "config.h"

#include "ctl/ctl.h"

#include <glib/gi18n.h>

static const RsCommand commands[] = {
  { "status", "", N_("Show the status page"), NULL,
    rs_cmd_status, RS_OPTION_WAIT, RS_WORDS_TEXT, 0, 0 },
  { "resync", "[RULE]", N_("Resync now and wait for the end"),
    N_("RULE is a profile rule used for this resync only; without it the configured rules are followed."),
    rs_cmd_resync, RS_OPTION_FORCE | RS_OPTION_NO_WAIT, RS_WORDS_TEXT, 0, 1 },
  { "rule", "[RULE]", N_("Show or store Profile_Rule"), NULL,
    rs_cmd_rule, RS_OPTION_NONE, RS_WORDS_TEXT, 0, 1 },
  { "get", "NAME…", N_("Print the values of parameters"), NULL,
    rs_cmd_get, RS_OPTION_NONE, RS_WORDS_NAME, 1, G_MAXUINT },
  { "set", "NAME=VALUE…", N_("Store values: all of them, or none"), NULL,
    rs_cmd_set, RS_OPTION_NONE, RS_WORDS_ASSIGNMENT, 1, G_MAXUINT },
  { "reset", "NAME…", N_("Go back to the defaults of the catalogue"), NULL,
    rs_cmd_reset, RS_OPTION_NONE, RS_WORDS_NAME, 1, G_MAXUINT },
  { "list", "[PREFIX]", N_("List the parameters whose names start with PREFIX"), NULL,
    rs_cmd_list, RS_OPTION_NONE, RS_WORDS_NAME, 0, 1 },
  { "activate", "CODE", N_("Submit an activation code"),
    N_("CODE has 16 digits, or # and 3 to 16 digits; blanks and hyphens do not count."),
    rs_cmd_activate, RS_OPTION_NONE, RS_WORDS_TEXT, 1, G_MAXUINT },
  { "upgrade", "[RULE]", N_("Upgrade the firmware and wait for the end"),
    N_("RULE is an upgrade rule used for this upgrade only; without it Upgrade_Rule is followed."),
    rs_cmd_upgrade, RS_OPTION_NO_WAIT, RS_WORDS_TEXT, 0, 1 },
  { "monitor", "", N_("Print one line an event until interrupted"), NULL,
    rs_cmd_monitor, RS_OPTION_NONE, RS_WORDS_TEXT, 0, 0 },
  { "inhibit", "-- COMMAND…", N_("Hold the phone busy while COMMAND runs"),
    N_("No resync starts (until Forced_Resync_Delay has passed) and no upgrade is installed.\n"
       "The exit status is that of COMMAND."),
    rs_cmd_inhibit, RS_OPTION_WHY, RS_WORDS_PROGRAM, 1, G_MAXUINT },
  { "explain", "[RULE]", N_("Say what a rule would do now, and do none of it"),
    N_("RULE is a profile rule, or the name of a parameter that holds a rule of any kind; without it the configured profile\n"
       "rules are explained."),
    rs_cmd_explain, RS_OPTION_EXPLAIN, RS_WORDS_RULE, 0, 1 },
  { "diff", "FILE|URL", N_("Say what applying a profile would change on this phone; apply nothing"),
    N_("FILE - is the standard input. What stands at a URL the phone fetches; options may stand before it as in a rule."),
    rs_cmd_diff, RS_OPTION_KEY | RS_OPTION_ALIAS, RS_WORDS_FILE, 1, 1 },
  { "check", "FILE…", N_("Read profiles as the phone would; apply nothing"),
    N_("Needs no daemon. FILE - is the standard input."),
    rs_cmd_check, RS_OPTION_KEY | RS_OPTION_ALIAS | RS_OPTION_SARIF, RS_WORDS_FILE, 1, G_MAXUINT },
  { "decode", "FILE", N_("Print the plain text of a profile"),
    N_("Needs no daemon. FILE - is the standard input."),
    rs_cmd_decode, RS_OPTION_KEY | RS_OPTION_ALIAS, RS_WORDS_FILE, 1, 1 },
  { "encrypt", "FILE", N_("Encrypt a profile for the phone"),
    N_("Needs no daemon. FILE - is the standard input; what the phone is to download goes to the standard output.\n"
       "One of --key and --ikm is needed."),
    rs_cmd_encrypt, RS_OPTION_KEY | RS_OPTION_GZIP, RS_WORDS_FILE, 1, 1 },
  { "factory-reset", "", N_("Forget all parameters, secrets and history"), NULL,
    rs_cmd_factory_reset, RS_OPTION_YES, RS_WORDS_TEXT, 0, 0 },
};

const RsCommand *
rs_commands (gsize *n)
{
  *n = G_N_ELEMENTS (commands);
  return commands;
}

const RsCommand *
rs_command_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_str_equal (commands[i].name, name))
        return &commands[i];
    }
  return NULL;
}
