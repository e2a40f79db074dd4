#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""10 000 phones that regain power together and the server that they ask (herd.c): in virtual time, so that it is a test beside a bench."""

import collections
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import tap  # noqa: E402
import bench_herd  # noqa: E402


class Herd(unittest.TestCase):
    def test_targets(self):
        """SCHED-2, HTTP-5, HTTP-7: the first contact is spread, refusals are overload and Retry-After is honoured: the last phone is served in time, and
        the server is not asked more than it asks for"""
        asked = {}
        for title, manner, at_most in bench_herd.RUNS:
            with self.subTest(title):
                seen = asked[manner] = bench_herd.requests(manner)
                served = [reply for _came, reply in seen if reply is not None]
                self.assertEqual(len(served), bench_herd.PHONES)
                self.assertLessEqual(max(served), at_most or 40.5 + (3 if int(manner) < 40 else 2) * int(manner))
        self.assertLess(max(len(asked[manner]) for manner in ('refuse', 'turns')), 2 * bench_herd.PHONES)
        # those whose turn it is come besides the others, and no faster than they are served
        rushes = collections.Counter(int(came // bench_herd.STEP) for came, _reply in asked['turns'])
        first = bench_herd.PHONES / 40
        self.assertLessEqual(max(rushes.values()) / bench_herd.STEP, 1.1 * (first + bench_herd.RATE))



if __name__ == '__main__':
    tap.main(None)
