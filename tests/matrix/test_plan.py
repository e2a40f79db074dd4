#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Discovery as a matrix: each case through the rooms that decide, in no time and without a network; what is asked, in order, the state and
the source in the end are those of the model in cases.py."""

import itertools
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, tap, tree  # noqa: E402
import cases  # noqa: E402

SLOW = 25  # seconds: the third answer comes too late for a source's 60
ALL = list(cases.generate())


def walk():
    """number -> (requests, state, source, tried, warnings), as the product has it."""
    with tempfile.NamedTemporaryFile('w', suffix='.cases') as file:
        file.write(bus.keyfile(cases.sections(ALL, SLOW)))
        file.flush()
        done = subprocess.run([os.path.join(tree.BUILD, 'tests', 'matrix', 'walk-cases'), file.name], stdout=subprocess.PIPE, text=True,
                              check=True)
    lines = [line.split('\t') for line in done.stdout.splitlines()]
    return {int(number): (requests.split(), state, source, [tuple(one.split('=', 1)) for one in tried.split()], int(warnings))
            for number, requests, state, source, tried, warnings in lines}


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.found = walk()

    def check(self, some):
        self.assertTrue(some)
        for case in some:
            with self.subTest(cases.name_of(case)):
                requests, state, source, tried, _warnings = self.found[case.number]
                want = cases.outcome(case, SLOW)
                self.assertEqual(requests, want.requests)
                self.assertEqual((state, source), (want.state, want.source))
                self.assertEqual(tried, want.tried)


def add(name, about, some):
    """A test of these cases."""
    def test(self):
        self.check(some)
    test.__doc__ = about
    setattr(Matrix, name, test)


for _state, _meanwhile in itertools.product(cases.STATES, cases.MEANWHILE):
    _some = [case for case in ALL if (case.state, case.meanwhile) == (_state, _meanwhile)]
    add(f'test_{_state}_{_meanwhile}'.lower().replace('-', '_').replace(' ', '_'),
        f'{len(_some)} cases of a phone that is {_state}, meanwhile {_meanwhile} (DISC-1, DISC-2, DISC-3, DISC-4, DISC-5, DISC-6, DISC-7, DISC-9, '
        'DISC-10, DISC-13, DISC-14, STATE-1, STATE-2, STATE-3, STATE-4)', _some)


class Whole(unittest.TestCase):
    def test_every_value(self):
        """the matrix has at least 150 cases, no two alike, every value of every axis, and every pair of form and server, of state and server,
        and of state and what happens (DISC-4, STATE-1)"""
        self.assertGreaterEqual(len(ALL), 150)
        self.assertEqual(len({cases.name_of(case) for case in ALL}), len(ALL))
        for axis, values in (('presence', {'present', 'absent', 'malformed'}), ('form', cases.FORMS), ('server', cases.SERVERS),
                             ('family', (4, 6)), ('state', cases.STATES), ('meanwhile', cases.MEANWHILE), ('service', cases.SERVICES),
                             ('front', cases.FRONTS), ('option', {*cases.OPTIONS[4], *cases.OPTIONS[6]}), ('srv', {'', *cases.SRV}),
                             ('by_rule', {False, True})):
            self.assertEqual({getattr(case, axis) for case in ALL}, set(values), axis)
        for one, other in (('state', 'server'), ('state', 'meanwhile'), ('form', 'server')):
            met = {(getattr(case, one), getattr(case, other)) for case in ALL if case.presence == 'present'}
            both = itertools.product({getattr(case, one) for case in ALL}, {getattr(case, other) for case in ALL})
            self.assertEqual(met, set(both), (one, other))

    def test_records_of_every_kind(self):
        """SRV records of every kind meet every state and everything that happens, and lead to a profile where any server of theirs has one
        (DISC-7, DISC-9, DISC-14)"""
        self.assertEqual({(case.srv, case.state, case.meanwhile) for case in ALL if case.srv},
                         set(itertools.product(cases.SRV, cases.STATES, cases.MEANWHILE)))
        led = {case.srv for case in ALL if cases.outcome(case, SLOW).source == 'dns-srv'}
        self.assertEqual(led, set(cases.SRV))
        fresh = {case.srv for case in ALL if case.state == 'Open' and cases.outcome(case, SLOW).source == 'dns-srv'}
        self.assertEqual(fresh, {'good', 'first dead', 'good by http'})

    def test_form_and_server_are_asked(self):
        """each form leads to each kind of server, which is really asked (DISC-4)"""
        asked = set()
        for case in ALL:
            there = {cases.address(f'{case.server}-{case.front}', family) for family in (4, 6)}
            if case.presence == 'present' and any(url.split('/')[2].strip('[]') in there for url in cases.outcome(case, SLOW).requests):
                asked.add((case.form, case.server))
        self.assertEqual(asked, set(itertools.product(cases.FORMS, cases.SERVERS)))

    def test_warnings(self):
        """a malformed value is passed over with a warning, a well-formed one without (DISC-5)"""
        found = walk()
        for case in ALL:
            option = cases.option_of(case)
            if option is None or (case.option == 60 and b'://' not in option.value):
                continue
            with self.subTest(cases.name_of(case)):
                wrong = case.presence == 'malformed' or (case.option == 43 and case.form == 'path')
                self.assertEqual(found[case.number][4] > 0, wrong)


if __name__ == '__main__':
    tap.main(None)
