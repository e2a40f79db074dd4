#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The laboratory itself: without it nothing that is tested there means anything."""

import os
import socket
import ssl
import struct
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import lab, tap, wait  # noqa: E402


def tftp(path, port=69, windowsize=None):
    """A file by TFTP, and the option acknowledgement (b'' if none came)."""
    request = b'\0\1' + path.encode() + b'\0octet\0' + (b'windowsize\0%d\0' % windowsize if windowsize else b'')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(request, (lab.SERVER, port))
        data, granted, expected = b'', b'', 1
        while True:
            packet, peer = sock.recvfrom(65536)
            code, block = struct.unpack('!HH', packet[:4])
            if code == 6:
                granted = packet[2:]
                sock.sendto(b'\0\4\0\0', peer)
            elif code == 3 and block == expected:
                data += packet[4:]
                sock.sendto(struct.pack('!HH', 4, block), peer)
                expected += 1
                if len(packet) < 516:
                    return data, granted
            elif code == 5:
                raise FileNotFoundError(packet[4:-1].decode())


class Lease(unittest.TestCase):
    def test_options(self):
        """the phone's lease shows its options as bytes"""
        lease = lab.wait_lease()
        self.assertEqual(lab.text(lease['phone_066']), 'http://prov.phones.lab/cfg')
        self.assertEqual(lab.text(lease['phone_160']), 'https://prov.phones.lab/160')
        self.assertEqual(lease['phone_150'], '10 77 0 1')
        self.assertEqual(lease['domain_name'], 'phones.lab')
        for number in ('043', '125', '159'):
            self.assertIn(f'phone_{number}', lease)

    def test_new_options(self):
        """new options arrive with the next lease"""
        lab.options('tftp')
        self.addCleanup(lab.renew)
        self.addCleanup(lab.options, 'all')
        lab.renew()
        lease = lab.wait_lease(lambda now: lab.text(now.get('phone_066', '0')) == 'tftp://prov.phones.lab')
        self.assertNotIn('phone_160', lease)

    def test_cable(self):
        """the lease goes with the cable and comes back with it"""
        lab.link(False)
        try:
            wait.until(lambda: not lab.lease(), 'the lease to go')
        finally:
            lab.link(True)
        lab.wait_lease(lambda now: 'phone_066' in now)

    def test_networkmanager_restart(self):
        """NetworkManager may be restarted"""
        lab.control('restart', 'nm')
        lab.wait_lease(lambda now: 'phone_066' in now)


class Provider(unittest.TestCase):
    BODY = b'<flat-profile/>' + b'x' * 2000

    def setUp(self):
        lab.wait_lease(lambda now: 'phone_066' in now)
        lab.put('/dir/file.cfg', self.BODY)

    def test_tftp(self):
        """TFTP on its own port, without windowsize"""
        self.assertEqual(tftp('dir/file.cfg'), (self.BODY, b''))
        with self.assertRaises(FileNotFoundError):
            tftp('no-such-file')

    def test_tftp_windowsize(self):
        """TFTP with windowsize"""
        self.assertEqual(tftp('dir/file.cfg', 1069, 1), (self.BODY, b'windowsize\x001\0'))

    def test_http(self):
        """HTTP, by the name that the provider's DNS gives"""
        with urllib.request.urlopen(f'http://{lab.HOST}/dir/file.cfg', timeout=10) as reply:
            self.assertEqual(reply.read(), self.BODY)
        wait.until(lambda: any('/dir/file.cfg' in line for line in lab.requests()), 'its log')

    def test_https(self):
        """HTTPS under the laboratory's CA, by name and by address"""
        context = ssl.create_default_context(cafile=lab.CA)
        for host in (lab.HOST, lab.SERVER):
            with urllib.request.urlopen(f'https://{host}/dir/file.cfg', timeout=10, context=context) as reply:
                self.assertEqual(reply.read(), self.BODY)

    def test_https_trust(self):
        """nobody else trusts that CA"""
        with self.assertRaises(urllib.error.URLError) as caught:
            urllib.request.urlopen(f'https://{lab.HOST}/dir/file.cfg', timeout=10)
        self.assertIsInstance(caught.exception.reason, ssl.SSLCertVerificationError)


class Walls(unittest.TestCase):
    def test_network(self):
        """only the laboratory's devices are there"""
        names = [name for _, name in socket.if_nameindex()]
        self.assertEqual(sorted(names), ['eth0', 'lo'])

    def test_processes(self):
        """the laboratory's processes are all there are"""
        numbers = [int(name) for name in os.listdir('/proc') if name.isdigit()]
        with open('/proc/1/cmdline', encoding='utf-8') as file:
            self.assertIn('inside.sh', file.read())
        self.assertLess(len(numbers), 40)

    def test_kernel_switches(self):
        """the machine's kernel switches cannot be changed, those of the private network can"""
        with self.assertRaises(OSError):
            with open('/proc/sys/kernel/printk', 'w', encoding='ascii') as file:
                file.write('4\n')
        with open('/proc/sys/net/ipv4/ip_forward', 'w', encoding='ascii') as file:
            file.write('0\n')

    def test_accounts(self):
        """the accounts of the phone are there"""
        groups = subprocess.run(['id', '-nG', 'lab-lcd'], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        self.assertIn('resyncd', groups)


if __name__ == '__main__':
    tap.main('lab')
