/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When attempts begin, and what follows them. Half of what may be drawn is drawn: Resync_Random_Delay 2 is 20
 * seconds. */
#include "world.h"

static void
test_boot (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-2 */
    { "/plan/resync/boot",
      {
        { "0 start boot", "idle" },
        { "0 config", "idle boot@20" },
        { "1 up", "idle boot@20" },
        { "19.9 wait", "idle boot@20" },
        { "20 wait", "begin 1 boot@20, running" },
        { "25 finished A", "idle periodic@3645" },
      } },
    /* SCHED-2 */
    { "/plan/resync/boot-random-delay",
      {
        { "0 config random=65535", "idle" },
        { "0 start boot", "idle boot@655350" },
        { "0 up", "idle boot@655350" },
        { "655350 wait", "begin 1 boot@655350, running" },
      } },
    /* SCHED-2 */
    { "/plan/resync/boot-no-random-delay",
      {
        { "0 config random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "begin 1 boot@0, running" },
        { "1 finished A", "idle periodic@3601" },
      } },
    /* SCHED-2 */
    { "/plan/resync/boot-fresh",
      {
        { "0 config random=65535 on-reset=0", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "8 wait", "waiting-network/network boot@2.5" },
        { "9 up counts", "begin 1 boot@9, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_boot_no_reset (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-2 SCHED-3 */
    { "/plan/resync/boot-no-reset",
      {
        { "0 config on-reset=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle periodic@3620" },
      } },
    /* SCHED-2 SCHED-3 */
    { "/plan/resync/boot-no-reset-stored",
      {
        { "0 config on-reset=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot next=+100 reason=periodic failures=7", "idle periodic@100" },
      } },
    /* SCHED-2 */
    { "/plan/resync/boot-no-reset-passed",
      {
        { "0 config on-reset=0 random=30", "idle" },
        { "0 start boot next=-100 reason=periodic", "idle periodic@300" },
      } },
    /* SCHED-2 SCHED-4 */
    { "/plan/resync/boot-no-reset-retry",
      {
        { "0 config on-reset=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot next=+9000 reason=retry failures=7", "idle retry@60 f1" },
        { "60 wait", "begin 1 retry@60, running f1" },
        { "61 finished C", "idle retry@181 f2" },
      } },
    /* SCHED-2 SCHED-4 */
    { "/plan/resync/boot-starts-the-list-again",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot next=+9000 reason=retry failures=7", "idle boot@20" },
        { "20 wait", "begin 1 boot@20, running" },
        { "21 finished C", "idle retry@81 f1" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_restart (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-2 */
    { "/plan/resync/restart",
      {
        { "1000 config", "idle" },
        { "1000 up", "idle" },
        { "1000 start restart next=+100 reason=periodic", "idle periodic@1100" },
        { "1100 wait", "begin 1 periodic@1100, running" },
      } },
    /* SCHED-2 SCHED-4 */
    { "/plan/resync/restart-retry",
      {
        { "1000 up", "idle" },
        { "1000 start restart next=+100 reason=retry failures=2", "idle f2" },
        { "1000 config", "idle retry@1100 f2" },
        { "1100 wait", "begin 1 retry@1100, running f2" },
        { "1101 finished B", "idle retry@1341 f3" },
        { "1341 wait", "begin 2 retry@1341, running f3" },
        { "1342 finished A", "idle periodic@4962" },
      } },
    /* SCHED-2 */
    { "/plan/resync/restart-passed",
      {
        { "1000 config random=65535", "idle" },
        { "1000 up", "idle" },
        { "1000 start restart next=-100 reason=periodic", "idle periodic@1002.5" },
        { "1003 wait", "begin 1 periodic@1002.5, running" },
      } },
    /* SCHED-2 */
    { "/plan/resync/restart-nothing-stored",
      {
        { "1000 config", "idle" },
        { "1000 start restart", "idle periodic@4620" },
      } },
    /* SCHED-2 SCHED-4: a list that says never is not begun again by a restart; the period goes on */
    { "/plan/resync/restart-never",
      {
        { "1000 config retry=60,0", "idle" },
        { "1000 start restart failures=2", "idle periodic@4620 f2" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_restart_odd (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-2 */
    { "/plan/resync/restart-fresh-nothing-stored",
      {
        { "1000 config", "idle" },
        { "1000 start restart fresh", "idle boot@1002.5" },
      } },
    /* SCHED-2 DISC-12 */
    { "/plan/resync/restart-fresh-retry",
      {
        { "1000 config", "idle" },
        { "1000 start restart fresh next=+200 reason=retry failures=3", "idle retry@1200 f3" },
      } },
    /* HTTP-7: what a server named is still that, and no setting moves it */
    { "/plan/resync/restart-retry-after",
      {
        { "1000 config", "idle" },
        { "1000 up", "idle" },
        { "1000 start restart next=+200 reason=retry named failures=1", "idle/retry-after retry@1200 f1" },
        { "1001 config retry=30", "idle/retry-after retry@1200 f1" },
        { "1200 wait", "begin 1 retry@1200, running f1" },
        { "1201 finished B", "idle retry@1231 f2" },
      } },
    /* SCHED-3: the clock was set back by years while the daemon was down */
    { "/plan/resync/restart-far-future",
      {
        { "1000 config", "idle" },
        { "1000 start restart next=+99999999 reason=periodic", "idle periodic@4620" },
      } },
    /* HTTP-11: it waited for the clock when it died */
    { "/plan/resync/restart-waiting-for-clock",
      {
        { "1000 config", "idle" },
        { "1000 up", "idle" },
        { "1000 start restart reason=boot", "idle boot@1002.5" },
      } },
    /* SCHED-2: a stored reason that no schedule has */
    { "/plan/resync/restart-odd-reason",
      {
        { "1000 config", "idle" },
        { "1000 start restart next=+30 reason=user", "idle periodic@1030" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

/* What an unprovisioned phone does when every way has failed. */
static void
test_every_way_failed (void)
{
  static const Scenario scenarios[] = {
    /* DISC-12: the twelve delays, each from the failure before it, and the last one again and again */
    { "/plan/resync/every-way-twelve",
      {
        { "0 config random=0 retry=60,120,240,480,960,1920,3840,7680,15360,30720,61440,86400", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "10 finished C fresh", "begin 1 boot@2.5, idle retry@70 f1" },
        { "75 finished C fresh", "begin 2 retry@70, idle retry@195 f2" },
        { "200 finished C fresh", "begin 3 retry@195, idle retry@440 f3" },
        { "445 finished C fresh", "begin 4 retry@440, idle retry@925 f4" },
        { "930 finished C fresh", "begin 5 retry@925, idle retry@1890 f5" },
        { "1895 finished C fresh", "begin 6 retry@1890, idle retry@3815 f6" },
        { "3820 finished C fresh", "begin 7 retry@3815, idle retry@7660 f7" },
        { "7665 finished C fresh", "begin 8 retry@7660, idle retry@15345 f8" },
        { "15350 finished C fresh", "begin 9 retry@15345, idle retry@30710 f9" },
        { "30715 finished C fresh", "begin 10 retry@30710, idle retry@61435 f10" },
        { "61440 finished C fresh", "begin 11 retry@61435, idle retry@122880 f11" },
        { "122885 finished C fresh", "begin 12 retry@122880, idle retry@209285 f12" },
        { "209290 finished C fresh", "begin 13 retry@209285, idle retry@295690 f13" },
      } },
    /* DISC-12: a boot starts again with the first delay, wherever the list was */
    { "/plan/resync/every-way-boot",
      {
        { "0 config random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh reason=retry next=+86400 failures=12", "idle boot@2.5" },
        { "3 finished C fresh", "begin 1 boot@2.5, idle retry@63 f1" },
      } },
    /* SCHED-7: one resync after an upgrade, at once or after the one that runs; that of the start does for it */
    { "/plan/resync/upgrade",
      {
        { "0 config random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "1 upgrade", "idle boot@2.5" },
        { "10 finished A", "begin 1 boot@2.5, idle periodic@3610" },
        { "20 upgrade", "begin 2 upgrade@20, running" },
        { "21 upgrade", "running" },
        { "30 finished A", "begin 3 upgrade@30, running" },
        { "40 finished A", "idle periodic@3640" },
        { "50 config enabled=0", "idle" },
        { "60 upgrade", "idle" },
      } },
    /* DISC-12: a lease that counts starts again at DHCP, long before the delay is over */
    { "/plan/resync/every-way-lease",
      {
        { "0 config random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "10 finished C fresh", "begin 1 boot@2.5, idle retry@70 f1" },
        { "75 finished C fresh", "begin 2 retry@70, idle retry@195 f2" },
        { "100 up counts", "idle lease@102.5" },
        { "103 wait", "begin 3 lease@102.5, running" },
        { "110 finished C fresh", "idle retry@170 f1" },
      } },
    /* DISC-11: wrong codes neither end the delay nor make it longer */
    { "/plan/resync/every-way-codes",
      {
        { "0 config random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "10 finished C fresh", "begin 1 boot@2.5, idle retry@70 f1" },
        { "20 request user rule", "=2, begin 2 user@20, running retry@70 f1" },
        { "21 finished C aside fresh", "idle retry@70 f1" },
        { "30 request user rule", "=3, begin 3 user@30, running retry@70 f1" },
        { "80 finished C aside fresh", "begin 4 retry@80, running f1" },
        { "85 request user rule", "=5, running f1" },
        { "90 finished C fresh", "begin 5 user@90, running retry@210 f2" },
        { "91 finished A aside", "idle periodic@3691" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_period (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-3 RULE-11: one element a success, the last repeats, and a failure begins again */
    { "/plan/resync/period-list",
      {
        { "0 config periodic=100,200+10,300 random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "begin 1 boot@0, running" },
        { "1 finished A", "idle periodic@101" },
        { "102 finished A", "begin 2 periodic@101, idle periodic@307" },
        { "310 finished A", "begin 3 periodic@307, idle periodic@610" },
        { "611 finished A", "begin 4 periodic@610, idle periodic@911" },
        { "912 finished C", "begin 5 periodic@911, idle retry@972 f1" },
        { "973 finished A", "begin 6 retry@972, idle periodic@1073" },
      } },
    /* SCHED-3: never */
    { "/plan/resync/period-never",
      {
        { "0 config periodic=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished A", "begin 1 boot@20, idle" },
        { "999999 wait", "idle" },
        { "1000000 config periodic=", "idle" },
        { "1000001 config periodic=60", "idle periodic@1000003.5" },
      } },
    /* SCHED-3: a jump of the clock moves no period */
    { "/plan/resync/period-jump",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished A", "begin 1 boot@20, idle periodic@3641" },
        { "30 clock +86400", "idle periodic@3641" },
        { "31 clock -999999", "idle periodic@3641" },
        { "3642 wait", "begin 2 periodic@3641, running" },
      } },
    /* SCHED-3: a shorter period counts from the last success, a longer one too */
    { "/plan/resync/period-changed",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "100 finished A", "begin 1 boot@20, idle periodic@3720" },
        { "200 config", "idle periodic@3720" },
        { "300 config periodic=600", "idle periodic@720" },
        { "400 config random=4", "idle periodic@740" },
        { "500 config periodic=7200", "idle periodic@7340" },
        { "600 config periodic=60", "idle periodic@602.5" },
        { "600 config forced=5 retry=77 at-random=700", "idle periodic@602.5" },
        { "601 config periodic=0", "idle" },
        { "602 config periodic=3600", "idle periodic@3740" },
        { "3741 config periodic=60", "begin 2 periodic@3740, running" },
        { "3742 finished A cancelled", "idle periodic@3842" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_retry (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-4 HTTP-6 */
    { "/plan/resync/retry-list",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C", "begin 1 boot@20, idle retry@81 f1" },
        { "82 finished B", "begin 2 retry@81, idle retry@202 f2" },
        { "203 finished C", "begin 3 retry@202, idle retry@443 f3" },
        { "444 finished C", "begin 4 retry@443, idle retry@684 f4" },
        { "685 finished A", "begin 5 retry@684, idle periodic@4305" },
        { "4306 finished C", "begin 6 periodic@4305, idle retry@4366 f1" },
      } },
    /* SCHED-4: 0 is no retry; the period counts from the failure */
    { "/plan/resync/retry-never",
      {
        { "0 config retry=60,0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C", "begin 1 boot@20, idle retry@81 f1" },
        { "82 finished C", "begin 2 retry@81, idle periodic@3702 f2" },
        { "900 wait", "idle periodic@3702 f2" },
        { "901 config retry=60,300", "idle retry@903.5 f2" },
      } },
    /* SCHED-4: a changed list counts from the failure */
    { "/plan/resync/retry-changed",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C", "begin 1 boot@20, idle retry@81 f1" },
        { "30 config periodic=60", "idle retry@81 f1" },
        { "40 config retry=3600", "idle retry@3621 f1" },
        { "3622 finished C", "begin 2 retry@3621, idle retry@7222 f2" },
        { "7000 config retry=60", "idle retry@7002.5 f2" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_overload (void)
{
  static const Scenario scenarios[] = {
    /* HTTP-5 */
    { "/plan/resync/overload",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C overload", "begin 1 boot@20, idle retry@51" },
        { "52 finished C overload", "begin 2 retry@51, idle retry@82" },
        { "83 finished C overload", "begin 3 retry@82, idle retry@113" },
        { "114 finished C overload", "begin 4 retry@113, idle retry@144" },
        { "145 finished C overload", "begin 5 retry@144, idle retry@175" },
        { "176 finished C overload", "begin 6 retry@175, idle retry@236 f1" },
        { "237 finished C overload", "begin 7 retry@236, idle retry@357 f2" },
      } },
    /* HTTP-5: not once the list has begun, not after ten minutes of the phone's, not the daemon's, life */
    { "/plan/resync/overload-not",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C", "begin 1 boot@20, idle retry@81 f1" },
        { "82 finished C overload", "begin 2 retry@81, idle retry@202 f2" },
        { "203 finished A", "begin 3 retry@202, idle periodic@3823" },
        { "590 request user", "=4, begin 4 user@590, running periodic@3823" },
        { "599 finished C overload", "idle retry@629" },
        { "630 finished C overload", "begin 5 retry@629, idle retry@690 f1" },
      } },
    { "/plan/resync/overload-age",
      {
        { "0 config random=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot age=599", "begin 1 boot@0, running" },
        { "1 finished C overload", "idle retry@61 f1" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_retry_after (void)
{
  static const Scenario scenarios[] = {
    /* HTTP-7 */
    { "/plan/resync/retry-after",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "1000 start boot", "idle boot@1020" },
        { "1021 finished C after=300", "begin 1 boot@1020, idle/retry-after retry@1321 f1" },
        { "1100 config retry=60 periodic=60", "idle/retry-after retry@1321 f1" },
        { "1322 finished C", "begin 2 retry@1321, idle retry@1382 f2" },
        { "1383 finished C after=1", "begin 3 retry@1382, idle/retry-after retry@1384 f3" },
        { "1385 finished C after=4294967295", "begin 4 retry@1384, idle/retry-after retry@87785 f4" },
        { "1400 request user", "=5, begin 5 user@1400, running retry@87785 f4" },
        { "1401 finished A cancelled", "idle/retry-after retry@87785 f4" },
        { "1402 request web", "=6, begin 6 web@1402, running retry@87785 f4" },
        { "1403 finished A", "idle periodic@1483" },
      } },
    /* HTTP-5 HTTP-7 */
    { "/plan/resync/overload-retry-after",
      {
        { "0 config retry=0", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C overload after=7", "begin 1 boot@20, idle/retry-after retry@28" },
        { "29 finished C after=9", "begin 2 retry@28, idle/retry-after retry@38 f1" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_rules (void)
{
  static const Scenario scenarios[] = {
    /* SCHED-10 */
    { "/plan/resync/rules",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot fresh", "idle boot@2.5" },
        { "3 finished A rules", "begin 1 boot@2.5, begin 2 rules@3, running" },
        { "4 finished A", "idle periodic@3624" },
      } },
    /* SCHED-10 */
    { "/plan/resync/rules-at-most-five",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished A rules", "begin 1 boot@20, begin 2 rules@21, running" },
        { "22 finished A rules", "begin 3 rules@22, running" },
        { "23 finished A rules", "begin 4 rules@23, running" },
        { "24 finished A rules", "begin 5 rules@24, running" },
        { "25 finished A rules", "begin 6 rules@25, running" },
        { "26 finished A rules", "idle periodic@3646" },
        { "3647 finished A rules", "begin 7 periodic@3646, begin 8 rules@3647, running" },
      } },
    /* SCHED-9 SCHED-10: the first rule changed a rule and the second failed */
    { "/plan/resync/rules-and-failure",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C rules", "begin 1 boot@20, begin 2 rules@21, running f1" },
        { "22 finished C", "idle retry@142 f2" },
      } },
    /* RULE-2 */
    { "/plan/resync/skipped",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C skipped", "begin 1 boot@20, idle periodic@3641" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

static void
test_clock (void)
{
  static const Scenario scenarios[] = {
    /* HTTP-11 */
    { "/plan/resync/clock",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C clock", "begin 1 boot@20, idle/clock boot@-1" },
        { "30 config periodic=60", "idle/clock boot@-1" },
        { "40 clock +99999999", "begin 2 boot@40, running" },
        { "41 finished C", "idle retry@101 f1" },
      } },
    /* HTTP-11 DISC-12: where nobody sets it all ways are tried again, after the delays of a failure that it is none */
    { "/plan/resync/clock-never-set",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 finished C clock", "begin 1 boot@20, idle/clock boot@-1" },
        { "82 finished C clock", "begin 2 boot@81, idle/clock boot@-1" },
        { "203 finished C clock", "begin 3 boot@202, idle/clock boot@-1" },
        { "444 finished C", "begin 4 boot@443, idle retry@504 f1" },
        { "505 finished C clock", "begin 5 retry@504, idle/clock retry@-1 f1" },
        { "566 finished A", "begin 6 retry@565, idle periodic@4186" },
      } },
    /* HTTP-11: it was set while the attempt ran */
    { "/plan/resync/clock-set-meanwhile",
      {
        { "0 config", "idle" },
        { "0 up", "idle" },
        { "0 start boot", "idle boot@20" },
        { "21 clock +99999999", "begin 1 boot@20, running" },
        { "22 finished C clock", "begin 2 boot@22, running" },
        { "23 finished C clock", "idle/clock boot@-1" },
        { "24 request user", "=3, begin 3 user@24, running boot@-1" },
        { "25 finished C clock", "idle/clock retry@-1" },
        { "26 clock +5", "begin 4 retry@26, running" },
      } },
  };
  scenarios_add (scenarios, G_N_ELEMENTS (scenarios));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_boot ();
  test_boot_no_reset ();
  test_restart ();
  test_restart_odd ();
  test_every_way_failed ();
  test_period ();
  test_retry ();
  test_overload ();
  test_retry_after ();
  test_rules ();
  test_clock ();
  return g_test_run ();
}
