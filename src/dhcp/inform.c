/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DHCPINFORM and the DHCPACK to it. An answer is read to its end before anything of it is believed. */
#include "dhcp/inform6.h"

#include <string.h>

/* RFC 2131, 2 */
#define AT_XID 4
#define AT_SECS 8
#define AT_CIADDR 12
#define AT_CHADDR 28
#define AT_SNAME 44
#define AT_FILE 108
#define AT_COOKIE 236
#define AT_OPTIONS 240
#define MESSAGE_MIN 300 /* of BOOTP: some relays pass no shorter one on */
#define MESSAGE_MAX 1472 /* what goes through an Ethernet in one piece */

#define TRIES 4
#define TRIES6 6
#define CODES 256

enum
{
  OPTION_PAD = 0,
  OPTION_OVERLOAD = 52,
  OPTION_MESSAGE_TYPE = 53,
  OPTION_SERVER = 54,
  OPTION_REQUEST = 55,
  OPTION_MAX_SIZE = 57,
  OPTION_CLASS = 60,
  OPTION_CLIENT_ID = 61,
  OPTION_END = 255,
};

enum
{
  BOOT_REQUEST = 1,
  BOOT_REPLY = 2,
  HARDWARE_ETHERNET = 1,
  MESSAGE_ACK = 5,
  MESSAGE_INFORM = 8,
};

static const guint8 cookie[4] = { 0x63, 0x82, 0x53, 0x63 };
static const guint8 everybody[4] = { 255, 255, 255, 255 };

guint
rs_inform_wait (gboolean v6,
                guint    n,
                guint    previous,
                guint16  chance)
{
  guint wait;

  if (n == 0 || n > (v6 ? TRIES6 : TRIES))
    return 0;
  if (!v6)
    /* 4, 8, 16 and 32 s, each a second more or less */
    return (4000u << (n - 1)) - 1000 + chance * 2000u / G_MAXUINT16;
  /* the one before twice, a tenth more or less */
  wait = n == 1 ? 1000 : 2 * previous;
  return wait - wait / 10 + (guint)((guint64)chance * (wait / 5) / G_MAXUINT16);
}

guint
rs_inform_delay (gboolean v6,
                 guint16  chance)
{
  return v6 ? chance * 1000u / G_MAXUINT16 : 0;
}

static void
add_option (GByteArray   *message,
            guint8        code,
            const guint8 *data,
            gsize         length)
{
  guint8 head[2] = { code, (guint8)length };

  g_byte_array_append (message, head, sizeof head);
  g_byte_array_append (message, data, (guint)length);
}

static void
add_options (GByteArray           *message,
             const RsDhcpQuestion *question)
{
  static const guint8 type = MESSAGE_INFORM, size[2] = { MESSAGE_MAX >> 8, MESSAGE_MAX & 0xff }, end = OPTION_END;
  guint8 codes[RS_QUESTION_CODES_MAX];

  add_option (message, OPTION_MESSAGE_TYPE, &type, 1);
  if (question->id_length > 0)
    add_option (message, OPTION_CLIENT_ID, question->id, question->id_length);
  add_option (message, OPTION_MAX_SIZE, size, sizeof size);
  if (question->vendor_class[0] != '\0')
    add_option (message, OPTION_CLASS, (const guint8 *)question->vendor_class, strlen (question->vendor_class));
  for (gsize i = 0; i < question->n_codes; i++)
    codes[i] = (guint8)question->codes[i];
  add_option (message, OPTION_REQUEST, codes, question->n_codes);
  g_byte_array_append (message, &end, 1);
}

static void
write_number (guint8 *at,
              gsize   size,
              guint32 number)
{
  for (gsize i = size; i > 0; i--, number >>= 8)
    at[i - 1] = number & 0xff;
}

GBytes *
rs_inform_build (const RsDhcpQuestion *question,
                 guint32               xid,
                 guint                 waited)
{
  GByteArray *message;
  guint8 head[AT_OPTIONS] = { BOOT_REQUEST, HARDWARE_ETHERNET, sizeof question->mac };

  if (question->v6)
    return rs_inform6_build (question, xid, waited);
  write_number (head + AT_XID, 4, xid);
  write_number (head + AT_SECS, 2, waited / 1000);
  memcpy (head + AT_CIADDR, question->address, sizeof question->address);
  memcpy (head + AT_CHADDR, question->mac, sizeof question->mac);
  memcpy (head + AT_COOKIE, cookie, sizeof cookie);
  message = g_byte_array_new ();
  g_byte_array_append (message, head, sizeof head);
  add_options (message, question);
  while (message->len < MESSAGE_MIN)
    g_byte_array_append (message, (const guint8 *)"", 1);
  return g_byte_array_free_to_bytes (message);
}

/* One of the fields that hold options. FALSE: they do not end in it. */
static gboolean
walk (const guint8 *data,
      gsize         size,
      GByteArray   *values[CODES])
{
  while (size > 0 && *data != OPTION_END)
    {
      gsize length = 0;

      if (*data != OPTION_PAD)
        {
          if (size < 2 || data[1] > size - 2)
            return FALSE;
          length = 1 + data[1];
          if (values[*data] == NULL)
            values[*data] = g_byte_array_new ();
          g_byte_array_append (values[*data], data + 2, data[1]);
        }
      data += 1 + length;
      size -= 1 + length;
    }
  return size > 0;
}

/* The field of options, and where it says so those of the boot file and the server's name, in this order (RFC 3396, 5). */
static const char *
walk_all (const guint8 *message,
          gsize         size,
          GByteArray   *values[CODES])
{
  guint8 overload = 0;

  if (!walk (message + AT_OPTIONS, size - AT_OPTIONS, values))
    return "its options do not end where they should";
  if (values[OPTION_OVERLOAD] != NULL)
    {
      if (values[OPTION_OVERLOAD]->len != 1 || values[OPTION_OVERLOAD]->data[0] == 0 || values[OPTION_OVERLOAD]->data[0] > 3)
        return "its option overload is none";
      overload = values[OPTION_OVERLOAD]->data[0];
    }
  if (((overload & 1) != 0 && !walk (message + AT_FILE, AT_COOKIE - AT_FILE, values))
      || ((overload & 2) != 0 && !walk (message + AT_SNAME, AT_FILE - AT_SNAME, values)))
    return "its overloaded options do not end where they should";
  return NULL;
}

static gboolean
is_value (const GByteArray *value,
          const guint8     *data,
          gsize             length)
{
  return value != NULL && value->len == length && memcmp (value->data, data, length) == 0;
}

/* What has to hold of any answer, by its fields. */
static const char *
check_head (const RsDhcpQuestion *question,
            guint32               xid,
            const guint8         *message,
            gsize                 size)
{
  guint8 id[4];

  write_number (id, 4, xid);
  if (size < AT_OPTIONS)
    return "it is cut";
  if (message[0] != BOOT_REPLY || message[1] != HARDWARE_ETHERNET || message[2] != sizeof question->mac)
    return "it is no reply to an Ethernet";
  if (memcmp (message + AT_XID, id, sizeof id) != 0)
    return "it answers another message";
  if (memcmp (message + AT_CHADDR, question->mac, sizeof question->mac) != 0)
    return "it is for another phone";
  if (memcmp (message + AT_COOKIE, cookie, sizeof cookie) != 0)
    return "it is of BOOTP";
  return NULL;
}

static const char *
check_way (const RsDhcpQuestion *question,
           const RsDatagram     *datagram)
{
  if (datagram->v6 || datagram->source_port != RS_DHCP_SERVER || datagram->destination_port != RS_DHCP_CLIENT)
    return "it goes between other ports";
  if (memcmp (datagram->destination, question->address, 4) != 0 && memcmp (datagram->destination, everybody, 4) != 0)
    return "it goes to another address";
  if (memcmp (datagram->source, question->server, 4) != 0)
    return "it comes from another address than the lease's server has";
  return NULL;
}

static const char *
check_values (const RsDhcpQuestion *question,
              GByteArray           *values[CODES])
{
  static const guint8 ack = MESSAGE_ACK;

  if (!is_value (values[OPTION_MESSAGE_TYPE], &ack, 1))
    return "it is no DHCPACK";
  if (!is_value (values[OPTION_SERVER], question->server, 4))
    return "it is another server's than the lease's";
  for (gsize i = 0; i < question->n_codes; i++)
    {
      if (values[question->codes[i]] != NULL && values[question->codes[i]]->len > RS_DHCP_VALUE_MAX)
        return "one of its options is too long";
    }
  return NULL;
}

static GPtrArray *
choose (const RsDhcpQuestion *question,
        GByteArray           *values[CODES])
{
  GPtrArray *options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);

  for (gsize i = 0; i < question->n_codes; i++)
    {
      const GByteArray *value = values[question->codes[i]];

      if (value != NULL)
        {
          g_autoptr (GBytes) bytes = g_bytes_new (value->data, value->len);

          g_ptr_array_add (options, rs_dhcp_option_new (question->codes[i], FALSE, bytes));
        }
    }
  return options;
}

GPtrArray *
rs_inform_read (const RsDhcpQuestion *question,
                guint32               xid,
                const RsDatagram     *datagram,
                const char          **reason)
{
  GByteArray *values[CODES] = { NULL };
  GPtrArray *options = NULL;

  if (question->v6)
    return rs_inform6_read (question, xid, datagram, reason);
  *reason = check_way (question, datagram);
  if (*reason == NULL)
    *reason = check_head (question, xid, datagram->payload, datagram->length);
  if (*reason == NULL)
    *reason = walk_all (datagram->payload, datagram->length, values);
  if (*reason == NULL)
    *reason = check_values (question, values);
  if (*reason == NULL)
    options = choose (question, values);
  for (guint i = 0; i < CODES; i++)
    g_clear_pointer (&values[i], g_byte_array_unref);
  return options;
}
