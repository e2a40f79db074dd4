#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An image of 100 MB over HTTPS, from the start of the worker to the file that is on disk and whose digest is known; how fast the daemon answers on the
bus meanwhile (tests/lib/latency.py); and one of 10 MB over a wire with a round trip of 20 ms by TFTP.

The peer of the first is `curl -o` and `sha256sum` after it, which write nothing through to the disk; of the last atftp with the same blocks
and window, and sha256sum.
"""

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

import bench
import phones
from gi.repository import GLib
from lib import bus, certificates, latency, process, servers, tree

sys.path.insert(0, tree.source('tests', 'fetch'))
import jobs  # noqa: E402
import wires  # noqa: E402

MB = 1000 * 1000
SIZE = 100 * MB
TIMES = 7
TFTP_SIZE, TFTP_TIMES = 10 * MB, 5
WINDOW = 64
# milliseconds
LIMIT = 10
# of the state folder's kind: a file system on a disk, where /tmp may be memory
FOLDER = '/var/tmp'


class Memory(threading.Thread):
    """The most that the worker of a run-job ever had, read until it is gone."""

    def __init__(self, command):
        super().__init__()
        self.peak = 0
        self._running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.start()

    def run(self):
        while self._running.poll() is None:
            for child in process.children(self._running.pid):
                try:
                    with open(f'/proc/{child}/status', encoding='ascii') as file:
                        peaks = [int(line.split()[1]) for line in file if line.startswith('VmHWM:')]
                except OSError:
                    peaks = []
                self.peak = max([self.peak, *peaks])
            time.sleep(0.002)


def image(url, path, wanted, **fields):
    """Seconds that a job takes."""
    def fetch():
        job = jobs.image(url, path, deadline=600, **fields)
        if not job.ok or job.digest != wanted:
            raise RuntimeError(job.message or 'another digest')
    if os.path.exists(path):
        os.unlink(path)
    return bench.seconds(fetch)


def program(path, wanted, *command):
    """Seconds that it takes to fetch the file and to know its digest."""
    def fetch():
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        if subprocess.check_output(['sha256sum', path], text=True).split()[0] != wanted:
            raise RuntimeError('another digest')
    if os.path.exists(path):
        os.unlink(path)
    return bench.seconds(fetch)


def by_https(folder, data, wanted):
    authority = certificates.Authority()
    mine, theirs = os.path.join(folder, 'mine'), os.path.join(folder, 'theirs')
    with servers.Nginx(tls=authority.issue('127.0.0.1')) as nginx:
        nginx.put('fw', data)
        url = f'{nginx.url}/fw'
        ours, peer = bench.alternate(TIMES, lambda: image(url, mine, wanted, ca_file=authority.path),
                                     lambda: program(theirs, wanted, 'curl', '-sSf', '--cacert', authority.path, '-o', theirs, url), warm=1)
        authority.add_to_system()
        memory = Memory(jobs.command(url, **jobs.image_fields(mine, system_ca=True)))
        memory.join()
    bench.say(f'ours {bench.spread(ours)}; curl and sha256sum {bench.spread(peer)}')
    bench.ratio('image of 100 MB, HTTPS, to the verified file', ours, peer, at_most=1.15)
    bench.bound('image of 100 MB, memory of the worker', memory.peak / 1024, at_most=16, unit='MiB')


def on_the_bus(folder, data):
    """The daemon's answers while images come as fast as they can, one after another; who installs them fails."""
    authority = certificates.Authority()
    config = {'Firmware': {'Backend': 'command', 'Command': '/usr/bin/false %f'}, 'Tls': {'CaFile': authority.path}}
    with servers.Nginx(tls=authority.issue('127.0.0.1')) as nginx, bus.Bus() as own_bus, \
            phones.daemon(own_bus, config=config, state_dir=folder) as daemon:
        nginx.put('fw', data)
        client = bus.Client(own_bus)
        client.set(Resync_After_Upgrade_Attempt='No')
        phones.settled(client)
        probe = latency.Probe(own_bus, daemon, limit=LIMIT)
        for number in range(TIMES):
            client.call('Upgrade', GLib.Variant('(sa{sv})', (f'{nginx.url}/fw?{number}', {})), bus.NAME + '.Firmware')
            message = phones.heard(client, 'Finished')[3]
            if 'ended with 1' not in message:
                raise RuntimeError(message)
        probe.stop()
    bench.say(f'{probe.calls} calls while {TIMES} images came; late (at, ms): {probe.late}')
    bench.bound('calls while an image of 100 MB comes, median', bench.median(probe.times) / 1000)
    bench.bound('  99 of 100', probe.times[probe.calls * 99 // 100] / 1000, at_most=LIMIT / 1000)
    bench.bound('  slowest', probe.slowest / 1000, at_most=LIMIT / 1000)


def by_tftp(folder, data):
    root = tempfile.mkdtemp(prefix='www-')
    servers.write(root, 'fw', data)
    wanted = hashlib.sha256(data).hexdigest()
    mine, theirs = os.path.join(folder, 'mine'), os.path.join(folder, 'theirs')
    with wires.Wire(window=WINDOW) as wire, wire.atftpd(root=root):
        ours, peer = bench.alternate(TFTP_TIMES, lambda: image(f'tftp://{wire.host}/fw', mine, wanted, literal_address=''),
                                     lambda: program(theirs, wanted, 'atftp', '--option', 'blksize 1428', '--option', f'windowsize {WINDOW}', '--get',
                                                     '--remote-file', 'fw', '--local-file', theirs, wire.host), warm=0)
    bench.say(f'ours {bench.spread(ours)}; atftp and sha256sum {bench.spread(peer)}')
    bench.ratio('image of 10 MB, TFTP at 20 ms, against atftp', ours, peer, at_most=1)


def measure():
    data = random.Random(1).randbytes(SIZE)
    wanted = hashlib.sha256(data).hexdigest()
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        bench.say('the file lies on: ' + subprocess.check_output(['stat', '-f', '-c', '%T', folder], text=True).strip())
        by_https(folder, data, wanted)
        with tempfile.TemporaryDirectory(dir=FOLDER) as state:
            on_the_bus(state, data)
        by_tftp(folder, data[:TFTP_SIZE])


bench.main(measure)
