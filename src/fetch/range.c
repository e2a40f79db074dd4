/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whoever doubts begins anew: that costs time, and the other way the phone. */
#include "fetch/range.h"

#include "base/text.h"

#include <libsoup/soup.h>
#include <string.h>

/* Seconds between Last-Modified and Date: within one second a file can change twice, and two clocks need not agree. */
#define AT_REST 60

/* A number up to the character that must follow it; NULL: there is none. */
static const char *
read_number (const char *text, char end, guint64 *number)
{
  const char *stop = strchr (text, end);
  g_autofree char *digits = stop != NULL ? g_strndup (text, (gsize)(stop - text)) : NULL;

  if (digits == NULL || !rs_text_to_uint64 (digits, 0, G_MAXINT64, number, NULL))
    return NULL;
  return end != '\0' ? stop + 1 : stop;
}

gboolean
rs_range_read (const char *field, guint64 *first, guint64 *last, guint64 *total)
{
  const char *next = g_ascii_strncasecmp (field, "bytes ", strlen ("bytes ")) == 0 ? field + strlen ("bytes ") : NULL;

  next = next != NULL ? read_number (next, '-', first) : NULL;
  next = next != NULL ? read_number (next, '/', last) : NULL;
  next = next != NULL ? read_number (next, '\0', total) : NULL;
  return next != NULL && *first <= *last && *last < *total;
}

const char *
rs_range_fault (const RsRangeAnswer *answer, const RsPart *part)
{
  guint64 first, last, total, length;

  if (answer->type != NULL && g_ascii_strncasecmp (answer->type, "multipart/", strlen ("multipart/")) == 0)
    return "several parts";
  if (answer->encoding != NULL && g_ascii_strcasecmp (answer->encoding, "identity") != 0)
    return "another encoding";
  if (answer->range == NULL || !rs_range_read (answer->range, &first, &last, &total))
    return "no Content-Range that can be read";
  if (first != part->bytes || total != part->total || last + 1 != total)
    return "another range";
  if (answer->length == NULL || !rs_text_to_uint64 (answer->length, 0, G_MAXINT64, &length, NULL) || length != total - first)
    return "another length";
  if (part->validator[0] == '"')
    return g_strcmp0 (answer->etag, part->validator) != 0 ? "another ETag" : NULL;
  /* who answers to a date need not repeat it (section 15.3.7), but a file that has an ETag now is not the one that had none */
  if (answer->etag != NULL || (answer->last_modified != NULL && strcmp (answer->last_modified, part->validator) != 0))
    return "another date";
  return NULL;
}

char *
rs_range_validator (const char *etag, const char *last_modified, const char *date)
{
  g_autoptr (GDateTime) changed = NULL;
  g_autoptr (GDateTime) said = NULL;

  if (etag != NULL)
    return g_strdup (etag[0] == '"' && rs_validator_is_strong (etag) ? etag : "");
  if (last_modified == NULL || date == NULL || !rs_validator_is_strong (last_modified))
    return g_strdup ("");
  changed = soup_date_time_new_from_http_string (last_modified);
  said = soup_date_time_new_from_http_string (date);
  if (changed == NULL || said == NULL || g_date_time_difference (said, changed) < AT_REST * G_TIME_SPAN_SECOND)
    return g_strdup ("");
  return g_strdup (last_modified);
}
