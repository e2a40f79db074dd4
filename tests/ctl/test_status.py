# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl status: the page, the document, the waiting."""

import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import bus, tap, wait  # noqa: E402

TIME = 1767225600  # 2026-01-01 00:00:00 UTC


def full_status(**more):
    attempt = GLib.Variant('(tsss)', (TIME * 1000000, 'corrupt-profile', 'https://prov.example/a.xml', 'line 3: cut short'))
    return GLib.Variant('a{sv}', {
        'customization-state': GLib.Variant('s', 'Aborted'),
        'provisioning-1': attempt,
        'upgrade-1': GLib.Variant('(tsss)', (TIME * 1000000, 'success', 'https://prov.example/fw', '')),
        'failure-reason': GLib.Variant('s', 'line 3: cut short'),
        'profile-source': GLib.Variant('s', 'dhcp-66'),
        'next-resync': GLib.Variant('t', TIME * 1000000),
        'next-reason': GLib.Variant('s', 'retry'),
        'waiting-for': GLib.Variant('s', 'call: sip'),
        'model': GLib.Variant('s', 'CP-8851-3PCC'),
        'mac': GLib.Variant('s', '000e08aabbcc'),
        'onboarding': GLib.Variant('a(ssst)', [('dhcp-66', 'tftp://192.0.2.5/x', 'no answer', TIME * 1000000)]),
        'warnings': GLib.Variant('as', ['the store was set aside', 'bad\x1b[31mtext']),
        'client-certificate': GLib.Variant('s', 'Installed'),
        **more})


class Status(run.BusCase):
    def test_page(self):
        """LOG-3: what happened last, why it failed, what comes next"""
        self.daemon.properties[run.fake.MAIN].update(
            Status=full_status(), NextResync=GLib.Variant('t', int(time.time() + 12.5 * 60) * 1000000))
        page = self.run_ctl('status').stdout
        self.assertEqual(page, self.run_ctl().stdout)
        for pattern in (r'Model: +CP-8851-3PCC', r'State: +idle', r'Customization: +Aborted', r'Server from: +DHCP option 66',
                        r'Profile rule: +https://prov.example/\$MA.xml', r'Next resync: +in 12 min \(another try\), 20',
                        r'Last failure: +line 3: cut short', r'Waiting for: +the end of a call \(sip\)', r'Client certificate: +Installed',
                        r'  2026-01-01 00:00:00  corrupt profile  https://prov.example/a.xml\n    line 3: cut short',
                        r'  2026-01-01 00:00:00  success  https://prov.example/fw',
                        r'  2026-01-01 00:00:00  DHCP option 66  tftp://192.0.2.5/x  no answer', r'  the store was set aside'):
            self.assertRegex(page, pattern)

    def test_local_time(self):
        self.daemon.properties[run.fake.MAIN].update(Status=full_status())
        page = self.run_ctl('status', env=run.environment(TZ='Europe/Berlin')).stdout
        self.assertIn('2026-01-01 01:00:00  corrupt profile', page)

    def test_escapes(self):
        """STORE-3: control characters of outside text are escaped"""
        self.daemon.properties[run.fake.MAIN].update(Status=full_status())
        page = self.run_ctl('status').stdout
        self.assertNotIn('\x1b', page)
        self.assertIn('bad\\x1b[31mtext', page)

    def test_document(self):
        self.daemon.properties[run.fake.MAIN].update(Status=full_status())
        document = self.run_json('status')
        self.assertEqual(document['state'], 'idle')
        self.assertEqual(document['customization-state'], 'Aborted')
        self.assertEqual(document['profile-rule'], 'https://prov.example/$MA.xml')
        self.assertEqual(document['version'], '9.9')
        self.assertEqual(document['next-resync'], '2026-01-01T00:00:00Z')
        self.assertEqual(document['provisioning-1'], {'time': '2026-01-01T00:00:00Z', 'result': 'corrupt-profile',
                                                      'url': 'https://prov.example/a.xml', 'message': 'line 3: cut short'})
        self.assertEqual(document['onboarding'], [{'source': 'dhcp-66', 'tried': 'tftp://192.0.2.5/x',
                                                   'outcome': 'no answer', 'time': '2026-01-01T00:00:00Z'}])
        self.assertEqual(document['warnings'][0], 'the store was set aside')
        self.assertEqual(set(document), {'state', 'profile-rule', 'version'} | set(full_status().unpack()))

    def test_unknown_is_absent(self):
        self.daemon.properties[run.fake.MAIN].update(Status=full_status(**{'next-resync': GLib.Variant('t', 0)}))
        self.assertNotIn('next-resync', self.run_json('status'))
        self.daemon.properties[run.fake.MAIN].update(Status=GLib.Variant('a{sv}', {}))
        self.assertNotIn('Last failure', self.run_ctl('status').stdout)

    def test_progress_is_shown(self):
        self.daemon.properties[run.fake.MAIN].update(
            State=GLib.Variant('s', 'resyncing'),
            Progress=GLib.Variant('(sstt)', ('downloading', 'https://prov.example/a.xml', 12000, 40000)))
        page = self.run_ctl('status').stdout
        self.daemon.properties[run.fake.MAIN]['State'] = GLib.Variant('s', 'idle')
        self.assertNotIn('Progress', self.run_ctl('status').stdout)
        self.assertRegex(page, r'State: +resyncing')
        self.assertRegex(page, r'Progress: +downloading https://prov.example/a.xml 12\.0.kB of 40\.0.kB')

    def test_colour(self):
        self.daemon.properties[run.fake.MAIN].update(Status=full_status())
        status, shown = run.on_terminal('--address', self.bus.address)
        self.assertEqual(status, 0)
        self.assertIn('\x1b[1mState', shown)
        for env in (run.environment(NO_COLOR='1'), run.environment(TERM='dumb')):
            self.assertNotIn('\x1b', run.on_terminal('--address', self.bus.address, env=env)[1])
        self.assertNotIn('\x1b', self.run_ctl('status').stdout)


# has the name, and hears nothing
HANGS = f"""
import os, signal, sys
from gi.repository import Gio, GLib
flags = Gio.DBusConnectionFlags
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName',
              GLib.Variant('(su)', ('{bus.NAME}', 0)), None, 0, 5000, None)
print('owned', flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""


class Wait(run.BusCase):
    def wait(self, *arguments):
        process = run.start('--address', self.bus.address, 'status', *arguments)
        self.addCleanup(process.kill)
        return process

    def become(self, state):
        self.daemon.do(lambda: self.daemon.change(State=GLib.Variant('s', state)))

    def test_idle_already(self):
        self.assertRegex(self.run_ctl('status', '--wait').stdout, r'State: +idle')

    def test_until_idle(self):
        self.daemon.properties[run.fake.MAIN]['State'] = GLib.Variant('s', 'discovering')
        process = self.wait('--wait', '--json')
        for state in ('resyncing', 'waiting-idle', 'resyncing'):
            self.become(state)
        time.sleep(0.3)
        self.assertIsNone(process.poll())
        self.become('idle')
        out, err = process.communicate(timeout=20)
        self.assertEqual((process.returncode, err), (0, ''))
        self.assertEqual(json.loads(out)['state'], 'idle')

    def test_out_of_its_box(self):
        """SCHED-2: a phone that has not begun to look is not at the end of it"""
        self.daemon.properties[run.fake.MAIN].update(
            CustomizationState=GLib.Variant('s', 'Open'), NextResync=GLib.Variant('t', TIME * 1000000))
        self.assertEqual(self.run_ctl('status', '--wait=1', check=5).stdout, '')
        process = self.wait('--wait', '--json')
        self.become('discovering')
        self.daemon.do(lambda: self.daemon.change(Status=full_status(), CustomizationState=GLib.Variant('s', 'Aborted')))
        time.sleep(0.3)
        self.assertIsNone(process.poll())
        self.become('idle')
        self.assertEqual(json.loads(process.communicate(timeout=20)[0])['customization-state'], 'Aborted')
        # nothing is due: there is nothing to wait for
        self.daemon.properties[run.fake.MAIN].update(CustomizationState=GLib.Variant('s', 'Open'), NextResync=GLib.Variant('t', 0),
                                                     Status=GLib.Variant('a{sv}', {}))
        self.run_ctl('status', '--wait=5')

    def test_what_for(self):
        """who waits is told for what, also where nothing happens, and no longer than asked"""
        self.daemon.properties[run.fake.MAIN]['State'] = GLib.Variant('s', 'waiting-network')
        done = self.run_ctl('status', '--wait=2', check=5)
        self.assertEqual(done.stderr.splitlines()[0], 'waiting for the network')
        self.assertIn('did not end within 2 s', done.stderr)

    def test_too_long(self):
        self.daemon.properties[run.fake.MAIN]['State'] = GLib.Variant('s', 'resyncing')
        begun = time.monotonic()
        told = self.run_json('status', '--wait=2', check=5)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(told, {'error': 'Failed', 'message': 'It did not end within 2 s'})

    def test_daemon_hangs(self):
        """one that does not answer at all is not waited for any longer than asked"""
        silent = bus.Bus()
        self.addCleanup(silent.close)
        owner = subprocess.Popen([*wait.TOGETHER, sys.executable, '-c', HANGS, silent.address], stdout=subprocess.PIPE, text=True)
        self.addCleanup(owner.communicate)
        self.addCleanup(owner.kill)
        self.assertEqual(owner.stdout.readline(), 'owned\n')
        begun = time.monotonic()
        done = run.ctl('--address', silent.address, 'status', '--wait=2')
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertIn('did not answer in time', done.stderr)

    def test_daemon_leaves(self):
        self.daemon.properties[run.fake.MAIN]['State'] = GLib.Variant('s', 'resyncing')
        process = self.wait('--wait')
        # it listens before it asks
        wait.until(lambda: process.poll() is not None or self.daemon.asked, 'the question')
        self.daemon.close()
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 3)
        self.assertIn('resyncd left the bus', err)


if __name__ == '__main__':
    tap.main(None)
