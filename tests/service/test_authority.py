#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may call: every cell of the contract's table, with callers of each class on a bus that obeys our policy."""

import base64
import contextlib
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, certificates, servers, tap, tree  # noqa: E402

Gio, GLib = bus.Gio, bus.GLib

PARAMETERS = bus.NAME + '.Parameters'
CLASSES = ('root', 'resyncd', 'lab-web', 'lab-lcd', 'lab-sip', 'lab-nobody')
PROFILE = b'''<flat-profile>
  <Resync_Periodic>7200</Resync_Periodic>
  <Admin_Password>s3cret-canary</Admin_Password>
  <Station_Display_Name ua="ro">Reception</Station_Display_Name>
  <GPP_A>general</GPP_A>
  <GPP_SA>0123456789abcdef</GPP_SA>
  <Resync_Random_Delay>0</Resync_Random_Delay>
</flat-profile>'''

# what each class of CLASSES is answered: '' for let in
ALL = ('', '', '', '', '', 'AccessDenied')
NO = 'NotAllowed'
OPERATORS = ('', '', '', NO, NO, 'AccessDenied')
READ_PRIVATE = ('', '', '', NO, '', 'AccessDenied')
EDITORS = ('', '', '', '', NO, 'AccessDenied')
ROOT_ONLY = ('', '', NO, NO, NO, 'AccessDenied')
LATER = ('Disabled', 'Disabled', 'Disabled', NO, NO, 'AccessDenied')

# (title, interface, method, arguments, answers)
CELLS = (
    ('Get rw', PARAMETERS, 'Get', "(['Profile_Account_User'],)", ALL),
    ('Get ro', PARAMETERS, 'Get', "(['Station_Display_Name'],)", ALL),
    ('Get na', PARAMETERS, 'Get', "(['Resync_Periodic'],)", READ_PRIVATE),
    ('Get secret', PARAMETERS, 'Get', "(['Admin_Password'],)", ROOT_ONLY),
    ('Get secret rw', PARAMETERS, 'Get', "(['Profile_Account_Password'],)", ROOT_ONLY),
    ('Get all', PARAMETERS, 'Get', '(@as [],)', ALL),
    ('Get rw and na', PARAMETERS, 'Get', "(['Profile_Account_User', 'Resync_Periodic'],)", READ_PRIVATE),
    ('List', PARAMETERS, 'List', "('Profile_',)", ALL),
    ('Set rw', PARAMETERS, 'Set', "({'Profile_Account_User': 'u'},)", EDITORS),
    ('Set ro', PARAMETERS, 'Set', "({'Station_Display_Name': 'Desk'},)", OPERATORS),
    ('Set na', PARAMETERS, 'Set', "({'GPP_B': 'x'},)", OPERATORS),
    ('Set rw and na', PARAMETERS, 'Set', "({'Profile_Account_User': 'u', 'GPP_B': 'x'},)", OPERATORS),
    ('Set secret na', PARAMETERS, 'Set', "({'GPP_SB': 'x'},)", OPERATORS),
    ('Reset rw', PARAMETERS, 'Reset', "(['Profile_Account_User'],)", EDITORS),
    ('Reset na', PARAMETERS, 'Reset', "(['GPP_B'],)", OPERATORS),
    ('Verify', PARAMETERS, 'Verify', "('Admin_Password', 's3cret-canary')", EDITORS),
    ('Resync', bus.NAME, 'Resync', "('', @a{sv} {})", EDITORS),
    ('Resync for SIP', bus.NAME, 'Resync', "('', {'reason': <'sip-notify'>})", ('', '', '', NO, '', 'AccessDenied')),
    ('Resync for a report', bus.NAME, 'Resync', "('', {'reason': <'report'>})", ('', '', '', NO, '', 'AccessDenied')),
    ('Resync with a rule for SIP', bus.NAME, 'Resync', "('/x.xml', {'reason': <'sip-notify'>})",
     ('', '', '', NO, NO, 'AccessDenied')),
    ('SetProfileRule', bus.NAME, 'SetProfileRule', "('/own.xml',)", EDITORS),
    ('Explain', bus.NAME, 'Explain', "('',)", EDITORS),
    ('ExplainWith', bus.NAME, 'ExplainWith', "('', {'SWVER': '1'})", OPERATORS),
    ('Preview', bus.NAME, 'Preview', "('/x.xml',)", ('InvalidRule', 'InvalidRule', NO, NO, NO, 'AccessDenied')),
    ('Inhibit', bus.NAME, 'Inhibit', "('test', 'because')", ALL),
    ('SetFacts', bus.NAME, 'SetFacts', "({'ext-ip': <'192.0.2.1'>},)", ('', '', NO, NO, '', 'AccessDenied')),
    ('Cancel', bus.NAME, 'Cancel', '', EDITORS),
    ('SubmitCode', bus.NAME + '.Activation', 'SubmitCode', "('1234567890123456',)",
     ('Disabled', 'Disabled', 'Disabled', 'Disabled', NO, 'AccessDenied')),
    ('Upgrade', bus.NAME + '.Firmware', 'Upgrade', "('', @a{sv} {})", OPERATORS),
    ('Firmware.Cancel', bus.NAME + '.Firmware', 'Cancel', '', OPERATORS),
    ('Inform', bus.NAME + '.Cwmp', 'Inform', '', LATER),
)


class Authority(unittest.TestCase):
    """One daemon for all: no cell changes what another sees."""

    @classmethod
    def setUpClass(cls):
        cls.server = servers.Nginx()
        cls.server.put('phone.xml', PROFILE)
        cls.bus = bus.Bus(tree.source('dbus', 'org.resyncd.Provisioning1.conf'))
        cls.daemon = bus.Daemon(cls.bus, user='resyncd', config={
            'Network': {'Manager': 'none', 'Options': f'66=http://127.0.0.1:{cls.server.port}/phone.xml'},
            'Access': {'SecretReaders': 'lab-sip:GPP_S*'}})
        cls.client = bus.Client(cls.bus)
        cls.client.wait_property('CustomizationState', lambda state: state == 'Aborted')

    @classmethod
    def tearDownClass(cls):
        cls.client.connection.close_sync(None)
        cls.daemon.close()
        cls.bus.close()
        cls.server.close()

    def may(self, who, *call):
        # resyncs of other cells may be in the way: a third one is Busy, which is let in as well
        answer = callers.may(self.bus, who, *call)
        return '' if answer == 'Busy' else answer

    def test_cells(self):
        """every cell of the table"""
        for title, interface, method, arguments, answers in CELLS:
            for who, wanted in zip(CLASSES, answers):
                with self.subTest(title, who=who):
                    self.assertEqual(self.may(who, method, arguments, interface), wanted)

    def test_rules_of_every_kind(self):
        """what RULE-10 says of profile rules holds for all that is expanded when it is used (PHONE-3, PHONE-5)"""
        names = ('Report_Rule', 'Upgrade_Rule', 'Custom_CA_Rule', 'Resync_Trigger_1', 'HTTP_User_Agent_Name', 'Log_Request_Msg')
        opened = ''.join(f'<{name} ua="rw"></{name}>' for name in names)
        self.server.put('open.xml', f'<flat-profile>{opened}</flat-profile>')
        attempt = self.client.resync(f'{self.server.url}/open.xml', force=True)
        self.client.wait_finished(attempt)
        for name, value, wanted in (
                ('Report_Rule', '[--key kk --uid u --pwd p] http://h/x', 'InvalidRule'), ('Report_Rule', 'http://h/$A', 'InvalidRule'),
                ('Report_Rule', 'http://h/x [--key kk] http://h/y', 'InvalidRule'), ('Report_Rule', 'http://h/$MA', ''),
                ('Upgrade_Rule', 'http://h/$A', 'InvalidRule'), ('Custom_CA_Rule', 'http://h/$A', 'InvalidRule'),
                ('Resync_Trigger_1', '"$A" = "s"', 'InvalidRule'), ('HTTP_User_Agent_Name', 'me $A', 'InvalidRule'),
                ('HTTP_User_Agent_Name', 'me $MA', ''), ('Log_Request_Msg', '$A', 'InvalidRule')):
            with self.subTest(name, value=value):
                call = bus.GLib.Variant('(a{ss})', ({name: value},)).print_(True)
                self.assertEqual(callers.may(self.bus, 'lab-lcd', 'Set', call, PARAMETERS), wanted)
        callers.call(self.bus, 'root', 'Reset', bus.GLib.Variant('(as)', (names,)).print_(True), PARAMETERS)

    def test_user_agent_that_a_profile_took_over(self):
        """a User-Agent of the user class does not show what was closed to it; set again by a profile, to the same text, it does (RULE-10)"""
        pages = {'/open': '<HTTP_User_Agent_Name ua="rw"/><GPP_D ua="rw">general</GPP_D>', '/closed': '<GPP_D ua="na">general</GPP_D>',
                 '/taken': '<HTTP_User_Agent_Name ua="rw">me $D</HTTP_User_Agent_Name>',
                 '/end': '<HTTP_User_Agent_Name ua="na"/><GPP_D ua="na"/>'}
        seen = []
        with servers.Scripted(lambda request: servers.Reply(body=f'<flat-profile>{pages[request.target]}</flat-profile>')) as server:
            for page in pages:
                if page == '/closed':
                    self.assertEqual(callers.may(self.bus, 'lab-lcd', 'Set', "({'HTTP_User_Agent_Name': 'me $D'},)", PARAMETERS), '')
                self.client.wait_finished(self.client.resync(server.url + page, force=True))
                seen.append(server.requests[-1].headers['user-agent'])
        self.assertEqual((seen[1], seen[3]), ('me general', 'me general'))
        self.assertNotIn('general', seen[2])

    def test_calls_keep_their_order(self):
        """calls of a connection that has not called before, while the bus is asked who it is, are answered in their order"""
        answered = []
        newcomer = self.bus.connect()
        for number in range(30):
            newcomer.call(bus.NAME, bus.PATH, PARAMETERS, 'Get', bus.GLib.Variant('(as)', (['GPP_A'],)), None, 0, 30000, None,
                             lambda connection, result, number: answered.append((number, connection.call_finish(result).unpack())), number)
        context = bus.GLib.MainContext.default()
        while len(answered) < 30:
            context.iteration(True)
        self.assertEqual(answered, [(number, ({'GPP_A': 'general'},)) for number in range(30)])

    def connect_as(self, user):
        uid, gid, groups = callers.account(user)
        before = os.getgroups()
        os.setgroups(groups)
        os.setegid(gid)
        os.seteuid(uid)
        try:
            return self.bus.connect()
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(before)

    def test_more_connections_than_are_remembered(self):
        """many connections of root and of the user class that call all at once, new or known, are each answered as who they are"""
        users = ['root' if number % 3 == 0 else 'lab-lcd' for number in range(100)]
        connections = [self.connect_as(user) for user in users]
        context = bus.GLib.MainContext.default()
        for _ in range(3):
            answered = {}
            for number, connection in enumerate(connections):
                connection.call(bus.NAME, bus.PATH, PARAMETERS, 'Get', bus.GLib.Variant('(as)', (['Resync_Periodic'],)), None, 0, 30000,
                                None, lambda who, result, number, into: into.update({number: self.outcome(who, result)}), number, answered)
            while len(answered) < len(connections):
                context.iteration(True)
            self.assertEqual([answered[number] for number in range(len(users))],
                             ['let in' if user == 'root' else NO for user in users])
        for connection in connections:
            connection.close_sync(None)

    @staticmethod
    def outcome(connection, result):
        try:
            connection.call_finish(result)
        except bus.GLib.Error as error:
            return bus.Gio.DBusError.get_remote_error(error).rsplit('.', 1)[-1]
        return 'let in'

    def test_everybody_sees_properties(self):
        """properties are public, and hold no secret (STORE-3)"""
        text = callers.call(self.bus, 'lab-nobody', 'GetAll', f"('{bus.NAME}',)", 'org.freedesktop.DBus.Properties')
        self.assertIn("'CustomizationState': <'Aborted'>", text)
        self.assertNotIn('canary', text)

    def test_no_descriptors(self):
        """no message with a descriptor reaches resyncd, from whomever: closing it may take as long as its sender wants"""
        self.client.wait_property('State', lambda state: state == 'idle')
        for user in (None, 'lab-web', 'lab-lcd', 'lab-nobody'):
            with self.subTest(user):
                connection = self.connect_as(user) if user else self.bus.connect()
                fds = Gio.UnixFDList()
                fds.append(0)
                arguments = (bus.NAME, bus.PATH, 'org.freedesktop.DBus.Properties', 'Get', GLib.Variant('(ss)', (bus.NAME, 'State')),
                             None, Gio.DBusCallFlags.NONE, 5000)
                with self.assertRaisesRegex(GLib.Error, 'AccessDenied'):
                    connection.call_with_unix_fd_list_sync(*arguments, fds, None)
                self.assertEqual(connection.call_with_unix_fd_list_sync(*arguments, None, None)[0].unpack(), ('idle',))
                connection.close_sync(None)

    def test_secret_reader(self):
        """[Access] SecretReaders lets one user of the SIP group read the secrets it names, and no other"""
        reply = callers.call(self.bus, 'lab-sip', 'Get', "(['GPP_SA'],)", PARAMETERS)
        self.assertIn('0123456789abcdef', reply)
        self.assertEqual(callers.may(self.bus, 'lab-sip', 'Get', "(['Admin_Password'],)", PARAMETERS), NO)

    def test_reading_everything(self):
        """Get of no names and List give each class what it may read (PROF-13, STORE-3)"""
        seen = {who: callers.call(self.bus, who, 'Get', '(@as [],)', PARAMETERS) for who in CLASSES[:-1]}
        for who, private, secret in (('root', True, True), ('lab-web', True, False), ('lab-lcd', False, False),
                                     ('lab-sip', True, False)):
            with self.subTest(who):
                self.assertIn("'Profile_Account_User'", seen[who])
                self.assertEqual("'Resync_Periodic'" in seen[who], private)
                self.assertEqual('s3cret-canary' in seen[who], secret)
                listed = callers.call(self.bus, who, 'List', "('',)", PARAMETERS)
                self.assertEqual("<'Resync_Periodic'>" in listed, private)
                self.assertNotIn('canary', listed)

    def test_rules_are_masked_below_admin(self):
        """a rule's key, credentials and query show to root and admins only, and a masked one is refused (STORE-3, RULE-10)"""
        rule = '[--key k-canary --uid u-canary --pwd p-canary] https://x.test/a?token=q-canary'
        callers.call(self.bus, 'lab-web', 'Set', f"({{'Profile_Rule_D': '{rule}'}},)", PARAMETERS)
        for who, masked in (('root', False), ('lab-web', False), ('lab-sip', True)):
            text = callers.call(self.bus, who, 'Get', "(['Profile_Rule_D'],)", PARAMETERS)
            self.assertEqual('canary' in text, not masked, who)
            self.assertIn('x.test/a', text)
        text = callers.call(self.bus, 'lab-sip', 'Get', "(['Profile_Rule_D'],)", PARAMETERS)
        self.assertEqual(callers.may(self.bus, 'lab-web', 'Set', text.replace("({", "({", 1), PARAMETERS), 'InvalidRule')
        callers.call(self.bus, 'lab-web', 'Reset', "(['Profile_Rule_D'],)", PARAMETERS)

    def test_rules_of_the_user_class(self):
        """the user class may not use options and macros that are not its own (RULE-10)"""
        for rule, wanted in (('[--key abc] http://x.test/a', 'InvalidRule'), ('[--uid a --pwd b] http://x.test/a', 'InvalidRule'),
                             ('[--post A] http://x.test/a', 'InvalidRule'), ('http://x.test/$A', 'InvalidRule'),
                             ('http://x.test/$SA', 'InvalidRule'), ('http://x.test/$MA.xml', '')):
            with self.subTest(rule):
                self.assertEqual(self.may('lab-lcd', 'Resync', f"('{rule}', @a{{sv}} {{}})", bus.NAME), wanted)
                self.assertEqual(self.may('lab-lcd', 'SetProfileRule', f"('{rule}',)", bus.NAME), wanted)
        callers.call(self.bus, 'root', 'Reset', "(['Profile_Rule'],)", PARAMETERS)

    def test_switches(self):
        """User_Configurable_Resync and Resync_From_SIP take the calls away (SCHED-7)"""
        callers.call(self.bus, 'root', 'Set', "({'User_Configurable_Resync': 'No', 'Resync_From_SIP': 'No'},)", PARAMETERS)
        try:
            self.assertEqual(callers.may(self.bus, 'lab-lcd', 'Resync', "('', @a{sv} {})"), NO)
            self.assertEqual(callers.may(self.bus, 'lab-lcd', 'SetProfileRule', "('/a',)"), NO)
            self.assertEqual(callers.may(self.bus, 'lab-sip', 'Resync', "('', {'reason': <'sip-notify'>})"), NO)
            self.assertEqual(callers.may(self.bus, 'root', 'Resync', "('', {'reason': <'sip-notify'>})"), NO)
            self.assertEqual(self.may('lab-web', 'Resync', "('', @a{sv} {})", bus.NAME), '')
        finally:
            callers.call(self.bus, 'root', 'Reset', "(['User_Configurable_Resync', 'Resync_From_SIP'],)", PARAMETERS)

    def test_several_groups(self):
        """a caller in several groups has the most that any of them has"""
        uid, gid, groups = callers.account('lab-lcd')
        both = (uid, gid, [*groups, callers.group('resyncd-admin')])
        self.assertEqual(callers.may(self.bus, both, 'Get', "(['Resync_Periodic'],)", PARAMETERS), '')

    def test_inhibitors_are_counted(self):
        """16 inhibitors at most a user"""
        fds = []
        for _ in range(16):
            fds.append(self.client.connection.call_with_unix_fd_list_sync(
                bus.NAME, bus.PATH, bus.NAME, 'Inhibit', bus.GLib.Variant('(ss)', ('t', 'w')), None, 0, 5000, None, None)[1])
        with self.assertRaises(bus.CallError) as caught:
            self.client.call('Inhibit', bus.GLib.Variant('(ss)', ('t', 'w')))
        self.assertEqual(caught.exception.name, bus.ERROR + 'Busy')
        for fd_list in fds:
            for fd in fd_list.steal_fds():
                os.close(fd)


class Account(unittest.TestCase):
    """Servers that ask for the account, by Digest over http and by Basic over https, and what they are shown."""

    PROFILE = ('<flat-profile><Resync_Random_Delay>0</Resync_Random_Delay><Profile_Rule_B ua="rw"/><Custom_CA_Rule ua="rw"/>'
               '<Profile_Account_User>prov</Profile_Account_User><Profile_Account_Password>canary</Profile_Account_Password></flat-profile>')

    def setUp(self):
        authority = certificates.Authority('Account CA')
        os.chmod(os.path.dirname(authority.path), 0o755)
        os.chmod(authority.path, 0o644)
        ask = 'Digest realm="r", nonce="n", qop="auth"', 'Basic realm="r"'
        with contextlib.ExitStack() as stack:
            self.plain, self.secure = (
                stack.enter_context(servers.Scripted(lambda request, ask=one: servers.Reply(401, headers={'WWW-Authenticate': ask}), tls=tls))
                for one, tls in zip(ask, (None, authority.issue('127.0.0.1'))))
            self.rules = f'http://127.0.0.1:{self.plain.port}/x', f'https://127.0.0.1:{self.secure.port}/x'
            self.pages = {'/p.xml': servers.Reply(body=self.PROFILE)}
            self.server = stack.enter_context(servers.Scripted(lambda request: self.pages[request.target]))
            self.bus = stack.enter_context(bus.Bus(tree.source('dbus', 'org.resyncd.Provisioning1.conf')))
            stack.enter_context(bus.Daemon(self.bus, user='resyncd', config={
                'Network': {'Manager': 'none', 'Options': f'66={self.server.url}/p.xml'}, 'Tls': {'CaFile': authority.path}}))
            self.client = bus.Client(self.bus)
            self.client.wait_property('CustomizationState', lambda state: state == 'Aborted')
            self.addCleanup(stack.pop_all().close)

    def resync(self, who, rule=''):
        """Waits for its end; what the servers were shown meanwhile, without what asks for nothing."""
        self.client.wait_property('State', lambda state: state == 'idle')
        asked = self.plain.requests, self.secure.requests
        before = [len(requests) for requests in asked]
        reply = callers.call(self.bus, who, 'Resync', f"('{rule}', {{'force': <true>}})")
        self.client.wait_finished(int(reply.split()[1].rstrip(',)')))
        came = [request for requests, count in zip(asked, before) for request in requests[count:]]
        self.assertTrue(came, 'no server was asked')
        return [request.headers['authorization'] for request in came if 'authorization' in request.headers]

    def assert_shown(self, shown, user='prov', password='canary'):
        basic = 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()
        self.assertTrue(shown)
        for header in shown:
            self.assertTrue(header == basic or f'username="{user}"' in header, header)

    def test_rule_of_the_request(self):
        """a rule that the user class brings with Resync gets no account of somebody else's; an admin's does (HTTP-3, RULE-10)"""
        for rule in self.rules:
            self.assertEqual(self.resync('lab-lcd', rule), [])
            self.assert_shown(self.resync('lab-web', rule))

    def test_stored_rule(self):
        """nor does a rule that it stored, whoever asks for the resync; an admin's and a profile's do (HTTP-3, RULE-10)"""
        for rule in self.rules:
            callers.call(self.bus, 'lab-lcd', 'SetProfileRule', f"('{rule}',)")
            self.assertEqual(self.resync('root'), [])
            callers.call(self.bus, 'lab-web', 'SetProfileRule', f"('{rule}?admin',)")
            self.assert_shown(self.resync('root'))
            self.pages['/rule.xml'] = servers.Reply(body=f'<flat-profile><Profile_Rule>{rule}?profile</Profile_Rule></flat-profile>')
            self.client.wait_finished(self.client.resync(self.server.url + '/rule.xml', force=True))
            self.assert_shown(self.resync('root'))

    def test_other_rules(self):
        """nor do Profile_Rule_B and Custom_CA_Rule that it set (HTTP-3, RULE-10)"""
        self.pages['/ok'] = servers.Reply(body='<flat-profile><GPP_B>x</GPP_B></flat-profile>')
        callers.call(self.bus, 'root', 'SetProfileRule', f"('{self.server.url}/ok',)")
        for name in ('Profile_Rule_B', 'Custom_CA_Rule'):
            for rule in self.rules:
                with self.subTest(name, rule=rule):
                    callers.call(self.bus, 'lab-lcd', 'Set', f"({{'{name}': '{rule}'}},)", PARAMETERS)
                    self.assertEqual(self.resync('root'), [])
                    callers.call(self.bus, 'lab-web', 'Set', f"({{'{name}': '{rule}?admin'}},)", PARAMETERS)
                    self.assert_shown(self.resync('root'))
            callers.call(self.bus, 'root', 'Set', f"({{'{name}': ''}},)", PARAMETERS)

    def test_proxy(self):
        """nor does a proxy that the user class chose; an admin's gets the proxy's account (HTTP-10, RULE-10)"""
        proxy = servers.Scripted(lambda request: servers.Reply(407, headers={'Proxy-Authenticate': 'Basic realm="r"'}))
        self.pages['/open'] = servers.Reply(body='<flat-profile><Proxy_Host ua="rw"/><Proxy_Port ua="rw"/><Proxy_Username ua="rw">prov</Proxy_Username>'
                                                 '<Proxy_Password ua="rw">canary</Proxy_Password><Proxy_Server_Requires_Authentication>Yes'
                                                 '</Proxy_Server_Requires_Authentication></flat-profile>')
        self.client.wait_finished(self.client.resync(self.server.url + '/open', force=True))
        with proxy:
            def shown(who, **values):
                values = {'Proxy_Host': '127.0.0.1', 'Proxy_Port': str(proxy.port), **values}
                callers.call(self.bus, 'root', 'Reset', "(['Proxy_Host', 'Proxy_Port'],)", PARAMETERS)
                callers.call(self.bus, who, 'Set', bus.GLib.Variant('(a{ss})', (values,)).print_(True), PARAMETERS)
                count = len(proxy.requests)
                self.client.wait_finished(self.client.resync('http://192.0.2.9/x', force=True))
                self.assertGreater(len(proxy.requests), count)
                return [one.headers['proxy-authorization'] for one in proxy.requests[count:] if 'proxy-authorization' in one.headers]
            self.client.set(Proxy_Mode='Manual')
            self.assertEqual(shown('lab-lcd'), [])
            self.assert_shown(shown('lab-web'))
            self.assert_shown(shown('lab-lcd', Proxy_Username='mine', Proxy_Password='own'), 'mine', 'own')

    def test_account_of_its_own(self):
        """it gets the account that the user class itself wrote, name and password (HTTP-3)"""
        callers.call(self.bus, 'lab-lcd', 'Set', "({'Profile_Account_User': 'mine'},)", PARAMETERS)
        for rule in self.rules:
            self.assertEqual(self.resync('lab-lcd', rule), [])
        callers.call(self.bus, 'lab-lcd', 'Set', "({'Profile_Account_Password': 'own'},)", PARAMETERS)
        for rule in self.rules:
            self.assert_shown(self.resync('lab-lcd', rule), 'mine', 'own')


class FactoryReset(unittest.TestCase):
    def test_cells(self):
        """FactoryReset is for root, admins and the user class, and is refused to the others"""
        with bus.Bus(tree.source('dbus', 'org.resyncd.Provisioning1.conf')) as own, \
                bus.Daemon(own, user='resyncd', config={'Network': {'Manager': 'none'}}):
            for who, wanted in zip(CLASSES, EDITORS):
                with self.subTest(who):
                    callers.call(own, 'root', 'Set', "({'GPP_B': 'x'},)", PARAMETERS)
                    self.assertEqual(callers.may(own, who, 'FactoryReset'), wanted)
                    left = callers.call(own, 'root', 'Get', "(['GPP_B'],)", PARAMETERS)
                    self.assertEqual("'x'" in left, wanted != '')


class OpenBus(unittest.TestCase):
    def test_default_deny(self):
        """where the bus lets everybody through, the daemon still refuses who is in none of its groups"""
        with bus.Bus() as own, bus.Daemon(own, user='resyncd', config={'Network': {'Manager': 'none'}}):
            for title, interface, method, arguments, _answers in CELLS:
                with self.subTest(title):
                    self.assertEqual(callers.may(own, 'lab-nobody', method, arguments, interface), NO)


if __name__ == '__main__':
    tap.main('box')
