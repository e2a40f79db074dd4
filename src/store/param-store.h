/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of record: parameters.conf in the state directory. Opened once, changed by commits that are durable or
 * did not happen. (STORE-1, -2, -5) */
#pragma once

#include "params/changeset.h"

#include "system/lock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a conditional request needs to know of the profile last applied by a rule (HTTP-8). Stored with the values, in
 * one transaction. */
typedef struct
{
  char   *rule_name;  /* "Profile_Rule" … */
  char   *context;    /* digest over rule text, expanded URL, key and catalogue digest */
  char   *etag;
  char   *last_modified;
  char   *digest;     /* of the decoded profile (PROF-12) */
  guint64 generation; /* of the values when it was applied; equal to the store's: nothing changed since */
} RsValidator;

RsValidator *rs_validator_copy (const RsValidator *validator);
void         rs_validator_free (RsValidator *validator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsValidator, rs_validator_free)

/* Signals: "replaced": another snapshot is in force, with other values, access or only origins. After it "changed" (GPtrArray of
 * const char *names), where there are any: they are durable and in force. */
#define RS_TYPE_PARAM_STORE (rs_param_store_get_type ())
G_DECLARE_FINAL_TYPE (RsParamStore, rs_param_store, RS, PARAM_STORE, GObject)

/* Reads at start-up (the one place that may block). A missing file is an empty store. Bad content (no proof of
 * completeness, bad syntax, bad digest) is set aside as parameters.conf.broken-<time> (two copies at most) and the
 * previous generation used (STORE-5): said in warnings (char *). An I/O error on reading fails with RS_ERROR_STORAGE.
 * Left-over temporary files are removed. dir exists. */
RsParamStore *rs_param_store_open (const char  *dir,
                                   RsCatalogue *catalogue,
                                   GPtrArray   *warnings,
                                   GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the file that was opened tells of profiles. Each that applies leaves a validator, and that stays; values alone prove none, for a rule assigns
 * some before it fetches (RULE-5). */
typedef enum
{
  RS_TRACE_NONE,    /* none was ever applied */
  RS_TRACE_PROFILE, /* one was */
  RS_TRACE_LOST,    /* what was there last cannot be read, and what is left says nothing */
} RsTrace;

RsTrace       rs_param_store_get_trace (RsParamStore *store);

/* From now on each write asks the lock of the folder first, and is refused with RS_ERROR_STORAGE where another daemon has it. */
void          rs_param_store_set_lock (RsParamStore *store,
                                       RsLock       *lock);

/* What is in force, borrowed; replaced only after a durable commit, on the main loop. */
RsSnapshot   *rs_param_store_get_snapshot (RsParamStore *store);
/* Counts the commits that changed a value or an access; one that only notes another origin, or validators, is none. */
guint64       rs_param_store_get_generation (RsParamStore *store);
/* The validator of a rule or NULL, borrowed. All are gone where a previous generation was loaded. */
const RsValidator *rs_param_store_get_validator (RsParamStore *store,
                                                 const char   *rule_name);

/* Called in the I/O thread when the commit's turn has come, with the values in force then, which stay for as long as it
 * runs; it may ask the store for its generation and validators. Nobody else may touch what data leads to before the
 * commit is done. Returns a changeset (transfer full), or NULL with an error, which fails the commit. validators:
 * RsValidator to store with it (an element replaces the one of that rule; etag, last_modified and digest empty: remove);
 * the store sets their generation to the new one. Validators of other rules whose names were not changed … are
 * re-stamped by the caller through this array too. */
typedef RsChangeset *(*RsCommitFunc) (RsSnapshot *current,
                                      GPtrArray  *validators,
                                      gpointer    data,
                                      GError    **error);

/* Commits one after another, in order of the calls. Built, serialized and written in the one I/O thread; memory changes
 * after the write is durable. A changeset that changes nothing with no validators writes nothing (PROF-12).
 * RS_ERROR_STORAGE leaves memory and disk as they were. "changed" (GPtrArray of const char *names) is emitted before the
 * callback; where thousands changed more than once, in turns of the main loop of their own. Cannot be cancelled once it
 * began. */
void         rs_param_store_commit_async (RsParamStore       *store,
                                          RsCommitFunc        func,
                                          gpointer            func_data,
                                          GAsyncReadyCallback callback,
                                          gpointer            data);
/* The changeset that was committed (transfer full), or NULL. */
RsChangeset *rs_param_store_commit_finish (RsParamStore *store,
                                           GAsyncResult *result,
                                           GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the stored parameters durably and returns to the defaults (factory reset); emits "changed". Async as a
 * commit. */
void         rs_param_store_clear_async (RsParamStore       *store,
                                         GAsyncReadyCallback callback,
                                         gpointer            data);
gboolean     rs_param_store_clear_finish (RsParamStore *store,
                                          GAsyncResult *result,
                                          GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether something is on its way to the file. */
gboolean     rs_param_store_is_busy (RsParamStore *store);

G_END_DECLS
