/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests ask the liar for. */
#pragma once

#include "ipc/message.h"

/* A file by HTTP; the path says which lie. (transfer full) */
RsRequest *new_request (const char *path);
