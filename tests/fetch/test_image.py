# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware by every protocol: what comes goes into the file that the daemon opened, goes on where it stopped, and two
files are never glued together."""

import concurrent.futures
import email.utils
import hashlib
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import certificates, datagrams, disks, process, scripted, servers, tap, tree, wait  # noqa: E402

import jobs  # noqa: E402
from jobs import part_of  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402

MIB = 1 << 20
DATE = 'Thu, 01 Jan 2026 00:00:00 GMT'
NEW = random.Random(1).randbytes(100_003)
OLD = random.Random(2).randbytes(100_003)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def read(path):
    with open(path, 'rb') as file:
        return file.read()


class Files(unittest.TestCase):
    """Each test has a file of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, 'image')

    def put(self, data):
        servers.write('/', self.path, data)

    def good(self, url, data, **fields):
        job = jobs.image(url, self.path, **fields)
        self.assertTrue(job.ok, job.message)
        self.assertEqual(digest(read(self.path)), digest(data))
        self.assertEqual(job.digest, digest(data))
        return job

    def bad(self, url, code, text, **fields):
        job = jobs.image(url, self.path, **fields)
        self.assertFalse(job.ok)
        self.assertEqual((job.code, text in job.message), (code, True), job.message)
        return job


def ranged(data, validator=('ETag', '"new"'), cut=None):
    """A Scripted answer as a good server gives it: the rest to a Range whose If-Range fits, else the file; cut: bytes
    after which the connection breaks."""
    def answer(request):
        start = int(request.headers.get('range', 'bytes=0-')[len('bytes='):-1])
        if request.headers.get('if-range') != validator[1]:
            start = 0
        headers = dict([validator])
        if start:
            headers['Content-Range'] = f'bytes {start}-{len(data) - 1}/{len(data)}'
        return Reply(206 if start else 200, data[start:], headers=headers, cut=cut)
    return answer


class Whole(Files):
    # UPG-3
    def test_nginx(self):
        """UPG-3: by HTTP and HTTPS an image arrives whole, with its digest, progress and what it could be gone on from"""
        authority = certificates.Authority()
        for tls in (None, authority.issue('127.0.0.1')):
            with self.subTest(tls=bool(tls)), servers.Nginx(tls=tls) as server:
                server.put('/fw', NEW)
                job = self.good(server.url + '/fw', NEW, ca_file=authority.path)
                self.assertEqual((job.http_status, job.url, job.assignments), (200, server.url + '/fw', {}))
                self.assertEqual(job.progress[0][0], 'connecting')
                self.assertEqual([one[2] for one in job.progress if one[0] == 'downloading'][0], len(NEW))
                self.assertEqual(job.parts[-1], list(part_of(server.url + '/fw', NEW, len(NEW), job.etag)))

    # UPG-3, TFTP-1
    def test_tftp(self):
        """UPG-3: by TFTP an image arrives whole, and never goes on from a part"""
        for make in (servers.Atftpd, servers.DnsmasqTftp):
            with self.subTest(make.__name__), make() as server:
                server.put('/fw', NEW)
                self.put(NEW[:5000])
                job = self.good(server.url + '/fw', NEW, part=part_of(server.url + '/fw', NEW, 5000))
                self.assertEqual((job.http_status, job.parts), (0, []))
                self.assertEqual([one[1:3] for one in job.progress if one[0] == 'downloading'][0][1], len(NEW))

    # UPG-3, TFTP-2
    def test_many_blocks(self):
        """TFTP-2: past 65535 blocks an image arrives whole"""
        with tempfile.TemporaryDirectory() as root, servers.Atftpd(root=root) as server:
            data = random.Random(3).randbytes(95 * MIB)
            server.put('/fw', data)
            self.good(server.url + '/fw', data)


class Rest(Files):
    # UPG-3
    def test_every_tenth(self):
        """UPG-3: a server that is gone at every tenth of the file, and comes back each time: the image is the same in the end, and
        no byte of it came twice"""
        step = len(NEW) // 10
        with Scripted(ranged(NEW, cut=step)) as server:
            part = None
            for number in range(1, 11):
                job = self.bad(server.url + '/fw', 'Unreachable', 'before the whole file had come', part=part)
                part = job.parts[-1]
                self.assertEqual(part, list(part_of(server.url + '/fw', NEW, number * step)))
            self.good(server.url + '/fw', NEW, part=part)
            self.assertEqual([request.headers.get('range') for request in server.requests],
                             [None] + [f'bytes={number * step}-' for number in range(1, 11)])
            self.assertEqual({request.headers.get('if-range') for request in server.requests[1:]}, {'"new"'})

    # UPG-3
    def test_nginx(self):
        """UPG-3: by nginx, with an ETag and with a date alone, the rest of an image is all that comes"""
        for extra in ('', 'etag off;'):
            with self.subTest(extra), servers.Nginx(extra=extra) as server:
                os.utime(server.put('/fw', NEW), (0, 10 ** 9))
                job = self.good(server.url + '/fw', NEW)
                validator = job.parts[-1][2]
                self.assertEqual(validator, job.etag or email.utils.formatdate(10 ** 9, usegmt=True))
                self.put(NEW[:60_000] + OLD)
                job = self.good(server.url + '/fw', NEW, part=part_of(server.url + '/fw', NEW, 60_000, validator))
                self.assertEqual(job.http_status, 206)
                # another file of the same length in its place
                os.utime(server.put('/fw', OLD), (0, 10 ** 9 + 1))
                self.put(NEW[:60_000])
                job = self.good(server.url + '/fw', OLD, part=part_of(server.url + '/fw', NEW, 60_000, validator))
                self.assertEqual(job.http_status, 200)

    # UPG-3
    def test_redirect(self):
        """UPG-3: where a redirect leads, the rest is asked for as well"""
        with Scripted(ranged(NEW)) as there, Scripted({'/fw': Reply(302, headers={'Location': there.url + '/other'})}) as here:
            self.put(NEW[:5000])
            job = self.good(here.url + '/fw', NEW, part=part_of(there.url + '/other', NEW, 5000))
            self.assertEqual((job.http_status, there.requests[0].headers['range']), (206, 'bytes=5000-'))

    # UPG-3
    def test_redirected_elsewhere(self):
        """UPG-3: where the redirect, or none, leads to another URL than the part came from, the image is fetched anew, whatever ETag and length that has"""
        tag = ('ETag', '"1"')
        with Scripted(ranged(NEW, tag, cut=_HAVE)) as one, Scripted(ranged(OLD, tag)) as other:
            leads = [one.url + '/x']
            with Scripted(lambda request: Reply(302, headers={'Location': leads[0]})) as here:
                part = self.bad(here.url + '/fw', 'Unreachable', 'before the whole file had come').parts[-1]
                self.assertEqual(part, list(part_of(one.url + '/x', NEW, _HAVE, tag[1])))
                # the same path of another server, and another path of the same one
                for leads[0] in (other.url + '/x', other.url + '/x?2'):
                    self.put(NEW[:_HAVE])
                    self.assertEqual(self.good(here.url + '/fw', OLD, part=part).http_status, 200)
            self.put(NEW[:_HAVE])
            self.good(other.url + '/fw', OLD, part=part)
            self.assertEqual([request.headers.get('range') for request in here.requests + other.requests], [None] * 6)
            # who sends a rest that nobody asked for has sent none
            with Scripted(lambda request: _partial(OLD[_HAVE:], ETag=tag[1])) as rash:
                self.put(NEW[:_HAVE])
                self.bad(rash.url + '/fw', 'Failed', 'HTTP 206', part=part)

    # UPG-3
    def test_whole(self):
        """UPG-3: of an image that was whole already, and the phone went off before it was told, no byte is fetched again"""
        with Scripted(ranged(NEW)) as server:
            self.put(NEW)
            job = self.good(server.url + '/fw', NEW, part=part_of(server.url + '/fw', NEW, len(NEW)))
            self.assertEqual((job.http_status, server.requests), (0, []))

    # UPG-3
    def test_file_is_another(self):
        """UPG-3: a file that no longer has the bytes of its part is fetched anew, whatever was said of it"""
        table = {'other bytes': OLD[:60_000], 'one bit': NEW[:30_000] + bytes([NEW[30_000] ^ 1]) + NEW[30_001:60_000], 'cut': NEW[:59_999],
                 'empty': b'', 'a longer one': OLD + OLD}
        for title, data in table.items():
            with self.subTest(title), Scripted(ranged(NEW)) as server:
                self.put(data)
                job = self.good(server.url + '/fw', NEW, part=part_of(server.url + '/fw', NEW, 60_000))
                self.assertEqual((job.http_status, 'range' in server.requests[0].headers), (200, False))

    # UPG-3
    def test_killed(self):
        """UPG-3: a worker that is killed half-way leaves a part on disk, and the next one goes on from there"""
        held = threading.Event()
        pieces = [NEW[:30_000], NEW[30_000:60_000], NEW[60_000:70_000]]

        def behave(peer):
            peer.read_request()
            peer.send(Reply(body=NEW, headers={'ETag': '"new"'}).head() + pieces[0])
            # what came is brought to disk about once a second
            wait.until(lambda: os.path.getsize(self.path) == 30_000, 'a piece')
            peer.wait(1.2)
            peer.send(pieces[1])
            wait.until(lambda: os.path.getsize(self.path) == 60_000, 'two pieces')
            peer.send(pieces[2])
            held.wait(60)
        with scripted.Server(behave) as server:
            running = subprocess.Popen(jobs.command(server.url + '/fw', **jobs.image_fields(self.path)), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            # whoever has written the third has said that the first two are on disk
            wait.until(lambda: os.path.exists(self.path) and os.path.getsize(self.path) == 70_000, 'three pieces')
            os.kill(process.children(running.pid)[0], 9)
            job = json.loads(running.communicate()[0])
            held.set()
        self.assertEqual((job['ok'], job['message']), (False, 'worker died: signal 9 (SIGKILL)'))
        part = job['parts'][-1]
        self.assertTrue(30_000 < part[0] <= 70_000, part)
        self.assertEqual(part, list(part_of(server.url + '/fw', NEW, part[0])))
        with Scripted(ranged(NEW)) as server:
            self.good(server.url + '/fw', NEW, part=part_of(server.url + '/fw', NEW, part[0]))
            self.assertEqual(server.requests[0].headers['range'], f'bytes={part[0]}-')


_HAVE = 60_000
_GOOD = {'Content-Range': f'bytes {_HAVE}-{len(NEW) - 1}/{len(NEW)}', 'ETag': '"new"'}


def _partial(body=NEW[_HAVE:], **headers):
    """What answers to the rest, with other fields: a name with _ for -, and None for one that is left out."""
    fields = {**_GOOD, **{name.replace('_', '-'): value for name, value in headers.items()}}
    return Reply(206, body, headers={name: value for name, value in fields.items() if value is not None})


def _raw(extra, body=NEW[_HAVE:]):
    return Reply(raw=b'HTTP/1.1 206 Partial\r\nConnection: close\r\n' + extra.encode() + b'\r\n' + body)


_RANGE = f'Content-Range: {_GOOD["Content-Range"]}\r\nETag: "new"\r\n'
_LENGTH = f'Content-Length: {len(NEW) - _HAVE}\r\n'

# What a server may answer to who asks for the rest, none of which is that; the file that it has is OLD, or is NEW again
RANGES = {
    'another start': _partial(Content_Range=f'bytes {_HAVE - 1}-{len(NEW) - 1}/{len(NEW)}'),
    'a later start': _partial(NEW[_HAVE + 1:], Content_Range=f'bytes {_HAVE + 1}-{len(NEW) - 1}/{len(NEW)}'),
    'from the first byte': _partial(OLD, Content_Range=f'bytes 0-{len(NEW) - 1}/{len(NEW)}'),
    'another end': _partial(NEW[_HAVE:-1], Content_Range=f'bytes {_HAVE}-{len(NEW) - 2}/{len(NEW)}'),
    'another total': _partial(NEW[_HAVE:] + b'x', Content_Range=f'bytes {_HAVE}-{len(NEW)}/{len(NEW) + 1}'),
    'a smaller total': _partial(NEW[_HAVE:-1], Content_Range=f'bytes {_HAVE}-{len(NEW) - 2}/{len(NEW) - 1}'),
    'a total that nobody knows': _partial(Content_Range=f'bytes {_HAVE}-{len(NEW) - 1}/*'),
    'a range that ends before it starts': _partial(Content_Range=f'bytes {len(NEW) - 1}-{_HAVE}/{len(NEW)}'),
    'a range beyond the file': _partial(Content_Range=f'bytes {_HAVE}-{len(NEW)}/{len(NEW)}'),
    'a range beyond all numbers': _partial(Content_Range=f'bytes {_HAVE}-{len(NEW) - 1 + 2 ** 64}/{len(NEW)}'),
    'a negative range': _partial(Content_Range=f'bytes -{_HAVE}-{len(NEW) - 1}/{len(NEW)}'),
    'hexadecimal': _partial(Content_Range=f'bytes {_HAVE:#x}-{len(NEW) - 1}/{len(NEW)}'),
    'blanks': _partial(Content_Range=f'bytes {_HAVE} - {len(NEW) - 1} / {len(NEW)}'),
    'another unit': _partial(Content_Range=f'lines {_HAVE}-{len(NEW) - 1}/{len(NEW)}'),
    'no unit': _partial(Content_Range=f'{_HAVE}-{len(NEW) - 1}/{len(NEW)}'),
    'an empty range': _partial(Content_Range=''),
    'no range': _partial(Content_Range=None),
    'two ranges': _raw(_RANGE + _LENGTH + 'Content-Range: bytes 0-1/2\r\n'),
    'the same range twice': _raw(_RANGE + _RANGE + _LENGTH),
    'another ETag': _partial(OLD[_HAVE:], ETag='"old"'),
    'a weak ETag': _partial(OLD[_HAVE:], ETag='W/"new"'),
    'no ETag': _partial(OLD[_HAVE:], ETag=None),
    'two ETags': _raw(_RANGE + _LENGTH + 'ETag: "old"\r\n', OLD[_HAVE:]),
    'several parts': _partial(Content_Type='multipart/byteranges; boundary=x'),
    'several parts, in capitals': _partial(Content_Type='Multipart/ByteRanges; boundary=x'),
    'another encoding': _partial(Content_Encoding='gzip'),
    'a length that is not that of the range': _partial(NEW[_HAVE:] + OLD),
    'a shorter length': _partial(NEW[_HAVE:-5]),
    'chunks': _raw(_RANGE + 'Transfer-Encoding: chunked\r\n', scripted.chunk(NEW[_HAVE:]) + b'0\r\n\r\n'),
    'chunks and a length': _raw(_RANGE + _LENGTH + 'Transfer-Encoding: chunked\r\n', scripted.chunk(OLD[_HAVE:]) + b'0\r\n\r\n'),
    'no length': _raw(_RANGE),
    'no such range': Reply(416, b'', headers={'Content-Range': f'bytes */{len(NEW)}'}),
    'no such range, at length': Reply(416, OLD),
    'a request that it does not understand': Reply(400, b'what is a range?'),
    'a request that it does not understand, and the end': Reply(raw=b'HTTP/1.0 400 Bad Request\r\n\r\n' + OLD),
    'ranges that it cannot do': Reply(501, b''),
}


class Ranges(Files):
    # UPG-3
    def test_table(self):
        """UPG-3: whatever a server answers to the request for the rest that is not exactly that, the image is fetched anew"""
        authority = certificates.Authority()
        secure = authority.issue('127.0.0.1')
        for number, (title, reply) in enumerate(RANGES.items()):
            with self.subTest(title):
                def answer(request, reply=reply):
                    return reply if 'range' in request.headers else Reply(body=OLD, headers={'ETag': '"old"'})
                self.put(NEW[:_HAVE])
                # every fourth one behind TLS
                with Scripted(answer, tls=secure if number % 4 == 0 else None) as server:
                    job = self.good(server.url + '/fw', OLD, part=part_of(server.url + '/fw', NEW, _HAVE), ca_file=authority.path)
                    self.assertEqual((job.http_status, job.parts[-1][2]), (200, '"old"'))
                    self.assertEqual(['range' in request.headers for request in server.requests], [True, False])

    # UPG-3
    def test_dates(self):
        """UPG-3: the same for a file that has a date and no ETag"""
        table = {'none': (206, {'ETag': None}), 'the same': (206, {'ETag': None, 'Last-Modified': DATE}), 'an ETag now': (200, {}),
                 'another': (200, {'ETag': None, 'Last-Modified': DATE.replace('01', '02')})}
        for title, (status, headers) in table.items():
            with self.subTest(title):
                def answer(request, headers=headers):
                    return _partial(**headers) if 'range' in request.headers else Reply(body=NEW)
                self.put(NEW[:_HAVE])
                with Scripted(answer) as server:
                    job = self.good(server.url + '/fw', NEW, part=part_of(server.url + '/fw', NEW, _HAVE, DATE))
                    self.assertEqual((job.http_status, server.requests[0].headers['if-range']), (status, DATE))

    # UPG-3
    def test_nobody_asked(self):
        """UPG-3: a part of a file that nobody asked for is no file"""
        for status in (206, 416, 400, 501):
            with self.subTest(status), Scripted(lambda request, status=status: Reply(status, NEW, headers=_GOOD)) as server:
                self.bad(server.url + '/fw', 'Failed', f'HTTP {status}')
                self.assertEqual(len(server.requests), 1)

    # UPG-3
    def test_never(self):
        """UPG-3: a server that refuses the file itself as it refuses its rest is asked twice and no more, and what it sends is no image"""
        for status, code in ((400, 'Failed'), (416, 'Failed'), (501, 'Failed')):
            with self.subTest(status), Scripted(lambda request, status=status: Reply(status, NEW[_HAVE:])) as server:
                self.put(NEW[:_HAVE])
                job = self.bad(server.url + '/fw', code, f'HTTP {status}', part=part_of(server.url + '/fw', NEW, _HAVE))
                self.assertEqual((['range' in request.headers for request in server.requests], job.parts), ([True, False], []))
                self.assertLessEqual(os.path.getsize(self.path), _HAVE)

    # UPG-3
    def test_cut(self):
        """UPG-3: a rest that does not come whole is a longer part"""
        with Scripted(ranged(NEW, cut=10_000)) as server:
            self.put(NEW[:_HAVE])
            job = self.bad(server.url + '/fw', 'Unreachable', 'before the whole file', part=part_of(server.url + '/fw', NEW, _HAVE))
            self.assertEqual(job.parts[-1], list(part_of(server.url + '/fw', NEW, _HAVE + 10_000)))

    # UPG-3
    def test_validators(self):
        """UPG-3: what cannot be asked for by its rest is never said to be a part"""
        now = email.utils.formatdate(time.time(), usegmt=True)
        table = {
            'a strong ETag': ({'ETag': '"a"'}, '"a"'),
            'a weak ETag': ({'ETag': 'W/"a"'}, None),
            'a weak ETag and a date': ({'ETag': 'W/"a"', 'Last-Modified': DATE, 'Date': now}, None),
            'no form of an ETag': ({'ETag': 'a'}, None),
            'half an ETag': ({'ETag': '"a'}, None),
            'a date': ({'Last-Modified': DATE, 'Date': now}, DATE),
            'a date without Date': ({'Last-Modified': DATE}, None),
            'a date of just now': ({'Last-Modified': now, 'Date': now}, None),
            'no date': ({'Last-Modified': 'yesterday', 'Date': now}, None),
            'none': ({'Date': now}, None),
        }
        for title, (headers, validator) in table.items():
            with self.subTest(title), Scripted({'/fw': Reply(body=NEW, headers=headers, cut=5000)}) as server:
                job = self.bad(server.url + '/fw', 'Unreachable', 'before the whole file')
                self.assertEqual(job.parts, [list(part_of(server.url + '/fw', NEW, 5000, validator))] if validator else [])


class Tftp(Files):
    BLOCK = 512

    def serve(self, peer, data, stop=None, options=None):
        """As a server of the old kind; stop: the block before which it gives up."""
        if options:
            peer.send(datagrams.oack(**options))
            peer.receive()
        for number in range(len(data) // self.BLOCK + 1):
            if number == stop:
                peer.send(datagrams.error(0, 'gone'))
                return
            peer.send(datagrams.data(number + 1, data[number * self.BLOCK:][:self.BLOCK]))
            if peer.receive()[0] != datagrams.ACK:
                return

    # UPG-3
    def test_every_tenth(self):
        """UPG-3: by TFTP a server that is gone at every tenth of the file costs the part, and the image is the same in the end"""
        blocks = len(NEW) // self.BLOCK
        stops = [number * blocks // 10 for number in range(10)] + [None]
        with datagrams.Tftp(lambda peer, file, options: self.serve(peer, NEW, stops.pop(0))) as server:
            while len(stops) > 1:
                job = self.bad(server.url + 'fw', 'Failed', 'gone')
                self.assertEqual(job.parts, [])
            self.good(server.url + 'fw', NEW)

    # UPG-3, TFTP-3
    def test_sizes_that_are_not(self):
        """UPG-3: a file that has more or fewer bytes than its server said is no image"""
        for said, text in ((len(NEW) - 1, 'more than the'), (len(NEW) + 1, 'before the whole file had come')):
            with self.subTest(said), datagrams.Tftp(lambda peer, file, options, said=said:
                                                    self.serve(peer, NEW, options={'tsize': said, 'blksize': self.BLOCK})) as server:
                job = jobs.image(server.url + 'fw', self.path)
                self.assertEqual((job.ok, text in job.message), (False, True), job.message)


class Bounds(Files):
    def untouched(self, url, code, text, **fields):
        """It fails before anything is written."""
        self.put(OLD)
        job = self.bad(url, code, text, **fields)
        self.assertEqual(digest(read(self.path)), digest(OLD))
        return job

    # UPG-3
    def test_size(self):
        """UPG-3: size and free space are looked at before the first byte is written"""
        size = len(NEW)
        with servers.Nginx() as nginx, servers.Atftpd() as atftpd:
            for server in (nginx, atftpd):
                with self.subTest(server.url):
                    server.put('/fw', NEW)
                    self.untouched(server.url + '/fw', 'Corrupt', f'{size} bytes', max_bytes=size - 1)
                    self.untouched(server.url + '/fw', 'Storage', f'the disk has room for {size - 1}', room=size - 1)
                    self.good(server.url + '/fw', NEW, max_bytes=size, room=size)
            self.put(NEW[:5000])
            etag = jobs.image(nginx.url + '/fw', self.path).etag
            self.bad(nginx.url + '/fw', 'Storage', 'the disk has room for', part=part_of(nginx.url + '/fw', NEW, 5000, etag), room=size - 1)

    # UPG-3, TFTP-3
    def test_told(self):
        """UPG-3: a TFTP server whose image is too large for the disk is told so (RFC 1350 error 3), before it has sent a block where it said its size
        (RFC 2347)"""
        heard = queue.SimpleQueue()

        def handle(peer, file, options):
            peer.send(datagrams.oack(tsize=len(NEW)) if file == 'said' else datagrams.data(1, OLD[:512]))
            heard.put(peer.receive())
        with datagrams.Tftp(handle) as server:
            for file, room, fails in (('said', len(NEW) - 1, self.untouched), ('unsaid', 511, self.bad)):
                with self.subTest(file):
                    fails(server.url + file, 'Storage', f'the disk has room for {room}', room=room)
                    self.assertEqual(heard.get(timeout=10), (datagrams.ERROR, 3, b'no room\0'))

    # UPG-3
    def test_size_unknown(self):
        """UPG-3: a TFTP server that does not say how long the file is cannot send more than there may be"""
        def handle(peer, file, options):
            for number in range(1, 100):
                peer.send(datagrams.data(number, OLD[:512]))
                if peer.receive()[0] == datagrams.ERROR:
                    return
        with datagrams.Tftp(handle) as server:
            job = self.bad(server.url + 'fw', 'Storage', 'the disk has room for 5000', room=5000)
            self.assertLessEqual(os.path.getsize(self.path), 5000)
            self.assertEqual(job.parts, [])

    # UPG-3
    def test_unbounded(self):
        """UPG-3: an image that does not say how long it is, that comes in an encoding, or is none"""
        table = {
            'chunks': (Reply(body=NEW, chunked=True), 'Failed', 'how long the image is'),
            'to the end': (Reply(body=NEW, length=None), 'Failed', 'how long the image is'),
            'gzip': (Reply(body=NEW, headers={'Content-Encoding': 'gzip'}), 'Failed', 'in an encoding'),
            'negative': (Reply(body=NEW, length=None, headers={'Content-Length': '+100003'}), 'Failed', 'no number'),
            'none': (Reply(404, b'none'), 'NotFound', 'HTTP 404'),
        }
        for title, (reply, code, text) in table.items():
            with self.subTest(title), Scripted({'/fw': reply}) as server:
                self.untouched(server.url + '/fw', code, text)
        with Scripted({'/fw': Reply(body=b'')}) as server:
            self.bad(server.url + '/fw', 'Corrupt', 'empty')

    # UPG-3
    def test_stall(self):
        """UPG-3: a server that falls silent ends the download, by its own time, and what came is a part"""
        with Scripted({'/fw': Reply(body=NEW, headers={'ETag': '"new"'}, cut=5000, stall=60)}) as server:
            job = self.bad(server.url + '/fw', 'Unreachable', 'sent nothing for 3 seconds in the middle', stall_timeout=3)
            self.assertEqual(job.parts, [list(part_of(server.url + '/fw', NEW, 5000))])

    # UPG-3
    def test_no_time_for_the_whole(self):
        """UPG-3: what comes slowly comes nevertheless"""
        def behave(peer):
            peer.read_request()
            peer.send(Reply(body=NEW).head())
            for start in range(0, len(NEW), 20_000):
                peer.send(NEW[start:start + 20_000])
                peer.wait(0.3)
        with scripted.Server(behave) as server:
            job = self.good(server.url + '/fw', NEW, transfer_timeout=1)
            self.assertGreater(job.seconds, 1.5)

    # UPG-3
    def test_disk_full(self):
        """UPG-3: a disk that is full half-way keeps what came, and the image is whole once there is room"""
        with disks.Memory('root', 'size=64k') as disk, Scripted(ranged(NEW)) as server:
            self.path = os.path.join(disk.folder, 'image')
            job = self.bad(server.url + '/fw', 'Storage', 'No space left on device')
            part = job.parts[-1]
            self.assertEqual(part, list(part_of(server.url + '/fw', NEW, 65536)))
            disk.remount('size=1m')
            self.good(server.url + '/fw', NEW, part=part)
            self.assertEqual(server.requests[1].headers['range'], 'bytes=65536-')

    # UPG-3
    def test_power_cut(self):
        """UPG-3: what was said to be there is there when the power goes right after"""
        with disks.Ext4('root') as disk, Scripted(ranged(NEW, cut=_HAVE)) as server:
            self.path = os.path.join(disk.folder, 'image')
            part = self.bad(server.url + '/fw', 'Unreachable', '').parts[-1]
            # the name is the daemon's, and so is its durability
            os.sync()
            disk.cut()
            disk.come_back()
            self.assertEqual(digest(read(self.path)), part[3])
        with disks.Ext4('root') as disk, Scripted(ranged(NEW)) as server:
            self.path = os.path.join(disk.folder, 'image')
            self.put(b'')
            folder = os.open(disk.folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
            self.good(server.url + '/fw', NEW)
            disk.cut()
            disk.come_back()
            self.assertEqual(digest(read(self.path)), digest(NEW))

    # UPG-3
    def test_rate(self):
        """UPG-3: MaxRate is kept by every protocol, and slows nothing beyond that to where a server would ask again"""
        rate, size = 50_000, len(NEW)
        with servers.Nginx() as nginx, servers.Atftpd() as atftpd, servers.DnsmasqTftp() as dnsmasq, \
                concurrent.futures.ThreadPoolExecutor() as pool:
            runs = []
            for number, server in enumerate((nginx, atftpd, dnsmasq)):
                server.put('/fw', NEW)
                runs.append(pool.submit(jobs.image, server.url + '/fw', f'{self.path}{number}', max_rate=rate))
            for number, run in enumerate(runs):
                with self.subTest(number):
                    job = run.result()
                    self.assertTrue(job.ok, job.message)
                    self.assertEqual(digest(read(f'{self.path}{number}')), digest(NEW))
                    # what a tenth of a second holds may come at once
                    self.assertGreaterEqual(job.seconds, size / rate - 0.3)
                    moments = [(at, count) for stage, count, _, at in job.progress if stage == 'downloading']
                    for (before, had), (after, has) in zip(moments, moments[1:]):
                        self.assertLessEqual(has - had, rate * (after - before) + rate)

    # UPG-3
    def test_memory(self):
        """UPG-3: an image passes through a worker that takes less than 16 MB, whatever its size"""
        if tree.is_sanitized():
            size, most = MIB, 1 << 40
        else:
            size, most = 24 * MIB, 16 * MIB
        data, held, authority = random.Random(4).randbytes(size), threading.Event(), certificates.Authority()

        def behave(peer):
            peer.read_request()
            peer.send(Reply(body=data, headers={'ETag': '"new"'}).head() + data[:-1])
            held.wait(60)
            peer.send(data[-1:])
        with scripted.Server(behave, tls=authority.issue('127.0.0.1')) as server, concurrent.futures.ThreadPoolExecutor() as pool:
            command = jobs.command(server.url + '/fw', **jobs.image_fields(self.path, ca_file=authority.path))
            running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            done = pool.submit(running.communicate)
            wait.until(lambda: os.path.exists(self.path) and os.path.getsize(self.path) == size - 1, 'all but a byte')
            with open(f'/proc/{process.children(running.pid)[0]}/status', encoding='ascii') as file:
                peak = next(int(line.split()[1]) * 1024 for line in file if line.startswith('VmHWM:'))
            held.set()
            job = json.loads(done.result()[0])
        self.assertEqual((job['ok'], job['digest']), (True, digest(data)), job['message'])
        self.assertLess(peak, most)


if __name__ == '__main__':
    tap.main('box')
