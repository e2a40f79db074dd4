#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Upgrades from rule to a new version that runs, with the real RAUC, a logind by dbusmock, and restarts of the phone that are simulated: everything is
killed, the boot has another id, /run is empty, and the slot that the boot loader names is the one that runs."""

import os
import subprocess
import sys
import tempfile
import threading
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from gi.repository import GLib  # noqa: E402
from lib import bus, certificates, logind, rauc, servers, tap, wait  # noqa: E402
from test_resync import Case, Reply, profile  # noqa: E402

FIRMWARE = bus.NAME + '.Firmware'
BOOT_ID = '/proc/sys/kernel/random/boot_id'


class Phone(Case):
    """A phone on version 1.0 in slot A, provisioned by `web`, whose upgrades wait for nobody."""

    BACKEND = {'Backend': 'rauc'}
    # more of resyncd.conf
    SECTIONS = {}

    def upgradable(self, state_dir=None, env=None, args=(), **firmware):
        self.boot_id = os.path.join(self.own_folder(), 'boot_id')
        self.new_boot_id()
        subprocess.run(['mount', '--bind', self.boot_id, BOOT_ID], check=True)
        self.addCleanup(subprocess.run, ['umount', BOOT_ID], check=True)
        self.web = self.enterContext(servers.Nginx())
        self.web.put('/profile.xml', profile(GPP_A='x'))
        own = self.enterContext(bus.Bus())
        self.rauc = self.enterContext(rauc.Rauc(own))
        self.logind = self.enterContext(logind.Logind(own))
        self.versions = {'A': '1.0', 'B': '?'}
        self.config = {'Phone': {**self.PHONE, 'SoftwareVersion': '1.0'}, 'Network': {'Manager': 'none'},
                       'Discovery': {'RedirectUrl': '', 'RedirectFallbackUrl': '', 'ActivationUrl': ''},
                       'Firmware': {**self.BACKEND, **firmware}, **self.SECTIONS}
        self.daemon = self.enterContext(bus.Daemon(own, config=self.config, state_dir=state_dir, env=env, args=args, in_call=True))
        self.bus = own
        self.client = bus.Client(own)
        self.client.set(Resync_Random_Delay='0', Profile_Rule=f'{self.web.url}/profile.xml', Resync_Periodic='0',
                        Log_Upgrade_Failure_Msg='upgrade failed: $ERR ($UPGST)', Log_Upgrade_Success_Msg='upgraded from $PATH')
        self.assertEqual(self.client.wait_finished(self.daemon.resync_after_call(self.client))[0], 'success')
        return self.client

    def own_folder(self):
        folder = tempfile.TemporaryDirectory(prefix='upgrade-')
        self.addCleanup(folder.cleanup)
        return folder.name

    def new_boot_id(self):
        with open(self.boot_id, 'w', encoding='ascii') as file:
            file.write(f'{uuid.uuid4()}\n')

    def image(self, version, **more):
        """Serves a bundle; its URL."""
        self.web.put(f'/{version}.raucb', self.rauc.bundle(version, **more))
        return f'{self.web.url}/{version}.raucb'

    def fetched(self, name):
        return sum(f'GET /{name}' in line for line in self.web.access().splitlines())

    def state(self):
        return self.client.property('State', FIRMWARE)

    def wait_state(self, *states):
        return self.client.wait_property('State', lambda state: state in states, FIRMWARE)

    def upgrade(self, rule=''):
        return self.client.call('Upgrade', GLib.Variant('(sa{sv})', (rule, {})), FIRMWARE)[0]

    def wait_upgraded(self, result=None):
        """The next end of an upgrade: (attempt, result, url, message, details)."""
        return self.client.wait_signal('Finished', lambda *values: result in (None, values[1]))

    def stored_state(self, folder=None):
        path = os.path.join(folder or self.daemon.state_dir, 'state.conf')
        if not os.path.exists(path):
            return ''
        with open(path, encoding='utf-8') as file:
            return file.read()

    def wait_stored(self, words, there=True):
        """The phone tells what it does a moment before that is on its disk, and would go on there after a cut."""
        wait.until(lambda: (words in self.stored_state()) == there, f'{words} {"" if there else "not "}on the disk')

    def cut(self):
        """The power goes."""
        self.daemon.cut()
        self.rauc.kill()

    def boot(self, slot=None, hold=False):
        """The phone starts, from the slot that is next; hold: RAUC stops before it writes."""
        slot = slot or self.rauc.boot('primary')
        self.new_boot_id()
        for name in os.listdir(self.daemon.runtime_dir):
            os.remove(os.path.join(self.daemon.runtime_dir, name))
        content = self.rauc.slot('AB'.index(slot), 64)
        for version in ('2.0', '3.0', '4.0', '5.0'):
            if content == self.rauc.content(version)[:64]:
                self.versions[slot] = version
        self.config['Phone']['SoftwareVersion'] = self.versions[slot]
        with open(os.path.join(self.daemon.folder, 'resyncd.conf'), 'w', encoding='utf-8') as file:
            file.write(bus.keyfile(self.config))
        self.rauc.start(slot)
        if hold:
            self.rauc.hold()
        self.client.turn()
        self.client.signals.clear()
        self.daemon.start()

    def reboot(self, slot=None, hold=False):
        self.cut()
        self.boot(slot, hold)

    def inhibit(self, who='test'):
        """A call begins; it ends with the descriptor."""
        reply, fds = self.client.connection.call_with_unix_fd_list_sync(
            bus.NAME, bus.PATH, bus.NAME, 'Inhibit', GLib.Variant('(ss)', (who, 'a call')), None, 0, 30000, None, None)
        return fds.get(reply.unpack()[0])

    def history(self):
        status = self.client.status()
        return [status[key][1:] for key in ('upgrade-1', 'upgrade-2', 'upgrade-3') if key in status]


class Upgrades(Phone):
    def test_three_stages(self):
        """a rule leads from version to version, a restart each; each is confirmed once the phone is provisioned again, and marked good
        (UPG-1, UPG-3, UPG-4, UPG-6, LOG-1, LOG-3)"""
        client = self.upgradable()
        urls = [self.image(version) for version in ('2.0', '3.0', '4.0')]
        client.set(Upgrade_Rule='|'.join(f'($SWVER lt {version})? {url}' for version, url in zip(('2.0', '3.0', '4.0'), urls)).rsplit('|', 1)[0]
                   + f'|($SWVER lt 4.0)? {urls[2]}')
        for number, (version, slot) in enumerate((('2.0', 'B'), ('3.0', 'A'), ('4.0', 'B'))):
            _, result, url, message, _ = self.wait_upgraded()
            self.assertEqual((result, url), ('installed', urls[number]), message)
            self.assertIn(version, message)
            client.wait_signal('RebootRequired')
            wait.until(lambda: self.logind.reboots() == number + 1, 'the restart')
            self.assertEqual((self.state(), self.history()[0][0]), ('reboot-required', 'installed'))
            self.assertEqual(self.rauc.boot('primary'), slot)
            servers.write(self.rauc.folder, f'boot/state.{slot}', 'bad\n')
            self.reboot()
            self.assertEqual(client.property('RunningVersion', FIRMWARE), version)
            result, url, message = self.wait_upgraded()[1:4]
            self.assertEqual((result, url, message), ('success', urls[number], f'version {version} runs'))
            self.assertEqual(self.rauc.boot(f'state.{slot}'), 'good')
            # the next stage may be installed by now
            self.assertIn(('success', urls[number], f'version {version} runs'), self.history()[:2])
            self.assertIn(f'upgraded from /{version}.raucb', self.daemon.log())
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual((self.state(), len(self.history())), ('idle', 3))
        self.assertEqual([self.fetched(f'{version}.raucb') for version in ('2.0', '3.0', '4.0')], [1, 1, 1])

    def test_refused(self):
        """what RAUC refuses, what is too old and what is not there is said in its words, and nothing is written; a resync follows each attempt
        (UPG-4, UPG-5, SCHED-7, LOG-1, PHONE-4)"""
        client = self.upgradable()
        self.image('2.0', signer='stranger')
        self.image('3.0', compatible='phone-y')
        self.image('4.0')
        good = self.rauc.bundle('5.0')
        self.web.put('/truncated.raucb', good[:-100])
        self.web.put('/flipped.raucb', good[:9999] + bytes([good[9999] ^ 1]) + good[10000:])
        client.set(Downgrade_Rev_Limit='4.1')
        for name, words in (('4.0', 'the image has version 4.0, and Downgrade_Rev_Limit is 4.1'), ('none', '404|not found|Not Found'),
                            ('2.0', 'signature verification failed'), ('truncated', 'Invalid bundle format'),
                            ('flipped', 'signature verification failed'), ('3.0', 'Compatible mismatch')):
            with self.subTest(name):
                client.signals.clear()
                client.set(Upgrade_Rule=f'{self.web.url}/{name}.raucb', **({} if name == '4.0' else {'Downgrade_Rev_Limit': ''}))
                result, url, message, details = self.wait_upgraded()[1:]
                self.assertEqual((result, url), ('failed', f'{self.web.url}/{name}.raucb'), message)
                self.assertRegex(message, words)
                self.assertIn('error', details)
                self.assertRegex(client.property('LastError', FIRMWARE), words)
                self.assertEqual(client.wait_signal('ResyncStarted', lambda number, reason: True)[1], 'upgrade')
                client.wait_signal('ResyncFinished')
                self.assertRegex(self.daemon.log(), f'upgrade failed: .*({words})')
                client.wait_property('State', lambda state: state == 'idle')
                if name == '4.0':
                    wait.until(lambda: os.listdir(os.path.join(self.daemon.state_dir, 'firmware')) == [], 'the image to be gone')
        self.assertEqual((self.rauc.slot(1, 4096), self.rauc.boot('primary'), self.logind.reboots()), (bytes(4096), 'A', 0))
        self.assertEqual([one[0] for one in self.history()], ['failed'] * 3)
        # the delay of a retry is not over: a resync brings none
        before = self.fetched('3.0.raucb')
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual((self.state(), self.fetched('3.0.raucb')), ('idle', before))
        # who asks passes it by
        self.upgrade()
        self.assertRegex(self.wait_upgraded()[3], 'Compatible mismatch')
        self.assertIn('(2)', self.daemon.log())

    def test_calls(self):
        """a call holds the install, not the download, and another one the restart; a daemon that is killed while RAUC writes waits for it, and knows what
        came of it (UPG-2, UPG-4, SCHED-5)"""
        client = self.upgradable()
        url = self.image('2.0')
        fd = self.inhibit()
        client.set(Forced_Resync_Delay='0', Upgrade_Rule=url)
        self.wait_state('waiting-idle')
        self.assertEqual((self.fetched('2.0.raucb'), client.property('State')), (1, 'upgrading'))
        # nothing of a rule that was refused is left
        self.assertRaisesRegex(bus.CallError, 'Busy', self.upgrade, f'{self.web.url}/x')
        self.assertEqual((self.run_resync(force=True)[0], self.state()), ('unchanged', 'waiting-idle'))
        self.rauc.hold()
        os.close(fd)
        self.wait_state('installing')
        self.rauc.wait_held()
        # in RAUC's words
        client.wait_property('Progress', lambda progress: progress[2] > 0, FIRMWARE)
        fd = self.inhibit()
        self.assertRaisesRegex(bus.CallError, 'Busy', client.call, 'Cancel', None, FIRMWARE)
        self.daemon.cut()
        self.daemon.start()
        self.wait_state('installing')
        self.rauc.release()
        self.assertEqual(self.wait_upgraded()[1:4:2], ('installed', 'version 2.0 is installed, and runs after a restart'))
        self.assertRaisesRegex(bus.CallError, 'Busy.*restart', client.call, 'Cancel', None, FIRMWARE)
        self.assertEqual(self.run_resync(force=True)[0], 'unchanged')
        self.assertEqual((self.state(), self.logind.reboots()), ('reboot-required', 0))
        os.close(fd)
        wait.until(lambda: self.logind.reboots() == 1, 'the restart')

    def test_fall_back(self):
        """a phone that comes up with the old version says so, to an operator to whom there is no way yet as well, and does not install the same image
        again; a changed rule is tried (UPG-1, UPG-6, LOG-1)"""
        client = self.upgradable()
        client.set(Upgrade_Rule=self.image('2.0'), Syslog_Server='192.0.2.14')
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.wait_stored('step=reboot')
        self.reboot('A')
        result, _, message = self.wait_upgraded()[1:4]
        self.assertEqual((result, message), ('failed', 'after the restart the phone runs version 1.0 again, not what was installed'))
        self.assertEqual([one[0] for one in self.history()], ['failed'])
        client.wait_signal('ResyncFinished')
        wait.until(lambda: 'Syslog_Server 192.0.2.14 cannot be told' in self.daemon.log(), 'that there is no way')
        servers.address('192.0.2.14')
        operator = self.enterContext(servers.Silent('192.0.2.14', 514))
        told = []
        self.assertEqual(self.run_resync()[0], 'unchanged')
        words = b'upgrade failed: after the restart the phone runs version 1.0 again'
        wait.until(lambda: told.extend(operator.received()) or any(words in data for data, _ in told), 'what the operator is told')
        self.assertEqual((self.state(), self.fetched('2.0.raucb')), ('idle', 1))
        self.upgrade()
        self.assertEqual(self.wait_upgraded()[1:4:2], ('skipped', 'what the rule names was installed before'))
        # what did not run is in the other slot, and the server has something better by now
        self.web.put('/2.0.raucb', self.rauc.bundle('3.0'))
        client.set(Upgrade_Rule=f'($SWVER lt 9)? {self.web.url}/2.0.raucb')
        self.assertIn('version 3.0 is installed', self.wait_upgraded('installed')[3])
        self.assertEqual(self.fetched('2.0.raucb'), 2)

    def test_in_the_other_slot(self):
        """an image that the other slot has is made the next one without a download, and one of the version that runs is left alone, but for who asks for it
        by hand (UPG-1, UPG-4)"""
        client = self.upgradable()
        first, second = self.image('2.0'), self.image('3.0')
        for url, slot in ((first, 'B'), (second, 'A'), (first, 'B')):
            client.set(Upgrade_Rule=url)
            self.assertEqual(self.wait_upgraded()[1], 'installed')
            self.assertEqual(self.rauc.boot('primary'), slot)
            self.reboot()
            self.assertEqual(self.wait_upgraded()[1], 'success')
        self.assertEqual([self.fetched(name) for name in ('2.0.raucb', '3.0.raucb')], [1, 1])
        # a line for each slot, of what is in it now
        with open(os.path.join(self.daemon.state_dir, 'state.conf'), encoding='utf-8') as file:
            lines = [line for line in file if line.startswith('slots=')]
        self.assertEqual([(line.count('rootfs.0'), line.count('rootfs.1')) for line in lines], [(1, 1)])
        # what runs is not installed once more
        self.web.put('/3.0.raucb', self.rauc.bundle('2.0'))
        client.set(Upgrade_Rule=f'{second}?$SWVER')
        self.assertEqual(self.wait_upgraded()[1:4], ('skipped', f'{second}?…', 'the image has version 2.0, which runs'))
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual((self.state(), self.history()[0][0], self.fetched('3.0.raucb'), self.rauc.installs('rootfs.0')), ('idle', 'skipped', 2, 1))
        # who asks by hand gets what the server has under that name now
        self.upgrade(second)
        self.assertIn('version 2.0 is installed', self.wait_upgraded('installed')[3])
        self.assertEqual((self.fetched('3.0.raucb'), self.rauc.slot(0, 65536)), (3, self.rauc.content('2.0')))

    def test_cuts(self):
        """the power goes at each step, and with it everything that runs: the phone goes on where it was, and installs nothing twice
        (UPG-3, UPG-4, UPG-6, STATE-4)"""
        client = self.upgradable()
        content = self.rauc.bundle('2.0', size=400000)
        self.web.put('/2.0.raucb', content)
        slow = self.enterContext(servers.Nginx(root=self.web.root, extra='limit_rate_after 100k; limit_rate 4k;'))
        client.set(Upgrade_Rule=f'{slow.url}/2.0.raucb')
        self.wait_state('downloading')
        self.wait_part()
        self.reboot()
        self.wait_part()
        self.daemon.cut()
        self.daemon.start()
        self.wait_part()
        # another rule, and what was fetched is given up
        fd = self.inhibit()
        client.set(Upgrade_Rule=f'{self.web.url}/2.0.raucb')
        self.wait_state('waiting-idle')
        self.wait_stored('step=verify')
        # the call goes with the phone
        self.reboot(hold=True)
        os.close(fd)
        self.wait_state('installing')
        self.rauc.wait_held()
        # the daemon alone, then all of it
        self.daemon.cut()
        self.daemon.start()
        self.wait_state('installing')
        self.assertEqual(self.fetched('2.0.raucb'), 1)
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((self.fetched('2.0.raucb'), self.rauc.installs()), (1, 1))
        # who shows that it is to be restarted hears it from the next daemon, too
        client.wait_signal('RebootRequired')
        self.wait_stored('step=reboot')
        self.daemon.cut()
        self.daemon.start()
        self.assertEqual(client.wait_signal('RebootRequired'), ('version 2.0 is installed, and runs after a restart',))
        self.wait_state('reboot-required')
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        self.assertEqual((self.fetched('2.0.raucb'), self.rauc.installs(), self.rauc.booted), (1, 1, 'B'))

    def wait_part(self):
        """Until some of the image is on disk."""
        path = os.path.join(self.daemon.state_dir, 'firmware', 'image')
        wait.until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, 'a part of the image')

    def test_without_rauc(self):
        """RAUC that is not there is found out before anything is fetched; one that dies half-way is a failure, and the image is kept for the next try
        (UPG-4, UPG-5); no resync follows where none is to (SCHED-7)"""
        client = self.upgradable()
        url = self.image('2.0')
        self.rauc.kill()
        client.signals.clear()
        client.set(Upgrade_Rule=url, Resync_After_Upgrade_Attempt='No')
        self.assertRegex(self.wait_upgraded('failed')[3], 'RAUC is not on the bus')
        self.assertEqual(self.fetched('2.0.raucb'), 0)
        self.rauc.start()
        self.rauc.hold()
        self.upgrade()
        self.wait_state('installing')
        self.rauc.wait_held()
        self.rauc.kill()
        self.assertRegex(self.wait_upgraded('failed')[3], 'RAUC ended while it installed|RAUC is not on the bus')
        self.rauc.start()
        self.upgrade()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((self.fetched('2.0.raucb'), self.rauc.slot(1, 65536)), (1, self.rauc.content('2.0')))
        self.assertEqual((client.property('LastError', FIRMWARE), [name for name, _ in client.signals if name == 'ResyncStarted']), ('', []))

    def test_requests(self):
        """who asks gets a number and the end, by resyncctl, too; a rule that asks for nothing, is none, or is turned off (UPG-1)"""
        client = self.upgradable()
        done = bus.ctl(self.bus, '--json', 'upgrade', check=0)
        self.assertIn('"result" : "skipped"', done.stdout)
        self.assertRaisesRegex(bus.CallError, 'InvalidRule', self.upgrade, '(nonsense')
        self.assertRaisesRegex(bus.CallError, 'InvalidArgument', client.call, 'Upgrade',
                               GLib.Variant('(sa{sv})', ('', {'x': GLib.Variant('s', '')})), FIRMWARE)
        done = bus.ctl(self.bus, 'upgrade', f'{self.web.url}/none', check=1)
        self.assertIn('404', done.stderr)
        client.set(Upgrade_Rule=self.image('2.0'), Upgrade_Enable='No')
        self.assertRaisesRegex(bus.CallError, 'Disabled', self.upgrade)
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual(self.fetched('2.0.raucb'), 0)
        client.set(Upgrade_Enable='Yes')
        self.assertEqual(self.wait_upgraded('installed')[2], f'{self.web.url}/2.0.raucb')
        self.assertRaisesRegex(bus.CallError, 'Busy.*restart', self.upgrade, f'{self.web.url}/x')


    def test_report_behind(self):
        """a report that waited for the end of a resync does not keep the rule from being looked at (UPG-1, SCHED-5)"""
        client = self.upgradable()
        asked, go = threading.Event(), threading.Event()

        def answer(request):
            if request.target == '/profile.xml':
                asked.set()
                go.wait(wait.PATIENCE)
                return Reply(body=profile(GPP_A='x'))
            return Reply(200)
        server = self.enterContext(servers.Scripted(answer))
        self.addCleanup(go.set)
        client.set(Profile_Rule=f'{server.url}/profile.xml', Report_Rule=f'{server.url}/report')
        url = self.image('2.0')
        resync = client.resync()
        self.assertTrue(asked.wait(wait.PATIENCE))
        report = client.resync(reason='report')
        client.set(Upgrade_Rule=url)
        go.set()
        self.assertEqual([client.wait_finished(attempt)[0] for attempt in (resync, report)][1], 'success')
        self.assertEqual(self.wait_upgraded()[1], 'installed')

    def test_factory_reset(self):
        """nothing of an upgrade outlives a factory reset, not what was fetched, either (STATE-4)"""
        client = self.upgradable()
        fd = self.inhibit()
        client.set(Upgrade_Rule=self.image('2.0'))
        self.wait_state('waiting-idle')
        client.call('FactoryReset')
        os.close(fd)
        folder = os.path.join(self.daemon.state_dir, 'firmware')
        wait.until(lambda: os.listdir(folder) == [], 'the image to be gone')
        self.assertEqual((self.state(), self.history(), client.property('LastError', FIRMWARE)), ('idle', [], ''))
        with open(os.path.join(self.daemon.state_dir, 'state.conf'), encoding='utf-8') as file:
            self.assertNotIn('2.0.raucb', file.read())


class Commands(Phone):
    BACKEND = {'Backend': 'command'}

    def test_command(self):
        """a program installs: over https only, its last line is the message, and a restart with another version is the success; of an image
        that nobody looks into the name may tell the version (UPG-4, UPG-5, UPG-6)"""
        folder = self.own_folder()
        script = servers.write(folder, 'install', f'#!/bin/sh\necho working\ncp "$1" {folder}/got || exit 4\n[ ! -e {folder}/no ] || '
                                                  '{ echo "no room"; exit 3; }\n')
        os.chmod(script, 0o755)
        authority = certificates.Authority()
        client = self.upgradable(Command=f"{script} '%f'")
        self.config['Tls'] = {'CaFile': authority.path}
        self.reboot('A')
        web = self.enterContext(servers.Nginx(tls=authority.issue('localhost', '127.0.0.1')))
        web.put('/2.bin', b'an image')
        client.set(Upgrade_Rule=f'{self.web.url}/2.bin')
        self.assertIn('https only', self.wait_upgraded('failed')[3])
        servers.write(folder, 'no', '')
        client.set(Upgrade_Rule=f'{web.url}/2.bin')
        self.assertEqual(self.wait_upgraded('failed')[3], f'{script} ended with 3: no room')
        os.remove(os.path.join(folder, 'no'))
        # the version is nowhere else than in the name
        web.put('/sip78xx.11-3-1.loads', b'an image')
        client.set(Downgrade_Rev_Limit='11.4', Upgrade_Rule=f'{web.url}/sip78xx.11-3-1.loads')
        self.assertEqual(self.wait_upgraded('failed')[3], 'the image has version sip78xx.11-3-1.loads, and Downgrade_Rev_Limit is 11.4')
        client.set(Downgrade_Rev_Limit='11.3.1')
        self.upgrade()
        self.assertEqual(self.wait_upgraded('installed')[2], f'{web.url}/sip78xx.11-3-1.loads')
        with open(os.path.join(folder, 'got'), 'rb') as file:
            self.assertEqual(file.read(), b'an image')
        self.wait_stored('step=reboot')
        self.versions['A'] = '2.0'
        self.reboot('A')
        self.assertEqual(self.wait_upgraded()[1], 'success')


class Nobody(Phone):
    def test_none(self):
        """nobody installs any more: what was under way is, and its image is removed; a rule is none of its business, and who asks is told (UPG-1)"""
        client = self.upgradable()
        self.inhibit()
        client.set(Upgrade_Rule=self.image('2.0'))
        self.wait_state('waiting-idle')
        self.wait_stored('step=verify')
        self.config['Firmware'] = {'Backend': 'none'}
        self.reboot('A')
        wait.until(lambda: os.listdir(os.path.join(self.daemon.state_dir, 'firmware')) == [], 'the image to be gone')
        self.assertEqual([one[0] for one in self.history()], ['cancelled'])
        client.set(Upgrade_Rule=f'{self.web.url}/x')
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertRaisesRegex(bus.CallError, 'Disabled', self.upgrade)
        self.assertEqual((self.state(), self.fetched('x'), len(self.history())), ('idle', 0, 1))


if __name__ == '__main__':
    tap.main('box')
