# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the resyncctl of the build folder, with pipes or on a terminal, and holds the fixtures of its tests."""

import json
import os
import pty
import subprocess
import tempfile
import unittest

import fake
from lib import bus, tree, wait

PROGRAM = os.path.join(tree.BUILD, 'src', 'ctl', 'resyncctl')


def environment(**more):
    env = {key: value for key, value in os.environ.items() if key not in ('NO_COLOR', 'LANGUAGE')}
    env.update({'LC_ALL': 'C.UTF-8', 'TZ': 'UTC', 'TERM': 'xterm', **more})
    return env


def ctl(*arguments, stdin=None, env=None, **options):
    """Runs it to its end; the result has returncode, stdout, stderr."""
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL if stdin is None else None, input=stdin,
                          stdout=options.pop('stdout', subprocess.PIPE), stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False, env=env or environment(), **options)


def start(*arguments, **options):
    return subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=environment(), **options)


def on_terminal(*arguments, env=None):
    """Runs it with standard output and error on a terminal; returns the exit status and all that was shown."""
    parent, child = pty.openpty()
    with subprocess.Popen([PROGRAM, *arguments], stdin=child, stdout=child, stderr=child,
                          env=env or environment()) as process:
        os.close(child)
        shown = b''
        while True:
            try:
                data = os.read(parent, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        os.close(parent)
        return process.wait(60), shown.decode()


class BusCase(unittest.TestCase):
    """A bus of its own for each class, a stand-in of the daemon for each test."""

    @classmethod
    def setUpClass(cls):
        cls.bus = bus.Bus()
        cls.addClassCleanup(cls.bus.close)

    def setUp(self):
        self.daemon = fake.Daemon(self.bus)
        self.addCleanup(self.daemon.close)

    def run_ctl(self, *arguments, check=0, **options):
        done = ctl('--address', self.bus.address, *arguments, **options)
        self.assertEqual(done.returncode, check, done.stdout + done.stderr)
        return done

    def run_json(self, *arguments, check=0):
        """The document on standard output; nothing else may be printed."""
        done = self.run_ctl('--json', *arguments, check=check)
        self.assertEqual(done.stderr, '')
        return json.loads(done.stdout)

    def wait_called(self, method):
        return wait.until(lambda: self.daemon.called(method), f'a call of {method}')[-1]


class Files(unittest.TestCase):
    """A case with a folder of its own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='ctl-')
        self.addCleanup(self.folder.cleanup)

    def file(self, content, name='profile.xml'):
        path = os.path.join(self.folder.name, name)
        with open(path, 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path
