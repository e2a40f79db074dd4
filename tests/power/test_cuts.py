#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Power cuts of a real file system: ext4 on a loop device that is shut down in the middle of resyncs and mounted again.

1000 cuts with `./check --long`, 100 without. RESYNCD_SEED repeats the moments of a run.
"""

import os
import random
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, disks, servers, tap, tree, wait  # noqa: E402

CUTS = 1000 if 'RESYNCD_LONG' in os.environ else 100
NAMES = [f'GPP_{letter}' for letter in 'ABCDEFGHIJKLMNOP']


class Cuts(unittest.TestCase):
    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(*sys.exc_info()))
        return value

    def setUp(self):
        seed = int(os.environ.get('RESYNCD_SEED') or random.SystemRandom().randrange(10 ** 9))
        print(f'RESYNCD_SEED={seed}', file=sys.stderr)
        self.chance = random.Random(seed)
        self.disk = self.enterContext(disks.Ext4('resyncd'))
        self.own = self.enterContext(bus.Bus())
        self.client = bus.Client(self.own)
        self.round = 0
        server = self.enterContext(servers.Scripted(lambda request: servers.Reply(body=self.profile())))
        # without NetworkManager there is no network, and nothing is tried but what is forced
        self.daemon = self.enterContext(bus.Daemon(self.own, config={'Network': {'Manager': 'networkmanager'}}, user='resyncd',
                                                   state_dir=self.disk.folder))
        self.client.set(Profile_Rule=f'{server.url}/x.xml')

    def value(self):
        return f'{self.round:04}' * 100

    def profile(self):
        return f'<flat-profile>{"".join(f"<{name}>{self.value()}</{name}>" for name in NAMES)}</flat-profile>'

    def restart(self):
        """Power is back."""
        self.disk.come_back()
        for name in os.listdir(self.daemon.runtime_dir):
            os.unlink(os.path.join(self.daemon.runtime_dir, name))
        self.daemon.start()

    def held(self):
        """The one value that all parameters have."""
        values = set(self.client.parameters('Get', '(as)', NAMES)[0].values())
        self.assertEqual(len(values), 1, 'the values of two profiles are mixed')
        return values.pop()

    def cut(self, length, how):
        """Power goes at a random moment of a resync. Returns whether its profile is there afterwards."""
        old = self.held()
        self.round += 1
        self.client.signals.clear()
        begun = time.time()
        self.client.resync(force=True)
        time.sleep(self.chance.uniform(0, 1.2 * length))
        self.disk.cut(how)
        # what it says from now on it must be able to keep as well
        self.daemon.cut()
        self.client.turn()
        said = {name: values for name, values in self.client.signals}
        self.restart()
        found, status = self.held(), self.client.status()
        self.assertIn(found, (old, self.value()))
        if 'Changed' in said:
            self.assertEqual(found, self.value(), 'what was announced is lost')
        if 'ResyncFinished' in said and said['ResyncFinished'][1] == 'success':
            when, result, *_rest = status['provisioning-1']
            self.assertEqual(result, 'success')
            self.assertGreater(when / 1e6, begun)
        self.assertEqual(status['customization-state'], 'Aborted')
        self.assertEqual(status.get('warnings', []), [])
        names = set(os.listdir(self.disk.folder))
        self.assertLessEqual(names, {'.lock', *(f'{name}.conf{end}' for name in ('parameters', 'state') for end in ('', '.previous'))})
        self.assertEqual({os.stat(os.path.join(self.disk.folder, name)).st_mode & 0o777 for name in names}, {0o600})
        return found != old

    def test_cuts(self):
        """power goes at random moments of resyncs: the old profile or the new one, whole, and the new one where a client had heard
        of it (STORE-1, STORE-3, STORE-4, PROF-7, STATE-4)"""
        lengths = []
        for _ in range(3):
            self.round += 1
            begun = time.monotonic()
            self.assertEqual(self.client.wait_finished(self.client.resync(force=True))[0], 'success')
            lengths.append(time.monotonic() - begun)
        length = sorted(lengths)[1]
        new = [self.cut(length, disks.NO_LOG_FLUSH if number % 5 else number // 5 % 2) for number in range(CUTS)]
        self.assertNotIn('set aside', self.daemon.log())
        print(f'{CUTS} cuts within {1200 * length:.0f} ms of the request: {sum(new)} found the new profile', file=sys.stderr)
        # were all of them too early or too late, nothing would be shown
        self.assertTrue(0 < sum(new) < CUTS)

    def test_the_disk(self):
        """the power cut is one: what was synced stays, and what was not is gone (the test of the test)"""
        self.daemon.stop()
        for name in ('synced', 'not-synced'):
            file = os.open(os.path.join(self.disk.folder, name), os.O_CREAT | os.O_WRONLY)
            os.write(file, b'x' * 100)
            if name == 'synced':
                os.fsync(file)
            os.close(file)
        self.disk.cut()
        self.disk.come_back()
        self.assertEqual(os.stat(os.path.join(self.disk.folder, 'synced')).st_size, 100)
        self.assertFalse(os.path.exists(os.path.join(self.disk.folder, 'not-synced')))


class Killed(unittest.TestCase):
    def test_nothing_is_left(self):
        """a killed test leaves neither a mount nor a loop device (the test of the test)"""
        code = ('import sys, time; sys.path.insert(0, sys.argv[1])\n'
                'from lib import disks; print(disks.Ext4("resyncd").image, flush=True); time.sleep(60)')
        with subprocess.Popen(['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--propagation', 'private', '--',
                               '/usr/bin/python3', '-c', code, tree.source('tests')], stdout=subprocess.PIPE, text=True) as child:
            image = child.stdout.readline().strip()
            self.addCleanup(os.unlink, image)
            self.assertEqual(len(disks.loops(image)), 1)
            child.send_signal(signal.SIGKILL)
        wait.until(lambda: not disks.loops(image), 'the end of the loop device')
        with open('/proc/self/mounts', encoding='utf-8') as file:
            self.assertNotIn('ext4-', file.read())


if __name__ == '__main__':
    tap.main('box')
