#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts what `meson test` ran, and ends in the one line of ./check.

    report.py [--failed TEXT]... [LABEL=LOG]...

LOG is the testlog.json of a run, or what --logbase made of its name. Every line of a test's TAP is a case. A program that died, ran out of time, exited badly without a failed case, or did
not keep its plan is one failed case more; so is a run in which nothing ran. --failed adds a failure from elsewhere.
What a failed case said of itself is printed under it, since whoever reads this may have nothing but this.
"""

import json
import re
import sys

_TEST = re.compile(r'(ok|not ok)\b\s*(\d+)?\s*-?\s*([^#]*)(#\s*(skip|todo)\b.*)?', re.IGNORECASE)
_SAID_MAX = 80  # lines of a case
_PLAN = re.compile(r'1\.\.(\d+)\s*(#\s*skip.*)?', re.IGNORECASE)


def read_tap(text):
    """(cases as (result, name, what it said), planned or None) of a program's output; result: passed, failed, skipped."""
    cases, planned, said = [], None, []
    for line in text.splitlines():
        plan = _PLAN.match(line)
        if plan:
            planned = int(plan.group(1))
            continue
        test = _TEST.match(line)
        if not test:
            if line.startswith('#'):
                said.append(line)
            continue
        good, _, name, directive, kind = test.groups()
        if good != 'ok':
            result = 'failed'
        elif directive and kind.lower() == 'skip':
            result = 'skipped'
        else:
            result = 'passed'
        said = []
        cases.append((result, (name or '').strip(), said))
    return cases, planned


def judge(entry):
    """The cases of one program, from its line in meson's testlog.json."""
    cases, planned = read_tap(entry.get('stdout') or '')
    result, status = entry['result'], entry.get('returncode')
    if not any(case[0] == 'failed' for case in cases):
        if result in ('TIMEOUT', 'INTERRUPT'):
            cases.append(('failed', f'(the program did not end in time: {result})', []))
        elif status != 0:
            cases.append(('failed', f'(the program ended with {status})', []))
        elif planned is None:
            cases.append(('failed', '(the program printed no plan)', []))
        elif planned != len(cases):
            cases.append(('failed', f'(the program planned {planned} cases and ran {len(cases)})', []))
        elif not cases:
            cases.append(('skipped', '(the program ran no case)', []))
        elif result not in ('OK', 'SKIP'):
            cases.append(('failed', f'(meson says {result})', []))
    return cases


def read_run(log):
    """All cases of a run, as (result, program, name, what it said)."""
    try:
        with open(log, encoding='utf-8') as file:
            entries = [json.loads(line) for line in file if line.strip()]
    except OSError:
        entries = []
    cases = [(result, entry['name'], name, said) for entry in entries for result, name, said in judge(entry)]
    return cases or [('failed', 'meson test', '(nothing was run)', [])]


def main(arguments):
    count = {'passed': 0, 'failed': 0, 'skipped': 0}
    while arguments:
        argument = arguments.pop(0)
        if argument == '--failed':
            cases = [('failed', arguments.pop(0), '', [])]
            label = ''
        else:
            label, _, log = argument.partition('=')
            cases = read_run(log)
        for result, program, name, said in cases:
            count[result] += 1
            if result != 'passed':
                print(f'{result}: {label + ": " if label else ""}{program}{": " + name if name else ""}')
            for line in said[:_SAID_MAX] if result == 'failed' else ():
                print('  ' + line)
    print('{passed} passed, {failed} failed, {skipped} skipped'.format(**count))
    return 1 if count['failed'] or count['skipped'] or not count['passed'] else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
