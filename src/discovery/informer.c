/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A slot for each of DHCPv4 and DHCPv6: which lease it is about, and what is known of it. Another lease empties it, so that an answer never reaches a lease
 * that it was not asked for. */
#include "discovery/informer.h"

#include "base/text.h"
#include "dhcp/options.h"
#include "discovery/call.h"
#include "discovery/lease.h"

#include <arpa/inet.h>
#include <string.h>

/* How long a lease waits for its options, and how long resyncd-inform may take in all (seconds). */
#define PATIENCE 5
#define DEADLINE 80

/* What the phone calls itself (data/networkmanager/). */
#define VENDOR_CLASS "dslforum.org"

/* Those of data/networkmanager/dhclient.conf and dhclient6.conf: asked for in any case. */
static const guint16 codes4[] = { 43, 60, 66, 67, 120, 125, 150, 159, 160 };
static const guint16 codes6[] = { 17, 59, 159, 160 };

typedef struct
{
  RsInformer    *informer; /* owns this */
  guint16        codes[RS_QUESTION_CODES_MAX]; /* to be asked for, ascending */
  gsize          n_codes;
  RsDhcpQuestion question;
  GBytes        *asked;    /* the question as it was sent; NULL: there is no lease to be asked about */
  char          *expiry;   /* of the lease when it was asked; each renewal has another one */
  RsInformCall  *call;
  guint          timer;
  gboolean       impatient; /* the lease waits no longer */
  GPtrArray     *options;  /* RsDhcpOption; NULL: not known */
  char          *fault;    /* why not; NULL: nothing was heard yet */
} Slot;

struct _RsInformer
{
  char    *path;
  void   (*changed) (gpointer data);
  gpointer data;
  Slot     slots[2]; /* DHCPv4, DHCPv6 */
};

static void
hang_up (Slot *slot)
{
  g_clear_pointer (&slot->call, rs_inform_call_free);
  g_clear_handle_id (&slot->timer, g_source_remove);
}

static void
forget (Slot *slot)
{
  hang_up (slot);
  slot->impatient = FALSE;
  g_clear_pointer (&slot->asked, g_bytes_unref);
  g_clear_pointer (&slot->expiry, g_free);
  g_clear_pointer (&slot->options, g_ptr_array_unref);
  g_clear_pointer (&slot->fault, g_free);
}

static void
add_code (Slot   *slot,
          guint16 code)
{
  gsize at = 0;

  while (at < slot->n_codes && slot->codes[at] < code)
    at++;
  if (slot->n_codes == RS_QUESTION_CODES_MAX || (at < slot->n_codes && slot->codes[at] == code))
    return;
  memmove (&slot->codes[at + 1], &slot->codes[at], (slot->n_codes - at) * sizeof *slot->codes);
  slot->codes[at] = code;
  slot->n_codes++;
}

void
rs_informer_want (RsInformer    *informer,
                  gboolean       v6,
                  const guint16 *codes,
                  gsize          n_codes)
{
  Slot *slot = &informer->slots[v6 ? 1 : 0];
  const guint16 *always = v6 ? codes6 : codes4;

  slot->n_codes = 0;
  for (gsize i = 0; i < (v6 ? G_N_ELEMENTS (codes6) : G_N_ELEMENTS (codes4)); i++)
    add_code (slot, always[i]);
  for (gsize i = 0; i < n_codes; i++)
    {
      if (codes[i] > 0 && (v6 || codes[i] < 255))
        add_code (slot, codes[i]);
    }
}

RsInformer *
rs_informer_new (const char *path,
                 void      (*changed) (gpointer data),
                 gpointer    data)
{
  RsInformer *informer = g_new0 (RsInformer, 1);

  informer->path = g_strdup (path);
  informer->changed = changed;
  informer->data = data;
  for (guint i = 0; i < G_N_ELEMENTS (informer->slots); i++)
    {
      informer->slots[i].informer = informer;
      rs_informer_want (informer, i == 1, NULL, 0);
    }
  return informer;
}

void
rs_informer_free (RsInformer *informer)
{
  rs_informer_forget (informer);
  g_free (informer->path);
  g_free (informer);
}

/* dhclient with our configuration asks for them, whether the server has any or not. */
static gboolean
shows_options (GHashTable *dictionary,
               gboolean    v6)
{
  const char *const prefixes[] = { v6 ? "dhcp6_phone_" : "phone_", v6 ? "requested_dhcp6_phone_" : "requested_phone_" };
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, dictionary);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (g_str_has_prefix (key, prefixes[0]) || g_str_has_prefix (key, prefixes[1]))
        return TRUE;
    }
  return FALSE;
}

/* A value in hexadecimal, into a buffer; 0: it is none, or does not fit. */
static gsize
read_hex (GHashTable *dictionary,
          const char *key,
          guint8     *buffer,
          gsize       size)
{
  const char *text = g_hash_table_lookup (dictionary, key);
  g_autoptr (GBytes) bytes = text != NULL ? rs_lease_bytes_from_hex (text) : NULL;
  gsize length;
  gconstpointer data;

  if (bytes == NULL)
    return 0;
  data = g_bytes_get_data (bytes, &length);
  if (length < 2 || length > size)
    return 0;
  memcpy (buffer, data, length);
  return length;
}

static gboolean
read_address (GHashTable *dictionary,
              const char *key,
              guint8     *address)
{
  const char *text = g_hash_table_lookup (dictionary, key);

  return text != NULL && inet_pton (AF_INET, text, address) == 1;
}

/* NULL: the lease does not say whom to ask, or as whom. */
static GBytes *
make_question (const Slot     *slot,
               const RsLease  *lease,
               gboolean        v6,
               GHashTable     *dictionary,
               RsDhcpQuestion *question)
{
  g_autoptr (GBytes) mac = rs_lease_bytes_from_hex (lease->mac);

  *question = (RsDhcpQuestion){ .v6 = v6, .vendor_class = VENDOR_CLASS };
  if (g_strlcpy (question->interface, lease->interface, sizeof question->interface) >= sizeof question->interface || mac == NULL
      || g_bytes_get_size (mac) != sizeof question->mac)
    return NULL;
  memcpy (question->mac, g_bytes_get_data (mac, NULL), sizeof question->mac);
  question->id_length = read_hex (dictionary, v6 ? "dhcp6_client_id" : "dhcp_client_identifier", question->id, sizeof question->id);
  question->n_codes = slot->n_codes;
  memcpy (question->codes, slot->codes, sizeof slot->codes);
  if (v6)
    question->server_length = read_hex (dictionary, "dhcp6_server_id", question->server, sizeof question->server);
  else
    {
      question->server_length = 4;
      if (!read_address (dictionary, "ip_address", question->address)
          || !read_address (dictionary, "dhcp_server_identifier", question->server))
        return NULL;
    }
  return rs_dhcp_question_to_bytes (question);
}

static gboolean
lose_patience (gpointer data)
{
  Slot *slot = data;

  slot->timer = 0;
  slot->impatient = TRUE;
  slot->informer->changed (slot->informer->data);
  return G_SOURCE_REMOVE;
}

static char *
describe_silence (const Slot   *slot,
                  const char   *more)
{
  return g_strdup_printf ("it does not answer %s%s%s", slot->question.v6 ? "an Information-request" : "DHCPINFORM",
                          more[0] != '\0' ? ": " : "", more);
}

static void
on_answer (RsDhcpAnswer *answer,
           const GError *error,
           gpointer      data)
{
  Slot *slot = data;
  g_autoptr (RsDhcpAnswer) owned = answer;

  hang_up (slot);
  g_clear_pointer (&slot->fault, g_free);
  if (answer == NULL)
    slot->fault = g_strdup (error->message);
  else if (answer->kind == RS_ANSWER_SILENT)
    slot->fault = describe_silence (slot, answer->message);
  else if (answer->kind == RS_ANSWER_FAILED)
    slot->fault = g_strdup (answer->message);
  else
    {
      /* what was known of this lease stays where a later question comes to nothing */
      g_clear_pointer (&slot->options, g_ptr_array_unref);
      slot->options = g_ptr_array_ref (answer->options);
    }
  slot->informer->changed (slot->informer->data);
}

static void
ask (Slot *slot)
{
  slot->call = rs_inform_call_new (slot->informer->path, &slot->question, DEADLINE, on_answer, slot);
  if (slot->options == NULL && !slot->impatient)
    slot->timer = g_timeout_add_seconds (PATIENCE, lose_patience, slot);
}

/* Several of one code are all meant. */
static void
put_options (RsLease   *lease,
             GPtrArray *options)
{
  for (guint i = 0; i < options->len; i++)
    {
      const RsDhcpOption *option = g_ptr_array_index (options, i);

      g_ptr_array_add (lease->options, rs_dhcp_option_new (option->code, option->v6, option->value));
    }
}

static void
put_fault (RsLease    *lease,
           const Slot *slot)
{
  g_autofree char *silence = describe_silence (slot, "");
  g_autofree char *fault = rs_text_escape (slot->fault != NULL ? slot->fault : silence, 0);

  g_ptr_array_add (lease->warnings, g_strdup_printf ("the options of the %s server are not known: %s",
                                                     slot->question.v6 ? "DHCPv6" : "DHCP", fault));
}

gboolean
rs_informer_complete (RsInformer *informer,
                      RsLease    *lease,
                      gboolean    v6,
                      GHashTable *dictionary)
{
  Slot *slot = &informer->slots[v6 ? 1 : 0];
  g_autoptr (GBytes) bytes = NULL;
  const char *expiry = NULL;
  RsDhcpQuestion question;

  if (dictionary != NULL && !shows_options (dictionary, v6))
    bytes = make_question (slot, lease, v6, dictionary, &question);
  if (bytes == NULL)
    {
      forget (slot);
      return TRUE;
    }
  expiry = g_hash_table_lookup (dictionary, "expiry");
  if (slot->asked == NULL || !g_bytes_equal (bytes, slot->asked))
    {
      forget (slot);
      slot->question = question;
      slot->asked = g_steal_pointer (&bytes);
      slot->expiry = g_strdup (expiry);
      ask (slot);
    }
  else if (slot->call == NULL && g_strcmp0 (expiry, slot->expiry) != 0)
    {
      g_free (slot->expiry);
      slot->expiry = g_strdup (expiry);
      ask (slot);
    }
  if (slot->options != NULL)
    put_options (lease, slot->options);
  else if (slot->fault != NULL || slot->impatient)
    put_fault (lease, slot);
  else
    return FALSE;
  return TRUE;
}

void
rs_informer_forget (RsInformer *informer)
{
  for (guint i = 0; i < G_N_ELEMENTS (informer->slots); i++)
    forget (&informer->slots[i]);
}

void
rs_informer_ask_again (RsInformer *informer)
{
  for (guint i = 0; i < G_N_ELEMENTS (informer->slots); i++)
    {
      Slot *slot = &informer->slots[i];

      if (slot->asked != NULL && slot->options == NULL && slot->call == NULL)
        ask (slot);
    }
}
