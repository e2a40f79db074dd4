/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An immutable set of parameter values: what is in force, or what would be. Reference counted; a snapshot may be read
 * from any thread. Holds only what differs from the catalogue's value, origin or access. */
#pragma once

#include "params/assignment.h"
#include "params/catalogue.h"

G_BEGIN_DECLS

typedef enum
{
  RS_ORIGIN_DEFAULT,
  RS_ORIGIN_USER,
  RS_ORIGIN_ADMIN,
  RS_ORIGIN_PROFILE,
  RS_ORIGIN_CWMP,
} RsOrigin;

const char *rs_origin_name (RsOrigin origin); /* "default", "user", "admin", "profile", "cwmp" */
gboolean    rs_origin_from_name (const char *name,
                                 RsOrigin   *origin);

typedef struct _RsSnapshot RsSnapshot;

/* All defaults. */
RsSnapshot  *rs_snapshot_new (RsCatalogue *catalogue);
RsSnapshot  *rs_snapshot_ref (RsSnapshot *snapshot);
void         rs_snapshot_unref (RsSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsSnapshot, rs_snapshot_unref)

RsCatalogue *rs_snapshot_get_catalogue (RsSnapshot *snapshot);

/* The value in force of a parameter by name or alias; NULL: no such parameter. Valid as long as the snapshot. */
const char  *rs_snapshot_get (RsSnapshot *snapshot,
                              const char *name);

/* The same, as a boolean or a number, for parameters the program itself reads: the catalogue's default where the value is
 * not of that form; FALSE, 0 where there is no such parameter. */
gboolean     rs_snapshot_get_bool (RsSnapshot *snapshot,
                                   const char *name);
guint64      rs_snapshot_get_uint (RsSnapshot *snapshot,
                                   const char *name);

/* Everything about one parameter of the snapshot's catalogue; by its name, FALSE: no such parameter. out->value is never
 * NULL. */
typedef struct
{
  const RsParam *param;
  const char    *value;
  RsOrigin       origin; /* RS_ORIGIN_DEFAULT: never set */
  RsAccess       access; /* in force */
} RsValue;

void         rs_snapshot_describe (RsSnapshot    *snapshot,
                                   const RsParam *param,
                                   RsValue       *out);
gboolean     rs_snapshot_lookup (RsSnapshot *snapshot,
                                 const char *name,
                                 RsValue    *out);

/* Whether the user class wrote the value that is in force; FALSE: somebody else, or there is no such parameter. */
gboolean     rs_snapshot_is_of_user (RsSnapshot *snapshot,
                                     const char *name);

/* Whether what is meant for a parameter may be shown to nobody. One that there is not may be a misspelt password, and so is secret. */
gboolean     rs_snapshot_is_secret (RsSnapshot *snapshot,
                                    const char *name);

/* rs_snapshot_get () and rs_snapshot_is_secret () for who asks by callbacks, as rule/secrets.h does. snapshot: an RsSnapshot. */
const char  *rs_snapshot_value_of (const char *name,
                                   gpointer    snapshot);
gboolean     rs_snapshot_secret_of (const char *name,
                                    gpointer    snapshot);

/* Calls func for every stored parameter (origin not default, or access changed), sorted by name. */
typedef void (*RsSnapshotFunc) (const RsValue *value,
                                gpointer       data);
void         rs_snapshot_foreach_stored (RsSnapshot    *snapshot,
                                         RsSnapshotFunc func,
                                         gpointer       data);
guint        rs_snapshot_n_stored (RsSnapshot *snapshot);

G_END_DECLS
