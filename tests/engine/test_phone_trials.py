#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a phone in the field must survive: servers that cannot be trusted, passwords, load. Runs in
the laboratory: resyncd as its own user on the system bus, servers on the provider's host."""

import base64
import os
import shutil
import stat
import sys
import tempfile
import threading
import time

from phone import DNS, Case, bus, lab, profile, servers, tap, wait
from lib import certificates, latency, process, store

Reply = servers.Reply


def setUpModule():  # noqa: N802 (unittest's name)
    # a lease that names nobody: no discovery comes in between
    lab.options(DNS)
    lab.renew()


class Untrusted(Case):
    def setUp(self):
        self.authority = certificates.Authority()
        os.chmod(self.authority.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.authority.folder)

    def trusting(self, **more):
        return self.phone(config={'Tls': {'CaFile': self.authority.path}}, fresh=False, **more)

    def secure(self, certificate):
        """A server that would give a new value to whom it can persuade."""
        return self.serve(lambda request: Reply(body=profile(GPP_A='new')), tls=certificate)

    def test_each_fault(self):
        """each certificate that is not right: Untrusted, class C, the fault in words, nothing asked and nothing changed (HTTP-9)"""
        other = certificates.Authority('Elsewhere')
        self.addCleanup(shutil.rmtree, other.folder)
        issue = self.authority.issue
        table = [(issue(lab.HOST, begins=-172800, ends=-60), 'has expired'),
                 (issue(lab.HOST, begins=3600), 'not yet valid'),
                 (issue('other.lab'), f'another name (other.lab, not {lab.HOST})'),
                 (other.issue(lab.HOST), 'not trusted (CN=Elsewhere)'),
                 (issue(lab.HOST, self_signed=True), 'self-signed')]
        bad = [(self.secure(certificate), fault) for certificate, fault in table]
        with lab.provider():
            old = self.enterContext(servers.Nginx(host=lab.SERVER, port=4443, tls=issue(lab.HOST), protocols='TLSv1.1'))
        old.put('/p.xml', profile(GPP_A='new'))
        client = self.trusting()
        client.set(GPP_A='old')
        for server, fault in [*bad, (old, 'too old')]:
            with self.subTest(fault):
                result, _url, message, details = self.run_resync(f'https://{lab.HOST}:{server.port}/p.xml')
                self.assertEqual((result, details['class'], details['error']), ('failed', 'C', 'Untrusted'), message)
                self.assertIn(fault, message)
                self.assertEqual(client.get('GPP_A'), 'old')
        self.assertEqual([server.requests for server, _fault in bad], [[]] * len(bad))
        self.assertEqual(old.access(), '')
        good = self.secure(issue(lab.HOST))
        self.assertEqual(self.run_resync(f'https://{lab.HOST}:{good.port}/p.xml')[0], 'success')

    def test_clock_not_set(self):
        """before the clock is set a certificate that fails by its dates only is waited for, which is no failure; a good one is
        good, and any other fault is one (HTTP-11)"""
        folder = tempfile.mkdtemp(prefix='state-')
        self.addCleanup(shutil.rmtree, folder)
        shutil.chown(folder, 'resyncd', 'resyncd')
        # the phone knows that it is later than its clock says
        store.write_state(folder, 'resyncd', **{'last-wall': int((time.time() + 7200) * 1e6)})
        issue = self.authority.issue
        early = self.secure(issue(lab.HOST, begins=3600))
        wrong = self.secure(issue('other.lab', begins=3600))
        good = self.secure(issue(lab.HOST))
        client = self.trusting(state_dir=folder)
        client.set(Resync_Error_Retry_Delay='3600', Profile_Rule=f'https://{lab.HOST}:{early.port}/p.xml')
        # the attempt of the boot may have come before the rule
        self.calm()
        before = client.status()
        _result, _url, message, details = self.run_resync()
        self.assertIn("clock is not set", message)
        self.assertEqual(details['error'], 'Untrusted')
        self.calm()
        status = client.status()
        self.assertEqual((status['waiting-for'], client.property('NextResync')), ('clock', 0))
        for key in ('failure-reason', 'provisioning-1'):
            self.assertEqual(status.get(key), before.get(key))
        client.set(Profile_Rule=f'https://{lab.HOST}:{wrong.port}/p.xml')
        _result, _url, message, details = self.run_resync()
        self.assertIn('another name', message)
        self.assertIn('failure-reason', client.status())
        client.wait_property('NextResync', lambda at: 3590 < at / 1e6 - time.time() < 3602)
        client.set(Profile_Rule=f'https://{lab.HOST}:{good.port}/p.xml')
        self.assertEqual(self.run_resync()[0], 'success')
        self.assertNotIn('waiting-for', client.status())
        self.assertEqual((early.requests, wrong.requests), ([], []))


def basic(user, password):
    return 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()


def guarded(request):
    """A server that wants a password by Basic."""
    if request.headers.get('authorization') == basic('user', 'canary'):
        return Reply(body=profile(GPP_A='in'))
    return Reply(401, headers={'WWW-Authenticate': 'Basic realm="phones"'})


class Passwords(Case):
    ACCOUNT = {'Profile_Authentication_Type': 'Basic Http Authentication', 'Profile_Account_User': 'user',
               'Profile_Account_Password': 'canary'}
    RULE = '[--uid user --pwd canary] '

    def test_redirects(self):
        """301 and 302 are followed, to another host without the credentials of the rule (HTTP-2)"""
        other = self.serve(lambda request: Reply(body=profile(GPP_A='moved')) if request.target == '/open' else guarded(request))

        def answer(request):
            if request.headers.get('authorization') != basic('user', 'canary'):
                return guarded(request)
            moved = {'/a': (301, '/b'), '/b': (302, f'http://{lab.SERVER}:{other.port}/open'),
                     '/c': (302, f'http://{lab.SERVER}:{other.port}/closed')}
            status, where = moved[request.target]
            return Reply(status, headers={'Location': where})
        first = self.serve(answer)
        client = self.phone(fresh=False)
        result, url, message, _details = self.run_resync(f'{self.RULE}http://{lab.HOST}:{first.port}/a')
        self.assertEqual((result, client.get('GPP_A')), ('success', 'moved'), message)
        self.assertEqual(url, f'http://{lab.SERVER}:{other.port}/open')
        result, url, message, details = self.run_resync(f'{self.RULE}http://{lab.HOST}:{first.port}/c')
        self.assertEqual((result, details['class'], details['http-status']), ('failed', 'C', 401), message)
        self.assertEqual(other.targets(), ['/open', '/closed'])
        self.assertEqual([request.headers.get('authorization') for request in other.requests], [None, None])
        self.assertNotIn('canary', repr(client.signals) + repr(client.status()) + self.daemon.log())

    def check(self, url, rule, account, good):
        """A phone with the credentials in its rule or as its account is let in, or is not."""
        client = self.client
        client.set(Profile_Rule=(self.RULE if rule else '') + url, GPP_A='out',
                   **(self.ACCOUNT if account else {'Profile_Authentication_Type': 'Disabled'}))
        result, _url, message, details = self.run_resync()
        self.assertEqual((result, client.get('GPP_A')), ('success', 'in') if good else ('failed', 'out'), message)
        self.assertTrue(good or details['class'] == 'C')

    def test_basic(self):
        """Basic over https by the rule or the stored account; over http by the rule only (HTTP-3)"""
        authority = certificates.Authority()
        os.chmod(authority.folder, 0o755)
        self.addCleanup(shutil.rmtree, authority.folder)
        secure = self.serve(guarded, tls=authority.issue(lab.HOST))
        plain = self.serve(guarded)
        self.phone(fresh=False, config={'Tls': {'CaFile': authority.path}})
        for server, rule, account, good in ((secure, True, False, True), (secure, False, True, True), (secure, False, False, False),
                                            (plain, True, False, True), (plain, False, True, False)):
            with self.subTest(url=server.url, rule=rule, account=account):
                url = server.url.replace(lab.SERVER, lab.HOST)
                self.check(url + '/p.xml', rule, account, good)
        # never more than asked for: no password went over http but the rule's
        self.assertEqual([request.headers.get('authorization') for request in plain.requests],
                         [None, basic('user', 'canary'), None])

    def test_digest(self):
        """Digest with MD5 and SHA-256 by a server that others wrote, by the rule and by the account (HTTP-3)"""
        self.phone(fresh=False)
        for port, algorithm in ((8101, 'MD5'), (8102, 'SHA-256')):
            with lab.provider():
                server = self.enterContext(servers.Lighttpd(host=lab.SERVER, port=port, auth=(algorithm, 'user', 'canary', 'phones')))
            server.put('/p.xml', profile(GPP_A='in'))
            for rule, account, good in ((True, False, True), (False, True, True), (False, False, False)):
                with self.subTest(algorithm=algorithm, rule=rule, account=account):
                    self.check(f'http://{lab.HOST}:{port}/p.xml', rule, account, good)


class Overload(Case):
    def refused(self, **more):
        """A phone whose server refuses it. A call holds automatic attempts back, so that they do not come in between."""
        client = self.phone(fresh=False, **more)
        reply, fds = client.connection.call_with_unix_fd_list_sync(
            bus.NAME, bus.PATH, bus.NAME, 'Inhibit', bus.GLib.Variant('(ss)', ('sip', 'a call')), None, 0, 5000, None, None)
        self.assertEqual(reply.unpack(), (0,))
        for fd in fds.steal_fds():
            self.addCleanup(os.close, fd)
        client.set(Resync_Error_Retry_Delay='3600', Profile_Rule=f'http://{lab.HOST}:9/p.xml')
        # a lease that comes later would ask for an attempt of its own
        wait.until(lambda: 'network up' in self.daemon.log(), 'the lease')

    def wait_after_attempt(self):
        """Seconds from a refused attempt to the next one."""
        result, _url, message, _details = self.run_resync(force=True)
        self.assertEqual(result, 'failed')
        self.assertIn('refused', message)
        self.client.wait_property('State', lambda state: state != 'resyncing')
        return self.client.property('NextResync') / 1e6 - time.time()

    def test_young(self):
        """in the first 10 minutes after the boot a refused connection is overload: at once again, 5 times (HTTP-5)"""
        self.refused(boot_age=60)
        waits = [self.wait_after_attempt() for _ in range(6)]
        self.assertLess(max(waits[:5]), 61)
        self.assertGreater(waits[5], 3500)

    def test_old(self):
        """later it is a failure like any other (HTTP-5, HTTP-6)"""
        self.refused(boot_age=1200)
        self.assertGreater(self.wait_after_attempt(), 3500)




def workers():
    """Processes of the worker."""
    found = []
    for pid in os.listdir('/proc'):
        if pid.isdigit():
            try:
                if os.path.basename(os.readlink(f'/proc/{pid}/exe')).startswith('resyncd-worker'):
                    found.append(pid)
            except OSError:
                pass
    return found


def fields(pid, file):
    """A /proc/PID/FILE of NAME: VALUE lines."""
    with open(f'/proc/{pid}/{file}', encoding='ascii', errors='replace') as stream:
        return {line.split(':')[0]: line.split(':', 1)[1].split() for line in stream if ':' in line}


class Manners(Case):
    NAMES = [f'GPP_{letter}' for letter in 'ABCDEFGHIJKLMNOP']

    def fetch(self, elements):
        """Profiles with so many elements are fetched, read and applied."""
        filler = ''.join(f'<Unknown_{n}>{"x" * 330}</Unknown_{n}>' for n in range(elements))
        large = profile(**{name: 'y' * 1000 for name in self.NAMES}).replace('</flat-profile>', filler + '</flat-profile>')
        # two of them by turns, so that there is something to store each time
        for number in '12':
            lab.put(f'/large{number}.xml', large.replace('yyyy', number * 4))
        for number in '12121212':
            result, _url, message, _details = self.run_resync(f'http://{lab.HOST}/large{number}.xml')
            self.assertEqual(result, 'success', message)

    def test_answers(self):
        """D-Bus is answered at once while a profile is fetched, read and applied, one of 5 MB too"""
        self.phone(fresh=False)
        self.addCleanup(lab.remove, '/large1.xml')
        self.addCleanup(lab.remove, '/large2.xml')
        for elements in (800, 14000):
            with latency.Probe(self.daemon.bus, self.daemon, limit=100) as probe:
                self.fetch(elements)
            probe.check()

    def test_modest(self):
        """its own user, no capability, private files; after 20 good, 20 failed and 20 cancelled resyncs no worker, no open file and
        little memory is left (STORE-3)"""
        count, gate = [0], threading.Event()
        self.addCleanup(gate.set)

        def answer(request):
            count[0] += 1
            gate.wait(wait.PATIENCE)
            return Reply(body=profile(GPP_A=str(count[0])))
        server = self.serve(answer)
        silent = self.serve(lambda request: Reply(delay=10))
        client = self.phone(fresh=False)
        pid = self.daemon.pid
        client.set(Profile_Rule=f'http://{lab.HOST}:{server.port}/p.xml')
        attempt = client.resync()
        wait.until(lambda: server.requests, 'the request')
        worker = workers()
        for one in (pid, worker[0]):
            status = fields(one, 'status')
            self.assertEqual(len(set(status['Uid'])), 1)
            self.assertEqual(int(status['Uid'][0]), os.stat(self.daemon.state_dir).st_uid)
            self.assertNotEqual(status['Uid'][0], '0')
            self.assertEqual({status[name][0].strip('0') for name in ('CapEff', 'CapPrm', 'CapInh', 'CapBnd', 'CapAmb')}, {''})
            self.assertEqual(status['NoNewPrivs'], ['1'])
        gate.set()
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        self.calm()
        wait.until(lambda: not workers(), 'the end of the worker')
        before = sorted(path.split(':')[0] for path in process.open_files(pid))
        for _ in range(20):
            self.assertEqual(self.run_resync()[0], 'success')
            self.assertEqual(self.run_resync(f'http://{lab.HOST}:9/p.xml')[0], 'failed')
            attempt = client.resync(f'http://{lab.SERVER}:{silent.port}/p.xml')
            wait.until(workers, 'a worker', step=0.001)
            client.call('Cancel')
            self.assertEqual(client.wait_finished(attempt)[0], 'cancelled')
        self.calm()
        wait.until(lambda: not workers(), 'the end of the worker')
        after = sorted(path.split(':')[0] for path in process.open_files(pid))
        self.assertEqual(before, after)
        self.assertEqual(stat.S_IMODE(os.stat(self.daemon.state_dir).st_mode), 0o700)
        for name in os.listdir(self.daemon.state_dir):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.daemon.state_dir, name)).st_mode), 0o600, name)
        memory = fields(pid, 'smaps_rollup')
        print(f'idle after 61 resyncs: PSS {memory["Pss"][0]} kB, private dirty {memory["Private_Dirty"][0]} kB, '
              f'{len(after)} open files', file=sys.stderr)


if __name__ == '__main__':
    tap.main('lab')
