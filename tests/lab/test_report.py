#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How ./check counts: nothing that went wrong may look like a success."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bench'))
from lib import report, tap, tree  # noqa: E402
import bench  # noqa: E402
import table  # noqa: E402

GOOD = 'TAP version 13\n1..2\nok 1 - a\nok 2 /b/c\n'
# what a program printed, its exit status, meson's result -> passed, failed, skipped
PROGRAMS = [
    (GOOD, 0, 'OK', (2, 0, 0)),
    ('ok 1 - a\nok 2 - b\n1..2\n', 0, 'OK', (2, 0, 0)),
    ('1..2\nok 1 - a\nnot ok 2 - b\n', 1, 'FAIL', (1, 1, 0)),
    ('1..2\nok 1 - a\nnot ok 2 - b\n', 0, 'FAIL', (1, 1, 0)),
    ('1..2\nok 1 - a\nok 2 - b # SKIP no network\n', 0, 'OK', (1, 0, 1)),
    ('1..2\nok 1 - a\nok 2 - b\n', 1, 'ERROR', (2, 1, 0)),
    ('1..2\nok 1 - a\n', -11, 'ERROR', (1, 1, 0)),
    ('1..2\nok 1 - a\n', -15, 'TIMEOUT', (1, 1, 0)),
    ('1..2\nok 1 - a\n', 0, 'ERROR', (1, 1, 0)),
    ('ok 1 - a\n', 0, 'OK', (1, 1, 0)),
    ('1..0 # skip nothing here\n', 0, 'SKIP', (0, 0, 1)),
    ('', 0, 'SKIP', (0, 1, 0)),
    ('Segmentation fault\n', -11, 'ERROR', (0, 1, 0)),
    ('1..1\nnot ok 1 - later # TODO\n', 0, 'EXPECTEDFAIL', (0, 1, 0)),
    ('okay\n1..1\nok 1 a\n', 0, 'OK', (1, 0, 0)),
]


class Report(unittest.TestCase):
    def log(self, *programs):
        with tempfile.NamedTemporaryFile('w', suffix='.json', delete=False, encoding='utf-8') as file:
            self.addCleanup(os.unlink, file.name)
            for number, (stdout, status, result, _) in enumerate(programs):
                file.write(json.dumps({'name': f't{number}', 'stdout': stdout, 'result': result, 'returncode': status}) + '\n')
        return file.name

    def last_line(self, *arguments):
        """(last line, exit status)"""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = report.main(list(arguments))
        return out.getvalue().splitlines()[-1], status

    def test_programs(self):
        """one program at a time"""
        for program in PROGRAMS:
            with self.subTest(program=program):
                line, status = self.last_line('x=' + self.log(program))
                self.assertEqual(line, '{} passed, {} failed, {} skipped'.format(*program[3]))
                self.assertEqual(status, 0 if program[3][1:] == (0, 0) else 1)

    def test_sum(self):
        """runs are added up, and failures from elsewhere too"""
        good = 'x=' + self.log(PROGRAMS[0])
        self.assertEqual(self.last_line(good, good), ('4 passed, 0 failed, 0 skipped', 0))
        self.assertEqual(self.last_line('--failed', 'the build', good), ('2 passed, 1 failed, 0 skipped', 1))

    def test_reason(self):
        """what a failed case said of itself is printed, and nothing of the others"""
        log = self.log(('1..2\n# before\nok 1 - a\n# of a\nnot ok 2 - b\n# of b\n# more of b\n', 1, 'FAIL', None))
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            report.main(['x=' + log])
        self.assertEqual(out.getvalue().splitlines(), ['failed: x: t0: b', '  # of b', '  # more of b', '1 passed, 1 failed, 0 skipped'])

    def test_nothing(self):
        """a run in which nothing ran has failed"""
        self.assertEqual(self.last_line('x=' + self.log()), ('0 passed, 1 failed, 0 skipped', 1))
        self.assertEqual(self.last_line('x=/nonexistent'), ('0 passed, 1 failed, 0 skipped', 1))
        self.assertEqual(self.last_line(), ('0 passed, 0 failed, 0 skipped', 1))


# a file of tests as a person would write it, one of each outcome
FILE = '''
import sys, unittest
sys.path.insert(0, {lib!r})
from lib import tap
tap.attach('a log', lambda: 'line of the log')
class T(unittest.TestCase):
    def test_a(self): "with # in it"
    def test_b(self):
        print('noise')
        self.fail('because')
    def test_c(self): self.skipTest('no reason')
    def test_d(self):
        for n in (1, 2):
            with self.subTest(n=n): self.assertEqual(n, 1)
class U(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise OSError('fixture')
    def test_e(self): pass
tap.main(None)
'''


class Tap(unittest.TestCase):
    def test_file(self):
        """one line a method, and the plan is kept"""
        with tempfile.NamedTemporaryFile('w', suffix='.py') as file:
            file.write(FILE.format(lib=tree.source('tests')))
            file.flush()
            done = subprocess.run(['/usr/bin/python3', file.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  check=False)
        cases, planned = report.read_tap(done.stdout)
        self.assertEqual((planned, done.returncode), (5, 1), done.stdout + done.stderr)
        self.assertEqual([result for result, _, _ in cases], ['passed', 'failed', 'skipped', 'failed', 'failed'])
        said = '\n'.join(cases[1][2])
        self.assertIn('because', said)
        self.assertIn('line of the log', said)
        self.assertEqual(cases[0][2], [])
        for text in ('because', 'line of the log', 'n=2', 'fixture'):
            self.assertIn(text, done.stdout)
        self.assertIn('noise', done.stderr)


class Benches(unittest.TestCase):
    def run_table(self, *programs):
        """(lines of the table, exit status) of programs, each (what it printed, its exit status)"""
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, 'meson-logs'))
            with open(os.path.join(folder, 'meson-logs', 'benches.json'), 'w', encoding='utf-8') as file:
                for number, (stdout, status) in enumerate(programs):
                    file.write(json.dumps({'name': f'b{number}', 'stdout': stdout, 'returncode': status}) + '\n')
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                status = table.main(folder)
        return [line.split() for line in out.getvalue().splitlines()], status

    def figures(self, measure):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            measure()
        return out.getvalue()

    def test_figures(self):
        """the table has every figure of every bench, and a missed target is no failure"""
        times = self.figures(lambda: bench.ratio('decode', [0.2, 0.1, 0.3], [0.1], at_most=1.3))
        calls = self.figures(lambda: (bench.ratio('get', 900, 1000, at_least=0.8, unit='calls/s'),
                                      bench.bound('idle', 7.25, at_most=7.5, unit='MB')))
        lines, status = self.run_table(('noise\n' + times, 0), (calls, 0))
        self.assertEqual(lines[2:], ['decode 200 ms 100 ms 2.00 ≤ 1.30 × MISSED'.split(),
                                     'get 900 calls/s 1000 calls/s 0.90 ≥ 0.80 × met'.split(),
                                     'idle 7.25 MB ≤ 7.50 MB met'.split()])
        self.assertEqual(status, 0)

    def test_broken(self):
        """a bench that died, or had no figure, is named; so is a run in which there was none"""
        good = self.figures(lambda: bench.bound('x', 1))
        for programs, names in (((good, 0), (good, 1)), 'b1'), ((('', 0),), 'b0'), ((), 'no bench of that name'):
            lines, status = self.run_table(*programs)
            self.assertEqual(' '.join(lines[-1]), 'failed: ' + names)
            self.assertEqual(status, 1)


if __name__ == '__main__':
    tap.main(None)
