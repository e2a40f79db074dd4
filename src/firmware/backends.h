/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The installers there are; for rs_installer_new (). Another one is a class of RsInstaller, a line here and one there. */
#pragma once

#include "firmware/installer.h"

G_BEGIN_DECLS

/* RAUC, over D-Bus. */
RsInstaller *rs_rauc_new (GDBusConnection *bus);

/* A program, which is ended after timeout seconds. RS_ERROR_INVALID_ARGUMENT: it is no command line, or has no "%f". */
RsInstaller *rs_command_new (const char *command,
                             guint       timeout,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
