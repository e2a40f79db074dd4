/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The findings of resyncctl check: lines for people, a document of the contract, and SARIF for what collects the results of checks. */
#pragma once

#include "ctl/faults.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A file that was checked. */
typedef struct
{
  const char *path; /* as it was given */
  RsFindings *findings;
} RsChecked;

void      rs_report_print (const RsChecked *checked);

/* The document of the contract over n files; each fault names its file as well. */
JsonNode *rs_report_json (const RsChecked *checked,
                          guint            n) G_GNUC_WARN_UNUSED_RESULT;

/* SARIF 2.1.0, one run. (OASIS: Static Analysis Results Interchange Format) */
JsonNode *rs_report_sarif (const RsChecked *checked,
                           guint            n) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
