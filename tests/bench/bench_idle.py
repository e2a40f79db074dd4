#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The idle daemon of a provisioned phone: its memory, and how often it wakes in a minute; again after 100 resyncs over HTTPS.

    bench_idle.py box     alone on a bus, with the lease in resyncd.conf
    bench_idle.py lab     on the laboratory's phone, with NetworkManager

PSS and private dirty memory are the kernel's (smaps); pages of a file count as dirty only where the process has written to
them, for those of a program that was just installed are dirty until the disk has them. A wake-up is a time that one of its threads gave up the
processor to wait (voluntary_ctxt_switches): one for each return from poll (). Where there were any, a second minute under
strace names what woke it.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import time

import bench
import phones
from lib import bus, certificates, lab, servers, tree

RESYNCS = 100
PARAMETERS = 150
# GLib keeps the threads of a resync for 15 seconds
SETTLE = 20
MINUTE = 60
MB, KB = 1e6, 1e3


def memory(pid):
    """(PSS, private dirty) in bytes."""
    pss = dirty = 0
    with open(f'/proc/{pid}/smaps', encoding='utf-8') as file:
        for mapping in re.split(r'^(?=[0-9a-f]+-)', file.read(), flags=re.M)[1:]:
            kilobytes = dict(re.findall(r'^(\w+): +(\d+) kB$', mapping, re.M))
            pss += int(kilobytes['Pss'])
            dirty += min(int(kilobytes['Private_Dirty']), int(kilobytes['Anonymous']))
    return pss * 1024, dirty * 1024


def switches(pid):
    """{thread: times it has waited}"""
    found = {}
    for path in glob.glob(f'/proc/{pid}/task/*/status'):
        with open(path, encoding='ascii') as file:
            lines = dict(line.rstrip('\n').split(':\t', 1) for line in file)
        found[f'{lines["Name"]} {lines["Pid"]}'] = int(lines['voluntary_ctxt_switches'])
    return found


def wakes(pid):
    """How often it wakes in a minute; says which threads did."""
    before = switches(pid)
    time.sleep(MINUTE)
    after = switches(pid)
    woken = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    bench.say(f'woken in {MINUTE} s: {woken or "nobody"}')
    return sum(woken.values())


def name_wakes(pid):
    """Another minute, under strace: what each wake-up was for."""
    with tempfile.NamedTemporaryFile('r', suffix='.strace') as log:
        tracing = subprocess.Popen(['strace', '-f', '-r', '-y', '-o', log.name, '-p', str(pid)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(MINUTE)
        tracing.terminate()
        tracing.wait()
        bench.say('what a minute under strace saw:\n' + log.read())


def figures(title, pid):
    """Shows what it costs; returns its memory."""
    pss, dirty = memory(pid)
    count = wakes(pid)
    bench.bound(f'idle {title}: PSS', pss / MB, at_most=7.5, unit='MB')
    bench.bound('  private dirty', dirty / MB, at_most=3, unit='MB')
    bench.bound('  wake-ups in 60 s', count, at_most=1, unit='')
    if count:
        name_wakes(pid)
    return pss, dirty


def texts():
    """Parameters of the real catalogue that take any text: families with the first of their members. From the files, for
    the daemon is not to be asked for thousands of anything here."""
    found = []
    for path in sorted(glob.glob(tree.source('data', 'catalogue', '*.conf'))):
        with open(path, encoding='utf-8') as file:
            for group in file.read().split('\n[')[1:]:
                lines = group.splitlines()
                name, keys = lines[0].rstrip(']'), dict(line.split('=', 1) for line in lines[1:] if '=' in line)
                if keys['Type'] == 'string' and 'Range' not in keys and keys['Tab'] != 'Provisioning':
                    found += [name.replace('{n}', str(n)) for n in range(1, 5)] if keys.get('Index') == '1-16' else []
                    found += [name] if '{' not in name else []
    return found


def run(title, daemon, url, put):
    """The daemon of a phone that has its profile, and the same after 100 more, each with other values."""
    client = bus.Client(daemon.bus)
    phones.settled(client)
    names = texts()[:PARAMETERS]

    def resync(turn):
        values = ''.join(f'<{name}>{name} {turn:06}</{name}>' for name in names)
        put(f'<flat-profile>{values}</flat-profile>')
        phones.resync(client, '')
    client.set(Profile_Rule=url)
    resync(0)
    client.connection.close_sync(None)
    time.sleep(SETTLE)
    first = figures(title, daemon.pid)
    client = bus.Client(daemon.bus)
    for turn in range(1, RESYNCS + 1):
        resync(turn)
    client.connection.close_sync(None)
    time.sleep(SETTLE)
    last = figures(f'{title}, after {RESYNCS} resyncs', daemon.pid)
    for what, before, after in zip(('PSS', 'private dirty'), first, last):
        bench.bound(f'  growth: {what}', (after - before) / KB, at_most=128, unit='KB')


def alone():
    authority = certificates.Authority()
    tls = {'Tls': {'CaFile': authority.path, 'SystemCa': 'false'}}
    with servers.Nginx(tls=authority.issue('127.0.0.1')) as nginx, bus.Bus() as own_bus, \
            phones.daemon(own_bus, config=tls) as daemon:
        run('alone', daemon, f'{nginx.url}/profile.xml', lambda text: nginx.put('profile.xml', text))


def with_networkmanager():
    with lab.Phone() as daemon:
        run('with NetworkManager', daemon, f'https://{lab.HOST}/bench.xml', lambda text: lab.put('bench.xml', text))


SPACE = sys.argv[1]
bench.main(alone if SPACE == 'box' else with_networkmanager, SPACE)
