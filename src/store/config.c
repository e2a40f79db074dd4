/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration as a table: section, key, where it goes, what it may be. A warning names file, line and the value that is used instead. */
#include "store/config.h"

#include "base/error.h"
#include "base/text.h"
#include "params/keyfile.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define MAX_FILE (256 * 1024)
#define MAX_LIST 64

typedef enum
{
  KEY_TEXT,   /* one line, unescaped */
  KEY_RAW,    /* as it stands, with its escapes */
  KEY_PATH,   /* absolute, or empty */
  KEY_FILE,   /* absolute, a pkcs11: URI, or empty */
  KEY_BOOL,
  KEY_CHOICE, /* a boolean by two words */
  KEY_BACKEND,
  KEY_MAC,    /* 12 hexadecimal digits, with or without separators, or empty */
  KEY_URL,    /* https, macros allowed, or empty */
  KEY_PATHS,  /* a list whose elements start with "/" */
  KEY_READERS, /* a list of USER:PATTERN */
  KEY_PAIR,   /* ENTERPRISE/SUB */
  KEY_UINT,
  KEY_UINT64,
} KeyType;

typedef struct
{
  const char *section;
  const char *key;
  gsize offset;
  KeyType type;
  const char *default_value; /* as in a file */
  guint64 min, max;          /* of numbers */
  const char *no, *yes;      /* of KEY_CHOICE */
} Key;

#define AT(member) offsetof (RsConfig, member)

/* Ranges: sizes from 1 KiB, times from 1 s to an hour (a stall to a day), counts from 1. */
static const Key keys[] = {
  { "Phone", "Vendor", AT (vendor), KEY_TEXT, "resyncd", 0, 0, NULL, NULL },
  { "Phone", "Model", AT (model), KEY_TEXT, "generic", 0, 0, NULL, NULL },
  { "Phone", "Series", AT (series), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Phone", "MacAddress", AT (mac_address), KEY_MAC, "", 0, 0, NULL, NULL },
  { "Phone", "SerialNumber", AT (serial_number), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Phone", "SoftwareVersion", AT (software_version), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Phone", "HardwareVersion", AT (hardware_version), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Network", "Manager", AT (manager_none), KEY_CHOICE, "networkmanager", 0, 0, "networkmanager", "none" },
  { "Network", "Interface", AT (interface), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Network", "Options", AT (options), KEY_RAW, "", 0, 0, NULL, NULL },
  { "Network", "Domain", AT (domain), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Discovery", "DefaultPaths", AT (default_paths), KEY_PATHS,
    "/$PN.cfg;/$PSN.xml;/Cisco/$MA.cfg;/Cisco/$PN/$MA.cfg", 0, 0, NULL, NULL },
  { "Discovery", "RedirectUrl", AT (redirect_url), KEY_URL, NULL, 0, 0, NULL, NULL },
  { "Discovery", "RedirectFallbackUrl", AT (redirect_fallback_url), KEY_URL, NULL, 0, 0, NULL, NULL },
  { "Discovery", "ActivationUrl", AT (activation_url), KEY_URL, NULL, 0, 0, NULL, NULL },
  { "Discovery", "VendorOption", AT (vendor_enterprise), KEY_PAIR, "", 0, 0, NULL, NULL },
  { "Discovery", "SrvWeight", AT (srv_weight_rfc2782), KEY_CHOICE, "ascending", 0, 0, "ascending", "rfc2782" },
  { "Tls", "CaFile", AT (ca_file), KEY_PATH, "", 0, 0, NULL, NULL },
  { "Tls", "CrlFile", AT (crl_file), KEY_PATH, "", 0, 0, NULL, NULL },
  { "Tls", "SystemCa", AT (system_ca), KEY_BOOL, "true", 0, 0, NULL, NULL },
  { "Tls", "CertificateFile", AT (certificate_file), KEY_FILE, "", 0, 0, NULL, NULL },
  { "Tls", "PrivateKeyFile", AT (private_key_file), KEY_FILE, "", 0, 0, NULL, NULL },
  { "Tls", "TokenPaths", AT (token_paths), KEY_PATHS, "", 0, 0, NULL, NULL },
  { "Syslog", "Format", AT (syslog_rfc3164), KEY_CHOICE, "rfc5424", 0, 0, "rfc5424", "rfc3164" },
  { "Firmware", "Backend", AT (firmware_backend), KEY_BACKEND, "rauc", 0, 0, NULL, NULL },
  { "Firmware", "Command", AT (firmware_command), KEY_TEXT, "", 0, 0, NULL, NULL },
  { "Firmware", "CommandTimeout", AT (firmware_command_timeout), KEY_UINT, "3600", 1, 86400, NULL, NULL },
  { "Firmware", "MaxRate", AT (firmware_max_rate), KEY_UINT64, "0", 0, G_MAXUINT32, NULL, NULL },
  { "Access", "SecretReaders", AT (secret_readers), KEY_READERS, "", 0, 0, NULL, NULL },
  { "Worker", "AllowWeakSandbox", AT (allow_weak_sandbox), KEY_BOOL, "false", 0, 0, NULL, NULL },
  { "Limits", "MaxProfileBytes", AT (max_profile_bytes), KEY_UINT64, "8388608", 1024, 1 << 30, NULL, NULL },
  { "Limits", "MaxParameters", AT (max_parameters), KEY_UINT, "20000", 1, 200000, NULL, NULL },
  { "Limits", "ConnectTimeout", AT (connect_timeout), KEY_UINT, "15", 1, 3600, NULL, NULL },
  { "Limits", "TransferTimeout", AT (transfer_timeout), KEY_UINT, "120", 1, 3600, NULL, NULL },
  { "Limits", "MaxFirmwareBytes", AT (max_firmware_bytes), KEY_UINT64, "1073741824", 1024, G_GUINT64_CONSTANT (1) << 40,
    NULL, NULL },
  { "Limits", "FirmwareStallTimeout", AT (firmware_stall_timeout), KEY_UINT, "60", 1, 86400, NULL, NULL },
};

/* What a phone of the vendor whose services these are has where resyncd.conf is silent. */
static const struct
{
  const char *vendor;
  const char *key;
  const char *value;
} vendor_defaults[] = {
  { "Cisco", "RedirectUrl", "https://activate.cisco.com/software/edos/callhome/rc?id=$MAU:$SN:$PN" },
  { "Cisco", "RedirectFallbackUrl", "https://webapps.cisco.com/software/edos/callhome/rc?id=$MAU:$SN:$PN" },
  { "Cisco", "ActivationUrl", "https://activation.webex.com/" },
};

static void *
place (RsConfig  *config,
       const Key *key)
{
  return (char *)config + key->offset;
}

static gboolean
set_text (char      **where,
          const char *text)
{
  g_free (*where);
  *where = g_strdup (text);
  return TRUE;
}

static gboolean
is_line (const char *text)
{
  if (strlen (text) > 4096 || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (p)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_bool (const char *text,
           gboolean   *value)
{
  static const char *const words[2][4] = { { "false", "no", "0", "off" }, { "true", "yes", "1", "on" } };

  for (guint truth = 0; truth < 2; truth++)
    {
      for (guint i = 0; i < 4; i++)
        {
          if (g_ascii_strcasecmp (text, words[truth][i]) == 0)
            {
              *value = truth;
              return TRUE;
            }
        }
    }
  return FALSE;
}

static gboolean
read_choice (const Key  *key,
             const char *text,
             gboolean   *value)
{
  if (g_ascii_strcasecmp (text, key->no) != 0 && g_ascii_strcasecmp (text, key->yes) != 0)
    return FALSE;
  *value = g_ascii_strcasecmp (text, key->yes) == 0;
  return TRUE;
}

static gboolean
is_backend (const char *text)
{
  return strcmp (text, "rauc") == 0 || strcmp (text, "command") == 0 || strcmp (text, "none") == 0;
}

static gboolean
is_mac (const char *text)
{
  guint digits = 0;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_isxdigit (*p))
        digits++;
      else if (strchr (":-.", *p) == NULL)
        return FALSE;
    }
  return text[0] == '\0' || digits == 12;
}

static gboolean
is_url (const char *text)
{
  return text[0] == '\0'
         || (g_str_has_prefix (text, "https://") && strchr (text, ' ') == NULL
             && strchr (text, ':')[3] != '\0');
}

static gboolean
is_path (const char *text)
{
  return text[0] == '/' && strchr (text, ' ') == NULL;
}

static gboolean
is_reader (const char *text)
{
  const char *colon = strchr (text, ':');

  return colon != NULL && colon > text && colon[1] != '\0';
}

/* good: what each element must be, which is a line anyway. */
static gboolean
read_list (const char *text,
           gboolean  (*good) (const char *element),
           GStrv      *value)
{
  GStrv list = rs_keyfile_split (text, ';', MAX_LIST);

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      if (!is_line (list[i]) || !good (list[i]))
        g_clear_pointer (&list, g_strfreev);
      if (list == NULL)
        break;
    }
  if (list == NULL)
    return FALSE;
  g_strfreev (*value);
  *value = list;
  return TRUE;
}

static gboolean
read_pair (const char *text,
           RsConfig   *config)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);
  guint64 enterprise = 0, sub = 0;

  if (text[0] != '\0'
      && (g_strv_length (parts) != 2 || !rs_text_to_uint64 (parts[0], 1, G_MAXUINT32, &enterprise, NULL)
          || !rs_text_to_uint64 (parts[1], 0, G_MAXUINT16, &sub, NULL)))
    return FALSE;
  config->vendor_enterprise = (guint32)enterprise;
  config->vendor_sub = (guint16)sub;
  return TRUE;
}

static gboolean
read_value (RsConfig   *config,
            const Key  *key,
            const char *text)
{
  void *where = place (config, key);
  guint64 number;

  switch (key->type)
    {
    case KEY_RAW:
    case KEY_TEXT:
      return is_line (text) && set_text (where, text);
    case KEY_PATH:
      return is_line (text) && (text[0] == '\0' || text[0] == '/') && set_text (where, text);
    case KEY_FILE:
      return is_line (text) && (text[0] == '\0' || text[0] == '/' || g_str_has_prefix (text, "pkcs11:"))
             && set_text (where, text);
    case KEY_BOOL:
      return read_bool (text, where);
    case KEY_CHOICE:
      return read_choice (key, text, where);
    case KEY_BACKEND:
      return is_backend (text) && set_text (where, text);
    case KEY_MAC:
      return is_mac (text) && set_text (where, text);
    case KEY_URL:
      return is_line (text) && is_url (text) && set_text (where, text);
    case KEY_PATHS:
      return read_list (text, is_path, where);
    case KEY_READERS:
      return read_list (text, is_reader, where);
    case KEY_PAIR:
      return read_pair (text, config);
    case KEY_UINT:
      if (!rs_text_to_uint64 (text, key->min, key->max, &number, NULL))
        return FALSE;
      *(guint *)where = (guint)number;
      return TRUE;
    case KEY_UINT64:
      return rs_text_to_uint64 (text, key->min, key->max, where, NULL);
    }
  return FALSE;
}

static gboolean
is_list (const Key *key)
{
  return key->type == KEY_PATHS || key->type == KEY_READERS;
}

/* Whether what the key is read into is a text. */
static gboolean
is_text (const Key *key)
{
  return key->type == KEY_TEXT || key->type == KEY_RAW || key->type == KEY_PATH || key->type == KEY_FILE
         || key->type == KEY_BACKEND || key->type == KEY_MAC || key->type == KEY_URL;
}

static const Key *
find_key (const char *section,
          const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (strcmp (keys[i].section, section) == 0 && strcmp (keys[i].key, name) == 0)
        return &keys[i];
    }
  return NULL;
}

/* Where a key got its value, for warnings and for the defaults that depend on the vendor. */
typedef struct
{
  RsConfig *config;
  gboolean given[G_N_ELEMENTS (keys)];
  char *text[G_N_ELEMENTS (keys)]; /* as last taken */
  GPtrArray *warnings;
} Reading;

static void
take (Reading    *reading,
      const char *file,
      RsKeyfile  *line)
{
  const Key *key = find_key (line->group, line->key);
  g_autofree char *where = g_strdup_printf ("%s:%u", file, line->line);
  g_autofree char *name = rs_text_escape (line->key, 60);
  g_autofree char *group = rs_text_escape (line->group, 60);
  gsize i;

  if (key == NULL)
    {
      g_ptr_array_add (reading->warnings,
                       g_strdup_printf ("%s: [%s] %s is unknown and was left out", where, group, name));
      return;
    }
  i = (gsize)(key - keys);
  /* lists and raw texts keep their escapes for their own reader */
  if ((!is_list (key) && key->type != KEY_RAW && !rs_keyfile_unescape (line->value))
      || !read_value (reading->config, key, line->value))
    {
      g_autofree char *value = rs_text_escape (line->value, 60);
      g_autofree char *used = rs_text_escape (reading->text[i] != NULL ? reading->text[i] : key->default_value, 0);

      g_ptr_array_add (reading->warnings, g_strdup_printf ("%s: [%s] %s: “%s” cannot be; used instead: “%s”", where,
                                                           group, name, value, used));
      return;
    }
  reading->given[i] = TRUE;
  g_free (reading->text[i]);
  reading->text[i] = g_strdup (line->value);
}

static void
read_file (Reading    *reading,
           const char *file)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (RsKeyfile) line = { 0 };
  RsKeyfileToken token;
  gsize length;

  if (!g_file_get_contents (file, &content, &length, &error) || length > MAX_FILE)
    {
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_ptr_array_add (reading->warnings,
                         g_strdup_printf ("%s cannot be read and was left out: %s", file,
                                          error != NULL ? error->message : "it is too large"));
      return;
    }
  rs_keyfile_init (&line, content, length);
  while ((token = rs_keyfile_next (&line)) != RS_KEYFILE_END)
    {
      if (token == RS_KEYFILE_FAULT)
        g_ptr_array_add (reading->warnings,
                         g_strdup_printf ("%s:%u: %s; the line was left out", file, line.line, line.fault));
      else if (token == RS_KEYFILE_ENTRY && line.group != NULL)
        take (reading, file, &line);
    }
}

static void
set_defaults (RsConfig *config)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gboolean good = read_value (config, &keys[i], keys[i].default_value != NULL ? keys[i].default_value : "");
      g_assert (good);
    }
}

static void
set_vendor_defaults (Reading *reading)
{
  for (guint i = 0; i < G_N_ELEMENTS (vendor_defaults); i++)
    {
      const Key *key = find_key ("Discovery", vendor_defaults[i].key);

      if (!reading->given[key - keys] && strcmp (reading->config->vendor, vendor_defaults[i].vendor) == 0)
        (void)read_value (reading->config, key, vendor_defaults[i].value);
    }
}

RsConfig *
rs_config_load (const char *const *files,
                GPtrArray         *warnings)
{
  Reading reading = { .config = g_new0 (RsConfig, 1), .warnings = warnings };

  set_defaults (reading.config);
  for (guint i = 0; files[i] != NULL; i++)
    read_file (&reading, files[i]);
  set_vendor_defaults (&reading);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_free (reading.text[i]);
  return reading.config;
}

void
rs_config_free (RsConfig *config)
{
  if (config == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      void *where = place (config, &keys[i]);

      if (is_list (&keys[i]))
        g_strfreev (*(GStrv *)where);
      else if (is_text (&keys[i]))
        g_free (*(char **)where);
    }
  g_free (config);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The *.conf files of a folder in order of their names. */
static GPtrArray *
conf_files (const char *dir)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      if (g_str_has_suffix (name, ".conf") && name[0] != '.')
        g_ptr_array_add (files, g_build_filename (dir, name, NULL));
    }
  g_ptr_array_sort (files, compare_names);
  return files;
}

GStrv
rs_config_files (const char *config,
                 const char *vendor_dir,
                 const char *conf_dir)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autofree char *vendor = g_build_filename (vendor_dir, "resyncd.conf", NULL);
  g_autofree char *own = g_build_filename (conf_dir, "resyncd.conf", NULL);
  g_autofree char *dropins = g_build_filename (conf_dir, "resyncd.conf.d", NULL);
  g_autoptr (GPtrArray) files = NULL;

  if (config != NULL)
    {
      g_strv_builder_add (list, config);
      return g_strv_builder_end (list);
    }
  g_strv_builder_add (list, vendor);
  g_strv_builder_add (list, own);
  files = conf_files (dropins);
  for (guint i = 0; i < files->len; i++)
    g_strv_builder_add (list, g_ptr_array_index (files, i));
  return g_strv_builder_end (list);
}

RsCatalogue *
rs_catalogue_load (const char *const *dirs,
                   GPtrArray         *warnings,
                   GError           **error)
{
  g_autoptr (RsCatalogueBuilder) builder = rs_catalogue_builder_new ();
  g_autoptr (RsCatalogue) catalogue = NULL;

  for (guint d = 0; dirs[d] != NULL; d++)
    {
      g_autoptr (GPtrArray) files = conf_files (dirs[d]);

      for (guint i = 0; i < files->len; i++)
        {
          const char *file = g_ptr_array_index (files, i);
          g_autoptr (GMappedFile) map = NULL;
          g_autoptr (GBytes) bytes = NULL;
          g_autoptr (GError) why = NULL;

          map = g_mapped_file_new (file, FALSE, &why);
          if (map != NULL)
            bytes = g_mapped_file_get_bytes (map);
          if (bytes == NULL || !rs_catalogue_builder_add (builder, file, bytes, &why))
            g_ptr_array_add (warnings, g_strdup_printf ("catalogue: %s; the file was left out", why->message));
        }
    }
  catalogue = rs_catalogue_builder_end (builder);
  if (rs_catalogue_size (catalogue) > 0)
    return g_steal_pointer (&catalogue);
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "no parameter is known: %s holds no good *.conf file",
               dirs[0] != NULL ? dirs[0] : "the catalogue");
  return NULL;
}
