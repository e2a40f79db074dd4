#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The installer of RAUC with the real RAUC: what it installs and what it refuses, in whose words, and what happens where it is not there or dies."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, rauc, servers, tap, tree, wait  # noqa: E402

PROGRAM = os.path.join(tree.BUILD, 'tests', 'firmware', 'try-installer')


# A RAUC that answers Info and InstallBundle too late; then it is asked what it does: argv[2] answers, of which the first is late as well. "installing" ends well.
_LATE = '''
import sys, time
from gi.repository import Gio, GLib
NAME = 'de.pengutronix.rauc'
connection = Gio.DBusConnection.new_for_address_sync(sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
    | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
LATE = 'org.gtk.GDBus.UnmappedGError.Quark._g_2dio_2derror_2dquark.Code24'
asked = []

def answer(connection, message, incoming):
    if not incoming or message.get_message_type() != Gio.DBusMessageType.METHOD_CALL or message.get_member() not in (
            'InstallBundle', 'GetAll', 'Get', 'Info'):
        return message
    if message.get_member() == 'Get':
        reply = message.new_method_reply()
        reply.set_body(GLib.Variant('(v)', (GLib.Variant('s', 'idle'),)))
        connection.send_message(reply, Gio.DBusSendMessageFlags.NONE)
        return None
    reply = message.new_method_error_literal(LATE, 'Timeout was reached')
    if message.get_member() == 'Info':
        connection.send_message(reply, Gio.DBusSendMessageFlags.NONE)
        return None
    asked.append(message.get_member())
    if len(asked) > 2:
        reply = message.new_method_reply()
        reply.set_body(GLib.Variant('(a{sv})', ({'Operation': GLib.Variant('s', sys.argv[2]), 'LastError': GLib.Variant('s', 'an old one')},)))
    connection.send_message(reply, Gio.DBusSendMessageFlags.NONE)
    if len(asked) > 2 and sys.argv[2] == 'installing':
        connection.emit_signal(None, '/', NAME + '.Installer', 'Completed', GLib.Variant('(i)', (0,)))
    return None

connection.add_filter(answer)
# the bus may not have noticed yet that the one before is gone
while connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName', GLib.Variant('(su)', (NAME, 4)), None, 0,
                           -1, None).unpack() != (1,):
    time.sleep(0.01)
print('ready', flush=True)
GLib.MainLoop().run()
'''


class Case(unittest.TestCase):
    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(None, None, None))
        return value

    def setUp(self):
        self.bus = self.enterContext(bus.Bus())
        self.rauc = self.enterContext(rauc.Rauc(self.bus))

    def begin(self, call, argument=''):
        return subprocess.Popen([PROGRAM, self.bus.address, 'rauc', '', call, argument], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, text=True)

    def end(self, process):
        """What it printed: ([(percentage, depth, message)], result, rest of the last line)."""
        lines = process.communicate(timeout=60)[0].splitlines()
        self.assertEqual(process.returncode, 0 if lines[-1].startswith('ok') else 1, lines)
        progress = [line.split(' ', 3)[1:] for line in lines[:-1]]
        result, _, text = lines[-1].partition(' ')
        return [(int(one[0]), int(one[1]), one[2]) for one in progress], result, text

    def call(self, call, argument=''):
        return self.end(self.begin(call, argument))

    def image(self, content, name='image'):
        return servers.write(self.rauc.folder, name, content)


class Installs(Case):
    def test_whole(self):
        """a good image is verified, written with progress, and next; after the restart it is marked good (UPG-4, UPG-6)"""
        image = self.image(self.rauc.bundle('2.0'))
        _, result, before = self.call('look')
        self.assertEqual((result, before.split('|')), ('ok', ['rootfs.0', 'rootfs.1', '', '']))
        self.assertEqual(self.call('verify', image)[1:], ('ok', '2.0'))
        progress, result, text = self.call('install', image)
        self.assertEqual((result, text), ('ok', ''))
        percentages = [one[0] for one in progress]
        self.assertEqual((percentages, percentages[-1]), (sorted(percentages), 100))
        self.assertIn('Installing done.', [one[2] for one in progress])
        content = self.rauc.content('2.0')
        self.assertEqual(self.rauc.slot(1, len(content)), content)
        self.assertEqual(self.rauc.boot('primary'), 'B')
        booted, other, mark, installing = self.call('look')[2].split('|')
        self.assertEqual((booted, other, installing), ('rootfs.0', 'rootfs.1', ''))
        # the same image again is another install
        self.assertEqual(self.call('install', image)[1], 'ok')
        self.assertNotIn(self.call('look')[2].split('|')[2], ('', mark))
        self.rauc.restart('B')
        self.assertEqual(self.call('look')[2].split('|')[:2], ['rootfs.1', 'rootfs.0'])
        servers.write(self.rauc.folder, 'boot/state.B', 'bad\n')
        self.assertEqual(self.call('mark-good')[1], 'ok')
        self.assertEqual(self.rauc.boot('state.B'), 'good')
        self.assertEqual(self.call('activate', 'rootfs.0')[1], 'ok')
        self.assertEqual(self.rauc.boot('primary'), 'A')
        # what was cut while it was written is nothing that could be told again
        with open(os.path.join(self.rauc.folder, 'central.status'), encoding='utf-8') as file:
            status = file.read()
        self.rauc.kill()
        servers.write(self.rauc.folder, 'central.status', status.replace('status=ok', 'status=pending'))
        self.rauc.start('A')
        self.assertEqual(self.call('look')[2].split('|'), ['rootfs.0', 'rootfs.1', '', ''])
        # nobody knows which of several RAUC takes
        self.rauc.kill()
        path = os.path.join(self.rauc.folder, 'system.conf')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        servers.write(self.rauc.folder, 'system.conf', text.replace('[slot.recovery.0]', '[slot.rootfs.2]'))
        self.rauc.start('B')
        self.assertEqual(self.call('look')[2].split('|'), ['rootfs.1', '', '', ''])

    def test_refused(self):
        """what is signed by somebody else, changed, cut, for another phone or not there is refused in words, and nothing is written (UPG-4)"""
        good = self.rauc.bundle('2.0')
        flipped = bytearray(good)
        flipped[len(good) // 3] ^= 1
        images = {
            'stranger': (self.rauc.bundle('2.0', signer='stranger'), 'signature verification failed'),
            'flipped': (bytes(flipped), 'signature verification failed'),
            'truncated': (good[:-100], 'Invalid bundle format'),
            'nothing': (b'', 'Invalid bundle format'),
        }
        for name, (content, words) in images.items():
            with self.subTest(name):
                path = self.image(content, name)
                self.assertEqual(self.call('verify', path)[1:], ('ok', ''))
                progress, result, text = self.call('install', path)
                self.assertEqual(result, 'error')
                self.assertRegex(text, f'^Failed RAUC did not install the image: .*({words})')
                # its progress says 100 all the same
                self.assertEqual(progress[-1][0], 100)
        other = self.image(self.rauc.bundle('2.0', compatible='phone-y'), 'other')
        self.assertRegex(self.call('install', other)[2], 'Compatible mismatch')
        self.assertRegex(self.call('install', '/nonexistent')[2], 'No such file')
        self.assertEqual((self.rauc.slot(1, 65536), self.rauc.boot('primary')), (bytes(65536), 'A'))

    def test_not_there(self):
        """RAUC that is not on the bus is an error that says so, of each call (UPG-4)"""
        self.rauc.kill()
        for call in ('look', 'verify', 'install', 'attach', 'activate', 'mark-good'):
            with self.subTest(call):
                result, text = self.call(call, '/x')[1:]
                self.assertEqual(result, 'error')
                self.assertRegex(text, '^Unreachable RAUC is not on the bus, or left it: ')

    def test_dies(self):
        """RAUC that dies while it installs is an error at once; what runs is untouched, and it installs again afterwards (UPG-4)"""
        image = self.image(self.rauc.bundle('2.0'))
        self.rauc.hold()
        running = self.begin('install', image)
        self.rauc.wait_held()
        self.rauc.kill()
        self.assertEqual(self.end(running)[1:], ('error', 'Unreachable RAUC ended while it installed the image'))
        self.rauc.start()
        self.assertEqual((self.rauc.slot(1, 65536), self.rauc.boot('primary')), (bytes(65536), 'A'))
        self.assertEqual(self.call('install', image)[1], 'ok')

    def test_late(self):
        """RAUC that answers too late has said nothing of the image: it is asked until it says what it does, and what it does counts (UPG-4)"""
        self.rauc.kill()
        for operation, end in (('installing', ('ok', '')),
                               ('idle', ('error', 'Unreachable RAUC did not answer in time when it was asked to install the image'))):
            with self.subTest(operation):
                late = subprocess.Popen([*wait.TOGETHER, sys.executable, '-c', _LATE, self.bus.address, operation], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
                self.addCleanup(late.stdout.close)
                try:
                    self.assertEqual(late.stdout.readline(), 'ready\n')
                    self.assertEqual(self.call('install', '/x')[1:], end)
                    self.assertEqual(self.call('verify', '/x')[1:], ('error', 'Unreachable RAUC is not on the bus, or left it: Timeout was reached'))
                finally:
                    late.kill()
                    late.wait()

    def test_attach(self):
        """an install that somebody else began is waited for, as is one that has ended meanwhile; there is one at a time (UPG-4)"""
        image = self.image(self.rauc.bundle('2.0'))
        self.rauc.hold()
        first = self.begin('install', image)
        wait.until(lambda: self.call('look')[2].endswith('|installing'), 'the install')
        second = self.begin('attach')
        self.assertTrue(self.call('look')[2].endswith('|installing'))
        self.assertIsNone(second.poll())
        self.assertEqual(self.call('verify', image)[2], 'Busy RAUC installs something else right now')
        # from here on RAUC says that it is idle, and is not
        self.assertRegex(self.call('install', image)[2], '^Busy RAUC did not begin')
        self.rauc.release()
        self.assertEqual((self.end(first)[1], self.end(second)[1], self.call('attach')[1]), ('ok', 'ok', 'ok'))
        self.assertEqual(self.call('install', self.image(b'bad', 'bad'))[1], 'error')
        self.assertRegex(self.call('attach')[2], '^Failed RAUC did not install the image: Invalid bundle format')


if __name__ == '__main__':
    tap.main('box')
