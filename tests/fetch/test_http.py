# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profiles by HTTP, from real servers and from one that misbehaves: what the worker makes of each."""

import gzip
import os
import random
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import scripted, servers, tap  # noqa: E402

import jobs  # noqa: E402
from jobs import PROFILE  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402

_CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'


def _resolve_by(text):
    with open('/etc/resolv.conf', 'w', encoding='ascii') as file:
        file.write(text)


class Fetching(unittest.TestCase, jobs.Asserts):
    # HTTP-1
    def test_nginx(self):
        with servers.Nginx() as server:
            server.put('/a.xml', PROFILE)
            job = self.good(server.url + '/a.xml')
            self.assertEqual(job.http_status, 200)
            self.assertEqual(job.url, server.url + '/a.xml')
            self.assertEqual(job.server_address, '127.0.0.1')
            self.assertTrue(job.etag and job.last_modified)
            self.assertEqual([stage for stage, *_ in job.progress], ['connecting', 'downloading', 'decoding'])
            self.assertEqual(job.progress[-1][1:3], [len(PROFILE), len(PROFILE)])

    # HTTP-1
    def test_ipv6(self):
        with servers.Nginx(host='::1') as server:
            server.put('/a.xml', PROFILE)
            job = self.good(server.url + '/a.xml', literal_address='::1')
            self.assertEqual(job.server_address, '::1')

    # HTTP-1
    def test_framings(self):
        body = PROFILE.encode()
        raw = {'/10': b'HTTP/1.0 200 OK\r\n\r\n' + body,
               '/10-length': b'HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body) + body,
               '/extension': _CHUNKED + b'%x;a=b\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n' % (len(body), body),
               '/continue': b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n' + body,
               '/both': _CHUNKED[:-2] + b'Content-Length: 3\r\n\r\n' + scripted.chunk(body) + b'0\r\n\r\n'}
        with Scripted({'/chunked': Reply(body=body, chunked=True), '/end': Reply(body=body, length=None),
                       **{path: Reply(raw=data) for path, data in raw.items()}}) as server:
            for path in ('/chunked', '/end', *raw):
                with self.subTest(path):
                    self.good(server.url + path)

    # PROF-8
    def test_gzip(self):
        packed = gzip.compress(PROFILE.encode())
        with Scripted({'/transport': Reply(body=packed, headers={'Content-Encoding': 'gzip'}), '/file': Reply(body=packed),
                       '/both': Reply(body=gzip.compress(packed), headers={'Content-Encoding': 'gzip'}, chunked=True)}) as server:
            for path in ('/transport', '/file', '/both'):
                with self.subTest(path):
                    self.good(server.url + path)
            self.assertEqual({'accept-encoding' in request.headers for request in server.requests}, {False})

    # PHONE-2
    def test_request(self):
        agent = 'Cisco-CP-7832-3PCC/11.0.1 (00562b043615)'
        with Scripted({'/a.xml?x=1&y=%7C': Reply(body=PROFILE)}) as server:
            self.good(server.url + '/a.xml?x=1&y=%7C', user_agent=agent)
            request, = server.requests
            self.assertEqual(request.method, 'GET')
            self.assertEqual(request.headers, {'host': f'127.0.0.1:{server.port}', 'user-agent': agent, 'connection': 'Keep-Alive'})

    # HTTP-1
    def test_long_path(self):
        path = '/' + '\u00e4' * 2000
        with Scripted({path.replace('\u00e4', '%C3%A4'): Reply(body=PROFILE)}) as server:
            job = jobs.run(server.url + path)
            self.assertEqual((job.ok, job.url), (True, ''), job.message)

    # STORE-3
    def test_query_is_masked(self):
        with Scripted({}) as server:
            job = self.bad(server.url + '/a?token=1234', 'NotFound', 'HTTP 404')
            self.assertIn('/a?…: HTTP 404', job.message)
            self.assertNotIn('1234', job.message)

    def test_progress_is_not_a_flood(self):
        block = b'<!--' + b'x' * 20000 + b'-->'
        head = b'HTTP/1.1 200 OK\r\n\r\n<flat-profile>'
        with scripted.Stream(head, block, limit=60 * len(block), pause=0.02) as server:
            job = self.bad(server.url, 'Corrupt', '')
            times = [at for stage, _, _, at in job.progress if stage == 'downloading']
            self.assertGreaterEqual(len(times), 3)
            # four a second of the worker's life, whenever they are read
            self.assertLessEqual(len(times) - 2, job.seconds / 0.25, times)

    def test_cancelled(self):
        with scripted.Mute() as server:
            job = jobs.run(server.url, cancel_after=200)
            self.assertEqual((job.ok, job.code), (False, 'Cancelled'))
            self.assertLess(job.seconds, 3)


class Statuses(unittest.TestCase, jobs.Asserts):
    # HTTP-2, HTTP-4, HTTP-5, HTTP-6: the status table
    def test_nginx(self):
        table = {204: 'only 200', 300: 'not followed', 303: 'not followed', 307: 'not followed', 308: 'not followed',
                 400: 'client certificate', 401: '--uid', 402: 'refused', 403: 'access rules', 404: 'no such file',
                 405: 'refused', 406: 'refused', 409: 'refused', 410: 'gone', 411: 'refused', 412: 'refused',
                 413: 'refused', 414: 'refused', 415: 'refused', 416: 'refused', 421: 'virtual hosts', 429: 'too many',
                 451: 'refused', 500: 'failed', 501: 'failed', 502: 'failed', 503: 'overloaded', 504: 'failed', 507: 'failed'}
        where = 'http://127.0.0.1:1/elsewhere'
        extra = ''.join(f'location = /{status} {{ return {status}{" " + where if status in (303, 307, 308) else ""}; }}\n'
                        for status in table)
        with servers.Nginx(extra=extra) as server:
            for status, text in table.items():
                with self.subTest(status):
                    job = self.bad(f'{server.url}/{status}', 'NotFound' if status == 404 else 'Failed', f'HTTP {status}: ')
                    self.assertIn(text, job.message)
                    self.assertEqual((job.http_status, job.overload, job.silent), (status, status in (429, 503), False))

    # HTTP-4, HTTP-8
    def test_odd_ones(self):
        for status in (201, 206, 226, 304, 305, 399, 407, 408, 499, 599, 299):
            with self.subTest(status), Scripted({'/': Reply(status, PROFILE)}) as server:
                job = self.bad(server.url + '/', 'Failed', f'HTTP {status}: ')
                self.assertEqual(job.http_status, status)

    def test_no_status(self):
        with Scripted({'/': Reply(999, PROFILE)}) as server:
            job = self.bad(server.url + '/', 'Failed', '')
            self.assertEqual(job.http_status, 0)

    # HTTP-7
    def test_retry_after(self):
        now = time.time()
        for status, field, low, high in ((503, '120', 120, 120), (429, '7', 7, 7), (503, '0', 1, 1), (503, '1000000', 86400, 86400),
                                         (429, time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime(now + 300)), 280, 300),
                                         (503, 'soon', 0, 0), (500, '120', 0, 0), (404, '120', 0, 0)):
            with self.subTest(status=status, field=field), \
                    Scripted({'/': Reply(status, headers={'Retry-After': field})}) as server:
                job = jobs.run(server.url + '/')
                self.assertTrue(low <= job.retry_after <= high, job.retry_after)
                self.assertEqual(job.overload, status in (429, 503))

    # HTTP-7: a date counts from the server's own
    def test_retry_after_other_clock(self):
        reply = Reply(503, headers={'Date': 'Fri, 01 Jan 2010 00:00:00 GMT', 'Retry-After': 'Fri, 01 Jan 2010 00:01:30 GMT'})
        with Scripted({'/': reply}) as server:
            self.assertEqual(jobs.run(server.url + '/').retry_after, 90)

    # HTTP-8
    def test_not_modified(self):
        with servers.Nginx() as server:
            server.put('/a.xml', PROFILE)
            first = self.good(server.url + '/a.xml')
            for fields in ({'if_none_match': first.etag}, {'if_modified_since': first.last_modified},
                           {'if_none_match': first.etag, 'if_modified_since': first.last_modified}):
                with self.subTest(fields):
                    job = jobs.run(server.url + '/a.xml', **fields)
                    self.assertTrue(job.ok and job.not_modified, job.message)
                    self.assertEqual((job.http_status, job.assignments, job.digest), (304, {}, ''))
                    self.assertEqual(job.etag, first.etag)
            self.good(server.url + '/a.xml', if_none_match='"another"')

    # HTTP-8
    def test_validators_kept_where_304_has_none(self):
        with Scripted({'/': Reply(304)}) as server:
            job = jobs.run(server.url + '/', if_none_match='"v1"', if_modified_since='Fri, 01 Jan 2010 00:00:00 GMT')
            self.assertTrue(job.not_modified)
            self.assertEqual((job.etag, job.last_modified), ('"v1"', 'Fri, 01 Jan 2010 00:00:00 GMT'))
            self.assertEqual(server.requests[0].headers['if-none-match'], '"v1"')
            self.assertEqual(server.requests[0].headers['if-modified-since'], 'Fri, 01 Jan 2010 00:00:00 GMT')

    # HTTP-8
    def test_bad_validators_count_as_none(self):
        for etag in ('"' + 'x' * 2000 + '"', '"\u00e4"', '"a\tb"'):
            with self.subTest(etag[:10]):
                raw = f'HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {len(PROFILE)}\r\n\r\n{PROFILE}'
                with Scripted({'/': Reply(raw=raw.encode())}) as server:
                    self.assertEqual(self.good(server.url + '/').etag, '')


class Redirects(unittest.TestCase, jobs.Asserts):
    # HTTP-2
    def test_followed(self):
        with servers.Nginx(extra='location = /1 { return 301 /2; } location = /2 { return 302 sub/../a.xml?x; }') as server:
            server.put('/a.xml', PROFILE)
            job = self.good(server.url + '/1')
            self.assertEqual(job.url, server.url + '/a.xml?x')

    # HTTP-2
    def test_to_another_host(self):
        servers.address('192.0.2.20')
        with servers.Nginx(host='192.0.2.20') as target, \
                Scripted({'/': Reply(302, headers={'Location': target.url + '/a.xml'})}) as server:
            target.put('/a.xml', PROFILE)
            job = self.good(server.url + '/')
            self.assertEqual((job.url, job.server_address), (target.url + '/a.xml', '192.0.2.20'))

    # HTTP-2
    def test_at_most_five(self):
        replies = {f'/{n}': Reply(302, headers={'Location': f'/{n - 1}'}) for n in range(1, 9)}
        with Scripted({'/0': Reply(body=PROFILE), **replies}) as server:
            self.good(server.url + '/5')
            self.assertEqual(len(server.targets()), 6)
            self.bad(server.url + '/6', 'Failed', 'more than 5 redirects')
            self.assertEqual(server.targets()[6:], ['/6', '/5', '/4', '/3', '/2', '/1'])

    # HTTP-2
    def test_refused(self):
        for location, text in ((None, 'without saying where'), ('file:///etc/passwd', 'only http and https'),
                               ('tftp://192.0.2.1/x', 'only http and https'), ('http://[x', 'no URL')):
            headers = {'Location': location} if location else {}
            with self.subTest(location), Scripted({'/': Reply(301, headers=headers)}) as server:
                self.bad(server.url + '/', 'Failed', text)
                self.assertEqual(len(server.requests), 1)

    # HTTP-2: with an endless body
    def test_body_is_not_read(self):
        with Scripted({'/': Reply(body=PROFILE)}) as target, \
                scripted.Stream(b'HTTP/1.1 302 Found\r\nLocation: %s/\r\n\r\n' % target.url.encode(), b'x' * 65536) as server:
            self.good(server.url)
            self.assertLess(server.sent, 16 << 20)

    # HTTP-2, HTTP-3
    def test_credentials_stay_home(self):
        servers.address('192.0.2.20')
        wants = Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'})
        fields = {'user': 'u', 'password': 'p', 'basic_over_http': True}
        # another host; another port of the same one, where anybody may listen
        for host in ('192.0.2.20', '127.0.0.1'):
            with self.subTest(host), Scripted({'/': wants}, host=host) as target, \
                    Scripted({'/': [wants, Reply(302, headers={'Location': target.url + '/'})]}) as server:
                self.bad(server.url + '/', 'Failed', 'does not get', **fields)
                self.assertEqual([request.headers.get('authorization') for request in server.requests], [None, 'Basic dTpw'])
                self.assertEqual([request.headers.get('authorization') for request in target.requests], [None])

    # HTTP-2: userinfo that a server writes is nobody's
    def test_userinfo_is_dropped(self):
        with Scripted({'/': Reply(302, headers={'Location': 'http://x:y@127.0.0.1:PORT/b'}), '/b': Reply(body=PROFILE)}) as server:
            server._answer['/'].headers['Location'] = f'http://x:y@127.0.0.1:{server.port}/b'
            job = self.good(server.url + '/')
            self.assertEqual(job.url, server.url + '/b')
            self.assertNotIn('authorization', server.requests[1].headers)

    # HTTP-12
    def test_to_a_local_address(self):
        servers.address('192.0.2.20')
        servers.name('inside.example', '127.0.0.1')
        for location in ('http://127.0.0.1:8/x', 'http://inside.example/x', 'http://[::1]/x', 'http://0.0.0.0/x',
                         'http://169.254.169.254/latest', 'http://[::ffff:127.0.0.1]/x'):
            with self.subTest(location), \
                    Scripted({'/': Reply(302, headers={'Location': location})}, host='192.0.2.20') as server:
                job = self.bad(server.url + '/', 'Unreachable', 'asked only where the rule itself names it', literal_address='')
                self.assertFalse(job.silent)

    # HTTP-12: what the C library might take for an address
    def test_to_an_odd_address(self):
        servers.address('192.0.2.20')
        for host in ('127.1', '0x7f000001', '2130706433', '0177.0.0.1'):
            with self.subTest(host), \
                    Scripted({'/': Reply(302, headers={'Location': f'http://{host}/x'})}, host='192.0.2.20') as server:
                self.bad(server.url + '/', 'Unreachable', '', literal_address='')


class Bodies(unittest.TestCase, jobs.Asserts):
    # HTTP-5: a cut body
    def test_cut_short(self):
        big = '<flat-profile>' + '<!-- x -->' * 10000 + '</flat-profile>'
        half = big[:5000].encode()
        with Scripted({'/length': Reply(body=big, cut=5000), '/reset': Reply(body=big, cut=5000, reset=True),
                       '/chunk': Reply(raw=_CHUNKED + b'ffff\r\n' + half),
                       '/nothing': Reply(body=big, cut=0)}) as server:
            for path in ('/length', '/reset', '/chunk', '/nothing'):
                with self.subTest(path):
                    job = self.bad(server.url + path, 'Unreachable', 'the connection ended before the whole file had come')
                    self.assertEqual((job.silent, job.overload, job.http_status), (False, False, 200))

    # PROF-11: where the transport cannot tell, the profile does
    def test_cut_between_chunks(self):
        big = ('<flat-profile>' + '<!-- x -->' * 10000 + '</flat-profile>').encode()
        with Scripted({'/chunk': Reply(body=big, chunked=True, cut=5000), '/end': Reply(body=big, cut=5000, length=None),
                       '/bad-size': Reply(raw=_CHUNKED + b'zz\r\nhello\r\n'),
                       '/huge-size': Reply(raw=_CHUNKED + b'FFFFFFFFFFFFFFFFF\r\nhello\r\n')}) as server:
            for path in ('/chunk', '/end', '/bad-size', '/huge-size'):
                with self.subTest(path):
                    job = jobs.run(server.url + path)
                    self.assertIn(job.code, ('Corrupt', 'Unreachable'), job.message)
                    self.assertFalse(job.ok)

    # PROF-4, PROF-11
    def test_corrupt(self):
        page = '<!DOCTYPE html>\n<html><head><title>Login</title></head><body>Welcome</body></html>'
        with servers.Nginx() as server:
            server.put('/empty.xml', '')
            server.put('/page.xml', page)
            server.put('/bad.xml', '<flat-profile><GPP_A>x</GPP_B></flat-profile>')
            server.put('/cut.xml', PROFILE[:40])
            server.put('/other.xml', '<other/>')
            for path in ('/empty.xml', '/page.xml', '/bad.xml', '/cut.xml', '/other.xml'):
                with self.subTest(path):
                    job = self.bad(server.url + path, 'Corrupt', '')
                    self.assertEqual(job.http_status, 200)
                    self.assertEqual((job.etag, job.digest), ('', ''))

    # HTTP-1: a bound on the bytes
    def test_too_large_by_its_own_word(self):
        with scripted.Stream(b'HTTP/1.1 200 OK\r\nContent-Length: 100000001\r\n\r\n', b'x' * 65536) as server:
            job = self.bad(server.url, 'Corrupt', '100000001 bytes, more than the 100000000', max_bytes=100000000)
            self.assertLess(server.sent, 16 << 20)
            self.assertLess(job.seconds, 5)

    # HTTP-1
    def test_too_large(self):
        for head, block in ((_CHUNKED, scripted.chunk(b'x' * 65536)), (b'HTTP/1.0 200 OK\r\n\r\n', b'x' * 65536)):
            with self.subTest(head[:40]), scripted.Stream(head, block) as server:
                self.bad(server.url, 'Corrupt', 'larger than 1000000 bytes', max_bytes=1000000)
                self.assertLess(server.sent, 32 << 20)

    # HTTP-1
    def test_exactly_as_large_as_allowed(self):
        with Scripted({'/': Reply(body=PROFILE)}) as server:
            self.good(server.url + '/', max_bytes=len(PROFILE))
            self.bad(server.url + '/', 'Corrupt', 'more than', max_bytes=len(PROFILE) - 1)

    # HTTP-5
    def test_no_http(self):
        for raw, text in ((b'SSH-2.0-OpenSSH_9.2\r\n', 'no answer in HTTP'), (b'<hello/>\n', 'no answer in HTTP'),
                          (b'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello', 'Content-Length is no number'),
                          (b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello', 'Content-Length is no number'),
                          (b'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello', 'Content-Length is no number')):
            with self.subTest(raw), Scripted({'/': Reply(raw=raw)}) as server:
                self.bad(server.url + '/', 'Failed', text)

    # HTTP-5: whatever comes, the worker lives to tell
    def test_mutations(self):
        chance = random.Random(5)
        seeds = [b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "x"\r\n\r\n' % len(PROFILE) + PROFILE.encode(),
                 _CHUNKED + scripted.chunk(PROFILE.encode()) + b'0\r\n\r\n',
                 b'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x?y\r\nContent-Length: 0\r\n\r\n',
                 b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth", Basic realm=x\r\n\r\n',
                 b'HTTP/1.1 503 No\r\nRetry-After: 120\r\nDate: Fri, 01 Jan 2010 00:00:00 GMT\r\n\r\n']
        for round_ in range(60):
            raw = bytearray(chance.choice(seeds))
            for _ in range(chance.randint(1, 6)):
                place = chance.randrange(len(raw))
                raw[place:place + chance.randint(0, 3)] = bytes(chance.choice((0, 10, 13, 32, 34, 44, 58, 127, 128, 255,
                                                                               chance.randrange(256)))
                                                                for _ in range(chance.randint(0, 3)))
            with self.subTest(round_), Scripted(lambda request, data=bytes(raw): Reply(raw=data)) as server:
                job = jobs.run(server.url + '/', user='u', password='p', basic_over_http=True)
                self.assertNotIn('worker', job.message, bytes(raw))

    # HTTP-5
    def test_nothing_at_all(self):
        with Scripted({'/': Reply(raw=b'')}) as server:
            job = self.bad(server.url + '/', 'Unreachable', 'ended the connection before it answered')
            self.assertTrue(job.silent)

    # HTTP-5
    def test_endless_headers(self):
        for head, block in ((b'HTTP/1.1 200 OK\r\n', b'X-A: ' + b'y' * 1000 + b'\r\n'), (b'HTTP/1.1 200 OK\r\n', b'X' * 65536)):
            with self.subTest(block[:5]), scripted.Stream(head, block) as server:
                job = jobs.run(server.url)
                self.assertEqual(job.ok, False)
                self.assertLess(server.sent, 64 << 20)

    # HTTP-5
    def test_endless_continue(self):
        with scripted.Stream(b'', b'HTTP/1.1 100 Continue\r\n\r\n' * 2000, limit=1 << 40) as server:
            job = self.bad(server.url, 'Failed', 'preliminary answers without end')
            self.assertLess(job.seconds, 10)


class Silence(unittest.TestCase, jobs.Asserts):
    # HTTP-5
    def test_refused(self):
        port = servers.free_port()
        job = self.bad(f'http://127.0.0.1:{port}/a', 'Unreachable', 'refused')
        self.assertTrue(job.overload and job.silent)

    # HTTP-5
    def test_no_route(self):
        subprocess.run(['ip', 'route', 'replace', 'unreachable', '198.51.100.0/24'], check=True)
        job = self.bad('http://198.51.100.1/a', 'Unreachable', 'no route')
        self.assertEqual((job.overload, job.silent), (False, True))

    # HTTP-5
    def test_unknown_host(self):
        job = self.bad('http://nowhere.invalid/a', 'Unreachable', 'nowhere.invalid')
        self.assertEqual((job.overload, job.silent), (False, True))

    # HTTP-5
    def test_silent_dns(self):
        with open('/etc/resolv.conf', encoding='ascii') as file:
            before = file.read()
        self.addCleanup(_resolve_by, before)
        with servers.Silent(port=53):
            _resolve_by('nameserver 127.0.0.1\n')
            for scheme in ('http', 'https', 'tftp'):
                with self.subTest(scheme):
                    job = self.bad(f'{scheme}://quiet.example/a', 'Unreachable', 'the DNS gave no answer for quiet.example',
                                   connect_timeout=1)
                    self.assertTrue(job.silent)
                    self.assertTrue(0.9 < job.seconds < 4, job.seconds)

    # HTTP-5
    def test_no_answer(self):
        for deaf in (True, False):
            with self.subTest(deaf=deaf), scripted.Mute(deaf) as server:
                job = self.bad(server.url, 'Unreachable', 'no answer within 2 seconds', connect_timeout=2)
                self.assertEqual((job.overload, job.silent), (False, True))
                self.assertTrue(1.9 < job.seconds < 6, job.seconds)

    # HTTP-5
    def test_stall(self):
        with Scripted({'/': Reply(body=PROFILE * 100, cut=100, stall=30)}) as server:
            job = self.bad(server.url + '/', 'Unreachable', 'sent nothing for 2 seconds', connect_timeout=2)
            self.assertFalse(job.silent)
            self.assertLess(job.seconds, 8)

    # HTTP-5: no byte comes late, and yet it takes too long
    def test_drip(self):
        with scripted.Stream(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', b'x', pause=0.3) as server:
            job = self.bad(server.url, 'Unreachable', 'not finished within 3 seconds', connect_timeout=2, transfer_timeout=3)
            self.assertFalse(job.silent)
            self.assertTrue(2.9 < job.seconds < 8, job.seconds)

    # HTTP-5: where one address of a name refuses, the next is asked
    def test_second_address(self):
        servers.address('192.0.2.21', '192.0.2.22')
        servers.name('two.example', '192.0.2.21')
        servers.name('two.example', '192.0.2.22')
        with servers.Nginx(host='192.0.2.22') as server:
            server.put('/a.xml', PROFILE)
            job = self.good(f'http://two.example:{server.port}/a.xml', literal_address='')
            self.assertEqual(job.server_address, '192.0.2.22')

    # HTTP-12
    def test_local_addresses(self):
        servers.name('loop.example', '127.0.0.1')
        servers.name('link.example', '169.254.3.4')
        for host in ('loop.example', '127.0.0.1', '127.9.9.9', '[::1]', '0.0.0.0', '[::]', 'link.example', '[fe80::1]', '224.0.0.1',
                     '[ff02::1]', '255.255.255.255', '[::ffff:127.0.0.1]'):
            with self.subTest(host):
                job = self.bad(f'http://{host}/a', 'Unreachable', 'asked only where the rule itself names it', literal_address='')
                self.assertEqual((job.overload, job.silent), (False, True))

    # HTTP-12: the one address that the rule names is not a door to others
    def test_other_local_address(self):
        with servers.Nginx(host='127.0.0.2') as server:
            server.put('/a.xml', PROFILE)
            self.bad(server.url + '/a.xml', 'Unreachable', 'loopback', literal_address='127.0.0.1')
            self.good(server.url + '/a.xml', literal_address='127.0.0.2')

    # HTTP-12: of several addresses those that may be asked are
    def test_mixed_addresses(self):
        servers.address('192.0.2.23')
        servers.name('mixed.example', '127.0.0.1')
        servers.name('mixed.example', '192.0.2.23')
        with servers.Nginx(host='192.0.2.23') as server:
            server.put('/a.xml', PROFILE)
            self.assertEqual(self.good(f'http://mixed.example:{server.port}/a.xml', literal_address='').server_address, '192.0.2.23')


if __name__ == '__main__':
    tap.main('box')
