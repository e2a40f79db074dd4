#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxy_Mode Auto: where the phone finds its proxy auto-configuration file, and what it makes of it, with a real nginx and squid."""

import os
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import certificates, names, servers, tap, wait  # noqa: E402

from test_resync import Reply, profile  # noqa: E402
from test_trust import ADDRESS, HOST, PROXY, Trusting  # noqa: E402

OTHER, WPAD, DNS = '192.0.2.62', '192.0.2.63', '192.0.2.64'
DOMAIN = 'phones.example'


def finding(body):
    return f'function FindProxyForURL(url, host) {{ {body} }}'


class Auto(Trusting):
    """A phone with Proxy_Mode Auto, a provider by http and https, and a place for files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        servers.address(OTHER, WPAD, DNS)
        servers.name('other.example', OTHER)
        servers.name('files.example', WPAD)

    squids = {}

    def squid(self, **options):
        """One of each kind for all tests, for it takes a second to start; and what it was asked before."""
        key = repr(options)
        if key not in self.squids:
            self.squids[key] = servers.Squid(host=PROXY, **options)
            unittest.addModuleCleanup(self.squids[key].close)
        proxy = self.squids[key]
        return proxy, len(proxy.access())

    def auto(self, script=None, network=None, limits=None, **values):
        """A phone that was provisioned from SELF.first; with a script its file is at PAC_URL."""
        answer = Reply(body=profile(Resync_On_Reset='No', Resync_Periodic='0', Resync_Random_Delay='0'))
        self.first = self.enterContext(servers.Scripted({'/first.xml': answer})).url + '/first.xml'
        self.phone(Tls={'CaFile': self.authority.path}, Network=network or {}, Limits=limits or {})
        self.assertEqual(self.run_resync(self.first)[0], 'success')
        self.files = self.enterContext(servers.Nginx(host=WPAD))
        if script is not None:
            self.files.put('/proxy.pac', script)
            values['PAC_URL'] = f'{self.files.url}/proxy.pac'
        self.client.set(Proxy_Mode='Auto', **values)
        return self.client

    def fetched(self):
        """How often the file was asked for."""
        return self.files.access().count('/proxy.pac')


class Found(Auto):
    def test_everything(self):
        """rules by http and https, the custom CA and reports go where the file says, with the proxy's password, and the file is asked
        once for each host (HTTP-3, HTTP-10)"""
        proxy, _ = self.squid(auth=('phone', 's3cret'))
        dead = servers.free_port(host=PROXY)
        self.auto(finding(f'if (dnsDomainIs(host, "prov.example")) return "SOCKS {PROXY}:1; PROXY {PROXY}:{dead}; PROXY {proxy.name}; DIRECT"; '
                          'return "DIRECT";'))
        (plain, _), (secure, _) = self.nginx(), self.nginx(self.certificate)
        self.assert_ends(plain, 'failed', f'by the proxy {proxy.name}: HTTP 407: the proxy wants a user name', 'Failed')
        self.client.set(Proxy_Server_Requires_Authentication='Yes', Proxy_Username='phone', Proxy_Password='s3cret')
        for url, result in ((plain, 'success'), (secure, 'unchanged'), (plain, 'unchanged'), (secure, 'unchanged')):
            self.assert_ends(url, result)

        def taken():
            return [status for status, *_ in proxy.access() if status != 407]
        # a tunnel is written down when it ends
        wait.until(lambda: len(taken()) >= 4, 'the log of squid')
        self.assertEqual(taken(), [200] * 4)
        # each port is a server of its own to the file
        self.assertEqual(self.fetched(), 2)
        # what goes directly is not in squid's log
        count = len(proxy.access())
        self.assert_ends(self.first, 'unchanged')
        self.assertEqual((len(proxy.access()), self.fetched()), (count, 3))
        reports = self.enterContext(servers.Scripted({'/report': Reply(), '/ca.pem': Reply(body=certificates.read(self.authority.path))},
                                                     host=ADDRESS))
        self.client.set(Custom_CA_Rule=f'http://{HOST}:{reports.port}/ca.pem', Report_Rule=f'http://{HOST}:{reports.port}/report')
        self.assert_ends(plain, 'unchanged')
        self.assertEqual(self.client.wait_finished(self.client.resync(reason='report'))[0], 'success')
        asked = {(method, url.rpartition('/')[2]) for status, method, url in proxy.access()[count:] if status == 200}
        self.assertEqual(asked, {('GET', 'ca.pem'), ('GET', 'a.xml'), ('POST', 'report')})

    def test_nothing_else_is_told(self):
        """the file's server sees no path, query, account or certificate of the request, and the file neither (HTTP-10, STORE-3)"""
        asked = self.enterContext(servers.Scripted(lambda request: Reply(body=finding('return url == "http://prov.example/" ? "DIRECT" : url;')),
                                                   host=WPAD))
        client = self.auto()
        client.set(PAC_URL=f'{asked.url}/p.pac', Proxy_Username='phone', Proxy_Password='s3cret', Proxy_Server_Requires_Authentication='Yes')
        server = self.enterContext(servers.Nginx(host=ADDRESS, port=80))
        server.put('/a.xml', profile(GPP_A='x'))
        self.assert_ends(f'[--uid user --pwd s3cret] http://{HOST}/a.xml?key=s3cret', 'success')
        request = asked.requests[0]
        self.assertEqual((request.target, request.body), ('/p.pac', b''))
        self.assertEqual([name for name in request.headers if 'auth' in name], [])

    def test_redirect(self):
        """a redirect to another host goes by that host's proxy, without the rule's account; five of them in all (HTTP-2, HTTP-10)"""
        proxy, before = self.squid()
        self.auto(finding(f'return host == "other.example" ? "PROXY {proxy.name}" : "DIRECT";'))
        answers = {}
        here = self.enterContext(servers.Scripted(answers, host=ADDRESS))
        there = self.enterContext(servers.Scripted({
            '/a.xml': Reply(body=profile(GPP_A='elsewhere')), '/back': Reply(302, headers={'Location': f'http://{HOST}:{here.port}/round'})},
            host=OTHER))
        answers['/moved'] = Reply(302, headers={'Location': f'http://other.example:{there.port}/a.xml'})
        answers['/round'] = Reply(302, headers={'Location': f'http://other.example:{there.port}/back'})
        result, url, message, _details = self.run_resync(f'[--uid user --pwd s3cret] http://{HOST}:{here.port}/moved')
        self.assertEqual((result, url), ('success', f'http://other.example:{there.port}/a.xml'), message)
        self.assertEqual(proxy.access()[before:], [(200, 'GET', f'http://other.example:{there.port}/a.xml')])
        self.assertNotIn('authorization', there.requests[0].headers)
        self.assert_ends(f'http://{HOST}:{here.port}/round', 'failed', 'more than 5 redirects', 'Failed')
        self.assertEqual((len(here.requests), len(there.requests)), (1 + 3, 1 + 3))

    def test_loopback(self):
        """a file cannot send the phone to itself (HTTP-12)"""
        here = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='wrong'))))
        self.auto(finding(f'return "PROXY 127.0.0.1:{here.port}; PROXY localhost:{here.port}";'))
        self.assert_ends(self.nginx()[0], 'failed', 'loopback', 'Unreachable')
        self.assertEqual(here.requests, [])


    def test_digest(self):
        """a proxy that a file named and that asks by Digest has the phone's account, by http and by CONNECT; a wrong password is tried twice, and
        that is class C (HTTP-3, HTTP-10)"""
        proxy, before = self.squid(auth=('phone', 's3cret'), scheme='digest')
        client = self.auto(finding(f'return "PROXY {proxy.name}";'), Proxy_Server_Requires_Authentication='Yes', Proxy_Username='phone',
                           Proxy_Password='s3cret')
        (plain, _), (secure, _) = self.nginx(), self.nginx(self.certificate)
        self.assert_ends(plain, 'success')
        self.assert_ends(secure, 'unchanged')
        client.set(Proxy_Password='wrong')
        for url in (plain, secure):
            result, _url, message, details = self.run_resync(url)
            self.assertEqual((result, details['class'], details['http-status']), ('failed', 'C', 407), message)
            self.assertIn('the proxy does not accept', message)
        # a tunnel is written down when it ends
        statuses = wait.until(lambda: (lambda log: log if len(log) >= 10 else None)([status for status, *_ in proxy.access()[before:]]), 'the log of squid')
        self.assertEqual(sorted(statuses), [200] * 2 + [407] * 8)

    def test_srv(self):
        """with --srv a file is asked about the rule's host; its proxy is told to connect to the server that the record names, and TLS is with the
        host itself (DISC-8, DISC-9, HTTP-10)"""
        proxy, before = self.squid()
        secure, server = self.nginx(self.authority.issue('srv.example'))
        records = [f'srv-host=_ciscoprov-https._tls.srv.example,{HOST},{server.port},1,1', f'host-record={HOST},{ADDRESS}']
        self.enterContext(servers.DnsmasqTftp(host=DNS, dns=records))
        names.use(DNS)
        self.auto(finding(f'return url == "https://srv.example/" && host == "srv.example" ? "PROXY {proxy.name}" : "DIRECT";'))
        self.assert_ends('[--srv] https://srv.example/a.xml', 'success')
        log = wait.until(lambda: proxy.access()[before:], 'the log of squid')
        self.assertEqual(log, [(200, 'CONNECT', secure.split('/')[2])])
        self.assertEqual(self.fetched(), 1)

    def test_file_by_https(self):
        """a file at an https URL is believed only with a certificate for its host, under a root that the phone trusts; else the attempt is class C
        and asks no proxy (HTTP-9, HTTP-10)"""
        proxy, before = self.squid()
        client = self.auto()
        plain, server = self.nginx()
        for certificate, text in ((certificates.Authority('Nobody').issue('files.example'), 'issuer that is not trusted (CN=Nobody)'),
                                  (self.authority.issue('other.example'), 'for another name'), (self.authority.issue('files.example'), '')):
            files = self.enterContext(servers.Nginx(host=WPAD, tls=certificate))
            files.put('/proxy.pac', finding(f'return "PROXY {proxy.name}";'))
            client.set(PAC_URL=f'https://files.example:{files.port}/proxy.pac')
            result, _url, message, details = self.run_resync(plain)
            self.assertEqual((result, details['class']), ('failed', 'C') if text else ('success', 'A'), message)
            self.assertIn(text, message)
            self.assertEqual((len(proxy.access()) - before, files.access().count('/proxy.pac')), (0, 0) if text else (1, 1))
        self.assertEqual(server.access().count('/a.xml'), 1)


class OfNoUse(Auto):
    def test_faults(self):
        """a file that is not there, loops, crashes or answers nonsense is class C, and the message and the status say so (HTTP-10, HTTP-6)"""
        # a worker that dies shall die as it would on a phone
        self.enterContext(mock.patch.dict(os.environ, ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':handle_segv=0'))
        client = self.auto(finding('return 42;'), Resync_Error_Retry_Delay='600')
        plain, server = self.nginx()
        client.set(Profile_Rule=plain)
        for number, (script, text) in enumerate((
                (finding('return 42;'), 'the proxy auto-configuration file is of no use: “42” names no proxy'), ('<html>', 'this is a page'),
                (finding('return {toString: function () { throw 1; }};'), 'worker died'), (None, 'HTTP 404'))):
            # another file each time: what one said is remembered for a moment
            path = f'/{number}.pac'
            if script is not None:
                self.files.put(path, script)
            client.set(PAC_URL=self.files.url + path)
            result, _url, message, details = self.run_resync()
            self.assertEqual((result, details['class'], details['error']), ('failed', 'C', 'Failed'), message)
            self.assertIn(f'Proxy_Mode is Auto, and no proxy is known: {self.files.url}{path}: ', message)
            self.assertIn(text, message)
        client.wait_property('Status', lambda status: status.get('next-reason') == 'retry')
        self.assertEqual(server.access().count('GET'), 0)

    def test_patience(self):
        """a file that never ends costs its time once, not for each file that is asked for (HTTP-10)"""
        self.auto('while (true) ;', limits={'TransferTimeout': 4})
        self.client.set(Custom_CA_Rule=f'http://{HOST}:1/ca.pem')
        self.assert_ends(f'http://{HOST}:1/a.xml', 'failed', 'timed out: the proxy auto-configuration file', 'Failed')
        self.assertEqual(self.fetched(), 1)


class Discovered(Auto):
    def outcome_by(self, proxy, url):
        """Whether the file was followed: squid was asked."""
        before = len(proxy.access())
        result, _url, message, _details = self.run_resync(url)
        return result, len(proxy.access()) - before, message

    def test_wpad(self):
        """with neither PAC_URL nor option 252 the file is at wpad in the domain of the lease, and where there is none the phone goes
        directly (HTTP-10)"""
        proxy, _ = self.squid()
        client = self.auto(network={'Domain': DOMAIN})
        plain, _ = self.nginx()
        self.assertEqual(self.outcome_by(proxy, plain)[:2], ('success', 0))
        servers.name(f'wpad.{DOMAIN}', WPAD)
        with servers.Nginx(host=WPAD, port=80) as wpad:
            for script, outcome in ((None, ('unchanged', 0)), ('<html>Welcome</html>', ('unchanged', 0)), ('nonsense', ('failed', 0)),
                                    (finding(f'return "PROXY {proxy.name}";'), ('unchanged', 1))):
                if script:
                    wpad.put('/wpad.dat', script)
                # what was said before is forgotten with the place
                client.set(PAC_URL='http://192.0.2.63:1/')
                self.run_resync(plain)
                client.set(PAC_URL='')
                self.assertEqual(self.outcome_by(proxy, plain)[:2], outcome, script)
        client.set(Use_Auto_Discovery__WPAD_='No')
        self.assertEqual(self.outcome_by(proxy, plain)[:2], ('unchanged', 0))

    def test_option(self):
        """option 252 comes before the name, and PAC_URL before both (HTTP-10)"""
        proxy, _ = self.squid()
        files = self.enterContext(servers.Nginx(host=WPAD))
        files.put('/00562b043615.pac', finding(f'return "PROXY {proxy.name}";'))
        client = self.auto(network={'Options': f'252={files.url}/$MA.pac', 'Domain': DOMAIN})
        plain, _ = self.nginx()
        self.assertEqual(self.outcome_by(proxy, plain)[:2], ('success', 1))
        files.put('/direct.pac', finding('return "DIRECT";'))
        client.set(PAC_URL=f'{files.url}/direct.pac')
        self.assertEqual(self.outcome_by(proxy, plain)[:2], ('unchanged', 0))


if __name__ == '__main__':
    tap.main('box')
