#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""HTTP that is wrong: framing, headers, statuses, connections that break, and answers without end."""

import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case, EVIL, GOOD, Reply  # noqa: E402
from lib import scripted, tap  # noqa: E402

OK = b'HTTP/1.1 200 OK\r\n'
CHUNKED = OK + b'Transfer-Encoding: chunked\r\n\r\n'
LENGTH = b'Content-Length: %d\r\n' % len(GOOD)
BODY, BAD = GOOD.encode(), EVIL.encode()
CUT_CHUNKS = CHUNKED + scripted.chunk(BODY[:30])
CUT = 'the connection ended before the whole file had come'
NO_HTTP = 'what came is no answer in HTTP'
NO_LENGTH = "the answer's Content-Length is no number"
NO_ANSWER = 'the server ended the connection before it answered'


@harness.table()
def statuses():
    """HTTP-2, HTTP-4, HTTP-6, HTTP-8: what is no plain success has its class, whatever comes with it"""
    ranged = {'Content-Range': f'bytes 0-{len(BAD) - 1}/{len(BAD)}'}
    return [
        *(Case(f'{status} with a profile', Reply(status, EVIL), 'Failed', f'HTTP {status}: a success without a file')
          for status in (201, 202, 203, 205, 226, 299)),
        Case('204 with a profile', OK.replace(b'200', b'204') + b'\r\n' + BAD, 'Failed', 'HTTP 204'),
        Case('206 that nobody asked for', Reply(206, EVIL, ranged), 'Failed', 'HTTP 206'),
        Case('Content-Range in a 200', Reply(200, GOOD, {'Content-Range': 'bytes 5-9/100000'}), ''),
        Case('304 that nobody asked for', Reply(304, headers={'ETag': '"x"'}), 'Failed', 'HTTP 304: not modified, though nothing'),
        Case('304 with a body', OK.replace(b'200', b'304') + LENGTH + b'\r\n' + BODY, 'Failed', 'HTTP 304'),
        *(Case(f'{status} with a profile', Reply(status, EVIL), 'Failed', f'HTTP {status}')
          for status in (400, 402, 403, 405, 408, 410, 451, 500, 501, 505, 599)),
        Case('404 with a profile', Reply(404, EVIL), 'NotFound', 'HTTP 404: no such file'),
        Case('511 of a portal', Reply(511, '<html>Log in</html>'), 'Failed', 'HTTP 511'),
        Case('101 to another protocol', b'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n' + BAD, 'Failed',
             NO_HTTP),
        *(Case(f'status {number}', b'HTTP/1.1 %s x\r\n' % number.encode() + LENGTH + b'\r\n' + BAD, 'Failed', NO_HTTP)
          for number in ('0', '000', '99', '2000', '20', '-200', '2 0', 'abc', '')),
        *(Case(f'status {number}', Reply(number, EVIL), 'Failed', f'HTTP {number}: the server failed') for number in (600, 999)),
        Case('200 without a reason', b'HTTP/1.1 200\r\n' + LENGTH + b'\r\n' + BODY, ''),
    ]


@harness.table()
def versions():
    """HTTP-1, HTTP-5: what is not HTTP/1.0 or 1.1"""
    return [
        Case('HTTP/0.9', BAD, 'Failed', NO_HTTP),
        Case('HTTP/2 preface', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0', 'Failed', NO_HTTP),
        Case('HTTP/2 settings', b'\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64' * 20, 'Failed', NO_HTTP),
        *(Case(f'version {version}', b'%s 200 OK\r\n' % version.encode() + LENGTH + b'\r\n' + BAD, 'Failed', NO_HTTP)
          for version in ('HTTP', 'HTTP/', 'HTTP/x.y', 'HTTP/-1.1', 'SIP/2.0', 'HTTP/2', 'HTTP/3.0', 'HTTP/99999999999.1')),
        Case('HTTP/1.0', b'HTTP/1.0 200 OK\r\n\r\n' + BODY, ''),
        Case('ssh', b'SSH-2.0-OpenSSH_9.2p1 Debian\r\n', 'Failed', NO_HTTP),
        Case('smtp', b'220 mail ready\r\n', 'Failed', NO_HTTP),
        Case('TLS alert', b'\x15\x03\x01\0\x02\x02\x28', 'Failed', NO_HTTP),
        Case('an ELF file', b'\x7fELF' + bytes(4096), 'Failed', NO_HTTP),
        Case('nothing but line ends', b'\r\n' * 2000, 'Failed', NO_HTTP),
        Case('nothing but NULs', bytes(5000), 'Failed', NO_HTTP),
    ]


@harness.table()
def headers():
    """HTTP-5, STORE-3: headers in floods and in wrong forms"""
    def field(line):
        return OK + line + b'\r\n' + LENGTH + b'\r\n' + BODY
    large = 'headers stay below 64 KiB'
    return [
        Case('10 000 headers', Reply(raw=OK + b''.join(b'X-%d: y\r\n' % i for i in range(10000)) + LENGTH + b'\r\n' + BAD),
             'Unreachable', large),
        Case('a header line of 1 MB', field(b'X-A: ' + b'y' * 1000000), 'Unreachable', large),
        Case('a header name of 1 MB', field(b'X' * 1000000 + b': y'), 'Unreachable', large),
        Case('a status line of 1 MB', b'HTTP/1.1 200 ' + b'O' * 1000000 + b'\r\n\r\n' + BAD, 'Unreachable', large),
        Case('headers without end', Reply(raw=OK, repeat=b'X-A: ' + b'y' * 1000 + b'\r\n'), 'Unreachable', large),
        Case('a header without end', Reply(raw=OK + b'X-A: ', repeat=b'y' * 65536), 'Unreachable', large),
        Case('NUL in a header', field(b'X-A: a\0b'), 'Failed', NO_HTTP),
        Case('NUL in a name', field(b'X\0A: b'), 'Failed', NO_HTTP),
        Case('NUL in the status line', b'HTTP/1.1 200 O\0K\r\n' + LENGTH + b'\r\n' + BAD, 'Failed', NO_HTTP),
        Case('CR in a header', field(b'X-A: a\rX-B: b'), ''),
        Case('LF for line ends', (OK + LENGTH + b'\r\n').replace(b'\r', b'') + BODY, ''),
        Case('a header without a colon', field(b'no colon here'), ''),
        Case('a header without a name', field(b': x'), ''),
        Case('a blank before the colon', field(b'X-A : x'), ''),
        Case('a folded header', field(b'X-A: a\r\n  b\r\n\tc'), ''),
        Case('a folded length', OK + b'Content-Length:\r\n %d\r\n\r\n' % len(GOOD) + BODY, ''),
        Case('control characters', field(b'Server: \x1b[31mred\x07\x7f'), ''),
        Case('bytes that are not UTF-8', field(b'Server: \xff\xfe\xc0\x80'), ''),
        Case('cookies', field(b'\r\n'.join(b'Set-Cookie: a%d=%s; Path=/' % (i, b'x' * 400) for i in range(100))), '',
             check=lambda result: _sent(result, 'cookie', None)),
        Case('validators in a flood', field(b'\r\n'.join(b'ETag: "%s"\r\nLast-Modified: %s' % (b'e' * 900, b'm' * 900)
                                                          for i in range(30))), ''),
        Case('a validator of 60 kB', field(b'ETag: "' + b'e' * 60000 + b'"'), ''),
        Case('fields for browsers', field(b'Refresh: 0; url=file:///etc/passwd\r\nLink: </evil>; rel=preload\r\nAlt-Svc: h2=":1"\r\n'
                                           b'Location: /evil\r\nContent-Location: /evil\r\nWWW-Authenticate: Basic realm="x"\r\n'
                                           b'Proxy-Authenticate: Basic\r\nStrict-Transport-Security: max-age=9\r\nUpgrade: h2c'), '',
             check=lambda result: _asked(result, 1)),
        Case('Content-Type of a page', field(b'Content-Type: text/html; charset=utf-7'), ''),
    ]


def _sent(result, name, value):
    got = [request.headers.get(name) for request in result.requests]
    if set(got) != {value}:
        raise AssertionError(f'{name} was sent as {got}')


def _asked(result, times):
    if len(result.requests) != times:
        raise AssertionError(f'{len(result.requests)} requests instead of {times}')


@harness.table()
def lengths():
    """HTTP-1, HTTP-5, PROF-11: lengths that lie"""
    def length(*values, body=BAD, more=b''):
        return OK + b''.join(b'Content-Length: %s\r\n' % value for value in values) + more + b'\r\n' + body
    size = b'%d' % len(BAD)
    wrong = (b'-5', b'+5', b'0x10', b'ten', b'5 5', b'5,7', b'1e3', b'99999999999999999999', b'18446744073709551616', b'5.0', b'\xb2')
    chunks = scripted.chunk(BODY) + b'0\r\n\r\n'
    coded = b'Transfer-Encoding: '
    return [
        *(Case(f'length {value.decode("latin-1")}', length(value), 'Failed', NO_LENGTH) for value in wrong),
        Case('no length at all', length(b''), 'Failed', NO_LENGTH),
        Case('a length too short', length(b'20'), 'Corrupt', 'cut short'),
        Case('a length of 0', length(b'0'), 'Corrupt', 'The file is empty'),
        Case('a length too long', length(b'1000'), 'Unreachable', CUT),
        Case('a length of 2^63 - 1', length(b'9223372036854775807'), 'Corrupt', 'more than the 8388608'),
        Case('two lengths', length(size, b'5'), 'Failed', NO_LENGTH),
        Case('two lengths, the other way', length(b'5', size), 'Failed', NO_LENGTH),
        Case('bytes behind the end', length(size, body=BODY + b'\r\nmore'), ''),
        Case('length and chunks', length(b'3', more=coded + b'chunked\r\n', body=chunks), ''),
        Case('chunks and a long length', length(b'8000000', more=coded + b'chunked\r\n', body=chunks), ''),
        *(Case(f'coded as {name}', OK + coded + name.encode() + b'\r\n\r\n' + BAD, 'Failed', 'its Transfer-Encoding is not chunked')
          for name in ('gzip', 'chunked, gzip', 'gzip, chunked', 'xchunked', 'identity, chunked', 'br')),
        Case('coded twice', OK + coded + b'chunked\r\n' + coded + b'chunked\r\n\r\n' + scripted.chunk(chunks) + b'0\r\n\r\n',
             'Corrupt', 'The file is no profile'),
    ]


@harness.table()
def chunks():
    """HTTP-1, HTTP-5, PROF-11: a profile in chunks of which the second has a size that is none"""
    half = len(BAD) // 2
    first = CHUNKED + scripted.chunk(BAD[:half])
    rest = BAD[half:]
    sizes = {'negative': b'-5', 'of 16 digits': b'f' * 16, 'of 17 digits': b'F' * 17, 'of 17 digits that wrap': b'1%016x' % len(rest),
             'without digits': b'', 'that is no number': b'zz', 'with a sign': b'+5',
             'that is only an extension': b';a=b', 'with a NUL': b'\0005',
             'too small': b'3', 'of 2^63': b'8000000000000000'}
    whole = CHUNKED + scripted.chunk(BODY)
    return [
        *(Case(f'a size {name}', first + size + b'\r\n' + rest + b'\r\n0\r\n\r\n', 'Corrupt', 'cut short')
          for name, size in sizes.items()),
        Case('a size of 100 000 digits', first + b'0' * 100000 + b'5\r\n' + rest + b'\r\n', 'Unreachable', CUT),
        Case('a size without line end', first + b'%x' % len(rest) + rest + b'0\r\n\r\n', 'Unreachable', CUT),
        # the profile itself shows that it is whole
        Case('a size one too large', CUT_CHUNKS + b'%x\r\n' % (len(GOOD) - 29) + BODY[30:] + b'\r\n0\r\n\r\n', ''),
        Case('a size with 0x', CUT_CHUNKS + b'0x%x\r\n' % (len(GOOD) - 30) + BODY[30:] + b'\r\n0\r\n\r\n', ''),
        Case('no last chunk', first, 'Corrupt', 'cut short'),
        Case('only the last chunk', CHUNKED + b'0\r\n\r\n', 'Corrupt', 'The file is empty'),
        Case('no last chunk, but a whole profile', whole, ''),
        Case('an extension', CHUNKED + b'%x;a="b;c";d\r\n' % len(BODY) + BODY + b'\r\n0;x\r\n\r\n', ''),
        Case('an extension without end', Reply(raw=first + b'5;', repeat=b'x' * 65536), 'Unreachable', CUT),
        Case('sizes without end', Reply(raw=first, repeat=b'0' * 65536), 'Unreachable', CUT),
        Case('trailers', whole + b'0\r\nX-A: b\r\nContent-Length: 3\r\nLocation: /x\r\n\r\n', ''),
        Case('trailers without end', Reply(raw=whole + b'0\r\n', repeat=b'X-A: b\r\n' * 1000), ''),
        Case('a hundred thousand chunks of one byte', Reply(raw=CHUNKED + b''.join(scripted.chunk(b'%c' % byte) for byte in
                                                   b'<flat-profile>' + b' ' * 100000 + BODY[14:]) + b'0\r\n\r\n'), ''),
    ]



def _behave(function):
    """A server where function(peer) speaks before anything was asked."""
    return lambda: scripted.Server(function)


def _early(data, then=lambda peer: None):
    def behave(peer):
        peer.send(data)
        peer.read_request()
        then(peer)
    return _behave(behave)


def _half_closed(data):
    def behave(peer, request):
        peer.send(data)
        peer.socket.shutdown(socket.SHUT_WR)
        peer.wait(5)
    return behave


def _reset(data):
    def behave(peer, request):
        peer.send(data)
        # the client is given time to read it: an RST overtakes what is on the way
        peer.wait(0.1)
        peer.reset()
    return behave


@harness.table()
def connections():
    """HTTP-1, HTTP-5: connections that begin, break and end in every wrong way"""
    answer = OK + LENGTH + b'\r\n' + BODY
    second = OK + b'Content-Length: %d\r\n\r\n' % len(BAD) + BAD
    return [
        Case('closes at once', server=_behave(lambda peer: None), error='Unreachable', message=NO_ANSWER),
        Case('resets at once', server=_behave(lambda peer: peer.reset()), error='Unreachable',
             message='(ended the connection before it answered|cannot be reached)'),
        Case('closes when it was asked', b'', 'Unreachable', NO_ANSWER),
        Case('resets when it was asked', Reply(raw=b'', reset=True), 'Unreachable',
             '(ended the connection before it answered|cannot be reached)'),
        Case('resets behind the headers', _reset(OK + LENGTH + b'\r\n'), 'Unreachable', CUT),
        Case('resets in the file', _reset(OK + LENGTH + b'\r\n' + BAD[:20]), 'Unreachable', CUT),
        Case('resets in a chunk', _reset(CHUNKED + b'ff\r\n' + BAD[:20]), 'Unreachable', CUT),
        Case('resets between chunks', _reset(CHUNKED + scripted.chunk(BAD[:20])), 'Unreachable', CUT),
        Case('closes its half behind the headers', _half_closed(OK + LENGTH + b'\r\n'), 'Unreachable', CUT),
        Case('closes its half in the file', _half_closed(OK + LENGTH + b'\r\n' + BAD[:20]), 'Unreachable', CUT),
        Case('closes its half and says nothing', _half_closed(b''), 'Unreachable', NO_ANSWER),
        Case('closes in a header', OK + b'Content-Length: 5\r\nX-A', 'Failed', NO_HTTP),
        Case('closes behind a header', OK + b'X-A: b\r\n', 'Unreachable', CUT),
        Case('closes behind the status line', OK, 'Unreachable', CUT),
        Case('answers before it is asked', server=_early(answer), error=''),
        Case('answers twice', answer + second, ''),
        Case('answers thrice before it is asked', server=_early(answer + second + second), error=''),
        Case('junk behind the answer', answer + bytes(range(256)) * 4000, ''),
        Case('keeps the connection open', Reply(raw=OK + b'Connection: keep-alive\r\nKeep-Alive: timeout=99999999999, max=-1\r\n'
                                                + LENGTH + b'\r\n' + BODY, stall=5), ''),
        Case('never stops talking', Reply(raw=answer, repeat=second), ''),
        Case('junk before the answer', b'\r\n\r\n\0\0' + answer, 'Failed', NO_HTTP),
        Case('asks the phone for something', b'GET / HTTP/1.1\r\nHost: phone\r\n\r\n', 'Failed', NO_HTTP),
        Case('a preliminary answer', b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' + answer, ''),
        *(Case(f'{status} without end', Reply(raw=b'', repeat=b'HTTP/1.1 %d x\r\nX-A: b\r\n\r\n' % status * 1000), 'Failed',
               'preliminary answers without end') for status in (100, 102, 103, 199)),
        Case('upgrades without end', Reply(raw=b'', repeat=b'HTTP/1.1 101 x\r\nUpgrade: y\r\n\r\n' * 1000), 'Failed',
             'preliminary answers without end'),
    ]


@harness.table(MaxProfileBytes=1000000)
def without_end():
    """HTTP-3, HTTP-4, HTTP-5, PROF-11: bodies without end, under every status"""
    def stream(status, *fields, body=scripted.chunk(b'x' * 65536)):
        head = f'HTTP/1.1 {status} x\r\n' + ''.join(field + '\r\n' for field in fields) + 'Transfer-Encoding: chunked\r\n\r\n'
        return Reply(raw=head.encode(), repeat=body)
    basic, digest = 'WWW-Authenticate: Basic realm="r"', 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    large = 'larger than 1000000 bytes'
    who = '--uid phone --pwd secret'
    return [
        Case('200 in chunks', stream(200), 'Corrupt', large),
        Case('200 to the end of the connection', Reply(raw=b'HTTP/1.0 200 OK\r\n\r\n', repeat=b' ' * 65536), 'Corrupt', large),
        Case('200 of one byte too many', Reply(body=GOOD.replace('>', '>' + ' ' * (1000001 - len(GOOD)), 1)), 'Corrupt', '1000001 bytes, more than the 1000000'),
        Case('200 with the largest size', Reply(body=GOOD.replace('>', '>' + ' ' * (1000000 - len(GOOD)), 1)), ''),
        Case('200 with a length of 1 TB', Reply(raw=OK + b'Content-Length: %d\r\n\r\n' % (1 << 40), repeat=b'x' * 65536), 'Corrupt',
             'more than the 1000000'),
        Case('200 of blanks in a profile', stream(200, body=scripted.chunk(b'<flat-profile>' + b' ' * 65536)), 'Corrupt', large),
        Case('401', stream(401, basic), 'Failed', 'HTTP 401: the server wants a user name'),
        Case('401 for ever, Basic', stream(401, basic), 'Failed', 'HTTP 401: the server does not accept', options=who,
             check=lambda result: _asked(result, 3)),
        Case('401 for ever, Digest', stream(401, digest), 'Failed', 'HTTP 401: the server does not accept', options=who,
             check=lambda result: _asked(result, 3)),
        Case('407', stream(407, 'Proxy-Authenticate: Basic realm="r"'), 'Failed', 'HTTP 407', options=who,
             check=lambda result: _sent(result, 'proxy-authorization', None)),
        Case('421', stream(421), 'Failed', 'HTTP 421'),
        Case('503', stream(503), 'Failed', 'HTTP 503'),
        Case('429', stream(429), 'Failed', 'HTTP 429'),
        Case('404', stream(404), 'NotFound', 'HTTP 404'),
        Case('500', stream(500), 'Failed', 'HTTP 500'),
        Case('302', stream(302, 'Location: x'), 'Failed', 'more than 5 redirects', check=lambda result: _asked(result, 6)),
        Case('304', stream(304), 'Failed', 'HTTP 304'),
        Case('206', stream(206), 'Failed', 'HTTP 206'),
    ]


@harness.table(phones=8, ConnectTimeout=2, TransferTimeout=4)
def silence():
    """HTTP-5: servers that say nothing, or far too little"""
    silent, stalled, slow = 'no answer within 2 seconds', 'sent nothing for 2 seconds', 'timed out: not finished within 4 seconds'
    head = OK + LENGTH + b'\r\n'

    def drip(data):
        def behave(peer, request):
            for byte in data:
                peer.send(b'%c' % byte)
                peer.wait(0.5)
        return behave
    return [
        Case('never answers', Reply(raw=b'', stall=9), 'Unreachable', silent),
        Case('takes the connection and no more', server=scripted.Mute, error='Unreachable', message=silent),
        Case('does not take the connection', server=lambda: scripted.Mute(deaf=True), error='Unreachable', message=silent),
        Case('stops in the status line', Reply(raw=OK[:9], stall=9), 'Unreachable', silent),
        Case('stops in the headers', Reply(raw=OK + b'X-A: ', stall=9), 'Unreachable', silent),
        Case('stops behind the headers', Reply(raw=head, stall=9), 'Unreachable', stalled),
        Case('stops in the file', Reply(raw=head + BAD[:20], stall=9), 'Unreachable', stalled),
        Case('stops in a chunk', Reply(raw=CHUNKED + b'ff\r\n' + BAD[:20], stall=9), 'Unreachable', stalled),
        Case('stops behind a chunk', Reply(raw=CHUNKED + scripted.chunk(BAD[:20]), stall=9), 'Unreachable', stalled),
        Case('stops in the size of a chunk', Reply(raw=CHUNKED + b'1', stall=9), 'Unreachable', stalled),
        Case('one byte of the file each half second', Reply(raw=head, repeat=b'x', pause=0.5), 'Unreachable', slow),
        Case('one byte of the headers each half second', drip(OK + b'X-A: ' + b'y' * 99), 'Unreachable', slow),
        Case('one header each half second', Reply(raw=OK, repeat=b'X-A: b\r\n', pause=0.5), 'Unreachable', slow),
        Case('one chunk each half second', Reply(raw=CHUNKED, repeat=b'1\r\n \r\n', pause=0.5), 'Unreachable', slow),
        Case('one preliminary answer each half second', Reply(raw=b'', repeat=b'HTTP/1.1 100 x\r\n\r\n', pause=0.5), 'Unreachable',
             slow),
        Case('an extension byte each half second', Reply(raw=CHUNKED + b'5;', repeat=b'x', pause=0.5), 'Unreachable', slow),
    ]


@harness.table(phones=1)
def retry_after():
    """HTTP-7, SCHED-4: what says when to come again, and what only looks so"""
    def case(name, field, low=0, high=0, status=503):
        def check(result):
            left = result.phone.client.property('NextResync') / 1e6 - (time.time() if low else 0)
            if not low <= left <= high:
                raise AssertionError(f'the next attempt is in {left} s')
        return Case(f'come again: {name}', Reply(raw=b'HTTP/1.1 %d x\r\n%s\r\n\r\n' % (status, field.encode('latin-1'))), 'Failed',
                    f'HTTP {status}', check=check)

    def at_once(result):
        client = result.phone.client
        attempt, _ = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'retry')
        client.wait_finished(attempt)
    day = 86400
    return [
        case('in a minute', 'Retry-After: 60', 55, 60),
        case('in a minute, 429', 'Retry-After: 60', 55, 60, 429),
        case('in a minute, 500', 'Retry-After: 60', status=500),
        case('in two days', 'Retry-After: 172800', day - 5, day),
        case('in 2^63 seconds', f'Retry-After: {1 << 63}', day - 5, day),
        case('in 2^64 + 60 seconds', f'Retry-After: {(1 << 64) + 60}', day - 5, day),
        Case('come again: in the year 1', Reply(503, headers={'Retry-After': 'Mon, 01 Jan 0001 00:00:00 GMT'}), 'Failed', 'HTTP 503',
             check=at_once),
        case('in the year 9999', 'Retry-After: Fri, 31 Dec 9999 23:59:59 GMT', day - 5, day),
        *(case(f'no time, {field!r}', f'Retry-After: {field}') for field in
          ('-60', '+60', '60.5', '6e1', '0x3c', 'soon', '', '60 seconds', '60;', '\xb2', 'Fri, 99 Foo 2999 23:59:59 GMT')),
        case('twice', 'Retry-After: 60\r\nRetry-After: 120', 55, 120),
    ]


if __name__ == '__main__':
    tap.main('box')
