/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The outcome of a job. A worker that a server took over can say anything; what the daemon reads here is bounded, and
 * it does not contradict itself nor the request (judge.c). */
#include "base/secret.h"
#include "base/text.h"
#include "ipc/field.h"
#include "ipc/frame.h"
#include "ipc/judge.h"

#include <string.h>

#define URL_MAX_BYTES 4400 /* scheme, host, port and a path of 4096 */
#define SUBJECT_BYTES 256
#define DAY 86400

#define TEXT(member, kind, most) { #member, G_STRUCT_OFFSET (RsOutcome, member), RS_FIELD_TEXT, kind, 0, most }
#define FLAG(member) { #member, G_STRUCT_OFFSET (RsOutcome, member), RS_FIELD_BOOL }
#define NUMBER(member, type, most) { #member, G_STRUCT_OFFSET (RsOutcome, member), type, 0, 0, most }

#define OUTCOME_TYPE G_VARIANT_TYPE ("(bysubbbbussssssssbsyayayayayauas)")

static const RsField fields[] = {
  FLAG (ok),
  NUMBER (code, RS_FIELD_BYTE, RS_N_ERRORS - 1),
  TEXT (message, RS_TEXT_LINE, RS_MESSAGE_MAX),
  NUMBER (http_status, RS_FIELD_UINT32, 599),
  FLAG (not_modified),
  FLAG (overload),
  FLAG (silent),
  FLAG (dates_only),
  NUMBER (retry_after, RS_FIELD_UINT32, DAY),
  TEXT (url, RS_TEXT_URL, URL_MAX_BYTES),
  TEXT (server_address, RS_TEXT_ADDRESS, 45),
  TEXT (etag, RS_TEXT_HEADER, RS_VALIDATOR_MAX),
  TEXT (last_modified, RS_TEXT_HEADER, RS_VALIDATOR_MAX),
  TEXT (digest, RS_TEXT_DIGEST, RS_DIGEST_LENGTH),
  TEXT (certificate, RS_TEXT_PEM, RS_CERTIFICATE_MAX),
  TEXT (subject, RS_TEXT_LINE, SUBJECT_BYTES),
  TEXT (proxies, RS_TEXT_HEADER, RS_PROXIES_MAX),
  FLAG (pin_refused),
  TEXT (servers, RS_TEXT_HEADER, RS_SERVERS_MAX),
  NUMBER (redirects, RS_FIELD_BYTE, RS_REDIRECTS_MAX),
};

/* what the framing of GVariant may add to a piece: its alignment, and the offset of its end */
#define FRAMING 16
/* of an assignment beside its value: name, two ends, kind, access and line */
#define ASSIGNMENT_BYTES (RS_ASSIGNMENT_NAME_MAX + 1 + 1 + 1 + 1 + sizeof (guint32))

/* The lists follow the fields of the table. The first five are one list of assignments, column by column; a column of
 * texts is a byte array of texts that each end in a NUL, for a variant of its own for each of 200 000 texts would cost
 * the daemon's loop 100 ms. */
enum
{
  CHILD_NAMES = G_N_ELEMENTS (fields),
  CHILD_VALUES,
  CHILD_KINDS,
  CHILD_ACCESSES,
  CHILD_LINES,
  CHILD_NOTES,
  N_CHILDREN,
};

G_STATIC_ASSERT (sizeof (RsError) == sizeof (guint32));

/* What a file of max_bytes can say in all its values: Latin-1 grows to twice its size in UTF-8, UTF-16 by less, and
 * nothing else that is read grows. */
static guint64
values_max (const RsRequest *request)
{
  return request->kind == RS_JOB_IMAGE ? 0 : 2 * request->max_bytes;
}

static gsize
outcome_max (const RsRequest *request)
{
  guint64 n_assignments = request->kind == RS_JOB_IMAGE ? 0 : request->max_parameters;
  guint64 max = values_max (request) + n_assignments * ASSIGNMENT_BYTES
                + RS_NOTES_MAX * (RS_NOTE_MAX + 1 + FRAMING) + N_CHILDREN * FRAMING;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    max += fields[i].type == RS_FIELD_TEXT ? fields[i].max + 1 : sizeof (guint32);
  return MIN (max, RS_FRAME_MAX);
}

RsOutcome *
rs_outcome_new (void)
{
  RsOutcome *outcome = g_new0 (RsOutcome, 1);

  outcome->code = RS_ERROR_FAILED;
  outcome->message = g_strdup ("");
  outcome->url = g_strdup ("");
  outcome->server_address = g_strdup ("");
  outcome->etag = g_strdup ("");
  outcome->last_modified = g_strdup ("");
  outcome->digest = g_strdup ("");
  outcome->certificate = g_strdup ("");
  outcome->subject = g_strdup ("");
  outcome->proxies = g_strdup ("");
  outcome->servers = g_strdup ("");
  outcome->assignments = rs_assignments_new ();
  outcome->notes = g_ptr_array_new_with_free_func (g_free);
  return outcome;
}

/* Escaped, and cut between two characters to at most max bytes. */
static char *
bounded_line (const char *text,
              gsize       max)
{
  char *line = rs_text_escape (text, max);

  if (strlen (line) > max)
    {
      char *cut = g_utf8_find_prev_char (line, line + max - strlen ("…") + 1);
      strcpy (cut, "…");
    }
  return line;
}

RsOutcome *
rs_outcome_new_error (RsError     code,
                      const char *message)
{
  RsOutcome *outcome = rs_outcome_new ();

  outcome->code = code;
  g_free (outcome->message);
  outcome->message
      = bounded_line (message != NULL && message[0] != '\0' ? message : rs_error_name (code), RS_MESSAGE_MAX);
  return outcome;
}

void
rs_outcome_add_note (RsOutcome  *outcome,
                     const char *note)
{
  if (outcome->notes->len < RS_NOTES_MAX)
    g_ptr_array_add (outcome->notes, bounded_line (note, RS_NOTE_MAX));
}

void
rs_outcome_free (RsOutcome *outcome)
{
  if (outcome == NULL)
    return;
  rs_fields_clear (fields, G_N_ELEMENTS (fields), outcome);
  g_clear_pointer (&outcome->assignments, g_ptr_array_unref);
  g_clear_pointer (&outcome->notes, g_ptr_array_unref);
  g_free (outcome);
}

static gboolean
assignment_is_good (const RsAssignment *assignment)
{
  if (assignment->name == NULL || !rs_assignment_name_is_valid (assignment->name)
      || (guint)assignment->kind > RS_ASSIGN_KEEP || (guint)assignment->access > RS_ACCESS_RW
      || (assignment->value != NULL) != (assignment->kind == RS_ASSIGN_VALUE))
    return FALSE;
  return assignment->value == NULL
         || (strnlen (assignment->value, RS_ASSIGNMENT_VALUE_MAX + 1) <= RS_ASSIGNMENT_VALUE_MAX
             && rs_text_is (assignment->value, RS_TEXT_FREE));
}

static gboolean
note_is_good (const char *note)
{
  return note != NULL && strnlen (note, RS_NOTE_MAX + 1) <= RS_NOTE_MAX && rs_text_is (note, RS_TEXT_LINE);
}

static gboolean
lists_check (const RsOutcome *outcome,
             RsError          code,
             GError         **error)
{
  for (guint i = 0; i < outcome->assignments->len; i++)
    {
      if (!assignment_is_good (outcome->assignments->pdata[i]))
        {
          g_set_error (error, RS_ERROR, code, "Assignment %u is out of bounds or of the wrong form", i + 1);
          return FALSE;
        }
    }
  for (guint i = 0; i < outcome->notes->len; i++)
    {
      if (i >= RS_NOTES_MAX || !note_is_good (outcome->notes->pdata[i]))
        {
          g_set_error (error, RS_ERROR, code, "Note %u is out of bounds or of the wrong form", i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
outcome_check (const RsOutcome *outcome,
               RsError          code,
               GError         **error)
{
  const char *fault;

  if (!rs_fields_check (fields, G_N_ELEMENTS (fields), outcome, code, error) || !lists_check (outcome, code, error))
    return FALSE;
  fault = rs_outcome_contradiction (outcome);
  if (fault != NULL)
    {
      g_set_error (error, RS_ERROR, code, "The outcome contradicts itself: %s", fault);
      return FALSE;
    }
  return TRUE;
}

/* One column of the texts that stand at an offset in each assignment; NULL is written as "". */
static GVariant *
texts_to_variant (GPtrArray *assignments,
                  gsize      offset)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize length = 0;
  char *data, *p;

  for (guint i = 0; i < assignments->len; i++)
    {
      const char *text = G_STRUCT_MEMBER (char *, assignments->pdata[i], offset);
      length += (text != NULL ? strlen (text) : 0) + 1;
    }
  p = data = g_malloc (length);
  for (guint i = 0; i < assignments->len; i++)
    {
      const char *text = G_STRUCT_MEMBER (char *, assignments->pdata[i], offset);
      p = stpcpy (p, text != NULL ? text : "") + 1;
    }
  bytes = rs_secret_bytes_new_take (data, length);
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static void
assignments_to_variants (GPtrArray *assignments,
                         GVariant **children)
{
  guint n = assignments->len;
  g_autofree guint8 *kinds = g_new (guint8, n);
  g_autofree guint8 *accesses = g_new (guint8, n);
  g_autofree guint32 *lines = g_new (guint32, n);

  for (guint i = 0; i < n; i++)
    {
      const RsAssignment *assignment = assignments->pdata[i];

      kinds[i] = (guint8)assignment->kind;
      accesses[i] = (guint8)assignment->access;
      lines[i] = assignment->line;
    }
  children[CHILD_NAMES] = texts_to_variant (assignments, G_STRUCT_OFFSET (RsAssignment, name));
  children[CHILD_VALUES] = texts_to_variant (assignments, G_STRUCT_OFFSET (RsAssignment, value));
  children[CHILD_KINDS] = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, kinds, n, sizeof *kinds);
  children[CHILD_ACCESSES] = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, accesses, n, sizeof *accesses);
  children[CHILD_LINES] = g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, lines, n, sizeof *lines);
}

static GVariant *
notes_to_variant (GPtrArray *notes)
{
  return g_variant_new_strv ((const char *const *)notes->pdata, notes->len);
}

static GBytes *
outcome_to_frame (const RsOutcome *outcome,
                  GError         **error)
{
  GVariant *children[N_CHILDREN];

  rs_fields_to_variants (fields, G_N_ELEMENTS (fields), outcome, children);
  assignments_to_variants (outcome->assignments, children);
  children[CHILD_NOTES] = notes_to_variant (outcome->notes);
  return rs_frame_build (RS_FRAME_OUTCOME, children, G_N_ELEMENTS (children), error);
}

GBytes *
rs_outcome_to_frame (const RsOutcome *outcome,
                     GError         **error)
{
  return outcome_check (outcome, RS_ERROR_INVALID_ARGUMENT, error) ? outcome_to_frame (outcome, error) : NULL;
}

/* The next text of a column, or NULL at its end. */
static const char *
next_text (const char **column,
           gsize       *rest)
{
  const char *text = *column;
  const char *nul = *rest > 0 ? memchr (text, '\0', *rest) : NULL;

  if (nul == NULL)
    return NULL;
  *rest -= nul + 1 - text;
  *column = nul + 1;
  return text;
}

static gboolean
assignments_from_tuple (GVariant        *tuple,
                        const RsRequest *request,
                        GPtrArray       *assignments,
                        GError         **error)
{
  g_autoptr (GVariant) names = g_variant_get_child_value (tuple, CHILD_NAMES);
  g_autoptr (GVariant) values = g_variant_get_child_value (tuple, CHILD_VALUES);
  g_autoptr (GVariant) kinds = g_variant_get_child_value (tuple, CHILD_KINDS);
  g_autoptr (GVariant) accesses = g_variant_get_child_value (tuple, CHILD_ACCESSES);
  g_autoptr (GVariant) lines = g_variant_get_child_value (tuple, CHILD_LINES);
  gsize n, names_rest, values_rest, n_accesses, n_lines;
  const char *name = g_variant_get_fixed_array (names, &names_rest, 1);
  const char *value = g_variant_get_fixed_array (values, &values_rest, 1);
  const guint8 *kind = g_variant_get_fixed_array (kinds, &n, sizeof *kind);
  const guint8 *access = g_variant_get_fixed_array (accesses, &n_accesses, sizeof *access);
  const guint32 *line = g_variant_get_fixed_array (lines, &n_lines, sizeof *line);

  if (values_rest > values_max (request) + n)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "Values of %" G_GSIZE_FORMAT " bytes, more than the file may have",
                   values_rest);
      return FALSE;
    }
  if (n > request->max_parameters || n_accesses != n || n_lines != n)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED,
                   "%" G_GSIZE_FORMAT " assignments, at most %u, or columns of unequal length", n,
                   request->max_parameters);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      const char *own_name = next_text (&name, &names_rest), *own_value = next_text (&value, &values_rest);

      if (own_name == NULL || own_value == NULL || (kind[i] != RS_ASSIGN_VALUE && own_value[0] != '\0'))
        {
          g_set_error (error, RS_ERROR, RS_ERROR_FAILED,
                       "Assignment %" G_GSIZE_FORMAT " has no name, or a value that its kind has not", i + 1);
          return FALSE;
        }
      g_ptr_array_add (assignments, rs_assignment_new (own_name, kind[i], own_value, access[i], line[i]));
    }
  if (names_rest > 0 || values_rest > 0)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "More names or values than assignments");
      return FALSE;
    }
  return TRUE;
}

static gboolean
notes_from_tuple (GVariant  *tuple,
                  GPtrArray *notes,
                  GError   **error)
{
  g_autoptr (GVariant) list = g_variant_get_child_value (tuple, CHILD_NOTES);
  gsize n = g_variant_n_children (list);

  if (n > RS_NOTES_MAX)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "%" G_GSIZE_FORMAT " notes; at most %u may come", n, RS_NOTES_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) note = g_variant_get_child_value (list, i);
      g_ptr_array_add (notes, g_variant_dup_string (note, NULL));
    }
  return TRUE;
}

/* The frame that a writer makes of what was read. assignments_from_tuple () has taken the columns byte by byte, so that
 * they need not be written anew: they are the bulk of it. */
static GBytes *
rewrite (const RsOutcome *outcome,
         GVariant        *tuple)
{
  GVariant *children[N_CHILDREN];
  GBytes *frame;

  rs_fields_to_variants (fields, G_N_ELEMENTS (fields), outcome, children);
  for (guint i = CHILD_NAMES; i < CHILD_NOTES; i++)
    children[i] = g_variant_get_child_value (tuple, i);
  children[CHILD_NOTES] = notes_to_variant (outcome->notes);
  frame = rs_frame_build (RS_FRAME_OUTCOME, children, G_N_ELEMENTS (children), NULL);
  for (guint i = CHILD_NAMES; i < CHILD_NOTES; i++)
    g_variant_unref (children[i]);
  return frame;
}

gboolean
rs_outcome_check_length (gsize            length,
                         const RsRequest *request,
                         GError         **error)
{
  gsize max = outcome_max (request);

  if (length > max)
    g_set_error (error, RS_ERROR, RS_ERROR_FAILED,
                 "The outcome has %" G_GSIZE_FORMAT " bytes, and what was asked for at most %" G_GSIZE_FORMAT, length, max);
  return length <= max;
}

RsOutcome *
rs_outcome_from_payload (GBytes          *payload,
                         const RsRequest *request,
                         GError         **error)
{
  g_autoptr (GVariant) tuple = rs_frame_open (RS_FRAME_OUTCOME, OUTCOME_TYPE, payload, error);
  g_autoptr (RsOutcome) outcome = NULL;
  const char *fault;

  if (tuple == NULL || !rs_outcome_check_length (g_bytes_get_size (payload), request, error))
    return NULL;
  outcome = g_new0 (RsOutcome, 1);
  outcome->assignments = rs_assignments_new ();
  outcome->notes = g_ptr_array_new_with_free_func (g_free);
  rs_fields_from_tuple (fields, G_N_ELEMENTS (fields), tuple, outcome);
  if (!assignments_from_tuple (tuple, request, outcome->assignments, error)
      || !notes_from_tuple (tuple, outcome->notes, error)
      || !outcome_check (outcome, RS_ERROR_FAILED, error))
    return NULL;
  fault = rs_outcome_mismatch (outcome, request);
  if (fault != NULL)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "The outcome does not answer the request: %s", fault);
      return NULL;
    }
  if (!rs_frame_confirm (RS_FRAME_OUTCOME, payload, rewrite (outcome, tuple), error))
    return NULL;
  return g_steal_pointer (&outcome);
}
