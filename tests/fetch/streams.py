# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TCP server that writes for as long as somebody reads, and one that never answers."""

import socket
import threading


class Stream:
    """Sends head, then block again and again, at most LIMIT bytes; pause: seconds between blocks. `sent` counts the bytes."""

    def __init__(self, head, block, host='127.0.0.1', limit=1 << 30, pause=0.0):
        self._head, self._block, self._limit, self._pause = head, block, limit, pause
        self._stopped = threading.Event()
        self.sent = 0
        self._socket = socket.create_server((host, 0))
        self.url = 'http://%s:%d/' % self._socket.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self._stopped.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            client.settimeout(30)
            try:
                client.recv(65536)
                client.sendall(self._head)
                while self.sent < self._limit and not self._stopped.is_set():
                    client.sendall(self._block)
                    self.sent += len(self._block)
                    self._stopped.wait(self._pause)
            except OSError:
                # the client had enough
                return

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stopped.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Mute:
    """A TCP port that takes connections and says nothing; deaf: it does not even take them."""

    def __init__(self, deaf=False, host='127.0.0.1'):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((host, 0))
        self._socket.listen(0 if deaf else 16)
        self.host, self.port = self._socket.getsockname()
        self.url = f'http://{self.host}:{self.port}/'
        self._fillers = []
        for _ in range(4 if deaf else 0):
            # the queue is full then, and what knocks is not answered
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex((self.host, self.port))
            self._fillers.append(filler)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for filler in self._fillers:
            filler.close()
        self._socket.close()
