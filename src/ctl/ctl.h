/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every command of resyncctl is given, and the one table that says which commands there are: dispatch, help and
 * completion all read it. (contract: resyncctl) */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The exit statuses of the contract. */
typedef enum
{
  RS_EXIT_DONE = 0,
  RS_EXIT_FAILED = 1,
  RS_EXIT_USAGE = 2,
  RS_EXIT_NO_DAEMON = 3,
  RS_EXIT_NOT_ALLOWED = 4,
  RS_EXIT_TIMED_OUT = 5,
} RsExit;

/* One run of the program: the options as they were given, and the connection once a command asked for one. */
typedef struct
{
  char            *address;   /* --address: of a bus */
  char            *config;    /* --config: replaces every resyncd.conf */
  char            *catalogue; /* --catalogue: a folder */
  char            *why;       /* inhibit */
  char            *key;       /* check, decode, diff, encrypt: a key, or @FILE that holds it */
  char            *ikm;
  char            *alias;     /* check, diff: an alias map, or @FILE that holds it */
  GStrv            set;       /* explain: NAME=VALUE; NULL: none */
  GStrv            words;     /* what is left of the command line; never NULL once a command runs */
  guint            n_words;
  guint            wait_seconds; /* status --wait=SECONDS; 0: without limit */
  gboolean         wait;
  gboolean         session;
  gboolean         json;
  gboolean         force;
  gboolean         no_wait;
  gboolean         yes;
  gboolean         gzip;
  gboolean         sarif;
  gboolean         offline;
  gboolean         help;
  gboolean         version;
  GDBusConnection *bus; /* NULL until rs_bus_connect () */
  RsExit           exit; /* how the last thing that failed ends the program */
} RsCtl;

/* The options a command takes besides the global ones. */
typedef enum
{
  RS_OPTION_NONE = 0,
  RS_OPTION_WAIT = 1 << 0,
  RS_OPTION_NO_WAIT = 1 << 1,
  RS_OPTION_FORCE = 1 << 2,
  RS_OPTION_WHY = 1 << 3,
  RS_OPTION_YES = 1 << 4,
  RS_OPTION_GLOBAL = 1 << 5,
  RS_OPTION_KEY = 1 << 6,
  RS_OPTION_GZIP = 1 << 7,
  RS_OPTION_ALIAS = 1 << 8,
  RS_OPTION_SARIF = 1 << 9,
  RS_OPTION_EXPLAIN = 1 << 10,
} RsOptionMask;

/* What the words of a command are: completion offers accordingly, and all but files and programs must be UTF-8. */
typedef enum
{
  RS_WORDS_TEXT,
  RS_WORDS_RULE,       /* a rule, or the name of a parameter that holds one */
  RS_WORDS_NAME,       /* parameter names */
  RS_WORDS_ASSIGNMENT, /* NAME=VALUE */
  RS_WORDS_FILE,
  RS_WORDS_PROGRAM, /* a command line of its own: what follows the first word is not ours */
} RsWords;

typedef struct
{
  const char  *name;
  const char  *arguments; /* as the help shows them, untranslated; "" if none */
  const char  *summary;
  const char  *details; /* below the options in the command's own help; may be NULL */
  RsExit     (*run) (RsCtl *ctl);
  RsOptionMask options;
  RsWords      words;
  guint        min_words;
  guint        max_words;
} RsCommand;

/* In the order of the help; *n of them. */
const RsCommand *rs_commands (gsize *n);
/* NULL where there is none of that name. */
const RsCommand *rs_command_find (const char *name);

/* The implementations, one file a group. */
RsExit rs_cmd_status (RsCtl *ctl);
RsExit rs_cmd_resync (RsCtl *ctl);
RsExit rs_cmd_rule (RsCtl *ctl);
RsExit rs_cmd_get (RsCtl *ctl);
RsExit rs_cmd_set (RsCtl *ctl);
RsExit rs_cmd_reset (RsCtl *ctl);
RsExit rs_cmd_list (RsCtl *ctl);
RsExit rs_cmd_activate (RsCtl *ctl);
RsExit rs_cmd_upgrade (RsCtl *ctl);
RsExit rs_cmd_monitor (RsCtl *ctl);
RsExit rs_cmd_inhibit (RsCtl *ctl);
RsExit rs_cmd_explain (RsCtl *ctl);
RsExit rs_cmd_check (RsCtl *ctl);
RsExit rs_cmd_diff (RsCtl *ctl);
RsExit rs_cmd_decode (RsCtl *ctl);
RsExit rs_cmd_encrypt (RsCtl *ctl);
RsExit rs_cmd_factory_reset (RsCtl *ctl);

G_END_DECLS
