#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Daemon and worker killed at random moments of full resyncs, on a busy machine. RESYNCD_SEED=N repeats a run,
RESYNCD_LONG=1 makes it 1000 kills."""

import collections
import multiprocessing
import os
import random
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import tap, wait  # noqa: E402
import trials  # noqa: E402

KILLS = 1000 if os.environ.get('RESYNCD_LONG') else 100
PHONES = 2
EVERY = ('the worker', 'without a worker', *trials.PHASES)


def run(seed, kills):
    """One phone: (targets, phases, calls of its load)."""
    phone = trials.Trials(seed)
    try:
        targets = collections.Counter(phone.one() for _ in range(kills))
    except Exception as error:
        raise AssertionError(f'{error!r}\n{phone.daemon.log()[-4000:]}') from error
    phone.close()
    return targets, phone.phases, phone.load.calls


class Killed(unittest.TestCase):
    def test_killed(self):
        """daemon, worker and both killed at random moments of resyncs under load: old or new profile and whole, all that was
        acknowledged or announced is there, retries, history and onboarding are sound, no file, lock or worker is left, and a worker's
        death is a failure of class C (PROF-7, STORE-1, STORE-4, STATE-4, SCHED-4)"""
        seed = int(os.environ.get('RESYNCD_SEED') or random.SystemRandom().randrange(1 << 32))
        print(f'RESYNCD_SEED={seed}', file=sys.stderr)
        begun = time.monotonic()
        busy = subprocess.Popen([*wait.TOGETHER, sys.executable, '-c', 'while True: pass'])
        self.addCleanup(busy.wait)
        self.addCleanup(busy.kill)
        targets, phases, calls = collections.Counter(), collections.Counter(), 0
        with multiprocessing.get_context('fork').Pool(PHONES) as pool:
            # some moments are so short that chance may not find them: then it tries on
            for kills in (KILLS, *[KILLS // 5] * 10):
                for result in pool.starmap(run, [(seed + n, kills // PHONES) for n in range(PHONES)], 1):
                    targets, phases, calls = targets + result[0], phases + result[1], calls + result[2]
                if all(phase in phases for phase in EVERY):
                    break
                seed += PHONES
        print(f'{sum(targets.values())} kills in {time.monotonic() - begun:.0f} s ({dict(targets)}) between {calls} calls of others; they hit',
              file=sys.stderr)
        for phase, count in phases.most_common():
            print(f'{count:5} {phase}', file=sys.stderr)
        self.assertGreaterEqual(sum(targets.values()), KILLS)
        # a run whose kills were all too early, too late or in one place shows nothing
        for phase in EVERY:
            self.assertIn(phase, phases)


if __name__ == '__main__':
    tap.main('box')
