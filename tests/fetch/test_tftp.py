# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profiles by TFTP, from atftpd, from dnsmasq, and from a server that misbehaves."""

import contextlib
import hashlib
import os
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import datagrams, servers, tap, wait  # noqa: E402

import jobs  # noqa: E402
import wires  # noqa: E402
from lib.datagrams import ACK, ERROR, Tftp  # noqa: E402
from jobs import PROFILE  # noqa: E402


def acknowledged(peer, number):
    """Waits until this block is acknowledged. Who waits a tenth of a second for it says once more what came before."""
    while (answer := peer.receive()[:2]) != (ACK, number):
        if answer != (ACK, number - 1):
            raise AssertionError(f'{answer} instead of an acknowledgement of {number}')


class Real(unittest.TestCase, jobs.Asserts):
    # TFTP-1: sizes about the edges of a block and of a window
    def test_sizes(self):
        with servers.Atftpd() as server:
            for size in (100, 1427, 1428, 1429, 1428 * 64 - 1, 1428 * 64, 1428 * 64 + 1, 1428 * 65, 1000000):
                with self.subTest(size):
                    server.put('/a.xml', jobs.profile(size))
                    job = self.good(server.url + '/a.xml')
                    self.assertEqual((job.progress[-1][1:3], job.http_status, job.etag), ([size, size], 0, ''))
                    self.assertEqual((job.url, job.server_address), (server.url + '/a.xml', '127.0.0.1'))

    # TFTP-1: no windowsize there
    def test_dnsmasq(self):
        with servers.DnsmasqTftp() as server:
            # a name each: to dnsmasq one that is still being sent to somebody else is as long as it was
            for size in (100, 1428 * 10, 100000):
                server.put(f'/{size}.xml', jobs.profile(size))
                self.good(f'{server.url}/{size}.xml')

    # TFTP-1
    def test_names(self):
        with servers.Atftpd() as server:
            server.put('/sub/dir/with blank.xml', PROFILE)
            self.good(server.url + '/sub/dir/with%20blank.xml')

    # TFTP-1
    def test_ipv6(self):
        with servers.DnsmasqTftp(host='::1') as server:
            server.put('/a.xml', PROFILE)
            job = self.good('tftp://[::1]/a.xml', literal_address='::1')
            self.assertEqual(job.server_address, '::1')

    # TFTP-2: past 65535 blocks; what comes is whole and no profile
    def test_wrap(self):
        size = 95 << 20
        with servers.Atftpd() as server:
            server.put('/a.xml', b'x' * size)
            job = self.bad(server.url + '/a.xml', 'Corrupt', '', max_bytes=200 << 20, transfer_timeout=60)
            self.assertEqual(job.progress[-1][:3], ['decoding', size, size])

    # TFTP-4
    def test_not_found(self):
        with servers.Atftpd() as atftpd, servers.DnsmasqTftp() as dnsmasq:
            for server in (atftpd, dnsmasq):
                job = self.bad(server.url + '/none.xml', 'NotFound', 'the server answered with error 1')
                self.assertEqual((job.silent, job.overload), (False, False))
                self.assertIn('check the path', job.message)

    # PROF-11
    def test_corrupt(self):
        with servers.Atftpd() as server:
            for name, text in (('empty', ''), ('page', '<html><body>x</body></html>'), ('cut', PROFILE[:30])):
                with self.subTest(name):
                    server.put(f'/{name}.xml', text)
                    self.bad(f'{server.url}/{name}.xml', 'Corrupt', '')

    # TFTP-1
    def test_too_large(self):
        with servers.Atftpd() as server:
            server.put('/a.xml', jobs.profile(5000))
            self.bad(server.url + '/a.xml', 'Corrupt', '5000 bytes, more than the 4999', max_bytes=4999)
            self.good(server.url + '/a.xml', max_bytes=5000)


class Silence(unittest.TestCase, jobs.Asserts):
    # TFTP-4
    def test_silent(self):
        with servers.Silent() as server:
            job = self.bad(f'tftp://127.0.0.1:{server.port}/a', 'Unreachable', 'no answer within 4 seconds', connect_timeout=4)
            self.assertEqual((job.silent, job.overload), (True, False))
            self.assertTrue(3.9 < job.seconds < 8)
            packets = [packet for packet, _ in server.received()]
            self.assertEqual(packets, packets[:1] * 3)

    # TFTP-4, HTTP-5
    def test_refused(self):
        port = servers.free_port(socket.SOCK_DGRAM)
        job = self.bad(f'tftp://127.0.0.1:{port}/a', 'Unreachable', 'refused')
        self.assertEqual((job.silent, job.overload), (True, True))
        self.assertLess(job.seconds, 3)

    # TFTP-4
    def test_falls_silent(self):
        over = threading.Event()

        def handle(peer, file, options):
            peer.send(datagrams.data(1, b'x' * 512))
            acknowledged(peer, 1)
            peer.send(datagrams.data(2, b'x' * 512))
            acknowledged(peer, 2)
            over.wait(60)
            # what has come meanwhile; how soon it is said again follows from how long the server took before
            peer.socket.setblocking(False)
            acks = 1
            with contextlib.suppress(BlockingIOError):
                while True:
                    self.assertEqual(peer.receive()[:2], (ACK, 2))
                    acks += 1
            self.assertTrue(2 <= acks <= 7, acks)
        with Tftp(handle) as server:
            job = self.bad(server.url + 'a', 'Unreachable', 'fell silent for 4 seconds after 1024 bytes', connect_timeout=4)
            self.assertFalse(job.silent)
            over.set()

    # HTTP-12
    def test_local_addresses(self):
        servers.name('loop.example', '127.0.0.1')
        with servers.Silent() as server:
            for host in ('loop.example', '127.0.0.1', '[::1]', '0.0.0.0', '169.254.1.1', '224.0.0.1', '255.255.255.255'):
                with self.subTest(host):
                    self.bad(f'tftp://{host}:{server.port}/a', 'Unreachable', 'asked only where the rule itself names it',
                             literal_address='')
            self.assertEqual(server.received(), [])

    # TFTP-4
    def test_unknown_host(self):
        self.assertTrue(self.bad('tftp://nowhere.invalid/a', 'Unreachable', 'nowhere.invalid').silent)

    # TFTP-4: where one address of a name refuses, the next is asked
    def test_second_address(self):
        servers.address('192.0.2.41', '192.0.2.42')
        servers.name('two.example', '192.0.2.41')
        servers.name('two.example', '192.0.2.42')
        with servers.Atftpd(host='192.0.2.42') as server:
            server.put('/a.xml', PROFILE)
            job = self.good(f'tftp://two.example:{server.port}/a.xml', literal_address='')
            self.assertEqual(job.server_address, '192.0.2.42')

    # TFTP-1: a bound on the whole
    def test_drip(self):
        def handle(peer, file, options):
            for block in range(1, 9):
                peer.send(datagrams.data(block, b'x' * 512))
                time.sleep(0.5)
        with Tftp(handle) as server:
            self.bad(server.url + 'a', 'Unreachable', 'not finished within 2 seconds', transfer_timeout=2)


class Wires(unittest.TestCase, jobs.Asserts):
    """Servers that are far away, or of whose packets some are lost."""

    def _arrives(self, server, size, **fields):
        text = jobs.profile(size)
        server.put('/a.xml', text)
        job = self.good(server.url + '/a.xml', literal_address='', **fields)
        self.assertEqual(job.digest, hashlib.sha256(text.encode()).hexdigest())
        return job

    # TFTP-1, TFTP-4: with windows and in lockstep
    def test_loss(self):
        for size, loss, options in ((4 << 20, 10, ()), (30000, 100, ('--no-windowsize',))):
            with self.subTest(loss=loss, options=options), wires.Wire(loss=loss, seed=2) as wire, wire.atftpd(options=options) as server:
                self._arrives(server, size)

    # TFTP-3, TFTP-4: the request goes out twice, and the server's second transfer hears that it is not wanted
    def test_far(self):
        with wires.Wire(delay=0.6) as wire, wire.atftpd(options=('--verbose=7',)) as server:
            self._arrives(server, 100000)
            # the phone may be done before the server has heard that
            wait.until(lambda: 'Aborting transfer' in server.log(), 'the end of the second transfer')
            log = server.log()
            self.assertEqual(log.count('Serving a.xml'), 2, log)
            self.assertEqual(log.count('Aborting transfer'), 1, log)


class Misbehaving(unittest.TestCase, jobs.Asserts):
    # TFTP-1
    def test_request(self):
        def handle(peer, file, options):
            peer.send(datagrams.data(1, PROFILE.encode()))
            self.assertEqual(peer.receive()[:2], (ACK, 1))
        with Tftp(handle) as server:
            self.good(server.url + 'dir/a.xml')
            options = {'tsize': '0', 'blksize': '1428', 'timeout': '1', 'windowsize': '64'}
            self.assertEqual(server.requests, [('dir/a.xml', 'octet', options)])

    # TFTP-1
    def test_options_refused(self):
        def handle(peer, file, options):
            if options:
                peer.send(datagrams.error(8, 'no'))
            else:
                peer.send(datagrams.data(1, PROFILE.encode()))
        with Tftp(handle) as server:
            self.good(server.url + 'a')
            self.assertEqual(len(server.requests), 2)

    # TFTP-3
    def test_larger_grants(self):
        for grants in ({'blksize': 1429}, {'windowsize': 65}, {'timeout': 9}, {'multicast': 1}, {'blksize': 'x'}):
            def handle(peer, file, options, offer=grants):
                peer.send(datagrams.oack(**offer))
                self.assertEqual(peer.receive()[:2], (ERROR, 8))
            with self.subTest(grants), Tftp(handle) as server:
                self.bad(server.url + 'a', 'Failed', 'granted options that cannot be')

    # TFTP-3: somebody else speaks in between, from another port and from another host
    def test_strangers(self):
        def handle(peer, file, options):
            first, second = datagrams.Peer('127.0.0.1', peer.client), datagrams.Peer('127.0.0.2', peer.client)
            with first.socket, second.socket:
                second.send(datagrams.data(1, b'<flat-profile>'))
                self.assertEqual(second.receive()[:2], (ERROR, 5))
                peer.send(datagrams.oack(blksize=512, windowsize=2))
                self.assertEqual(peer.receive()[:2], (ACK, 0))
                for stranger in (first, second):
                    stranger.send(datagrams.data(1, b'x' * 512))
                    self.assertEqual(stranger.receive()[:2], (ERROR, 5))
                    stranger.send(datagrams.error(1, 'gone'))
            peer.send(datagrams.data(1, PROFILE.encode()))
            acknowledged(peer, 1)
        with Tftp(handle) as server:
            self.good(server.url + 'a')

    # TFTP-3: the sorcerer's apprentice has nothing to learn here
    def test_duplicates(self):
        text = jobs.profile(2000).encode()
        acks, took = [], []

        def handle(peer, file, options):
            begun = time.monotonic()
            for block in range(1, 5):
                part = text[(block - 1) * 512:block * 512]
                for _ in range(5):
                    peer.send(datagrams.data(block, part))
                while not acks or acks[-1] != block:
                    acks.append(peer.receive()[1])
            took.append(time.monotonic() - begun)
            peer.socket.settimeout(0.1)
            try:
                while True:
                    acks.append(peer.receive()[1])
            except TimeoutError:
                return
        with Tftp(handle) as server:
            self.good(server.url + 'a')
        self.assertEqual(sorted(set(acks)), [1, 2, 3, 4])
        # but for what is said once more to a server that makes the phone wait, a tenth of a second at least
        self.assertLessEqual(len(acks) - 4, took[0] / 0.1, acks)

    # TFTP-4, STORE-3
    def test_error_texts(self):
        for code, text, shown in ((2, 'Access violation', 'error 2 (“Access violation”)'), (0, '\x1b[2J', 'error 0 (“\\x1b[2J”)'),
                                  (99, '', 'error 99')):
            def handle(peer, file, options, answer=datagrams.error(code, text)):
                peer.send(answer)
            with self.subTest(code), Tftp(handle) as server:
                self.bad(server.url + 'a', 'Failed', shown)

    # TFTP-1
    def test_told_and_sent(self):
        def handle(peer, file, options):
            peer.send(datagrams.oack(tsize=1000))
            peer.receive()
            peer.send(datagrams.data(1, b'x' * 100))
        with Tftp(handle) as server:
            self.bad(server.url + 'a', 'Unreachable', 'before the whole file had come (100 of 1000 bytes)')

    # TFTP-1: never more than the bound, whatever was told
    def test_endless(self):
        def handle(peer, file, options):
            block = 0
            while True:
                block += 1
                peer.send(datagrams.data(block, b'x' * 512))
                opcode, number, _ = peer.receive()
                if opcode == ERROR:
                    self.assertEqual(number, 3)
                    return
        with Tftp(handle) as server:
            self.bad(server.url + 'a', 'Corrupt', 'larger than 100000 bytes', max_bytes=100000)


if __name__ == '__main__':
    tap.main('box')
