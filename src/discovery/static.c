/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manager=none: a lease that resyncd.conf states, for a phone whose network something else than NetworkManager keeps.
 */
#include "discovery/lease.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define V6_PREFIX "v6-"

#define RS_TYPE_STATIC_NETWORK (rs_static_network_get_type ())
G_DECLARE_FINAL_TYPE (RsStaticNetwork, rs_static_network, RS, STATIC_NETWORK, RsNetwork)

struct _RsStaticNetwork
{
  RsNetwork parent_instance;

  RsLease  *lease; /* until it is said */
  guint     idle;
};

G_DEFINE_FINAL_TYPE (RsStaticNetwork, rs_static_network, RS_TYPE_NETWORK)

static gboolean
say_connected (gpointer data)
{
  RsStaticNetwork *self = data;

  self->idle = 0;
  rs_network_set_lease (RS_NETWORK (self), g_steal_pointer (&self->lease));
  return G_SOURCE_REMOVE;
}

static void
rs_static_network_start (RsNetwork *network)
{
  RsStaticNetwork *self = RS_STATIC_NETWORK (network);

  if (self->lease != NULL && self->idle == 0)
    self->idle = g_idle_add (say_connected, self);
}

static void
rs_static_network_finalize (GObject *object)
{
  RsStaticNetwork *self = RS_STATIC_NETWORK (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_pointer (&self->lease, rs_lease_free);
  G_OBJECT_CLASS (rs_static_network_parent_class)->finalize (object);
}

static void
rs_static_network_class_init (RsStaticNetworkClass *class)
{
  G_OBJECT_CLASS (class)->finalize = rs_static_network_finalize;
  RS_NETWORK_CLASS (class)->start = rs_static_network_start;
}

static void
rs_static_network_init (RsStaticNetwork *self)
{
}

static void
warn (GPtrArray  *warnings,
      const char *entry,
      const char *reason)
{
  /* only what stands before "=": the value may hold a password */
  g_autofree char *shown = rs_text_escape_bytes (entry, strcspn (entry, "="), 40);

  if (warnings != NULL)
    g_ptr_array_add (warnings, g_strdup_printf ("[Network] Options: the entry “%s” is ignored: %s", shown, reason));
}

static void
read_entry (RsLease    *lease,
            char       *entry,
            GPtrArray  *warnings)
{
  gboolean v6 = g_str_has_prefix (entry, V6_PREFIX);
  const char *separator = strchr (entry, '=');
  g_autofree char *number = NULL;
  g_autoptr (GBytes) value = NULL;
  guint64 code;

  if (separator == NULL)
    {
      warn (warnings, entry, "it is not of the form CODE=VALUE");
      return;
    }
  number = g_strndup (entry, separator - entry);
  g_strstrip (number);
  if (!rs_text_to_uint64 (v6 ? number + strlen (V6_PREFIX) : number, 1, v6 ? G_MAXUINT16 : 254, &code, NULL))
    {
      warn (warnings, entry, v6 ? "a code of DHCPv6 is a number from 1 to 65535" : "a code is a number from 1 to 254");
      return;
    }
  value = g_bytes_new (separator + 1, strlen (separator + 1));
  rs_lease_add_option (lease, code, v6, value);
}

/* Splits at each ";" that has no backslash before it. */
static void
read_options (RsLease    *lease,
              const char *options,
              GPtrArray  *warnings)
{
  g_autoptr (GString) entry = g_string_new (NULL);

  for (const char *p = options;; p++)
    {
      if (*p == '\\' && (p[1] == ';' || p[1] == '\\'))
        g_string_append_c (entry, *++p);
      else if (*p != ';' && *p != '\0')
        g_string_append_c (entry, *p);
      else
        {
          g_strstrip (entry->str);
          if (entry->str[0] != '\0')
            read_entry (lease, entry->str, warnings);
          g_string_truncate (entry, 0);
        }
      if (*p == '\0')
        break;
    }
}

RsNetwork *
rs_network_new_static (const char *options,
                       const char *domain,
                       GPtrArray  *warnings)
{
  RsStaticNetwork *self = g_object_new (RS_TYPE_STATIC_NETWORK, NULL);

  self->lease = rs_lease_new ();
  self->lease->connected = TRUE;
  rs_lease_set_domain (self->lease, domain);
  for (guint i = 0; warnings != NULL && i < self->lease->warnings->len; i++)
    g_ptr_array_add (warnings, g_strdup_printf ("[Network] %s", (const char *)self->lease->warnings->pdata[i]));
  g_ptr_array_set_size (self->lease->warnings, 0);
  if (options != NULL)
    read_options (self->lease, options, warnings);
  rs_lease_seal (self->lease);
  return RS_NETWORK (self);
}
