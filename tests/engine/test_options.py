#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the options of a rule have the phone do: keys, alias maps and bodies, from a stored rule to what is in force."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, encrypted, servers, tap  # noqa: E402
from test_resync import Case, Reply, profile  # noqa: E402

KEY, IKM = 'k\u00e9y "of" \\043 blanks', 'yqdlZ-tYemfogSmv7Ws5PQ'
OTHER = 'AAAAAAAAAAAAAAAAAAAAAA'
# as a rule writes it
WRITTEN = KEY.replace('\\', '\\134').replace('"', '\\042')
FOREIGN = '<pbx><phones><phone><name>Reception</name><GPP_B>canonical</GPP_B></phone></phones><owner><name>nobody</name></owner></pbx>'
MAP = '/phone/name = /flat-profile/Station_Display_Name ;\n/GPP_B = /flat-profile/GPP_B ;'


class Keys(Case):
    def phone(self, *arguments):
        client = super().phone(*arguments)
        client.set(GPP_P='so that something is stored')
        return client

    def failed(self, rule='', words=encrypted.SEALED):
        """It is a corrupt profile, told in those words and no others, and nothing is applied."""
        before = self.stored()
        result, url, message, details = self.run_resync(rule)
        self.assertEqual((result, details['class'], details['error']), ('corrupt-profile', 'B', 'Corrupt'), message)
        self.assertEqual(message, f'{url}: {words}')
        self.assertEqual(self.stored(), before)

    def test_every_generation(self):
        """a profile that the real openssl wrote, with the key in the rule, by HTTP and TFTP; another key is class B (ENC-1, ENC-3, RULE-6)"""
        client = self.phone()
        web, tftp = self.enterContext(servers.Nginx()), self.enterContext(servers.Atftpd())
        for number, generation in enumerate(encrypted.GENERATIONS):
            for server in (web, tftp):
                with self.subTest(generation, server=server.url):
                    value = f'{number} from {server.port}'
                    server.put('/a.cfg', encrypted.openssl(*generation, data=profile(GPP_A=value), key=KEY))
                    self.failed(f'[--key another]{server.url}/a.cfg')
                    self.assertEqual(self.run_resync(f'[--key "{WRITTEN}"]{server.url}/a.cfg')[0], 'success')
                    self.assertEqual(client.get('GPP_A'), value)

    def test_stored_key(self):
        """the key of a stored rule may stand in GPP_SA; without a key the message says what is missing (ENC-1, PHONE-3)"""
        server = self.enterContext(servers.Scripted({'/a': Reply(body=encrypted.openssl('-md', 'sha256', data=profile(GPP_A='x'), key=KEY))}))
        client = self.phone()
        client.set(Profile_Rule=server.url + '/a')
        self.failed(words='The profile is encrypted (openssl enc), and the rule has no --key')
        client.set(Profile_Rule=f'[--key $SA]{server.url}/a', GPP_SA=KEY)
        self.assertEqual(self.run_resync()[0], 'success')
        self.assertEqual(self.run_resync()[0], 'unchanged')

    def test_keying_material(self):
        """RFC 8188 with IKM_HTTP_Encrypt_Content, with and without its header, from the first profile on; --key is ignored then (ENC-2)"""
        sealed = encrypted.seal(profile(GPP_A='sealed').encode(), IKM, 64)
        server = self.enterContext(servers.Scripted({
            '/CP-8851-3PCC.cfg': Reply(body=profile(IKM_HTTP_Encrypt_Content=IKM, Profile_Rule='/said')),
            '/said': Reply(body=sealed, headers={'Content-Encoding': 'aes128gcm'}), '/found': Reply(body=sealed),
            '/other': Reply(body=encrypted.seal(profile(GPP_A='other').encode(), OTHER)),
            '/clear': Reply(body=profile(GPP_A='clear'))}))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        attempt, _reason = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'rules')
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        self.assertEqual(client.get('GPP_A'), 'sealed')
        for path, value in (('/clear', 'clear'), ('/found', 'sealed')):
            self.assertEqual(self.run_resync(f'[--key another]{server.url}{path}')[0], 'success')
            self.assertEqual(client.get('GPP_A'), value)
        self.failed(server.url + '/other')

    def test_another_key_asks_anew(self):
        """no conditional request and no “unchanged” once the key, the keying material or the alias map is another one (HTTP-8)"""
        def answer(request):
            return Reply(304, headers={'ETag': '"1"'}) if 'if-none-match' in request.headers else Reply(body=FOREIGN, headers={'ETag': '"1"'})
        server = self.enterContext(servers.Scripted(answer))
        client = self.phone()
        client.set(Profile_Rule=f'[--key $SA --alias c]{server.url}/a', GPP_SA='one', GPP_C=MAP)
        for change in ({}, {'GPP_SA': 'two'}, {'IKM_HTTP_Encrypt_Content': IKM}, {'GPP_C': MAP + '/owner/name = /flat-profile/GPP_D;'}):
            with self.subTest(change):
                if change:
                    client.set(**change)
                self.assertIn(self.run_resync()[0], ('success', 'unchanged'))
                self.assertNotIn('if-none-match', server.requests[-1].headers)
                self.assertEqual(self.run_resync()[0], 'unchanged')
                self.assertIn('if-none-match', server.requests[-1].headers)
        self.assertEqual(client.get('GPP_D'), 'nobody')


class Aliases(Case):
    def test_map(self):
        """elements of another's XML stand for parameters by the map in GPP_x, canonical ones apply as well (PROF-10)"""
        server = self.enterContext(servers.Scripted({'/a': Reply(body=FOREIGN), '/b': Reply(
            body=f'<all>{profile(GPP_A="own")}{FOREIGN}</all>')}))
        client = self.phone()
        client.set(GPP_C=MAP)
        self.assertEqual(self.run_resync(f'[--alias c]{server.url}/a')[0], 'success')
        self.assertEqual([client.get(name) for name in ('Station_Display_Name', 'GPP_B')], ['Reception', 'canonical'])
        self.assertEqual(self.run_resync(f'[--alias C --key k]{server.url}/b')[0], 'success')
        self.assertEqual(client.get('GPP_A'), 'own')
        self.assertEqual(self.run_resync(server.url + '/a')[0], 'corrupt-profile')

    def test_no_map(self):
        """a register that is empty or holds no map fails in words, before or after the request, and changes nothing; Explain has the same words
        (PROF-10, RULE-10)"""
        server = self.enterContext(servers.Scripted({'/a': Reply(body=FOREIGN)}))
        client = self.phone()
        result, _url, message, details = self.run_resync(f'[--alias d]{server.url}/a')
        self.assertEqual((result, details['error'], message), ('failed', 'InvalidRule', 'GPP_D: --alias names an empty register'))
        self.assertEqual(server.requests, [])
        client.set(GPP_D='name=Station_Display_Name')
        result, _url, message, details = self.run_resync(f'[--alias d]{server.url}/a')
        self.assertEqual((result, details['class']), ('failed', 'C'))
        self.assertIn('The alias map, pair 1 (line 1, column 6): expected /flat-profile/Name on the right side', message)
        steps, = client.call('Explain', bus.GLib.Variant('(s)', (f'[--alias d]{server.url}/a',)))
        self.assertEqual([f'{server.url}/a: ' + step['text'] for step in steps if step['step'] == 'fault'], [message])


class Posts(Case):
    def setUp(self):
        self.server = self.enterContext(servers.Scripted({'/a': Reply(body=profile(GPP_B='posted'), headers={'ETag': '"1"'})}))

    def test_body(self):
        """the register is the body, its macros expanded once; asked by POST each time, and the same answer is unchanged (HTTP-1, PHONE-5,
        PROF-12)"""
        client = self.phone()
        client.set(GPP_A='serial="$SN" mac=$MAU\nat=$SERV$PATH $$B $B', GPP_B='$SA', Profile_Rule=f'[--post a]{self.server.url}/a')
        self.assertEqual(self.run_resync()[0], 'success')
        asked = self.server.requests[-1]
        self.assertEqual((asked.method, asked.body.decode()), ('POST', 'serial="FCH1234" mac=00562B043615\nat=127.0.0.1/a $B $SA'))
        self.assertEqual(self.run_resync()[0], 'unchanged')
        asked = self.server.requests[-1]
        self.assertEqual((asked.method, asked.headers.get('if-none-match')), ('POST', None))
        self.assertIn(b'$B posted', asked.body)

    def test_what_may_stand_there(self):
        """no $SA to $SD, and TFTP has no POST: each fails before anything is sent (PHONE-3, RULE-10)"""
        client = self.phone()
        client.set(GPP_A='key=$SB', GPP_B='fine')
        for rule, words in ((f'[--post a]{self.server.url}/a', 'GPP_A: column 5: found “$SB”, expected no $SA to $SD here: they may stand only in --key, --uid and --pwd of a stored rule'),
                            ('[--post b]tftp://127.0.0.1/a', '--post needs http or https')):
            result, _url, message, details = self.run_resync(rule)
            self.assertEqual((result, message, details['error']), ('failed', words, 'InvalidRule'))
        self.assertEqual(self.server.requests, [])

    def test_srv_not_by_tftp(self):
        """--srv is for http and https, and the message is the manual's (DISC-9)"""
        self.phone()
        result, _url, message, details = self.run_resync('[--srv]tftp://prov.example.com/$PSN.xml')
        self.assertEqual((result, details['class']), ('failed', 'C'))
        self.assertIn('Error - TFTP Scheme not supported in SRV lookups.', message)


class UserClass(Case):
    """The daemon under its own user, so that callers of the user class are told apart."""

    PAGES = {'/open': Reply(body='<flat-profile><GPP_A ua="rw"/><GPP_D ua="rw">d</GPP_D><Upgrade_Rule ua="rw"/><GPP_B ua="na">canary</GPP_B></flat-profile>'),
             '/closed': Reply(body='<flat-profile><GPP_D ua="na">canary</GPP_D></flat-profile>'),
             '/a': Reply(body=profile(GPP_C='posted'))}

    def setUp(self):
        self.server = self.enterContext(servers.Scripted(self.PAGES))
        self.bus = self.enterContext(bus.Bus())
        self.daemon = self.enterContext(bus.Daemon(self.bus, user='resyncd', config={'Network': {'Manager': 'none'}}))
        self.client = bus.Client(self.bus)
        self.assertEqual(self.run_resync(f'{self.server.url}/open')[0], 'success')

    def refused(self, attempt, words):
        result, _url, message, details = self.client.wait_finished(attempt)
        self.assertEqual((result, details['error'], message), ('failed', 'InvalidRule', words))
        self.assertEqual(self.server.targets()[-1], '/open')

    def test_its_register(self):
        """a body that the user class wrote goes out, but shows the server no more than that class may read (RULE-10)"""
        for text, words in (('mine $MA', None), ('$B', 'GPP_A: the user class wrote it and may not read a parameter that it uses')):
            call = bus.GLib.Variant('(a{ss})', ({'GPP_A': text},)).print_(True)
            self.assertEqual(callers.may(self.bus, 'lab-lcd', 'Set', call, bus.NAME + '.Parameters'), '')
            del self.server.requests[1:]
            attempt = self.client.resync(f'[--post a]{self.server.url}/a')
            if words:
                self.refused(attempt, words)
            else:
                self.assertEqual(self.client.wait_finished(attempt)[0], 'success')

    def test_its_firmware(self):
        """a rule for firmware that the user class wrote assigns nothing, and shows its server no more than that class may read (RULE-10, UPG-1)"""
        def write(rule):
            call = bus.GLib.Variant('(a{ss})', ({'Upgrade_Rule': rule},)).print_(True)
            self.assertEqual(callers.may(self.bus, 'lab-lcd', 'Set', call, bus.NAME + '.Parameters'), '')

        def ended():
            return self.client.wait_signal('Finished')[1::2][:2]
        write('(GPP_C="x";)! http://127.0.0.1/x')
        self.assertEqual(ended(), ('failed', 'Upgrade_Rule: a rule that the user class wrote may assign nothing'))
        self.assertEqual(self.client.get('GPP_C'), '')
        write('http://127.0.0.1/$D')
        self.assertIn('RAUC is not on the bus', ended()[1])
        self.assertEqual(self.run_resync(f'{self.server.url}/closed')[0], 'success')
        self.assertEqual(ended(), ('failed', 'Upgrade_Rule: it uses a parameter that the user class may not read'))

    def test_its_server(self):
        """a body that was meant for another server is not sent to one that the user class names (RULE-7, RULE-10)"""
        self.client.set(GPP_A='canary', Profile_Rule='[--post a]http:///a')
        reply = callers.call(self.bus, 'lab-lcd', 'Resync', "('', {'requester': <'127.0.0.1'>})")
        self.refused(int(reply.split()[1].rstrip(',)')), '--post is not for a server that the user class names')


if __name__ == '__main__':
    tap.main('box')
