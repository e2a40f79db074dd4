# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TFTP server by hand: each request gets a socket of its own and a function that says what happens on it."""

import socket
import threading

READ, DATA, ACK, ERROR, OACK = 1, 3, 4, 5, 6


def data(block, payload):
    return DATA.to_bytes(2, 'big') + (block & 0xffff).to_bytes(2, 'big') + payload


def error(code, text=''):
    return ERROR.to_bytes(2, 'big') + code.to_bytes(2, 'big') + text.encode() + b'\0'


def oack(**options):
    return OACK.to_bytes(2, 'big') + b''.join(f'{name}\0{value}\0'.encode() for name, value in options.items())


class Peer:
    """One transfer: send() and receive() speak with the client that asked; stopped: the server has ended meanwhile."""

    def __init__(self, host, client, stopped=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(5)
        self.client, self._stopped = client, stopped

    def send(self, packet):
        if self._stopped and self._stopped.is_set():
            raise ConnectionAbortedError('the test is over')
        self.socket.sendto(packet, self.client)

    def receive(self):
        """(opcode, number or None, rest)"""
        packet = self.socket.recv(65536)
        return int.from_bytes(packet[:2], 'big'), int.from_bytes(packet[2:4], 'big'), packet[4:]


class Tftp:
    """handle(peer, file, options) runs in a thread for each request, but for one that is repeated meanwhile; what it raises fails
    the test at close()."""

    def __init__(self, handle, host='127.0.0.1'):
        self._handle, self.requests, self._failed = handle, [], []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.host, self.port = self._socket.getsockname()
        self.url = f'tftp://{self.host}:{self.port}/'
        self._threads = []
        self._stopped = threading.Event()
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _serve(self):
        asked = {}
        while True:
            packet, client = self._socket.recvfrom(65536)
            if self._stopped.is_set():
                return
            # whoever had to wait for the answer to begin has asked once more
            if (packet, client) in asked and asked[packet, client].is_alive():
                continue
            words = packet[2:].split(b'\0')[:-1]
            options = {words[i].decode(): words[i + 1].decode() for i in range(2, len(words), 2)}
            self.requests.append((words[0].decode(), words[1].decode(), options))
            peer = Peer(self.host, client, self._stopped)
            thread = threading.Thread(target=self._run, args=(peer, words[0].decode(), options), daemon=True)
            thread.start()
            asked[packet, client] = thread
            self._threads.append(thread)

    def _run(self, peer, file, options):
        try:
            with peer.socket:
                self._handle(peer, file, options)
        except ConnectionAbortedError:
            return
        # whatever else it was, it belongs to the test
        except Exception as problem:  # pylint: disable=broad-except
            self._failed.append(problem)

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        self._stopped.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wake:
            wake.sendto(b'', (self.host, self.port))
        for thread in self._threads:
            thread.join(10)
        self._socket.close()
        if self._failed and kind is None:
            raise AssertionError(f'in the server: {self._failed[0]!r}')
