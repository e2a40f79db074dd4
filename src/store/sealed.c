/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Seals, generations, and what happens to bad content. */
#include "store/sealed.h"

#include "base/error.h"
#include "base/secret.h"
#include "system/file.h"

#include <string.h>

#define SEAL "#complete "
#define DIGEST_LENGTH 64

GBytes *
rs_sealed_close (GString *body)
{
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)body->str, body->len);
  gsize length;

  g_string_append_printf (body, SEAL "%s\n", digest);
  length = body->len;
  return rs_secret_bytes_new_take (g_string_free (body, FALSE), length);
}

gssize
rs_sealed_body (const char *text,
                gsize       length)
{
  const gsize seal = strlen (SEAL) + DIGEST_LENGTH + 1;
  g_autofree char *digest = NULL;
  gsize body;

  if (length < seal || text[length - 1] != '\n')
    return -1;
  body = length - seal;
  if (memcmp (text + body, SEAL, strlen (SEAL)) != 0)
    return -1;
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)text, body);
  return memcmp (text + body + strlen (SEAL), digest, DIGEST_LENGTH) == 0 ? (gssize)body : -1;
}

typedef enum
{
  READ_GOOD,
  READ_NONE,
  READ_BAD,
  READ_FAILED,
} ReadResult;

static ReadResult
read_one (const char  *dir,
          const char  *name,
          gsize        max,
          RsSealedFunc func,
          gpointer     data,
          GError     **error)
{
  g_autoptr (GBytes) content = NULL;
  const char *text;
  gsize length;
  gssize body;

  if (!rs_file_read (dir, name, max, &content, error))
    return g_error_matches (*error, RS_ERROR, RS_ERROR_CORRUPT) ? READ_BAD : READ_FAILED;
  if (content == NULL)
    return READ_NONE;
  text = g_bytes_get_data (content, &length);
  body = text != NULL ? rs_sealed_body (text, length) : -1;
  if (body < 0)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_CORRUPT, "it is not complete, or was changed");
      return READ_BAD;
    }
  return func (text, (gsize)body, data, error) ? READ_GOOD : READ_BAD;
}

static gboolean
set_aside (const char   *dir,
           const char   *name,
           const GError *why,
           GPtrArray    *warnings,
           GError      **error)
{
  g_autofree char *new_name = NULL;

  if (!rs_file_set_aside (dir, name, g_get_real_time (), &new_name, error))
    return FALSE;
  g_ptr_array_add (warnings, g_strdup_printf ("%s/%s: %s; it was set aside as %s", dir, name, why->message, new_name));
  return TRUE;
}

/* The name of a file that was set aside earlier; NULL: there is none. */
static char *
find_broken (const char *dir,
            const char *name)
{
  g_autofree char *prefix = g_strconcat (name, ".broken-", NULL);
  g_auto (GStrv) names = rs_file_list (dir, prefix);

  return g_strdup (names[0]);
}

/* What nobody has looked at yet is said at each start: it must not be lost with the first log. */
static gboolean
remind (const char *dir,
        const char *name,
        GPtrArray  *warnings)
{
  g_autofree char *broken = find_broken (dir, name);

  if (broken != NULL)
    g_ptr_array_add (warnings, g_strdup_printf ("%s/%s was set aside earlier; remove it when its loss is understood", dir, broken));
  return broken != NULL;
}

gboolean
rs_sealed_load (const char     *dir,
                const char     *name,
                gsize           max,
                RsSealedFunc    func,
                gpointer        data,
                GPtrArray      *warnings,
                RsSealedSource *source,
                GError        **error)
{
  g_autofree char *previous = g_strconcat (name, ".previous", NULL);
  const char *const names[] = { name, previous };
  gboolean any_bad = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) why = NULL;

      switch (read_one (dir, names[i], max, func, data, &why))
        {
        case READ_GOOD:
          *source = i == 0 ? RS_SEALED_PRESENT : RS_SEALED_PREVIOUS;
          if (!any_bad)
            remind (dir, name, warnings);
          return TRUE;
        case READ_NONE:
          break;
        case READ_BAD:
          any_bad = TRUE;
          if (!set_aside (dir, names[i], why, warnings, error))
            return FALSE;
          break;
        case READ_FAILED:
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
    }
  *source = any_bad || remind (dir, name, warnings) ? RS_SEALED_LOST : RS_SEALED_NONE;
  return TRUE;
}

gboolean
rs_sealed_forget (const char *dir,
                  const char *name,
                  GError    **error)
{
  g_autofree char *previous = g_strconcat (name, ".previous", NULL);
  g_autofree char *prefix = g_strconcat (name, ".broken-", NULL);
  g_auto (GStrv) broken = rs_file_list (dir, prefix);

  for (guint i = 0; broken[i] != NULL; i++)
    {
      if (!rs_file_remove (dir, broken[i], error))
        return FALSE;
    }
  return rs_file_remove (dir, previous, error);
}
