/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the rules of a file would let everybody on the way read, as far as a desk can know it: the server of a path is whichever the network
 * names, and it may be one of tftp. Nobody knows by which of its rules a file was fetched: each that may take the file counts. */
#include "config.h"

#include "ctl/checking.h"

#include "base/secret.h"
#include "rule/macro.h"

#include <glib/gi18n.h>
#include <string.h>

typedef enum
{
  WAY_NONE,    /* nothing is fetched from a server that the rule means */
  WAY_CLOSED,  /* https */
  WAY_OPEN,    /* http or tftp */
  WAY_UNKNOWN, /* a server that the network names, or a macro, decides */
} Way;

static Way
way_of (const RsChecking    *checking,
        const RsRuleOutline *outline,
        RsScheme            *scheme)
{
  g_auto (RsSecretString) text = outline->url != NULL ? rs_checking_expand (checking, outline->url, NULL) : NULL;
  const char *end = text != NULL ? strstr (text, "://") : NULL;
  g_autofree char *name = end != NULL ? g_ascii_strdown (text, end - text) : NULL;

  *scheme = outline->scheme;
  if (text == NULL)
    return WAY_NONE;
  if ((name == NULL || !rs_scheme_from_name (name, scheme)) && !outline->scheme_known)
    return WAY_UNKNOWN;
  if (*scheme == RS_SCHEME_GDS)
    return WAY_NONE;
  return *scheme == RS_SCHEME_HTTPS ? WAY_CLOSED : WAY_OPEN;
}

/* Whether an option has a value that is not empty. */
static gboolean
is_given (const RsChecking *checking,
          const char       *option)
{
  const RsMacros macros = rs_checking_macros (checking);
  g_auto (RsSecretString) expanded = option != NULL ? rs_macro_expand (option, &macros, TRUE, NULL) : NULL;

  return expanded != NULL && expanded[0] != '\0';
}

/* The content of a file may be sealed by itself. */
static gboolean
is_sealed (const RsChecking    *checking,
           const RsRuleOutline *outline,
           Way                  way,
           RsScheme             scheme)
{
  return is_given (checking, outline->key) || (checking->encrypted && (way == WAY_UNKNOWN || scheme == RS_SCHEME_HTTP));
}

gboolean
rs_checking_is_closed (const RsChecking    *checking,
                       const RsRuleOutline *outline)
{
  RsScheme scheme;
  Way way = way_of (checking, outline, &scheme);

  return way == WAY_CLOSED || (way != WAY_NONE && is_sealed (checking, outline, way, scheme));
}

typedef struct
{
  RsChecking *checking;
  const RsAssignment *assignment;
  const RsRule *rule;
  guint alternative;
  const RsRuleOutline *outline;
  guint column;
  Way way; /* open or unknown */
  RsScheme scheme;
  gboolean told; /* that the request has secrets */
} Clear;

static void
warn (Clear      *clear,
      const char *message)
{
  clear->told = TRUE;
  rs_checking_add (clear->checking, clear->assignment, clear->column, RS_FOUND_CLEAR_TEXT, FALSE, "%s", message);
}

/* Names and passwords that go along with the request. */
static void
check_credentials (Clear *clear)
{
  const RsRuleOutline *outline = clear->outline;
  gboolean open = clear->way == WAY_OPEN;
  g_auto (RsSecretString) url = rs_checking_expand (clear->checking, outline->url, NULL);

  if (open && clear->scheme == RS_SCHEME_TFTP && outline->has_login)
    rs_checking_add (clear->checking, clear->assignment, clear->column, RS_FOUND_PASSED_OVER, FALSE,
                     _("--uid and --pwd have no effect here: tftp knows no users"));
  else if (is_given (clear->checking, outline->password) || rs_secret_in_userinfo (url, FALSE))
    warn (clear, open ? _("The password of this rule would cross the network in the clear; use https")
                      : _("The password of this rule may cross the network in the clear: no scheme is written, so that the server which the "
                          "phone finds decides; use https"));
  if (rs_secret_in_query (url))
    warn (clear, open ? _("The secret in the query would cross the network in the clear; use https")
                      : _("The secret in the query may cross the network in the clear: no scheme is written, so that the server which the "
                          "phone finds decides; use https"));
  if (rs_secret_in_body (clear->checking, outline->post))
    warn (clear, open ? _("The secret in the body of --post would cross the network in the clear; use https")
                      : _("The secret in the body of --post may cross the network in the clear: no scheme is written, so that the server which "
                          "the phone finds decides; use https"));
}

/* What crosses the network with the request was told as that, and is not told again as a part of the file. */
static gboolean
is_told (const Clear        *clear,
         const RsAssignment *secret)
{
  return secret == clear->assignment && !rs_secret_in_rule (clear->checking, clear->rule, clear->told ? clear->alternative : 0);
}

/* The first secret of the file, and how many more there are. NULL: there is none. */
static const RsAssignment *
find_secret (const Clear *clear,
             guint       *more)
{
  const GPtrArray *secrets = clear->checking->secrets;
  const RsAssignment *first = NULL;

  *more = 0;
  for (guint i = 0; i < secrets->len; i++)
    {
      const RsAssignment *one = g_ptr_array_index (secrets, i);

      if (is_told (clear, one))
        continue;
      *more += first != NULL;
      first = first != NULL ? first : one;
    }
  return first;
}

static char *
describe (const Clear        *clear,
          const RsAssignment *secret,
          guint               more)
{
  if (clear->way == WAY_OPEN && more == 0)
    return g_strdup_printf (_("The secret in %s (line %u) would cross the network in the clear, without --key; use https or --key"), secret->name,
                            secret->line);
  if (clear->way == WAY_OPEN)
    return g_strdup_printf (ngettext ("The secret in %s (line %u) and %u more would cross the network in the clear, without --key; use https or "
                                      "--key",
                                      "The secret in %s (line %u) and %u more would cross the network in the clear, without --key; use https or "
                                      "--key", more),
                            secret->name, secret->line, more);
  if (more == 0)
    return g_strdup_printf (_("The secret in %s (line %u) may cross the network in the clear, without --key: no scheme is written, so that the "
                              "server which the phone finds decides; use https or --key"),
                            secret->name, secret->line);
  return g_strdup_printf (ngettext ("The secret in %s (line %u) and %u more may cross the network in the clear, without --key: no scheme is "
                                    "written, so that the server which the phone finds decides; use https or --key",
                                    "The secret in %s (line %u) and %u more may cross the network in the clear, without --key: no scheme is "
                                    "written, so that the server which the phone finds decides; use https or --key", more),
                          secret->name, secret->line, more);
}

static void
check_file (Clear *clear)
{
  guint more;
  const RsAssignment *secret = find_secret (clear, &more);
  g_autofree char *message = secret != NULL ? describe (clear, secret, more) : NULL;
  g_autofree char *whole = message != NULL && clear->checking->closed
                               ? g_strdup_printf (_("%s (another rule fetches safely; this is for a file that comes by this one)"), message)
                               : NULL;

  if (message != NULL)
    warn (clear, whole != NULL ? whole : message);
}

void
rs_checking_clear_text (RsChecking         *checking,
                        const RsAssignment *assignment,
                        const RsParam      *param,
                        const RsRule       *rule,
                        guint               alternative,
                        guint               column)
{
  RsRuleKind kind = rs_rule_kind_of (param->name);
  RsRuleOutline outline;
  Clear clear = { checking, assignment, rule, alternative, &outline, column, WAY_NONE, RS_SCHEME_TFTP, FALSE };

  rs_rule_outline (rule, alternative, &outline);
  clear.way = way_of (checking, &outline, &clear.scheme);
  if (clear.way == WAY_NONE || clear.way == WAY_CLOSED)
    return;
  check_credentials (&clear);
  /* what comes back: a profile like this one, or a CA that is to be trusted */
  if (kind == RS_RULE_CUSTOM_CA)
    warn (&clear, clear.way == WAY_OPEN ? _("Anybody on the way could put another CA in the place of this one; use https")
                                        : _("Anybody on the way could put another CA in the place of this one where the server that the phone "
                                            "finds is one of tftp or http; use https"));
  else if (kind == RS_RULE_PROFILE && !is_sealed (checking, &outline, clear.way, clear.scheme))
    check_file (&clear);
}
