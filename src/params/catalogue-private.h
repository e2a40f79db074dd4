/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the builder hands to the catalogue; for params/ only. */
#pragma once

#include "params/catalogue.h"
#include "params/constraint.h"
#include "params/index.h"

G_BEGIN_DECLS

/* A group of a catalogue file, checked. All texts are the entry's own. */
typedef struct
{
  char        *pattern; /* Line_Enable_{n}_ */
  char        *default_value;
  char        *range;
  char        *tab;
  char        *section;
  char        *summary;
  GStrv        aliases; /* patterns */
  RsConstraint constraint;
  RsIndex      index;
  RsParamType  type;
  RsAccess     access;
  gboolean     secret;
  gboolean     reboot;
  guint        line;
} RsEntry;

void         rs_entry_free (RsEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsEntry, rs_entry_free)

/* An alias and the parameter (by place in the array) that it stands for. */
typedef struct
{
  const char *name;
  guint32     param;
} RsAlias;

struct _RsCatalogue
{
  gatomicrefcount ref_count;
  RsParam        *params; /* sorted by name */
  guint           n_params;
  RsAlias        *aliases; /* sorted by name */
  guint           n_aliases;
  guint           n_entries;
  GStringChunk   *strings;     /* every text of params and aliases, equal ones once */
  GPtrArray      *constraints; /* RsConstraint, equal ones once */
  char           *digest;
};

/* entries: RsEntry, a later one wins where two make the same name. */
RsCatalogue *rs_catalogue_new (GPtrArray *entries);

G_END_DECLS
