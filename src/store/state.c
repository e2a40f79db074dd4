/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state as a value, and as text: a keyfile body that the seal goes under. */
#include "store/state-private.h"

#include "base/error.h"
#include "base/text.h"

#include <stddef.h>
#include <string.h>

#define MAX_MESSAGE 512
#define MAX_URL 2048

typedef enum
{
  FIELD_TEXT,
  FIELD_BOOL,
  FIELD_UINT,
  FIELD_PORT,
  FIELD_INT64,
} FieldType;

#define FIELD(group, key, member, type) { group, key, offsetof (RsState, member), type }

/* Every field once: writing, reading, copying and freeing walk this table. */
static const struct
{
  const char *group;
  const char *key;
  gsize offset;
  FieldType type;
} fields[] = {
  FIELD ("state", "customization", customization, FIELD_TEXT),
  FIELD ("state", "provisioned", provisioned, FIELD_BOOL),
  FIELD ("state", "failure-reason", failure_reason, FIELD_TEXT),
  FIELD ("state", "profile-source", profile_source, FIELD_TEXT),
  FIELD ("state", "lease-servers", lease_servers, FIELD_TEXT),
  FIELD ("state", "lease-identity", lease_identity, FIELD_TEXT),
  FIELD ("state", "last-success", last_success, FIELD_INT64),
  FIELD ("state", "last-wall", last_wall, FIELD_INT64),
  FIELD ("state", "resetting", resetting, FIELD_BOOL),
  FIELD ("candidate", "scheme", candidate_scheme, FIELD_TEXT),
  FIELD ("candidate", "host", candidate_host, FIELD_TEXT),
  FIELD ("candidate", "port", candidate_port, FIELD_PORT),
  FIELD ("candidate", "path", candidate_path, FIELD_TEXT),
  FIELD ("candidate", "srv", candidate_srv, FIELD_BOOL),
  FIELD ("state", "refused-token", refused_token, FIELD_TEXT),
  FIELD ("custom-ca", "certificate", custom_ca, FIELD_TEXT),
  FIELD ("custom-ca", "name", custom_ca_name, FIELD_TEXT),
  FIELD ("custom-ca", "context", custom_ca_context, FIELD_TEXT),
  FIELD ("custom-ca", "etag", custom_ca_etag, FIELD_TEXT),
  FIELD ("custom-ca", "modified", custom_ca_modified, FIELD_TEXT),
  FIELD ("custom-ca", "fault", custom_ca_fault, FIELD_TEXT),
  FIELD ("activation", "wrong", wrong_codes, FIELD_UINT),
  FIELD ("activation", "after", code_after, FIELD_INT64),
  FIELD ("activation", "wait", code_wait, FIELD_INT64),
  FIELD ("activation", "named", code_named, FIELD_BOOL),
  FIELD ("state", "story", story, FIELD_TEXT),
  FIELD ("upgrade", "step", upgrade_step, FIELD_TEXT),
  FIELD ("upgrade", "context", upgrade_context, FIELD_TEXT),
  FIELD ("upgrade", "own", upgrade_own, FIELD_BOOL),
  FIELD ("upgrade", "unproved", upgrade_unproved, FIELD_BOOL),
  FIELD ("upgrade", "settled", upgrade_settled, FIELD_TEXT),
  FIELD ("upgrade", "failed", upgrade_failed, FIELD_TEXT),
  FIELD ("upgrade", "failures", upgrade_failures, FIELD_UINT),
  FIELD ("upgrade", "retry", upgrade_retry, FIELD_INT64),
  FIELD ("upgrade", "boot", upgrade_boot, FIELD_TEXT),
  FIELD ("upgrade", "url", upgrade_url, FIELD_TEXT),
  FIELD ("upgrade", "error", upgrade_error, FIELD_TEXT),
  FIELD ("upgrade", "slots", upgrade_slots, FIELD_TEXT),
  FIELD ("image", "context", image_context, FIELD_TEXT),
  FIELD ("image", "url", image_url, FIELD_TEXT),
  FIELD ("image", "complete", image_complete, FIELD_BOOL),
  FIELD ("image", "bytes", image_bytes, FIELD_INT64),
  FIELD ("image", "total", image_total, FIELD_INT64),
  FIELD ("image", "validator", image_validator, FIELD_TEXT),
  FIELD ("image", "digest", image_digest, FIELD_TEXT),
  FIELD ("image", "source", image_source, FIELD_TEXT),
  FIELD ("install", "from", install_from, FIELD_TEXT),
  FIELD ("install", "version", install_version, FIELD_TEXT),
  FIELD ("install", "slot", install_slot, FIELD_TEXT),
  FIELD ("install", "mark", install_mark, FIELD_TEXT),
  FIELD ("install", "activation", install_activation, FIELD_TEXT),
  FIELD ("install", "context", install_context, FIELD_TEXT),
  FIELD ("schedule", "boot", boot_id, FIELD_TEXT),
  FIELD ("schedule", "next", next_due, FIELD_INT64),
  FIELD ("schedule", "reason", next_reason, FIELD_TEXT),
  FIELD ("schedule", "retry-after", next_retry_after, FIELD_BOOL),
  FIELD ("schedule", "failures", retry_index, FIELD_UINT),
};

static char **
text_at (const RsState *state,
         guint          i)
{
  return (char **)((char *)state + fields[i].offset);
}

static void
attempts_clear (RsAttempt attempts[RS_HISTORY])
{
  for (guint i = 0; i < RS_HISTORY; i++)
    {
      g_free (attempts[i].result);
      g_free (attempts[i].url);
      g_free (attempts[i].message);
    }
}

static void
attempts_fill (RsAttempt       attempts[RS_HISTORY],
               const RsAttempt from[RS_HISTORY])
{
  for (guint i = 0; i < RS_HISTORY; i++)
    {
      attempts[i].time = from != NULL ? from[i].time : 0;
      attempts[i].result = g_strdup (from != NULL ? from[i].result : "");
      attempts[i].url = g_strdup (from != NULL ? from[i].url : "");
      attempts[i].message = g_strdup (from != NULL ? from[i].message : "");
    }
}

RsState *
rs_state_new (void)
{
  RsState *state = g_new0 (RsState, 1);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (fields[i].type == FIELD_TEXT)
        *text_at (state, i) = g_strdup ("");
    }
  g_free (state->customization);
  state->customization = g_strdup ("Open");
  attempts_fill (state->provisioning, NULL);
  attempts_fill (state->upgrade, NULL);
  return state;
}

RsState *
rs_state_copy (const RsState *state)
{
  RsState *copy = g_memdup2 (state, sizeof *state);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (fields[i].type == FIELD_TEXT)
        *text_at (copy, i) = g_strdup (*text_at (state, i));
    }
  attempts_fill (copy->provisioning, state->provisioning);
  attempts_fill (copy->upgrade, state->upgrade);
  return copy;
}

void
rs_state_free (RsState *state)
{
  if (state == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (fields[i].type == FIELD_TEXT)
        g_free (*text_at (state, i));
    }
  attempts_clear (state->provisioning);
  attempts_clear (state->upgrade);
  g_free (state);
}

/* Valid UTF-8 of at most max bytes. */
static char *
bounded (const char *text,
         gsize       max)
{
  char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  if (strlen (valid) > max)
    *g_utf8_find_prev_char (valid, valid + max + 1) = '\0';
  return valid;
}

void
rs_state_push_attempt (RsAttempt   history[RS_HISTORY],
                       gint64      time,
                       const char *result,
                       const char *url,
                       const char *message)
{
  RsAttempt *last = &history[RS_HISTORY - 1];

  g_free (last->result);
  g_free (last->url);
  g_free (last->message);
  memmove (history + 1, history, (RS_HISTORY - 1) * sizeof *history);
  history[0].time = time;
  history[0].result = bounded (result, MAX_MESSAGE);
  history[0].url = bounded (url, MAX_URL);
  history[0].message = bounded (message, MAX_MESSAGE);
}

static void
write_attempts (GKeyFile        *file,
                const char      *prefix,
                const RsAttempt *attempts)
{
  for (guint i = 0; i < RS_HISTORY; i++)
    {
      g_autofree char *group = g_strdup_printf ("%s-%u", prefix, i + 1);

      if (attempts[i].time == 0)
        continue;
      g_key_file_set_int64 (file, group, "time", attempts[i].time);
      g_key_file_set_string (file, group, "result", attempts[i].result);
      g_key_file_set_string (file, group, "url", attempts[i].url);
      g_key_file_set_string (file, group, "message", attempts[i].message);
    }
}

static void
read_text (GKeyFile   *file,
           const char *group,
           const char *key,
           char      **place)
{
  g_autofree char *text = g_key_file_get_string (file, group, key, NULL);

  if (text == NULL)
    return;
  g_free (*place);
  *place = g_steal_pointer (&text);
}

static void
read_attempts (GKeyFile   *file,
               const char *prefix,
               RsAttempt  *attempts)
{
  for (guint i = 0; i < RS_HISTORY; i++)
    {
      g_autofree char *group = g_strdup_printf ("%s-%u", prefix, i + 1);

      attempts[i].time = MAX (g_key_file_get_int64 (file, group, "time", NULL), 0);
      read_text (file, group, "result", &attempts[i].result);
      read_text (file, group, "url", &attempts[i].url);
      read_text (file, group, "message", &attempts[i].message);
    }
}

static void
write_field (GKeyFile      *file,
             const RsState *state,
             guint          i)
{
  const char *base = (const char *)state + fields[i].offset;

  switch (fields[i].type)
    {
    case FIELD_TEXT:
      g_key_file_set_string (file, fields[i].group, fields[i].key, *text_at (state, i));
      break;
    case FIELD_BOOL:
      g_key_file_set_boolean (file, fields[i].group, fields[i].key, *(const gboolean *)(const void *)base);
      break;
    case FIELD_UINT:
      g_key_file_set_uint64 (file, fields[i].group, fields[i].key, *(const guint *)(const void *)base);
      break;
    case FIELD_PORT:
      g_key_file_set_uint64 (file, fields[i].group, fields[i].key, *(const guint16 *)(const void *)base);
      break;
    case FIELD_INT64:
      g_key_file_set_int64 (file, fields[i].group, fields[i].key, *(const gint64 *)(const void *)base);
      break;
    }
}

static void
read_field (GKeyFile *file,
            RsState  *state,
            guint     i)
{
  char *base = (char *)state + fields[i].offset;
  const char *group = fields[i].group, *key = fields[i].key;

  switch (fields[i].type)
    {
    case FIELD_TEXT:
      read_text (file, group, key, text_at (state, i));
      break;
    case FIELD_BOOL:
      *(gboolean *)(void *)base = g_key_file_get_boolean (file, group, key, NULL);
      break;
    case FIELD_UINT:
      *(guint *)(void *)base = (guint)MIN (g_key_file_get_uint64 (file, group, key, NULL), G_MAXUINT);
      break;
    case FIELD_PORT:
      *(guint16 *)(void *)base = (guint16)MIN (g_key_file_get_uint64 (file, group, key, NULL), G_MAXUINT16);
      break;
    case FIELD_INT64:
      *(gint64 *)(void *)base = MAX (g_key_file_get_int64 (file, group, key, NULL), 0);
      break;
    }
}

char *
rs_state_to_text (const RsState *state)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    write_field (file, state, i);
  write_attempts (file, "provisioning", state->provisioning);
  write_attempts (file, "upgrade", state->upgrade);
  return g_key_file_to_data (file, NULL, NULL);
}

RsState *
rs_state_from_text (const char *text,
                    gsize       length,
                    GError    **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) why = NULL;
  RsState *state;

  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, &why)
      || !g_key_file_has_key (file, "state", "customization", &why))
    {
      g_autofree char *shown = rs_text_escape (why != NULL ? why->message : "the key customization is missing", 0);

      g_set_error (error, RS_ERROR, RS_ERROR_CORRUPT, "it is no state file: %s", shown);
      return NULL;
    }
  state = rs_state_new ();
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    read_field (file, state, i);
  read_attempts (file, "provisioning", state->provisioning);
  read_attempts (file, "upgrade", state->upgrade);
  return state;
}
