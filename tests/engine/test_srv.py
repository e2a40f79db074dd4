#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""DNS SRV from end to end: a phone out of its box in a network whose DHCP server gives it a domain, whose DNS server names provisioning
servers for that, and several of which are no good."""

import os
import shutil
import threading

from phone import DNS, Case, bus, lab, option, profile, servers, tap, wait
from lib import certificates, redirect

Reply = servers.Reply
DOMAIN = 'phones.lab'
CA = '/run/provider-ca.pem'
OTHERS = [f'https://{DOMAIN}{path}' for path in ('/8851.xml', f'/Cisco/{lab.MAC}.cfg', f'/Cisco/LAB-8851/{lab.MAC}.cfg')]
# nothing to do by itself
QUIET = {'Resync_Periodic': '0', 'Resync_Error_Retry_Delay': '0'}


class Provider(Case):
    @classmethod
    def setUpClass(cls):
        authority = certificates.Authority('Provider CA')
        cls.good, cls.wrong, cls.service = (authority.issue(name + DOMAIN) for name in ('', 'pr1.', 'rc.'))
        # the phone's user can read it there
        shutil.copy(authority.path, CA)
        with lab.provider():
            cls.dead = servers.free_port(host=lab.SERVER)

    def nginx(self, **more):
        with lab.provider():
            return self.enterContext(servers.Nginx(host=lab.SERVER, **more))

    @staticmethod
    def record(number, port, priority, weight=1, service='_ciscoprov-https._tls'):
        return f'srv-host={service}.{DOMAIN},pr{number}.{DOMAIN},{port},{priority},{weight}'

    @staticmethod
    def hosts():
        return [f'host-record=pr{number}.{DOMAIN},{lab.SERVER}' for number in range(1, 4)] + [f'host-record=home.{DOMAIN},127.0.0.1']

    def phone(self, *options, fresh=True, **sections):
        return super().phone(*self.hosts(), *options, fresh=fresh,
                             config={'Tls': {'CaFile': CA}, 'Limits': {'ConnectTimeout': 3}, **sections})

    def story(self):
        """What was tried, and with which words: (source, URL, outcome) in order."""
        return [tuple(entry[:3]) for entry in self.client.status()['onboarding']]

    def tell(self, *expected):
        """The story has these (source, URL) in order, and of each the words."""
        told = [entry for entry in self.story() if entry[1]]
        self.assertEqual([entry[:2] for entry in told], [(source, url) for source, url, _words in expected])
        for (_source, url, outcome), (_, _, words) in zip(told, expected):
            self.assertIn(words, outcome, url)


class Discovery(Provider):
    def test_from_the_box(self):
        """DHCP's server is dead, so are the first of the domain's, the next has the wrong certificate, and the last one provisions the phone;
        a resync asks the DNS anew, after a power cut as well (DISC-1, DISC-7, DISC-8, DISC-13, DISC-14, STATE-1)"""
        good, wrong = self.nginx(tls=self.good), self.nginx(tls=self.wrong)
        good.put('/8851.xml', profile(GPP_A='by SRV', **QUIET))
        wrong.put('/8851.xml', profile(GPP_A='evil'))
        wrong.put('/LAB-8851.cfg', profile(GPP_A='evil'))
        client = self.phone(option(66, f'http://{lab.SERVER}:{self.dead}/p.xml'), self.record(1, self.dead, 10, 20), self.record(3, good.port, 20),
                            self.record(2, wrong.port, 10, 60), f'srv-host=_ciscoprov-https._tls.{DOMAIN},home.{DOMAIN},443,1,1')
        result, url, message, details = self.first()
        where = f'https://{DOMAIN}/8851.xml'
        self.assertEqual((result, url, details['source']), ('success', where, 'dns-srv'), message)
        self.assertEqual((client.get('GPP_A'), client.property('CustomizationState'), client.status()['profile-source']),
                         ('by SRV', 'Aborted', 'dns-srv'))
        first = f'https://{DOMAIN}/LAB-8851.cfg'
        self.tell(('dhcp-66', f'http://{lab.SERVER}:{self.dead}/p.xml', 'refused'),
                  ('dns-srv', first, f'at home.{DOMAIN}:443: home.{DOMAIN} leads to 127.0.0.1, a loopback address'),
                  ('dns-srv', first, f'at pr1.{DOMAIN}:{self.dead}: the connection was refused'),
                  *(('dns-srv', url, f'at pr2.{DOMAIN}:{wrong.port}: the server is not trusted') for url in (first, *OTHERS)),
                  ('dns-srv', first, f'at pr3.{DOMAIN}:{good.port}: HTTP 404'), ('dns-srv', where, 'the profile was applied'))
        self.calm()
        told = client.status()['onboarding']
        # the power goes, and the provider moves
        self.daemon.cut()
        moved = self.nginx(tls=self.good)
        moved.put('/8851.xml', profile(GPP_A='moved', **QUIET))
        lab.options(*self.hosts(), self.record(1, moved.port, 1))
        self.client = bus.Client(self.daemon.bus)
        self.daemon.start()
        self.assertEqual(self.client.property('CustomizationState'), 'Aborted')
        result, url, message, details = self.first()
        self.assertEqual((result, url, details['source']), ('success', where, 'dns-srv'), message)
        self.assertEqual(self.client.get('GPP_A'), 'moved')
        self.assertIn('"GET /8851.xml HTTP/1.1" 200', moved.access())
        self.assertEqual(self.run_resync()[0], 'unchanged')
        # nobody was looked for
        self.assertEqual(self.client.status()['onboarding'], told)

    def test_cut_in_the_middle(self):
        """the power goes while a server of the records has not answered yet: afterwards the search begins anew with the first way, asks each server once,
        and the profile is applied once (DISC-1, DISC-7, STATE-4)"""
        gate = threading.Event()
        self.addCleanup(gate.set)
        held = self.serve(lambda request: gate.wait(30) and Reply(404), tls=self.good)
        good = self.serve(lambda request: Reply(body=profile(GPP_A='after the cut', **QUIET)), tls=self.good)
        client = self.phone(self.record(1, held.port, 1), self.record(2, good.port, 2))
        client.first()
        wait.until(lambda: held.requests, 'the first question')
        self.daemon.cut()
        gate.set()
        self.assertEqual((len(held.requests), good.requests), (1, []))
        self.client = client = bus.Client(self.daemon.bus)
        self.daemon.start()
        result, url, message, details = self.first()
        first = f'https://{DOMAIN}/LAB-8851.cfg'
        self.assertEqual((result, url, details['source']), ('success', first, 'dns-srv'), message)
        self.assertEqual((client.get('GPP_A'), client.property('CustomizationState')), ('after the cut', 'Aborted'))
        self.tell(*(('dns-srv', one, f'at pr1.{DOMAIN}:{held.port}: HTTP 404') for one in (first, *OTHERS)),
                  ('dns-srv', first, 'the profile was applied'))
        self.calm()
        self.assertEqual((len(held.requests), len(good.requests), [name for name, _values in client.signals].count('Changed')), (5, 1, 1))

    def test_http(self):
        """where no record is for https the servers for http are asked; a path without a server belongs to them from then on (DISC-7, DISC-14,
        RULE-7)"""
        heard = []
        server = self.serve(lambda request: heard.append(request.headers['host']) or (
            Reply(404) if request.target == '/LAB-8851.cfg' else Reply(body=profile(GPP_A=request.target, **QUIET))))
        client = self.phone(self.record(1, server.port, 1, service='_ciscoprov-http._tcp'))
        result, url, message, details = self.first()
        self.assertEqual((result, url, details['source']), ('success', f'http://{DOMAIN}/8851.xml', 'dns-srv'), message)
        self.calm()
        client.set(Profile_Rule='/own/$PSN.xml')
        result, url, message, details = self.run_resync()
        self.assertEqual((result, url), ('success', f'http://{DOMAIN}/own/8851.xml'), message)
        self.assertEqual((client.get('GPP_A'), set(heard)), ('/own/8851.xml', {DOMAIN}))

    def test_nobody(self):
        """no server of the domain is any good: the attempt fails as class C, and all of it is tried again (DISC-12, DISC-13)"""
        html = self.serve(lambda request: Reply(body='<html><body>Welcome to the guest network</body></html>'), tls=self.good)
        client = self.phone(self.record(1, self.dead, 1), self.record(2, html.port, 2))
        result, _url, message, details = self.first()
        self.assertEqual((result, details['class'], client.property('CustomizationState')), ('corrupt-profile', 'B', 'Open'), message)
        self.assertIn('no server that was found gave a profile', message)
        self.assertEqual(html.targets(), ['/LAB-8851.cfg', '/8851.xml', f'/Cisco/{lab.MAC}.cfg', f'/Cisco/LAB-8851/{lab.MAC}.cfg'])
        client.wait_property('NextResync', bool)
        asked = len(html.requests)
        self.run_resync()
        self.assertEqual(len(html.requests), 2 * asked)

    def test_no_records(self):
        """a domain without records is said in the story, and what to do in the message (DISC-7)"""
        self.phone()
        result, _url, message, details = self.run_resync()
        self.assertEqual((result, details['error']), ('failed', 'Unreachable'))
        self.assertIn('DHCP names no provisioning server', message)
        self.tell(('dns-srv', DOMAIN, f'no SRV record of _ciscoprov-https._tls or _ciscoprov-http._tcp for {DOMAIN}'))

    def test_hostile_domain(self):
        """a domain that is no name is asked about by nobody (DISC-5, DISC-7)"""
        self.phone('dhcp-option=15,"x;touch /run/owned"')
        story = [('dhcp', '', 'the lease names no provisioning server'), ('dns-srv', '', 'the lease names no domain')]
        for domain in ('$(reboot).lab', '-rf', '192.0.2.1', 'a..b', '127.1', 'x' * 64):
            with self.subTest(domain):
                self.assertEqual(self.run_resync()[3]['error'], 'Unreachable')
                self.assertEqual(self.story(), story)
                lab.options(DNS, f'dhcp-option=15,"{domain}"')
                lab.renew()
        self.assertEqual(self.run_resync()[3]['error'], 'Unreachable')
        self.assertEqual(self.story(), story)
        self.assertFalse(os.path.exists('/run/owned'))


class Story(Provider):
    def test_nobody_knows_it(self):
        """whoever waits is told, way by way, what was tried and why it was of no use, and what a person can do; the same on the bus
        (DISC-1, DISC-7, DISC-10, DISC-11, DISC-12)"""
        with lab.provider():
            servers.name('rc.' + DOMAIN, lab.SERVER)
            service = self.enterContext(redirect.Redirect('', host=lab.SERVER, tls=self.service))
        base = f'https://rc.{DOMAIN}:{service.port}'
        self.phone(option(66, f'http://{lab.SERVER}:{self.dead}/p.xml'), f'host-record=rc.{DOMAIN},{lab.SERVER}',
                   Discovery={'RedirectUrl': f'{base}/redirect?id=$MAU:$SN:$PN', 'RedirectFallbackUrl': '', 'ActivationUrl': f'{base}/activate'})
        self.client.wait_due()
        page = bus.ctl(self.daemon.bus, 'status', '--wait').stdout
        told = page[page.index('How it looked for its server'):]
        lines = [line.strip().split('  ', 1)[1] for line in told.splitlines()[1:4]]
        for line, start, words in zip(lines, (
                f'DHCP option 66  http://{lab.SERVER}:{self.dead}/p.xml  ', f'DNS SRV  {DOMAIN}  ', f'redirect service  {base}/redirect'),
                ('the connection was refused', f'no SRV record of _ciscoprov-https._tls or _ciscoprov-http._tcp for {DOMAIN}',
                 'does not know this phone')):
            self.assertTrue(line.startswith(start), page)
            self.assertIn(words, line)
        self.assertRegex(page, r'State: +waiting for an activation code')
        self.assertIn('enter an activation code', page)
        self.assertEqual([entry[0] for entry in self.story()][::len(self.story()) - 1], ['dhcp-66', 'redirect'])


class Rules(Provider):
    def test_rule(self):
        """[--srv] in a rule: the servers of the host's records, and without any the host itself (DISC-8, DISC-9)"""
        good = self.nginx(tls=self.good)
        good.put('/8851.xml', profile(GPP_A='by the rule', **QUIET))
        client = self.phone(self.record(1, self.dead, 1), self.record(2, good.port, 2))
        client.set(Profile_Rule=f'[--srv] https://{DOMAIN}/$PSN.xml')
        result, url, message, details = self.run_resync()
        self.assertEqual((result, url, details['source']), ('success', f'https://{DOMAIN}/8851.xml', 'configured'), message)
        self.assertEqual((client.get('GPP_A'), self.run_resync()[0]), ('by the rule', 'unchanged'))
        server = self.serve(lambda request: Reply(body=profile(GPP_A='the host itself')))
        self.assertEqual(self.run_resync(f'[--srv] http://{lab.HOST}:{server.port}/x')[0], 'success')
        self.assertEqual(client.get('GPP_A'), 'the host itself')

    def test_report(self):
        """a report and its rule go the same way (DISC-9, REPORT-1)"""
        server = self.serve(lambda request: Reply(200), tls=self.good)
        client = self.phone(self.record(1, self.dead, 1), self.record(2, server.port, 2))
        client.set(Report_Rule=f'[--srv] https://{DOMAIN}/report')
        attempt = client.resync(reason='report')
        result, url, message, _details = client.wait_finished(attempt)
        self.assertEqual((result, url), ('success', f'https://{DOMAIN}/report'), message)
        self.assertEqual([(request.method, request.headers['host']) for request in server.requests], [('POST', DOMAIN)])


if __name__ == '__main__':
    tap.main('lab')
