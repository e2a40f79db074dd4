# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lease as resyncd hears of it: network-watch (tests/discovery/watch.c) on the laboratory's phone, as nobody, without capabilities."""

import os
import shutil
import subprocess
import tempfile
import threading

from . import tap, tree, wait

NOBODY = 65534


def bytes_of(line, option):
    return bytes.fromhex(line[option]) if option in line else None


class Watch:
    """network-watch; lines: what it said, as dictionaries."""

    def __init__(self, *arguments):
        self.lines = []
        self._folder = tempfile.mkdtemp(dir='/run/lab')
        os.chmod(self._folder, 0o755)
        program = shutil.copy(os.path.join(tree.BUILD, 'tests', 'discovery', 'network-watch'), self._folder)
        self._log = os.path.join(self._folder, 'log')
        with open(self._log, 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                ['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups', '--inh-caps=-all',
                 '--bounding-set=-all', '--no-new-privs', program, *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self._detach = tap.attach('network-watch', self._tell)

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(dict(field.split('=', 1) for field in line.split()))

    def _tell(self):
        with open(self._log, encoding='utf-8') as file:
            return '\n'.join(str(line) for line in self.lines) + '\n' + file.read()

    def until(self, good, what, after=0):
        """The first line, of those after the first AFTER, that is good."""
        def find():
            return next((line for line in self.lines[after:] if good(line)), None) or self._alive()
        return wait.until(find, what, 30)

    def _alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f'network-watch ended with {self.process.returncode}:\n{self._tell()}')

    def connected(self, after=0):
        return self.until(lambda line: line['connected'] == '1', 'a lease', after)

    def lost(self, after=0):
        return self.until(lambda line: line['connected'] == '0', 'the loss of the lease', after)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.process.terminate()
        code = self.process.wait(20)
        self._thread.join()
        self._detach(late=True)
        if code != 0 and problem[0] is None:
            raise AssertionError(f'network-watch ended with {code}:\n{self._tell()}')
