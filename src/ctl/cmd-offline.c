/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decode and encrypt: a provider's desk, without phone, daemon and bus. */
#include "config.h"

#include "ctl/offline.h"
#include "ctl/output.h"
#include "profile/profile.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

static RsExit
write_out (GBytes *bytes)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  fwrite (data, 1, length, stdout);
  return RS_EXIT_DONE;
}

RsExit
rs_cmd_decode (RsCtl *ctl)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (RsProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  RsProfileOptions options;

  if (!rs_offline_options (ctl, config, &options))
    return ctl->exit;
  bytes = rs_offline_read (ctl, ctl->words[0], config->max_profile_bytes);
  if (bytes == NULL)
    return ctl->exit;
  plain = rs_profile_decode (bytes, &options, &error);
  if (plain == NULL)
    return rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  profile = rs_profile_read (bytes, &options, NULL, NULL, &error);
  /* what was decrypted may be worth a look in spite of it */
  if (profile == NULL && !ctl->json)
    write_out (plain);
  if (profile == NULL)
    return rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), _("This is no profile: %s"), error->message);
  return write_out (plain);
}

RsExit
rs_cmd_encrypt (RsCtl *ctl)
{
  g_autoptr (RsConfig) config = rs_offline_config (ctl);
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  const RsCommand *self = rs_command_find ("encrypt");
  guint8 salt[RS_PROFILE_SALT];
  RsProfileOptions options;

  if ((ctl->key == NULL) == (ctl->ikm == NULL))
    return rs_fail_usage (ctl, self, _("encrypt wants either --key or --ikm"));
  if (isatty (STDOUT_FILENO))
    return rs_fail_usage (ctl, self, _("The encrypted file is not for a terminal; send it to a file with “>”"));
  if (!rs_offline_options (ctl, config, &options))
    return ctl->exit;
  if ((options.key != NULL ? options.key : options.ikm)[0] == '\0')
    return rs_fail_usage (ctl, self, _("The key is empty"));
  plain = rs_offline_read (ctl, ctl->words[0], config->max_profile_bytes);
  if (plain == NULL)
    return ctl->exit;
  if (getrandom (salt, sizeof salt, 0) != sizeof salt)
    return rs_fail (ctl, RS_EXIT_FAILED, RS_ERROR_FAILED, _("The system gives no random numbers: %s"), g_strerror (errno));
  file = rs_profile_encrypt (plain, options.key, options.ikm, ctl->gzip, salt, &error);
  if (file == NULL)
    return rs_fail (ctl, RS_EXIT_FAILED, rs_error_code (error), "%s", error->message);
  return write_out (file);
}
