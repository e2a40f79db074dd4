/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table that joins error codes, their names on the bus and their class. */
#include "base/error.h"

G_DEFINE_QUARK (rs-error-quark, rs_error)

static const struct
{
  const char *name;
  RsClass class;
  gboolean transient;
} errors[RS_N_ERRORS] = {
  [RS_ERROR_FAILED] = { "Failed", RS_CLASS_C, TRUE },
  [RS_ERROR_INVALID_RULE] = { "InvalidRule", RS_CLASS_C, FALSE },
  [RS_ERROR_INVALID_NAME] = { "InvalidName", RS_CLASS_C, FALSE },
  [RS_ERROR_INVALID_VALUE] = { "InvalidValue", RS_CLASS_C, FALSE },
  [RS_ERROR_INVALID_CODE] = { "InvalidCode", RS_CLASS_C, FALSE },
  [RS_ERROR_INVALID_ARGUMENT] = { "InvalidArgument", RS_CLASS_C, FALSE },
  [RS_ERROR_NOT_ALLOWED] = { "NotAllowed", RS_CLASS_C, FALSE },
  [RS_ERROR_BUSY] = { "Busy", RS_CLASS_C, TRUE },
  [RS_ERROR_DISABLED] = { "Disabled", RS_CLASS_C, FALSE },
  [RS_ERROR_NOT_FOUND] = { "NotFound", RS_CLASS_B, TRUE },
  [RS_ERROR_UNREACHABLE] = { "Unreachable", RS_CLASS_C, TRUE },
  [RS_ERROR_UNTRUSTED] = { "Untrusted", RS_CLASS_C, TRUE },
  [RS_ERROR_CORRUPT] = { "Corrupt", RS_CLASS_B, TRUE },
  [RS_ERROR_STORAGE] = { "Storage", RS_CLASS_C, TRUE },
  [RS_ERROR_CANCELLED] = { "Cancelled", RS_CLASS_C, TRUE },
};

static RsError
bounded (RsError code)
{
  return (guint)code < RS_N_ERRORS ? code : RS_ERROR_FAILED;
}

const char *
rs_error_name (RsError code)
{
  return errors[bounded (code)].name;
}

gboolean
rs_error_from_name (const char *name,
                    RsError    *code)
{
  for (guint i = 0; i < RS_N_ERRORS; i++)
    {
      if (g_strcmp0 (errors[i].name, name) == 0)
        {
          *code = i;
          return TRUE;
        }
    }
  return FALSE;
}

RsError
rs_error_code (const GError *error)
{
  return error != NULL && error->domain == RS_ERROR ? bounded (error->code) : RS_ERROR_FAILED;
}

RsClass
rs_error_class (RsError code)
{
  return errors[bounded (code)].class;
}

const char *
rs_class_name (RsClass class)
{
  return class == RS_CLASS_A ? "A" : class == RS_CLASS_B ? "B" : "C";
}

gboolean
rs_error_is_transient (RsError code)
{
  return errors[bounded (code)].transient;
}
