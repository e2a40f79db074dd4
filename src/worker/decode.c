/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A task, and what it needs of the run. */
#include "worker/decode.h"

typedef struct
{
  GBytes *payload;
  const RsRequest *request;
} Decoding;

static void
decoding_free (gpointer data)
{
  Decoding *decoding = data;

  g_bytes_unref (decoding->payload);
  g_free (decoding);
}

/* In a thread. */
static void
decode (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Decoding *decoding = data;
  GError *error = NULL;
  RsOutcome *outcome = rs_outcome_from_payload (decoding->payload, decoding->request, &error);

  if (outcome == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, outcome, (GDestroyNotify)rs_outcome_free);
}

void
rs_decode_async (GBytes *payload, const RsRequest *request, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Decoding *decoding = g_new (Decoding, 1);

  *decoding = (Decoding){ g_bytes_ref (payload), request };
  g_task_set_task_data (task, decoding, decoding_free);
  g_task_run_in_thread (task, decode);
}

RsOutcome *
rs_decode_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
