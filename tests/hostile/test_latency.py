#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The probe that watches how fast resyncd answers: that it sees what it is for, and not that others use the processors."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, latency, scripted, tap, wait  # noqa: E402

# in resyncd's place: a service that now and then does something before it answers
_SERVICE = '''
import hashlib, sys, threading, time
import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib
address, name, path, what = sys.argv[1:]
calls = 0

def compute():
    end = time.thread_time() + 0.4
    while time.thread_time() < end:
        pass

def burn():
    # without the interpreter's lock
    hashlib.pbkdf2_hmac('sha256', b'', b'', 1 << 30)

if what.endswith('beside others'):
    for _ in range(4):
        threading.Thread(target=burn, daemon=True).start()

def get(*unused):
    global calls
    calls += 1
    if calls % 10 == 0:
        {'compute': compute, 'sleep': lambda: time.sleep(0.4), 'nothing': lambda: None}[what.split()[0]]()
    return GLib.Variant('s', 'idle')

node = Gio.DBusNodeInfo.new_for_xml(f'<node><interface name="{name}"><property name="State" type="s" access="read"/>'
                                    '</interface></node>')
connection = Gio.DBusConnection.new_for_address_sync(address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
    | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
connection.register_object(path, node.interfaces[0], None, get, None)
Gio.bus_own_name_on_connection(connection, name, Gio.BusNameOwnerFlags.NONE, None, None)
GLib.MainLoop().run()
'''
_BURN = 'while True: pass'


def _python(text, *arguments):
    return subprocess.Popen([*wait.TOGETHER, sys.executable, '-c', text, *arguments], stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def _busy():
    """Leaves no processor free."""
    burners = [_python(_BURN) for _ in range(2 * os.cpu_count())]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


class TheProbe(unittest.TestCase):
    def watch(self, what, limit=50, meanwhile=contextlib.nullcontext):
        """A probe that has watched a service for three seconds."""
        with bus.Bus() as own:
            service = _python(_SERVICE, own.address, bus.NAME, bus.PATH, what)
            try:
                connection = own.connect()
                wait.until(lambda: bus.is_owned(connection), 'the service')
                connection.close_sync(None)
                with latency.Probe(own, types.SimpleNamespace(pid=service.pid), limit) as probe, meanwhile():
                    time.sleep(3)
            finally:
                service.kill()
                service.wait()
        self.assertGreater(probe.calls, 1)
        return probe

    def see(self, what):
        """That the probe sees a service that does WHAT for 400 ms. Of that it takes off what the host of a virtual machine
        takes, on each of its processors: so a quarter of it has to be seen, in one of a few watches."""
        for _ in range(5):
            probe = self.watch(what)
            if probe.slowest >= 100 and probe.faults():
                break
        self.assertGreaterEqual(probe.slowest, 100)
        with self.assertRaisesRegex(AssertionError, 'more than 50 ms'):
            probe.check()

    def test_a_loop_that_computes_is_seen(self):
        """a service that computes for 400 ms before an answer is late"""
        self.see('compute')

    def test_other_threads_hide_nothing(self):
        """what other threads of the service wait for is not taken from what its loop computes or sleeps"""
        for what in ('compute beside others', 'sleep beside others'):
            with self.subTest(what=what):
                self.see(what)

    def test_a_loop_that_sleeps_is_seen(self):
        """a service that sleeps for 400 ms before an answer is late"""
        self.see('sleep')

    def test_a_stopped_daemon_is_seen(self):
        """resyncd that is stopped for two seconds is late"""
        with bus.Bus() as own, bus.Daemon(own, config={'Network': {'Manager': 'none'}}) as daemon:
            # waiting for a processor is taken off, and may be much of it where others are busy
            for _ in range(5):
                with latency.Probe(own, daemon) as probe:
                    os.kill(daemon.pid, signal.SIGSTOP)
                    time.sleep(2)
                    os.kill(daemon.pid, signal.SIGCONT)
                    time.sleep(0.1)
                    probe.stop()
                if probe.slowest >= 500:
                    break
        self.assertGreaterEqual(probe.slowest, 500)
        with self.assertRaisesRegex(AssertionError, 'were answered after more than'):
            probe.check()

    def test_busy_processors_are_not_held_against_it(self):
        """where other programs leave no processor free, a service that does nothing wrong is not late"""
        self.watch('nothing', latency.LIMIT, _busy).check()


class TheDaemon(unittest.TestCase):
    def test_workers_are_made_beside_the_main_loop(self):
        """the thread that answers on the bus does not make processes, which would have it wait for their programs to begin"""
        with bus.Bus() as own, bus.Daemon(own, config={'Network': {'Manager': 'none'}}) as daemon, \
                scripted.Scripted(lambda request: scripted.Reply(404, delay=20)) as server:
            client = bus.Client(own)
            attempt = client.resync(server.url + '/x', force=True)
            wait.until(lambda: server.requests, 'the request')
            self.assertEqual(len(daemon.children()), 1)
            with open(f'/proc/{daemon.pid}/task/{daemon.pid}/children', encoding='ascii') as file:
                self.assertEqual(file.read(), '')
            client.call('Cancel')
            client.wait_finished(attempt)


if __name__ == '__main__':
    tap.main('box')
