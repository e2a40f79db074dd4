# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl check and decode: real files, no bus."""

import gzip
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import run  # noqa: E402
from lib import tap, tree  # noqa: E402

CATALOGUE = tree.source('data', 'catalogue')
GOOD = '''<?xml version="1.0" encoding="UTF-8"?>
<device>
  <flat-profile>
    <Resync_Periodic>1800</Resync_Periodic>
    <GPP_A ua="rw">grün</GPP_A>
    <Profile_Rule>https://prov.example/$MA.xml</Profile_Rule>
  </flat-profile>
</device>
'''


class Offline(run.Files):
    def check(self, content, status, *arguments):
        done = run.ctl('--json', '--catalogue', CATALOGUE, 'check', self.file(content), *arguments)
        self.assertEqual((done.returncode, done.stderr), (status, ''), done.stdout)
        return json.loads(done.stdout)

    def test_good(self):
        self.assertEqual(self.check(GOOD, 0), {'ok': True, 'parameters': 3, 'errors': 0, 'warnings': 0, 'left-out': 0, 'faults': []})
        path = self.file(GOOD)
        done = run.ctl('check', '--catalogue', CATALOGUE, path)
        self.assertEqual((done.returncode, done.stdout), (0, f'{path}: 3 parameters would be set\n'))

    def test_compressed_and_from_a_pipe(self):
        """PROF-8: the content decides, not the name"""
        self.assertEqual(self.check(gzip.compress(GOOD.encode()), 0)['parameters'], 3)
        done = run.ctl('check', '--catalogue', CATALOGUE, '-', stdin=GOOD)
        self.assertEqual((done.returncode, done.stdout), (0, '-: 3 parameters would be set\n'))

    def test_every_bad_value_is_shown(self):
        """PROF-6: line, column, name, message; the rest would be applied"""
        found = self.check('''<flat-profile>
  <Resync_Periodic>often</Resync_Periodic>
  <Provision_Enable>perhaps</Provision_Enable>
  <GPP_A>fine</GPP_A> <Resync_Random_Delay>-1</Resync_Random_Delay>
</flat-profile>
''', 1)
        self.assertFalse(found['ok'])
        self.assertEqual(found['parameters'], 1)
        self.assertEqual([(fault['line'], fault['column'], fault['severity'], fault['name']) for fault in found['faults']],
                         [(2, 20, 'error', 'Resync_Periodic'), (3, 3, 'error', 'Provision_Enable'),
                          (4, 23, 'error', 'Resync_Random_Delay')])
        for fault in found['faults']:
            self.assertTrue(fault['message'])
            self.assertEqual(fault['suggestion'], '')

    def test_unknown_name_and_the_nearest(self):
        """PROF-2: unknown elements are skipped; a misspelt one is pointed out"""
        found = self.check('<flat-profile>\n<Profil_Rule>/x</Profil_Rule>\n<Zzzzzzzzzzzz>1</Zzzzzzzzzzzz>\n</flat-profile>', 0)
        self.assertEqual((found['ok'], found['parameters']), (True, 0))
        self.assertEqual([(fault['severity'], fault['name'], fault['suggestion']) for fault in found['faults']],
                         [('warning', 'Profil_Rule', 'Profile_Rule'), ('warning', 'Zzzzzzzzzzzz', '')])
        path = self.file('<flat-profile><Profil_Rule>/x</Profil_Rule></flat-profile>')
        done = run.ctl('check', '--catalogue', CATALOGUE, path)
        self.assertRegex(done.stdout, r'^.*profile\.xml:1:15: warning: .*Profil_Rule.*; is Profile_Rule meant\?\n')

    def test_rule_that_cannot_be_parsed(self):
        """RULE-10: the column and what was expected there"""
        for name in ('Profile_Rule', 'Upgrade_Rule', 'Report_Rule', 'Resync_Trigger_1'):
            found = self.check(f'<flat-profile>\n<{name}>[--nonesuch] http://h/x</{name}>\n</flat-profile>', 1)
            self.assertEqual([(fault['line'], fault['column'], fault['severity'], fault['name']) for fault in found['faults']],
                             [(2, len(name) + 4, 'error', name) if 'Trigger' not in name else (2, len(name) + 3, 'error', name)])
        self.check('<flat-profile><Resync_Trigger_1>$UPGTMR gt 300</Resync_Trigger_1></flat-profile>', 0)

    def test_corrupt(self):
        """PROF-4, PROF-11: what is no profile changes nothing and says where"""
        for content, line in (('', 0), ('<html><body>Sign in</body></html>', None), (GOOD[:120], None), ('<flat-profile>\n<a>\n</b>', 3),
                              (gzip.compress(GOOD.encode())[:-5], None), (b'\x00\x01\x02', None), ('<other/>', None),
                              ('<!DOCTYPE x [<!ENTITY a "b">]><flat-profile/>', 1)):
            found = self.check(content, 1)
            self.assertEqual((found['ok'], found['parameters'], len(found['faults'])), (False, 0, 1), content)
            self.assertEqual(found['faults'][0]['severity'], 'error')
            if line is not None:
                self.assertEqual(found['faults'][0]['line'], line, found)

    def test_secrets_are_not_shown(self):
        """STORE-3: a bad value of a secret is not repeated"""
        found = self.check('<flat-profile>\n<GPP_SA>hunter2 •••</GPP_SA>\n'
                           '<Profile_Rule>[--key hunter2 --nonesuch] http://h/x</Profile_Rule>\n'
                           '<Proxy_Host>joe:hunter2@proxy.example</Proxy_Host></flat-profile>', 1)
        self.assertNotIn('hunter2', json.dumps(found, ensure_ascii=False))
        self.assertEqual(len(found['faults']), 3)

    def test_names_are_escaped(self):
        done = run.ctl('check', '--catalogue', CATALOGUE, self.file(GOOD[:100], 'a\x1b[31mb'))
        self.assertNotIn('\x1b', done.stdout)

    def test_decode(self):
        for content in (GOOD.encode(), gzip.compress(GOOD.encode()), b'Resync_Periodic "1800" ;\n'):
            plain = gzip.decompress(content) if content[:2] == b'\x1f\x8b' else content
            done = run.ctl('decode', self.file(content))
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, plain.decode(), ''))
        # what is no profile is said to be none, and shown all the same
        for content in ('<html><body>Sign in</body></html>', 'hello', '<flat-profile><GPP_A>', '<other/>', '-----BEGIN CERTIFICATE-----\n'):
            done = run.ctl('decode', self.file(gzip.compress(content.encode())))
            self.assertEqual((done.returncode, done.stdout), (1, content))
            self.assertIn('resyncctl: This is no profile: ', done.stderr)
            done = run.ctl('decode', '--json', self.file(content))
            self.assertEqual((done.returncode, json.loads(done.stdout)['error'], done.stderr), (1, 'Corrupt', ''))
        done = run.ctl('decode', '--alias', '/other = /flat-profile/GPP_A', self.file('<other>x</other>'))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '<other>x</other>', ''))
        done = run.ctl('decode', '--json', self.file(gzip.compress(GOOD.encode())[:-5]))
        self.assertEqual((done.returncode, json.loads(done.stdout)['error']), (1, 'Corrupt'))

    def test_files_that_cannot_be_read(self):
        done = run.ctl('decode', '--json', '/nonexistent/file')
        self.assertEqual((done.returncode, json.loads(done.stdout)['error']), (1, 'NotFound'))
        self.assertEqual(run.ctl('decode', self.folder.name).returncode, 1)

    def test_limits_of_the_configuration(self):
        config = self.file('[Limits]\nMaxProfileBytes=2048\n', 'resyncd.conf')
        big = '<flat-profile>' + '<GPP_A>x</GPP_A>' * 200 + '</flat-profile>'
        self.check(big, 0)
        fault, = self.check(big, 1, '--config', config)['faults']
        self.assertEqual((fault['kind'], 'MaxProfileBytes' in fault['message']), ('unreadable', True))
        packed = gzip.compress(big.encode())
        self.assertLess(len(packed), 2048)
        self.assertFalse(self.check(packed, 1, '--config', config)['ok'])
        self.assertEqual(run.ctl('--config', config, 'decode', self.file(packed)).returncode, 1)

    def test_catalogue(self):
        own = os.path.join(self.folder.name, 'catalogue')
        os.mkdir(own)
        done = run.ctl('--catalogue', own, '--json', 'check', self.file(GOOD))
        self.assertEqual(done.returncode, 1)
        self.assertIn('message', json.loads(done.stdout))


if __name__ == '__main__':
    tap.main(None)
