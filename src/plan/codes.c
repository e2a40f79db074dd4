/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Codes read, and the wait that doubles. (DISC-11) */
#include "plan/codes.h"

#include "base/error.h"
#include "base/secret.h"

#include <string.h>

#define FREE_TRIES 5
#define FIRST_WAIT (30 * (gint64) G_USEC_PER_SEC)
#define LONGEST_WAIT (86400 * (gint64) G_USEC_PER_SEC)
#define DOUBLINGS 12 /* beyond which it is longer than a day */
#define ACTIVATION_DIGITS 16
#define PROFILE_DIGITS_LEAST 3
#define PROFILE_DIGITS_MOST 16
/* of what a person types, with blanks */
#define TEXT_MOST 64

static gboolean
has_form (RsCodeKind  kind,
          const char *digits)
{
  gsize length = strlen (digits);

  if (length != strspn (digits, "0123456789"))
    return FALSE;
  return kind == RS_CODE_ACTIVATION ? length == ACTIVATION_DIGITS
                                    : length >= PROFILE_DIGITS_LEAST && length <= PROFILE_DIGITS_MOST;
}

gboolean
rs_code_read (const char *text,
              RsCodeKind *kind,
              char      **digits,
              GError    **error)
{
  char plain[TEXT_MOST + 1] = "";
  gsize length = 0;
  gboolean good = strlen (text) <= TEXT_MOST;

  for (const char *p = text; good && *p != '\0'; p++)
    if (*p != ' ' && *p != '-')
      plain[length++] = *p;
  *kind = plain[0] == '#' ? RS_CODE_PROFILE : RS_CODE_ACTIVATION;
  *digits = g_strdup (plain + (plain[0] == '#' ? 1 : 0));
  rs_wipe (plain, sizeof plain);
  if (good && has_form (*kind, *digits))
    return TRUE;
  g_clear_pointer (digits, rs_secret_free);
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_CODE,
                       "Invalid activation code: 16 digits are wanted, or # and 3 to 16 digits");
  return FALSE;
}

gint64
rs_code_wait (guint wrong)
{
  if (wrong < FREE_TRIES)
    return 0;
  return MIN (FIRST_WAIT << MIN (wrong - FREE_TRIES, DOUBLINGS), LONGEST_WAIT);
}

gint64
rs_code_wait_left (gint64 wait,
                   gint64 until,
                   gint64 now)
{
  return CLAMP (until - now, 0, wait);
}

char *
rs_code_form (RsCodeKind  kind,
              const char *digits,
              const char *mac,
              const char *serial,
              const char *model)
{
  g_autofree char *id = g_strjoin (":", mac, serial, model, NULL);
  g_autofree char *escaped = g_uri_escape_string (id, NULL, FALSE);

  return g_strdup_printf ("id=%s&%s=%s", escaped, kind == RS_CODE_ACTIVATION ? "code" : "profile", digits);
}
