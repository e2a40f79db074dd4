/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one error domain of resyncd. Callers branch on its codes, the bus shows them by name, and foreign errors
 * are converted to it once, where they enter. Codes and names are those of the D-Bus contract. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RS_ERROR (rs_error_quark ())

typedef enum
{
  RS_ERROR_FAILED,           /* anything that has no code of its own */
  RS_ERROR_INVALID_RULE,     /* a rule that cannot be parsed or that the caller may not give (RULE-10) */
  RS_ERROR_INVALID_NAME,     /* no such parameter */
  RS_ERROR_INVALID_VALUE,    /* type, range or enumeration of a parameter */
  RS_ERROR_INVALID_CODE,     /* an activation code of the wrong form */
  RS_ERROR_INVALID_ARGUMENT, /* any other argument */
  RS_ERROR_NOT_ALLOWED,      /* the caller's class may not do this */
  RS_ERROR_BUSY,             /* a third resync at a time, too many inhibitors */
  RS_ERROR_DISABLED,         /* switched off by a parameter, or not built in */
  RS_ERROR_NOT_FOUND,        /* 404, TFTP error 1: class B */
  RS_ERROR_UNREACHABLE,      /* no route, refused, unknown host, timed out: class C */
  RS_ERROR_UNTRUSTED,        /* TLS: class C */
  RS_ERROR_CORRUPT,          /* a profile that is no profile: class B */
  RS_ERROR_STORAGE,          /* the disk: class C */
  RS_ERROR_CANCELLED,
} RsError;

#define RS_N_ERRORS (RS_ERROR_CANCELLED + 1)

/* How an attempt ended, as the status tables of the phones say it (HTTP-6): A waits for the period,
 * B (no such file, corrupt profile) and C (anything else) for the retry list. */
typedef enum
{
  RS_CLASS_A,
  RS_CLASS_B,
  RS_CLASS_C,
} RsClass;

GQuark      rs_error_quark (void);

/* "NotFound" …: the last part of the D-Bus error name. A code out of range is "Failed". */
const char *rs_error_name (RsError code);

/* The reverse; FALSE where the name is none of the list. */
gboolean    rs_error_from_name (const char *name,
                                RsError    *code);

/* The code of an error of any domain: a foreign one counts as RS_ERROR_FAILED, for it should
 * have been converted where it entered. */
RsError     rs_error_code (const GError *error);

/* B for RS_ERROR_NOT_FOUND and RS_ERROR_CORRUPT, else C. */
RsClass     rs_error_class (RsError code);

/* "A", "B", "C" */
const char *rs_class_name (RsClass class);

/* Whether the same request may well succeed later without anybody changing it. */
gboolean    rs_error_is_transient (RsError code);

G_END_DECLS
