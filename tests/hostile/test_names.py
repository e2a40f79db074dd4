#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names that lead where nobody may be led, in circles, or nowhere."""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import harness  # noqa: E402
from harness import Case, Reply  # noqa: E402
from lib import names, scripted, servers, tap  # noqa: E402
from lib.names import CNAME, TRUNCATED, encode, record  # noqa: E402

HERE, HERE6 = '192.0.2.60', '2001:db8::60'
REAL, PLAYED = '192.0.2.54', '192.0.2.53'
# in a box without any way out
NOWHERE = [f'198.18.{number // 250}.{number % 250 + 1}' for number in range(1000)]
PORT = 8060
# where the phone must not knock, and what it says of it
FORBIDDEN = {'127.0.0.1': 'a loopback', '127.255.0.9': 'a loopback', '::1': 'a loopback', '::ffff:127.0.0.1': 'a loopback',
             '169.254.7.7': 'a link-local', 'fe80::1': 'a link-local', '::ffff:169.254.7.7': 'a link-local',
             '224.0.0.5': 'a multicast', 'ff02::1': 'a multicast', '0.0.0.0': 'an unspecified', '::': 'an unspecified',
             '0.1.2.3': 'an unspecified', '255.255.255.255': 'a broadcast'}
UNKNOWN = 'the host .* is unknown; check its name in the rule and the DNS server of this network'
NO_ANSWER = 'the DNS gave no answer for .*; check the DNS server of this network'
EITHER = f'({UNKNOWN})|({NO_ANSWER})'


class Traps:
    """What listens where nobody may knock, the good server at HERE, and the name server that is asked; a row's server is
    made before the phones, so the first row brings all of it."""

    def __init__(self, name_server):
        self.url, self._parts, self.touched = f'http://good.test:{PORT}', [name_server], []
        self._parts.append(scripted.Scripted(self._web, host=HERE, port=PORT))
        self._parts += [scripted.Server(self._touch, host=trap, port=PORT) for trap in ('127.0.0.1', '::1', '169.254.7.7')]

    @staticmethod
    def _web(request):
        back = {'/loopback': 'http://loop.test', '/literal': 'http://127.0.0.1', '/mapped': 'http://[::ffff:127.0.0.1]',
                '/around': 'http://good.test', '/back': 'http://rebind.test', '/decimal': 'http://2130706433',
                '/short': 'http://127.1', '/octal': 'http://0177.0.0.1'}
        where = request.target if request.target != '/around/back' else '/back'
        if where in back:
            after = '/around/back' if where == '/around' else '/evil'
            return Reply(302, headers={'Location': f'{back[where]}:{PORT}{after}'})
        return Reply(body=harness.GOOD)

    def _touch(self, peer):
        self.touched.append(peer.socket.getsockname())

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for part in reversed(self._parts):
            part.__exit__(None, None, None)


class Table:
    """Collects rows that share Traps around the name server that make() starts."""

    def __init__(self, make):
        self._make, self._traps = make, None
        self.rows = [Case('a name as it should be', error='', server=self._start, url=f'http://good.test:{PORT}/x')]

    def _start(self):
        # AI_ADDRCONFIG: without an address of a family nobody asks for one
        servers.address(HERE, HERE6, REAL, PLAYED, SRV_PLAYED, '169.254.7.7')
        self._traps = Traps(self._make())
        return self._traps

    def _check(self, result):
        if self._traps.touched:
            raise AssertionError(f'somebody was asked at {self._traps.touched}')

    def add(self, name, host, message, error='Unreachable', scheme='http', path='/x', options=''):
        self.rows.append(Case(name, error=error, message=message, url=f'{scheme}://{host}:{PORT}{path}', check=self._check, options=options))


def _dnsmasq():
    options = [f'host-record=good.test,{HERE}', 'host-record=loop.test,127.0.0.1',
               'local=/nothing.test/text.test/', 'txt-record=text.test,hello']
    options += [f'host-record=f{number}.test,{address}' for number, address in enumerate(FORBIDDEN)]
    options += [f'host-record=many.test,127.0.{number // 250}.{number % 250 + 1}' for number in range(1000)]
    options += [f'cname=c{number}.test,c{number + 1}.test' for number in range(8)] + ['cname=c8.test,good.test']
    server = servers.Process('dnsmasq', ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--user=root',
                                         '--no-resolv', '--no-hosts', '--port=53', f'--listen-address={REAL}',
                                         '--bind-interfaces', '--log-facility=-', *('--' + option for option in options)],
                             REAL, 53, udp=True)
    names.use(REAL)
    return server


@harness.table(phones=4, ConnectTimeout=3, TransferTimeout=8)
def told_by_dnsmasq():
    """HTTP-12, HTTP-5, TFTP-4: a real name server says what its owner wants"""
    table = Table(_dnsmasq)
    for number, (address, what) in enumerate(FORBIDDEN.items()):
        shown = address.removeprefix('::ffff:')
        for scheme in ('http', 'https', 'tftp'):
            table.add(f'{what} address by {scheme}', f'f{number}.test',
                      rf'f{number}\.test leads to {shown}, {what} address, which is asked only where the rule itself names it',
                      scheme=scheme)
    table.add('a thousand addresses', 'many.test', r'many\.test leads to 127\.0\.\d\.\d+, a loopback address')
    table.add('a chain of aliases', 'c0.test', '', error='')
    table.add('no such name', 'x.nothing.test', UNKNOWN)
    table.add('refused', 'elsewhere.invalid', EITHER)
    table.add('a name without an address', 'text.test', UNKNOWN)
    table.add('a redirect to a name', 'good.test', r'loop\.test leads to 127\.0\.0\.1, a loopback address', path='/loopback')
    for path in ('/literal', '/mapped', '/decimal', '/short', '/octal'):
        table.add('a redirect to an address', 'good.test',
                  rf'127\.0\.0\.1 is a loopback address|leads to 127\.0\.0\.1, a loopback|{UNKNOWN}', path=path)
    return table.rows


def _chain(count):
    def answer(query):
        links = [record(f'n{number}.chain.test' if number else query.name, CNAME, encode(f'n{number + 1}.chain.test'))
                 for number in range(count)]
        return query.answer(*links, *names.address(f'n{count}.chain.test', *([HERE] if query.kind == names.A else [])))
    return answer


def _rebind():
    """Once here, then at home."""
    asked = []

    def answer(query):
        if query.kind != names.A:
            return query.answer()
        asked.append(query)
        return query.addresses(HERE if len(asked) == 1 else '127.0.0.1')
    return answer


def _good(change):
    """change(query) -> fields for Query.answer() with the good address in it."""
    return lambda query: query.answer(*(names.address(query.name, HERE) if query.kind == names.A else ()), **change(query))


def _only(kind, data, **more):
    return lambda query: query.answer(record(query.name, kind, data, **more))


def _truncated(after):
    """By UDP an answer that is cut; by TCP after(query)."""
    return lambda query: after(query) if query.tcp else query.answer(flags=TRUNCATED)


POINTER, ODD = b'\xc0\x0c', b'\x08\x1b[2J \xff;`\4test\0'
PLAY = {
    # name: message, its answers
    'in circles': (EITHER, _only(CNAME, POINTER)),
    'in circles of two': (EITHER, lambda query: query.answer(record(query.name, CNAME, encode('b.test')),
                                                             record('b.test', CNAME, encode(query.name)))),
    'in circles for ever': (EITHER, lambda query: query.answer(record(query.name, CNAME, encode('again.' + query.name[-60:])))),
    'an alias of nothing': (EITHER, _only(CNAME, encode('nothing.test'))),
    'an alias of the root': (EITHER, _only(CNAME, b'\0')),
    'an alias of a home': (r'leads to 127\.0\.0\.1, a loopback', lambda query: query.answer(
        record(query.name, CNAME, encode('home.test')), *(names.address('home.test', '127.0.0.1') if query.kind == 1 else ()))),
    'the address of another name': (EITHER, lambda query: query.answer(*names.address('other.test', HERE))),
    'an answer to another question': (EITHER, _good(lambda query: {'question': encode('other.test') + query.question[-4:]})),
    'another number': (EITHER, _good(lambda query: {'number': query.id ^ 1})),
    'no answer': (EITHER, lambda query: None),
    'a failure of the server': (EITHER, lambda query: query.answer(code=names.SERVER_FAILURE)),
    'a format error': (EITHER, lambda query: query.answer(code=names.FORMAT_ERROR)),
    'refused': (EITHER, lambda query: query.answer(code=names.REFUSED)),
    'an unknown error': (EITHER, lambda query: query.answer(code=15)),
    'nothing at all': (EITHER, lambda query: query.answer()),
    'a query in return': (EITHER, lambda query: query.packet),
    'one byte': (EITHER, lambda query: b'x'),
    'half a header': (EITHER, lambda query: query.answer()[:7]),
    'half a question': (EITHER, lambda query: query.answer()[:15]),
    'more records than there are': (EITHER, _good(lambda query: {'count': 65535})),
    'a record that is cut': (EITHER, lambda query: query.answer(*names.address(query.name, HERE))[:-2]),
    'an address of three bytes': (EITHER, _only(names.A, b'abc')),
    'an address of five bytes': (EITHER, _only(names.A, b'abcde')),
    'an address longer than the packet': (EITHER, _only(names.A, b'abcd', length=65535)),
    'a pointer to itself': (EITHER, lambda query: query.answer(
        record(b'\xc0' + bytes([12 + len(query.question)]), names.A, b'abcd'))),
    'a pointer beyond': (EITHER, lambda query: query.answer(record(b'\xff\xff', names.A, b'abcd'))),
    'a label beyond': (EITHER, lambda query: query.answer(b'\x3f' + b'a' * 10)),
    'a reserved label': (EITHER, lambda query: query.answer(record(b'\x80a\0', names.A, b'abcd'))),
    'a name of 500 bytes': (EITHER, lambda query: query.answer(record((b'\x3f' + b'a' * 63) * 8 + b'\0', names.A, b'abcd'))),
    'cut, and TCP says nothing': (EITHER, _truncated(lambda query: None)),
    'cut, and TCP too': (EITHER, _truncated(lambda query: query.answer(flags=TRUNCATED))),
    'cut, and TCP lies about its length': (EITHER, _truncated(lambda query: 65535)),
    'cut, and TCP answers nothing': (EITHER, _truncated(lambda query: 0)),
    'cut, and TCP has another number': (EITHER, _truncated(lambda query: query.answer(number=query.id ^ 1))),
    'a thousand addresses of nobody by TCP': ('no route to the server', _truncated(lambda query: query.addresses(*NOWHERE))),
    'cut, and TCP leads home': (r'leads to 127\.0\.0\.1, a loopback', _truncated(lambda query: query.addresses('127.0.0.1'))),
}
FINE = {
    'other numbers before the right one': lambda query: [query.answer(number=(query.id + step) & 0xffff, code=3)
                                                         for step in range(1, 50)] + [query.addresses(HERE)],
    'the same again and again': lambda query: [query.addresses(HERE)] * 50,
    # nobody looks at it but the C library
    'an alias with odd characters': lambda query: query.answer(record(query.name, CNAME, ODD), *(
        names.address(ODD, HERE) if query.kind == names.A else ())),
    'home and here': lambda query: query.addresses('127.0.0.1', '169.254.7.7', HERE),
    'a thousand addresses by TCP': _truncated(lambda query: query.addresses(*[HERE] * 1000)),
    'a thousand others, and here, by TCP': _truncated(lambda query: query.addresses(*NOWHERE, HERE)),
    'a chain of aliases': _chain(12),
    'a long chain of aliases by TCP': _truncated(_chain(60)),
}


def _host(name):
    return name.lower().replace(' ', '-').replace(',', '') + '.test'


def _played():
    answers = {_host(name): answer for name, (_, answer) in PLAY.items()}
    answers |= {_host('fine ' + name): answer for name, answer in FINE.items()}
    answers |= {'good.test': lambda query: query.addresses(HERE), 'rebind.test': _rebind()}
    server = names.Scripted(answers, PLAYED)
    names.use(PLAYED)
    return server


@harness.table(phones=6, ConnectTimeout=3, TransferTimeout=8)
def told_by_a_liar():
    """HTTP-5, HTTP-12: a name server that says what none should"""
    table = Table(_played)
    for name, (message, _) in PLAY.items():
        table.add(name, _host(name), message)
    for name in FINE:
        table.add(name, _host('fine ' + name), '', error='')
    table.add('first here, then at home', 'rebind.test', r'rebind\.test leads to 127\.0\.0\.1, a loopback', path='/around')
    return table.rows


SRV_PLAYED, ASKED = '192.0.2.52', '_ciscoprov-http._tcp.'
UNREADABLE = "the DNS's answer for .* cannot be read"


def _servers(*hosts, port=PORT, name=None, **more):
    """SRV records that name such servers, of the name that was asked for, or of another."""
    return lambda query: query.answer(*(record(name or query.name, names.SRV, struct.pack('!HHH', 1, 1, port) + encode(host))
                                        for host in hosts), **more)


def _srv_only(data, **more):
    return _only(names.SRV, data, **more)


HEAD = struct.pack('!HHH', 1, 1, PORT)
SRV = {
    # name: message, the answer to the question for SRV records; '' is a success, by the host itself or by good.test
    'as it should be': ('', _servers('good.test')),
    'home before good': ('', _servers('home.test', 'good.test')),
    'nobody before good': ('', _servers('nothing.test', 'good.test')),
    'of another name': ('', _servers('home.test', name='other.test')),
    'an alias to servers': ('', lambda query: query.answer(record(query.name, CNAME, encode('b.test')), record('b.test', names.SRV, HEAD + encode('good.test')))),
    'in circles': ('', _only(CNAME, POINTER)),
    'no answer': ('', lambda query: None),
    'a failure': ('', lambda query: query.answer(code=names.SERVER_FAILURE)),
    'refused': ('', lambda query: query.answer(code=names.REFUSED)),
    'a query in return': ('', lambda query: query.packet),
    'half a header': ('', lambda query: query.answer()[:7]),
    'another number': ('', _servers('home.test', number=1)),
    'home': (r'at home\.test:8060: home\.test leads to 127\.0\.0\.1, a loopback', _servers('home.test')),
    'localhost': ('leads to .*, a loopback', _servers('localhost')),
    'an address': ('name no server', _servers('127.0.0.1', '127.1', '0x7f000001', '2130706433')),
    'none at all': ('name no server', _servers('.')),
    'no port': ('name no server', _servers('good.test', port=0)),
    'odd characters': ('name no server', _servers(ODD, b'\5a b;c\0', b'\4\r\nX:\0')),
    'a name of 500 bytes': (UNREADABLE, _srv_only(HEAD + (b'\x3f' + b'a' * 63) * 8 + b'\0')),
    'a pointer beyond': (UNREADABLE, _srv_only(HEAD + b'\xff\xff')),
    'a reserved label': (UNREADABLE, _srv_only(HEAD + b'\x80a\0')),
    'no target': (UNREADABLE, _srv_only(HEAD)),
    'three bytes': (UNREADABLE, _srv_only(b'abc')),
    'longer than the packet': (UNREADABLE, _srv_only(HEAD + encode('good.test'), length=65535)),
    'more records than there are': (UNREADABLE, _servers('good.test', count=65535)),
    'a thousand homes by TCP': ('a loopback', _truncated(_servers(*['home.test'] * 1000, name=POINTER))),
}


def _srv_played():
    home = lambda query: query.addresses('127.0.0.1')  # noqa: E731
    answers = {name: lambda query: query.addresses(HERE) for name in ['good.test', *map(_host, SRV)]}
    answers |= {ASKED + _host(name): answer for name, (_, answer) in SRV.items()} | {'home.test': home}
    server = names.Scripted(answers, SRV_PLAYED)
    names.use(SRV_PLAYED)
    return server


@harness.table(phones=4, ConnectTimeout=3, TransferTimeout=8)
def servers_of_a_liar():
    """DISC-7, DISC-9, HTTP-12: SRV records that nobody should believe"""
    table = Table(_srv_played)
    for name, (message, _) in SRV.items():
        table.add(name, _host(name), message, error='' if not message else ('Failed', 'Unreachable'), options='--srv')
    return table.rows


if __name__ == '__main__':
    tap.main('box')
