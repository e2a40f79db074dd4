/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Atomic and durable files (STORE-1): what was there, or what was given, whole; every error is reported. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes name in the directory: temporary file in it (mode 0600), write, fsync, the present file linked to
 * name.previous (where keep_previous), rename, fsync of the directory. RS_ERROR_STORAGE names the step; then the old
 * file is as it was. Blocks: call it in the I/O thread. */
gboolean rs_file_save (const char *dir,
                       const char *name,
                       GBytes     *content,
                       gboolean    keep_previous,
                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a regular file of at most max bytes; what *content holds is wiped with its last reference. *content NULL and
 * TRUE: there is none. FALSE, RS_ERROR_STORAGE: an I/O error; RS_ERROR_CORRUPT: too large or no regular file. */
gboolean rs_file_read (const char *dir,
                       const char *name,
                       gsize       max,
                       GBytes    **content,
                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Renames name to name.broken-<time> and removes older ones so that two remain; durable. time: wall clock,
 * microseconds since the epoch; it is written as 20260131T235959Z, with -1, -2 … behind it where that name is taken
 * (a phone without a clock). A previous generation (NAME.previous) goes the way of its file: NAME.broken-<time>.
 * new_name may be NULL. */
gboolean rs_file_set_aside (const char *dir,
                            const char *name,
                            gint64      time,
                            char      **new_name,
                            GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* unlink and fsync of the directory; a missing file is no error. */
gboolean rs_file_remove (const char *dir,
                         const char *name,
                         GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Names in the directory that start with prefix, sorted; none where the directory cannot be read. */
GStrv    rs_file_list (const char *dir,
                       const char *prefix);

/* Removes what a killed rs_file_save () left (".NAME.tmp-*"). */
void     rs_file_sweep (const char *dir);

G_END_DECLS
