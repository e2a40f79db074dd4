# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl diff: a profile against what the phone says that it has."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import fake  # noqa: E402
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import tap, tree  # noqa: E402

CATALOGUE = tree.source('data', 'catalogue')
PROFILE = '''<flat-profile>
  <Resync_Periodic>7200</Resync_Periodic>
  <Station_Name ua="rw">Desk</Station_Name>
  <Voice_Mail_Number ua="rw"/>
  <Profile_Rule>[--pwd canary-rule] https://new.example/?canary</Profile_Rule>
  <Admin_Password>canary-new</Admin_Password>
  <User_Password>canary-same</User_Password>
  <GPP_SA>canary-first</GPP_SA>
  <GPP_SB/>
  <Dial_Plan_1_>(x.)</Dial_Plan_1_>
  <Resync_Random_Delay>70000</Resync_Random_Delay>
  <Nonesuch1>1</Nonesuch1>
  <GPP_A>same</GPP_A>
</flat-profile>
'''


def entry(name, value=None, access='na', origin='default', secret=False):
    plain = {'name': name, 'access': access, 'origin': origin, 'secret': secret, 'set': origin != 'default'}
    if not secret:
        plain['value'] = value
    return {key: GLib.Variant('b' if isinstance(one, bool) else 's', one) for key, one in plain.items()}


class Diff(run.BusCase):
    SECRETS = {'Admin_Password': 'canary-old', 'User_Password': 'canary-same', 'GPP_SA': '', 'GPP_SB': 'canary-gone'}

    def setUp(self):
        super().setUp()
        entries = [entry('Resync_Periodic', '3600'), entry('Station_Name', 'Desk', origin='profile'), entry('GPP_A', 'same', origin='admin'),
                   entry('Voice_Mail_Number', '*97', 'rw', 'user'), entry('Profile_Rule', '/$PN.cfg'), entry('Dial_Plan_1_', '(xx.)', origin='profile'),
                   entry('Admin_Password', origin='admin', secret=True), entry('User_Password', origin='profile', secret=True),
                   entry('GPP_SA', secret=True), entry('GPP_SB', origin='profile', secret=True), entry('GPP_B', 'untouched', origin='profile')]
        self.daemon.answers['List'] = lambda call: GLib.Variant('(aa{sv})', (entries,))
        self.daemon.answers['Get'] = lambda call: GLib.Variant('(a{ss})', ({name: self.SECRETS[name] for name in call.values[0]},))
        folder = tempfile.TemporaryDirectory(prefix='ctl-')
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, 'profile.xml')
        self.write(PROFILE)

    def write(self, text):
        with open(self.path, 'w', encoding='utf-8') as file:
            file.write(text)

    def test_text(self):
        """values and access, now and then; what is skipped, and why; secrets masked; nothing is set (PROF-5, PROF-6, STORE-3)"""
        shown = self.run_ctl('--catalogue', CATALOGUE, 'diff', self.path).stdout
        self.assertNotIn('canary', shown)
        self.assertEqual(shown.splitlines(), [
            'Admin_Password: “•••” → “•••”', 'Dial_Plan_1_: “(xx.)” → “(x.)”', 'GPP_SA: “” → “•••”', 'GPP_SB: “•••” → “”',
            'Profile_Rule: “/$PN.cfg” → “[--pwd •••] https://new.example/?…”', 'Resync_Periodic: “3600” → “7200”',
            'Station_Name: the value stays, access na → rw',
            f'{self.path}:11: skipped: Resync_Random_Delay cannot be “70000”: wanted is a whole number, 0-65535 x20 s',
            f'{self.path}:12: skipped: “Nonesuch1” is no parameter of this phone',
            f'{self.path}: 7 parameters would change, 2 would be skipped', 'The phone would ask for a restart, for Dial_Plan_1_.'])
        self.assertEqual({method for method, _ in self.daemon.calls}, {'List', 'Get'})

    def test_what_rules_make_a_secret(self):
        """a register that the phone's rules or those of the file use as a secret is masked, in text and JSON; a public one is not (STORE-3)"""
        entries = [entry('GPP_A', 'canary-old', origin='profile'), entry('GPP_B', 'berlin', origin='profile'), entry('GPP_I', ''),
                   entry('Profile_Rule_B', '(1=2)? [--pwd $A --uid u] https://h/', origin='profile')]
        self.daemon.answers['List'] = lambda call: GLib.Variant('(aa{sv})', (entries,))
        self.write('<flat-profile><GPP_A>canary-new</GPP_A><GPP_B>bonn</GPP_B><GPP_I>canary-k</GPP_I><Upgrade_Rule>https://h/?$I</Upgrade_Rule>'
                   '</flat-profile>')
        shown = self.run_ctl('--catalogue', CATALOGUE, 'diff', self.path).stdout
        self.assertEqual(shown.splitlines()[:4], ['GPP_A: “•••” → “•••”', 'GPP_B: “berlin” → “bonn”', 'GPP_I: “” → “•••”',
                                                  'Upgrade_Rule: “” → “https://h/?…”'])
        document = self.run_json('--catalogue', CATALOGUE, 'diff', self.path)
        self.assertNotIn('canary', shown + repr(document))
        self.assertEqual([one['secret'] for one in document['changes']], [True, False, True, False])

    def test_json(self):
        document = self.run_json('--catalogue', CATALOGUE, 'diff', self.path)
        self.assertEqual(document['changes'][0], {'name': 'Admin_Password', 'from': '•••', 'to': '•••', 'access-from': 'na', 'access-to': 'na',
                                                  'secret': True, 'certain': True})
        self.assertEqual([one['name'] for one in document['changes']],
                         ['Admin_Password', 'Dial_Plan_1_', 'GPP_SA', 'GPP_SB', 'Profile_Rule', 'Resync_Periodic', 'Station_Name'])
        self.assertEqual([(one['line'], one['name']) for one in document['skipped']], [(11, 'Resync_Random_Delay'), (12, 'Nonesuch1')])
        self.assertTrue(document['reboot'])

    def test_who_may_not_read_secrets(self):
        """is told what is certain, and what is not (STORE-3)"""
        def refuse(call):
            raise fake.Error('NotAllowed')
        self.daemon.answers['Get'] = refuse
        changes = {one['name']: one for one in self.run_json('--catalogue', CATALOGUE, 'diff', self.path)['changes']}
        self.assertEqual({name: one['certain'] for name, one in changes.items() if one['secret']},
                         {'Admin_Password': False, 'User_Password': False, 'GPP_SA': True, 'GPP_SB': False})
        self.assertIn('User_Password: ••• → ••• (which may be the same)\n', self.run_ctl('--catalogue', CATALOGUE, 'diff', self.path).stdout)

    def test_nothing_changes(self):
        self.write('<flat-profile><GPP_A>same</GPP_A></flat-profile>')
        self.assertEqual(self.run_json('--catalogue', CATALOGUE, 'diff', self.path), {'changes': [], 'skipped': [], 'reboot': False})

    def test_of_a_url(self):
        """the phone fetches it and says what would change; resyncctl shows that as it does for a file, and the URL without its secrets (STORE-3)"""
        def preview(call):
            def one(name, old, new, secret=False, access=('na', 'na')):
                plain = {'name': name, 'from': old, 'to': new, 'access-from': access[0], 'access-to': access[1], 'secret': secret, 'same': False}
                return {key: GLib.Variant('b' if isinstance(value, bool) else 's', value) for key, value in plain.items()}
            changes = [one('GPP_A', '', 'x'), one('GPP_SA', '•••', '•••', secret=True),
                       {**one('Station_Name', 'Desk', 'Desk', access=('na', 'rw')), 'same': GLib.Variant('b', True)}]
            return GLib.Variant('(aa{sv}a(uss)s)', (changes, [(3, 'Nonesuch', '“Nonesuch” is no parameter of this phone')], 'GPP_A'))
        self.daemon.answers['Preview'] = preview
        rule = '[--key canary] https://u:canary@h/x.xml?t=canary'
        done = self.run_ctl('diff', rule)
        self.assertEqual(done.stdout.splitlines(), [
            'GPP_A: “” → “x”', 'GPP_SA: “•••” → “•••”', 'Station_Name: the value stays, access na → rw',
            '[--key •••] https://h/x.xml?…:3: skipped: “Nonesuch” is no parameter of this phone',
            '[--key •••] https://h/x.xml?…: 3 parameters would change, 1 would be skipped', 'The phone would ask for a restart, for GPP_A.'])
        self.assertEqual(self.daemon.calls, [('Preview', (rule,))])
        document = self.run_json('diff', 'https://h/x.xml')
        self.assertEqual(document['changes'][1], {'name': 'GPP_SA', 'from': '•••', 'to': '•••', 'access-from': 'na', 'access-to': 'na', 'secret': True,
                                                  'certain': True})
        self.assertEqual((document['skipped'][0]['line'], document['reboot']), (3, True))

        def refuse(call):
            raise fake.Error('NotFound', 'https://h/x.xml: 404')
        self.daemon.answers['Preview'] = refuse
        self.assertEqual(self.run_json('diff', 'https://h/x.xml', check=1), {'error': 'NotFound', 'message': 'https://h/x.xml: 404'})
        self.assertEqual(self.run_json('diff', '--key', 'canary', 'https://h/x.xml', check=2)['error'], 'InvalidArgument')

    def test_failures(self):
        """no profile; nobody who may ask"""
        self.write('<flat-profile><a></flat-profile>')
        self.assertEqual(self.run_json('--catalogue', CATALOGUE, 'diff', self.path, check=1)['error'], 'Corrupt')
        self.write(PROFILE)

        def refuse(call):
            raise fake.Error('NotAllowed')
        self.daemon.answers['List'] = refuse
        self.assertEqual(self.run_json('--catalogue', CATALOGUE, 'diff', self.path, check=4)['error'], 'NotAllowed')


if __name__ == '__main__':
    tap.main(None)
