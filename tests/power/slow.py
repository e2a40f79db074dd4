# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk that takes its time: the fsync of a program is held by the kernel until the delay is over (watched.c)."""

import fcntl
import os
import select
import socket
import struct
import tempfile
import threading
import time

from lib import tree

# linux/seccomp.h: struct seccomp_notif, struct seccomp_notif_resp
_NOTIF, _RESP = struct.Struct('=QIIiIQ6Q'), struct.Struct('=QqiI')
_RECV = 3 << 30 | _NOTIF.size << 16 | ord('!') << 8
_SEND = 3 << 30 | _RESP.size << 16 | ord('!') << 8 | 1
_CONTINUE = 1


class Disk:
    """inside: to be put in front of a command, any number of times. delay: seconds for each fsync, from now on; let_go () ends those of now.

    calls: [begin, end] of every fsync, of the monotonic clock; end is None while it is held.
    """

    def __init__(self, delay):
        self.delay = delay
        self.calls = []
        self._let_go_at = 0
        self._folder = tempfile.mkdtemp(prefix='disk-')
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(os.path.join(self._folder, 'socket'))
        self._listener.listen()
        self.inside = (os.path.join(tree.BUILD, 'tests', 'power', 'watched'), os.path.join(self._folder, 'socket'))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                _, fds, _, _ = socket.recv_fds(client, 1, 1)
            threading.Thread(target=self._watch, args=fds, daemon=True).start()

    def _watch(self, fd):
        """Until the last process with the filter is gone."""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        held = []
        while True:
            now = time.monotonic()
            for number, call, end in [one for one in held if one[2] <= now or one[1][0] <= self._let_go_at]:
                held.remove((number, call, end))
                self._answer(fd, number)
                call[1] = time.monotonic()
            # let_go () wakes nobody
            wait = max(0, min(min(end for _, _, end in held) - now, 0.05) if held else 3600)
            ready = poll.poll(wait * 1000 + 0.5)
            if ready and ready[0][1] & select.POLLIN:
                number = self._receive(fd)
                if number is not None:
                    call = [time.monotonic(), None]
                    self.calls.append(call)
                    held.append((number, call, call[0] + self.delay))
            elif ready:
                os.close(fd)
                return

    def _receive(self, fd):
        buffer = bytearray(_NOTIF.size)
        try:
            fcntl.ioctl(fd, _RECV, buffer)
        except FileNotFoundError:
            # killed in the meantime
            return None
        return _NOTIF.unpack(buffer)[0]

    def _answer(self, fd, number):
        try:
            fcntl.ioctl(fd, _SEND, bytearray(_RESP.pack(number, 0, 0, _CONTINUE)))
        except FileNotFoundError:
            # killed in the meantime
            pass

    def held(self):
        """Begin of the fsync that is held now, or None."""
        begun = [begin for begin, end in self.calls[-4:] if end is None]
        return begun[0] if begun else None

    def let_go(self):
        """Ends what is held now, however long its delay."""
        self._let_go_at = time.monotonic()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self.inside[1])
        os.rmdir(self._folder)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
