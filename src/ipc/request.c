/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request of a job and the progress that comes back. */
#include "ipc/field.h"
#include "ipc/frame.h"
#include "ipc/judge.h"

#include <string.h>

#define PATH_MAX_BYTES 4096
#define SECRET_MAX_BYTES 1024
#define TARGET_MAX_BYTES 300 /* scheme, host, port and a slash */
#define SRV_TARGET_MAX_BYTES 259 /* a name, a colon and a port */
#define DAY 86400

#define TEXT(member, kind, least, most) \
  { #member, G_STRUCT_OFFSET (RsRequest, member), RS_FIELD_TEXT, kind, least, most }
#define FLAG(member) { #member, G_STRUCT_OFFSET (RsRequest, member), RS_FIELD_BOOL }
#define NUMBER(member, type, least, most) { #member, G_STRUCT_OFFSET (RsRequest, member), type, 0, least, most }

#define REQUEST_TYPE G_VARIANT_TYPE ("(ssqssssbsssssbssbstuuubsysbyssssssssbbsbyuttttsss)")

static const RsField request_fields[] = {
  TEXT (scheme, RS_TEXT_SCHEME, 1, 6),
  TEXT (host, RS_TEXT_HOST, 1, 253),
  NUMBER (port, RS_FIELD_UINT16, 1, G_MAXUINT16),
  TEXT (path, RS_TEXT_PATH, 1, PATH_MAX_BYTES),
  TEXT (user_agent, RS_TEXT_LINE, 0, 1024),
  TEXT (user, RS_TEXT_LINE, 0, SECRET_MAX_BYTES),
  TEXT (password, RS_TEXT_LINE, 0, SECRET_MAX_BYTES),
  FLAG (basic_over_http),
  TEXT (if_none_match, RS_TEXT_HEADER, 0, RS_VALIDATOR_MAX),
  TEXT (if_modified_since, RS_TEXT_HEADER, 0, RS_VALIDATOR_MAX),
  TEXT (key, RS_TEXT_FREE, 0, SECRET_MAX_BYTES),
  TEXT (alias_map, RS_TEXT_FREE, 0, RS_ASSIGNMENT_VALUE_MAX),
  TEXT (ca_file, RS_TEXT_FILE, 0, PATH_MAX_BYTES),
  FLAG (system_ca),
  TEXT (certificate_file, RS_TEXT_FILE, 0, PATH_MAX_BYTES),
  TEXT (private_key_file, RS_TEXT_FILE, 0, PATH_MAX_BYTES),
  FLAG (clock_is_set),
  TEXT (literal_address, RS_TEXT_ADDRESS, 0, 45),
  NUMBER (max_bytes, RS_FIELD_UINT64, 1, RS_IMAGE_MAX),
  NUMBER (max_parameters, RS_FIELD_UINT32, 1, RS_PARAMETERS_MAX),
  NUMBER (connect_timeout, RS_FIELD_UINT32, 1, DAY),
  NUMBER (transfer_timeout, RS_FIELD_UINT32, 1, DAY),
  FLAG (allow_weak_sandbox),
  TEXT (ikm, RS_TEXT_FREE, 0, SECRET_MAX_BYTES),
  NUMBER (method, RS_FIELD_BYTE, RS_METHOD_GET, RS_METHOD_PUT),
  TEXT (body, RS_TEXT_FREE, 0, RS_BODY_MAX),
  FLAG (upload),
  NUMBER (kind, RS_FIELD_BYTE, 0, RS_JOB_IMAGE),
  TEXT (proxies, RS_TEXT_HEADER, 0, RS_PROXIES_MAX),
  TEXT (proxy_user, RS_TEXT_LINE, 0, SECRET_MAX_BYTES),
  TEXT (proxy_password, RS_TEXT_LINE, 0, SECRET_MAX_BYTES),
  TEXT (custom_ca, RS_TEXT_PEM, 0, RS_CERTIFICATE_MAX),
  TEXT (crl_file, RS_TEXT_FILE, 0, PATH_MAX_BYTES),
  TEXT (own_address, RS_TEXT_ADDRESS, 0, 45),
  TEXT (token_paths, RS_TEXT_LINE, 0, PATH_MAX_BYTES),
  TEXT (target, RS_TEXT_URL, 0, TARGET_MAX_BYTES),
  FLAG (srv),
  FLAG (srv_by_chance),
  TEXT (srv_target, RS_TEXT_HOST, 0, SRV_TARGET_MAX_BYTES),
  FLAG (proxies_found),
  NUMBER (redirects, RS_FIELD_BYTE, 0, RS_REDIRECTS_MAX),
  NUMBER (stall_timeout, RS_FIELD_UINT32, 0, DAY),
  NUMBER (max_rate, RS_FIELD_UINT64, 0, G_MAXINT64),
  NUMBER (room, RS_FIELD_UINT64, 0, G_MAXINT64),
  NUMBER (part.bytes, RS_FIELD_UINT64, 0, RS_IMAGE_MAX),
  NUMBER (part.total, RS_FIELD_UINT64, 0, RS_IMAGE_MAX),
  TEXT (part.validator, RS_TEXT_HEADER, 0, RS_VALIDATOR_MAX),
  TEXT (part.digest, RS_TEXT_DIGEST, 0, RS_DIGEST_LENGTH),
  TEXT (part.source, RS_TEXT_DIGEST, 0, RS_DIGEST_LENGTH),
};

#define PROGRESS_TYPE G_VARIANT_TYPE ("(ytt)")
#define PROGRESS_NUMBER(member, type, most) { #member, G_STRUCT_OFFSET (RsProgress, member), type, 0, 0, most }

static const RsField progress_fields[] = {
  PROGRESS_NUMBER (stage, RS_FIELD_BYTE, RS_STAGE_DECODING),
  PROGRESS_NUMBER (bytes, RS_FIELD_UINT64, G_MAXINT64),
  PROGRESS_NUMBER (total, RS_FIELD_UINT64, G_MAXINT64),
};

/* RS_FIELD_BYTE reads four bytes of the struct */
G_STATIC_ASSERT (sizeof (RsStage) == sizeof (guint32));
G_STATIC_ASSERT (sizeof (RsMethod) == sizeof (guint32));
G_STATIC_ASSERT (sizeof (RsJobKind) == sizeof (guint32));

void
rs_request_free (RsRequest *request)
{
  if (request == NULL)
    return;
  rs_fields_clear (request_fields, G_N_ELEMENTS (request_fields), request);
  g_free (request);
}

static gboolean
is_set (const char *text)
{
  return text != NULL && text[0] != '\0';
}

static gboolean
is_on_token (const char *file)
{
  return file != NULL && g_str_has_prefix (file, "pkcs11:");
}

gboolean
rs_request_is_http (const RsRequest *request)
{
  return strcmp (request->scheme, "http") == 0 || strcmp (request->scheme, "https") == 0;
}

gboolean
rs_request_may_use_token (const RsRequest *request)
{
  return rs_request_is_http (request) && (is_on_token (request->certificate_file) || is_on_token (request->private_key_file));
}

/* What nobody learns to whom a redirect leads. */
static gboolean
has_own_secrets (const RsRequest *request)
{
  return is_set (request->user) || is_set (request->password) || is_set (request->certificate_file)
         || is_set (request->private_key_file);
}

static gboolean
has_part (const RsPart *part)
{
  return part->bytes > 0 || part->total > 0 || is_set (part->validator) || is_set (part->digest)
         || is_set (part->source);
}

/* What a job for an image may not ask, and others not as if they were one, or NULL. */
static const char *
image_fault (const RsRequest *request)
{
  if ((request->kind == RS_JOB_IMAGE) != (request->stall_timeout > 0))
    return "“stall_timeout” does not go with the kind of the job";
  if (request->kind != RS_JOB_IMAGE && request->max_bytes > RS_BYTES_MAX)
    return "“max_bytes” of more than an image";
  if (request->kind != RS_JOB_IMAGE)
    return request->max_rate > 0 || request->room > 0 || has_part (&request->part) ? "“part” of what is no image" : NULL;
  if (request->method != RS_METHOD_GET || is_set (request->if_none_match) || is_set (request->if_modified_since))
    return "“kind” of a file that is asked for by GET and without conditions";
  if (is_set (request->key) || is_set (request->ikm) || is_set (request->alias_map))
    return "“kind” of a file that is not decoded";
  return has_part (&request->part) ? rs_part_fault (&request->part) : NULL;
}

/* What fields that are good by themselves may not say together, or NULL. */
static const char *
request_fault (const RsRequest *request)
{
  gboolean tftp = strcmp (request->scheme, "tftp") == 0, http = rs_request_is_http (request);

  if (!tftp && request->path[0] != '/')
    return "“path” does not start with a slash";
  if ((request->kind == RS_JOB_PROXY) != is_set (request->target))
    return "“target” does not go with the kind of the job";
  if (!tftp && !http && !request->upload)
    return "“scheme” is none that brings a profile";
  if (!http && (request->srv || is_set (request->srv_target) || request->kind == RS_JOB_SRV))
    return "“scheme” is none of SRV records";
  if (request->srv + is_set (request->srv_target) + (request->kind == RS_JOB_SRV) > 1)
    return "“srv” beside a server that is named, or is to be found";
  if (request->redirects > 0 && (!http || has_own_secrets (request)))
    return "“redirects” with what only the first server is told";
  if (image_fault (request) != NULL)
    return image_fault (request);
  if (request->method == RS_METHOD_GET)
    return is_set (request->body) || request->upload ? "“body” or “upload” without a method that has one" : NULL;
  if (!http && (request->method != RS_METHOD_PUT || !request->upload))
    return "“method” is none of TFTP";
  if (request->method == RS_METHOD_PUT && !request->upload)
    return "“method” is none that brings a profile";
  if (!request->upload && request->body != NULL && strlen (request->body) > RS_POST_MAX)
    return "“body” is longer than what asks for a profile";
  if (is_set (request->if_none_match) || is_set (request->if_modified_since))
    return "“method” is none that can be conditional";
  return NULL;
}

static gboolean
request_check (const RsRequest *request,
               RsError          code,
               GError         **error)
{
  const char *fault;

  if (!rs_fields_check (request_fields, G_N_ELEMENTS (request_fields), request, code, error))
    return FALSE;
  fault = request_fault (request);
  if (fault != NULL)
    g_set_error (error, RS_ERROR, code, "Field %s", fault);
  return fault == NULL;
}

GBytes *
rs_request_to_frame (const RsRequest *request,
                     GError         **error)
{
  GVariant *children[G_N_ELEMENTS (request_fields)];

  if (!request_check (request, RS_ERROR_INVALID_ARGUMENT, error))
    return NULL;
  rs_fields_to_variants (request_fields, G_N_ELEMENTS (request_fields), request, children);
  return rs_frame_build (RS_FRAME_REQUEST, children, G_N_ELEMENTS (children), error);
}

RsRequest *
rs_request_from_payload (GBytes  *payload,
                         GError **error)
{
  g_autoptr (GVariant) tuple = rs_frame_open (RS_FRAME_REQUEST, REQUEST_TYPE, payload, error);
  g_autoptr (RsRequest) request = NULL;

  if (tuple == NULL)
    return NULL;
  request = g_new0 (RsRequest, 1);
  rs_fields_from_tuple (request_fields, G_N_ELEMENTS (request_fields), tuple, request);
  if (!request_check (request, RS_ERROR_FAILED, error)
      || !rs_frame_confirm (RS_FRAME_REQUEST, payload, rs_request_to_frame (request, NULL), error))
    return NULL;
  return g_steal_pointer (&request);
}

const char *
rs_stage_name (RsStage stage)
{
  switch (stage)
    {
    case RS_STAGE_CONNECTING:
      return "connecting";
    case RS_STAGE_DOWNLOADING:
      return "downloading";
    case RS_STAGE_DECODING:
      return "decoding";
    }
  return "";
}

GBytes *
rs_progress_to_frame (const RsProgress *progress)
{
  GVariant *children[G_N_ELEMENTS (progress_fields)];
  RsProgress bounded = { MIN (progress->stage, RS_STAGE_DECODING), MIN (progress->bytes, G_MAXINT64),
                         MIN (progress->total, G_MAXINT64) };

  rs_fields_to_variants (progress_fields, G_N_ELEMENTS (progress_fields), &bounded, children);
  return rs_frame_build (RS_FRAME_PROGRESS, children, G_N_ELEMENTS (children), NULL);
}

gboolean
rs_progress_from_payload (GBytes     *payload,
                          RsProgress *progress,
                          GError    **error)
{
  g_autoptr (GVariant) tuple = rs_frame_open (RS_FRAME_PROGRESS, PROGRESS_TYPE, payload, error);
  RsProgress read;

  if (tuple == NULL)
    return FALSE;
  rs_fields_from_tuple (progress_fields, G_N_ELEMENTS (progress_fields), tuple, &read);
  if (!rs_fields_check (progress_fields, G_N_ELEMENTS (progress_fields), &read, RS_ERROR_FAILED, error)
      || !rs_frame_confirm (RS_FRAME_PROGRESS, payload, rs_progress_to_frame (&read), error))
    return FALSE;
  *progress = read;
  return TRUE;
}
