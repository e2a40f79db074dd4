/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line on standard error that says how far an attempt is, while it runs. */
#pragma once

#include "ctl/ctl.h"

G_BEGIN_DECLS

typedef struct _RsProgress RsProgress;

/* Shows nothing unless standard error is a terminal and people's text was asked for. */
RsProgress *rs_progress_new (const RsCtl *ctl);
/* Removes the line. */
void        rs_progress_free (RsProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsProgress, rs_progress_free)

/* Takes the arguments of a PropertiesChanged signal, of any interface of the daemon. */
void        rs_progress_update (RsProgress *progress,
                                GVariant   *arguments);

/* A line that stays, in the place of the moving one; also where standard error is no terminal. */
void        rs_progress_say (RsProgress *progress,
                             const char *line);

/* The line for people: "downloading https://… 12 kB of 40 kB". */
char       *rs_progress_text (const char *stage,
                              const char *url,
                              guint64     bytes,
                              guint64     total) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
