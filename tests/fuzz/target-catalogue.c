/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two files of a catalogue, divided by a form feed: each is taken whole or not at all, and what comes of them holds
 * together. */
#include "fuzz.h"

#include "base/error.h"
#include "params/catalogue.h"

#include <string.h>

#define PARAMETERS_MAX 200000
/* of each catalogue so many parameters are looked at one by one */
#define LOOKED_AT 64

static void
check_parameter (RsCatalogue *catalogue, const RsParam *param)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *normal = rs_param_normalize (param, param->default_value, &error);

  g_assert_true (rs_catalogue_find (catalogue, param->name) == param);
  g_assert_true (param->access >= RS_ACCESS_NA && param->access <= RS_ACCESS_RW);
  g_assert_true (param->type != RS_TYPE_PASSWORD || param->secret);
  /* the default is legal, and in the form that values have */
  g_assert_no_error (error);
  g_assert_cmpstr (normal, ==, param->default_value);
}

static void
check_catalogue (RsCatalogue *catalogue, GString *out)
{
  g_autoptr (GPtrArray) all = rs_catalogue_list (catalogue, "");

  g_assert_cmpuint (all->len, ==, rs_catalogue_size (catalogue));
  g_assert_cmpuint (all->len, <=, PARAMETERS_MAX);
  for (guint i = 0; i < all->len && i < LOOKED_AT; i++)
    {
      const RsParam *param = all->pdata[i];

      g_assert_true (i == 0 || strcmp (((const RsParam *)all->pdata[i - 1])->name, param->name) < 0);
      check_parameter (catalogue, param);
      g_string_append_printf (out, "%s ", param->name);
    }
  if (all->len > 0 && all->len < LOOKED_AT)
    {
      const RsParam *last = all->pdata[all->len - 1];
      const char *nearest = rs_catalogue_nearest (catalogue, last->name);

      g_assert_true (nearest == NULL || rs_catalogue_find (catalogue, nearest) != NULL);
    }
  g_string_append_printf (out, "%s %u\n", rs_catalogue_digest (catalogue), rs_catalogue_n_entries (catalogue));
}

static void
add (RsCatalogueBuilder *builder, FuzzInput text, const char *name, GString *out)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text.data, text.size);
  g_autoptr (GError) error = NULL;
  gboolean good = rs_catalogue_builder_add (builder, name, bytes, &error);

  fuzz_check_error (good, error);
  g_assert_true (good || g_str_has_prefix (error->message, name));
  g_string_append_printf (out, "%s\n", good ? "" : error->message);
}

void
fuzz_target (const guint8 *data, gsize size, GString *out)
{
  FuzzInput input = { data, size };
  const guint8 *feed = size > 0 ? memchr (data, '\f', size) : NULL;
  FuzzInput first = fuzz_take (&input, feed != NULL ? (gsize)(feed - data) : size);
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (RsCatalogue) catalogue = NULL;

  add (builder, first, "first.conf", out);
  (void)fuzz_byte (&input);
  add (builder, input, "second.conf", out);
  catalogue = rs_catalogue_builder_end (builder);
  check_catalogue (catalogue, out);
}
