#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Parameters.Get, called by an sd-bus client: calls a second, and many parameters in a call; and the slowest of any calls
while a profile of 100 MB comes in and one of 10 MB is decoded and stored (tests/lib/latency.py).

The peer of the first is the same call to a bare gdbus-codegen service (bare.c), in turns, on the same bus.
"""

import os
import subprocess
import time

import bench
import phones
from lib import bus, latency, servers, tree, wait

BARE = 'org.resyncd.Bare'
COUNT = 100000
MANY = 3000
SECONDS = 2
# milliseconds
LIMIT = 10


def program(name):
    return os.path.join(tree.BUILD, 'tests', 'bench', name)


def calls(own_bus, name, parameters, seconds=SECONDS, pause=0):
    """Seconds of each call."""
    done = subprocess.run([program('calls'), own_bus.address, name, str(int(seconds * 1000)), str(pause), *parameters],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return [int(line) / 1e6 for line in done.stdout.split()]


def throughput(own_bus):
    names = phones.names(1)
    mine, theirs = bench.alternate(5, lambda: len(calls(own_bus, bus.NAME, names)) / SECONDS,
                                   lambda: len(calls(own_bus, BARE, names)) / SECONDS)
    bench.ratio('Get of one parameter', mine, theirs, at_least=0.8, unit='calls/s')


def many(own_bus):
    names = phones.names(MANY)
    mine, theirs = bench.alternate(3, lambda: bench.median(calls(own_bus, bus.NAME, names, pause=2000)),
                                   lambda: bench.median(calls(own_bus, BARE, names, pause=2000)))
    bench.bound(f'{MANY} parameters in one Get', mine, at_most=0.006)
    bench.ratio('  beside the bare service', mine, theirs)


def while_busy(own_bus, daemon, what, run):
    """The slowest of the calls that are made every 10 ms while run(), less what its threads waited for a processor."""
    probe = latency.Probe(own_bus, daemon, limit=LIMIT)
    begun = time.monotonic()
    taken = bench.seconds(run)
    probe.stop()
    bench.say(f'{what}: {bench.show(taken)}, {probe.calls} calls, of which late (seconds after the start, ms): '
              f'{[(round(when - begun, 2), taken) for when, taken in probe.late]}')
    bench.bound(f'slowest call while {what}', probe.slowest / 1000, at_most=LIMIT / 1000)


def measure():
    with servers.Nginx() as nginx, bus.Bus() as own_bus, phones.daemon(own_bus, phones.catalogue(COUNT)) as daemon, \
            subprocess.Popen([*wait.TOGETHER, program('bare'), own_bus.address, BARE, *phones.names(MANY)]) as bare:
        client = bus.Client(own_bus)
        phones.settled(client)
        nginx.put('stored.xml', phones.profile(MANY))
        phones.resync(client, f'{nginx.url}/stored.xml')
        throughput(own_bus)
        many(own_bus)
        # blanks between two parameters: read to the end, and nothing to store
        nginx.put('100MB.xml', phones.profile(2).replace('>\n<Bench', '>' + '\n' * 100_000_000 + '<Bench', 1))
        while_busy(own_bus, daemon, '100 MB are downloaded', lambda: phones.resync(client, f'{nginx.url}/100MB.xml'))
        for turn in (1, 2, 3):
            nginx.put('10MB.xml', phones.profile(COUNT, turn))
            while_busy(own_bus, daemon, f'10 MB are decoded and stored ({turn})',
                       lambda: phones.resync(client, f'{nginx.url}/10MB.xml'))
        bare.terminate()
        daemon.check_log()


bench.main(measure)
