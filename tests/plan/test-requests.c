/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests, the gates before an attempt, cancelling, leases, and the factory reset. */
#include "world.h"

/* A phone that has been up for a while: its start-up resync was done, the next is due at 4600. */
#define UP                                                                                                             \
  { "1000 config", "idle" }, { "1000 up", "idle" },                                                                    \
  {                                                                                                                    \
    "1000 start restart next=+3600 reason=periodic", "idle periodic@4600"                                              \
  }

static void
test_join (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-8 */
    { "/plan/requests/begins",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 finished A", "idle periodic@4622" },
        { "1003 request sip-notify", "=2, begin 2 sip-notify@1003, running periodic@4622" },
        { "1004 finished B", "idle retry@1064 f1" },
        { "1005 request web rule", "=3, begin 3 web@1005, running retry@1064 f1" },
      } },
    /* SCHED-8 */
    { "/plan/requests/joins",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 request web", "=1, running periodic@4600" },
        { "1003 request sip-notify force", "=1, running periodic@4600" },
        { "1004 request user", "=1, running periodic@4600" },
        { "1005 finished A", "idle periodic@4625" },
        { "4626 request user", "begin 2 periodic@4625, =2, running" },
      } },
    /* SCHED-8: a rule changed since it began */
    { "/plan/requests/rule-changed",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 config", "running periodic@4600" },
        { "1003 request user", "=1, running periodic@4600" },
        { "1004 config rules", "running periodic@4600" },
        { "1005 request user", "=2, running periodic@4600" },
        { "1006 request user", "!Busy, running periodic@4600" },
        { "1007 finished A", "begin 2 user@1007, running periodic@4627" },
        { "1008 request user", "=2, running periodic@4627" },
      } },
    /* SCHED-8 REPORT-2: a report and a resync are two kinds of work */
    { "/plan/requests/report",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 request report", "=2, running periodic@4600" },
        { "1003 finished A", "begin 2 report@1003, running periodic@4623" },
        { "1004 request report", "=2, running periodic@4623" },
        { "1005 request user", "=3, running periodic@4623" },
        { "1006 finished A", "begin 3 user@1006, running periodic@4623" },
      } },
    /* SCHED-8: a request before the machine has started waits for it */
    { "/plan/requests/before-the-start",
      {
        { "0 request user", "=1, idle" },
        { "0 cancel", "drop 1 user, idle" },
        { "0 request user", "=2, idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle" },
        { "1 config", "begin 2 user@1, running boot@21" },
        { "2 finished A", "idle periodic@3622" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_queue (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-8 */
    { "/plan/requests/queued-and-busy",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 request user rule", "=2, running periodic@4600" },
        { "1003 request user rule", "!Busy, running periodic@4600" },
        { "1004 request user", "=1, running periodic@4600" },
        { "1005 finished A", "begin 2 user@1005, running periodic@4625" },
        { "1006 request user", "=3, running periodic@4625" },
        { "1007 request user", "!Busy, running periodic@4625" },
        { "1008 finished A", "begin 3 user@1008, running periodic@4628" },
        { "1009 finished A", "idle periodic@4629" },
      } },
    /* SCHED-5 SCHED-8: one that waits is the one */
    { "/plan/requests/waits-for-idle",
      {
        UP,
        { "1001 busy", "idle periodic@4600" },
        { "1002 request user", "=1, waiting-idle/call periodic@4600" },
        { "1003 request web", "=1, waiting-idle/call periodic@4600" },
        { "1004 request user rule", "=2, waiting-idle/call periodic@4600" },
        { "1005 request user rule", "!Busy, waiting-idle/call periodic@4600" },
        { "1006 idle", "begin 1 user@1006, running periodic@4600" },
        { "1007 busy", "running periodic@4600" },
        { "1008 finished A", "waiting-idle/call periodic@4628" },
        { "1009 idle", "begin 2 user@1009, running periodic@4628" },
        { "1010 finished A", "idle periodic@4630" },
      } },
    /* SCHED-8: a request that waits beside a due attempt is that attempt */
    { "/plan/requests/is-the-automatic-one",
      {
        UP,
        { "4599 busy", "idle periodic@4600" },
        { "9000 request user rule", "=1, waiting-idle/call periodic@4600" },
        { "9001 request user", "=2, waiting-idle/call periodic@4600" },
        { "19000 wait", "begin 2 user@19000, running periodic@4600" },
        { "19001 finished A", "waiting-idle/call periodic@22621" },
        { "19002 idle", "begin 1 user@19002, running periodic@22621" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_call (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-5 */
    { "/plan/requests/forced-delay",
      {
        UP,
        { "1000 config forced=600", "idle periodic@4600" },
        { "1001 busy", "idle periodic@4600" },
        { "1002 request user", "=1, waiting-idle/call periodic@4600" },
        { "1100 request user rule", "=2, waiting-idle/call periodic@4600" },
        { "1601 wait", "waiting-idle/call periodic@4600" },
        { "1602 wait", "begin 1 user@1602, running periodic@4600" },
        { "1603 finished A", "waiting-idle/call periodic@5223" },
        { "1700 wait", "begin 2 user@1700, running periodic@5223" },
        { "1701 finished A", "idle periodic@5321" },
        { "5330 wait", "waiting-idle/call periodic@5321" },
        { "5400 config forced=60", "begin 3 periodic@5400, running" },
      } },
    /* SCHED-5: no patience at all */
    { "/plan/requests/forced-delay-none",
      {
        UP,
        { "1000 config forced=0", "idle periodic@4600" },
        { "1001 busy", "idle periodic@4600" },
        { "1002 request user", "=1, begin 1 user@1002, running periodic@4600" },
        { "1003 finished A", "idle periodic@4623" },
        { "4623 wait", "begin 2 periodic@4623, running" },
      } },
    /* SCHED-5 */
    { "/plan/requests/force",
      {
        UP,
        { "1001 busy", "idle periodic@4600" },
        { "1002 request user force", "=1, begin 1 user@1002, running periodic@4600" },
        { "1003 finished A", "idle periodic@4623" },
        { "1004 request user", "=2, waiting-idle/call periodic@4623" },
        { "1005 request user force", "=2, begin 2 user@1005, running periodic@4623" },
        { "1006 finished A", "idle periodic@4626" },
        { "1007 request user rule", "=3, waiting-idle/call periodic@4626" },
        { "1008 request user force", "=4, begin 4 user@1008, running periodic@4626" },
        { "1009 finished A", "waiting-idle/call periodic@4629" },
        { "1010 idle", "begin 3 user@1010, running periodic@4629" },
      } },
    /* SCHED-5: the automatic one, at most Forced_Resync_Delay after it was due */
    { "/plan/requests/automatic-in-a-call",
      {
        UP,
        { "4599 busy", "idle periodic@4600" },
        { "4600 wait", "waiting-idle/call periodic@4600" },
        { "18999 wait", "waiting-idle/call periodic@4600" },
        { "19000 wait", "begin 1 periodic@19000, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_network_and_triggers (void)
{
  static const Scenario scenarios[] = {
    /* DISC-6 */
    { "/plan/requests/no-network",
      {
        UP,
        { "1001 down", "idle periodic@4600" },
        { "1002 request user", "=1, waiting-network/network periodic@4600" },
        { "1003 request user rule", "=2, waiting-network/network periodic@4600" },
        { "1004 up", "begin 1 user@1004, running periodic@4600" },
        { "1005 down", "running periodic@4600" },
        { "1006 finished C", "waiting-network/network retry@1066 f1" },
        { "1007 cancel", "drop 2 user, idle retry@1066 f1" },
        { "1100 wait", "waiting-network/network retry@1066 f1" },
        { "1101 request user force", "=3, begin 3 user@1101, running retry@1066 f1" },
        { "1102 finished C", "idle retry@1222 f2" },
      } },
    /* SCHED-6 */
    { "/plan/requests/triggers",
      {
        UP,
        { "1001 triggers off", "idle periodic@4600" },
        { "1002 request user", "=1, begin 1 user@1002, running periodic@4600" },
        { "1003 finished A", "idle periodic@4623" },
        { "9000 wait", "idle/trigger periodic@4623" },
        { "9001 triggers on", "begin 2 periodic@9001, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_disabled (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-1 */
    { "/plan/requests/disabled",
      {
        UP,
        { "1001 busy", "idle periodic@4600" },
        { "1002 request user", "=1, waiting-idle/call periodic@4600" },
        { "1003 request user rule", "=2, waiting-idle/call periodic@4600" },
        { "1004 config enabled=0", "drop 1 user, drop 2 user, idle" },
        { "1005 request user force", "!Disabled, idle" },
        { "1006 request sip-notify", "!Disabled, idle" },
        { "1007 idle", "idle" },
        { "1008 down", "idle" },
        { "1009 up counts", "idle" },
        { "99999 config periodic=60", "idle" },
        { "100000 config enabled=1 periodic=3600", "idle periodic@100002.5" },
        { "100001 request user", "=3, begin 3 user@100001, running periodic@100002.5" },
        { "100002 request user rule", "=4, running periodic@100002.5" },
        { "100003 config enabled=0", "drop 4 user, running" },
        { "100004 finished C", "idle f1" },
        { "100005 config enabled=1", "idle retry@100064 f1" },
      } },
    /* SCHED-1 SCHED-2 */
    { "/plan/requests/disabled-at-boot",
      {
        { "0 config enabled=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle" },
        { "500 wait", "idle" },
        { "501 config enabled=1", "idle boot@521" },
        { "521 wait", "begin 1 boot@521, running" },
      } },
    /* SCHED-1 */
    { "/plan/requests/disabled-fresh",
      {
        { "0 config", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "1 config enabled=0", "idle" },
        { "2 config enabled=1", "idle boot@4.5" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_cancel (void)
{
  static const Scenario scenarios[] = {
    { "/plan/requests/cancel-running",
      {
        UP,
        { "1001 cancel", "idle periodic@4600" },
        { "1002 request user", "=1, begin 1 user@1002, running periodic@4600" },
        { "1003 cancel", "abort 1, running periodic@4600" },
        { "1004 cancel", "running periodic@4600" },
        { "1005 request user", "=2, running periodic@4600" },
        { "1006 finished C cancelled", "begin 2 user@1006, running periodic@4600" },
        { "1007 request user rule", "=3, running periodic@4600" },
        { "1008 cancel", "abort 2, drop 3 user, running periodic@4600" },
        { "1009 finished A", "idle periodic@4629" },
      } },
    /* SCHED-3: no failure, and the schedule goes on */
    { "/plan/requests/cancel-automatic",
      {
        UP,
        { "4600 wait", "begin 1 periodic@4600, running" },
        { "4601 cancel", "abort 1, running" },
        { "4602 finished C cancelled rules", "idle periodic@8222" },
        { "8223 finished C", "begin 2 periodic@8222, idle retry@8283 f1" },
        { "8283 cancel", "begin 3 retry@8283, abort 3, running f1" },
        { "8284 finished C cancelled", "idle retry@8344 f1" },
      } },
    { "/plan/requests/cancel-waiting",
      {
        UP,
        { "1001 busy", "idle periodic@4600" },
        { "4601 cancel", "idle periodic@8221" },
        { "8222 request user", "=1, waiting-idle/call periodic@8221" },
        { "8223 cancel", "drop 1 user, waiting-idle/call periodic@8221" },
        { "8224 config periodic=0", "waiting-idle/call periodic@8221" },
        { "8225 cancel", "idle" },
      } },
    /* DISC-12 */
    { "/plan/requests/cancel-fresh",
      {
        { "0 config periodic=0", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "3 cancel", "idle retry@63" },
      } },
    /* HTTP-11 */
    { "/plan/requests/cancel-clock",
      {
        UP,
        { "4601 finished C clock", "begin 1 periodic@4600, idle/clock periodic@-1" },
        { "4602 cancel", "idle periodic@8222" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_own_rule (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-8: what has a rule of its own does not do the work of the configured ones */
    { "/plan/requests/own-rule-leaves-undone",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "1 request user rule", "=1, begin 1 user@1, running boot@20" },
        { "2 finished A", "idle boot@20" },
        { "3 request user rule", "=2, begin 2 user@3, running boot@20" },
        { "30 finished C", "begin 3 boot@30, running f1" },
        { "31 finished A", "idle periodic@3651" },
        { "32 request user rule", "=4, begin 4 user@32, running periodic@3651" },
        { "33 finished A rules", "begin 5 rules@33, running" },
      } },
    { "/plan/requests/own-rule-in-a-call",
      {
        UP,
        { "4000 busy", "idle periodic@4600" },
        { "4601 request user rule force", "=1, begin 1 user@4601, running periodic@4600" },
        { "4602 finished A", "waiting-idle/call periodic@4600" },
        { "4603 idle", "begin 2 periodic@4603, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_lease (void)
{
  static const Scenario scenarios[] = {
    /* DISC-6 */
    { "/plan/requests/lease",
      {
        UP,
        { "1001 down", "idle periodic@4600" },
        { "1002 up", "idle periodic@4600" },
        { "1003 up counts", "idle lease@1023" },
        { "1004 up counts", "idle lease@1023" },
        { "1023 wait", "begin 1 lease@1023, running" },
        { "1024 finished A", "idle periodic@4644" },
        { "4640 up counts", "idle periodic@4644" },
      } },
    /* DISC-6: during an attempt, which saw the old lease */
    { "/plan/requests/lease-meanwhile",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 up counts", "running periodic@4600" },
        { "1003 up counts", "running periodic@4600" },
        { "1004 finished C after=3600", "idle lease@1024 f1" },
        { "1025 finished A rules", "begin 2 lease@1024, begin 3 rules@1025, running" },
        { "1026 up counts", "running" },
        { "1027 finished A rules", "begin 4 rules@1027, running" },
      } },
    /* DISC-6 HTTP-7 HTTP-11: what the old server asked for, and what the old certificate waits for, is not the new
     * one's */
    { "/plan/requests/lease-of-another-server",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 finished C after=3600", "idle/retry-after retry@4602 f1" },
        { "1003 up counts", "idle lease@1023 f1" },
        { "1024 finished C clock", "begin 2 lease@1023, idle/clock lease@-1 f1" },
        { "1060 up counts", "idle lease@1090 f1" },
      } },
    /* DISC-6: a network that comes and goes makes no storm */
    { "/plan/requests/lease-restless",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "3 finished C", "begin 1 boot@2.5, idle retry@63 f1" },
        { "4 up counts", "idle lease@6.5" },
        { "7 finished C", "begin 2 lease@6.5, idle retry@67 f1" },
        { "8 up counts", "idle lease@20.5 f1" },
        { "9 up counts", "idle lease@20.5 f1" },
        { "21 finished C", "begin 3 lease@20.5, idle retry@141 f2" },
        { "22 up counts", "idle lease@44.5 f2" },
        { "45 finished C", "begin 4 lease@44.5, idle retry@285 f3" },
        { "46 up counts", "idle lease@88.5 f3" },
        { "89 finished C", "begin 5 lease@88.5, idle retry@329 f4" },
        { "90 up counts", "idle lease@172.5 f4" },
        { "173 finished A", "begin 6 lease@172.5, idle periodic@3793" },
        { "800 up counts", "idle lease@820" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_reset (void)
{
  static const Scenario scenarios[] = {
    /* STATE-4 */
    { "/plan/requests/reset",
      {
        UP,
        { "1001 request user", "=1, begin 1 user@1001, running periodic@4600" },
        { "1002 request user rule", "=2, running periodic@4600" },
        { "1003 reset", "abort 1, drop 2 user, running" },
        { "1004 start boot fresh", "running boot@1006.5" },
        { "1010 finished C", "begin 3 boot@1010, running" },
        { "1011 finished C", "idle retry@1071 f1" },
        { "1012 reset", "idle" },
        { "1013 up counts", "idle" },
        { "1014 request user", "=4, idle" },
        { "2000 finished A", "idle" },
        { "2001 reset", "drop 4 user, idle" },
      } },
    /* an engine that says "finished" of nothing, or "start" twice, changes nothing */
    { "/plan/requests/stray-events",
      {
        UP,
        { "1001 finished C rules", "idle periodic@4600" },
        { "1002 start boot", "idle periodic@4600" },
        { "1003 idle", "idle periodic@4600" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

/* LOG-3 SCHED-3: what did not change is not said again, nor stored */
static void
test_said_once (void)
{
  static const struct
  {
    const char *line;
    guint saves;
    guint statuses;
    guint timers;
  } lines[] = {
    { "1000 start restart next=+3000 reason=periodic failures=0", 0, 0, 0 },
    { "1000 config", 0, 1, 1 },
    { "1001 up", 0, 0, 0 },
    { "1002 up", 0, 0, 0 },
    { "1003 config", 0, 0, 0 },
    { "1004 busy", 0, 0, 0 },
    { "1005 request user", 0, 1, 0 },  /* waits; what is due comes before the end of Forced_Resync_Delay */
    { "1006 request user", 0, 0, 0 },
    { "1007 idle", 0, 1, 1 },          /* begins; disarmed */
    { "1008 clock +7", 0, 1, 0 },
    { "1009 finished A", 1, 1, 1 },
    { "1010 clock +7", 1, 1, 0 },      /* the wall time of the next one is another */
    { "1011 triggers off", 0, 0, 0 },
    { "1012 config periodic=60", 1, 1, 1 },
    { "1100 wait", 0, 1, 0 },          /* the timer came; held by the trigger, nothing to wake up for */
    { "1101 triggers on", 0, 1, 0 },   /* while it runs the stored instant stays */
    { "1102 finished C", 1, 1, 1 },
    { "1103 config enabled=0", 1, 1, 1 },
    { "1104 cancel", 0, 0, 0 },
    { "1105 clock +7", 0, 0, 0 },
  };
  World world;
  world_init (&world);
  world.random_delay = 0;
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      guint saves = world.saves, statuses = world.statuses, timers = world.timers;
      g_autofree char *happened = world_do (&world, lines[i].line);
      g_test_message ("%s -> %s (%u %u %u)", lines[i].line, happened, world.saves - saves, world.statuses - statuses,
                      world.timers - timers);
      g_assert_cmpuint (world.saves - saves, ==, lines[i].saves);
      g_assert_cmpuint (world.statuses - statuses, ==, lines[i].statuses);
      g_assert_cmpuint (world.timers - timers, ==, lines[i].timers);
    }
  world_clear (&world);
}

/* PHONE-3: $PRVST tells explicit from automatic */
static void
test_reasons (void)
{
  static const struct
  {
    RsReason reason;
    const char *name;
    gboolean is_explicit;
  } reasons[] = {
    { RS_REASON_BOOT, "boot", FALSE },
    { RS_REASON_PERIODIC, "periodic", FALSE },
    { RS_REASON_DAILY, "daily", FALSE },
    { RS_REASON_RETRY, "retry", FALSE },
    { RS_REASON_LEASE, "lease", FALSE },
    { RS_REASON_RULES, "rules", FALSE },
    { RS_REASON_USER, "user", TRUE },
    { RS_REASON_WEB, "web", TRUE },
    { RS_REASON_SIP_NOTIFY, "sip-notify", TRUE },
    { RS_REASON_REPORT, "report", TRUE },
  };
  RsReason reason = RS_REASON_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_assert_cmpstr (rs_reason_name (reasons[i].reason), ==, reasons[i].name);
      g_assert_true (rs_reason_from_name (reasons[i].name, &reason));
      g_assert_cmpint (reason, ==, reasons[i].reason);
      g_assert_cmpint (rs_reason_is_explicit (reason), ==, reasons[i].is_explicit);
    }
  g_assert_false (rs_reason_from_name ("", &reason));
  g_assert_false (rs_reason_from_name (NULL, &reason));
  g_assert_false (rs_reason_from_name ("Boot", &reason));
  g_assert_cmpint (reason, ==, RS_REASON_REPORT);
  g_assert_cmpstr (rs_reason_name (RS_REASON_NONE), ==, "");
  g_assert_cmpstr (rs_reason_name (77), ==, "");
}

/* A request whose data nobody takes over is freed with the machine. */
static void
test_freed (void)
{
  World world;
  world_init (&world);
  g_free (world_do (&world, "0 request user"));
  g_free (world_do (&world, "0 request user rule"));
  g_assert_cmpuint (world.freed, ==, 0);
  world_clear (&world);
  rs_plan_free (NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_join ();
  test_queue ();
  test_call ();
  test_network_and_triggers ();
  test_disabled ();
  test_cancel ();
  test_own_rule ();
  test_lease ();
  test_reset ();
  g_test_add_func ("/plan/requests/said-once", test_said_once);
  g_test_add_func ("/plan/requests/reasons", test_reasons);
  g_test_add_func ("/plan/requests/freed", test_freed);
  return g_test_run ();
}
