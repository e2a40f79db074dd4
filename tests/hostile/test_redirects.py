#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Redirects and challenges: servers that send the phone elsewhere, or ask for its name and password."""

import functools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case, EVIL, GOOD, Reply  # noqa: E402
from lib import certificates, scripted, servers, tap  # noqa: E402

WHO = '--uid phone --pwd sesame'
LOOP = 'more than 5 redirects'
LOCAL = 'asked only where the rule itself names it'


def moved(location, status=302, **headers):
    """Elsewhere, with a profile that nobody may take."""
    return Reply(status, EVIL, {**({} if location is None else {'Location': location}), **headers})


def raw_moved(location):
    return b'HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ' + location + b'\r\n\r\n'


def then(first, *others):
    """Gives these answers to one request after the other, the last of them again and again."""
    answers = [first, *others]

    def behave(peer, request):
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, bytes):
            peer.send(answer)
        else:
            answer.play(peer)
    return behave


def asked(result, *targets):
    """Which files were asked for, as the last part of their paths."""
    got = [request.target.rsplit('/', 1)[1] for request in result.requests]
    if got != list(targets):
        raise AssertionError(f'asked for {got}')


def unsaid(result):
    """Neither shows what should stay secret, nor had anybody the phone send it a header."""
    for text in (result.message, result.url, str(result.phone.client.status())):
        if 'sesame' in text or 'token' in text:
            raise AssertionError(f'{text!r} holds a secret')
    for request in result.requests:
        if not set(request.headers) <= {'host', 'user-agent', 'connection', 'authorization'}:
            raise AssertionError(f'headers {request.headers}')


def stranger(result):
    """As unsaid(), and nobody was told the password."""
    unsaid(result)
    if any('authorization' in request.headers for request in result.requests):
        raise AssertionError('the credentials were sent')


@harness.table()
def chains():
    """HTTP-2: redirects in circles and in long chains"""
    onward = (lambda request: moved(request.target + '/x'))
    return [
        Case('to itself, 301', moved('x', 301), 'Failed', LOOP, check=lambda result: asked(result, *'xxxxxx')),
        Case('to itself, 302', moved('x'), 'Failed', LOOP, check=lambda result: asked(result, *'xxxxxx')),
        Case('two to each other', then(moved('y'), moved('x'), moved('y'), moved('x'), moved('y'), moved('x')), 'Failed', LOOP,
             check=lambda result: asked(result, *'xyxyxy')),
        Case('ever longer', lambda peer, request: onward(request).play(peer), 'Failed', LOOP,
             check=lambda result: asked(result, *'xxxxxx')),
        Case('five, then a profile', then(*[moved('y')] * 5, Reply(body=GOOD)), '', check=lambda result: asked(result, *'xyyyyy')),
        Case('six, then a profile', then(*[moved('y')] * 6, Reply(body=EVIL)), 'Failed', LOOP),
        *(Case(f'by {status}', then(moved('y', status), Reply(body=EVIL)), 'Failed', f'HTTP {status}: .*only 301 and 302 are',
               check=lambda result: asked(result, 'x')) for status in (300, 303, 305, 306, 307, 308, 399)),
        Case('to a missing file', then(moved('y'), Reply(404)), 'NotFound', 'HTTP 404'),
        Case('to a login page', then(moved('/'.join(['login'] * 3)), Reply(body='<html><body>Log in</body></html>')), 'Corrupt',
             'A web page came instead', url=None),
        Case('to a cut file', then(moved('y'), Reply(body=EVIL, cut=20)), 'Unreachable', 'ended before the whole file'),
        Case('with cookies', then(moved('y', **{'Set-Cookie': 'a=b; Path=/'}), Reply(body=GOOD)), '', check=unsaid),
        Case('with a query', then(moved('y?token=1#token'), Reply(404)), 'NotFound', r'/y\?…: HTTP 404', check=unsaid),
        Case('the same, and a cut file', then(moved('y?token=1'), Reply(body=EVIL, cut=9)), 'Unreachable', r'\?…: the conn', check=unsaid),
    ]


@harness.table()
def locations():
    """HTTP-2, STORE-3: what stands in Location where a URL should"""
    other = ('file:///etc/passwd', 'file:/etc/passwd', 'ftp://127.0.0.1/x', f'data:text/xml,{EVIL}', 'tftp://127.0.0.1/x',
             'gopher://127.0.0.1/x', 'javascript:alert(1)', 'mailto:x@example.com', 'unix:/run/x', 'about:blank', 'HTTPX://a/', 'ws://a/',
             'resource:///x', 'httpsx:y', 'gds://')
    broken = ('http://', 'http:///x', 'http://:80/x', 'http://[::1/x', 'http://[zz]/x', 'http://127.0.0.1:99999/x', 'http://127.0.0.1:-1/x',
              'http://127.0.0.1:x/x', 'http://a b/x', 'http://a%00b/x', 'http://a%0d%0ab/x', 'http://' + 'a' * 300 + '/x', 'http://@/x',
              'http://%zz/', 'http://a\\b/', 'http:x')
    fine = {'relative': b'y', 'without a scheme': b'//%s/y', 'in odd letters': b'HtTp://%s/y',
            'with a name and a password': b'http://u:sesame@%s/y', 'with blanks': b'  y  ', 'with a CR': b'y\rX-Evil: 1',
            'with an LF': b'y\nX-Evil: 1', 'with CRLF as escapes': b'y%0d%0aX-Evil:%201', 'with bytes that are not UTF-8': b'y\xff\xc0',
            'with control characters': b'y\x01\x1b[31m', 'with quotes': b'y"\'<>^`{|}'}

    def follow(location):
        def answer(request):
            place = f'{request.headers["host"]}/{request.target.split("/")[1]}'.encode()
            return raw_moved(location % place if b'%s' in location else location)
        return then(answer, Reply(body=GOOD))
    return [
        *(Case(f'to {url[:30]}', moved(url), 'Failed', 'the server redirects to “.*”: only http and https are followed', check=stranger)
          for url in other),
        *(Case(f'to {url[:30]}', moved(url), 'Failed', 'the server redirects to “.*”: it (is no URL|names no host)', check=stranger)
          for url in broken),
        *(Case(name, follow(location), '', check=stranger) for name, location in fine.items()),
        Case('without a place', moved(None), 'Failed', 'redirects without saying where to'),
        Case('to an empty scheme', moved('://'), 'Failed', LOOP),
        Case('to nothing', moved(''), 'Failed', LOOP),
        Case('to a fragment', moved('#x'), 'Failed', LOOP),
        Case('to a place of 5000 bytes', moved('y' * 5000), 'Failed', 'it is too long'),
        Case('to a place of 1 MB', moved('y' * 1000000), 'Unreachable', 'headers stay below 64 KiB'),
        Case('to a place with a NUL', raw_moved(b'y\0z'), 'Failed', 'no answer in HTTP'),
        Case('to a closed port', lambda peer, request: moved(f'http://127.0.0.1:{servers.free_port()}/x').play(peer), 'Unreachable',
             'refused'),
    ]


def at(address, answer):
    """A server on an address that is not one of loopback's, as every server that a phone meets."""
    def start():
        servers.address(address)
        return scripted.Scripted(answer, host=address)
    return start


def second(reply):
    """A redirect to a server on another address."""
    class Pair:
        """Both servers as one."""

        def __enter__(self):
            self._other = at('192.0.2.31', lambda request: reply)()
            self._first = at('192.0.2.30', lambda request: moved(self._other.url + '/y'))()
            self.url = self._first.url
            return self

        def __exit__(self, *unused):
            told = [request.headers for request in self._other.requests + self._first.requests if 'authorization' in request.headers]
            self._other.close()
            self._first.close()
            if told:
                raise AssertionError(f'a server was told who the phone is: {told}')
    return Pair


@harness.table()
def elsewhere():
    """HTTP-2, HTTP-3, HTTP-12: redirects to other hosts, and to the phone itself"""
    local = ('127.0.0.1', '127.1.2.3', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '[::]', '169.254.169.254', '[fe80::1]', '224.0.0.1',
             '[ff02::1]', '255.255.255.255', '0.1.2.3')
    odd = ('127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0')
    return [
        *(Case(f'from outside to {host}', server=at('192.0.2.30', lambda request, host=host: moved(f'http://{host}/x')),
               error='Unreachable', message=LOCAL) for host in local),
        *(Case(f'from outside to {host}', server=at('192.0.2.30', lambda request, host=host: moved(f'http://{host}/x')),
               error='Unreachable', message=f'the host {host} is unknown') for host in odd),
        Case('from outside to localhost', server=at('192.0.2.30', lambda request: moved('http://localhost/x')), error='Unreachable',
             message=LOCAL),
        Case('from loopback to another of its addresses', moved('http://127.0.0.2/x'), 'Unreachable', LOCAL),
        Case('to another host', server=second(Reply(body=GOOD)), error=''),
        Case('to another host, with credentials', server=second(Reply(body=GOOD)), error='', options=WHO),
        Case('to another host that asks for them, Basic', server=second(Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'})),
             message='HTTP 401: after a redirect to another host', options=WHO, check=unsaid),
        Case('to another host that asks for them, Digest', message='HTTP 401: after a redirect to another host', options=WHO, check=unsaid,
             server=second(Reply(401, headers={'WWW-Authenticate': 'Digest realm="r", nonce="n"'}))),
    ]


@functools.lru_cache
def authority():
    return certificates.Authority()


def secure(answer):
    return lambda: scripted.Scripted(answer, tls=authority().issue('127.0.0.1'))


@harness.table(phones=1, sections=lambda: {'Tls': {'CaFile': authority().path}})
def downgrades():
    """HTTP-2, HTTP-3: what began with https does not go on with http"""
    refused = 'from https to http none is followed'
    return [
        *(Case(f'from https to {url}', server=secure(lambda request, url=url: moved(url)), message=refused, options=WHO, check=unsaid)
          for url in ('http://127.0.0.1/x', 'HTTP://127.0.0.1/x', 'http://127.0.0.1:443/x', 'http:/x', 'http://192.0.2.30/x')),
        Case('from https to http, 301', server=secure(lambda request: moved('http://127.0.0.1/x', 301)), message=refused),
        Case('from https to https', server=secure(lambda request: moved('y') if request.target == '/x' else Reply(body=GOOD)), error=''),
        Case('from https in a circle', server=secure(lambda request: moved(f'https://{request.headers["host"]}/x')), message=LOOP),
    ]


@harness.table()
def challenges():
    """HTTP-3, STORE-3: challenges in floods and in wrong forms; the password is neither shown nor sent to whom it is not for"""
    def demand(*fields):
        lines = ''.join(f'WWW-Authenticate: {field}\r\n' for field in fields)
        return Reply(raw=f'HTTP/1.1 401 No\r\n{lines}Content-Length: {len(EVIL)}\r\n\r\n{EVIL}'.encode('latin-1'))
    strange = {
        'no challenge': (), 'an empty one': ('',), 'of a scheme nobody knows': ('Negotiate', 'NTLM', 'Bearer realm="r"', 'Hawk'),
        'Digest and nothing more': ('Digest',), 'Digest without a nonce': ('Digest realm="r"',), 'Digest without a realm': ('Digest nonce="n"',),
        'Digest for auth-int': ('Digest realm="r", nonce="n", qop="auth-int"',),
        'Digest by SHA-512': ('Digest realm="r", nonce="n", algorithm=SHA-512',),
        'Digest with control characters': ('Digest realm="r\x01", nonce="n\x02"',), 'only commas': (',' * 9000,), 'only equal signs': ('=' * 9000,),
        'only quotes': ('"' * 9001,), 'a nonce of 20 kB': ('Digest realm="r", nonce="' + 'n' * 20000 + '"',),
        'a thousand schemes': (', '.join(f'Scheme{i} realm="{i}"' for i in range(1000)),), 'five hundred lines': ('Negotiate abc',) * 500,
        'backslashes': ('Digest realm="\\\\\\', 'Digest nonce="\\'),
    }
    tried = {
        'Basic': ('Basic realm="r"',), 'Basic without a realm': ('Basic',), 'Basic many times': ('Basic realm="r"',) * 500,
        'Digest': ('Digest realm="r", nonce="n", qop="auth"',), 'Digest, stale for ever': ('Digest realm="r", nonce="n", stale=true',),
        'a quote without end': ('Digest nonce="n", realm="r',), 'two nonces': ('Digest realm="r", nonce="a", nonce="b"',),
        'a realm in other letters': ('Digest realm="\xe9\xff", nonce="n"',), 'both': ('Basic realm="r"', 'Digest realm="r", nonce="n"'),
    }
    return [
        *(Case(name, demand(*fields), 'Failed', 'HTTP 401: the server wants an authentication that is neither', options=WHO,
               check=stranger) for name, fields in strange.items()),
        *(Case(name, demand(*fields), 'Failed', 'HTTP 401: the server does not accept the user name', options=WHO,
               check=lambda result: (unsaid(result), asked(result, *'xxx'))) for name, fields in tried.items()),
        *(Case(f'{name}, but nothing to answer', demand(*fields), 'Failed', 'HTTP 401: the server wants a user name and password',
               check=stranger) for name, fields in tried.items()),
        Case('a new nonce each time', then(*(demand(f'Digest realm="r", nonce="{i}"') for i in range(3))), 'Failed', 'does not accept',
             options=WHO, check=unsaid),
        Case('a challenge with 200', Reply(200, GOOD, {'WWW-Authenticate': 'Basic realm="r"'}), '', options=WHO, check=stranger),
        Case('a challenge with 403', Reply(403, EVIL, {'WWW-Authenticate': 'Basic realm="r"'}), 'Failed', 'HTTP 403', options=WHO,
             check=stranger),
        Case('407 with a challenge', Reply(407, EVIL, {'Proxy-Authenticate': 'Basic realm="r"'}), 'Failed', 'HTTP 407', options=WHO,
             check=stranger),
        Case('a challenge, then a redirect in circles', then(demand('Basic realm="r"'), moved('x')), 'Failed', LOOP, options=WHO, check=unsaid),
        Case('a challenge, then the profile', then(demand('Digest realm="r", nonce="n"'), Reply(body=GOOD)), '', options=WHO, check=unsaid),
    ]


if __name__ == '__main__':
    tap.main('box')
