#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Upgrades that are disturbed: servers that go away, disks that are full, RAUC that dies, power that goes, and a factory reset, at each step. What runs is
untouched, the phone goes on where it was or begins anew, and no image is installed twice."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'engine'))
import slow  # noqa: E402
from clocks import Clocks  # noqa: E402
from lib import bus, datagrams, disks, servers, tap, wait  # noqa: E402
from test_resync import profile  # noqa: E402
from test_upgrade import FIRMWARE, Phone  # noqa: E402

Reply = servers.Reply
TRIAL = 'runs, and the phone could not be provisioned by it yet'


class Faulty(Phone):
    def held_before_install(self, rule):
        """The image of the rule is verified, and a call that came up meanwhile holds the install; the call."""
        first = self.inhibit()
        self.client.set(Upgrade_Rule=rule)
        self.wait_state('waiting-idle')
        self.rauc.pause()
        os.close(first)
        self.wait_state('verifying')
        second = self.inhibit()
        self.rauc.resume()
        self.wait_state('waiting-idle')
        self.wait_stored('step=install')
        return second

    def reset(self):
        self.client.signals.clear()
        self.client.call('FactoryReset')
        self.client.set(Resync_Random_Delay='0', Resync_Periodic='0', Profile_Rule=f'{self.web.url}/profile.xml')

    def untouched(self):
        """Nothing was written, and the phone starts from the slot that it runs from."""
        self.assertEqual((self.rauc.slot(1, 4096), self.rauc.boot('primary'), self.logind.reboots()), (bytes(4096), 'A', 0))

    def provisioned_by(self, answers):
        """Whether the server of the profile has it."""
        path = os.path.join(self.web.root, 'profile.xml')
        if answers:
            self.web.put('/profile.xml', profile(GPP_A='x'))
        elif os.path.exists(path):
            os.remove(path)


class Servers(Faulty):
    def test_every_tenth(self):
        """a server that is gone at every tenth of an image: each try goes on with the rest, and what is installed is the image; one whose file is another
        meanwhile has it fetched anew, and one that does not say so has it refused by RAUC and fetched anew (UPG-3, UPG-4, UPG-5, LOG-1, PHONE-4)"""
        client = self.upgradable()
        client.set(Log_Upgrade_Request_Msg='asks for $PATH after $UPGST $UPGTMR "$UPGERR"')
        old, new = self.rauc.bundle('2.0'), self.rauc.bundle('3.0')
        self.file, self.tag, self.cut = old, '"old"', len(old) // 10

        def answer(request):
            start = int(request.headers.get('range', 'bytes=0-')[len('bytes='):-1])
            start = start if request.headers.get('if-range') == self.tag else 0
            headers = {'ETag': self.tag}
            if start:
                headers['Content-Range'] = f'bytes {start}-{len(self.file) - 1}/{len(self.file)}'
            return Reply(206 if start else 200, self.file[start:], headers=headers, cut=self.cut)
        web = self.enterContext(servers.Scripted(answer))
        client.set(Upgrade_Rule=f'{web.url}/fw')
        self.assertEqual(self.wait_upgraded()[1], 'failed')
        for _ in range(4):
            self.upgrade()
            self.assertIn('before the whole file had come', self.wait_upgraded('failed')[3])
        self.assertIn('asks for /fw after 1 ', self.daemon.log())
        self.assertRegex(self.daemon.log(), r'asks for /fw after 2 \d+ ".*before the whole file had come')
        # another file, and its name for it; then one that has the same name
        self.file, self.tag = new, '"new"'
        for _ in range(5):
            self.upgrade()
            self.assertIn('before the whole file had come', self.wait_upgraded('failed')[3])
        ranges = [request.headers.get('range') for request in web.requests]
        steps = [None, *(f'bytes={number * self.cut}-' for number in range(1, 6))]
        self.assertEqual(ranges, [*steps[:5], steps[5], *steps[1:5]])
        self.file, self.cut = old + bytes(len(new) - len(old)) if len(old) < len(new) else old[:len(new)], None
        self.upgrade()
        self.assertRegex(self.wait_upgraded('failed')[3], 'signature|Signature|bundle')
        self.untouched()
        self.file, self.cut = new, len(new) // 10
        for _ in range(2):
            self.upgrade()
            self.wait_upgraded('failed')
        self.cut = None
        self.upgrade()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual([request.headers.get('range') for request in web.requests[-3:]], [None, *(f'bytes={n * (len(new) // 10)}-' for n in (1, 2))])
        self.assertEqual((self.rauc.slot(1, 65536), self.rauc.installs()), (self.rauc.content('3.0'), 1))

    def test_tftp(self):
        """by TFTP an image begins anew after each break (UPG-3)"""
        client = self.upgradable()
        image = self.rauc.bundle('2.0')
        blocks = [image[at:at + 512] for at in range(0, len(image) + 1, 512)]
        ends = [len(blocks) // 10, len(blocks) * 9 // 10, len(blocks)]

        clients = []

        def handle(peer, _name, _options):
            # who is slow is asked twice, and asks twice
            if peer.client not in clients:
                clients.append(peer.client)
            end = ends[clients.index(peer.client)]
            for number, block in enumerate(blocks[:end], 1):
                peer.send(datagrams.data(number, block))
                while (answer := peer.receive()[:2]) != (datagrams.ACK, number):
                    if answer[0] == datagrams.ERROR:
                        return
            if end < len(blocks):
                peer.send(datagrams.error(0, 'no more'))
        server = self.enterContext(datagrams.Tftp(handle))
        client.set(Upgrade_Rule=f'{server.url}fw')
        self.assertIn('no more', self.wait_upgraded('failed')[3])
        self.upgrade()
        self.assertIn('no more', self.wait_upgraded('failed')[3])
        self.untouched()
        self.upgrade()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual(self.rauc.slot(1, 65536), self.rauc.content('2.0'))


class Disks(Faulty):
    def test_full(self):
        """a disk that is full before and during a download is said to be so, nothing is lost, and with room again it goes on without a restart; an image
        leaves room for the store (UPG-3, UPG-5, STORE-2, STORE-4)"""
        disk = self.enterContext(disks.Memory('root', 'size=3m'))
        client = self.upgradable(state_dir=disk.folder)
        self.web.put('/large', bytes(5 << 19))
        self.upgrade(f'{self.web.url}/large')
        self.assertRegex(self.wait_upgraded('failed')[3], 'the disk has room for')
        image = self.rauc.bundle('2.0', size=400000)
        self.web.put('/2.0.raucb', image)
        slow = self.enterContext(servers.Nginx(root=self.web.root, extra=(
            'limit_rate_after 50k; limit_rate 20k; if (-f $document_root/fast) { set $limit_rate 0; }')))
        disk.fill()
        self.upgrade(f'{slow.url}/2.0.raucb')
        details = self.wait_upgraded('failed')
        self.assertEqual(details[4]['error'], 'Storage', details)
        self.assertRegex(details[3], 'No space|room|free')
        disk.make_room()
        client.set(Upgrade_Rule=f'{slow.url}/2.0.raucb')
        path = os.path.join(disk.folder, 'firmware', 'image')
        wait.until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, 'a part of the image')
        disk.fill()
        details = self.wait_upgraded('failed')
        self.assertEqual(details[4]['error'], 'Storage', details)
        self.untouched()
        self.assertEqual(client.get('GPP_A'), 'x')
        disk.make_room()
        self.web.put('/fast', '')
        self.upgrade()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((self.rauc.slot(1, 400000), self.rauc.installs()), (self.rauc.content('2.0', 400000), 1))


class Installers(Faulty):
    def test_dies_after_its_work(self):
        """RAUC that dies when all is written, and the phone that loses its power then: the image is made the next one, and not written again; where the
        phone starts from it before that, it has to show itself as any other (UPG-4, UPG-6)"""
        client = self.upgradable()
        self.rauc.hold('hold-after')
        client.set(Upgrade_Rule=self.image('2.0'))
        self.rauc.wait_held('hold-after')
        self.assertEqual(self.rauc.boot('primary'), 'B')
        self.rauc.kill()
        self.assertRegex(self.wait_upgraded('failed')[3], 'RAUC ended while it installed')
        self.rauc.start()
        self.upgrade()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((self.fetched('2.0.raucb'), self.rauc.installs()), (1, 1))
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        self.rauc.hold('hold-after')
        client.set(Upgrade_Rule=self.image('3.0'))
        self.rauc.wait_held('hold-after')
        self.assertEqual(self.rauc.boot('primary'), 'A')
        self.reboot('B')
        self.assertEqual(self.wait_upgraded()[1:4:2], ('installed', 'version 3.0 is installed, and runs after a restart'))
        self.assertEqual((self.fetched('3.0.raucb'), self.rauc.installs('rootfs.0')), (1, 1))
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        self.rauc.hold('hold-after')
        client.set(Upgrade_Rule=self.image('4.0'))
        self.rauc.wait_held('hold-after')
        self.rauc.kill()
        self.assertRegex(self.wait_upgraded('failed')[3], 'RAUC ended while it installed')
        servers.write(self.rauc.folder, 'boot/state.B', 'bad\n')
        self.provisioned_by(False)
        self.reboot()
        self.wait_stored('step=confirm')
        self.assertEqual((self.run_resync()[0], self.rauc.boot('state.B')), ('file-not-found', 'bad'))
        self.provisioned_by(True)
        self.run_resync()
        self.assertEqual(self.wait_upgraded()[1::2], ('success', 'version 4.0 runs'))
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual((self.rauc.boot('state.B'), self.fetched('4.0.raucb'), self.rauc.installs('rootfs.0'), self.rauc.installs(), self.state()),
                         ('good', 1, 1, 2, 'idle'))

    def test_half_of_two(self):
        """of an image that has two parts, one that is cut between them is not made the next one before both are written (UPG-4)"""
        client = self.upgradable()
        url = self.image('2.0', apps=True)
        self.rauc.hold('hold-between')
        client.set(Upgrade_Rule=url)
        self.rauc.wait_held('hold-between')
        self.assertEqual((self.rauc.slot(1, 65536), self.rauc.slot(1, 64, 'apps')), (self.rauc.content('2.0'), bytes(64)))
        self.reboot('A')
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((self.rauc.slot(1, 65536), self.rauc.slot(1, 65536, 'apps')), (self.rauc.content('2.0'),) * 2)
        # a phone that is not provisioned at all has nothing to wait for
        client.set(Provision_Enable='No')
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')

    def fall_back_slowly(self):
        """The phone comes up in A again: how the upgrade ended is on the flash as soon as that it has (UPG-6, LOG-1)."""
        self.wait_stored('step=reboot')
        self.cut()
        disk = self.enterContext(slow.Disk(0))
        plain, start = self.daemon.command, self.rauc.start
        self.daemon.command = [*disk.inside, *plain]
        self.rauc.start = lambda slot: (start(slot), self.rauc.pause())
        self.boot('A')
        self.daemon.command, self.rauc.start = plain, start
        self.client.wait_signal('ResyncFinished')
        wait.until(lambda: 'unchanged' in self.stored_state(self.daemon.runtime_dir), 'the end of the resync')
        disk.delay = 0.2
        self.rauc.resume()
        self.wait_stored('step=reboot', there=False)
        self.assertIn('again, not what was installed', self.stored_state())
        disk.delay = 0
        self.assertEqual(self.wait_upgraded()[1], 'failed')

    def test_cut_before_the_install(self):
        """a phone that is cut while a call holds the install has not installed anything, whatever it did before: it comes to it then, with who installs then
        (UPG-2, UPG-4, UPG-6)"""
        client = self.upgradable()
        client.set(Upgrade_Rule=self.image('2.0'))
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.fall_back_slowly()
        # the other slot has another one, and is the next one
        fd = self.held_before_install(self.image('3.0'))
        self.assertEqual(self.rauc.installs(), 1)
        self.reboot('A')
        os.close(fd)
        self.assertIn('3.0', self.wait_upgraded('installed')[3])
        self.assertEqual((self.rauc.slot(1, 65536), self.fetched('3.0.raucb'), self.rauc.installs()), (self.rauc.content('3.0'), 1, 2))
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        # it runs from another slot than before the last one
        fd = self.held_before_install(self.image('4.0'))
        self.daemon.cut()
        self.daemon.start()
        os.close(fd)
        self.assertIn('4.0', self.wait_upgraded('installed')[3])
        self.assertEqual((self.rauc.slot(0, 65536), self.fetched('4.0.raucb')), (self.rauc.content('4.0'), 1))
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        # a program takes over, which verifies nothing that came in the clear
        fd = self.held_before_install(self.image('5.0'))
        called = os.path.join(self.own_folder(), 'called')
        self.config['Firmware'] = {'Backend': 'command', 'Command': f'/usr/bin/touch {called} %f'}
        self.reboot('A')
        os.close(fd)
        self.assertIn('https only', self.wait_upgraded('failed')[3])
        self.assertFalse(os.path.exists(called))


class Restarts(Faulty):
    def test_confirmed(self):
        """a daemon that is killed before it saw what came up, and one that was not provisioned yet, confirm nothing and restart nobody, and the latter
        says so; what has proved itself is marked good in each boot, when RAUC comes up late, too (UPG-6)"""
        client = self.upgradable()
        client.set(Upgrade_Rule=self.image('2.0'))
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        wait.until(lambda: self.logind.reboots() == 1, 'the restart')
        self.wait_stored('step=reboot')
        self.cut()
        servers.write(self.rauc.folder, 'boot/state.B', 'bad\n')
        self.provisioned_by(False)
        start = self.rauc.start
        self.rauc.start = lambda slot: (start(slot), self.rauc.pause())
        self.boot()
        self.rauc.start = start
        self.daemon.cut()
        self.daemon.start()
        self.rauc.resume()
        self.wait_state('idle')
        self.wait_stored('step=confirm')
        self.assertNotEqual(self.run_resync()[0], 'success')
        self.assertEqual((self.rauc.boot('state.B'), self.logind.reboots()), ('bad', 1))
        self.on_trial('2.0')
        self.assertEqual((self.history()[0][0], self.history()[0][2]), ('installed', 'version 2.0 runs, and is kept once the phone was provisioned by it'))
        self.assertRaisesRegex(bus.CallError, 'Busy.*provisioned first', self.upgrade)
        self.daemon.cut()
        self.daemon.start()
        self.assertEqual((self.rauc.boot('state.B'), self.state()), ('bad', 'idle'))
        self.provisioned_by(True)
        self.run_resync()
        self.assertEqual(self.wait_upgraded()[1::2], ('success', 'version 2.0 runs'))
        self.assertEqual((self.rauc.boot('state.B'), self.rauc.installs(), self.logind.reboots()), ('good', 1, 1))
        self.assertEqual((client.property('LastError', FIRMWARE), TRIAL in str(client.status())), ('', False))
        # each boot counts
        self.provisioned_by(False)
        self.wait_stored('step=confirm', there=False)
        self.cut()
        servers.write(self.rauc.folder, 'boot/state.B', 'bad\n')
        self.rauc.start = lambda slot: None
        self.boot()
        self.rauc.start = start
        wait.until(lambda: 'the boot loader is not told' in self.daemon.log(), 'that there is no RAUC')
        self.assertNotEqual(self.run_resync()[0], 'success')
        self.rauc.start('B')
        self.assertNotEqual(self.run_resync()[0], 'success')
        wait.until(lambda: self.rauc.boot('state.B') == 'good', 'the mark of this boot')

    def on_trial(self, version):
        words = f'version {version} {TRIAL}'
        self.client.wait_property('LastError', lambda message: message.startswith(words), FIRMWARE)
        # which a boot before may have left, and this one has yet to find
        self.client.wait_property('Status', lambda status: str(status).count(words) == 1)

    def test_replaced(self):
        """a new version by which the phone cannot be provisioned may be replaced by hand; until it could be provisioned nothing that comes of that takes
        it for good (UPG-6)"""
        client = self.upgradable()
        client.set(Upgrade_Rule=self.image('2.0'))
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.provisioned_by(False)
        self.cut()
        servers.write(self.rauc.folder, 'boot/state.B', 'bad\n')
        self.boot()
        self.wait_stored('step=confirm')
        self.upgrade(f'{self.web.url}/none')
        self.assertEqual(self.wait_upgraded()[1::2], ('cancelled', 'version 2.0 runs; another was asked for before the phone was provisioned by it'))
        self.assertIn('404', self.wait_upgraded('failed')[3])
        self.reboot('B')
        self.assertNotEqual(self.run_resync()[0], 'success')
        self.on_trial('2.0')
        self.assertEqual(self.rauc.boot('state.B'), 'bad')
        self.provisioned_by(True)
        self.run_resync()
        wait.until(lambda: self.rauc.boot('state.B') == 'good', 'the mark')
        client.wait_property('LastError', lambda message: message == '', FIRMWARE)

    def test_logind_does_nothing(self):
        """a logind that takes the restart upon itself and does nothing is asked again after five minutes, and the phone says so; never in a call (UPG-6)"""
        clocks = Clocks()
        client = self.upgradable(env=clocks.env)
        client.set(Upgrade_Rule=self.image('2.0'))
        taken = 'logind restarts the phone'
        wait.until(lambda: taken in self.daemon.log(), 'its answer')
        # from which the five minutes count, and which is over when this is answered
        fd = self.inhibit()
        words = 'logind was asked to restart the phone, and it still runs; it is asked again'
        for number in range(2, 4):
            clocks.sleep(301)
            clocks.settle()
            self.assertEqual((self.state(), self.logind.reboots()), ('reboot-required', number - 1))
            os.close(fd)
            wait.until(lambda: self.daemon.log().count(taken) == number, 'the next one')
            self.assertEqual(self.logind.reboots(), number)
            fd = self.inhibit()
        os.close(fd)
        self.assertEqual(self.daemon.log().count(words), 2)
        client.wait_property('Status', lambda status: str(status).count(words) == 1)


class Resets(Faulty):
    def test_each_step(self):
        """a factory reset at each step forgets rule, image and history, not what is in the slots: what was written runs after the restart, and has to show
        itself (STATE-4, UPG-6)"""
        client = self.upgradable()
        url = self.image('2.0')
        slow = self.enterContext(servers.Nginx(root=self.web.root, extra='limit_rate_after 10k; limit_rate 10k;'))
        client.set(Upgrade_Rule=f'{slow.url}/2.0.raucb')
        self.wait_state('downloading')
        self.reset()
        self.assertEqual(self.state(), 'idle')
        # at once, with one that begins before the other has ended
        fd = self.inhibit()
        client.set(Upgrade_Rule=url)
        self.wait_state('waiting-idle')
        self.rauc.pause()
        os.close(fd)
        self.wait_state('verifying')
        self.reset()
        self.rauc.resume()
        self.daemon.restart()
        self.assertEqual((self.state(), self.rauc.slot(1, 64)), ('idle', bytes(64)))
        self.rauc.hold()
        client.set(Upgrade_Rule=url)
        self.wait_state('installing')
        self.rauc.wait_held()
        self.reset()
        self.rauc.release()
        self.wait_state('reboot-required')
        self.assertEqual((self.rauc.installs(), self.rauc.boot('primary')), (1, 'B'))
        wait.until(lambda: self.logind.reboots() == 1, 'the restart')
        self.reset()
        self.daemon.cut()
        self.daemon.start()
        self.wait_state('reboot-required')
        self.provisioned_by(False)
        self.cut()
        servers.write(self.rauc.folder, 'boot/state.B', 'bad\n')
        self.boot()
        self.wait_stored('step=confirm')
        self.reset()
        self.assertEqual(self.rauc.boot('state.B'), 'bad')
        self.provisioned_by(True)
        self.run_resync()
        self.assertEqual(self.wait_upgraded('success')[3], 'version 2.0 runs')
        self.assertEqual((self.rauc.boot('state.B'), self.state()), ('good', 'idle'))
        self.assertNotIn('2.0.raucb', self.stored_state())


if __name__ == '__main__':
    tap.main('box')
