# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl resync, upgrade, activate, explain, factory-reset: what they call, how they wait, how they end."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import fake  # noqa: E402
import run  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import tap  # noqa: E402


def number(value):
    return GLib.Variant('(t)', (value,))


def text(value):
    return GLib.Variant('s', value)


class Resync(run.BusCase):
    def answer(self, *results, attempt=7):
        """The attempt ends a moment after its number is known, once for each of (attempt, keywords of finish)."""
        def resync(call):
            for which, keywords in results:
                call.daemon.do(lambda which=which, keywords=keywords: call.daemon.finish(which, **keywords))
            return number(attempt)
        self.daemon.answers['Resync'] = resync

    def test_success(self):
        self.answer((7, {'message': '12 parameters'}))
        done = self.run_ctl('resync')
        self.assertEqual(done.stdout, 'success https://prov.example/a.xml: 12 parameters\n')
        self.assertEqual(done.stderr, '')
        self.assertEqual(self.daemon.called('Resync'), [('', {})])

    def test_good_results(self):
        for result in ('success', 'unchanged', 'skipped'):
            self.answer((7, {'result': result}))
            self.assertEqual(self.run_json('resync'), {'attempt': 7, 'result': result, 'message': '',
                                                       'url': 'https://prov.example/a.xml'})

    def test_bad_results(self):
        """a class, a message, an exit status"""
        for result, error in (('file-not-found', 'NotFound'), ('corrupt-profile', 'Corrupt'), ('failed', 'Unreachable'),
                              ('cancelled', 'Cancelled')):
            self.answer((7, {'result': result, 'message': 'why', 'error': text(error)}))
            self.assertEqual(self.run_json('resync', check=1), {
                'attempt': 7, 'result': result, 'message': 'why', 'url': 'https://prov.example/a.xml', 'error': error})
            done = self.run_ctl('resync', check=1)
            self.assertEqual(done.stdout, '')
            self.assertRegex(done.stderr, r'^resyncctl: .* https://prov.example/a.xml: why\n$')

    def test_url_is_said_once(self):
        self.answer((7, {'result': 'failed', 'message': 'https://prov.example/a.xml: refused'}))
        self.assertEqual(self.run_ctl('resync', check=1).stderr, 'resyncctl: failed https://prov.example/a.xml: refused\n')

    def test_waits_for_its_own(self):
        """SCHED-8: another attempt that ends meanwhile is not the one"""
        self.answer((6, {'result': 'failed'}), (8, {'result': 'failed'}), (7, {'result': 'unchanged'}))
        self.assertEqual(self.run_json('resync')['result'], 'unchanged')

    def test_ends_before_its_number_is_known(self):
        def resync(call):
            call.daemon.finish(9)
            return number(9)
        self.daemon.answers['Resync'] = resync
        self.assertEqual(self.run_json('resync')['attempt'], 9)

    def test_rule_and_force(self):
        self.answer((7, {}))
        self.run_ctl('resync', '[--uid u] https://h/$MA.xml', '--force')
        self.assertEqual(self.daemon.called('Resync'), [('[--uid u] https://h/$MA.xml', {'force': True})])

    def test_no_wait(self):
        self.answer()
        self.assertEqual(self.run_json('resync', '--no-wait'), {'attempt': 7, 'result': None, 'url': None, 'message': None})
        self.assertIn('Attempt 7', self.run_ctl('resync', '--no-wait').stdout)

    def test_refusals(self):
        for name, status in (('Busy', 1), ('Disabled', 1), ('InvalidRule', 1), ('NotAllowed', 4),
                             ('org.freedesktop.DBus.Error.AccessDenied', 4), ('org.freedesktop.DBus.Error.TimedOut', 5),
                             ('org.freedesktop.DBus.Error.LimitsExceeded', 1), ('org.example.Other', 1),
                             ('org.freedesktop.DBus.Error.InvalidArgs', 1), (fake.MAIN + '.Error.Unheard', 1)):
            def refuse(call, name=name):
                raise fake.Error(name, 'column 3: not so')
            self.daemon.answers['Resync'] = refuse
            done = self.run_ctl('resync', 'x', check=status)
            self.assertIn('column 3: not so', done.stderr)
            self.assertNotIn('GDBus', done.stderr)
            document = self.run_json('resync', 'x', check=status)
            self.assertIn('column 3: not so', document['message'])
            self.assertEqual(document['error'], {
                'org.freedesktop.DBus.Error.AccessDenied': 'NotAllowed', 'org.freedesktop.DBus.Error.TimedOut': 'Failed',
                'org.freedesktop.DBus.Error.LimitsExceeded': 'Busy', 'org.example.Other': 'Failed',
                'org.freedesktop.DBus.Error.InvalidArgs': 'InvalidArgument', fake.MAIN + '.Error.Unheard': 'Failed',
            }.get(name, name))

    def test_daemon_leaves_while_it_runs(self):
        def resync(call):
            call.daemon.do(call.daemon.leave)
            return number(7)
        self.daemon.answers['Resync'] = resync
        done = self.run_ctl('resync', check=3)
        self.assertIn('resyncd left the bus', done.stderr)

    def test_daemon_leaves_without_an_answer(self):
        self.daemon.answers['Resync'] = lambda call: call.daemon.leave()
        self.assertEqual(self.run_json('resync', check=3)['error'], 'Unreachable')

    def test_outcome_before_it_leaves(self):
        def resync(call):
            call.daemon.do(lambda: (call.daemon.finish(7), call.daemon.leave()))
            return number(7)
        self.daemon.answers['Resync'] = resync
        self.assertEqual(self.run_json('resync')['result'], 'success')

    def test_progress_on_a_terminal(self):
        def resync(call):
            def steps():
                call.daemon.change(Progress=GLib.Variant('(sstt)', ('connecting', 'https://prov.example/a.xml', 0, 0)))
                call.daemon.change(Progress=GLib.Variant('(sstt)', ('downloading', 'https://prov.example/a.xml', 5000, 9000)))
                call.daemon.change(State=text('waiting-idle'))
                call.daemon.finish(7)
            call.daemon.do(steps)
            return number(7)
        self.daemon.answers['Resync'] = resync
        status, shown = run.on_terminal('--address', self.bus.address, 'resync')
        self.assertEqual(status, 0)
        self.assertIn('\r\x1b[Kconnecting https://prov.example/a.xml', shown)
        self.assertRegex(shown, r'downloading https://prov.example/a.xml 5\.0.kB of 9\.0.kB')
        self.assertIn('waiting until the phone is idle', shown)
        self.assertTrue(shown.endswith('\r\x1b[Ksuccess https://prov.example/a.xml\r\n'), repr(shown))
        self.assertEqual(self.run_ctl('resync').stderr, '')

    def test_outcome_is_escaped(self):
        """STORE-3: what a server said reaches no terminal unescaped"""
        self.answer((7, {'result': 'failed', 'message': 'a\x1b]0;x\x07b'}))
        self.assertIn('a\\x1b]0;x\\x07b', self.run_ctl('resync', check=1).stderr)


class Others(run.BusCase):
    def test_upgrade(self):
        def upgrade(call):
            call.daemon.do(lambda: call.daemon.emit(fake.FIRMWARE, 'Finished', GLib.Variant('(tsssa{sv})', (
                3, 'success', 'https://prov.example/fw', 'installed', {}))))
            return number(3)
        self.daemon.answers['Upgrade'] = upgrade
        self.assertEqual(self.run_json('upgrade', 'https://prov.example/fw')['message'], 'installed')
        self.assertEqual(self.daemon.called('Upgrade'), [('https://prov.example/fw', {})])
        self.assertEqual(self.run_json('upgrade', '--no-wait')['attempt'], 3)

    def test_upgrade_that_waits_for_a_restart(self):
        """what is installed and runs after a restart went well (UPG-6)"""
        def upgrade(call):
            call.daemon.do(lambda: call.daemon.emit(fake.FIRMWARE, 'Finished', GLib.Variant('(tsssa{sv})', (
                3, 'installed', 'https://prov.example/fw', 'version 2.0 is installed', {}))))
            return number(3)
        self.daemon.answers['Upgrade'] = upgrade
        self.assertIn('installed https://prov.example/fw: version 2.0', self.run_ctl('upgrade', check=0).stdout)

    def test_activate(self):
        def submit(call):
            call.daemon.do(lambda: call.daemon.finish(4))
            return number(4)
        self.daemon.answers['SubmitCode'] = submit
        self.assertEqual(self.run_json('activate', '1234', '5678', '1234', '5678')['result'], 'success')
        self.assertEqual(self.daemon.called('SubmitCode'), [('1234567812345678',)])

    def test_disabled(self):
        def refuse(call):
            raise fake.Error('Disabled', 'not built in')
        for method, arguments in (('SubmitCode', ['activate', '#123']), ('Upgrade', ['upgrade'])):
            self.daemon.answers[method] = refuse
            self.assertEqual(self.run_json(*arguments, check=1), {'error': 'Disabled', 'message': 'not built in'})

    def test_explain(self):
        steps = [{'step': text('condition'), 'text': text('$SWVER > 1'), 'true': GLib.Variant('b', True)},
                 {'step': text('fetch'), 'text': text('https://h/x')}]
        self.daemon.answers['Explain'] = lambda call: GLib.Variant('(aa{sv})', (steps,))
        self.assertEqual(self.run_json('explain', 'r'), [{'step': 'condition', 'text': '$SWVER > 1', 'true': True},
                                                         {'step': 'fetch', 'text': 'https://h/x'}])
        self.assertEqual(self.run_ctl('explain').stdout.split('\n')[:2],
                         ['condition   $SWVER > 1: true', 'fetch       https://h/x'])
        self.assertEqual(self.daemon.called('Explain'), [('r',), ('',)])

    def test_factory_reset(self):
        self.daemon.answers['FactoryReset'] = lambda call: None
        done = self.run_ctl('factory-reset', check=2)
        self.assertIn('--yes', done.stderr)
        self.assertEqual(self.daemon.called('FactoryReset'), [])
        self.run_ctl('factory-reset', '--yes')
        self.assertEqual(self.run_json('factory-reset', '--yes'), {})
        self.assertEqual(len(self.daemon.called('FactoryReset')), 2)


class NoDaemon(run.BusCase):
    def setUp(self):
        """the bus alone"""

    def test_nobody_there(self):
        for arguments in (['status'], ['status', '--wait'], ['resync'], ['rule'], ['get', 'A'], ['set', 'A=b'], ['monitor'],
                          ['reset', 'A'], ['list'], ['activate', '#123'], ['upgrade'], ['explain'],
                          ['factory-reset', '--yes'], ['inhibit', '--why', 'x', '--', 'true']):
            document = self.run_json(*arguments, check=3)
            self.assertEqual(document['error'], 'Unreachable', arguments)

    def test_no_bus(self):
        done = run.ctl('--address', 'unix:path=/nonexistent/bus', '--json', 'resync')
        self.assertEqual(done.returncode, 3)
        self.assertEqual(json.loads(done.stdout)['error'], 'Unreachable')
        done = run.ctl('--session', env=run.environment(DBUS_SESSION_BUS_ADDRESS='unix:path=/nonexistent/bus'))
        self.assertEqual(done.returncode, 3)
        done = run.ctl('list', env=run.environment(DBUS_SYSTEM_BUS_ADDRESS='unix:path=/nonexistent/bus'))
        self.assertEqual(done.returncode, 3)


if __name__ == '__main__':
    tap.main(None)
