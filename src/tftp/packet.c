/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading and writing of TFTP datagrams. Numbers are read strictly: a server that grants "1428x" grants nothing we
 * could rely on. */
#include "tftp/packet.h"

#include "base/text.h"

#include <string.h>

#define ERROR_TEXT_MAX 100

gboolean
rs_tftp_packet_read (const guint8 *data, gsize length, RsTftpPacket *packet)
{
  guint opcode;

  if (length < 2)
    return FALSE;
  opcode = (guint)data[0] << 8 | data[1];
  packet->opcode = opcode;
  packet->number = 0;
  if (opcode == RS_TFTP_OPCODE_OACK)
    {
      packet->payload = data + 2;
      packet->length = length - 2;
      return TRUE;
    }
  if ((opcode != RS_TFTP_OPCODE_DATA && opcode != RS_TFTP_OPCODE_ACK && opcode != RS_TFTP_OPCODE_ERROR) || length < 4)
    return FALSE;
  packet->number = (guint16)((guint)data[2] << 8 | data[3]);
  packet->payload = data + 4;
  packet->length = length - 4;
  return TRUE;
}

/* The NUL-terminated text at *position; NULL where the NUL is missing. */
static const char *
next_text (const guint8 *data, gsize length, gsize *position)
{
  const guint8 *start = data + *position;
  const guint8 *end = memchr (start, '\0', length - *position);

  if (end == NULL)
    return NULL;
  *position += end - start + 1;
  return (const char *)start;
}

static gboolean
read_number (const char *name, const char *text, guint64 min, guint64 max, guint64 *value, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (rs_text_to_uint64 (text, min, max, value, &reason))
    return TRUE;
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "option %s: %s", name, reason->message);
  return FALSE;
}

static gboolean
read_option (const char *name, const char *text, RsTftpOptions *options, GError **error)
{
  const struct
  {
    const char *name;
    guint64 min, max;
    guint *value;
  } table[] = {
    { "blksize", RS_TFTP_BLKSIZE_MIN, RS_TFTP_BLKSIZE_MAX, &options->blksize },
    { "timeout", 1, RS_TFTP_TIMEOUT_MAX, &options->timeout },
    { "windowsize", 1, RS_TFTP_WINDOWSIZE_MAX, &options->windowsize },
  };
  g_autofree char *shown = NULL;
  guint64 value;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (g_ascii_strcasecmp (name, table[i].name) != 0 || *table[i].value != 0)
        continue;
      if (!read_number (table[i].name, text, table[i].min, table[i].max, &value, error))
        return FALSE;
      *table[i].value = (guint)value;
      return TRUE;
    }
  if (g_ascii_strcasecmp (name, "tsize") == 0 && !options->has_tsize)
    {
      options->has_tsize = TRUE;
      return read_number ("tsize", text, 0, G_MAXUINT64, &options->tsize, error);
    }
  shown = rs_text_escape (name, 40);
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "option “%s” is unknown or there twice", shown);
  return FALSE;
}

gboolean
rs_tftp_options_read (const guint8 *data, gsize length, RsTftpOptions *options, GError **error)
{
  gsize position = 0;

  memset (options, 0, sizeof *options);
  while (position < length)
    {
      const char *name = next_text (data, length, &position);
      const char *text = name != NULL ? next_text (data, length, &position) : NULL;

      if (text == NULL)
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "an option is cut short");
          return FALSE;
        }
      if (!read_option (name, text, options, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
append_text (RsTftpDatagram *datagram, const char *text)
{
  gsize n = strlen (text) + 1;

  if (n > sizeof datagram->data - datagram->length)
    return FALSE;
  memcpy (datagram->data + datagram->length, text, n);
  datagram->length += n;
  return TRUE;
}

static gboolean
append_option (RsTftpDatagram *datagram, const char *name, guint64 value)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, value);
  return append_text (datagram, name) && append_text (datagram, text);
}

static gboolean
append_options (RsTftpDatagram *datagram, const RsTftpOptions *options)
{
  return (!options->has_tsize || append_option (datagram, "tsize", options->tsize))
         && (options->blksize == 0 || append_option (datagram, "blksize", options->blksize))
         && (options->timeout == 0 || append_option (datagram, "timeout", options->timeout))
         && (options->windowsize == 0 || append_option (datagram, "windowsize", options->windowsize));
}

static void
start_datagram (RsTftpDatagram *datagram, RsTftpOpcode opcode)
{
  datagram->data[0] = 0;
  datagram->data[1] = (guint8)opcode;
  datagram->length = 2;
}

static void
append_uint16 (RsTftpDatagram *datagram, guint16 value)
{
  datagram->data[datagram->length++] = (guint8)(value >> 8);
  datagram->data[datagram->length++] = (guint8)value;
}

gboolean
rs_tftp_request_write (RsTftpOpcode opcode, const char *file, const RsTftpOptions *options, RsTftpDatagram *datagram,
                       GError **error)
{
  for (const char *p = file; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT,
                               "the file name holds a control character, which TFTP cannot ask for");
          return FALSE;
        }
    }
  start_datagram (datagram, opcode);
  if (*file == '\0' || !append_text (datagram, file) || !append_text (datagram, "octet")
      || !append_options (datagram, options))
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT,
                           *file == '\0' ? "the URL names no file" : "the file name is too long for TFTP");
      return FALSE;
    }
  return TRUE;
}

void
rs_tftp_ack_write (guint16 block, RsTftpDatagram *datagram)
{
  start_datagram (datagram, RS_TFTP_OPCODE_ACK);
  append_uint16 (datagram, block);
}

void
rs_tftp_error_write (RsTftpErrorCode code, const char *message, RsTftpDatagram *datagram)
{
  g_autofree char *text = g_strndup (message, ERROR_TEXT_MAX);

  start_datagram (datagram, RS_TFTP_OPCODE_ERROR);
  append_uint16 (datagram, (guint16)code);
  /* always fits: 4 + 101 of 512 bytes */
  g_strlcpy ((char *)datagram->data + datagram->length, text, sizeof datagram->data - datagram->length);
  datagram->length += strlen (text) + 1;
}
