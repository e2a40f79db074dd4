# SPDX-License-Identifier: LGPL-2.1-or-later
"""The laboratory as a test sees it that runs on its phone (tap.main('lab')): NetworkManager's lease, the provider's
files and options, the cable. `Phone` is resyncd there, as its own user on the system bus.
"""

import contextlib
import ctypes
import os
import subprocess
import tempfile

from gi.repository import GLib

from . import bus, servers, tree, wait

SERVER = '10.77.0.1'
HOST = 'prov.phones.lab'
MAC = '02005e005301'
CA = '/etc/resyncd/lab-ca.pem'
WWW = '/run/lab/www'
LOG = '/run/lab/log'
_SCRIPT = tree.source('tests', 'lab', 'lab.sh')
_NM = 'org.freedesktop.NetworkManager'


def control(*command):
    """A command of lab.sh, such as control('link', 'down')."""
    done = subprocess.run([_SCRIPT, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'lab.sh {" ".join(command)}: {done.stdout}')
    return done.stdout


def server(*command):
    """Runs a command on the provider's host; returns what it printed."""
    return control('server', *command)


@contextlib.contextmanager
def provider():
    """What this thread starts inside, sockets and programs, is on the provider's host, at SERVER."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open('/proc/thread-self/ns/net', encoding='ascii') as here, open('/run/netns/server', encoding='ascii') as there:
        if libc.setns(there.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), 'the provider\'s network')
        try:
            yield
        finally:
            libc.setns(here.fileno(), 0)


def put(path, data):
    """A file that TFTP, HTTP and HTTPS serve."""
    return servers.write(WWW, path, data)


def remove(path):
    os.unlink(os.path.join(WWW, path.lstrip('/')))


def options(*lines):
    """New DHCP options, as dnsmasq lines or one name of a conf/options-NAME.conf; the phone sees them when it renews."""
    if len(lines) == 1 and '=' not in lines[0]:
        control('options', lines[0])
        return
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
        file.write('\n'.join(lines) + '\n')
        file.flush()
        control('options', file.name)


def renew():
    """A new lease at once; the address goes for a moment."""
    control('renew')


def link(up):
    control('link', 'up' if up else 'down')


def requests():
    """What nginx was asked: lines of its access log."""
    path = os.path.join(LOG, 'access.log')
    with open(path, encoding='utf-8') as file:
        return file.read().splitlines()


def lease(connection=None):
    """The DHCPv4 options that NetworkManager shows for eth0; {} where it has no lease."""
    connection = connection or bus.SystemBus().connect()

    def read(path, interface, name):
        reply = connection.call_sync(_NM, path, 'org.freedesktop.DBus.Properties', 'Get',
                                     GLib.Variant('(ss)', (interface, name)), None, 0, 5000, None)
        return reply.unpack()[0]
    try:
        device = connection.call_sync(_NM, '/org/freedesktop/NetworkManager', _NM, 'GetDeviceByIpIface',
                                      GLib.Variant('(s)', ('eth0',)), None, 0, 5000, None).unpack()[0]
        config = read(device, _NM + '.Device', 'Dhcp4Config')
        return {} if config == '/' else read(config, _NM + '.DHCP4Config', 'Options')
    except GLib.Error:
        return {}


def wait_lease(good=bool, timeout=wait.PATIENCE):
    """Until the lease's options are good; returns them."""
    connection = bus.SystemBus().connect()
    return wait.until(lambda: (lambda now: now if good(now) else None)(lease(connection)), 'the lease as wanted', timeout)


def text(value):
    """A phone_NNN value, decimal bytes, as text without the trailing NULs that servers add."""
    return bytes(int(part) for part in value.split()).rstrip(b'\0').decode()


class Phone(bus.Daemon):
    """resyncd as user resyncd; config: more sections of resyncd.conf than conf/resyncd.conf has."""

    def __init__(self, config=None, **options_):
        with open(tree.source('tests', 'lab', 'conf', 'resyncd.conf'), encoding='utf-8') as file:
            text_ = file.read()
        self._text = text_ + bus.keyfile(config or {})
        super().__init__(bus.SystemBus(), config={}, user='resyncd', **options_)

    def _config(self, sections):
        # a key file may name a section again; the later key counts
        path = os.path.join(self.folder, 'resyncd.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(self._text)
        return path
