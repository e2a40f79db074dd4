/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the liar can say and do, for its two files. */
#pragma once

#include "ipc/message.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Takes frame. */
void send_frame (GBytes *frame);
void send_progress (RsStage stage, guint64 bytes);
void send_success (guint n_assignments);
void hang (void);
void do_crash (void);

/* With a file that it was given, or not. */
void do_image (void);
void do_image_without_file (void);
void do_image_too_long (void);
void do_image_half (void);
void do_image_again (void);
void do_parts (void);
void do_part (void);
