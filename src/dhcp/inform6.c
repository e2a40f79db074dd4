/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Information-request and the Reply to it. */
#include "dhcp/inform6.h"

#include <string.h>

#define HEAD 4 /* type and id of the exchange */
#define XID_MASK 0xffffff
#define ENTERPRISE_BBF 3561

enum
{
  MESSAGE_REPLY = 7,
  MESSAGE_INFORMATION_REQUEST = 11,
};

/* RFC 8415, 21 */
enum
{
  OPTION6_CLIENT_ID = 1,
  OPTION6_SERVER_ID = 2,
  OPTION6_REQUEST = 6,
  OPTION6_ELAPSED = 8,
  OPTION6_STATUS = 13,
  OPTION6_VENDOR_CLASS = 16,
  OPTION6_VENDOR = 17,
  OPTION6_REFRESH_TIME = 32,
  OPTION6_MAX_RT = 83,
};

typedef struct
{
  guint16       code;
  gsize         length;
  const guint8 *data;
} Option;

static guint16
read16 (const guint8 *data)
{
  return (guint16)(data[0] << 8 | data[1]);
}

static void
add16 (GByteArray *message,
       guint       number)
{
  const guint8 bytes[2] = { number >> 8 & 0xff, number & 0xff };

  g_byte_array_append (message, bytes, sizeof bytes);
}

static void
add_vendor_class (GByteArray *message,
                  const char *text)
{
  gsize length = strlen (text);

  add16 (message, OPTION6_VENDOR_CLASS);
  add16 (message, (guint)(4 + 2 + length));
  add16 (message, ENTERPRISE_BBF >> 16);
  add16 (message, ENTERPRISE_BBF);
  add16 (message, (guint)length);
  g_byte_array_append (message, (const guint8 *)text, (guint)length);
}

/* Who asks this must ask for its two times as well (RFC 8415, 18.2.6). */
static void
add_request (GByteArray           *message,
             const RsDhcpQuestion *question)
{
  add16 (message, OPTION6_REQUEST);
  add16 (message, (guint)(2 * (question->n_codes + 2)));
  for (gsize i = 0; i < question->n_codes; i++)
    add16 (message, question->codes[i]);
  add16 (message, OPTION6_REFRESH_TIME);
  add16 (message, OPTION6_MAX_RT);
}

GBytes *
rs_inform6_build (const RsDhcpQuestion *question,
                  guint32               xid,
                  guint                 waited)
{
  GByteArray *message = g_byte_array_new ();

  add16 (message, MESSAGE_INFORMATION_REQUEST << 8 | (xid >> 16 & 0xff));
  add16 (message, xid & 0xffff);
  if (question->id_length > 0)
    {
      add16 (message, OPTION6_CLIENT_ID);
      add16 (message, (guint)question->id_length);
      g_byte_array_append (message, question->id, (guint)question->id_length);
    }
  add_request (message, question);
  add16 (message, OPTION6_ELAPSED);
  add16 (message, 2);
  /* hundredths of a second */
  add16 (message, MIN (waited / 10, G_MAXUINT16));
  if (question->vendor_class[0] != '\0')
    add_vendor_class (message, question->vendor_class);
  return g_byte_array_free_to_bytes (message);
}

/* The next one of a list; FALSE at its end, and with *size at more than 0 where it is cut. */
static gboolean
next_option (const guint8 **data,
             gsize         *size,
             Option        *option)
{
  if (*size < 4 || read16 (*data + 2) > *size - 4)
    return FALSE;
  *option = (Option){ read16 (*data), read16 (*data + 2), *data + 4 };
  *data += 4 + option->length;
  *size -= 4 + option->length;
  return TRUE;
}

static gboolean
is_option (const Option *option,
           const guint8 *data,
           gsize         length)
{
  return option->length == length && memcmp (option->data, data, length) == 0;
}

static const char *
check_way (const RsDatagram *datagram)
{
  if (!datagram->v6 || datagram->source_port != RS_DHCP6_SERVER || datagram->destination_port != RS_DHCP6_CLIENT)
    return "it goes between other ports";
  /* to one host, and from one */
  if (datagram->destination[0] == 0xff || datagram->source[0] == 0xff)
    return "it goes to another address";
  return NULL;
}

/* What the options say of whose answer it is. */
static const char *
check_options (const RsDhcpQuestion *question,
               const guint8         *data,
               gsize                 size)
{
  guint n_servers = 0, n_clients = 0;
  Option option;

  while (next_option (&data, &size, &option))
    {
      if (option.code == OPTION6_SERVER_ID)
        {
          n_servers++;
          if (option.length < 2 || (question->server_length > 0 && !is_option (&option, question->server, question->server_length)))
            return "it is another server's than the lease's";
        }
      else if (option.code == OPTION6_CLIENT_ID)
        {
          n_clients++;
          if (!is_option (&option, question->id, question->id_length))
            return "it is for another phone";
        }
      else if (option.code == OPTION6_STATUS && (option.length < 2 || read16 (option.data) != 0))
        return "it says that something went wrong";
      else if (option.length > RS_DHCP_VALUE_MAX)
        return "one of its options is too long";
    }
  if (size > 0)
    return "its options do not end where they should";
  if (n_servers != 1)
    return "it does not say which server's it is";
  return n_clients == (question->id_length > 0 ? 1 : 0) ? NULL : "it does not say which phone it is for";
}

/* Of one code the first, but for those of several enterprises. */
static gboolean
choose (GPtrArray            *options,
        const RsDhcpQuestion *question,
        guint16               code,
        const guint8         *data,
        gsize                 size)
{
  Option option;

  while (next_option (&data, &size, &option))
    {
      g_autoptr (GBytes) value = NULL;

      if (option.code != code)
        continue;
      if (options->len == RS_ANSWER_OPTIONS_MAX)
        return FALSE;
      value = g_bytes_new (option.data, option.length);
      g_ptr_array_add (options, rs_dhcp_option_new (code, TRUE, value));
      if (code != OPTION6_VENDOR)
        return TRUE;
    }
  return TRUE;
}

GPtrArray *
rs_inform6_read (const RsDhcpQuestion *question,
                 guint32               xid,
                 const RsDatagram     *datagram,
                 const char          **reason)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);
  const guint8 *message = datagram->payload;

  *reason = check_way (datagram);
  if (*reason != NULL)
    return NULL;
  if (datagram->length < HEAD || message[0] != MESSAGE_REPLY)
    *reason = "it is no Reply";
  else if (((guint32)message[1] << 16 | read16 (message + 2)) != (xid & XID_MASK))
    *reason = "it answers another message";
  else
    *reason = check_options (question, message + HEAD, datagram->length - HEAD);
  for (gsize i = 0; i < question->n_codes && *reason == NULL; i++)
    {
      if (!choose (options, question, question->codes[i], message + HEAD, datagram->length - HEAD))
        *reason = "it has too many options";
    }
  return *reason == NULL ? g_steal_pointer (&options) : NULL;
}
