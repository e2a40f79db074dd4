/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands need that work without daemon and bus: the configuration's bounds, the catalogue, the bytes
 * of a file. */
#pragma once

#include "ctl/ctl.h"
#include "params/catalogue.h"
#include "profile/profile.h"
#include "store/config.h"

G_BEGIN_DECLS

/* From --config or the usual places. Its warnings go to standard error where text was asked for. */
RsConfig    *rs_offline_config (RsCtl *ctl) G_GNUC_WARN_UNUSED_RESULT;

/* From --catalogue or the installed folder. NULL: said. quiet: not even warnings (completion). */
RsCatalogue *rs_offline_catalogue (RsCtl   *ctl,
                                   gboolean quiet) G_GNUC_WARN_UNUSED_RESULT;

/* The bytes of a file, "-" for standard input, at most max. RS_ERROR_NOT_FOUND, RS_ERROR_FAILED; RS_ERROR_CORRUPT: there are more. */
GBytes      *rs_offline_load (const char *path,
                              guint64     max,
                              GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same. NULL: said. */
GBytes      *rs_offline_read (RsCtl      *ctl,
                              const char *path,
                              guint64     max) G_GNUC_WARN_UNUSED_RESULT;

/* How to read a profile at a desk: the configuration's bounds, --key, --ikm and --alias. FALSE: said. The texts are ctl's. */
gboolean     rs_offline_options (RsCtl            *ctl,
                                 const RsConfig   *config,
                                 RsProfileOptions *options);

G_END_DECLS
