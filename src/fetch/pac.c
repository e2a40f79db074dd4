/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One question to libpacparser, in a thread: the main loop keeps the time. The file may have taken all memory there is by the
 * time it ends, so that nothing here asks for more until the engine has let go of it. */
#include "fetch/pac.h"

#include "base/text.h"
#include "config.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if RS_SANITIZE
#include <sanitizer/lsan_interface.h>
#endif

#define LIBRARY "libpacparser.so.1"
/* A list of 6000 hosts joined by "||" or "else if", which is as many as such a file may hold, takes its reader 2 MB. */
#define STACK (4 << 20)
#define FAULT_MAX 200

typedef int (*Printer) (const char *format, va_list arguments);

static struct
{
  void (*set_error_printer) (Printer printer);
  void (*setmyip) (const char *address);
  int (*init) (void);
  int (*parse_pac_string) (const char *script);
  char *(*find_proxy) (const char *url, const char *host);
  void (*cleanup) (void);
  gboolean loaded;
} library;

typedef struct
{
  char *script;
  char *target;
  char *host;
  char *own_address;
  pthread_t thread;
  GSource *source; /* due when the thread is done */
  gboolean answered;
  char answer[RS_PAC_ANSWER_MAX + 2];
  RsPacFunc func;
  gpointer data;
} Question;

/* What the library said first; it gives its printer no place for it. */
static char fault[FAULT_MAX];

static int G_GNUC_PRINTF (1, 0)
note_fault (const char *format, va_list arguments)
{
  return *fault == '\0' ? vsnprintf (fault, sizeof fault, format, arguments) : 0;
}

void
rs_pac_load (void)
{
  gpointer handle = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);

  if (handle == NULL)
    return;
  library.set_error_printer = dlsym (handle, "pacparser_set_error_printer");
  library.setmyip = dlsym (handle, "pacparser_setmyip");
  library.init = dlsym (handle, "pacparser_init");
  library.parse_pac_string = dlsym (handle, "pacparser_parse_pac_string");
  library.find_proxy = dlsym (handle, "pacparser_find_proxy");
  library.cleanup = dlsym (handle, "pacparser_cleanup");
  library.loaded = library.set_error_printer != NULL && library.setmyip != NULL && library.init != NULL
                   && library.parse_pac_string != NULL && library.find_proxy != NULL && library.cleanup != NULL;
}

static gpointer
run (gpointer data)
{
  Question *question = data;
  const char *answer = NULL;

#if RS_SANITIZE
  /* the library loses some bytes for each question, and this process asks one */
  __lsan_disable ();
#endif
  library.set_error_printer (note_fault);
  if (*question->own_address != '\0')
    library.setmyip (question->own_address);
  /* browsers know alert(), and files that somebody once debugged call it */
  if (library.init () && library.parse_pac_string ("function alert() {}") && library.parse_pac_string (question->script))
    answer = library.find_proxy (question->target, question->host);
  question->answered = answer != NULL;
  g_strlcpy (question->answer, answer != NULL ? answer : "", sizeof question->answer);
  library.cleanup ();
  g_source_set_ready_time (question->source, 0);
  return NULL;
}

static gboolean
on_due (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

/* Of several lines one, and without the word that the library puts before. */
static char *
fault_text (void)
{
  const char *text = g_str_has_prefix (fault, "JSERROR: ") ? fault + strlen ("JSERROR: ") : fault;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *line = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    g_strstrip (lines[i]);
  line = g_strjoinv (" ", lines);
  return rs_text_escape (*fault != '\0' ? g_strstrip (line) : "it gave no answer", 0);
}

static void
question_free (Question *question)
{
  g_source_destroy (question->source);
  g_source_unref (question->source);
  g_free (question->script);
  g_free (question->target);
  g_free (question->host);
  g_free (question->own_address);
  g_free (question);
}

static gboolean
on_done (gpointer data)
{
  Question *question = data;
  g_autofree char *text = fault_text ();

  pthread_join (question->thread, NULL);
  if (question->answered && strlen (question->answer) <= RS_PAC_ANSWER_MAX)
    question->func (question->answer, NULL, question->data);
  else
    question->func (NULL, question->answered ? "its answer is too long" : text, question->data);
  question_free (question);
  return G_SOURCE_REMOVE;
}

static gboolean
start (Question *question)
{
  pthread_attr_t attributes;
  gboolean started;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK);
  started = pthread_create (&question->thread, &attributes, run, question) == 0;
  pthread_attr_destroy (&attributes);
  return started;
}

void
rs_pac_ask (const char *script, const char *target, const char *own_address, RsPacFunc func, gpointer data)
{
  static GSourceFuncs functions = { .dispatch = on_due };
  g_autoptr (GUri) uri = g_uri_parse (target, G_URI_FLAGS_NONE, NULL);
  Question *question;

  if (!library.loaded)
    {
      func (NULL, "the phone has no " LIBRARY " to read it with (Debian: libpacparser1)", data);
      return;
    }
  /* the library writes both into a script of its own, between quotes */
  if (uri == NULL || strpbrk (target, "'\\\"") != NULL)
    {
      func (NULL, "it cannot be asked about this URL", data);
      return;
    }
  question = g_new0 (Question, 1);
  question->script = g_strdup (script);
  question->target = g_strdup (target);
  question->host = g_strdup (g_uri_get_host (uri));
  question->own_address = g_strdup (own_address);
  question->func = func;
  question->data = data;
  question->source = g_source_new (&functions, sizeof (GSource));
  g_source_set_callback (question->source, on_done, question, NULL);
  g_source_attach (question->source, NULL);
  if (start (question))
    return;
  question_free (question);
  func (NULL, "the worker has no room for a thread", data);
}
