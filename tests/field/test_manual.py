# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples of resync-rule(5) and resync-profile(5) do what the pages say they do."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import samples  # noqa: E402
from lib import tap  # noqa: E402
from lib.manual import examples  # noqa: E402


class Rules(unittest.TestCase):
    def explain(self, rule, suppositions):
        given = [word for one in suppositions for word in ('--set', one)]
        done = subprocess.run([samples.CTL, '--json', '--catalogue', samples.CATALOGUE, '--config', '/dev/null', 'explain', '--offline', *given,
                               '--', rule], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.stderr, '')
        return json.loads(done.stdout)

    def check(self, rule, suppositions, outcome):
        kind, _, rest = outcome.partition(' ')
        told = self.explain(rule, suppositions)
        if kind == 'error':
            self.assertEqual(told['error'], 'InvalidRule')
            if rest:
                self.assertIn(f'column {rest}: ', told['message'])
            return
        self.assertIsInstance(told, list, told)
        texts = {step['step']: step['text'] for step in told if step['step'] in ('fetch', 'skip')}
        if kind == 'fetch' and rest.startswith('/'):
            self.assertTrue(texts['fetch'].startswith(rest), texts)
        elif kind == 'fetch':
            self.assertEqual(texts, {'fetch': rest})
        elif kind == 'skip':
            self.assertEqual(list(texts), ['skip'])
        else:
            self.assertIn(outcome, [step['text'] for step in told if step['step'] == 'assignment'])

    def check_other(self, parameter, text, suppositions, outcome):
        """A rule of another kind than a profile rule, a trigger or a list."""
        done = subprocess.run([samples.RULES, parameter, text, *suppositions], stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn(outcome, done.stdout.splitlines())

    def test_rules(self):
        """each example of resync-rule(5), with what it says of it (RULE-1 to RULE-9, RULE-11, PHONE-3, PHONE-4)"""
        seen, others = 0, set()
        for block in examples('resync-rule.5'):
            lines = block.splitlines()
            outcomes = [line for line in lines if re.match(r'    \S+=', line)]
            rule = '\n'.join(line for line in lines if line not in outcomes)
            other = re.match(r'([A-Z]\w+):\s+', rule)
            self.assertTrue(outcomes, block)
            for line in outcomes:
                match = re.fullmatch(r'    (.*?) +((?:fetch |send |skip|error|wait |never|holds|does not hold|\S+ = ).*)', line)
                self.assertIsNotNone(match, line)
                with self.subTest(rule=rule, line=line):
                    if other:
                        self.check_other(other.group(1), rule[other.end():], shlex.split(match.group(1)), match.group(2))
                        others.add(other.group(1))
                    else:
                        self.check(rule, shlex.split(match.group(1)), match.group(2))
                    seen += 1
        self.assertGreater(seen, 40)
        self.assertEqual(others, {'Upgrade_Rule', 'Report_Rule', 'Custom_CA_Rule', 'Resync_Trigger_1', 'Resync_Error_Retry_Delay', 'Resync_Periodic'})


class Profiles(unittest.TestCase):
    def values(self, text, aliases):
        with tempfile.NamedTemporaryFile(prefix='field-') as file:
            file.write(text.encode())
            file.flush()
            done = subprocess.run([samples.VALUES, samples.CATALOGUE, file.name, '', '', aliases], stdout=subprocess.PIPE, text=True, check=True)
        return [tuple(line.split('\t')) for line in done.stdout.splitlines()]

    def test_profiles(self):
        """each example of resync-profile(5), with the table below it (PROF-1 to PROF-5, PROF-9, PROF-10)"""
        blocks = examples('resync-profile.5')
        tables = [i for i, block in enumerate(blocks) if block.startswith('    ')]
        self.assertGreater(len(tables), 4)
        for i in tables:
            rows = [(re.split(r' {2,}', line.strip(), maxsplit=2) + [''])[:3] for line in blocks[i].splitlines()]
            # a map stands before the file that it is for
            aliases = blocks[i - 2] if ' = /flat-profile/' in blocks[i - 2] else ''
            with self.subTest(blocks[i - 1]):
                self.assertEqual(self.values(blocks[i - 1], aliases), [tuple(row) for row in rows])


if __name__ == '__main__':
    tap.main(None)
