# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profiles by HTTPS: certificates of every kind, old protocols, and the phone's own certificate."""

import os
import sys
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import certificates, scripted, servers, tap, tokens  # noqa: E402

import jobs  # noqa: E402
from jobs import PROFILE  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402

HOST = 'prov.example'
ADDRESS = '192.0.2.30'


class Case(unittest.TestCase, jobs.Asserts):
    """A provider at https://prov.example under an authority of its own, which the phone knows as its CaFile."""

    @classmethod
    def setUpClass(cls):
        cls.authority = certificates.Authority('Provider CA')
        cls.other = certificates.Authority('Nobody CA')
        cls.certificate = cls.authority.issue(HOST, ADDRESS)
        cls.fields = {'literal_address': '', 'ca_file': cls.authority.path}
        servers.address(ADDRESS)
        servers.name(HOST, ADDRESS)

    def nginx(self, certificate=None, **options):
        server = servers.Nginx(host=ADDRESS, tls=certificate or self.certificate, **options)
        self.addCleanup(server.close)
        server.put('/a.xml', PROFILE)
        server.by_name = f'https://{HOST}:{server.port}/a.xml'
        return server

    def untrusted(self, certificate, text, **fields):
        """The server is refused, and never sees a request."""
        with Scripted({'/a.xml': Reply(body=PROFILE)}, host=ADDRESS, tls=certificate) as server:
            job = self.bad(f'https://{HOST}:{server.port}/a.xml', 'Untrusted', text, **{**self.fields, **fields})
            self.assertEqual(server.requests, [])
            self.assertEqual((job.silent, job.overload, job.http_status), (False, False, 0))
            return job


class Certificates(Case):
    # HTTP-9
    def test_good(self):
        server = self.nginx()
        job = self.good(server.by_name, **self.fields)
        self.assertEqual((job.url, job.server_address), (server.by_name, ADDRESS))
        self.good(server.url + '/a.xml', **self.fields)

    # HTTP-9: the name of the URL goes into SNI and Host
    def test_name_is_told(self):
        answer = '<flat-profile><GPP_A>$ssl_server_name</GPP_A><GPP_B>$http_host</GPP_B></flat-profile>'
        server = self.nginx(extra=f"location = /who {{ return 200 '{answer}'; }}")
        self.good(f'https://{HOST}:{server.port}/who', {'GPP_A': HOST, 'GPP_B': f'{HOST}:{server.port}'}, **self.fields)

    # HTTP-9
    def test_expired(self):
        job = self.untrusted(self.authority.issue(HOST, begins=-172800, ends=-86400), 'its certificate has expired (on 20')
        self.assertFalse(job.dates_only)

    # HTTP-9
    def test_not_yet_valid(self):
        self.untrusted(self.authority.issue(HOST, begins=86400), 'its certificate is not yet valid (before 20')

    # HTTP-9
    def test_wrong_host(self):
        self.untrusted(self.authority.issue('other.example', '192.0.2.77'),
                       'its certificate is for another name (other.example, 192.0.2.77, not prov.example)')

    # HTTP-9
    def test_unknown_authority(self):
        self.untrusted(self.other.issue(HOST), 'its certificate comes from an issuer that is not trusted (CN=Nobody CA)')

    # HTTP-9
    def test_self_signed(self):
        self.untrusted(self.authority.issue(HOST, self_signed=True), 'its certificate is self-signed')

    # HTTP-9
    def test_several_faults(self):
        job = self.untrusted(self.authority.issue('other.example', ends=-60), 'another name')
        self.assertIn('has expired', job.message)

    # HTTP-9
    def test_client_certificate_as_server(self):
        self.untrusted(self.authority.issue(HOST, usage='clientAuth'), 'is not one for servers')

    # HTTP-9: the root that the phone trusts was signed once more, by one that is too weak today
    def test_old_root_is_sent_along(self):
        old = certificates.Authority('Old CA', key='rsa:1024')
        again = old.sign_again(self.authority)
        old_root = certificates.read(old.path)
        for more in (again, again + old_root):
            certificate = self.authority.issue(HOST, ADDRESS)
            certificates.write(certificate.chain, certificate.leaf() + more)
            with Scripted({'/a.xml': Reply(body=PROFILE)}, host=ADDRESS, tls=certificate) as server:
                self.good(f'https://{HOST}:{server.port}/a.xml', **self.fields)
        # it counts where it is the one that the phone trusts
        certificate = self.authority.issue(HOST, ADDRESS)
        certificates.write(certificate.chain, certificate.leaf() + again + old_root)
        self.untrusted(certificate, 'has too weak a key or signature', ca_file=old.path)

    # HTTP-9: what somebody else may have made as well
    def test_weak_keys(self):
        for certificate in (self.authority.issue(HOST, key='rsa:1024'),
                            certificates.Authority('Weak', over=self.authority, key='rsa:1024').issue(HOST)):
            self.untrusted(certificate, 'has too weak a key or signature')
        self.good(self.nginx(self.authority.issue(HOST, key='rsa:2048')).by_name, **self.fields)

    # HTTP-9: an issuer may be one for clients alone, be out of date itself, or no issuer at all
    def test_issuers(self):
        yesterday = time.strftime('%Y-%m-%d', time.gmtime(time.time() - 86400))
        for extensions, more, text in (
                ('basicConstraints=CA:TRUE\nextendedKeyUsage=clientAuth', {}, 'is not one for servers'),
                ('basicConstraints=CA:FALSE', {}, 'from an issuer that may not make any (CN=Between)'),
                ('basicConstraints=CA:TRUE', {'ends': -86400}, 'has expired (on ' + yesterday)):
            between = certificates.Authority('Between', over=self.authority, extensions=extensions, begins=-172800, **more)
            self.untrusted(between.issue(HOST), text)
        self.good(self.nginx(certificates.Authority('Between', over=self.authority).issue(HOST)).by_name, **self.fields)

    # HTTP-9
    def test_name_only_as_common_name_of_another_address(self):
        server = self.nginx()
        servers.name('alias.example', ADDRESS)
        self.bad(f'https://alias.example:{server.port}/a.xml', 'Untrusted', 'another name', **self.fields)

    # HTTP-11
    def test_clock_is_not_set(self):
        for faulty in ({'begins': 86400}, {'begins': -172800, 'ends': -86400}):
            with self.subTest(faulty):
                job = self.untrusted(self.authority.issue(HOST, **faulty), "the phone's clock is not set", clock_is_set=False)
                self.assertTrue(job.dates_only)

    # HTTP-11: the dates excuse nothing else
    def test_clock_is_not_set_and_more(self):
        for certificate in (self.authority.issue('other.example', ends=-60), self.other.issue(HOST, ends=-60),
                            self.authority.issue(HOST, ends=-60, self_signed=True), self.other.issue(HOST)):
            self.assertFalse(self.untrusted(certificate, 'not trusted', clock_is_set=False).dates_only)
        self.good(self.nginx().by_name, clock_is_set=False, **self.fields)


class Roots(Case):
    # HTTP-9: the system's roots, CaFile, or both
    def test_which_count(self):
        self.addCleanup(certificates.write, certificates.SYSTEM, self.other.add_to_system())
        own, system = self.nginx(), self.nginx(self.other.issue(HOST))
        for server, ca_file, system_ca, good in (
                (own, True, True, True), (own, True, False, True), (own, False, True, False), (own, False, False, False),
                (system, True, True, True), (system, True, False, False), (system, False, True, True),
                (system, False, False, False)):
            with self.subTest(own=server is own, ca_file=ca_file, system_ca=system_ca):
                job = jobs.run(server.by_name, literal_address='', ca_file=self.authority.path if ca_file else '',
                               system_ca=system_ca)
                self.assertEqual((job.ok, job.code), (True, '') if good else (False, 'Untrusted'), job.message)

    # HTTP-9
    def test_one_name(self):
        """of roots that have one name the one that made the certificate counts, a renewed one beside what it was, and nobody else's of that name"""
        good = certificates.read(self.authority.path)
        old = self.authority.sign_again(self.authority, begins=-172800, ends=-86400)
        other = certificates.read(certificates.Authority(self.authority.name).path)
        server = self.nginx()
        path = '/run/roots.pem'
        for roots in (old + good, good + old, other + good, good + other, other + old + good):
            self.good(server.by_name, literal_address='', ca_file=certificates.write(path, roots))
        for roots, text in ((old, 'has expired'), (other, 'not trusted'), (other + old, 'not trusted'), (old + other, 'not trusted')):
            self.untrusted(self.certificate, text, ca_file=certificates.write(path, roots))
        self.addCleanup(certificates.write, certificates.SYSTEM, certificates.read(certificates.SYSTEM))
        certificates.write(certificates.SYSTEM, other + old + good)
        self.good(server.by_name, literal_address='', system_ca=True)
        # a system without roots trusts nobody
        os.remove(certificates.SYSTEM)
        self.untrusted(self.certificate, 'not trusted', ca_file='', system_ca=True)

    # HTTP-9
    def test_bad_file(self):
        with open('/run/empty.pem', 'w', encoding='ascii'), open('/run/garbage.pem', 'w', encoding='ascii') as file:
            file.write('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
        for path in ('/run/nothing.pem', '/run/empty.pem', '/run/garbage.pem'):
            with self.subTest(path):
                job = jobs.run(f'https://{HOST}/a.xml', **{**self.fields, 'ca_file': path})
                self.assertEqual((job.ok, job.code), (False, 'Failed'))
                self.assertIn(f'the CA file {path} cannot be used', job.message)
        with servers.Nginx(host=ADDRESS) as server:
            server.put('/a.xml', PROFILE)
            self.good(server.url + '/a.xml', **{**self.fields, 'ca_file': '/run/nothing.pem'})


    # HTTP-9
    def test_custom(self):
        """certificates of Custom_CA_Rule count beside the others, and only as far as they go"""
        second = certificates.Authority('Second CA')
        both = certificates.read(self.other.path) + certificates.read(second.path)
        for server, custom, good in ((self.nginx(self.other.issue(HOST)), certificates.read(self.other.path), True),
                                     (self.nginx(second.issue(HOST)), both, True), (self.nginx(), both, True),
                                     (self.nginx(second.issue(HOST)), certificates.read(self.other.path), False),
                                     (self.nginx(second.issue('x.example')), both, False),
                                     (self.nginx(second.issue(HOST, ends=-60)), both, False)):
            with self.subTest(good=good, custom=len(custom)):
                job = jobs.run(server.by_name, custom_ca=custom, **self.fields)
                self.assertEqual((job.ok, job.code), (True, '') if good else (False, 'Untrusted'), job.message)
        self.bad(f'https://{HOST}/', 'Failed', 'the custom CA cannot be read', custom_ca='-----BEGIN CERTIFICATE-----\nAAAA\n', **self.fields)


class Revoked(Case):
    # HTTP-9
    def test_lists(self):
        """what a list names is refused in words, the server's own or one above it, by PEM and by DER"""
        gone, good = self.authority.issue(HOST), self.authority.issue(HOST)
        between = certificates.Authority('Between', over=self.authority)
        below = between.issue(HOST)
        path = self.authority.revoke(gone, certificates.Certificate(between.path, None))
        both = servers.write('/run', 'both.pem', certificates.read(certificates.Authority('Other').revoke()) + certificates.read(path))
        for crl in (path, both, certificates.der(path)):
            for certificate in (gone, below):
                self.untrusted(certificate, 'its certificate, or that of an issuer, was revoked', crl_file=crl)
            self.good(self.nginx(good).by_name, crl_file=crl, **self.fields)
        # the list is of this authority alone
        self.good(self.nginx(self.other.issue(HOST)).by_name, crl_file=path, **{**self.fields, 'ca_file': self.other.path})

    # HTTP-9
    def test_bad_file(self):
        """a list that is not there, or is none, revokes everybody"""
        server = self.nginx()
        for crl in ('/run/nothing.pem', servers.write('/run', 'no.pem', ''), servers.write('/run', 'bad.pem', 'x'), self.authority.path):
            with self.subTest(crl):
                job = jobs.run(server.by_name, crl_file=crl, **self.fields)
                self.assertEqual((job.ok, job.code), (False, 'Failed'))
                self.assertIn(f'the revocation list {crl} cannot be used', job.message)


class Authorities(Case):
    """What Custom_CA_Rule may bring: jobs of kind 1."""

    def load(self, content, **fields):
        with Scripted({'/ca': Reply(body=content)}, host=ADDRESS) as server:
            return jobs.run(f'http://{ADDRESS}:{server.port}/ca', kind=1, **fields)

    # HTTP-9
    def test_good(self):
        """PEM, DER, and several; of the file nothing but the certificates is kept"""
        pem = certificates.read(self.authority.path)
        key = certificates.read(os.path.join(self.authority.folder, 'ca.key'))
        plain = certificates.Authority('Any key', key='rsa:2048')
        for content, name, count in ((pem, 'Provider CA', 1), (certificates.der_bytes(self.authority.path), 'Provider CA', 1),
                                     (key + '# text\n' + pem + certificates.read(plain.path), 'Provider CA', 2),
                                     (certificates.read(plain.path), 'Any key', 1)):
            with self.subTest(name=name, count=count):
                job = self.load(content)
                self.assertTrue(job.ok, job.message)
                self.assertEqual((job.subject, job.digest, job.assignments), (name, '', {}))
                self.assertEqual(job.certificate.count('-----BEGIN CERTIFICATE-----'), count)
                self.assertNotIn('KEY', job.certificate)
        self.assertEqual(certificates.fingerprint(servers.write('/run', 'kept.pem', self.load(pem).certificate)),
                         certificates.fingerprint(self.authority.path))

    # HTTP-9
    def test_refused(self):
        """what is no authority's, not for servers, weak or out of date is no root, and neither is any other file"""
        def made(**more):
            return certificates.read(certificates.Authority('Odd', over=self.authority, **more).path)
        for content, text in (
                (self.certificate.leaf(), 'not the certificate of an authority'),
                (made(extensions='basicConstraints=CA:FALSE'), 'not the certificate of an authority'),
                (made(extensions='basicConstraints=CA:TRUE\nkeyUsage=digitalSignature'), 'not the certificate of an authority'),
                (made(extensions=''), 'not the certificate of an authority'),
                (made(extensions='basicConstraints=CA:TRUE\nextendedKeyUsage=clientAuth'), 'not for servers'),
                (made(key='rsa:1024'), 'key is too weak'), (made(ends=-60), 'has expired'), (made(begins=3600), 'not yet valid'),
                (certificates.read(self.authority.path) * 5, 'more than 4'), (certificates.read(self.authority.path) + made(key='rsa:1024'), 'weak'),
                ('', 'this is no certificate'), (PROFILE, 'this is no certificate'), ('-----BEGIN CERTIFICATE-----\nAAAA', 'this is no certificate'),
                (certificates.der_bytes(self.authority.path)[:-1], 'this is no certificate')):
            with self.subTest(text):
                job = self.load(content)
                self.assertEqual((job.ok, job.code, job.certificate), (False, 'Corrupt', ''))
                self.assertIn(text, job.message)
        # HTTP-11: nobody knows the date yet
        self.assertTrue(self.load(made(begins=3600), clock_is_set=False).ok)

    # HTTP-9, STORE-3: a name from outside
    def test_name(self):
        odd = certificates.Authority('Odd\\x1b[31m' + 'n' * 40)
        self.assertNotIn('\x1b', self.load(certificates.read(odd.path)).subject)


class Protocols(Case):
    # HTTP-9
    def test_old(self):
        for protocols in ('TLSv1.1', 'TLSv1 TLSv1.1'):
            with self.subTest(protocols):
                server = self.nginx(protocols=protocols)
                self.bad(server.by_name, 'Untrusted', 'a version of TLS that is too old', **self.fields)
                self.assertEqual(server.access(), '')

    # HTTP-9
    def test_new(self):
        for protocols in ('TLSv1.2', 'TLSv1.3', 'TLSv1.1 TLSv1.2'):
            with self.subTest(protocols):
                self.good(self.nginx(protocols=protocols).by_name, **self.fields)

    # HTTP-1: HTTP/2 is on offer and not taken
    def test_no_http2(self):
        answer = '<flat-profile><GPP_A>$server_protocol</GPP_A></flat-profile>'
        server = self.nginx(extra=f"http2_max_requests 10; location = /v {{ return 200 '{answer}'; }}")
        config = server.access_path.replace('access', 'nginx.conf')
        with open(config, encoding='utf-8') as file:
            text = file.read()
        with open(config, 'w', encoding='utf-8') as file:
            file.write(text.replace(' ssl;', ' ssl http2;'))
        server.close()
        self._cleanups.pop()
        again = servers.Process('nginx', ['nginx', '-e', 'stderr', '-c', config], ADDRESS, server.port)
        self.addCleanup(again.close)
        self.good(f'https://{HOST}:{server.port}/v', {'GPP_A': 'HTTP/1.1'}, **self.fields)

    # HTTP-9
    def test_no_tls(self):
        with servers.Nginx(host=ADDRESS) as server:
            self.bad(f'https://{HOST}:{server.port}/', 'Untrusted', 'does not speak TLS', **self.fields)

    # HTTP-5
    def test_silent(self):
        with scripted.Mute(host=ADDRESS) as server:
            job = self.bad(f'https://{HOST}:{server.port}/', 'Unreachable', 'no answer within 2 seconds', connect_timeout=2,
                           **self.fields)
            self.assertTrue(job.silent)

    # HTTP-5: the handshake breaks off
    def test_closed(self):
        with scripted.Stream(b'', b'', host=ADDRESS, limit=0) as server:
            job = self.bad(server.url.replace('http', 'https'), 'Untrusted', 'or broke it off', **self.fields)
            self.assertFalse(job.silent)

    # HTTP-5: TLS that ends without a goodbye proves no more than TCP
    def test_cut_short(self):
        big = '<flat-profile>' + '<!-- x -->' * 10000 + '</flat-profile>'
        with Scripted({'/length': Reply(body=big, cut=5000), '/end': Reply(body=big, cut=5000, length=None)},
                      host=ADDRESS, tls=self.certificate) as server:
            base = f'https://{HOST}:{server.port}'
            self.bad(base + '/length', 'Unreachable', 'before the whole file had come', **self.fields)
            self.assertFalse(jobs.run(base + '/end', **self.fields).ok)

    # HTTP-2
    def test_redirects(self):
        server = self.nginx(extra=f'location = /down {{ return 302 http://{HOST}/a.xml; }} '
                                  f'location = /up {{ return 302 https://{HOST}:$server_port/a.xml; }}')
        self.bad(f'https://{HOST}:{server.port}/down', 'Failed', 'from https to http', **self.fields)
        with Scripted({'/': Reply(301, headers={'Location': server.by_name})}, host=ADDRESS) as plain:
            job = self.good(plain.url + '/', **self.fields)
            self.assertEqual(job.url, server.by_name)

    # HTTP-2, HTTP-9: the target of a redirect must prove itself as well
    def test_redirect_to_untrusted(self):
        with Scripted({}, host=ADDRESS, tls=self.other.issue(HOST)) as target, \
                Scripted({'/': Reply(302, headers={'Location': f'https://{HOST}:{target.port}/'})}, host=ADDRESS) as server:
            job = self.bad(server.url + '/', 'Untrusted', 'not trusted', **self.fields)
            self.assertEqual((target.requests, job.url), ([], f'https://{HOST}:{target.port}/'))

    # HTTP-3: over TLS a password may be sent as it is
    def test_basic(self):
        with Scripted({'/': [Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'}), Reply(body=PROFILE)]},
                      host=ADDRESS, tls=self.certificate) as server:
            self.good(f'https://{HOST}:{server.port}/', user='phone', password='secret', **self.fields)
            self.assertEqual(server.requests[1].headers['authorization'], 'Basic cGhvbmU6c2VjcmV0')


class OwnCertificate(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.phones = certificates.Authority('Phone CA')
        cls.phone = cls.phones.issue('000e08aabbcc', usage='clientAuth')
        cls.extra = f'ssl_client_certificate {cls.phones.path}; ssl_verify_client on;'
        cls.own = {'certificate_file': cls.phone.chain, 'private_key_file': cls.phone.key}

    # HTTP-9
    def test_offered_when_asked(self):
        for protocols in ('TLSv1.2', 'TLSv1.3'):
            for extra in (self.extra, self.extra.replace(' on;', ' optional;')):
                with self.subTest(protocols=protocols, extra=extra):
                    server = self.nginx(extra=extra, protocols=protocols)
                    self.good(server.by_name, **self.fields, **self.own)
        self.good(self.nginx().by_name, **self.fields, **self.own)

    # HTTP-9
    def test_in_one_file(self):
        path = '/run/phone.pem'
        with open(path, 'wb') as file:
            for part in (self.phone.chain, self.phone.key):
                with open(part, 'rb') as source:
                    file.write(source.read())
        self.good(self.nginx(extra=self.extra).by_name, certificate_file=path, **self.fields)

    # HTTP-9
    def test_none(self):
        self.bad(self.nginx(extra=self.extra).by_name, 'Failed', 'HTTP 400: the server did not understand the request; it may '
                 'want a client certificate', **self.fields)

    # HTTP-9
    def test_of_nobody(self):
        stranger = self.other.issue('x', usage='clientAuth')
        self.bad(self.nginx(extra=self.extra).by_name, 'Failed', 'HTTP 400', certificate_file=stranger.chain,
                 private_key_file=stranger.key, **self.fields)

    # HTTP-9
    def test_unreadable(self):
        server = self.nginx(extra=self.extra)
        self.bad(server.by_name, 'Failed', 'check CertificateFile and PrivateKeyFile', certificate_file='/run/none.pem',
                 private_key_file='/run/none.key', **self.fields)
        self.assertNotIn(' 200 ', server.access())

    # HTTP-2, HTTP-9: another host does not learn who the phone is
    def test_not_after_a_redirect(self):
        servers.name('elsewhere.example', ADDRESS)
        target = self.nginx(self.authority.issue('elsewhere.example'), extra=self.extra)
        with Scripted({'/': Reply(302, headers={'Location': f'https://elsewhere.example:{target.port}/a.xml'})},
                      host=ADDRESS) as server:
            self.bad(server.url + '/', 'Failed', 'HTTP 400', **self.fields, **self.own)


class Token(OwnCertificate):
    """The same certificate on a token, of which the module works in the cage."""

    TRACE = ['strace', '-f', '-qq', '-e', 'trace=openat', '-e', 'signal=none', '-o', '/run/trace']
    # what the other class tests is of files
    test_in_one_file = test_none = test_of_nobody = test_unreadable = test_not_after_a_redirect = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tokens.make(cls.phone)
        cls.own = {'certificate_file': tokens.CERTIFICATE, 'private_key_file': tokens.key(), 'token_paths': tokens.PATHS}

    def logins(self, server, **fields):
        """How often somebody logged in, which the module would note in its file; and the job."""
        with mock.patch.dict(os.environ, ASAN_OPTIONS='detect_leaks=0'):
            job = jobs.run(server.by_name, self.TRACE, **{**self.fields, **self.own, **fields})
        with open('/run/trace', encoding='utf-8') as file:
            return sum('token.object", O_RDWR' in line for line in file), job

    # HTTP-9
    def test_one_uri(self):
        """certificate and key by one URI"""
        uri = tokens.key().replace(';type=private', '')
        self.good(self.nginx(extra=self.extra).by_name, certificate_file=uri, token_paths=tokens.PATHS, **self.fields)

    # HTTP-9
    def test_wrong_pin(self):
        """a PIN that the token refuses, or a key that it has not, is tried once, and that is said; where nobody asks for the certificate it is not"""
        server = self.nginx(extra=self.extra)
        for uri in (tokens.key('9999'), tokens.key().partition('?')[0], tokens.key().replace('object=', 'object=no-')):
            count, job = self.logins(server, private_key_file=uri)
            self.assertEqual((job.ok, job.code, job.pin_refused), (False, 'Failed', True), job.message)
            self.assertIn('its token does not take the PIN', job.message)
            self.assertNotIn('9999', job.message)
            self.assertEqual(count, 1 if '?' in uri else 0)
        self.assertNotIn(' 200 ', server.access())
        self.assertEqual(self.logins(self.nginx(), private_key_file=tokens.key('9999'))[0], 0)

    # HTTP-9
    def test_no_token(self):
        """a token that is not there, or without its paths"""
        server = self.nginx(extra=self.extra)
        for more in ({'certificate_file': tokens.CERTIFICATE.replace('phone', 'other')}, {'token_paths': ''}):
            job = self.bad(server.by_name, 'Failed', 'cannot be used', **{**self.fields, **self.own, **more})
            self.assertFalse(job.pin_refused)


if __name__ == '__main__':
    tap.main('box')
