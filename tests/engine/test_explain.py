#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Explain says of a rule, against what the same daemon then does with it."""

import base64
import os
import re
import struct
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, names, servers, tap  # noqa: E402
from test_resync import Case, Reply, profile  # noqa: E402

# a name that --srv looks up, and where it leads
SERVICE, FAR = '_ciscoprov-http._tcp.far.test', '198.51.100.9'

PARAMETERS = {'GPP_B': 'two', 'GPP_C': '7', 'GPP_D': '%41%zz', 'GPP_E': 'x y', 'GPP_F': '', 'GPP_G': '$MA', 'GPP_H': 'a=$MA',
              'GPP_L': 'sip88xx.11-0-0MPP-7', 'GPP_M': 'a|b', 'GPP_N': '/a/b = /flat-profile/GPP_O;', 'User_ID_1_': 'u1', 'Auth_ID_1_': 'a1',
              'Display_Name_1_': 'Desk'}

# a rule, in which S stands for the server, and what it is asked
FETCHED = (
    ('S/plain.xml', '/plain.xml'),
    ('($SWVER lt 12.0.3)? S/lt | ($SWVER le 12.0.3)? S/le | S/last', '/le'),
    ('($SWVER > 12-0-2)? S/gt | S/last', '/gt'),
    ('(ge sip88xx.11-3-2MPP0001-609.loads)? S/ge | S/last', '/ge'),
    ('(<=12.0.2)? S/first | S/last', '/last'),
    ('("$B" = "two" and "$B" != "t\\150ree" and "$F" eq "")? S/eq', '/eq'),
    ('($C eq 7 and $C ! 8 and $C < 8 and $C >= 7)? S/$C', '/7'),
    ('($PRVST eq -1)? S/asked', '/asked'),
    ('S/$(MA:0:6)/$(MA:6)/$MAU.xml', '/00562b/043615/00562B043615.xml'),
    ('S/$G-$Z-$$', '/$MA-$Z-$'),
    ('S/$F', '/'),
    ('S/$F?a=$F', '/?a='),
    ('S/x.xml?u=$MA&t=$B', '/x.xml?u=00562b043615&t=two'),
    ('S/$SCHEME$PORT$SERVIP/$(SERV)x$PATH', '//x'),
    ('S/%41%20b/\u00e4', '/A%20b/%C3%A4'),
    ('(GPP_I = "a\\042b\\043 $MA";)! S/assigned', '/assigned'),
    ('("$J" eq "")? (GPP_J = "$$A";)! S/before$J | S/never', '/before'),
    ('("$J" eq "$$A")? S/after$J', '/after$A'),
    ('[--uid "a\\043b" --pwd $B] S/account', '/account'),
    ('http://a%23b:$B@H/account', '/account'),
    ('[--post h] S/post', '/post'),
    ('[ --key "k\\040k" --srv ]S/options', '/options'),
    ('/path/$PN', '/path/CP-8851-3PCC'),
    ('$PN.cfg', '/CP-8851-3PCC.cfg'),
    ('http://[::1]:SIX/six', '/six'),
    ('("$PN" = "CP-8832-3PCC")? http://127.0.0.1:DEAD/x | ("$PSN" = "8851-3PCC")? S/second | http://127.0.0.1:DEAD/y', '/second'),
    ('("$B" = "one" and 1 = $F)? S/never | S/$(MA:2:4)', '/562b'),
    ('($L gt sip88xx.9-3-1-7MPP-BN)? S/five | S/last', '/five'),
    ('($L le SIP88XX.11-0-0MPP-7.LOADS)? S/upper | S/last', '/upper'),
    ('($L < 11.0.0(9))? S/less | S/last', '/last'),
    ('("$CCERT" = "Not Installed" and $ISCUST = 1 and $REGTMR1 = 0)? S/$VENDOR/$SN/$(HWVER)/$VERSION', '/Cisco/FCH1234//12.0.3'),
    ('("$EXTIP$UPGERR$UPGCOND$ERR" = "" and $UPGST = 1)? S/$UPGST$EXTIP', '/1'),
    ('($PRVTMR >= 0 and $UPGTMR >= 0)? S/$MAC/$IP', '/00:56:2b:04:36:15/'),
    ('S/$UID1/$(AUTHID1:1)/$DISPLAYNAME1', '/u1/1/Desk'),
    ('S/$M', '/a%7Cb'),
    ('S/$(B:9)$(B:0:0)x$(NONE)$(A:x)', '/x$(NONE)$(A:x)'),
    ('S/$$MA$$$$$B', '/$MA$$two'),
    ('S/$METH$(SCHEME)$UPGTMRS', '/0S'),
    ('S/a;b,c?d=$MA&e=f', '/a;b,c?d=00562b043615&e=f'),
    ('S//two//slashes', '//two//slashes'),
    ('  (\t$SWVER = 12.0.3\n AND $C=7 )?\n\tS/blanks ', '/blanks'),
    ('(GPP_J = "x"; GPP_K = "$(MA:0:2)$B\134";)! [--alias n] S/alias', '/alias'),
    ('(GPP_H = "a=$MA";)! [--post h --uid u] S/post', '/post'),
    ('[--pwd "\164wo" --uid $N --srv] S/pair', '/pair'),
    ('($PRVST ne -1)? S/no | /relative/$B?q', '/relative/two?q'),
    ('$B', '/two'),
    ('S/./a/%2E%2e/b/.?c=/../$MA#d', '/b/?c=/../00562b043615'),
    ('S/b/../$F../c#$B', '/c'),
)

SKIPPED = ('# S/comment', '("$B" ne "two")? S/x', '($SWVER lt 9)? S/x | (gt 13)? S/y', '(GPP_K = "only";)!')

# a rule, and the words of its fault
FAULTS = (
    ('S/%zz', 'two hexadecimal digits'),
    ('S/$D', 'found what “$D” stands for, expected two hexadecimal digits'),
    ('(1 = 1)? S/$E', 'found what “$E” stands for, expected the end of the URL: a blank'),
    ('($B > 1)? S/x', 'column 2: found “$B”'),
    ('[--key $F] S/x', 'column 8: found an empty key'),
    ('[--alias f] S/x', 'GPP_F: --alias names an empty'),
    ('[--post h] tftp://127.0.0.1/x', '--post needs http or https'),
    ('[--delta] S/x', 'column 2: found “--delta”'),
    ('http://127.0.0.1:99999/x', 'column 18: found “99999”'),
    ('http://[::1/x', '“]” after the IPv6 address'),
    ('http://$B$E/x', 'column 10: found what “$E” stands for'),
    ('S/a | S/b', 'only the last alternative'),
    ('| S/x', 'column 1: found “|”, expected an alternative before'),
    ('\u201cS/x\u201d', 'column 1: found the typographic quotation mark U+201C'),
    ('(GPP_K = "x")! S/x y', 'expected “|” or the end of the rule'),
    ('($L gt 11.0.0.0.0.0)? S/x', 'column 8: found a digit, expected an integer, a version'),
    ('($C = 7)? [--key "$F"] S/x | S/y', 'found an empty key'),
    ('http://$M/x', 'column 8: found what “$M” stands for'),
    ('S/$SA', '$SA'),
    ('[--srv] tftp://127.0.0.1/x', 'TFTP Scheme not supported'),
    ('[--uid u --uid v] S/x', '--uid'),
    ('("$B" > "x")? S/x', 'column 7'),
    ('S/x [--srv]', 'expected'),
    ('(GPP_A = "x")? S/x', 'column 2'),
)


class Explained(Case):
    def answer(self, request):
        if request.target == '/account' and 'authorization' not in request.headers:
            return Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'})
        return Reply(body=profile(GPP_P='p'))

    def explain(self, rule):
        """The steps as pairs; the words of a rule that is refused are a fault."""
        try:
            steps = self.client.call('Explain', bus.GLib.Variant('(s)', (rule,)))[0]
        except bus.CallError as error:
            return [('fault', error.message)]
        return [(step['step'], step['text']) for step in steps]

    def follow(self, rule):
        """The last request (server, request) or None, the URL, and what went wrong."""
        asked = {server: len(server.requests) for server in self.servers}
        try:
            result, url, message, _details = self.run_resync(rule, force=True)
        except bus.CallError as error:
            return None, '', error.message.replace(': rule: ', ': ')
        last = [(server, server.requests[-1]) for server in self.servers if len(server.requests) > asked[server]]
        self.assertLessEqual(len(last), 1)
        return last[0] if last else None, url, '' if result in ('success', 'unchanged') else message.removeprefix('rule: ')

    def assert_request(self, told, server, request, target):
        """The told steps are those of that request."""
        self.assertEqual(request.target, target)
        shown, _, elsewhere = dict(told)['fetch'].partition(' from the server that ')
        self.assertEqual(urllib.parse.unquote((server.url if elsewhere else '') + shown).replace('•••', ''),
                         urllib.parse.unquote(server.url + re.sub(r'\?.*', '?…', target)))
        options = [text for step, text in told if step == 'option']
        self.assertEqual(request.method, 'POST' if any('--post' in option for option in options) else 'GET')
        if request.method == 'POST':
            self.assertEqual(request.body, b'a=00562b043615')
        if target == '/account':
            self.assertEqual(request.headers['authorization'], 'Basic ' + base64.b64encode(b'a#b:two').decode())

    def assert_assigned(self, told):
        for step, text in told:
            if step == 'assignment':
                name, value = text.split(' = ', 1)
                self.assertIn(value[1:-1], (self.client.get(name), '•••'))

    def written(self, rule):
        places = {'S': self.server.url, 'H': f'127.0.0.1:{self.server.port}', 'SIX': str(self.six.port), 'DEAD': str(self.dead)}
        return re.sub(r'\b(S|H|SIX|DEAD)(?=/)', lambda match: places[match[1]], rule)

    def assert_fetched(self, rule, target):
        told = self.explain(rule)
        request, _url, message = self.follow(rule)
        self.assertEqual((message, [text for step, text in told if step == 'fault']), ('', []))
        self.assert_request(told, *request, target)
        self.assert_assigned(told)

    def assert_skipped(self, rule):
        told = self.explain(rule)
        self.assertEqual(self.follow(rule), (None, '', 'no rule asked for a profile'))
        self.assertEqual([step for step, _ in told if step in ('skip', 'fetch', 'fault')], ['skip'])
        self.assert_assigned(told)

    def assert_fault(self, rule, words):
        told = self.explain(rule)
        request, _url, message = self.follow(rule)
        self.assertIsNone(request)
        self.assertEqual([text for step, text in told if step in ('fetch', 'fault')], [message])
        self.assertIn(words, message)

    def assert_nobody_there(self, rule):
        """Told like any other; no other alternative is tried."""
        told = self.explain(rule)
        request, url, message = self.follow(rule)
        self.assertEqual((request, dict(told)['fetch']), (None, url))
        self.assertIn('refused', message)
        return told

    def assert_srv(self):
        """The name that is looked up is told; where its first server is dead the second has the file."""
        servers.address(FAR)
        far = self.enterContext(servers.Scripted(self.answer, host=FAR))
        self.servers.append(far)
        records = [names.record(SERVICE, names.SRV, struct.pack('!HHH', order, 0, port) + names.encode('www.far.test'))
                   for order, port in ((1, servers.free_port(host=FAR)), (2, far.port))]
        self.enterContext(names.Scripted({SERVICE: lambda query: query.answer(*records),
                                          'www.far.test': lambda query: query.addresses(FAR)}, '127.0.0.1'))
        names.use('127.0.0.1')
        told = self.explain('[--srv] http://far.test/$MA')
        request, url, message = self.follow('[--srv] http://far.test/$MA')
        self.assertEqual((message, request[0], request[1].target), ('', far, '/00562b043615'))
        self.assertEqual(dict(told)['fetch'], url)
        self.assertIn(SERVICE, dict(told)['option'])

    def assert_search(self):
        """Without a rule of its own a phone looks for its server, or goes to the one it knows, and that is told in the place of the rule."""
        self.assertEqual(self.first()[0], 'success')
        self.client.wait_property('State', lambda state: state == 'idle')
        told = self.explain('')
        self.assertEqual([step for step, _ in told[:4]], ['rule', 'search', 'next', 'rule'])
        self.assertIn(f'provisioned the phone, {self.server.url}/$PN.cfg;', told[1][1])
        request, url, _message = self.follow('')
        self.assertEqual((request[1].target, url), ('/CP-8851-3PCC.cfg', self.server.url + '/CP-8851-3PCC.cfg'))
        self.client.wait_property('State', lambda state: state == 'idle')
        self.client.set(Profile_Rule='/own.xml')
        told = dict(self.explain('Profile_Rule'))
        self.assertIn('where the rule fails', told['search'])
        self.assertTrue(told['fetch'].startswith('/own.xml from the server'))
        self.assertEqual(self.follow('')[0][1].target, '/own.xml')
        self.client.wait_property('State', lambda state: state == 'idle')

    def assert_stored(self):
        """The four rules that are stored, one after another, up to the first that fails."""
        rules = {'Profile_Rule': '("$O" = "p")? S/of/$O | S/none', 'Profile_Rule_B': '# S/no',
                 'Profile_Rule_C': '("$O" = "p")? (GPP_O = "q";)! S/c', 'Profile_Rule_D': '[--key $F] S/d'}
        self.client.set(GPP_O='p', **{name: self.written(rule) for name, rule in rules.items()})
        told = self.explain('')
        self.assertEqual([text for step, text in told if step == 'rule'], list(rules))
        asked = len(self.server.requests)
        _result, _url, message, _details = self.run_resync(force=True)
        self.assertEqual([self.server.url + target for target in self.server.targets()[asked:]], [text for step, text in told if step == 'fetch'])
        self.assertEqual([message], ['Profile_Rule_D: ' + text for step, text in told if step == 'fault'])
        self.assertEqual(self.client.get('GPP_O'), 'q')

    def test_what_was_told(self):
        """a rule that is asked about and then followed fetches what was told, assigns it, or fails with the words of the fault (RULE-1, RULE-2,
        RULE-3, RULE-4, RULE-5, RULE-6, RULE-7, RULE-8, RULE-10, PHONE-3, PHONE-4, DISC-14)"""
        self.server = self.enterContext(servers.Scripted(self.answer))
        self.six = self.enterContext(servers.Scripted(self.answer, host='::1'))
        self.servers, self.dead = [self.server, self.six], servers.free_port()
        client = self.phone(f'66=http://127.0.0.1:{self.server.port}')
        self.assert_search()
        client.set(**PARAMETERS)
        for rule, target in FETCHED:
            with self.subTest(rule):
                self.assert_fetched(self.written(rule), target)
        for rule in SKIPPED:
            with self.subTest(rule):
                self.assert_skipped(self.written(rule))
        for rule, words in FAULTS:
            with self.subTest(rule):
                self.assert_fault(self.written(rule), words)
        self.assert_nobody_there(self.written('http://127.0.0.1:DEAD/$MA.xml'))
        told = self.assert_nobody_there(self.written('($C = 7)? http://127.0.0.1:DEAD/$MA.xml | S/never'))
        self.assertIn(('alternative', '2 of 2: not looked at, whatever becomes of the one before'), told)
        self.assert_srv()
        self.assert_stored()


if __name__ == '__main__':
    tap.main('box')
