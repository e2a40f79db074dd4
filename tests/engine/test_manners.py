#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a phone does that is asked to come later, or that somebody takes by the hand while it looks around."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, servers, store, tap, tree, wait  # noqa: E402

from test_activation import CODE, MAC, REST, WRONG, Onboarding, WithScreen, small  # noqa: E402
from test_resync import Reply, profile  # noqa: E402

LATER = Reply(503, headers={'Retry-After': '3600'})


class Later(Onboarding):
    def assert_in_an_hour(self):
        self.client.wait_property('State', lambda state: state == 'idle')
        left = self.client.property('NextResync') / 1e6 - time.time()
        self.assertTrue(3000 < left <= 3601, left)
        self.assertEqual(self.client.status()['waiting-for'], 'retry-after')

    def dhcp(self, answer):
        return self.enterContext(servers.Scripted(answer))

    def test_after_a_restart(self):
        """HTTP-7: a daemon that is restarted waits as long, for its lease is no news"""
        server = self.dhcp(lambda request: LATER)
        self.boot(options=f'66=http://127.0.0.1:{server.port}')
        self.first()
        self.assert_in_an_hour()
        due = self.client.property('NextResync')
        self.again()
        wait.until(lambda: self.daemon.log().count('network up') == 2, 'the lease')
        self.client.wait_property('NextResync', lambda at: abs(at - due) < 2_000_000)
        self.assertEqual(self.client.status()['waiting-for'], 'retry-after')
        self.assertEqual(len(server.requests), 1)

    def test_the_services_know_nothing(self):
        """HTTP-7: the word of the first server stands, whatever those say that are asked after it"""
        server = self.dhcp(lambda request: LATER)
        service = self.service({'/rc': Reply(body=b'')})
        self.boot(f'{service.url}/rc', options=f'66=http://127.0.0.1:{server.port}')
        self.assertEqual((self.first()[0], service.targets()), ('failed', ['/rc']))
        self.assertEqual(len(server.requests), 1)
        self.assert_in_an_hour()

    def test_another_server_has_nothing(self):
        """HTTP-7, DISC-4: a busy server is left alone with its other paths, and another one is asked"""
        server, other = self.dhcp(lambda request: LATER), self.dhcp({})
        self.boot(options=f'66=http://127.0.0.1:{server.port};160=http://127.0.0.1:{other.port}')
        self.first()
        self.assertEqual((len(server.requests), len(other.requests)), (1, 4))
        self.assert_in_an_hour()

    def test_another_server_has_it(self):
        """HTTP-7: a phone that found its profile waits for nobody"""
        server, other = self.dhcp(lambda request: LATER), self.dhcp({'/CP-8851-3PCC.cfg': Reply(body=profile(**REST))})
        self.boot(options=f'66=http://127.0.0.1:{server.port};160=http://127.0.0.1:{other.port}')
        self.assertEqual(self.first()[0], 'success')
        self.client.wait_property('State', lambda state: state == 'idle')
        self.assertEqual(self.client.property('NextResync'), 0)

    def test_a_redirect_service(self):
        """HTTP-7: the redirect service counts as any server does"""
        service = self.service({'/rc': LATER, '/back': Reply(body=b'')})
        self.boot(f'{service.url}/rc', fallback_url=f'{service.url}/back')
        self.first()
        self.assert_in_an_hour()

    def test_the_one_that_is_remembered(self):
        """HTTP-7, DISC-14: one request, and not one for each place where a profile might be"""
        busy = []
        server = self.dhcp(lambda request: LATER if busy else Reply(body=profile(**REST)) if request.target == '/CP-8851-3PCC.cfg' else Reply(404))
        self.boot(options=f'66=http://127.0.0.1:{server.port}')
        self.assertEqual(self.first()[0], 'success')
        self.client.wait_property('State', lambda state: state == 'idle')
        busy.append(len(server.requests))
        self.assertEqual(self.run_resync()[0], 'failed')
        self.assert_in_an_hour()
        self.assertEqual(server.targets()[busy[0]:], ['/CP-8851-3PCC.cfg'])

    def test_a_code(self):
        """HTTP-7, DISC-11: an activation service that is busy gets the next code when it said, and no code is lost for it"""
        service = self.service({'/rc': Reply(body=b''), '/activate': Reply(429, headers={'Retry-After': '3600'})})
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.first()
        self.assertEqual(self.enter(CODE)[0], 'failed')
        self.assertTrue(self.screen()['CodeRequired'])
        self.assertTrue(3000 < self.screen()['RetryAt'] / 1e6 - time.time() <= 3601)
        with self.assertRaises(bus.CallError) as raised:
            self.submit(CODE)
        self.assertIn('the next code is taken in', str(raised.exception))
        self.assertEqual(service.targets().count('/activate'), 1)


    def test_a_code_and_a_restart(self):
        """HTTP-7, DISC-11: a restart of the daemon makes that no shorter"""
        service = self.service({'/rc': Reply(body=b''), '/activate': Reply(429, headers={'Retry-After': '3600'})})
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.first()
        self.enter(CODE)
        due = self.screen()['RetryAt']
        self.again()
        self.assertLess(abs(self.screen()['RetryAt'] - due), 2e6)
        with self.assertRaisesRegex(bus.CallError, 'the next code is taken in'):
            self.submit(CODE)
        self.assertEqual(self.state_file('wrong'), '0')

    def test_a_service_that_ends_the_connection(self):
        """DISC-4, DISC-14: a server that takes the connection and says nothing is asked once, as one that refuses it"""
        silent = []
        server = self.dhcp(lambda request: Reply(raw=b'') if silent else Reply(body=profile(**REST)))
        self.boot(options=f'66=http://127.0.0.1:{server.port}')
        self.assertEqual(self.first()[0], 'success')
        silent.append(len(server.requests))
        self.assertIn('ended the connection before it answered', self.run_resync()[2])
        # the library asks a second time where it had kept a connection open: never for another path
        self.assertEqual(set(server.targets()[silent[0]:]), {server.targets()[0]})


class JustUp(Onboarding):
    BOOT_AGE = 60

    def test_overload_and_another_server(self):
        """HTTP-5: a server that is overloaded after a power cut is that too where others were asked after it, and had nothing: the phones of a site shall
        not come again together"""
        busy, other = (self.enterContext(servers.Scripted(lambda request, status=status: Reply(status))) for status in (503, 404))
        service = self.service({'/rc': Reply(body=b'')})
        for options, redirect in ((f'66=http://127.0.0.1:{busy.port};160=http://127.0.0.1:{other.port}', ''), ('66=http://127.0.0.1:9', f'{service.url}/rc')):
            with self.subTest(options):
                self.boot(redirect, options=options)
                self.client.wait_finished(self.client.wait_signal('ResyncStarted')[0])
                # what is next is told, and written
                wait.until(lambda: 0 < self.client.property('NextResync') < 1e6 + int(self.state_file('next', self.daemon.runtime_dir)), 'the schedule')
                # the list of delays has not begun
                self.assertEqual([self.state_file(key, self.daemon.runtime_dir) for key in ('reason', 'failures')], ['retry', '0'])
                self.daemon.close()


class ByHand(Onboarding):
    def test_while_the_old_rule_is_followed(self):
        """DISC-1, STATE-3: a rule that is set while the first question of an attempt is out is not overwritten by what a search finds"""
        gate, asked = threading.Event(), threading.Event()
        self.addCleanup(gate.set)

        def answer(request):
            # the attempt of the boot may have begun before the rule was set
            if request.target == '/p/mine.xml':
                asked.set()
                gate.wait(30)
            return Reply(404)

        server = self.enterContext(servers.Scripted(answer))
        provider, known = self.provider(), []
        service = self.service(lambda request: Reply(body=small(f'{provider.url}/p/$MA.xml') if known else b''))
        self.boot(f'{service.url}/rc', options=f'66=http://127.0.0.1:{server.port}')
        self.set_rule('/p/mine.xml')
        # what was set by hand in an earlier run is followed first, and then the search goes on
        known.append(True)
        service.requests.clear()
        self.again()
        number = self.client.first()
        wait.until(asked.is_set, 'the path is asked for')
        self.set_rule('https://127.0.0.1:9/hand.xml')
        gate.set()
        self.assertEqual(self.client.wait_finished(number)[0], 'file-not-found')
        self.assertEqual(self.client.get('Profile_Rule'), 'https://127.0.0.1:9/hand.xml')
        self.assertEqual(service.requests, [])

    def test_a_typo_and_a_restart(self):
        """STATE-3: a typo does not cost the phone its redirect service, a restart later either"""
        provider, known = self.provider(), []
        service = self.service(lambda request: Reply(body=small(f'{provider.url}/p/$MA.xml') if known else b''))
        self.boot(f'{service.url}/rc')
        self.set_rule('https://127.0.0.1:9/typo.xml')
        known.append(True)
        self.again()
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))
        self.assertEqual(self.client.get('Profile_Rule'), f'{provider.url}/p/$MA.xml')


    def test_a_factory_reset_ends_the_pause(self):
        """STATE-3, STATE-4: a rule that was set by hand is gone with the reset, and so is the time that it was given"""
        provider, known = self.provider(), []
        service = self.service(lambda request: Reply(body=small(f'{provider.url}/p/$MA.xml') if known else b''))
        self.boot(f'{service.url}/rc')
        self.set_rule('https://127.0.0.1:9/hand.xml')
        # the attempt of the boot may have come before
        service.requests.clear()
        self.assertNotEqual(self.run_resync()[0], 'success')
        self.assertEqual(service.requests, [])
        known.append(True)
        self.client.call('FactoryReset')
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))


class Clock(Onboarding):
    def without_a_clock(self, service=None):
        """The phone, out of its box, that knows that it is later than its clock says; nobody has asked the service."""
        self.daemon.stop()
        for folder in (self.daemon.runtime_dir, self.daemon.state_dir):
            for name in os.listdir(folder):
                if name.startswith(('state.conf', 'parameters.conf')):
                    os.unlink(os.path.join(folder, name))
        if service is not None:
            service.requests.clear()
        store.write_state(self.daemon.state_dir, 'root', **{'last-wall': int((time.time() + 7200) * 1e6)})
        self.client = bus.Client(self.bus)
        self.daemon.start()

    def named_too_early(self):
        """A provider whose certificate is not valid yet, by the clock that there is."""
        late = self.authority.issue('127.0.0.1', begins=3600)
        return self.enterContext(servers.Scripted({'/x': Reply(body=profile(**REST))}, tls=late))

    def test_another_way(self):
        """HTTP-11, DISC-1: a server whose certificate wants a clock is passed over by a phone that has none, if another server does not"""
        server = self.named_too_early()
        other = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body=profile(Station_Display_Name='Other', **REST))}))
        self.boot(options=f'66={server.url}/x;160=http://127.0.0.1:{other.port}')
        self.without_a_clock()
        self.assertEqual(self.first()[0], 'success')
        self.assertEqual(self.client.get('Station_Display_Name'), 'Other')
        self.assertIn('clock is not set', repr(self.client.status()['onboarding']))
        self.assertEqual(server.requests, [])

    def test_another_service(self):
        """HTTP-11, DISC-10: the same of a provider that a redirect service names: the fallback is asked"""
        early, provider = self.named_too_early(), self.provider()
        service = self.service({'/rc': Reply(body=small(f'{early.url}/x')), '/back': Reply(body=small(f'{provider.url}/p/$MA.xml'))})
        self.boot(f'{service.url}/rc', fallback_url=f'{service.url}/back')
        self.without_a_clock()
        self.assertEqual((self.first()[0], self.state(), early.requests), ('success', 'Acquired', []))

    def test_nobody_else(self):
        """HTTP-11, DISC-12: where the provider that a service names is the last way the phone waits for the clock, which is no failure, and the
        activation screen comes up"""
        early = self.named_too_early()
        service = self.service(lambda request: Reply(body=small(f'{early.url}/x')))
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.without_a_clock(service)
        _result, _url, message, details = self.first()
        self.assertEqual((details['error'], service.targets()), ('Untrusted', ['/rc']))
        self.assertRegex(message, "^enter an activation code; .*the phone's clock is not set yet$")
        self.assertTrue(self.screen()['CodeRequired'])
        # the plan hears of the end when it has been told
        self.client.wait_property('Status', lambda status: status.get('waiting-for') == 'clock')
        self.assertNotIn('failure-reason', self.client.status())

    def test_of_a_code(self):
        """HTTP-11, DISC-11: where a code leads to such a provider it is a failure that says why, for the phone does not keep the code"""
        early = self.named_too_early()
        service = self.service({'/activate': Reply(body=small(f'{early.url}/x'))})
        self.boot(activation_url=f'{service.url}/activate')
        self.without_a_clock()
        self.assertEqual(self.first()[3]['error'], 'Unreachable')
        self.assertEqual((self.enter(CODE)[0], service.targets()), ('failed', ['/activate']))
        self.assertRegex(self.screen()['LastError'], "the phone's clock is not set yet$")
        self.assertNotEqual(self.client.status().get('waiting-for'), 'clock')


class Story(Onboarding):
    def test_a_code_is_a_line_of_it(self):
        """issue: what was tried before the screen came up is still told after a wrong code"""
        service = self.reference('')
        self.boot(f'{service.url}/redirect?id=$MAU:$SN:$PN', f'{service.url}/activate')
        self.first()
        before = [entry[0] for entry in self.client.status()['onboarding']]
        self.enter(CODE)
        told = self.client.status()['onboarding']
        self.assertEqual([entry[0] for entry in told], [*before, 'activation-code'])
        # and it is told by the next daemon, and the next boot, until a factory reset; a call keeps the phone from looking again
        self.enterContext(self.a_call())
        for clean in (False, True):
            self.daemon.stop()
            if clean:
                os.unlink(os.path.join(self.daemon.runtime_dir, 'state.conf'))
            self.client = bus.Client(self.bus)
            self.daemon.start()
            self.assertEqual(self.client.status()['onboarding'], told)
        self.client.call('FactoryReset')
        self.assertNotEqual(self.client.status().get('onboarding'), told)

    def told(self):
        return [tuple(entry[:3]) for entry in self.client.status().get('onboarding', [])]

    def test_ways_that_lead_nowhere(self):
        """issue: a way that has nobody to ask is told as well, and so is what the lease names and cannot be used, and the rule that came first"""
        self.boot(options='66=ht tp://x')
        self.set_rule('https://127.0.0.1:9/typo.xml')
        # STATE-3: the search goes on
        self.again()
        self.first()
        hand, ignored, dhcp, srv = self.told()
        self.assertEqual(hand[:2], ('configured', 'https://127.0.0.1:9/typo.xml'))
        self.assertIn('the connection was refused', hand[2])
        self.assertRegex(ignored[2], 'option 66: “ht tp://x” is ignored: ')
        self.assertEqual([ignored[:2], dhcp, srv], [('dhcp', ''), ('dhcp', '', 'the lease names no provisioning server'),
                                                   ('dns-srv', '', 'the lease names no domain')])

    def test_a_long_one(self):
        """issue: however many servers an option names, the story has its end"""
        server = self.enterContext(servers.Scripted({}))
        service = self.service({'/rc': Reply(body=b'')})
        self.boot(f'{service.url}/rc', options='66=' + r'\;'.join(f'http://127.0.0.1:{server.port}/{number}.xml' for number in range(16)))
        self.first()
        told = self.told()
        self.assertEqual(([entry[0] for entry in told], told[-1][2]),
                         (['dhcp-66'] * 62 + ['dns-srv', 'redirect'], f'it does not know this phone ({MAC})'))

    def test_while_it_looks(self):
        """issue: what was tried is told while the next way is, on the bus and to who waits"""
        begin, gate, asked = threading.Event(), threading.Event(), threading.Event()
        self.addCleanup(gate.set)
        self.addCleanup(begin.set)
        # the attempt of the boot may be quicker than who waits
        server = self.enterContext(servers.Scripted(lambda request: begin.wait(30) and Reply(404)))

        def answer(request):
            asked.set()
            gate.wait(30)
            return Reply(body=b'')

        service = self.service(answer)
        self.boot(f'{service.url}/rc', options=f'66=http://127.0.0.1:{server.port}/a.xml')
        said = self.enterContext(tempfile.NamedTemporaryFile('w+'))  # noqa: SIM115
        self.client.wait_due()

        def lines(text):
            with open(said.name, encoding='utf-8') as file:
                return [line for line in file if text in line]

        with subprocess.Popen([tree.installed('resyncctl'), '--address', self.bus.address, 'status', '--wait'],
                              stdout=subprocess.PIPE, stderr=said, text=True) as waiting:
            self.addCleanup(waiting.kill)
            wait.until(lambda: lines('\n'), 'the waiting to begin')
            number = self.client.first()
            begin.set()
            wait.until(asked.is_set, 'the service is asked')
            self.assertEqual({entry[0] for entry in self.told()}, {'dhcp-66', 'dns-srv'})
            wait.until(lambda: len(lines('HTTP 404')) == 5 and len(lines('the lease names no domain')) == 1, 'the tries to be told')
            gate.set()
            self.client.wait_finished(number)
            page = waiting.communicate(timeout=30)[0]
        self.assertEqual(page.count('HTTP 404'), 5)

    def test_a_rule_by_hand_ends_a_code(self):
        """STATE-3, DISC-1: who sets the rule while a code is tried has said it last"""
        gate, asked = threading.Event(), threading.Event()
        self.addCleanup(gate.set)
        provider = self.provider()

        def answer(request):
            if request.target == '/rc':
                return Reply(body=b'')
            asked.set()
            gate.wait(30)
            return Reply(body=small(f'{provider.url}/p/$MA.xml'))

        service = self.service(answer)
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.first()
        number = self.submit(CODE)
        wait.until(asked.is_set, 'the code is asked for')
        self.set_rule('https://127.0.0.1:9/hand.xml')
        gate.set()
        self.assertEqual(self.client.wait_finished(number)[0], 'cancelled')
        self.assertEqual((self.client.get('Profile_Rule'), provider.requests), ('https://127.0.0.1:9/hand.xml', []))

    def test_a_code_does_not_wait_for_a_search(self):
        """DISC-12: the screen stays usable while the other ways are tried again"""
        gate, slow = threading.Event(), []
        self.addCleanup(gate.set)
        asked = threading.Event()

        def answer(request):
            if slow:
                asked.set()
                gate.wait(30)
            return Reply(404)

        server = self.enterContext(servers.Scripted(answer))
        provider = self.provider()
        service = self.reference(f'[code {CODE}]\nRule={provider.url}/p/$MA.xml\n')
        self.boot(f'{service.url}/redirect?id=$MAU:$SN:$PN', f'{service.url}/activate', options=f'66=http://127.0.0.1:{server.port}')
        self.first()
        slow.append(True)
        self.client.resync()
        wait.until(asked.is_set, 'the search goes on')
        self.assertEqual((self.enter(CODE)[0], self.state()), ('success', 'GDS-Acquired'))

    def test_a_code_stays_at_home(self):
        """DISC-11, HTTP-2: a code is not sent to where its service redirects to"""
        other = self.service(lambda request: Reply(404))
        service = self.service({'/rc': Reply(body=b''), '/activate': Reply(302, headers={'Location': f'{other.url}/activate'})})
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.first()
        result, _url, message, _details = self.enter(CODE)
        self.assertEqual((result, other.requests), ('failed', []))
        self.assertIn('does not get the code', message)

    def test_a_serial_number_with_blanks(self):
        """DISC-10: it stays one field of the URL"""
        provider = self.provider()
        service = self.service(lambda request: Reply(body=small(f'{provider.url}/p/$MA.xml')))
        self.boot(f'{service.url}/rc?id=$SN:$(SN:0:4)', Phone={'SerialNumber': 'to be & filled#'})
        self.assertEqual(self.first()[0], 'success')
        self.assertEqual(service.targets(), ['/rc?id=to%20be%20%26%20filled%23:to%20b'])


class Codes(WithScreen):
    def test_a_right_code_and_a_wrong_provider(self):
        """DISC-11: a name that one service does not know and the other does is no wrong code, whatever becomes of the provider, and goes to nobody else"""
        named, empty = Reply(body=small('https://127.0.0.1:9/dead.xml')), Reply(body=b'')
        for first, second, asked in ((Reply(404), named, 2), (named, Reply(404), 1)):
            with self.subTest(asked):
                service = self.service(lambda request, first=first, second=second: empty if request.method == 'GET'
                                       else first if request.target == '/rc' else second)
                self.boot(f'{service.url}/rc', f'{service.url}/activate', fallback_url=f'{service.url}/back')
                self.first()
                result, _url, message, details = self.enter('#4711')
                self.assertEqual((result != 'success', details['error'] != 'InvalidCode', 'Invalid' in message), (True, True, False))
                self.assertNotIn('Invalid', self.screen()['LastError'])
                self.assertEqual([request.method for request in service.requests].count('POST'), asked)
                self.assertEqual(self.state_file('wrong'), '0')
                self.daemon.close()

    def test_the_wait_doubles(self):
        """DISC-11, STATE-4: the eighth wrong code in a row costs eight times the first wait, and a factory reset gives nobody another try"""
        self.up(self.reference(''))
        self.daemon.cut()
        path = os.path.join(self.daemon.state_dir, 'state.conf')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        text = re.sub('(?m)^wrong=0$', 'wrong=7', re.sub('(?m)^#complete .*\n', '', text))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(store.close(text))
        os.unlink(os.path.join(self.daemon.runtime_dir, 'state.conf'))
        client = self.client = bus.Client(self.bus)
        self.daemon.start()
        self.assertEqual(self.screen(), {'CodeRequired': True, 'LastError': '', 'RetryAt': 0})
        self.assertEqual(self.enter(WRONG)[3]['error'], 'InvalidCode')
        due = self.screen()['RetryAt']
        self.assertTrue(120 < due / 1e6 - time.time() <= 240, due)
        client.call('FactoryReset')
        # nothing else of the old life stays, of which the marker was the last
        for name in ('state.conf', 'state.conf.previous'):
            path = os.path.join(self.daemon.state_dir, name)
            if os.path.exists(path):
                with open(path, encoding='utf-8') as file:
                    self.assertNotIn('resetting=true', file.read(), name)
        self.assertLess(abs(self.screen()['RetryAt'] - due), 2e6)
        self.assertIn('enter an activation code', self.first()[2])
        with self.assertRaisesRegex(bus.CallError, r'Error.Busy: .*taken in \d+ s'):
            self.submit(CODE)
        self.assertEqual(self.state_file('wrong'), '8')

    def test_the_screen_stays_up(self):
        """DISC-12: also where a later search ends half-way"""
        gate, again = threading.Event(), threading.Event()
        self.addCleanup(gate.set)
        seen = []

        def answer(request):
            seen.append(request)
            if len(seen) > 1:
                again.set()
                gate.wait(30)
            return Reply(body=b'')

        client = self.up(self.service(answer))
        number = client.resync()
        wait.until(again.is_set, 'the service is asked again')
        self.assertEqual(self.state(), 'Pending')
        client.call('Cancel')
        self.assertEqual(client.wait_finished(number)[0], 'cancelled')
        self.assertTrue(self.screen()['CodeRequired'])

    def test_one_code_at_a_time(self):
        """DISC-11: while one is tried another one is refused, and the first goes on"""
        gate = threading.Event()
        self.addCleanup(gate.set)
        provider = self.provider()
        service = self.service(lambda request: Reply(body=b'') if request.method == 'GET' else
                               gate.wait(30) and Reply(body=small(f'{provider.url}/p/$MA.xml')))
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.first()
        attempt = self.submit(CODE)
        for code in (CODE, WRONG):
            with self.assertRaisesRegex(bus.CallError, 'Error.Busy: another code is being tried'):
                self.submit(code)
        gate.set()
        self.assertEqual(self.client.wait_finished(attempt)[0], 'success')
        self.assertEqual([request.method for request in service.requests].count('POST'), 1)


    def test_a_service_that_does_not_answer(self):
        """DISC-11: a name that one service does not know may be known to the one that is down: no wrong code"""
        service = self.service(lambda request: Reply(404) if request.method == 'POST' else Reply(body=b''))
        self.boot(f'{service.url}/rc', f'{service.url}/activate', fallback_url='https://127.0.0.1:9/back')
        self.first()
        result, _url, message, details = self.enter('#4711')
        self.assertEqual((result, details['error'], self.state_file('wrong')), ('failed', 'Unreachable', '0'))
        self.assertIn('refused', message)
        self.assertNotIn('Invalid', self.screen()['LastError'])


class Hint(Onboarding):
    def test_knows_no_secret(self):
        """PHONE-3: a rule that a service gives is none that is stored: SA … SD are not for it"""
        provider = self.provider(lambda request: Reply(401, headers={'WWW-Authenticate': 'Basic realm="x"'}))
        service = self.service({'/rc': Reply(body=small(f'[--uid $SA --pwd $SB] {provider.url}/x'))})
        self.boot(f'{service.url}/rc')
        self.client.set(GPP_SA='geheim', GPP_SB='auch')
        result, _url, message, _details = self.first()
        self.assertEqual((result, provider.requests), ('failed', []))
        self.assertIn('SA', message)


if __name__ == '__main__':
    tap.main('box')
