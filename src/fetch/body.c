/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bodies of requests. --key is first, as it is with the rule that has it; keying material is the phone's own. */
#include "fetch/body.h"

#include "base/secret.h"
#include "profile/profile.h"

#include <gnutls/crypto.h>
#include <string.h>

static GBytes *
encrypt (GBytes *plain, const RsRequest *request, GError **error)
{
  guint8 salt[RS_PROFILE_SALT];

  if (gnutls_rnd (GNUTLS_RND_NONCE, salt, sizeof salt) != 0)
    {
      g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "no random numbers to encrypt the report with");
      return NULL;
    }
  return rs_profile_encrypt (plain, request->key, *request->key == '\0' ? request->ikm : NULL, FALSE, salt, error);
}

gboolean
rs_body_init (RsBody *body, const RsRequest *request, GError **error)
{
  g_autoptr (GBytes) plain = rs_secret_bytes_new_take (g_strdup (request->body), strlen (request->body));

  *body = (RsBody){ 0 };
  if (request->method == RS_METHOD_GET)
    return TRUE;
  if (!request->upload || (*request->key == '\0' && *request->ikm == '\0'))
    {
      body->bytes = g_steal_pointer (&plain);
      body->type = request->upload ? "application/xml; charset=utf-8" : "text/plain; charset=utf-8";
      return TRUE;
    }
  body->bytes = encrypt (plain, request, error);
  body->type = "application/octet-stream";
  body->encoding = *request->key == '\0' ? "aes128gcm" : NULL;
  return body->bytes != NULL;
}

void
rs_body_clear (RsBody *body)
{
  g_clear_pointer (&body->bytes, g_bytes_unref);
}

void
rs_body_attach (const RsBody *body, SoupMessage *message)
{
  if (body->bytes == NULL)
    return;
  soup_message_set_request_body_from_bytes (message, body->type, body->bytes);
  if (body->encoding != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Content-Encoding", body->encoding);
}
