# SPDX-License-Identifier: LGPL-2.1-or-later
"""A DNS server by hand, for answers that no real one gives, and the resolver's configuration of the box."""

import os
import socket
import struct
import threading

A, CNAME, AAAA, SRV = 1, 5, 28, 33
NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NO_SUCH_NAME, REFUSED = 0, 1, 2, 3, 5
ANSWER, TRUNCATED = 0x8580, 0x8780


def use(address):
    """Has everything in the box ask the name server at ADDRESS, once and not for long."""
    path = '/etc/resolv.conf'
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, 'w', encoding='ascii') as file:
        file.write(f'nameserver {address}\noptions timeout:1 attempts:1\n')


def encode(name):
    """A name as labels; one given as bytes is taken for labels already."""
    if isinstance(name, bytes):
        return name
    return b''.join(bytes([len(part)]) + part.encode() for part in name.split('.') if part) + b'\0'


def record(name, kind, data, length=None):
    return encode(name) + struct.pack('!HHIH', kind, 1, 0, len(data) if length is None else length) + data


def address(name, *addresses):
    """Records of a name for addresses of one family."""
    return [record(name, AAAA if ':' in each else A, socket.inet_pton(
        socket.AF_INET6 if ':' in each else socket.AF_INET, each)) for each in addresses]


class Query:
    """One question; `tcp`: how it was asked."""

    def __init__(self, packet, tcp):
        self.packet, self.tcp = packet, tcp
        self.id = int.from_bytes(packet[:2], 'big')
        end = packet.index(b'\0', 12)
        self.name = _decode(packet[12:end])
        self.kind = int.from_bytes(packet[end + 1:end + 3], 'big')
        self.question = packet[12:end + 5]

    def answer(self, *records, code=NO_ERROR, flags=ANSWER, number=None, question=None, count=None):
        """records: of record(); number, question, count: what to say in place of the truth."""
        return struct.pack('!HHHHHH', self.id if number is None else number, flags | code, 1,
                           len(records) if count is None else count, 0, 0) + (question or self.question) + b''.join(records)

    def addresses(self, *addresses):
        """The reply that has those of the addresses that were asked for."""
        return self.answer(*address(self.name, *(each for each in addresses if (':' in each) == (self.kind == AAAA))))


def _decode(labels):
    parts = []
    while labels:
        parts.append(labels[1:1 + labels[0]].decode('latin-1'))
        labels = labels[1 + labels[0]:]
    return '.'.join(parts).lower()


class Scripted:
    """answers: name → function of a Query that returns the packet, a list of them, or None for silence. Names that are
    not there do not exist. By TCP it gives the same packets, each behind its length; what is an int says that length."""

    def __init__(self, answers, host, port=53):
        self._answers = answers
        self._stopped = threading.Event()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((host, port))
        self._tcp = socket.create_server((host, port))
        self._threads = [threading.Thread(target=serve, daemon=True) for serve in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    def _reply(self, packet, tcp):
        query = Query(packet, tcp)
        answer = self._answers.get(query.name, lambda one: one.answer(code=NO_SUCH_NAME))(query)
        return answer if isinstance(answer, list) else [] if answer is None else [answer]

    def _serve_udp(self):
        while True:
            packet, client = self._udp.recvfrom(65536)
            if self._stopped.is_set():
                return
            for answer in self._reply(packet, False):
                self._udp.sendto(answer, client)

    def _serve_tcp(self):
        while True:
            try:
                client, _ = self._tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def _converse(self, client):
        with client:
            client.settimeout(30)
            try:
                stream = client.makefile('rb')
                while length := stream.read(2):
                    for answer in self._reply(stream.read(int.from_bytes(length, 'big')), True):
                        client.sendall(answer.to_bytes(2, 'big') if isinstance(answer, int)
                                       else len(answer).to_bytes(2, 'big') + answer)
            except OSError:
                # the phone had enough
                return

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stopped.set()
        self._udp.sendto(b'', self._udp.getsockname())
        self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        # somebody else may want the port at once
        for thread in self._threads:
            thread.join()
        self._udp.close()
