# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real systemd in namespaces of its own (tests/lab/systemd.sh), with resyncd installed. Only in the box.

    with systemd.Booted() as machine:
        machine.shell('systemctl', 'start', 'resyncd.service')
        server = machine.inside(servers.Scripted, {'/x': servers.Reply()})
"""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading

from . import servers, tree, wait
from .bus import NAME, PATH

SCRIPT = tree.source('tests', 'lab', 'systemd.sh')
_NEW_NET = 0x40000000


def drop_in(name, text):
    """More lines for resyncd.service, before it is started."""
    servers.write('/usr/lib/systemd/system/resyncd.service.d', name + '.conf', text)


class Booted:
    """The unit is started by the caller."""

    def __init__(self):
        tree.install()
        if tree.is_sanitized():
            # a leak check traces its own process, which the sandbox rightly forbids; the other tests have it
            drop_in('sanitizer', '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n')
        subprocess.run(['journalctl', '--update-catalog'], check=True, stderr=subprocess.DEVNULL)
        self._dir = tempfile.mkdtemp(prefix='systemd-')
        self._boot = subprocess.Popen([SCRIPT, 'boot', self._dir, 'dbus.service'], stdin=subprocess.DEVNULL, stdout=sys.stderr)
        wait.until(lambda: self.shell('systemctl', 'is-system-running', check=False).strip() in ('running', 'degraded'),
                   'systemd', 60, 0.2)

    def command(self, *command):
        return [SCRIPT, 'run', self._dir, *command]

    def shell(self, *command, check=True):
        """Runs a command beside it; what it printed."""
        done = subprocess.run(self.command(*command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors='replace', check=False)
        if check and done.returncode != 0:
            raise AssertionError(f'{" ".join(command)}: {done.returncode}\n{done.stdout}')
        return done.stdout

    @property
    def root(self):
        """Its root folder, seen from here."""
        with open(os.path.join(self._dir, 'pid'), encoding='ascii') as file:
            outer = file.read().strip()
        with open(f'/proc/{outer}/task/{outer}/children', encoding='ascii') as file:
            return f'/proc/{file.read().split()[0]}/root'

    def inside(self, make, *args, **more):
        """Calls make() in its network: the sockets that it opens are there."""
        result = []

        def enter():
            with open(os.path.dirname(self.root) + '/ns/net', 'rb') as net:
                if ctypes.CDLL(None, use_errno=True).setns(net.fileno(), _NEW_NET) != 0:
                    raise OSError(ctypes.get_errno(), 'setns')
            result.append(make(*args, **more))
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        return result[0]

    def show(self, name):
        """A property of resyncd.service."""
        return self.shell('systemctl', 'show', '--value', '-p', name, 'resyncd.service').strip()

    def property(self, name):
        """A property of resyncd's on the bus."""
        return json.loads(self.shell('busctl', '--json=short', 'get-property', NAME, PATH, NAME, name))['data']

    def close(self):
        subprocess.run([SCRIPT, 'end', self._dir], check=True)
        self._boot.kill()
        self._boot.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
