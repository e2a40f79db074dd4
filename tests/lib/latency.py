# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast resyncd answers on the bus while something else goes on: a program of its own calls it every 10 ms.

    with latency.Probe(bus, daemon) as probe:
        ...
    probe.check()

What counts is the time of an answer less the time in which one of those that it passes through was ready to run and no
processor was free (the kernel's schedstat counts it): the daemon's main loop and GDBus's thread, the bus, the probe; and less
the time that the host of a virtual machine gave to another one. So the limit is the same on a busy machine, while a main loop
that computes, sleeps or waits for a disk is seen in full. Where the main loop stands still, and
neither computes nor sleeps by a clock, it may be for a lock whose holder has no processor: then what the daemon's other threads
waited for is taken off as well. What the kernel does not count at all is left: one call, and another in each 5000, may take up to
five times the limit.
"""

import contextlib
import json
import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import time

import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

PERIOD = 0.01
# milliseconds; a build with sanitizers computes several times as long, and waits for nothing longer
LIMIT = 10
SANITIZER_FACTOR = 5
SPARED, SPARED_FACTOR = 5000, 5
# how often one looks whether the main loop sleeps, in seconds, and how the kernel calls that
LOOK = 0.002
SLEEP = 'nanosleep'


class Probe:
    """Calls DAEMON (a bus.Daemon that runs) on BUS until stop(). limit: milliseconds, of the build by default."""

    def __init__(self, bus, daemon, limit=None):
        # the probe itself runs this file as a program, without the package
        from . import tree, wait
        from .bus import SYSTEM_BUS
        self.limit = limit or LIMIT * (SANITIZER_FACTOR if tree.is_sanitized() else 1)
        self.times, self.calls, self.slowest, self.late = [], 0, 0.0, []
        self._process = subprocess.Popen([*wait.TOGETHER, sys.executable, os.path.abspath(__file__),
                                          bus.address or SYSTEM_BUS,
                                          str(daemon.pid), str(bus.pid), str(self.limit)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != 'ready\n':
            raise RuntimeError('the probe could not call resyncd')

    def stop(self):
        """Ends it; then `times` has the milliseconds of each call, shortest first, `calls` is how many were answered, `slowest` the longest, and `late`
        has those over the limit as (time.monotonic() of the call, milliseconds)."""
        if self._process is None:
            return
        out, _ = self._process.communicate('', 30)
        status, self._process = self._process.returncode, None
        if status != 0:
            raise AssertionError(f'the probe of the bus ended with {status}')
        self.times, self.late = json.loads(out)
        self.calls, self.slowest = len(self.times), max(self.times, default=0.0)

    def faults(self):
        """Of `late` what is too much."""
        worst = [entry for entry in self.late if entry[1] > SPARED_FACTOR * self.limit]
        return self.late if worst or len(self.late) > 1 + self.calls // SPARED else []

    def check(self):
        self.stop()
        if self.faults() or not self.calls:
            raise AssertionError(f'of {self.calls} calls these were answered after more than {self.limit} ms: {self.late}')

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        try:
            self.stop()
        except AssertionError:
            # the test has failed already, and the daemon may be gone
            if kind is None:
                raise


class _Connection:
    """The least of a D-Bus client: one call at a time, and no thread between it and the socket."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(30)
        self._socket.connect(address.removeprefix('unix:path='))
        self._socket.sendall(b'\0AUTH EXTERNAL %s\r\n' % str(os.getuid()).encode().hex().encode())
        if not self._socket.recv(4096).startswith(b'OK '):
            raise ConnectionError('the bus does not know this user')
        self._socket.sendall(b'BEGIN\r\n')
        self._buffer = b''
        self.call(_message('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'Hello'))

    def call(self, blob):
        """Sends a call and returns when its answer is there."""
        self._socket.sendall(blob)
        while True:
            answer = self._next()
            kind = answer.get_message_type()
            if kind == Gio.DBusMessageType.ERROR:
                raise ConnectionError(answer.get_error_name())
            if kind == Gio.DBusMessageType.METHOD_RETURN:
                return

    def _next(self):
        while len(self._buffer) < 16 or len(self._buffer) < Gio.DBusMessage.bytes_needed(self._buffer[:16]):
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError('the bus is gone')
            self._buffer += part
        length = Gio.DBusMessage.bytes_needed(self._buffer[:16])
        blob, self._buffer = self._buffer[:length], self._buffer[length:]
        return Gio.DBusMessage.new_from_blob(blob, Gio.DBusCapabilityFlags.NONE)


def _message(name, path, interface, member, arguments=None):
    """A method call as bytes."""
    call = Gio.DBusMessage.new_method_call(name, path, interface, member)
    if arguments is not None:
        call.set_body(arguments)
    call.set_serial(1)
    return bytes(call.to_blob(Gio.DBusCapabilityFlags.NONE))


def _read(path):
    with open(path, encoding='ascii') as file:
        return file.read()


class _Scheduled:
    """What the kernel tells of a call's way: through the main loop and GDBus's thread, the bus, the probe; and of the daemon's
    other threads. In seconds."""

    def __init__(self, daemon, bus):
        self._daemon, self._bus = int(daemon), bus
        self._slept = mmap.mmap(-1, 8)
        probe = os.getpid()
        # A process of its own: a thread of the probe would keep its interpreter's lock while it waits for a processor.
        if os.fork() == 0:
            with contextlib.suppress(OSError):
                self._look(probe)
            os._exit(0)

    def _look(self, probe):
        last, slept = None, 0.0
        while os.getppid() == probe:
            sleeps, now = SLEEP in _read(f'/proc/{self._daemon}/wchan'), time.monotonic()
            if sleeps and last is not None:
                slept += now - last
                self._slept[:] = struct.pack('d', slept)
            last = now if sleeps else None
            time.sleep(LOOK)

    def read(self):
        """(by tasks of the way: waited; of the main loop: ran or slept; by other threads of the daemon: waited)"""
        way = {task: _times(task)[1] for task in (self._bus, str(os.getpid()))}
        ran, others = 0.0, {}
        for thread in os.listdir(f'/proc/{self._daemon}/task'):
            task = f'{self._daemon}/task/{thread}'
            try:
                computed, waited = _times(task)
                if int(thread) == self._daemon or _read(f'/proc/{task}/comm').strip() == 'gdbus':
                    way[task] = waited
                else:
                    others[task] = waited
                if int(thread) == self._daemon:
                    ran = computed
            except (FileNotFoundError, ProcessLookupError):
                # it has ended meanwhile
                continue
        return way, ran + struct.unpack('d', self._slept[:])[0], others

    @staticmethod
    def excused(before, after, took):
        """The part of a call that took so long in which somebody only waited for a processor."""
        way = _grown(before[0], after[0])
        stood = max(0.0, took - way - (after[1] - before[1]))
        return way + min(stood, _grown(before[2], after[2]))


def _times(task):
    """How long it ran, and how long it waited for a processor."""
    ran, waited, _slices = _read(f'/proc/{task}/schedstat').split()
    return int(ran) / 1e9, int(waited) / 1e9


def _grown(before, after):
    return sum(seconds - before.get(task, 0) for task, seconds in after.items())


def _stolen():
    """Seconds in which the host had processors of this virtual machine for others."""
    return int(_read('/proc/stat').split('\n', 1)[0].split()[8]) / os.sysconf('SC_CLK_TCK')


def _main(address, daemon, bus, limit):
    connection = _Connection(address)
    blob = _message('org.resyncd.Provisioning1', '/org/resyncd/Provisioning1', 'org.freedesktop.DBus.Properties', 'Get',
                   GLib.Variant('(ss)', ('org.resyncd.Provisioning1', 'State')))
    connection.call(blob)
    scheduled = _Scheduled(daemon, bus)
    print('ready', flush=True)
    times, late = [], []
    while not select.select([0], [], [], PERIOD)[0]:
        stolen, before, begun = _stolen(), scheduled.read(), time.monotonic()
        connection.call(blob)
        took, after = time.monotonic() - begun, scheduled.read()
        counted = 1000 * (took - scheduled.excused(before, after, took))
        if counted > float(limit):
            # the kernel books it when it next looks at its clock
            time.sleep(0.02)
            counted = max(0, counted - 1000 * (_stolen() - stolen))
        times.append(round(counted, 2))
        if counted > float(limit):
            late.append((round(begun, 3), round(counted, 1)))
    json.dump((sorted(times), late), sys.stdout)


if __name__ == '__main__':
    _main(*sys.argv[1:])
