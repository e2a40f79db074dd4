# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncd-redirect as a server of a test, started, killed and started again on the same port."""

import os
import signal
import subprocess
import tempfile

from . import servers, tree

PROGRAM = os.path.join(tree.BUILD, 'src', 'redirect', 'resyncd-redirect')


class Redirect(servers.Process):
    """book: the sections of phones and codes; more: lines for [Server]; limits: lines for [Limits]; tls: a certificates.Certificate."""

    def __init__(self, book, host='127.0.0.1', more='', limits='', tls=None):
        self.folder = tempfile.mkdtemp(prefix='redirect-')
        self._port, self._host = servers.free_port(host=host), host
        # the threads of TLS are on their way out when the check for leaks looks at them, which ends it now and then
        self._settings = ['G_DEBUG=fatal-criticals', *(['ASAN_OPTIONS=detect_leaks=0:abort_on_error=1'] if tls else [])]
        secure = f'CertificateFile={tls.chain}\nPrivateKeyFile={tls.key}\n' if tls else ''
        self._head = f'[Server]\nListen={host}:{self._port}\n{secure}{more}\n[Limits]\n{limits}\n'
        self.config = servers.write(self.folder, 'redirect.conf', self._head + book)
        self.state = os.path.join(self.folder, 'state')
        os.mkdir(self.state)
        self.url = f'http{"s" if tls else ""}://{host}:{self._port}'
        self.start()

    def start(self):
        # libsoup warns of some things that clients send: that is no fault of the server's
        servers.Process.__init__(self, 'resyncd-redirect', ['env', *self._settings, PROGRAM, '--config', self.config,
                                                            '--state-dir', self.state],
                                 self._host, self._port)

    def kill(self):
        """As the power does."""
        self._process.kill()
        self._process.wait()

    def is_up(self):
        return self._process.poll() is None

    def pid(self):
        return self._process.pid

    def reload(self, book):
        servers.write(self.folder, 'redirect.conf', self._head + book)
        self._process.send_signal(signal.SIGHUP)

    def close(self):
        if self.is_up():
            servers.Process.close(self)
            # anything else is a leak or a crash
            if self._process.returncode != 0:
                raise AssertionError(f'resyncd-redirect ended with {self._process.returncode}')


def start_error(text, more=()):
    """What the program says of a configuration, and its exit status."""
    with tempfile.TemporaryDirectory(prefix='redirect-') as folder:
        config = servers.write(folder, 'redirect.conf', text)
        for name, content in more:
            servers.write(folder, f'redirect.conf.d/{name}', content)
        done = subprocess.run([PROGRAM, '--check', '--config', config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return done.returncode, done.stdout.replace(folder + '/', '')
