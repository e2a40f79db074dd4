/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scripts for the machines: a line is an event, beside it stands what the machine must answer. Times are
 * milliseconds.
 *
 * Events: "TIME start", "TIME timer", "TIME refuse", "TIME WHO data BLOCK LENGTH", "TIME WHO oack NAME=VALUE…", "TIME WHO error CODE
 * TEXT", "TIME WHO ack BLOCK", "TIME WHO junk". WHO: tid (the server's port of this transfer), tid2 (another port of
 * the server), other (another host). */
#pragma once

#include "tftp/upload.h"

typedef struct
{
  const char *event;
  const char *answer;
} Step;

/* One of the endpoints of events, "server" among them. */
const RsTftpEndpoint *script_peer (const char *name);

/* For the file "f" of at most 100 000 bytes; silence lasts 15 seconds. */
RsTftpSettings script_settings (void);

void script_run (const RsTftpSettings *settings, const Step *steps, guint n);

/* For writing length bytes, each the low byte of its place, to the file "f". */
void script_run_upload (gsize length, const Step *steps, guint n);

#define RUN(steps)                                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    RsTftpSettings settings_ = script_settings ();                                                                     \
    script_run (&settings_, steps, G_N_ELEMENTS (steps));                                                              \
  }                                                                                                                    \
  G_STMT_END

#define READ "send server read f octet tsize=0 blksize=1428 timeout=1 windowsize=64"
#define START                                                                                                          \
  {                                                                                                                    \
    "0 start", READ "; timer 1000"                                                                                     \
  }
