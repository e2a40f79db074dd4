# SPDX-License-Identifier: LGPL-2.1-or-later
"""What resyncd and resyncd-inform say to each other, for tests that are one of the two."""

import socket
import subprocess

from gi.repository import GLib

from . import tree

SOCKET = '/run/resyncd-inform.socket'
CODES = (43, 60, 66, 67, 120, 125, 150, 159, 160)
CODES6 = (17, 59, 159, 160)
GIVEN, SILENT, FAILED = range(3)
_MAC = bytes.fromhex('02005e005301')


def question(address='', server='10.77.0.1', interface='eth0', mac=_MAC, identity=b'\1' + _MAC, vendor='dslforum.org', codes=None,
             version=1, v6=False):
    """The bytes of a question; the address of the lease, or v6."""
    values = (version, 6 if v6 else 4, interface, mac, b'' if v6 else socket.inet_aton(address),
              server if isinstance(server, bytes) else b'' if v6 else socket.inet_aton(server), identity, vendor,
              codes or (CODES6 if v6 else CODES))
    return GLib.Variant('(yysayayayaysaq)', values).get_data_as_bytes().get_data()


def answer(kind, message='', options=(), version=1):
    """The bytes of an answer; options: (code, bytes)."""
    return GLib.Variant('(yysa(qay))', (version, kind, message, list(options))).get_data_as_bytes().get_data()


def read_answer(data):
    """(kind, message, [(code, bytes)]) of an answer's bytes."""
    value = GLib.Variant.new_from_bytes(GLib.VariantType.new('(yysa(qay))'), GLib.Bytes.new(data), False)
    assert value.is_normal_form(), data
    version, kind, message, options = value.unpack()
    assert version == 1, version
    return kind, message, [(code, bytes(option)) for code, option in options]


def read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b''.join(parts)


def program():
    return tree.installed('resyncd-inform')


class Program:
    """resyncd-inform as systemd starts it, but as root; asked one thing."""

    def __init__(self, data=b'', end=True, front=()):
        """end: it is told that this is all; front: a command that runs it."""
        self.socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen([*front, program()], stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.socket.sendall(data)
        if data and end:
            self.socket.shutdown(socket.SHUT_WR)

    def reply(self, timeout=20):
        """All that it says, b'' for nothing."""
        self.socket.settimeout(timeout)
        return read_all(self.socket)

    def ended(self):
        """(status, what it printed), when it has."""
        _, text = self.process.communicate(timeout=20)
        return self.process.returncode, text

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
