#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cost against size: decoding, committing and starting with 1 000, 10 000 and 100 000 parameters.

The stages are those of stages.c, in one warm process; the start is from exec to the bus name, less that of a phone with
nothing of it stored and the same catalogue. The exponent is that of the power of the size which joins the costs at the two
ends: 1 is in proportion. What one goes by is how the costs of a thousand parameters compare.
"""

import json
import math
import os
import subprocess

import bench
import phones
from lib import bus, servers, tree

SIZES = (1000, 10000, 100000)
TIMES = 5
STAGES = {'decode': ('read', 'send', 'accept'), 'commit': ('changeset', 'text'), 'load': ('load',)}


def program(name):
    return os.path.join(tree.BUILD, 'tests', 'bench', name)


def stages(catalogue, path):
    """Seconds of each of STAGES."""
    out = subprocess.run([program('stages'), catalogue, path], stdout=subprocess.PIPE, check=True).stdout
    found = json.loads(out)
    return {name: sum(found[part] for part in parts) / 1000 for name, parts in STAGES.items()}


def start(own_bus, daemon):
    with open(daemon.log_path, 'a', encoding='utf-8') as log:
        done = subprocess.run([program('start'), own_bus.address, bus.NAME, str(TIMES + 1), *daemon.command],
                              env=daemon.environment, stdout=subprocess.PIPE, stderr=log, check=True)
    return bench.median([int(line) / 1e6 for line in done.stdout.split()][1:])


def starts(nginx, path, catalogue):
    """Seconds that the stored parameters add to a start."""
    with bus.Bus() as own_bus, phones.daemon(own_bus, catalogue, start=False) as daemon:
        empty = start(own_bus, daemon)
        daemon.start()
        client = bus.Client(own_bus)
        phones.settled(client)
        phones.resync(client, f'{nginx.url}/{os.path.basename(path)}')
        daemon.stop()
        return start(own_bus, daemon) - empty


def measure():
    costs = {}
    with servers.Nginx() as nginx:
        for size in SIZES:
            path = nginx.put(f'{size}.xml', phones.profile(size))
            catalogue = phones.catalogue(size)
            costs[size] = {**stages(catalogue, path), 'start': starts(nginx, path, catalogue)}
            bench.say(f'{size}: ' + ', '.join(f'{name} {bench.show(cost)}, {bench.show(cost / size * 1000)} a thousand'
                                              for name, cost in costs[size].items()))
    least, most = SIZES[0], SIZES[-1]
    for name in costs[least]:
        first, last = costs[least][name], costs[most][name]
        exponent = math.log(last / first) / math.log(most / least)
        bench.say(f'{name}: from {least} to {most} parameters as the size to the power of {exponent:.2f}')
        bench.ratio(f'{name}, per 1 000 parameters of {most}; peer: of {least}', last * 1000 / most, first * 1000 / least,
                    at_most=1)


bench.main(measure)
