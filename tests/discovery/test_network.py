#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lease as resyncd hears of it, from a real NetworkManager with real DHCP: network-watch runs as nobody, without
capabilities, and prints a line a change."""

import os
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import dhcpd, inform, lab, tap, wait  # noqa: E402
from lib.watch import NOBODY, Watch, bytes_of  # noqa: E402

# the phone renews after 3 s (dnsmasq sends no less)
RENEWING = 'dhcp-option-force=58,3s'
PLAIN = ['dhcp-option=6,10.77.0.1', 'dhcp-option=66,"http://prov.phones.lab/cfg"', 'dhcp-option=150,10.77.0.1,10.77.0.2']


def renewals(n):
    """Waits until NetworkManager has renewed the lease n times."""
    for _ in range(n):
        before = lab.wait_lease(lambda now: 'expiry' in now)['expiry']
        lab.wait_lease(lambda now: now.get('expiry', before) != before)


def nmcli(*arguments):
    done = subprocess.run(['nmcli', '--wait', '20', *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'nmcli {arguments}: {done.stdout}')


def modify(*settings):
    """Other settings of the connection, for the next activation."""
    nmcli('connection', 'modify', 'phone', *settings)


class Lease(unittest.TestCase):
    def take(self, *lines):
        """A phone that took its lease with these options."""
        lab.options(*lines)
        lab.renew()

    def test_bytes(self):
        """Every option arrives byte by byte, whatever it holds, for nobody without capabilities, and resyncd-inform is not asked (DISC-3, DISC-5)"""
        nobody_else = socket.socket(socket.AF_UNIX)
        self.addCleanup(nobody_else.close)
        nobody_else.bind(inform.SOCKET)
        self.addCleanup(os.unlink, inform.SOCKET)
        os.chmod(inform.SOCKET, 0o666)
        nobody_else.listen()
        nobody_else.setblocking(False)
        lab.options('dhcp-option=6,10.77.0.1', 'dhcp-option=43,01:04:de:ad:be:ef:02:05:68:65:6c:6c:6f',
                    'dhcp-option=60,"https://prov.phones.lab/$MA.xml"',
                    'dhcp-option=66,"http://prov.phones.lab/$MAC/`id`.xml"', 'dhcp-option=67,"boot.cfg"',
                    'dhcp-option=120,10.77.0.11', 'dhcp-option=vi-encap:3561,11,"http://acs.lab/"',
                    'dhcp-option=150,10.77.0.1,192.0.2.5', 'dhcp-option=159,"https://prov.phones.lab/\u00e9/$(MA:0:6)"',
                    'dhcp-option=160,"61:62:63"')
        lab.renew()
        with Watch() as watch:
            line = watch.connected()
            self.assertEqual(watch.lines[0]['connected'], '0')
            self.assertEqual(line['interface'], 'eth0')
            self.assertEqual(line['mac'], '02:00:5e:00:53:01')
            self.assertEqual(line['domain'], 'phones.lab')
            self.assertEqual(line['address'], lab.lease()['ip_address'])
            # the NULs are dnsmasq's
            self.assertEqual({key: bytes_of(line, key) for key in line if key.isdigit()}, {
                '43': b'\1\4\xde\xad\xbe\xef\2\5hello',
                '60': b'https://prov.phones.lab/$MA.xml',
                '66': b'http://prov.phones.lab/$MAC/`id`.xml\0',
                '67': b'boot.cfg\0',
                '120': b'\1\x0a\x4d\0\x0b',
                '125': b'\0\0\x0d\xe9\x11\x0b\x0fhttp://acs.lab/',
                '150': b'\x0a\x4d\0\1\xc0\0\2\5',
                '159': 'https://prov.phones.lab/\u00e9/$(MA:0:6)'.encode(),
                '160': b'61:62:63',
            })
            self.assertRaises(BlockingIOError, nobody_else.accept)
            with open(f'/proc/{watch.process.pid}/status', encoding='utf-8') as file:
                status = dict(entry.split(':\t', 1) for entry in file.read().splitlines() if ':\t' in entry)
            self.assertEqual(status['Uid'].split(), [str(NOBODY)] * 4)
            self.assertEqual(int(status['CapEff'], 16) | int(status['CapBnd'], 16), 0)
        with open(os.path.join(lab.LOG, 'dnsmasq.log'), encoding='utf-8', errors='replace') as file:
            self.assertIn('vendor class: dslforum.org', file.read())

    def test_renewal(self):
        """A renewal says nothing, one with other options says so once (DISC-6)"""
        self.take(*PLAIN, RENEWING)
        with Watch() as watch:
            watch.connected()
            renewals(2)
            self.assertEqual(len(watch.lines), 2, 'a renewal was taken for a change')
            lab.options('dhcp-option=6,10.77.0.1', 'dhcp-option=66,"http://prov.phones.lab/other"',
                        'dhcp-option=160,"https://prov.phones.lab"', 'dhcp-option=42,10.77.0.1', RENEWING)
            line = watch.until(lambda line: '160' in line, 'the new options')
            self.assertEqual(bytes_of(line, '66'), b'http://prov.phones.lab/other\0')
            self.assertNotIn('150', line)
            renewals(2)
            self.assertEqual(len(watch.lines), 3, 'one change was said more than once')
            self.assertNotEqual(watch.lines[1]['identity'], watch.lines[2]['identity'])

    def test_quiet(self):
        """Nothing is polled: where nothing happens, nothing runs (DISC-6)"""
        self.take(*PLAIN)
        with Watch() as watch:
            watch.connected()

            def switches():
                total = 0
                for task in os.listdir(f'/proc/{watch.process.pid}/task'):
                    with open(f'/proc/{watch.process.pid}/task/{task}/status', encoding='utf-8') as file:
                        total += sum(int(line.split()[1]) for line in file if 'voluntary_ctxt_switches' in line)
                return total

            def calm():
                before = switches()
                time.sleep(3)
                return switches() == before
            wait.until(calm, 'a watch that sleeps')

    def test_restart(self):
        """NetworkManager restarted: the lease goes and comes back as the same (DISC-6)"""
        self.take(*PLAIN)
        with Watch() as watch:
            first = watch.connected()
            for _ in range(2):
                seen = len(watch.lines)
                lab.control('restart', 'nm')
                watch.lost(seen)
                again = watch.connected(seen)
                self.assertEqual(first['identity'], again['identity'])

    def test_late(self):
        """NetworkManager comes later than the daemon (DISC-6)"""
        self.take(*PLAIN)
        lab.control('phone', 'bash', '-c', 'kill $(cat /run/lab/nm.pid)')
        wait.until(lambda: not lab.lease(), 'the end of NetworkManager')
        with Watch() as watch:
            wait.until(lambda: watch.lines, 'the first line')
            lab.control('restart', 'nm')
            self.assertEqual(watch.connected()['interface'], 'eth0')

    def test_cable(self):
        """A cable out for a second is nothing; out for long, the lease is lost, and comes back (DISC-6)"""
        self.take(*PLAIN, RENEWING)
        with Watch() as watch:
            first = watch.connected()
            lab.link(False)
            time.sleep(1)
            lab.link(True)
            renewals(1)
            self.assertEqual(len(watch.lines), 2)
            lab.link(False)
            watch.lost(2)
            lab.link(True)
            again = watch.connected(3)
            self.assertEqual(first['identity'], again['identity'])

    def test_activation(self):
        """A connection that is taken up anew (DISC-6)"""
        self.take(*PLAIN)
        with Watch() as watch:
            first = watch.connected()
            for _ in range(3):
                seen = len(watch.lines)
                lab.renew()
                watch.lost(seen)
                self.assertEqual(watch.connected(seen)['identity'], first['identity'])
            lab.options('dhcp-option=6,10.77.0.1')
            seen = len(watch.lines)
            lab.renew()
            self.assertNotIn('66', watch.connected(seen))
            # lost and found by turns: no change was said twice
            self.assertEqual([line['connected'] for line in watch.lines], ['0', '1'] * (len(watch.lines) // 2))

    def test_anew(self):
        """A network that is let go of and taken anew; one of another interface (DISC-6)"""
        self.take(*PLAIN)
        with Watch() as watch, Watch('eth9') as other, Watch('eth0') as named:
            first = watch.connected()
            for _ in range(5):
                seen = len(watch.lines)
                watch.process.send_signal(signal.SIGUSR1)
                self.assertEqual(watch.connected(seen)['identity'], first['identity'])
                self.assertEqual(watch.lines[seen]['connected'], '0')
            named.connected()
            self.assertEqual([line['connected'] for line in other.lines], ['0'])

    def test_by_hand(self):
        """An address without DHCP is a network without options (DISC-6)"""
        self.take(*PLAIN)
        self.addCleanup(lab.renew)
        self.addCleanup(modify, 'ipv4.method', 'auto', 'ipv4.addresses', '')
        with Watch() as watch:
            watch.connected()
            modify('ipv4.method', 'manual', 'ipv4.addresses', '10.77.0.77/24')
            seen = len(watch.lines)
            lab.renew()
            line = watch.connected(seen)
            self.assertEqual(line['address'], '10.77.0.77')
            self.assertEqual([key for key in line if key.isdigit()], [])

    def test_other_client(self):
        """NetworkManager's own DHCP client shows no options; the name of a boot file is no server (DISC-3)"""
        conf = '/etc/NetworkManager/conf.d/60-test.conf'

        def back():
            os.unlink(conf)
            lab.control('restart', 'nm')
            lab.wait_lease(lambda now: 'requested_phone_066' in now)
        self.take('dhcp-option=6,10.77.0.1', 'dhcp-option-force=66,"10.77.0.1"',
                  'dhcp-option-force=67,"http://prov.phones.lab/b"')
        with open(conf, 'w', encoding='utf-8') as file:
            file.write('[main]\ndhcp=internal\n')
        self.addCleanup(back)
        lab.control('restart', 'nm')
        with Watch() as watch:
            line = watch.connected()
            self.assertEqual(line['domain'], 'phones.lab')
            self.assertEqual(lab.lease()['bootfile_name'], 'http://prov.phones.lab/b')
            self.assertEqual([key for key in line if key.isdigit()], [])


class Six(unittest.TestCase):
    V6 = ['enable-ra', 'ra-param=srv0,10,60', 'dhcp-range=fd77::100,fd77::1ff,64,2m', 'dhcp-option=option6:24,six.lab',
          'dhcp-option=option6:17,00:00:0d:e9:00:01:00:04:41:42:43:44',
          'dhcp-option=option6:159,"https://prov.phones.lab/$MA/`"',
          'dhcp-option=option6:160,"https://[fd77::1]/"']

    def tearDown(self):
        lab.options('all')
        modify('ipv4.method', 'auto', 'ipv4.may-fail', 'no', 'ipv6.method', 'disabled', 'ipv6.addresses', '')
        lab.renew()

    def test_both(self):
        """DHCPv4 and DHCPv6 beside each other (DISC-3)"""
        lab.options(*PLAIN, *self.V6)
        modify('ipv6.method', 'auto')
        lab.renew()
        with Watch() as watch:
            line = watch.until(lambda line: 'v6-17' in line and '66' in line, 'both leases')
            self.assertEqual(bytes_of(line, 'v6-17'), b'\0\0\x0d\xe9\0\1\0\4ABCD')
            self.assertEqual(bytes_of(line, 'v6-159'), b'https://prov.phones.lab/$MA/`')
            self.assertEqual(bytes_of(line, 'v6-160'), b'https://[fd77::1]/')
            self.assertEqual(line['domain'], 'phones.lab')
            self.assertTrue(line['address'].startswith('10.77.0.'))

    def test_alone(self):
        """DHCPv6 alone gives options, domain and address (DISC-3, DISC-7)"""
        lab.options(*self.V6)
        modify('ipv4.method', 'disabled', 'ipv6.method', 'auto')
        lab.renew()
        with Watch() as watch:
            line = watch.until(lambda line: 'v6-160' in line, 'the lease')
            self.assertEqual(line['domain'], 'six.lab')
            self.assertTrue(line['address'].startswith('fd77::1'), line['address'])

    def test_silent(self):
        """A network that has no DHCP after all is used in the end; DHCP that comes then is a change (DISC-6)"""
        lab.options(*PLAIN)
        modify('ipv4.may-fail', 'yes', 'ipv4.dhcp-timeout', '60', 'ipv6.method', 'manual',
               'ipv6.addresses', 'fd77::77/64')
        self.addCleanup(modify, 'ipv4.dhcp-timeout', '10')
        dhcpd.end_dnsmasq()
        lab.renew()
        with Watch() as watch:
            began = time.monotonic()
            line = watch.connected()
            self.assertGreater(time.monotonic() - began, 5)
            self.assertEqual(line['address'], 'fd77::77')
            self.assertEqual([key for key in line if key.isdigit()], [])
            lab.options(*PLAIN)
            self.assertIn('66', watch.until(lambda line: line['address'].startswith('10.77.'), 'the lease'))


class Two(unittest.TestCase):
    def test_two(self):
        """The device that counts keeps counting; when it loses its lease, another one does (DISC-6)"""
        subprocess.run(['ip', 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'srv1'], check=True)
        self.addCleanup(subprocess.run, ['ip', 'link', 'del', 'eth1'], check=True)
        subprocess.run(['ip', 'link', 'set', 'srv1', 'netns', 'server'], check=True)
        lab.server('ip', 'address', 'add', '10.78.0.1/24', 'dev', 'srv1')
        lab.server('ip', 'link', 'set', 'srv1', 'up')
        lab.options(*PLAIN, 'interface=srv1', 'dhcp-range=10.78.0.100,10.78.0.150,255.255.255.0,2m')
        self.addCleanup(lab.options, 'all')
        with open('/etc/NetworkManager/conf.d/60-test.conf', 'w', encoding='utf-8') as file:
            file.write('[keyfile]\nunmanaged-devices=none\n')
        self.addCleanup(os.unlink, '/etc/NetworkManager/conf.d/60-test.conf')
        lab.control('restart', 'nm')
        with Watch() as watch:
            self.assertEqual(watch.connected()['interface'], 'eth0')
            nmcli('connection', 'add', 'type', 'ethernet', 'con-name', 'second', 'ifname', 'eth1', 'autoconnect', 'no',
                  'ipv6.method', 'disabled')
            self.addCleanup(nmcli, 'connection', 'delete', 'second')
            nmcli('connection', 'up', 'second')
            self.assertEqual(len(watch.lines), 2, 'the second device took over')
            nmcli('connection', 'down', 'phone')
            line = watch.until(lambda line: line['interface'] == 'eth1', 'the other device')
            self.assertTrue(line['address'].startswith('10.78.'))
            seen = len(watch.lines)
            nmcli('connection', 'up', 'phone')
            self.assertEqual(len(watch.lines), seen, 'the first device took over again')
            nmcli('connection', 'down', 'second')
            watch.until(lambda line: line['interface'] == 'eth0', 'the first device', seen)


if __name__ == '__main__':
    tap.main('lab')
