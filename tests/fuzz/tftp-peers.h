/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the targets of both directions of TFTP share: who sends, and packets that are well-formed. */
#pragma once

#include "fuzz.h"

#include "tftp/actions.h"

G_BEGIN_DECLS

/* The server, as which it is asked; the port it answers from; another port of the same host; another host. */
const RsTftpEndpoint *fuzz_tftp_peer (guint who);

/* Nobody but the server hears anything but a refusal, and that only after a word of his own (from; NULL: time passed). */
void fuzz_tftp_check_receiver (const RsTftpAction *action, const RsTftpEndpoint *server, const RsTftpEndpoint *from);

/* An error packet of any code and words. */
GByteArray *fuzz_tftp_error (FuzzInput *input) G_GNUC_WARN_UNUSED_RESULT;

/* Some of four options as granted, each with any number. blksize: what was granted; it stays where that is not among them. */
GByteArray *fuzz_tftp_options (FuzzInput *input, guint *blksize) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
