/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state.conf: what the daemon must remember that is no parameter: customization state, last attempts, boot, timers.
 * (STATE-4, LOG-3) */
#pragma once

#include "base/error.h"
#include "system/lock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define RS_HISTORY 3

typedef struct
{
  gint64 time;    /* wall clock, microseconds since the epoch; 0: this place is empty */
  char  *result;  /* "success" … as ResyncFinished */
  char  *url;     /* masked, at most 2048 bytes */
  char  *message; /* masked, at most 512 bytes */
} RsAttempt;

typedef struct
{
  char     *customization;   /* "Open" … */
  gboolean  provisioned;     /* a profile has applied since the factory */
  RsAttempt provisioning[RS_HISTORY]; /* newest first */
  RsAttempt upgrade[RS_HISTORY];
  char     *failure_reason;  /* "" after a success */
  char     *profile_source;  /* "dhcp-66" …; "" none */
  char     *candidate_scheme; /* DISC-14: the candidate that provisioned the phone, path before expansion; "" none */
  char     *candidate_host;
  guint16   candidate_port;
  char     *candidate_path;
  gboolean  candidate_srv;    /* SRV records of candidate_host named the server, and are asked anew each time */
  char     *custom_ca;       /* HTTP-9: what Custom_CA_Rule brought, PEM; "" none */
  char     *custom_ca_name;  /* of its first certificate */
  char     *custom_ca_context; /* of the rule and the URL that brought it */
  char     *custom_ca_etag, *custom_ca_modified; /* for the next time */
  char     *custom_ca_fault; /* of the last load; "" it went well */
  char     *refused_token;   /* HTTP-9: digest of the URIs whose PIN a token did not take; "" none */
  char     *lease_identity;  /* digest of the lease that was judged last; "" none */
  char     *lease_servers;   /* identity of what DHCP named then (DISC-6); "" none */
  guint     wrong_codes;     /* in a row (DISC-11) */
  gint64    code_after;      /* wall, µs; no code is taken before; 0: now */
  gint64    code_wait;       /* µs that this is or was away, for a clock that is set meanwhile */
  gboolean  code_named;      /* a code led to a server, whose profile is being tried */
  char     *story;           /* what discovery tried, as the engine prints it; "" nothing */
  char     *boot_id;         /* of the boot whose start-up resync was done (SCHED-2) */
  gint64    last_success;    /* wall, µs; written at most once a day (LOG-3) */
  gint64    next_due;        /* wall, µs; 0: none */
  char     *next_reason;
  gboolean  next_retry_after; /* a server named that instant (HTTP-7) */
  guint     retry_index;     /* failures in a row */
  gint64    last_wall;       /* the last wall time that a certificate bore out (HTTP-11) */
  char     *upgrade_step;    /* of rs_upgrade_step_name (); "" none is under way */
  char     *upgrade_context; /* of its rule and URL */
  gboolean  upgrade_own;     /* a rule for this upgrade only */
  gboolean  upgrade_unproved; /* what runs was not confirmed before another upgrade was asked for */
  char     *upgrade_settled; /* what was installed by a rule (UPG-1) */
  char     *upgrade_failed;  /* what failed last, how often, and when it is tried again */
  guint     upgrade_failures;
  gint64    upgrade_retry;   /* wall, µs */
  char     *upgrade_boot;    /* the boot in which this was so */
  char     *upgrade_url;     /* masked */
  char     *upgrade_error;   /* of the last attempt; "" it went well ($UPGERR) */
  char     *upgrade_slots;   /* which image is in which slot: a line each, slot, mark and digest of the URL with blanks between */
  char     *image_context;   /* of the file in firmware/; "" there is none */
  char     *image_url;       /* digest of where it came from */
  gboolean  image_complete;
  gint64    image_bytes, image_total; /* of RsPart, where to go on from (UPG-3) */
  char     *image_validator, *image_digest, *image_source;
  char     *install_from;    /* the slot and the version that ran when the image was installed … */
  char     *install_version;
  char     *install_slot;    /* … into this slot, which had this mark */
  char     *install_mark;
  char     *install_activation;   /* … and was activated so often */
  char     *install_context;      /* what is installed */
  gboolean  resetting;       /* the durable marker of a factory reset in progress (STATE-4) */
} RsState;

RsState *rs_state_new (void); /* out of the box: "Open" */
RsState *rs_state_copy (const RsState *state);
void     rs_state_free (RsState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RsState, rs_state_free)

/* Pushes an attempt to the front of a history. */
void     rs_state_push_attempt (RsAttempt   history[RS_HISTORY],
                                gint64      time,
                                const char *result,
                                const char *url,
                                const char *message);

#define RS_TYPE_STATE_STORE (rs_state_store_get_type ())
G_DECLARE_FINAL_TYPE (RsStateStore, rs_state_store, RS, STATE_STORE, GObject)

/* As rs_param_store_open (). An unreadable state never returns a phone to "Open" (STATE-4): where no generation is good
 * though there was one, and where the one before the present says "Open", the state is "Aborted", provisioned.
 * volatile_dir (may be NULL, or not there): the copy that holds what the flash is spared (LOG-3); it counts until the
 * phone is restarted, as long as nothing newer is on the flash. */
RsStateStore  *rs_state_store_open (const char *dir,
                                    const char *volatile_dir,
                                    GPtrArray  *warnings,
                                    GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether "Aborted" and provisioned are no more than the cautious guess of rs_state_store_open (). */
gboolean       rs_state_store_is_guess (RsStateStore *store);

/* As rs_param_store_set_lock (); it covers the volatile copy as well, which another daemon would share. */
void           rs_state_store_set_lock (RsStateStore *store,
                                        RsLock       *lock);

/* The state in memory, borrowed. */
const RsState *rs_state_store_get (RsStateStore *store);

/* What is on the flash, borrowed: the state as last written or read. */
const RsState *rs_state_store_get_saved (RsStateStore *store);

/* Makes *state the state in memory at once and writes it in the I/O thread; several calls before a write ends are
 * joined into one. Equal to what is on disk: nothing is written. Where the write fails the callback has
 * RS_ERROR_STORAGE and the state stays in memory, to be written with the next. */
void           rs_state_store_save_async (RsStateStore       *store,
                                          const RsState      *state,
                                          GAsyncReadyCallback callback,
                                          gpointer            data);
gboolean       rs_state_store_save_finish (RsStateStore *store,
                                           GAsyncResult *result,
                                           GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for what must not wear the flash: memory, and the volatile directory. */
void           rs_state_store_set_volatile (RsStateStore  *store,
                                            const RsState *state);

/* Whether something is on its way to a file. */
gboolean       rs_state_store_is_busy (RsStateStore *store);

G_END_DECLS
