#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Answers that are cut: a small one behind each of its bytes, a large one in 64 places, in each framing."""

import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case  # noqa: E402
from lib import scripted, tap, tree  # noqa: E402

CUT = 'the connection ended before the whole file had come'


def answer(size):
    """A whole answer of so many bytes; where its body begins."""
    for room in range(size):
        body = b'<flat-profile>' + b' ' * room + b'<GPP_A>evil</GPP_A></flat-profile>'
        whole = b'HTTP/1.1 200 OK\r\nServer: hostile\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n' % len(body) + body
        if len(whole) == size:
            return whole, size - len(body)
    raise ValueError(size)


def large():
    """A profile of 100 kB, of which little goes when it is packed."""
    lines = ''.join(f'<Unknown_{i}>{i * 0x9e3779b97f4a7c15 % (1 << 64):x}</Unknown_{i}>' for i in range(2000))
    return f'<flat-profile><GPP_A>evil</GPP_A>{lines}</flat-profile>'.encode()


def places(data):
    """64 places to cut, the first and the last that there are among them."""
    return sorted({1 + (len(data) - 2) * i // 63 for i in range(64)})


def in_headers(data):
    """What comes of an answer that is cut in its headers: always class C."""
    if not data:
        return 'Unreachable', 'the server ended the connection before it answered'
    if data.endswith(b'\r\n'):
        # it looks whole, but for what should follow
        return 'Unreachable', CUT
    return 'Failed', 'what came is no answer in HTTP'


@harness.table(phones=3)
def cuts():
    """HTTP-5, PROF-11: no part of a profile is ever taken for the whole"""
    small, begin = answer(512)
    # a build with sanitizers takes four times as long for each, and looks for other things
    step = 4 if tree.is_sanitized() else 1
    profile = large()
    packed = gzip.compress(profile)
    head = b'HTTP/1.1 200 OK\r\n'
    sized = head + b'Content-Length: %d\r\n\r\n' % len(profile)
    chunks = [scripted.chunk(profile[i:i + 1000]) for i in range(0, len(profile), 1000)]
    return [
        *(Case('512 bytes cut at each offset in the headers', small[:n], *in_headers(small[:n])) for n in range(0, begin, step)),
        *(Case('512 bytes cut at each offset in the file', small[:n], 'Unreachable', CUT) for n in range(begin, len(small), step)),
        *(Case('a large file cut in 64 places', sized + profile[:n], 'Unreachable', CUT) for n in places(profile)),
        *(Case('a large packed file without a length cut in 64 places', head + b'\r\n' + packed[:n], 'Corrupt', 'The gzip file is cut short')
          for n in places(packed)[1:]),
        *(Case('a large file in chunks cut behind every third one', head + b'Transfer-Encoding: chunked\r\n\r\n' + b''.join(chunks[:n]),
               'Corrupt', 'cut short') for n in range(1, len(chunks), 3)),
        Case('512 bytes that are not cut', small, '', values={'GPP_A': 'evil'}),
    ]


if __name__ == '__main__':
    tap.main('box')
