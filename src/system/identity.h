/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who this phone is (PHONE-1): what resyncd.conf says, else what the device tells. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *vendor;           /* $VENDOR */
  char *model;            /* $PN */
  char *series;           /* $PSN */
  char *mac;              /* 12 lower-case hexadecimal digits, $MA; "" unknown */
  char *serial;           /* $SN; "" unknown */
  char *software_version; /* $SWVER; "" unknown */
  char *hardware_version; /* $HWVER; "" unknown */
} RsIdentity;

/* Each argument is the configuration's word, "" where the device is to be asked. root: "" or a folder that stands for / (tests). MAC addresses
 * may be written with colons, hyphens or none; one that is none counts as "". */
RsIdentity *rs_identity_new (const char *vendor,
                             const char *model,
                             const char *series,
                             const char *mac,
                             const char *serial,
                             const char *software_version,
                             const char *hardware_version,
                             const char *root);
void        rs_identity_free (RsIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsIdentity, rs_identity_free)

/* 12 lower-case digits from any usual form, or NULL. */
char       *rs_identity_parse_mac (const char *text);

/* The boot's id, 32 hexadecimal digits; "" where the kernel does not tell. */
char       *rs_identity_boot_id (const char *root);

G_END_DECLS
