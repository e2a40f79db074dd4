/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A certificate database in front of three texts. Of each only those roots are made that the chain at hand may end at, and a text is looked into only
 * when those before it do not know the issuer: the system's takes 10 ms. */
#include "fetch/trust.h"

#include "base/error.h"
#include "base/text.h"
#include "fetch/revocation.h"
#include "fetch/roots.h"
#include "fetch/x509.h"

struct _RsTrust
{
  GTlsDatabase parent_instance;
  char *own;    /* PEM, of CaFile; "" none */
  char *custom; /* of Custom_CA_Rule; "" none */
  RsRevocation *revocation; /* of CrlFile; NULL: none */
  gboolean use_system;
};

G_DEFINE_FINAL_TYPE (RsTrust, rs_trust, G_TYPE_TLS_DATABASE)

/* Whether the root made it. */
static gboolean
is_made_by (GTlsCertificate *certificate, GTlsCertificate *root)
{
  gnutls_x509_crt_t made = rs_x509_from (certificate), maker = rs_x509_from (root);
  gboolean is = made != NULL && maker != NULL && gnutls_x509_crt_check_issuer (made, maker) == 1
                && (g_tls_certificate_verify (certificate, NULL, root) & G_TLS_CERTIFICATE_UNKNOWN_CA) == 0;

  if (made != NULL)
    gnutls_x509_crt_deinit (made);
  if (maker != NULL)
    gnutls_x509_crt_deinit (maker);
  return is;
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
 * authority for phones alone could make servers. The way to what is trusted ends at the root (NULL: it leads to none), whatever the
 * server sends along, and nothing is asked of what lies beyond a root: many a root was signed once
 * more by an older and weaker one, and servers send both. */
static GTlsCertificateFlags
chain_faults (RsTrust *self, GTlsCertificate *root, GTlsCertificate *chain)
{
  GTlsCertificateFlags faults = 0;

  for (GTlsCertificate *each = chain; each != NULL; each = g_tls_certificate_get_issuer (each))
    {
      faults |= own_faults (self, each);
      if (root != NULL && is_made_by (each, root))
        return faults | own_faults (self, root);
    }
  return faults;
}

/* By the roots of a text, unless others know the chain: (transfer full) the one that it leads to, and what is wrong with it then. Where there are
 * several, as of a root that was renewed, one without a fault is enough. */
static void
judge_by (const char *pem, GTlsCertificate *chain, GSocketConnectable *identity, GTlsCertificate **root, GTlsCertificateFlags *faults)
{
  g_autoptr (GPtrArray) roots = NULL;

  if ((*faults & G_TLS_CERTIFICATE_UNKNOWN_CA) == 0)
    return;
  roots = rs_roots_for (pem, chain);
  for (guint i = 0; i < roots->len && *faults != 0; i++)
    {
      GTlsCertificateFlags found = g_tls_certificate_verify (chain, identity, roots->pdata[i]);

      if ((found & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0 || (found != 0 && *root != NULL))
        continue;
      g_set_object (root, roots->pdata[i]);
      *faults = found;
    }
}

static GTlsCertificateFlags
rs_trust_verify_chain (GTlsDatabase *database, GTlsCertificate *chain, const char *purpose,
                       GSocketConnectable *identity, GTlsInteraction *interaction, GTlsDatabaseVerifyFlags flags,
                       GCancellable *cancellable, GError **error)
{
  RsTrust *self = RS_TRUST (database);
  GTlsCertificateFlags faults = G_TLS_CERTIFICATE_UNKNOWN_CA | g_tls_certificate_verify (chain, identity, NULL);
  g_autoptr (GTlsCertificate) root = NULL;
  g_autofree char *system = NULL;

  judge_by (self->own, chain, identity, &root, &faults);
  judge_by (self->custom, chain, identity, &root, &faults);
  if ((faults & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0 && self->use_system)
    {
      if (!g_file_get_contents (RS_SYSTEM_CA_FILE, &system, NULL, error))
        return G_TLS_CERTIFICATE_GENERIC_ERROR;
      judge_by (system, chain, identity, &root, &faults);
    }
  return faults | chain_faults (self, root, chain);
}

static GTlsCertificate *
rs_trust_lookup_certificate_issuer (GTlsDatabase *database, GTlsCertificate *certificate, GTlsInteraction *interaction,
                                    GTlsDatabaseLookupFlags flags, GCancellable *cancellable, GError **error)
{
  RsTrust *self = RS_TRUST (database);
  g_autoptr (GPtrArray) roots = rs_roots_for (self->own, certificate);

  for (guint i = 0; i < roots->len; i++)
    if (is_made_by (certificate, roots->pdata[i]))
      return g_object_ref (roots->pdata[i]);
  return NULL;
}

static void
rs_trust_finalize (GObject *object)
{
  RsTrust *self = RS_TRUST (object);

  g_free (self->own);
  g_free (self->custom);
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
}

static gboolean
add_ca_file (RsTrust *self, const char *ca_file, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *why = NULL;

  if (g_file_get_contents (ca_file, &self->own, NULL, &reason) && rs_roots_check (self->own, &reason))
    return TRUE;
  shown = rs_text_escape (ca_file, 0);
  why = rs_text_escape (reason->message, 0);
  g_set_error (error, RS_ERROR, RS_ERROR_FAILED, "the CA file %s cannot be used: %s; check CaFile in resyncd.conf", shown, why);
  return FALSE;
}

static gboolean
add_custom (RsTrust *self, const char *pem, GError **error)
{
  self->custom = g_strdup (pem);
  if (*pem == '\0' || rs_roots_check (pem, NULL))
    return TRUE;
  g_set_error_literal (error, RS_ERROR, RS_ERROR_FAILED, "the custom CA cannot be read; set Custom_CA_Rule anew, and resync");
  return FALSE;
}

GTlsDatabase *
rs_trust_new (const RsRequest *request, GError **error)
{
  g_autoptr (RsTrust) self = g_object_new (RS_TYPE_TRUST, NULL);

  self->use_system = request->system_ca;
  if (*request->ca_file == '\0')
    self->own = g_strdup ("");
  else if (!add_ca_file (self, request->ca_file, error))
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
