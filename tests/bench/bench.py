# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benches share: repeating, medians, and a line for each figure.

    def measure():
        ours, peer = bench.alternate(5, run_ours, run_peer)
        bench.ratio('decode', ours, peer, at_most=1.3)

    bench.main(measure)

Every line stands in the table that ./check --bench prints at its end. A figure that misses its target fails nothing, for machines differ:
the exit status tells whether the bench ran. Where the figures are those of any machine a bench is strict, and ends with 1.
"""

import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import tap  # noqa: E402

COLUMNS = ('bench', 'ours', 'peer', 'ratio', 'target', 'met')
MARK = 'figure'
_missed = []


def seconds(run):
    """How long run() takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def alternate(times, *measures, warm=1):
    """Calls each measure in turn, TIMES times after WARM turns that do not count: what the machine does meanwhile
    meets all of them. Each returns a number; what comes back is a list of numbers for each measure."""
    turns = [[measure() for measure in measures] for _ in range(warm + times)]
    return [list(column) for column in zip(*turns[warm:])]


def repeat(times, measure, warm=1):
    """The numbers of TIMES calls, after WARM that do not count."""
    return alternate(times, measure, warm=warm)[0]


def median(numbers):
    return statistics.median(numbers) if isinstance(numbers, (list, tuple)) else numbers


def spread(numbers, unit='s'):
    """A line for people: median, least and most of several numbers."""
    return f'median {show(median(numbers), unit)}, from {show(min(numbers), unit)} to {show(max(numbers), unit)} of {len(numbers)}'


def show(number, unit='s'):
    """1.234 → '1.23 s', 0.0042 → '4.2 ms'; other units as they are, '' for a bare number."""
    if unit == 's' and abs(number) < 1:
        number, unit = number * 1000, 'ms'
    digits = 0 if number == int(number) or abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    return f'{number:.{digits}f} {unit}'.rstrip()


def say(text):
    print(text, flush=True)


def ratio(name, ours, peer, at_most=None, at_least=None, unit='s', faster=False):
    """A figure beside a peer's: ours / peer, or with faster=True, how many times faster than the peer ours is
    (peer / ours, of times). Lists count by their medians. Returns the ratio."""
    ours, peer = median(ours), median(peer)
    value = peer / ours if faster else ours / peer
    _line(name, show(ours, unit), show(peer, unit), f'{value:.2f}', value, at_most, at_least, '×')
    return value


def bound(name, value, at_most=None, at_least=None, unit='s'):
    """A figure of ours against a fixed target; a list counts by its median. Returns the figure."""
    value = median(value)
    _line(name, show(value, unit), '', '', value, at_most, at_least, unit)
    return value


def _line(name, ours, peer, ratio_, value, at_most, at_least, unit):
    if at_most is not None:
        target, met = f'≤ {show(at_most, unit)}', value <= at_most
    elif at_least is not None:
        target, met = f'≥ {show(at_least, unit)}', value >= at_least
    else:
        target, met = '', None
    if met is False:
        _missed.append(name)
    say(' | '.join((MARK, name, ours, peer, ratio_, target, {True: 'met', False: 'MISSED', None: ''}[met])))


def main(measure, space='box', strict=False):
    """Runs the bench where tap.main would run a test: in a box, in the laboratory ('lab'), or here (None)."""
    tap.enter(space)
    measure()
    if strict and _missed:
        sys.exit(1)
