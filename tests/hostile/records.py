# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS by hand, for servers that no library will play: records and handshake messages as bytes, and a relay that harms
what a real server says."""

import select
import socket
import struct
import threading
import time

CHANGE_CIPHER, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
HELLO_REQUEST, SERVER_HELLO, CERTIFICATE, HELLO_DONE = 0, 2, 11, 14
WARNING, FATAL = 1, 2
CLOSE_NOTIFY, HANDSHAKE_FAILURE, PROTOCOL_VERSION, INTERNAL_ERROR, UNRECOGNIZED_NAME = 0, 40, 70, 80, 112
# a server that could do TLS 1.3 says so at the end of its random bytes (RFC 8446, 4.1.3)
DOWNGRADE = b'DOWNGRD\1'
RETRY = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')
ECDHE_ECDSA, NULL = b'\xc0\x2b', b'\0\0'


def record(kind, payload, version=b'\3\3', length=None):
    return bytes([kind]) + version + struct.pack('!H', len(payload) if length is None else length) + payload


def message(kind, body, length=None):
    """A message of the handshake, in a record of its own."""
    return record(HANDSHAKE, bare_message(kind, body, length))


def bare_message(kind, body, length=None):
    return bytes([kind]) + (len(body) if length is None else length).to_bytes(3, 'big') + body


def alert(level, what):
    return record(ALERT, bytes([level, what]))


def sized(data, width):
    """DATA with its length in front."""
    return len(data).to_bytes(width, 'big') + data


def server_hello(version=b'\3\3', cipher=ECDHE_ECDSA, compression=b'\0', random=b'\x55' * 32, session=b'',
                 extensions=b'\xff\1\0\1\0\0\x0b\0\2\1\0'):
    return message(SERVER_HELLO, version + random + sized(session, 1) + cipher + compression + sized(extensions, 2))


def certificates(*ders):
    """The message of TLS 1.2 that shows a chain."""
    return message(CERTIFICATE, sized(b''.join(sized(der, 3) for der in ders), 3))


class _Server:
    """Takes connections; each has a thread, which ends with the server."""

    def __init__(self, host):
        self._stopped = threading.Event()
        self._socket = socket.create_server((host, 0))
        self.host, self.port = self._socket.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self._stopped.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(client,), daemon=True).start()

    def _run(self, client):
        with client:
            client.settimeout(30)
            try:
                self.serve(client)
            except OSError:
                # the client had enough, which is what most of these are for
                return

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stopped.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Raw(_Server):
    """Answers the client's hello with the given parts: bytes, or seconds of silence. Then it waits for the client to go.

    again: the last part without end, at most LIMIT bytes; close: at the end, without waiting.
    """

    LIMIT = 256 << 20

    def __init__(self, *parts, host, again=False, close=False):
        self._parts, self._again, self._close = parts, again, close
        self.sent = 0
        super().__init__(host)

    def serve(self, client):
        client.recv(65536)
        for part in self._parts:
            self._say(client, part)
        while self._again and self.sent < self.LIMIT and not self._stopped.is_set():
            self._say(client, self._parts[-1])
        while not self._close and client.recv(65536):
            pass

    def _say(self, client, part):
        if isinstance(part, bytes):
            client.sendall(part)
            self.sent += len(part)
        else:
            self._stopped.wait(part)


class Relay(_Server):
    """Stands between the client and a real server and does harm to what the server says.

    cut: nothing comes after so many bytes, and the connection ends, by RST if reset, or silently stays if hang; flip: the
    byte at this offset has a bit changed; drip: each byte takes so many seconds; before: bytes said first; junk: bytes
    said at the offset of cut.
    """

    def __init__(self, target, host, cut=None, reset=False, hang=False, flip=None, drip=0.0, before=b'', junk=b''):
        self._target, self._cut, self._reset, self._hang = target, cut, reset, hang
        self._flip, self._drip, self._before, self._junk = flip, drip, before, junk
        self.said = 0
        super().__init__(host)

    def serve(self, client):
        with socket.create_connection(self._target, 10) as server:
            client.sendall(self._before)
            self.said = 0
            while self._cut is None or self.said < self._cut:
                readable, _, _ = select.select([client, server], [], [], 30)
                if client in readable:
                    server.sendall(client.recv(65536))
                if server in readable:
                    part = server.recv(65536)
                    if not part:
                        return
                    self._pass(client, part[:None if self._cut is None else self._cut - self.said])
            client.sendall(self._junk)
            if self._hang:
                self._stopped.wait(30)
            elif self._reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))

    def _pass(self, client, part):
        at, self.said = self.said, self.said + len(part)
        if self._flip is not None and at <= self._flip < self.said:
            part = bytearray(part)
            part[self._flip - at] ^= 0x10
        if not self._drip:
            client.sendall(part)
            return
        for each in part:
            client.sendall(bytes([each]))
            self._stopped.wait(self._drip)
