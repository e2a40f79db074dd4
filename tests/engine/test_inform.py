#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A phone whose NetworkManager has its own DHCP client, which shows no option of a provisioning server: resyncd-inform asks for them, of dnsmasq,
ISC dhcpd and Kea. And what the daemon makes of one that lies, is late, or is not there."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading

from phone import DNS, RENEWING, Case, bus, lab, option, profile, servers, tap, wait
from lib import certificates, dhcpd, inform
from lib.watch import Watch, bytes_of

Reply = servers.Reply
LONG = 'https://prov.phones.lab/' + 'x' * 400
# of each what DISC reads of it: texts, a list of addresses, sub-options
BYTES = {43: b'\1\4\xde\xad\xbe\xef\2\5hello', 60: b'http://prov.phones.lab/60', 125: b'\0\0\x0d\xe9\x07\x0b\x05http:',
         150: b'\x0a\x4d\0\1\xc0\0\2\5', 160: b'https://prov.phones.lab/$MAC/`\xc3\xa9'}
NOT_KNOWN = 'the options of the DHCP server are not known: '


def dnsmasq_line(code, value):
    if code == 150:
        return f'dhcp-option=150,{",".join(socket.inet_ntoa(value[at:at + 4]) for at in range(0, len(value), 4))}'
    return f'dhcp-option={code},{":".join(f"{byte:02x}" for byte in value)}' if code in (43, 125) else option(code, value.decode())


@contextlib.contextmanager
def dnsmasq(options):
    lab.options(DNS, *(dnsmasq_line(code, value) for code, value in options.items()))
    yield


def warnings_of(client):
    return [text for text in client.status().get('warnings', []) if text.startswith(NOT_KNOWN)]


def first_resync(test):
    """Of a phone that is in a call since before it began: (result, url, message, details)."""
    return test.client.wait_finished(test.daemon.resync_after_call(test.client))


def nmcli(*settings):
    """Other settings of the connection, for the next activation."""
    subprocess.run(['nmcli', 'connection', 'modify', 'phone', *settings], check=True)


class Answerer:
    """In the place of resyncd-inform: respond(n, question bytes, connection) for the n-th question, from 0 on, in a thread of its own."""

    def __init__(self, respond):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(inform.SOCKET)
        self.questions = []
        self._respond = respond
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(inform.SOCKET)
        os.chmod(inform.SOCKET, 0o666)
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            question = inform.read_all(connection)
            self.questions.append(question)
            self._respond(len(self.questions) - 1, question, connection)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        os.unlink(inform.SOCKET)


class Servers(Case):
    """The real program, started as its units do, and real servers."""

    @classmethod
    def setUpClass(cls):
        lab.control('inform', 'start')
        # here nobody watches, too
        os.chmod(inform.SOCKET, 0o666)
        cls.addClassCleanup(lab.control, 'inform', 'stop')

    @classmethod
    def tearDownClass(cls):
        lab.options(DNS)

    def check(self, server, options):
        """Every option arrives byte by byte, and the phone is provisioned by what 66 says."""
        files = self.serve(lambda request: Reply(body=profile(GPP_A=request.target)))
        options = {66: f'http://{lab.SERVER}:{files.port}/$MA/x'.encode(), **options}
        with server(options):
            lab.renew()
            self.assertFalse([key for key in lab.wait_lease() if key.startswith('phone_')])
            with Watch() as watch:
                line = watch.connected()
                # the NULs are dnsmasq's
                self.assertEqual({key: bytes_of(line, key).rstrip(b'\0') for key in line if key.isdigit()},
                                 {str(code): value for code, value in options.items()})
                self.assertEqual(len(watch.lines), 2)
            client = self.phone(fresh=False, in_call=True)
            result, url, message, details = first_resync(self)
            self.assertEqual((result, url, details.get('source')),
                             ('success', f'http://{lab.SERVER}:{files.port}/{lab.MAC}/x', 'dhcp-66'), message)
            self.assertEqual(warnings_of(client), [])

    def test_dnsmasq(self):
        """dnsmasq: 43, 60, 66, 125, 150 and 160 arrive, and 159 (DISC-1, DISC-3, DISC-4)"""
        self.check(dnsmasq, {**BYTES, 159: b'https://prov.phones.lab/159'})

    def test_isc(self):
        """ISC dhcpd: the same, and an option that comes in pieces (DISC-1, DISC-3)"""
        self.check(dhcpd.Isc, {**BYTES, 159: LONG.encode()})

    def test_kea(self):
        """Kea: the same, and an option that comes in pieces (DISC-1, DISC-3)"""
        self.check(dhcpd.Kea, {**BYTES, 160: LONG.encode()})

    def test_others(self):
        """what DHCP_Option_To_Use says is asked for, from then on (DISC-3)"""
        files = self.serve(lambda request: Reply(body=profile(GPP_A='other')))
        lab.options(DNS, f'dhcp-option=200,"http://{lab.SERVER}:{files.port}/other"')
        lab.renew()
        client = self.phone(fresh=False)
        client.wait_property('State', lambda state: state != 'waiting-network')
        client.set(DHCP_Option_To_Use='200,66')
        wait.until(lambda: client.get('GPP_A') == 'other', 'the profile')
        # the state follows the parameters
        client.wait_property('Status', lambda status: status.get('profile-source') == 'dhcp-200')

    def test_renewal(self):
        """a renewal that brings another server is a change, one that does not is none (DISC-6)"""
        lab.options(DNS, option(66, 'http://prov.phones.lab/first'), RENEWING)
        lab.renew()
        with Watch() as watch:
            self.assertIn(b'/first', bytes_of(watch.connected(), '66'))
            before = lab.wait_lease()['expiry']
            lab.wait_lease(lambda now: now.get('expiry', before) != before)
            lab.options(DNS, option(66, 'http://prov.phones.lab/second'), RENEWING)
            line = watch.until(lambda line: b'/second' in (bytes_of(line, '66') or b''), 'the other server')
            self.assertEqual((watch.lines.index(line), line['connected']), (2, '1'))

    def test_silent(self):
        """a server that does not answer (ISC dhcpd that is not authoritative): the lease counts without options after some seconds, discovery goes on, and
        Status says so (DISC-1, DISC-12)"""
        with dhcpd.Isc({66: b'http://prov.phones.lab/x'}, authoritative=False) as server:
            lab.renew()
            client = self.phone(fresh=False)
            details = self.run_resync()[3]
            self.assertEqual(details['error'], 'Unreachable')
            self.assertEqual(warnings_of(client), [NOT_KNOWN + 'it does not answer DHCPINFORM'])
            self.assertIn('DHCPINFORM', server.log())


def no_ipv4(test, method):
    """For the tests of a class: addresses of IPv6 only."""
    # an address of a cable of two need not be tried first
    with open('/proc/sys/net/ipv6/conf/eth0/accept_dad', 'w', encoding='ascii') as file:
        file.write('0')
    nmcli('ipv4.method', 'disabled', 'ipv6.method', method)
    test.addClassCleanup(nmcli, 'ipv4.method', 'auto', 'ipv6.method', 'disabled')


class Six(Case):
    """DHCPv6, of servers that are asked without any lease of IPv4."""

    OPTIONS = {17: b'\0\0\x0d\xe9\0\1\0\4ABCD', 159: b'https://prov.phones.lab/$MA/`', 160: b'https://[fd77::1]/'}

    @classmethod
    def setUpClass(cls):
        lab.control('inform', 'start')
        cls.addClassCleanup(lab.control, 'inform', 'stop')
        os.chmod(inform.SOCKET, 0o666)
        no_ipv4(cls, 'dhcp')
        # where no router advertises the way to the provider
        nmcli('ipv6.routes', 'fd77::/64')
        cls.addClassCleanup(nmcli, 'ipv6.routes', '')

    @classmethod
    def tearDownClass(cls):
        lab.options(DNS)

    def check(self, server, code, value=bytes, address='fd77::1', **config):
        """Every option arrives byte by byte, and a phone out of its box is provisioned by what that of the code says. server: sends options, by
        their codes; value: what is made of the URL."""
        with lab.provider():
            files = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A=request.target)), host='fd77::1'))
        url = f'http://[fd77::1]:{files.port}/$MA/six'
        # 160 goes before 159
        options = {**{other: text for other, text in self.OPTIONS.items() if (other, code) != (160, 159)}, code: value(url.encode())}
        with server(options):
            lab.renew()
            with Watch() as watch:
                line = watch.until(lambda line: all(f'v6-{other}' in line for other in options), 'the options')
                self.assertEqual({key: bytes_of(line, key) for key in line if key.startswith('v6-')},
                                 {f'v6-{other}': text for other, text in options.items()})
                self.assertTrue(line['address'].startswith(address), line)
            client = self.phone(fresh=False, config=config, in_call=True)
            self.assertEqual(client.property('CustomizationState'), 'Open')
            result, url, message, details = first_resync(self)
        self.assertEqual((result, url, details.get('source')), ('success', f'http://[fd77::1]:{files.port}/{lab.MAC}/six', f'dhcp6-{code}'), message)
        self.assertEqual((client.get('GPP_A'), client.property('CustomizationState')), (f'/{lab.MAC}/six', 'Aborted'))
        self.assertEqual((files.targets(), client.status()['onboarding'][-1][0]), ([f'/{lab.MAC}/six'], f'dhcp6-{code}'))

    def advertise(self, kind):
        """A router of its own kind, and the DHCPv6 server that it speaks of: a server for check()."""
        nmcli('ipv6.method', 'auto')
        self.addCleanup(nmcli, 'ipv6.method', 'dhcp')

        @contextlib.contextmanager
        def server(options):
            lab.options('enable-ra', 'ra-param=srv0,10,60', f'dhcp-range={kind}',
                        f'dhcp-option=option6:17,{":".join(f"{byte:02x}" for byte in options[17])}',
                        *(f'dhcp-option=option6:{code},"{value.decode()}"' for code, value in options.items() if code != 17))
            yield
        return server

    def test_dnsmasq(self):
        """dnsmasq: 17, 159 and 160 arrive, and 160 provisions the phone (DISC-1, DISC-3, DISC-4)"""
        self.check(self.advertise('fd77::100,fd77::1ff,64,2m'), 160)

    def test_stateless(self):
        """an address by the router's advertisement, which says that a DHCPv6 server has more: 17, 159 and 160 arrive, and 160 provisions the phone
        (DISC-1, DISC-3)"""
        self.check(self.advertise('fd77::,ra-stateless'), 160, address='fd77::5eff:fe')

    def test_isc(self):
        """ISC dhcpd: 17 and 159 arrive, and 159 provisions the phone (DISC-1, DISC-3, DISC-4)"""
        self.check(dhcpd.Isc6, 159)

    def test_kea(self):
        """Kea: 17, 159 and 160 arrive, and the integrator's own pair in 17 provisions the phone (DISC-1, DISC-3, DISC-4)"""
        self.check(dhcpd.Kea6, 17, lambda url: b'\0\0\x7e\xd9\0\x07' + len(url).to_bytes(2, 'big') + url, Discovery={'VendorOption': '32473/7'})


class Advertised(Case):
    """Addresses by a router's advertisements, and no DHCP of either kind."""

    @classmethod
    def setUpClass(cls):
        no_ipv4(cls, 'auto')
        cls.authority = certificates.Authority('Provider CA')
        cls.certificate = cls.authority.issue('rc.phones.lab')
        # the phone's user can read it there
        cls.trusted = shutil.copy(cls.authority.path, '/run/provider-ca.pem')

    @classmethod
    def tearDownClass(cls):
        lab.options(DNS)

    def test_from_the_box(self):
        """where a router says that there is no DHCPv6 nobody is asked for options, and the search goes on at once: the redirect service, whose name the
        advertised server knows, leads to the provider; the domain that is advertised is none that DHCP gave (DISC-1, DISC-3, DISC-7, DISC-10)"""
        with lab.provider():
            provider = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='by IPv6')), host='fd77::1'))
            rule = f'<flat-profile><Profile_Rule>http://[fd77::1]:{provider.port}/$MA.xml</Profile_Rule></flat-profile>'
            service = self.enterContext(servers.Scripted(lambda request: Reply(body=rule), host='fd77::1', tls=self.certificate))
        lab.options('enable-ra', 'ra-param=srv0,10,60', 'dhcp-range=fd77::,ra-only', 'dhcp-option=option6:domain-search,phones.lab',
                    'host-record=rc.phones.lab,fd77::1')
        lab.renew()
        with Answerer(lambda n, question, connection: None) as answerer:
            with Watch() as watch:
                line = watch.connected()
                self.assertEqual((line['domain'], [key for key in line if key.startswith('v6-')]), ('', []))
                self.assertTrue(line['address'].startswith('fd77::5eff:fe'), line)
            # as most routers do it advertises itself by an address that needs its interface
            with open('/etc/resolv.conf', encoding='ascii') as file:
                self.assertRegex(file.read(), r'nameserver fe80::[0-9a-f:]+%eth0')
            client = self.phone(fresh=False, in_call=True, config={'Tls': {'CaFile': self.trusted}, 'Discovery': {
                'RedirectUrl': f'https://rc.phones.lab:{service.port}/rc', 'RedirectFallbackUrl': '', 'ActivationUrl': ''}})
            result, url, message, details = first_resync(self)
            self.assertEqual((result, url, details['source']), ('success', f'http://[fd77::1]:{provider.port}/{lab.MAC}.xml', 'redirect'), message)
            self.assertEqual((client.get('GPP_A'), {entry[0] for entry in client.status()['onboarding'] if entry[1]}), ('by IPv6', {'redirect'}))
            self.assertEqual((answerer.questions, self.warnings()), ([], []))


class Liars(Case):
    """The daemon's side of the socket."""

    @classmethod
    def setUpClass(cls):
        lab.options(DNS)
        lab.renew()

    def phone_with(self, respond):
        self.answerer = self.enterContext(Answerer(respond))
        return self.phone(fresh=False)

    def fault(self, client):
        return wait.until(lambda: warnings_of(client), 'the warning')

    def test_missing(self):
        """nobody there: said once, the lease counts at once, and discovery goes on; when somebody is there, the next try finds out (DISC-1, DISC-12)"""
        client = self.phone(fresh=False)
        self.assertEqual(self.fault(client), [NOT_KNOWN + 'resyncd-inform cannot be reached: No such file or directory'])
        details = self.run_resync()[3]
        self.assertEqual(details['error'], 'Unreachable')
        self.assertEqual(len(warnings_of(client)), 1)
        files = self.serve(lambda request: Reply(body=profile(GPP_A='x')))
        url = f'http://{lab.SERVER}:{files.port}/x'.encode()
        with Answerer(lambda n, question, connection: connection.sendall(inform.answer(inform.GIVEN, options=[(66, url)]))):
            self.run_resync()
            wait.until(lambda: client.get('GPP_A') == 'x', 'the profile')
        self.assertEqual(warnings_of(client), [])

    def test_lies(self):
        """what is no answer is none, and the daemon goes on (DISC-5)"""
        good = inform.answer(inform.GIVEN, options=[(66, b'http://10.77.0.1/')])
        lies = [b'', b'x', good[:-1], good + b'\0', inform.answer(inform.GIVEN, version=2, options=[(66, b'http://10.77.0.1/')]), inform.answer(7),
                inform.answer(inform.GIVEN, options=[(252, b'http://10.77.0.1/')]), inform.answer(inform.GIVEN, options=[(66, b'a'), (43, b'b')]),
                inform.answer(inform.GIVEN, options=[(66, b'x' * 4081)]), bytes(1 << 20)]
        client = self.phone_with(lambda n, question, connection: connection.sendall(lies[n]))
        for n in range(len(lies)):
            wait.until(lambda n=n: len(self.answerer.questions) > n, f'question {n}')
            self.assertEqual(self.fault(client), [NOT_KNOWN + 'what resyncd-inform said is no answer'])
            if n + 1 < len(lies):
                # each try asks anew
                self.assertEqual(self.run_resync()[3]['error'], 'Unreachable')
        self.assertEqual(set(self.answerer.questions), {inform.question(lab.wait_lease()['ip_address'])})

    def test_hostile_values(self):
        """values are a stranger's, whoever brought them: no server, no terminal's codes (DISC-5)"""
        values = [(43, b'\1\xff'), (66, b'http://a/\x1b[1m'), (150, b'\xff\xff\xff\xff'), (160, b'gopher://a/')]
        client = self.phone_with(lambda n, question, connection: connection.sendall(inform.answer(inform.GIVEN, options=values)))
        said = wait.until(self.warnings, 'the warnings')
        self.assertEqual(len(said), 4, said)
        self.assertNotIn('\x1b', ''.join(said))
        self.assertEqual((warnings_of(client), self.run_resync()[3]['error']), ([], 'Unreachable'))

    def test_words(self):
        """what it says of why not is shown, made harmless"""
        client = self.phone_with(lambda n, question, connection: connection.sendall(inform.answer(inform.FAILED, 'no\x1b[1m\n such')))
        self.assertEqual(self.fault(client), [NOT_KNOWN + r'no\x1b[1m\x0a such'])

    def test_late(self):
        """one that takes long: the lease counts without options meanwhile, and what it says then is a change (DISC-6)"""
        files = self.serve(lambda request: Reply(body=profile(GPP_A='late')))
        gate = threading.Event()
        self.addCleanup(gate.set)

        def respond(n, question, connection):
            gate.wait(60)
            connection.sendall(inform.answer(inform.GIVEN, options=[(160, f'http://{lab.SERVER}:{files.port}/late'.encode())]))
        client = self.phone_with(respond)
        self.assertEqual(self.fault(client), [NOT_KNOWN + 'it does not answer DHCPINFORM'])
        self.assertEqual(self.run_resync()[3]['error'], 'Unreachable')
        gate.set()
        wait.until(lambda: client.get('GPP_A') == 'late', 'the profile')
        client.wait_property('Status', lambda status: status.get('profile-source') == 'dhcp-160')
        self.assertEqual(warnings_of(client), [])

    def test_too_late(self):
        """an answer for a lease that has gone is dropped (DISC-6)"""
        hung_up, answered = threading.Event(), threading.Event()
        values = [b'http://prov.phones.lab/old', b'http://prov.phones.lab/new']

        def respond(n, question, connection):
            if n == 0:
                answered.wait(30)
            with contextlib.suppress(BrokenPipeError):
                connection.sendall(inform.answer(inform.GIVEN, options=[(66, values[min(n, 1)])]))
            if n == 0:
                hung_up.set()
        with Answerer(respond) as answerer, Watch() as watch:
            wait.until(lambda: answerer.questions, 'the first question')
            lab.renew()
            line = watch.connected()
            answered.set()
            self.assertTrue(hung_up.wait(20))
            self.assertEqual(bytes_of(line, '66'), values[1])
            seen = len(watch.lines)
            lab.renew()
            watch.connected(seen)
            self.assertEqual({bytes_of(line, '66') for line in watch.lines if line['connected'] == '1'}, {values[1]})


if __name__ == '__main__':
    # NetworkManager's own client
    os.environ['LAB_DHCP'] = 'internal'
    tap.main('lab')
