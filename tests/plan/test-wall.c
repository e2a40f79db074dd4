/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daily attempt while the wall clock jumps, zones change and hours are missing. The world begins on 20 November
 * at noon, UTC; half of ten minutes is drawn for the random part. */
#include "world.h"

/* The start-up resync is done at once, and the daily one is due at 02:05, 50700 seconds after the start. */
#define DAILY                                                                                                          \
  { "0 config at=0200", "idle" }, { "0 up", "idle" }, { "0 start boot", "idle boot@20" },                              \
  {                                                                                                                    \
    "21 finished A", "begin 1 boot@20, idle daily@11-21T02:05:00"                                                      \
  }

static void
test_daily (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-3 */
    { "/plan/wall/daily",
      {
        DAILY,
        { "50699 wait", "idle daily@11-21T02:05:00" },
        { "50700 wait", "begin 2 daily@50700, running" },
        { "50710 finished A", "idle daily@11-22T02:05:00" },
        { "137100 wait", "begin 3 daily@137100, running" },
        { "137101 finished C", "idle retry@137161 f1" },
        { "137162 finished A", "begin 4 retry@137161, idle daily@11-23T02:05:00" },
      } },
    /* SCHED-3: at least 600 seconds */
    { "/plan/wall/random",
      {
        { "0 config at=0200 at-random=0 on-reset=0", "idle" },
        { "0 start boot", "idle daily@11-21T02:05:00" },
        { "1 config at-random=7200", "idle daily@11-21T03:00:00" },
      } },
    /* SCHED-3 */
    { "/plan/wall/midnight",
      {
        { "0 config at=2400 on-reset=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle daily@11-21T00:05:00" },
        { "43501 finished A", "begin 1 daily@43500, idle daily@11-22T00:05:00" },
      } },
    /* SCHED-3 */
    { "/plan/wall/changed",
      {
        DAILY,
        { "1000 config at=0300", "idle daily@11-21T03:05:00" },
        { "1001 config periodic=60 retry=60 random=0", "idle daily@11-21T03:05:00" },
        { "1002 config at-random=1200", "idle daily@11-21T03:10:00" },
        { "1003 config at= periodic=3600", "idle periodic@3621" },
        { "1004 config at=1300", "idle daily@11-20T13:10:00" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_jump_forward (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-3: made up for, once, within the random window */
    { "/plan/wall/jump-over",
      {
        DAILY,
        { "40000 clock +20000", "idle daily@11-21T04:45:00" },
        { "40001 clock +1", "idle daily@11-21T04:45:01" },
        { "40100 config periodic=60 at-random=9999", "idle daily@11-21T04:45:01" },
        { "40301 finished A", "begin 2 daily@40300, idle daily@11-22T03:23:19" },
      } },
    /* SCHED-3: a phone that learns the time after its start-up resync does not resync again */
    { "/plan/wall/jump-covered",
      {
        DAILY,
        { "1000 clock +86400", "idle daily@11-22T02:05:00" },
        { "1001 clock +86400000", "idle daily@08-18T02:05:00" },
      } },
    /* SCHED-3 */
    { "/plan/wall/jump-towards",
      {
        DAILY,
        { "1000 clock +3600", "idle daily@11-21T02:05:00" },
        { "47100 wait", "begin 2 daily@47100, running" },
        { "47101 finished A", "idle daily@11-22T02:05:00" },
      } },
    /* SCHED-3: into the random part */
    { "/plan/wall/jump-into-window",
      {
        DAILY,
        { "50000 clock +580", "idle daily@11-21T02:05:00" },
        { "50120 wait", "begin 2 daily@50120, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_jump_back (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-3: set back over a daily time that was kept, and to and fro */
    { "/plan/wall/jump-back",
      {
        DAILY,
        { "50710 finished A", "begin 2 daily@50700, idle daily@11-22T02:05:00" },
        { "50800 clock -3600", "idle daily@11-22T02:05:00" },
        { "50900 clock +3600", "idle daily@11-22T02:05:00" },
        { "51000 clock -3600", "idle daily@11-22T02:05:00" },
        { "99999 clock -864000", "idle daily@11-12T02:05:00" },
      } },
    /* STATE-4 */
    { "/plan/wall/reset",
      {
        DAILY,
        { "50710 finished A", "begin 2 daily@50700, idle daily@11-22T02:05:00" },
        { "50800 reset", "idle" },
        { "50801 clock -3600", "idle" },
        { "50802 config on-reset=0", "idle" },
        { "50803 start restart", "idle daily@11-21T02:05:00" },
      } },
    /* SCHED-3: far back, where the next one would be years away */
    { "/plan/wall/jump-far-back",
      {
        DAILY,
        { "1000 clock -864000000", "idle daily@07-06T02:05:00" },
        { "50700 wait", "begin 2 daily@50700, running" },
      } },
    /* SCHED-3: a daily time that passed before the last success is not called back */
    { "/plan/wall/not-called-back",
      {
        DAILY,
        { "50519 request user", "=2, begin 2 user@50519, running daily@11-21T02:05:00" },
        { "50520 finished A", "idle daily@11-22T02:05:00" },
        { "50521 clock +0", "idle daily@11-22T02:05:00" },
        { "50522 clock -7200", "idle daily@11-21T02:05:00" },
      } },
    /* SCHED-3 SCHED-5: due is due */
    { "/plan/wall/jump-while-held",
      {
        DAILY,
        { "50700 down", "begin 2 daily@50700, running" },
        { "50701 finished A", "idle daily@11-22T02:05:00" },
        { "137101 wait", "waiting-network/network daily@11-22T02:05:00" },
        { "137102 clock -7200", "waiting-network/network daily@11-22T00:05:00" },
        { "137103 clock +99999", NULL },
        { "137104 up", "begin 3 daily@137104, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_jump_unheard (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-3: a jump whose event is still on its way */
    { "/plan/wall/jump-unheard",
      {
        DAILY,
        { "40000 jump +20000", "idle daily@11-21T02:05:00" },
        { "40001 busy", "idle daily@11-21T04:45:01" },
        { "40002 clock", "idle daily@11-21T04:45:01" },
        { "40301 wait", "waiting-idle/call daily@11-21T04:45:01" },
      } },
    /* SCHED-3: slewing is no jump */
    { "/plan/wall/slew",
      {
        DAILY,
        { "40000 jump -1", "idle daily@11-21T02:05:00" },
        { "50700 wait", "idle daily@11-21T02:05:00" },
        { "50701 wait", "begin 2 daily@50701, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_zone (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-3 */
    { "/plan/wall/zone",
      {
        DAILY,
        { "1000 zone Europe/Berlin", "idle daily@11-21T01:05:00" },
        { "1001 zone Asia/Kathmandu", "idle daily@11-20T20:20:00" },
        { "1002 zone America/New_York", "idle daily@11-21T07:05:00" },
        { "68701 finished A", "begin 2 daily@68700, idle daily@11-22T07:05:00" },
      } },
    /* SCHED-3: the zone leaps over it */
    { "/plan/wall/zone-leap",
      {
        DAILY,
        { "48600 zone Europe/Berlin", "idle daily@11-21T01:35:00" },
        { "48901 finished A", "begin 2 daily@48900, idle daily@11-22T01:05:00" },
      } },
    /* SCHED-3: 28 March 2027 has no 02:30 in Berlin, 31 October has two */
    { "/plan/wall/daylight-saving",
      {
        { "0 jump +10972800", "idle" },
        { "0 zone Europe/Berlin", "idle" },
        { "0 config at=0230 on-reset=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle daily@03-28T01:05:00" },
        { "47101 finished A", "begin 1 daily@47100, idle daily@03-29T00:35:00" },
        { "47102 clock +18662400", NULL },
        { "47103 request user", NULL },
        { "47104 finished A", "idle daily@10-31T00:35:00" },
        { "48000 clock", "idle daily@10-31T00:35:00" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_restart (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-2 SCHED-3 */
    { "/plan/wall/restart",
      {
        { "0 config at=0200", "idle" },
        { "0 up", "idle" },
        { "0 start restart next=+50520 reason=daily", "idle daily@11-21T02:02:00" },
        { "1000 clock -3600", "idle daily@11-21T02:02:00" },
        { "54120 wait", "begin 1 daily@54120, running" },
      } },
    { "/plan/wall/restart-passed",
      {
        { "0 config at=0200", "idle" },
        { "0 up", "idle" },
        { "0 start restart next=-50520 reason=daily", "idle daily@11-20T12:00:02" },
        { "3 finished A", "begin 1 daily@2.5, idle daily@11-21T02:05:00" },
      } },
    { "/plan/wall/restart-other-time",
      {
        { "0 config at=0230", "idle" },
        { "0 start restart next=+50520 reason=daily", "idle daily@11-21T02:35:00" },
      } },
    { "/plan/wall/restart-no-daily",
      {
        { "0 config", "idle" },
        { "0 start restart next=+50520 reason=daily", "idle periodic@3620" },
      } },
    { "/plan/wall/restart-far-future",
      {
        { "0 config at=0200", "idle" },
        { "0 start restart next=+99999999 reason=daily", "idle daily@11-21T02:05:00" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_daily ();
  test_jump_forward ();
  test_jump_back ();
  test_jump_unheard ();
  test_zone ();
  test_restart ();
  return g_test_run ();
}
