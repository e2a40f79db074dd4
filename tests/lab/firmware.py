#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ./run --server firmware shows, on the laboratory's phone.

firmware.py phone     what lies below resyncd: two slots and a boot loader, the real RAUC, and a logind that restarts the phone: everything that runs is
                      stopped, and started again from the slot that is next. Puts an image to the provider's files, and goes on until it is killed.
firmware.py upgrade   sets Upgrade_Rule and tells in plain words what comes of it: 0 when the phone runs the new version, 1 when it does not.
"""

import datetime
import os
import signal
import subprocess
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from gi.repository import Gio, GLib  # noqa: E402
from lib import bus, logind, rauc, servers, wait  # noqa: E402

OLD, NEW = '1.0', '2.0'
RULE = f'($SWVER lt {NEW})? http://prov.phones.lab/{NEW}.raucb'
CONTROL = [os.path.join(os.path.dirname(os.path.abspath(__file__)), 'inside.sh'), 'control']
BOOT_ID = '/proc/sys/kernel/random/boot_id'
FIRMWARE = bus.NAME + '.Firmware'
# bytes; and a second, so that there is something to see
SIZE, RATE = 900_000, 400_000
PATIENCE = 90


class SystemBus:
    """The phone's, as the fixtures want one."""

    address = 'unix:path=/run/dbus/system_bus_socket'

    @staticmethod
    def connect():
        return Gio.bus_get_sync(Gio.BusType.SYSTEM, None)


class Rauc(rauc.Rauc):
    """It takes its time before and after it writes, so that there is something to see."""

    def __init__(self, own):
        super().__init__(own)
        for name in ('handler', 'after'):
            servers.write(self.folder, name, '#!/bin/sh\nsleep 0.8\n')


class Machine:
    """The phone below its software."""

    def __init__(self, lab):
        self.boot_id = os.path.join(lab, 'boot_id')
        self._new_boot(OLD)
        subprocess.run(['mount', '--bind', self.boot_id, BOOT_ID], check=True)
        own = SystemBus()
        self.rauc, self.logind = Rauc(own), logind.Logind(own)
        servers.write(lab, f'www/{NEW}.raucb', self.rauc.bundle(NEW, size=SIZE))
        servers.write(lab, 'firmware.ready', '')

    def _new_boot(self, version):
        servers.write('/', self.boot_id, f'{uuid.uuid4()}\n')
        servers.write('/etc/resyncd', 'resyncd.conf.d/firmware.conf', f'[Phone]\nSoftwareVersion={version}\n[Firmware]\nMaxRate={RATE}\n')

    def run(self):
        """Restarts the phone whenever logind is asked to."""
        restarts = 0
        while True:
            wait.until(lambda before=restarts: self.logind.reboots() > before, 'a restart', float('inf'))
            restarts += 1
            subprocess.run([*CONTROL, 'resyncd', 'stop'], check=True)
            for name in os.listdir('/run/resyncd'):
                os.remove(os.path.join('/run/resyncd', name))
            slot = self.rauc.boot('primary')
            new = self.rauc.slot('AB'.index(slot), SIZE) == self.rauc.content(NEW, SIZE)
            self._new_boot(NEW if new else OLD)
            self.rauc.restart(slot)
            subprocess.run([*CONTROL, 'resyncd', 'start'], check=True)


def tell(text):
    print(f'{datetime.datetime.now():%H:%M:%S} {text}', flush=True)


class Story:
    """Tells what the bus says, each thing once."""

    def __init__(self):
        self.client = bus.Client(SystemBus())
        self.said, self.restarts = None, False

    def say(self, text):
        if text != self.said:
            tell(text)
        self.said = text

    def look(self):
        """Takes in what has come; the result in the end, or None."""
        if self.restarts:
            self.greet()
        self.client.turn()
        heard, self.client.signals[:] = list(self.client.signals), []
        for name, values in heard:
            if name == 'PropertiesChanged' and values[0] == FIRMWARE:
                self.changed(values[1])
            elif name == 'RebootRequired':
                self.say('RebootRequired, and logind is asked to restart the phone')
                self.restarts = True
            elif name == 'Finished' and values[1] != 'cancelled':
                if values[1] == 'success' and self.restarts:
                    self.greet()
                self.say(f'{values[1]}: {values[3]}')
                if values[1] != 'installed':
                    return values[1]
        return None

    def changed(self, properties):
        percentage, message = properties.get('Progress', (0, '', 0))[:2]
        if message:
            self.say(f'{percentage:3d} % {message}')

    def greet(self):
        """Where the phone has come up again."""
        try:
            version = self.client.property('RunningVersion', FIRMWARE)
        except GLib.Error:
            # not yet
            return
        if version != OLD:
            self.say(f'the phone has started, with version {version}')
            self.restarts = False

    def upgrade(self):
        tell(f'the phone runs version {self.client.property("RunningVersion", FIRMWARE)}')
        tell(f'Upgrade_Rule: {RULE}')
        # a phone that starts waits for others that start as well; here it is alone
        self.client.set(Resync_Random_Delay='0', Upgrade_Rule=RULE)
        result = wait.until(self.look, 'the end of the upgrade', PATIENCE)
        return result == 'success' and self.client.property('RunningVersion', FIRMWARE) == NEW


def main(arguments):
    if arguments == ['phone']:
        Machine('/run/lab').run()
    if arguments == ['upgrade']:
        # Ctrl-C ends it, and ./run says what there is to say
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return 0 if Story().upgrade() else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
