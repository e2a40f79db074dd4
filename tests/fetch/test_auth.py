# SPDX-License-Identifier: LGPL-2.1-or-later
"""Basic and Digest, at real servers and at one that is strict."""

import itertools
import os
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import digest, scripted, servers, tap  # noqa: E402

import jobs  # noqa: E402
from jobs import PROFILE  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402


class Late(scripted.Server):
    """In front of a server: hands on each connection's request, that of some after a pause; delays: seconds by number of
    the connection. `answers` holds what came back."""

    def __init__(self, server, delays):
        self.answers = []
        numbers = itertools.count()

        def behave(peer):
            number = next(numbers)
            head = peer.socket.recv(65536)
            peer.wait(delays.get(number, 0))
            with socket.create_connection((server.host, server.port)) as there:
                there.sendall(head.replace(b'Keep-Alive', b'close'))
                answer = b''.join(iter(lambda: there.recv(65536), b''))
            self.answers.append(answer)
            peer.send(answer)
        super().__init__(behave)


class Authentication(unittest.TestCase, jobs.Asserts):
    fields = {'user': 'phone', 'password': 'secret'}

    # HTTP-3
    def test_digest_lighttpd(self):
        for algorithm in ('MD5', 'SHA-256'):
            with self.subTest(algorithm), servers.Lighttpd(auth=(algorithm, 'phone', 'secret', 'prov')) as server:
                server.put('/a.xml', PROFILE)
                self.good(server.url + '/a.xml', **self.fields)
                self.good(server.url + '/a.xml?m=1&n=2', **self.fields)
                self.bad(server.url + '/a.xml', 'Failed', 'HTTP 401: the server does not accept', user='phone', password='wrong')
                self.bad(server.url + '/a.xml', 'Failed', 'HTTP 401: the server wants a user name')

    # HTTP-3: RFC 7616, names that are sent hashed
    def test_userhash_lighttpd(self):
        for algorithm in ('MD5', 'SHA-256'):
            with self.subTest(algorithm), servers.Lighttpd(auth=(algorithm, 'phone', 'secret', 'prov'), userhash=True) as server:
                server.put('/a.xml', PROFILE)
                self.good(server.url + '/a.xml', **self.fields)
                self.bad(server.url + '/a.xml', 'Failed', 'HTTP 401: the server does not accept', user='phon', password='secret')

    # HTTP-3
    def test_digest_apache(self):
        with servers.Apache(auth=('phone', 'secret', 'prov')) as server:
            server.put('/a.xml', PROFILE)
            for target in ('/a.xml', '/a.xml?m=1&n=%20', '/./a.xml'):
                self.good(server.url + target, **self.fields)
            self.bad(server.url + '/a.xml', 'Failed', 'HTTP 401: the server does not accept', user='phone', password='wrong')
            self.bad(server.url + '/a.xml', 'Failed', 'HTTP 401: the server does not accept', user='nobody', password='secret')
            self.bad(server.url + '/a.xml', 'Failed', 'HTTP 401: the server wants a user name')
            self.bad(server.url + '/none.xml', 'NotFound', 'HTTP 404', **self.fields)

    # HTTP-3: an answer that comes when its nonce has aged is given once more, to the new one
    def test_stale_nonce_apache(self):
        with servers.Apache(auth=('phone', 'secret', 'prov'), lifetime=2) as server:
            server.put('/a.xml', PROFILE)
            with Late(server, {1: 2.5}) as late:
                self.good(late.url + '/a.xml', **self.fields)
                self.assertEqual([b'stale=true' in answer for answer in late.answers], [False, True, False])

    # HTTP-3: with MD5 and SHA-256 a nonce that has aged is no wrong password, and one answer is given to each new one; the two retries count for both
    def test_stale_nonces(self):
        for algorithm in ('MD5', 'SHA-256'):
            for password, stale, statuses in (('secret', 0, [401, 200]), ('secret', 1, [401, 401, 200]), ('secret', 2, [401] * 3), ('wrong', 0, [401] * 3)):
                with self.subTest(algorithm, password=password, stale=stale), \
                        digest.Strict('phone', 'secret', algorithm, lambda request: Reply(body=PROFILE), stale=stale) as server:
                    if statuses[-1] == 200:
                        self.good(server.url + '/a?b=c', user='phone', password=password)
                    else:
                        job = self.bad(server.url + '/a?b=c', 'Failed', 'HTTP 401: the server does not accept', user='phone', password=password)
                        self.assertEqual(job.http_status, 401)
                    self.assertEqual((server.statuses, server.wrong), (statuses, []))

    # HTTP-3
    def test_basic_nginx(self):
        with servers.Nginx(extra='auth_basic prov; auth_basic_user_file /run/users;') as server:
            with open('/run/users', 'w', encoding='ascii') as file:
                file.write('phone:{PLAIN}secret\n')
            server.put('/a.xml', PROFILE)
            self.good(server.url + '/a.xml', basic_over_http=True, **self.fields)
            self.bad(server.url + '/a.xml', 'Failed', 'in the clear over plain http', **self.fields)
            self.bad(server.url + '/a.xml', 'Failed', 'does not accept', user='phone', password='no', basic_over_http=True)

    # HTTP-3: the password never goes out in the clear by itself
    def test_basic_is_not_sent(self):
        with Scripted({'/': Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'})}) as server:
            self.bad(server.url + '/', 'Failed', 'HTTP 401', **self.fields)
            self.assertEqual([request.headers.get('authorization') for request in server.requests], [None])

    # HTTP-3
    def test_two_retries(self):
        for field in ('Basic realm="r"', 'Digest realm="r", nonce="n", qop="auth"'):
            with self.subTest(field), Scripted({'/': Reply(401, headers={'WWW-Authenticate': field})}) as server:
                job = self.bad(server.url + '/', 'Failed', 'does not accept', basic_over_http=True, **self.fields)
                self.assertEqual(job.http_status, 401)
                self.assertEqual(len(server.requests), 3)
                self.assertNotIn('secret', job.message)

    # HTTP-3
    def test_second_retry_works(self):
        wants = Reply(401, headers={'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth", stale=true'})
        with Scripted({'/': [wants, wants, Reply(body=PROFILE)]}) as server:
            self.good(server.url + '/', **self.fields)

    # HTTP-2, HTTP-3: who redirects has taken the answer, and the two retries are for what comes next
    def test_redirects(self):
        hops = {f'/{n}': Reply(302, headers={'Location': f'/{n + 1}'}) for n in range(5)}
        with digest.Strict('phone', 'secret', 'SHA-256', lambda request: hops.get(request.target, Reply(body=PROFILE))) as server:
            self.good(server.url + '/0', **self.fields)
            self.assertEqual((server.statuses, server.wrong), ([401, 200] * 6, []))

    # HTTP-3: RFC 7617 has no way to write such a user
    def test_user_with_a_colon(self):
        with Scripted({'/': Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'})}) as server:
            self.bad(server.url + '/', 'Failed', 'no user name can hold a “:”', basic_over_http=True, user='pho:ne', password='secret')
            self.assertEqual(len(server.requests), 1)
        with digest.Strict('pho:ne', 'secret', 'MD5', lambda request: Reply(body=PROFILE)) as server:
            self.good(server.url + '/', user='pho:ne', password='secret')

    # HTTP-3
    def test_unknown_scheme(self):
        with Scripted({'/': Reply(401, headers={'WWW-Authenticate': 'Negotiate'})}) as server:
            self.bad(server.url + '/', 'Failed', 'neither Basic nor Digest', **self.fields)
            self.assertEqual(len(server.requests), 1)

    # HTTP-3: the body of a 401 or 421 has no end
    def test_endless_body(self):
        for status in (b'401 Unauthorized', b'407 Proxy', b'421 Misdirected'):
            head = b'HTTP/1.1 %s\r\nWWW-Authenticate: Basic realm="r"\r\nTransfer-Encoding: chunked\r\n\r\n' % status
            with self.subTest(status), scripted.Stream(head, scripted.chunk(b'x' * 65536)) as server:
                job = self.bad(server.url, 'Failed', 'HTTP ' + status[:3].decode(), basic_over_http=True, **self.fields)
                self.assertLess(server.sent, 64 << 20)
                self.assertLess(job.seconds, 10)


if __name__ == '__main__':
    tap.main('box')
