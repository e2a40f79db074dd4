/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sentences of the daemon that can be translated. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first that fits counts; NULL ends them. */
extern const char *const rs_sentences[];

G_END_DECLS
