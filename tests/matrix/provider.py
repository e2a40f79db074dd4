# SPDX-License-Identifier: LGPL-2.1-or-later
"""The servers of the cases, real ones, each at an address of its own on the phone: nginx for HTTP and HTTPS, atftpd for TFTP, and for those
that are slow, which neither can be, a scripted one that keeps its answers back."""

import itertools
import os
import tempfile
import threading

import cases
from lib import certificates, servers

LATE = 0.1  # seconds
PATIENCE = 20
_NGINX = '''user root; worker_processes 1; daemon off; pid {folder}/pid; error_log stderr notice;
events {{ worker_connections 256; }}
http {{ log_format asked '$scheme $server_addr $request_uri'; access_log {folder}/access asked; default_type application/octet-stream;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi; ssl_certificate {tls.chain}; ssl_certificate_key {tls.key};
{blocks} }}
'''
PORTAL = '<!DOCTYPE html><html>Log in</html>'


def profile(place):
    return f'<flat-profile><GPP_A>{place}</GPP_A><Resync_Periodic>0</Resync_Periodic><Resync_Random_Delay>0</Resync_Random_Delay></flat-profile>'


def _block(scheme, place, locations, tls=None):
    """tls: another certificate than the others have."""
    secure, port = (' ssl', 443) if scheme == 'https' else ('', 80)
    listen = f'listen {cases.address(place)}:{port}{secure}; listen [{cases.address(place, 6)}]:{port}{secure};'
    own = f'ssl_certificate {tls.chain}; ssl_certificate_key {tls.key};' if tls else ''
    return f'server {{ {listen} {own} {locations} }}'


def _domain_blocks(authority):
    """The servers that SRV records name: who asks one of them by its own name is sent away (DISC-8)."""
    tls, strange = authority.issue(cases.DOMAIN), authority.issue(cases.host('srv-strange'))
    for place in cases.DOMAIN_PLACES:
        for scheme in ('http', 'https'):
            does = cases.behaviour(place, scheme)
            if does != 'dead':
                locations = _locations('good' if does == 'strange' else does, place)
                yield _block(scheme, place, f'if ($host != {cases.DOMAIN}) {{ return 421; }} {locations}', strange if does == 'strange' else tls)


def _locations(does, place):
    if does == 'wrong':
        return f'location / {{ return 200 "{PORTAL}"; }}'
    found = ''.join(f'location = {path} {{ return 200 "{profile(place)}"; }} ' for path in cases.profiles(place)) if does == 'good' else ''
    return found + 'location / { return 404; }'


def _service():
    found = ''.join(f'location = /{name} {{ return 200 "<flat-profile><Profile_Rule>{rule}</Profile_Rule></flat-profile>"; }} '
                    for name, rule in cases.RULES.items())
    return found + 'location = /unknown { return 200 ""; } location / { return 404; }'


class Web(servers.Process):
    """nginx at every place that has HTTP or HTTPS and is not slow."""

    def __init__(self, tls, authority):
        folder = tempfile.mkdtemp(prefix='nginx-')
        blocks = [_block(scheme, place, _locations(cases.behaviour(place, scheme), place)) for scheme in ('http', 'https')
                  for place in cases.PLACES if cases.behaviour(place, scheme) in ('empty', 'wrong', 'good') and place not in cases.DOMAIN_PLACES]
        blocks += _domain_blocks(authority)
        config = servers.write(folder, 'nginx.conf', _NGINX.format(folder=folder, tls=tls, blocks='\n'.join(
            blocks + [_block('https', 'service', _service())])))
        self._access = os.path.join(folder, 'access')
        super().__init__('nginx', ['nginx', '-e', 'stderr', '-c', config], cases.address('good-http'), 80)

    def asked(self):
        with open(self._access, encoding='utf-8') as file:
            lines = [line.split() for line in file]
        return [f'{scheme}://{f"[{address}]" if ":" in address else address}{path}' for scheme, address, path in lines]


class Late:
    """The slow servers: an answer takes LATE, and, while they are held, until they are let go."""

    def __init__(self, tls):
        self._open = threading.Event()
        self._open.set()
        self._closed = threading.Event()
        self._asked = []
        self._servers = [self._serve(scheme, place, family, tls) for scheme in ('http', 'https') for place in cases.PLACES
                         if cases.behaviour(place, scheme) == 'slow' for family in (4, 6)]

    def _serve(self, scheme, place, family, tls):
        def answer(request):
            self._asked.append(f'{scheme}://{cases.in_url(place, family)}{request.target}')
            self._open.wait(PATIENCE)
            self._closed.wait(LATE)
            found = request.target in cases.profiles(place)
            return servers.Reply(body=profile(place)) if found else servers.Reply(404)
        secure = scheme == 'https'
        return servers.Scripted(answer, host=cases.address(place, family), port=443 if secure else 80, tls=tls if secure else None)

    def hold(self):
        self._open.clear()

    def let_go(self):
        self._open.set()

    def asked(self):
        return list(self._asked)

    def close(self):
        self._closed.set()
        self.let_go()
        for server in self._servers:
            server.close()


class Files(servers.Atftpd):
    """TFTP at one place."""

    def __init__(self, place):
        root = tempfile.mkdtemp(prefix='tftp-')
        does = cases.behaviour(place, 'tftp')
        if does == 'good':
            for path in cases.profiles(place):
                servers.write(root, path, profile(place))
        elif does == 'wrong':
            for path in (cases.OWN, *map(cases.expand, cases.DEFAULT_PATHS)):
                servers.write(root, path, PORTAL)
        self._place = place
        super().__init__(root, cases.address(place), 69, ('--verbose=7', '--trace'))

    def asked(self):
        words = [line.partition('received RRQ <filename: ')[2].partition(',')[0].lstrip('/') for line in self.log().splitlines()
                 if 'received RRQ <' in line]
        # a datagram that comes twice is one request
        return [f'tftp://{cases.address(self._place)}/{word}' for word, _same in itertools.groupby(words)]


class Provider:
    """All of them."""

    def __init__(self):
        servers.address(*(cases.address(place, family) for place in cases.PLACES for family in (4, 6)))
        self.authority = certificates.Authority()
        os.chmod(self.authority.folder, 0o755)
        tls = self.authority.issue(*(cases.address(place, family) for place in cases.PLACES for family in (4, 6)))
        self.late = Late(tls)
        self._all = [self.late, Web(tls, self.authority)]
        self._all += [Files(place) for place in cases.PLACES if cases.behaviour(place, 'tftp') in ('empty', 'wrong', 'good')]
        self._seen = {server: 0 for server in self._all}

    def asked(self):
        """scheme and server -> what it was asked since forget(), in order."""
        found = {}
        for server in self._all:
            for url in server.asked()[self._seen[server]:]:
                found.setdefault(url.split('/', 3)[0] + url.split('/', 3)[2], []).append(url)
        return found

    def forget(self):
        self._seen = {server: len(server.asked()) for server in self._all}

    def close(self):
        for server in self._all:
            server.close()
