#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk whose fsync takes half a second: everything takes its time, and the daemon's answers do not."""

import concurrent.futures
import os
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, latency, servers, store, tap, wait  # noqa: E402
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'engine'))
import slow  # noqa: E402
from test_activation import CODE, Onboarding, small  # noqa: E402

FSYNC = 0.5
# of TimeoutStopSec (90 s) a good deal is left for a disk that is slower still
STOP = 5


def profile(**values):
    return '<flat-profile>' + ''.join(f'<{name}>{value}</{name}>' for name, value in values.items()) + '</flat-profile>'


class Later(threading.Thread):
    """A call that somebody waits for; error: what came of it, or None."""

    def __init__(self, own_bus, what):
        super().__init__(daemon=True)
        self._client, self._what = bus.Client(own_bus), what
        self.error = None
        self.start()

    def run(self):
        try:
            self._what(self._client)
        except bus.CallError as error:
            self.error = error

    def done(self):
        self.join(wait.PATIENCE)
        return not self.is_alive()


class SlowDisk(unittest.TestCase):
    def setUp(self):
        self.serial = 0
        self.disk = self.enterContext(slow.Disk(0))
        self.server = self.enterContext(servers.Scripted(self.answer))
        self.bus = self.enterContext(bus.Bus())
        self.daemon = self.enterContext(bus.Daemon(self.bus, config={
            'Phone': {'Model': 'CP-8851-3PCC', 'MacAddress': '00:56:2b:04:36:15'},
            'Network': {'Manager': 'none', 'Options': ''},
            'Discovery': {'RedirectUrl': '', 'RedirectFallbackUrl': '', 'ActivationUrl': ''}}, inside=self.disk.inside, start=False))
        store.write_settled(self.daemon.state_dir, 'root')
        self.daemon.start()
        self.client = bus.Client(self.bus)
        self.client.set(Profile_Rule=self.server.url + '/a', Profile_Rule_B=self.server.url + '/b', Resync_Random_Delay='0')
        self.assertEqual(self.resync()[0], 'success')
        self.client.wait_property('State', lambda state: state == 'idle')
        self.disk.delay = FSYNC

    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(*sys.exc_info()))
        return value

    def answer(self, request):
        self.serial += request.target == '/a'
        name = 'GPP_A' if request.target == '/a' else 'GPP_B'
        return servers.Reply(body=profile(**{name: str(self.serial)}))

    def resync(self):
        return self.client.wait_finished(self.client.resync())

    def waiting(self):
        """Until an fsync is held that has only just begun."""
        def look():
            begun = self.disk.held()
            return begun is not None and time.monotonic() - begun < FSYNC / 5
        wait.until(look, 'an fsync', step=0.005)

    def test_resync(self):
        """through a whole resync each answer comes within 10 ms, and what is announced waits for the disk (STORE-1, STORE-4)"""
        with latency.Probe(self.bus, self.daemon) as probe:
            before = len(self.disk.calls)
            result, _url, message, details = self.resync()
        self.assertEqual(result, 'success', message)
        # two profiles, each with the file and its folder, and the state
        calls = self.disk.calls[before:]
        self.assertGreaterEqual(len(calls), 6)
        self.assertGreater(details['duration'], 4 * FSYNC * 1e6)
        print(f'{probe.calls} calls in {len(calls)} fsyncs of {FSYNC * 1000:.0f} ms: the slowest {probe.slowest} ms', file=sys.stderr)
        probe.check()
        self.assertEqual((self.client.get('GPP_A'), self.client.get('GPP_B')), ('2', '2'))

    def test_set(self):
        """while Set waits for the disk others are answered within 10 ms, with what is in force, and a second Set and a resync queue
        up behind it (STORE-1, STORE-4)"""
        self.client.turn()
        self.client.signals.clear()
        self.disk.delay = wait.PATIENCE
        with latency.Probe(self.bus, self.daemon) as probe:
            first = Later(self.bus, lambda client: client.set(GPP_C='one'))
            wait.until(self.disk.held, 'an fsync')
            second = Later(self.bus, lambda client: client.set(GPP_C='two', GPP_D='two'))
            attempt = self.client.resync()
            self.assertEqual(self.client.get('GPP_C'), '')
            self.client.turn()
            self.assertNotIn('Changed', [name for name, _values in self.client.signals])
            self.assertTrue(self.disk.held())
            self.disk.delay = FSYNC
            self.disk.let_go()
            self.assertTrue(first.done() and second.done())
            self.assertEqual((first.error, second.error), (None, None))
            self.assertEqual(self.client.wait_finished(attempt)[0], 'success')
        probe.check()
        self.assertEqual((self.client.get('GPP_C'), self.client.get('GPP_D')), ('two', 'two'))
        changed = [values[0] for name, values in self.client.signals if name == 'Changed' and 'GPP_C' in values[0]]
        self.assertEqual(changed, [['GPP_C'], ['GPP_C', 'GPP_D']])

    def test_closed_meanwhile(self):
        """a profile that closes a parameter and the phone's rule to the user class counts for what waits behind it (PROF-13, STORE-1)"""
        access, enabled = 'rw', 'Yes'

        def answer(request):
            return servers.Reply(body='<flat-profile><Profile_Rule_B/>'
                                      f'<User_Configurable_Resync>{enabled}</User_Configurable_Resync>'
                                      f'<GPP_C ua="{access}">profile</GPP_C><GPP_D ua="{access}">profile</GPP_D></flat-profile>')
        self.disk.delay = 0
        rule = self.enterContext(servers.Scripted(answer)).url + '/c'
        self.client.set(Profile_Rule=rule)
        self.assertEqual(self.resync()[0], 'success')
        self.client.wait_property('State', lambda state: state == 'idle')
        self.assertEqual(self.may('Set', "({'GPP_C': 'user'},)"), '')
        access, enabled = 'na', 'No'
        # who comes only after the profile is in force is refused as well
        self.disk.delay = 2 * FSYNC
        attempt = self.client.resync()
        self.waiting()
        calls = (('Set', "({'GPP_C': 'late'},)"), ('Reset', "(['GPP_D'],)"), ('SetProfileRule', "('/late',)"))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda call: self.may(*call), calls))
        self.assertEqual(answers, ['NotAllowed'] * 3)
        self.disk.delay = 0
        self.assertEqual(self.client.wait_finished(attempt)[0], 'success')
        self.assertEqual([self.client.get(name) for name in ('GPP_C', 'GPP_D', 'Profile_Rule')], ['profile', 'profile', rule])

    def may(self, method, arguments):
        """What somebody of the user class is answered."""
        interface = bus.NAME if method == 'SetProfileRule' else bus.NAME + '.Parameters'
        return callers.may(self.bus, 'lab-lcd', method, arguments, interface)

    def test_reset(self):
        """while parameters and the whole phone are reset each answer comes within 10 ms (STATE-4)"""
        self.client.set(GPP_C='mine')
        with latency.Probe(self.bus, self.daemon) as probe:
            self.client.parameters('Reset', '(as)', ['GPP_C'])
            self.client.call('FactoryReset')
        probe.check()
        self.assertEqual([self.client.get(name) for name in ('GPP_A', 'GPP_C', 'Profile_Rule_B')], ['', '', ''])

    def test_stop_in_set(self):
        """a daemon that is told to end while Set waits for the disk finishes it, answers, and ends in time (STORE-1)"""
        self.client.set(GPP_C='before')
        call = Later(self.bus, lambda client: client.set(GPP_C='now'))
        self.waiting()
        self.stop()
        self.assertTrue(call.done())
        self.assertIsNone(call.error)
        self.daemon.start()
        self.assertEqual(self.client.get('GPP_C'), 'now')

    def test_stop_after_resync(self):
        """a daemon that is told to end before the schedule is written ends when it is (SCHED-2)"""
        self.client.set(Profile_Rule='http://127.0.0.1:9/', Resync_Error_Retry_Delay='3600')
        self.assertEqual(self.resync()[0], 'failed')
        self.waiting()
        self.stop()
        self.daemon.start()
        self.client.wait_property('NextResync', bool)
        status = self.client.status()
        self.assertEqual(status['next-reason'], 'retry')
        self.assertIn('refused', status['failure-reason'])

    def test_stop_in_resync(self):
        """a daemon that is told to end in the middle of a resync ends in time, with the old values or the new ones (PROF-7)"""
        self.client.resync()
        self.waiting()
        self.stop()
        self.daemon.start()
        self.assertIn((self.client.get('GPP_A'), self.client.get('GPP_B')), (('1', '1'), ('2', '1'), ('2', '2')))
        self.disk.delay = 0
        self.assertEqual(self.resync()[0], 'success')

    def stop(self):
        begun = time.monotonic()
        self.daemon.stop(signal.SIGTERM)
        self.assertLess(time.monotonic() - begun, STOP)
        # another daemon counts its attempts from 1 again
        self.client.turn()
        self.client.signals.clear()


class ByHand(Onboarding):
    def test_just_before_the_profile(self):
        """DISC-1, STATE-3: a rule that is being written when the profile of a search or of a code comes is not overwritten by it"""
        for way in ('redirect', 'dhcp', 'code'):
            with self.subTest(way):
                self.overtaken(way)

    def overtaken(self, way):
        gate, asked = threading.Event(), threading.Event()
        self.addCleanup(gate.set)

        def answer(request):
            asked.set()
            gate.wait(wait.PATIENCE)
            return servers.Reply(body=profile(Station_Display_Name='Found', Profile_Rule='https://a.test/x'))

        disk = self.enterContext(slow.Disk(0))
        self.INSIDE = disk.inside
        provider = self.provider(answer)
        known = servers.Reply(body=small(f'{provider.url}/x'))
        service = self.service({'/rc': known if way == 'redirect' else servers.Reply(body=b''), '/act': known})
        client = self.boot(f'{service.url}/rc', f'{service.url}/act', options=f'66={provider.url}/x' if way == 'dhcp' else '')
        if way == 'code':
            self.first()
        attempt = self.submit(CODE) if way == 'code' else client.resync()
        wait.until(asked.is_set, 'the provider is asked')
        disk.delay = wait.PATIENCE
        setting = Later(self.bus, lambda other: other.set(Profile_Rule='https://127.0.0.1:9/hand.xml'))
        # the first of the parameters that is written
        wait.until(lambda: [name for name in os.listdir(self.daemon.state_dir) if 'parameters' in name], 'the rule is being written')
        gate.set()
        client.wait_property('Progress', lambda progress: progress[0] == 'storing')
        disk.delay = 0
        disk.let_go()
        self.assertEqual(client.wait_finished(attempt)[0], 'cancelled')
        self.assertTrue(setting.done())
        self.assertIsNone(setting.error)
        self.assertEqual(client.get('Profile_Rule'), 'https://127.0.0.1:9/hand.xml')
        self.assertNotEqual(client.get('Station_Display_Name'), 'Found')
        self.assertIn(self.state(), ('Open', 'Custom-Pending', 'GDS-Pending'))
        self.daemon.close()


if __name__ == '__main__':
    tap.main('box')
