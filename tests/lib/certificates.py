# SPDX-License-Identifier: LGPL-2.1-or-later
"""X.509 certificates of every kind that a phone may meet, made with openssl."""

import os
import subprocess
import tempfile
import time

_CA_CONF = '''
[ca]
default_ca = here
[here]
dir = {folder}
new_certs_dir = {folder}
database = {folder}/index
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
x509_extensions = leaf
[any]
commonName = supplied
'''
_DAY = 86400


def _openssl(*arguments):
    done = subprocess.run(['openssl', *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'openssl {arguments[0]}: {done.stdout}')


class Certificate:
    """Paths of the PEM files: chain, with the leaf first, and its key."""

    def __init__(self, chain, key):
        self.chain, self.key = chain, key


class Authority:
    """A certificate authority of a test's own; `path` is its root."""

    def __init__(self, name='Test CA', folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix='ca-')
        self.path = os.path.join(self.folder, 'ca.pem')
        self._key = os.path.join(self.folder, 'ca.key')
        self._count = 0
        _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
                 '-subj', f'/CN={name}', '-keyout', self._key, '-out', self.path)
        with open(os.path.join(self.folder, 'index'), 'w', encoding='utf-8'):
            pass

    def issue(self, *names, begins=-_DAY, ends=30 * _DAY, self_signed=False, usage='serverAuth'):
        """A certificate for names (host names or addresses); begins, ends: seconds from now.

        self_signed: under nobody. The kinds: issue('h', ends=-60) expired; issue('h', begins=3600) not yet valid;
        issue('other') wrong host; another Authority's: unknown CA.
        """
        self._count += 1
        base = os.path.join(self.folder, f'leaf{self._count}')
        config = base + '.conf'
        subject = ','.join(('IP:' if name.replace('.', '').isdigit() or ':' in name else 'DNS:') + name for name in names)
        with open(config, 'w', encoding='utf-8') as file:
            file.write(_CA_CONF.format(folder=self.folder)
                       + f'[leaf]\nsubjectAltName={subject}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n')
        _openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', f'/CN={names[0]}',
                 '-keyout', base + '.key', '-out', base + '.csr')
        signer = ['-selfsign', '-keyfile', base + '.key'] if self_signed else ['-keyfile', self._key, '-cert', self.path]
        _openssl('ca', '-batch', '-notext', '-config', config, *signer, '-startdate', _stamp(begins),
                 '-enddate', _stamp(ends), '-in', base + '.csr', '-out', base + '.pem')
        return Certificate(base + '.pem', base + '.key')


def _stamp(seconds):
    return time.strftime('%Y%m%d%H%M%SZ', time.gmtime(time.time() + seconds))
