/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods of org.resyncd.Provisioning1, and those of interfaces whose turn comes later. */
#include "service/methods.h"

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "service/authority.h"
#include "service/explain.h"

#include <gio/gunixfdlist.h>
#include <string.h>

void
rs_method_fail (GDBusMethodInvocation *invocation,
                GError                *error)
{
  g_dbus_method_invocation_take_error (invocation, error);
}

RsOrigin
rs_method_origin (const RsCaller *caller)
{
  return rs_caller_is_privileged (caller) ? RS_ORIGIN_ADMIN : RS_ORIGIN_USER;
}

static void
standing_free (gpointer data)
{
  RsStanding *standing = data;

  rs_caller_free (standing->caller);
  g_free (standing);
}

RsPermission
rs_method_permission (RsMethodContext *context,
                      const RsCaller  *caller,
                      gboolean       (*func) (RsSnapshot *current,
                                        const char *name,
                                        const char *value,
                                        gpointer    data,
                                        GError    **error))
{
  RsStanding *standing = g_new (RsStanding, 1);

  *standing = (RsStanding){ rs_caller_copy (caller), rs_engine_get_config (context->engine) };
  return (RsPermission){ func, standing, standing_free };
}

typedef struct
{
  const char *rule; /* of the arguments */
  char *requester;
  RsReason reason;
  gboolean force;
  gboolean store;
} ResyncCall;

static void
resync_call_clear (ResyncCall *call)
{
  g_free (call->requester);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ResyncCall, resync_call_clear)

static gboolean
read_reason (const char *text,
             RsReason   *reason,
             GError    **error)
{
  if (rs_reason_from_name (text, reason) && rs_reason_is_explicit (*reason))
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT,
                       "reason must be \"user\", \"web\", \"sip-notify\" or \"report\"");
  return FALSE;
}

static gboolean
read_option (ResyncCall *call,
             const char *key,
             GVariant   *value,
             GError    **error)
{
  if (strcmp (key, "reason") == 0 && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return read_reason (g_variant_get_string (value, NULL), &call->reason, error);
  if (strcmp (key, "force") == 0 && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    {
      call->force = g_variant_get_boolean (value);
      return TRUE;
    }
  if (strcmp (key, "store") == 0 && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    {
      call->store = g_variant_get_boolean (value);
      return TRUE;
    }
  if (strcmp (key, "requester") == 0 && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
      && rs_host_is_valid (g_variant_get_string (value, NULL)))
    {
      g_free (call->requester);
      call->requester = g_variant_dup_string (value, NULL);
      return TRUE;
    }
  else
    {
      g_autofree char *shown = rs_text_escape (key, 40);
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "option “%s” is unknown or has a bad value", shown);
    }
  return FALSE;
}

static gboolean
read_resync (GVariant   *arguments,
             ResyncCall *call,
             GError    **error)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  call->reason = RS_REASON_USER;
  g_variant_get_child (arguments, 0, "&s", &call->rule);
  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!read_option (call, key, owned, error))
        return FALSE;
    }
  if (call->store && call->rule[0] == '\0')
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "option “store” needs a rule");
      return FALSE;
    }
  return TRUE;
}

typedef struct
{
  RsMethodContext *context;
  GDBusMethodInvocation *invocation;
  RsAttemptRequest *request;
  RsReason reason;
  gboolean force;
} PendingResync;

static void
begin_resync (RsMethodContext       *context,
              GDBusMethodInvocation *invocation,
              RsAttemptRequest      *request,
              RsReason               reason,
              gboolean               force)
{
  guint64 attempt;
  GError *error = NULL;

  if (rs_engine_resync (context->engine, request, reason, force, &attempt, &error))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(t)", attempt));
  else
    rs_method_fail (invocation, error);
}

static void
on_rule_stored (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autofree PendingResync *pending = data;
  GError *error = NULL;

  pending->context->storing = FALSE;
  if (!rs_engine_set_finish (pending->context->engine, result, &error))
    {
      rs_attempt_request_free (pending->request);
      rs_method_fail (pending->invocation, error);
      return;
    }
  begin_resync (pending->context, pending->invocation, pending->request, pending->reason, pending->force);
}

static gboolean
may_store_rule (RsSnapshot *current,
                const char *name,
                const char *value,
                gpointer    data,
                GError    **error)
{
  const RsStanding *standing = data;

  return rs_authority_profile_rule (standing->caller, current, standing->config, value, error);
}

static void
store_rule (RsMethodContext    *context,
            const RsCaller     *caller,
            const char         *rule,
            GAsyncReadyCallback callback,
            gpointer            data)
{
  GPtrArray *assignments = rs_assignments_new ();

  g_ptr_array_add (assignments, rs_assignment_new ("Profile_Rule", RS_ASSIGN_VALUE, rule, RS_ACCESS_UNSET, 0));
  rs_engine_set_async (context->engine, assignments, rs_method_origin (caller),
                       rs_method_permission (context, caller, may_store_rule), callback, data);
}

void
rs_method_resync (RsMethodContext       *context,
                  const RsCaller        *caller,
                  GDBusMethodInvocation *invocation,
                  GVariant              *arguments)
{
  g_auto (ResyncCall) call = { 0 };
  GError *error = NULL;
  RsAttemptRequest *request;
  PendingResync *pending;

  if (!read_resync (arguments, &call, &error)
      || (call.rule[0] != '\0' && !rs_engine_check_rule ("rule", call.rule, &error))
      || !rs_authority_resync (caller, rs_engine_get_snapshot (context->engine), rs_engine_get_config (context->engine),
                               call.rule, call.reason, &error))
    {
      rs_method_fail (invocation, error);
      return;
    }
  request = rs_attempt_request_new (call.store ? "" : call.rule, call.requester, rs_caller_is_privileged (caller));
  if (context->storing)
    {
      rs_attempt_request_free (request);
      rs_method_fail (invocation, g_error_new_literal (RS_ERROR, RS_ERROR_BUSY, "another request stores its rule; ask again"));
      return;
    }
  if (call.store && !rs_engine_would_resync (context->engine, &error))
    {
      rs_attempt_request_free (request);
      rs_method_fail (invocation, error);
      return;
    }
  if (!call.store)
    {
      begin_resync (context, invocation, request, call.reason, call.force);
      return;
    }
  context->storing = TRUE;
  pending = g_new0 (PendingResync, 1);
  pending->context = context;
  pending->invocation = invocation;
  pending->request = request;
  pending->reason = call.reason;
  pending->force = call.force;
  store_rule (context, caller, call.rule, on_rule_stored, pending);
}

void
rs_method_cancel (RsMethodContext       *context,
                  const RsCaller        *caller,
                  GDBusMethodInvocation *invocation,
                  GVariant              *arguments)
{
  rs_engine_cancel (context->engine);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

void
rs_method_on_set (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  GError *error = NULL;

  if (rs_engine_set_finish (RS_ENGINE (source), result, &error))
    g_dbus_method_invocation_return_value (data, NULL);
  else
    rs_method_fail (data, error);
}

void
rs_method_set_profile_rule (RsMethodContext       *context,
                            const RsCaller        *caller,
                            GDBusMethodInvocation *invocation,
                            GVariant              *arguments)
{
  const char *rule;
  GError *error = NULL;

  g_variant_get_child (arguments, 0, "&s", &rule);
  if (rs_authority_profile_rule (caller, rs_engine_get_snapshot (context->engine), rs_engine_get_config (context->engine), rule,
                                 &error))
    store_rule (context, caller, rule, rs_method_on_set, invocation);
  else
    rs_method_fail (invocation, error);
}

void
rs_method_explain (RsMethodContext       *context,
                   const RsCaller        *caller,
                   GDBusMethodInvocation *invocation,
                   GVariant              *arguments)
{
  const char *rule;
  g_autoptr (GVariant) supposed = NULL;
  GError *error = NULL;
  GVariant *steps;

  g_variant_get_child (arguments, 0, "&s", &rule);
  if (g_variant_n_children (arguments) > 1)
    supposed = g_variant_get_child_value (arguments, 1);
  steps = rs_explain (context->engine, caller, rule, supposed, &error);
  if (steps != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@aa{sv})", steps));
  else
    rs_method_fail (invocation, error);
}

void
rs_method_inhibit (RsMethodContext       *context,
                   const RsCaller        *caller,
                   GDBusMethodInvocation *invocation,
                   GVariant              *arguments)
{
  g_autoptr (GUnixFDList) fds = NULL;
  const char *who, *why;
  GError *error = NULL;
  int fd;

  g_variant_get (arguments, "(&s&s)", &who, &why);
  fd = rs_engine_inhibit (context->engine, caller->uid, who, why, &error);
  if (fd < 0)
    {
      rs_method_fail (invocation, error);
      return;
    }
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0), fds);
}

/* With facts NULL only checks, so that a bad one of several changes nothing. */
static gboolean
take_fact (RsFacts    *facts,
           const char *key,
           GVariant   *value,
           GError    **error)
{
  guint64 line;

  if (strcmp (key, "ext-ip") == 0 && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      const char *address = g_variant_get_string (value, NULL);

      if (address[0] == '\0' || rs_host_is_address (address))
        {
          if (facts != NULL)
            rs_facts_set_external_ip (facts, address);
          return TRUE;
        }
    }
  if (g_str_has_prefix (key, "registration-") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64)
      && rs_text_to_uint64 (key + strlen ("registration-"), 1, RS_MAX_REGISTRATIONS, &line, NULL))
    {
      gint64 since = (gint64)MIN (g_variant_get_uint64 (value), G_MAXINT64);
      return facts == NULL || rs_facts_set_registration (facts, (guint)line, since);
    }
  else
    {
      g_autofree char *shown = rs_text_escape (key, 40);
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "fact “%s” is unknown or has a bad value", shown);
    }
  return FALSE;
}

static gboolean
take_facts (RsFacts  *facts,
            GVariant *dictionary,
            GError  **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!take_fact (facts, key, owned, error))
        return FALSE;
    }
  return TRUE;
}

void
rs_method_set_facts (RsMethodContext       *context,
                     const RsCaller        *caller,
                     GDBusMethodInvocation *invocation,
                     GVariant              *arguments)
{
  g_autoptr (GVariant) dictionary = g_variant_get_child_value (arguments, 0);
  GError *error = NULL;

  if (!take_facts (NULL, dictionary, &error)
      || !take_facts (rs_engine_get_facts (context->engine), dictionary, &error))
    {
      rs_method_fail (invocation, error);
      return;
    }
  rs_engine_facts_changed (context->engine);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
on_factory_reset (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  GError *error = NULL;

  if (rs_engine_factory_reset_finish (RS_ENGINE (source), result, &error))
    g_dbus_method_invocation_return_value (data, NULL);
  else
    rs_method_fail (data, error);
}

void
rs_method_factory_reset (RsMethodContext       *context,
                         const RsCaller        *caller,
                         GDBusMethodInvocation *invocation,
                         GVariant              *arguments)
{
  rs_engine_factory_reset_async (context->engine, on_factory_reset, invocation);
}

void
rs_method_submit_code (RsMethodContext       *context,
                       const RsCaller        *caller,
                       GDBusMethodInvocation *invocation,
                       GVariant              *arguments)
{
  const char *code;
  guint64 attempt;
  GError *error = NULL;

  g_variant_get_child (arguments, 0, "&s", &code);
  if (rs_engine_submit_code (context->engine, code, &attempt, &error))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(t)", attempt));
  else
    rs_method_fail (invocation, error);
}

void
rs_method_later (RsMethodContext       *context,
                 const RsCaller        *caller,
                 GDBusMethodInvocation *invocation,
                 GVariant              *arguments)
{
  rs_method_fail (invocation,
                  g_error_new (RS_ERROR, RS_ERROR_DISABLED, "%s is not built into this version of resyncd",
                               g_dbus_method_invocation_get_method_name (invocation)));
}

void
rs_method_upgrade (RsMethodContext       *context,
                   const RsCaller        *caller,
                   GDBusMethodInvocation *invocation,
                   GVariant              *arguments)
{
  g_autoptr (GVariant) options = NULL;
  const char *rule;
  guint64 attempt;
  GError *error = NULL;

  g_variant_get (arguments, "(&s@a{sv})", &rule, &options);
  if (g_variant_n_children (options) > 0)
    rs_method_fail (invocation, g_error_new_literal (RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "Upgrade takes no options"));
  else if (rs_engine_upgrade (context->engine, rule, &attempt, &error))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(t)", attempt));
  else
    rs_method_fail (invocation, error);
}

void
rs_method_cancel_upgrade (RsMethodContext       *context,
                          const RsCaller        *caller,
                          GDBusMethodInvocation *invocation,
                          GVariant              *arguments)
{
  GError *error = NULL;

  if (rs_engine_cancel_upgrade (context->engine, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    rs_method_fail (invocation, error);
}
