/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stages of a profile's way through worker and daemon, in one process and without any network or disk.
 *
 *   stages CATALOGUE PROFILE…
 *
 * Prints a line of JSON for each profile: milliseconds of each stage, the median of TURNS. */
#include "ipc/message.h"
#include "params/changeset.h"
#include "profile/profile.h"
#include "store/param-text.h"
#include "store/sealed.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 9
#define MAX_PARAMETERS 200000
#define MAX_BYTES (64u << 20)
#define CHUNK 16384

enum
{
  STAGE_PARSER,    /* libxml2 alone, told to do nothing */
  STAGE_READ,      /* worker: bytes to assignments */
  STAGE_SEND,      /* worker: assignments to the frame */
  STAGE_ACCEPT,    /* daemon, in a thread: frame to checked assignments */
  STAGE_CHANGESET, /* daemon: assignments to the next snapshot */
  STAGE_TEXT,      /* daemon, in a thread: snapshot to the file's bytes */
  STAGE_LOAD,      /* daemon, at its start: the file's bytes to a snapshot */
  N_STAGES,
};

static const char *const stage_names[] = { "parser", "read", "send", "accept", "changeset", "text", "load" };

typedef struct
{
  gint64 begun;
  gint64 us[N_STAGES][TURNS];
  guint turn;
} Times;

static void
must (gboolean good, const GError *error)
{
  if (good)
    return;
  fprintf (stderr, "stages: %s\n", error != NULL ? error->message : "failed");
  exit (EXIT_FAILURE);
}

static void
begin (Times *times)
{
  times->begun = g_get_monotonic_time ();
}

static void
end (Times *times, guint stage)
{
  times->us[stage][times->turn] = g_get_monotonic_time () - times->begun;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static RsCatalogue *
load_catalogue (const char *folder)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  must (dir != NULL, error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      char *text;
      gsize length;

      must (g_file_get_contents (names->pdata[i], &text, &length, &error), error);
      bytes = g_bytes_new_take (text, length);
      must (rs_catalogue_builder_add (builder, names->pdata[i], bytes, &error), error);
    }
  return rs_catalogue_builder_end (builder);
}

static void
on_text (void *data, const xmlChar *text, int length)
{
}

static void
parse_alone (GBytes *bytes)
{
  xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC, .characters = on_text };
  xmlParserCtxtPtr parser = xmlCreatePushParserCtxt (&sax, NULL, NULL, 0, NULL);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  for (gsize offset = 0; offset < length; offset += CHUNK)
    xmlParseChunk (parser, text + offset, (int)MIN (CHUNK, length - offset), 0);
  xmlParseChunk (parser, NULL, 0, 1);
  must (parser->wellFormed, NULL);
  xmlFreeParserCtxt (parser);
}

static GBytes *
worker_part (Times *times, GBytes *bytes)
{
  const RsProfileOptions options = { .max_bytes = MAX_BYTES, .max_parameters = MAX_PARAMETERS, .complete = TRUE };
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (RsOutcome) outcome = rs_outcome_new ();
  g_autoptr (GError) error = NULL;
  GBytes *frame;

  begin (times);
  profile = rs_profile_read (bytes, &options, NULL, NULL, &error);
  end (times, STAGE_READ);
  must (profile != NULL, error);
  outcome->ok = TRUE;
  outcome->http_status = 200;
  g_free (outcome->digest);
  outcome->digest = g_strdup (profile->digest);
  g_ptr_array_unref (outcome->assignments);
  outcome->assignments = g_ptr_array_ref (profile->assignments);
  begin (times);
  frame = rs_outcome_to_frame (outcome, &error);
  end (times, STAGE_SEND);
  must (frame != NULL, error);
  return frame;
}

static void
daemon_part (Times *times, RsCatalogue *catalogue, GBytes *frame)
{
  RsRequest request = { .scheme = (char *)"http", .max_bytes = MAX_BYTES, .max_parameters = MAX_PARAMETERS };
  g_autoptr (GBytes) payload
      = g_bytes_new_from_bytes (frame, RS_FRAME_HEADER, g_bytes_get_size (frame) - RS_FRAME_HEADER);
  g_autoptr (RsSnapshot) current = rs_snapshot_new (catalogue);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RsChangeset) changes = NULL;
  g_autoptr (RsOutcome) outcome = NULL;
  g_autoptr (RsParamSet) set = NULL;
  g_autoptr (RsParamSet) loaded = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  GString *text;
  gsize body;

  begin (times);
  outcome = rs_outcome_from_payload (payload, &request, &error);
  end (times, STAGE_ACCEPT);
  must (outcome != NULL, error);
  begin (times);
  changes = rs_changeset_from_profile (current, outcome->assignments, RS_ORIGIN_PROFILE);
  end (times, STAGE_CHANGESET);
  must (changes->n_bad == 0 && changes->n_unknown == 0, NULL);
  set = rs_param_set_new (rs_snapshot_ref (changes->next), rs_validators_new (), rs_foreign_new (), 1);
  begin (times);
  text = rs_param_set_to_text (set);
  body = text->len;
  file = rs_sealed_close (text);
  end (times, STAGE_TEXT);
  begin (times);
  loaded = rs_param_set_from_text (catalogue, g_bytes_get_data (file, NULL), body, warnings, &error);
  end (times, STAGE_LOAD);
  must (loaded != NULL && rs_snapshot_n_stored (loaded->snapshot) == rs_snapshot_n_stored (set->snapshot), error);
}

static int
compare_us (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static void
run (RsCatalogue *catalogue, const char *path)
{
  Times times = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;
  gsize length;

  must (g_file_get_contents (path, &text, &length, &error), error);
  bytes = g_bytes_new_take (text, length);
  for (times.turn = 0; times.turn < TURNS; times.turn++)
    {
      g_autoptr (GBytes) frame = NULL;

      begin (&times);
      parse_alone (bytes);
      end (&times, STAGE_PARSER);
      frame = worker_part (&times, bytes);
      daemon_part (&times, catalogue, frame);
    }
  for (guint i = 0; i < N_STAGES; i++)
    {
      qsort (times.us[i], TURNS, sizeof times.us[i][0], compare_us);
      printf ("%s\"%s\": %.3f", i == 0 ? "{" : ", ", stage_names[i], times.us[i][TURNS / 2] / 1000.0);
    }
  printf ("}\n");
}

int
main (int argc, char **argv)
{
  g_autoptr (RsCatalogue) catalogue = NULL;

  if (argc < 3)
    return EXIT_FAILURE;
  catalogue = load_catalogue (argv[1]);
  for (int i = 2; i < argc; i++)
    run (catalogue, argv[i]);
  return EXIT_SUCCESS;
}
