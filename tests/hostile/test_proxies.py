#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxies that mean harm, or let others do it."""

import functools
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
import provider  # noqa: E402
from harness import Case, EVIL, GOOD, Reply  # noqa: E402
from lib import certificates, scripted, servers, tap  # noqa: E402

PROXY, PORT = '192.0.2.60', 3128
ESTABLISHED = b'HTTP/1.1 200 Connection established\r\n\r\n'
FOUND = re.compile(r'(http://|)([\w-]+)\.test')


@functools.lru_cache
def _asked():
    """By the first label of the host: who answers. The proxy runs as long as the test does."""
    replies = {}

    def behave(peer):
        request = peer.read_request()
        found = request and FOUND.match(request.target)
        # what does not ask for a row's host is the first resync of a phone
        if found and found[2] in replies:
            replies[found[2]](peer, request)
    # made before it is looked at what stays
    for kind in ('own', 'other', 'good'):
        _certificate(kind)
    servers.address(PROXY)
    scripted.Server(behave, host=PROXY, port=PORT)
    return replies


class _Row:
    """What the proxy answers for one host."""

    def __init__(self, host, reply):
        self._host = host
        _asked()[host] = reply

    url = ''

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        del _asked()[self._host]


def proxied(scheme, name, reply, error, message, **more):
    """A row: what comes of a proxy that answers so to each request for a file by http, or for a tunnel."""
    host = re.sub(r'\W+', '-', f'{scheme} {name}').lower()

    def answer(peer, request):
        if isinstance(reply, Reply):
            reply.play(peer)
        elif isinstance(reply, bytes):
            peer.send(reply)
        else:
            reply(peer)
    return Case(f'{scheme}: {name}', error=error, message=message, server=lambda: _Row(host, answer), url=f'{scheme}://{host}.test/x', **more)


def both(name, reply, error, message, **more):
    return [proxied(scheme, name, reply, error, message, **more) for scheme in ('http', 'https')]


def stream(status, *fields, block=b'x' * 65536):
    """A body in chunks without end."""
    head = f'HTTP/1.1 {status} x\r\n' + ''.join(field + '\r\n' for field in fields) + 'Transfer-Encoding: chunked\r\n\r\n'
    return Reply(raw=head.encode(), repeat=scripted.chunk(block))


def _tunnel(kind, body=EVIL):
    """A proxy at whose other end is a server with this certificate."""
    def play(peer):
        peer.send(ESTABLISHED)
        with scripted.context(_certificate(kind)).wrap_socket(peer.socket.dup(), server_side=True) as inside:
            inside.sendall(Reply(body=body).head() + body.encode())
            inside.unwrap()
    return play


def _digest(stale):
    fields = 'realm="r", nonce="{}", qop="auth"' + (', stale=true' if stale else '')
    count = iter(range(1 << 30))
    return lambda peer: Reply(407, headers={'Proxy-Authenticate': 'Digest ' + fields.format(next(count))}).play(peer)


@functools.lru_cache
def _certificate(kind):
    """Of the server at the other end of a tunnel."""
    if kind == 'own':
        return certificates.Authority('Nobody').issue('https-a-certificate-of-its-own.test')
    return provider.root().issue('other.test' if kind == 'other' else 'https-that-does-its-work.test')


ACCOUNT = {'Proxy_Server_Requires_Authentication': 'Yes', 'Proxy_Username': 'phone', 'Proxy_Password': 'secret'}
MANUAL = {'Proxy_Mode': 'Manual', 'Proxy_Host': PROXY, 'Proxy_Port': str(PORT), **ACCOUNT}


@harness.table(phones=6, sections=provider.SECTIONS, parameters=MANUAL, MaxProfileBytes=1000000, ConnectTimeout=3, TransferTimeout=6)
def proxies():
    """HTTP-10, HTTP-3, HTTP-5: a proxy that does what none should; through a tunnel it can do no more than cut the line"""
    redirect = b'HTTP/1.1 302 x\r\nLocation: http://evil.test/x\r\nContent-Length: 0\r\n\r\n'
    return [
        *both('closes at once', b'', 'Unreachable', 'ended the connection before it answered'),
        *both('resets', lambda peer: peer.reset(), 'Unreachable', 'ended the connection before it answered'),
        *both('no HTTP', b'220 mail.test ESMTP\r\n', ('Failed', 'Unreachable'), 'no answer in HTTP|before it answered'),
        *both('says nothing', lambda peer: peer.wait(9), 'Unreachable', 'no answer within 3 seconds'),
        *both('one byte each half second', Reply(raw=b'', repeat=b'H', pause=0.5), 'Unreachable', '(not finished|no answer) within [36] seconds'),
        *both('headers without end', Reply(raw=b'HTTP/1.1 200 OK\r\n', repeat=b'X-A: ' + b'y' * 1000 + b'\r\n'), 'Unreachable',
              'headers stay below 64 KiB|answer is too long'),
        *both('100 without end', Reply(raw=b'', repeat=b'HTTP/1.1 100 x\r\n\r\n' * 1000), 'Failed', 'preliminary answers without end|its status is 100'),
        *both('407 for ever, Basic', stream(407, 'Proxy-Authenticate: Basic realm="r"'), 'Failed', 'HTTP 407: the proxy does not accept'),
        *both('407 for ever, Digest', _digest(False), 'Failed', 'HTTP 407: the proxy does not accept'),
        *both('407 for ever, each nonce stale', _digest(True), 'Failed', 'HTTP 407: the proxy does not accept'),
        *both('407 with two thousand challenges', Reply(407, headers={'Proxy-Authenticate': ', '.join(['Digest realm="r", nonce="n"'] * 2000)}),
              ('Failed', 'Unreachable'), 'neither Basic nor Digest|answer is too long'),
        *both('407 that asks for nothing', Reply(407), 'Failed', 'neither Basic nor Digest'),
        *both('502 without end', stream(502), ('Failed', 'Unreachable'), '502'),
        *both('101 to another protocol', b'HTTP/1.1 101 x\r\nUpgrade: tls\r\n\r\n', ('Failed', 'Unreachable'), 'status is 101|before it answered'),
        *both('401 in the provider\'s name', stream(401, 'WWW-Authenticate: Basic realm="r"'), 'Failed', '401', options='--uid u --pwd p'),
        proxied('http', '200 without end', stream(200), 'Corrupt', 'larger than 1000000 bytes'),
        proxied('http', 'cut', Reply(body=EVIL, cut=30), 'Unreachable', 'ended before the whole file had come'),
        proxied('http', 'in circles', redirect.replace(b'evil', b'http-in-circles'), 'Failed', 'more than 5 redirects'),
        # nothing that a proxy says in place of a tunnel is a file, a redirect or a server's word
        proxied('https', 'a file in place of a tunnel', Reply(404, EVIL), 'Failed', 'does not connect to the server .its status is 404'),
        proxied('https', 'a redirect in place of a tunnel', redirect, 'Failed', 'its status is 302'),
        proxied('https', 'the file at once', Reply(body=EVIL), 'Unreachable', 'says more than an answer to CONNECT'),
        proxied('https', 'a tunnel to noise', ESTABLISHED + b'x' * 100000, ('Unreachable', 'Untrusted'), 'says more than|not speak TLS'),
        proxied('https', 'a tunnel to nothing', lambda peer: (peer.send(ESTABLISHED), peer.wait(9)), 'Unreachable', 'no answer within 3 seconds'),
        proxied('https', 'a tunnel that ends', ESTABLISHED, 'Untrusted', 'does not speak TLS on this port, or broke it off'),
        proxied('https', 'a certificate of its own', _tunnel('own'), 'Untrusted', 'an issuer that is not trusted'),
        proxied('https', 'the certificate of another', _tunnel('other'), 'Untrusted', 'for another name .other.test'),
        proxied('http', 'that does its work', Reply(body=GOOD), '', ''),
        proxied('https', 'that does its work', _tunnel('good', GOOD), '', ''),
    ]


if __name__ == '__main__':
    tap.main('box')
