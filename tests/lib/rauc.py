# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real RAUC on a bus of ours: two slots as files, a recovery system beside them, a key, and signed bundles. Only in the box, for it mounts what it installs.

    with bus.Bus() as b, rauc.Rauc(b) as r:
        image = r.bundle('2.0')
        ...
        r.restart('B')          # the phone comes up from the other slot
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile

from gi.repository import Gio, GLib

from . import certificates, servers, tap, wait

NAME = 'de.pengutronix.rauc'
SLOT_SIZE = 1 << 20

_SYSTEM = '''[system]
compatible=phone-x
bootloader=custom
bundle-formats=plain
mountprefix={folder}/mnt
statusfile={folder}/central.status

[keyring]
path={folder}/ca.pem

[handlers]
bootloader-custom-backend={folder}/bootloader
{more}
[slot.recovery.0]
device={folder}/recovery.img
type=raw
bootname=R

[slot.rootfs.0]
device={folder}/slot0.img
type=raw
bootname=A

[slot.rootfs.1]
device={folder}/slot1.img
type=raw
bootname=B

[slot.apps.0]
device={folder}/apps0.img
type=raw
parent=rootfs.0

[slot.apps.1]
device={folder}/apps1.img
type=raw
parent=rootfs.1
'''
# what was put there when the phone was made
_STATUS = '''[slot.recovery.0]
bundle.version=0.9
status=ok
sha256=%s
size=4096
installed.timestamp=2026-01-01T00:00:00Z
installed.count=1
''' % (64 * 'a')
# what a boot loader keeps, as files
_BOOTLOADER = '''#!/bin/sh
cd {folder}/boot || exit 1
case $1 in
get-primary) cat primary ;;
set-primary)
    while [ -e {folder}/hold-primary ]; do echo >{folder}/hold-primary.reached; sleep 0.02; done
    echo "$2" >primary; echo good >"state.$2" ;;
get-state) cat "state.$2" ;;
set-state) echo "$3" >"state.$2" ;;
get-current) cat current ;;
esac
'''
# held up in the middle of an install for as long as there is a file: before anything is written, between two images, when all is done
_HANDLER = '''#!/bin/sh
while [ -e {folder}/{file} ]; do echo >{folder}/{file}.reached; sleep 0.02; done
'''
_HOLDS = {'handler': 'hold', 'between': 'hold-between', 'after': 'hold-after'}


class Rauc:
    """booted: the slot that the phone runs from."""

    def __init__(self, bus, booted='A'):
        self.folder = tempfile.mkdtemp(prefix='rauc-')
        self.bus = bus
        self._log = os.path.join(self.folder, 'log')
        self._last_words = None
        os.makedirs(os.path.join(self.folder, 'boot'))
        for name, text in (('primary', booted), ('state.A', 'good'), ('state.B', 'good'), ('state.R', 'good')):
            servers.write(self.folder, 'boot/' + name, text + '\n')
        for name, text in (('bootloader', _BOOTLOADER), *((name, _HANDLER) for name in _HOLDS)):
            os.chmod(servers.write(self.folder, name, text.format(folder=self.folder, file=_HOLDS.get(name))), 0o755)
        servers.write(self.folder, 'central.status', _STATUS)
        for name in ('slot0', 'slot1', 'apps0', 'apps1', 'recovery'):
            with open(os.path.join(self.folder, name + '.img'), 'wb') as file:
                file.truncate(SLOT_SIZE)
        self._signers = {}
        for name in ('release', 'stranger'):
            authority = certificates.Authority(name)
            self._signers[name] = authority.issue(subject='/CN=signer', extensions='basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n')
            if name == 'release':
                shutil.copy(authority.path, os.path.join(self.folder, 'ca.pem'))
        servers.write(self.folder, 'system.conf', _SYSTEM.format(
            folder=self.folder, more=f'pre-install={self.folder}/handler\npost-install={self.folder}/after\n'))
        self.booted = booted
        self.process = None
        self._detach = tap.attach('rauc', self._read_log)
        self.start(booted)

    def _read_log(self):
        if self._last_words is not None:
            return self._last_words
        with open(self._log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def _owned(self):
        reply = self._bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                                    GLib.Variant('(s)', (NAME,)), None, Gio.DBusCallFlags.NONE, -1, None)
        return reply.unpack()[0]

    def start(self, booted=None):
        self.booted = booted or self.booted
        servers.write(self.folder, 'boot/current', self.booted + '\n')
        self._bus = self.bus.connect()
        with open(self._log, 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                [*wait.TOGETHER, 'rauc', f'--conf={self.folder}/system.conf', f'--override-boot-slot={self.booted}', 'service'],
                env={'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        wait.until(lambda: self._owned() or self.process.poll() is not None, 'RAUC')
        assert self.process.poll() is None, self._read_log()

    def kill(self):
        """As if the power went: what it was doing ends, with the programs that did it, and what it had mounted is gone."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            wait.until(lambda: not self._owned(), 'RAUC to be gone')
            self.process = None
        self.release()
        for where in ('mnt/bundle', 'mnt/rootfs.0', 'mnt/rootfs.1'):
            subprocess.run(['umount', '-l', os.path.join(self.folder, where)], stderr=subprocess.DEVNULL, check=False)

    def restart(self, booted=None):
        self.kill()
        self.start(booted)

    def _ask(self, interface, method, arguments=None):
        return self._bus.call_sync(NAME, '/', interface, method, arguments, None, Gio.DBusCallFlags.NONE, -1, None).unpack()[0]

    def installing(self):
        """From the call on: RAUC may not have opened the image yet, as it has where wait_held() comes back."""
        return self._ask('org.freedesktop.DBus.Properties', 'Get', GLib.Variant('(ss)', (NAME + '.Installer', 'Operation'))) == 'installing'

    def installs(self, slot='rootfs.1'):
        """How often the slot was written."""
        return dict(self._ask(NAME + '.Installer', 'GetSlotStatus'))[slot].get('installed.count', 0)

    def activations(self, slot='rootfs.1'):
        """How often the slot became the next one."""
        return dict(self._ask(NAME + '.Installer', 'GetSlotStatus'))[slot].get('activated.count', 0)

    def install(self, content):
        """Somebody else begins to install."""
        path = os.path.join(self.folder, 'other.raucb')
        with open(path, 'wb') as file:
            file.write(content)
        self._bus.call_sync(NAME, '/', NAME + '.Installer', 'InstallBundle', GLib.Variant('(sa{sv})', (path, {})), None, Gio.DBusCallFlags.NONE, -1, None)

    def hold(self, where='hold'):
        """Installs stop before they write; "hold-between": before the second image, "hold-primary": before a slot becomes the next one, "hold-after": when
        all is written."""
        reached = os.path.join(self.folder, where + '.reached')
        if os.path.exists(reached):
            os.remove(reached)
        servers.write(self.folder, where, '')

    def wait_held(self, where='hold'):
        wait.until(lambda: os.path.exists(os.path.join(self.folder, where + '.reached')), 'the install to be held')

    def release(self):
        for name in (*_HOLDS.values(), 'hold-primary'):
            if os.path.exists(os.path.join(self.folder, name)):
                os.remove(os.path.join(self.folder, name))

    def pause(self):
        """It answers nobody until resume()."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def boot(self, key):
        """What the boot loader has: "primary", "state.A" …"""
        with open(os.path.join(self.folder, 'boot', key), encoding='ascii') as file:
            return file.read().strip()

    def slot(self, number, length, kind='slot'):
        """The first bytes of a slot; kind "apps": of the one beside it."""
        with open(os.path.join(self.folder, f'{kind}{number}.img'), 'rb') as file:
            return file.read(length)

    @staticmethod
    def content(version, size=65536):
        """What the bundle of this version puts into a slot; it cannot be packed, so that a bundle is as large."""
        return hashlib.shake_256(version.encode()).digest(size)

    def bundle(self, version, compatible='phone-x', signer='release', size=65536, apps=False):
        """A signed bundle; its bytes. apps: with a second image, the same."""
        source = tempfile.mkdtemp(dir=self.folder)
        with open(os.path.join(source, 'rootfs.img'), 'wb') as file:
            file.write(self.content(version, size))
        servers.write(source, 'manifest.raucm',
                      f'[update]\ncompatible={compatible}\nversion={version}\n\n[image.rootfs]\nfilename=rootfs.img\n')
        if apps:
            shutil.copy(os.path.join(source, 'rootfs.img'), os.path.join(source, 'apps.img'))
            shutil.copy(os.path.join(self.folder, 'between'), os.path.join(source, 'between'))
            with open(os.path.join(source, 'manifest.raucm'), 'a', encoding='ascii') as file:
                file.write('\n[image.apps]\nfilename=apps.img\nhooks=pre-install\n\n[hooks]\nfilename=between\n')
        path = source + '.raucb'
        key = self._signers[signer]
        done = subprocess.run(['rauc', f'--cert={key.chain}', f'--key={key.key}', 'bundle', source, path],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
        with open(path, 'rb') as file:
            content = file.read()
        shutil.rmtree(source)
        os.remove(path)
        return content

    def close(self):
        self.kill()
        self._last_words = self._read_log()
        self._detach(late=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
