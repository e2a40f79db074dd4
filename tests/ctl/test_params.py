# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl get, set, reset, list, rule."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import fake  # noqa: E402
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import tap  # noqa: E402

VALUES = {'Profile_Rule': '/$PN.cfg', 'Resync_Periodic': '3600', 'GPP_A': 'grün', 'GPP_B': 'a\x1bb', 'Admin_Password': 'hunter2'}


class Parameters(run.BusCase):
    def setUp(self):
        super().setUp()
        self.daemon.answers['Get'] = self.get
        for method in ('Set', 'Reset', 'SetProfileRule'):
            self.daemon.answers[method] = lambda call: None

    @staticmethod
    def get(call):
        for name in call.values[0]:
            if name not in VALUES:
                raise fake.Error('InvalidName', f'there is no parameter {name}')
        return GLib.Variant('(a{ss})', ({name: VALUES[name] for name in call.values[0]},))

    def test_get_one(self):
        self.assertEqual(self.run_ctl('get', 'GPP_A').stdout, 'grün\n')
        self.assertEqual(self.run_ctl('get', 'GPP_A', env=run.environment(LC_ALL='C')).stdout, 'grün\n')
        self.assertEqual(self.run_ctl('get', 'GPP_B').stdout, 'a\x1bb\n')
        self.assertIn('a\\x1bb', run.on_terminal('--address', self.bus.address, 'get', 'GPP_B')[1])

    def test_get_by_alias(self):
        self.daemon.answers['Get'] = lambda call: GLib.Variant('(a{ss})', ({'Resync_At__HHmm_': '0300'},))
        self.assertEqual(self.run_ctl('get', 'Resync_At').stdout, '0300\n')

    def test_get_several(self):
        self.assertEqual(self.run_ctl('get', 'Resync_Periodic', 'Profile_Rule').stdout,
                         'Resync_Periodic=3600\nProfile_Rule=/$PN.cfg\n')
        self.assertEqual(self.run_json('get', 'Resync_Periodic', 'GPP_A'), {'Resync_Periodic': '3600', 'GPP_A': 'grün'})

    def test_get_unknown(self):
        done = self.run_ctl('get', 'Nonesuch', check=1)
        self.assertEqual((done.stdout, done.stderr), ('', 'resyncctl: there is no parameter Nonesuch\n'))
        self.assertEqual(self.run_json('get', 'Nonesuch', check=1)['error'], 'InvalidName')

    def test_set(self):
        self.assertEqual(self.run_ctl('set', 'A=1', 'B=x=y', 'C=').stdout, '')
        self.assertEqual(self.run_json('set', 'A=1'), {})
        self.assertEqual(self.daemon.called('Set')[0], ({'A': '1', 'B': 'x=y', 'C': ''},))

    def test_set_refused(self):
        def refuse(call):
            raise fake.Error('InvalidValue', 'Resync_Periodic wants a number')
        self.daemon.answers['Set'] = refuse
        self.assertIn('wants a number', self.run_ctl('set', 'Resync_Periodic=x', check=1).stderr)

    def test_secrets_are_not_repeated(self):
        """STORE-3: nothing that may be a secret comes back in a message"""
        for arguments in (['set', 'hunter2'], ['set', 'A=1', '=hunter2'], ['rule', '[--pwd', 'hunter2]', 'https://h/'],
                          ['resync', '[--key', 'hunter2]', 'https://h/'], ['set', 'A=1', '--password=hunter2'],
                          ['set', 'A=\xff'.encode('latin-1'), 'B=hunter2']):
            for more in ([], ['--json']):
                done = run.ctl('--address', self.bus.address, *arguments, *more)
                self.assertEqual(done.returncode, 2, arguments)
                self.assertNotIn('hunter2', done.stdout + done.stderr)
        self.assertEqual(self.daemon.calls, [])

    def test_reset(self):
        self.assertEqual(self.run_json('reset', 'GPP_A', 'GPP_B'), {})
        self.assertEqual(self.daemon.called('Reset'), [(['GPP_A', 'GPP_B'],)])

    def test_list(self):
        def entry(name, **more):
            plain = {'name': name, 'type': 'string', 'default': '', 'range': '', 'access': 'na', 'tab': 'T', 'section': 'S',
                     'summary': 'words', 'secret': False, 'reboot': False, 'set': False, 'origin': 'default', **more}
            return {key: GLib.Variant('b' if isinstance(value, bool) else 's', value) for key, value in plain.items()}
        entries = [entry('GPP_A', value='x\x1by', origin='profile', set=True, access='rw'), entry('GPP_B', value=''),
                   entry('GPP_SA', secret=True, set=True, origin='admin'), entry('GPP_SB', secret=True)]
        self.daemon.answers['List'] = lambda call: GLib.Variant('(aa{sv})', (entries,))
        lines = [line.split() for line in self.run_ctl('list', 'GPP_').stdout.splitlines()]
        self.assertEqual(lines, [['GPP_A', 'rw', 'profile', 'x\\x1by'], ['GPP_B', 'na', 'default'],
                                 ['GPP_SA', 'na', 'admin', '•••'], ['GPP_SB', 'na', 'default']])
        document = self.run_json('list')
        self.assertEqual([item['name'] for item in document], ['GPP_A', 'GPP_B', 'GPP_SA', 'GPP_SB'])
        self.assertEqual((document[0]['value'], document[0]['set'], document[0]['summary']), ('x\x1by', True, 'words'))
        self.assertNotIn('value', document[2])
        self.assertEqual(self.daemon.called('List'), [('GPP_',), ('',)])

    def test_rule(self):
        self.assertEqual(self.run_ctl('rule').stdout, '/$PN.cfg\n')
        self.run_ctl('rule', 'https://h/x')
        self.assertEqual(self.run_json('rule', 'https://h/x'), {})
        self.assertEqual(self.daemon.called('SetProfileRule'), [('https://h/x',)] * 2)

    def test_rule_for_who_may_not_read_it(self):
        def refuse(call):
            raise fake.Error('NotAllowed')
        self.daemon.answers['Get'] = refuse
        self.assertEqual(self.run_ctl('rule').stdout, 'https://prov.example/$MA.xml\n')

    def test_rule_in_documents_is_masked(self):
        """STORE-3: JSON output holds no key"""
        self.daemon.answers['Get'] = lambda call: GLib.Variant('(a{ss})', ({'Profile_Rule': '[--key hunter2] https://h/x'},))
        self.assertNotIn('hunter2', self.run_json('rule')['profile-rule'])
        self.assertIn('https://h/x', self.run_json('rule')['profile-rule'])

    def test_not_allowed(self):
        def refuse(call):
            raise fake.Error('NotAllowed', 'not for you')
        for method, arguments in (('Get', ['get', 'A']), ('Set', ['set', 'A=b']), ('Reset', ['reset', 'A']), ('List', ['list']),
                                  ('SetProfileRule', ['rule', 'x'])):
            self.daemon.answers[method] = refuse
            self.assertEqual(self.run_json(*arguments, check=4), {'error': 'NotAllowed', 'message': 'not for you'})


if __name__ == '__main__':
    tap.main(None)
