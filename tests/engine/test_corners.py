#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where two things happen at once, or one of them fails: resets, sets and requests in the middle of an attempt."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, servers, tap, tree, wait  # noqa: E402
from test_resync import Case, Reply, profile  # noqa: E402

GLib = bus.GLib


def later(client, method, arguments=None, interface=bus.NAME):
    """Calls without waiting; the answer (or the error's text) comes into the list that is returned."""
    answer = []

    def done(connection, result):
        try:
            answer.append(connection.call_finish(result).unpack())
        except GLib.Error as error:
            answer.append(error.message)
    client.connection.call(bus.NAME, bus.PATH, interface, method, arguments, None, 0, 60000, None, done)
    return answer


def answered(client, *answers):
    def look():
        client.turn()
        return all(answers)
    wait.until(look, 'the answers')


class Gate:
    """Keeps a server's answers back until it is opened."""

    def __init__(self):
        self.open = threading.Event()

    def __call__(self, reply):
        self.open.wait(20)
        return reply


class FactoryReset(Case):
    def test_in_the_middle_of_an_attempt(self):
        """nothing of a running attempt outlives a factory reset, and nothing begins before it is done (STATE-4)"""
        gate, other = Gate(), Gate()
        other.open.set()
        calm = self.enterContext(servers.Scripted(lambda request: other(Reply(
            body=profile(GPP_B='old', Resync_Periodic='2', Resync_Random_Delay='0')))))
        held = self.enterContext(servers.Scripted(lambda request: gate(Reply(body=profile(GPP_C='of the old provider')))))
        client = self.phone(f'66=http://127.0.0.1:{calm.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        attempt = client.resync(f'{held.url}/z.xml', force=True)
        wait.until(lambda: held.requests, 'the request')
        asked = len(calm.requests)
        client.turn()
        client.signals.clear()
        other.open.clear()
        client.call('FactoryReset')
        gate.open.set()
        self.assertEqual(client.wait_finished(attempt)[0], 'cancelled')
        self.assertEqual(client.wait_signal('RebootRequired'), ('factory reset',))
        self.assertEqual([client.get('GPP_B'), client.get('GPP_C')], ['', ''])
        self.assertEqual(client.property('CustomizationState'), 'Open')
        self.assertNotIn('provisioning-1', client.status())
        # out of the box the phone looks for its server again
        other.open.set()
        begun = client.wait_signal('ResyncStarted')
        self.assertEqual(begun[1], 'boot')
        self.assertEqual(client.wait_finished(begun[0])[0], 'success')
        self.assertGreater(len(calm.requests), asked)

    def test_power_cut_between_the_files(self):
        """values of a profile without the state that belongs to them: the phone is provisioned all the same (STATE-4, DISC-2)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_B='b'))))
        client = self.phone(f'66=http://127.0.0.1:{server.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        self.lose(self.daemon.state_dir, self.daemon.runtime_dir)
        self.daemon.start()
        self.assertEqual((client.property('CustomizationState'), client.get('GPP_B')), ('Aborted', 'b'))

    @contextlib.contextmanager
    def without_schedule(self, line):
        """Until it is left nothing comes to where the schedule is kept, which has that line."""
        folder = self.daemon.runtime_dir
        path = os.path.join(folder, 'state.conf')

        def is_there():
            with open(path, encoding='utf-8') as file:
                return line + '\n' in file.read()
        # it is written when the end of the attempt has been told
        wait.until(lambda: os.path.exists(path) and is_there(), 'the schedule')
        # a folder that is written to is not made read-only: another one lies over it
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder], check=True)
        try:
            yield
        finally:
            subprocess.run(['umount', folder], check=True)

    def test_power_cut_before_the_schedule(self):
        """a phone that dies when its failure is on the flash and its next attempt is not yet planned comes soon again (SCHED-4)"""
        replies = [Reply(body=profile(GPP_B='b', Resync_Periodic='86400')), Reply(503)]
        server = self.enterContext(servers.Scripted({'/x.xml': replies}))
        client = self.phone(f'66=http://127.0.0.1:{server.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        with self.without_schedule('reason=periodic'):
            self.assertEqual(self.run_resync()[0], 'failed')
            self.daemon.stop(signal.SIGKILL)
        client.turn()
        client.signals.clear()
        self.daemon.start()
        self.assertEqual(client.wait_signal('ResyncStarted', lambda number, reason: reason != 'user')[1], 'retry')

    def test_power_cut_before_the_end_of_retries(self):
        """one that dies when its success is on the flash and the period is not yet planned goes on with no retries (SCHED-4)"""
        reply = [Reply(body=profile(GPP_B='b'))]
        server = self.enterContext(servers.Scripted(lambda request: reply[0]))
        client = self.phone(f'66=http://127.0.0.1:{server.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        reply[0] = Reply(503)
        self.assertEqual(self.run_resync()[0], 'failed')
        reply[0] = Reply(body=profile(GPP_B='c'))
        with self.without_schedule('failures=1'):
            self.assertEqual(self.run_resync()[0], 'success')
            self.daemon.stop(signal.SIGKILL)
        self.daemon.start()
        client.wait_property('NextResync', bool)
        self.assertEqual(client.status()['next-reason'], 'periodic')

    def test_state_that_cannot_be_stored(self):
        """an attempt whose outcome cannot be stored has failed with Storage, and is tried again (STORE-2)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_B='b'))))
        client = self.phone()
        # that of the boot shall not come in between; it stores its outcome
        self.first()
        state = os.path.join(self.daemon.state_dir, 'state.conf')
        os.unlink(state)
        os.makedirs(state + '/in the way')
        result, _url, _message, details = self.run_resync(f'{server.url}/x')
        self.assertEqual((result, details['class'], details['error']), ('failed', 'C', 'Storage'))
        self.assertIn('failure-reason', client.status())
        os.rmdir(state + '/in the way')
        os.rmdir(state)
        self.assertIn(self.run_resync(f'{server.url}/x')[0], ('success', 'unchanged'))
        self.assertTrue(os.path.isfile(state))

    def test_that_fails(self):
        """a factory reset that was refused is not made up for later (STATE-4, STORE-2)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_B='b'))))
        client = self.phone(f'66=http://127.0.0.1:{server.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        client.wait_property('State', lambda state: state == 'idle')
        state = os.path.join(self.daemon.state_dir, 'state.conf')
        os.rename(state, state + '.kept')
        os.makedirs(state + '/in the way')
        with self.assertRaises(bus.CallError) as caught:
            client.call('FactoryReset')
        self.assertEqual(caught.exception.name, bus.ERROR + 'Storage')
        os.rmdir(state + '/in the way')
        os.rmdir(state)
        os.rename(state + '.kept', state)
        # the property may follow the answer
        client.wait_property('State', lambda value: value == 'idle')
        client.set(GPP_C='important')
        self.assertIn(self.run_resync(f'{server.url}/q.xml')[0], ('success', 'unchanged'))
        self.daemon.restart()
        self.assertEqual([client.get('GPP_B'), client.get('GPP_C')], ['b', 'important'])
        self.assertEqual(client.property('CustomizationState'), 'Aborted')


class AtTheSameTime(Case):
    def test_a_rule_set_during_an_attempt(self):
        """a request after a new rule does not join the attempt with the old one, whatever else fails meanwhile (SCHED-8)"""
        gate = Gate()
        server = self.enterContext(servers.Scripted(lambda request: gate(Reply(body=profile(GPP_B=request.target[1:])))))
        client = self.phone()
        client.set(Profile_Rule=f'{server.url}/old')
        first = client.resync(force=True)
        wait.until(lambda: server.requests, 'the request')
        self.assertEqual(client.resync(force=True), first)
        one = later(client, 'Set', GLib.Variant('(a{ss})', ({'Resync_Periodic': 'abc'},)), bus.NAME + '.Parameters')
        two = later(client, 'SetProfileRule', GLib.Variant('(s)', (f'{server.url}/new',)))
        answered(client, one, two)
        second = client.resync(force=True)
        self.assertNotEqual(second, first)
        gate.open.set()
        self.assertEqual(client.wait_finished(first)[0], 'success')
        self.assertEqual(client.wait_finished(second)[:2], ('success', f'{server.url}/new'))
        self.assertEqual(client.get('GPP_B'), 'new')

    def test_a_value_set_between_two_rules(self):
        """what was set by hand between the commits of two rules is not taken for the first one's (HTTP-8)"""
        gate = Gate()
        first = self.enterContext(servers.Scripted(lambda request: Reply(304) if 'if-none-match' in request.headers else Reply(
            body=profile(GPP_A='from the profile'), headers={'ETag': '"1"'})))
        second = self.enterContext(servers.Scripted(lambda request: gate(Reply(body=profile(GPP_C='c')))))
        client = self.phone()
        client.set(Profile_Rule=f'{first.url}/a', Profile_Rule_B=f'{second.url}/b')
        attempt = client.resync(force=True)
        wait.until(lambda: second.requests, 'the second rule')
        client.set(GPP_A='by hand')
        gate.open.set()
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        self.run_resync()
        self.assertIsNone(first.requests[-1].headers.get('if-none-match'))
        self.assertEqual(client.get('GPP_A'), 'from the profile')

    def test_a_value_set_during_a_304(self):
        """a 304 to a question that a local change has overtaken is asked again, whole (PROF-12, HTTP-8)"""
        gate = Gate()
        gate.open.set()
        server = self.enterContext(servers.Scripted(lambda request: gate(Reply(304)) if 'if-none-match' in request.headers else Reply(
            body=profile(GPP_A='from the profile'), headers={'ETag': '"1"'})))
        client = self.phone()
        client.set(Profile_Rule=f'{server.url}/a')
        self.assertEqual(self.run_resync()[0], 'success')
        gate.open.clear()
        attempt = client.resync(force=True)
        wait.until(lambda: len(server.requests) == 2, 'the request')
        client.set(GPP_A='by hand')
        gate.open.set()
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        self.assertEqual(client.get('GPP_A'), 'from the profile')

    def test_several_that_store(self):
        """of several requests that store a rule at once, those that are refused stored nothing (SCHED-8)"""
        gate = Gate()
        server = self.enterContext(servers.Scripted(lambda request: gate(Reply(body=profile(GPP_A='x')))))
        client = self.phone()
        client.resync(f'{server.url}/0', force=True)
        # while that of the boot runs, it is the one that waits
        wait.until(lambda: server.requests, 'the request')
        store = GLib.Variant('b', True)
        answers = [later(client, 'Resync', GLib.Variant('(sa{sv})', (f'{server.url}/{i}', {'store': store}))) for i in range(1, 4)]
        answered(client, *answers)
        taken = [i + 1 for i, answer in enumerate(answers) if isinstance(answer[0], tuple)]
        self.assertEqual(len(taken), 1)
        self.assertEqual(client.get('Profile_Rule'), f'{server.url}/{taken[0]}')
        gate.open.set()

    def test_a_refused_request_stores_nothing(self):
        """Resync with "store" is taken whole or not at all (SCHED-1, SCHED-8)"""
        gate = Gate()
        server = self.enterContext(servers.Scripted(lambda request: gate(Reply(404))))
        client = self.phone()
        attempts = [client.resync(f'{server.url}/0', force=True)]
        # while that of the boot runs, it is the one that waits
        wait.until(lambda: server.requests, 'the request')
        attempts.append(client.resync(f'{server.url}/1', force=True))
        for error in ('Busy', 'Disabled'):
            with self.assertRaises(bus.CallError) as caught:
                client.resync(f'{server.url}/new', store=True)
            self.assertEqual(caught.exception.name, bus.ERROR + error)
            self.assertEqual(client.get('Profile_Rule'), '/$PN.cfg')
            gate.open.set()
            for attempt in attempts:
                client.wait_finished(attempt)
            attempts = []
            client.set(Provision_Enable='No')

    def test_two_daemons(self):
        """a second daemon does not touch the state of the first (STORE-1)"""
        self.phone()
        other = subprocess.run([tree.installed('resyncd'), '--state-dir', self.daemon.state_dir, '--address', self.bus.address],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30,
                               env={'PATH': '/usr/bin:/bin'}, check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn('another resyncd', other.stdout)
        self.client.set(GPP_A='still there')

    def test_a_child_has_the_lock(self):
        """what a daemon that was killed left behind for a moment does not keep the next one from starting (STORE-1)"""
        client = self.phone()
        self.daemon.cut()
        lock = os.path.join(self.daemon.state_dir, '.lock')
        child = subprocess.Popen(['flock', lock, 'sh', '-c', 'echo taken; sleep 0.3'], stdout=subprocess.PIPE)
        self.assertEqual(child.stdout.read(6), b'taken\n')
        self.daemon.start()
        child.communicate(timeout=wait.PATIENCE)
        client.set(GPP_A='stored')


class Sources(Case):
    def test_source_with_several_rules(self):
        """the source is how the server was found, not which rule ran last (STATE-1)"""
        more = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_C='c'))))
        first = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_B='b', Profile_Rule_B=f'{more.url}/b'))))
        client = self.phone(f'66=http://127.0.0.1:{first.port}/x.xml')
        self.assertEqual(self.first()[3]['source'], 'dhcp-66')
        client.wait_property('State', lambda state: state == 'idle')
        self.assertEqual(self.run_resync()[3]['source'], 'dhcp-66')
        self.assertEqual(client.status()['profile-source'], 'dhcp-66')

    def test_a_rule_for_once(self):
        """an explicit rule does not make the phone forget that DHCP names another server (DISC-6, DISC-14)"""
        one = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='one'))))
        two = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='two'))))
        client = self.phone(f'66=http://127.0.0.1:{one.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        self.lease(f'66=http://127.0.0.1:{two.port}/x.xml')
        self.run_resync(f'{one.url}/once.xml')
        self.assertEqual(client.status()['profile-source'], 'dhcp-66')
        wait.until(lambda: client.get('GPP_A') == 'two' or (self.run_resync() and None), 'the other server')

    def test_another_server_of_no_use(self):
        """where the server that DHCP names now has no profile, the one that provisioned the phone still serves it (DISC-14)"""
        ready = []
        one = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='one'))))
        two = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='two')) if ready else Reply(404)))
        client = self.phone(f'66=http://127.0.0.1:{one.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        self.lease(f'66=http://127.0.0.1:{two.port}/x.xml')
        result, url, _message, _details = self.run_resync()
        self.assertEqual((result, url), ('unchanged', f'{one.url}/x.xml'))
        self.assertTrue(two.requests)
        ready.append(True)
        wait.until(lambda: client.get('GPP_A') == 'two' or (self.run_resync() and None), 'the new server')

    def test_a_path_is_not_given_up(self):
        """a rule that was set keeps its own path: no default profile takes its place, whatever its server answers (RULE-2, HTTP-6,
        DISC-14)"""
        bad = []
        one = self.enterContext(servers.Scripted(lambda request: Reply(503) if bad and request.target == '/b.cfg' else Reply(
            body=profile(GPP_A=request.target))))
        client = self.phone(f'66=http://127.0.0.1:{one.port}')
        self.assertEqual(self.first()[0], 'success')
        client.set(Profile_Rule='/b.cfg')
        self.assertEqual(self.run_resync()[0], 'success')
        self.assertEqual(client.get('GPP_A'), '/b.cfg')
        bad.append(True)
        result, url, _message, details = self.run_resync()
        self.assertEqual((result, url, details['http-status'], details['class']), ('failed', f'{one.url}/b.cfg', 503, 'C'))
        self.assertEqual(client.get('GPP_A'), '/b.cfg')
        # another server that is dead: the rule is asked of the one remembered
        bad.clear()
        asked = len(one.requests)
        self.lease(f'66=http://127.0.0.1:{servers.free_port()}')
        self.assertIn(self.run_resync()[0], ('success', 'unchanged'))
        self.assertEqual({request.target for request in one.requests[asked:]}, {'/b.cfg'})

    def test_the_server_of_a_path(self):
        """the server that DHCP named for a path is the one that provisioned the phone (DISC-14, RULE-7)"""
        one = self.enterContext(servers.Scripted({'/own.xml': Reply(body=profile(GPP_A='one'))}))
        client = self.phone(f'66=http://127.0.0.1:{one.port}')
        client.set(Profile_Rule='/own.xml')
        result, url, _message, details = self.run_resync()
        self.assertEqual((result, url, details['source']), ('success', f'{one.url}/own.xml', 'dhcp-66'))
        client.wait_property('State', lambda state: state == 'idle')
        self.lease('')
        self.assertEqual(self.run_resync()[:2], ('unchanged', f'{one.url}/own.xml'))

    def test_the_reason_is_not_hidden(self):
        """when the remembered server refuses and there is no other, that is what is said (DISC-14, HTTP-4)"""
        bad = []
        server = self.enterContext(servers.Scripted(lambda request: Reply(403) if bad else Reply(body=profile(GPP_B='b'))))
        self.phone(f'66=http://127.0.0.1:{server.port}/x.xml')
        self.assertEqual(self.first()[0], 'success')
        self.lease('')
        bad.append(True)
        result, _url, message, details = self.run_resync()
        self.assertEqual((result, details['http-status'], details['error']), ('failed', 403, 'Failed'))
        self.assertIn('403', message)

    def test_reset_of_the_rule(self):
        """Reset of Profile_Rule is no rule set by hand: discovery goes on (STATE-3)"""
        pages = {}
        server = self.enterContext(servers.Scripted(pages))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        client.set(Profile_Rule=f'http://127.0.0.1:{servers.free_port()}/typo.xml')
        self.assertEqual(self.run_resync()[0], 'failed')
        # that of the boot may have looked there before the rule was set
        pages['/8851-3PCC.xml'] = Reply(body=profile(GPP_B='b'))
        client.parameters('Reset', '(as)', ['Profile_Rule'])
        result, url, _message, details = self.run_resync()
        self.assertEqual((result, url, details['source']), ('success', f'{server.url}/8851-3PCC.xml', 'dhcp-66'))

    def test_nothing_known_in_a_profile(self):
        """a rule's profile of which nothing applies does not make the phone a provisioned one (DISC-13)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(Nonsense='x'))))
        client = self.phone()
        self.assertEqual(self.run_resync(f'{server.url}/x')[0], 'success')
        self.assertEqual(client.property('CustomizationState'), 'Open')


class Secrets(Case):
    def test_a_mask_is_no_password(self):
        """a masked rule is refused wherever it is given (STORE-3)"""
        client = self.phone()
        with self.assertRaises(bus.CallError) as caught:
            client.resync('[--uid u --pwd "•••"] http://127.0.0.1:1/x')
        self.assertEqual(caught.exception.name, bus.ERROR + 'InvalidRule')

    def test_a_macro_that_was_closed(self):
        """a rule that the user class stored does not show it a parameter that a profile closed to it later (RULE-10)"""
        pages = {'/open': Reply(body='<flat-profile><GPP_B ua="rw">x</GPP_B><Profile_Rule_B ua="rw"/></flat-profile>'),
                 '/closed': Reply(body='<flat-profile><GPP_B ua="na">canary</GPP_B></flat-profile>')}
        server = self.enterContext(servers.Scripted(pages))
        own = self.enterContext(bus.Bus())
        with bus.Daemon(own, user='resyncd', config={'Network': {'Manager': 'none'}}) as daemon:
            self.daemon, self.client = daemon, bus.Client(own)
            self.assertEqual(self.run_resync(f'{server.url}/open')[0], 'success')
            call = GLib.Variant('(a{ss})', ({'Profile_Rule_B': f'{server.url}/u-$B'},)).print_(True)
            self.assertEqual(callers.may(own, 'lab-lcd', 'Set', call, bus.NAME + '.Parameters'), '')
            self.client.set(Profile_Rule=f'{server.url}/closed')
            result, _url, _message, details = self.run_resync()
            self.assertEqual((result, details['error']), ('failed', 'InvalidRule'))
            self.assertEqual(server.targets()[-1], '/closed')
            self.assertNotIn('canary', repr(self.client.status()))

    def test_explain_conditions(self):
        """Explain tells each condition's truth up to the alternative that is taken (RULE-2, RULE-3)"""
        client = self.phone()
        steps = client.call('Explain', GLib.Variant('(s)', ('($SWVER lt 9)? http://a.test/x | ($SWVER ge 12)? http://b.test/x | http://c.test/x',)))[0]
        self.assertEqual([(step['text'], step['true']) for step in steps if step['step'] == 'condition'],
                         [('$SWVER lt 9', False), ('$SWVER ge 12', True)])
        self.assertIn({'step': 'fetch', 'text': 'http://b.test/x'}, steps)

    def test_explain(self):
        """Explain shows steps, and no query and no secret (STORE-3)"""
        client = self.phone()
        client.set(GPP_SA='canary-key')
        steps = client.call('Explain', GLib.Variant('(s)', ('[--key $SA] http://x.test/$MA.xml?token=canary-query',)))[0]
        self.assertEqual([step['step'] for step in steps], ['macro', 'macro', 'option', 'fetch', 'next'])
        self.assertNotIn('canary', repr(steps))
        self.assertIn('http://x.test/00562b043615.xml?…', repr(steps))

    def test_explain_with(self):
        """what a rule would do on another phone, with the values that were not hidden from the caller (RULE-2, RULE-3, STORE-3)"""
        client = self.phone()
        client.set(GPP_SA='canary-key', GPP_A='now')

        def steps(rule, **supposed):
            reply = client.call('ExplainWith', GLib.Variant('(sa{ss})', (rule, supposed)))[0]
            self.assertNotIn('canary', repr(reply))
            return [(step['step'], step['text'], step.get('true')) for step in reply]
        rule = '($SWVER lt 11 and "$A" eq "then")? [--key $SA] http://old.test/$MA.xml | http://new.test/$(A).xml'
        self.assertIn(('fetch', 'http://new.test/now.xml', None), steps(rule))
        other = steps(rule, SWVER='10.1', GPP_A='then', MA='0000000000aa', GPP_SA='canary-other')
        self.assertIn(('fetch', 'http://old.test/0000000000aa.xml', None), other)
        self.assertIn(('comparison', '$SWVER < 11: “10.1” < “11”', True), other)
        self.assertIn(('comparison', '"$A" = "then": “then” = “then”', True), other)
        self.assertIn(('rule', 'Profile_Rule_D', None), steps(''))
        self.assertIn(('fetch', 'http://b.test/x', None), steps('', Profile_Rule='http://b.test/x'))
        self.assertIn(('fetch', 'http://fw.test/x', None), steps('Upgrade_Rule', Upgrade_Rule='($SWVER lt 11)? /x | http://fw.test/x'))
        told = steps('("$A" eq "now" and $A gt 1)? /x')
        self.assertEqual([kind for kind, _, _ in told], ['macro', 'comparison', 'fault', 'next'])
        # what a stored rule or the one that is asked about uses as a secret (STORE-3)
        for rule, supposed in (('[--uid u --pwd $B] http://x.test/$B', {'GPP_B': 'canary-b'}), ('http://x.test/$(B:0:6)', {
                'GPP_B': 'canary-b', 'Upgrade_Rule': 'https://joe:$B@x.test/'}), ('(Pasword_1_ = "canary";)! http://x.test/x', {})):
            self.assertIn('•••', repr(steps(rule, **supposed)))
        for rule, fault in (('[--post c] tftp://x.test/x', '--post needs http or https'), ('[--alias c] http://x.test/x', 'GPP_C: --alias names an empty'),
                            ('(Nonesuch = "1";)! http://x.test/x', '“Nonesuch” is no parameter')):
            self.assertIn(fault, [text for kind, text, _ in steps(rule) if kind == 'fault'][0])
        with self.assertRaises(bus.CallError) as caught:
            steps('/x', **{f'GPP_{letter}': 'v' * 60000 for letter in 'ABC'})
        self.assertTrue(caught.exception.name.endswith('InvalidValue'))
        for name in ('Nonesuch', 'METH'):
            with self.assertRaises(bus.CallError) as caught:
                steps('', **{name: '1'})
            self.assertTrue(caught.exception.name.endswith('InvalidName'))


class Holders(Case):
    def test_the_one_who_holds(self):
        """waiting-for names somebody who still holds the phone (SCHED-5)"""
        client = self.phone()

        def inhibit(who):
            _reply, fds = client.connection.call_with_unix_fd_list_sync(
                bus.NAME, bus.PATH, bus.NAME, 'Inhibit', GLib.Variant('(ss)', (who, 'a call')), None, 0, 5000, None, None)
            return fds.steal_fds()[0]
        first, second = inhibit('first'), inhibit('second')
        attempt = client.resync('http://127.0.0.1:1/x')
        wait.until(lambda: client.status().get('waiting-for') == 'call: first', 'the first')
        os.close(first)
        wait.until(lambda: client.status().get('waiting-for') == 'call: second', 'the second')
        os.close(second)
        self.assertEqual(client.wait_finished(attempt)[0], 'failed')

    def test_replace(self):
        """--replace takes over from a running daemon, with what it stored (STATE-4)"""
        client = self.phone()
        client.set(GPP_A='kept')
        old = self.daemon
        new = bus.Daemon(self.bus, config={'Network': {'Manager': 'none'}}, state_dir=old.state_dir, args=['--replace'], start=False)
        new.start(wait_name=False)
        wait.until(lambda: old.process.poll() is not None, 'the old one to go')
        old.process = None
        wait.until(lambda: 'resyncd 0' in new.log(), 'the new one')
        client.wait_property('Version', bool)
        self.assertEqual(client.get('GPP_A'), 'kept')
        new.stop(signal.SIGTERM)

    def test_replace_fails(self):
        """one that cannot start leaves the running daemon alone"""
        client = self.phone()
        new = bus.Daemon(self.bus, config={}, state_dir=self.daemon.state_dir, catalogue='/nowhere', args=['--replace'], start=False)
        self.addCleanup(new.close)
        new.start(wait_name=False)
        self.assertEqual(new.process.wait(wait.PATIENCE), 1)
        new.process = None
        self.assertIn('cannot start', new.log())
        client.set(GPP_A='lives')
        self.assertEqual((client.get('GPP_A'), self.daemon.process.poll()), ('lives', None))


if __name__ == '__main__':
    # only this file's own cases: those of test_resync have a program of their own
    for name in ('FromTheLease', 'Rules', 'Failures', 'Manners', 'Case'):
        globals().pop(name, None)
    tap.main('box')
