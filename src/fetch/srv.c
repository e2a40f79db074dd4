/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An answer of the DNS is read as what it is: bytes of anybody. Names come out of the C library's own decompression,
 * which is bounded and follows no circle; everything else is bounded here. */
#include "fetch/srv.h"

#include "base/host.h"
#include "base/names.h"
#include "base/text.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>

#define HEADER_BYTES   12
#define QUESTION_BYTES 4  /* type and class, after its name */
#define RECORD_BYTES   10 /* type, class, time to live and length, after its name */
#define SRV_BYTES      6  /* priority, weight and port, before its target */

typedef struct
{
  const guint8 *start;
  const guint8 *end;
  const guint8 *at;
} Answer;

typedef struct
{
  char owner[NS_MAXDNAME];
  guint16 type;
  guint16 class;
  const guint8 *data;
  guint16 length;
} Record;

void
rs_srv_record_free (RsSrvRecord *record)
{
  g_free (record->host);
  g_free (record);
}

char *
rs_srv_question (const char *scheme, const char *host)
{
  const char *service = g_str_equal (scheme, "https") ? RS_SRV_HTTPS "." : RS_SRV_HTTP ".";

  gsize length = strlen (host);

  /* the dot of a complete name */
  if (length > 0 && host[length - 1] == '.')
    length--;
  if (g_hostname_is_ip_address (host) || strlen (service) + length > RS_SRV_QUESTION_MAX)
    return NULL;
  return g_strdup_printf ("%s%.*s", service, (int)length, host);
}

static guint16
read_uint16 (const guint8 *at)
{
  return (guint16)(at[0] << 8 | at[1]);
}

/* The name at a place, and how many bytes it has there. */
static gboolean
read_name (const Answer *answer, const guint8 *at, char name[NS_MAXDNAME], gsize *length)
{
  int n = dn_expand (answer->start, answer->end, at, name, NS_MAXDNAME);

  if (n < 0)
    return FALSE;
  *length = (gsize)n;
  return TRUE;
}

static gboolean
skip_questions (Answer *answer)
{
  for (guint left = read_uint16 (answer->start + 4); left > 0; left--)
    {
      char name[NS_MAXDNAME];
      gsize length;

      if (!read_name (answer, answer->at, name, &length) || (gsize)(answer->end - answer->at) < length + QUESTION_BYTES)
        return FALSE;
      answer->at += length + QUESTION_BYTES;
    }
  return TRUE;
}

static gboolean
read_record (Answer *answer, Record *record)
{
  gsize length;

  if (!read_name (answer, answer->at, record->owner, &length)
      || (gsize)(answer->end - answer->at) < length + RECORD_BYTES)
    return FALSE;
  answer->at += length;
  record->type = read_uint16 (answer->at);
  record->class = read_uint16 (answer->at + 2);
  record->length = read_uint16 (answer->at + 8);
  record->data = answer->at + RECORD_BYTES;
  if (answer->end - record->data < record->length)
    return FALSE;
  answer->at = record->data + record->length;
  return TRUE;
}

/* A target is a name, no address. */
static gboolean
is_target (const char *name)
{
  return rs_host_is_valid (name) && !rs_host_is_address (name);
}

/* FALSE: it cannot be read. *record is NULL where it names no server. */
static gboolean
read_srv (const Answer *answer, const Record *raw, RsSrvRecord **record)
{
  char target[NS_MAXDNAME];
  gsize length;
  guint16 port;

  *record = NULL;
  if (raw->length <= SRV_BYTES || !read_name (answer, raw->data + SRV_BYTES, target, &length)
      || length != (gsize)raw->length - SRV_BYTES)
    return FALSE;
  port = read_uint16 (raw->data + 4);
  if (port == 0 || !is_target (target))
    return TRUE;
  *record = g_new (RsSrvRecord, 1);
  **record = (RsSrvRecord){ read_uint16 (raw->data), read_uint16 (raw->data + 2), port, g_ascii_strdown (target, -1) };
  return TRUE;
}

/* FALSE: it cannot be read. *n_found counts also the records that name no server. */
static gboolean
read_answer (Answer *answer, const char *question, GPtrArray *records, guint *n_found)
{
  char name[NS_MAXDNAME];

  g_strlcpy (name, question, sizeof name);
  if (answer->end - answer->start < HEADER_BYTES)
    return FALSE;
  answer->at = answer->start + HEADER_BYTES;
  if (!skip_questions (answer))
    return FALSE;
  for (guint left = read_uint16 (answer->start + 6); left > 0; left--)
    {
      RsSrvRecord *record = NULL;
      Record raw;
      gsize length;

      if (!read_record (answer, &raw))
        return FALSE;
      if (raw.class != ns_c_in || g_ascii_strcasecmp (raw.owner, name) != 0)
        continue;
      /* an alias stands before the records of the name that it is for */
      if (raw.type == ns_t_cname && !read_name (answer, raw.data, name, &length))
        return FALSE;
      if (raw.type != ns_t_srv)
        continue;
      if (!read_srv (answer, &raw, &record))
        return FALSE;
      (*n_found)++;
      if (record != NULL)
        g_ptr_array_add (records, record);
    }
  return TRUE;
}

GPtrArray *
rs_srv_parse (const guint8 *bytes, gsize length, const char *question, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_srv_record_free);
  /* an empty answer has no address to count from */
  Answer answer = { bytes, length > 0 ? bytes + length : bytes, bytes };
  g_autofree char *shown = rs_text_escape (question, 0);
  guint n_found = 0;

  if (!read_answer (&answer, question, records, &n_found))
    g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the DNS's answer for %s cannot be read", shown);
  else if (n_found == 0)
    g_set_error (error, RS_ERROR, RS_ERROR_NOT_FOUND, "%s has no SRV record", shown);
  else if (records->len == 0)
    g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the SRV records of %s name no server", shown);
  else
    return g_steal_pointer (&records);
  return NULL;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const RsSrvRecord *one = *(RsSrvRecord *const *)a, *other = *(RsSrvRecord *const *)b;

  if (one->priority != other->priority)
    return one->priority < other->priority ? -1 : 1;
  return one->weight < other->weight ? -1 : one->weight > other->weight;
}

static void
move (GPtrArray *records, guint from, guint to)
{
  gpointer record = records->pdata[from];

  for (; from > to; from--)
    records->pdata[from] = records->pdata[from - 1];
  records->pdata[to] = record;
}

/* Of those from first to before end, which have one priority and stand by weight, brings one to the front: a number up
 * to the sum of their weights falls into its share. */
static void
draw (GPtrArray *records, guint first, guint end, GRand *chance)
{
  guint32 sum = 0, drawn, passed;
  guint one = first;

  for (guint i = first; i < end; i++)
    sum += ((RsSrvRecord *)records->pdata[i])->weight;
  drawn = sum > 0 ? (guint32)g_rand_int_range (chance, 0, (gint32)sum + 1) : 0;
  for (passed = ((RsSrvRecord *)records->pdata[one])->weight; passed < drawn; one++)
    passed += ((RsSrvRecord *)records->pdata[one + 1])->weight;
  move (records, one, first);
}

void
rs_srv_sort (GPtrArray *records, GRand *chance)
{
  g_ptr_array_sort (records, compare);
  for (guint first = 0, end = 0; chance != NULL && first < records->len; first++)
    {
      guint16 priority = ((RsSrvRecord *)records->pdata[first])->priority;

      for (; end < records->len && ((RsSrvRecord *)records->pdata[end])->priority == priority; end++)
        ;
      draw (records, first, end, chance);
    }
}
