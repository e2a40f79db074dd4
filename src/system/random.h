/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Randomness, for delays. */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

/* Uniform from 0 to max, both included. The argument is not used: the form is plan/'s RsRandomFunc. */
guint32 rs_random_uniform (guint32  max,
                           gpointer unused);

G_END_DECLS
