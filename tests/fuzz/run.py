#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs one fuzzer over its seeds and mutations of them, and tells in TAP how it went.

    run.py [--runs N | --cpu SECONDS] [--seed N] [--corpus FOLDER] [--timeout SECONDS] FUZZER

FUZZER is a program fuzz-NAME of a build with -Dfuzzers=true. Without options it tries 20 000 mutations that are the
same in every run; with RESYNCD_LONG=1 (./check --long) other ones each time, for ten minutes of the processor. --corpus
keeps what was found to be new, for the next time and for minimizing (README.md). --timeout is for one input, by the
clock: a large one for a machine that is stopped now and then.

A finding is printed with its input in base64; the input is kept in the folder of the corpus, or, without one, beside
the program.
"""

import argparse
import base64
import glob
import os
import random
import re
import resource
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = 20000
LONG_CPU = 600
CHUNK = 60  # seconds of one start of the program, where the processor's time is counted
TIMEOUT = 60  # of the clock, for one input; each target counts the processor's time itself
LIMITS = ['-rss_limit_mb=1024', '-malloc_limit_mb=64', '-report_slow_units=1000', '-max_len=4096']
# What makes mutations the same wherever they run: nothing learned from compared values, whose table goes by
# addresses, no look at the folder by the clock, the seeds in one order (each file system has another), and, where the
# kernel allows that, one place in memory.
SAME = ['-use_cmp=0', '-reload=0']
ONE_PLACE = ['setarch', '--addr-no-randomize']
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=1:quarantine_size_mb=16',
    'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
    # GLib's own small blocks would hide who uses one after it was freed
    'G_SLICE': 'always-malloc',
}


class Fuzzer:
    def __init__(self, program, corpus, timeout):
        self.timeout = timeout
        self.program = os.path.abspath(program)
        self.name = os.path.basename(program).split('-', 1)[1]
        self.corpus = corpus
        self.finds = os.path.join(corpus if corpus else os.path.dirname(self.program), f'finding-{self.name}-')
        self.before = set(glob.glob(self.finds + '*'))
        self.seeds = os.path.join(HERE, 'seeds', self.name)
        self.found = os.path.join(HERE, 'found', self.name)
        self.start = ONE_PLACE if subprocess.run([*ONE_PLACE, 'true'], capture_output=True, check=False).returncode == 0 else []

    def run(self, *arguments):
        """(good, output) of one start."""
        command = [*self.start, self.program, f'-artifact_prefix={self.finds}', f'-timeout={self.timeout}', *LIMITS, *arguments]
        done = subprocess.run(command, env={**os.environ, **SANITIZERS}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode == 0, done.stdout.decode('utf-8', 'backslashreplace')

    def mutate(self, *arguments):
        dictionary = os.path.join(HERE, 'dict', self.name + '.dict')
        words = [f'-dict={dictionary}'] if os.path.exists(dictionary) else []
        return self.run(*words, f'-seed_inputs={",".join(self.files())}', *arguments, self.corpus)

    def files(self):
        return sorted(path for folder in (self.seeds, self.found) for path in glob.glob(os.path.join(folder, '*')))

    def new_finds(self):
        finds = sorted(set(glob.glob(self.finds + '*')) - self.before)
        self.before.update(finds)
        return finds


def describe(fuzzer, output):
    """What of a failed run a person needs: the report's text, and each input that did it."""
    lines = [line for line in output.splitlines() if not re.match(r'#\d+\s|INFO:|\s*NEW_FUNC|\s*#\d+ .*fuzzer::', line)]
    for path in fuzzer.new_finds():
        with open(path, 'rb') as file:
            lines.append(f'input: {path}')
            lines.append('base64: ' + base64.b64encode(file.read()).decode())
    return lines


def last(pattern, output, default=0):
    found = re.findall(pattern, output)
    return int(found[-1]) if found else default


def tap(number, good, name, lines=()):
    print(f'{"ok" if good else "not ok"} {number} - {name}')
    for line in lines:
        print('# ' + line)
    sys.stdout.flush()
    return good


def try_seeds(fuzzer):
    files = fuzzer.files()
    good, output = fuzzer.run(*files) if files else (False, 'there are none')
    return tap(1, good, f'{fuzzer.name}: its {len(files)} seeds and earlier findings', () if good else describe(fuzzer, output))


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def try_mutations(fuzzer, runs, cpu, seed):
    """runs mutations, or as many as cpu seconds of the processor allow."""
    begun, done, chunk, good = used(), 0, 0, True
    output = ''
    while good and (done < runs if cpu is None else used() - begun < cpu):
        # the seeds count as runs, too
        bound = [f'-runs={runs + len(fuzzer.files())}', *SAME] if cpu is None else [f'-max_total_time={CHUNK}']
        good, output = fuzzer.mutate(*bound, f'-seed={seed + chunk}', '-print_final_stats=1')
        done += last(r'stat::number_of_executed_units:\s*(\d+)', output)
        chunk += 1
    spent = used() - begun
    summary = (f'{done} executions in {spent:.0f} s of the processor, cov {last(r" cov: ([0-9]+)", output)}, '
               f'ft {last(r" ft: ([0-9]+)", output)}, from seed {seed}')
    lines = [summary] + ([] if good else describe(fuzzer, output))
    return tap(2, good, f'{fuzzer.name}: ' + (f'{runs} mutations' if cpu is None else f'{cpu} s of mutations'), lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=RUNS)
    parser.add_argument('--cpu', type=int, default=LONG_CPU if os.environ.get('RESYNCD_LONG') else None)
    parser.add_argument('--seed', type=int)
    parser.add_argument('--corpus')
    parser.add_argument('--timeout', type=int, default=TIMEOUT)
    parser.add_argument('fuzzer')
    given = parser.parse_args()
    seed = given.seed
    if seed is None:
        seed = 1 if given.cpu is None else random.randrange(1, 1 << 30)
    with tempfile.TemporaryDirectory(prefix='resyncd-fuzz.') as scratch:
        if given.corpus:
            os.makedirs(given.corpus, exist_ok=True)
        fuzzer = Fuzzer(given.fuzzer, given.corpus, given.timeout)
        if not given.corpus:
            fuzzer.corpus = scratch
        print('TAP version 13\n1..2')
        good = try_seeds(fuzzer)
        good = try_mutations(fuzzer, given.runs, given.cpu, seed) and good
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
