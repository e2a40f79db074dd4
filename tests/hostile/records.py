# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS by hand, for servers that no library will play: records and handshake messages as bytes, and a relay that harms
what a real server says."""

import select
import socket
import time

CHANGE_CIPHER, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
HELLO_REQUEST, SERVER_HELLO, CERTIFICATE, HELLO_DONE = 0, 2, 11, 14
# a server that could do TLS 1.3 says so at the end of its random bytes (RFC 8446, 4.1.3)
DOWNGRADE = b'DOWNGRD\1'
RETRY = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')
ECDHE_ECDSA, NULL = b'\xc0\x2b', b'\0\0'


def record(kind, payload, version=b'\3\3', length=None):
    return bytes([kind]) + version + (len(payload) if length is None else length).to_bytes(2, 'big') + payload


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


def say(*parts, again=False, close=False):
    """What a server does that answers the client's hello with these parts: bytes, or seconds of silence.

    again: the last part without end; close: it ends the connection then, and does not wait for the client to go.
    """
    def behave(peer):
        peer.socket.recv(65536)
        for part in parts:
            if isinstance(part, bytes):
                peer.send(part)
            else:
                peer.wait(part)
        if again:
            peer.repeat(parts[-1], limit=256 << 20)
        while not close and peer.socket.recv(65536):
            pass
    return behave


class Relay:
    """What a server does that stands between the client and a real server and harms what that one says.

    cut: nothing more is passed on after so many bytes; then it says JUNK and ends the connection, by an RST if reset, or
    stays silent if hang. flip: the byte at this offset has one bit changed; drip: each byte takes so many seconds;
    before: bytes said first.
    """

    def __init__(self, target, cut=None, reset=False, hang=False, flip=None, drip=0.0, before=b'', junk=b''):
        self._target, self._cut, self._reset, self._hang = target, cut, reset, hang
        self._flip, self._drip, self._before, self._junk = flip, drip, before, junk

    def __call__(self, peer):
        said = 0
        with socket.create_connection(self._target, 10) as server:
            peer.send(self._before)
            while self._cut is None or said < self._cut:
                readable, _, _ = select.select([peer.socket, server], [], [], 30)
                if peer.socket in readable:
                    server.sendall(peer.socket.recv(65536))
                if server in readable:
                    part = server.recv(65536)
                    if not part:
                        return
                    part = part[:None if self._cut is None else self._cut - said]
                    self._pass(peer, part, said)
                    said += len(part)
            peer.send(self._junk)
        if self._hang:
            peer.wait(30)
        elif self._reset:
            peer.reset()

    def _pass(self, peer, part, at):
        if self._flip is not None and at <= self._flip < at + len(part):
            part = bytearray(part)
            part[self._flip - at] ^= 0x10
        if not self._drip:
            peer.send(part)
            return
        for each in part:
            peer.send(bytes([each]))
            peer.wait(self._drip)
