#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the laboratory leaves on the machine: nothing. Runs outside of it."""

import os
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import tap, tree, wait  # noqa: E402

SCRIPT = tree.source('tests', 'lab', 'lab.sh')
WATCHED = ['/etc/resolv.conf', '/etc/hosts', '/etc/passwd', '/etc/group', '/etc/hostname', '/var/lib/NetworkManager',
           '/var/lib/dhcp', '/run/netns', '/run/NetworkManager', '/run/lab', '/etc/NetworkManager', '/etc/resyncd',
           '/usr/lib/lab-installed', '/usr/sbin/nginx', '/usr/sbin/dnsmasq', '/usr/sbin/NetworkManager']


def stamp(path):
    try:
        now = os.stat(path)
        return (now.st_ino, now.st_mtime_ns, now.st_size)
    except FileNotFoundError:
        return None


def machine():
    """What must be the same before and after."""
    with open('/proc/net/route', encoding='ascii') as file:
        route = file.read()
    with open('/proc/self/mountinfo', encoding='utf-8') as file:
        mounts = file.read()
    with open('/proc/sys/net/ipv4/ip_forward', encoding='ascii') as file:
        forward = file.read()
    return {'files': {path: stamp(path) for path in WATCHED}, 'devices': sorted(os.listdir('/sys/class/net')),
            'route': route, 'mounts': mounts, 'host name': socket.gethostname(), 'forwarding': forward}


def holders(text):
    """Processes whose environment holds TEXT."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/environ', 'rb') as file:
                if int(pid) != os.getpid() and text.encode() in file.read():
                    found.append(pid)
        except OSError:
            # it ended meanwhile
            continue
    return found


class Traces(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='resyncd-lab-')
        self.addCleanup(self.folder.cleanup)
        self.run_folder = os.path.join(self.folder.name, 'run')
        self.env = {**os.environ, 'LAB_RUN': self.run_folder, 'LAB_BUILD': ''}
        self.before = machine()

    def lab(self, *command, check=True):
        return subprocess.run([SCRIPT, *command], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              check=check)

    def nothing_left(self):
        wait.until(lambda: not holders(self.run_folder), 'the processes of the laboratory to go')
        self.assertEqual(machine(), self.before)

    def test_up_and_down(self):
        """up, a command on each side, down: nothing is left"""
        self.lab('up')
        try:
            self.assertIn('phone_066', self.lab('phone', 'nmcli', '-f', 'DHCP4', 'device', 'show', 'eth0').stdout)
            self.assertIn('10.77.0.1', self.lab('server', 'ip', 'address').stdout)
            self.assertNotEqual(self.lab('up', check=False).returncode, 0, 'two at once')
        finally:
            self.lab('down')
        self.nothing_left()
        self.lab('down')

    def test_one_command(self):
        """run gives its command's exit status and leaves nothing"""
        self.assertEqual(self.lab('run', 'sh', '-c', 'exit 7', check=False).returncode, 7)
        self.nothing_left()

    def test_box(self):
        """a box has loopback and its own folders only, and what it writes is gone"""
        name = f'trace-of-{os.getpid()}'
        paths = [f'{folder}/{name}' for folder in ('/etc', '/usr', '/var', '/tmp')]
        shown = self.lab('box', 'sh', '-ec', f'ls /sys/class/net; ls -A /tmp /dev/shm; touch {" ".join(paths)}; id lab-lcd')
        self.assertTrue(shown.stdout.startswith('lo\n'), shown.stdout)
        for path in paths:
            self.assertFalse(os.path.exists(path), path)
        self.nothing_left()

    def test_killed(self):
        """when the process that holds a laboratory is killed, all of it goes"""
        holder = subprocess.Popen(['sh', '-c', f'"{SCRIPT}" hold & wait'], env=self.env, stdin=subprocess.DEVNULL)
        try:
            wait.until(lambda: os.path.exists(os.path.join(self.run_folder, 'pid')), 'its pid')
            self.lab('wait')
        finally:
            holder.kill()
            holder.wait()
        self.nothing_left()


if __name__ == '__main__':
    tap.main(None)
