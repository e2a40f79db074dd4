# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real DHCP servers of the laboratory in the place of dnsmasq: ISC dhcpd and Kea, for IPv4 and IPv6, on the provider's host.

    with dhcpd.Isc({66: b'http://…'}):
        lab.renew()
"""

import json
import os
import subprocess
import tempfile

from . import lab, tap, wait

POOL = ('10.77.0.160', '10.77.0.190')
RUN = '/run/lab'


def end_dnsmasq():
    """Until lab.options() starts it again."""
    lab.control('phone', 'bash', '-c', 'kill $(cat /run/lab/dnsmasq.pid); while kill -0 $(cat /run/lab/dnsmasq.pid); do sleep 0.05; done 2>/dev/null')


class Server:
    """Started for `with`; ends dnsmasq before."""

    name = ''

    def __init__(self, options, **more):
        self.folder = tempfile.mkdtemp(prefix=self.name + '-', dir=RUN)
        self.path = os.path.join(self.folder, 'conf')
        self._log = os.path.join(self.folder, 'log')
        with open(self.path, 'w', encoding='utf-8') as file:
            file.write(self.configure(options, **more))
        end_dnsmasq()
        with open(self._log, 'w', encoding='utf-8') as log, lab.provider():
            self.process = subprocess.Popen([*wait.TOGETHER, *self.command()], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, env={**os.environ, **self.environment()})
        self._detach = tap.attach(self.name, self.log)
        wait.until(self._is_ready, self.name)

    def environment(self):
        return {}

    def log(self):
        with open(self._log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f'{self.name} ended with {self.process.returncode}:\n{self.log()}')
        return self.READY in self.log()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(20)
        self._detach(late=True)


class Isc(Server):
    """options: bytes, by their codes."""

    name = 'dhcpd'
    READY = 'Server starting service'
    V6 = False

    def configure(self, options, authoritative=True):
        space, kind = ('dhcp6.', '-6') if self.V6 else ('', '')
        lines = ['default-lease-time 300;', 'max-lease-time 300;', 'authoritative;' if authoritative else 'not authoritative;']
        for code, value in options.items():
            lines += [f'option {space}lab{kind}-{code} code {code} = string;',
                      f'option {space}lab{kind}-{code} {":".join(f"{byte:02x}" for byte in value)};']
        if self.V6:
            lines += ['subnet6 fd77::/64 { range6 fd77::100 fd77::1ff; }']
        else:
            lines += [f'subnet 10.77.0.0 netmask 255.255.255.0 {{ range {POOL[0]} {POOL[1]}; option routers 10.77.0.1; }}']
        return '\n'.join(lines) + '\n'

    def command(self):
        leases = os.path.join(self.folder, 'leases')
        with open(leases, 'w', encoding='ascii'):
            pass
        return ['dhcpd', '-6' if self.V6 else '-4', '-f', '-d', '--no-pid', '-cf', self.path, '-lf', leases, 'srv0']


class Isc6(Isc):
    name = 'dhcpd6'
    V6 = True


class Kea(Server):
    name = 'kea'
    READY = '_STARTED Kea'
    FAMILY = 4
    SUBNET = {'subnet': '10.77.0.0/24', 'pools': [{'pool': ' - '.join(POOL)}]}

    def configure(self, options, authoritative=True):
        more = {'interfaces-config': {'interfaces': ['srv0'], 'dhcp-socket-type': 'raw'}, 'authoritative': authoritative}
        return self.compose(options, more)

    def compose(self, options, more):
        name = f'dhcp{self.FAMILY}'
        data = [{'code': code, 'space': name, 'csv-format': False, 'data': value.hex()} for code, value in options.items()]
        return json.dumps({name.title(): {
            'lease-database': {'type': 'memfile', 'persist': False}, 'valid-lifetime': 300, 'renew-timer': 100, 'rebind-timer': 150,
            f'subnet{self.FAMILY}': [{**self.SUBNET, 'option-data': data, 'interface': 'srv0'}],
            'loggers': [{'name': 'kea-' + name, 'severity': 'INFO', 'output_options': [{'output': 'stdout', 'flush': True}]}], **more}})

    def environment(self):
        return {'KEA_PIDFILE_DIR': self.folder, 'KEA_LOCKFILE_DIR': self.folder}

    def command(self):
        return [f'kea-dhcp{self.FAMILY}', '-c', self.path]


class Kea6(Kea):
    name = 'kea6'
    FAMILY = 6
    SUBNET = {'subnet': 'fd77::/64', 'pools': [{'pool': 'fd77::100 - fd77::1ff'}]}

    def configure(self, options, authoritative=True):
        return self.compose(options, {'interfaces-config': {'interfaces': ['srv0']}, 'preferred-lifetime': 200})

    def command(self):
        # where it keeps its DUID; and it opens no socket on an address that is still being tried
        os.makedirs('/var/lib/kea', exist_ok=True)
        wait.until(lambda: 'tentative' not in lab.server('ip', '-6', 'address', 'show', 'srv0'), "an address of the link's")
        return super().command()
