/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A certificate database in front of two file databases and of a few certificates in memory. The system's is opened only
 * when the others do not know the issuer: its 150 roots cost 8 MB and 16 ms. */
#include "fetch/trust.h"

#include "base/error.h"
#include "base/text.h"
#include "fetch/revocation.h"
#include "fetch/x509.h"

#include <string.h>

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"

struct _RsTrust
{
  GTlsDatabase parent_instance;
  GTlsDatabase *own;    /* of CaFile; NULL: none */
  GPtrArray *custom;    /* GTlsCertificate, of Custom_CA_Rule */
  RsRevocation *revocation; /* of CrlFile; NULL: none */
  GTlsDatabase *system; /* NULL: not opened yet */
  gboolean use_system;
};

G_DEFINE_FINAL_TYPE (RsTrust, rs_trust, G_TYPE_TLS_DATABASE)

static GTlsDatabase *
system_database (RsTrust *self, GError **error)
{
  if (self->system == NULL)
    self->system = g_tls_file_database_new (RS_SYSTEM_CA_FILE, error);
  return self->system;
}

/* The one of the custom CA's that made it. */
static GTlsCertificate *
custom_root_of (RsTrust *self, GTlsCertificate *certificate)
{
  gnutls_x509_crt_t parsed = rs_x509_from (certificate);
  GTlsCertificate *found = NULL;

  for (guint i = 0; parsed != NULL && found == NULL && i < self->custom->len; i++)
    {
      gnutls_x509_crt_t root = rs_x509_from (self->custom->pdata[i]);

      if (root != NULL && gnutls_x509_crt_check_issuer (parsed, root) == 1)
        found = g_object_ref (self->custom->pdata[i]);
      if (root != NULL)
        gnutls_x509_crt_deinit (root);
    }
  if (parsed != NULL)
    gnutls_x509_crt_deinit (parsed);
  return found;
}

/* The one of the roots (NULL: those of the custom CA) that made it: the way to what is trusted ends there, whatever the
 * server sends along. NULL: none did. */
static GTlsCertificate *
root_of (RsTrust *self, GTlsDatabase *roots, GTlsCertificate *certificate)
{
  g_autoptr (GTlsCertificate) root = NULL;

  if (roots != NULL)
    root = g_tls_database_lookup_certificate_issuer (roots, certificate, NULL, G_TLS_DATABASE_LOOKUP_NONE, NULL, NULL);
  else
    root = custom_root_of (self, certificate);
  if (root == NULL || (g_tls_certificate_verify (certificate, NULL, root) & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return NULL;
  return g_steal_pointer (&root);
}

static GTlsCertificateFlags
own_faults (RsTrust *self, GTlsCertificate *certificate)
{
  gnutls_x509_crt_t parsed = rs_x509_from (certificate);
  GTlsCertificateFlags faults = 0;

  if (parsed == NULL)
    return G_TLS_CERTIFICATE_GENERIC_ERROR;
  if (!rs_x509_is_for_servers (parsed))
    faults |= G_TLS_CERTIFICATE_GENERIC_ERROR;
  if (!rs_x509_has_strong_key (parsed))
    faults |= G_TLS_CERTIFICATE_INSECURE;
  if (self->revocation != NULL && rs_revocation_holds (self->revocation, parsed))
    faults |= G_TLS_CERTIFICATE_REVOKED;
  gnutls_x509_crt_deinit (parsed);
  return faults;
}

/* What glib-networking does not look at in a chain: how strong its keys are, and what its certificates are for. Without
 * that, the certificate of any phone that the same authority has made could stand for a server of its name, and an
 * authority for phones alone could make servers. Nothing is asked of what lies beyond a root: many a root was signed once
 * more by an older and weaker one, and servers send both. */
static GTlsCertificateFlags
chain_faults (RsTrust *self, GTlsDatabase *roots, GTlsCertificate *chain)
{
  GTlsCertificateFlags faults = 0;

  for (GTlsCertificate *each = chain; each != NULL; each = g_tls_certificate_get_issuer (each))
    {
      g_autoptr (GTlsCertificate) root = root_of (self, roots, each);

      faults |= own_faults (self, each);
      if (root != NULL)
        return faults | own_faults (self, root);
    }
  return faults;
}

static GTlsCertificateFlags
verify_by_custom (RsTrust *self, GTlsCertificate *chain, GSocketConnectable *identity)
{
  GTlsCertificateFlags faults = G_TLS_CERTIFICATE_UNKNOWN_CA;

  for (guint i = 0; i < self->custom->len && (faults & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0; i++)
    faults = g_tls_certificate_verify (chain, identity, self->custom->pdata[i]);
  return faults;
}

static GTlsCertificateFlags
rs_trust_verify_chain (GTlsDatabase *database, GTlsCertificate *chain, const char *purpose,
                       GSocketConnectable *identity, GTlsInteraction *interaction, GTlsDatabaseVerifyFlags flags,
                       GCancellable *cancellable, GError **error)
{
  RsTrust *self = RS_TRUST (database);
  GTlsCertificateFlags faults = G_TLS_CERTIFICATE_UNKNOWN_CA;
  GTlsDatabase *roots = self->own;
  g_autoptr (GError) failed = NULL;

  if (self->own != NULL)
    faults
        = g_tls_database_verify_chain (self->own, chain, purpose, identity, interaction, flags, cancellable, &failed);
  if (failed == NULL && (faults & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0 && self->custom->len > 0)
    {
      roots = NULL;
      faults = verify_by_custom (self, chain, identity);
    }
  if (failed == NULL && (faults & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0 && self->use_system
      && system_database (self, &failed) != NULL)
    {
      roots = self->system;
      faults = g_tls_database_verify_chain (roots, chain, purpose, identity, interaction, flags, cancellable, &failed);
    }
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return G_TLS_CERTIFICATE_GENERIC_ERROR;
    }
  return faults | chain_faults (self, roots, chain);
}

static GTlsCertificate *
rs_trust_lookup_certificate_issuer (GTlsDatabase *database, GTlsCertificate *certificate, GTlsInteraction *interaction,
                                    GTlsDatabaseLookupFlags flags, GCancellable *cancellable, GError **error)
{
  RsTrust *self = RS_TRUST (database);

  if (self->own == NULL)
    return NULL;
  return g_tls_database_lookup_certificate_issuer (self->own, certificate, interaction, flags, cancellable, error);
}

static void
rs_trust_finalize (GObject *object)
{
  RsTrust *self = RS_TRUST (object);

  g_clear_object (&self->own);
  g_clear_object (&self->system);
  g_ptr_array_unref (self->custom);
  g_clear_pointer (&self->revocation, rs_revocation_free);
  G_OBJECT_CLASS (rs_trust_parent_class)->finalize (object);
}

static void
rs_trust_class_init (RsTrustClass *class)
{
  G_TLS_DATABASE_CLASS (class)->verify_chain = rs_trust_verify_chain;
  G_TLS_DATABASE_CLASS (class)->lookup_certificate_issuer = rs_trust_lookup_certificate_issuer;
  G_OBJECT_CLASS (class)->finalize = rs_trust_finalize;
}

static void
rs_trust_init (RsTrust *self)
{
  self->custom = g_ptr_array_new_with_free_func (g_object_unref);
}

/* The file database itself reads only later, and then takes a bad file for an empty one. */
static gboolean
check_ca_file (const char *ca_file, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GList *certificates = g_tls_certificate_list_new_from_file (ca_file, &reason);

  if (certificates == NULL)
    {
      g_autofree char *shown = rs_text_escape (ca_file, 0);
      g_autofree char *why = rs_text_escape (reason != NULL ? reason->message : "it holds no certificate", 0);

      g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the CA file %s cannot be used: %s; check CaFile in resyncd.conf",
                   shown, why);
      return FALSE;
    }
  g_list_free_full (certificates, g_object_unref);
  return TRUE;
}

static gboolean
add_ca_file (RsTrust *self, const char *ca_file, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (!check_ca_file (ca_file, error))
    return FALSE;
  self->own = g_tls_file_database_new (ca_file, &reason);
  if (self->own == NULL)
    g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the CA file cannot be used: %s", reason->message);
  return self->own != NULL;
}

static gboolean
add_custom (RsTrust *self, const char *pem, GError **error)
{
  for (const char *p = strstr (pem, PEM_BEGIN); p != NULL; p = strstr (p + 1, PEM_BEGIN))
    {
      GTlsCertificate *certificate = g_tls_certificate_new_from_pem (p, -1, NULL);

      if (certificate == NULL)
        {
          g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED,
                               "the custom CA cannot be read; set Custom_CA_Rule anew, and resync");
          return FALSE;
        }
      g_ptr_array_add (self->custom, certificate);
    }
  return TRUE;
}

GTlsDatabase *
rs_trust_new (const RsRequest *request, GError **error)
{
  g_autoptr (RsTrust) self = g_object_new (RS_TYPE_TRUST, NULL);

  self->use_system = request->system_ca;
  if (*request->ca_file != '\0' && !add_ca_file (self, request->ca_file, error))
    return NULL;
  if (!add_custom (self, request->custom_ca, error))
    return NULL;
  if (*request->crl_file != '\0' && (self->revocation = rs_revocation_load (request->crl_file, error)) == NULL)
    return NULL;
  return G_TLS_DATABASE (g_steal_pointer (&self));
}

static char *
date_text (GDateTime *date)
{
  return date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M UTC") : g_strdup ("a date that cannot be read");
}

/* The names that a certificate is for. */
static char *
names_text (GTlsCertificate *certificate)
{
  g_autoptr (GPtrArray) names = g_tls_certificate_get_dns_names (certificate);
  g_autoptr (GPtrArray) addresses = g_tls_certificate_get_ip_addresses (certificate);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      gsize length;
      const char *name = g_bytes_get_data (names->pdata[i], &length);
      g_autofree char *shown = rs_text_escape_bytes (name, length, 100);

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", shown);
    }
  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    {
      g_autofree char *shown = g_inet_address_to_string (addresses->pdata[i]);

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", shown);
    }
  return rs_text_escape (text->len > 0 ? text->str : "no name at all", 200);
}

static gboolean
is_self_signed (GTlsCertificate *certificate)
{
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);

  return g_tls_certificate_get_issuer (certificate) == NULL && g_strcmp0 (subject, issuer) == 0;
}

/* The first certificate above this one that may not sign others; NULL: none. */
static GTlsCertificate *
false_issuer (GTlsCertificate *certificate)
{
  GTlsCertificate *each = g_tls_certificate_get_issuer (certificate);

  for (; each != NULL; each = g_tls_certificate_get_issuer (each))
    {
      gnutls_x509_crt_t parsed = rs_x509_from (each);
      gboolean may_sign = parsed != NULL && gnutls_x509_crt_get_ca_status (parsed, NULL) > 0;

      if (parsed != NULL)
        gnutls_x509_crt_deinit (parsed);
      if (!may_sign)
        return each;
    }
  return NULL;
}

static char *
describe_issuer (GTlsCertificate *certificate)
{
  GTlsCertificate *top = certificate;
  GTlsCertificate *wrong = false_issuer (certificate);
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;

  if (is_self_signed (certificate))
    return g_strdup ("its certificate is self-signed");
  while (g_tls_certificate_get_issuer (top) != NULL)
    top = g_tls_certificate_get_issuer (top);
  name = wrong != NULL ? g_tls_certificate_get_subject_name (wrong) : g_tls_certificate_get_issuer_name (top);
  shown = rs_text_escape (name, 100);
  return g_strdup_printf (wrong != NULL ? "its certificate comes from an issuer that may not make any (%s)"
                                        : "its certificate comes from an issuer that is not trusted (%s)",
                          shown);
}

static void append_fault (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
append_fault (GString *text, const char *format, ...)
{
  va_list arguments;

  if (text->len > 0)
    g_string_append (text, ", and ");
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
}

static void
append_identity (GString *text, GTlsCertificate *certificate, const char *host)
{
  g_autofree char *names = names_text (certificate);
  g_autofree char *shown = rs_text_escape (host, 100);

  append_fault (text, "its certificate is for another name (%s, not %s)", names, shown);
}

static GDateTime *
get_date (GTlsCertificate *certificate, gboolean begin)
{
  return begin ? g_tls_certificate_get_not_valid_before (certificate)
               : g_tls_certificate_get_not_valid_after (certificate);
}

/* The narrowest date of a chain: one fault of dates may be that of an issuer. NULL: one cannot be read. */
static GDateTime *
narrowest (GTlsCertificate *certificate, gboolean begin)
{
  GDateTime *found = get_date (certificate, begin);
  GTlsCertificate *each = g_tls_certificate_get_issuer (certificate);

  for (; found != NULL && each != NULL; each = g_tls_certificate_get_issuer (each))
    {
      g_autoptr (GDateTime) own = get_date (each, begin);

      if (own != NULL && (g_date_time_compare (own, found) > 0) == begin)
        {
          g_date_time_unref (found);
          found = g_steal_pointer (&own);
        }
    }
  return found;
}

static void
append_dates (GString *text, GTlsCertificate *certificate, GTlsCertificateFlags flags)
{
  g_autoptr (GDateTime) begin = narrowest (certificate, TRUE);
  g_autoptr (GDateTime) end = narrowest (certificate, FALSE);
  g_autofree char *begin_text = date_text (begin);
  g_autofree char *end_text = date_text (end);

  if ((flags & G_TLS_CERTIFICATE_NOT_ACTIVATED) != 0)
    append_fault (text, "its certificate is not yet valid (before %s)", begin_text);
  if ((flags & G_TLS_CERTIFICATE_EXPIRED) != 0)
    append_fault (text, "its certificate has expired (on %s)", end_text);
}

char *
rs_trust_describe (GTlsCertificate *certificate, GTlsCertificateFlags flags, const char *host)
{
  GString *text = g_string_new (NULL);
  g_autofree char *issuer = NULL;

  if (certificate == NULL)
    {
      append_fault (text, "it showed no certificate");
      return g_string_free (text, FALSE);
    }
  if ((flags & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    {
      issuer = describe_issuer (certificate);
      append_fault (text, "%s", issuer);
    }
  if ((flags & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0)
    append_identity (text, certificate, host);
  append_dates (text, certificate, flags);
  if ((flags & G_TLS_CERTIFICATE_REVOKED) != 0)
    append_fault (text, "its certificate, or that of an issuer, was revoked (CrlFile in resyncd.conf)");
  if ((flags & G_TLS_CERTIFICATE_INSECURE) != 0)
    append_fault (text, "its certificate, or that of an issuer, has too weak a key or signature");
  if (text->len == 0)
    append_fault (text, "its certificate, or that of an issuer, is not one for servers or cannot be verified");
  return g_string_free (text, FALSE);
}

gboolean
rs_trust_is_dates_only (GTlsCertificateFlags flags)
{
  const GTlsCertificateFlags dates = G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED;

  return flags != 0 && (flags & ~dates) == 0;
}
