#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Secrets go in by every way there is, each a canary of its own, and every place that somebody else can read is searched for
them: the journal with all its fields and debug messages, the bus, the status page and its JSON, /proc of daemon and worker,
files, and a core."""

import base64
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, encrypted, process, servers, systemd, tap, tree, wait  # noqa: E402

Reply = servers.Reply
SERVER = '127.0.0.1:8088'
# what an admin may read besides: rules with what is in them
RULES = {'SetProfileRule', 'rule query', 'rule userinfo', 'rule that does not parse'}
# two kinds of users who may call but read no secret, and one who may not even call
READERS = (('lab-web', 'resyncd-admin', RULES), ('lab-lcd', 'resyncd', set()), ('lab-nobody', 'lab-nobody', set()))


class Canaries(dict):
    """way in -> token, made when first asked for."""

    def __missing__(self, way):
        self[way] = f'C{secrets.token_hex(12)}y'
        return self[way]

    def found(self, data):
        """The ways whose token stands in DATA: as it is, or as Basic credentials, hexadecimal or base64 would carry it."""
        return sorted(way for way, token in self.items() if any(form in data for form in _forms(token.encode())))


def _forms(token):
    yield token
    yield token.hex().encode()
    for offset in range(3):
        # without the ends, which depend on what stands before and after
        yield base64.b64encode(b'x' * offset + token)[4:-4]


class Machine(systemd.Booted):
    """resyncd under its unit, talkative, allowed to dump core where it can write."""

    def __init__(self, options, pin):
        os.makedirs('/etc/resyncd', exist_ok=True)
        servers.write('/etc/resyncd', 'resyncd.conf', f'[Phone]\nModel=LAB\n[Network]\nManager=none\nOptions={options}\n'
                      '[Discovery]\nActivationUrl=https://127.0.0.1:9/activate\n'
                      '[Tls]\nCertificateFile=pkcs11:token=none;object=phone;type=cert\n'
                      f'PrivateKeyFile=pkcs11:token=none;object=phone;type=private?pin-value={pin}\n')
        systemd.drop_in('talkative', '[Service]\nEnvironment=G_MESSAGES_DEBUG=all\nLimitCORE=infinity\n'
                                     'WorkingDirectory=/var/lib/resyncd\n')
        super().__init__()

    def as_user(self, user, group, *command):
        """What a command prints, on both streams, however it ends."""
        return self.shell('setpriv', '--reuid', user, '--regid', group, '--clear-groups', '--', *command, check=False)

    def pids(self, name):
        """Of resyncd or its workers, as this side of the namespaces sees them."""
        with open(os.path.join(self._dir, 'branch'), encoding='utf-8') as file:
            branch = file.read().strip()
        found = []
        for folder, _folders, _files in os.walk(branch):
            with open(os.path.join(folder, 'cgroup.procs'), encoding='ascii') as file:
                found += [int(pid) for pid in file.read().split()]
        return [pid for pid in found if _comm(pid) == name]


def _comm(pid):
    try:
        with open(f'/proc/{pid}/comm', encoding='ascii') as file:
            return file.read().strip()
    except OSError:
        return None


def _files(*folders):
    for folder in folders:
        for parent, _folders, names in os.walk(folder):
            for name in names:
                path = os.path.join(parent, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def _read(path):
    with open(path, 'rb') as file:
        return file.read()


class Canary(unittest.TestCase):
    """One phone for all; what each test looks at was written by setUpClass()."""

    @classmethod
    def setUpClass(cls):
        cls.canaries = c = Canaries()
        cls.machine = Machine(f'66=http://user:{c["option"]}@{SERVER}/first.xml?k={c["option query"]}', c['PIN'])
        cls.addClassCleanup(cls.machine.close)
        cls.server = cls.machine.inside(servers.Scripted, cls.answer, port=8088)
        cls.addClassCleanup(cls.server.close)
        cls.heard = os.path.join(tempfile.mkdtemp(prefix='heard-'), 'bus')
        with open(cls.heard, 'wb') as file:
            monitor = subprocess.Popen(cls.machine.command('busctl', '--json=short', 'monitor', bus.NAME), stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=subprocess.STDOUT)
        cls.addClassCleanup(monitor.wait)
        cls.addClassCleanup(monitor.terminate)
        wait.until(lambda: b'Monitoring bus' in _read(cls.heard), 'the monitor')
        cls.proc, cls.peeked = b'', []
        cls.machine.shell('systemctl', 'start', 'resyncd.service')
        wait.until(lambda: cls.machine.property('CustomizationState') == 'Aborted', 'the first profile', 40, 0.2)
        cls.told = cls.put_in()

    @classmethod
    def answer(cls, request):
        """Every reply repeats what it was asked with, and the profile is full of secrets."""
        c = cls.canaries
        path, _, query = request.target.partition('?')
        if path.startswith('http://'):
            # as a proxy
            echo = request.headers.get('proxy-authorization', '')
            return Reply(403 if echo else 407, echo, headers={'Proxy-Authenticate': f'Basic realm="{echo}"'})
        echo = f'{query} {request.headers.get("authorization", "")}'
        if path not in ('/moved', '/digest') and 'authorization' not in request.headers:
            return Reply(401, headers={'WWW-Authenticate': f'Basic realm="{echo}"'})
        if path == '/sealed':
            return Reply(body=encrypted.openssl('-md', 'sha256', data='<flat-profile><GPP_C>key</GPP_C></flat-profile>', key=c['key']))
        if path == '/ece':
            return Reply(body=encrypted.seal(b'<flat-profile><GPP_D>ikm</GPP_D></flat-profile>', c['ikm'].encode()), headers={'Content-Encoding': 'aes128gcm'})
        if path == '/first.xml':
            # while it waits for this its worker is there to be looked at
            wait.until(lambda: cls.machine.pids('resyncd-worker'), 'the worker')
            cls.look_at_processes()
            return Reply(body=f'<flat-profile><Admin_Password>{c["profile"]}</Admin_Password><GPP_SA>{c["GPP_SA"]}</GPP_SA>'
                              f'<Password_1_>{c["profile, indexed"]}</Password_1_>'
                              f'<VPN_Password>{c["profile, too long"] * 2}</VPN_Password>'
                              f'<Proxy_Host>joe:{c["profile, account before a host"]}@proxy.example</Proxy_Host>'
                              f'<IKM_HTTP_Encrypt_Content>{c["ikm"]}</IKM_HTTP_Encrypt_Content>'
                              f'<GPP_SB>{c["key"]}</GPP_SB>'
                              f'<Profile_Rule_B>[--uid u --pwd $SA]http://{SERVER}/b.xml?t={c["rule query"]}</Profile_Rule_B>'
                              f'<Profile_Rule_C>http://u:{c["rule userinfo"]}@{SERVER}/c.xml</Profile_Rule_C>'
                              f'<Profile_Rule_D>[--pwd "{c["rule that does not parse"]}http://x/</Profile_Rule_D>'
                              '<Resync_Periodic>0</Resync_Periodic></flat-profile>')
        if path == '/moved':
            return Reply(302, headers={'Location': f'http://u:{c["location"]}@{SERVER}/gone?t={c["location query"]}'})
        if path == '/digest':
            return Reply(401, headers={'WWW-Authenticate': f'Digest realm="r", nonce="{echo}", qop="auth"'})
        if path == '/broken':
            return Reply(body=f'<flat-profile><Admin_Password>{c["broken profile"]}</Admin_Passwort></flat-profile>')
        if path == '/reason':
            return Reply(raw=f'HTTP/1.1 500 {echo} {request.target}\r\nX-Echo: {echo}\r\nContent-Length: 0\r\n\r\n'.encode())
        if path in ('/b.xml', '/c.xml'):
            return Reply(body='<flat-profile></flat-profile>')
        return Reply(404, echo)

    @classmethod
    def put_in(cls):
        """Uses every other way in as root. What the callers themselves were told is kept."""
        c, ctl = cls.canaries, '/usr/bin/resyncctl'
        told, entered = [], []

        def run(*arguments):
            told.append(cls.machine.shell(ctl, *arguments, check=False))
        run('set', f'User_Password={c["Set"]}')
        run('set', f'VPN_Password={c["Set, too long"] * 2}')
        run('set', f'User_Passwort={c["Set, misspelt"]}')
        # DISC-11: codes are digits; the screen is up while the rule says so
        for way, more in (('activation code', ''), ('activation code, wrong form', '7')):
            c[way] = f'{secrets.randbelow(10 ** 16):016}'
            cls.machine.shell(ctl, 'rule', 'gds://')
            entered.append(cls.machine.shell(ctl, 'activate', c[way] + more, check=False))
        run('rule', f'[--key {c["SetProfileRule"]}]http://{SERVER}/p.xml')
        run('rule', f'[--uid u --pwd {c["SetProfileRule, refused"]} http://{SERVER}/p.xml')
        run('explain', f'[--uid u --pwd {c["Explain"]}]http://{SERVER}/p.xml?x={c["Explain, query"]}')
        for path in ('moved', 'basic', 'digest', 'broken', 'reason', 'nothing'):
            run('resync', f'[--uid u --pwd {c[path + ", pwd"]}]http://{SERVER}/{path}?q={c[path + ", query"]}')
        run('resync', f'http://u:{c["userinfo"]}@{SERVER}/nothing')
        run('resync', f'tftp://127.0.0.1:9/x?t={c["tftp query"]}')
        run('resync', f'https://u:{c["https userinfo"]}@{SERVER}/?t={c["https query"]}')
        run('resync', f'[--pwd {c["Resync, refused"]}')
        run('resync', f'[--uid u --key {c["key"]}]http://{SERVER}/sealed')
        run('resync', f'[--uid u --key {c["another key"]}]http://{SERVER}/sealed')
        run('resync', f'[--uid u --key $SB]http://{SERVER}/ece')
        run('set', 'Proxy_Mode=Manual', f'Proxy_Host={SERVER}', 'Proxy_Server_Requires_Authentication=Yes', 'Proxy_Username=u',
            f'Proxy_Password={c["proxy"]}')
        run('resync', f'http://{SERVER}/through-the-proxy')
        run('resync', f'https://{SERVER}/through-the-proxy')
        run('set', 'Proxy_Mode=Off')
        cls.machine.shell('busctl', 'call', bus.NAME, bus.PATH, bus.NAME + '.Parameters', 'Verify', 'ss', 'Admin_Password',
                          c['Verify'])
        return told + entered

    @classmethod
    def look_at_processes(cls):
        """What /proc tells of daemon and worker while both know secrets."""
        seen = []
        for pid in cls.machine.pids('resyncd') + cls.machine.pids('resyncd-worker'):
            cls.peeked.append(cls.peek(pid))
            seen += [_read(f'/proc/{pid}/{name}') for name in ('cmdline', 'environ', 'comm', 'maps', 'status', 'mountinfo')]
            seen += [path.encode() for path in process.open_files(pid)]
        cls.proc = b'\0'.join(seen)

    @classmethod
    def peek(cls, pid):
        """What another process of the same user is told that opens the memory of this one, and who owns its files in /proc."""
        account = os.stat(cls.machine.root + '/var/lib/resyncd')
        command = ['setpriv', '--reuid', str(account.st_uid), '--regid', str(account.st_gid), '--clear-groups', '--',
                   'dd', f'if=/proc/{pid}/mem', 'of=/dev/null', 'bs=1', 'count=1']
        told = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False).stderr
        return told, os.stat(f'/proc/{pid}/fd').st_uid

    def clean(self, data, allowed=frozenset()):
        self.assertEqual(set(self.canaries.found(data if isinstance(data, bytes) else data.encode())) - allowed, set())

    def test_they_are_in(self):
        """the canaries did arrive, and the search finds one in each of its forms, so that finding none says something"""
        asked = ' '.join(f'{request.target} {request.headers.get("authorization")} {request.headers.get("proxy-authorization")}'
                         for request in self.server.requests)
        ways = self.canaries.found(asked.encode())
        for way in ('option', 'option query', 'GPP_SA', 'rule query', 'rule userinfo', 'userinfo', 'basic, pwd', 'moved, query', 'proxy'):
            self.assertIn(way, ways)
        stored = b''.join(_read(path) for path in _files(self.machine.root + '/var/lib/resyncd'))
        for way in ('profile', 'profile, indexed', 'GPP_SA', 'Set', 'SetProfileRule', 'rule userinfo', 'key', 'ikm'):
            self.assertIn(way, self.canaries.found(stored))
        self.assertIn('PIN', self.canaries.found(_read(self.machine.root + '/etc/resyncd/resyncd.conf')))
        # they were used
        self.assertEqual(self.machine.shell('/usr/bin/resyncctl', 'get', 'GPP_C', 'GPP_D').split(), ['GPP_C=key', 'GPP_D=ikm'])
        token = self.canaries['profile']
        for form in (token, urllib.parse.quote(token), token.encode().hex(), *(
                base64.b64encode(f'{user}:{token}'.encode()).decode() for user in ('u', 'us', 'use'))):
            self.assertEqual(self.canaries.found(form.encode()), ['profile'])

    def test_journal(self):
        """no field of any entry of the journal holds one, debug messages and what syslog was told included (STORE-3, LOG-2)"""
        self.machine.shell('journalctl', '--sync')
        text = self.machine.shell('journalctl', '-o', 'export', '--all', '--no-pager')
        # every attempt stands there
        for path in ('/first.xml', '/moved', '/basic', '/reason'):
            self.assertIn(f'http://{SERVER}{path}', text)
        self.clean(text)

    def test_signals(self):
        """nothing that the service sends to anybody holds one: signals, replies and errors (STORE-3)"""
        name = json.loads(self.machine.shell('busctl', '--json=short', 'call', 'org.freedesktop.DBus', '/org/freedesktop/DBus',
                                             'org.freedesktop.DBus', 'GetNameOwner', 's', bus.NAME))['data'][0]
        sent = [line for line in _read(self.heard).splitlines() if line.startswith(b'{') and json.loads(line).get('sender') == name]
        self.assertGreater(len([line for line in sent if b'ResyncFinished' in line]), 8)
        self.assertTrue([line for line in sent if b'"Changed"' in line])
        # Explain answers root, who may see the rule that it asks about
        allowed = {'Explain', 'Explain, query', *RULES}
        leaked = {way: line for line in sent for way in self.canaries.found(line)
                  if not (way in allowed and json.loads(line)['type'] == 'method_return')}
        self.assertEqual(leaked, {})

    def test_what_others_are_shown(self):
        """status page, JSON, parameters, rules and explanations, as callers who may read no secret see them (STORE-3)"""
        for user, group, allowed in READERS:
            with self.subTest(user):
                shown = [self.machine.as_user(user, group, '/usr/bin/resyncctl', *command) for command in (
                    ['status'], ['status', '--json'], ['list'], ['list', '--json'], ['rule'], ['explain'], ['explain', '--json'],
                    ['get', 'Admin_Password'], ['get', 'Profile_Rule_B'], ['get', 'Profile_Rule_C'])]
                shown += [self.machine.as_user(user, group, 'busctl', '--json=short', 'call', bus.NAME, bus.PATH,
                                               'org.freedesktop.DBus.Properties', 'GetAll', 's', name)
                          for name in ('', bus.NAME, bus.NAME + '.Activation', bus.NAME + '.Firmware', bus.NAME + '.Cwmp')]
                self.assertIn(SERVER, shown[1])
                self.clean('\n'.join(shown), allowed)

    def test_status_page_of_root(self):
        """not even root's status page holds one: it is what people paste into a trouble ticket (STORE-3)"""
        self.clean(self.machine.shell('/usr/bin/resyncctl', 'status') + self.machine.shell('/usr/bin/resyncctl', 'status', '--json'))

    def test_told_to_the_caller(self):
        """the error of a refused value or rule does not repeat the secret in it: it ends in somebody's log"""
        self.assertIn('VPN_Password', self.told[1])
        self.assertIn('Invalid activation code', self.told[-1])
        # a rule explained to root is root's own; all else is an error or says that it is done
        self.clean('\n'.join(self.told[:5] + self.told[6:]))

    def test_proc(self):
        """neither arguments, environment nor names of descriptors of daemon and worker hold one"""
        self.assertIn(b'resyncd-worker', self.proc)
        self.assertIn(b'STATE_DIRECTORY', self.proc)
        self.clean(self.proc)

    def holding(self, *folders, since=0.0):
        """The files that hold a canary and that somebody has written to since then, but for the journal and the configuration."""
        root, found = self.machine.root, []
        for path in _files(*(root + '/' + name for name in folders)):
            # those of systemd come and go
            with contextlib.suppress(FileNotFoundError):
                if os.stat(path).st_mtime >= since and self.canaries.found(_read(path)):
                    found.append(path)
        return [path for path in found if not path.startswith((root + '/run/log/journal', root + '/etc/resyncd/resyncd.conf'))]

    def check_files(self, paths):
        """They are the service's own."""
        root = self.machine.root
        for path in paths:
            self.assertTrue(path.startswith((root + '/var/lib/resyncd/', root + '/run/resyncd/')), path)
            about = os.stat(path)
            self.assertEqual((about.st_mode & 0o777, about.st_uid), (0o600, os.stat(root + '/var/lib/resyncd').st_uid), path)

    def test_files(self):
        """files that hold one belong to the service, are readable by nobody else, and lie in its own folders (STORE-3)"""
        holding = self.holding('var/lib', 'var/tmp', 'run', 'tmp', 'etc', 'root')
        self.assertTrue(holding)
        self.check_files(holding)

    def test_zz_core(self):
        """a process of the same user cannot read the memory of daemon or worker, and a crash leaves no core of whatever name,
        although the limit allows one"""
        pid = self.machine.show('MainPID')
        if not tree.is_sanitized():
            # the leak check of the other build has to trace its process
            self.assertEqual(len(self.peeked), 2)
            for told, owner in self.peeked:
                self.assertIn('Permission denied', told)
                # so the kernel shows what it will not dump, wherever cores go (proc(5))
                self.assertEqual(owner, 0)
        inner = self.machine.pids('resyncd')[0]
        cwd = os.readlink(f'/proc/{inner}/cwd')
        self.assertTrue(cwd.endswith('/var/lib/resyncd'), cwd)
        folder, begun = self.machine.root + '/var/lib/resyncd', time.time()
        names = sorted(os.listdir(folder))
        self.machine.shell('systemctl', 'kill', '--signal', str(int(signal.SIGSEGV)), 'resyncd.service')
        wait.until(lambda: self.machine.show('MainPID') not in ('0', pid), 'the restart')
        # what the next one writes has another name until it is whole; a core would stay
        wait.until(lambda: sorted(os.listdir(folder)) == names, f'{names} and nothing else')
        self.check_files(self.holding('var', 'run', 'tmp', 'etc', 'root', 'home', 'dev/shm', since=begun))


if __name__ == '__main__':
    tap.main('box')
