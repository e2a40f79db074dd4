#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files by TFTP over a wire with a round trip of 20 ms: the worker beside atftp with the same blocks and window, and
beside curl, whose TFTP has no window. Once without loss, and once where a hundredth of all packets is lost each way, the
same ones for both.

Ours is a job of the worker from its start to the last byte of the file; decoding is the matter of another bench, and
atftp and curl do none.
"""

import concurrent.futures
import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import time

import bench
from lib import servers, tree

sys.path.insert(0, tree.source('tests', 'fetch'))
import jobs  # noqa: E402
import wires  # noqa: E402

KIB = 1024
MIB = 1024 * KIB
BLKSIZE = 1428
SEEDS = range(1, 6)
LOSS = 10

# window: size without loss and with it. 10 MiB take atftp 150 s in lockstep and minutes where packets are lost; 735 round
# trips and 275 say the same, and so do 4 MiB
SIZES = {1: (1 * MIB, 384 * KIB), 8: (10 * MIB, 4 * MIB), 64: (10 * MIB, 10 * MIB)}
LOSSY_TARGETS = {1: 2.5, 8: 2.5, 64: 1.8}
CURL_SIZE = MIB


class Files:
    """What the servers serve, and how it must arrive."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='www-')
        self._digests = {}

    def put(self, size):
        text = jobs.profile(size).encode()
        servers.write(self.root, f'{size}.xml', text)
        self._digests[size] = hashlib.sha256(text).hexdigest()

    def check(self, size, digest):
        if digest != self._digests[size]:
            raise RuntimeError(f'a file of {size} bytes did not arrive whole')


class Transfer:
    """One transfer over a wire of its own; wait for run()'s number of seconds."""

    def __init__(self, files, size, window, loss=0, seed=0):
        self._files, self._size, self._window = files, size, window
        # our worker asks for the largest window that there is here
        self._wire = wires.Wire(loss=loss, seed=seed, window=window)
        self._server = self._wire.atftpd(root=files.root)
        self._url = f'tftp://{self._wire.host}/{size}.xml'

    def close(self):
        self._server.close()
        self._wire.close()

    def ours(self):
        begun = time.monotonic()
        job = jobs.run(self._url, literal_address='', max_bytes=16 * MIB, connect_timeout=30, transfer_timeout=300, deadline=300)
        if not job.ok:
            raise RuntimeError(job.message)
        self._files.check(self._size, job.digest)
        stage, count, _, now = job.progress[-1]
        if (stage, count) != ('decoding', self._size):
            raise RuntimeError(f'the last progress was {stage} at {count} bytes')
        return now - begun

    def _program(self, *command):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'file')
            taken = bench.seconds(lambda: subprocess.run([word.replace('%', path) for word in command], stdin=subprocess.DEVNULL,
                                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True))
            with open(path, 'rb') as file:
                self._files.check(self._size, hashlib.file_digest(file, 'sha256').hexdigest())
        return taken

    def atftp(self):
        windows = ('--option', f'windowsize {self._window}') if self._window > 1 else ()
        return self._program('atftp', '--option', f'blksize {BLKSIZE}', *windows, '--get', '--remote-file', f'{self._size}.xml',
                             '--local-file', '%', self._wire.host)

    def curl(self):
        return self._program('curl', '--silent', '--fail', '--tftp-blksize', str(BLKSIZE), '--output', '%', self._url)


class Together:
    """Transfers that run at the same time. They wait far more than they work, so none is in another's way."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self._runs = []

    def add(self, client, *transfer, **how):
        """The number that results() will have of client ('ours', 'atftp', 'curl')."""
        made = Transfer(*transfer, **how)
        self._stack.callback(made.close)
        self._runs.append(getattr(made, client))
        return len(self._runs) - 1

    def results(self):
        with self._stack, concurrent.futures.ThreadPoolExecutor(len(self._runs)) as pool:
            return [future.result() for future in [pool.submit(run) for run in self._runs]]


def alone(files, client, size, window):
    with contextlib.closing(Transfer(files, size, window)) as transfer:
        return getattr(transfer, client)()


def without_loss(files):
    size = SIZES[64][0]
    ours, peer = bench.alternate(3, lambda: alone(files, 'ours', size, 64), lambda: alone(files, 'atftp', size, 64))
    bench.say(f'window 64: ours {bench.spread(ours)}; atftp {bench.spread(peer)}')
    bench.ratio('TFTP, window 64, against atftp', ours, peer, at_most=1.05)
    ours = bench.repeat(3, lambda: alone(files, 'ours', CURL_SIZE, 64))
    together = Together()
    curl = together.add('curl', files, CURL_SIZE, 1)
    pairs = {window: [together.add(client, files, SIZES[window][0], window) for client in ('ours', 'atftp')] for window in (1, 8)}
    seconds = together.results()
    bench.ratio('TFTP, 1 MiB, times faster than curl', ours, seconds[curl], at_least=15, faster=True)
    for window, (own, peer) in pairs.items():
        bench.ratio(f'TFTP, window {window}, against atftp', seconds[own], seconds[peer], at_most=1.05)


def with_loss(files):
    together = Together()
    turns = {window: [[together.add(client, files, SIZES[window][1], window, loss=LOSS, seed=seed) for seed in SEEDS]
                      for client in ('ours', 'atftp')] for window in SIZES}
    seconds = together.results()
    for window, columns in turns.items():
        ours, peer = ([seconds[number] for number in column] for column in columns)
        bench.say(f'window {window}, 1 % lost: ours {bench.spread(ours)}; atftp {bench.spread(peer)}')
        bench.ratio(f'TFTP, window {window}, 1 % lost, times faster than atftp', ours, peer, at_least=LOSSY_TARGETS[window],
                    faster=True)


def measure():
    files = Files()
    for size in {CURL_SIZE, *(size for pair in SIZES.values() for size in pair)}:
        files.put(size)
    without_loss(files)
    with_loss(files)


bench.main(measure)
