#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The installer that is a program: what it is given, and what is made of how it ends."""

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import servers, tap, tree, wait  # noqa: E402

PROGRAM = os.path.join(tree.BUILD, 'tests', 'firmware', 'try-installer')


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='command-')
        self.addCleanup(self.folder.cleanup)

    def run_it(self, command, call='install', argument='/images/a b;$(reboot)', backend='command'):
        done = subprocess.run([PROGRAM, '', backend, command, call, argument, '60'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, check=False, timeout=60)
        return done.stdout.splitlines()[-1]

    def script(self, text, name='install'):
        path = servers.write(self.folder.name, name, '#!/bin/sh\n' + text)
        os.chmod(path, 0o755)
        return path

    def test_arguments(self):
        """the image is an argument as it is, whatever is in it, and no shell sees the line (UPG-4)"""
        out = os.path.join(self.folder.name, 'out')
        script = self.script(f'printf "%s\\n" "$@" >{out}\n')
        self.assertEqual(self.run_it(script + " --from=%f 'one two' $HOME ';' %f"), 'ok ')
        with open(out, encoding='utf-8') as file:
            self.assertEqual(file.read().splitlines(), ['--from=/images/a b;$(reboot)', 'one two', '$HOME', ';', '/images/a b;$(reboot)'])

    def test_ends(self):
        """the exit status decides, and the last line says why (UPG-4)"""
        rows = (('echo fine', 'ok '),
                ('echo first; echo "signature is bad" >&2; exit 3', 'error Failed {} ended with 3: signature is bad'),
                ('exit 1', 'error Failed {} ended with 1'),
                ('printf "\\033[1mno\\n\\n"; exit 1', 'error Failed {} ended with 1: \\x1b[1mno'),
                ('head -c 3000000 /dev/zero | tr "\\0" "x"; echo; echo end; exit 1', 'error Failed {} ended with 1: end'),
                ('printf "a\\nb\\000c\\001"; exit 1', 'error Failed {} ended with 1: b c\\x01'),
                ('kill -9 $$', 'error Failed {} ended by signal 9'))
        for text, wanted in rows:
            with self.subTest(text):
                script = self.script(text)
                self.assertEqual(self.run_it(script + ' %f'), wanted.format(script))

    def test_no_end(self):
        """a program that does not end in its time is ended, with what it started, whether it minds or prints without end; of what one that ended left
        behind, nobody waits for the output (UPG-4)"""
        late = 'error Failed {} did not end within 2 s, and was ended'
        rows = {
            'sleeps': ('sleep 1000', late),
            'minds-not': ('trap "" TERM\nwhile :; do sleep 0.1; done', late),
            'has-children': (f'sleep 1000 & echo $! >{self.folder.name}/child; wait', late),
            'prints': ('exec tr "\\0" x </dev/zero', late),
            'leaves': (f'echo done; (sleep 1000; exit) & echo $! >{self.folder.name}/left', 'ok '),
            'leaves-printer': (f'echo y; yes & echo $! >{self.folder.name}/printer; sleep 0.3; exit 3', 'error Failed {} ended with 3: y'),
        }
        running = {}
        for name, (text, _wanted) in rows.items():
            script = self.script(text + '\n', name)
            seconds = '2' if rows[name][1] == late else '60'
            running[name] = script, subprocess.Popen([PROGRAM, '', 'command', script + ' %f', 'install', '/x', seconds], stdin=subprocess.DEVNULL,
                                                     stdout=subprocess.PIPE, text=True)
        for name, (script, process) in running.items():
            with self.subTest(name):
                self.assertEqual(process.communicate(timeout=60)[0].splitlines()[-1], rows[name][1].format(script))
        # what they print without end is not kept
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 200_000 if tree.is_sanitized() else 50_000)
        wait.until(lambda: not self.lives('child'), 'the end of the child')
        for name in ('left', 'printer'):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid(name), 9)

    def pid(self, name):
        with open(os.path.join(self.folder.name, name), encoding='ascii') as file:
            return int(file.read())

    def lives(self, name):
        try:
            with open(f'/proc/{self.pid(name)}/stat', encoding='ascii') as file:
                return file.read().rpartition(')')[2].split()[0] != 'Z'
        except (FileNotFoundError, ProcessLookupError):
            return False

    def test_no_command(self):
        """what is no command line is refused before anything is fetched; nobody installs where the backend is none (UPG-4)"""
        for command in ('', "/bin/x '%f", '/bin/x', 'x %f'):
            with self.subTest(command):
                self.assertRegex(self.run_it(command), '^error InvalidArgument \\[Firmware\\] Command: ')
        self.assertRegex(self.run_it('/nonexistent/x %f'), r'^error Failed \[Firmware\] Command: .*No such file')
        self.assertEqual(self.run_it('', backend='none'), 'ok none')

    def test_others(self):
        """it has no slots and nothing to verify beforehand (UPG-4)"""
        for call, wanted in (('look', 'ok |||'), ('verify', 'ok '), ('attach', 'ok '), ('activate', 'ok '), ('mark-good', 'ok ')):
            with self.subTest(call):
                self.assertEqual(self.run_it('/bin/false %f', call), wanted)


if __name__ == '__main__':
    tap.main('box')
