/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A queue of datagrams, bounded in length and in time: a name server that is silent must not pile workers up, and who asks for resyncs without end
 * must not flood the operator. What there is no way for waits for one: a phone has to tell what came of a restart before it has a network. */
#include "engine/syslog.h"

#include "base/host.h"
#include "base/names.h"
#include "rule/url.h"
#include "syslog/message.h"
#include "system/journal.h"
#include "worker/worker.h"

#include <string.h>

#define SECONDS 10 /* for a look-up */
#define MESSAGES_MAX 20
#define WINDOW (10 * (gint64)G_USEC_PER_SEC)

struct _RsSyslog
{
  const RsParts *parts;
  GCancellable *cancellable;
  GQueue waiting;    /* RsRequest */
  RsRequest *sending;
  char *failed;      /* the server of which it was said that it cannot be told; NULL: all is well */
  gint64 since;      /* boot clock: the messages since then are counted */
  guint n_messages;
  gboolean said_too_many;
};

static void send_next (RsSyslog *self);

static void
clear (gpointer data)
{
  RsSyslog *self = data;

  g_queue_clear_full (&self->waiting, (GDestroyNotify)rs_request_free);
  g_clear_pointer (&self->sending, rs_request_free);
  g_object_unref (self->cancellable);
  g_free (self->failed);
}

RsSyslog *
rs_syslog_new (const RsParts *parts)
{
  RsSyslog *self = g_rc_box_new0 (RsSyslog);

  self->parts = parts;
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->waiting);
  self->since = rs_clock_boot (parts->clock);
  return self;
}

void
rs_syslog_free (RsSyslog *self)
{
  g_cancellable_cancel (self->cancellable);
  g_rc_box_release_full (self, clear);
}

static void
say_failed (RsSyslog   *self,
            const char *server,
            const char *message)
{
  if (g_strcmp0 (self->failed, server) == 0)
    return;
  g_free (self->failed);
  self->failed = g_strdup (server);
  rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_SYSLOG, "Syslog_Server %s cannot be told: %s", server, message);
}

static gboolean
is_same_server (const RsRequest *one,
                const RsRequest *other)
{
  return strcmp (one->host, other->host) == 0 && one->port == other->port;
}

/* Whether what was sent last waits for a way; it does not to a server that is told no more. */
static gboolean
is_to_wait (RsSyslog        *self,
            const RsOutcome *outcome)
{
  const RsRequest *newest = g_queue_peek_tail (&self->waiting);

  return !outcome->ok && outcome->code == RS_ERROR_UNREACHABLE && (newest == NULL || is_same_server (newest, self->sending));
}

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  RsSyslog *self = data;
  g_autoptr (RsOutcome) outcome = rs_worker_run_finish (result);

  if (!g_cancellable_is_cancelled (self->cancellable))
    {
      gboolean waits = is_to_wait (self, outcome);

      if (!outcome->ok)
        say_failed (self, self->sending->host, outcome->message);
      else
        g_clear_pointer (&self->failed, g_free);
      if (waits)
        g_queue_push_head (&self->waiting, g_steal_pointer (&self->sending));
      g_clear_pointer (&self->sending, rs_request_free);
      if (!waits)
        send_next (self);
    }
  g_rc_box_release_full (self, clear);
}

static void
send_next (RsSyslog *self)
{
  if (self->sending != NULL || g_queue_is_empty (&self->waiting))
    return;
  self->sending = g_queue_pop_head (&self->waiting);
  rs_worker_run_async (self->parts->worker_path, self->sending, SECONDS + RS_WORKER_SECONDS_MORE, NULL, NULL, self->cancellable,
                       on_sent, g_rc_box_acquire (self));
}

void
rs_syslog_go_on (RsSyslog *self)
{
  send_next (self);
}

/* What waits for a way takes no room from what is said now, and none to a server that is told no more. */
static void
make_room (RsSyslog    *self,
           const RsUrl *server)
{
  const RsRequest *first;

  if (self->failed == NULL || self->sending != NULL)
    return;
  while ((first = g_queue_peek_head (&self->waiting)) != NULL
         && (g_queue_get_length (&self->waiting) >= MESSAGES_MAX || strcmp (first->host, server->host) != 0 || first->port != server->port))
    rs_request_free (g_queue_pop_head (&self->waiting));
}

static gboolean
may_send (RsSyslog *self)
{
  gint64 now = rs_clock_boot (self->parts->clock);

  if (now - self->since >= WINDOW)
    {
      self->since = now;
      self->n_messages = 0;
      self->said_too_many = FALSE;
    }
  if (self->n_messages < MESSAGES_MAX && g_queue_get_length (&self->waiting) < MESSAGES_MAX)
    {
      self->n_messages++;
      return TRUE;
    }
  if (!self->said_too_many)
    rs_journal_print (G_LOG_LEVEL_WARNING, RS_MESSAGE_SYSLOG,
                      "more than %u messages for Syslog_Server in %u s, or waiting for it: some are not sent", MESSAGES_MAX,
                      (guint)(WINDOW / G_USEC_PER_SEC));
  self->said_too_many = TRUE;
  return FALSE;
}

/* NULL: it is no host with a port. An IPv6 address may stand without brackets where no port follows. */
static RsUrl *
parse_server (const char *server)
{
  gboolean bare = strchr (server, ':') != NULL && rs_host_is_address (server);
  g_autofree char *text = g_strdup_printf (bare ? "tftp://[%s]/" : "tftp://%s/", server);
  RsUrl *url = rs_url_parse (text, NULL);

  if (url != NULL && !url->port_given)
    url->port = RS_SYSLOG_PORT;
  return url;
}

static RsRequest *
new_request (const RsParts *parts,
             const RsUrl   *server,
             const char    *datagram)
{
  const RsConfig *config = parts->config;
  RsRequest *request = g_new0 (RsRequest, 1);

  request->scheme = g_strdup ("syslog");
  request->host = g_strdup (server->host);
  request->port = server->port;
  request->path = g_strdup ("/");
  /* HTTP-12: who writes an address means that one */
  request->literal_address = g_strdup (rs_host_is_address (server->host) ? server->host : "");
  request->method = RS_METHOD_PUT;
  request->upload = TRUE;
  request->body = g_strdup (datagram);
  request->max_bytes = 1;
  request->max_parameters = 1;
  request->connect_timeout = MIN (config->connect_timeout, SECONDS);
  request->transfer_timeout = SECONDS;
  request->allow_weak_sandbox = config->allow_weak_sandbox;
  return request;
}

void
rs_syslog_send (RsSyslog   *self,
                const char *server,
                const char *datagram)
{
  g_autoptr (RsUrl) url = parse_server (server);

  if (url == NULL)
    {
      say_failed (self, server, "it is no host, with a port or without, that can be asked");
      return;
    }
  make_room (self, url);
  if (!may_send (self))
    return;
  g_queue_push_tail (&self->waiting, new_request (self->parts, url, datagram));
  send_next (self);
}
