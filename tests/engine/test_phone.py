#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From a lease to a provisioned phone, with a real NetworkManager, DHCP server and provider: resyncd as its own user on
the system bus."""

from phone import DNS, RENEWING, Case, bus, lab, option, profile, servers, tap, wait
from lib import callers

Reply = servers.Reply
MA = lab.MAC


def renewals(n):
    """Waits until NetworkManager has renewed the lease n times."""
    for _ in range(n):
        before = lab.wait_lease(lambda now: 'expiry' in now)['expiry']
        lab.wait_lease(lambda now: now.get('expiry', before) != before)


def end_networkmanager():
    lab.control('phone', 'bash', '-c', 'kill $(cat /run/lab/nm.pid)')
    wait.until(lambda: not lab.lease(), 'the end of NetworkManager')


class FromTheLease(Case):
    def check(self, lines, path, url, source):
        """A phone out of its box, the profile at PATH: it is found at URL and applied."""
        lab.put(path, profile(Station_Display_Name=f'by {source}', GPP_A='$MA'))
        self.addCleanup(lab.remove, path)
        client = self.phone(*lines)
        result, got, message, details = self.first()
        self.assertEqual((result, got), ('success', url), message)
        self.assertEqual((details['source'], details['class']), (source, 'A'))
        self.assertEqual((client.property('CustomizationState'), client.status()['profile-source']), ('Aborted', source))
        self.assertEqual(client.get('Station_Display_Name'), f'by {source}')
        return client

    def test_tftp(self):
        """option 66 with a bare address: TFTP at the first default path (DISC-1, DISC-3, DISC-4, TFTP-1, STATE-1)"""
        self.check([option(66, lab.SERVER)], '/LAB-8851.cfg', f'tftp://{lab.SERVER}/LAB-8851.cfg', 'dhcp-66')

    def test_list_of_addresses(self):
        """option 150: the first of two servers is down, so the second is asked (DISC-3, DISC-4)"""
        # a part of the phone's own network on which nobody listens
        servers.address('10.88.0.9')
        client = self.check([f'dhcp-option=150,10.88.0.9,{lab.SERVER}'], '/8851.xml', f'tftp://{lab.SERVER}/8851.xml',
                            'dhcp-150')
        tried = [entry[1] for entry in client.status()['onboarding']]
        self.assertEqual(tried, [f'{scheme}://10.88.0.9/LAB-8851.cfg' for scheme in ('tftp', 'http', 'https')]
                         + [f'tftp://{lab.SERVER}/LAB-8851.cfg', f'tftp://{lab.SERVER}/8851.xml'])

    def test_http(self):
        """option 66 with a URL: HTTP, the User-Agent, and parameters as each program reads them (DISC-1, PHONE-1, PHONE-2)"""
        agents = []
        server = self.serve(lambda request: agents.append(request.headers['user-agent'])
                            or (Reply(body=profile(GPP_A='for the SIP application')) if request.target == '/p/8851.xml' else Reply(404)))
        client = self.phone(option(66, f'http://{lab.HOST}:{server.port}/p'))
        self.assertEqual(self.first()[:2], ('success', f'http://{lab.HOST}:{server.port}/p/8851.xml'))
        self.assertEqual(server.targets(), ['/p', '/p/LAB-8851.cfg', '/p/8851.xml'])
        self.assertEqual(set(agents), {f'resyncd-LAB-8851/1.0.0 ({MA})'})
        status = client.status()
        self.assertEqual((status['model'], status['mac'], status['serial']), ('LAB-8851', MA, 'LAB0001'))
        self.assertIn(['GPP_A', 'Resync_Random_Delay'], [values[0] for name, values in client.signals if name == 'Changed'])
        self.assertEqual(callers.call(self.daemon.bus, 'lab-sip', 'Get', "(['GPP_A'],)", interface=bus.NAME + '.Parameters'),
                         "({'GPP_A': 'for the SIP application'},)")
        self.assertEqual(bus.ctl(self.daemon.bus, 'get', 'GPP_A', check=0).stdout, 'for the SIP application\n')
        self.assertIn('DHCP option 66', bus.ctl(self.daemon.bus, 'status', check=0).stdout)

    def test_https(self):
        """option 160 with macros: HTTPS under the laboratory's CA (DISC-3, DISC-4, PHONE-3, PHONE-4, HTTP-9)"""
        address = lab.wait_lease()['ip_address']
        path = f'/{MA}/{address}/02:00:5e/8851.xml'
        self.check([option(160, f'https://{lab.HOST}/$MA/$IP/$(MAC:0:8)/$PSN.xml')], path, f'https://{lab.HOST}{path}',
                   'dhcp-160')
        self.assertTrue(any(f'GET {path}' in line and f'resyncd-LAB-8851/1.0.0 ({MA})' in line for line in lab.requests()))

    def test_proxy(self):
        """option 252, which NetworkManager has its own way with, names the file that names the proxy (HTTP-10)"""
        proxy = self.serve(lambda request: Reply(body=profile(GPP_A=request.target)))
        for path in ('/text.pac', '/line.pac'):
            lab.put(path, f'function FindProxyForURL(url, host) {{ return "PROXY {lab.SERVER}:{proxy.port}"; }}')
        url = f'http://{lab.HOST}/no.xml'
        # a line, as some servers send it, is no text to dhclient
        for value in (f'"http://{lab.HOST}/text.pac"', ':'.join(f'{byte:02x}' for byte in f'http://{lab.HOST}/line.pac\n'.encode())):
            client = self.phone(f'dhcp-option=252,{value}')
            self.assertIn('wpad', lab.wait_lease())
            client.set(Proxy_Mode='Auto', Resync_On_Reset='No')
            result, _url, message, _details = self.run_resync(url)
            self.assertEqual((result, client.get('GPP_A')), ('success', url), message)
            self.daemon.stop()
            # the next value has to find its own
            lab.remove('/text.pac' if 'text' in value else '/line.pac')

    def test_proxy_by_dns(self):
        """the file at the name wpad of the domain that the lease gave, by the provider's real DNS; where there is no such name the phone goes
        directly (HTTP-10)"""
        domain = 'branch.lab'
        proxy = self.serve(lambda request: Reply(body=profile(GPP_A=request.target)))
        url = f'http://{lab.HOST}/wpad.xml'
        for path, text in (('/wpad.xml', profile(GPP_A='directly')),
                           ('/wpad.dat', f'function FindProxyForURL(url, host) {{ return "PROXY {lab.SERVER}:{proxy.port}"; }}')):
            lab.put(path, text)
            self.addCleanup(lab.remove, path)
        lines = f'dhcp-option=15,"{domain}"', f'local=/{domain}/'
        for record, fresh, found in ((f'host-record=wpad.{domain},{lab.SERVER}', True, url), ('', False, 'directly')):
            if not fresh:
                self.daemon.stop()
                lab.options(DNS, *lines)
            client = self.phone(*lines, record, fresh=fresh)
            client.set(Proxy_Mode='Auto', Resync_On_Reset='No')
            result, _url, message, _details = self.run_resync(url)
            self.assertEqual((result, client.get('GPP_A')), ('success', found), message)
        self.assertEqual(len([line for line in lab.requests() if 'GET /wpad.dat' in line]), 1)

    def test_order(self):
        """66 goes before 160, 159 and 150 (DISC-3)"""
        server = self.serve(lambda request: Reply(body=profile(GPP_A=request.target)))
        url = f'http://{lab.HOST}:{server.port}'
        client = self.phone(option(160, f'{url}/160'), option(66, f'{url}/66'), option(159, f'{url}/159'),
                            f'dhcp-option=150,{lab.SERVER}')
        self.assertEqual(self.first()[3]['source'], 'dhcp-66')
        self.assertEqual((client.get('GPP_A'), server.targets()), ('/66', ['/66']))

    def test_by_itself(self):
        """nobody asks: the phone comes within seconds of its start (DISC-2, SCHED-2)"""
        server = self.serve(lambda request: Reply(body=profile(GPP_A='x')))
        client = self.phone(option(66, f'http://{lab.HOST}:{server.port}/p.xml'))
        attempt, reason = client.wait_signal('ResyncStarted', timeout=15)
        self.assertEqual((reason, client.wait_finished(attempt)[0]), ('boot', 'success'))


class Leases(Case):
    """DISC-6: what a lease starts, and what it does not."""

    def provisioned(self, *more, scheme='http', **values):
        """A phone that got its profile from self.origin, by a lease that is renewed every 3 s."""
        self.origin = self.serve(lambda request: Reply(body=profile(GPP_A='first', **values)))
        url = f'https://{lab.HOST}/first.xml' if scheme == 'https' else f'http://{lab.HOST}:{self.origin.port}/first.xml'
        if scheme == 'https':
            lab.put('/first.xml', profile(GPP_A='first', **values))
        client = self.phone(option(66, url), RENEWING, *more)
        self.assertEqual(self.first()[0], 'success')
        self.calm()
        self.started()
        del client.signals[:]
        return client

    def test_renewal(self):
        """a renewal that changes nothing does nothing; one that names another server leads there (DISC-6, DISC-14)"""
        client = self.provisioned()
        second = self.serve(lambda request: Reply(body=profile(GPP_A='second')))
        renewals(2)
        self.assertEqual((self.started(), len(self.origin.requests)), ([], 1))
        lab.options(DNS, option(66, f'http://{lab.HOST}:{second.port}/second.xml'), RENEWING)
        attempt, reason = client.wait_signal('ResyncStarted')
        self.assertEqual(reason, 'lease')
        result, url, _message, details = client.wait_finished(attempt)
        self.assertEqual((result, details['source'], client.get('GPP_A')), ('success', 'dhcp-66', 'second'))
        self.assertEqual(url, f'http://{lab.HOST}:{second.port}/second.xml')
        # and from now on
        self.assertEqual(self.run_resync()[1], url)
        self.assertEqual(len(self.origin.requests), 1)

    def test_rule_stands(self):
        """a Profile_Rule that names its server stands against a new lease, and Status says so (DISC-6)"""
        own = self.serve(lambda request: Reply(body=profile(GPP_A='own')))
        client = self.provisioned(Profile_Rule=f'http://{lab.HOST}:{own.port}/own.xml')
        wait.until(lambda: client.get('GPP_A') == 'own', 'the resync to the new rule')
        self.calm()
        del client.signals[:]
        self.assertEqual(self.warnings(), [])
        lab.options(DNS, option(66, 'http://other.phones.lab/'), RENEWING)
        wait.until(lambda: any('another provisioning server' in text for text in self.warnings()), 'the warning')
        renewals(1)
        self.assertEqual(self.started(), [])
        self.assertTrue(any('another provisioning server' in text for text in self.warnings()))
        self.assertEqual(self.run_resync()[1], f'http://{lab.HOST}:{own.port}/own.xml')

    def test_never_down(self):
        """provisioned over https, the phone goes to no http or tftp server that a new lease names: it stays with its own,
        and Status says so (DISC-6)"""
        client = self.provisioned(scheme='https')
        self.addCleanup(lab.remove, '/first.xml')
        lab.options(DNS, option(66, f'http://{lab.HOST}:{self.origin.port}/down.xml'),
                    option(160, f'tftp://{lab.SERVER}'), RENEWING)
        lab.wait_lease(lambda now: 'phone_160' in now)
        wait.until(lambda: any('without https' in text for text in self.warnings()), 'the warning')
        self.assertEqual(self.started(), [])
        result, url, message, _details = self.run_resync()
        self.assertEqual((result, url), ('unchanged', f'https://{lab.HOST}/first.xml'), message)
        self.assertEqual((client.get('GPP_A'), self.origin.requests), ('first', []))

    def test_late_network(self):
        """NetworkManager starts after the daemon: it waits for a lease, then discovers by itself (DISC-6)"""
        server = self.serve(lambda request: Reply(body=profile(GPP_A='late')))
        lab.options(DNS, option(66, f'http://{lab.HOST}:{server.port}/late.xml'))
        end_networkmanager()
        self.addCleanup(lab.wait_lease)
        client = self.phone(fresh=False)
        client.wait_property('State', lambda state: state == 'waiting-network')
        self.assertEqual(client.status()['waiting-for'], 'network')
        self.assertEqual(self.started(), [])
        lab.control('restart', 'nm')
        attempt, reason = client.wait_signal('ResyncStarted')
        result, _url, message, details = client.wait_finished(attempt)
        self.assertEqual((reason, result, details['source']), ('boot', 'success', 'dhcp-66'), message)
        self.assertEqual(client.get('GPP_A'), 'late')

    def test_lease_with_news(self):
        """a lease that named nobody and then does starts discovery (DISC-6)"""
        server = self.serve(lambda request: Reply(body=profile(GPP_A='found')))
        client = self.phone(RENEWING)
        self.assertEqual(self.run_resync()[3]['error'], 'Unreachable')
        lab.options(DNS, option(159, f'http://{lab.HOST}:{server.port}/x.xml'), RENEWING)
        attempt, reason = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'lease')
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        self.assertEqual(client.status()['profile-source'], 'dhcp-159')

    def test_plugged_in_again(self):
        """a phone without a profile searches as soon as its cable is back, with the lease that it had, and waits for no retry (DISC-2, DISC-12)"""
        there = []
        server = self.serve(lambda request: Reply(body=profile(GPP_A='found')) if there else Reply(404))
        client = self.phone(option(66, f'http://{lab.HOST}:{server.port}/x.xml'))
        client.wait_property('Status', lambda status: status.get('provisioning-1', ('', ''))[1] == 'file-not-found')
        there.append(True)
        self.addCleanup(lab.link, True)
        lab.link(False)
        wait.until(lambda: 'no network' in self.daemon.log(), 'the phone to know that its cable is gone')
        lab.link(True)
        attempt, reason = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'lease')
        self.assertEqual(client.wait_finished(attempt)[0], 'success')


class Restless(Case):
    """The network changes under a running attempt."""

    def slow_phone(self):
        """An attempt that waits for a server's answer."""
        self.gate = {'delay': 4.0}
        self.server = self.serve(lambda request: Reply(body=profile(GPP_A=request.target[1:]), delay=self.gate['delay']))
        client = self.phone(option(66, f'http://{lab.HOST}:{self.server.port}/slow'), RENEWING,
                            config={'Limits': {'ConnectTimeout': 6, 'TransferTimeout': 10}})
        self.attempt = client.first()
        wait.until(lambda: self.server.requests, 'the request')
        self.pid = self.daemon.process.pid
        return client

    def settle(self, client):
        """Whatever happened, the phone is well in the end."""
        self.gate['delay'] = 0
        result = self.run_resync()
        self.assertIn(result[0], ('success', 'unchanged'), result)
        self.assertEqual(client.get('GPP_A'), 'slow')
        self.assertEqual((self.daemon.process.poll(), self.daemon.process.pid), (None, self.pid))

    def test_networkmanager_restarts(self):
        """NetworkManager is restarted while a server is slow: the attempt ends, the daemon stays (DISC-6)"""
        client = self.slow_phone()
        lab.control('restart', 'nm')
        self.assertIn(client.wait_finished(self.attempt)[0], ('success', 'failed'))
        lab.wait_lease(lambda now: 'phone_066' in now)
        self.settle(client)

    def test_link(self):
        """the cable goes and comes back while a server is slow: the attempt ends; without a lease nothing begins, with one what
        was asked for does (DISC-6)"""
        client = self.slow_phone()
        self.gate['delay'] = 0
        self.addCleanup(lab.link, True)
        known = self.daemon.log().count('no network')
        lab.link(False)
        wait.until(lambda: self.daemon.log().count('no network') > known, 'the lease to go, and the daemon to know')
        result, _url, message, details = client.wait_finished(self.attempt)
        self.assertTrue(result == 'success' or details['class'] == 'C', message)
        second = client.resync()
        client.wait_property('State', lambda state: state == 'waiting-network')
        self.assertEqual(client.status()['waiting-for'], 'network')
        lab.link(True)
        self.assertIn(client.wait_finished(second)[0], ('success', 'unchanged'))
        self.settle(client)

    def test_lease_changes(self):
        """another server is named while the first one is slow: the attempt goes on, and another one follows it (DISC-6)"""
        client = self.slow_phone()
        second = self.serve(lambda request: Reply(body=profile(GPP_A='second')))
        lab.options(DNS, option(66, f'http://{lab.HOST}:{second.port}/new'), RENEWING)
        lab.renew()
        first = client.wait_finished(self.attempt)
        self.assertIn(first[0], ('success', 'failed'), first)
        attempt, reason = client.wait_signal('ResyncStarted', lambda number, reason: number != self.attempt)
        self.assertEqual((reason, client.wait_finished(attempt)[0]), ('lease', 'success'))
        self.assertEqual(client.get('GPP_A'), 'second')


if __name__ == '__main__':
    tap.main('lab')
