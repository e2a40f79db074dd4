/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two messages. A reader first has GVariant's own word that the bytes are in normal form, and then looks at every
 * field; so does a writer, that nothing leaves which the other side would refuse. */
#include "dhcp/question.h"

#include "base/text.h"

#include <string.h>

#define VERSION 1
#define QUESTION_TYPE G_VARIANT_TYPE ("(yysayayayaysaq)")
#define ANSWER_TYPE G_VARIANT_TYPE ("(yysa(qay))")

enum
{
  CODE6_VENDOR = 17, /* may come more than once (RFC 8415, 21.17) */
};

RsDhcpAnswer *
rs_dhcp_answer_new (RsDhcpAnswerKind kind,
                    const char      *message)
{
  RsDhcpAnswer *answer = g_new0 (RsDhcpAnswer, 1);

  answer->kind = kind;
  answer->message = rs_text_escape (message, RS_ANSWER_MESSAGE_MAX);
  answer->options = g_ptr_array_new_with_free_func ((GDestroyNotify)rs_dhcp_option_free);
  return answer;
}

void
rs_dhcp_answer_free (RsDhcpAnswer *answer)
{
  g_free (answer->message);
  g_ptr_array_unref (answer->options);
  g_free (answer);
}

gboolean
rs_dhcp_question_asks (const RsDhcpQuestion *question,
                       guint16               code)
{
  for (gsize i = 0; i < question->n_codes; i++)
    {
      if (question->codes[i] == code)
        return TRUE;
    }
  return FALSE;
}

/* The name of a network interface (what the kernel takes, of ASCII). */
static gboolean
interface_is_valid (const char *name)
{
  if (*name == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) || *p == '/' || *p == ':')
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_printable (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isprint (*p))
        return FALSE;
    }
  return TRUE;
}

/* An address that one host can have. */
static gboolean
is_unicast (const guint8 *address)
{
  return address[0] != 0 && address[0] != 127 && address[0] < 224;
}

static gboolean
question_is_valid (const RsDhcpQuestion *question)
{
  if (!interface_is_valid (question->interface) || question->n_codes == 0 || question->n_codes > RS_QUESTION_CODES_MAX
      || question->id_length > RS_QUESTION_ID_MAX || question->server_length > RS_QUESTION_ID_MAX || question->id_length == 1
      || !is_printable (question->vendor_class))
    return FALSE;
  if (!question->v6 && (question->server_length != 4 || !is_unicast (question->server) || !is_unicast (question->address)))
    return FALSE;
  for (gsize i = 0; i < question->n_codes; i++)
    {
      if (question->codes[i] <= (i > 0 ? question->codes[i - 1] : 0) || (!question->v6 && question->codes[i] > 254))
        return FALSE;
    }
  return TRUE;
}

static GVariant *
new_bytes (const guint8 *data,
           gsize         length)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1);
}

/* Consumes the floating tuple. */
static GBytes *
serialize (GVariant *tuple,
           gsize     max)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (tuple);
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (owned);

  return g_bytes_get_size (bytes) <= max ? g_steal_pointer (&bytes) : NULL;
}

/* A tuple of the type with our version, or NULL. */
static GVariant *
open_tuple (GBytes             *bytes,
            const GVariantType *type,
            gsize               max)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);
  g_autoptr (GBytes) aligned = NULL;
  g_autoptr (GVariant) tuple = NULL;
  guint8 version;

  if (length == 0 || length > max)
    return NULL;
  aligned = g_bytes_new (data, length);
  tuple = g_variant_ref_sink (g_variant_new_from_bytes (type, aligned, FALSE));
  if (!g_variant_is_normal_form (tuple))
    return NULL;
  g_variant_get_child (tuple, 0, "y", &version);
  return version == VERSION ? g_steal_pointer (&tuple) : NULL;
}

GBytes *
rs_dhcp_question_to_bytes (const RsDhcpQuestion *question)
{
  GVariant *children[9];

  if (!question_is_valid (question))
    return NULL;
  children[0] = g_variant_new_byte (VERSION);
  children[1] = g_variant_new_byte (question->v6 ? 6 : 4);
  children[2] = g_variant_new_string (question->interface);
  children[3] = new_bytes (question->mac, sizeof question->mac);
  children[4] = new_bytes (question->address, question->v6 ? 0 : sizeof question->address);
  children[5] = new_bytes (question->server, question->server_length);
  children[6] = new_bytes (question->id, question->id_length);
  children[7] = g_variant_new_string (question->vendor_class);
  children[8] = g_variant_new_fixed_array (G_VARIANT_TYPE_UINT16, question->codes, question->n_codes, sizeof (guint16));
  return serialize (g_variant_new_tuple (children, G_N_ELEMENTS (children)), RS_QUESTION_BYTES_MAX);
}

/* Elements of min to max, into a buffer that has room for them. */
static gboolean
read_array (GVariant *tuple,
            gsize     index,
            gsize     size,
            gsize     min,
            gsize     max,
            void     *buffer,
            gsize    *n)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (tuple, index);
  gsize count;
  gconstpointer data = g_variant_get_fixed_array (child, &count, size);

  if (count < min || count > max)
    return FALSE;
  if (count > 0)
    memcpy (buffer, data, count * size);
  if (n != NULL)
    *n = count;
  return TRUE;
}

static gboolean
read_text (GVariant *tuple,
           gsize     index,
           char     *buffer,
           gsize     size)
{
  const char *text;

  g_variant_get_child (tuple, index, "&s", &text);
  return g_strlcpy (buffer, text, size) < size;
}

gboolean
rs_dhcp_question_from_bytes (GBytes         *bytes,
                             RsDhcpQuestion *question)
{
  g_autoptr (GVariant) tuple = open_tuple (bytes, QUESTION_TYPE, RS_QUESTION_BYTES_MAX);
  RsDhcpQuestion read = { 0 };
  guint8 family;
  gsize address;

  if (tuple == NULL)
    return FALSE;
  g_variant_get_child (tuple, 1, "y", &family);
  read.v6 = family == 6;
  address = read.v6 ? 0 : sizeof read.address;
  if ((family != 4 && family != 6) || !read_text (tuple, 2, read.interface, sizeof read.interface)
      || !read_array (tuple, 3, 1, sizeof read.mac, sizeof read.mac, read.mac, NULL)
      || !read_array (tuple, 4, 1, address, address, read.address, NULL)
      || !read_array (tuple, 5, 1, 0, sizeof read.server, read.server, &read.server_length)
      || !read_array (tuple, 6, 1, 0, sizeof read.id, read.id, &read.id_length)
      || !read_text (tuple, 7, read.vendor_class, sizeof read.vendor_class)
      || !read_array (tuple, 8, sizeof (guint16), 1, RS_QUESTION_CODES_MAX, read.codes, &read.n_codes)
      || !question_is_valid (&read))
    return FALSE;
  *question = read;
  return TRUE;
}

static gboolean
answer_is_valid (const RsDhcpAnswer *answer)
{
  guint16 last = 0;

  if (answer->kind > RS_ANSWER_FAILED || answer->options->len > RS_ANSWER_OPTIONS_MAX
      || (answer->kind != RS_ANSWER_GIVEN && answer->options->len > 0)
      || (answer->kind == RS_ANSWER_GIVEN && answer->message[0] != '\0'))
    return FALSE;
  for (guint i = 0; i < answer->options->len; i++)
    {
      const RsDhcpOption *option = g_ptr_array_index (answer->options, i);

      if (option->code < last || (option->code == last && !(option->v6 && option->code == CODE6_VENDOR))
          || g_bytes_get_size (option->value) > RS_DHCP_VALUE_MAX)
        return FALSE;
      last = option->code;
    }
  return TRUE;
}

GBytes *
rs_dhcp_answer_to_bytes (const RsDhcpAnswer *answer)
{
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(qay)"));

  if (!answer_is_valid (answer))
    return NULL;
  for (guint i = 0; i < answer->options->len; i++)
    {
      const RsDhcpOption *option = g_ptr_array_index (answer->options, i);

      g_variant_builder_add (&options, "(q@ay)", option->code,
                             new_bytes (g_bytes_get_data (option->value, NULL), g_bytes_get_size (option->value)));
    }
  return serialize (g_variant_new ("(yysa(qay))", VERSION, (guint)answer->kind, answer->message, &options), RS_ANSWER_BYTES_MAX);
}

static gboolean
read_options (GVariant             *list,
              const RsDhcpQuestion *question,
              GPtrArray            *options)
{
  GVariantIter iter;
  guint16 code;
  GVariant *child;

  if (g_variant_n_children (list) > RS_ANSWER_OPTIONS_MAX)
    return FALSE;
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(q@ay)", &code, &child))
    {
      g_autoptr (GVariant) value = child;
      gsize length;
      gconstpointer data = g_variant_get_fixed_array (value, &length, 1);
      g_autoptr (GBytes) copy = g_bytes_new (data, length);

      if (!rs_dhcp_question_asks (question, code))
        return FALSE;
      g_ptr_array_add (options, rs_dhcp_option_new (code, question->v6, copy));
    }
  return TRUE;
}

RsDhcpAnswer *
rs_dhcp_answer_from_bytes (GBytes               *bytes,
                           const RsDhcpQuestion *question)
{
  g_autoptr (GVariant) tuple = open_tuple (bytes, ANSWER_TYPE, RS_ANSWER_BYTES_MAX), list = NULL;
  g_autoptr (RsDhcpAnswer) answer = NULL;
  const char *message;
  guint8 kind;

  if (tuple == NULL)
    return NULL;
  g_variant_get (tuple, "(yy&s@a(qay))", NULL, &kind, &message, &list);
  answer = rs_dhcp_answer_new (kind, message);
  if (!read_options (list, question, answer->options) || !answer_is_valid (answer))
    return NULL;
  return g_steal_pointer (&answer);
}
