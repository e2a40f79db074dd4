# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxy auto-configuration files: what the worker makes of what they say, and what they cannot do to it."""

import concurrent.futures
import errno
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import process, servers, tap, tree, wait  # noqa: E402

import jobs  # noqa: E402

JOB_PROXY = 2
TARGET = 'https://prov.example:8443/'
OWN = '192.0.2.9'
MAX = 256 * 1024
LIBRARY = '/usr/lib/libpacparser.so.1'
PEEK = os.path.join(tree.BUILD, 'tests', 'cage', 'libpeek.so')
# one that dies of its stack shall die as it would on a phone
CRASHING = ['env', f'ASAN_OPTIONS={os.environ.get("ASAN_OPTIONS", "")}:handle_segv=0']


def finding(body):
    """A file whose function has this body."""
    return 'function FindProxyForURL(url, host) {\n' + body + '\n}\n'


def saying(answer):
    return finding(f'return {answer};')


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = servers.Nginx()
        cls.addClassCleanup(cls.server.close)

    def ask(self, script, inside=(), path='/proxy.pac', **fields):
        self.server.put(path, script)
        return jobs.run(self.server.url + path, inside, **{'kind': JOB_PROXY, 'target': TARGET, 'own_address': OWN,
                                                                   'max_bytes': MAX, 'max_parameters': 1, **fields})

    def assert_says(self, script, proxies, **fields):
        job = self.ask(script, **fields)
        self.assertTrue(job.ok, job.message)
        self.assertEqual((job.proxies, job.assignments, job.digest), (proxies, {}, ''))
        return job

    def assert_fails(self, script, text, code='Failed', path='/proxy.pac', **fields):
        job = self.ask(script, path=path, **fields)
        self.assertEqual((job.ok, job.code, job.proxies), (False, code, ''), job.message)
        self.assertEqual(job.__dict__['class'], 'B' if code in ('NotFound', 'Corrupt') else 'C')
        self.assertIn(text, job.message)
        self.assertTrue(job.message.startswith(f'{self.server.url}{path}: '), job.message)
        return job


class Answers(Case):
    # HTTP-10
    def test_lists(self):
        """what a file answers becomes a list of proxies in its order, without what speaks no HTTP"""
        for answer, proxies in (
                ('"DIRECT"', 'DIRECT'), ('"PROXY 192.0.2.7:3128"', '192.0.2.7:3128'), ('"PROXY proxy.example"', 'proxy.example:80'),
                ('"proxy 192.0.2.7:1; Direct"', '192.0.2.7:1;DIRECT'), ('"HTTP 192.0.2.7:1"', '192.0.2.7:1'),
                ('"PROXY [2001:db8::7]:3128"', '[2001:db8::7]:3128'), ('" ;PROXY\\t192.0.2.7:1 ;; DIRECT; "', '192.0.2.7:1;DIRECT'),
                ('"SOCKS a.example:1080; PROXY b.example:2; HTTPS c.example:443; SOCKS5 d.example:1; DIRECT"', 'b.example:2;DIRECT'),
                ('"' + 'PROXY p.example:1;' * 20 + '"', ';'.join(['p.example:1'] * 8)), ('""', 'DIRECT'), ('null', 'DIRECT'),
                ('undefined', 'DIRECT')):
            with self.subTest(answer):
                self.assert_says(saying(answer), proxies)

    # HTTP-10
    def test_what_it_is_told(self):
        """scheme, host and port, and the phone's address; nothing of the path, and no account"""
        self.assert_says(finding('if (url != "https://prov.example:8443/" || host != "prov.example") return "told " + url + host;\n'
                                 'return "PROXY " + myIpAddress() + ":1";'), OWN + ':1')
        self.assert_says(saying('host == "2001:db8::7" ? "PROXY six.example:6" : host'), 'six.example:6', target='http://[2001:db8::7]/')

    # HTTP-10
    def test_functions(self):
        """the functions of such files are there, alert() too, and the time is the phone's"""
        self.assert_says(finding('alert("hello");\nvar good = isPlainHostName("www") && dnsDomainIs(host, ".example") && '
                                 'localHostOrDomainIs("www", "www.example") && shExpMatch(url, "https://*.example*") && '
                                 'isInNet("10.1.2.3", "10.0.0.0", "255.0.0.0") && dnsDomainLevels(host) == 1 && '
                                 'weekdayRange("SUN", "SAT") && timeRange(0, 23) && dateRange("JAN", "DEC");\n'
                                 'return good ? "PROXY good.example:1" : "DIRECT";'), 'good.example:1')
        for zone, minutes in (('Asia/Kolkata', -330), ('America/Caracas', 240)):
            self.assert_says(saying(f'new Date(2026, 0, 1).getTimezoneOffset() == {minutes} ? "DIRECT" : "PROXY utc:1"'), 'DIRECT',
                             inside=['env', f'TZ={zone}'])

    # HTTP-10
    def test_names(self):
        """names are looked up while the file runs"""
        servers.address('192.0.2.70')
        with servers.DnsmasqTftp(host='192.0.2.70', dns=['host-record=inner.example,10.9.8.7']):
            resolver = servers.write('/run', 'resolv.conf', 'nameserver 192.0.2.70\n')
            inside = ['unshare', '--mount', 'sh', '-ec', f'mount --bind {resolver} /etc/resolv.conf; exec "$@"', 'sh']
            self.assert_says(finding('if (!isResolvable("inner.example") || !isInNet("inner.example", "10.9.8.0", "255.255.255.0") || '
                                     'isResolvable("none.example") || dnsResolve("none.example") != null) return "names";\n'
                                     'return "PROXY " + dnsResolve("inner.example") + ":1";'), '10.9.8.7:1', inside=inside)

    # HTTP-10
    def test_forms(self):
        """with a byte order mark, in Latin-1, by https or TFTP, and one as large as such files come"""
        self.assert_says(b'\xef\xbb\xbf' + saying('"DIRECT"').encode(), 'DIRECT')
        self.assert_says(('// f\u00fcr alle\n' + saying('"PROXY p.example:1"')).encode('latin-1'), 'p.example:1')
        hosts = [f'host == "host{number}.branch.example"' for number in range(6000)]
        for text in (finding('if (' + ' ||\n'.join(hosts) + ') return "PROXY no.example:1";\nreturn "PROXY p.example:1";'),
                     finding('\nelse '.join(f'if ({host}) x();' for host in hosts[:5000]) + '\nreturn "PROXY p.example:1";')):
            self.assertLess(len(text), MAX + 1)
            self.assert_says(text, 'p.example:1')
        with servers.Atftpd() as tftp:
            tftp.put('proxy.pac', saying('"PROXY p.example:1"'))
            job = jobs.run(tftp.url + '/proxy.pac', kind=JOB_PROXY, target=TARGET, max_bytes=MAX)
            self.assertEqual((job.ok, job.proxies), (True, 'p.example:1'), job.message)


class NoUse(Case):
    # HTTP-10
    def test_answers(self):
        """an answer that names no way is class C and is shown"""
        for answer, text in (('42', '“42” names no proxy'), ('{}', '“[object Object]” names no proxy'),
                             ('"192.0.2.7:3128"', '“192.0.2.7:3128” names no proxy'), ('"DIRECT; ROCKET a:1"', '“ROCKET a:1” names no'),
                             ('"PROXY \\u00e4:1"', 'names no proxy'), ('"PROXY a\\u001b[31m:1"', '\\x1b[31m'),
                             ('"SOCKS a.example:1"', 'no proxy is named that speaks HTTP'),
                             ('new Array(5000).join("x")', 'its answer is too long')):
            with self.subTest(answer):
                self.assert_fails(saying(answer), text)
        self.assert_fails(finding('var s = "DIRECT;"; while (s.length < 1000000) s += s; return s;'), 'its answer is too long')

    # HTTP-10
    def test_scripts(self):
        """what is no such program is class C, and the message says what is wrong and where"""
        for script, text in ((finding('if ('), 'PAC script:3: SyntaxError'), (finding('throw "my words";'), 'uncaught exception: my words'),
                             (finding('return nowhere.at.all;'), 'ReferenceError: nowhere is not defined'), ('', 'not defined'),
                             ('var x = 1;', 'not defined'), ('PROXY 192.0.2.7:1', 'SyntaxError'), ('\0' * 100, 'holds a NUL'),
                             (saying('"DIRECT"') + '\0', 'holds a NUL'), (b'\xff\xfe' + saying('"x"').encode('utf-16-le'), 'holds a NUL'),
                             (bytes(range(128, 256)) * 10, 'SyntaxError'),
                             (finding('function again(n) { return again(n + 1) + 1; } return again(0);'), 'too much recursion')):
            with self.subTest(script[:60]):
                job = self.assert_fails(script, text)
                self.assertIn('the proxy auto-configuration file is of no use', job.message)
                self.assertLess(len(job.message), 400)

    # HTTP-10
    def test_no_file(self):
        """a page, nothing, and more than such a file may have"""
        self.assert_fails('  <!DOCTYPE html><html><body>Please pay first</body></html>', 'this is a page', 'NotFound')
        self.assert_fails(b'\xef\xbb\xbf<html>', 'this is a page', 'NotFound')
        self.assert_fails(saying('"DIRECT"') + '/' * (1 << 20), f'more than the {MAX} that are allowed', 'Corrupt')
        job = self.ask(saying('"DIRECT"') + '/' * (1 << 20))
        self.assertNotIn('MaxProfileBytes', job.message)
        self.server.put('/proxy.pac', saying('"DIRECT"'))
        job = jobs.run(self.server.url + '/none.pac', kind=JOB_PROXY, target=TARGET)
        self.assertEqual((job.code, job.proxies), ('NotFound', ''))

    # HTTP-10
    def test_no_library(self):
        """where the library is not installed, or is none, the message names it"""
        for script in (f'mount --bind /dev/null {LIBRARY}', f'mount --bind /usr/lib/os-release {LIBRARY}'):
            self.assert_fails(saying('"DIRECT"'), 'the phone has no libpacparser.so.1 to read it with',
                              inside=['unshare', '--mount', 'sh', '-ec', script + '; exec "$@"', 'sh'])


class Hostile(Case):
    # HTTP-10
    def test_without_end(self):
        """a file that never ends has its time and no more"""
        servers.address('192.0.2.71')
        with servers.Silent('192.0.2.71', 53):
            resolver = servers.write('/run', 'deaf.conf', 'nameserver 192.0.2.71\noptions timeout:30\n')
            inside = ['unshare', '--mount', 'sh', '-ec', f'mount --bind {resolver} /etc/resolv.conf; exec "$@"', 'sh']
            def run(case):
                path, script, around = case
                return self.assert_fails(script, 'timed out: the proxy auto-configuration file was not done within 4 seconds', path=path,
                                         inside=around, transfer_timeout=4)
            with concurrent.futures.ThreadPoolExecutor() as threads:
                for job in threads.map(run, (('/loop.pac', finding('while (true) ;'), ()),
                                             ('/match.pac', saying('/^(a+)+$/.test(new Array(40).join("a") + "b")'), ()),
                                             ('/name.pac', saying('dnsResolve("deaf.example")'), inside))):
                    self.assertLess(job.seconds, 20)

    # HTTP-10
    def test_memory(self):
        """one that eats its memory, or the stack, ends itself or the worker, and is class C"""
        scripts = [(finding('var o = { toString: function () { return "" + o; } }; return "" + o;'), 'PAC script:2: .* too much recursion'),
                   (finding('function again() { return "" + [1, 2].sort(again); } return again();'), 'PAC script:2: .* too much recursion'),
                   (saying('(' * 60000 + '"DIRECT"' + ')' * 60000), '^worker died: signal 11'),
                   (saying('{ toString: function () { throw 1; } }'), '^worker died: signal 11')]
        if not tree.is_sanitized():
            # where memory has no limit
            scripts += [(finding(body), '^worker died: signal|PAC script:2: out of memory|timed out: the proxy auto')
                        for body in ('var all = []; while (true) all.push(new Array(1000).join("x"));', 'var s = "x"; while (true) s += s;')]
        for script, text in scripts:
            with self.subTest(script[:80]):
                job = self.ask(script, CRASHING, may_die=True)
                self.assertEqual((job.ok, job.code, job.__dict__['class'], job.proxies), (False, 'Failed', 'C', ''), job.message)
                self.assertRegex(job.message, text)


class Caged(Case):
    def test_while_it_runs(self):
        """no system call but those of a worker, and two filters over all its threads"""
        self.server.put('/proxy.pac', 'while (true) ;')
        daemon = subprocess.Popen(jobs.command(self.server.url + '/proxy.pac', kind=JOB_PROXY, target=TARGET, transfer_timeout=30),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)

        def narrowed():
            child = process.children(daemon.pid)
            tasks = f'/proc/{child[0]}/task' if child else ''
            try:
                texts = [open(f'{tasks}/{task}/status', encoding='utf-8').read() for task in os.listdir(tasks)] if child else []
            except (FileNotFoundError, ProcessLookupError):
                # a thread has ended meanwhile
                return None
            return texts if len(texts) > 1 and all('\nSeccomp_filters:\t2\n' in text for text in texts) else None
        self.assertTrue(all('\nNoNewPrivs:\t1\n' in text for text in wait.until(narrowed, 'the second filter')))

    def deed(self, **variables):
        """What a worker is told that does this from inside the engine: errno by name."""
        settings = ' '.join(f'{name}={value}' for name, value in variables.items())
        script = servers.write(tempfile.mkdtemp(prefix='worker-'), 'worker', (
            f'#!/bin/sh\nexport {settings} ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"\n'
            f'LD_PRELOAD={PEEK} exec {jobs.WORKER} "$@"\n'))
        os.chmod(script, 0o755)
        self.server.put('/proxy.pac', finding('dnsResolve("deed.example"); return "DIRECT";'))
        done = subprocess.run(jobs.command(self.server.url + '/proxy.pac', worker=script, kind=JOB_PROXY, target=TARGET),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=True)
        return done.stdout, {words[1]: errno.errorcode.get(int(words[2]), '') for words in map(str.split, done.stderr.splitlines())
                             if words[:1] == ['deed']}

    def test_deeds(self):
        """code that got into the engine reads no file, makes no connection by TCP, and starts no program"""
        store = servers.write('/', 'var/lib/resyncd/parameters.conf', 'secret')
        files = {'/etc/resolv.conf': '', store: 'EACCES', '/etc/passwd': 'EACCES', '/proc/1/environ': 'EACCES'}
        printed, told = self.deed(DEED=':'.join(files))
        self.assertIn('"proxies": "DIRECT"', printed)
        self.assertEqual(told, {**files, 'tcp': 'EACCES', 'udp': ''})
        printed, told = self.deed(DEED='/etc/resolv.conf', DEED_PROGRAM='/bin/true')
        if tree.is_sanitized():
            self.assertEqual(told['program'], 'EPERM')
        else:
            self.assertIn('killed by its sandbox', printed)


if __name__ == '__main__':
    tap.main('box')
