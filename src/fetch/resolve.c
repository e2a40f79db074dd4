/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One look-up, filtered. */
#include "fetch/resolve.h"

#include "base/error.h"
#include "base/text.h"
#include "fetch/address.h"

#include <arpa/inet.h>
#include <string.h>

/* as many as one job could ever try */
#define ADDRESSES_MAX 8

typedef struct
{
  char *host;
  char *literal;
  GCancellable *cancellable; /* of the look-up alone */
  guint timer;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_handle_id (&question->timer, g_source_remove);
  g_object_unref (question->cancellable);
  g_free (question->host);
  g_free (question->literal);
  g_free (question);
}

static GError *
lookup_error (const char *host, const GError *error)
{
  g_autofree char *shown = rs_text_escape (host, 0);

  if (g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                        "the host %s is unknown; check its name in the rule and the DNS server of this network", shown);
  return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                      "the DNS gave no answer for %s; check the DNS server of this network", shown);
}

static GError *
forbidden_error (const char *host, GInetAddress *address, const char *fault)
{
  g_autofree char *shown = rs_text_escape (host, 0);
  g_autofree char *text = rs_address_to_string (address);

  if (g_strcmp0 (host, text) == 0)
    return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE, "%s is %s, which is asked only where the rule itself names it",
                        text, fault);
  return g_error_new (RS_ERROR, RS_ERROR_UNREACHABLE,
                      "%s leads to %s, %s, which is asked only where the rule itself names it", shown, text, fault);
}

static gboolean
is_localhost (const char *host)
{
  gsize length = strlen (host);
  gsize dots = length > 0 && host[length - 1] == '.' ? 1 : 0;
  g_autofree char *name = g_ascii_strdown (host, (gssize)(length - dots));

  return g_str_equal (name, "localhost") || g_str_has_suffix (name, ".localhost");
}

/* The address that a host is, in any of the forms that resolvers take for one (127.1, 0x7f000001, 2130706433); NULL: a name. A proxy
 * would resolve it. */
static GInetAddress *
address_of (const char *host)
{
  gsize length = strlen (host);
  g_autofree char *bare = g_strndup (host, length > 0 && host[length - 1] == '.' ? length - 1 : length);
  GInetAddress *address = is_localhost (host) ? g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4)
                                              : g_inet_address_new_from_string (bare);
  struct in_addr ipv4;

  if (address == NULL && inet_aton (bare, &ipv4) != 0)
    address = g_inet_address_new_from_bytes ((const guint8 *)&ipv4, G_SOCKET_FAMILY_IPV4);
  return address;
}

gboolean
rs_resolve_check_name (const char *host, const char *literal, GError **error)
{
  g_autoptr (GInetAddress) address = address_of (host);
  const char *fault = address != NULL ? rs_address_fault (address, is_localhost (host) ? NULL : literal) : NULL;

  if (fault == NULL)
    return TRUE;
  g_propagate_error (error, forbidden_error (host, address, fault));
  return FALSE;
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Question *question = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);
  g_autoptr (GPtrArray) allowed = g_ptr_array_new_with_free_func (g_object_unref);
  GError *forbidden = NULL;

  g_clear_handle_id (&question->timer, g_source_remove);
  for (GList *l = addresses; l != NULL && allowed->len < ADDRESSES_MAX; l = l->next)
    {
      const char *fault = rs_address_fault (l->data, question->literal);

      if (fault == NULL)
        g_ptr_array_add (allowed, g_object_ref (l->data));
      else if (forbidden == NULL)
        forbidden = forbidden_error (question->host, l->data, fault);
    }
  g_resolver_free_addresses (addresses);
  if (allowed->len > 0)
    {
      g_clear_error (&forbidden);
      g_task_return_pointer (task, g_steal_pointer (&allowed), (GDestroyNotify)g_ptr_array_unref);
    }
  else
    g_task_return_error (task, forbidden != NULL ? forbidden : lookup_error (question->host, error));
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
rs_resolve_async (const char *host, const char *literal, guint timeout, GCancellable *cancellable,
                  GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Question *question = g_new (Question, 1);

  question->host = g_strdup (host);
  question->literal = g_strdup (literal);
  question->cancellable = g_cancellable_new ();
  question->timer = g_timeout_add (timeout * 1000, on_timeout, question);
  g_task_set_task_data (task, question, question_free);
  g_resolver_lookup_by_name_async (resolver, host, question->cancellable, on_looked_up, task);
}

GPtrArray *
rs_resolve_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
