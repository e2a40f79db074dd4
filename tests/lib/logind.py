# SPDX-License-Identifier: LGPL-2.1-or-later
"""A logind by python-dbusmock, on a bus of ours: it restarts nothing and notes that it was asked to."""

import os
import shutil
import subprocess
import tempfile

from . import tap, wait

NAME = 'org.freedesktop.login1'


class Logind:
    def __init__(self, bus):
        self.folder = tempfile.mkdtemp(prefix='logind-')
        self._log = os.path.join(self.folder, 'log')
        self._last_words = None
        with open(self._log, 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                [*wait.TOGETHER, '/usr/bin/python3', '-m', 'dbusmock', '--system', '--template', 'logind'], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
                env={'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'PYTHONDONTWRITEBYTECODE': '1', 'DBUS_SYSTEM_BUS_ADDRESS': bus.address})
        self._detach = tap.attach('logind', self._read)
        connection = bus.connect()
        wait.until(lambda: self._answers(connection) or self.process.poll() is not None, 'logind')
        assert self.process.poll() is None, self._read()

    def _read(self):
        if self._last_words is not None:
            return self._last_words
        with open(self._log, encoding='utf-8', errors='replace') as file:
            return file.read()

    @staticmethod
    def _answers(connection):
        names = connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ListNames', None, None, 0, -1,
                                     None).unpack()[0]
        return NAME in names

    def reboots(self):
        """How often it was asked to restart the phone."""
        return sum(line.split()[1:2] == ['Reboot'] for line in self._read().splitlines())

    def close(self):
        self._last_words = self._read()
        self._detach(late=True)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
