/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "records.h"

#include "fetch/srv.h"

#include <string.h>

static guint16
number (const char *text)
{
  return (guint16)g_ascii_strtoull (text, NULL, 10);
}

GPtrArray *
records_servers (const char *text,
                 const char *scheme)
{
  g_auto (GStrv) lines = g_strsplit (text, ";", -1);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_srv_record_free);
  GPtrArray *servers = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      RsSrvRecord *record = g_new (RsSrvRecord, 1);

      g_assert_cmpuint (g_strv_length (words), ==, 5);
      *record = (RsSrvRecord){ number (words[1]), number (words[2]), number (words[4]), g_strdup (words[3]) };
      if (strcmp (words[0], scheme) == 0)
        g_ptr_array_add (records, record);
      else
        rs_srv_record_free (record);
    }
  rs_srv_sort (records, NULL);
  for (guint i = 0; i < records->len; i++)
    {
      const RsSrvRecord *record = records->pdata[i];

      g_ptr_array_add (servers, g_strdup_printf ("%s://%s:%u", scheme, record->host, record->port));
    }
  return servers;
}

char *
records_host (const char *server)
{
  const char *host = strstr (server, "://");

  host = host != NULL ? host + strlen ("://") : server;
  return g_strndup (host, strcspn (host, ":"));
}
