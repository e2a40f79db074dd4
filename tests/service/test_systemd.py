#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The unit under a real systemd: how it starts, what its sandbox holds back, and that the phone is provisioned in it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, servers, systemd, tap, tree, wait  # noqa: E402

CONFIG = '''[Phone]
Model=LAB
[Network]
Manager=none
Options=66=http://127.0.0.1:8088/phone.xml
'''
PROFILE = '<flat-profile><GPP_A>from-the-server</GPP_A><Resync_Periodic>7200</Resync_Periodic></flat-profile>'


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs('/etc/resyncd', exist_ok=True)
        servers.write('/etc/resyncd', 'resyncd.conf', CONFIG)
        cls.machine = systemd.Booted()
        cls.addClassCleanup(cls.machine.close)
        cls.server = cls.machine.inside(servers.Scripted, {'/phone.xml': servers.Reply(body=PROFILE),
                                                               '/slow.xml': servers.Reply(delay=60)}, port=8088)
        cls.addClassCleanup(cls.server.close)
        cls.shell, cls.show, cls.property = cls.machine.shell, cls.machine.show, cls.machine.property
        cls.shell('systemctl', 'start', 'resyncd.service')

    def provisioned(self):
        wait.until(lambda: self.property('CustomizationState') == 'Aborted', 'the profile', 40, 0.2)

    def status(self, pid):
        """/proc/PID/status; {} where there is none any more."""
        text = self.shell('cat', f'/proc/{pid}/status', check=False)
        return {key: value.strip() for key, value in (line.split(':', 1) for line in text.splitlines() if ':\t' in line)}

    def test_started(self):
        """systemd hears that it is ready and what it does, and it runs as its own user without capabilities"""
        self.assertEqual(self.show('ActiveState'), 'active')
        self.assertTrue(self.show('StatusText'))
        self.assertEqual(self.show('WatchdogUSec'), '10min')
        pid = self.show('MainPID')
        fields = self.status(pid)
        self.assertNotEqual(fields['Uid'].split()[0], '0')
        self.assertEqual({fields[key] for key in ('CapEff', 'CapPrm', 'CapBnd', 'CapAmb')}, {'0000000000000000'})
        self.assertEqual((fields['NoNewPrivs'], fields['Seccomp']), ('1', '2'))
        self.assertEqual(self.shell('stat', '-c', '%a %U', '/var/lib/resyncd').strip(), '700 resyncd')

    def test_sandbox(self):
        """what it does not need is not there: a writable system, homes, devices"""
        root = f'/proc/{self.show("MainPID")}/root'
        mounts = {line.split()[4]: line.split()[5] for line in
                  self.shell('cat', f'/proc/{self.show("MainPID")}/mountinfo').splitlines()}
        self.assertIn('ro', mounts['/'].split(','))
        self.assertIn('rw', mounts['/var/lib/resyncd'].split(','))
        self.assertNotIn('loop-control', self.shell('ls', root + '/dev'))

    def test_a_call(self):
        """SCHED-5: what keeps the phone busy is a pipe with a name, which the sandbox lets it make"""
        self.assertRegex(self.shell('busctl', 'call', bus.NAME, bus.PATH, bus.NAME, 'Inhibit', 'ss', 'sip', 'a call'), r'^h ')
        # busctl has ended, and its end of the pipe is closed
        wait.until(lambda: not self.shell('sh', '-c', 'ls /run/resyncd | grep inhibitor || true').strip(), 'the end of the call')

    def test_exposure(self):
        """systemd-analyze finds no fault, and an exposure of at most 1.5"""
        unit = tree.installed('resyncd.service')
        subprocess.run(['systemd-analyze', 'verify', '--man=no', unit], check=True, stdout=sys.stderr)
        subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=15', unit], check=True,
                       stdout=subprocess.DEVNULL)

    def test_provisions_in_the_sandbox(self):
        """daemon and worker do their job inside it"""
        self.provisioned()
        value = json.loads(self.shell('busctl', '--json=short', 'call', 'org.resyncd.Provisioning1', '/org/resyncd/Provisioning1',
                                      'org.resyncd.Provisioning1.Parameters', 'Get', 'as', '1', 'GPP_A'))
        self.assertEqual(value['data'], [{'GPP_A': 'from-the-server'}])

    def test_worker_is_caged(self):
        """a worker closes its cage in the unit as well: one more filter than the unit's, and limits of its own"""
        self.provisioned()
        self.shell('busctl', 'call', bus.NAME, bus.PATH, bus.NAME, 'Resync', 'sa{sv}', 'http://127.0.0.1:8088/slow.xml', '0')
        daemon = self.show('MainPID')
        # (a daemon that was started again may have had another one meanwhile)
        wait.until(lambda: '/slow.xml' in self.server.targets(), 'the request')
        filters = int(self.status(daemon)['Seccomp_filters']) + 1
        worker, = (pid for pid in self.shell('sh', '-c', f'cat /proc/{daemon}/task/*/children').split()
                   if self.status(pid).get('Seccomp_filters') == str(filters))
        limits = self.shell('cat', f'/proc/{worker}/limits')
        for limit in (r'cpu time +125 +126', r'core file size +0 +0', r'open files +64 +64',
                      *(() if tree.is_sanitized() else (r'file size +0 +0', r'address space +\d+'))):
            self.assertRegex(limits, limit)
        self.shell('busctl', 'call', bus.NAME, bus.PATH, bus.NAME, 'Cancel')
        wait.until(lambda: not self.status(worker), 'the end of the worker')

    def test_journal(self):
        """each kind of event has a MESSAGE_ID, fields, and an entry in the catalog (LOG-2)"""
        self.provisioned()
        entries = [json.loads(line) for line in self.shell('journalctl', '-u', 'resyncd', '-o', 'json').splitlines()]
        done = [entry for entry in entries if entry.get('RESYNCD_RESULT') == 'success'][0]
        self.assertEqual((done['RESYNCD_URL'], done['RESYNCD_CLASS'], done['RESYNCD_HTTP_STATUS'], done['RESYNCD_SOURCE']),
                         ('http://127.0.0.1:8088/phone.xml', 'A', '200', 'dhcp-66'))
        self.assertIn('RESYNCD_ATTEMPT', done)
        self.assertIn('RESYNCD_REASON', done)
        began = [entry for entry in entries if entry.get('RESYNCD_ATTEMPT') == done['RESYNCD_ATTEMPT']][0]
        self.assertNotEqual(began['MESSAGE_ID'], done['MESSAGE_ID'])
        # LOG-1
        said = {entry['RESYNCD_PARAMETER']: entry for entry in entries if entry.get('RESYNCD_ATTEMPT') == done['RESYNCD_ATTEMPT']
                and 'RESYNCD_PARAMETER' in entry}
        self.assertEqual(sorted(said), ['Log_Request_Msg', 'Log_Success_Msg'])
        for parameter, end in (('Log_Request_Msg', 'Requesting resync'), ('Log_Success_Msg', 'Successful resync')):
            self.assertTrue(said[parameter]['MESSAGE'].endswith(f'-- {end} http://127.0.0.1:8088/phone.xml'), said[parameter]['MESSAGE'])
            self.assertEqual(said[parameter]['RESYNCD_URL'], done['RESYNCD_URL'])
        listed = self.shell('journalctl', '--list-catalog')
        for message_id in {entry['MESSAGE_ID'] for entry in entries if entry.get('GLIB_DOMAIN') == 'resyncd'
                           and 'MESSAGE_ID' in entry}:
            self.assertIn(message_id, listed)

    def test_activation_and_restart(self):
        """a call on the bus starts it, and a crash does not end it for long"""
        self.provisioned()
        self.shell('systemctl', 'stop', 'resyncd.service')
        self.assertEqual(self.show('Result'), 'success')
        self.assertEqual(self.property('CustomizationState'), 'Aborted')
        # who called is answered a moment before systemd hears that it is ready
        wait.until(lambda: self.show('ActiveState') == 'active', 'the start')
        pid = self.show('MainPID')
        self.shell('kill', '-KILL', pid)
        wait.until(lambda: self.show('MainPID') not in ('0', pid) and self.show('ActiveState') == 'active', 'the restart')
        self.assertEqual(self.property('CustomizationState'), 'Aborted')

    def test_redirect_service(self):
        """the reference server runs as a user of its own in a sandbox, binds a port of the system's and may do nothing else of root's, keeps its codes from others, reads them again when it is told
        to, and goes on after a crash"""
        subprocess.run(['systemd-sysusers', tree.source('systemd', 'resyncd-redirect.sysusers')], check=True)
        book = '[Server]\nListen=127.0.0.1:89\n[phone 00562b043615]\nRule=https://prov.example/{}.xml\n'
        servers.write('/etc/resyncd-redirect', 'redirect.conf', book.format('one'))
        subprocess.run(['systemd-tmpfiles', '--create', tree.source('systemd', 'resyncd-redirect.tmpfiles')], check=True)
        unit = tree.installed('resyncd-redirect.service')
        subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=15', unit], check=True, stdout=subprocess.DEVNULL)
        self.shell('systemctl', 'start', 'resyncd-redirect.service')

        def show(name):
            return self.shell('systemctl', 'show', '--value', '-p', name, 'resyncd-redirect.service').strip()

        def answer():
            with self.machine.inside(socket.create_connection, ('127.0.0.1', 89)) as client:
                client.sendall(b'GET /redirect?id=00562B043615:: HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
                return b''.join(iter(lambda: client.recv(4096), b'')).decode()
        self.assertIn('https://prov.example/one.xml', answer())
        pid = show('MainPID')
        self.assertEqual(self.status(pid)['Uid'].split()[0], self.shell('id', '-u', 'resyncd-redirect').strip())
        # CAP_NET_BIND_SERVICE
        self.assertEqual({self.status(pid)[key] for key in ('CapEff', 'CapPrm', 'CapBnd', 'CapAmb')}, {f'{1 << 10:016x}'})
        for path, mode in (('/etc/resyncd-redirect', '750 root resyncd-redirect'),
                           ('/etc/resyncd-redirect/redirect.conf', '640 root resyncd-redirect'),
                           ('/var/lib/resyncd-redirect', '700 resyncd-redirect resyncd-redirect')):
            self.assertEqual(self.shell('stat', '-c', '%a %U %G', path).strip(), mode)
        with open('/etc/resyncd-redirect/redirect.conf', 'w', encoding='utf-8') as file:
            file.write(book.format('two'))
        self.shell('systemctl', 'reload', 'resyncd-redirect.service')
        wait.until(lambda: 'https://prov.example/two.xml' in answer(), 'the new book')
        self.shell('kill', '-KILL', pid)
        wait.until(lambda: show('MainPID') not in ('0', pid) and show('ActiveState') == 'active', 'the restart')
        self.assertIn('https://prov.example/two.xml', answer())

    def test_accounts_and_folders(self):
        """sysusers makes the user and the three groups, tmpfiles the folders"""
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, 'etc'))
            subprocess.run(['systemd-sysusers', f'--root={root}', tree.source('systemd', 'resyncd.sysusers')], check=True)
            with open(os.path.join(root, 'etc/group'), encoding='utf-8') as file:
                groups = {line.split(':')[0] for line in file}
            with open(os.path.join(root, 'etc/passwd'), encoding='utf-8') as file:
                users = {line.split(':')[0] for line in file}
            self.assertEqual((groups, users), ({'resyncd', 'resyncd-admin', 'resyncd-sip'}, {'resyncd'}))
            subprocess.run(['systemd-tmpfiles', '--create', f'--root={root}', tree.source('systemd', 'resyncd.tmpfiles')],
                           check=True)
            self.assertEqual(os.stat(os.path.join(root, 'var/lib/resyncd')).st_mode & 0o777, 0o700)


if __name__ == '__main__':
    tap.main('box')
