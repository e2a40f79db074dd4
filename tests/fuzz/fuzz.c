/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer's door, and what the targets share. */
#include "fuzz.h"

#include "base/error.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define REPEATED_MAX (96 * 1024)
/* of the processor, for one input: a hundred times what the slowest needs with the sanitizers */
#define SECONDS_MAX 4
/* so many inputs for one that is given a second time */
#define TWICE 4

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GString) first = g_string_new (NULL);
  g_autoptr (GString) second = NULL;
  clock_t begun = clock ();

  fuzz_target (data, size, first);
  g_assert_cmpint (clock () - begun, <, SECONDS_MAX * CLOCKS_PER_SEC);
  if (first->len % TWICE != 0)
    return 0;
  second = g_string_new (NULL);
  fuzz_target (data, size, second);
  g_assert_true (g_string_equal (first, second));
  return 0;
}

guint8
fuzz_byte (FuzzInput *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

guint16
fuzz_uint16 (FuzzInput *input)
{
  guint8 low = fuzz_byte (input);

  return (guint16)(low | fuzz_byte (input) << 8);
}

guint32
fuzz_uint32 (FuzzInput *input)
{
  guint16 low = fuzz_uint16 (input);

  return low | (guint32)fuzz_uint16 (input) << 16;
}

FuzzInput
fuzz_take (FuzzInput *input, gsize size)
{
  FuzzInput part = { input->data, MIN (size, input->size) };

  /* an empty input has no address to count from */
  if (part.size > 0)
    input->data += part.size;
  input->size -= part.size;
  return part;
}

char *
fuzz_line (FuzzInput *input)
{
  const guint8 *newline = input->size > 0 ? memchr (input->data, '\n', input->size) : NULL;
  FuzzInput line = fuzz_take (input, newline != NULL ? (gsize)(newline - input->data) : input->size);

  (void)fuzz_byte (input);
  return fuzz_rest (&line);
}

char *
fuzz_rest (const FuzzInput *input)
{
  return g_strndup ((const char *)input->data, input->size);
}

GBytes *
fuzz_bytes (FuzzInput *input, gboolean repeat)
{
  gsize head_size = repeat ? fuzz_byte (input) : 0;
  gsize body_size = repeat ? fuzz_byte (input) : 0;
  FuzzInput head = fuzz_take (input, head_size);
  FuzzInput body = fuzz_take (input, body_size);
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, head.data, (guint)head.size);
  while (body.size > 0 && bytes->len + body.size + input->size < REPEATED_MAX)
    g_byte_array_append (bytes, body.data, (guint)body.size);
  g_byte_array_append (bytes, input->data, (guint)input->size);
  return g_byte_array_free_to_bytes (bytes);
}

int
fuzz_file (const void *data, gsize size, char **path)
{
  int fd = memfd_create ("fuzz", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, size);
  *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  return fd;
}

void
fuzz_check_line (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}

void
fuzz_check_lines (GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    fuzz_check_line (lines->pdata[i]);
}

void
fuzz_check_error (gboolean good, const GError *error)
{
  g_assert_cmpint (good, ==, error == NULL);
  if (good)
    return;
  g_assert_true (error->domain == RS_ERROR);
  g_assert_cmpint (error->code, >=, 0);
  g_assert_cmpint (error->code, <, RS_N_ERRORS);
  g_assert_cmpstr (error->message, !=, "");
  fuzz_check_line (error->message);
}

gboolean
fuzz_holds_secret (const char *text)
{
  return text != NULL && strstr (text, FUZZ_SECRET) != NULL;
}

guint
fuzz_count_secrets (const char *text)
{
  guint n = 0;

  while ((text = strstr (text, FUZZ_SECRET)) != NULL)
    {
      text += strlen (FUZZ_SECRET);
      n++;
    }
  return n;
}
