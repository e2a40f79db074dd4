/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registers as options use them: by their letter, when the fetch begins. */
#include "rule/register.h"

#include "base/error.h"

char *
rs_register_body (const char *letter, const char *text, const RsUrl *url, gboolean scheme_known, const RsMacros *macros, GError **error)
{
  char *body;

  if (scheme_known && url->scheme == RS_SCHEME_TFTP)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_RULE, "--post needs http or https");
      return NULL;
    }
  body = rs_macro_expand (text, macros, FALSE, error);
  if (body == NULL)
    g_prefix_error (error, "GPP_%s: ", letter);
  return body;
}

gboolean
rs_register_check_map (const char *letter, const char *text, GError **error)
{
  if (text[0] != '\0')
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_INVALID_RULE, "GPP_%s: --alias names an empty register", letter);
  return FALSE;
}
