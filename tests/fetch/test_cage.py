# SPDX-License-Identifier: LGPL-2.1-or-later
"""The worker in its cage: what holds it while it works, that whatever a system has configured it fails or works but is
not killed, that the profiles that resyncd.conf allows fit in, and that there is no download without Landlock."""

import ctypes
import errno
import glob
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, certificates, encrypted, process, scripted, servers, tap, tree, wait  # noqa: E402

import jobs  # noqa: E402
from jobs import PROFILE  # noqa: E402
from lib.servers import Reply, Scripted  # noqa: E402

HOST = 'prov.example'
ADDRESS = '192.0.2.40'
MIB = 1 << 20
LANDLOCK_CREATE_RULESET, LANDLOCK_VERSION = 444, 1
PEEK = os.path.join(tree.BUILD, 'tests', 'cage', 'libpeek.so')
NO_LANDLOCK = os.path.join(tree.BUILD, 'tests', 'cage', 'no-landlock')


def _read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def _landlock_abi():
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_VERSION)


def _mounted(script):
    """A command in front of another that changes what is mounted, for that one alone."""
    return ['unshare', '--mount', 'sh', '-ec', script + '; exec "$@"', 'sh']


def _flat(names, size, letter):
    """A profile of that many parameters and about as many letters."""
    each = max(1, size // names)
    return '<flat-profile>' + ''.join(f'<P{i:06}>{letter * each}</P{i:06}>' for i in range(names)) + '</flat-profile>'


class Held(unittest.TestCase):
    def caged_worker(self, url, **fields):
        """The status and the limits of a worker that waits for its server."""
        daemon = subprocess.Popen(jobs.command(url, **fields), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)

        def status():
            child = process.children(daemon.pid)
            if not child:
                return None
            text = _read(f'/proc/{child[0]}/status')
            return (text, _read(f'/proc/{child[0]}/limits')) if '\nSeccomp:\t2\n' in text else None
        text, limits = wait.until(status, 'the filter of the worker')
        fields_ = dict(line.split(':\t', 1) for line in text.splitlines() if ':\t' in line)
        rows = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
        return fields_, rows

    def test_while_it_waits(self):
        """the filter, no new privileges, and limits that follow from the request"""
        with scripted.Mute() as server:
            for max_bytes, max_parameters in ((8 * MIB, 20000), (100 * MIB, 200000)):
                with self.subTest(max_bytes):
                    status, limits = self.caged_worker(server.url, max_bytes=max_bytes, max_parameters=max_parameters,
                                                       transfer_timeout=60)
                    self.assertEqual((status['NoNewPrivs'], status['Seccomp_filters']), ('1', '1'))
                    self.assertEqual(limits['Max cpu time'], ['65', '66'])
                    self.assertEqual(limits['Max core file size'], ['0', '0'])
                    self.assertEqual(limits['Max open files'], ['64', '64'])
                    if tree.is_sanitized():
                        continue
                    self.assertEqual(limits['Max file size'], ['0', '0'])
                    room = int(limits['Max address space'][0]) - 1024 * int(status['VmSize'].split()[0])
                    wanted = 16 * MIB + 9 * max_bytes + 256 * max_parameters
                    self.assertTrue(wanted - 8 * MIB < room <= wanted, room)


class Files(unittest.TestCase):
    def peek(self, url, files, **fields):
        """What a worker is told that tries to read these when it goes to its server: errno by name."""
        script = servers.write(tempfile.mkdtemp(prefix='worker-'), 'worker', (
            f'#!/bin/sh\nexport PEEK={":".join(files)} ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"\n'
            f'LD_PRELOAD={PEEK} exec {jobs.WORKER} "$@"\n'))
        os.chmod(script, 0o755)
        done = subprocess.run(jobs.command(url, worker=script, **fields), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=True)
        self.assertIn('"ok": true', done.stdout)
        return {words[1]: errno.errorcode.get(int(words[2]), '') for words in map(str.split, done.stderr.splitlines())
                if words[0] == 'peek'}

    def test_read(self):
        """what the worker itself can read of the phone: names and roots, and not the store, nor anything else; a job of TFTP reaches
        no port of TCP but that of the DNS, where the kernel can tell ports"""
        store = servers.write('/', 'var/lib/resyncd/parameters.conf', 'secret')
        key = servers.write('/', 'etc/phone.key', 'secret')
        roots = certificates.Authority('Roots').path
        needed = ['/etc/hosts', '/etc/resolv.conf', roots]
        others = [store, key, '/etc/passwd', '/etc/shadow', '/etc/machine-id', '/proc/1/environ', '/', '/etc', '/usr/bin/sh']
        if not tree.is_sanitized():
            # whose checks read of their own process
            others.append('/proc/self/environ')
        with Scripted({'/a': Reply(body=PROFILE)}) as web, servers.Atftpd() as tftp:
            told = self.peek(web.url + '/a', needed + others, ca_file=roots)
            self.assertEqual(told, {**{path: '' for path in needed}, **{path: 'EACCES' for path in others}, 'tcp': 'ECONNREFUSED'})
            tftp.put('a', PROFILE)
            told = self.peek(tftp.url + '/a', [roots, *others], ca_file=roots)
            ports = 'EACCES' if _landlock_abi() >= 4 else 'ECONNREFUSED'
            self.assertEqual(told, {**{path: 'EACCES' for path in [roots, *others]}, 'tcp': ports})


class Surroundings(unittest.TestCase, jobs.Asserts):
    @classmethod
    def setUpClass(cls):
        cls.authority = certificates.Authority('Provider CA')
        servers.address(ADDRESS)
        servers.name(HOST, ADDRESS)

    def change(self, path, text):
        """Another text in a file of the private /etc, for this test."""
        before = _read(path) if os.path.exists(path) else None

        def restore():
            if before is None:
                os.unlink(path)
            else:
                servers.write('/', path, before)
        self.addCleanup(restore)
        servers.write('/', path, text)

    def fetch(self, url, **fields):
        """A job that must have ended by itself, well or not."""
        job = jobs.run(url, literal_address='', **fields)
        self.assertNotIn('sandbox', job.message)
        self.assertNotIn('died', job.message)
        return job

    # HTTP-5
    def test_name_service_modules(self):
        """modules of the name service that resolve on many systems cannot be loaded, and nobody dies of it"""
        real = glob.glob('/usr/lib/*/libnss_hesiod.so.2')[0]
        for name in ('mymachines', 'resolve', 'mdns4_minimal', 'myhostname'):
            path = real.replace('hesiod', name)
            if not os.path.exists(path):
                shutil.copy(real, path)
                self.addCleanup(os.unlink, path)
        self.change('/etc/nsswitch.conf', 'hosts: mymachines resolve [!UNAVAIL=return] mdns4_minimal [NOTFOUND=return] '
                    'files myhostname dns\n')
        self.change('/etc/resolv.conf', 'nameserver 127.0.0.1\n')
        with servers.Nginx(host=ADDRESS) as web, servers.DnsmasqTftp(dns=[f'host-record=only-dns.example,{ADDRESS}']):
            web.put('/a.xml', PROFILE)
            for host in (HOST, 'only-dns.example'):
                with self.subTest(host):
                    job = self.fetch(f'http://{host}:{web.port}/a.xml')
                    self.assertTrue(job.ok, job.message)
            job = self.fetch('tftp://nowhere.example/a')
            self.assertEqual(job.code, 'Unreachable')

    def test_without_chance(self):
        """no /dev/urandom: GLib makes do with the time and its own number"""
        with Scripted({'/': [Reply(401, headers={'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"'}),
                             Reply(body=PROFILE)]}) as server:
            job = jobs.run(server.url + '/', _mounted('mount -t tmpfs tmpfs /dev; mknod -m 666 /dev/null c 1 3'),
                           user='phone', password='secret')
            self.assertTrue(job.ok, job.message)
            self.assertIn('cnonce', server.requests[1].headers['authorization'])

    # HTTP-5, HTTP-9
    def test_empty_etc(self):
        """no resolver configuration, no roots: errors, and what needs neither works"""
        empty = _mounted('mount -t tmpfs tmpfs /etc')
        with servers.Nginx() as server:
            server.put('/a.xml', PROFILE)
            job = jobs.run(server.url + '/a.xml', empty)
            self.assertTrue(job.ok, job.message)
        for scheme in ('http', 'https', 'tftp'):
            with self.subTest(scheme):
                self.assertEqual(self.fetch(f'{scheme}://nowhere.example/a', inside=empty, connect_timeout=2).code, 'Unreachable')
        with servers.Nginx(tls=self.authority.issue('127.0.0.1')) as server:
            job = jobs.run(server.url + '/a.xml', empty, system_ca=True)
            self.assertEqual((job.ok, job.code), (False, 'Untrusted'), job.message)

    # TFTP-1
    def test_large_dns_answer(self):
        """an answer that does not fit a datagram comes by TCP, also for a job of TFTP"""
        self.change('/etc/resolv.conf', 'nameserver 127.0.0.1\n')
        records = [f'host-record=many.example,192.0.2.{i}' for i in range(100, 160)]
        subprocess.run(['ip', 'address', 'replace', '192.0.2.100/24', 'dev', 'lo'], check=True)
        with servers.DnsmasqTftp(dns=records):
            job = self.fetch('tftp://many.example:7/a')
            self.assertEqual(job.code, 'Unreachable')
            self.assertIn('the request was refused', job.message)
            self.assertTrue(job.server_address.startswith('192.0.2.'))


class Room(unittest.TestCase, jobs.Asserts):
    def assert_fits(self, bodies, **fields):
        with Scripted({f'/{name}': Reply(body=body) for name, body in bodies.items()}) as server:
            for name, body in bodies.items():
                with self.subTest(name):
                    self.assertLessEqual(len(body), fields['max_bytes'])
                    job = jobs.run(f'{server.url}/{name}', **fields)
                    self.assertTrue(job.ok, job.message)

    # PROF-8
    def test_default_limits(self):
        """profiles of 8 MB and of 20000 parameters, in every form that takes memory"""
        full = 8 * MIB - 2000
        wide = '\ufeff' + _flat(210, full // 2 - 5000, '\u4e00')
        accents = "<?xml version='1.0' encoding='ISO-8859-1'?>" + _flat(270, full - 9000, '\u00e9')
        self.assert_fits({'many': _flat(20000, full - 20000 * 20, 'v').encode(),
                          'packed-twice': gzip.compress(gzip.compress(wide.encode('utf-16-le'))),
                          'stored-twice': gzip.compress(gzip.compress(_flat(130, full - 9000, 'v').encode(), 0), 0),
                          'accents': accents.encode('latin-1')}, max_bytes=8 * MIB, max_parameters=20000)

    # ENC-1, ENC-2
    def test_encrypted(self):
        """what is encrypted as well has room for the file and what it holds"""
        full = 8 * MIB - 20000
        wide = gzip.compress(('\ufeff' + _flat(210, full // 2 - 5000, '\u4e00')).encode('utf-16-le'))
        accents = ("<?xml version='1.0' encoding='ISO-8859-1'?>" + _flat(270, full - 9000, '\u00e9')).encode('latin-1')
        self.assert_fits({'cbc-packed': encrypted.openssl('-md', 'sha256', data=wide, key='k'),
                          'cbc-last': encrypted.openssl('-pbkdf2', data=accents, key='k')}, key='k', max_bytes=8 * MIB, max_parameters=20000)
        packed = encrypted.seal(gzip.compress(accents, 0), b'0123456789abcdef', 1 << 20)
        self.assert_fits({'ece': encrypted.seal(accents, b'0123456789abcdef', 1 << 20), 'ece-packed': packed,
                          'ece-packed-twice': gzip.compress(packed, 0)}, ikm='0123456789abcdef', max_bytes=8 * MIB,
                         max_parameters=20000)

    # PROF-8
    def test_raised_limits(self):
        """what resyncd.conf allows has room, for the worker's memory follows from it"""
        accents = "<?xml version='1.0' encoding='ISO-8859-1'?>" + _flat(900, 23 * MIB, '\u00e9')
        self.assert_fits({'many': _flat(200000, 6 * MIB, 'v').encode(), 'accents': accents.encode('latin-1')},
                         max_bytes=24 * MIB, max_parameters=200000)


class WithoutLandlock(unittest.TestCase, jobs.Asserts):
    @classmethod
    def setUpClass(cls):
        servers.address(ADDRESS)

    # HTTP-5
    def test_worker(self):
        """no job is done, and the outcome says why; with AllowWeakSandbox it is"""
        with servers.Nginx() as server:
            server.put('/a.xml', PROFILE)
            for code in ('ENOSYS', 'EOPNOTSUPP', 'EPERM'):
                with self.subTest(code):
                    job = jobs.run(server.url + '/a.xml', [NO_LANDLOCK, code])
                    self.assertEqual((job.ok, job.code, job.__dict__['class']), (False, 'Failed', 'C'))
                    self.assertIn('it has no Landlock', job.message)
                    self.assertIn('AllowWeakSandbox=true', job.message)
            self.assertEqual(server.access(), '')
            job = jobs.run(server.url + '/a.xml', [NO_LANDLOCK, 'ENOSYS'], allow_weak_sandbox=True)
            self.assertTrue(job.ok, job.message)

    # HTTP-5
    def test_daemon(self):
        """the status page warns, either that nothing is downloaded or that the sandbox is weak"""
        with servers.Nginx(host=ADDRESS) as server, bus.Bus() as message_bus:
            server.put('/a.xml', PROFILE)
            for weak, warning in (('false', 'nothing is downloaded'), ('true', '[Worker] AllowWeakSandbox: ')):
                config = {'Network': {'Manager': 'none', 'Options': f'66={server.url}/a.xml'},
                          'Worker': {'AllowWeakSandbox': weak}}
                with self.subTest(weak=weak), \
                        bus.Daemon(message_bus, config=config, inside=[NO_LANDLOCK, 'ENOSYS']) as daemon:
                    client = bus.Client(message_bus)
                    status = client.wait_property('Status', lambda now: 'provisioning-1' in now)
                    self.assertEqual([warning in text for text in status['warnings']], [True])
                    _, result, _, message = status['provisioning-1']
                    self.assertEqual((result, 'no Landlock' in message),
                                     ('success', False) if weak == 'true' else ('failed', True))
                    self.assertIn(warning, daemon.log())


if __name__ == '__main__':
    tap.main('box')
