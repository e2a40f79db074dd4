#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools of the Python tests: buses and callers, certificates, servers that serve and servers that misbehave."""

import hashlib
import http.client
import os
import socket
import ssl
import struct
import sys
import tempfile
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, certificates, servers, tap, tree, wait  # noqa: E402


def get(url, **options):
    with urllib.request.urlopen(url, timeout=10, **options) as reply:
        return reply.read()


class Buses(unittest.TestCase):
    DBUS = {'name': 'org.freedesktop.DBus', 'path': '/org/freedesktop/DBus', 'interface': 'org.freedesktop.DBus'}

    def test_callers(self):
        """a caller is who it says it is"""
        with bus.Bus() as own:
            for user in ('lab-web', 'lab-lcd', 'lab-sip', 'lab-nobody'):
                me = callers.call(own, user, 'GetConnectionUnixUser', "('org.freedesktop.DBus',)", **self.DBUS)
                self.assertEqual(me, f'(uint32 {os.getuid()},)')
                with self.assertRaises(bus.CallError) as caught:
                    callers.call(own, user, 'RequestName', "('com.example', 0)", **self.DBUS)
                self.assertTrue(caught.exception.name.startswith('org.freedesktop.DBus.Error.'))

    def test_policy(self):
        """with our policy nobody but root and resyncd takes our name"""
        with bus.Bus(tree.source('dbus', 'org.resyncd.Provisioning1.conf')) as own:
            self.assertEqual(callers.may(own, 'lab-web', 'RequestName', f"('{bus.NAME}', uint32 0)",), 'ServiceUnknown')
            for user, good in (('resyncd', True), ('lab-web', False), ('lab-nobody', False)):
                try:
                    callers.call(own, user, 'RequestName', f"('{bus.NAME}', uint32 4)", **self.DBUS)
                    self.assertTrue(good, user)
                except bus.CallError as error:
                    self.assertFalse(good, f'{user}: {error}')


class Certificates(unittest.TestCase):
    HOST = 'prov.test'

    @classmethod
    def setUpClass(cls):
        servers.name(cls.HOST, '127.0.0.1')
        cls.ours, cls.theirs = certificates.Authority('ours'), certificates.Authority('theirs')

    def handshake(self, certificate):
        """'' or what a client that trusts only ours says"""
        context = ssl.create_default_context(cafile=self.ours.path)
        with servers.Scripted({'/': servers.Reply(200, 'hello')}, tls=certificate) as server:
            try:
                self.assertEqual(get(f'https://{self.HOST}:{server.port}/', context=context), b'hello')
                return ''
            except urllib.error.URLError as error:
                return error.reason.verify_message

    def test_kinds(self):
        """each kind of bad certificate is bad for its own reason"""
        ours = self.ours
        self.assertEqual(self.handshake(ours.issue(self.HOST)), '')
        self.assertIn('expired', self.handshake(ours.issue(self.HOST, ends=-60)))
        self.assertIn('not yet valid', self.handshake(ours.issue(self.HOST, begins=3600)))
        self.assertIn('Hostname mismatch', self.handshake(ours.issue('other.test')))
        self.assertIn('unable to get local issuer', self.handshake(self.theirs.issue(self.HOST)))
        self.assertIn('self-signed', self.handshake(ours.issue(self.HOST, self_signed=True)))


class Servers(unittest.TestCase):
    def test_nginx(self):
        """nginx with files, TLS and addresses of the box"""
        servers.address('192.0.2.10')
        certificate = certificates.Authority()
        with servers.Nginx() as plain, servers.Nginx(plain.root, '192.0.2.10', tls=certificate.issue('192.0.2.10')) as secure:
            plain.put('/a/b.xml', 'text')
            self.assertEqual(get(plain.url + '/a/b.xml'), b'text')
            context = ssl.create_default_context(cafile=certificate.path)
            self.assertEqual(get(secure.url + '/a/b.xml', context=context), b'text')
            wait.until(lambda: 'GET /a/b.xml' in secure.access(), 'its log')

    def test_old_tls(self):
        """nginx with nothing newer than TLS 1.1"""
        authority = certificates.Authority()
        with servers.Nginx(tls=authority.issue('127.0.0.1'), protocols='TLSv1.1') as server:
            server.put('/x', 'old')
            context = ssl.create_default_context(cafile=authority.path)
            with self.assertRaises(OSError):
                get(server.url + '/x', context=context)
            context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers('ALL:@SECLEVEL=0')
            self.assertEqual(get(server.url + '/x', context=context), b'old')

    def test_digest(self):
        """lighttpd asks for Digest in both algorithms"""
        for algorithm in ('MD5', 'SHA-256'):
            with servers.Lighttpd(auth=(algorithm, 'u', 'p', 'realm')) as server:
                server.put('/x', 'secret')
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    get(server.url + '/x')
                self.assertEqual(caught.exception.code, 401)
                offered = caught.exception.headers['WWW-Authenticate']
                caught.exception.close()
                self.assertIn('Digest', offered)
                self.assertIn(algorithm, offered)

    def test_tftp(self):
        """atftpd and dnsmasq serve files"""
        for server, port in ((servers.Atftpd(), None), (servers.DnsmasqTftp(), 69)):
            with server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                server.put('file', 'data')
                sock.settimeout(5)
                sock.sendto(b'\0\1file\0octet\0', (server.host, port or server.port))
                packet, peer = sock.recvfrom(1024)
                self.assertEqual(packet, b'\0\3\0\1data')
                sock.sendto(struct.pack('!HH', 4, 1), peer)

    def test_silent(self):
        """the silent port hears and says nothing"""
        with servers.Silent() as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b'hello', (server.host, server.port))
            self.assertEqual([data for data, _ in server.received()], [b'hello'])


class Scripted(unittest.TestCase):
    def ask(self, reply):
        """(status, body) or the exception's type"""
        with servers.Scripted({'/x': reply}) as server:
            client = http.client.HTTPConnection(server.host, server.port, timeout=5)
            try:
                client.request('GET', '/x')
                answer = client.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                return type(error)
            finally:
                client.close()

    def test_replies(self):
        """whole, cut, chunked, without a length, reset, raw"""
        body, Reply = b'y' * 2500, servers.Reply
        self.assertEqual(self.ask(Reply(200, body)), (200, body))
        self.assertEqual(self.ask(Reply(503, 'no', {'Retry-After': '7'})), (503, b'no'))
        self.assertEqual(self.ask(Reply(200, body, chunked=True)), (200, body))
        self.assertEqual(self.ask(Reply(200, body, length=None)), (200, body))
        self.assertEqual(self.ask(Reply(200, body, cut=100)), http.client.IncompleteRead)
        self.assertEqual(self.ask(Reply(200, body, cut=100, chunked=True)), http.client.IncompleteRead)
        self.assertEqual(self.ask(Reply(200, body, cut=0, reset=True)), ConnectionResetError)
        self.assertEqual(self.ask(Reply(raw=b'garbage\r\n')), http.client.BadStatusLine)

    def test_sequence(self):
        """a list is answered in turn, and what was asked is kept"""
        with servers.Scripted({'/x': [servers.Reply(200, 'one'), servers.Reply(200, 'two')]}) as server:
            self.assertEqual([get(server.url + '/x') for _ in range(3)], [b'one', b'two', b'two'])
            with self.assertRaises(urllib.error.HTTPError) as caught:
                get(server.url + '/other')
            caught.exception.close()
            self.assertEqual(server.targets(), ['/x', '/x', '/x', '/other'])
            self.assertIn('user-agent', server.requests[0].headers)


class Installed(unittest.TestCase):
    def test_install(self):
        """the build is installed in the box, not on the machine"""
        policy = tree.installed('org.resyncd.Provisioning1.conf')
        with open(policy, 'rb') as one, open(tree.source('dbus', 'org.resyncd.Provisioning1.conf'), 'rb') as other:
            self.assertEqual(hashlib.sha256(one.read()).digest(), hashlib.sha256(other.read()).digest())
        self.assertTrue(policy.startswith('/usr/share/'))
        with self.assertRaises(FileNotFoundError):
            tree.installed('no-such-program')
        self.assertEqual(tempfile.gettempdir(), '/tmp')


if __name__ == '__main__':
    tap.main('box')
