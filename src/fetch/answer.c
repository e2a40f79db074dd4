/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status table, and three fields of an answer. */
#include "fetch/answer.h"

#include "base/text.h"

#include <libsoup/soup.h>
#include <string.h>

#define DAY 86400

RsError
rs_answer_code (guint status)
{
  return status == 404 ? RS_ERROR_NOT_FOUND : RS_ERROR_FAILED;
}

gboolean
rs_answer_is_overload (guint status)
{
  return status == 429 || status == 503;
}

const char *
rs_answer_advice (guint status)
{
  static const struct
  {
    guint status;
    const char *advice;
  } table[] = {
    { 304, "not modified, though nothing of the kind was asked; the server or a cache on the way is at fault" },
    { 400, "the server did not understand the request; it may want a client certificate" },
    { 401, "the server wants a user name and password; check --uid and --pwd of the rule" },
    { 403, "the server refuses this phone; check its access rules" },
    { 404, "no such file; check the path in the rule and on the server" },
    { 407, "a proxy wants a user name and password, though the phone asked none; look for one on the way" },
    { 410, "the file is gone; check the path in the rule and on the server" },
    { 421, "the server does not answer for this host; check its virtual hosts" },
    { 429, "the server has too many requests" },
    { 503, "the server is overloaded or down for maintenance" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (table[i].status == status)
        return table[i].advice;
    }
  if (status >= 200 && status < 300)
    return "a success without a file; only 200 brings one";
  if (status >= 300 && status < 400)
    return "a redirect of a kind that is not followed; only 301 and 302 are";
  if (status >= 400 && status < 500)
    return "the server refused the request";
  return status >= 500 ? "the server failed; look into its log" : "an unexpected status";
}

static guint
bounded (gint64 seconds)
{
  return (guint)CLAMP (seconds, 1, DAY);
}

guint
rs_answer_retry_after (const char *field, const char *date, gint64 now)
{
  g_autoptr (GDateTime) until = NULL;
  g_autoptr (GDateTime) since = NULL;
  guint64 seconds;

  if (field == NULL || *field == '\0')
    return 0;
  if (g_ascii_isdigit (*field))
    {
      for (const char *p = field; *p != '\0'; p++)
        {
          if (!g_ascii_isdigit (*p))
            return 0;
        }
      /* a number beyond 64 bits is as good as the bound */
      return rs_text_to_uint64 (field, 0, G_MAXINT64, &seconds, NULL) ? bounded ((gint64)seconds) : DAY;
    }
  until = soup_date_time_new_from_http_string (field);
  if (until == NULL)
    return 0;
  since = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  return bounded (g_date_time_to_unix (until) - (since != NULL ? g_date_time_to_unix (since) : now));
}

char *
rs_answer_validator (const char *field, gsize max)
{
  gsize n = 0;

  if (field == NULL)
    return g_strdup ("");
  for (; field[n] != '\0'; n++)
    {
      if (n >= max || field[n] < ' ' || field[n] > '~')
        return g_strdup ("");
    }
  return g_strndup (field, n);
}

gboolean
rs_answer_is_aes128gcm (const char *field)
{
  const char *comma = field != NULL ? strrchr (field, ',') : NULL;
  g_autofree char *last = g_strdup (comma != NULL ? comma + 1 : field);

  return last != NULL && g_ascii_strcasecmp (g_strstrip (last), "aes128gcm") == 0;
}

gboolean
rs_answer_length (const char *field, guint64 *length)
{
  return rs_text_to_uint64 (field, 0, G_MAXINT64, length, NULL);
}
