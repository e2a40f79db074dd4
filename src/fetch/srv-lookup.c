/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The C library asks, by UDP and where the answer is cut by TCP, in a thread, for it blocks. Its answer is taken as bytes:
 * GIO's reader of them looks neither at the name that a record is of nor always at where the answer ends. */
#include "fetch/srv-lookup.h"

#include "base/text.h"
#include "fetch/route.h"
#include "fetch/srv.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#define ANSWER_MAX 65536

typedef struct
{
  char *question;
  gboolean by_chance;
  GCancellable *cancellable; /* when the time is over */
  guint timer;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_handle_id (&question->timer, g_source_remove);
  g_object_unref (question->cancellable);
  g_free (question->question);
  g_free (question);
}

static GError *
no_answer (const char *question)
{
  g_autofree char *shown = rs_text_escape (question, 0);

  return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE, "the DNS gave no answer for %s; check the DNS server of this network",
                      shown);
}

/* The length of the answer; negative: there is none, for the reason in *fault (of h_errno). */
static int
ask (const char *question, guint8 *answer, int *fault)
{
  struct __res_state state = { 0 };
  int length;

  *fault = TRY_AGAIN;
  if (res_ninit (&state) != 0)
    return -1;
  length = res_nquery (&state, question, ns_c_in, ns_t_srv, answer, ANSWER_MAX);
  *fault = state.res_h_errno;
  res_nclose (&state);
  return MIN (length, ANSWER_MAX);
}

static void
look_up (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Question *question = data;
  g_autofree guint8 *answer = g_malloc (ANSWER_MAX);
  g_autoptr (GPtrArray) records = NULL;
  GError *error = NULL;
  int fault, length = ask (question->question, answer, &fault);

  if (length >= 0)
    records = rs_srv_parse (answer, (gsize)length, question->question, &error);
  else if (fault == HOST_NOT_FOUND || fault == NO_DATA)
    error = g_error_new (RS_ERROR, RS_ERROR_NOT_FOUND, "%s has no SRV record", question->question);
  else
    error = no_answer (question->question);
  if (records != NULL)
    g_task_return_pointer (task, g_steal_pointer (&records), (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* The C library's own patience depends on /etc/resolv.conf. */
static gboolean
on_timeout (gpointer data)
{
  Question *question = data;

  question->timer = 0;
  g_cancellable_cancel (question->cancellable);
  return G_SOURCE_REMOVE;
}

void
rs_srv_look_up_async (const char *scheme, const char *host, gboolean by_chance, guint timeout,
                      GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  g_autofree char *name = rs_srv_question (scheme, host);
  Question *question;

  if (name == NULL)
    {
      g_task_return_new_error (task, RS_ERROR, RS_ERROR_NOT_FOUND, "%s can have no SRV records", host);
      return;
    }
  question = g_new (Question, 1);
  question->question = g_steal_pointer (&name);
  question->by_chance = by_chance;
  question->cancellable = g_object_ref (cancellable);
  question->timer = g_timeout_add (timeout * 1000, on_timeout, question);
  g_task_set_task_data (task, question, question_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, look_up);
}

GPtrArray *
rs_srv_look_up_finish (GAsyncResult *result, GError **error)
{
  Question *question = g_task_get_task_data (G_TASK (result));
  g_autoptr (GPtrArray) servers = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_route_free);
  g_autoptr (GError) fault = NULL;
  g_autoptr (GPtrArray) records = g_task_propagate_pointer (G_TASK (result), &fault);
  g_autoptr (GRand) chance = NULL;

  if (question != NULL)
    g_clear_handle_id (&question->timer, g_source_remove);
  if (records == NULL)
    {
      g_propagate_error (error, g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? no_answer (question->question)
                                                                                        : g_steal_pointer (&fault));
      return NULL;
    }
  chance = question->by_chance ? g_rand_new () : NULL;
  rs_srv_sort (records, chance);
  for (guint i = 0; i < records->len && i < RS_SRV_SERVERS_MAX; i++)
    {
      RsSrvRecord *record = records->pdata[i];
      RsRoute *server = g_new (RsRoute, 1);

      *server = (RsRoute){ g_steal_pointer (&record->host), record->port };
      g_ptr_array_add (servers, server);
    }
  return g_steal_pointer (&servers);
}
