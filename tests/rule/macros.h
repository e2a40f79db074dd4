/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The macros of an invented phone, for the tests of the rule language. */
#pragma once

#include "rule/macro.h"

#include <string.h>

static inline const char *
test_macro (const char *name, gpointer data)
{
  static const struct
  {
    const char *name;
    const char *value;
  } values[] = {
    { "A", "ABCDEF" },
    { "B", "$C|(x)?[--srv]!" },
    { "C", "gamma" },
    { "D", "Grüße" },
    { "E", "" },
    { "F", "http://files.example.com/x.xml" },
    { "G", "a b" },
    { "P", "letter-p" },
    { "SA", "s3cret" },
    { "SB", "other" },
    { "SC", "with\nline" },
    { "MA", "000e08aabbcc" },
    { "MAU", "000E08AABBCC" },
    { "MAC", "00:0e:08:aa:bb:cc" },
    { "PN", "CP-8851-3PCC" },
    { "PSN", "8851-3PCC" },
    { "SN", "FCH1234" },
    { "CCERT", "Not Installed" },
    { "IP", "192.0.2.7" },
    { "EXTIP", "" },
    { "SWVER", "sip88xx.11-3-2MPP0001-609" },
    { "HWVER", "1.0.0" },
    { "PRVST", "-1" },
    { "UPGST", "1" },
    { "UPGERR", "" },
    { "PRVTMR", "700" },
    { "UPGTMR", "60" },
    { "REGTMR1", "20" },
    { "REGTMR12", "240" },
    { "UPGCOND", "0" },
    { "SCHEME", "https" },
    { "SERV", "ps.example.com" },
    { "SERVIP", "192.0.2.1" },
    { "PORT", "443" },
    { "PATH", "/p.xml" },
    { "ERR", "" },
    { "UID1", "alice" },
    { "UID16", "sixteen" },
    { "AUTHID1", "auth" },
    { "DISPLAYNAME1", "Alice" },
    { "ISCUST", "0" },
    { "VERSION", "11.3.2" },
    { "VENDOR", "Cisco" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      if (strcmp (values[i].name, name) == 0)
        return values[i].value;
    }
  return NULL;
}

static const RsMacros test_macros = { test_macro, NULL };
