# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a file of unittest cases and tells meson in TAP: one line a test method.

main('box') first moves the program into a private file system and an empty network (tests/lab/lab.sh box), main('lab')
onto the phone of a laboratory; main(None) runs it where it is. What a test prints goes to standard error, so that it
cannot disturb the report.
"""

import os
import signal
import sys
import traceback
import unittest

from . import tree

_attached = []
_expiring = []


def attach(title, read):
    """Has read() -> str printed with every test that fails from now on.

    Returns a function that ends it: at once, or with late=True when the running test has been reported.
    """
    entry = (title, read)
    _attached.append(entry)

    def detach(late=False):
        if late:
            _expiring.append(entry)
        elif entry in _attached:
            _attached.remove(entry)
    return detach


class _Result(unittest.TestResult):
    """One line for each method, whatever its subtests, cleanups and fixtures did."""

    def __init__(self, out, tests):
        super().__init__()
        self._out = out
        self._names = {test.id(): _title(test) for test in tests}
        self._done = set()
        self._problems = []
        self._why_skipped = None
        self._fixture = []
        self.bad = 0

    def startTest(self, test):
        super().startTest(test)
        self._problems, self._why_skipped = [], None

    def stopTest(self, test):
        super().stopTest(test)
        self._report(test.id(), self._problems, self._why_skipped)

    def finish(self):
        """Tests that a failed fixture kept from running."""
        for test_id in self._names:
            if test_id not in self._done:
                self._report(test_id, self._fixture or ['it was never run'], None)

    def _report(self, test_id, problems, skipped):
        self._done.add(test_id)
        number, name = len(self._done), self._names[test_id]
        if problems:
            self.bad += 1
            self._line(f'not ok {number} - {name}')
            for text in problems:
                self._diagnose(text)
            for title, read in list(_attached):
                self._diagnose(f'--- {title}\n{_tail(read)}')
        elif skipped is not None:
            self._line(f'ok {number} - {name} # SKIP {skipped}')
        else:
            self._line(f'ok {number} - {name}')
        _attached[:] = [entry for entry in _attached if entry not in _expiring]
        _expiring.clear()

    def _line(self, text):
        self._out.write(text + '\n')
        self._out.flush()

    def _diagnose(self, text):
        for line in text.splitlines():
            self._line('# ' + line)

    def _problem(self, test, err):
        text = ''.join(traceback.format_exception(*err))
        # a fixture of a module or class is no test of its own
        (self._problems if test.id() in self._names else self._fixture).append(text)

    def addError(self, test, err):
        super().addError(test, err)
        self._problem(test, err)

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._problems.append(f'in {subtest.id()}\n' + ''.join(traceback.format_exception(*err)))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._why_skipped = reason

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._problems.append('was expected to fail')


def _title(test):
    name = test.id().split('.', 1)[-1]
    about = test.shortDescription()
    return (f'{name}: {about}' if about else name).replace('#', ' ')


def _tail(read, lines=200):
    try:
        return '\n'.join(read().splitlines()[-lines:])
    except OSError as error:
        return f'(cannot be read: {error})'


def _flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _flatten(item)
        else:
            yield item


def _killed(signum, frame):
    raise TimeoutError('ended from outside, most likely it took too long')


def enter(space):
    """Moves the program into a space ('box', 'lab', or None to stay), where it begins anew; returns there."""
    if space and 'LAB_INSIDE' not in os.environ:
        script = os.path.abspath(sys.argv[0])
        lab = os.path.join(tree.SOURCE, 'tests', 'lab', 'lab.sh')
        os.execv(lab, [lab, {'box': 'box', 'lab': 'run'}[space], '/usr/bin/python3', script] + sys.argv[1:])


def main(space='box'):
    """Runs the tests of the main module; command-line arguments are parts of names to choose by."""
    enter(space)
    out = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, _killed)
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    tests = [test for test in _flatten(suite) if not sys.argv[1:] or any(part in test.id() for part in sys.argv[1:])]
    out.write(f'TAP version 13\n1..{len(tests)}\n')
    out.flush()
    result = _Result(out, tests)
    unittest.TestSuite(_by_class(tests)).run(result)
    result.finish()
    out.flush()
    sys.exit(1 if result.bad or not tests else 0)


def _by_class(tests):
    """One suite a class, as the loader had them: class fixtures run once."""
    groups = {}
    for test in tests:
        groups.setdefault(type(test), unittest.TestSuite()).addTest(test)
    return groups.values()
