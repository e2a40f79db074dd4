# SPDX-License-Identifier: LGPL-2.1-or-later
"""https://prov.example, as it is or as somebody plays it, and whom the phone trusts to have made its certificate.

All of it is made when the first server is: before that the tests are not in their box.
"""

import functools

import harness
from lib import certificates, scripted, servers

HOST, ADDRESS = 'prov.example', '192.0.2.30'
CA_FILE = '/run/provider.pem'
# of resyncd.conf
SECTIONS = {'Tls': {'CaFile': CA_FILE, 'SystemCa': 'false'}}


def root(kind='ec'):
    """An authority that the phone trusts, with a key of this kind."""
    return _root(kind)


@functools.lru_cache
def _root(kind):
    servers.address(ADDRESS)
    servers.name(HOST, ADDRESS)
    made = certificates.Authority(f'Provider {kind}', key=kind)
    with open(CA_FILE, 'a', encoding='ascii') as file:
        file.write(certificates.read(made.path))
    return made


@functools.lru_cache
def good():
    """The certificate that the provider should have."""
    return root().issue(HOST)


def named(server, host=HOST):
    """The same server, asked for by HTTPS and the provider's name."""
    server.url = f'https://{host}:{server.port}'
    return server


def web(tls, body=harness.GOOD, host=HOST, **reply):
    """A server that gives the profile to whoever gets through; tls: a Certificate or an ssl.SSLContext."""
    return named(scripted.Scripted(lambda request: harness.Reply(body=body, **reply), host=ADDRESS, tls=tls), host=host)


def played(behave):
    """A server that behaves so below TLS."""
    root()
    return named(scripted.Server(behave, host=ADDRESS))


def refused(name, make, message, error='Untrusted', **more):
    """A row: make() -> a server by web() that the phone must not ask for anything."""
    made = []

    def server():
        made.append(make())
        return made[-1]

    def check(result):
        if made[-1].requests:
            raise AssertionError('the phone has asked it')
    return harness.Case(name, error=error, message=message, server=server, check=check, **more)
