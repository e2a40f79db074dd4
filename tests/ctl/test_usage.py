# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line of resyncctl itself: usage, help, version, output that cannot be written, completion."""

import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import run  # noqa: E402
from lib import tap, tree  # noqa: E402


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
        self.assertEqual(self.complete('--catalogue', '=', given[1], 'list', 'Resync_Per'), ['Resync_Periodic'])
        self.assertEqual(self.complete(*given, 'set', 'Resync_Periodic', '=', '3'), [''])
        self.assertEqual(self.complete('--catalogue', '/nonexistent', 'get', ''), [''])

    def test_files_and_programs(self):
        self.assertEqual(self.complete('--config', ''), ['compopt -o default', ''])
        self.assertEqual(self.complete('--catalogue', '=', '/x'), ['compopt -o default', ''])
        self.assertEqual(self.complete('check', ''), ['compopt -o default', ''])
        self.assertEqual(self.complete('--address', ''), [''])
        self.assertIn('bash', self.complete('inhibit', 'bas'))


if __name__ == '__main__':
    tap.main(None)
