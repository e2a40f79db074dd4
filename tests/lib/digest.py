# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server, or a proxy, that asks for Digest and takes nothing but what RFC 7616 says, for what real ones do not do at once: nonces that age while
the answer is on its way, and SHA-256 by a proxy.
"""

import hashlib
import re
import select
import socket

from .scripted import Reply, Scripted

_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s,"]+)(?:, |$)')
_HASHES = {'MD5': hashlib.md5, 'SHA-256': hashlib.sha256}


class Strict(Scripted):
    """Lets in who answers each nonce once and rightly, and plays then what reply(request) gives: a Reply, or for CONNECT a Tunnel.

    stale: that many right answers come to a nonce that has aged meanwhile. `statuses` are those of its answers, `wrong` what was no answer at all.
    """

    def __init__(self, user, password, algorithm, reply, proxy=False, stale=0, host='127.0.0.1', tls=None):
        self._account, self._algorithm, self._reply, self._proxy, self._stale = (user, password), algorithm, reply, proxy, stale
        self._nonces, self._made = set(), 0
        self.statuses, self.wrong = [], []
        super().__init__(self._judge, host, tls=tls)

    def _judge(self, request):
        answer = request.headers.get('proxy-authorization' if self._proxy else 'authorization')
        if answer is None or not self._accepts(request, answer):
            return self._demand()
        if self._stale > 0:
            self._stale -= 1
            return self._demand(', stale=true')
        self.statuses.append(200)
        return self._reply(request)

    def _demand(self, more=''):
        self._made += 1
        nonce = f'{self._made}/{id(self):x}=='
        self._nonces.add(nonce)
        self.statuses.append(407 if self._proxy else 401)
        return Reply(self.statuses[-1], headers={('Proxy' if self._proxy else 'WWW') + '-Authenticate': (
            f'Digest realm="a realm", qop="auth, auth-int", algorithm={self._algorithm}, nonce="{nonce}", opaque="o, p"{more}')})

    def _accepts(self, request, answer):
        scheme, _, rest = answer.partition(' ')
        fields = {name: value.strip('"') for name, value in _FIELD.findall(rest)}
        user, password = self._account
        known = {'username': user, 'realm': 'a realm', 'uri': request.target, 'qop': 'auth', 'nc': '00000001', 'algorithm': self._algorithm,
                 'opaque': 'o, p'}
        faults = [f'{name}={fields.get(name)}' for name, value in known.items() if fields.get(name) != value]
        if scheme != 'Digest' or _FIELD.sub('', rest) or fields.get('nonce') not in self._nonces or len(fields.get('cnonce', '')) < 8 or faults:
            self.wrong.append((answer, faults))
            return False
        self._nonces.remove(fields['nonce'])

        def digest(*parts):
            return _HASHES[self._algorithm](':'.join(parts).encode()).hexdigest()
        middle = [fields[name] for name in ('nonce', 'nc', 'cnonce', 'qop')]
        return fields.get('response') == digest(digest(user, 'a realm', password), *middle, digest(request.method, request.target))


class Tunnel:
    """What CONNECT asks for: bytes both ways until one end is done."""

    def __init__(self, request):
        self._where = request.target.rpartition(':')[::2]

    def play(self, peer):
        with socket.create_connection(self._where) as there:
            peer.send(b'HTTP/1.1 200 Connection established\r\n\r\n')
            other = {peer.socket: there, there: peer.socket}
            while True:
                for end in select.select(list(other), [], [], 60)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    other[end].sendall(data)
