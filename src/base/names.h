/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that more than one room or program must agree on, each once. */
#pragma once

#define RS_BUS_NAME "org.resyncd.Provisioning1"
#define RS_OBJECT_PATH "/org/resyncd/Provisioning1"
#define RS_ERROR_PREFIX RS_BUS_NAME ".Error."
#define RS_IFACE_MAIN RS_BUS_NAME
#define RS_IFACE_PARAMETERS RS_BUS_NAME ".Parameters"
#define RS_IFACE_ACTIVATION RS_BUS_NAME ".Activation"
#define RS_IFACE_FIRMWARE RS_BUS_NAME ".Firmware"
#define RS_IFACE_CWMP RS_BUS_NAME ".Cwmp"

#define RS_USER "resyncd"
#define RS_GROUP_USER "resyncd"
#define RS_GROUP_ADMIN "resyncd-admin"
#define RS_GROUP_SIP "resyncd-sip"

/* Whose SRV records name the provisioning servers of a domain (DISC-7): what stands before its name. */
#define RS_SRV_HTTPS "_ciscoprov-https._tls"
#define RS_SRV_HTTP "_ciscoprov-http._tcp"

/* MESSAGE_IDs of the journal; data/resyncd.catalog says what each means and what to do (LOG-2). */
#define RS_MESSAGE_STARTED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c01"
#define RS_MESSAGE_LEASE "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c02"
#define RS_MESSAGE_RESYNC_STARTED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c03"
#define RS_MESSAGE_RESYNC_SUCCESS "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c04"
#define RS_MESSAGE_RESYNC_FAILED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c05"
#define RS_MESSAGE_VALUE_SKIPPED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c06"
#define RS_MESSAGE_STORE_BROKEN "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c07"
#define RS_MESSAGE_STORE_FAILED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c08"
#define RS_MESSAGE_CONFIG "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c09"
#define RS_MESSAGE_WORKER_DIED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c0a"
#define RS_MESSAGE_OPTION_IGNORED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c0b"
#define RS_MESSAGE_SET "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c0c"
#define RS_MESSAGE_FACTORY_RESET "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c0d"
#define RS_MESSAGE_REBOOT_REQUIRED "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c0e"
#define RS_MESSAGE_WORKER_CAUGHT "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c0f"
#define RS_MESSAGE_REPORT_SENT "7aa7a2ee5893408c8c46a70e7f803b7d"
#define RS_MESSAGE_REPORT_FAILED "c163421bb60d40778c1c61e55d2e035c"
#define RS_MESSAGE_UPGRADE "2a62098c707b49c690b11749c1ac6bb4"
#define RS_MESSAGE_UPGRADE_FAILED "4d0376ed7cd54ebebfead10bcedf74f6"
#define RS_MESSAGE_CUSTOM_CA "9c3a7f6e2f4d4c0a9d5b0f7a1e6b3c10"
#define RS_MESSAGE_OPERATOR "b1cd14b38c194e949055365e07d5894c"
#define RS_MESSAGE_SYSLOG "f4243de17d1a4e65841414e65cc7d471"
