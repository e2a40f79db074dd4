/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The URL part of a rule, and of what DHCP names (RULE-7). */
#pragma once

#include "rule/macro.h"

G_BEGIN_DECLS

typedef enum
{
  RS_SCHEME_TFTP,
  RS_SCHEME_HTTP,
  RS_SCHEME_HTTPS,
  RS_SCHEME_GDS, /* gds:// alone: the activation screen */
} RsScheme;

typedef struct
{
  RsScheme scheme;
  gboolean scheme_given; /* FALSE: tftp because none was written */
  char    *host;         /* name, IPv4 or IPv6 without brackets, in lower case; NULL: the rule names no server */
  guint16  port;         /* 69, 80, 443 where none was written; 0 with gds:// */
  gboolean port_given;
  char    *path;         /* starts with "/"; may carry "?query"; "/" at least; %XX as written; by http(s) without fragment and dots */
  char    *user;         /* userinfo of http(s), percent-decoded; NULL: none. Wiped. */
  char    *password;
} RsUrl;

/* Reads an expanded URL text. RS_ERROR_INVALID_RULE with the column (from 1), what was found there and what was expected. Control characters, blanks
 * and anything over 4096 bytes are refused. An IPv6 host needs a scheme and brackets. */
RsUrl      *rs_url_parse (const char *text,
                          GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads a URL whose macros are expanded first, none of $SA to $SD among them. Columns of errors are those of the text as it was written. */
RsUrl      *rs_url_expand (const char     *text,
                           const RsMacros *macros,
                           GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, with what the macros stand for percent-encoded but for ":" and "/", after "$(NAME:p:q)" has cut it: a serial number such as
 * "To be filled by O.E.M." stays one field of the URL. */
RsUrl      *rs_url_expand_escaped (const char     *text,
                                   const RsMacros *macros,
                                   GError        **error) G_GNUC_WARN_UNUSED_RESULT;
RsUrl      *rs_url_copy (const RsUrl *url);
void        rs_url_free (RsUrl *url);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsUrl, rs_url_free)

/* scheme://host[:port]/path without userinfo; the port only where it is not the scheme's; IPv6 in brackets. Still holds the query. */
char       *rs_url_to_string (const RsUrl *url);

const char *rs_scheme_name (RsScheme scheme);
gboolean    rs_scheme_from_name (const char *name,
                                 RsScheme   *scheme);
guint16     rs_scheme_port (RsScheme scheme);

G_END_DECLS
