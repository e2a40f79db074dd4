# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clocks that a test moves while programs run: clocks.c is preloaded into them."""

import os
import stat
import struct
import tempfile
import time

from lib import tree, wait

_HEAD, _OFFSETS, _WAITED = struct.Struct('=II'), struct.Struct('=qq'), struct.Struct('=q')
_LIBRARY = os.path.join(tree.BUILD, 'tests', 'power', 'libclocks.so')


class Clocks:
    """env: for a program that is to have them. All times are in seconds."""

    def __init__(self):
        handle, self._path = tempfile.mkstemp(prefix='clocks-')
        self._file = os.fdopen(handle, 'r+b', buffering=0)
        self._file.write(_HEAD.pack(0, 0) + _OFFSETS.pack(0, 0) + _WAITED.pack(0))
        self.env = {'LD_PRELOAD': _LIBRARY, 'MOVED_CLOCKS': self._path}
        if tree.is_sanitized():
            self.env['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
        self._wall = self._boot = 0
        self._scripts = []

    def worker(self):
        """Arguments for a daemon whose workers are to have them, too; they inherit nothing."""
        script = self._path + '.sh'
        words = ' '.join(f"{name}='{value}'" for name, value in self.env.items())
        with open(script, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\n{words} exec {tree.installed("resyncd-worker")} "$@"\n')
        os.chmod(script, stat.S_IRWXU)
        self._scripts = [script]
        return ('--worker', script)

    def wall(self):
        return time.time() + self._wall / 1e9

    def boot(self):
        return time.clock_gettime(time.CLOCK_BOOTTIME) + self._boot / 1e9

    def set_wall(self, wall):
        """As somebody does who sets the clock."""
        self._move(wall=int(wall * 1e9) - time.time_ns(), boot=self._boot)

    def jump(self, seconds):
        """The wall clock alone."""
        self._move(wall=self._wall + int(seconds * 1e9), boot=self._boot)

    def sleep(self, seconds):
        """As a machine that was suspended so long: both clocks went on, and nobody heard them."""
        self._move(wall=self._wall + int(seconds * 1e9), boot=self._boot + int(seconds * 1e9))

    def tire(self, seconds):
        """Whoever waits for an answer has done so for so much longer, which it notices with the next thing that comes."""
        self._put(_HEAD.size + _OFFSETS.size, _WAITED.pack(int(seconds * 1e9)))

    def _move(self, wall, boot):
        generation, _seen = self._head()
        self._put(0, struct.pack('=I', generation + 1))
        self._put(_HEAD.size, _OFFSETS.pack(wall, boot))
        self._put(0, struct.pack('=I', generation + 2))
        self._wall, self._boot = wall, boot

    def settle(self):
        """Returns when the timers of the program that has some know the clocks."""
        wait.until(lambda: len(set(self._head())) == 1, 'timers to know the clocks', step=0.001)

    def _head(self):
        return _HEAD.unpack(os.pread(self._file.fileno(), _HEAD.size, 0))

    def _put(self, where, data):
        os.pwrite(self._file.fileno(), data, where)

    def close(self):
        self._file.close()
        for path in (self._path, *self._scripts):
            os.unlink(path)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
