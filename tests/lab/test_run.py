#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""./run as a newcomer uses it, with the build that is being tested: each server, a profile of one's own, failures, the
commands of a second terminal, Ctrl-C, a machine without namespaces, and what is left behind.

All of them run at once, each with a folder of its own, in a network, mount and process namespace that this program
enters first, so that what they leave behind can be told from what others do.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import tap, tree, wait  # noqa: E402

RUN = tree.source('run')
# without this capability nobody makes namespaces, as in most containers
BARE = ('setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--')
PATIENCE = 60
BROKEN = '<flat-profile>\n<Station_Name>Lobby</Station_Name>\n<Text_Logo>cut'
OWN = '<flat-profile><Station_Name>Lobby 7</Station_Name><Admin_Password>S3cr3t-of-the-test</Admin_Password></flat-profile>'


def view():
    """What a run could leave behind: mounts, network devices, processes."""
    with open('/proc/self/mounts', encoding='utf-8') as file:
        mounts = sorted(file.read().splitlines())
    with open('/proc/net/dev', encoding='utf-8') as file:
        devices = sorted(line.split(':')[0].strip() for line in file.read().splitlines()[2:])
    processes = sorted(int(name) for name in os.listdir('/proc') if name.isdigit())
    return mounts, devices, processes


def loopback_up():
    """In the new network: ip is a program of the laboratory, and this is outside."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        # SIOCSIFFLAGS; IFF_UP | IFF_LOOPBACK | IFF_RUNNING
        fcntl.ioctl(sock, 0x8914, struct.pack('16sH14x', b'lo', 0x1 | 0x8 | 0x40))


class Run:
    """One ./run, with its own folder for everything."""

    def __init__(self, *arguments, before=()):
        self.folder = os.path.join(base, str(len(runs)))
        os.mkdir(self.folder)
        os.mkdir(os.path.join(self.folder, 'tmp'))
        self.output = os.path.join(self.folder, 'output')
        self._before = before
        runs.append(self)
        with open(self.output, 'w', encoding='utf-8') as out:
            # a session of its own, so that Ctrl-C reaches it and nothing else
            self.process = subprocess.Popen([*before, RUN, *arguments], cwd=base, env=self._environment(), stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, start_new_session=True)
        tap.attach(f'./run {" ".join(arguments)}', self.text)

    def _environment(self):
        return {**os.environ, 'LAB_RUN': os.path.join(self.folder, 'lab'), 'TMPDIR': os.path.join(self.folder, 'tmp'),
                'RESYNCD_BUILD_DIR': tree.BUILD}

    def text(self):
        with open(self.output, encoding='utf-8') as file:
            return file.read()

    def end(self):
        """Its exit status."""
        return self.process.wait(PATIENCE)

    def second(self, *arguments, **options):
        """./run ARGUMENTS in a second terminal: (exit status, what it printed)."""
        done = subprocess.run([*self._before, RUN, *arguments], env=self._environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
                              **{'stdin': subprocess.DEVNULL, **options})
        return done.returncode, done.stdout

    def interrupt(self):
        """Ctrl-C: to all processes of the terminal."""
        os.killpg(self.process.pid, signal.SIGINT)

    def up(self):
        """Until it says that the phone stays up."""
        wait.until(lambda: 'in another terminal' in self.text().lower() or self.process.poll() is not None, 'the phone', PATIENCE)


def profile(name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return name


def setUpModule():
    global base, before, once, led, firmware, here_firmware, broken, none, own, stays, killed, here, here_broken
    base = tempfile.mkdtemp(prefix='run-')
    before = view()
    profile('own.xml', OWN)
    profile('broken.xml', BROKEN)
    once = {server: Run('--once', '--server', server) for server in ('tftp', 'http', 'https')}
    led = {kind: Run('--once', '--server', kind) for kind in ('redirect', 'activation')}
    firmware = Run('--once', '--server', 'firmware')
    # a relative path counts from where one stands
    own = Run('--once', '--profile', 'own.xml')
    broken = Run('--once', '--profile=broken.xml')
    none = Run('--once', '--profile', 'none')
    stays, killed = Run(), Run()
    here = Run('--server=https', before=BARE)
    here_firmware = Run('--server', 'firmware', before=BARE)
    here_broken = Run('--once', '--server=tftp', '--profile', 'broken.xml', before=BARE)


def tearDownModule():
    for run in runs:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()
    shutil.rmtree(base, ignore_errors=True)


class Once(unittest.TestCase):
    def good(self, run, url):
        self.assertEqual(run.end(), 0)
        text = run.text()
        story, _, page = text.partition('the phone is provisioned; its status page:')
        self.assertIn('option 66', story)
        self.assertIn(f'tried {url}', story)
        self.assertIn('server found by dhcp-66', story)
        self.assertIn('come from the profile', story)
        self.assertRegex(story, r'Admin_Password = \(secret\)')
        # the end is the page of resyncctl status
        self.assertRegex(page, r'Model: +LAB-8851\n')
        self.assertRegex(page, r'Next resync: +in ')
        self.assertRegex(page, rf'success +{url}')
        return text

    def test_servers(self):
        """the phone is provisioned over each protocol"""
        for server, run in once.items():
            with self.subTest(server=server):
                text = self.good(run, f'{server}://prov.phones.lab/LAB-8851.cfg')
                self.assertIn('domain phones.lab', text)
                self.assertNotIn('example-admin-secret', text)

    def test_led_by_a_service(self):
        """DISC-1: a lease that names nobody, and a redirect service, or a code that leads to the provider"""
        for kind, source in (('redirect', 'redirect'), ('activation', 'activation-code')):
            with self.subTest(kind):
                run = led[kind]
                self.assertEqual(run.end(), 0)
                story = run.text()
                self.assertIn(f'server found by {source}, profile from https://prov.phones.lab/LAB-8851.cfg', story)
                self.assertIn('it says where this phone belongs', story)
                self.assertEqual('it does not know this phone' in story, kind == 'activation')
                self.assertRegex(story, r'Server from: +' + ('redirect service' if kind == 'redirect' else 'activation code') + r'\n')

    def test_firmware(self):
        """UPG-1, UPG-3, UPG-4, UPG-6: a rule, a download with progress, RAUC's install, a restart, and the new version confirmed"""
        text = self.good(firmware, 'http://prov.phones.lab/LAB-8851.cfg')
        for told in ('the phone runs version 1.0', r'Upgrade_Rule: \(\$SWVER lt 2\.0\)\? http://prov\.phones\.lab/2\.0\.raucb', r' % Downloading, ',
                     r' % (Checking|Determining|Copying|Updating|Installing)', 'logind is asked to restart the phone',
                     'installed: version 2.0 is installed, and runs after a restart', 'the phone has started, with version 2.0', 'success: version 2.0 runs',
                     r'Software: +2\.0\n'):
            found = re.search(told, text)
            self.assertIsNotNone(found, told)
            text = text[found.end():]

    def test_profile(self):
        """somebody's own profile is served"""
        text = self.good(own, 'http://prov.phones.lab/LAB-8851.cfg')
        self.assertIn('Station_Name = Lobby 7', text)
        self.assertNotIn('S3cr3t-of-the-test', text)

    def bad(self, run, reason):
        self.assertEqual(run.end(), 1)
        text = run.text()
        self.assertIn('the phone is NOT provisioned', text)
        self.assertRegex(text, r'Customization: +Open\n')
        self.assertRegex(text.rstrip().splitlines()[-1], r'^not provisioned: ' + reason)

    def test_broken(self):
        """a profile that is not well-formed is the reason of a failure"""
        self.bad(broken, r'http://prov\.phones\.lab/LAB-8851\.cfg: .*well-formed.*line 3')

    def test_none(self):
        """so is a provider that has none"""
        self.bad(none, r'http://prov\.phones\.lab/LAB-8851\.cfg: .*404')


class Stays(unittest.TestCase):
    def test_second_terminal(self):
        """the three commands work in a second terminal, and Ctrl-C ends it all"""
        stays.up()
        status, page = stays.second('ctl', 'status')
        self.assertEqual(status, 0, page)
        self.assertRegex(page, r'success +http://prov.phones.lab/LAB-8851.cfg')
        self.assertEqual(stays.second('ctl', 'get', 'Station_Name'), (0, 'Reception\n'))
        status, text = stays.second('ctl', 'resync')
        self.assertEqual(status, 0, text)
        self.assertIn('unchanged', text)
        self.assertEqual(stays.second('ctl', 'get', 'No_Such_Name')[0], 1)
        status, text = stays.second('shell', stdin=None, input='resyncctl get User_ID_1_\nexit 7\n')
        self.assertEqual((status, text), (7, '4001\n'))
        status, text = stays.second('--once')
        self.assertEqual(status, 1)
        self.assertIn('another ./run', text)
        wait.until(lambda: 'resync 2: unchanged' in stays.text(), 'the word of the resync')
        stays.interrupt()
        self.assertEqual(stays.end(), 0)
        self.assertIn('are gone', stays.text().splitlines()[-1])
        status, text = stays.second('ctl', 'status')
        self.assertEqual(status, 3)
        self.assertIn('no phone is up', text)

    def test_killed(self):
        """one that is killed leaves nothing that runs, and is not taken for one that is up"""
        killed.up()
        killed.process.kill()
        killed.end()
        # the kernel takes a moment to end what was in the namespaces
        wait.until(lambda: killed.second('ctl', 'status')[0] == 3, 'its end to be seen')
        self.assertIn('no phone is up', killed.second('ctl', 'status')[1])
        self.assertEqual(killed.second('--once')[0], 0)

    def test_no_namespaces(self):
        """without namespaces the phone runs on a private bus, and the same commands work"""
        here.up()
        self.assertIn('lets nobody make namespaces', here.text())
        status, page = here.second('ctl', 'status')
        self.assertEqual(status, 0, page)
        self.assertRegex(page, r'success +https://127.0.0.1:\d+/LAB-8851.cfg')
        status, text = here.second('ctl', 'resync')
        self.assertEqual(status, 0, text)
        self.assertEqual(here.second('shell', stdin=None, input='resyncctl get User_ID_1_\n'), (0, '4001\n'))
        here.interrupt()
        self.assertEqual(here.end(), 0)

    def test_no_namespaces_no_firmware(self):
        """without namespaces RAUC has nothing to mount by, and that is said"""
        self.assertEqual(here_firmware.end(), 1)
        self.assertIn('FAILED: this machine lets nobody make namespaces, and RAUC mounts what it installs', here_firmware.text())

    def test_no_namespaces_broken(self):
        """without namespaces a failure has the same words"""
        self.assertEqual(here_broken.end(), 1)
        self.assertRegex(here_broken.text().rstrip().splitlines()[-1],
                         r'^not provisioned: tftp://127.0.0.1:\d+/LAB-8851.cfg: .*well-formed')


class Wrong(unittest.TestCase):
    def test_usage(self):
        """wrong words are 2 and say what would be right; help is 0"""
        for arguments in (('--server', 'ftp'), ('--profile', 'no-such-file'), ('--frob',), ('--server',)):
            done = subprocess.run([RUN, *arguments], cwd=base, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ''), arguments)
            self.assertIn('Usage: ./run', done.stderr)
        done = subprocess.run([RUN, '--help'], stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn('--profile FILE', done.stdout)


class ZAfterwards(unittest.TestCase):
    def test_left_behind(self):
        """no mount, network device, process or temporary file is left"""
        for run in runs:
            run.end()
        wait.until(lambda: view() == before, f'the view of before, {before}; now it is {view()}')
        for run in runs:
            self.assertEqual(os.listdir(os.path.join(run.folder, 'tmp')), [])
            if run is here_firmware:
                self.assertFalse(os.path.exists(os.path.join(run.folder, 'lab')))
                continue
            self.assertEqual(sorted(os.listdir(os.path.join(run.folder, 'lab'))), ['log', 'status.json'])
            with open(os.path.join(run.folder, 'lab', 'log', 'resyncd.log'), encoding='utf-8') as file:
                self.assertNotRegex(file.read(), r'CRITICAL|Sanitizer|runtime error:')


runs = []

if __name__ == '__main__':
    # a shell is the first process: it reaps what others leave, as the first process of a machine does
    if 'RUN_APART' not in os.environ:
        os.execvpe('unshare', ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child=KILL', '--mount-proc',
                               '--propagation', 'private', '--', '/bin/sh', '-c', '"$@"; exit $?', 'reaper',
                               sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]],
                   {**os.environ, 'RUN_APART': '1'})
    loopback_up()
    tap.main(None)
