#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks that fail under the daemon, and come back: whatever was to be stored is refused with Storage, nothing is lost, and it
goes on without a restart."""

import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, disks, servers, tap, wait  # noqa: E402

GLib = bus.GLib
Reply = servers.Reply


def profile(value):
    return f'<flat-profile><GPP_A>{value}</GPP_A><GPP_B>{"x" * 2000}</GPP_B></flat-profile>'


class Case(unittest.TestCase):
    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(*sys.exc_info()))
        return value

    def phone(self, disk):
        """A provisioned phone whose state is on the disk; self.reply: what its server gives."""
        self.reply = Reply(body=profile('old'))
        server = self.enterContext(servers.Scripted(lambda request: self.reply))
        self.disk = self.enterContext(disk)
        own = self.enterContext(bus.Bus())
        # without NetworkManager there is no network, and nothing is tried but what is forced
        self.daemon = self.enterContext(bus.Daemon(own, config={'Network': {'Manager': 'networkmanager'}}, user='resyncd',
                                                   state_dir=self.disk.folder))
        self.client = bus.Client(own)
        self.client.set(Profile_Rule=f'{server.url}/p.xml', Resync_Error_Retry_Delay='3600')
        self.assertEqual(self.resync()[0], 'success')
        self.kept = self.files()

    def resync(self):
        return self.client.wait_finished(self.client.resync(force=True))

    def files(self):
        """What is stored, as bytes."""
        found = {}
        for name in sorted(os.listdir(self.disk.folder)):
            if not name.startswith('filler'):
                with open(os.path.join(self.disk.folder, name), 'rb') as file:
                    found[name] = file.read()
        return found

    def values(self):
        return [self.client.get(name) for name in ('GPP_A', 'GPP_C', 'Resync_Error_Retry_Delay')]

    def assertRefused(self, words, call, *arguments, **more):  # noqa: N802 (as unittest's own)
        with self.assertRaises(bus.CallError) as caught:
            call(*arguments, **more)
        self.assertEqual(caught.exception.name, bus.ERROR + 'Storage')
        self.assertSaid(words, caught.exception.message)

    def assertSaid(self, words, message):  # noqa: N802
        """Which file, and what is the matter."""
        self.assertRegex(message, f'{self.disk.folder}/(parameters|state).conf: .*{words}')

    def refused(self, words):
        """Each kind of commit says what is wrong and has changed nothing."""
        client = self.client
        self.reply = Reply(body=profile('new'))
        result, _url, message, details = self.resync()
        self.assertEqual((result, details['error'], details['class']), ('failed', 'Storage', 'C'), message)
        self.assertSaid(words, message)
        client.wait_property('NextResync', lambda at: 3590 < at / 1e6 - time.time() < 3602)
        self.assertRefused(words, client.set, GPP_C='mine')
        self.assertRefused(words, client.call, 'SetProfileRule', GLib.Variant('(s)', ('http://a.test/x',)))
        self.assertRefused(words, client.parameters, 'Reset', '(as)', ['Resync_Error_Retry_Delay'])
        self.assertRefused(words, client.call, 'FactoryReset')
        # an attempt that brings nothing to store but that it failed
        self.reply = Reply(404)
        self.assertEqual(self.resync()[0], 'file-not-found')
        self.assertRegex(self.daemon.log(), f'the state could not be written: {self.disk.folder}/state.conf: .*{words}')
        self.assertEqual(self.values(), ['old', '', '3600'])
        self.assertEqual(client.property('CustomizationState'), 'Aborted')
        self.assertEqual(client.status()['provisioning-1'][1], 'file-not-found')

    def recovered(self):
        """Nothing was lost, all goes on without a restart, and is there after one."""
        pid = self.daemon.pid
        self.assertEqual(self.files(), self.kept)
        self.reply = Reply(body=profile('new'))
        self.assertEqual(self.resync()[0], 'success')
        self.client.set(GPP_C='mine')
        self.client.parameters('Reset', '(as)', ['Resync_Error_Retry_Delay'])
        self.assertEqual(self.daemon.pid, pid)
        known = self.values()
        self.assertEqual(known[:2], ['new', 'mine'])
        attempts = self.client.status()['provisioning-2'][1]
        self.daemon.cut()
        for name in os.listdir(self.daemon.runtime_dir):
            os.unlink(os.path.join(self.daemon.runtime_dir, name))
        self.daemon.start()
        self.assertEqual(self.values(), known)
        # the attempt that could only be remembered went along with the next
        self.assertEqual((attempts, self.client.status()['provisioning-2'][1]), ('file-not-found', 'file-not-found'))
        self.client.call('FactoryReset')
        self.client.wait_property('CustomizationState', lambda state: state == 'Open')
        self.assertEqual(self.values()[:2], ['', ''])


class Failing(Case):
    def test_full(self):
        """a full disk (STORE-2)"""
        self.phone(disks.Memory('resyncd', 'size=256k'))
        self.disk.fill()
        self.refused('No space left')
        self.disk.make_room()
        self.recovered()

    def test_no_inodes(self):
        """a disk that takes no more files (STORE-2)"""
        self.phone(disks.Memory('resyncd', 'size=1m,nr_inodes=16'))
        self.disk.fill_inodes()
        self.refused('No space left')
        self.disk.make_room()
        self.recovered()

    def test_read_only(self):
        """a disk that turned read-only; a daemon that is started meanwhile reads it all the same (STORE-2)"""
        self.phone(disks.Memory('resyncd', 'size=256k'))
        # the daemon holds no file open for writing, else this would be refused
        self.disk.set_read_only(True)
        self.refused('Read-only')
        self.daemon.restart()
        self.assertEqual(self.values(), ['old', '', '3600'])
        self.disk.set_read_only(False)
        # what the runtime folder held of the failed attempt is not lost with the restart
        self.recovered()

    def test_dead(self):
        """a disk that answers nothing but I/O errors, until it is mounted anew below the running daemon, which does not hold it
        (STORE-2)"""
        self.phone(disks.Ext4('resyncd'))
        self.disk.cut(disks.LOG_FLUSH)
        self.refused('Input/output error')
        self.disk.come_back()
        self.recovered()
        # the daemon that goes on is still the only one
        other = subprocess.run(self.daemon.command,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30,
                               env={'PATH': '/usr/bin:/bin'}, check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn('another resyncd uses', other.stdout)


    def test_another(self):
        """a daemon on another bus that took the folder of a disk that had failed: the first writes no more until it is gone (STORE-2)"""
        self.phone(disks.Memory('resyncd', 'size=256k'))
        self.disk.fill()
        self.assertRefused('No space left', self.client.set, GPP_C='mine')
        self.disk.make_room()
        config = {'Network': {'Manager': 'networkmanager'}}
        with bus.Bus() as second, bus.Daemon(second, config=config, user='resyncd', state_dir=self.disk.folder):
            bus.Client(second).set(GPP_C='theirs')
            kept = self.files()
            self.assertRefused('another resyncd uses', self.client.set, GPP_C='mine')
            self.reply = Reply(body=profile('new'))
            result, _url, message, details = self.resync()
            self.assertEqual((result, details['error']), ('failed', 'Storage'), message)
            self.assertEqual(self.files(), kept)
        self.client.set(GPP_C='mine')
        self.assertEqual(self.resync()[0], 'success')


class Start(Case):
    def ends(self, *words):
        """A daemon that is started ends with these words."""
        self.daemon.start(wait_name=False)
        wait.until(lambda: self.daemon.process.poll() is not None, 'the end of the daemon')
        code, self.daemon.process = self.daemon.process.returncode, None
        self.assertEqual(code, 1)
        for word in words:
            self.assertIn(word, self.daemon.log())
        # CRITICAL is how a daemon that cannot start says so
        self.daemon._checked = len(self.daemon.log())

    def test_dead(self):
        """on a disk that cannot be read the daemon ends with a message (STORE-5)"""
        self.phone(disks.Ext4('resyncd'))
        self.disk.cut(disks.LOG_FLUSH)
        self.daemon.cut()
        self.ends('cannot start', self.disk.folder, 'Input/output error')
        self.disk.come_back()
        self.daemon.start()
        self.assertEqual(self.values(), ['old', '', '3600'])

    def test_one_file(self):
        """so it does where one of its files cannot be read; nothing is set aside for that (STORE-5)"""
        self.phone(disks.Memory('resyncd', 'size=256k'))
        self.daemon.cut()
        for name in ('parameters.conf', 'state.conf'):
            with self.subTest(name):
                path = os.path.join(self.disk.folder, name)
                # page 0 of no process is there to be read, and nobody but root may try
                subprocess.run(['mount', '--bind', f'/proc/{os.getpid()}/mem', path], check=True)
                self.ends('cannot start', path)
                subprocess.run(['umount', path], check=True)
                self.assertEqual(self.files(), self.kept)
        self.daemon.start()
        self.assertEqual(self.values(), ['old', '', '3600'])


if __name__ == '__main__':
    tap.main('box')
