/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncd-redirect: tells phones where they belong, and where codes lead. Options, signals and the main loop. */
#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "config.h"
#include "redirect/server.h"
#include "system/journal.h"
#include "system/notify.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>

#define CONFIG "/etc/resyncd-redirect/redirect.conf"
#define STATE "/var/lib/resyncd-redirect"

typedef struct
{
  char *config;
  char *state_dir;
  gboolean check;
  gboolean version;
} Options;

typedef struct
{
  GMainLoop *loop;
  RsServer *server;
  const char *config;
  gboolean reading; /* another book */
  gboolean again;   /* and was told to once more meanwhile */
} Program;

static void
options_clear (Options *options)
{
  g_free (options->config);
  g_free (options->state_dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
read_options (int     *argc,
              char  ***argv,
              Options *options,
              GError **error)
{
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Read FILE and FILE.d/*.conf instead of " CONFIG, "FILE" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir, "Keep in DIR which codes were used", "DIR" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &options->check, "Read the configuration, say what is wrong with it, and exit", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version and exit", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  const char *systemd = g_getenv ("STATE_DIRECTORY");

  g_option_context_set_summary (context, "Tells phones out of their box which provider they belong to.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    {
      g_set_error (error, RS_ERROR, RS_ERROR_INVALID_ARGUMENT, "unexpected argument “%s”; see --help", (*argv)[1]);
      return FALSE;
    }
  if (options->config == NULL)
    options->config = g_strdup (CONFIG);
  if (options->state_dir == NULL)
    options->state_dir = g_strdup (systemd != NULL ? systemd : STATE);
  return TRUE;
}

/* Of this run. */
static char *
new_secret (void)
{
  guint8 bytes[32];
  char *text;

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    g_error ("the kernel has no random bytes");
  text = rs_text_hex (bytes, sizeof bytes);
  rs_wipe (bytes, sizeof bytes);
  return text;
}

/* A person who asks is told plainly, the journal with its fields. */
static void say (gboolean       plainly,
                 GLogLevelFlags level,
                 const char    *format,
                 ...) G_GNUC_PRINTF (3, 4);

static void
say (gboolean       plainly,
     GLogLevelFlags level,
     const char    *format,
     ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (plainly)
    printf ("%s\n", text);
  else
    rs_journal_print (level, NULL, "%s", text);
}

/* What came of reading: what is wrong with the book, or else unwise, and how much there is. */
static void
say_book (gboolean      plainly,
          const char   *config,
          const RsBook *book,
          const GError *error)
{
  g_auto (GStrv) faults = g_strsplit (book == NULL ? error->message : "", "\n", 0);

  for (guint i = 0; faults[i] != NULL; i++)
    say (plainly, G_LOG_LEVEL_CRITICAL, "%s", faults[i]);
  for (guint i = 0; book != NULL && i < book->warnings->len; i++)
    say (plainly, G_LOG_LEVEL_WARNING, "%s", (const char *)g_ptr_array_index (book->warnings, i));
  if (book != NULL)
    say (plainly, G_LOG_LEVEL_MESSAGE, "%s: %u phones, %u codes", config, g_hash_table_size (book->phones),
         g_hash_table_size (book->codes));
}

static RsBook *
read_book (const char *config,
           GError    **error)
{
  g_auto (RsSecretString) secret = new_secret ();

  return rs_book_read (config, secret, error);
}

static gboolean
on_end (gpointer data)
{
  Program *program = data;

  g_main_loop_quit (program->loop);
  return G_SOURCE_CONTINUE;
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      config,
                GCancellable *cancellable)
{
  GError *error = NULL;
  RsBook *book = read_book (config, &error);

  if (book != NULL)
    g_task_return_pointer (task, book, (GDestroyNotify)rs_book_free);
  else
    g_task_return_error (task, error);
}

static void on_read (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data);

/* Phones are answered meanwhile. */
static void
start_reading (Program *program)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_read, program);

  program->reading = TRUE;
  program->again = FALSE;
  g_task_set_task_data (task, g_strdup (program->config), g_free);
  g_task_run_in_thread (task, read_in_thread);
}

/* A book with a fault, or with a certificate that cannot be read, does not count: phones find what was there before. */
static void
on_read (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Program *program = data;
  g_autoptr (GError) fault = NULL, error = NULL;
  RsBook *book = g_task_propagate_pointer (G_TASK (result), &fault);

  say_book (FALSE, program->config, book, fault);
  program->reading = FALSE;
  if (book != NULL && !rs_server_set_book (program->server, book, &error))
    rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "what was there before stays: %s", error->message);
  if (program->again)
    start_reading (program);
}

static gboolean
on_reload (gpointer data)
{
  Program *program = data;

  program->again = program->reading;
  if (!program->reading)
    start_reading (program);
  return G_SOURCE_CONTINUE;
}

/* Before anybody can know that it is there: one that comes while it starts counts as well. */
static void
watch_signals (Program *program)
{
  g_unix_signal_add (SIGTERM, on_end, program);
  g_unix_signal_add (SIGINT, on_end, program);
  g_unix_signal_add (SIGHUP, on_reload, program);
}

static int
run (const Options *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (RsBook) book = NULL;
  g_autoptr (RsUses) uses = NULL;
  Program program = { .loop = loop, .config = options->config };

  if (!options->check)
    watch_signals (&program);
  book = read_book (options->config, &error);
  say_book (options->check, options->config, book, error);
  if (book == NULL || options->check)
    return book != NULL ? 0 : 1;
  uses = rs_uses_open (options->state_dir, &error);
  if (uses != NULL)
    program.server = rs_server_new (g_steal_pointer (&book), g_steal_pointer (&uses), &error);
  if (program.server == NULL)
    {
      rs_journal_print (G_LOG_LEVEL_CRITICAL, NULL, "cannot start: %s", error->message);
      return 1;
    }
  rs_notify_ready ();
  g_main_loop_run (loop);
  rs_notify_stopping ();
  program.again = FALSE;
  while (program.reading)
    g_main_context_iteration (NULL, TRUE);
  rs_server_free (program.server);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_CTYPE, "C.UTF-8");
  umask (0077);
  /* codes are in the memory of this process */
  if (!RS_SANITIZE)
    prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!read_options (&argc, &argv, &options, &error))
    {
      fprintf (stderr, "resyncd-redirect: %s\n", error->message);
      return 2;
    }
  if (options.version)
    {
      printf ("resyncd-redirect " RS_VERSION "\n");
      return 0;
    }
  return run (&options);
}
