# SPDX-License-Identifier: LGPL-2.1-or-later
"""X.509 certificates of every kind that a phone may meet, made with openssl."""

import hashlib
import os
import ssl
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
crlnumber = {folder}/crlnumber
default_crl_days = 30
{numbers}
default_md = {digest}
policy = any
unique_subject = no
{extensions}
[any]
commonName = supplied
'''
# where the system's roots are
SYSTEM = '/etc/ssl/certs/ca-certificates.crt'
_DAY = 86400
_END = '-----END CERTIFICATE-----\n'
_CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n'


def _openssl(*arguments):
    done = subprocess.run(['openssl', *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'openssl {arguments[0]}: {done.stdout}')


class Certificate:
    """Paths of the PEM files: chain, with the leaf first, and its key."""

    def __init__(self, chain, key):
        self.chain, self.key = chain, key

    def leaf(self):
        """The first certificate of the chain, as PEM."""
        return read(self.chain).partition(_END)[0] + _END


class Authority:
    """A certificate authority of a test's own; `path` is its certificate.

    over: the Authority that it is subordinate to; its certificate then has these extensions. Without, it is a root, for so many days.
    """

    def __init__(self, name='Test CA', folder=None, over=None, extensions=_CA, key='ec', days=30, **more):
        self.name = name
        self.folder = folder or tempfile.mkdtemp(prefix='ca-')
        self.path = os.path.join(self.folder, 'ca.pem')
        self._count = 0
        self._above = []
        if over is None:
            self._key = os.path.join(self.folder, 'ca.key')
            _openssl('req', '-x509', *_new_key(key), '-days', str(days), '-subj', f'/CN={name}', '-keyout', self._key,
                     '-out', self.path)
        else:
            own = over.issue(subject=f'/CN={name}', extensions=extensions, key=key, **more)
            self._key, self._above = own.key, [self, *over._above]
            with open(self.path, 'w', encoding='ascii') as file:
                file.write(own.leaf())
        write(os.path.join(self.folder, 'index'), '')

    def issue(self, *names, begins=-_DAY, ends=30 * _DAY, self_signed=False, usage='serverAuth', extensions=None,
              subject=None, key='ec', digest='sha256', serial=None):
        """A certificate for names (host names or addresses); begins, ends: seconds from now.

        self_signed: under nobody. The kinds: issue('h', ends=-60) expired; issue('h', begins=3600) not yet valid;
        issue('other') wrong host; another Authority's: unknown CA. extensions: lines of openssl's configuration instead
        of those that names and usage make, '' for a certificate of version 1. key: 'ec' or 'rsa:BITS', or that of
        a Certificate before; serial: in hexadecimal. What is subordinate comes with the certificates above it.
        """
        self._count += 1
        base = os.path.join(self.folder, f'leaf{self._count}')
        if extensions is None:
            subject_names = ','.join(('IP:' if _is_address(name) else 'DNS:') + name for name in names)
            extensions = f'subjectAltName={subject_names}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n'
        numbers = 'rand_serial = yes' if serial is None else 'serial = ' + write(base + '.serial', serial + '\n')
        write(base + '.conf', _CA_CONF.format(folder=self.folder, numbers=numbers, digest=digest,
                                              extensions='x509_extensions = leaf' if extensions else '')
              + f'[leaf]\n{extensions}\n')
        if not os.path.isabs(key):
            kind, key = key, base + '.key'
            _openssl('req', *_new_key(kind), '-subj', '/CN=any', '-keyout', key, '-out', key + '.csr')
        signer = ['-selfsign', '-keyfile', key] if self_signed else ['-keyfile', self._key, '-cert', self.path]
        _openssl('ca', '-batch', '-notext', '-config', base + '.conf', *signer, '-startdate', _stamp(begins),
                 '-enddate', _stamp(ends), '-subj', subject or f'/CN={names[0]}', '-in', key + '.csr', '-out', base + '.pem')
        with open(base + '.pem', 'a', encoding='ascii') as file:
            file.writelines(read(authority.path) for authority in self._above)
        return Certificate(base + '.pem', key)

    def revoke(self, *certificates):
        """Where a list is that revokes these, as PEM."""
        conf = write(os.path.join(self.folder, 'revoke.conf'), _CA_CONF.format(folder=self.folder, numbers='', digest='sha256', extensions=''))
        write(os.path.join(self.folder, 'crlnumber'), '01\n')
        signer = ['-config', conf, '-keyfile', self._key, '-cert', self.path]
        for certificate in certificates:
            _openssl('ca', '-batch', *signer, '-revoke', certificate.chain)
        path = os.path.join(self.folder, 'crl.pem')
        _openssl('ca', '-batch', *signer, '-gencrl', '-out', path)
        return path

    def sign_again(self, other, **more):
        """A certificate of this authority for another's name and key, as PEM: with it, what the other issued can be followed up to here."""
        _openssl('req', '-new', '-key', other._key, '-subj', '/CN=any', '-out', other._key + '.csr')
        return self.issue(subject=f'/CN={other.name}', extensions=_CA, key=other._key, **more).leaf()

    def add_to_system(self):
        """Makes it the last of the system's roots, which have to be the test's own; what there was before."""
        before = read(SYSTEM)
        write(SYSTEM, before + read(self.path))
        return before


def _new_key(kind):
    return ['-newkey', kind, *(['-pkeyopt', 'ec_paramgen_curve:P-256'] if kind == 'ec' else []), '-nodes']


def _is_address(name):
    return name.replace('.', '').isdigit() or ':' in name


def read(path):
    with open(path, encoding='ascii') as file:
        return file.read()


def der_bytes(path):
    """The certificate of a PEM file as DER."""
    return ssl.PEM_cert_to_DER_cert(read(path))


def der(path):
    """Where the revocation list of a PEM file is as DER."""
    _openssl('crl', '-in', path, '-outform', 'DER', '-out', path + '.der')
    return path + '.der'


def fingerprint(path):
    return hashlib.sha256(der_bytes(path)).hexdigest()


def write(path, text):
    """Writes a file; returns where."""
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def _stamp(seconds):
    return time.strftime('%Y%m%d%H%M%SZ', time.gmtime(time.time() + seconds))
