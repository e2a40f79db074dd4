/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who writes firmware: RAUC, or a program of the phone's maker. One interface, so that an upgrade is the same whoever does it. An installer
 * verifies what it is given; nobody else looks into an image. All calls come back on the main loop, and one at a time is made. (UPG-4) */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What there is on this phone. */
typedef struct
{
  char    *booted;     /* the slot that the phone runs from; "" not known */
  char    *booted_mark;       /* as those of the other one */
  char    *booted_activation;
  char    *other;      /* the one that an image goes into; "" not known, or one of several */
  char    *other_mark; /* of what is in it, another one after each install; "" not known, or nothing is */
  char    *other_activation; /* another one each time that it becomes the one that runs next; "" not known, or never */
  char    *other_version; /* of the image that is in it; "" not known */
  gboolean installing; /* somebody installs right now; then nothing is known of the other slot */
} RsSlots;

RsSlots *rs_slots_new (void); /* all empty */
void     rs_slots_free (RsSlots *slots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsSlots, rs_slots_free)

/* percentage: 0 … 100; message: escaped, what is being done; depth: how far inside of another. 100 says nothing of success. */
typedef void (*RsInstallProgressFunc) (int         percentage,
                                       const char *message,
                                       int         depth,
                                       gpointer    data);

#define RS_TYPE_INSTALLER (rs_installer_get_type ())
G_DECLARE_DERIVABLE_TYPE (RsInstaller, rs_installer, RS, INSTALLER, GObject)

/* Each answers its task, on the main loop: look with an RsSlots, verify with a version (char *), the others with TRUE. */
struct _RsInstallerClass
{
  GObjectClass parent_class;

  gboolean https_only; /* it may not verify an image that came by another way */
  void (*look) (RsInstaller *installer,
                GTask       *task);
  void (*verify) (RsInstaller *installer,
                  const char  *path,
                  GTask       *task);
  void (*install) (RsInstaller *installer,
                   const char  *path,
                   GTask       *task);
  void (*attach) (RsInstaller *installer,
                  GTask       *task);
  void (*activate) (RsInstaller *installer,
                    const char  *slot,
                    GTask       *task);
  void (*mark_good) (RsInstaller *installer,
                     GTask       *task);
};

/* backend: "rauc", "command" or "none"; command: its argv as a shell would read it, "%f" is the image, and timeout the seconds that it has. bus: where
 * RAUC is. NULL for "none", and with an error where command is of no use. */
RsInstaller *rs_installer_new (const char      *backend,
                               const char      *command,
                               guint            timeout,
                               GDBusConnection *bus,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean     rs_installer_is_https_only (RsInstaller *installer);

/* For what install and attach tell. NULL: nobody listens. */
void         rs_installer_set_progress (RsInstaller          *installer,
                                        RsInstallProgressFunc func,
                                        gpointer              data);

/* RS_ERROR_UNREACHABLE: who installs is not there. */
void         rs_installer_look_async (RsInstaller        *installer,
                                      GAsyncReadyCallback callback,
                                      gpointer            data);
RsSlots     *rs_installer_look_finish (GAsyncResult *result,
                                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The version of an image; "" where it cannot be told, or the image is none: install says why. path: absolute, and nobody has it open for
 * writing. RS_ERROR_UNREACHABLE: who installs is not there, or does not answer; RS_ERROR_BUSY: it installs something else. */
void         rs_installer_verify_async (RsInstaller        *installer,
                                        const char         *path,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            data);
char        *rs_installer_verify_finish (GAsyncResult *result,
                                         GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Into the other slot, which runs next. RS_ERROR_FAILED with what the installer says of the image; RS_ERROR_BUSY: it did not begin;
 * RS_ERROR_UNREACHABLE: nobody knows what it did. Nothing stops it. */
void         rs_installer_install_async (RsInstaller        *installer,
                                         const char         *path,
                                         GAsyncReadyCallback callback,
                                         gpointer            data);
/* The same for an install that somebody else began. */
void         rs_installer_attach_async (RsInstaller        *installer,
                                        GAsyncReadyCallback callback,
                                        gpointer            data);
/* What the slot holds runs next. */
void         rs_installer_activate_async (RsInstaller        *installer,
                                          const char         *slot,
                                          GAsyncReadyCallback callback,
                                          gpointer            data);
/* What runs now is what runs from now on. */
void         rs_installer_mark_good_async (RsInstaller        *installer,
                                           GAsyncReadyCallback callback,
                                           gpointer            data);
/* For these four. */
gboolean     rs_installer_finish (GAsyncResult *result,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* For those who implement one. message is escaped and cut. */
void         rs_installer_tell (RsInstaller *installer,
                                int          percentage,
                                const char  *message,
                                int          depth);

G_END_DECLS
