# SPDX-License-Identifier: LGPL-2.1-or-later
"""A token (PKCS #11) in the box, by SoftHSM, with a key and its certificate."""

import os
import subprocess

from . import servers

MODULE = '/usr/lib/softhsm/libsofthsm2.so'
# what the module reads: TokenPaths of resyncd.conf
PATHS = '/etc/softhsm;/var/lib/softhsm'
PIN = '1234'
CERTIFICATE = 'pkcs11:token=phone;object=devkey;type=cert'


def _run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'{command[0]}: {done.stdout}')


def key(pin=PIN):
    """The URI of the private key."""
    return f'pkcs11:token=phone;object=devkey;type=private?pin-value={pin}'


def make(certificate):
    """The one token of the box, with this certificates.Certificate."""
    os.makedirs('/var/lib/softhsm/tokens', exist_ok=True)
    servers.write('/', 'etc/softhsm/softhsm2.conf', 'directories.tokendir = /var/lib/softhsm/tokens\nobjectstore.backend = file\n'
                  'log.level = ERROR\nslots.removable = false\n')
    servers.write('/', 'etc/pkcs11/modules/softhsm2.module', f'module: {MODULE}\n')
    leaf = servers.write('/run', 'leaf.pem', certificate.leaf())
    _run('softhsm2-util', '--init-token', '--free', '--label', 'phone', '--pin', PIN, '--so-pin', '5678')
    _run('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', certificate.key, '-out', '/run/key.p8')
    _run('softhsm2-util', '--import', '/run/key.p8', '--token', 'phone', '--label', 'devkey', '--id', 'A1', '--pin', PIN)
    _run('p11tool', f'--provider={MODULE}', '--login', f'--set-pin={PIN}', '--write', f'--load-certificate={leaf}', '--label=devkey',
         '--id=A1', 'pkcs11:token=phone')
