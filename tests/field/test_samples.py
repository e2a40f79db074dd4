# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each sample gives the parameters that it must give, and check finds no fault that is none."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import samples  # noqa: E402
from lib import tap  # noqa: E402


class Samples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='field-')
        cls.addClassCleanup(cls.folder.cleanup)

    def written(self, sample):
        path = os.path.join(self.folder.name, 'profile')
        with open(path, 'wb') as file:
            file.write(samples.content(sample))
        return path

    def test_enough(self):
        """at least 20 files, and each file of the folder is a sample"""
        files = {sample.file for sample in samples.SAMPLES}
        self.assertGreaterEqual(len(files), 20)
        self.assertEqual(files, {name for name in os.listdir(samples.FOLDER) if not name.endswith('.values')})

    def test_values(self):
        """the parameters that come out of each, their access and their values, exactly (PROF-1 to PROF-5, PROF-8 to PROF-10, ENC-1, ENC-2)"""
        for sample in samples.SAMPLES:
            with self.subTest(sample.name):
                done = subprocess.run([samples.VALUES, samples.CATALOGUE, self.written(sample), sample.key, sample.ikm, sample.aliases],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                came = [tuple(line.split('\t')) for line in done.stdout.splitlines()]
                self.assertEqual(came, samples.expected(sample))
                self.assertGreater(len(came), 0)

    def evaluated(self, sample, software, name=''):
        """What a phone with that software that has the sample's parameters would do by one rule, or by its profile rules: steps, and the fault, if
        any."""
        # the key of reports is of those that an earlier file brought
        given = {'GPP_B': 'key', **{parameter: value for parameter, _, value in samples.expected(sample)}}
        given.update(SWVER=software, MA='00562b043615', MAU='00562B043615', PN='CP-8851-3PCC', PSN='8851-3PCC', SN='FCH2245E1SJ', IP='192.0.2.7')
        words = [word for pair in given.items() for word in ('--set', '='.join(pair))]
        done = subprocess.run([samples.CTL, '--json', '--catalogue', samples.CATALOGUE, '--config', '/dev/null', 'explain', '--offline', *words,
                               *([name] if name else [])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        document = json.loads(done.stdout)
        self.assertEqual(done.stderr, '')
        return (document, '') if isinstance(document, list) else (document.get('steps', []), document['message'])

    def test_every_rule_can_be_followed(self):
        """the rules that come out of each sample do not only parse: a phone of old software and one of new can follow them (RULE-1 to RULE-9)"""
        for sample in {sample.file: sample for sample in samples.SAMPLES}.values():
            others = [name for name, _, value in samples.expected(sample)
                      if value and name in ('Upgrade_Rule', 'Report_Rule', 'Custom_CA_Rule', 'Resync_Trigger_1', 'Resync_Trigger_2')]
            for software in ('10.3.1', '12.0.2'):
                for name in ('', *others):
                    with self.subTest(sample.file, software=software, rule=name):
                        steps, fault = self.evaluated(sample, software, name)
                        self.assertEqual(fault, '')
                        self.assertEqual({step['text'] for step in steps if step['step'] == 'rule'} & {'Profile_Rule_D', *others},
                                         {name or 'Profile_Rule_D'})

    def test_servers_in_a_row(self):
        """“;” between servers: in a value that the rule takes apart by places, and between the two rules for reports; in a profile rule it is a part of
        the path, which check says (RULE-7, RULE-9, PHONE-4)"""
        sample, = (sample for sample in samples.SAMPLES if sample.file == 'servers.xml')
        given = {name: value for name, _, value in samples.expected(sample)}
        first, second = 'https://prov1.carrier.example', 'https://prov2.carrier.example'
        for name, state, lines in (
                ('Profile_Rule', '0', [f'fetch {first}/cfg;site=7/00562b043615.xml']), ('Profile_Rule', '2', [f'fetch {second}/cfg;site=7/00562b043615.xml']),
                ('Profile_Rule_B', '0', [f'fetch {first}/8851-3PCC.xml;{second}/8851-3PCC.xml']),
                ('Profile_Rule_C', '0', [f'fetch {first}/q?a=1;b={second}/']),
                ('Report_Rule', '0', [f'send {first}/up/00562b043615.xml --delta', f'send {second}/up/00562b043615.xml'])):
            with self.subTest(name, state=state):
                done = subprocess.run([samples.RULES, name, given[name], 'A=' + given['GPP_A'], 'MA=00562b043615', 'PSN=8851-3PCC', f'PRVST={state}'],
                                      stdout=subprocess.PIPE, text=True, check=True)
                self.assertEqual(done.stdout.splitlines(), lines)

    def test_no_false_alarm(self):
        """check finds what is wrong with a sample, and nothing that is right (PROF-6)"""
        for sample in samples.SAMPLES:
            with self.subTest(sample.name):
                done = subprocess.run([samples.CTL, '--json', '--catalogue', samples.CATALOGUE, 'check', *samples.options(sample),
                                       self.written(sample)], stdout=subprocess.PIPE, text=True, check=False)
                found = json.loads(done.stdout)
                self.assertEqual([(fault['line'], fault['kind'], fault['name']) for fault in found['faults']], list(sample.faults))
                self.assertEqual(done.returncode, 1 if any(kind == 'bad-value' for _, kind, _ in sample.faults) else 0)

    def test_the_manual_to_the_letter(self):
        """with its placeholder left in, the manual's example is not well-formed, and the place is told (PROF-4)"""
        path = os.path.join(samples.FOLDER, 'activation.xml')
        done = subprocess.run([samples.CTL, '--json', '--catalogue', samples.CATALOGUE, 'check', path], stdout=subprocess.PIPE,
                              text=True, check=False)
        fault, = json.loads(done.stdout)['faults']
        self.assertEqual((done.returncode, fault['kind'], fault['severity']), (1, 'corrupt', 'error'))
        with open(path, encoding='utf-8') as file:
            line = file.read().splitlines()[fault['line'] - 1]
        self.assertIn('<server ip address>', line)
        # “server” looks like an element with two attributes, of which the first has no value
        self.assertTrue(line[:fault['column'] - 1].endswith('<server ip '), fault)


if __name__ == '__main__':
    tap.main(None)
