# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers that SRV records name: a real dnsmasq and real servers behind it, and answers of the DNS that no real one gives."""

import os
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import certificates, names, scripted, servers, tap, wait  # noqa: E402

import jobs  # noqa: E402

Reply = servers.Reply
DNS, PLAYED, NOBODY = '192.0.2.53', '192.0.2.54', '192.0.2.55'
ONE, TWO, HOST, PROXY = '192.0.2.61', '192.0.2.62', '192.0.2.63', '192.0.2.64'
HTTPS, HTTP = '_ciscoprov-https._tls', '_ciscoprov-http._tcp'
LIST = 3
# a profile that says under which name it was asked for: that of TLS, and the Host field with the path
TELLS = 'location / {{ return 200 "<flat-profile><GPP_A>$ssl_server_name</GPP_A><GPP_B>{}$http_host$uri</GPP_B></flat-profile>"; }}'


class Case(unittest.TestCase, jobs.Asserts):
    """Servers at one.test and two.test for the domains below b.test; a domain's records are a row of RECORDS."""

    # name of the domain → (target, port or who listens on it, priority, weight) …
    RECORDS = {
        'order': [('one.test', 'good', 10, 60), ('two.test', 'second', 10, 20), ('one.test', 'nothing', 9000, 0)],
        'dead': [('one.test', 'dead', 1, 1), ('none.test', 'good', 2, 1), ('one.test', 'good', 3, 1)],
        'wrong': [('one.test', 'wrong', 1, 1), ('one.test', 'good', 2, 1)],
        'nothing': [('two.test', 'nothing', 1, 1), ('one.test', 'good', 2, 1)],
        'home': [('home.test', 'home', 1, 1), ('wild.test', 'good', 2, 1), ('one.test', 'good', 3, 1)],
        'local': [('localhost', 'home', 1, 1)],
        'back': [('two.test', 'back', 1, 1)],
        'chance': [('one.test', 'good', 1, 65535), ('two.test', 'second', 1, 1)],
        'many': [*(('two.test', 'nothing', 9, weight) for weight in range(1000)), ('one.test', 'good', 8, 9)],
        'mute': [('one.test', 'mute', number, 1) for number in range(5)],
        'old': [('one.test', 'old', 1, 1), ('one.test', 'good', 2, 1)],
        'no': [('', 0, 0, 0)],
        'zero': [('one.test', 0, 1, 1)],
    }

    @classmethod
    def setUpClass(cls):
        servers.address(DNS, PLAYED, NOBODY, ONE, TWO, HOST, PROXY)
        # squid asks nobody else
        servers.name('one.test', ONE)
        servers.name('two.test', TWO)
        cls.authority = certificates.Authority('Provider CA')
        good, wrong = cls.authority.issue('*.b.test', 'c.test'), cls.authority.issue('one.test', 'two.test')
        cls.servers, cls.ports = {}, {'dead': servers.free_port(host=ONE)}
        for name, host, tls, extra in (('good', ONE, good, ''), ('second', TWO, good, 'second '), ('wrong', ONE, wrong, ''),
                                       ('old', ONE, cls.authority.issue('*.b.test', ends=-60), ''),
                                       ('plain', ONE, None, ''), ('host', HOST, good, 'itself ')):
            cls.start(name, servers.Nginx(host=host, tls=tls, extra=TELLS.format(extra)))
        cls.start('nothing', servers.Nginx(host=TWO, tls=good))
        away = f'https://c.test:{cls.ports["host"]}/x'
        cls.start('back', servers.Nginx(host=TWO, tls=good, extra=(
            f'location /relative {{ absolute_redirect off; return 302 /x; }} location /port {{ return 302 /x; }} location /away {{ return 302 {away}; }} {TELLS.format("back ")}')))
        cls.home = scripted.Scripted(lambda request: Reply(body=jobs.PROFILE), host='127.0.0.1', tls=good)
        mute = scripted.Server(lambda peer: peer.wait(60), host=ONE)
        for name, server in (('home', cls.home), ('mute', mute)):
            cls.addClassCleanup(server.__exit__, None, None, None)
            cls.ports[name] = server.port
        cls.addClassCleanup(cls.make_dns().close)
        cls.fields = {'literal_address': '', 'ca_file': cls.authority.path, 'connect_timeout': 2, 'srv': True}

    @classmethod
    def start(cls, name, server):
        cls.addClassCleanup(server.close)
        cls.servers[name], cls.ports[name] = server, server.port

    @classmethod
    def make_dns(cls):
        options = [f'host-record={name},{where}' for name, where in (
            ('one.test', ONE), ('two.test', TWO), ('c.test', HOST), ('home.test', '127.0.0.1'), ('wild.test', '169.254.1.1'))]
        for domain, targets in cls.RECORDS.items():
            for name, rows in ((domain, targets), ('only-' + domain, targets[:-1])):
                options += [f'srv-host={HTTPS}.{name}.b.test,{host},{cls.ports.get(port, port)},{priority},{weight}'
                            if host else f'srv-host={HTTPS}.{name}.b.test' for host, port, priority, weight in rows]
        options += [f'srv-host={HTTP}.{name}.b.test,one.test,{cls.ports["plain"]},1,1' for name in ('order', 'plain')]
        path = servers.write('/run', 'srv.conf', '\n'.join(options) + '\n')
        return servers.Process('dnsmasq', ['dnsmasq', '--keep-in-foreground', f'--conf-file={path}', '--pid-file=', '--user=root',
                                           '--no-resolv', '--no-hosts', '--port=53', f'--listen-address={DNS}', '--bind-interfaces',
                                           '--log-facility=-', '--local=/test/'], DNS, 53, udp=True)

    def setUp(self):
        names.use(DNS)

    def served(self, url, name, says, **fields):
        """It works, by a server that was asked for that name by TLS, and said that."""
        job = self.good(url, {'GPP_A': name, 'GPP_B': says}, **{**self.fields, **fields})
        return job

    def fails(self, url, code, text, **fields):
        return self.bad(url, code, text, **{**self.fields, **fields})


class Servers(Case):
    # DISC-7, DISC-8: by priority, then weight, the lower first; TLS, Host and the check have the domain's name
    def test_order(self):
        job = self.served('https://order.b.test/x.xml', 'order.b.test', 'second order.b.test/x.xml')
        self.assertEqual((job.url, job.server_address), ('https://order.b.test/x.xml', TWO))
        self.assertIn('"GET /x.xml HTTP/1.1" 200', self.servers['second'].access())

    # DISC-7, DISC-9, DISC-13: what is dead, has another's certificate, or has no such file is passed by for the next
    def test_next(self):
        for domain in ('dead', 'wrong', 'nothing', 'home'):
            with self.subTest(domain):
                name = f'{domain}.b.test'
                job = self.served(f'https://{name}/{domain}.xml', name, f'{name}/{domain}.xml')
                self.assertEqual(job.server_address, ONE)

    # DISC-8, DISC-9: where none is left, the failure that says most is told, with the server that it is of
    def test_none_left(self):
        ports = self.ports
        self.fails('https://only-dead.b.test/x', 'Unreachable', f': at one.test:{ports["dead"]}: the connection was refused')
        self.fails('https://only-wrong.b.test/x', 'Untrusted', f': at one.test:{ports["wrong"]}: the server is not trusted')
        self.fails('https://only-nothing.b.test/x', 'NotFound', f': at two.test:{ports["nothing"]}: HTTP 404')

    # HTTP-12: no record leads home, whatever address the rule itself may name
    def test_home(self):
        for literal in ('', '127.0.0.1'):
            with self.subTest(literal):
                self.fails('https://only-home.b.test/x', 'Unreachable', 'home.test leads to 127.0.0.1, a loopback address', literal_address=literal)
                self.fails('https://local.b.test/x', 'Unreachable', 'a loopback address', literal_address=literal)
                self.fails('https://local.b.test/x', 'Unreachable', 'a loopback address', literal_address=literal,
                           proxies=f'{PROXY}:{self.ports["dead"]}')
        self.assertEqual(self.home.requests, [])

    # HTTP-2, DISC-8: a redirect within the domain stays at its server; one to somewhere else goes there
    def test_redirect(self):
        port = self.ports['back']
        for path, name in (('/relative', 'back.b.test'), ('/port', f'back.b.test:{port}')):
            job = self.served('https://back.b.test' + path, 'back.b.test', f'back {name}/x')
            self.assertEqual((job.url, job.server_address), (f'https://{name}/x', TWO))
        port = self.ports['host']
        job = self.served('https://back.b.test/away', 'c.test', f'itself c.test:{port}/x')
        self.assertEqual((job.url, job.server_address), (f'https://c.test:{port}/x', HOST))

    # DISC-9: http has records of its own
    def test_http(self):
        self.assertEqual(self.served('http://plain.b.test/x', '', 'plain.b.test/x').server_address, ONE)

    # DISC-9: without a record the host itself is asked, and so it is where the DNS gives no answer, and an address always is
    def test_no_record(self):
        port = self.ports['host']
        self.served(f'https://c.test:{port}/x', 'c.test', f'itself c.test:{port}/x')
        plain = f'{ONE}:{self.ports["plain"]}'
        self.served(f'http://{plain}/x', '', f'{plain}/x')
        servers.name('c.test', HOST)
        names.use(NOBODY)
        self.served(f'https://c.test:{port}/x', 'c.test', f'itself c.test:{port}/x')

    # DISC-9: records that name no server are none to fall back from
    def test_no_server(self):
        for domain in ('no', 'zero'):
            self.fails(f'https://{domain}.b.test/x', 'Failed', f'the SRV records of {HTTPS}.{domain}.b.test name no server')

    # DISC-7: SrvWeight=rfc2782: the heavy one first, which comes last else
    def test_weight(self):
        self.served('https://chance.b.test/x', 'chance.b.test', 'second chance.b.test/x')
        self.served('https://chance.b.test/x', 'chance.b.test', 'chance.b.test/x', srv_by_chance=True)

    # DISC-7: of a thousand records, which only TCP brings, the best counts, and a few are tried
    def test_many(self):
        self.served('https://many.b.test/x', 'many.b.test', 'many.b.test/x')
        before = self.servers['nothing'].access().count('\n')
        self.fails('https://only-many.b.test/many', 'NotFound', 'HTTP 404')
        self.assertEqual(self.servers['nothing'].access().count('\n') - before, 16)

    # DISC-4, HTTP-5: all servers together have the time of one transfer
    def test_time(self):
        job = self.fails('https://mute.b.test/x', 'Unreachable', 'no answer within 1 seconds', connect_timeout=1, transfer_timeout=3)
        self.assertLess(job.seconds, 5)

    # HTTP-11: a clock that is not set is no reason to ask the next
    def test_clock(self):
        job = self.fails('https://old.b.test/x', 'Untrusted', 'clock is not set', clock_is_set=False)
        self.assertTrue(job.dates_only)
        self.served('https://old.b.test/x', 'old.b.test', 'old.b.test/x')

    # DISC-8: one server that was chosen before, and no look-up
    def test_target(self):
        names.use(NOBODY)
        self.served('https://dead.b.test/x', 'dead.b.test', 'dead.b.test/x', srv=False, srv_target=f'one.test:{self.ports["good"]}')
        self.fails('https://dead.b.test/x', 'Untrusted', 'not trusted', srv=False, srv_target=f'one.test:{self.ports["wrong"]}')
        self.fails('https://dead.b.test/x', 'Failed', 'names no proxy', srv=False, srv_target='one.test:0')

    # DISC-8, HTTP-10: CONNECT goes to the target, TLS to the domain; by http the proxy is told the target
    def test_squid(self):
        with servers.Squid(host=PROXY) as squid:
            fields = {'proxies': squid.name}
            self.served('https://order.b.test/x', 'order.b.test', 'second order.b.test/x', **fields)
            self.served('http://order.b.test/x', '', f'one.test:{self.ports["plain"]}/x', **fields)
            self.fails('https://only-wrong.b.test/x', 'Untrusted', f'at one.test:{self.ports["wrong"]}: by the proxy {squid.name}: '
                       'the server is not trusted', **fields)
            log = wait.until(lambda: squid.access() if len(squid.access()) >= 3 else None, 'the log of squid')
            self.assertCountEqual([(method, url) for _status, method, url in log], [
                ('CONNECT', f'two.test:{self.ports["second"]}'), ('GET', f'http://one.test:{self.ports["plain"]}/x'),
                ('CONNECT', f'one.test:{self.ports["wrong"]}')])

    def find(self, domain):
        return jobs.run(f'https://{domain}', kind=LIST, **{**self.fields, 'srv': False})

    # DISC-7: both schemes, https first, and no server is asked
    def test_list(self):
        job = self.find('order.b.test')
        ports = self.ports
        self.assertEqual((job.ok, job.servers), (True, f'https://two.test:{ports["second"]};https://one.test:{ports["good"]};'
                                                       f'https://one.test:{ports["nothing"]};http://one.test:{ports["plain"]}'))
        self.assertEqual((job.url, job.http_status, job.assignments), ('', 0, {}))
        self.assertEqual(self.find('plain.b.test').servers, f'http://one.test:{ports["plain"]}')
        self.assertEqual(self.find('many.b.test').servers.count(';'), 15)

    # DISC-7: why there is none
    def test_none(self):
        for domain, code, text in (('c.test', 'NotFound', f'no SRV record of {HTTPS} or {HTTP} for c.test'), ('no.b.test', 'Failed', 'name no server')):
            job = self.find(domain)
            self.assertEqual((job.ok, job.code, text in job.message), (False, code, True), job.message)
        names.use(NOBODY)
        job = self.find('order.b.test')
        self.assertEqual((job.code, 'the DNS gave no answer' in job.message), ('Unreachable', True), job.message)


def _srv(query, *targets, name=None):
    """Records of 1 1 port target for the name that was asked for, or another."""
    return [names.record(name or query.name, names.SRV, struct.pack('!HHH', 1, 1, port) + names.encode(host))
            for host, port in targets]


class Played(Case):
    """Answers that no real name server gives; the host itself is c.test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.answers = {name: lambda query: query.addresses({'one.test': ONE, 'c.test': HOST}[query.name]) for name in ('one.test', 'c.test')}
        cls.addClassCleanup(names.Scripted(cls.answers, PLAYED).__exit__)

    def play(self, answer):
        """answer(query) to the question for SRV records."""
        names.use(PLAYED)
        self.answers[f'{HTTPS}.c.test'] = answer
        return jobs.run(f'https://c.test:{self.ports["host"]}/x', **self.fields)

    def check(self, says, **answers):
        for what, answer in answers.items():
            with self.subTest(what):
                job = self.play(answer)
                self.assertTrue(job.ok, job.message)
                self.assertEqual(job.assignments['GPP_B'], f'{says}c.test:{self.ports["host"]}/x')

    # DISC-7: an answer that is cut is asked for by TCP, and an alias is followed
    def test_good(self):
        good = ('ONE.test', self.ports['good'])
        alias = names.encode('alias.test')
        self.check('',
                   plain=lambda query: query.answer(*_srv(query, good)),
                   cut=lambda query: query.answer(*_srv(query, good)) if query.tcp else query.answer(flags=names.TRUNCATED),
                   alias=lambda query: query.answer(names.record(query.name, names.CNAME, alias), *_srv(query, good, name='alias.test')),
                   unusable=lambda query: query.answer(*_srv(query, ('.', 1), ('one.test', 0), ('127.1', 443), (b'\3a;b\0', 1), good)))

    # DISC-9: what says nothing of this name is as good as nothing
    def test_nothing(self):
        evil = ('one.test', self.ports['wrong'])
        self.check('itself ',
                   empty=lambda query: query.answer(),
                   other=lambda query: query.answer(*_srv(query, evil, name='evil.test')),
                   above=lambda query: query.answer(*_srv(query, evil, name='c.test')),
                   kind=lambda query: query.answer(names.record(query.name, 16, b'\3abc')),
                   unknown=lambda query: query.answer(code=names.NO_SUCH_NAME),
                   failure=lambda query: query.answer(code=names.SERVER_FAILURE),
                   refused=lambda query: query.answer(code=names.REFUSED),
                   foreign=lambda query: query.answer(*_srv(query, evil), number=query.id ^ 1),
                   silence=lambda query: None)

    # DISC-7, HTTP-5: what cannot be read is class C
    def test_garbage(self):
        def broken(query, data, **more):
            return query.answer(names.record(query.name, names.SRV, data, **more))
        head = struct.pack('!HHH', 1, 1, 1)
        for what, answer in {
                'a circle': lambda query: broken(query, head + b'\xc0' + bytes([12 + len(query.question) + len(query.name) + 18])),
                'a pointer out': lambda query: broken(query, head + b'\xff\xff'),
                'no target': lambda query: broken(query, head),
                'half': lambda query: broken(query, head[:3]),
                'a length': lambda query: broken(query, head + b'\1a\0', length=60000),
                'more than the target': lambda query: broken(query, head + b'\1a\0junk'),
                'a count': lambda query: query.answer(*_srv(query, ('one.test', 1)), count=60000)}.items():
            with self.subTest(what):
                job = self.play(answer)
                self.assertEqual((job.ok, job.code), (False, 'Failed'), job.message)
                self.assertIn(f': the DNS\'s answer for {HTTPS}.c.test cannot be read', job.message)


if __name__ == '__main__':
    tap.main('box')
