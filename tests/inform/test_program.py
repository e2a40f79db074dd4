#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncd-inform among servers that lie, and asked by those who lie: the daemon's side is a socket, the network a cable of its own."""

import os
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import dhcp, inform, tap, wait  # noqa: E402

ADDRESS = '10.77.0.145'
GOOD = dhcp.option(66, b'good')
GOOD6 = dhcp.option6(160, b'good')
LINK = 'fe80::5eff:fe00:5301'


def run(*command):
    subprocess.run(command, check=True)


class Case(unittest.TestCase):
    slow = None

    @classmethod
    def setUpClass(cls):
        # meanwhile the other tests go on
        Case.slow = Case.slow or inform.Program(inform.question(ADDRESS), end=False)
        run('ip', 'link', 'add', 'eth0', 'address', dhcp.PHONE.hex(':'), 'type', 'veth', 'peer', 'name', 'srv0', 'address', dhcp.MAC.hex(':'))
        cls.addClassCleanup(run, 'ip', 'link', 'del', 'eth0')
        for name in ('eth0', 'srv0'):
            # no address of the link's that has to be tried first
            with open(f'/proc/sys/net/ipv6/conf/{name}/addr_gen_mode', 'w', encoding='ascii') as file:
                file.write('1')
            run('ip', 'link', 'set', name, 'up')
        run('ip', 'address', 'add', ADDRESS + '/24', 'dev', 'eth0')
        run('ip', 'address', 'add', LINK + '/64', 'dev', 'eth0', 'nodad')
        run('ip', 'neighbour', 'add', '10.77.0.1', 'lladdr', dhcp.MAC.hex(':'), 'dev', 'eth0')

    def ask(self, respond, **question):
        """(its answer, the requests) where a server responds so."""
        with dhcp.Liar('srv0', respond) as server, inform.Program(inform.question(ADDRESS, **question)) as program:
            answer = inform.read_answer(program.reply())
            self.assertEqual(program.ended(), (0, ''))
            return answer, server.requests


class Four(Case):
    def test_message(self):
        """what is asked, and that the answer is whole (DISC-3)"""
        answer, requests = self.ask(lambda request: [dhcp.frame(request, dhcp.ack(request, GOOD + dhcp.option(43, b'\1\2') + dhcp.option(3, b'x')))])
        self.assertEqual(answer, (inform.GIVEN, '', [(43, b'\1\2'), (66, b'good')]))
        self.assertEqual(len(requests), 1)
        request, message = requests[0], requests[0].message
        self.assertEqual((socket.inet_ntoa(request.source), socket.inet_ntoa(request.destination), request.ports, request.whole),
                         (ADDRESS, '10.77.0.1', (68, 67), True))
        self.assertEqual((message[:4], message[8:12], socket.inet_ntoa(message[12:16]), message[16:28], message[28:34]),
                         (b'\1\1\6\0', bytes(4), ADDRESS, bytes(12), dhcp.PHONE))
        self.assertEqual(dhcp.options_of(message), [(53, b'\10'), (61, b'\1' + dhcp.PHONE), (57, (1472).to_bytes(2, 'big')),
                                                    (60, b'dslforum.org'), (55, bytes(inform.CODES))])

    def test_long_and_overloaded(self):
        """pieces of an option, in the fields of options, boot file and name; nothing else than what was asked for (DISC-3)"""
        url = b'https://prov.phones.lab/' + b'x' * 600
        parts = b''.join(dhcp.option(160, url[at:at + 255]) for at in range(0, 510, 255)) + dhcp.option(66, b'a') + dhcp.option(128, b'no')
        for server in ('10.77.0.1', None):
            answer, _requests = self.ask(lambda request: [dhcp.frame(
                request, dhcp.ack(request, parts + dhcp.option(52, b'\3'), file=dhcp.option(160, url[510:]) + b'\xff',
                                  sname=dhcp.option(66, b'b') + b'\xff'), destination=None if server else '255.255.255.255')])
            self.assertEqual(answer, (inform.GIVEN, '', [(66, b'ab'), (160, url)]))

    LIES = {
        'another number': lambda r: dhcp.frame(r, dhcp.ack(r, xid=bytes(4))),
        'another phone': lambda r: dhcp.frame(r, dhcp.ack(r, chaddr=bytes(16))),
        'another server': lambda r: dhcp.frame(r, dhcp.ack(r, server='10.77.0.2')),
        'from another address': lambda r: dhcp.frame(r, dhcp.ack(r), source='10.77.0.2'),
        'to another address': lambda r: dhcp.frame(r, dhcp.ack(r), destination='10.77.0.9'),
        'from another port': lambda r: dhcp.frame(r, dhcp.ack(r), ports=(1067, 68)),
        'to another port': lambda r: dhcp.frame(r, dhcp.ack(r), ports=(67, 67)),
        'a request': lambda r: dhcp.frame(r, dhcp.ack(r, op=b'\1')),
        'a cookie': lambda r: dhcp.frame(r, dhcp.ack(r, cookie=bytes(4))),
        'an offer': lambda r: dhcp.frame(r, dhcp.ack(r, kind=2)),
        'a refusal': lambda r: dhcp.frame(r, dhcp.ack(r, kind=6)),
        'without an end': lambda r: dhcp.frame(r, dhcp.ack(r, dhcp.option(66, b'bad'), end=b'')),
        'cut in an option': lambda r: dhcp.frame(r, dhcp.ack(r, b'\x42\x40bad', end=b'')),
        'overloaded by 4': lambda r: dhcp.frame(r, dhcp.ack(r, dhcp.option(52, b'\4'))),
        'overloaded without an end': lambda r: dhcp.frame(r, dhcp.ack(r, dhcp.option(52, b'\1'))),
        'a fragment': lambda r: dhcp.frame(r, dhcp.ack(r), fragment=0x2000),
        'a checksum': lambda r: dhcp.frame(r, dhcp.ack(r), checksum=0x1234),
        'a length': lambda r: dhcp.frame(r, dhcp.ack(r), length=2000),
        'short': lambda r: dhcp.frame(r, dhcp.ack(r)[:239]),
        'nothing': lambda r: dhcp.frame(r, b''),
    }

    def test_lies(self):
        """an answer with one thing wrong does not count, and the next one that is right does (DISC-5)"""
        for what, lie in self.LIES.items():
            with self.subTest(what):
                answer, requests = self.ask(lambda request, lie=lie: [lie(request), dhcp.frame(request, dhcp.ack(request, GOOD))])
                self.assertEqual((answer, len(requests)), ((inform.GIVEN, '', [(66, b'good')]), 1))

    def test_again(self):
        """who is silent is asked a second time, with the same number and how long it was waited; a flood does not hurt (DISC-3)"""
        def respond(request):
            if len(server.requests) == 1:
                return [dhcp.frame(request, dhcp.ack(request, xid=bytes(4)))] * 2000
            return [dhcp.frame(request, dhcp.ack(request, GOOD))]
        with dhcp.Liar('srv0', respond) as server, inform.Program(inform.question(ADDRESS)) as program:
            self.assertEqual(inform.read_answer(program.reply()), (inform.GIVEN, '', [(66, b'good')]))
            first, second = server.requests[:2]
        self.assertEqual((first.xid, first.message[8:10]), (second.xid, b'\0\0'))
        self.assertIn(int.from_bytes(second.message[8:10], 'big'), range(3, 60))

    def test_numbers(self):
        """each question has a number of its own (DISC-5)"""
        seen = {self.ask(lambda request: [dhcp.frame(request, dhcp.ack(request))])[1][0].xid for _ in range(4)}
        self.assertEqual(len(seen), 4)


class Six(Case):
    def ask6(self, respond, **question):
        return self.ask(respond, v6=True, **question)

    def test_message(self):
        """what is asked, and of whom (DISC-3)"""
        duid = b'\0\4' + bytes(range(16))
        vendors = dhcp.option6(17, b'\0\0\x0d\xe9\0\1\0\1A') + dhcp.option6(17, b'\0\0\0\x09\0\1\0\1B')
        answer, requests = self.ask6(lambda request: [dhcp.frame(request, dhcp.reply(request, GOOD6 + vendors + dhcp.option6(23, bytes(16))))],
                                     identity=duid)
        self.assertEqual(answer, (inform.GIVEN, '', [(17, b'\0\0\x0d\xe9\0\1\0\1A'), (17, b'\0\0\0\x09\0\1\0\1B'), (160, b'good')]))
        request = requests[0]
        self.assertEqual((request.source, request.destination, request.ports, request.whole),
                         (socket.inet_pton(socket.AF_INET6, LINK), dhcp.ALL_SERVERS, (546, 547), True))
        self.assertEqual(dhcp.options6_of(request.message),
                         [(1, duid), (6, b''.join(code.to_bytes(2, 'big') for code in (*inform.CODES6, 32, 83))), (8, b'\0\0'),
                          (16, b'\0\0\x0d\xe9\0\x0cdslforum.org')])

    LIES = {
        'another number': lambda r: dhcp.frame(r, dhcp.reply(r, xid=bytes(3))),
        'an advertisement': lambda r: dhcp.frame(r, dhcp.reply(r, kind=2)),
        'no server': lambda r: dhcp.frame(r, dhcp.reply(r, server=b'')),
        'another server': lambda r: dhcp.frame(r, dhcp.reply(r, server=b'\0\3\0\1')),
        'no phone': lambda r: dhcp.frame(r, dhcp.reply(r, client=b'')),
        'another phone': lambda r: dhcp.frame(r, dhcp.reply(r, client=b'\0\3\0\1')),
        'a failure': lambda r: dhcp.frame(r, dhcp.reply(r, dhcp.option6(13, b'\0\1'))),
        'cut': lambda r: dhcp.frame(r, dhcp.reply(r, GOOD6)[:-1]),
        'from another port': lambda r: dhcp.frame(r, dhcp.reply(r), ports=(1547, 546)),
        'no checksum': lambda r: dhcp.frame(r, dhcp.reply(r), checksum=0),
        'a checksum': lambda r: dhcp.frame(r, dhcp.reply(r), checksum=0x1234),
        'to everybody': lambda r: dhcp.frame(r, dhcp.reply(r), destination=socket.inet_pton(socket.AF_INET6, 'ff02::1')),
    }

    def test_lies(self):
        """all of them before the one that is right (DISC-5)"""
        answer, requests = self.ask6(lambda request: [lie(request) for lie in self.LIES.values()]
                                     + [dhcp.frame(request, dhcp.reply(request, GOOD6))], server=b'\0\3\0\1' + dhcp.MAC)
        self.assertEqual(answer, (inform.GIVEN, '', [(160, b'good')]))
        # a machine that stands still for a second sees the question again
        self.assertIn(len(requests), (1, 2))

    def test_again(self):
        """who is silent is asked again, and told how long that took (DISC-3)"""
        def respond(request):
            return [dhcp.frame(request, dhcp.reply(request, GOOD6))] if len(server.requests) == 2 else None
        with dhcp.Liar('srv0', respond) as server, inform.Program(inform.question(v6=True)) as program:
            self.assertEqual(inform.read_answer(program.reply()), (inform.GIVEN, '', [(160, b'good')]))
            first, second = server.requests[:2]
        self.assertEqual(first.xid, second.xid)
        self.assertGreaterEqual(int.from_bytes(dict(dhcp.options6_of(second.message))[8], 'big'), 90)


class Peer(Case):
    """Who asks."""

    def test_no_question(self):
        """what is no question is not asked (DISC-5)"""
        good = inform.question(ADDRESS)
        with dhcp.Liar('srv0', lambda request: None) as server:
            for data in (b'', b'x', good[:-1], good + b'x', good + good, inform.question(ADDRESS, version=2), bytes(100000),
                         inform.question(ADDRESS, interface='eth0/../x'), inform.question(ADDRESS, codes=(66, 43)),
                         inform.question('0.0.0.0'), inform.question(ADDRESS, server='255.255.255.255')):
                with inform.Program() as program:
                    try:
                        program.socket.sendall(data)
                    except OSError:
                        # it does not read what is too long to the end
                        self.assertGreater(len(data), 1024)
                    program.socket.shutdown(socket.SHUT_WR)
                    self.assertEqual(program.ended(), (1, 'resyncd-inform: what came is no question\n'))
            self.assertEqual(server.requests, [])

    def test_slow(self):
        """who does not come to the end of the question is not waited for (DISC-5)"""
        with self.slow as program:
            self.assertEqual(program.reply(), b'')
            self.assertEqual(program.ended(), (1, 'resyncd-inform: what came is no question\n'))

    def test_hangs_up(self):
        """who asked and went away is not worked for any longer"""
        with dhcp.Liar('srv0', lambda request: None) as server, inform.Program(inform.question(ADDRESS)) as program:
            wait.until(lambda: server.requests, 'the question')
            program.socket.close()
            self.assertEqual(program.ended(), (0, ''))
            self.assertEqual(len(server.requests), 1)

    def test_gone(self):
        """an interface or an address that is not there is said"""
        for question, expected in ((inform.question(ADDRESS, interface='eth9'), 'eth9: the interface: No such device'),
                                   (inform.question('10.77.0.7'), 'eth0: the address of the lease: Cannot assign requested address'),
                                   (inform.question(interface='lo', v6=True), None)):
            with inform.Program(question) as program:
                kind, message, options = inform.read_answer(program.reply())
                self.assertEqual((kind, options), (inform.FAILED, []))
                self.assertEqual(program.ended(), (0, f'resyncd-inform: {message}\n'))
                self.assertTrue(message == expected if expected else message.startswith('lo: '), message)

    def test_privileges(self):
        """its capability is given up before the first answer comes, and without it there is none"""
        with dhcp.Liar('srv0', lambda request: None) as server, inform.Program(inform.question(ADDRESS)) as program:
            wait.until(lambda: server.requests, 'the question')
            with open(f'/proc/{program.process.pid}/status', encoding='ascii') as file:
                fields = dict(line.split(':\t') for line in file.read().splitlines() if ':\t' in line)
            self.assertEqual({fields[name] for name in ('CapEff', 'CapPrm', 'CapInh', 'CapAmb')}, {'0' * 16})
        with inform.Program(inform.question(ADDRESS), front=('setpriv', '--bounding-set=-all', '--inh-caps=-all', '--')) as program:
            self.assertEqual(inform.read_answer(program.reply())[:2], (inform.FAILED, 'eth0: packets cannot be heard: Operation not permitted'))

    def test_usage(self):
        """it is no program to be called by hand"""
        for arguments, status in ((['--version'], 0), (['--help'], 0), ([], 2), (['x'], 2)):
            done = subprocess.run([inform.program(), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, check=False)
            self.assertEqual((done.returncode, bool(done.stdout), bool(done.stderr)), (status, status == 0, status != 0))


if __name__ == '__main__':
    tap.main('box')
