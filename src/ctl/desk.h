/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A phone that is only supposed: what it is comes from the configuration, what is set from the catalogue, and the rest from --set. */
#pragma once

#include "ctl/ctl.h"

G_BEGIN_DECLS

/* The steps of a rule ("" for the profile rules that are set, the name of a parameter for its rule) as Explain gives them, aa{sv}. NULL: said. */
GVariant *rs_desk_explain (RsCtl      *ctl,
                           const char *rule) G_GNUC_WARN_UNUSED_RESULT;

/* One NAME=VALUE of --set in two; free both. FALSE: said. */
gboolean  rs_desk_split (RsCtl      *ctl,
                         const char *word,
                         char      **name,
                         char      **value) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
