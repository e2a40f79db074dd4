/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits and Landlock come before the first thread and so before everything that might start one, the request comes
 * before them because it says which files and how much memory the job needs, and the filter comes after all that loads
 * code. Up to here nothing of a server has been read. */
#include "fetch/confine.h"

#include "cage/cage.h"
#include "config.h"
#include "fetch/channel.h"
#include "fetch/http-session.h"
#include "fetch/image.h"
#include "fetch/own-certificate.h"
#include "fetch/pac.h"
#include "fetch/trust.h"

#include <gio/gio.h>
#include <string.h>

G_STATIC_ASSERT (RS_CHANNEL_FD <= RS_CAGE_GIVEN_MAX);
G_STATIC_ASSERT (RS_IMAGE_FD == RS_CAGE_FILE);

/* Bytes beyond the libraries. A small file by https and the system's roots need 6 MB. At the worst moment there are
 * nine copies of a profile, measured with one in ISO-8859-1 that is all accents: of 8 MB in the clear it takes 57 MB,
 * encrypted 65, with gzip inside that does not compress 73, and with such gzip around it as well more than 77. */
#define MEMORY_BASE          (16 << 20)
#define MEMORY_PER_BYTE      9
#define MEMORY_PER_PARAMETER 256
#define MEMORY_PER_SENT      4 /* a copy, an encrypted one, and what TLS makes of them */
/* JavaScript: a stack of 4 MB, and 8 MB before its engine looks for what can go; a list of 6000 hosts needs less */
#define MEMORY_SCRIPT        (24 << 20)

/* An image has no time for the whole; what a slow processor does with one in a second of its time, several times over. */
#define BYTES_A_SECOND (1 << 20)

/* How names become addresses, and where chance comes from. */
static const char *const always[] = {
  "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/dev/urandom",
};

/* What time it is where the phone is: such files may ask. */
static const char *const zones[] = { "/etc/localtime", "/usr/share/zoneinfo" };

/* How GnuTLS finds the modules of tokens. */
static const char *const modules[] = { "/etc/pkcs11", "/usr/share/p11-kit" };

static void
add_path (GPtrArray *paths, const char *path)
{
  if (path[0] == '/')
    g_ptr_array_add (paths, (gpointer)path);
}

/* What would load code or start threads later. */
static void
warm_up (const RsRequest *request)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  if (request->kind == RS_JOB_PROXY)
    rs_pac_load ();
  if (!rs_request_is_http (request))
    return;
  rs_http_warm_up ();
  if (rs_own_certificate_needs_token (request))
    rs_own_certificate_warm_up (request);
}

gboolean
rs_confine (const RsRequest *request, GError **error)
{
  gboolean http = rs_request_is_http (request), script = request->kind == RS_JOB_PROXY;
  gboolean image = request->kind == RS_JOB_IMAGE;
  g_auto (GStrv) token_paths = g_strsplit (request->token_paths, ";", -1);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  RsCage cage = {
    .tcp = http,
    .memory = MEMORY_BASE + (image ? 0 : MEMORY_PER_BYTE * request->max_bytes) + MEMORY_PER_PARAMETER * request->max_parameters
              + MEMORY_PER_SENT * strlen (request->body) + (script ? MEMORY_SCRIPT : 0),
    .seconds = request->transfer_timeout + RS_WORKER_SECONDS_MORE + (image ? (guint)(request->max_bytes / BYTES_A_SECOND) : 0),
    /* never 0, which would be none */
    .file_bytes = image ? MAX (MIN (request->max_bytes, request->room), 1) : 0,
    .narrows = script,
    .token = http && rs_own_certificate_needs_token (request),
    .allow_weak = request->allow_weak_sandbox,
  };

  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    add_path (paths, always[i]);
  for (guint i = 0; script && i < G_N_ELEMENTS (zones); i++)
    add_path (paths, zones[i]);
  if (http)
    {
      /* http may be redirected to https */
      add_path (paths, request->ca_file);
      add_path (paths, request->crl_file);
      add_path (paths, request->certificate_file);
      add_path (paths, request->private_key_file);
      for (guint i = 0; cage.token && i < G_N_ELEMENTS (modules); i++)
        add_path (paths, modules[i]);
      for (guint i = 0; cage.token && token_paths[i] != NULL; i++)
        add_path (paths, token_paths[i]);
      if (request->system_ca)
        add_path (paths, RS_SYSTEM_CA_FILE);
    }
  g_ptr_array_add (paths, NULL);
  cage.paths = (const char *const *)paths->pdata;
  if (!rs_cage_confine (&cage, error))
    return FALSE;
  warm_up (request);
  return rs_cage_seal (&cage, error);
}
