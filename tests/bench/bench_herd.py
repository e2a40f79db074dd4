#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""10 000 phones regain power together, in virtual time: the real plan/ of each (herd.c) against a server of 100 requests a
second that keeps 200 waiting, beside phones that try again after an hour."""

import collections
import os
import statistics
import subprocess

import bench
from lib import tree

PHONES, RATE, QUEUE = 10_000, 100, 200
STEP = 10  # seconds of the server's curve
# how the server turns phones away, and when the last of them must have been served. Phones that are told to come in
# 30 s and more do not come before: README.md
RUNS = (('refused', 'refuse', 160), ('503, each phone its turn', 'turns', 120),
        *((f'503, {seconds} s always', str(seconds), 120 if seconds <= 20 else None) for seconds in (5, 10, 20, 30, 60, 300)))


def requests(manner):
    """[(came, replied or None)] of all phones, in seconds since they had power."""
    out = subprocess.run([os.path.join(tree.BUILD, 'tests', 'bench', 'herd'), str(PHONES), str(RATE), str(QUEUE), manner],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = [line.split() for line in out.splitlines()]
    return [(float(line[0]), float(line[1]) if len(line) == 2 else None) for line in lines]


def show(title, seen):
    """What a run was like, for people. Returns when the last phone was served."""
    served = sorted(reply for _came, reply in seen if reply is not None)
    if len(served) != PHONES:
        raise AssertionError(f'{len(served)} requests were served, of {PHONES} phones')
    cuts = statistics.quantiles(served, n=100)
    bench.say(f'{title}: {len(seen)} requests, {len(seen) - PHONES} of them turned away; provisioned after, in seconds: '
              + ', '.join(f'{percent} % {cuts[percent - 1]:.0f}' for percent in (10, 50, 90, 99)) + f', all {served[-1]:.1f}')
    came = collections.Counter(int(came // STEP) for came, _reply in seen)
    taken = collections.Counter(int(came // STEP) for came, reply in seen if reply is not None)
    for step in sorted(came)[:20]:
        rate = came[step] / STEP
        bench.say(f'  {step * STEP:5} s  {rate:6.1f} a second, {taken[step] / STEP:6.1f} taken  {"#" * round(rate / 5)}')
    return served[-1]


def measure():
    fixed = show('an hour later, always', requests('fixed'))
    for title, manner, at_most in RUNS:
        last = show(title, requests(manner))
        bench.bound(f'{PHONES} phones, {title}: the last one', last, at_most=at_most)
        bench.ratio('  beside an hour later, always', last, fixed)


if __name__ == '__main__':
    bench.main(measure, strict=True)
