#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncd-inform as a real systemd starts it, and a phone on which all is started so: NetworkManager with its own DHCP client, resyncd, and the socket."""

import json
import os
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, dhcp, inform, servers, systemd, tap, tree, wait  # noqa: E402

CONFIG = '''[Phone]
Model=LAB
[Network]
Interface=eth0
'''
DNSMASQ = '''port=0
interface=srv0
bind-interfaces
dhcp-authoritative
no-ping
log-facility=-
leasefile-ro
dhcp-range=10.77.0.100,10.77.0.150,255.255.255.0,2m
dhcp-option=66,"http://10.77.0.1:8088/phone.xml"
'''
NETWORKMANAGER = '''[main]
plugins=keyfile
dhcp=internal
dns=none
auth-polkit=false
[keyfile]
unmanaged-devices=*,except:interface-name:eth0
'''
PROFILE = '<flat-profile><GPP_A>from-the-server</GPP_A></flat-profile>'


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        servers.write('/etc/resyncd', 'resyncd.conf', CONFIG)
        subprocess.run(['rm', '-rf', '/etc/NetworkManager', '/usr/lib/NetworkManager/conf.d', '/var/lib/NetworkManager'], check=True)
        servers.write('/etc/NetworkManager', 'NetworkManager.conf', NETWORKMANAGER)
        servers.write('/etc', 'dnsmasq-lab.conf', DNSMASQ)
        if tree.is_sanitized():
            # as for resyncd.service (tests/lib/systemd.py); such a build needs memory of its own kind
            servers.write('/usr/lib/systemd/system/resyncd-inform@.service.d', 'sanitizer.conf',
                          '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\nMemoryMax=infinity\n')
        cls.machine = systemd.Booted()
        cls.addClassCleanup(cls.machine.close)
        cls.shell = cls.machine.shell
        cls.shell('systemctl', 'start', 'resyncd-inform.socket')
        cls.path = cls.machine.root + inform.SOCKET

    def cable(self, *commands):
        """eth0, and srv0 at its other end, where the commands are run."""
        self.shell('ip', 'link', 'add', 'eth0', 'address', dhcp.PHONE.hex(':'), 'type', 'veth', 'peer', 'name', 'srv0', 'address', dhcp.MAC.hex(':'))
        self.addCleanup(self.shell, 'ip', 'link', 'del', 'eth0')
        for command in commands:
            self.shell(*command.split())

    def question(self, answered=False):
        """A question on its way: the connection, with a server that hears it, and answers or not."""
        self.cable('ip link set eth0 up', 'ip link set srv0 up', 'ip address add 10.77.0.145/24 dev eth0',
                   f'ip neighbour add 10.77.0.1 lladdr {dhcp.MAC.hex(":")} dev eth0')
        server = self.machine.inside(dhcp.Liar, 'srv0', lambda request: [
            dhcp.frame(request, dhcp.ack(request, dhcp.option(66, b'good')))] if answered else None)
        self.addCleanup(server.close)
        # the next test begins without
        self.addCleanup(wait.until, lambda: not self.instances(), 'the end of it')
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.settimeout(30)
        connection.connect(self.path)
        connection.sendall(inform.question('10.77.0.145'))
        connection.shutdown(socket.SHUT_WR)
        wait.until(lambda: server.requests, 'the question')
        return connection

    def instances(self):
        return self.shell('systemctl', 'list-units', '--plain', '--no-legend', 'resyncd-inform@*').split()[:1]

    def test_started(self):
        """a process a question, for nobody but resyncd, that ends with its answer"""
        self.assertEqual(self.shell('stat', '-c', '%a %U', inform.SOCKET).strip(), '600 resyncd')
        self.assertEqual(self.instances(), [])
        connection = self.question(answered=True)
        self.assertEqual(inform.read_answer(inform.read_all(connection)), (inform.GIVEN, '', [(66, b'good')]))
        wait.until(lambda: not self.instances(), 'the end of it')

    def test_sandbox(self):
        """a user of its own, one capability at most and that given up; no bus, no parameters, no writable system"""
        self.question()
        unit, = self.instances()
        pid = self.shell('systemctl', 'show', '--value', '-p', 'MainPID', unit).strip()
        fields = dict(line.split(':\t', 1) for line in self.shell('cat', f'/proc/{pid}/status').splitlines() if ':\t' in line)
        self.assertEqual({fields[key] for key in ('CapEff', 'CapPrm', 'CapInh', 'CapAmb')}, {'0' * 16})
        # CAP_NET_RAW
        self.assertEqual((int(fields['CapBnd'], 16), fields['NoNewPrivs'], fields['Seccomp']), (1 << 13, '1', '2'))
        accounts = {self.shell('id', '-u', name).strip() for name in ('root', 'resyncd', 'nobody')}
        self.assertNotIn(fields['Uid'].split()[0], accounts)
        mounts = {line.split()[4]: line.split()[5].split(',') for line in self.shell('cat', f'/proc/{pid}/mountinfo').splitlines()}
        self.assertIn('ro', mounts['/'])
        for path in ('/run/dbus', '/etc/resyncd'):
            self.assertEqual(self.shell('stat', '-c', '%a', f'/proc/{pid}/root{path}').strip(), '0', path)

    def test_hangs_up(self):
        """who asked and hung up leaves nothing behind"""
        self.question().close()
        wait.until(lambda: not self.instances(), 'the end of it')

    def test_exposure(self):
        """systemd-analyze finds no fault, and an exposure of at most 1.5"""
        service, listener = tree.installed('resyncd-inform@.service'), tree.installed('resyncd-inform.socket')
        subprocess.run(['systemd-analyze', 'verify', '--man=no', listener, service], check=True, stdout=sys.stderr)
        subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=17', service], check=True, stdout=subprocess.DEVNULL)

    def test_zz_phone(self):
        """a phone without dhclient finds its profile, by the units alone (DISC-1, DISC-3)"""
        self.shell('ip', 'netns', 'add', 'server')
        self.addCleanup(self.shell, 'ip', 'netns', 'del', 'server')
        self.cable('ip link set srv0 netns server', 'ip -n server address add 10.77.0.1/24 dev srv0', 'ip -n server link set srv0 up')
        self.shell('systemd-run', '--unit=dnsmasq-lab', 'ip', 'netns', 'exec', 'server', 'dnsmasq', '--keep-in-foreground', '-C', '/etc/dnsmasq-lab.conf')
        self.addCleanup(self.shell, 'systemctl', 'stop', 'dnsmasq-lab')
        servers.write('/var/www', 'phone.xml', PROFILE)
        self.shell('systemd-run', '--unit=files-lab', 'ip', 'netns', 'exec', 'server', '/usr/bin/python3', '-m', 'http.server', '--directory', '/var/www', '8088')
        self.addCleanup(self.shell, 'systemctl', 'stop', 'files-lab')
        wait.until(lambda: f':{8088:04X} ' in self.shell('ip', 'netns', 'exec', 'server', 'cat', '/proc/net/tcp', '/proc/net/tcp6'), 'the server of the files')
        self.shell('systemctl', 'start', 'NetworkManager.service', 'resyncd.service')
        self.addCleanup(self.shell, 'systemctl', 'stop', 'NetworkManager.service', 'resyncd.service')
        detach = tap.attach('journal', lambda: self.shell('journalctl', '--no-pager', '-n', '60'))
        self.addCleanup(detach, late=True)
        wait.until(lambda: self.machine.property('CustomizationState') == 'Aborted', 'the profile', 60, 0.2)
        value = json.loads(self.shell('busctl', '--json=short', 'call', bus.NAME, bus.PATH, bus.NAME + '.Parameters', 'Get', 'as', '1', 'GPP_A'))
        self.assertEqual(value['data'], [{'GPP_A': 'from-the-server'}])
        lease = self.shell('nmcli', '-f', 'DHCP4', 'device', 'show', 'eth0')
        self.assertNotIn('phone_', lease)
        self.assertIn('dhcp_server_identifier = 10.77.0.1', lease)


if __name__ == '__main__':
    tap.main('box')
