#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Encrypted profiles at a desk: what the real openssl and other programs write is read, and they read what is written."""

import gzip
import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import run  # noqa: E402
from lib import encrypted, tap, tree  # noqa: E402
from lib.encrypted import GENERATIONS, SEALED  # noqa: E402

CATALOGUE = tree.source('data', 'catalogue')
PROFILE = b'<flat-profile>\n<GPP_A>sealed</GPP_A></flat-profile>\n'
KEY = 'k\u00e9y with "blanks" \\ and $'


class Encrypted(run.Files):
    def openssl(self, *arguments, data):
        return encrypted.openssl(*arguments, data=data, key=KEY)

    def ctl(self, *arguments, check=0):
        """Its output as bytes, and what it said."""
        done = subprocess.run([run.PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, env=run.environment())
        self.assertEqual(done.returncode, check, done.stderr)
        return done.stdout, done.stderr.decode()

    def test_every_generation(self):
        """files of every OpenSSL generation, of every length around a block, gzip inside or not (ENC-1, PROF-8)"""
        for generation in GENERATIONS:
            for data in (PROFILE, gzip.compress(PROFILE), *(PROFILE + b' ' * n for n in range(1, 17)), PROFILE + b'<!-- x -->' * 20000):
                with self.subTest(generation, size=len(data)):
                    path = self.file(self.openssl('-salt', *generation, data=data))
                    plain = PROFILE if data.startswith(b'\x1f') else data
                    self.assertEqual(self.ctl('decode', '--key', KEY, path)[0], plain)

    def test_http_ece(self):
        """files of another implementation: record sizes from the smallest, many records, a keyid of 255 bytes, padding, gzip inside; the key in
        each of its forms (ENC-2)"""
        made = encrypted.http_ece()
        self.assertLessEqual({18, 25, 4096, 65536, 1 << 20}, {vector['rs'] for vector in made})
        self.assertGreater(max(len(vector['file']) // vector['rs'] for vector in made if vector['rs'] == 4096), 1)
        for vector in made:
            path = self.file(vector['file'])
            # the reader that tests give reports to is right about them as well
            text = encrypted.unseal(vector['file'], vector['key'])
            self.assertIn(b'from http_ece', gzip.decompress(text) if text.startswith(b'\x1f') else text)
            for key in (vector['key'], vector['hex'], vector['key'] + '=='):
                with self.subTest(rs=vector['rs'], key=key):
                    plain = self.ctl('decode', '--ikm', key, path)[0]
                    self.assertTrue(plain.endswith(b'<GPP_A>from http_ece</GPP_A></flat-profile>'), plain[:100])

    def test_as_http_ece(self):
        """the writer and the reader that tests give reports to are no friends of ours: they write what http_ece writes, byte for byte in records of
        every size, and read and refuse what it does, as decode does; reports that phones sent by PUT and POST were read by it (ENC-2, ENC-3,
        ENC-4)"""
        vectors = encrypted.vectors()
        for one in vectors['sums']:
            text = (b'resyncd ' * (one['size'] // 8 + 1))[:one['size']]
            made = encrypted.seal(text, vectors['key'], one['rs'], bytes.fromhex(vectors['salt']))
            self.assertEqual(hashlib.sha256(made).hexdigest(), one['sha256'], (one['rs'], one['size']))
        self.assertEqual({one['text'] is None for one in vectors['judged']}, {True, False})
        for one in vectors['judged']:
            with self.subTest(one['name']):
                try:
                    text = encrypted.unseal(one['file'], vectors['key']).decode()
                except AssertionError:
                    text = None
                self.assertEqual(text, one['text'])
                out, said = self.ctl('decode', '--ikm', vectors['key'], self.file(one['file']), check=0 if text else 1)
                self.assertEqual((out.decode(), SEALED in said), (text or '', not text))
        self.assertEqual({one['method'] for one in vectors['reports']}, {'PUT', 'POST'})
        self.assertGreater(max(len(one['file']) // one['rs'] for one in vectors['reports']), 1)
        for one in vectors['reports']:
            self.assertEqual(encrypted.read(one['file'], one['key']).decode(), one['text'])

    def test_encrypt(self):
        """what encrypt writes is read by openssl and by decode; each time with another salt (ENC-4)"""
        path = self.file(PROFILE)
        for packed in ((), ('--gzip',)):
            written = self.ctl('encrypt', path, '--key', KEY, *packed)[0]
            self.assertNotEqual(written, self.ctl('encrypt', path, '--key', KEY, *packed)[0])
            plain = self.openssl('-d', '-md', 'sha256', data=written)
            self.assertEqual(gzip.decompress(plain) if packed else plain, PROFILE)
            self.assertEqual(self.ctl('decode', '--key', KEY, self.file(written, 'cbc'))[0], PROFILE)
            written = self.ctl('encrypt', path, '--ikm', 'yqdlZ-tYemfogSmv7Ws5PQ', *packed)[0]
            plain = encrypted.read(written, 'yqdlZ-tYemfogSmv7Ws5PQ')
            self.assertEqual(gzip.decompress(plain) if packed else plain, PROFILE)
            self.assertEqual(self.ctl('decode', '--ikm', 'yqdlZ-tYemfogSmv7Ws5PQ', self.file(written, 'ece'))[0], PROFILE)

    def test_check(self):
        """check reads an encrypted profile as it reads a plain one, with the place of a fault (PROF-6, ENC-1)"""
        bad = PROFILE.replace(b'<GPP_A>', b'<Resync_Periodic>often</Resync_Periodic><GPP_A>')
        path = self.file(self.openssl('-md', 'md5', data=bad))
        out, _ = self.ctl('--json', 'check', '--catalogue', CATALOGUE, '--key', KEY, path, check=1)
        fault, = json.loads(out)['faults']
        self.assertEqual((fault['line'], fault['name']), (2, 'Resync_Periodic'))
        out, _ = self.ctl('--json', 'check', '--catalogue', CATALOGUE, '--key', 'other', path, check=1)
        fault, = json.loads(out)['faults']
        self.assertEqual((fault['line'], fault['message']), (0, SEALED))

    def test_key_from_a_file(self):
        """@FILE: the key is in no list of processes"""
        key = self.file(KEY.encode() + b'\n', 'key')
        path = self.file(self.openssl('-md', 'sha256', data=PROFILE))
        self.assertEqual(self.ctl('decode', '--key', '@' + key, path)[0], PROFILE)
        _, said = self.ctl('decode', '--key', '@/nonexistent', path, check=1)
        self.assertIn('/nonexistent cannot be read', said)

    def test_faults(self):
        """a wrong key, a cut file, a missing key: words, exit status, nothing on standard output (ENC-3)"""
        sealed = self.openssl('-md', 'sha256', data=PROFILE)
        for content, arguments, words in ((sealed, ('--key', 'other'), SEALED), (sealed[:-1], ('--key', KEY), SEALED),
                                          (sealed[:-16], ('--key', KEY), SEALED), (sealed, (), 'has no --key'),
                                          (sealed[:8], ('--key', KEY), SEALED)):
            with self.subTest(words, size=len(content)):
                out, said = self.ctl('decode', *arguments, self.file(content), check=1)
                self.assertEqual(out, b'')
                self.assertIn(words, said)

    def test_no_profile(self):
        """what opens with its key and is no profile is told as that, and printed; what no key opens is encrypted, and nothing of it is printed: a wrong
        word would send somebody to look for another key (ENC-2, ENC-3)"""
        page = b'{"error": "no such phone"}\n'
        sealed = self.file(encrypted.seal(page, 'yqdlZ-tYemfogSmv7Ws5PQ'), 'ece')
        salted = self.file(self.openssl('-md', 'sha256', data=page), 'cbc')
        for arguments in (('--ikm', 'yqdlZ-tYemfogSmv7Ws5PQ', sealed), ('--key', KEY, salted)):
            out, said = self.ctl('decode', *arguments, check=1)
            self.assertEqual(out, page)
            self.assertIn('neither XML nor the plain-text form', said)
            self.assertNotIn('key', said)
        for arguments in ((), ('--key', KEY)):
            for command in (('decode',), ('check', '--catalogue', CATALOGUE), ('diff', '--catalogue', CATALOGUE)):
                out, said = self.ctl(*command, *arguments, sealed, check=1)
                self.assertIn('is encrypted (aes128gcm)', out.decode() + said)
                self.assertIn('--ikm', out.decode() + said)
                self.assertEqual(out.count(b'\n'), 2 if command[0] == 'check' else 0)

    def test_base64(self):
        """what openssl enc -a writes is told as that by decode, check and diff, with a key and without, and not printed (ENC-1, ENC-3)"""
        path = self.file(self.openssl('-a', data=PROFILE))
        for arguments in ((), ('--key', KEY)):
            for command in (('decode',), ('check', '--catalogue', CATALOGUE), ('diff', '--catalogue', CATALOGUE)):
                out, said = self.ctl(*command, *arguments, path, check=1)
                self.assertIn('openssl enc -a', out.decode() + said)
                self.assertNotIn('U2FsdGVkX1', out.decode() + said)

    def test_usage(self):
        """encrypt wants one key and no terminal"""
        path = self.file(PROFILE)
        for arguments, words in (((), 'either --key or --ikm'), (('--key', 'a', '--ikm', 'b'), 'either --key or --ikm'),
                                 (('--key', ''), 'key is empty')):
            with self.subTest(arguments):
                self.assertIn(words, self.ctl('encrypt', path, *arguments, check=2)[1])
        status, shown = run.on_terminal('encrypt', path, '--key', 'a')
        self.assertEqual(status, 2)
        self.assertIn('not for a terminal', shown)


if __name__ == '__main__':
    tap.main(None)
