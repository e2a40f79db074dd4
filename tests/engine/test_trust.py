#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who the phone says it is, by which proxy it goes, and whom it believes: the daemon against real servers."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, certificates, servers, tap, tokens, wait  # noqa: E402

from test_resync import Case, Reply, profile  # noqa: E402

ADDRESS, PROXY = '192.0.2.60', '192.0.2.61'
HOST = 'prov.example'
OFF = {'Resync_On_Reset': 'No', 'Resync_Periodic': '0', 'Resync_Random_Delay': '0'}


class Trusting(Case):
    """A phone that does nothing by itself, and a provider at prov.example."""

    @classmethod
    def setUpClass(cls):
        servers.address(ADDRESS, PROXY)
        servers.name(HOST, ADDRESS)
        cls.authority = certificates.Authority('Provider CA')
        cls.certificate = cls.authority.issue(HOST)

    def provisioned(self, **tls):
        """A phone that got its first profile, which says that it shall rest."""
        first = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body=profile(**OFF))}))
        client = self.phone(f'66=http://127.0.0.1:{first.port}', Tls={'CaFile': self.authority.path, **tls})
        # the one that it begins by itself may have ended by now
        self.run_resync()
        client.wait_property('State', lambda state: state == 'idle')
        return client

    def nginx(self, tls=None, password=None, **options):
        extra = ''
        if password:
            extra = f'auth_basic prov; auth_basic_user_file {servers.write("/run", "users", f"user:{{PLAIN}}{password}" + chr(10))};'
        server = self.enterContext(servers.Nginx(host=ADDRESS, tls=tls, extra=extra, **options))
        server.put('/a.xml', profile(GPP_A='x'))
        return f'http{"s" if tls else ""}://{HOST}:{server.port}/a.xml', server

    def outcome(self, rule='', **options):
        """Of a resync: result, error's name, message."""
        result, _url, message, details = self.run_resync(rule, **options)
        return result, details.get('error', ''), message

    def assert_ends(self, rule, result, text='', error=''):
        found, name, message = self.outcome(rule)
        self.assertEqual((found, name, text in message), (result, error, True), message)
        # STORE-3
        self.assertNotIn('s3cret', message)
        self.assertNotIn('s3cret', self.daemon.log())


class Accounts(Trusting):
    ACCOUNT = {'Profile_Authentication_Type': 'Basic Http Authentication', 'Profile_Account_User': 'user',
               'Profile_Account_Password': 's3cret'}

    def test_account(self):
        """the stored account answers Digest anywhere and Basic over https; over http Basic is the rule's alone (HTTP-3)"""
        client = self.provisioned()
        secure, _ = self.nginx(self.certificate, 's3cret')
        plain, _ = self.nginx(None, 's3cret')
        digest = []
        for server in (servers.Apache(host=ADDRESS, auth=('user', 's3cret', 'prov')),
                       servers.Lighttpd(host=ADDRESS, auth=('SHA-256', 'user', 's3cret', 'prov'))):
            self.enterContext(server).put('/a.xml', profile(GPP_A='x'))
            digest.append(f'http://{HOST}:{server.port}/a.xml')
        refused = 'HTTP 401: the server wants a user name'
        client.set(**{**self.ACCOUNT, 'Profile_Authentication_Type': 'Disabled'})
        for rule in (secure, plain, *digest):
            self.assert_ends(rule, 'failed', refused, 'Failed')
        client.set(**self.ACCOUNT)
        for rule in (secure, *digest):
            self.assert_ends(rule, 'success' if rule == secure else 'unchanged')
        self.assert_ends(plain, 'failed', 'in the clear over plain http', 'Failed')
        client.set(Profile_Account_Password='wrong')
        for rule in (secure, *digest):
            self.assert_ends(rule, 'failed', 'HTTP 401: the server does not accept', 'Failed')
        # the rule's own come first
        for rule in (secure, plain, *digest):
            self.assert_ends('[--uid user --pwd s3cret] ' + rule, 'unchanged')
            self.assert_ends('[--uid user --pwd "no \\047s3cret"] ' + rule, 'failed', 'does not accept', 'Failed')

    def test_two_retries(self):
        """a wrong password is class C after two retries, and the retry list goes on (HTTP-3, HTTP-6)"""
        client = self.provisioned()
        url, server = self.nginx(self.certificate, 's3cret')
        client.set(Profile_Rule=f'[--uid user --pwd wrong] {url}')
        result, _url, _message, details = self.run_resync()
        self.assertEqual((result, details['class'], details['http-status']), ('failed', 'C', 401))
        self.assertEqual(server.access().count('" 401 '), 3)
        client.wait_property('Status', lambda status: status.get('next-reason') == 'retry')


class Manual(Trusting):
    def test_proxy(self):
        """Manual goes by the proxy, with its user where it asks, for rules and for the server that DHCP named; Off does not
        (HTTP-10)"""
        client = self.provisioned()
        (plain, _), (secure, _) = self.nginx(), self.nginx(self.certificate)
        proxy = self.enterContext(servers.Squid(host=PROXY, auth=('phone', 's3cret')))
        client.set(Proxy_Mode='Manual', Proxy_Host=PROXY, Proxy_Port=str(proxy.port), Proxy_Username='phone', Proxy_Password='s3cret')
        # nobody said that it asks
        for rule in (plain, secure):
            self.assert_ends(rule, 'failed', f'by the proxy {proxy.name}: HTTP 407: the proxy wants a user name', 'Failed')
        client.set(Proxy_Server_Requires_Authentication='Yes')
        self.assert_ends(plain, 'success')
        self.assert_ends(secure, 'unchanged')
        wait.until(lambda: (200, 'CONNECT') in [one[:2] for one in proxy.access()], 'the log of the tunnel')
        self.assert_ends('', 'unchanged')
        count = len(proxy.access())
        self.assertTrue(proxy.access()[-1][2].endswith('/CP-8851-3PCC.cfg'), proxy.access())
        client.set(Proxy_Password='wrong')
        self.assert_ends(plain, 'failed', 'HTTP 407: the proxy does not accept', 'Failed')
        self.assertEqual(len(proxy.access()), count + 3)
        client.set(Proxy_Mode='Off')
        self.assert_ends(plain, 'unchanged')
        self.assertEqual(len(proxy.access()), count + 3)

    def test_spellings(self):
        """the port is Proxy_Port's, or Proxy_Host's own, or 3128; with no host there is no proxy (HTTP-10)"""
        client = self.provisioned()
        plain, _ = self.nginx()
        dead = servers.free_port(host=PROXY)
        for values, text in (({'Proxy_Host': PROXY, 'Proxy_Port': str(dead)}, f'{PROXY}:{dead}'),
                             ({'Proxy_Host': f'{PROXY}:{dead}', 'Proxy_Port': '1'}, f'{PROXY}:{dead}'),
                             ({'Proxy_Host': PROXY, 'Proxy_Port': '0'}, f'{PROXY}:3128')):
            client.set(Proxy_Mode='Manual', **values)
            self.assert_ends(plain, 'failed', f'by the proxy {text}: the connection was refused', 'Unreachable')
        client.set(Proxy_Host='')
        self.assert_ends(plain, 'success')


class Auto(Trusting):
    def test_nothing_named(self):
        """Auto goes directly where nobody names a file, nor has the name that one would have; what a file would say is not
        guessed (HTTP-10)"""
        client = self.provisioned()
        plain, _ = self.nginx()
        client.set(Proxy_Mode='Auto')
        self.assert_ends(plain, 'success')
        client.set(PAC_URL=f'{self.enterContext(servers.Scripted({})).url}/proxy.pac')
        self.assert_ends(plain, 'failed', 'Proxy_Mode is Auto, and no proxy is known: http://127.0.0.1', 'Failed')
        client.set(Use_Auto_Discovery__WPAD_='No', PAC_URL='')
        self.assert_ends(plain, 'unchanged')


class CustomCa(Trusting):
    """A provider with a certificate of an authority that only Custom_CA_Rule brings."""

    def shown(self):
        return self.client.status().get('custom-ca')

    def state(self):
        with open(os.path.join(self.daemon.state_dir, 'state.conf'), encoding='utf-8') as file:
            return file.read()

    def ready(self, answer):
        """A phone, a server at https://prov.example of another authority, and one with that authority's certificate."""
        self.other = certificates.Authority('Other CA')
        self.provisioned()
        self.url, _ = self.nginx(self.other.issue(HOST))
        self.files = self.enterContext(servers.Scripted(answer, host=ADDRESS))
        self.rule = f'{self.files.url}/ca.pem'

    def pem(self):
        return Reply(body=certificates.read(self.other.path), headers={'ETag': '"1"'})

    def test_course(self):
        """loaded before the rules that need it, shown, kept over a restart, asked for again with its validators, and gone
        with an empty rule (HTTP-9)"""
        self.ready(lambda request: Reply(304) if request.headers.get('if-none-match') == '"1"' else self.pem())
        self.assert_ends(self.url, 'failed', 'issuer that is not trusted (CN=Other CA)', 'Untrusted')
        self.assertIsNone(self.shown())
        self.client.set(Custom_CA_Rule=self.rule)
        self.assert_ends(self.url, 'success')
        self.assertEqual(self.shown(), 'Other CA: loaded')
        self.assertIn('the custom CA Other CA was loaded', self.daemon.log())
        self.daemon.restart()
        self.assertEqual(self.shown(), 'Other CA: loaded')
        self.assert_ends(self.url, 'unchanged')
        self.assertEqual([request.headers.get('if-none-match') for request in self.files.requests], [None, '"1"'])
        # beside the other roots
        self.assert_ends(self.nginx(self.certificate)[0], 'unchanged')
        self.client.set(Custom_CA_Rule='')
        self.assert_ends(self.url, 'failed', 'issuer that is not trusted', 'Untrusted')
        self.assertIsNone(self.shown())
        self.assertNotIn('BEGIN CERTIFICATE', self.state())

    def test_by_a_profile(self):
        """a profile that names both the CA and the server that needs it does so in one go (HTTP-9, SCHED-10)"""
        answers = {}
        self.ready(answers)
        answers.update({'/ca.pem': self.pem(), '/first.xml': Reply(body=profile(Custom_CA_Rule=self.rule, Profile_Rule=self.url))})
        self.client.set(Profile_Rule=f'{self.files.url}/first.xml')
        self.assertEqual(self.run_resync()[0], 'success')
        number, reason = self.client.wait_signal('ResyncStarted', lambda number, reason: reason == 'rules')
        self.assertEqual(self.client.wait_finished(number)[0], 'success')
        self.assertEqual((self.client.get('GPP_A'), self.shown()), ('x', 'Other CA: loaded'))

    def test_what_is_no_root(self):
        """what cannot be loaded is said, changes nothing, and is no fault of the resync (HTTP-9)"""
        answers = {}
        self.ready(answers)
        good, _ = self.nginx(self.certificate)
        weak = certificates.read(certificates.Authority('Weak', key='rsa:1024').path)
        leaf = certificates.read(self.certificate.chain)
        first = True
        for reply, text in ((Reply(404), 'HTTP 404'), (Reply(body=leaf), 'not the certificate of an authority'),
                            (Reply(body=weak), 'too weak'), (Reply(body='<html>'), 'this is no certificate')):
            answers['/ca.pem'] = reply
            self.client.set(Custom_CA_Rule=self.rule)
            self.assert_ends(good, 'success' if first else 'unchanged')
            first = False
            self.assertTrue(self.shown().startswith('not loaded: http://') and text in self.shown(), self.shown())
            self.assert_ends(self.url, 'failed', 'issuer that is not trusted', 'Untrusted')
        answers['/ca.pem'] = self.pem()
        self.assert_ends(self.url, 'unchanged')
        self.assertEqual(self.shown(), 'Other CA: loaded')
        # another rule that fails: the one that is there stays
        self.client.set(Custom_CA_Rule=f'{self.files.url}/none.pem')
        self.assert_ends(self.url, 'unchanged')
        self.assertTrue(self.shown().startswith('Other CA: loaded before; then: http://'), self.shown())
        # and a rule that asks for none: there is nothing wrong any more
        self.client.set(Custom_CA_Rule=f'(1 = 2)? {self.files.url}/none.pem')
        self.assert_ends(self.url, 'unchanged')
        self.assertEqual(self.shown(), 'Other CA: loaded')

    def test_what_its_rule_may_not_say(self):
        """an option or an assignment that it does not take is refused where it is set, and said where a profile brought it; nothing
        is loaded (HTTP-9, RULE-9, RULE-10)"""
        answers = {}
        self.ready(answers)
        for rule, words in ((f'[--key x]{self.rule}', 'column 2: found “--key”, which this kind of rule does not take'),
                            (f'(GPP_B = "x";)! {self.rule}', 'column 1: found assignments')):
            with self.assertRaisesRegex(bus.CallError, re.escape(words)):
                self.client.set(Custom_CA_Rule=rule)
            answers.update({'/ca.pem': self.pem(), '/first.xml': Reply(body=profile(Custom_CA_Rule=rule))})
            self.assertEqual(self.run_resync(f'{self.files.url}/first.xml')[0], 'success')
            self.assertTrue(self.shown().startswith(f'not loaded: {words}'), self.shown())
        self.assertNotIn('/ca.pem', [request.target for request in self.files.requests])

    def test_factory_reset(self):
        """goes with a factory reset (STATE-4)"""
        self.ready(lambda request: self.pem())
        self.client.set(Custom_CA_Rule=self.rule)
        self.assert_ends(self.url, 'success')
        self.client.call('FactoryReset')
        self.client.wait_signal('RebootRequired')
        self.assertIsNone(self.shown())
        self.assertNotIn('BEGIN CERTIFICATE', self.state())


class Revoked(Trusting):
    def test_list(self):
        """a server whose certificate CrlFile names is not trusted (HTTP-9)"""
        gone = self.authority.issue(HOST)
        self.provisioned(CrlFile=self.authority.revoke(gone))
        self.assert_ends(self.nginx(gone)[0], 'failed', 'the server is not trusted: its certificate, or that of an issuer, was revoked',
                         'Untrusted')
        self.assert_ends(self.nginx(self.certificate)[0], 'success')


class Clock(Trusting):
    def test_no_word_of_a_worker(self):
        """only a job that begins by https bears the clock out: that a redirect led there is the word of a worker that listened to
        anybody (HTTP-11)"""
        self.provisioned()
        for name, said in (('http', False), ('https', True)):
            url, server = self.nginx(self.certificate)
            server.put('/a.xml', profile(GPP_A=name))
            if name == 'http':
                redirect = self.enterContext(servers.Scripted({'/': Reply(302, headers={'Location': url})}, host=ADDRESS))
                url = redirect.url + '/'
            self.assert_ends(url, 'success')
            with open(os.path.join(self.daemon.state_dir, 'state.conf'), encoding='utf-8') as file:
                self.assertEqual('\nlast-wall=0\n' not in file.read(), said, name)


class Token(Trusting):
    def test_wrong_pin(self):
        """a PIN that the token refuses is tried once in the life of the phone, and the phone goes on without its certificate
        until the PIN is another one (HTTP-9)"""
        phones = certificates.Authority('Phone CA')
        tokens.make(phones.issue('00562b043615', usage='clientAuth'))
        server = self.enterContext(servers.Nginx(host=ADDRESS, tls=self.certificate, extra=(
            f'ssl_client_certificate {phones.path}; ssl_verify_client optional; '
            'location = /who { return 200 "<flat-profile><GPP_B>$ssl_client_verify</GPP_B></flat-profile>"; }')))
        url = f'https://{HOST}:{server.port}/who'
        client = self.provisioned(CertificateFile=tokens.CERTIFICATE, PrivateKeyFile=tokens.key('9999'), TokenPaths=tokens.PATHS)
        self.assertEqual(client.status()['client-certificate'], 'Installed')
        self.assert_ends(url, 'failed', 'its token does not take the PIN', 'Failed')
        for ends in ('success', 'unchanged'):
            self.assertIn('did not take the PIN', client.status()['warnings'][0])
            self.assert_ends(url, ends)
            self.assertEqual(client.get('GPP_B'), 'NONE')
            self.daemon.restart()
        self.assertNotIn('9999', self.daemon.log())
        with open(self.daemon.command[self.daemon.command.index('--config') + 1], 'r+', encoding='utf-8') as file:
            text = file.read().replace('9999', tokens.PIN)
            file.seek(0)
            file.write(text)
        self.daemon.restart()
        self.assertNotIn('warnings', client.status())
        self.assert_ends(url, 'success')
        self.assertEqual(client.get('GPP_B'), 'SUCCESS')


if __name__ == '__main__':
    tap.main('box')
