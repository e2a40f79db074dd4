/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A lease from the dictionaries that NetworkManager shows. */
#include "discovery/lease.h"

#include "base/text.h"
#include "dhcp/options.h"

#include <string.h>

#define DOMAIN_MAX 253
#define CODE_WPAD 252

RsLease *
rs_lease_new (void)
{
  RsLease *lease = g_new0 (RsLease, 1);

  lease->interface = g_strdup ("");
  lease->address = g_strdup ("");
  lease->mac = g_strdup ("");
  lease->domain = g_strdup ("");
  lease->identity = g_strdup ("");
  lease->warnings = g_ptr_array_new_with_free_func (g_free);
  lease->options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);
  return lease;
}

void
rs_lease_free (RsLease *lease)
{
  g_free (lease->interface);
  g_free (lease->address);
  g_free (lease->mac);
  g_free (lease->domain);
  g_free (lease->identity);
  g_ptr_array_unref (lease->options);
  g_ptr_array_unref (lease->warnings);
  g_free (lease);
}

RsLease *
rs_lease_copy (const RsLease *lease)
{
  RsLease *copy = rs_lease_new ();

  copy->connected = lease->connected;
  rs_lease_set (&copy->interface, lease->interface);
  rs_lease_set (&copy->address, lease->address);
  rs_lease_set (&copy->mac, lease->mac);
  rs_lease_set (&copy->domain, lease->domain);
  rs_lease_set (&copy->identity, lease->identity);
  for (guint i = 0; i < lease->options->len; i++)
    {
      const RsDhcpOption *option = lease->options->pdata[i];

      g_ptr_array_add (copy->options, rs_dhcp_option_new (option->code, option->v6, option->value));
    }
  for (guint i = 0; i < lease->warnings->len; i++)
    g_ptr_array_add (copy->warnings, g_strdup (lease->warnings->pdata[i]));
  return copy;
}

void
rs_lease_set (char      **field,
              const char *value)
{
  g_free (*field);
  *field = g_strdup (value != NULL ? value : "");
}

static gboolean
domain_is_valid (const char *domain)
{
  gsize length = strlen (domain);

  if (length == 0 || length > DOMAIN_MAX || domain[0] == '.' || domain[0] == '-' || strstr (domain, "..") != NULL)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (domain[i]) && strchr ("-_.", domain[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

void
rs_lease_set_domain (RsLease    *lease,
                     const char *domain)
{
  if (domain == NULL || *domain == '\0')
    return;
  if (domain_is_valid (domain))
    rs_lease_set (&lease->domain, domain);
  else
    {
      g_autofree char *shown = rs_text_escape (domain, 120);

      g_ptr_array_add (lease->warnings,
                       g_strdup_printf ("the domain “%s” is ignored: that is no name of a domain", shown));
    }
}

void
rs_lease_add_option (RsLease *lease,
                     guint16  code,
                     gboolean v6,
                     GBytes  *value)
{
  for (guint i = 0; i < lease->options->len; i++)
    {
      const RsDhcpOption *option = lease->options->pdata[i];

      if (option->code == code && option->v6 == v6)
        return;
    }
  g_ptr_array_add (lease->options, rs_dhcp_option_new (code, v6, value));
}

/* phone_066, dhcp6_phone_017: always three digits. 0: another key. */
static guint16
read_code (const char *key,
           gboolean    v6)
{
  const char *prefix = v6 ? "dhcp6_phone_" : "phone_";
  guint64 code = 0;

  if (!g_str_has_prefix (key, prefix))
    return 0;
  key += strlen (prefix);
  if (strlen (key) != 3 || !rs_text_to_uint64 (key, 1, 254, &code, NULL))
    return 0;
  return code;
}

static void
read_option (RsLease    *lease,
             gboolean    v6,
             const char *key,
             const char *text)
{
  guint16 code = read_code (key, v6);
  g_autoptr (GBytes) value = NULL;

  if (code == 0)
    return;
  value = rs_dhcp_bytes_from_decimal (text);
  if (value != NULL)
    rs_lease_add_option (lease, code, v6, value);
  else
    g_ptr_array_add (
        lease->warnings,
        g_strdup_printf ("%s option %u is ignored: dhclient must declare it as an array of unsigned integer 8",
                         v6 ? "DHCPv6" : "DHCP", code));
}

GBytes *
rs_lease_bytes_from_hex (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      gsize length = strlen (parts[i]);
      guint8 byte = (guint8)g_ascii_strtoull (parts[i], NULL, 16);

      if (length == 0 || length > 2 || strspn (parts[i], "0123456789abcdef") != length)
        return NULL;
      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* Option 252 is one that NetworkManager asks for and shows by itself, with either client, as a text. Some servers send a line. */
static void
read_wpad (RsLease    *lease,
           const char *shown)
{
  g_autoptr (GBytes) value = NULL;
  const char *text;
  gsize length;

  if (shown == NULL)
    return;
  value = rs_lease_bytes_from_hex (shown);
  if (value == NULL)
    value = g_bytes_new (shown, strlen (shown));
  text = g_bytes_get_data (value, &length);
  /* the end of the set counts, too: a NUL */
  while (length > 0 && strchr ("\r\n ", text[length - 1]) != NULL)
    length--;
  if (length > 0)
    {
      g_autoptr (GBytes) line = g_bytes_new_from_bytes (value, 0, length);

      rs_lease_add_option (lease, CODE_WPAD, FALSE, line);
    }
}

/* The first of a list of domains, without the dot of a complete name. */
static void
read_domain (RsLease    *lease,
             const char *list)
{
  g_autofree char *first = NULL;

  if (list == NULL || lease->domain[0] != '\0')
    return;
  first = g_strndup (list, strcspn (list, " "));
  if (g_str_has_suffix (first, "."))
    first[strlen (first) - 1] = '\0';
  rs_lease_set_domain (lease, first);
}

void
rs_lease_read_dhcp (RsLease    *lease,
                    gboolean    v6,
                    GHashTable *dictionary)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, dictionary);
  while (g_hash_table_iter_next (&iter, &key, &value))
    read_option (lease, v6, key, value);
  if (!v6)
    read_wpad (lease, g_hash_table_lookup (dictionary, "wpad"));
  read_domain (lease, g_hash_table_lookup (dictionary, v6 ? "dhcp6_domain_search" : "domain_name"));
  if (lease->address[0] == '\0')
    rs_lease_set (&lease->address, g_hash_table_lookup (dictionary, v6 ? "ip6_address" : "ip_address"));
}

static int
compare_options (gconstpointer a,
                 gconstpointer b)
{
  const RsDhcpOption *left = *(RsDhcpOption *const *)a, *right = *(RsDhcpOption *const *)b;

  if (left->v6 != right->v6)
    return left->v6 ? 1 : -1;
  return (int)left->code - (int)right->code;
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

void
rs_lease_seal (RsLease *lease)
{
  GString *identity = g_string_new (NULL);

  g_ptr_array_sort (lease->options, compare_options);
  g_ptr_array_sort (lease->warnings, compare_texts);
  if (lease->connected)
    g_string_append_printf (identity, "%s %s %s %s", lease->interface, lease->mac, lease->address, lease->domain);
  for (guint i = 0; i < lease->options->len && lease->connected; i++)
    {
      const RsDhcpOption *option = lease->options->pdata[i];
      g_autofree char *hex
        = rs_text_hex (g_bytes_get_data (option->value, NULL), g_bytes_get_size (option->value));

      g_string_append_printf (identity, " %s%u=%s", option->v6 ? "v6-" : "", option->code, hex);
    }
  g_free (lease->identity);
  lease->identity = g_string_free (identity, FALSE);
}
