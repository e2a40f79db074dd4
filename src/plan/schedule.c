/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of delays, as the phones' retry and period parameters write them: "60,120+30,240". Strict to read, for a
 * list that was misunderstood shows itself only after hours. (RULE-11, SCHED-4) */
#include "plan/schedule-private.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define MAX_ELEMENTS   64
#define MAX_SECONDS    G_MAXINT32
#define SHORTEST_RETRY 60

typedef struct
{
  guint32 base;
  guint32 random; /* 0 … random more */
} Delay;

struct _RsDelayList
{
  guint length;
  Delay delays[MAX_ELEMENTS];
};

static gboolean
read_seconds (const char *text,
              guint32    *seconds,
              GError    **error)
{
  guint64 value;
  if (!rs_text_to_uint64 (text, 0, MAX_SECONDS, &value, error))
    return FALSE;
  *seconds = (guint32) value;
  return TRUE;
}

static gboolean
read_delay (char    *text,
            Delay   *delay,
            GError **error)
{
  char *plus = strchr (text, '+');
  if (plus != NULL)
    *plus = '\0';
  if (!read_seconds (text, &delay->base, error))
    return FALSE;
  return plus == NULL || read_seconds (plus + 1, &delay->random, error);
}

RsDelayList *
rs_delay_list_parse (const char *text,
                     GError    **error)
{
  g_autoptr (RsDelayList) list = g_new0 (RsDelayList, 1);
  g_autofree char *copy = g_strstrip (g_strdup (text != NULL ? text : ""));
  if (copy[0] == '\0')
    return g_steal_pointer (&list);

  /* one more than may be: the last one then holds the rest and shows that there are too many */
  g_auto (GStrv) parts = g_strsplit (copy, ",", MAX_ELEMENTS + 1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (i == MAX_ELEMENTS)
        {
          g_set_error (error, RS_ERROR, RS_ERROR_INVALID_VALUE, "a list of delays has at most %d elements",
                       MAX_ELEMENTS);
          return NULL;
        }
      if (!read_delay (g_strstrip (parts[i]), &list->delays[i], error))
        {
          g_prefix_error (error, "element %u of a list of delays (n or n+r, seconds): ", i + 1);
          return NULL;
        }
      list->length++;
    }
  return g_steal_pointer (&list);
}

void
rs_delay_list_free (RsDelayList *list)
{
  g_free (list);
}

gboolean
rs_delay_list_raise (RsDelayList *list)
{
  gboolean raised = FALSE;
  for (guint i = 0; i < list->length; i++)
    {
      Delay *delay = &list->delays[i];
      gboolean never = delay->base == 0 && delay->random == 0;
      if (never || delay->base >= SHORTEST_RETRY)
        continue;
      delay->base = SHORTEST_RETRY;
      raised = TRUE;
    }
  return raised;
}

guint64
rs_delay_list_pick (const RsDelayList *list,
                    guint              index,
                    const RsRandom    *random)
{
  if (list == NULL || list->length == 0)
    return 0;
  const Delay *delay = &list->delays[MIN (index, list->length - 1)];
  if (delay->random == 0)
    return delay->base;
  /* "0+30" is a short delay and not never, whatever is drawn */
  return MAX ((guint64) delay->base + random->func (delay->random, random->data), 1);
}

guint64
rs_delay_list_longest (const RsDelayList *list)
{
  guint64 longest = 0;
  for (guint i = 0; list != NULL && i < list->length; i++)
    longest = MAX (longest, (guint64) list->delays[i].base + list->delays[i].random);
  return longest;
}

gboolean
rs_delay_list_equal (const RsDelayList *one,
                     const RsDelayList *other)
{
  guint n = one != NULL ? one->length : 0;
  if (n != (other != NULL ? other->length : 0))
    return FALSE;
  return n == 0 || memcmp (one->delays, other->delays, n * sizeof (Delay)) == 0;
}

void
rs_schedule_config_clear (RsScheduleConfig *config)
{
  g_clear_pointer (&config->periodic, rs_delay_list_free);
  g_clear_pointer (&config->error_retry, rs_delay_list_free);
  memset (config, 0, sizeof *config);
  config->at_minute = -1;
}
