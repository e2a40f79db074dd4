# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profiles through HTTP proxies: a real squid, and proxies that do what none should."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import certificates, digest, scripted, servers, tap, wait  # noqa: E402

import jobs  # noqa: E402
from jobs import PROFILE  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402

HOST = 'prov.example'
ADDRESS = '192.0.2.50'
PROXY = '192.0.2.51'
# a phone that can look up nothing
NO_NAMES = ['unshare', '--mount', 'sh', '-ec', 'mount --bind /dev/null /etc/hosts; mount --bind /dev/null /etc/resolv.conf; exec "$@"', 'sh']


class Case(unittest.TestCase, jobs.Asserts):
    """A provider at prov.example, by http and https."""

    @classmethod
    def setUpClass(cls):
        servers.address(ADDRESS, PROXY)
        servers.name(HOST, ADDRESS)
        cls.authority = certificates.Authority('Provider CA')
        cls.certificate = cls.authority.issue(HOST)
        cls.fields = {'literal_address': '', 'ca_file': cls.authority.path}
        cls.plain, cls.secure = servers.Nginx(host=ADDRESS), servers.Nginx(host=ADDRESS, tls=cls.certificate)
        cls.urls = []
        for server, scheme in ((cls.plain, 'http'), (cls.secure, 'https')):
            cls.addClassCleanup(server.close)
            server.put('/a.xml', PROFILE)
            cls.urls.append(f'{scheme}://{HOST}:{server.port}/a.xml')

    squids = {}

    def squid(self, **options):
        """One of each kind for all tests: it takes a second to start."""
        key = repr(options)
        if key not in self.squids:
            self.squids[key] = servers.Squid(host=PROXY, **options)
            unittest.addModuleCleanup(self.squids[key].close)
        return self.squids[key]

    @staticmethod
    def asked(url):
        """How squid writes that it was asked for a URL."""
        return ('CONNECT', url.split('/')[2]) if url.startswith('https') else ('GET', url)

    @staticmethod
    def log(proxy, count):
        """What squid was asked, when that many requests are written down: a tunnel is when it ends."""
        return wait.until(lambda: (proxy.access(),) if len(proxy.access()) >= count else None, 'the log of squid')[0]


class Squid(Case):
    # HTTP-10: http by the whole URL, https by CONNECT, and the name is the proxy's to look up
    def test_both_schemes(self):
        proxy = self.squid()
        for url in self.urls:
            with self.subTest(url):
                before = len(proxy.access())
                job = jobs.run(url, NO_NAMES, proxies=proxy.name, **self.fields)
                self.assertTrue(job.ok, job.message)
                self.assertEqual((job.assignments, job.url, job.server_address), (jobs.VALUES, url, ''))
                self.assertEqual(self.log(proxy, before + 1)[before:], [(200, *self.asked(url))])
        self.bad(self.urls[0].replace('a.xml', 'none'), 'NotFound', 'HTTP 404', proxies=proxy.name, **self.fields)

    # HTTP-3, HTTP-10: two tries, by Basic and by Digest
    def test_password(self):
        for scheme in ('basic', 'digest'):
            proxy = self.squid(auth=('phone', 'secret'), scheme=scheme)
            for url in self.urls:
                asked = self.asked(url)
                for user, password, log in (('phone', 'secret', [407, 200]), ('phone', 'wrong', [407] * 3), ('', '', [407])):
                    with self.subTest(scheme=scheme, url=url, password=password):
                        before = len(proxy.access())
                        fields = {'proxies': proxy.name, 'proxy_user': user, 'proxy_password': password, **self.fields}
                        if log[-1] == 200:
                            self.good(url, **fields)
                        else:
                            job = self.bad(url, 'Failed', 'HTTP 407: the proxy ' + ('does not accept' if user else 'wants'), **fields)
                            self.assertEqual((job.http_status, job.silent), (407, False))
                            self.assertNotIn('wrong', job.message)
                        self.assertEqual(self.log(proxy, before + len(log))[before:], [(status, *asked) for status in log])

    # HTTP-2, HTTP-3, HTTP-10: with MD5 and SHA-256 each nonce gets one answer, and each request one of its own, also after a redirect; the two
    # retries count for aged nonces and wrong passwords alike; behind CONNECT a server may do the same, and has retries of its own
    def test_strict(self):
        def answer(request):
            return Reply(302, headers={'Location': '/b'}) if request.target.endswith('/a') else Reply(body=PROFILE)
        for algorithm in ('MD5', 'SHA-256'):
            for password, stale, first in (('secret', 0, [407, 200]), ('secret', 1, [407, 407, 200]), ('secret', 2, [407] * 3), ('wrong', 0, [407] * 3)):
                let_in = first[-1] == 200
                fields = {**self.fields, 'user': 'user', 'password': 'server-secret', 'proxy_user': 'phone', 'proxy_password': password}
                with self.subTest(algorithm, password=password, stale=stale), \
                        digest.Strict('phone', 'secret', algorithm, answer, proxy=True, stale=stale, host=PROXY) as whole, \
                        digest.Strict('user', 'server-secret', algorithm, answer, stale=1, host=ADDRESS, tls=self.certificate) as server, \
                        digest.Strict('phone', 'secret', algorithm, digest.Tunnel, proxy=True, stale=stale, host=PROXY) as tunnel:
                    for url, proxy in ((f'http://{HOST}/a', whole), (f'https://{HOST}:{server.port}/b', tunnel)):
                        if let_in:
                            self.good(url, proxies=f'{PROXY}:{proxy.port}', **fields)
                        else:
                            job = self.bad(url, 'Failed', 'HTTP 407: the proxy does not accept', proxies=f'{PROXY}:{proxy.port}', **fields)
                            self.assertEqual(job.http_status, 407)
                    self.assertEqual((whole.statuses, whole.wrong), (first + ([407, 200] if let_in else []), []))
                    # each of the server's demands is another tunnel
                    self.assertEqual((tunnel.statuses, tunnel.wrong), (first + ([407, 200] * 2 if let_in else []), []))
                    self.assertEqual((server.statuses, server.wrong), ([401, 401, 200] if let_in else [], []))

    # UPG-3, HTTP-3, HTTP-10: an image comes by a proxy as well, the whole of it and the rest
    def test_image(self):
        data, path = random.Random(1).randbytes(100_003), '/run/image'
        proxy = self.squid(auth=('phone', 'secret'), scheme='digest')
        account = {'proxy_user': 'phone', 'proxy_password': 'secret', **self.fields}

        def fetch(url, by, part=None):
            servers.write('/', path, data[:part[0]] if part else b'')
            job = jobs.image(url, path, part=part, proxies=by, **account)
            with open(path, 'rb') as file:
                self.assertEqual((job.ok, file.read() == data, job.proxies), (True, True, ''), job.message)
            return job
        for server, url in zip((self.plain, self.secure), self.urls):
            server.put('/fw', data)
            job = fetch(url.replace('a.xml', 'fw'), proxy.name)
            fetch(job.url, proxy.name, jobs.part_of(job.url, data, 5000, job.etag))
            self.assertEqual([line.split()[8] for line in server.access().splitlines() if '/fw' in line], ['200', '206'])

        # a rest that is none: the whole is asked for, which is another request
        def answer(request):
            odd = {'Content-Range': 'bytes 1-1/7'} if 'range' in request.headers else {}
            return Reply(206 if odd else 200, b'x' if odd else data, headers={'ETag': '"1"', **odd})
        with digest.Strict('phone', 'secret', 'SHA-256', answer, proxy=True, host=PROXY) as strict:
            fetch(f'http://{HOST}/fw', f'{PROXY}:{strict.port}', jobs.part_of(f'http://{HOST}/fw', data, 5000, '"1"'))
            self.assertEqual((strict.statuses, strict.wrong), ([407, 200] * 2, []))

    # HTTP-3, HTTP-10: a server behind a proxy may ask as well, and each gets its own
    def test_two_passwords(self):
        proxy = self.squid(auth=('phone', 'secret'), scheme='basic')
        users = servers.write('/run', 'users', 'user:{PLAIN}server-secret\n')
        extra = f'auth_basic prov; auth_basic_user_file {users};'
        for tls in (None, self.certificate):
            with self.subTest(tls=tls is not None), servers.Nginx(host=ADDRESS, tls=tls, extra=extra) as server, \
                    servers.Apache(host=ADDRESS, auth=('user', 'server-secret', 'prov')) as apache:
                server.put('/a.xml', PROFILE)
                apache.put('/a.xml', PROFILE)
                fields = {'proxies': proxy.name, 'proxy_user': 'phone', 'proxy_password': 'secret', 'user': 'user',
                          'password': 'server-secret', 'basic_over_http': True, **self.fields}
                self.good(f'http{"s" if tls else ""}://{HOST}:{server.port}/a.xml', **fields)
                self.good(f'http://{HOST}:{apache.port}/a.xml', **fields)

    # HTTP-9, HTTP-10: the proxy is no reason to believe a server
    def test_certificate_is_checked(self):
        proxy = self.squid()
        self.bad(self.urls[1], 'Untrusted', 'issuer that is not trusted', proxies=proxy.name, literal_address='')

    # HTTP-5, HTTP-10: what is behind the proxy cannot be reached, or not by it
    def test_refused_behind(self):
        proxy = self.squid()
        port = servers.free_port(host=ADDRESS)
        self.bad(f'https://{HOST}:{port}/', 'Unreachable', f'by the proxy {proxy.name}: it cannot reach the server', proxies=proxy.name,
                 **self.fields)
        self.bad(f'http://{HOST}:{port}/', 'Failed', f'by the proxy {proxy.name}: HTTP 503', proxies=proxy.name, **self.fields)
        closed = self.squid(rules='http_access deny all\n')
        self.bad(self.urls[1], 'Failed', f'by the proxy {closed.name}: it does not connect to the server (its status is 403)',
                 proxies=closed.name, **self.fields)
        self.bad(self.urls[0], 'Failed', 'HTTP 403', proxies=closed.name, **self.fields)

    # HTTP-2, HTTP-10
    def test_redirects(self):
        proxy = self.squid(auth=('phone', 'secret'), scheme='basic')
        way = ''.join(f'location = /{n} {{ return 302 http://{HOST}:{self.plain.port}/a.xml; }}' if n == 0 else
                      f'location = /{n} {{ return 302 /{n - 1}; }}' for n in range(4))
        with servers.Nginx(host=ADDRESS, extra=way + f'location = /up {{ return 302 {self.urls[1]}; }}') as server:
            for path, url in (('/3', self.urls[0]), ('/up', self.urls[1])):
                with self.subTest(path):
                    job = self.good(f'http://{HOST}:{server.port}{path}', proxies=proxy.name, proxy_user='phone',
                                    proxy_password='secret', **self.fields)
                    self.assertEqual(job.url, url)


class Routes(Case):
    # HTTP-10: in their order, until somebody can be reached
    def test_order(self):
        proxy = self.squid()
        dead = f'{PROXY}:{servers.free_port(host=PROXY)}'
        for url in self.urls:
            for proxies, used in ((f'{dead};{proxy.name}', True), (f'{dead};DIRECT', False), (f'no.example:1;{dead};DIRECT', False),
                                  (f'DIRECT;{proxy.name}', False)):
                with self.subTest(url=url, proxies=proxies):
                    before = len(proxy.access())
                    job = self.good(url, proxies=proxies, **self.fields)
                    self.assertEqual(job.server_address, '' if used else ADDRESS)
                    self.assertEqual(len(self.log(proxy, before + used)), before + used)
            job = self.bad(url, 'Unreachable', f'by the proxy {dead}: the connection was refused', proxies=f'no.example:1;{dead}',
                           **self.fields)
            self.assertTrue(job.silent)

    # HTTP-10: one that does not answer is passed over as well
    def test_deaf(self):
        with scripted.Mute(deaf=True, host=PROXY) as deaf:
            job = self.good(self.urls[0], proxies=f'{PROXY}:{deaf.port};DIRECT', connect_timeout=1, **self.fields)
            self.assertGreater(job.seconds, 1)

    # HTTP-10: who was reached is not passed over, whatever it says
    def test_no_second_opinion(self):
        with Scripted(lambda request: Reply(500), host=PROXY) as broken:
            for url in self.urls:
                with self.subTest(url):
                    self.bad(url, 'Failed', '500', proxies=f'{PROXY}:{broken.port};DIRECT', **self.fields)
            self.assertEqual(len(broken.requests), 2)

    # HTTP-10
    def test_unreadable(self):
        for proxies, text in ((':80', 'names no proxy'), ('a b:1', 'names no proxy'), ('host:99999', 'names no proxy'),
                              ('SOCKS 192.0.2.1:1080', 'names no proxy'), (';', 'no proxy is named')):
            with self.subTest(proxies):
                job = jobs.run(self.urls[0], proxies=proxies)
                self.assertEqual((job.ok, job.code), (False, 'Failed'))
                self.assertIn(text, job.message)

    # HTTP-12: a proxy is no way to what may not be asked, nor may it be such a place by its name
    def test_local_addresses(self):
        servers.name('inside.example', '127.0.0.1')
        with Scripted(lambda request: Reply(body=PROFILE), host=PROXY) as proxy, Scripted(lambda request: Reply(body=PROFILE)) as here:
            name = f'{PROXY}:{proxy.port}'
            for host in ('127.0.0.1', '[::1]', '169.254.169.254', '0.0.0.0', 'localhost', 'a.LocalHost.', '127.1', '127.0.0.1.', '2130706433',
                         '0x7f000001', '0177.0.0.1', '0', '0x7f.1'):
                with self.subTest(host):
                    self.bad(f'http://{host}/a', 'Unreachable', 'asked only where the rule itself names it', proxies=name, literal_address='')
            self.assertEqual(proxy.requests, [])
            self.good('http://127.0.0.1/a', proxies=name, literal_address='127.0.0.1')
            self.bad(self.urls[0], 'Unreachable', 'loopback', proxies=f'inside.example:{here.port}', literal_address='')
            self.assertEqual(here.requests, [])
            self.good(self.urls[0], proxies=f'127.0.0.1:{here.port}', literal_address='')


class Found(Case):
    """Proxies that a file named, and not somebody who may configure the phone."""

    # HTTP-12
    def test_local_addresses(self):
        with Scripted(lambda request: Reply(body=PROFILE)) as here:
            for name in (f'127.0.0.1:{here.port}', f'localhost:{here.port}'):
                self.bad(self.urls[0], 'Unreachable', 'loopback', proxies=name, proxies_found=True, **self.fields)
                # of several the next
                self.good(self.urls[0], proxies=f'{name};DIRECT', proxies_found=True, **self.fields)
            self.assertEqual(here.requests, [])

    # HTTP-2, HTTP-10: another host may have other proxies, which the daemon has to find; the same one has not
    def test_redirects(self):
        servers.name('other.example', ADDRESS)
        there = f'http://other.example:{self.plain.port}/a.xml?b=c'
        answers = {'/': Reply(302, headers={'Location': f'http://{HOST}:{self.plain.port}/a.xml'}),
                   '/twice': Reply(301, headers={'Location': '/there'}), '/there': Reply(302, headers={'Location': there})}
        with Scripted(answers, host=ADDRESS) as server:
            url = f'http://{HOST}:{server.port}'
            self.good(url + '/', proxies='DIRECT', proxies_found=True, **self.fields)
            for path, found, before, redirects in (('/there', True, 0, 1), ('/twice', True, 0, 2), ('/twice', True, 3, 5), ('/there', False, 0, 0)):
                with self.subTest(path, found=found, before=before):
                    job = jobs.run(url + path, proxies='DIRECT', proxies_found=found, redirects=before, **self.fields)
                    self.assertEqual((job.ok, job.url, job.redirects), (True, there, redirects), job.message)
                    self.assertEqual((job.http_status, job.assignments), (302, {}) if found else (200, jobs.VALUES))
            for path, before in (('/twice', 4), ('/there', 5)):
                self.bad(url + path, 'Failed', 'more than 5 redirects', proxies='DIRECT', proxies_found=True, redirects=before, **self.fields)


class Hostile(Case):
    WHO = {'proxy_user': 'phone', 'proxy_password': 'secret'}

    def through(self, answer, code, text, repeat=b'', stall=0, **fields):
        """The proxy answers CONNECT with these bytes."""
        def behave(peer):
            peer.socket.recv(65536)
            peer.send(answer)
            if repeat:
                peer.repeat(repeat)
            peer.wait(stall)
        with scripted.Server(behave, host=PROXY) as proxy:
            job = self.bad(self.urls[1], code, text, proxies=f'{PROXY}:{proxy.port}', **self.WHO, **self.fields, **fields)
            return job, proxy.sent

    # HTTP-10: what a proxy says instead of a tunnel is never taken for the server's word
    def test_answers_to_connect(self):
        for answer, code, text in (
                (b'HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n', 'Failed', 'its status is 302'),
                (b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="r"\r\n\r\n', 'Failed', 'its status is 401'),
                (b'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n', 'Failed', 'its status is 404'),
                (b'HTTP/1.1 304 No\r\n\r\n', 'Failed', 'its status is 304'),
                (b'HTTP/1.1 503 No\r\nRetry-After: 5\r\n\r\n', 'Unreachable', 'cannot reach the server'),
                (b'SSH-2.0-x\r\n\r\n', 'Unreachable', 'no HTTP'),
                (b'', 'Unreachable', 'ended the connection before it answered'),
                (b'HTTP/1.1 200 OK\r\n', 'Unreachable', 'ended the connection before it answered'),
                (b'HTTP/1.1 200 OK\r\n\r\nHello', 'Unreachable', 'more than an answer'),
                (b'HTTP/1.1 200 OK\r\n\r\n', 'Untrusted', '')):
            with self.subTest(answer):
                job, _sent = self.through(answer, code, text)
                self.assertEqual(job.retry_after, 0)

    # HTTP-10: without end, as a head, as a body, in silence
    def test_without_end(self):
        _job, sent = self.through(b'HTTP/1.1 200 OK\r\n', 'Unreachable', 'too long', repeat=b'X-Header: ' + b'x' * 1000 + b'\r\n')
        self.assertLess(sent, 16 << 20)
        _job, sent = self.through(b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="r"\r\nTransfer-Encoding: chunked\r\n\r\n', 'Failed',
                                  'HTTP 407: the proxy does not accept', repeat=scripted.chunk(b'x' * 65536))
        self.assertLess(sent, 64 << 20)
        job, _sent = self.through(b'', 'Unreachable', 'no answer within 1 seconds', stall=30, connect_timeout=1)
        self.assertLess(job.seconds, 10)

    # STORE-3, HTTP-10: the password for the proxy goes there and nowhere else
    def test_password_stays(self):
        asks = Reply(407, headers={'Proxy-Authenticate': 'Basic realm="r"'})
        with Scripted(lambda request: asks, host=ADDRESS, tls=self.certificate) as server:
            self.bad(f'https://{HOST}:{server.port}/', 'Failed', 'HTTP 407', proxies=self.squid().name, **self.WHO, **self.fields)
            self.assertEqual([request.headers.get('proxy-authorization') for request in server.requests], [None])
        with Scripted({'/': asks}, host=ADDRESS) as server, Scripted(lambda request: asks, host=PROXY) as proxy:
            dead = f'{PROXY}:{servers.free_port(host=PROXY)}'
            self.bad(f'http://{HOST}:{server.port}/', 'Failed', 'HTTP 407', proxies=f'{dead};DIRECT', **self.WHO, **self.fields)
            self.assertEqual([request.headers.get('proxy-authorization') for request in server.requests], [None])
            self.bad(f'http://{HOST}:{server.port}/', 'Failed', 'HTTP 407', proxies=f'{PROXY}:{proxy.port}', **self.WHO, **self.fields)
            self.assertEqual([request.headers.get('proxy-authorization') for request in proxy.requests], [None] + ['Basic cGhvbmU6c2VjcmV0'] * 2)
            self.assertEqual({request.target for request in proxy.requests}, {f'http://{HOST}:{server.port}/'})


if __name__ == '__main__':
    tap.main('box')
