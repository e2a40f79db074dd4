/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store in a folder of its own, and its asynchronous calls made to wait. */
#pragma once

#include "store/param-store.h"

G_BEGIN_DECLS

typedef struct
{
  char         *folder;
  RsCatalogue  *catalogue;
  RsParamStore *store;    /* NULL: not open */
  GPtrArray    *warnings; /* of the last opening */
  GString      *log;      /* "changed:NAMES " for each signal, "done " for each commit that ended */
} StoreFixture;

/* Takes the folder. catalogue: its text, NULL: a small one of texts, numbers and a password. */
StoreFixture *fixture_store_new (char       *folder,
                                 const char *catalogue);
void          fixture_store_free (StoreFixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreFixture, fixture_store_free)

/* Closes the store where it is open, and opens it; FALSE with an error. */
gboolean      fixture_store_open (StoreFixture *fixture,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, and it has to succeed. */
void          fixture_store_reopen (StoreFixture *fixture);

/* Another catalogue from the next opening on. */
void          fixture_store_set_catalogue (StoreFixture *fixture,
                                           const char   *catalogue);

/* Commits what a profile of "Name=value" texts would carry, with the validator where it is not NULL. */
gboolean      fixture_store_commit (StoreFixture       *fixture,
                                    const char *const  *assignments,
                                    const RsValidator  *validator,
                                    GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* One assignment. */
gboolean      fixture_store_set (StoreFixture *fixture,
                                 const char   *name,
                                 const char   *value,
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, and it has to succeed. */
void          fixture_store_must_set (StoreFixture *fixture,
                                      const char   *name,
                                      const char   *value);
gboolean      fixture_store_clear (StoreFixture *fixture,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;

const char   *fixture_store_get (StoreFixture *fixture,
                                 const char   *name);

/* Everything that may have changed about parameters.conf if it was written, as one text. */
char         *fixture_store_trace (StoreFixture *fixture);

G_END_DECLS
