/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resyncd.conf: layered, every key with a default, every bad value a warning with file, line and the value used instead (contract.md). */
#pragma once

#include "params/catalogue.h"

G_BEGIN_DECLS

typedef struct
{
  /* [Phone]; "" where the device is to be asked, or the series is the model */
  char    *vendor, *model, *series, *mac_address, *serial_number, *software_version, *hardware_version;
  /* [Network] */
  gboolean manager_none;
  char    *interface, *options, *domain;
  /* [Discovery] */
  GStrv    default_paths;
  char    *redirect_url, *redirect_fallback_url, *activation_url;
  guint32  vendor_enterprise; /* 0: none */
  guint16  vendor_sub;
  gboolean srv_weight_rfc2782;
  /* [Tls] */
  char    *ca_file, *crl_file;
  gboolean system_ca;
  char    *certificate_file, *private_key_file;
  GStrv    token_paths;
  /* [Syslog] */
  gboolean syslog_rfc3164;
  /* [Firmware] */
  char    *firmware_backend, *firmware_command;
  guint    firmware_command_timeout; /* s */
  guint64  firmware_max_rate;
  /* [Access] */
  GStrv    secret_readers; /* "user:PATTERN" */
  /* [Worker] */
  gboolean allow_weak_sandbox;
  /* [Limits] */
  guint64  max_profile_bytes, max_firmware_bytes;
  guint    max_parameters, connect_timeout, transfer_timeout, firmware_stall_timeout;
} RsConfig;

void      rs_config_free (RsConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsConfig, rs_config_free)

/* files: read in order, later ones win key by key; a missing file is no error. Never fails; warnings are char *. */
RsConfig *rs_config_load (const char *const *files,
                          GPtrArray         *warnings);

/* The files of the contract in order; config: --config FILE replaces them all, or NULL. conf_dir: where /etc/resyncd lies. */
GStrv     rs_config_files (const char *config,
                           const char *vendor_dir,
                           const char *conf_dir);

/* Loads every *.conf of the folders, sorted by name, into one catalogue; a bad file is named in warnings and left out.
 * Both folders may be absent; RS_ERROR_FAILED only where no parameter at all came out of it. */
RsCatalogue *rs_catalogue_load (const char *const *dirs,
                                GPtrArray         *warnings,
                                GError           **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
