# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TFTP server at the other end of a long or lossy wire (wire.c), for tests and benches in the box."""

import itertools
import os
import subprocess

from lib import lab, servers, tree, wait

PROGRAM = os.path.join(tree.BUILD, 'tests', 'fetch', 'wire')
_NAMESPACE = '/run/netns/server'
_numbers = itertools.count(1)


def _make_namespace():
    if not os.path.exists(_NAMESPACE):
        subprocess.run(['ip', 'netns', 'add', 'server'], check=True)
        subprocess.run(['ip', '-n', 'server', 'link', 'set', 'lo', 'up'], check=True)


class Wire:
    """delay: seconds, one way; loss: of a thousand packets, each way; seed: which of them; window: the largest that a
    read request may ask for on the other side. `host` is the address there.

    Only the main thread may make one: a thread of its own changes the network for itself alone.
    """

    def __init__(self, delay=0.01, loss=0, seed=0, window=0):
        _make_namespace()
        number = next(_numbers)
        name = f'wire{number}'
        self.host = f'10.9.{number}.1'
        command = [PROGRAM, name, _NAMESPACE, str(round(delay * 1e6)), str(loss * 1000), str(seed), str(window)]
        self._process = subprocess.Popen([*wait.TOGETHER, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._process.stdout.readline() != b'up\n':
            raise RuntimeError('the wire did not come up')
        for there, address in ((('-n', 'server'), self.host), ((), f'10.9.{number}.2')):
            subprocess.run(['ip', *there, 'address', 'add', f'{address}/24', 'dev', name], check=True)
            # room for several windows
            subprocess.run(['ip', *there, 'link', 'set', name, 'up', 'txqueuelen', '5000'], check=True)

    def atftpd(self, root=None, options=()):
        with lab.provider():
            return servers.Atftpd(root=root, host=self.host, port=69, options=options)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
