/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of fixed size, which no event fills. */
#include "tftp/actions.h"

#include <string.h>

RsTftpAction *
rs_tftp_actions_add (RsTftpActions *actions, RsTftpActionKind kind)
{
  RsTftpAction *action = &actions->list[actions->n++];

  memset (action, 0, sizeof *action);
  action->kind = kind;
  return action;
}

void
rs_tftp_actions_add_send (RsTftpActions *actions, const guint8 *data, gsize length, const RsTftpEndpoint *to)
{
  RsTftpAction *action = rs_tftp_actions_add (actions, RS_TFTP_ACTION_SEND);

  action->data = data;
  action->length = length;
  action->to = *to;
}
