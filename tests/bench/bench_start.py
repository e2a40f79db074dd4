#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From exec to the name on the bus, with the real catalogue: out of the box, and with a store of 500 parameters."""

import os
import subprocess

import bench
import phones
from lib import bus, tree

TIMES = 20


def starts(own_bus, daemon):
    """Seconds of each of TIMES starts; the first, which fills caches, is one more."""
    program = os.path.join(tree.BUILD, 'tests', 'bench', 'start')
    with open(daemon.log_path, 'a', encoding='utf-8') as log:
        done = subprocess.run([program, own_bus.address, bus.NAME, str(TIMES + 1), *daemon.command], env=daemon.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, check=True, timeout=120)
    return [int(line) / 1e6 for line in done.stdout.split()][1:]


def populate(own_bus, daemon):
    """Sets 500 parameters of the real catalogue to what they are, as a profile would."""
    daemon.start()
    client = bus.Client(own_bus)
    listed = client.parameters('List', '(s)', '')[0]
    texts = [item['name'] for item in listed if item['type'] == 'string' and not item['range']]
    client.set(**{name: f'value of {name}' for name in texts[:500]})
    daemon.stop()


def measure():
    with bus.Bus() as own_bus, phones.daemon(own_bus, start=False) as daemon:
        for state in ('out of the box', '500 parameters stored'):
            if state != 'out of the box':
                populate(own_bus, daemon)
            times = starts(own_bus, daemon)
            bench.say(f'{state}: {bench.spread(times)}')
            bench.bound(f'start to bus name, {state}', times, at_most=0.025)
            bench.bound('  the slowest of 20', max(times), at_most=0.025)


bench.main(measure)
