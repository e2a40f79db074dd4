#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Until a first profile has applied, nothing that a rule, a person, a power cut or a bad file does costs the phone its search."""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, servers, store, tap, wait  # noqa: E402

from test_activation import CODE, REST, Onboarding, small  # noqa: E402
from test_resync import Reply, profile  # noqa: E402

DEAD = 'https://127.0.0.1:9/x.xml'


class Unprovisioned(Onboarding):
    def held(self):
        """A server that is asked and does not answer before the test is over; with the event that it was asked."""
        gate, asked = threading.Event(), threading.Event()

        def answer(request):
            asked.set()
            gate.wait(wait.PATIENCE)
            return Reply(404)

        server = self.enterContext(servers.Scripted(answer))
        self.addCleanup(gate.set)
        return server, asked

    def knowing(self, provider):
        """A redirect service, and a list: while it is empty the service knows nobody."""
        known = []
        return self.service(lambda request: Reply(body=small(f'{provider.url}/p/$MA.xml') if known else b'')), known

    def up(self, *service, **more):
        """A phone that has tried by itself, and has time for the test now."""
        self.boot(*service, **more)
        self.first()
        return self.client


class Rules(Unprovisioned):
    def test_whatever_goes_wrong(self):
        """DISC-2, STATE-3: a rule that leads to no profile, for whatever reason, is followed by the search, and where that finds nobody the reason that
        says most is told"""
        missing = self.enterContext(servers.Scripted({}))
        service = self.service({'/rc': Reply(body=b'')})
        client = self.up(f'{service.url}/rc')
        client.set(Resync_Fails_On_FNF='No')
        for rule, reason in (('/typo.xml', 'does not know this phone'),
                             ('gds://', 'gds:// needs an activation service'),
                             ('[--key $SA] ' + DEAD, 'an empty key'),
                             ('[--alias b] ' + DEAD, 'GPP_B'),
                             ('($PN lt 12)? ' + DEAD, 'Profile_Rule'),
                             ('(GPP_A = "x";)!', 'does not know this phone'),
                             (f'{missing.url}/typo.xml', 'does not know this phone')):
            with self.subTest(rule):
                service.requests.clear()
                self.set_rule(rule)
                self.again()
                result, _url, message, _details = self.run_resync()
                self.assertEqual((service.targets(), self.state()), (['/rc'], 'Unavailable'), message)
                self.assertNotEqual(result, 'success')
                self.assertIn(reason, message)
                self.assertEqual(self.client.status()['onboarding'][-1][0], 'redirect')

    def test_and_nobody_to_ask(self):
        """DISC-12, DISC-13: where there is no other way, what became of the rule is told, and it is tried again as a failure"""
        missing = self.enterContext(servers.Scripted({}))
        client = self.up()
        client.set(Resync_Fails_On_FNF='No')
        for rule, ended, reason in (('("$PN" eq "another")? ' + DEAD, 'failed', 'no rule asked for a profile'),
                                    (f'{missing.url}/typo.xml', 'file-not-found', '404')):
            with self.subTest(rule):
                self.set_rule(rule)
                self.again()
                result, _url, message, _details = self.run_resync()
                self.assertEqual((result, self.state()), (ended, 'Open'), message)
                self.assertIn(reason, message)
                # of the delays of a failure one of the first five, and not the hour of a success
                self.client.wait_property('NextResync', lambda at: 0 < at / 1e6 - time.time() < 1000)

    def test_the_other_rules(self):
        """RULE-2, STATE-3: where the first rule is for other phones the next ones come before the search, and after it those of the profile found"""
        provider = self.provider({'/b.xml': Reply(body=profile(GPP_B='b', **REST)),
                                  '/p/00562b043615.xml': Reply(body=profile(Station_Display_Name='Desk', **REST))})
        for rule_b, state, asked in ((f'{provider.url}/b.xml', 'Aborted', ['/b.xml']),
                                     ('("$PN" eq "another")? ' + DEAD, 'Acquired', ['/p/00562b043615.xml'])):
            with self.subTest(state):
                service, known = self.knowing(provider)
                self.up(f'{service.url}/rc')
                provider.requests.clear()
                known.append(True)
                self.client.set(Profile_Rule='("$PN" eq "another")? ' + DEAD, Profile_Rule_B=rule_b)
                self.again()
                self.assertEqual((self.run_resync()[0], self.state()), ('success', state))
                self.assertEqual(provider.targets(), asked)
                self.daemon.close()

    def test_a_clock_is_wanted(self):
        """HTTP-11, DISC-1: a path of the phone's own at a server whose certificate wants a clock does not keep the next server from being asked"""
        late = self.authority.issue('127.0.0.1', begins=3600)
        server = self.enterContext(servers.Scripted({'/own.xml': Reply(body=profile(**REST))}, tls=late))
        other = self.enterContext(servers.Scripted({'/own.xml': Reply(body=profile(Station_Display_Name='Other', **REST))}))
        for also in (f';160=http://127.0.0.1:{other.port}', ''):
            with self.subTest(also):
                self.boot(options=f'66={server.url}{also}')
                self.set_rule('/own.xml')
                self.daemon.stop()
                for name in os.listdir(self.daemon.runtime_dir):
                    os.unlink(os.path.join(self.daemon.runtime_dir, name))
                store.write_state(self.daemon.state_dir, 'root', **{'last-wall': int((time.time() + 7200) * 1e6)})
                self.client = bus.Client(self.bus)
                self.daemon.start()
                self.first()
                self.client.wait_property('State', lambda state: state == 'idle')
                self.assertEqual(self.client.status().get('waiting-for'), None if also else 'clock')
                self.assertEqual(self.client.get('Station_Display_Name') == 'Other', bool(also))
                self.daemon.close()
        self.assertEqual(server.requests, [])


class Proof(Unprovisioned):
    def test_an_assignment_is_no_profile(self):
        """RULE-5, DISC-13: what a rule assigns before its profile does not come stays, and a restart later the phone still looks for its provider"""
        provider = self.provider()
        service, known = self.knowing(provider)
        self.up(f'{service.url}/rc')
        self.set_rule(f'(GPP_A = "x";)! {DEAD}')
        self.assertEqual((self.run_resync()[0], self.state()), ('failed', 'Unavailable'))
        known.append(True)
        self.again()
        self.assertEqual((self.client.get('GPP_A'), self.state()), ('x', 'Unavailable'))
        self.assertEqual((self.run_resync()[0], self.state()), ('success', 'Acquired'))

    def test_nothing_that_applies(self):
        """DISC-13: a profile of which nothing applies provisions no phone, when it comes a second time neither"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(Nonsense='x'))))
        self.boot()
        self.set_rule(f'{server.url}/x')
        for _ in range(2):
            self.run_resync()
            self.assertEqual(self.state(), 'Open')

    def test_a_rule_for_once(self):
        """STATE-4: the first profile came by a rule for once, and the power went before the state was written: the phone is provisioned"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_B='b', **REST))))
        self.boot()
        self.assertEqual(self.run_resync(f'{server.url}/x')[0], 'success')
        self.lose(self.daemon.state_dir, self.daemon.runtime_dir)
        self.client = bus.Client(self.bus)
        self.daemon.start()
        self.assertEqual(self.state(), 'Aborted')

    def test_a_state_that_cannot_be_read(self):
        """STATE-4, DISC-2: it is not Open again, and a phone that never had a profile goes on with its search; one that had does not ask the service"""
        service, known = self.knowing(self.provider())
        self.up(f'{service.url}/rc')
        known.append(True)
        for state in ('Acquired', 'Aborted'):
            with self.subTest(state):
                self.lose(self.daemon.state_dir, self.daemon.runtime_dir)
                with open(os.path.join(self.daemon.state_dir, 'state.conf'), 'w', encoding='utf-8') as file:
                    file.write('[state]\ncustomi')
                service.requests.clear()
                self.client = bus.Client(self.bus)
                self.daemon.start()
                self.assertNotEqual(self.state(), 'Open')
                self.run_resync()
                self.assertEqual((self.state(), service.targets()), (state, ['/rc'] if state == 'Acquired' else []))

    def test_a_code_that_was_cut_short(self):
        """STATE-1, DISC-11: the power went while the provider that a code named was asked: what provisions the phone afterwards is not the code"""
        held, asked = threading.Event(), threading.Event()
        self.addCleanup(held.set)

        def slowly(request):
            asked.set()
            held.wait(wait.PATIENCE)
            return Reply(404)

        hanging, provider, known = self.provider(slowly), self.provider(), []

        def answer(request):
            if request.target == '/act':
                return Reply(body=small(f'{hanging.url}/x'))
            return Reply(body=small(f'{provider.url}/p/$MA.xml') if known else b'')

        service = self.service(answer)
        self.up(f'{service.url}/rc', f'{service.url}/act')
        self.submit(CODE)
        wait.until(asked.is_set, 'the provider is asked')
        wait.until(lambda: self.state_file('named') == 'true', 'what the code named is on the flash')
        self.daemon.cut()
        known.append(True)
        self.client = bus.Client(self.bus)
        self.daemon.start()
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))
        self.client.wait_property('State', lambda state: state == 'idle')
        self.again()
        self.assertEqual((self.state(), self.client.status()['profile-source']), ('Acquired', 'redirect'))


class Persons(Unprovisioned):
    def test_a_code_while_the_old_rule_is_followed(self):
        """DISC-12: a code does not wait for the first question of an attempt either"""
        server, asked = self.held()
        provider = self.provider()
        service = self.reference(f'[code {CODE}]\nRule={provider.url}/p/$MA.xml\n')
        self.up(f'{service.url}/redirect?id=$MAU:$SN:$PN', f'{service.url}/activate')
        self.set_rule(f'{server.url}/typo.xml')
        self.again()
        self.client.resync()
        wait.until(asked.is_set, 'the rule is followed')
        self.assertEqual((self.enter(CODE)[0], self.state()), ('success', 'GDS-Acquired'))

    def test_a_resync_while_it_searches(self):
        """DISC-1: a resync by a rule of its own does not wait for a search, nor a search for what is asked for by hand"""
        server, asked = self.held()
        provider = self.provider()
        self.boot(options=f'66={server.url}')
        first = self.client.resync()
        wait.until(asked.is_set, 'the search goes on')
        second = self.client.resync(f'{provider.url}/p/$MA.xml')
        self.assertEqual(self.client.wait_finished(first)[0], 'cancelled')
        self.assertEqual((self.client.wait_finished(second)[0], self.state()), ('success', 'Aborted'))

    def test_two_by_hand(self):
        """SCHED-8: what somebody asked for is not ended by what somebody asks for after it"""
        gate, asked = threading.Event(), threading.Event()
        self.addCleanup(gate.set)

        def answer(request):
            asked.set()
            gate.wait(wait.PATIENCE)
            return Reply(body=profile(GPP_B='b', **REST))

        server, provider = self.provider(answer), self.provider()
        self.boot()
        first = self.client.resync(f'{server.url}/x')
        wait.until(asked.is_set, 'the first')
        second = self.client.resync(f'{provider.url}/p/$MA.xml')
        gate.set()
        self.assertEqual([self.client.wait_finished(attempt)[0] for attempt in (first, second)], ['success', 'success'])


if __name__ == '__main__':
    tap.main('box')
