# SPDX-License-Identifier: LGPL-2.1-or-later
"""TCP servers that do what no real one would: one accept loop, and on it HTTP answers by script, streams without end,
and whatever a test writes as a function of the peer.
"""

import socket
import ssl
import threading
import warnings


class Peer:
    """One connection of a Server: what it may do there. `sent` counts the bytes of all connections of the server."""

    def __init__(self, server, connection):
        self.server, self.socket = server, connection

    def send(self, data):
        self.socket.sendall(data)
        self.server.sent += len(data)

    def repeat(self, block, limit=1 << 30, pause=0.0):
        """Sends a block again and again, at most LIMIT bytes; pause: seconds between blocks."""
        done = 0
        while done < limit and not self.server.stopped.is_set():
            self.send(block)
            done += len(block)
            if pause:
                self.wait(pause)

    def wait(self, seconds):
        """Sleeps, unless the server is closed."""
        self.server.stopped.wait(seconds)

    def read_request(self):
        """A Request, or None where nothing came."""
        with self.socket.makefile('rb') as stream:
            return _read_request(stream)

    def reset(self):
        """Has the end of the connection be an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')


def context(certificate, ciphers='DEFAULT', oldest=None, newest=None, **attributes):
    """An ssl.SSLContext of a server that minds nothing, whatever OpenSSL thinks of keys, ciphers and versions.

    certificate: a certificates.Certificate, or None; oldest, newest: ssl.TLSVersion; attributes: of the context.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers(ciphers + ':@SECLEVEL=0')
    with warnings.catch_warnings():
        # the old ones are what somebody wants here
        warnings.simplefilter('ignore', DeprecationWarning)
        made.minimum_version = oldest or made.minimum_version
        made.maximum_version = newest or made.maximum_version
    if certificate:
        made.load_cert_chain(certificate.chain, certificate.key)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


class Server:
    """behave(peer) runs in a thread for each connection, which is closed when it returns.

    tls: a certificates.Certificate or an ssl.SSLContext.
    """

    def __init__(self, behave, host='127.0.0.1', port=0, tls=None):
        self._behave = behave
        self.stopped = threading.Event()
        self.sent = 0
        self._context = tls
        if tls and not isinstance(tls, ssl.SSLContext):
            self._context = context(tls)
        self._socket = socket.create_server((host, port), family=socket.AF_INET6 if ':' in host else socket.AF_INET)
        self.host, self.port = self._socket.getsockname()[:2]
        shown = f'[{self.host}]' if ':' in self.host else self.host
        self.url = f'http{"s" if tls else ""}://{shown}:{self.port}'
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while not self.stopped.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(60)
        try:
            if self._context:
                client = self._context.wrap_socket(client, server_side=True)
            with client:
                self._behave(Peer(self, client))
        except (OSError, ValueError):
            # the client went away, or never spoke HTTP: its test sees that from the other side
            client.close()

    def close(self):
        self.stopped.set()
        # wakes the thread that accepts, which would take the connections of whoever has the descriptor next
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Request:
    """What a client asked of a Scripted server."""

    def __init__(self, line, headers, body):
        self.method, self.target = line.split(' ')[:2]
        self.headers, self.body = headers, body


def _read_request(stream):
    line = stream.readline(65536).decode('latin-1').strip()
    if not line:
        return None
    headers = {}
    while True:
        header = stream.readline(65536).decode('latin-1').strip()
        if not header:
            break
        key, _, value = header.partition(':')
        headers[key.strip().lower()] = value.strip()
    return Request(line, headers, stream.read(int(headers.get('content-length', 0))))


class Reply:
    """What a Scripted server answers.

    body: bytes or text, sent whole with a Content-Length unless length says another; length=None: none, the end of the
    connection ends the body. chunked: in chunks; cut=N: only N bytes of the body, then the connection breaks;
    reset: breaks it with RST; delay: seconds before the answer; stall: seconds of silence after the sent part;
    raw: exactly these bytes instead of all that; repeat: bytes that follow again and again, every PAUSE seconds, until
    the client has had enough.
    """

    def __init__(self, status=200, body=b'', headers=None, length=-1, chunked=False, cut=None, reset=False, delay=0.0,
                 stall=0.0, raw=None, repeat=b'', pause=0.0):
        self.status, self.headers = status, dict(headers or {})
        self.body = body.encode() if isinstance(body, str) else body
        self.length, self.chunked, self.cut, self.reset = length, chunked, cut, reset
        self.delay, self.stall, self.raw = delay, stall, raw
        self.repeat, self.pause = repeat, pause

    def head(self):
        lines = [f'HTTP/1.1 {self.status} Scripted']
        headers = {'Connection': 'close', **self.headers}
        if self.chunked:
            headers['Transfer-Encoding'] = 'chunked'
        elif self.length is not None and self.status not in (204, 304):
            headers['Content-Length'] = str(len(self.body) if self.length < 0 else self.length)
        lines += [f'{key}: {value}' for key, value in headers.items()]
        return ('\r\n'.join(lines) + '\r\n\r\n').encode()

    def _bytes(self):
        if self.raw is not None:
            return self.raw
        body = self.body if self.cut is None else self.body[:self.cut]
        if self.chunked:
            body = b''.join(chunk(body[i:i + 1000]) for i in range(0, len(body), 1000))
            body += b'' if self.cut is not None else b'0\r\n\r\n'
        return self.head() + body

    def play(self, peer):
        peer.wait(self.delay)
        peer.send(self._bytes())
        if self.repeat:
            peer.repeat(self.repeat, pause=self.pause)
        peer.wait(self.stall)
        if self.reset:
            peer.reset()
        elif self.cut is None and isinstance(peer.socket, ssl.SSLSocket):
            peer.socket.unwrap()


def chunk(data):
    """A chunk of a chunked body."""
    return b'%x\r\n%s\r\n' % (len(data), data)


class Scripted(Server):
    """An HTTP server. answer(request) -> Reply, or a dict of target -> Reply or list of them in turn.

    A target that is not in the dict is 404. `requests` holds all that was asked.
    """

    def __init__(self, answer, host='127.0.0.1', port=0, tls=None):
        self._answer, self.requests = answer, []
        self._lock = threading.Lock()
        super().__init__(self._respond, host, port, tls)

    def _respond(self, peer):
        request = peer.read_request()
        if request is not None:
            self._choose(request).play(peer)

    def _choose(self, request):
        with self._lock:
            self.requests.append(request)
            if not isinstance(self._answer, dict):
                return self._answer(request)
            reply = self._answer.get(request.target, Reply(404, 'nothing here'))
            if isinstance(reply, list):
                reply = reply.pop(0) if len(reply) > 1 else reply[0]
            return reply

    def targets(self):
        """The targets asked for so far."""
        with self._lock:
            return [request.target for request in self.requests]


class Stream(Server):
    """Hears the client out once, whatever it says, then sends head, and block again and again, at most LIMIT bytes."""

    def __init__(self, head, block, host='127.0.0.1', limit=1 << 30, pause=0.0):
        def behave(peer):
            peer.socket.recv(65536)
            peer.send(head)
            peer.repeat(block, limit, pause)
        super().__init__(behave, host)
        self.url += '/'


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
