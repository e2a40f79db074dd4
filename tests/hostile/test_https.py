#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A good certificate in the hands of a thief: what is wrong comes inside of TLS."""

import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
import provider  # noqa: E402
from harness import Case, EVIL, GOOD, Reply  # noqa: E402
from lib import scripted, tap  # noqa: E402

OK = b'HTTP/1.1 200 OK\r\n'
CHUNKED = OK + b'Transfer-Encoding: chunked\r\n\r\n'
BAD = EVIL.encode()
FIRST = CHUNKED + scripted.chunk(BAD[:20])
LARGE = 'larger than 1000000 bytes'
CUT = 'the connection ended before the whole file had come'
WHO = '--uid phone --pwd secret'


def inside(name, reply, error, message, **more):
    """A row: each request is answered so, inside of TLS."""
    def behave(peer):
        if peer.read_request() is not None:
            reply.play(peer)
    return Case(name, error=error, message=message, **more, server=lambda: provider.named(
        scripted.Server(behave, host=provider.ADDRESS, tls=provider.good())))


def stream(status, *fields, block=b'x' * 65536):
    """A body in chunks without end."""
    head = f'HTTP/1.1 {status} x\r\n' + ''.join(field + '\r\n' for field in fields) + 'Transfer-Encoding: chunked\r\n\r\n'
    return Reply(raw=head.encode(), repeat=scripted.chunk(block))


@harness.table(phones=4, sections=provider.SECTIONS, MaxProfileBytes=1000000, ConnectTimeout=3, TransferTimeout=6)
def inside_of_tls():
    """HTTP-3, HTTP-4, HTTP-5, PROF-11: bodies without end, lengths and chunks that lie, bombs and cuts, under a good certificate"""
    bomb = gzip.compress(b'<flat-profile>' + b' ' * 20000000 + b'</flat-profile>')
    whole = OK + b'Content-Length: %d\r\n\r\n' % len(BAD) + BAD
    half = OK + b'Content-Length: %d\r\n\r\n' % len(GOOD) + GOOD.encode()[:20]
    return [
        inside('200 without end', stream(200), 'Corrupt', LARGE),
        inside('200 to the end of the connection, which has none', Reply(raw=b'HTTP/1.0 200 OK\r\n\r\n', repeat=b' ' * 65536), 'Corrupt', LARGE),
        inside('401 for ever, Digest', stream(401, 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'), 'Failed',
               'HTTP 401: the server does not accept', options=WHO),
        inside('401 for ever, Basic', stream(401, 'WWW-Authenticate: Basic realm="r"'), 'Failed', 'HTTP 401: the server does not accept',
               options=WHO),
        inside('407 without a proxy', stream(407, 'Proxy-Authenticate: Basic realm="r"'), 'Failed', 'HTTP 407', options=WHO),
        inside('421 without end', stream(421), 'Failed', 'HTTP 421'),
        inside('503 without end', stream(503), 'Failed', 'HTTP 503'),
        inside('404 without end', stream(404), 'NotFound', 'HTTP 404'),
        inside('headers without end', Reply(raw=OK, repeat=b'X-A: ' + b'y' * 1000 + b'\r\n'), 'Unreachable', 'headers stay below 64 KiB'),
        inside('100 without end', Reply(raw=b'', repeat=b'HTTP/1.1 100 x\r\n\r\n' * 1000), 'Failed', 'preliminary answers without end'),
        inside('a chunk of a negative size', Reply(raw=FIRST + b'-5\r\n' + BAD[20:] + b'\r\n0\r\n\r\n'), 'Corrupt', 'cut short'),
        inside('a chunk of 2^63', Reply(raw=FIRST + b'8000000000000000\r\n' + BAD[20:] + b'\r\n0\r\n\r\n'), 'Corrupt', 'cut short'),
        inside('an extension without end', Reply(raw=FIRST + b'5;', repeat=b'x' * 65536), 'Unreachable', CUT),
        inside('a length that is none', Reply(raw=OK + b'Content-Length: -5\r\n\r\n' + BAD), 'Failed', 'Content-Length is no number'),
        inside('a bomb', Reply(body=bomb), 'Corrupt', '1000000'),
        inside('cut in the file', Reply(raw=half), 'Unreachable', CUT),
        *(inside('cut in 32 places of headers and file', Reply(raw=whole[:1 + (len(whole) - 2) * i // 31], cut=0), 'Unreachable',
                 'the server ended the connection before it answered|ended before the whole file') for i in range(32)),
        inside('cut behind a chunk', Reply(raw=FIRST), ('Corrupt', 'Unreachable'), '(cut short|ended)'),
        inside('cut without a goodbye, no length', Reply(raw=b'HTTP/1.0 200 OK\r\n\r\n' + BAD[:30]), ('Corrupt', 'Unreachable'), '(cut short|ended)'),
        inside('one byte each half second', Reply(raw=OK + b'Content-Length: 900\r\n\r\n', repeat=b'x', pause=0.5), 'Unreachable',
               'timed out: not finished within 6 seconds'),
        inside('stops in the file', Reply(raw=half, stall=9), 'Unreachable', 'sent nothing for 3 seconds'),
    ]


if __name__ == '__main__':
    tap.main('box')
