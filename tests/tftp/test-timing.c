/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer machine, by scripts: how long it waits, and what it does when something was lost. */
#include "script.h"

/* TFTP-4: silence, with retransmission and back-off */
static void
test_silence (void)
{
  const Step never[] = {
    START,
    { "999 timer", "timer 1000" },
    { "1000 timer", READ "; timer 3000" },
    { "3000 timer", READ "; timer 7000" },
    { "7000 timer", READ "; timer 15000" },
    { "15000 timer", "fail Unreachable: no answer within 15 seconds" },
    { "15001 tid data 1 1", "" },
  };
  const Step later[] = {
    START,
    { "10 tid oack blksize=1000 windowsize=4", "send tid ack 0; timer 120" },
    { "120 timer", "send tid ack 0; timer 340" },
    { "220 tid data 1 1000", "deliver 1000; timer 440" },
    { "230 tid data 2 1000", "deliver 1000; timer 450" },
    { "450 timer", "send tid ack 2; timer 560" },
    { "560 timer", "send tid ack 2; timer 780" },
    { "780 timer", "send tid ack 2; timer 1220" },
    { "1220 timer", "send tid ack 2; timer 2100" },
    { "2100 timer", "send tid ack 2; timer 3860" },
    { "3860 timer", "send tid ack 2; timer 7380" },
    { "7380 timer", "send tid ack 2; timer 14420" },
    { "14420 timer", "send tid ack 2; timer 15230" },
    { "15230 timer", "fail Unreachable: the server fell silent for 15 seconds after 2000 bytes" },
  };

  RUN (never);
  RUN (later);
}

/* TFTP-4: the time-out follows the round trips and how far they spread, and is at least 100 ms above them */
static void
test_adaptive_timeout (void)
{
  const Step steps[] = {
    START,
    { "300 tid oack blksize=1000", "send tid ack 0; timer 1200" },
    { "600 tid data 1 1000", "deliver 1000; send tid ack 1; timer 1350" },
    { "620 tid data 2 1000", "deliver 1000; send tid ack 2; timer 1502" },
    { "640 tid data 3 1000", "deliver 1000; send tid ack 3; timer 1582" },
  };

  RUN (steps);
}

/* TFTP-3, TFTP-4: a way longer than the time-out is asked twice until one answer has measured it, not for every block */
static void
test_long_way (void)
{
  const Step from_the_start[] = {
    START,
    { "1000 timer", READ "; timer 3000" },
    { "1500 tid oack blksize=1000", "send tid ack 0; timer 3500" },
    { "2500 tid2 oack blksize=1000", "send tid2 error 5" },
    { "3000 tid data 1 1000", "deliver 1000; send tid ack 1; timer 7500" },
    { "4500 tid data 2 1000", "deliver 1000; send tid ack 2; timer 8250" },
  };
  const Step later[] = {
    START,
    { "10 tid data 1 512", "deliver 512; send tid ack 1; timer 120" },
    { "120 timer", "send tid ack 1; timer 340" },
    { "340 timer", "send tid ack 1; timer 780" },
    { "780 timer", "send tid ack 1; timer 1660" },
    { "1010 tid data 2 512", "deliver 512; send tid ack 2; timer 1890" },
    { "1890 timer", "send tid ack 2; timer 3650" },
    { "2010 tid data 3 512", "deliver 512; send tid ack 3; timer 3770" },
    { "3010 tid data 4 512", "deliver 512; send tid ack 4; timer 4148" },
    { "4010 tid data 5 512", "deliver 512; send tid ack 5; timer 5872" },
  };

  RUN (from_the_start);
  RUN (later);
}

/* TFTP-1, TFTP-4: what is lost of a window is asked for from where it is missing, and that alone is no back-off */
static void
test_lost_pieces (void)
{
  const Step tail_then_ack_then_last[] = {
    START,
    { "10 tid oack blksize=8 windowsize=3", "send tid ack 0; timer 120" },
    { "20 tid data 1 8", "deliver 8; timer 130" },
    { "20 tid data 2 8", "deliver 8; timer 130" },
    /* block 3 was lost */
    { "130 timer", "send tid ack 2; timer 240" },
    { "140 tid data 3 8", "deliver 8; timer 250" },
    { "140 tid data 4 8", "deliver 8; timer 250" },
    { "140 tid data 5 8", "deliver 8; send tid ack 5; timer 250" },
    /* this ACK was lost, and whether 6 answers it or the next cannot be said */
    { "250 timer", "send tid ack 5; timer 470" },
    { "260 tid data 6 8", "deliver 8; timer 480" },
    { "260 tid data 7 8", "deliver 8; timer 480" },
    /* the last block was lost */
    { "480 timer", "send tid ack 7; timer 590" },
    { "490 tid data 8 4", "deliver 4; send tid ack 8; done" },
    /* the last ACK was lost */
    { "1490 tid data 8 4", "" },
  };
  const Step answer_to_a_gap[] = {
    START,
    { "10 tid oack blksize=8 windowsize=4", "send tid ack 0; timer 120" },
    { "20 tid data 1 8", "deliver 8; timer 130" },
    { "20 tid data 3 8", "send tid ack 1; timer 130" },
    { "20 tid data 4 8", "" },
    { "130 timer", "send tid ack 1; timer 350" },
    { "140 tid data 2 8", "deliver 8; timer 360" },
    { "140 tid data 4 8", "send tid ack 2; timer 360" },
    { "140 tid data 5 8", "" },
    { "150 tid data 3 0", "send tid ack 3; done" },
  };

  RUN (tail_then_ack_then_last);
  RUN (answer_to_a_gap);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tftp/timing/silence", test_silence);
  g_test_add_func ("/tftp/timing/adaptive-timeout", test_adaptive_timeout);
  g_test_add_func ("/tftp/timing/long-way", test_long_way);
  g_test_add_func ("/tftp/timing/lost-pieces", test_lost_pieces);
  return g_test_run ();
}
