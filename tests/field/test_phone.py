# SPDX-License-Identifier: LGPL-2.1-or-later
"""Some of the samples from end to end: real servers, the real daemon, and what it then has."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'engine'))
import samples  # noqa: E402
import test_resync  # noqa: E402
from lib import bus, servers, tap, wait  # noqa: E402

BY_NAME = {sample.name: sample for sample in samples.SAMPLES}


class Phone(test_resync.Case):
    def has(self, wanted):
        """Compares what the phone has with (name, access, value) of each."""
        for name, access, value in wanted:
            with self.subTest(name):
                one = self.client.parameters('List', '(s)', name)[0][0]
                self.assertEqual((one['name'], one['access'], self.client.get(name)), (name, access, value))

    def test_from_the_warehouse_to_the_desk(self):
        """the preprovisioning file names the common one, and that the phone’s own: one after the other, unasked (SCHED-9, SCHED-10)"""
        server = self.enterContext(servers.Nginx())
        home = {'provisioning.carrier.example/v1/$MA.xml': 'common/$PSN.xml', 'prov.carrier.example': f'127.0.0.1:{server.port}'}

        def here(text):
            for old, new in home.items():
                text = text.replace(old, new)
            text = text.replace('https://common', 'https://prov.carrier.example/common')
            return text.replace('https://', 'http://').replace('prov.carrier.example', f'127.0.0.1:{server.port}')
        for name, path in (('preprovisioned in the warehouse', 'CP-8851-3PCC.cfg'), ('common to all phones, then the phone’s own', 'common/8851-3PCC.xml'),
                           ('a phone’s own', 'phone/00562b043615.xml')):
            server.put(path, here(samples.content(BY_NAME[name]).decode()))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        wait.until(lambda: client.get('Station_Name') == '4001', 'the phone’s own file')
        client.wait_property('State', lambda state: state == 'idle')
        own = samples.expected(BY_NAME['a phone’s own'])
        common = [(name, access, here(value)) for name, access, value in samples.expected(BY_NAME['common to all phones, then the phone’s own'])
                  if name not in {one[0] for one in own}]
        self.has(own + common)

    def test_each_dress(self):
        """encodings, packings and forms, by http and by tftp (PROF-4, PROF-8, PROF-9)"""
        web = self.enterContext(servers.Nginx())
        tftp = self.enterContext(servers.Atftpd())
        self.phone()
        for server in (web, tftp):
            for name in ('ISO-8859-1', 'made on Windows', 'the plain-text form', 'the plain-text form, packed, made on Windows', 'packed twice',
                         'empty elements'):
                with self.subTest(name, server=server.url):
                    server.put('file', samples.content(BY_NAME[name]))
                    result, _url, message, _details = self.run_resync(f'{server.url}/file', force=True)
                    self.assertIn(result, ('success', 'unchanged'), message)
                    self.has(samples.expected(BY_NAME[name]))

    def test_each_key(self):
        """sealed by openssl of three generations, by RFC 8188, and read by an alias map: with the key or map that the rule names, or the phone has
        (ENC-1, ENC-2, PROF-10)"""
        server = self.enterContext(servers.Nginx())
        opened = [sample for sample in samples.SAMPLES if sample.key or sample.ikm or sample.aliases]
        self.assertEqual(len(opened), 5)
        for sample in opened:
            with self.subTest(sample.name):
                server.put('file', samples.content(sample))
                client = self.phone()
                client.set(IKM_HTTP_Encrypt_Content=sample.ikm, GPP_B=sample.aliases)
                bracket = f'[--key "{sample.key}"] ' if sample.key else '[--alias b] ' if sample.aliases else ''
                result, _url, message, _details = self.run_resync(f'{bracket}{server.url}/file', force=True)
                self.assertEqual(result, 'success', message)
                self.has(samples.expected(sample))

    def test_plain_text_that_may_be_cut(self):
        """the plain-text form proves no end of its own: without a length it is refused (PROF-9, PROF-11)"""
        body = samples.content(BY_NAME['the plain-text form'])
        server = self.enterContext(servers.Scripted({'/whole': servers.Reply(body=body), '/open': servers.Reply(body=body, length=None)}))
        self.phone()
        result, _url, message, details = self.run_resync(f'{server.url}/open', force=True)
        self.assertEqual((result, details['class']), ('corrupt-profile', 'B'), message)
        self.assertIn('cut short', message)
        self.assertEqual(self.run_resync(f'{server.url}/whole', force=True)[0], 'success')

    def test_servers_in_a_row(self):
        """several servers in one option, of which the first is not there (DISC-4)"""
        server = self.enterContext(servers.Nginx())
        server.put('site.xml', samples.content(BY_NAME['beside the configuration of a router']))
        self.phone(f'160=http://127.0.0.1:{servers.free_port()}/site.xml\\;http://127.0.0.1:{server.port}/site.xml')
        self.assertEqual(self.first()[0], 'success')
        self.has(samples.expected(BY_NAME['beside the configuration of a router']))

    def test_diff_says_what_a_resync_then_does(self):
        """resyncctl diff names exactly the parameters that change when the file is applied, with the values that they then have, and itself
        changes none (PROF-2, PROF-5, PROF-6)"""
        server = self.enterContext(servers.Nginx())
        self.phone()
        path = os.path.join(self.daemon.folder, 'profile')
        for name in ('a phone’s own', 'common to all phones, then the phone’s own', 'empty elements', 'for phones of several makers'):
            with self.subTest(name):
                data = samples.content(BY_NAME[name])
                server.put('file', data)
                with open(path, 'wb') as file:
                    file.write(data)
                self.client.wait_property('State', lambda state: state == 'idle')
                self.client.signals.clear()
                told = {one['name']: one for one in json.loads(bus.ctl(self.bus, '--json', 'diff', path, check=0).stdout)['changes']}
                # what is at a URL the phone fetches itself, and says the same
                at_url = json.loads(bus.ctl(self.bus, '--json', 'diff', f'{server.url}/file', check=0).stdout)['changes']
                self.assertEqual({one['name']: one for one in at_url}, told)
                self.client.turn()
                self.assertEqual(self.changed(), set())
                self.assertEqual(self.run_resync(f'{server.url}/file', force=True)[0], 'success')
                self.assertEqual(self.changed(), set(told))
                for one in told.values():
                    if not one['secret']:
                        self.assertEqual(self.client.get(one['name']), one['to'].replace('[--uid ••• --pwd •••]', '[--uid "$MA" --pwd "$SA"]'))

    def test_diff_of_a_url(self):
        """resyncctl diff URL: with the rule's options and the phone's own, what it assigns included; a failure in the words of a resync; and nothing of
        it is applied, kept as an attempt or taken for the server's address (ENC-1, ENC-2, HTTP-3, STORE-3)"""
        server = self.enterContext(servers.Nginx())
        self.phone()
        self.assertEqual(self.run_resync(f'{server.url}/none', force=True)[0], 'file-not-found')
        sample = BY_NAME['openssl of today']
        server.put('sealed', samples.content(sample))
        server.put('plain', '<flat-profile><GPP_A>x</GPP_A><GPP_SA>canary</GPP_SA><Nonesuch1>1</Nonesuch1><Resync_Periodic>soon</Resync_Periodic></flat-profile>')
        # whatever is due by itself stays away
        self.client.set(Provision_Enable='No')
        self.client.wait_property('State', lambda state: state == 'idle')
        self.client.wait_property('NextResync', lambda at: at == 0)
        before = self.client.status()

        def diff(rule, check=0):
            done = bus.ctl(self.bus, '--json', 'diff', rule, check=check)
            self.assertNotIn('canary', done.stdout)
            return json.loads(done.stdout)
        told = diff(f'(GPP_B = "$MA";)! {server.url}/plain')
        self.assertEqual([(one['name'], one['from'], one['to']) for one in told['changes']],
                         [('GPP_A', '', 'x'), ('GPP_B', '', '00562b043615'), ('GPP_SA', '', '•••')])
        self.assertEqual([one['name'] for one in told['skipped']], ['Nonesuch1', 'Resync_Periodic'])
        told = diff(f'[--key "{sample.key}"] {server.url}/sealed')
        self.assertLessEqual({one['name'] for one in told['changes']}, {name for name, _, _ in samples.expected(sample)})
        self.assertGreater(len(told['changes']), 2)
        for rule, error in ((f'{server.url}/sealed', 'Corrupt'), (f'{server.url}/none', 'NotFound'), ('http://127.0.0.1:1/x', 'Unreachable'),
                            (f'[--nonesuch] {server.url}/x', 'InvalidRule'), ('(1 eq 2)? http://h/x', 'InvalidRule'), ('gds://', 'InvalidRule')):
            with self.subTest(rule):
                self.assertEqual(diff(rule, check=1)['error'], error)
        self.assertEqual(self.client.get('GPP_A'), '')
        self.assertEqual(self.client.status(), before)
        self.assertEqual(self.client.property('State'), 'idle')

    def changed(self):
        """Names of the parameters that changed, as the daemon said."""
        return {one for signal, values in self.client.signals if signal == 'Changed' for one in values[0]}

    def test_the_manual_to_the_letter(self):
        """the manual's example with its placeholder is a corrupt profile, and with a server in its place it applies (PROF-4)"""
        server = self.enterContext(servers.Nginx())
        sample = BY_NAME['the manual’s activation']
        server.put('letter.xml', samples.content(sample._replace(dress=None)))
        server.put('filled.xml', samples.content(sample))
        self.phone()
        result, _url, message, details = self.run_resync(f'{server.url}/letter.xml', force=True)
        self.assertEqual((result, details['class'], details['error']), ('corrupt-profile', 'B', 'Corrupt'))
        self.assertIn('line 9, column 41', message)
        self.assertEqual(self.run_resync(f'{server.url}/filled.xml', force=True)[0], 'success')
        self.has(samples.expected(sample))


if __name__ == '__main__':
    tap.main('box')
