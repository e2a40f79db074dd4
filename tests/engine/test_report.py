#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reports: what the phone sends to real and scripted receivers, when, and that it would take it back as a profile."""

import glob
import json
import os
import sys
import threading
import unittest
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, encrypted, servers, tap, tree, wait  # noqa: E402
from test_resync import Case, Reply  # noqa: E402

KEY, IKM = 'a "key"', 'yqdlZ-tYemfogSmv7Ws5PQ'
# what is in no report
CANARIES = {'Admin_Password': 'canary-1', 'GPP_SA': 'canary-2', 'Profile_Rule_B': '[--key canary-3]http://127.0.0.1:1/x',
            'Profile_Account_Password': 'canary-4', 'GPP_N': 'https://joe:canary-7@127.0.0.1:1/', 'GPP_O': 'https://127.0.0.1:1/x?key=canary-8',
            'GPP_P': 'mac=$MA&password=canary-9',
            # secrets by what the rules do with them
            'GPP_M': 'canary-10', 'GPP_L': 'canary-11', 'Profile_Rule_C': '[--uid u --pwd $M]http://127.0.0.1:1/$L?t=$(L:0:3)'}


def values(text):
    """name -> (value, ua) of a report."""
    root = ET.fromstring(text)
    assert root.tag == 'flat-profile', root.tag
    return {element.tag: (element.text or '', element.get('ua')) for element in root}


class Reports(Case):
    def report(self):
        """Asks for one and waits: (result, url, message, details)."""
        return self.client.wait_finished(self.client.resync(reason='report'))

    def receiver(self, answer=Reply(201)):
        return self.enterContext(servers.Scripted(lambda request: answer))

    def start_again(self):
        """As if this boot had seen no attempt yet."""
        self.daemon.stop()
        for path in glob.glob(self.daemon.state_dir + '/state.conf*') + glob.glob(self.daemon.folder + '/**/state.conf*', recursive=True):
            if os.path.exists(path):
                os.remove(path)
        # the next one counts its attempts anew
        wait.until(lambda: not bus.is_owned(self.client.connection), 'the name to be free')
        self.client.turn()
        self.client.signals.clear()
        self.daemon.start()

    def tried(self):
        """The attempts at provisioning that Status has."""
        return {name: value for name, value in self.client.status().items() if name.startswith('provisioning-')}

    def clean(self, text):
        self.assertNotIn('canary', text if isinstance(text, str) else text.decode())
        return text

    def accepted(self, text):
        """resyncctl check finds no fault in it."""
        path = servers.write(self.daemon.folder, 'report.xml', text)
        done = bus.ctl(None, '--json', 'check', '--catalogue', tree.source('data', 'catalogue'), path, check=0)
        found = json.loads(done.stdout)
        self.assertEqual((found['ok'], found['faults']), (True, []))
        return found['parameters']

    def test_whole(self):
        """all parameters, and no secret, by POST or PUT; the phone would take it as a profile and be as it was (REPORT-1, STORE-3)"""
        server = self.receiver()
        client = self.phone()
        client.set(Station_Display_Name='R & <D>', GPP_A='two\nlines', Report_Rule=f'{server.url}/r-$MA.xml', **CANARIES)
        for method in ('POST', 'PUT'):
            client.set(HTTP_Report_Method=method)
            self.assertEqual(self.report()[:2], ('success', f'{server.url}/r-00562b043615.xml'))
            asked = server.requests[-1]
            self.assertEqual((asked.method, asked.headers['content-type']), (method, 'application/xml; charset=utf-8'))
            found = values(self.clean(asked.body))
            self.assertEqual(found['Station_Display_Name'], ('R & <D>', 'na'))
            self.assertEqual(found['HTTP_Report_Method'][0], method)
            self.assertGreater(len(found), 1000)
            self.assertFalse({'Admin_Password', 'GPP_SA', 'Profile_Rule', 'Profile_Rule_B', 'Report_Rule'} & set(found))
        self.assertEqual(self.accepted(asked.body), len(found))
        # applied to this phone it changes nothing but the line break that XML cannot hold
        back = self.enterContext(servers.Scripted({'/back': Reply(body=asked.body)}))
        result, _url, message, details = self.run_resync(back.url + '/back')
        self.assertEqual((result, details['changed']), ('success', 1), message)
        self.assertEqual(client.get('GPP_A'), 'two lines')

    def test_real_receivers(self):
        """nginx takes a PUT, atftpd a write; the next report there is the delta, in which no secret is that changed (REPORT-1, TFTP-5)"""
        web = self.enterContext(servers.Nginx(extra='client_max_body_size 8m; dav_methods PUT; create_full_put_path on;'))
        tftp = self.enterContext(servers.Atftpd())
        tftp.put('t.xml', '')
        os.chmod(os.path.join(tftp.root, 't.xml'), 0o666)
        client = self.phone()
        client.set(HTTP_Report_Method='PUT', Report_Rule=f'[--delta]{web.url}/a/w.xml; [--delta]{tftp.url}/t.xml;', **CANARIES)
        paths = os.path.join(web.root, 'a/w.xml'), os.path.join(tftp.root, 't.xml')
        for change, wanted in (({}, None), ({'GPP_A': 'new'}, {'GPP_A': ('new', 'na')}), ({}, {}), ({'GPP_A': ''}, {'GPP_A': ('', 'na')}),
                               ({'GPP_SA': 'canary-10', 'GPP_N': 'https://joe:canary-11@127.0.0.1:1/'}, {})):
            if change:
                client.set(**change)
            self.assertEqual(self.report()[0], 'success')
            tftp.wait_written()
            for path in paths:
                with self.subTest(path, change=change), open(path, 'rb') as file:
                    found = values(self.clean(file.read()))
                    if wanted is None:
                        self.assertGreater(len(found), 1000)
                    else:
                        self.assertEqual(found, wanted)

    def test_what_did_not_arrive(self):
        """a delta is one to the last report that arrived, also after a restart; one that fails is class C and changes no schedule
        (REPORT-1, REPORT-2)"""
        answers = [Reply(200), Reply(500), Reply(204), Reply(200)]
        server = self.enterContext(servers.Scripted(lambda request: answers.pop(0)))
        client = self.phone()
        # the attempt of the start is out of the way then
        self.assertEqual(self.run_resync()[0], 'failed')
        client.set(Report_Rule=f'[--delta]{server.url}/r')
        self.assertEqual(self.report()[0], 'success')
        client.wait_property('State', lambda state: state == 'idle')
        client.set(GPP_A='one')
        due, tried = client.property('NextResync'), self.tried()
        result, _url, message, details = self.report()
        self.assertEqual((result, details['class'], details['http-status']), ('failed', 'C', 500), message)
        client.wait_property('State', lambda state: state == 'idle')
        self.assertLess(abs(client.property('NextResync') - due), 1_000_000)
        self.assertEqual(self.tried(), tried)
        self.daemon.restart()
        client.set(GPP_B='two')
        self.assertEqual(self.report()[0], 'success')
        self.assertEqual(values(server.requests[-1].body), {'GPP_A': ('one', 'na'), 'GPP_B': ('two', 'na')})
        self.assertEqual(self.report()[0], 'success')
        self.assertEqual(values(server.requests[-1].body), {})

    def test_what_arrived_of_two(self):
        """each of two rules has a delta of its own: what arrived is not sent again since the other one failed, or its connection broke; what changes
        while a report is under way is in the next (REPORT-1, RULE-9)"""
        changed = threading.Event()
        changed.set()
        answers = [Reply(200), Reply(500), Reply(raw=b''), Reply(200), Reply(200)]
        first = self.enterContext(servers.Scripted(lambda request: changed.wait(wait.PATIENCE) and Reply(200)))
        second = self.enterContext(servers.Scripted(lambda request: answers.pop(0)))
        client = self.phone()
        self.assertEqual(self.run_resync()[0], 'failed')
        client.set(Report_Rule=f'[--delta]{first.url}/1; [--delta]{second.url}/2;')
        self.assertEqual(self.report()[0], 'success')
        a, b, c = ({name: (value, 'na')} for name, value in (('GPP_A', 'a'), ('GPP_B', 'b'), ('GPP_C', 'c')))
        for values_set, result, sent in (({'GPP_A': 'a'}, 'failed', (a, a)), ({'GPP_B': 'b'}, 'failed', (b, {**a, **b})),
                                         ({}, 'success', ({}, {**a, **b, **c})), ({}, 'success', (c, {}))):
            if values_set:
                client.set(**values_set)
            during = {**a, **b, **c} == sent[1]
            if during:
                changed.clear()
            count = len(first.requests)
            attempt = client.resync(reason='report')
            if during:
                wait.until(lambda: len(first.requests) > count, 'the first report')
                client.set(GPP_C='c')
                changed.set()
            self.assertEqual(client.wait_finished(attempt)[0], result)
            client.wait_property('State', lambda state: state == 'idle')
            self.assertEqual(tuple(values(server.requests[-1].body) for server in (first, second)), sent)

    def test_another_server(self):
        """a server that gets its first report gets a whole one, whatever another one has of the same rule; one that fails keeps nothing from the
        server of the other rule, and is what is told (REPORT-1, RULE-9)"""
        answers = [Reply(200), Reply(200), Reply(500)]
        first = self.enterContext(servers.Scripted(lambda request: answers.pop(0)))
        second, third = self.receiver(), self.receiver()
        client = self.phone()
        self.assertEqual(self.run_resync()[0], 'failed')
        client.set(Report_Rule=f'[--delta]{first.url}/$PRVTMR')
        self.assertEqual(self.report()[0], 'success')
        client.set(GPP_A='a')
        self.daemon.restart()
        self.assertEqual(self.report()[0], 'success')
        self.assertEqual(values(first.requests[-1].body), {'GPP_A': ('a', 'na')})
        client.set(GPP_B='b', Report_Rule=f'[--delta]{second.url}/2')
        self.assertEqual(self.report()[0], 'success')
        self.assertGreater(len(values(second.requests[-1].body)), 1000)
        client.set(Report_Rule=f'[--delta]{first.url}/1 [--delta]{third.url}/3')
        result, url, _message, details = self.report()
        self.assertEqual((result, url, details['http-status']), ('failed', f'{first.url}/1', 500))
        self.assertGreater(len(values(third.requests[-1].body)), 1000)
        client.set(GPP_A='', GPP_C='c', Report_Rule=f'[--key $A]{third.url}/0 [--delta]{third.url}/3')
        result, _url, message, _details = self.report()
        self.assertEqual((result, len(third.requests)), ('failed', 2))
        self.assertIn('empty key', message)
        self.assertEqual(values(third.requests[-1].body)['GPP_C'], ('c', 'na'))

    def test_encrypted(self):
        """by --key as openssl reads it, else with the keying material as RFC 8188 has it (ENC-4)"""
        server = self.receiver()
        client = self.phone()
        written = KEY.replace('"', '\\042')
        client.set(GPP_A='sealed', Report_Rule=f'[--key "{written}"]{server.url}/k [--delta]{server.url}/i', **CANARIES)
        self.assertEqual(self.report()[0], 'success')
        plain = self.clean(encrypted.openssl('-d', '-md', 'sha256', data=server.requests[0].body, key=KEY))
        self.assertEqual(values(plain)['GPP_A'], ('sealed', 'na'))
        self.assertNotIn('content-encoding', server.requests[0].headers)
        self.assertEqual(server.requests[1].headers['content-type'], 'application/xml; charset=utf-8')
        client.set(IKM_HTTP_Encrypt_Content=IKM, GPP_A='anew')
        self.assertEqual(self.report()[0], 'success')
        first, second = server.requests[2:]
        self.assertEqual(values(encrypted.openssl('-d', '-md', 'sha256', data=first.body, key=KEY))['GPP_A'], ('anew', 'na'))
        self.assertEqual(second.headers['content-encoding'], 'aes128gcm')
        self.assertEqual(values(encrypted.read(second.body, IKM)), {'GPP_A': ('anew', 'na')})

    def test_encrypted_for_real_receivers(self):
        """what nginx got by PUT and atftpd by a write: openssl reads it with --key, and with the keying material it is a file of RFC 8188,
        to the byte as others write them; the phone takes each back as a profile that changes nothing (ENC-4, TFTP-5, REPORT-1)"""
        web = self.enterContext(servers.Nginx(extra='client_max_body_size 8m; dav_methods PUT; create_full_put_path on;'))
        tftp = self.enterContext(servers.Atftpd())
        client = self.phone()
        for name, key, ikm, read in (('k', '[--key "pass word"] ', '', lambda data: encrypted.openssl('-d', '-md', 'sha256', data=data, key='pass word')),
                                     ('i', '', IKM, lambda data: encrypted.read(data, IKM))):
            tftp.put(name, '')
            os.chmod(os.path.join(tftp.root, name), 0o666)
            client.set(HTTP_Report_Method='PUT', GPP_A=name, IKM_HTTP_Encrypt_Content=ikm, **CANARIES,
                       Report_Rule=f'{key}{web.url}/{name}; {key}{tftp.url}/{name}')
            self.assertEqual(self.report()[0], 'success')
            tftp.wait_written()
            for server in (web, tftp):
                with self.subTest(name, server=server.url), open(os.path.join(server.root, name), 'rb') as file:
                    data = file.read()
                    self.assertEqual(data[:8] == b'Salted__', name == 'k')
                    found = values(self.clean(read(data)))
                    self.assertEqual(found['GPP_A'], (name, 'na'))
                    self.assertGreater(len(found), 1000)
                    # the phone takes it as a profile, with the same key
                    result, _url, message, details = self.run_resync(f'{key}{server.url}/{name}', force=True)
                    self.assertIn(result, ('success', 'unchanged'), message)
                    self.assertEqual(details.get('changed', 0), 0)

    def test_status(self):
        """--status sends the status page, which the phone passes over as a profile (REPORT-1)"""
        server = self.receiver()
        client = self.phone()
        client.set(Report_Rule=f'[--status]{server.url}/s', **CANARIES)
        self.assertEqual(self.run_resync('http://u:canary-5@127.0.0.1:1/x?t=canary-6')[0], 'failed')
        self.assertEqual(self.report()[0], 'success')
        text = self.clean(server.requests[-1].body)
        status = ET.fromstring(text).find('status')
        self.assertEqual((status.findtext('model'), status.findtext('mac')), ('CP-8851-3PCC', '00562b043615'))
        self.assertEqual([item.text for item in status.find('provisioning-1')][1], 'failed')
        self.accepted(text)

    def test_when(self):
        """at start, and soon after somebody changed something (REPORT-2)"""
        server = self.receiver()
        client = self.phone()
        client.set(Report_Rule=f'[--delta]{server.url}/r')
        self.start_again()
        attempt, reason = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'report')
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        client.set(Report_to_Server='On Local Change', Upload_Delay_On_Local_Change='10', GPP_A='mine')
        attempt, reason = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'report')
        self.assertEqual(client.wait_finished(attempt)[0], 'success')
        self.assertEqual(values(server.requests[-1].body)['GPP_A'], ('mine', 'na'))

    def test_nothing_to_do(self):
        """no rule is a success without a report; an option that is not for reports is refused (REPORT-2, RULE-9)"""
        client = self.phone()
        result, _url, message, details = self.report()
        self.assertEqual((result, message, details['class']), ('skipped', 'no rule asked for a report', 'A'))
        with self.assertRaisesRegex(bus.CallError, 'column 2: found “--post”, which this kind of rule does not take'):
            client.set(Report_Rule='[--post a]http://127.0.0.1:1/r')

    def open_to_the_user(self, **values):
        """A phone whose user class may write where it reports to, and reads GPP_B; GPP_A is closed to it."""
        client = self.phone()
        opened = '<Report_Rule ua="rw"/><GPP_A>private</GPP_A><GPP_B ua="rw">shown</GPP_B>'
        settings = ''.join(f'<{name}>{value}</{name}>' for name, value in values.items())
        first = self.enterContext(servers.Scripted({'/p': Reply(body=f'<flat-profile>{opened}{settings}</flat-profile>')}))
        self.assertEqual(self.run_resync(first.url + '/p')[0], 'success')
        return client

    def user_sets(self, **values):
        callers.call(self.bus, 'lab-lcd', 'Set', bus.GLib.Variant('(a{ss})', (values,)).print_(True), bus.NAME + '.Parameters')

    def only_what_the_user_reads(self, request):
        """The report, which is asserted to hold nothing closed."""
        found = values(request.body)
        self.assertNotIn(b'private', request.body)
        self.assertEqual([name for name, (_value, access) in found.items() if access == 'na'], [])
        return found

    def next_report(self, server):
        """The body of one that begins by itself."""
        attempt, _reason = self.client.wait_signal('ResyncStarted', lambda number, reason: reason == 'report')
        self.assertEqual(self.client.wait_finished(attempt)[0], 'success')
        return server.requests[-1]

    def test_rule_of_the_user_class(self):
        """a rule of the user class shows nothing that it may not read, in whole and as a delta; a rule of an admin at the same place shows
        it then (REPORT-1, RULE-10)"""
        server = self.receiver()
        client = self.open_to_the_user()
        self.user_sets(Report_Rule=f'[--delta]{server.url}/r')
        self.assertEqual(self.report()[0], 'success')
        self.assertEqual(self.only_what_the_user_reads(server.requests[-1])['GPP_B'], ('shown', 'rw'))
        client.set(GPP_A='private too', GPP_B='new')
        self.assertEqual(self.report()[0], 'success')
        self.assertEqual(self.only_what_the_user_reads(server.requests[-1]), {'GPP_B': ('new', 'rw')})
        self.user_sets(Report_Rule=f'[--status]{server.url}/s')
        self.assertEqual(self.report()[0], 'success')
        self.assertIn(b'<status>', server.requests[-1].body)
        self.assertNotIn(b'private', server.requests[-1].body)
        client.set(Report_Rule=f'[--delta]{server.url}/admin')
        self.assertEqual(self.report()[0], 'success')
        self.assertEqual(values(server.requests[-1].body)['GPP_A'], ('private too', 'na'))

    def test_rule_of_the_user_class_by_itself(self):
        """nor does it at start and after a local change (REPORT-2, RULE-10)"""
        server = self.receiver()
        client = self.open_to_the_user()
        self.user_sets(Report_Rule=f'{server.url}/r')
        self.start_again()
        self.assertIn('GPP_B', self.only_what_the_user_reads(self.next_report(server)))
        client.set(Report_to_Server='On Local Change', Upload_Delay_On_Local_Change='10', GPP_A='private too')
        self.assertIn('GPP_B', self.only_what_the_user_reads(self.next_report(server)))

    def test_account(self):
        """a server that the user class chose for reports is not shown an account that it did not write (HTTP-3, RULE-10)"""
        server = self.receiver(Reply(401, headers={'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"'}))
        client = self.open_to_the_user(Profile_Account_User='prov', Profile_Account_Password='canary')
        self.user_sets(Report_Rule=f'{server.url}/user')
        self.assertEqual(self.report()[0], 'failed')
        self.assertEqual([request.headers.get('authorization') for request in server.requests], [None])
        client.set(Report_Rule=f'{server.url}/admin')
        self.assertEqual(self.report()[0], 'failed')
        self.assertIn('username="prov"', server.requests[-1].headers['authorization'])

    def test_reset(self):
        """a factory reset forgets what was reported (STATE-4, REPORT-1)"""
        server = self.receiver()
        client = self.phone()
        client.set(GPP_A='old', Report_Rule=f'[--delta]{server.url}/r')
        self.assertEqual(self.report()[0], 'success')
        stored = os.path.join(self.daemon.state_dir, 'reported-1.conf')
        self.assertEqual(os.stat(stored).st_mode & 0o777, 0o600)
        client.call('FactoryReset')
        client.wait_signal('RebootRequired')
        self.assertFalse(os.path.exists(stored))
        client.set(Report_Rule=f'[--delta]{server.url}/r')
        self.assertEqual(self.report()[0], 'success')
        self.assertGreater(len(values(server.requests[-1].body)), 1000)


if __name__ == '__main__':
    tap.main('box')
