/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue: what parameters the phone knows. Data, read from data/catalogue/, not code; immutable once built.
 * Families such as Line_Enable_{n}_ are written once with their index range and found under each expanded name. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_TYPE_STRING,   /* one line of text */
  RS_TYPE_TEXT,     /* text that may have several lines */
  RS_TYPE_PASSWORD, /* text, always secret */
  RS_TYPE_BOOL,     /* "Yes" or "No" */
  RS_TYPE_INT,
  RS_TYPE_ENUM,
  RS_TYPE_INTLIST,  /* a,b,c with n+r elements (RULE-11) */
  RS_TYPE_IP,
  RS_TYPE_HOSTPORT,
  RS_TYPE_URL,
  RS_TYPE_RULE,
  RS_TYPE_TIME,     /* HHmm or HH:mm */
} RsParamType;

/* What the user class may do with a parameter (PROF-3, PROF-13). */
typedef enum
{
  RS_ACCESS_UNSET, /* in an assignment: keep what was */
  RS_ACCESS_NA,
  RS_ACCESS_RO,
  RS_ACCESS_RW,
} RsAccess;

typedef struct _RsCatalogue RsCatalogue;

/* One parameter under its canonical name. Owned by the catalogue, valid as long as it. */
typedef struct
{
  const char *name;
  const char *default_value; /* canonical, never NULL */
  const char *range;         /* as the catalogue writes it, for people; "" if none */
  const char *tab;
  const char *section;
  const char *summary;
  gpointer    constraint;    /* private to params/ */
  RsParamType type;
  RsAccess    access;        /* before any profile (PROF-13): NA, RO or RW */
  gboolean    secret;
  gboolean    reboot;        /* a change asks for a restart */
} RsParam;

typedef struct _RsCatalogueBuilder RsCatalogueBuilder;

RsCatalogueBuilder *rs_catalogue_builder_new (void);
void                rs_catalogue_builder_free (RsCatalogueBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsCatalogueBuilder, rs_catalogue_builder_free)

/* Adds one file of data/catalogue/. A later file may redefine a parameter of an earlier one. All or nothing: a file with
 * a fault is left out whole and the error names file, line and fault; the builder stays usable. */
gboolean     rs_catalogue_builder_add (RsCatalogueBuilder *builder,
                                       const char         *file_name,
                                       GBytes             *text,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full), reference counted, safe to read from several threads. */
RsCatalogue *rs_catalogue_builder_end (RsCatalogueBuilder *builder);
RsCatalogue *rs_catalogue_ref (RsCatalogue *catalogue);
void         rs_catalogue_unref (RsCatalogue *catalogue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsCatalogue, rs_catalogue_unref)

/* By name or alias, case-sensitive (PROF-2). NULL: unknown. */
const RsParam *rs_catalogue_find (RsCatalogue *catalogue,
                                  const char  *name);

/* The same where names mostly come in the catalogue's order, as in files that were written by a program: *last, NULL at
 * first, is the one found before. */
const RsParam *rs_catalogue_find_next (RsCatalogue    *catalogue,
                                       const char     *name,
                                       const RsParam **last);

/* All expanded parameters whose name starts with prefix, sorted by name; free with g_ptr_array_unref (). */
GPtrArray     *rs_catalogue_list (RsCatalogue *catalogue,
                                  const char  *prefix);

/* The known name, aliases included, nearest to a wrong one (edit distance), or NULL where none is near. */
const char    *rs_catalogue_nearest (RsCatalogue *catalogue,
                                     const char  *name);

/* Number of expanded parameters, and of entries (families count once). */
guint          rs_catalogue_size (RsCatalogue *catalogue);
guint          rs_catalogue_n_entries (RsCatalogue *catalogue);

/* Hexadecimal SHA-256 over all that decides how a value is read (HTTP-8). */
const char    *rs_catalogue_digest (RsCatalogue *catalogue);

const char    *rs_param_type_name (RsParamType type);
const char    *rs_access_name (RsAccess access);           /* "na", "ro", "rw", "" for UNSET */
gboolean       rs_access_from_name (const char *name,
                                    RsAccess   *access);

/* Checks a value and gives its canonical form ("1" and "yes" are "Yes" for a boolean (PROF-3), numbers without leading
 * zeros …). Values are UTF-8, at most 64 KiB. NULL and RS_ERROR_INVALID_VALUE with what is wanted; the message holds
 * the value only where the parameter is not secret. (PROF-6). A value that holds RS_MASK is refused (STORE-3). */
char          *rs_param_normalize (const RsParam *param,
                                   const char    *value,
                                   GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* What anybody may see of a value: of a secret only whether there is one, of a rule what rs_mask_rule () leaves, of any
 * other text what rs_mask_text () does (STORE-3). */
char          *rs_param_mask (const RsParam *param,
                              const char    *value) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
