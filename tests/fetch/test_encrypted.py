#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Encrypted profiles and requests by POST, one job of the worker each: what it makes of them, and when it says so."""

import gzip
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import encrypted, scripted, servers, tap, wait  # noqa: E402

import jobs  # noqa: E402
from jobs import PROFILE  # noqa: E402
from lib.encrypted import SEALED  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402

KEY, IKM = 'a key', 'yqdlZ-tYemfogSmv7Ws5PQ'
# as the worker has it
SLOT, SLOT_BYTES = 0.05, 128 << 10


def changed(data, place):
    return data[:place] + bytes((data[place] ^ 1,)) + data[place + 1:]


def salted(data=PROFILE, *generation):
    return encrypted.openssl(*(generation or ('-md', 'sha256')), data=data, key=KEY)


def faults(body):
    """Name -> file and key: each way in which an encrypted file cannot be read. body: of many blocks and records."""
    cbc, ece = salted(body), encrypted.seal(body.encode(), IKM)
    record = slice(21 + 4096, 21 + 8192), slice(21 + 8192, 21 + 12288)
    swapped = ece[:record[0].start] + ece[record[1]] + ece[record[0]] + ece[record[1].stop:]
    made = {'cbc, another key': (salted(body), {'key': 'another'}), 'cbc, no profile': (salted('x' * len(body)), {'key': KEY}),
            'ece, another key': (ece, {'ikm': 'AAAAAAAAAAAAAAAAAAAAAA'}), 'ece, a record out of its order': (swapped, {'ikm': IKM}),
            'ece, a record left out': (ece[:record[0].start] + ece[record[1].start:], {'ikm': IKM}),
            'ece, no profile': (encrypted.seal(b'x' * len(body), IKM), {'ikm': IKM})}
    for name, data, fields in (('cbc', cbc, {'key': KEY}), ('ece', ece, {'ikm': IKM})):
        made[f'{name}, first byte'] = changed(data, 21), fields
        made[f'{name}, a byte in the middle'] = changed(data, len(data) // 2), fields
        made[f'{name}, last byte'] = changed(data, len(data) - 1), fields
        made[f'{name}, cut by a block'] = data[:-16], fields
        made[f'{name}, cut by a byte'] = data[:-1], fields
    return made


class Waiting(scripted.Server):
    """Sends a file and measures how long the client stays after its last byte."""

    def __init__(self, body):
        self.stayed = []

        def behave(peer):
            peer.read_request()
            peer.send(Reply(body=body, headers={'Connection': 'keep-alive'}).head() + body[:-1])
            peer.wait(0.01)
            sent = time.monotonic()
            peer.send(body[-1:])
            while peer.socket.recv(65536):
                pass
            self.stayed.append(time.monotonic() - sent)
        super().__init__(behave)


class Encrypted(unittest.TestCase, jobs.Asserts):
    def test_openssl(self):
        """what each generation of openssl wrote, gzip inside or around it or not, by HTTP and TFTP (ENC-1, PROF-8)"""
        with servers.Nginx() as web, servers.Atftpd() as tftp:
            for number, generation in enumerate(encrypted.GENERATIONS):
                plain, packed = salted(PROFILE, *generation), salted(gzip.compress(PROFILE.encode()), *generation)
                for server, path, file in ((web, f'/{number}', plain), (web, f'/{number}.gz', gzip.compress(packed)), (tftp, f'/{number}', packed)):
                    with self.subTest(generation, path=path, server=server.url):
                        server.put(path, file)
                        self.good(server.url + path, key=KEY)

    def test_aes128gcm(self):
        """files of two other implementations, told by the header or by what they are; --key is ignored then (ENC-2)"""
        made = [(encrypted.seal(PROFILE.encode(), IKM, size), IKM, None) for size in (18, 40, 4096, 1 << 20)]
        # any byte may begin a salt, also what begins XML
        made.append((encrypted.seal(PROFILE.encode(), IKM, salt=b'<xteen bytes of '), IKM, None))
        made += [(vector['file'], vector['key'], {'GPP_A': 'from http_ece'}) for vector in encrypted.http_ece()]
        said = {1: 'aes128gcm', 2: 'gzip, AES128GCM '}
        for number, (file, ikm, values) in enumerate(made):
            for headers in ({}, {'Content-Encoding': said[number]}) if number in said else ({},):
                with self.subTest(number, headers=headers), Scripted({'/a': Reply(body=file, headers=headers)}) as server:
                    self.good(server.url + '/a', values, ikm=ikm, key='another')

    def test_said_and_not_so(self):
        """a server that says aes128gcm is believed: anything else is a file that was changed, and without a key nobody reads it (ENC-2)"""
        said = {'Content-Encoding': 'aes128gcm'}
        with Scripted({'/plain': Reply(body=PROFILE, headers=said), '/first': Reply(body=PROFILE, headers={'Content-Encoding': 'aes128gcm, br'}),
                       '/moved': Reply(302, headers={'Location': '/good', **said}), '/good': Reply(body=PROFILE)}) as server:
            self.bad(server.url + '/plain', 'Corrupt', SEALED, ikm=IKM)
            self.bad(server.url + '/plain', 'Corrupt', 'IKM_HTTP_Encrypt_Content is not set')
            self.good(server.url + '/first', ikm=IKM)
            # what a redirect said counts for its own body only
            self.good(server.url + '/moved', ikm=IKM)

    def test_no_key(self):
        """an encrypted file for which there is no key says so, in words (ENC-1)"""
        with Scripted({'/a': Reply(body=salted())}) as server:
            self.bad(server.url + '/a', 'Corrupt', 'the rule has no --key', ikm=IKM)

    def test_one_message(self):
        """another key, a changed byte, a cut file, a record out of its order: one message and class B, and at one time, which the size alone
        decides: whoever changes bytes on the way does not learn from the clock what became of them (ENC-3)"""
        body = PROFILE + '<!-- some work for who reads it -->' * (SLOT_BYTES // 120)
        shortest = {}
        for name, (file, fields) in faults(body).items():
            self.assertLess(len(file), SLOT_BYTES)
            with self.subTest(name), Waiting(file) as server:
                # the one least disturbed by what else the machine does
                while len(server.stayed) < 2 or (min(server.stayed) > 1.4 * SLOT and len(server.stayed) < 30):
                    job = self.bad(server.url + '/a', 'Corrupt', SEALED, **fields)
                    self.assertEqual(job.message, f'{job.url}: {SEALED}')
                shortest[name] = min(server.stayed)
        for name, seconds in shortest.items():
            self.assertGreaterEqual(seconds, SLOT, name)
            self.assertLess(seconds, 1.5 * SLOT, shortest)

    def test_by_tftp(self):
        """the same words by TFTP (ENC-3)"""
        with servers.Atftpd() as server:
            for name, file, fields in (('cbc', changed(salted(), 40), {'key': KEY}), ('ece', encrypted.seal(PROFILE.encode(), IKM)[:-1], {'ikm': IKM})):
                server.put(name, file)
                self.bad(f'{server.url}/{name}', 'Corrupt', SEALED, **fields)

    def test_time_by_size(self):
        """a larger file has a longer time, and one that is read has none (ENC-3)"""
        file = salted(PROFILE + '<!-- larger -->' * (6 * SLOT_BYTES // 15))
        with Waiting(file) as server:
            self.good(server.url + '/a', key=KEY)
            job = jobs.run(server.url + '/a', key='another')
            self.assertEqual(job.message, f'{job.url}: {SEALED}')
            wait.until(lambda: len(server.stayed) == 2, 'the end of the connection')
            self.assertGreaterEqual(server.stayed[1], 6 * SLOT)


class Posting(unittest.TestCase, jobs.Asserts):
    BODY = 'serial="FCH1234"\r\nname=J\u00fcrgen & <sons>\n'

    def test_body(self):
        """the body goes as it is, with its length and type, and is not empty for being long (HTTP-1)"""
        for body in (self.BODY, '', 'x' * 65536):
            with self.subTest(size=len(body)), Scripted({'/a?b=1': Reply(body=PROFILE)}) as server:
                self.good(server.url + '/a?b=1', method='POST', body=body)
                asked, = server.requests
                self.assertEqual((asked.method, asked.body.decode()), ('POST', body))
                self.assertEqual(asked.headers['content-length'], str(len(body.encode())))
                self.assertEqual(asked.headers['content-type'], 'text/plain; charset=utf-8')

    def test_asked_again(self):
        """after a redirect and after 401 it is a POST with its body again (HTTP-1, HTTP-2, HTTP-3)"""
        def answer(request):
            if request.target == '/old':
                return Reply(302, headers={'Location': '/new'})
            if 'authorization' not in request.headers:
                return Reply(401, headers={'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"'})
            return Reply(body=PROFILE)
        with Scripted(answer) as server:
            self.good(server.url + '/old', method='POST', body=self.BODY, user='u', password='p')
            self.assertEqual([(asked.method, asked.body.decode()) for asked in server.requests], [('POST', self.BODY)] * 3)

    def test_real(self):
        """nginx answers it, and what it refuses is refused (HTTP-1, HTTP-4)"""
        with servers.Nginx(extra='location /echo { return 200 "<flat-profile><GPP_A>$request_method $content_length</GPP_A></flat-profile>"; }') as server:
            self.good(server.url + '/echo', {'GPP_A': f'POST {len(self.BODY.encode())}'}, method='POST', body=self.BODY)
            server.put('/file', PROFILE)
            self.bad(server.url + '/file', 'Failed', 'HTTP 405', method='POST', body=self.BODY)


if __name__ == '__main__':
    tap.main('box')
