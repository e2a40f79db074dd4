#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Upgrades and what changes beside them: calls, settings, the daemon itself, and servers that are busy."""

import os
import shutil
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'engine'))
from clocks import Clocks  # noqa: E402
from lib import certificates, servers, tap, wait  # noqa: E402
from test_resync import profile  # noqa: E402
from test_upgrade import FIRMWARE  # noqa: E402
from test_upgrades import Faulty  # noqa: E402

Reply = servers.Reply


class Slow(Reply):
    """20 kB a second."""

    def play(self, peer):
        peer.send(self.head())
        for at in range(0, len(self.body), 2000):
            peer.send(self.body[at:at + 2000])
            peer.wait(0.1)


class Corners(Faulty):
    def image_path(self):
        return os.path.join(self.daemon.state_dir, 'firmware', 'image')

    def test_restart_in_a_call(self):
        """a daemon that is killed and started again during a call does not install in it, and one whose call has ended meanwhile does; an image that was
        cut short then is fetched anew (UPG-2, UPG-3, SCHED-5)"""
        client = self.upgradable()
        # a name of a call may be anything
        first, second = self.inhibit(), self.inhibit('\x01' * 200)
        client.set(Upgrade_Rule=self.image('2.0'))
        self.wait_state('waiting-idle')
        self.wait_stored('step=verify')
        self.daemon.cut()
        self.daemon.start()
        self.wait_state('waiting-idle')
        os.close(first)
        self.assertEqual((self.run_resync(force=True)[0], self.state()), ('unchanged', 'waiting-idle'))
        self.untouched()
        os.truncate(self.image_path(), os.path.getsize(self.image_path()) - 1)
        self.daemon.cut()
        os.close(second)
        self.daemon.start()
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((self.fetched('2.0.raucb'), [name for name in os.listdir(self.daemon.runtime_dir) if 'inhibitor' in name]), (2, []))

    def test_between(self):
        """who cancels while RAUC verifies need not wait for it; a call that comes up while RAUC is asked for its slots holds the install, and a phone that
        starts from the other slot then does not take that for one; what the other slot has is subject to Downgrade_Rev_Limit, too, as it is when the call
        is over; RAUC that says too late that it has made it the next one has done so, and one that is asked for its slots does not after a factory reset
        (UPG-2, UPG-4, UPG-5, UPG-6, STATE-4)"""
        clocks = self.enterContext(Clocks())
        client = self.upgradable(env=clocks.env)
        first = self.image('2.0')
        fd = self.inhibit()
        client.set(Upgrade_Rule=self.image('4.0'))
        self.wait_state('waiting-idle')
        self.rauc.pause()
        os.close(fd)
        self.wait_state('verifying')
        client.call('Cancel', None, FIRMWARE)
        self.assertEqual(self.wait_upgraded()[1], 'cancelled')
        self.rauc.resume()
        client.wait_signal('ResyncFinished')
        wait.until(lambda: not os.path.exists(self.image_path()), 'the image to be removed')
        # what nobody put there, and what an image takes the place of
        os.mkdir(self.image_path(), mode=0o700)
        fd = self.held_before_install(first)
        self.rauc.pause()
        os.close(fd)
        self.wait_state('installing')
        fd = self.inhibit()
        self.rauc.resume()
        self.wait_state('waiting-idle')
        self.assertFalse(self.rauc.installing())
        self.untouched()
        wait.until(lambda: 'from=rootfs.0' in self.stored_state(), 'what was noted')
        self.reboot('B')
        os.close(fd)
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual(self.rauc.boot('primary'), 'A')
        wait.until(lambda: not os.path.exists(self.image_path()), 'the image to be removed')
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        client.set(Upgrade_Rule=self.image('3.0'))
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        client.set(Downgrade_Rev_Limit='3.0', Upgrade_Rule=first)
        self.assertIn('the image has version 2.0, and Downgrade_Rev_Limit is 3.0', self.wait_upgraded('failed')[3])
        client.set(Downgrade_Rev_Limit='new')
        self.upgrade()
        self.assertIn('which is no version: nothing is installed', self.wait_upgraded('failed')[3])
        client.set(Downgrade_Rev_Limit='2.0')
        fd = self.inhibit()
        self.upgrade()
        self.wait_state('waiting-idle')
        client.set(Downgrade_Rev_Limit='3.0')
        os.close(fd)
        self.assertIn('the image has version 2.0, and Downgrade_Rev_Limit is 3.0', self.wait_upgraded('failed')[3])
        self.assertEqual((self.rauc.boot('primary'), self.rauc.activations('rootfs.0')), ('B', 1))
        client.set(Downgrade_Rev_Limit='2.0')
        self.rauc.hold('hold-primary')
        self.upgrade()
        self.rauc.wait_held('hold-primary')
        clocks.tire(31)
        self.assertEqual(self.state(), 'installing')
        self.rauc.release()
        self.assertIn('version 2.0 is installed', self.wait_upgraded('installed')[3])
        self.assertEqual((self.rauc.boot('primary'), self.fetched('2.0.raucb'), self.rauc.activations('rootfs.0')), ('A', 1, 2))
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        fd = self.inhibit()
        client.set(Upgrade_Rule=f'{self.web.url}/3.0.raucb')
        self.wait_state('waiting-idle')
        self.rauc.pause()
        os.close(fd)
        self.wait_state('installing')
        self.reset()
        self.rauc.resume()
        # which waits for the answer to what was begun before
        client.set(Upgrade_Rule=f'{self.web.url}/none')
        self.assertIn('404', self.wait_upgraded('failed')[3])
        self.assertEqual((self.rauc.boot('primary'), self.rauc.activations(), self.fetched('3.0.raucb')), ('A', 1, 1))

    def test_settings(self):
        """what was turned off while RAUC wrote is not begun again after a cut; an image that nobody asks for any more is removed; a delay that was 0 counts
        when it is another; a macro that changes by itself makes no other rule; a RAUC that is busy costs no image; a busy server says when it is asked
        again (UPG-1, UPG-4, UPG-5, HTTP-7)"""
        client = self.upgradable()
        self.rauc.hold()
        client.set(Upgrade_Rule=self.image('2.0'))
        self.rauc.wait_held()
        client.set(Upgrade_Enable='No')
        self.reboot('A')
        self.assertEqual(self.wait_upgraded()[1], 'cancelled')
        wait.until(lambda: not os.path.exists(self.image_path()), 'the image to be removed')
        self.untouched()
        fd = self.inhibit()
        client.set(Upgrade_Enable='Yes', Upgrade_Rule=self.image('3.0'))
        self.wait_state('waiting-idle')
        # what was turned off has not failed
        client.set(Upgrade_Enable='No')
        self.assertEqual(self.wait_upgraded()[1], 'cancelled')
        client.wait_signal('ResyncFinished')
        client.set(Upgrade_Enable='Yes')
        self.wait_state('waiting-idle')
        client.set(Upgrade_Rule='')
        wait.until(lambda: not os.path.exists(self.image_path()), 'the image to be removed')
        os.close(fd)
        self.untouched()
        # that RAUC has something else to do says nothing of the image
        fd = self.inhibit()
        client.set(Downgrade_Rev_Limit='2.0', Upgrade_Rule=self.image('4.0'))
        self.wait_state('waiting-idle')
        self.rauc.hold()
        self.rauc.install(self.rauc.bundle('5.0'))
        self.rauc.wait_held()
        os.close(fd)
        self.assertEqual(self.wait_upgraded('failed')[4]['error'], 'Busy')
        self.assertTrue(os.path.exists(self.image_path()))
        self.rauc.restart()
        client.set(Downgrade_Rev_Limit='')
        self.untouched()
        busy = self.enterContext(servers.Scripted({'/2.0.raucb': [Reply(503, headers={'Retry-After': '1'}), Reply(body=self.rauc.bundle('2.0'))]}))
        client.set(Upgrade_Error_Retry_Delay='0', Upgrade_Rule=f'{self.web.url}/none?$UPGST')
        self.assertIn('404', self.wait_upgraded('failed')[3])
        client.wait_signal('ResyncFinished')
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual((self.state(), self.fetched('none')), ('idle', 1))
        # in a boot without a resync it is looked at as well
        client.set(Upgrade_Error_Retry_Delay='3600', Resync_On_Reset='No')
        self.reboot('A')
        self.assertIn('404', self.wait_upgraded('failed')[3])
        self.assertEqual(self.fetched('none'), 2)
        client.set(Upgrade_Rule=f'{busy.url}/2.0.raucb')
        self.assertIn('503', self.wait_upgraded('failed')[3])
        self.assertEqual(self.wait_upgraded()[1], 'installed')

    def test_goes_on(self):
        """a download goes on where it was after the daemon was killed, and after the resync of a boot where the flash knew of it; $UPGTMR are the seconds
        since it was begun (UPG-1, UPG-3, UPG-5)"""
        clocks = Clocks()
        client = self.upgradable(env=clocks.env)
        image = bytes(1_000_000)
        order = []

        def provision(_request):
            time.sleep(0.3)
            order.append('profile')
            return Reply(body=profile(GPP_A='x'))
        def answer(request):
            order.append('image')
            start = int(request.headers.get('range', 'bytes=0-')[len('bytes='):-1])
            headers = {'ETag': '"a"', **({'Content-Range': f'bytes {start}-{len(image) - 1}/{len(image)}'} if start else {})}
            return Slow(206 if start else 200, image[start:], headers=headers)
        slow = self.enterContext(servers.Scripted(answer))

        def part(folder):
            path = os.path.join(folder, 'state.conf')
            if not os.path.exists(path):
                return 0
            with open(path, encoding='utf-8') as file:
                section = file.read().partition('[image]')[2]
            return int(section.partition('bytes=')[2].split()[0]) if 'bytes=' in section else 0

        provider = self.enterContext(servers.Scripted(provision))
        client.set(Log_Upgrade_Failure_Msg='given up after $UPGTMR s', Profile_Rule=f'{provider.url}/profile.xml', Upgrade_Rule=f'{slow.url}/image')
        wait.until(lambda: part(self.daemon.runtime_dir) > 0, 'a part that is known')
        self.assertEqual(part(self.daemon.state_dir), 0)
        clocks.sleep(21)
        wait.until(lambda: part(self.daemon.state_dir) > 0, 'a part on the flash')
        self.daemon.cut()
        self.daemon.start()
        wait.until(lambda: len(slow.requests) == 2, 'the rest to be asked for')
        self.reboot('A')
        known = part(self.daemon.state_dir)
        wait.until(lambda: order.count('image') == 3, 'the rest to be asked for')
        self.assertEqual(order[-2:], ['profile', 'image'])
        starts = [request.headers.get('range') for request in slow.requests]
        self.assertEqual((starts[0], starts[2]), (None, f'bytes={known}-'))
        self.assertRegex(starts[1], r'^bytes=[1-9]\d*-$')
        clocks.sleep(21)
        client.call('Cancel', None, FIRMWARE)
        self.assertEqual(self.wait_upgraded()[1], 'cancelled')
        self.assertRegex(self.daemon.log(), 'given up after (2[1-9]|[3-9][0-9]) s')

    def test_asks_again(self):
        """soon after a boot a busy server is asked again within a minute; later it is left alone until when it said, over a restart of the daemon and
        whatever resyncs come; a phone without a clock fetches when somebody sets it. What lies in the image's place is replaced, or said
        (UPG-3, UPG-5, HTTP-5, HTTP-7, HTTP-11)"""
        clocks = self.enterContext(Clocks())
        # a minute after its boot, without a clock
        clocks.sleep(60 - clocks.boot())
        clocks.set_wall(300)
        authority = certificates.Authority()
        self.SECTIONS = {'Tls': {'CaFile': authority.path}}
        client = self.upgradable(env=clocks.env, args=clocks.worker())
        busy = self.enterContext(servers.Scripted({'/busy': [Reply(503), Reply(503, headers={'Retry-After': '900'}), Reply(404), Reply(404)]}))
        client.set(Upgrade_Error_Retry_Delay='600', Upgrade_Rule=f'{busy.url}/busy')
        self.assertIn('503', self.wait_upgraded('failed')[3])
        clocks.sleep(61)
        self.assertIn('503', self.wait_upgraded('failed')[3])
        for _ in range(2):
            clocks.sleep(400)
            self.daemon.restart()
            self.assertEqual(self.run_resync()[0], 'unchanged')
            self.assertEqual((self.state(), len(busy.requests)), ('idle', 2))
        clocks.sleep(101)
        self.assertIn('404', self.wait_upgraded('failed')[3])
        clocks.sleep(601)
        self.assertIn('404', self.wait_upgraded('failed')[3])
        self.assertEqual(len(busy.requests), 4)
        # what nobody put there
        web = self.enterContext(servers.Nginx(root=self.web.root, tls=authority.issue('127.0.0.1')))
        self.image('2.0')
        os.remove(self.image_path())
        os.makedirs(os.path.join(self.image_path(), 'full'))
        client.set(Upgrade_Rule=f'{web.url}/2.0.raucb')
        self.assertIn(f'{self.image_path()}: Directory not empty', self.wait_upgraded('failed')[3])
        shutil.rmtree(self.image_path())
        os.mkfifo(self.image_path())
        self.upgrade()
        self.assertIn("the phone's clock is not set", self.wait_upgraded('failed')[3])
        self.assertTrue(stat.S_ISREG(os.stat(self.image_path()).st_mode))
        client.wait_signal('ResyncFinished')
        clocks.set_wall(86400 * 365 * 20)
        clocks.settle()
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual((self.state(), web.access()), ('idle', ''))
        clocks.set_wall(time.time())
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual(self.rauc.slot(1, 65536), self.rauc.content('2.0'))


if __name__ == '__main__':
    tap.main('box')
