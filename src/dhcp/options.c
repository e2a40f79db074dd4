/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the options of a lease to the servers they name: which codes count as what, and which bytes may pass. */
#include "dhcp/options.h"

#include "base/text.h"
#include "dhcp/hint.h"
#include "dhcp/vendor.h"

#include <string.h>

#define DECIMAL_MAX 4096
#define SOURCE_HINTS_MAX 16
#define HINTS_MAX 64
#define ACS_URL_MAX 256
#define SHOWN_MAX 120
#define ENTERPRISE_BBF 3561

enum
{
  CODE_VENDOR = 43,
  CODE_CLASS = 60,
  CODE_BOOT_FILE = 67,
  CODE_ENTERPRISE = 125,
  CODE_TFTP_SERVERS = 150,
  CODE6_ENTERPRISE = 17,
};

typedef struct
{
  RsDhcpSource *source;
  guint16       code;
  gboolean      v6;
  guint32       vendor_enterprise;
  guint16       vendor_sub;
  guint        *n_hints; /* of all sources */
  GPtrArray    *warnings;
} Reader;

RsDhcpOption *
rs_dhcp_option_new (guint16  code,
                    gboolean v6,
                    GBytes  *value)
{
  RsDhcpOption *option = g_new0 (RsDhcpOption, 1);

  option->code = code;
  option->v6 = v6;
  option->value = g_bytes_ref (value);
  return option;
}

void
rs_dhcp_option_free (RsDhcpOption *option)
{
  g_bytes_unref (option->value);
  g_free (option);
}

void
rs_dhcp_source_free (RsDhcpSource *source)
{
  g_free (source->name);
  g_ptr_array_unref (source->hints);
  g_free (source->acs_url);
  g_free (source);
}

GBytes *
rs_dhcp_bytes_from_decimal (const char *text)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const char *p = text;

  do
    {
      guint number = 0, digits = 0;
      guint8 byte;

      for (; g_ascii_isdigit (*p) && digits < 4; p++, digits++)
        number = number * 10 + g_ascii_digit_value (*p);
      if (digits == 0 || digits > 3 || number > 255 || bytes->len == DECIMAL_MAX)
        return NULL;
      byte = number;
      g_byte_array_append (bytes, &byte, 1);
    }
  while (*p++ == ' ');
  if (p[-1] != '\0')
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* What a warning may show of a value: nothing before the last "@", for that may be a password, and no query. */
static char *
show (const guint8 *data,
      gsize         length)
{
  g_autofree char *text = rs_text_escape_bytes (data, length, length + 1);
  const char *at = strrchr (text, '@');
  const char *shown = at != NULL ? at : text;
  gsize until = strcspn (shown, "?#");
  g_autofree char *cut = g_strdup_printf ("%s%.*s%s", at != NULL ? "…" : "", (int)until, shown,
                                          shown[until] != '\0' ? "?…" : "");

  return rs_text_escape (cut, SHOWN_MAX);
}

static void
warn (Reader       *reader,
      const guint8 *data,
      gsize         length,
      const char   *reason)
{
  g_autofree char *shown = NULL;

  if (reader->warnings == NULL)
    return;
  shown = show (data, length);
  g_ptr_array_add (reader->warnings, g_strdup_printf ("%s option %u: “%s” is ignored: %s",
                                                      reader->v6 ? "DHCPv6" : "DHCP", reader->code, shown, reason));
}

static gsize
without_trailing_nuls (const guint8 *data,
                       gsize         length)
{
  while (length > 0 && data[length - 1] == 0)
    length--;
  return length;
}

static gboolean
is_printable (const guint8 *data,
              gsize         length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] < 0x20 || data[i] > 0x7e)
        return FALSE;
    }
  return TRUE;
}

static gboolean
holds_scheme (const guint8 *data,
              gsize         length)
{
  return memmem (data, length, "://", 3) != NULL;
}

static gboolean
add_hint (Reader       *reader,
          RsServerHint *hint)
{
  if (reader->source->hints->len >= SOURCE_HINTS_MAX || *reader->n_hints >= HINTS_MAX)
    {
      rs_server_hint_free (hint);
      return FALSE;
    }
  g_ptr_array_add (reader->source->hints, hint);
  ++*reader->n_hints;
  return TRUE;
}

/* hide: a user stands somewhere in the value, so what lies left of an "@" may be a part of a password. */
static void
read_element (Reader     *reader,
              const char *element,
              gboolean    hide,
              gboolean   *room)
{
  const char *reason = "a blank stands in it";
  const char *shown = hide && strchr (element, '@') == NULL ? "…" : element;
  RsServerHint *hint = NULL;

  if (strchr (element, ' ') == NULL)
    hint = rs_server_hint_parse (element, &reason);
  if (hint == NULL)
    warn (reader, (const guint8 *)shown, strlen (shown), reason);
  else
    *room = add_hint (reader, hint);
}

/* One or more servers, joined by ";". */
static void
read_text (Reader       *reader,
           const guint8 *data,
           gsize         length)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) elements = NULL;
  gboolean room = TRUE;
  guint n = 0;

  length = without_trailing_nuls (data, length);
  if (!is_printable (data, length))
    {
      warn (reader, data, length, "it holds a byte that is no printable ASCII");
      return;
    }
  text = g_strndup ((const char *)data, length);
  elements = g_strsplit (text, ";", -1);
  for (guint i = 0; elements[i] != NULL && room; i++)
    {
      g_strstrip (elements[i]);
      if (elements[i][0] == '\0')
        continue;
      room = n++ < SOURCE_HINTS_MAX;
      if (room)
        read_element (reader, elements[i], strchr (text, '@') != NULL, &room);
    }
  if (n == 0)
    warn (reader, data, length, "it is empty");
  else if (!room)
    warn (reader, data, length, "it names too many servers; the first ones are used");
}

/* Option 150 is a list of addresses (RFC 5859) that some servers send as text; 66, 159 and 160 are texts that some
 * servers send as a list of addresses. What can be read as a text is one, but for the four bytes of a 150. */
static gboolean
is_address_list (guint16       code,
                 const guint8 *data,
                 gsize         length)
{
  if (length == 0 || length % 4 != 0 || holds_scheme (data, length))
    return FALSE;
  if (code == CODE_TFTP_SERVERS)
    return length == 4 || !is_printable (data, without_trailing_nuls (data, length));
  if (is_printable (data, without_trailing_nuls (data, length)))
    return FALSE;
  /* a text with one bad byte in it is no list: each address must hold such a byte */
  for (gsize i = 0; i < length; i += 4)
    {
      if (is_printable (data + i, 4))
        return FALSE;
    }
  return TRUE;
}

static void
read_addresses (Reader       *reader,
                const guint8 *data,
                gsize         length)
{
  for (gsize i = 0; i < length; i += 4)
    {
      RsServerHint *hint = rs_server_hint_from_ipv4 (data + i);

      if (hint == NULL)
        warn (reader, data + i, 4, "no server can have this address");
      else if (!add_hint (reader, hint))
        {
          warn (reader, data + i, length - i, "it names too many servers; the first ones are used");
          return;
        }
      if (i / 4 >= SOURCE_HINTS_MAX)
        return;
    }
}

static void
read_acs (Reader        *reader,
          RsVendorValue *value)
{
  g_autoptr (RsServerHint) hint = NULL;
  g_autofree char *text = NULL;
  const char *reason = "the address of an ACS is a URL of printable ASCII";

  value->length = without_trailing_nuls (value->data, value->length);
  if (value->length == 0 || reader->source->acs_url != NULL)
    return;
  text = g_strndup ((const char *)value->data, value->length);
  if (is_printable (value->data, value->length) && strchr (text, ' ') == NULL && strchr (text, ';') == NULL
      && holds_scheme (value->data, value->length) && value->length <= ACS_URL_MAX)
    hint = rs_server_hint_parse (text, &reason);
  if (hint != NULL && (g_str_has_prefix (hint->text, "tftp:") || strchr (hint->text, '@') != NULL))
    {
      g_clear_pointer (&hint, rs_server_hint_free);
      reason = "the address of an ACS is http or https, without a user";
    }
  /* the hint's text has the scheme in lower case */
  if (hint != NULL)
    reader->source->acs_url = g_strdup (hint->text);
  else
    warn (reader, value->data, value->length, reason);
}

static void
read_vendor (Reader       *reader,
             const guint8 *data,
             gsize         length)
{
  gsize text_length = without_trailing_nuls (data, length);
  RsVendorValue value;

  if (is_printable (data, text_length) && holds_scheme (data, text_length))
    read_text (reader, data, text_length);
  else if (!rs_vendor_find (data, length, 1, &value))
    warn (reader, data, length, "it is neither a URL nor a list of sub-options");
  else if (value.data != NULL)
    read_acs (reader, &value);
}

static void
read_enterprise (Reader       *reader,
                 const guint8 *data,
                 gsize         length)
{
  RsVendorValue acs, own = { NULL, 0 };

  if (!rs_vendor_find_enterprise (data, length, reader->v6, ENTERPRISE_BBF, reader->v6 ? 1 : 11, &acs)
      || (reader->vendor_enterprise != 0
          && !rs_vendor_find_enterprise (data, length, reader->v6, reader->vendor_enterprise, reader->vendor_sub,
                                         &own)))
    {
      warn (reader, data, length, "it is no list of enterprises and sub-options");
      return;
    }
  if (acs.data != NULL)
    read_acs (reader, &acs);
  if (own.data != NULL && reader->vendor_enterprise != ENTERPRISE_BBF)
    read_text (reader, own.data, own.length);
}

static void
read_value (Reader       *reader,
            const guint8 *data,
            gsize         length)
{
  if (length > RS_DHCP_VALUE_MAX)
    warn (reader, data, length, "it is too long");
  else if (reader->code == (reader->v6 ? CODE6_ENTERPRISE : CODE_ENTERPRISE))
    read_enterprise (reader, data, length);
  else if (!reader->v6 && reader->code == CODE_VENDOR)
    read_vendor (reader, data, length);
  else if (!reader->v6 && (reader->code == CODE_CLASS || reader->code == CODE_BOOT_FILE))
    {
      /* else it is a class, or the name of a file, and nothing is wrong with that */
      if (holds_scheme (data, length))
        read_text (reader, data, length);
    }
  else if (!reader->v6 && is_address_list (reader->code, data, length))
    read_addresses (reader, data, length);
  else
    read_text (reader, data, length);
}

static RsDhcpSource *
read_source (Reader    *reader,
             GPtrArray *options)
{
  g_autoptr (RsDhcpSource) source = g_new0 (RsDhcpSource, 1);

  source->name = g_strdup_printf ("%s-%u", reader->v6 ? "dhcp6" : "dhcp", reader->code);
  source->hints = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_server_hint_free);
  reader->source = source;
  for (guint i = 0; i < options->len; i++)
    {
      const RsDhcpOption *option = options->pdata[i];
      gsize length;
      const guint8 *data;

      if (option->code != reader->code || !option->v6 != !reader->v6)
        continue;
      data = g_bytes_get_data (option->value, &length);
      read_value (reader, length > 0 ? data : (const guint8 *)"", length);
    }
  return source->hints->len > 0 || source->acs_url != NULL ? g_steal_pointer (&source) : NULL;
}

static gboolean
is_repeated (const guint16 *order,
             gsize          i)
{
  for (gsize k = 0; k < i; k++)
    {
      if (order[k] == order[i])
        return TRUE;
    }
  return FALSE;
}

GPtrArray *
rs_dhcp_sources (GPtrArray     *options,
                 const guint16 *order,
                 gsize          n_order,
                 gboolean       v6,
                 guint32        vendor_enterprise,
                 guint16        vendor_sub,
                 GPtrArray     *warnings)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_source_free);
  guint n_hints = 0;

  for (gsize i = 0; i < n_order; i++)
    {
      Reader reader = { NULL, order[i], v6, vendor_enterprise, vendor_sub, &n_hints, warnings };
      RsDhcpSource *source = is_repeated (order, i) ? NULL : read_source (&reader, options);

      if (source != NULL)
        g_ptr_array_add (sources, source);
    }
  return sources;
}
