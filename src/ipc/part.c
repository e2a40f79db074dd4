/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is kept of an image that did not come whole. The daemon stores it and gives it to another worker, which puts the validator
 * into a request of HTTP: so it is looked at on each of these ways. */
#include "ipc/field.h"
#include "ipc/frame.h"
#include "ipc/judge.h"

#include <string.h>

#define HTTP_DATE_LENGTH 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

#define NUMBER(member) { #member, G_STRUCT_OFFSET (RsPart, member), RS_FIELD_UINT64, 0, 1, RS_IMAGE_MAX }
#define TEXT(member, kind, least, most) { #member, G_STRUCT_OFFSET (RsPart, member), RS_FIELD_TEXT, kind, least, most }

#define PART_TYPE G_VARIANT_TYPE ("(ttsss)")

static const RsField fields[] = {
  NUMBER (bytes),
  NUMBER (total),
  TEXT (validator, RS_TEXT_HEADER, 1, RS_VALIDATOR_MAX),
  TEXT (digest, RS_TEXT_DIGEST, RS_DIGEST_LENGTH, RS_DIGEST_LENGTH),
  TEXT (source, RS_TEXT_DIGEST, RS_DIGEST_LENGTH, RS_DIGEST_LENGTH),
};

void
rs_part_clear (RsPart *part)
{
  rs_fields_clear (fields, G_N_ELEMENTS (fields), part);
  part->bytes = part->total = 0;
}

gboolean
rs_validator_is_strong (const char *validator)
{
  gsize length = strlen (validator);

  if (length > RS_VALIDATOR_MAX || !rs_text_is (validator, RS_TEXT_HEADER))
    return FALSE;
  if (validator[0] == '"')
    return length > 1 && strchr (validator + 1, '"') == validator + length - 1;
  return length == HTTP_DATE_LENGTH && g_str_has_suffix (validator, " GMT") && strchr (validator, '"') == NULL;
}

const char *
rs_part_fault (const RsPart *part)
{
  if (part->bytes == 0 || part->bytes > part->total)
    return "“part.bytes” are none, or more than there are";
  if (part->validator == NULL || !rs_validator_is_strong (part->validator))
    return "“part.validator” is none that the rest can be asked for by";
  if (part->digest == NULL || strlen (part->digest) != RS_DIGEST_LENGTH)
    return "“part.digest” is none";
  return part->source == NULL || strlen (part->source) != RS_DIGEST_LENGTH ? "“part.source” is none" : NULL;
}

static gboolean
part_check (const RsPart *part,
            RsError       code,
            GError      **error)
{
  const char *fault;

  if (!rs_fields_check (fields, G_N_ELEMENTS (fields), part, code, error))
    return FALSE;
  fault = rs_part_fault (part);
  if (fault != NULL)
    g_set_error (error, RS_ERROR, code, "Field %s", fault);
  return fault == NULL;
}

GBytes *
rs_part_to_frame (const RsPart *part,
                  GError      **error)
{
  GVariant *children[G_N_ELEMENTS (fields)];

  if (!part_check (part, RS_ERROR_INVALID_ARGUMENT, error))
    return NULL;
  rs_fields_to_variants (fields, G_N_ELEMENTS (fields), part, children);
  return rs_frame_build (RS_FRAME_PART, children, G_N_ELEMENTS (children), error);
}

gboolean
rs_part_from_payload (GBytes          *payload,
                      const RsRequest *request,
                      RsPart          *part,
                      GError         **error)
{
  g_autoptr (GVariant) tuple = rs_frame_open (RS_FRAME_PART, PART_TYPE, payload, error);
  g_auto (RsPart) read = { 0 };

  if (tuple == NULL)
    return FALSE;
  rs_fields_from_tuple (fields, G_N_ELEMENTS (fields), tuple, &read);
  if (!part_check (&read, RS_ERROR_FAILED, error)
      || !rs_frame_confirm (RS_FRAME_PART, payload, rs_part_to_frame (&read, NULL), error))
    return FALSE;
  if (request->kind != RS_JOB_IMAGE || !rs_request_is_http (request) || read.total > request->max_bytes)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "A part of what was not asked for");
      return FALSE;
    }
  *part = read;
  read = (RsPart){ 0 };
  return TRUE;
}
