#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A phone that no lease leads anywhere: the redirect service, its fallback, and the activation screen, with the reference
server and with servers that misbehave. The addresses stand in resyncd.conf, the CA is the test's."""

import contextlib
import os
import re
import sys
import threading
import time

from gi.repository import GLib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, certificates, redirect, servers, tap, tree, wait  # noqa: E402

from test_resync import Case, Reply, profile  # noqa: E402

MAC = '00562b043615'
WHO = f'{MAC.upper()}:FCH1234:CP-8851-3PCC'
CODE = '1234567890123456'
WRONG = '6543210987654321'
ACTIVATION = bus.NAME + '.Activation'
REST = {'Resync_Random_Delay': '0', 'Resync_Periodic': '0'}


def small(rule, **more):
    """What a redirect service says."""
    return profile(Profile_Rule=rule, **more)


class Onboarding(Case):
    @classmethod
    def setUpClass(cls):
        cls.authority = certificates.Authority()
        # the phone's user can read it there
        os.chmod(cls.authority.folder, 0o755)
        cls.certificate = cls.authority.issue('127.0.0.1')

    def provider(self, answer=None):
        """Whom the services name."""
        if answer is None:
            answer = {f'/p/{MAC}.xml': Reply(body=profile(Station_Display_Name='Desk', **REST))}
        return self.enterContext(servers.Scripted(answer, tls=self.certificate))

    def service(self, answer):
        return self.enterContext(servers.Scripted(answer, tls=self.certificate))

    def reference(self, book, **more):
        return self.enterContext(redirect.Redirect(book, tls=self.certificate, **more))

    def boot(self, redirect_url='', activation_url='', fallback_url='', options='', tls=None, **sections):
        return self.phone(options, Discovery={'RedirectUrl': redirect_url, 'RedirectFallbackUrl': fallback_url,
                                              'ActivationUrl': activation_url},
                          Tls=tls or {'CaFile': self.authority.path}, **sections)

    def screen(self):
        return {name: self.client.property(name, ACTIVATION) for name in ('CodeRequired', 'LastError', 'RetryAt')}

    def submit(self, code):
        return self.client.call('SubmitCode', GLib.Variant('(s)', (code,)), ACTIVATION)[0]

    def set_rule(self, rule):
        self.client.call('SetProfileRule', GLib.Variant('(s)', (rule,)))

    def enter(self, code):
        """Enters it, and waits for what comes of it."""
        return self.client.wait_finished(self.submit(code))

    def state_file(self, key, folder=None):
        """What is on the flash, or in another folder; None: nothing yet."""
        path = os.path.join(folder or self.daemon.state_dir, 'state.conf')
        if not os.path.exists(path):
            return None
        with open(path, encoding='utf-8') as file:
            return re.search(f'(?m)^{key}=(.*)$', file.read()).group(1)

    def state(self):
        return self.client.property('CustomizationState')

    def assert_no_code(self, *codes):
        """DISC-11: in nothing that the phone says or keeps"""
        self.client.turn()
        shown = [self.daemon.log(), repr(self.client.signals), repr(self.client.status()), repr(self.screen())]
        for folder in (self.daemon.state_dir, self.daemon.runtime_dir):
            for name in os.listdir(folder):
                # one that is being written has another name a moment later
                with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, name), encoding='utf-8', errors='replace') as file:
                    shown.append(file.read())
        for text in shown:
            for code in codes:
                self.assertNotIn(code.lstrip('#'), text)


class Redirected(Onboarding):
    def test_to_the_provider(self):
        """DISC-10, STATE-1: the service is told MAC, serial number and model, and the rule that it gives is tried at once and
        stored with the profile"""
        provider = self.provider()
        service = self.reference(f'[phone {MAC}]\nSerial=FCH1234\nModel=CP-8851-3PCC\nRule={provider.url}/p/$MA.xml\n')
        client = self.boot(f'{service.url}/redirect?id=$MAU:$SN:$PN')
        result, url, _message, details = self.first()
        self.assertEqual((result, url, details['source']), ('success', f'{provider.url}/p/{MAC}.xml', 'redirect'))
        self.assertEqual((self.state(), client.get('Station_Display_Name')), ('Acquired', 'Desk'))
        self.assertEqual(client.get('Profile_Rule'), f'{provider.url}/p/$MA.xml')
        self.assertEqual(client.status()['profile-source'], 'redirect')
        tried = client.status()['onboarding']
        self.assertEqual([(entry[0], entry[2]) for entry in tried],
                         [('dhcp', 'the lease names no provisioning server'), ('dns-srv', 'the lease names no domain'),
                          ('redirect', 'it says where this phone belongs'), ('redirect', 'the profile was applied')])
        client.wait_property('State', lambda state: state == 'idle')
        # DISC-2: from now on only the provider is asked, and once
        self.assertEqual(provider.targets(), [f'/p/{MAC}.xml'])
        self.daemon.restart()
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual(service.log().count('is told where it belongs'), 1)
        self.assertEqual(self.state(), 'Acquired')

    def test_only_the_rule_counts(self):
        """DISC-10: whatever else the reply sets is passed over, and of a reply that leads nowhere nothing stays"""
        service = self.service({'/rc': Reply(body=small('https://127.0.0.1:9/a.xml', Station_Display_Name='Mine', GPP_A='x'))})
        client = self.boot(f'{service.url}/rc')
        self.assertEqual(self.first()[0], 'failed')
        self.assertEqual((client.get('Profile_Rule'), client.get('GPP_A')), ('/$PN.cfg', ''))
        self.assertNotEqual(client.get('Station_Display_Name'), 'Mine')
        self.assertEqual(self.state(), 'Custom-Pending')

    def test_dhcp_comes_first(self):
        """DISC-1: a phone that its lease provisions asks no service"""
        server = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body=profile(**REST))}))
        service = self.service({'/rc': Reply(body=small('https://127.0.0.1:9/a.xml'))})
        self.boot(f'{service.url}/rc', options=f'66=http://127.0.0.1:{server.port}')
        self.assertEqual(self.first()[0], 'success')
        self.assertEqual((self.state(), service.requests), ('Aborted', []))

    def test_after_dhcp(self):
        """DISC-1: a lease whose server is of no use leads on to the service"""
        server = self.enterContext(servers.Scripted({}))
        provider = self.provider()
        service = self.service({'/rc': Reply(body=small(f'{provider.url}/p/$MA.xml'))})
        self.boot(f'{service.url}/rc', options=f'66=http://127.0.0.1:{server.port}')
        self.assertEqual((self.first()[0], self.state(), len(server.requests)), ('success', 'Acquired', 4))

    def test_a_service_that_knows_nobody(self):
        """DISC-10, STATE-2: an empty reply, of whichever form: the fallback is asked, then the phone is Unavailable, and tries again"""
        for empty in (b'', '<flat-profile></flat-profile>', '<flat-profile><Profile_Rule></Profile_Rule></flat-profile>'):
            with self.subTest(empty):
                service = self.service({'/rc': Reply(body=empty), '/back': Reply(body=b'')})
                client = self.boot(f'{service.url}/rc', fallback_url=f'{service.url}/back')
                result, _url, message, _details = self.first()
                self.assertIn(f'it does not know this phone ({MAC})', message)
                self.assertEqual((result, self.state(), service.targets()), ('file-not-found', 'Unavailable', ['/rc', '/back']))
                client.wait_property('NextResync', lambda at: 55 < at / 1e6 - time.time() < 62)
                self.assertFalse(self.screen()['CodeRequired'])

    def test_the_fallback_knows(self):
        """DISC-10: where the first service is dead or does not know the phone, the fallback may"""
        provider = self.provider()
        service = self.service({'/rc': Reply(status=500), '/back': Reply(body=small(f'{provider.url}/p/$MA.xml'))})
        self.boot(f'{service.url}/rc', fallback_url=f'{service.url}/back')
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))

    def test_the_fallback_knows_better(self):
        """DISC-10, STATE-1: where the first service names a provider that gives no profile the fallback is asked, once, and what became of the provider
        is said where the fallback knows nobody"""
        provider, nobody = self.provider(), self.provider({})
        back = [Reply(body=small(f'{provider.url}/p/$MA.xml')), Reply(body=b'')]
        service = self.service({'/rc': Reply(body=small(f'{nobody.url}/x')), '/back': back})
        for result, state in (('success', 'Acquired'), ('file-not-found', 'Custom-Pending')):
            with self.subTest(state):
                service.requests.clear()
                self.boot(f'{service.url}/rc', fallback_url=f'{service.url}/back')
                found, url, message, _details = self.first()
                self.assertEqual((found, self.state(), service.targets()), (result, state, ['/rc', '/back']))
                self.assertNotIn('does not know', message)
                self.assertEqual(url, f'{provider.url}/p/{MAC}.xml' if result == 'success' else f'{nobody.url}/x')
                self.daemon.close()

    def test_what_never_provisions(self):
        """DISC-13: portals, files cut short, rules that lead nowhere, servers with another certificate or of another authority"""
        provider = self.provider()
        good = small(f'{provider.url}/p/$MA.xml')
        replies = {
            'a portal': Reply(body='<!DOCTYPE html><html>Log in</html>'),
            'cut short': Reply(body=good[:-20]),
            'no server': Reply(body=small('/p/$MA.xml')),
            'gds': Reply(body=small('gds://')),
            'no rule': Reply(body=small('[--kei x] https://127.0.0.1/a')),
            'assigns': Reply(body=small(f'(GPP_A = "x";)! {provider.url}/p/$MA.xml')),
            'not there': Reply(status=404),
            'to http': Reply(status=302, headers={'Location': f'http://127.0.0.1:{provider.port}/rc'}),
            'large': Reply(body=f'<flat-profile><!--{"a" * 70000}--><Profile_Rule>{provider.url}/p/$MA.xml</Profile_Rule></flat-profile>'),
        }
        service = self.service({'/' + name.replace(' ', '-'): reply for name, reply in replies.items()})
        stranger = certificates.Authority('Other')
        urls = {name: f'{service.url}/{name.replace(" ", "-")}' for name in replies}
        for name, certificate in (('another name', self.authority.issue('example.com')), ('another authority', stranger.issue('127.0.0.1'))):
            bad = self.enterContext(servers.Scripted({'/rc': Reply(body=good)}, tls=certificate))
            urls[name] = f'{bad.url}/rc'
        for name, url in urls.items():
            with self.subTest(name):
                client = self.boot(url)
                self.assertNotEqual(self.first()[0], 'success')
                self.assertEqual((client.get('Profile_Rule'), client.get('GPP_A')), ('/$PN.cfg', ''))
                self.assertIn(self.state(), ('Pending', 'Unavailable', 'Custom-Pending'))
                self.daemon.close()
        self.assertEqual(provider.requests, [])

    def test_the_provider_never_provisions_with_nothing(self):
        """DISC-13: what the named server serves must decode and apply, whatever Resync_Fails_On_FNF says"""
        for answer in ({}, {f'/p/{MAC}.xml': Reply(body='<flat-profile><Unknown_Thing>1</Unknown_Thing></flat-profile>')},
                       {f'/p/{MAC}.xml': Reply(body='<html>')}):
            with self.subTest(answer):
                provider = self.provider(answer)
                service = self.service({'/rc': Reply(body=small(f'{provider.url}/p/$MA.xml'))})
                client = self.boot(f'{service.url}/rc')
                self.assertNotEqual(self.first()[0], 'success')
                self.assertEqual((client.get('Profile_Rule'), self.state()), ('/$PN.cfg', 'Custom-Pending'))

    def test_by_https_only(self):
        """DISC-10: another scheme in resyncd.conf is told, and nobody is asked"""
        service = self.enterContext(servers.Scripted({'/rc': Reply(body=b'')}))
        client = self.boot(f'{service.url}/rc', Phone={'Vendor': 'Acme'})
        self.assertIn('option 66', self.first()[2])
        self.assertEqual((service.requests, self.state()), ([], 'Open'))
        self.assertIn('RedirectUrl', self.daemon.log())
        self.assertFalse(client.property('CodeRequired', ACTIVATION))


class WithScreen(Onboarding):
    def book(self, provider, more=''):
        return (f'[code {CODE}]\nRule={provider.url}/p/$MA.xml\n[profile 4711]\nRule={provider.url}/p/$MA.xml\n{more}')

    def up(self, service, **more):
        """A phone with its screen up."""
        client = self.boot(f'{service.url}/redirect?id=$MAU:$SN:$PN', f'{service.url}/activate', **more)
        _result, _url, message, _details = self.first()
        self.assertIn('enter an activation code', message)
        client.wait_property('State', lambda state: state == 'activation-code')
        self.assertEqual((self.state(), self.screen()), ('GDS-Pending', {'CodeRequired': True, 'LastError': '', 'RetryAt': 0}))
        return client


class Screen(WithScreen):
    def test_a_code(self):
        """DISC-11, STATE-1, STATE-2: the screen comes up when no service knows the phone, and 16 digits provision it"""
        provider = self.provider()
        service = self.reference(self.book(provider))
        client = self.up(service)
        result, _url, _message, details = self.enter('1234-5678 9012-3456')
        self.assertEqual((result, details['source']), ('success', 'activation-code'))
        self.assertEqual((self.state(), client.get('Profile_Rule')), ('GDS-Acquired', f'{provider.url}/p/$MA.xml'))
        client.wait_property('CodeRequired', lambda required: not required, ACTIVATION)
        self.assertEqual(client.status()['profile-source'], 'activation-code')
        self.assert_no_code(CODE)
        with self.assertRaisesRegex(bus.CallError, 'Error.Disabled'):
            self.submit(CODE)

    def test_a_name(self):
        """DISC-11: # and digits go to the redirect service"""
        provider = self.provider()
        service = self.reference(self.book(provider))
        self.up(service)
        self.assertEqual((self.enter('#4711')[0], self.state()), ('success', 'GDS-Acquired'))

    def test_by_resyncctl(self):
        """DISC-11: resyncctl activate waits, says what came of it, and ends with 1 or 0"""
        provider = self.provider()
        self.up(self.reference(self.book(provider)))
        wrong = bus.ctl(self.bus, 'activate', WRONG, check=1)
        self.assertIn('Invalid activation code', wrong.stdout + wrong.stderr)
        self.assertNotIn(WRONG, wrong.stdout + wrong.stderr)
        bus.ctl(self.bus, 'activate', '123', check=1)
        bus.ctl(self.bus, 'activate', '1234', '5678', '9012', '3456', check=0)
        self.assertEqual(self.state(), 'GDS-Acquired')

    def test_wrong_codes(self):
        """DISC-11: the screen stays and says why; after five of them each further one waits, also after a power cut; DISC-12: the
        delay to the next try of the other ways is neither longer nor shorter for them"""
        provider = self.provider()
        service = self.reference(self.book(provider))
        client = self.up(service)
        due = client.property('NextResync')
        for bad in ('', '123', '#1', 'abcdefghijklmnop', WRONG + '1'):
            with self.assertRaisesRegex(bus.CallError, 'Error.InvalidCode: Invalid activation code'):
                self.submit(bad)
        client.wait_property('LastError', lambda error: error == 'Invalid activation code', ACTIVATION)
        for _ in range(5):
            result, _url, message, details = self.enter(WRONG)
            self.assertEqual((result, message, details['error']), ('failed', 'Invalid activation code', 'InvalidCode'))
            self.assertEqual((self.state(), self.screen()['CodeRequired']), ('GDS-Pending', True))
        self.assertLess(abs(client.property('NextResync') - due), 2e6)
        self.assertEqual(self.screen()['LastError'], 'Invalid activation code')
        self.assertLess(abs(self.screen()['RetryAt'] / 1e6 - time.time() - 30), 10)
        with self.assertRaisesRegex(bus.CallError, r'Error.Busy: .*taken in \d+ s'):
            self.submit(CODE)
        asked = service.log().count('no such code')
        self.daemon.cut()
        self.daemon.start()
        self.assertTrue(self.client.property('CodeRequired', ACTIVATION))
        self.assertLess(abs(self.screen()['RetryAt'] / 1e6 - time.time() - 30), 25)
        with self.assertRaisesRegex(bus.CallError, 'Error.Busy'):
            self.submit(CODE)
        self.assertEqual(service.log().count('no such code'), asked)
        self.assert_no_code(WRONG, CODE)

    def test_a_service_that_fails(self):
        """DISC-11: that is no wrong code, and does not count as one"""
        service = self.service({'/rc': Reply(body=b''), '/activate': Reply(status=500)})
        self.boot(f'{service.url}/rc', f'{service.url}/activate')
        self.first()
        for _ in range(6):
            result, _url, message, details = self.enter(CODE)
            self.assertEqual((result, details['error'] != 'InvalidCode', 'Invalid' in message), ('failed', True, False))
        self.assertEqual(self.screen()['RetryAt'], 0)
        self.assertIn('500', self.screen()['LastError'])
        asked = service.requests[-1]
        self.assertEqual((asked.method, asked.target), ('POST', '/activate'))
        self.assertEqual(asked.body.decode(), f'id={WHO.replace(":", "%3A")}&code={CODE}')

    def test_gds_at_any_time(self):
        """RULE-7, DISC-11: gds:// as Profile_Rule opens the screen at once, on a phone that is provisioned; a code ends it"""
        provider = self.provider()
        service = self.reference(self.book(provider))
        server = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body=profile(**REST))}))
        client = self.boot('', f'{service.url}/activate', options=f'66=http://127.0.0.1:{server.port}')
        self.first()
        self.assertEqual((self.state(), self.screen()['CodeRequired']), ('Aborted', False))
        self.set_rule('gds://')
        client.wait_property('CodeRequired', lambda required: required, ACTIVATION)
        client.wait_property('CustomizationState', lambda state: state == 'GDS-Pending')
        self.assertEqual(self.run_resync()[0], 'skipped')
        self.daemon.restart()
        self.assertTrue(self.client.property('CodeRequired', ACTIVATION))
        # a name needs a redirect service
        with self.assertRaisesRegex(bus.CallError, 'Error.Disabled'):
            self.submit('#4711')
        self.assertEqual((self.enter(CODE)[0], self.state()), ('success', 'GDS-Acquired'))
        self.assertEqual(client.get('Profile_Rule'), f'{provider.url}/p/$MA.xml')
        self.client.wait_property('CodeRequired', lambda required: not required, ACTIVATION)

    def test_not_where_it_is_switched_off(self):
        """STATE-5: with Webex_Onboard_Enable No nobody asks the activation service, and gds:// says why not"""
        service = self.reference('')
        client = self.up(service)
        client.set(Webex_Onboard_Enable='No')
        client.wait_property('CodeRequired', lambda required: not required, ACTIVATION)
        with self.assertRaisesRegex(bus.CallError, 'Error.Disabled'):
            self.submit(CODE)
        result, _url, message, _details = self.run_resync('gds://')
        self.assertEqual((result, 'Webex_Onboard_Enable' in message), ('failed', True))
        self.assertNotIn('no such code', service.log())

    def test_a_factory_reset_and_the_screen(self):
        """DISC-2, STATE-4: after it the redirect service is asked again"""
        gate = threading.Event()
        gate.set()
        provider = self.provider(lambda request: gate.wait(30) and Reply(body=profile(Station_Display_Name='Desk', **REST)))
        service = self.reference(self.book(provider, f'[phone {MAC}]\nRule={provider.url}/p/$MA.xml\n'))
        client = self.boot(f'{service.url}/redirect?id=$MAU:$SN:$PN', f'{service.url}/activate')
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))
        # afterwards it may find its way again before anybody looks
        gate.clear()
        client.call('FactoryReset')
        self.assertEqual(client.get('Profile_Rule'), '/$PN.cfg')
        gate.set()
        wait.until(lambda: service.log().count('is told where it belongs') == 2, 'the second question')
        client.wait_property('CustomizationState', lambda state: state == 'Acquired')

    def test_set_by_hand(self):
        """STATE-3, DISC-1: a rule that a person sets pauses the search; where its profile applies the search has ended"""
        service = self.reference('')
        client = self.up(service)
        asked = service.log().count('is not in the book')
        self.set_rule('https://127.0.0.1:9/typo.xml')
        self.assertEqual(self.run_resync()[0], 'failed')
        # no other way was tried in these ten minutes, and the screen is still there
        self.assertEqual(service.log().count('is not in the book'), asked)
        self.assertTrue(self.screen()['CodeRequired'])
        provider = self.provider()
        self.set_rule(f'{provider.url}/p/$MA.xml')
        self.assertEqual((self.run_resync()[0], self.state()), ('success', 'Aborted'))
        client.wait_property('CodeRequired', lambda required: not required, ACTIVATION)


class Callers(WithScreen):
    """On a bus that obeys our policy."""

    POLICY, USER = tree.source('dbus', 'org.resyncd.Provisioning1.conf'), 'resyncd'

    def submit_as(self, who, code):
        """The attempt."""
        answer = callers.call(self.bus, who, 'SubmitCode', GLib.Variant('(s)', (code,)).print_(False), ACTIVATION)
        return int(answer.strip('(,)').split()[-1])

    def test_who_may_enter_a_code(self):
        """DISC-11: root, the daemon's own user, an admin and the user class may while the screen is up; the SIP application and anybody else may not,
        whatever they enter, which counts for nothing; the wait after wrong codes is that of the phone, for whoever comes next"""
        provider = self.provider()
        # the service itself is patient
        service = self.reference(self.book(provider), limits='WrongCodes=1000\n')
        client = self.up(service)
        for who, error in (('lab-sip', 'Error.NotAllowed'), ('lab-nobody', 'AccessDenied')):
            for code in (CODE, '#4711', 'x', *[WRONG] * 5):
                with self.assertRaisesRegex(bus.CallError, error):
                    self.submit_as(who, code)
        self.assertEqual(self.screen(), {'CodeRequired': True, 'LastError': '', 'RetryAt': 0})
        for who in ('root', 'resyncd', 'lab-web', 'lab-lcd'):
            self.assertEqual(client.wait_finished(self.submit_as(who, WRONG))[3]['error'], 'InvalidCode')
        self.assertEqual(client.wait_finished(self.submit_as('lab-lcd', CODE))[0], 'success')
        self.assertEqual((self.state(), service.log().count('no such code'), service.log().count('where its code leads')), ('GDS-Acquired', 4, 1))
        # the four before the good one are forgotten
        self.set_rule('gds://')
        client.wait_property('CodeRequired', lambda required: required, ACTIVATION)
        for who in ('lab-lcd', 'lab-web', 'lab-lcd', 'root', 'lab-web'):
            self.assertEqual((self.screen()['RetryAt'], client.wait_finished(self.submit_as(who, WRONG))[3]['error']), (0, 'InvalidCode'))
        self.assertGreater(self.screen()['RetryAt'], 0)
        for who in ('root', 'resyncd', 'lab-web', 'lab-lcd'):
            with self.assertRaisesRegex(bus.CallError, r'Error.Busy: .*taken in \d+ s'):
                self.submit_as(who, CODE)
        self.assert_no_code(CODE, WRONG)


class Cut(WithScreen):
    """The power goes in the middle of an attempt, for the worker as well."""

    def held(self, answer):
        """A server that answers when the gate is open."""
        self.gate = threading.Event()
        self.addCleanup(self.gate.set)
        return self.service(lambda request: self.gate.wait(30) and answer)

    def cut(self, server):
        """While the server has not answered."""
        wait.until(lambda: server.requests, 'the question')
        self.daemon.cut()
        self.gate.set()
        self.assertEqual(len(server.requests), 1)
        self.client = bus.Client(self.bus)
        self.daemon.start()

    def test_while_the_service_is_asked(self):
        """DISC-10, DISC-12, STATE-4: afterwards it is asked again, once, and leads to the provider"""
        provider = self.provider()
        service = self.held(Reply(body=small(f'{provider.url}/p/$MA.xml')))
        self.boot(f'{service.url}/rc').resync()
        self.cut(service)
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))
        self.assertEqual((service.targets(), provider.targets()), (['/rc'] * 2, [f'/p/{MAC}.xml']))

    def test_while_the_provider_is_asked(self):
        """DISC-10, STATE-1, STATE-4: the hint was no more than that: nothing of it is stored, the service is asked again, and the profile is applied once"""
        provider = self.held(Reply(body=profile(Station_Display_Name='Desk', **REST)))
        service = self.reference(f'[phone {MAC}]\nRule={provider.url}/p/$MA.xml\n')
        self.boot(f'{service.url}/redirect?id=$MAU:$SN:$PN').resync()
        wait.until(lambda: self.state_file('customization') == 'Custom-Pending', 'the state before the profile')
        self.cut(provider)
        self.assertEqual((self.state(), self.client.get('Profile_Rule')), ('Custom-Pending', '/$PN.cfg'))
        self.assertEqual((self.first()[0], self.state()), ('success', 'Acquired'))
        self.assertEqual((len(provider.requests), service.log().count('is told where it belongs')), (2, 2))
        self.client.turn()
        self.assertEqual([name for name, _values in self.client.signals].count('Changed'), 1)

    def test_while_a_code_is_tried(self):
        """DISC-11, STATE-1, STATE-4: a code is not kept, so nobody enters it again but a person, on the same screen; the service has counted the phone
        once and tells it again, and no other phone"""
        provider = self.held(Reply(body=profile(Station_Display_Name='Desk', **REST)))
        service = self.reference(self.book(provider))
        self.up(service)
        self.submit(CODE)
        self.cut(provider)
        self.client.wait_property('CodeRequired', lambda required: required, ACTIVATION)
        self.assertEqual(self.client.get('Profile_Rule'), '/$PN.cfg')
        # the other ways are tried again, the code is not
        self.assertIn('enter an activation code', self.first()[2])
        self.assertEqual((self.state(), self.screen()['LastError'], self.screen()['RetryAt']), ('GDS-Pending', '', 0))
        self.assertEqual((len(provider.requests), service.log().count('where its code leads')), (1, 1))
        self.assertEqual((self.enter(CODE)[0], self.state()), ('success', 'GDS-Acquired'))
        self.assertEqual((len(provider.requests), service.log().count('where its code leads')), (2, 2))
        with open(os.path.join(service.state, 'uses.conf'), encoding='utf-8') as file:
            self.assertEqual(file.read().count(MAC), 1)
        self.assert_no_code(CODE)

    def test_between_the_two_files_of_a_service(self):
        """STATE-1, STATE-4: the same of a rule that the redirect service gave: that it did is on the flash before the profile is"""
        provider = self.held(Reply(body=profile(Station_Display_Name='Desk', **REST)))
        service = self.service({'/rc': Reply(body=small(f'{provider.url}/p/$MA.xml'))})
        attempt = self.boot(f'{service.url}/rc').resync()
        wait.until(lambda: provider.requests, 'the question')
        wait.until(lambda: self.state_file('customization') == 'Custom-Pending', 'the state before the profile')
        path = os.path.join(self.daemon.state_dir, 'state.conf')
        with open(path, encoding='utf-8') as file:
            before = file.read()
        self.gate.set()
        self.assertEqual(self.client.wait_finished(attempt)[0], 'success')
        self.daemon.cut()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(before)
        os.unlink(os.path.join(self.daemon.runtime_dir, 'state.conf'))
        self.daemon.start()
        self.client = bus.Client(self.bus)
        self.assertEqual((self.state(), self.client.get('Station_Display_Name')), ('Acquired', 'Desk'))

    def test_between_the_two_files(self):
        """DISC-11, STATE-1, STATE-4: the profile is on disk and the state is not yet: the code is known to have provisioned the phone, on one that was never
        provisioned and on one that was"""
        for options in ('', 'of dhcp'):
            with self.subTest(options):
                provider = self.held(Reply(body=profile(Station_Display_Name='Desk', **REST)))
                service = self.reference(self.book(provider))
                if options:
                    server = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body=profile(**REST))}))
                    client = self.boot('', f'{service.url}/activate', options=f'66=http://127.0.0.1:{server.port}')
                    self.first()
                    self.set_rule('gds://')
                    client.wait_property('CodeRequired', lambda required: required, ACTIVATION)
                else:
                    client = self.up(service)
                attempt = self.submit(CODE)
                path = os.path.join(self.daemon.state_dir, 'state.conf')

                def state(path=path):
                    with open(path, encoding='utf-8') as file:
                        return file.read()
                wait.until(lambda: provider.requests, 'the question')
                before = wait.until(lambda: 'named=true' in state() and state(), 'the state before the profile')
                self.gate.set()
                self.assertEqual(client.wait_finished(attempt)[0], 'success')
                self.assertNotIn('named=true', state())
                self.daemon.cut()
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(before)
                os.unlink(os.path.join(self.daemon.runtime_dir, 'state.conf'))
                self.daemon.start()
                self.client = bus.Client(self.bus)
                self.assertEqual((self.state(), self.screen()['CodeRequired']), ('GDS-Acquired', False))
                self.assertEqual(self.client.status()['profile-source'], 'activation-code')
                self.assertIn(self.first()[0], ('success', 'unchanged'))
                self.assertEqual(self.state(), 'GDS-Acquired')
                self.assertEqual(service.log().count('where its code leads'), 1)
                self.daemon.close()


if __name__ == '__main__':
    tap.main('box')
