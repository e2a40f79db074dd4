# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers for the box: real ones (nginx, lighttpd, apache2, squid, atftpd, dnsmasq, rsyslogd); those that misbehave on demand are in scripted.py.

Each is a context manager. The box has a network of its own, so any port and any address is free: address() adds one
to loopback, and name() puts a name into the private /etc/hosts.
"""

import glob
import hashlib
import os
import socket
import subprocess
import tempfile

from . import process, tap, wait
from .scripted import Reply, Request, Scripted

__all__ = ['Apache', 'Atftpd', 'DnsmasqTftp', 'Lighttpd', 'Nginx', 'Process', 'Reply', 'Request', 'Rsyslogd', 'Scripted', 'Silent', 'Squid',
           'address', 'free_port', 'name', 'write']


def address(*addresses):
    """Gives the box these addresses too. Loopback's own are refused where a name leads to them (HTTP-12)."""
    for one in addresses:
        subprocess.run(['ip', 'address', 'replace', f'{one}/{128 if ":" in one else 32}', 'dev', 'lo'], check=True)


def name(host, where):
    """Makes HOST lead to WHERE."""
    with open('/etc/hosts', 'a', encoding='utf-8') as file:
        file.write(f'{where} {host}\n')


def free_port(kind=socket.SOCK_STREAM, host='127.0.0.1'):
    """A port that nobody listens on: for a server, or for a refused connection."""
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class Process:
    """A server program, ready when its port answers (or for UDP is bound)."""

    def __init__(self, title, command, host, port, udp=False):
        self.host, self.port = host, port
        self._log = tempfile.NamedTemporaryFile('w+', prefix=title + '-', suffix='.log', delete=False)
        self._detach = tap.attach(f'log of {title}', self.log)
        self._process = subprocess.Popen([*wait.TOGETHER, *command], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
                                         start_new_session=True)
        wait.until(lambda: self._process.poll() is not None or _answers(host, port, udp), title)
        if self._process.poll() is not None:
            raise RuntimeError(f'{title} did not start: {self.log()}')

    def log(self):
        with open(self._log.name, encoding='utf-8', errors='replace') as file:
            return file.read()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._detach(late=True)
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def _answers(host, port, udp):
    if udp:
        with open('/proc/net/udp6' if ':' in host else '/proc/net/udp', encoding='ascii') as file:
            return any(line.split()[1].endswith(f':{port:04X}') for line in file.readlines()[1:])
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


def write(folder, path, data):
    """Puts a file below FOLDER, readable by all; returns where."""
    full = os.path.join(folder, path.lstrip('/'))
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return full


class _Files:
    """A folder to serve."""

    def __init__(self, root):
        self.root = root or tempfile.mkdtemp(prefix='www-')
        os.chmod(self.root, 0o755)

    def put(self, path, data):
        return write(self.root, path, data)


def htdigest(user, realm, password, algorithm='MD5', userhash=False):
    """A line of a password file for Digest."""
    def digest(text):
        return hashlib.new(algorithm.replace('-', '').lower(), text.encode()).hexdigest()
    return ':'.join([user, realm, digest(f'{user}:{realm}:{password}'), *([digest(f'{user}:{realm}')] if userhash else [])]) + '\n'


class Nginx(Process, _Files):
    """tls: a certificates.Certificate. extra: lines for the server block; protocols: ssl_protocols."""

    def __init__(self, root=None, host='127.0.0.1', port=None, tls=None, extra='', protocols='TLSv1.2 TLSv1.3'):
        _Files.__init__(self, root)
        port = port or free_port(host=host)
        folder = tempfile.mkdtemp(prefix='nginx-')
        listen = f'[{host}]:{port}' if ':' in host else f'{host}:{port}'
        secure = f'ssl_certificate {tls.chain}; ssl_certificate_key {tls.key}; ssl_protocols {protocols};' if tls else ''
        if tls and ('TLSv1.1' in protocols or 'TLSv1 ' in protocols + ' '):
            # OpenSSL refuses the old versions at any higher level
            secure += ' ssl_ciphers ALL:@SECLEVEL=0;'
        temporary = ''.join(f'{kind}_temp_path {folder}/{kind};' for kind in
                            ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        config = os.path.join(folder, 'nginx.conf')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(f'user root; worker_processes 1; daemon off; pid {folder}/pid; error_log stderr notice;\n'
                       f'events {{ worker_connections 256; }}\n'
                       f'http {{ access_log {folder}/access; {temporary} default_type application/octet-stream;\n'
                       f'server {{ listen {listen}{" ssl" if tls else ""}; root {self.root}; {secure}\n{extra}\n}} }}\n')
        self.access_path, self._marks = os.path.join(folder, 'access'), 0
        Process.__init__(self, 'nginx', ['nginx', '-e', 'stderr', '-c', config], host, port)
        self.url = f'http{"s" if tls else ""}://{listen}'

    def access(self):
        """Its log, with all that it has answered: it writes a line only after the answer, and the last one comes from here."""
        self._marks += 1
        mark = f'/mark-{self._marks} '
        with socket.create_connection((self.host, self.port), wait.PATIENCE) as client:
            client.sendall(f'GET {mark}HTTP/1.0\r\n\r\n'.encode())
            while client.recv(65536):
                pass
        lines = wait.until(lambda: self._lines(mark), 'the log of nginx')
        return ''.join(line for line in lines if '/mark-' not in line)

    def _lines(self, mark):
        with open(self.access_path, encoding='utf-8') as file:
            lines = list(file)
        return lines if any(mark in line for line in lines) else None


class Lighttpd(Process, _Files):
    """For Digest: auth is (algorithm, user, password, realm) with algorithm 'MD5' or 'SHA-256'; userhash: names come hashed."""

    def __init__(self, root=None, host='127.0.0.1', port=None, auth=None, userhash=False):
        _Files.__init__(self, root)
        port = port or free_port(host=host)
        folder = tempfile.mkdtemp(prefix='lighttpd-')
        lines = [f'server.document-root = "{self.root}"', f'server.bind = "{host}"', f'server.port = {port}',
                 'mimetype.assign = ( "" => "application/octet-stream" )']
        if auth:
            algorithm, user, password, realm = auth
            passwords = write(folder, 'users', htdigest(user, realm, password, algorithm, userhash))
            more = ', "userhash" => "enable"' if userhash else ''
            lines += ['server.modules = ( "mod_auth", "mod_authn_file" )', 'auth.backend = "htdigest"',
                      f'auth.backend.htdigest.userfile = "{passwords}"',
                      f'auth.require = ( "/" => ( "method" => "digest", "realm" => "{realm}", "require" => "valid-user", '
                      f'"algorithm" => "{algorithm}"{more} ) )']
        config = write(folder, 'lighttpd.conf', '\n'.join(lines) + '\n')
        modules = next(path for path in ('/usr/lib/lighttpd', '/usr/lib/x86_64-linux-gnu/lighttpd') if os.path.isdir(path))
        Process.__init__(self, 'lighttpd', ['lighttpd', '-D', '-f', config, '-m', modules], host, port)
        self.url = f'http://{host}:{port}'


class Apache(Process, _Files):
    """Asks for Digest with MD5: auth is (user, password, realm); lifetime: seconds that a nonce counts."""

    def __init__(self, root=None, host='127.0.0.1', port=None, auth=None, lifetime=300):
        _Files.__init__(self, root)
        port = port or free_port(host=host)
        folder = tempfile.mkdtemp(prefix='apache-')
        user, password, realm = auth
        modules = ''.join(f'LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n' for name in
                          ('mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_digest'))
        config = write(folder, 'apache.conf', (
            f'ServerRoot {folder}\nPidFile {folder}/pid\nListen {host}:{port}\nServerName x\n{modules}'
            f'DocumentRoot {self.root}\nErrorLog {folder}/errors\n<Location />\nAuthType Digest\nAuthName {realm}\n'
            f'AuthDigestNonceLifetime {lifetime}\nAuthUserFile {write(folder, "users", htdigest(user, realm, password))}\n'
            f'Require valid-user\n</Location>\n'))
        Process.__init__(self, 'apache', ['apache2', '-X', '-f', config], host, port)
        self.url = f'http://{host}:{port}'


class Squid(Process):
    """A proxy; auth: (user, password) that it wants, by Basic, or by Digest. Names are those that /etc/hosts had when it started."""

    def __init__(self, host='127.0.0.1', auth=None, scheme='basic', rules='http_access allow all\n'):
        port = free_port(host=host)
        folder = tempfile.mkdtemp(prefix='squid-')
        if auth:
            user, password = auth
            helper, known = 'digest_file_auth -c', htdigest(user, 'proxy', password)
            if scheme == 'basic':
                helper, known = 'basic_ncsa_auth', f'{user}:' + subprocess.run(
                    ['openssl', 'passwd', '-apr1', password], stdout=subprocess.PIPE, text=True, check=True).stdout
            rules = (f'auth_param {scheme} program /usr/lib/squid/{helper} {write(folder, "users", known)}\n'
                     f'auth_param {scheme} children 1 startup=1 idle=1\nauth_param {scheme} realm proxy\n'
                     'acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n')
        self.access_path = os.path.join(folder, 'access')
        config = write(folder, 'squid.conf', (
            f'http_port {host}:{port}\n{rules}cache deny all\ncache_mem 8 MB\npid_filename none\nlogfile_rotate 0\n'
            f'access_log stdio:{self.access_path} logformat=squid\ncache_log {folder}/log\ncoredump_dir none\npinger_enable off\n'
            'shutdown_lifetime 0 seconds\nnetdb_filename none\nunlinkd_program /bin/true\nvisible_hostname proxy\n'
            'connect_timeout 2 seconds\nbuffered_logs off\n'))
        os.chmod(folder, 0o777)
        Process.__init__(self, 'squid', ['setpriv', '--pdeathsig', 'KILL', '--reuid', '65534', '--regid', '65534',
                                          '--clear-groups', 'squid', '-N', '-f', config], host, port)
        self.name, self._marks = f'{host}:{port}', 0

    def access(self):
        """What it was asked: (status, method, URL) of each request, in order; whoever only looked whether it is there is none. It writes a line
        only when all is done, so the last one comes from here."""
        self._marks += 1
        with socket.create_connection((self.host, self.port), wait.PATIENCE) as client:
            client.sendall(b'MARK / HTTP/1.0\r\n\r\n')
            while client.recv(65536):
                pass
        return wait.until(self._marked, 'the log of squid')[0]

    def _marked(self):
        with open(self.access_path, encoding='utf-8') as file:
            asked = [(int(words[3].rpartition('/')[2]), words[5], words[6]) for words in map(str.split, file) if words[5] != '-']
        marks = [one for one in asked if one[1] == 'MARK']
        return ([one for one in asked if one not in marks],) if len(marks) == self._marks else None


class Atftpd(Process, _Files):
    """A TFTP server that knows blksize, timeout, tsize and windowsize; options: more of its own options."""

    def __init__(self, root=None, host='127.0.0.1', port=None, options=()):
        _Files.__init__(self, root)
        os.chmod(self.root, 0o777)
        port = port or free_port(socket.SOCK_DGRAM, host)
        Process.__init__(self, 'atftpd', ['atftpd', '--daemon', '--no-fork', '--user', 'root.root', '--logfile', '-',
                                          '--bind-address', host, '--port', str(port), *options, self.root],
                         host, port, udp=True)
        self.url = f'tftp://{host}:{port}'

    def wait_written(self):
        """Until it has closed what was sent to it: it acknowledges the last block before it writes that."""
        wait.until(lambda: not any(path.startswith(self.root + '/') for path in process.open_files(self._process.pid)), 'the file of atftpd')


class DnsmasqTftp(Process, _Files):
    """A TFTP server without windowsize, on the well-known port; dns: more dnsmasq options, such as host-record=."""

    def __init__(self, root=None, host='127.0.0.1', dns=()):
        _Files.__init__(self, root)
        Process.__init__(self, 'dnsmasq', ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=',
                                           '--user=root', '--no-resolv', '--no-hosts', f'--port={53 if dns else 0}',
                                           f'--listen-address={host}', '--bind-interfaces', '--enable-tftp', '--log-facility=-',
                                           f'--tftp-root={self.root}', *('--' + option for option in dns)], host, 69, udp=True)
        self.url = f'tftp://{host}'


class Rsyslogd(Process):
    """A syslog server; of what it takes it writes what it read: severity, time, host, application, kind, and text."""

    def __init__(self, host='127.0.0.1'):
        port = free_port(socket.SOCK_DGRAM, host)
        folder = tempfile.mkdtemp(prefix='rsyslogd-')
        self._path = os.path.join(folder, 'messages')
        modules = os.path.dirname(glob.glob('/usr/lib/*/rsyslog/lmnet.so')[0])
        fields = ('syslogfacility-text', 'syslogseverity-text', 'timereported:::date-rfc3339', 'hostname', 'app-name', 'msgid', 'msg')
        config = write(folder, 'rsyslog.conf', (
            f'global(workDirectory="{folder}" net.enableDNS="off")\nmodule(load="imudp")\n'
            'template(name="read" type="string" string="' + '\\t'.join(f'%{field}%' for field in fields) + '\\n")\n'
            f'input(type="imudp" address="{host}" port="{port}")\n'
            f'action(type="omfile" file="{self._path}" template="read" asyncWriting="off" flushOnTXEnd="on")\n'))
        Process.__init__(self, 'rsyslogd', ['rsyslogd', '-n', '-f', config, '-i', folder + '/pid', '-M', modules], host, port, udp=True)

    def messages(self):
        """The fields of each message so far."""
        if not os.path.exists(self._path):
            return []
        with open(self._path, encoding='utf-8') as file:
            return [tuple(line.rstrip('\n').split('\t')) for line in file]


class Silent:
    """A UDP port that takes packets and never answers; counts them."""

    def __init__(self, host='127.0.0.1', port=0):
        self._socket = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self.host, self.port = self._socket.getsockname()[:2]

    def received(self):
        """Every packet so far, as (bytes, sender)."""
        packets = []
        self._socket.setblocking(False)
        while True:
            try:
                packets.append(self._socket.recvfrom(65536))
            except BlockingIOError:
                return packets

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
