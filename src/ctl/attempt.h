/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that start something with a number and end with a signal that carries the same number. */
#pragma once

#include "ctl/ctl.h"

G_BEGIN_DECLS

typedef struct
{
  const char *interface; /* of the method */
  const char *method;    /* returns (t): the number of the attempt */
  const char *signal_interface;
  const char *signal; /* (tsssa{sv}): attempt, result, url, message, details */
} RsAttemptKind;

/* Calls the method, waits for the end unless ctl->no_wait, and prints how it went. arguments is consumed. */
RsExit rs_attempt_run (RsCtl               *ctl,
                       const RsAttemptKind *kind,
                       GVariant            *arguments);

G_END_DECLS
