# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl explain: at a desk, and of the daemon's answers."""

import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import fake  # noqa: E402
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import tap, tree  # noqa: E402

CATALOGUE = tree.source('data', 'catalogue')
RULE = ('($SWVER lt 11.2.1 and "$PN" = "CP-8851-3PCC")? http://old.example/$PN.cfg | ("$A" ne "")? (GPP_B = "$MA"; GPP_SB = "canary";'
        ' Profile_Rule_B = "[--key canary] https://h/";)! [--key $SA --uid u --pwd canary --srv] https://new.example/$MA.xml?t=canary | /last.xml')


class Desk(unittest.TestCase):
    def explain(self, *arguments, check=0):
        """(step, text, truth) of each, and what was said besides."""
        done = run.ctl('--config', '/dev/null', '--catalogue', CATALOGUE, '--json', 'explain', '--offline', *arguments)
        self.assertEqual((done.returncode, done.stderr), (check, ''), done.stdout)
        document = json.loads(done.stdout)
        return document if check else self.triples(document)

    def triples(self, steps):
        return [(step['step'], step['text'], step.get('true')) for step in steps]

    def test_every_step(self):
        """alternatives, comparisons with the values they saw, assignments, options, what is fetched, what comes next (RULE-1, RULE-2, RULE-3)"""
        steps = self.explain('--set', 'SWVER=11.0.1', '--set', 'PN=CP-7832-3PCC', '--set', 'GPP_A=x', '--set', 'MA=000e08aabbcc',
                             '--set', 'GPP_SA=canary', RULE)
        self.assertEqual(steps, [
            ('macro', '$SWVER = 11.0.1', None), ('macro', '$PN = CP-7832-3PCC', None), ('macro', '$A = x', None),
            ('macro', '$MA = 000e08aabbcc', None), ('macro', '$SA = •••', None),
            ('alternative', '1 of 3', None),
            ('comparison', '$SWVER < 11.2.1: “11.0.1” < “11.2.1”', True),
            ('comparison', '"$PN" = "CP-8851-3PCC": “CP-7832-3PCC” = “CP-8851-3PCC”', False),
            ('condition', '$SWVER lt 11.2.1 and "$PN" = "CP-8851-3PCC"', False),
            ('alternative', '2 of 3', None),
            ('comparison', '"$A" != "": “x” != “”', True),
            ('condition', '"$A" ne ""', True),
            ('assignment', 'GPP_B = "000e08aabbcc"', None), ('assignment', 'GPP_SB = "•••"', None),
            ('assignment', 'Profile_Rule_B = "[--key •••] https://h/"', None),
            ('option', '--key •••: the file is decrypted with it', None), ('option', '--uid •••', None), ('option', '--pwd •••', None),
            ('option', '--srv: the servers that SRV records of _ciscoprov-https._tls.new.example name; without any new.example itself', None),
            ('fetch', 'https://new.example/000e08aabbcc.xml?…', None),
            ('alternative', '3 of 3: not looked at, whatever becomes of the one before', None),
            ('next', 'after a success the end of the resync; after a failure the resync ends and begins again as Resync_Error_Retry_Delay says',
             None)])

    def test_lazily(self):
        """a comparison behind a false one saw nothing (RULE-3)"""
        steps = self.explain('--set', 'SWVER=12.0.1', RULE)
        self.assertEqual([text for step, text, _ in steps if step == 'comparison'],
                         ['$SWVER < 11.2.1: “12.0.1” < “11.2.1”', '"$A" != "": “” != “”'])
        self.assertIn(('fetch', '/last.xml from the server that asked, that provisioned the phone or that DHCP names', None), steps)

    def test_the_rules_that_are_set(self):
        """without a rule the four are explained, those of --set in the place of the catalogue's (SCHED-9)"""
        told = self.explain('--set', 'Profile_Rule=https://a.example/$VENDOR.xml', '--set', 'Profile_Rule_C=http://h/ | x', check=1)
        self.assertEqual(told['error'], 'InvalidRule')
        steps = self.triples(told['steps'])
        self.assertEqual([text for step, text, _ in steps if step == 'rule'], ['Profile_Rule', 'Profile_Rule_B', 'Profile_Rule_C', 'Profile_Rule_D'])
        kinds = [(step, text) for step, text, _ in steps]
        self.assertIn(('fetch', 'https://a.example/resyncd.xml'), kinds)
        self.assertIn(('next', 'after a success Profile_Rule_B; after a failure the resync ends and begins again as Resync_Error_Retry_Delay says'), kinds)
        self.assertEqual([text for step, text in kinds if step == 'skip'],
                         ['the rule is empty', 'the rule is empty'])
        self.assertIn(('fault', 'column 11: found “|”, expected the end of the rule: only the last alternative may do without a condition'), kinds)
        self.assertIn(('next', 'the resync fails here and begins again as Resync_Error_Retry_Delay says'), kinds)

    def test_a_fault_hides_nothing(self):
        """what a rule did before the fault is told, and the fault behind it (RULE-3, RULE-10)"""
        for rule, last in (('($PRVST eq -1 and $PN lt 3)? /x', 'in quotes'), ('($PRVST eq -1)? https://h/$A | /x', 'a blank in it'),
                           ('($PRVST eq -1)? [--key "$SERV"] https://h/', 'printable')):
            told = self.explain('--set', 'PN=CP', '--set', 'A=a b', '--set', 'SERV=a\nb', rule, check=1)
            steps = self.triples(told['steps'])
            self.assertIn(('comparison', '$PRVST = -1: “-1” = “-1”', True), steps)
            self.assertEqual([step for step, _, _ in steps[-2:]], ['fault', 'next'])
            self.assertIn(last, steps[-2][1])
            self.assertEqual(steps[-2][1], told['message'])
        done = run.ctl('--catalogue', CATALOGUE, 'explain', '--offline', '--set', 'Profile_Rule=[')
        self.assertEqual(done.returncode, 1)
        self.assertIn('fault       column 2: ', done.stdout)
        self.assertEqual((done.stdout + done.stderr).count('column 2: '), 1)

    def test_rules_of_every_kind(self):
        """by the name of the parameter that holds it: firmware, reports, a CA, a trigger (RULE-1, RULE-9, HTTP-9, SCHED-6)"""
        for name, rule, wanted in (
                ('Upgrade_Rule', '($SWVER lt 12)? http://fw.example/$PN.loads', [('condition', '$SWVER lt 12'), ('fetch', 'http://fw.example/CP.loads')]),
                ('Report_Rule', '[--delta] https://r.example/$PN.xml; [--status --key canary] tftp://r.example/s',
                 [('option', '--delta: what changed since the last report of this rule that arrived'), ('send', 'https://r.example/CP.xml'),
                  ('option', '--status: the status page'), ('send', 'tftp://r.example/s')]),
                ('Custom_CA_Rule', 'https://u:canary@ca.example/ca.pem', [('fetch', 'https://ca.example/ca.pem')]),
                ('Resync_Trigger_1', '$UPGTMR gt 5', [('comparison', '$UPGTMR > 5: “0” > “5”'), ('condition', '$UPGTMR gt 5')]),
                ('Profile_Rule_D', '', [('skip', 'the rule is empty')])):
            with self.subTest(name):
                steps = self.explain('--set', f'{name}={rule}', '--set', 'SWVER=11.0', '--set', 'PN=CP', name)
                self.assertNotIn('canary', repr(steps))
                self.assertEqual(steps[0], ('rule', name, None))
                told = [(step, text) for step, text, _ in steps]
                self.assertEqual([one for one in told if one in wanted], wanted)
                self.assertEqual([text for step, text in told if step == 'next' and 'resync ends' in text], [])
        # of two reports each is sent whatever becomes of the other
        done = run.ctl('--catalogue', CATALOGUE, 'explain', '--offline', '--set', 'Report_Rule=[--key $F] http://h/1 http://h/2', 'Report_Rule')
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()], ['rule', 'macro', 'fault', 'send', 'next'])
        self.assertIn(('option', 'gds:// fetches nothing, and options are of no use to it', None), self.explain('[--uid canary --pwd canary] gds://'))
        self.assertEqual(self.explain('--set', 'Upgrade_Rule=[--key x] http://h/', 'Upgrade_Rule', check=1)['error'], 'InvalidRule')

    def test_a_password_of_nobody(self):
        """where a register for --uid is empty no account goes with the request, and that is told (HTTP-3)"""
        for user, words in (('x', ''), ('', ': of no use, for --uid gives no name')):
            with self.subTest(user):
                steps = self.explain('--set', f'GPP_A={user}', '[--uid $A --pwd $B] https://h/x')
                self.assertIn(('option', f'--pwd •••{words}', None), steps)

    def test_configuration(self):
        """--config says which phone it is (PHONE-1, PHONE-3)"""
        with tempfile.NamedTemporaryFile('w', prefix='ctl-') as config:
            config.write('[Phone]\nVendor=Acme\nModel=M1\nMacAddress=00:0E:08:AA:BB:CC\nSoftwareVersion=12.0\nSerialNumber=S7\n')
            config.flush()
            done = run.ctl('--config', config.name, '--catalogue', CATALOGUE, 'explain', '--offline',
                           'https://h/$VENDOR/$PN/$PSN/$MA/$MAU/$MAC/$SN/$VERSION/$IP')
        self.assertIn('\nfetch       https://h/Acme/M1/M1/000e08aabbcc/000E08AABBCC/00:0e:08:aa:bb:cc/S7/12.0/\n', done.stdout)
        self.assertEqual(done.stderr, 'resyncctl: $IP is not known at a desk and counts as empty; --set IP=VALUE gives it\n')

    def test_the_last_path(self):
        """the query of the URL that was fetched last is a secret in every step (STORE-3)"""
        steps = self.explain('--set', 'PATH=/x?canary', '("$PATH" ne "")? (GPP_B = "$PATH";)! https://h/$PATH')
        self.assertNotIn('canary', repr(steps))
        self.assertEqual([step[1] for step in steps if step[0] != 'next'],
                         ['$PATH = /x?…', '"$PATH" != ""', '"$PATH" ne ""', 'GPP_B = "•••"', 'https://h//x?…'])

    def test_urls_in_values(self):
        """an account or a query in a value, or in the rule itself, is shown in no step, nor is a part of it (STORE-3)"""
        for rule, value, fetch in (
                ('("$A" ne "http://u:canary@h/")? $A/$MA.xml', 'https://joe:canary@h/x?key=canary', 'https://h/x?…'),
                ('("$(A:12:6)" eq "canary1")? /x | https://h/$(A:12:6)', 'https://joe:canary@h', 'https://h/•••'),
                ('("$A" eq "x?key=canary")? /x | (GPP_B = "$(A:4)"; GPP_C = "https://u:canary@h/";)! https://h/$A', 'key=canary', 'https://h/•••'),
                ('("$A" ne "joe:canary@h")? (PAC_URL = "http://h/?pw=canary";)! http://u:canary@h/x?t=canary', 'joe:canary2@h', 'http://h/x?…')):
            with self.subTest(rule=rule):
                steps = self.explain('--set', f'A={value}', '--set', 'MA=000e08aabbcc', rule)
                told = [(step, text) for step, text, _ in steps]
                self.assertEqual([pair for pair in told if 'canary' in pair[1].replace('"canary1"', '')], [])
                self.assertIn(('fetch', fetch), told)

    def test_what_rules_make_a_secret(self):
        """a macro that a rule uses as a key, an account, a query or for a password is shown in no step, in text and JSON (STORE-3)"""
        for values, rule in (
                (['A=canary'], '[--uid u --pwd $A --key $A] https://h/x?password=$A'),
                (['GPP_A=canary'], '(GPP_SA = "$A";)!'),
                (['A=joe:canary'], 'https://$A@h/x'),
                (['A=canary', 'Report_Rule=https://h/?token=$(A:0:4)'], '("$A" = "canary")? https://h/$(A:0:4)/$(A:4)'),
                (['Profile_Rule=https://h/p?mac=$MA&token=$A', 'GPP_A=canary'], ''),
                (['Profile_Rule=(Pasword_1_ = "canary";)! https://h/'], 'Profile_Rule')):
            arguments = ['--offline', *(word for value in values for word in ('--set', value)), rule]
            for form in ([], ['--json']):
                with self.subTest(rule=rule, form=form):
                    done = run.ctl('--config', '/dev/null', '--catalogue', CATALOGUE, *form, 'explain', *arguments)
                    self.assertIn('•••', done.stdout)
                    self.assertNotRegex(done.stdout + done.stderr, 'cana|ary')

    def test_what_the_phone_would_refuse(self):
        """steps that would fail on the phone end with words and status 1 (RULE-5, RULE-6, HTTP-1, PROF-10, ENC-4)"""
        for arguments, fault, last in (
                (['[--post a] tftp://h/x'], '--post needs http or https', 'next'),
                (['[--alias a] https://h/x'], 'GPP_A: --alias names an empty register', 'next'),
                (['--set', 'GPP_A=nonsense', '[--alias a] https://h/x'],
                 'The alias map, pair 1 (line 1, column 1): expected “/path/to/element = /flat-profile/Name ;”', 'next'),
                (['--set', 'GPP_A=$SB', '[--post a] https://h/x'],
                 'GPP_A: column 1: found “$SB”, expected no $SA to $SD here: they may stand only in --key, --uid and --pwd of a stored rule', 'next'),
                (['[--key ""] https://h/x'], 'column 9: found an empty key, expected a key to encrypt or decrypt with', 'next'),
                (['(Pasword_1_ = "canary";)! https://h/x'],
                 '“Pasword_1_” is no parameter of this phone; the phone would leave it out and go on', 'next'),
                (['(Resync_Periodic = "often";)! https://h/x'], None, 'next')):
            with self.subTest(arguments=arguments):
                told = self.explain(*arguments, check=1)
                self.assertEqual(told['error'], 'InvalidRule')
                if fault is None:
                    self.assertRegex(told['message'], '^Resync_Periodic cannot be “often”: wanted is .*; the phone would leave it out and go on$')
                else:
                    self.assertEqual(told['message'], fault)
                kinds = [step for step, _, _ in self.triples(told['steps'])]
                self.assertEqual(kinds[-1], last)
                # what is left out keeps nothing from being fetched
                self.assertEqual('fetch' in kinds, 'assignment' in kinds)
                self.assertNotIn('canary', repr(told))

    def test_refused(self):
        """names, values and rules that are none"""
        for arguments, error, words in ((['--set', 'Profil_Rule=x'], 'InvalidName', 'is Profile_Rule meant?'), (['--set', 'Zzzzzzzz=x'], 'InvalidName', 'Zzzzzzzz'),
                                        (['--set', 'Resync_Periodic=x'], 'InvalidValue', 'Resync_Periodic'),
                                        (['--set', 'METH=http'], 'InvalidName', 'suppose SCHEME'), (['--set', '$=x'], 'InvalidName', 'dollar'),
                                        (['[--nonesuch] /x'], 'InvalidRule', 'column 2'), (['($PN lt 3)? /x'], 'InvalidRule', 'in quotes')):
            with self.subTest(arguments):
                told = self.explain(*arguments, check=1)
                self.assertEqual(told['error'], error)
                self.assertIn(words, told['message'])
        done = run.ctl('--catalogue', CATALOGUE, 'explain', '--offline', '--set', 'canary')
        self.assertEqual(done.returncode, 2)
        self.assertNotIn('canary', done.stderr)


class Daemon(run.BusCase):
    def test_set(self):
        """without --offline the daemon is asked what it would do"""
        steps = [{'step': GLib.Variant('s', 'comparison'), 'text': GLib.Variant('s', 'a: b'), 'true': GLib.Variant('b', False)}]
        self.daemon.answers['ExplainWith'] = lambda call: GLib.Variant('(aa{sv})', (steps,))
        self.assertEqual(self.run_json('explain', '--set', 'SWVER=11.0', '--set', 'GPP_A=a=b', 'r'),
                         [{'step': 'comparison', 'text': 'a: b', 'true': False}])
        self.assertEqual(self.run_ctl('explain', '--set', 'SWVER=11.0').stdout, 'comparison  a: b: false\n')
        self.assertEqual(self.daemon.called('ExplainWith'), [('r', {'SWVER': '11.0', 'GPP_A': 'a=b'}), ('', {'SWVER': '11.0'})])

    def test_refused(self):
        def refuse(call):
            raise fake.Error('NotAllowed', 'not for you')
        self.daemon.answers['ExplainWith'] = refuse
        self.assertEqual(self.run_json('explain', '--set', 'A=b', check=4), {'error': 'NotAllowed', 'message': 'not for you'})
        self.assertEqual(self.run_ctl('explain', '--set', 'ab', check=2).stdout, '')


if __name__ == '__main__':
    tap.main(None)
