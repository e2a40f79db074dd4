# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line of resyncctl itself: usage, help, version, output that cannot be written, completion."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import fake  # noqa: E402
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import tap, tree  # noqa: E402
from lib.manual import examples  # noqa: E402

CATALOGUE = tree.source('data', 'catalogue')


class Usage(unittest.TestCase):
    def test_wrong(self):
        """exit 2, and a hint"""
        for arguments in (['nonesuch'], ['diff'], ['diff', 'x', 'y'], ['encrypt', 'x'], ['check'], ['check', '--set', 'a=b', 'x'], ['explain', '--set'], ['--nonesuch'], ['status', 'x'], ['get'], ['set'],
                          ['reset'], ['list', 'a', 'b'], ['resync', 'a', 'b'], ['rule', 'a', 'b'], ['resync', '--wait'],
                          ['status', '--wait=0'], ['status', '--wait=x'], ['status', '--wait=-1'], ['activate'],
                          ['--session', '--address', 'x'], ['--address'], ['factory-reset'], ['monitor', 'x']):
            done = run.ctl(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.stdout, '')
            self.assertRegex(done.stderr, r'^resyncctl: .+\nTry “resyncctl .*--help”\.\n$')
            done = run.ctl('--json', *arguments)
            self.assertEqual((done.returncode, done.stderr), (2, ''))
            self.assertEqual(json.loads(done.stdout)['error'], 'InvalidArgument')

    def test_hint_names_the_command(self):
        self.assertIn('Try “resyncctl get --help”.', run.ctl('get').stderr)

    def test_version(self):
        self.assertRegex(run.ctl('--version').stdout, r'^resyncctl \d+\.\d+\.\d+\n$')

    def test_help(self):
        overall = run.ctl('--help')
        self.assertEqual(overall.returncode, 0)
        commands = re.findall(r'^  ([a-z-]+)(?: .*)?  \S', overall.stdout.split('Commands:')[1].split('\n\n')[0], re.M)
        self.assertIn('resync', commands)
        for command in commands:
            done = run.ctl(command, '--help')
            self.assertEqual(done.returncode, 0, command)
            self.assertIn(f'resyncctl [OPTION…] {command}', done.stdout)
        self.assertEqual(run.ctl('get', '-h').stdout, run.ctl('--help', 'get').stdout)

    def test_output_that_cannot_be_written(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            done = run.ctl('--help', stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn('No space left', done.stderr)


SCRIPT = '''
source "$1"
complete -p resyncctl >/dev/null || exit 9
compopt() { echo "compopt $*"; }
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
_resyncctl
printf '%s\\n' "${COMPREPLY[@]}"
'''


class Completion(unittest.TestCase):
    def complete(self, *words):
        path = os.path.dirname(run.PROGRAM) + ':' + os.environ['PATH']
        done = subprocess.run(['bash', '--norc', '-euc', SCRIPT, 'bash', tree.source('data', 'resyncctl.bash'), 'resyncctl',
                               *words], env=run.environment(PATH=path), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''), words)
        return done.stdout.split('\n')[:-1]

    def test_commands(self):
        self.assertEqual(self.complete('re'), ['resync', 'reset'])
        self.assertIn('status', self.complete(''))
        self.assertEqual(self.complete('--json', 'mon'), ['monitor'])
        self.assertEqual(self.complete('--address', 'x', 'mon'), ['monitor'])

    def test_options(self):
        self.assertEqual(self.complete('resync', '--fo'), ['--force'])
        self.assertIn('--address', self.complete('--'))
        self.assertNotIn('--force', self.complete('--'))
        self.assertIn('--json', self.complete('get', '--'))
        self.assertEqual(self.complete('check', '--sa'), ['--sarif'])
        self.assertLess({'--set', '--offline'}, set(self.complete('explain', '--')))

    def test_names_of_parameters(self):
        given = ['--catalogue', tree.source('data', 'catalogue')]
        self.assertEqual(self.complete(*given, 'get', 'Resync_Per'), ['Resync_Periodic'])
        self.assertEqual(self.complete(*given, 'reset', 'Profile_Rule', 'Profile_Rule_'),
                         ['Profile_Rule_B', 'Profile_Rule_C', 'Profile_Rule_D', 'Profile_Rule_Menu'])
        self.assertEqual(self.complete(*given, 'set', 'Resync_Per'), ['compopt -o nospace', 'Resync_Periodic='])
        self.assertEqual(self.complete(*given, 'explain', '--set', 'Resync_Per'), ['compopt -o nospace', 'Resync_Periodic='])
        self.assertEqual(self.complete(*given, 'explain', 'Upgrade_'), ['Upgrade_Rule'])
        self.assertEqual(self.complete('--catalogue', '=', given[1], 'list', 'Resync_Per'), ['Resync_Periodic'])
        self.assertEqual(self.complete(*given, 'set', 'Resync_Periodic', '=', '3'), [''])
        self.assertEqual(self.complete('--catalogue', '/nonexistent', 'get', ''), [''])

    def test_files_and_programs(self):
        self.assertEqual(self.complete('--config', ''), ['compopt -o default', ''])
        self.assertEqual(self.complete('--catalogue', '=', '/x'), ['compopt -o default', ''])
        self.assertEqual(self.complete('check', ''), ['compopt -o default', ''])
        self.assertEqual(self.complete('--address', ''), [''])
        self.assertIn('bash', self.complete('inhibit', 'bas'))


class Examples(run.BusCase):
    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix='ctl-'))
        for name, value in (('1.xml', '<GPP_A>x</GPP_A>'), ('2.xml', '<GPP_A>y</GPP_A>')):
            self.script(name, f'<flat-profile>{value}</flat-profile>')
        # the backup of an example that is about something else
        self.script('tar', '#!/bin/sh\necho "$*" >>"$0.log"\n')

    def script(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, 0o755)

    def shell(self, text):
        env = run.environment(PATH=f'{self.folder}:{os.path.dirname(run.PROGRAM)}:{os.environ["PATH"]}', DBUS_SYSTEM_BUS_ADDRESS=self.bus.address)
        return subprocess.run(['sh', '-c', text], cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60, check=False)

    def resync(self, call):
        if not call.values[1].get('force', False) and not call.values[0]:
            raise fake.Error('Busy', 'a call: desk')
        call.daemon.do(lambda: call.daemon.finish(7))
        return GLib.Variant('(t)', (7,))

    def test_of_the_manual(self):
        """each command line that resyncctl(1) shows does what the words above it say"""
        again, staging, wait, backup, check, explain = (block.strip() for block in examples('resyncctl.1', 'EXAMPLES'))
        self.daemon.answers['Resync'] = self.resync
        self.daemon.answers['Get'] = lambda call: GLib.Variant('(a{ss})', ({'Station_Name': 'Desk'},))
        for text, printed, method, called in (
                (again, 'success https://prov.example/a.xml\n', 'Resync', [('', {}), ('', {'force': True})]),
                (staging, 'success https://prov.example/a.xml\n', 'Resync', [('https://staging.example.com/$MA.xml', {})]),
                (wait, 'Desk\n', 'Get', [(['Station_Name'],)]),
                (backup, '', 'Inhibit', [('tar', 'backup')]),
                (check.replace('resyncctl', f'resyncctl --catalogue {CATALOGUE}'), '1.xml: 1 parameter would be set\n2.xml: 1 parameter would be set\n',
                 'none', []),
                (explain.replace('resyncctl', f'resyncctl --catalogue {CATALOGUE}'), None, 'none', [])):
            with self.subTest(text):
                self.daemon.calls.clear()
                done = self.shell(text)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.daemon.called(method), called)
                if printed is not None:
                    self.assertEqual(done.stdout, printed)
        self.assertIn('\nfetch       http://old.example.com/\n', done.stdout)
        with open(os.path.join(self.folder, 'tar.log'), encoding='utf-8') as file:
            self.assertEqual(file.read(), '-cf /mnt/phone.tar /var/lib/phone\n')


if __name__ == '__main__':
    tap.main(None)
