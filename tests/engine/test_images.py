#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How images come to the phone, and what the rule that names them may say: each protocol, the servers of SRV records, a proxy, 100 MB beside the
phone's other work, assignments, and a server that the rule does not name."""

import hashlib
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from gi.repository import GLib  # noqa: E402
from lib import bus, callers, certificates, latency, names, servers, tap, tree, wait  # noqa: E402
from test_upgrade import FIRMWARE, Phone  # noqa: E402

DOMAIN, HOST = 'phones.lab', '10.66.0.1'
MIB = 1 << 20


def digest_of(path):
    """SHA-256 of a file; None: there is none."""
    digest = hashlib.sha256()
    try:
        with open(path, 'rb') as file:
            while piece := file.read(MIB):
                digest.update(piece)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


class Image(Phone):
    """A phone with a call, so that what is fetched stays a file."""

    # whether it knows the provider's authority by CaFile
    CA_FILE = True

    def upgradable(self, **firmware):
        self.authority = certificates.Authority()
        self.SECTIONS = {'Tls': {'CaFile': self.authority.path}} if self.CA_FILE else {}
        client = super().upgradable(**firmware)
        self.call = self.inhibit()
        self.image_path = os.path.join(self.daemon.state_dir, 'firmware', 'image')
        return client

    def fetch(self, rule, digest):
        """Until what the rule names is here, and is the same."""
        self.client.set(Upgrade_Rule=rule)
        wait.until(lambda: self.state() == 'waiting-idle' and digest_of(self.image_path) == digest, f'the image of {rule}')


class Ways(Image):
    def put(self, server, name):
        """Something of its own; its digest."""
        data = hashlib.shake_256(name.encode()).digest(300_000)
        server.put('/' + name, data)
        return hashlib.sha256(data).hexdigest()

    def test_every_way(self):
        """an image comes as it is by TFTP, HTTP and HTTPS, from the servers of SRV records, and through a proxy, and the last is installed when the call is
        over (UPG-2, UPG-3, DISC-8, HTTP-10)"""
        servers.address(HOST)
        client = self.upgradable()
        tftp = self.enterContext(servers.Atftpd())
        web = self.enterContext(servers.Nginx(tls=self.authority.issue('127.0.0.1')))
        far = self.enterContext(servers.Nginx(host=HOST, tls=self.authority.issue(DOMAIN)))
        self.enterContext(servers.DnsmasqTftp(dns=[f'host-record=fw.{DOMAIN},{HOST}',
                                                   f'srv-host=_ciscoprov-https._tls.{DOMAIN},fw.{DOMAIN},{far.port},1,1']))
        names.use('127.0.0.1')
        squid = self.enterContext(servers.Squid())
        self.fetch(f'{tftp.url}/tftp.img', self.put(tftp, 'tftp.img'))
        self.fetch(f'{self.web.url}/http.img', self.put(self.web, 'http.img'))
        self.fetch(f'{web.url}/https.img', self.put(web, 'https.img'))
        self.fetch(f'[--srv] https://{DOMAIN}/srv.img', self.put(far, 'srv.img'))
        self.assertIn('GET /srv.img', far.access())
        self.assertEqual([one for one in squid.access() if '.img' in one[2]], [])
        client.set(Proxy_Mode='Manual', Proxy_Host='127.0.0.1', Proxy_Port=str(squid.port))
        self.fetch(f'{self.web.url}/proxy.img', self.put(self.web, 'proxy.img'))
        self.assertIn((200, 'GET', f'{self.web.url}/proxy.img'), squid.access())
        bundle = self.rauc.bundle('2.0')
        web.put('/2.0.raucb', bundle)
        self.fetch(f'{web.url}/2.0.raucb', hashlib.sha256(bundle).hexdigest())
        wait.until(lambda: (200, 'CONNECT', f'127.0.0.1:{web.port}') in squid.access(), 'the log of the tunnel')
        os.close(self.call)
        self.assertEqual(self.wait_upgraded('installed')[2], f'{web.url}/2.0.raucb')


class Large(Image):
    CA_FILE = False
    SIZE = 100 * MIB
    # bytes a second
    RATE = 48 * MIB

    def watch(self, peaks):
        """The most memory that the worker has had, for as long as there is one."""
        while not self.over.is_set():
            for pid in self.daemon.children():
                try:
                    with open(f'/proc/{pid}/status', encoding='ascii') as file:
                        peaks += [int(line.split()[1]) * 1024 for line in file if line.startswith('VmHWM:')]
                except (FileNotFoundError, ProcessLookupError):
                    # it has ended
                    continue
            time.sleep(0.02)

    def download(self, url, digest):
        """Fetches it once: (the probe, the worker's peaks, progress as (percentage, words), seconds)."""
        peaks, self.over = [], threading.Event()
        watcher = threading.Thread(target=self.watch, args=(peaks,))
        self.client.turn()
        self.client.signals.clear()
        begun = time.monotonic()
        watcher.start()
        try:
            with latency.Probe(self.bus, self.daemon) as probe:
                self.fetch(url, digest)
        finally:
            self.over.set()
            watcher.join()
        self.client.turn()
        told = [values[1]['Progress'][:2] for name, values in self.client.signals
                if name == 'PropertiesChanged' and values[0] == FIRMWARE and 'Progress' in values[1]]
        return probe, peaks, told, time.monotonic() - begun

    def test_100_mb(self):
        """while 100 MB come by HTTPS the bus is answered within 10 ms, progress is told at most four times a second, and the worker takes less than 16 MB,
        with some hundred roots of the system (UPG-3, HTTP-9)"""
        client = self.upgradable(MaxRate=str(self.RATE))
        # the second image takes the place of the first: the resync that this brings would wait for the call, and be what State tells
        client.set(Resync_After_Upgrade_Attempt='No')
        self.addCleanup(certificates.write, certificates.SYSTEM, self.authority.add_to_system())
        self.assertGreater(certificates.read(certificates.SYSTEM).count('BEGIN CERTIFICATE'), 100)
        web = self.enterContext(servers.Nginx(tls=self.authority.issue('127.0.0.1')))
        path = web.put('/fw', b'firmware')
        os.truncate(path, self.SIZE)
        digest = digest_of(path)
        # what resyncd does comes again, and what the host of a virtual machine does to it hardly ever
        for number in range(2):
            probe, peaks, told, seconds = self.download(f'{web.url}/fw?{number}', digest)
            self.assertEqual(client.property('State'), 'upgrading')
            # what the client's clock shows begins before the first and ends after the last; a first and an end may be told beside
            self.assertTrue(3 <= len(told) <= 4 * seconds + 2, (len(told), seconds))
            shares = [share for share, words in told if words.startswith('Downloading')]
            self.assertEqual((shares, len(shares) >= 3), (sorted(shares), True), told)
            self.assertLess(max(peaks), (1 << 40) if tree.is_sanitized() else 16 * MIB)
            if not probe.faults():
                break
        probe.check()


class Rules(Phone):
    def test_assignments(self):
        """an alternative assigns before its image is fetched, and may assign alone; a rule may not assign to itself, and that of the user class to nothing;
        what cannot be stored is skipped and said (RULE-1, RULE-2, RULE-5, UPG-1)"""
        client = self.upgradable()
        url = self.image('2.0')
        client.set(Upgrade_Rule=f'($SWVER lt 2.0)? (GPP_B = "from $SWVER"; Resync_Periodic = "never"; )! {url} | (GPP_C = "$SWVER"; )!')
        self.assertEqual(self.wait_upgraded()[1], 'installed')
        self.assertEqual((client.get('GPP_B'), client.get('GPP_C'), client.get('Resync_Periodic')), ('from 1.0', '', '0'))
        self.assertRegex(self.daemon.log(), 'Upgrade_Rule.*Resync_Periodic.*skipped')
        self.reboot()
        self.assertEqual(self.wait_upgraded()[1], 'success')
        wait.until(lambda: client.get('GPP_C') == '2.0', 'what the second alternative assigns')
        self.assertEqual((client.get('GPP_B'), self.state()), ('from 1.0', 'idle'))
        client.wait_signal('Changed', lambda changed: changed == ['GPP_C'])
        # looked at once more it changes nothing
        client.signals.clear()
        self.assertEqual(self.run_resync()[0], 'unchanged')
        attempt = self.upgrade()
        self.assertEqual(self.wait_upgraded()[:2], (attempt, 'skipped'))
        self.assertNotIn('Changed', [name for name, values in client.signals])
        for rule in (f'(Upgrade_Rule = "{url}"; )!', f'(GPP_D = "x"; Upgrade_Rule = ""; )! {url}'):
            client.set(Upgrade_Rule=rule)
            self.assertRegex(self.wait_upgraded('failed')[3], 'it assigns to Upgrade_Rule itself')
        self.assertEqual(client.get('GPP_D'), '')

    def test_user_class(self):
        """what the user class wrote assigns nothing, and shows nobody an account that another wrote: it would reach further than that class may; who asks
        by hand is another (RULE-1, RULE-10, HTTP-3)"""
        client = self.upgradable()
        self.web.put('/profile.xml', '<flat-profile><Upgrade_Rule ua="rw"></Upgrade_Rule></flat-profile>')
        self.assertEqual(self.run_resync()[0], 'success')
        # what the profile has shall not take the place of the rules below
        client.set(Resync_After_Upgrade_Attempt='No')

        def write(rule):
            self.assertEqual(callers.may(self.bus, 'lab-lcd', 'Set', GLib.Variant('(a{ss})', ({'Upgrade_Rule': rule},)).print_(True),
                                         bus.NAME + '.Parameters'), '')
        write(f'(GPP_B = "x"; )! {self.web.url}/2.0.raucb')
        self.assertRegex(self.wait_upgraded('failed')[3], 'a rule that the user class wrote may assign nothing')
        self.assertEqual((client.get('GPP_B'), self.fetched('2.0.raucb')), ('', 0))
        curious = self.enterContext(servers.Scripted(lambda request: servers.Reply(401, headers={
            'WWW-Authenticate': 'Digest realm="a", nonce="n", qop="auth"'})))
        client.set(Profile_Authentication_Type='Basic Http Authentication', Profile_Account_User='phone', Profile_Account_Password='s3cret')
        for ask, shown in ((write, False), (self.upgrade, True), (lambda rule: client.set(Upgrade_Rule=rule), True)):
            ask(f'{curious.url}/{len(curious.requests)}')
            self.assertIn('401', self.wait_upgraded('failed')[3])
            self.assertEqual('authorization' in curious.requests[-1].headers, shown)

    def test_server_of_its_own(self):
        """loopback counts where the rule or resyncd.conf names it, and not where the server is the one that a network named (HTTP-12)"""
        client = self.upgradable()
        for version in ('2.0', '3.0'):
            self.image(version)
        self.config['Network']['Options'] = f'66={self.web.url}'
        self.cut()
        self.boot('A')
        client.set(Profile_Rule='/profile.xml')
        self.assertEqual(self.run_resync()[0], 'unchanged')
        fd = self.inhibit()
        self.upgrade('/2.0.raucb')
        self.wait_state('waiting-idle')
        client.call('Cancel', None, FIRMWARE)
        self.assertEqual(self.wait_upgraded()[1], 'cancelled')
        os.close(fd)
        # a phone whose servers come from leases
        del self.config['Network']
        self.cut()
        self.boot('A')
        self.upgrade('/3.0.raucb')
        self.assertRegex(self.wait_upgraded()[3], '127.0.0.1.*loopback')
        self.assertEqual(self.fetched('3.0.raucb'), 0)
        self.upgrade(f'{self.web.url}/3.0.raucb')
        self.assertEqual(self.wait_upgraded()[1], 'installed')


if __name__ == '__main__':
    tap.main('box')
