#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncd-redirect, asked by curl, by nginx in front of it, and by clients that mean harm (docs/redirect-service.md)."""

import concurrent.futures
import contextlib
import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import certificates, redirect, servers, tap, tree, wait  # noqa: E402

PHONE = '00562B043615:FCH2036D5BY:CP-8851-3PCC'
OTHER = '00562B043616::'
CODE, EXPIRED, USED_UP = '1234567890123456', '2222333344445555', '9999888877776666'
BOOK = f'''
[phone 00:56:2b:04:36:15]
Serial=FCH2036D5BY
Rule=https://prov.example.com/$MA.xml?a=1&b=<2>
[phone 00562B043617]
Model=CP-8851-3PCC
Rule=https://prov.example.com/any.xml
[code 1234-5678 9012-3456]
Rule=https://prov.example.com/code.xml
[code {EXPIRED}]
Rule=https://prov.example.com/code.xml
Expires=2020-12-31
[code {USED_UP}]
Rule=https://prov.example.com/code.xml
Uses=1
[profile 4711]
Rule=https://prov.example.com/guest.xml
[code 5555555555555555]
Rule=https://prov.example.com/five.xml
Uses=5
'''
# and for kills, each for one phone
SINGLES = [f'77770000{i:08}' for i in range(12)]
BOOK += ''.join(f'[code {code}]\nRule=https://prov.example.com/{code}.xml\n' for code in SINGLES)


def curl(url, *arguments):
    """(status, headers in lower case, body)"""
    done = subprocess.run(['curl', '-sS', '-i', '--http1.1', '--max-time', '20', *arguments, url], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    head, _, body = done.stdout.replace('\r', '').partition('\n\n')
    match = re.match(r'HTTP/1\.1 (\d+)', head)
    if not match:
        raise RuntimeError(f'curl {url}: {done.stdout}')
    return int(match.group(1)), head.lower(), body


def where(server, phone=PHONE, *arguments, base=None):
    return curl(f'{base or server.url}/redirect?id={phone}', *arguments)


def post(server, field, code, phone=PHONE, base=None, client='192.0.2.1', path=None):
    path = path or ('activate' if field == 'code' else 'redirect')
    return curl(f'{base or server.url}/{path}', '-d', f'id={phone}', '-d', f'{field}={code}', '-H', f'X-Real-IP: {client}')


def unit_memory():
    """MiB that the unit may have."""
    with open(tree.source('systemd', 'resyncd-redirect.service.in'), encoding='utf-8') as file:
        return int(re.search(r'^MemoryMax=(\d+)M$', file.read(), re.M).group(1))


def peak(server):
    """MiB of memory that it had at most."""
    with open(f'/proc/{server.pid()}/status', encoding='ascii') as file:
        return int(re.search(r'VmHWM:\s+(\d+) kB', file.read()).group(1)) / 1024


def raw(server, data, seconds=5):
    """What comes back before the connection ends or the time is over."""
    with socket.create_connection((server.host, server.port), wait.PATIENCE) as connection:
        connection.settimeout(seconds)
        got = b''
        try:
            connection.sendall(data)
            while True:
                part = connection.recv(65536)
                got += part
                if not part or b'\r\n\r\n' in got:
                    return got
        except OSError:
            return got


class Replies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = redirect.Redirect(BOOK)
        cls.addClassCleanup(cls.server.close)

    def test_a_phone_of_the_book(self):
        """DISC-10: the reply is a small profile with the rule, escaped, that a phone can read"""
        status, headers, body = where(self.server)
        self.assertEqual(status, 200)
        self.assertIn('cache-control: no-store', headers)
        self.assertIn('<Profile_Rule>https://prov.example.com/$MA.xml?a=1&amp;b=&lt;2&gt;</Profile_Rule>', body)
        checked = subprocess.run([os.path.join(tree.BUILD, 'src', 'ctl', 'resyncctl'), '--catalogue', tree.source('data', 'catalogue'),
                                  'check', '-'], input=body, stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout), (0, '-: 1 parameter would be set\n'))

    def test_a_phone_that_is_unknown(self):
        """DISC-10: an empty reply; also where serial number or model are others than in the book"""
        for phone in (OTHER, '00562B043615:OTHER:CP-8851-3PCC', '00562B043617:X:CP-7832', '00562B043615::'):
            with self.subTest(phone):
                status, headers, body = where(self.server, phone)
                self.assertEqual((status, body), (200, ''))
                self.assertIn('content-length: 0', headers)
        self.assertIn('any.xml', where(self.server, '00562B043617:X:CP-8851-3PCC')[2])

    def test_codes_and_names(self):
        """DISC-11: digits lead to a rule; codes that are unknown, expired or used up get the same reply"""
        self.assertIn('/code.xml', post(self.server, 'code', CODE)[2])
        self.assertIn('/guest.xml', post(self.server, 'profile', '4711')[2])
        self.assertIn('/code.xml', post(self.server, 'code', USED_UP)[2])
        # the same phone may ask again
        self.assertIn('/code.xml', post(self.server, 'code', USED_UP)[2])

        def without_date(reply):
            return reply[0], re.sub('date: .*', '', reply[1]), reply[2]
        refused = [without_date(post(self.server, 'code', code, phone=OTHER, client='192.0.2.2'))
                   for code in (USED_UP, EXPIRED, '1111222233334444')]
        refused.append(without_date(post(self.server, 'profile', '815', phone=OTHER, client='192.0.2.2')))
        self.assertEqual(refused[0][0], 404)
        self.assertEqual(refused, [refused[0]] * 4)

    def test_a_name_is_no_code(self):
        """DISC-11: each has its own place"""
        for field, code, path in (('code', '4711', 'activate'), ('profile', CODE, 'redirect')):
            self.assertEqual(post(self.server, field, code, path=path, client='192.0.2.3')[0], 404)
        self.assertEqual(post(self.server, 'profile', '4711', path='activate', client='192.0.2.3')[0], 400)
        self.assertEqual(post(self.server, 'code', CODE, path='redirect', client='192.0.2.3')[0], 400)

    def test_no_code_in_the_log(self):
        """DISC-11: the log says who asked and what came of it, and no code"""
        post(self.server, 'code', '6543210987654321', client='192.0.2.9')
        post(self.server, 'profile', '4711', client='192.0.2.9')
        log = self.server.log()
        self.assertIn('192.0.2.9, phone 00562b043615: 404: no such code', log)
        for digits in ('6543210987654321', '4711', CODE):
            self.assertNotIn(digits, log)
        with open(os.path.join(self.server.state, 'uses.conf'), encoding='utf-8') as file:
            self.assertNotIn(USED_UP, file.read())

    def test_hostile_requests(self):
        """each is refused, or its connection ended, and the server answers the next one"""
        cases = {
            'no form': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n%%%', 400),
            'NUL in the form': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nid=\0&co=1', 400),
            'no UTF-8': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nid=\xff\xfe', 400),
            'a NUL that is escaped': (f'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n{"id=" + PHONE + "%00&code=1":<60}'.encode(), 400),
            'twice': (b'GET /redirect?id=00562B043615::&id=00562B043616:: HTTP/1.1\r\nHost: a\r\n\r\n', 400),
            'a code in the URL': (f'GET /redirect?id={PHONE}&profile=4711 HTTP/1.1\r\nHost: a\r\n\r\n'.encode(), 400),
            'no id': (b'GET /redirect HTTP/1.1\r\nHost: a\r\n\r\n', 400),
            'a MAC that is none': (b'GET /redirect?id=00562B04361:: HTTP/1.1\r\nHost: a\r\n\r\n', 400),
            'a control character': (b'GET /redirect?id=00562B043615:a%0ab: HTTP/1.1\r\nHost: a\r\n\r\n', 400),
            'a long query': (b'GET /redirect?id=' + b'0' * 5000 + b' HTTP/1.1\r\nHost: a\r\n\r\n', 400),
            'another path': (b'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n', 404),
            'another method': (b'DELETE /redirect?id=a HTTP/1.1\r\nHost: a\r\n\r\n', 405),
            'a code by GET': (b'GET /activate HTTP/1.1\r\nHost: a\r\n\r\n', 405),
            'a large body': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n', None),
            'a large body that comes': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n' + b'a' * 100000, None),
            'a chunked body': (b'POST /activate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', None),
            'both lengths': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', None),
            'a negative length': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n', None),
            'large headers': (b'GET /redirect HTTP/1.1\r\nHost: a\r\n' + b'X: ' + b'a' * 200000 + b'\r\n\r\n', None),
            'no HTTP': (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc' * 50, None),
            'nothing but blanks': (b'\r\n' * 1000, None),
            'half a request': (b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nid=', None),
        }
        for what, (data, status) in cases.items():
            with self.subTest(what):
                answer = raw(self.server, data, 0.3 if status is None else 5)
                if status is not None:
                    self.assertRegex(answer.split(b'\r\n')[0].decode(), f'^HTTP/1.[01] {status} ')
                elif answer:
                    self.assertRegex(answer.split(b'\r\n')[0].decode(), '^HTTP/1.[01] [45]')
                self.assertEqual(where(self.server)[0], 200)
        self.assertTrue(self.server.is_up())

    def test_random_bytes(self):
        """DISC-13: a server that is talked to in random bytes is still one"""
        chance = random.Random(5)
        request = f'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 70\r\n\r\nid={PHONE}&code={CODE}'.encode()
        for _ in range(60):
            data = bytearray(request)
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            raw(self.server, bytes(data), 0.02)
        self.assertEqual(where(self.server)[0], 200)

    def test_clients_that_leave(self):
        """who does not wait for the answer does no harm, whether or not its code is being counted"""
        body = f'id={PHONE}&code={SINGLES[0]}'
        for _ in range(20):
            with socket.create_connection((self.server.host, self.server.port)) as connection:
                connection.sendall(f'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}'.encode())
        self.assertIn(SINGLES[0], post(self.server, 'code', SINGLES[0])[2])


class Limits(unittest.TestCase):
    def test_wrong_codes_slow_the_client(self):
        """DISC-11: after five of them even the right one waits, and only that client's"""
        with redirect.Redirect(BOOK) as server:
            replies = [post(server, 'code', f'{i:016}') for i in range(5)]
            self.assertEqual([reply[0] for reply in replies], [404] * 5)
            status, headers, body = post(server, 'code', CODE)
            self.assertEqual((status, body), (429, ''))
            self.assertIn(int(re.search(r'retry-after: (\d+)', headers).group(1)), range(20, 31))
            # a phone that only asks where it belongs does not suffer, nor does anybody else
            self.assertEqual(where(server, PHONE, '-H', 'X-Real-IP: 192.0.2.1')[0], 200)
            self.assertEqual(post(server, 'code', CODE, client='192.0.2.7')[0], 200)

    def test_a_network_is_one_client(self):
        """an IPv6 site has as many addresses as it likes"""
        with redirect.Redirect(BOOK, limits='WrongCodes=2\n') as server:
            for i in range(2):
                self.assertEqual(post(server, 'code', '0' * 16, client=f'2001:db8::{i:x}')[0], 404)
            self.assertEqual(post(server, 'code', CODE, client='2001:db8::ffff:1')[0], 429)
            self.assertEqual(post(server, 'code', CODE, client='2001:db8:0:1::1')[0], 200)
            # IPv4 that is written as IPv6 is no network
            for i in range(2):
                self.assertEqual(post(server, 'code', '0' * 16, client='::ffff:192.0.2.1')[0], 404)
            self.assertEqual(post(server, 'code', CODE, client='192.0.2.1')[0], 429)
            self.assertEqual(post(server, 'code', CODE, client='::ffff:192.0.2.2')[0], 200)

    def test_a_clumsy_phone_waits_alone(self):
        """DISC-11: behind one address a phone that enters wrong codes does not lock the others, and who invents phones is slowed all the same"""
        with redirect.Redirect(BOOK, limits='WrongCodes=1\n') as server:
            self.assertEqual([post(server, 'code', '0' * 16)[0] for _ in range(2)], [404, 429])
            self.assertEqual(post(server, 'profile', '4711', phone=OTHER)[0], 200)
            invented = [post(server, 'profile', f'9{i:03}', phone=f'0056AA0000{i:02X}::')[0] for i in range(20)]
            self.assertEqual(invented, [404] * 19 + [429])
            self.assertEqual(post(server, 'profile', '4711', phone=OTHER)[0], 429)

    def test_only_a_proxy_on_this_machine_is_believed(self):
        """the header of anybody else says nothing about who asks"""
        servers.address('192.0.2.77')
        with redirect.Redirect(BOOK, host='192.0.2.77', limits='WrongCodes=2\n', tls=self.certificate('192.0.2.77')) as server:
            for i in range(3):
                status = curl(f'{server.url}/activate', '-d', f'id={PHONE}', '-d', 'code=' + '0' * 16, '-H', f'X-Real-IP: 198.51.100.{i}',
                              '--cacert', self.authority.path)[0]
                self.assertEqual(status, 404 if i < 2 else 429)

    def test_the_last_proxy_is_believed(self):
        """of a list, in one line or several, the address that the proxy added counts; one that says none is warned of once a book"""
        with redirect.Redirect(BOOK, more='ClientHeader=X-Forwarded-For\n', limits='WrongCodes=1\n') as server:
            def wrong(*addresses):
                lines = [part for address in addresses for part in ('-H', f'X-Forwarded-For: {address}')]
                return curl(f'{server.url}/activate', '-d', f'id={PHONE}', '-d', 'code=' + '0' * 16, *lines)[0]
            self.assertEqual([wrong(f'198.51.100.1, 192.0.2.{i}') for i in (1, 2, 2)], [404, 404, 429])
            self.assertEqual([wrong('192.0.2.2', '2001:db8::1 '), wrong('198.51.100.2,2001:db8::2')], [404, 429])
            self.assertNotIn('X-Forwarded-For', server.log())
            self.assertEqual([wrong(), wrong('192.0.2.3, unknown')], [404, 429])
            self.assertEqual(server.log().count('has no address in X-Forwarded-For'), 1)
            self.assertIn('192.0.2.1, phone 00562b043615: 404', server.log())
            server.reload(BOOK)
            wait.until(lambda: server.log().count(' phones, ') == 2, 'the book again')
            wrong()
            self.assertEqual(server.log().count('has no address in X-Forwarded-For'), 2)

    def certificate(self, name):
        self.authority = certificates.Authority()
        return self.authority.issue(name)

    def test_requests_of_a_minute(self):
        with redirect.Redirect(BOOK, limits='Requests=3\n') as server:
            # what has gone by since is taken off
            begun, told = time.monotonic(), lambda reply: int(re.search(r'retry-after: (\d+)', reply[1]).group(1))
            replies = [where(server, PHONE, '-H', 'X-Real-IP: 192.0.2.1') for _ in range(4)]
            self.assertEqual([reply[0] for reply in replies], [200, 200, 200, 429])
            self.assertAlmostEqual(told(replies[3]), 20, delta=1 + time.monotonic() - begun)
            self.assertEqual(where(server, PHONE, '-H', 'X-Real-IP: 192.0.2.2')[0], 200)
            # HTTP-7: who comes after it, behind the same address, is told a later turn
            self.assertAlmostEqual(told(where(server, OTHER, '-H', 'X-Real-IP: 192.0.2.1')), 40, delta=1 + time.monotonic() - begun)

    def test_a_limited_client_sends_no_more(self):
        """one that has to wait cannot fill the memory with what comes behind its headers either"""
        with redirect.Redirect(BOOK, limits='Requests=1\n') as server:
            where(server)
            chunk = b'%x\r\n' % (1 << 20) + b'a' * (1 << 20) + b'\r\n'
            for header, block in ((b'Content-Length: 100000000000', b'a' * (1 << 20)), (b'Transfer-Encoding: chunked', chunk)):
                with self.subTest(header), socket.create_connection((server.host, server.port), 20) as client:
                    client.sendall(b'POST /activate HTTP/1.1\r\nHost: a\r\n' + header + b'\r\n\r\n')
                    with self.assertRaises(OSError):
                        for _ in range(200):
                            client.sendall(block)
            self.assertEqual(where(server)[0], 429)

    def test_a_slow_client_is_hung_up_on(self):
        """one that sends nothing, half a request, or no next one, does not keep its connection"""
        with redirect.Redirect(BOOK, limits='Patience=1\n') as server:
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                got = list(pool.map(lambda data: raw(server, data, 10), (b'', b'GET /red', b'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na')))
            self.assertEqual([part[:9] for part in got], [b'', b'', b''])
            self.assertEqual(where(server)[0], 200)

    def hold(self, server, addresses):
        """A connection of each, with half a request, until the test ends."""
        def begin(address):
            connection = socket.create_connection((server.host, server.port), 20, (address, 0))
            with contextlib.suppress(OSError):
                connection.sendall(b'GET /red')
            return connection
        # at once, for the kernel lets a few wait at a time, and who finds no room comes again after a second
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            for connection in pool.map(begin, addresses):
                self.addCleanup(connection.close)

    @staticmethod
    def n_held(server, client):
        """How many connections of a client the server has. Who connects may take one for open that found no room there."""
        with open('/proc/net/tcp', encoding='ascii') as file:
            rows = [line.split()[1:4] for line in file][1:]
        here, there = (''.join(f'{part:02X}' for part in reversed(socket.inet_aton(host))) for host in (server.host, client))
        return len([row for row in rows if row[0] == f'{here}:{server.port:04X}' and row[1].startswith(there) and row[2] == '01'])

    def test_half_requests_of_one_address(self):
        """who holds more connections than its share loses the oldest of them, and nobody else waits"""
        with redirect.Redirect(BOOK, more='ClientHeader=\n', limits='Patience=600\n') as server:
            self.hold(server, ['127.0.0.66'] * 130)
            self.assertEqual([where(server)[0] for _ in range(3)], [200] * 3)
            wait.until(lambda: self.n_held(server, '127.0.0.66') == 64, 'its share')

    def test_more_connections_than_it_holds(self):
        """the oldest goes for each that comes, and who asks is answered meanwhile"""
        with redirect.Redirect(BOOK, limits='Patience=600\n') as server:
            self.hold(server, ['127.0.0.1'] * 700)
            self.assertEqual([where(server)[0] for _ in range(3)], [200] * 3)


class Uses(unittest.TestCase):
    def test_as_many_phones_as_may(self):
        """DISC-11: of 40 phones at once exactly five get the code that five may use, and they get it again after a restart"""
        with redirect.Redirect(BOOK) as server:
            phones = [f'0056AA0000{i:02X}::' for i in range(40)]

            def ask(phone):
                return post(server, 'code', '5' * 16, phone=phone, client='192.0.2.' + str(int(phone[10:12], 16)))[0]
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                first = dict(zip(phones, pool.map(ask, phones)))
            self.assertEqual(sorted(first.values()), [200] * 5 + [404] * 35)
            server.kill()
            server.start()
            self.assertEqual({phone: ask(phone) for phone in phones}, first)

    def test_killed_at_any_moment(self):
        """a code for one phone is never told to two, and who was counted is told again: killed between the count and the answer"""
        chance = random.Random(7)
        with redirect.Redirect(BOOK) as server:
            for i, code in enumerate(SINGLES):
                body = f'id={PHONE}&code={code}'
                with socket.create_connection((server.host, server.port)) as connection:
                    connection.sendall(f'POST /activate HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}'.encode())
                    connection.settimeout(chance.choice((0.0001, 0.0005, 0.001, 0.002, 0.004, 0.05)))
                    first = b''
                    with contextlib.suppress(TimeoutError, ConnectionResetError):
                        first = connection.recv(4096)
                    server.kill()
                server.start()
                other = post(server, 'code', code, phone=OTHER, client=f'192.0.2.{i}')[0]
                again = post(server, 'code', code, client=f'198.51.100.{i}')[0]
                self.assertEqual(sorted((other, again)), [200, 404], code)
                if b'200 OK' in first:
                    self.assertEqual(again, 200, code)

    def test_not_counted_is_not_told(self):
        """the count is on disk before the answer: where it cannot be written there is no rule"""
        with redirect.Redirect(BOOK) as server:
            shutil.move(server.state, server.state + '.away')
            status, headers, body = post(server, 'code', CODE)
            self.assertEqual((status, body), (503, ''))
            self.assertIn('retry-after: 60', headers)
            # and the phone was not counted: another may have it
            shutil.move(server.state + '.away', server.state)
            self.assertEqual(post(server, 'code', CODE, phone=OTHER)[0], 200)
            self.assertEqual(post(server, 'code', CODE)[0], 404)

    def test_a_file_that_was_cut(self):
        """codes are not counted anew, nor told to one phone more, because a part of the file is lost: it says so, and what to do"""
        with redirect.Redirect(BOOK) as server:
            self.assertEqual([post(server, 'code', code)[0] for code in (CODE, '5' * 16)], [200, 200])
            server.kill()
            path = os.path.join(server.state, 'uses.conf')
            with open(path, 'rb') as file:
                whole = file.read()
            lines = whole.splitlines(keepends=True)
            for what, content in (('empty', b''), ('a MAC that is cut', b''.join(lines[:-1])[:-5]), ('its end', b''.join(lines[:-1])),
                                  ('a line', b''.join(lines[:-2] + lines[-1:])), ('another MAC', whole.replace(b'043615', b'043616', 1)),
                                  ('zeros', bytes(len(whole)))):
                with self.subTest(what):
                    with open(path, 'wb') as file:
                        file.write(content)
                    done = subprocess.run([redirect.PROGRAM, '--config', server.config, '--state-dir', server.state],
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn('uses.conf does not say which codes were used', done.stdout)
            with open(path, 'wb') as file:
                file.write(whole)
            server.start()
            self.assertEqual([post(server, 'code', CODE, phone=phone, client='192.0.2.8')[0] for phone in (OTHER, PHONE)], [404, 200])

    def test_one_server_a_folder(self):
        with redirect.Redirect(BOOK) as server:
            second = servers.write(server.folder, 'second.conf', f'[Server]\nListen=127.0.0.1:{servers.free_port()}\n')
            done = subprocess.run([redirect.PROGRAM, '--config', second, '--state-dir', server.state], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn('cannot start', done.stdout)


class Configuration(unittest.TestCase):
    def test_the_example(self):
        with open(tree.source('docs', 'examples', 'redirect.conf'), encoding='utf-8') as file:
            self.assertEqual(redirect.start_error(file.read()), (0, 'redirect.conf: 1 phones, 2 codes\n'))

    def test_faults(self):
        """each is told with file and line, all of them at once"""
        rule = 'Rule=https://a/b\n'
        cases = {
            f'[phone 0056]\n{rule}': 'redirect.conf:1: a phone is named by its MAC',
            f'[phone 00562b043615]\n{rule}[phone 00:56:2B:04:36:15]\n{rule}': 'redirect.conf:3: this phone stands here twice',
            '[phone 00562b043615]\nSerial=1\n': 'redirect.conf:1: Rule is missing',
            '[phone 00562b043615]\nRule=[--kei x] https://a/b\n': 'redirect.conf:2: Rule: ',
            '[phone 00562b043615]\nRule=/only/a/path.xml\n': 'redirect.conf:2: Rule: it names no server',
            '[phone 00562b043615]\nRule=gds://\n': 'redirect.conf:2: Rule: it assigns parameters, or leads to gds://',
            '[phone 00562b043615]\nRule=(GPP_A = "x";)! https://a/b\n': 'redirect.conf:2: Rule: it assigns parameters, or leads to gds://',
            '[phone 00562b043615]\nRule=("$PN" = "x")? gds:// | https://a/b\n': 'redirect.conf:2: Rule: it assigns parameters, or leads',
            '[phone 00562b043615]\nRule=[--pwd $SB] https://a/b\n': 'redirect.conf:2: Rule: $SB is for rules that the phone has stored',
            '[phone 00562b043615]\nRule=https://$A/b\n': 'redirect.conf:1: Rule names no server on a phone out of its box',
            '[phone 00562b043615]\nRule=("$PN" = "x")? $B | https://a/b\n': 'redirect.conf:1: Rule names no server on a phone out of its',
            f'[phone 00562b043615]\n{rule}Rule=https://c/d\n': 'redirect.conf:3: Rule stands in this section twice',
            f'[phone 00562b043615]\nSerial=\nSerial=x\n{rule}': 'redirect.conf:3: Serial stands in this section twice',
            '[Limits]\nRequests=1\nRequests=1\n': 'redirect.conf:3: Requests stands in this section twice',
            f'[code 123]\n{rule}': 'redirect.conf:1: an activation code has 16 digits',
            f'[code 1234567890123456]\n{rule}[code 1234-5678-9012-3456]\n{rule}': 'redirect.conf:3: this code stands here twice',
            f'[profile 12]\n{rule}': 'redirect.conf:1: the name of a profile has 3 to 16 digits',
            f'[profile 123]\n{rule}Uses=many\n': 'redirect.conf:3: Uses: ',
            f'[profile 123]\n{rule}Expires=tomorrow\n': 'redirect.conf:3: Expires wants a day',
            '[Server]\nListen=0.0.0.0:80\n': 'redirect.conf: Listen=0.0.0.0:80 without CertificateFile',
            '[Server]\nListen=somewhere\n': 'redirect.conf:2: Listen wants ADDRESS:PORT',
            '[Server]\nCertificateFile=/a\n': 'redirect.conf: CertificateFile and PrivateKeyFile go together',
            '[Server]\nPort=1\n': 'redirect.conf:2: this section has no such key',
            '[Limits]\nWrongCodes=0\n': 'redirect.conf:2: WrongCodes: ',
            '[Servers]\nListen=1\n': 'redirect.conf:1: sections are',
            'Listen=1\n': 'redirect.conf:1: this line stands in no group',
            '[Server\n': 'redirect.conf:1: ',
        }
        for text, fault in cases.items():
            with self.subTest(text):
                status, said = redirect.start_error(text)
                self.assertEqual(status, 1)
                self.assertTrue(said.startswith(fault), said)
        status, said = redirect.start_error(''.join(text for text in cases if text.startswith('[phone')))
        self.assertEqual((status, said.count('\n') > 4), (1, True), said)

    def test_warnings(self):
        """PHONE-3: $$ is no macro; a rule with an account or a key in it that anybody is told who says the MAC is told in turn, and counts"""
        for rule in ('[--uid a --pwd b] https://a/b', '[--uid a] https://a/b', '[--key a] https://a/b', '("$PN" = "x")? https://a/b | https://u:p@a/b'):
            with self.subTest(rule):
                status, said = redirect.start_error(f'[phone 00562b043615]\nRule={rule}\n[code {CODE}]\nRule={rule}\n')
                self.assertEqual(status, 0)
                self.assertIn('redirect.conf:1: warning: without Serial', said)
                self.assertEqual(said.count('\n'), 2, said)
                self.assertEqual(redirect.start_error(f'[phone 00562b043615]\nRule={rule}\nSerial=F\n'), (0, 'redirect.conf: 1 phones, 0 codes\n'))
        for rule in ('https://a/b@c?d=@', 'https://a/$$SA', '[--srv] https://a/b'):
            self.assertEqual(redirect.start_error(f'[phone 00562b043615]\nRule={rule}\n'), (0, 'redirect.conf: 1 phones, 0 codes\n'))

    def test_warnings_of_codes(self):
        """DISC-10, DISC-11: a name that can be guessed is no key to a password; a rule that needs what only profiles set is for phones that had one"""
        for section, rule, warning in (('profile 4711', '[--pwd b] https://a/b', 'a name of so few digits can be guessed'),
                                       ('profile 12345678', 'https://u:p@a/b', 'a name of so few digits can be guessed'),
                                       (f'code {CODE}', 'https://$A/b', 'on a phone out of its box the rule names no server'),
                                       ('profile 4711', 'https://a:$B/b', 'on a phone out of its box the rule names no server'),
                                       ('profile 123456789', '[--pwd b] https://a/b', ''), ('profile 4711', 'https://a/$A', ''),
                                       ('profile 4711', 'https://a/$$A/$$SA$B', '')):
            with self.subTest(rule):
                status, said = redirect.start_error(f'[{section}]\nRule={rule}\n')
                expected = f'redirect.conf:1: warning: {warning}' if warning else 'redirect.conf: 0 phones, 1 codes\n'
                self.assertEqual((status, said[:len(expected)]), (0, expected), said)
        # in another section of the same name a key may stand again
        self.assertEqual(redirect.start_error('[Limits]\nRequests=1\n[Limits]\nRequests=2\n'), (0, 'redirect.conf: 0 phones, 0 codes\n'))

    def test_too_large(self):
        """a book that the unit's memory might not hold twice is refused, whether it is in one file or in several"""
        half = '# nothing\n' * 900000
        self.assertEqual(redirect.start_error(half), (0, 'redirect.conf: 0 phones, 0 codes\n'))
        for text, more, name in ((half * 2, (), 'redirect.conf'), (half, (('a.conf', half),), 'redirect.conf.d/a.conf')):
            status, said = redirect.start_error(text, more)
            self.assertEqual(status, 1)
            self.assertRegex(said, f'^{name}: .*larger than 16777216 bytes')

    def test_a_large_book(self):
        """the unit's memory holds the largest book and another one that is read, and phones are answered meanwhile"""
        part = 8
        n = (16 << 20) // part // len('[profile 000000]\nRule=a/b\n')
        # nothing shorter takes as much memory for its text
        book = ''.join(f'[profile {i:06}]\nRule=a/b\n' for i in range(n))
        with redirect.Redirect('', limits='Requests=0\n') as server:
            few = peak(server)
            server.reload(book)
            wait.until(lambda: f'{n} codes' in server.log(), 'the large book')
            client, answered, tries = http.client.HTTPConnection(server.host, server.port), 0, iter(range(20))
            # who asks may be slower than who reads
            while answered < 5:
                self.assertIsNotNone(next(tries, None), 'nobody is answered while it reads')
                times, answered = server.log().count(f'{n} codes'), 0
                server.reload(book)
                while server.log().count(f'{n} codes') == times:
                    client.request('GET', f'/redirect?id={OTHER}')
                    answered += client.getresponse().read() == b''
            client.close()
            # a sanitizer takes memory of its own; 100 are for clients that are remembered, and what is read
            if not tree.is_sanitized():
                self.assertLess(few + (peak(server) - few) * part, unit_memory() - 100)

    def test_folder(self):
        """what stands in FILE.d counts, too, in files that end in .conf"""
        more = (('a.conf', '[phone 00562b043615]\nRule=https://a/b\n'), ('b.conf', '[phone 00562b043615]\nRule=https://a/b\n'),
                ('c.conf~', 'nonsense'))
        self.assertEqual(redirect.start_error('', more[:1] + more[2:]), (0, 'redirect.conf: 1 phones, 0 codes\n'))
        self.assertEqual(redirect.start_error('', more), (1, 'redirect.conf.d/b.conf:1: this phone stands here twice\n'))
        self.assertEqual(redirect.start_error('\xff')[0], 1)

    def test_read_again(self):
        """SIGHUP: another book counts at once, one with a fault does not"""
        with redirect.Redirect(BOOK) as server:
            # who finds it listening may send one already
            with open(f'/proc/{server.pid()}/status', encoding='ascii') as file:
                self.assertRegex(file.read(), r'SigCgt:.*[13579bdf]\n')
            server.reload('[phone 00562b043616]\nRule=https://new.example.com/a\n')
            wait.until(lambda: 'new.example.com' in where(server, OTHER)[2], 'the new book')
            self.assertEqual(where(server)[2], '')
            server.reload('[phone 1]\n')
            wait.until(lambda: 'a phone is named by its MAC' in server.log(), 'the fault')
            self.assertIn('new.example.com', where(server, OTHER)[2])

    def test_a_renewed_certificate(self):
        """SIGHUP: connections that begin afterwards see the certificate that then is there; one that cannot be read changes nothing"""
        old, new = certificates.Authority(), certificates.Authority()
        tls, renewed = old.issue('127.0.0.1'), new.issue('127.0.0.1')

        def is_trusted(authority):
            return subprocess.run(['curl', '-sf', '--cacert', authority.path, f'{server.url}/redirect?id={PHONE}'],
                                  stdout=subprocess.DEVNULL, check=False).returncode == 0
        with redirect.Redirect(BOOK, tls=tls) as server:
            self.assertTrue(is_trusted(old))
            with open(tls.chain, 'w', encoding='utf-8') as file:
                file.write('half a file')
            server.reload(BOOK)
            wait.until(lambda: 'what was there before stays' in server.log(), 'what is wrong with it')
            self.assertTrue(is_trusted(old))
            shutil.copy(renewed.chain, tls.chain)
            shutil.copy(renewed.key, tls.key)
            server.reload(BOOK)
            wait.until(lambda: is_trusted(new), 'the renewed certificate')


class BehindNginx(unittest.TestCase):
    def test_by_https(self):
        """the lines of docs/redirect-service.md: the proxy has TLS, and says who asks"""
        with open(tree.source('docs', 'redirect-service.md'), encoding='utf-8') as file:
            block = re.search(r'```nginx\n(.*?)```', file.read(), re.S).group(1)
        location = re.search(r'  client_max_body_size.*?\n  \}\n', block, re.S).group(0)
        authority = certificates.Authority()
        with redirect.Redirect(BOOK, limits='WrongCodes=1\n') as server, \
                servers.Nginx(tls=authority.issue('127.0.0.1'), extra=location.replace('127.0.0.1:8780', f'127.0.0.1:{server.port}')) as nginx:
            trusted = ('--cacert', authority.path)
            self.assertIn('Profile_Rule', where(server, PHONE, *trusted, base=nginx.url)[2])
            self.assertEqual(where(server, OTHER, *trusted, base=nginx.url)[2], '')
            body = ('-d', f'id={PHONE}', '-d')
            self.assertEqual(curl(f'{nginx.url}/activate', *trusted, *body, 'code=' + '0' * 16)[0], 404)
            # what the client says of itself does not count
            self.assertEqual(curl(f'{nginx.url}/activate', *trusted, *body, f'code={CODE}', '-H', 'X-Real-IP: 192.0.2.99')[0], 429)
            self.assertIn('127.0.0.1, phone 00562b043615: 404', server.log())
            self.assertEqual(curl(f'{nginx.url}/activate', *trusted, '-d', 'a' * 9000)[0], 413)
            self.assertNotIn(CODE, nginx.access())


if __name__ == '__main__':
    tap.main('box')
