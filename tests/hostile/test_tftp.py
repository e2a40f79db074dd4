#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TFTP servers that answer from elsewhere, grant what nobody asked for, repeat, jump, stop, or never do."""

import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case, EVIL  # noqa: E402
from lib import servers, tap, wait  # noqa: E402
from lib.datagrams import ACK, ERROR, OACK, Peer, Tftp, data, error, oack  # noqa: E402

LIMIT = 1 << 20
ELSEWHERE = '127.0.0.2'
SILENT = 'no answer within 2 seconds'


def whole(size, value='good'):
    """A profile of so many bytes, or a few more, of which the last give the value."""
    filler = '<!--' + '0123456789' * 99 + '-->'
    return ('<flat-profile>' + filler * (size // len(filler) + 1) + f'<GPP_A>{value}</GPP_A></flat-profile>').encode()


FILE = whole(5000)


def blocks(text=FILE, size=512):
    """The payloads of the file, the last of which is short."""
    return [text[at:at + size] for at in range(0, len(text) + 1, size)]


def answered(peer, number=None):
    """Waits for an ACK (of this block)."""
    while True:
        kind, got, _ = peer.receive()
        if kind == ERROR:
            raise ConnectionError('the phone has given up')
        if kind == ACK and number in (None, got):
            return got


def finish(peer, begin=1, text=FILE):
    """Sends the rest of the file in lockstep as a good server does."""
    for number, payload in enumerate(blocks(text), 1):
        if number >= begin:
            peer.send(data(number, payload))
            answered(peer, number & 0xffff)


def told(peer, code):
    """The phone sends this error next."""
    try:
        kind, number, _ = peer.receive()
    except TimeoutError:
        raise AssertionError(f'not told error {code}, but nothing') from None
    assert (kind, number) == (ERROR, code), f'not told error {code}, but {kind, number}'


class Row(Case):
    """handle(peer, file, options) plays the server; an assertion of its own counts as the row's. waits: it has to end before
    the row is judged."""

    def __init__(self, name, handle, message='', error_='Failed', waits=False, **more):
        self._waits = waits
        self._handle, self._wrong, self._running = handle, [], 0
        super().__init__(name, error=error_, message=message, server=lambda: Tftp(self._run), check=self._check, **more)

    def _run(self, peer, file, options):
        self._running += 1
        try:
            self._handle(peer, file, options)
        except AssertionError as problem:
            self._wrong.append(problem)
        except OSError:
            # the phone has gone, or says nothing more
            pass
        self._running -= 1

    def _check(self, result):
        if self._waits:
            wait.until(lambda: self._running == 0, 'the end of the server')
        if self._wrong:
            raise self._wrong[0]


def good(name, handle, **more):
    return Row(name, handle, error_='', **more)


def lost(name, handle, message=SILENT, **more):
    return Row(name, handle, message, error_='Unreachable', **more)


def sends(*packets, then=None):
    """A handler that sends these, and goes on with then(peer)."""
    def handle(peer, file, options):
        for packet in packets:
            peer.send(packet)
        if then:
            then(peer)
    return handle


def raw_oack(*words):
    return OACK.to_bytes(2, 'big') + b''.join(words)


def _strange(make):
    """In the middle of a good transfer strangers send make(block), from another host and, once the server's port is known,
    from another port."""
    def handle(peer, file, options):
        strangers = [Peer(ELSEWHERE, peer.client), Peer('127.0.0.1', peer.client)]
        try:
            for number, payload in enumerate(blocks(), 1):
                for one in strangers[:number]:
                    one.send(make(number))
                peer.send(data(number, payload))
                answered(peer, number)
        finally:
            for one in strangers:
                one.socket.close()
    return handle


def _ghost(peer, file, options):
    """Somebody who is gone before he is told that he is a stranger: what he hears is answered by ICMP."""
    for number, payload in enumerate(blocks(), 1):
        stranger = Peer(ELSEWHERE, peer.client)
        stranger.send(data(number, payload))
        stranger.socket.close()
        time.sleep(0.01)
        peer.send(data(number, payload))
        answered(peer, number)


def _moved(back):
    """Options from one port, the file from another; the first takes over again where back."""
    def handle(peer, file, options):
        peer.send(oack(blksize=512))
        assert answered(peer) == 0
        other = Peer('127.0.0.1', peer.client)
        with other.socket:
            for _ in range(3):
                other.send(data(1, b'x' * 512))
                told(other, 5)
        if back:
            finish(peer)
    return handle


def _from_elsewhere(peer, file, options):
    other = Peer(ELSEWHERE, peer.client)
    with other.socket:
        other.send(data(1, EVIL.encode()))
        told(other, 5)


@harness.table(phones=6, ConnectTimeout=2, TransferTimeout=6, MaxProfileBytes=LIMIT)
def strangers():
    """TFTP-3: who is not the server changes nothing"""
    return [
        good('data', _strange(lambda number: data(number, b'x' * 512))),
        good('the last block', _strange(lambda number: data(number, EVIL.encode()))),
        good('options', _strange(lambda number: oack(blksize=8))),
        good('errors', _strange(lambda number: error(1, 'gone'))),
        good('acknowledgements', _strange(lambda number: ACK.to_bytes(2, 'big') + bytes(2))),
        good('requests', _strange(lambda number: b'\0\1x\0octet\0')),
        good('who are gone', _ghost),
        good('nothing', _strange(lambda number: b'')),
        good('garbage', _strange(lambda number: os.urandom(600))),
        good('options from one port and back', _moved(True), waits=True),
        lost('options from one port and data from another', _moved(False), 'fell silent for 2 seconds after 0 bytes', waits=True),
        lost('answer from another host', _from_elsewhere, waits=True),
    ]


def _each(times):
    def handle(peer, file, options):
        for number, payload in enumerate(blocks(), 1):
            for _ in range(times):
                peer.send(data(number, payload))
            answered(peer, number)
    return handle


def _late(peer, file, options):
    """Each block is followed by all before it."""
    for number, payload in enumerate(blocks(), 1):
        peer.send(data(number, payload))
        for before in range(1, number):
            peer.send(data(before, blocks()[before - 1]))
        answered(peer, number)


def _window(order):
    """A window at a time, its blocks in another order; from what is acknowledged it goes on."""
    def handle(peer, file, options):
        # where whole windows are lost it asks again for smaller ones
        parts, window = blocks(), min(8, int(options.get('windowsize', 1)))
        peer.send(oack(windowsize=window, blksize=512) if window > 1 else oack(blksize=512))
        done = answered(peer)
        while done < len(parts):
            numbers = order(list(range(done + 1, min(done + window, len(parts)) + 1)))
            for number in numbers:
                peer.send(data(number, parts[number - 1]))
            done = answered(peer)
            # what it says once a time-out ago is not what it has now
            peer.socket.settimeout(0.05)
            try:
                while True:
                    done = max(done, answered(peer))
            except TimeoutError:
                peer.socket.settimeout(5)
    return handle


def _overrun(peer, file, options):
    """All at once, whatever was agreed."""
    peer.send(oack(windowsize=2, blksize=512))
    answered(peer)
    for number, payload in enumerate(blocks(), 1):
        peer.send(data(number, payload))
    answered(peer, len(blocks()))


def _jump(numbers):
    """Blocks of these numbers, for ever."""
    def handle(peer, file, options):
        while True:
            for number in numbers:
                peer.send(data(number, b'x' * 512))
            time.sleep(0.1)
    return handle


@harness.table(phones=6, ConnectTimeout=2, TransferTimeout=6, MaxProfileBytes=LIMIT)
def order():
    """TFTP-1, TFTP-3: blocks twice, late, early, or of no number"""
    def before(*packets):
        return sends(*packets, then=finish)
    silent = 'fell silent for 2 seconds after 512 bytes'
    return [
        good('each five times', _each(5)),
        good('each a hundred times', _each(100)),
        good('all of them late', _late),
        good('window backwards', _window(lambda numbers: numbers[::-1])),
        good('window with the last first', _window(lambda numbers: numbers[-1:] + numbers[:-1])),
        good('window with the first missing at first', _window(lambda numbers: numbers[1:] + numbers[:1])),
        good('window overrun', _overrun),
        good('block 0 first', before(data(0, b'x' * 512))),
        good('block 2 first', before(data(2, b'x' * 512))),
        good('block 65535 first', before(data(65535, b'x' * 512))),
        good('acknowledgement first', before(b'\0\4\0\0', b'\0\4\0\1', b'\0\4\0')),
        good('requests first', before(b'\0\1x\0octet\0', b'\0\2x\0octet\0')),
        good('unknown opcodes first', before(b'\0\0\0\1', b'\0\7\0\1', b'\xff\xff\0\1', b'\3\0\0\1' + EVIL.encode())),
        good('headers that are cut first', before(b'', b'\0', b'\0\3', b'\0\3\0', b'\0\5', b'\0\5\0')),
        good('options in the middle', sends(data(1, FILE[:512]), oack(blksize=8), then=lambda peer: finish(peer, 2))),
        good('options twice', sends(oack(blksize=512), oack(blksize=1024), then=lambda peer: (answered(peer), finish(peer)))),
        lost('block 0 for ever', _jump([0])),
        lost('block 2 for ever', _jump([2])),
        lost('the first block for ever', _jump([1]), silent),
        lost('blocks that jump', _jump([1, 3, 5, 7, 900, 65535]), silent),
        lost('blocks backwards', _jump([1, 0, 65535, 65534]), silent),
        lost('acknowledgements for ever', lambda peer, *_: [peer.send(b'\0\4\0\0') or time.sleep(0.1) for _ in range(50)]),
        lost('options for ever', lambda peer, *_: [peer.send(oack(blksize=512)) or time.sleep(0.1) for _ in range(50)],
             'fell silent for 2 seconds after 0 bytes'),
    ]


def _granted(**options):
    """The options as granted, and then a file as they say."""
    def handle(peer, file, asked):
        peer.send(oack(**options))
        if peer.receive()[0] == ERROR:
            return
        for number, payload in enumerate(blocks(FILE, options.get('blksize', 512)), 1):
            peer.send(data(number, payload))
            if number % options.get('windowsize', 1) == 0:
                answered(peer, number & 0xffff)
    return handle


@harness.table(phones=4, ConnectTimeout=2, TransferTimeout=6, MaxProfileBytes=LIMIT)
def options():
    """TFTP-1, TFTP-3: grants larger than asked, that are no numbers, or that lie"""
    cannot_be = 'the server granted options that cannot be: '

    def refused(name, packet, why='.'):
        def handle(peer, file, asked):
            peer.send(packet)
            told(peer, 8)
        return Row(name, handle, cannot_be + why, waits=True)

    def bad(name, *values):
        return [refused(f'{name} {value!r:.20}', raw_oack(f'{name}\0{value}\0'.encode())) for value in values]
    numbers = ('', 'x', '-1', '+8', ' 8', '8 ', '8x', '1e3', '0x200', '8.0', '99999999999999999999', '٨', '8' * 1000)
    return [
        *bad('blksize', 0, 1, 7, 1429, 65464, 65536, *numbers),
        *bad('windowsize', 0, 65, 65535, 65536, *numbers),
        *bad('timeout', 0, 2, 255, 256, *numbers),
        *bad('tsize', 1 << 64, *numbers),
        refused('not asked for', oack(multicast='224.0.0.1,1758,1')),
        refused('not asked for with a good one', oack(blksize=512, utimeout=1000)),
        refused('twice', raw_oack(b'blksize\x00512\0', b'blksize\x008\0'), 'option “blksize” is unknown or there twice'),
        refused('tsize twice', raw_oack(b'tsize\x005000\0', b'tsize\x001\0'), 'option “tsize” is unknown or there twice'),
        refused('no end', raw_oack(b'blksize\x00512'), 'an option is cut short'),
        refused('no value', raw_oack(b'blksize\0'), 'an option is cut short'),
        refused('a name of 1 KB', raw_oack(b'x' * 1024 + b'\x001\0')),
        refused('control characters', raw_oack(b'\x1b[2J\xff\x001\0'), r'option “\\x1b\[2J\\xff”'),
        refused('nothing but NUL', raw_oack(bytes(100))),
        good('nothing granted', _granted()),
        good('small blocks', _granted(blksize=8)),
        good('smaller blocks and windows', _granted(blksize=1000, windowsize=3, timeout=1)),
        good('large letters', lambda peer, *_: (peer.send(raw_oack(b'BLKSIZE\x00512\0', b'WindowSize\x001\0')), answered(peer),
                                                finish(peer))),
        good('told 0 bytes', _granted(tsize=0)),
        Row('told less than comes', _granted(tsize=10), 'the server sent more than the 10 bytes it had told of'),
        lost('told more than comes', _granted(tsize=len(FILE) + 1),
             f'before the whole file had come \\({len(FILE)} of {len(FILE) + 1} bytes\\)'),
        Row('told too much', sends(oack(tsize=LIMIT + 1)),
            f'the file has {LIMIT + 1} bytes, more than the {LIMIT} that are allowed', 'Corrupt'),
        Row('told all there can be', sends(oack(tsize=(1 << 64) - 1)), f'the file has {(1 << 64) - 1} bytes, more than', 'Corrupt'),
    ]


@harness.table(phones=4, ConnectTimeout=2, TransferTimeout=6, MaxProfileBytes=LIMIT)
def errors():
    """TFTP-4, STORE-3: errors of every code, in every form"""
    rows = []
    for code in (*range(9), 9, 255, 65535):
        missing = ('NotFound',) if code == 1 else ('Failed',)
        said = f'the server answered with error {code}'
        rows += [Row(f'code {code}', sends(error(code, 'why')), said + ' \\(“why”\\)', *missing),
                 Row(f'code {code} of few words', sends(error(code)), said, *missing),
                 Row(f'code {code} without an end', sends(b'\0\5' + code.to_bytes(2, 'big') + b'why'), said + ' \\(“why”\\)',
                     *missing),
                 Row(f'code {code} in the middle', sends(data(1, FILE[:512]), then=lambda peer, code=code: (
                     answered(peer, 1), peer.send(error(code, 'why')))), said, *missing)]
    return rows + [
        Row('options refused, and then all', sends(error(8, 'no')), 'the server answered with error 8'),
        good('options refused', lambda peer, file, asked: peer.send(error(8, 'no')) if asked else finish(peer)),
        Row('control characters', sends(error(2, '\x1b[2J\r\n\x7f')), r'error 2 \(“\\x1b\[2J\\x0d\\x0a\\x7f”\)'),
        Row('bytes beyond ASCII', sends(b'\0\5\0\2\xff\xfe\0'), r'error 2 \(“\\xff\\xfe”\)'),
        Row('60 KB of words', sends(error(2, 'x' * 60000)), 'error 2 \\(“x{50,100}…?”\\)$'),
        Row('60 KB without an end', sends(b'\0\5\0\2' + b'x' * 60000), 'error 2 \\(“x{50,100}…?”\\)$'),
        Row('words behind the end', sends(error(2, 'why\0hidden')), 'error 2 \\(“why”\\)$'),
    ]


def _stops(after, **granted):
    """Falls silent after so many blocks."""
    def handle(peer, file, asked):
        if granted:
            peer.send(oack(**granted))
            answered(peer)
        size, window = granted.get('blksize', 512), granted.get('windowsize', 1)
        for number in range(1, after + 1):
            peer.send(data(number, b'x' * size))
            if number % window == 0:
                answered(peer, number)
        # there, but saying nothing
        peer.socket.settimeout(6)
        while True:
            peer.receive()
    return handle


def _gone(after):
    """As much, and then its port is closed: what comes is answered by ICMP."""
    def handle(peer, file, asked):
        peer.send(oack(blksize=512))
        answered(peer)
        for number in range(1, after + 1):
            peer.send(data(number, b'x' * 512))
            answered(peer, number)
    return handle


def _drip(pause):
    def handle(peer, file, asked):
        number = 0
        while True:
            number += 1
            peer.send(data(number, b'x' * 512))
            answered(peer, number)
            time.sleep(pause)
    return handle


def _endless(peer, file, asked):
    peer.send(oack(blksize=1428, windowsize=64))
    answered(peer)
    done = 0
    while done * 1428 < 4 * LIMIT:
        for number in range(done + 1, done + 65):
            peer.send(data(number, b'x' * 1428))
        done = answered(peer)
    raise AssertionError('it took much more than it may')



class _Route:
    """An address to which the kernel refuses to send."""

    def __init__(self, kind):
        address = {'unreachable': '198.51.100.8', 'prohibit': '198.51.100.9'}[kind]
        self.url = f'tftp://{address}'
        subprocess.run(['ip', 'route', 'replace', kind, address], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass


class _Closed:
    """A port that nobody listens on."""

    def __init__(self):
        self.url = f'tftp://127.0.0.1:{servers.free_port(socket.SOCK_DGRAM)}'

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass


@harness.table(phones=6, ConnectTimeout=2, TransferTimeout=6, MaxProfileBytes=LIMIT)
def ends():
    """TFTP-1, TFTP-4, PROF-11: it stops, it is gone, it never ends, or ends too soon"""
    agreed = 'the server sent a block of {} bytes where {} were agreed'.format
    silent = 'fell silent for 2 seconds after {} bytes'.format
    return [
        lost('silent after the request', lambda peer, *_: time.sleep(3)),
        lost('silent after the options', _stops(0, blksize=1000), silent(0)),
        *[lost(f'silent after block {count}', _stops(count), silent(512 * count)) for count in (1, 2, 3, 10, 100)],
        *[lost(f'silent after block {count} of a window', _stops(count, blksize=1000, windowsize=8), silent(1000 * count))
          for count in (1, 7, 8, 9, 16)],
        lost('one block each half second', _drip(0.5), 'not finished within 6 seconds'),
        Row('endless', _endless, f'larger than {LIMIT} bytes', 'Corrupt'),
        Row('a block too large', sends(data(1, b'x' * 513)), agreed(513, 512)),
        Row('a block of 60 KB', sends(data(1, b'x' * 60000)), agreed(r'\d+', 512)),
        Row('a block larger than granted', sends(oack(blksize=8), data(1, b'x' * 9)), agreed(9, 8)),
        Row('an empty file', sends(data(1, b'')), 'The file is empty', 'Corrupt'),
        Row('a page', sends(data(1, b'<html><body>x</body></html>')), 'A web page came instead of a profile', 'Corrupt'),
        Row('cut in the middle', sends(data(1, FILE[:500])), 'cut short, the element <flat-profile> does not end', 'Corrupt'),
        Case('nobody is there', error='Unreachable', message='the request was refused; check that the TFTP server runs',
             server=_Closed),
        Case('no way there', error='Unreachable', message='no route to the server', server=lambda: _Route('unreachable')),
        Case('not allowed to go there', error='Unreachable', message='no (route to the server|answer within 2 seconds)',
             server=lambda: _Route('prohibit')),
        *[lost(f'gone after block {count}', _gone(count), silent(512 * count)) for count in (0, 1, 5)],
    ]


def _wraps(peer, file, asked):
    """After 65535 comes 1, as some servers have it; that is seen only where each block is acknowledged."""
    payloads = blocks(whole((32 << 20) + 2000, 'whole'))
    for number, payload in enumerate(payloads, 1):
        name = number if number < 65536 else number - 65535
        peer.send(data(name, payload))
        answered(peer, name)


class _Large:
    """The real server with a file of so many bytes."""

    def __init__(self, size, *options_):
        self._server = servers.Atftpd(options=options_)
        self._server.put('/x', whole(size, 'whole'))
        self.url = self._server.url

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._server.close()


@harness.table(phones=2, TransferTimeout=90, MaxProfileBytes=200 << 20)
def large():
    """TFTP-2: more blocks than there are numbers, with the limit raised; the last bytes of the file are what is applied"""
    more = {'error': '', 'values': {'GPP_A': 'whole'}, 'within': 100}
    return [
        Case('past 89 MiB by atftpd', server=lambda: _Large(95 << 20), **more),
        Case('past 32 MiB by atftpd with blocks of 512 bytes', server=lambda: _Large(34 << 20, '--no-blksize'), **more),
        good('past 32 MiB, from 65535 to 1', _wraps, values={'GPP_A': 'whole'}, within=100),
    ]


if __name__ == '__main__':
    tap.main('box')
