# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl check in depth: places inside of values, what a provider is warned of, documents for programs."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import run  # noqa: E402
from lib import tap, tree  # noqa: E402

CATALOGUE = tree.source('data', 'catalogue')


class Case(run.Files):
    def faults(self, content, *arguments):
        """(kind, line, column, name, message) of each."""
        done = run.ctl('--json', '--catalogue', CATALOGUE, 'check', *arguments, self.file(content))
        self.assertEqual(done.stderr, '')
        return [(fault['kind'], fault['line'], fault['column'], fault['name'], fault['message']) for fault in json.loads(done.stdout)['faults']]

    def all_of(self, contents):
        """The same for each of several, checked at once."""
        paths = [self.file(f'<flat-profile>\n{content}\n</flat-profile>\n', f'{number}.xml') for number, content in enumerate(contents)]
        done = run.ctl('--json', '--catalogue', CATALOGUE, 'check', *paths)
        self.assertEqual(done.stderr, '')
        found = {path: [] for path in paths}
        for fault in json.loads(done.stdout)['faults']:
            found[fault['file']].append((fault['kind'], fault['line'], fault['column'], fault['name'], fault['message']))
        return zip(contents, found.values())

    def flat(self, content, *arguments):
        return self.faults(f'<flat-profile>\n{content}\n</flat-profile>\n', *arguments)


class Places(Case):
    # what stands before the fault in a value of Resync_Trigger_1, whose fault is an “@”; the column of the fault where it is not the “@” of
    # the first line
    VALUES = (
        ('$UPGTMR gt @', None), ('   $UPGTMR gt @', None), ('$UPGTMR &gt; @', None), ('&#36;UPGTMR &#x67;t @', None),
        ('<![CDATA[$UPGTMR gt @]]>', None), ('$UPGTMR <!-- greater --> gt @', None), ('$UPG<?x y?>TMR gt @', None),
        ('$UPGTMR gt\n   @', (3, 4)), ('\n\n$UPGTMR gt 1 and\n"ü" eq @', (5, 8)), ('"ü€😀" eq "" and @', None),
        ('<![CDATA[$UPGTMR]]> gt<!-- > --> @', None), ('$UPGTMR gt &amp;', (2, 31)), ('$UPGTMR gt', (2, 29)), ('<!-- x -->&#32;@', None),
    )

    def test_in_values(self):
        """a fault inside of a value is shown where it stands in the file, however the value is written (RULE-10, PROF-4)"""
        for value, place in self.VALUES:
            text = f'<Resync_Trigger_1 ua="na">{value}</Resync_Trigger_1>'
            if place is None:
                place = (2, text.index('@') + 1)
            elif '@' not in value:
                place = (2, len('<Resync_Trigger_1 ua="na">') + len(value.replace('&amp;', '')) + 1)
            for ending in ('\n', '\r\n'):
                with self.subTest(value=value, ending=ending):
                    found = self.faults(f'<flat-profile>\n{text}\n</flat-profile>\n'.replace('\n', ending))
                    self.assertEqual([fault[:4] for fault in found], [('bad-rule', *place, 'Resync_Trigger_1')])
                    self.assertNotIn('column', found[0][4])

    def test_encodings(self):
        """columns are characters, whatever bytes they are (PROF-4)"""
        text = '<?xml version="1.0" encoding="{}"?><flat-profile>\n<GPP_A>üüü</GPP_A><Upgrade_Rule>ü | x</Upgrade_Rule></flat-profile>'
        for encoding in ('UTF-8', 'ISO-8859-1', 'UTF-16'):
            with self.subTest(encoding):
                found = self.faults(text.format(encoding).encode(encoding))
                self.assertEqual([fault[:4] for fault in found], [('bad-rule', 2, 35, 'Upgrade_Rule')])

    def test_plain(self):
        """the plain-text form has places as well (PROF-9)"""
        found = self.faults('# one\nGPP_A "x" ; Resync_Trigger_1 ! # two\n  "  1 gt\n 2 and @" ;\nResync_Periodic"1,2,x";\n')
        self.assertEqual([fault[:4] for fault in found], [('bad-rule', 4, 8, 'Resync_Trigger_1'), ('bad-value', 5, 21, 'Resync_Periodic')])

    def test_several_in_one_line(self):
        """each is shown at its own element"""
        found = self.flat('<GPP_A>1</GPP_A><Resync_Periodic>a</Resync_Periodic><Nonesuch1/><Resync_Periodic>1,b</Resync_Periodic>')
        self.assertEqual([fault[:4] for fault in found],
                         [('bad-value', 2, 34, 'Resync_Periodic'), ('unknown-name', 2, 53, 'Nonesuch1'), ('duplicate', 2, 65, 'Resync_Periodic'),
                          ('bad-value', 2, 84, 'Resync_Periodic')])


SECRET = '<Password_1_>canary</Password_1_>'

# what a file says, and the rules that are told of for what they would show
CLEAR = (
    ('<Profile_Rule>http://h/x</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>http://h/x</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>h/x</Profile_Rule>', ['Profile_Rule']),
    # no scheme is written: the server that the network names may be one of tftp
    (f'{SECRET}<Profile_Rule>/x.cfg</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>$PN.cfg</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>[--key $SA] /x.cfg</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>$SCHEME://h/x</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>$A/x</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>$A/x</Profile_Rule><GPP_A>https://h</GPP_A>', []),
    (f'{SECRET}<Profile_Rule>$A/x</Profile_Rule><GPP_A>http://h</GPP_A>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>$(A:9:9)/x</Profile_Rule><GPP_A>tftp://h;https://i</GPP_A>', []),
    (f'{SECRET}<Profile_Rule>$A://h/x</Profile_Rule><GPP_A>HTTPS</GPP_A>', []),
    # what fetches no file makes no other rule safe
    (f'{SECRET}<Profile_Rule>gds://</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>gds://</Profile_Rule><Profile_Rule_B>http://h/x</Profile_Rule_B>', ['Profile_Rule_B']),
    (f'{SECRET}<Profile_Rule>/x.cfg</Profile_Rule><Profile_Rule_B>http://h/x</Profile_Rule_B>', ['Profile_Rule', 'Profile_Rule_B']),
    (f'{SECRET}<Profile_Rule>$A/x</Profile_Rule><Profile_Rule_B>tftp://h/x</Profile_Rule_B>', ['Profile_Rule', 'Profile_Rule_B']),
    (f'{SECRET}<Profile_Rule>/x.cfg</Profile_Rule><Profile_Rule_B>https://h/x</Profile_Rule_B>', ['Profile_Rule']),
    # secrets that a rule assigns, and accounts in values
    ('<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>(Password_1_ = "canary";)!</Profile_Rule_B>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>(Profile_Rule = "[--key canary] http://h/";)!</Profile_Rule_B>',
     ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>(GPP_A = "http://u:canary@h";)!</Profile_Rule_B>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>(Password_1_ = "$A"; Resync_Periodic = "60";)!</Profile_Rule_B>', []),
    ('<Profile_Rule>http://h/x</Profile_Rule><GPP_P>https://u:canary@h/;https://i/</GPP_P>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><PAC_URL>http://h/x?key=canary</PAC_URL>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><Report_Rule>https://h/x [--key canary] https://h/y</Report_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><GPP_P>https://h/;http://u@h/</GPP_P>', []),
    ('<Profile_Rule>[--uid u --pwd $SA] /x.xml</Profile_Rule>', ['Profile_Rule']),
    ('<Custom_CA_Rule>/ca.pem</Custom_CA_Rule>', ['Custom_CA_Rule']),
    (f'{SECRET}<Profile_Rule>https://h/x</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>[--key $SA] tftp://h/x</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>https://h/y</Profile_Rule_B>', ['Profile_Rule']),
    # each alternative that a phone may come to
    (f'{SECRET}<Profile_Rule>($SWVER lt 11)? http://h/x | https://h/x</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>(&lt;11)? https://h/x | (&lt;12)? tftp://h/y | http://h/z</Profile_Rule>', ['Profile_Rule'] * 2),
    (f'{SECRET}<Profile_Rule_C>(1 eq 1)? https://h/x | http://h/y</Profile_Rule_C>', []),
    (f'{SECRET}<Profile_Rule>(1=2)? https://h/x | http://h/y</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>("$PN" = "1" and "a"="b")? http://h/x | https://h/y</Profile_Rule>', []),
    # of two that set the same the last counts
    (f'{SECRET}<Profile_Rule>https://h/x</Profile_Rule><Profile_Rule>http://h/x</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule>https://h/x</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule/>', []),
    (f'<GPP_A>http://h</GPP_A>{SECRET}<Profile_Rule>$A/x</Profile_Rule><GPP_A>https://h</GPP_A>', []),
    # a key that may be empty is none only where the file makes it so
    (f'{SECRET}<Profile_Rule>[--key $B] http://h/x</Profile_Rule>', []),
    (f'{SECRET}<IKM_HTTP_Encrypt_Content/><Profile_Rule>http://h/x</Profile_Rule>', ['Profile_Rule']),
    # secrets of the rule itself
    ('<Profile_Rule>(Password_1_ = "canary";)! http://h/x</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>(Password_1_ = "canary";)! https://h/x</Profile_Rule>', []),
    ('<Profile_Rule>[--key canary] http://h/x</Profile_Rule>', []),
    ('<Profile_Rule>(&lt;11)? [--key canary] http://h/x | http://h/y</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>(&lt;11)? [--uid u --pwd canary] https://h/x | http://h/y</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>(Password_1_ = "canary";)! [--uid u --pwd canary] http://h/x</Profile_Rule>', ['Profile_Rule'] * 2),
    ('<Profile_Rule>(Profile_Rule_B = "(Password_1_ = \\042canary\\042)!")! http://h/x</Profile_Rule>', ['Profile_Rule']),
    # a rule that a rule assigns
    (f'{SECRET}<Profile_Rule>(Profile_Rule = "http://h/x";)!</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Profile_Rule>https://h/x</Profile_Rule><Profile_Rule_B>("$A" = "")? (Profile_Rule_C = "http://h/x";)! https://h/y</Profile_Rule_B>',
     ['Profile_Rule_B']),
    (f'{SECRET}<Profile_Rule>(1=2)? (Profile_Rule = "http://h/x";)! | https://h/x</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>(Profile_Rule = "[--key $$B] http://h/x";)! https://h/x</Profile_Rule>', []),
    (f'{SECRET}<Profile_Rule>(Upgrade_Rule = "http://h/x";)! https://h/x</Profile_Rule>', []),
    ('<Profile_Rule>(Profile_Rule = "http://h/x";)!</Profile_Rule>', []),
    ('<Profile_Rule>(Upgrade_Rule = "http://h/x?token=canary")! https://h/x</Profile_Rule>', ['Profile_Rule']),
    ('<GPP_A>tok=$B</GPP_A><GPP_B>1</GPP_B><Profile_Rule_B>[--post a] http://h/x</Profile_Rule_B>', ['Profile_Rule_B'] * 2),
    # registers that are used as secrets
    ('<GPP_A>canary</GPP_A><Profile_Rule>http://h/x</Profile_Rule>', []),
    ('<GPP_A>canary</GPP_A><Profile_Rule>http://h/x</Profile_Rule><Upgrade_Rule>[--uid u --pwd $A] https://h/f</Upgrade_Rule>',
     ['Profile_Rule']),
    ('<GPP_A>canary</GPP_A><Profile_Rule>http://h/x</Profile_Rule><Report_Rule>[--key $(A:0:9)] https://h/f</Report_Rule>', ['Profile_Rule']),
    ('<GPP_A>canary</GPP_A><Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>(Password_1_="$A")!</Profile_Rule_B>', ['Profile_Rule']),
    ('<GPP_A>canary</GPP_A><Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>https://h/x?m=$MA&amp;token=$A</Profile_Rule_B>',
     ['Profile_Rule']),
    ('<GPP_A>canary</GPP_A><Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>https://h/x?m=$A&amp;token=$MA</Profile_Rule_B>', []),
    # bodies
    *((f'<GPP_A>{body}</GPP_A><Profile_Rule_B>[--post a] http://h/x</Profile_Rule_B>', ['Profile_Rule_B'] * 2)
      for body in ('mac=$MA&amp;password=canary', 'token=canary', '{"mac": "$MA", "api_key": "canary"}', 'user=a, pin=canary')),
    *((f'<GPP_A>{body}</GPP_A><Profile_Rule_B>[--post a] http://h/x</Profile_Rule_B>', [])
      for body in ('mac=$MA&amp;model=$PN', 'password=&amp;a=b', 'token=$MA', '{"mac": "$MA"}')),
    ('<GPP_A>password=canary</GPP_A><Profile_Rule_B>[--post a] https://h/x</Profile_Rule_B>', []),
    ('<GPP_A>/a/password = /flat-profile/Password_1_</GPP_A><Profile_Rule_B>[--alias a] http://h/x</Profile_Rule_B>', []),
    (f'{SECRET}<IKM_HTTP_Encrypt_Content>canary</IKM_HTTP_Encrypt_Content><Profile_Rule>http://h/x</Profile_Rule>', []),
    (f'{SECRET}<IKM_HTTP_Encrypt_Content>canary</IKM_HTTP_Encrypt_Content><Profile_Rule>tftp://h/x</Profile_Rule>', ['Profile_Rule']),
    (f'{SECRET}<Upgrade_Rule>http://h/fw.loads</Upgrade_Rule><Report_Rule>http://h/up</Report_Rule>', []),
    ('<Password_1_/><Profile_Rule>http://h/x</Profile_Rule>', []),
    ('<Profile_Rule>[--uid u --pwd canary] http://h/x</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>[--uid u --pwd $SA --key $SB] http://h/x</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>http://u:canary@h/x</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>https://u:canary@h/x</Profile_Rule>', []),
    ('<Upgrade_Rule>[--uid u --pwd canary] http://h/x</Upgrade_Rule>', ['Upgrade_Rule']),
    ('<Profile_Rule>http://h/x?mac=$MA&amp;token=canary</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x?mac=$MA&amp;token=</Profile_Rule>', []),
    ('<Profile_Rule>https://h/x?password=canary</Profile_Rule>', []),
    # names that are those of a secret, and names and values that are not
    *((f'<Profile_Rule>http://h/x?mac=$MA&amp;{field}=canary</Profile_Rule>', ['Profile_Rule'])
      for field in ('key', 'pw', 'pass', 'api_key', 'X-Auth', 'userPass', 'PIN', 'secret2', 'auth')),
    *((f'<Profile_Rule>http://h/x?{field}</Profile_Rule>', [])
      for field in ('author=me', 'auth=$MA', 'key=$MAU', 'token=$(SN)', 'monkey=1', 'compass=n', 'keyboard=de', 'key', 'passport=x',
                    'pinned=1', 'pw=')),
    ('<Profile_Rule>http://h/x?key=$A</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>/x?key=canary</Profile_Rule>', ['Profile_Rule']),
    ('<Profile_Rule>http://h/x</Profile_Rule><Profile_Rule_B>[--uid u --pwd canary] http://h/y</Profile_Rule_B>',
     ['Profile_Rule', 'Profile_Rule_B']),
    ('<Custom_CA_Rule>http://h/ca.pem</Custom_CA_Rule>', ['Custom_CA_Rule']),
    ('<Custom_CA_Rule>https://h/ca.pem</Custom_CA_Rule>', []),
    # PAC_URL
    ('<PAC_URL>http://u:canary@h/x.pac</PAC_URL>', ['PAC_URL']), ('<PAC_URL>https://u:canary@h/x.pac</PAC_URL>', []),
    ('<PAC_URL>http://u@h/x.pac</PAC_URL>', []))


# what is written is not what is meant, and the one fault of it
NOT_MEANT = (
    # URLs that lead elsewhere than they look
    *((f'<Profile_Rule>{url}</Profile_Rule>', ('bad-rule', 2, 14 + column, 'Profile_Rule')) for url, column in (
        ('192.168.1.1', 1), ('192.168.1.1:8080', 1), ('h.example.com', 1), ('example.de', 1), ('https//h/x', 6), ('HTTP/x', 5),
        ('http:\\\\h\\x', 6), ('//h/x', 1), ('https:///a.xml', 9), ('https://h/x;', 12), ('https://h/x,', 12),
        ('https://h/x,https://h/y', 13), ('https://h/x;http://h/y;', 13))),
    ('<Report_Rule>https://h/x, https://h/y</Report_Rule>', ('bad-rule', 2, 25, 'Report_Rule')),
    ('<Profile_Rule>$SCHEME://$SERV:$PORT/x</Profile_Rule>', ('constant', 2, 15, 'Profile_Rule')),
    ('<Profile_Rule>https://h/ü$(PATH:1)</Profile_Rule>', ('constant', 2, 26, 'Profile_Rule')),
    ('<Profile_Rule>("$SCHEME" = "https")? https://h/ | https://i/</Profile_Rule>', ('constant', 2, 17, 'Profile_Rule')),
    # PHONE-4: macros that are none, or end too early
    *((f'<Profile_Rule>https://h/{text}.xml</Profile_Rule>', ('unknown-macro', 2, 25, 'Profile_Rule'))
      for text in ('$GPP_A', '${MA}', '$MAC_ADDR', '{mac}', '{MAC_ADDR}', '$SERIAL', '<mac>'.replace('<', '&lt;'), '@MAC@', '[MAC]', '#MAC#')),
    *((f'<Log_Request_Msg>ü {text}</Log_Request_Msg>', ('unknown-macro', 2, 20, 'Log_Request_Msg'))
      for text in ('$FOO', '${MA}', '%MA%', '{sn}', '$GPP_A', '%model%')),
    *((f'<GPP_A>a={text}</GPP_A><Profile_Rule>[--post a] https://h/</Profile_Rule>', ('unknown-macro', 2, 10, 'GPP_A'))
      for text in ('$GPP_B', '${MA}', '%mac%')),
    # conditions that are decided before any phone
    *((f'<Profile_Rule>({condition})? https://h/x | https://h/y</Profile_Rule>', ('constant', 2, column, 'Profile_Rule'))
      for condition, column in (('1 = 2', 16), ('"PN" = "CP-8851-3PCC"', 17), ('"1" = "SWVER"', 23), ('$PRVST eq 1 and 1 gt 2', 16), ('1 = 1', 16),
                                ('$SWVER lt 11.0 and $SWVER gt 12.0', 16), ('"$A" = "x" and $SWVER gt 11 and "$A" = "y"', 17),
                                ('$PRVTMR ge 5 and $PRVTMR lt 5', 16), ('$PRVTMR gt 5 and $PRVTMR = 5', 16), ('$PRVTMR != 5 and $PRVTMR = 5', 16))),
    # RULE-2: an alternative's own assignments come too late for its URL and options
    *((f'<Profile_Rule>("$A" = "")? (GPP_B = "y"; GPP_A = "x";)! {rest} | https://h/y</Profile_Rule>', ('constant', 2, 42, 'Profile_Rule'))
      for rest in ('https://h/$A', 'https://h/?a=$(A:1)', '[--uid $A] https://h/', '[--key "$A"] https://h/')),
    # options
    *((f'<Profile_Rule>[{option} {text}] https://h/</Profile_Rule>', ('unknown-macro', 2, column, 'Profile_Rule'))
      for option, text, column in (('--key', 'SB', 22), ('--uid u --pwd', '"GPP_A"', 31), ('--uid', 'MA', 22))),
    ('<Report_Rule>[--delta --status] https://h/</Report_Rule>', ('passed-over', 2, 33, 'Report_Rule')),
    ('<Profile_Rule>(1 = 2)? https://h/x</Profile_Rule>', ('constant', 2, 16, 'Profile_Rule')),
    ('<Profile_Rule>(lt 12.0.1)? https://h/x | ($SWVER&lt;12.0.1)? https://h/y | https://h/z</Profile_Rule>',
     ('constant', 2, 43, 'Profile_Rule')),
    ('<Profile_Rule>("$PN" eq "a b")? https://h/x | ("$A" = "")? https://h/y | ("$PN"="a b" )? https://h/z</Profile_Rule>',
     ('constant', 2, 76, 'Profile_Rule')))


class Warnings(Case):
    def test_clear_text(self):
        """secrets that a rule of the file would carry over the network for all to read, and those that it would not"""
        for (content, found), (_, names) in zip(self.all_of([row[0] for row in CLEAR]), CLEAR, strict=True):
            with self.subTest(content):
                self.assertNotIn('canary', repr(found))
                self.assertEqual({fault[0] for fault in found} - {'clear-text', 'duplicate', 'constant'}, set(), found)
                self.assertEqual([fault[3] for fault in found if fault[0] == 'clear-text'], names)

    def test_empty_keys(self):
        """an empty key is none, whoever makes it so (ENC-1)"""
        rows = tuple(f'{SECRET}{register}<Profile_Rule>[--key {key}] http://h/x</Profile_Rule>'
                     for register, key in (('', '""'), ('<GPP_A/>', '$A'), ('<GPP_SA>""</GPP_SA>', '$SA'), ('<GPP_A>x</GPP_A>', '$(A:1)')))
        for content, found in self.all_of(rows):
            with self.subTest(content):
                self.assertIn(('clear-text', 'Profile_Rule'), [(fault[0], fault[3]) for fault in found])

    def test_other_warnings(self):
        """what has no effect, or another one than it seems"""
        rows = (
            ('<Profile_Rule>[--uid u] tftp://h/x</Profile_Rule>', ('passed-over', 2, 25, 'Profile_Rule')),
            ('<Profile_Rule>[--pwd $SA] https://h/x</Profile_Rule>', ('passed-over', 2, 22, 'Profile_Rule')),
            ('<Profile_Rule>[--uid "" --pwd $SA] https://h/x</Profile_Rule>', ('passed-over', 2, 31, 'Profile_Rule')),
            ('<Profile_Rule>[--srv] tftp://h/x</Profile_Rule>', ('bad-rule', 2, 23, 'Profile_Rule')),
            ('<Profile_Rule>https://h/$X.xml</Profile_Rule>', ('unknown-macro', 2, 25, 'Profile_Rule')),
            ('<Profile_Rule>https://h/$(MA:1:).xml</Profile_Rule>', ('unknown-macro', 2, 25, 'Profile_Rule')),
            ('<Profile_Rule>(Resync_Perodic = "1";)! https://h/x</Profile_Rule>', ('unknown-name', 2, 16, 'Resync_Perodic')),
            ('<Profile_Rule>(GPP_A = "1"; Resync_Periodic = "x";)! https://h/x</Profile_Rule>', ('bad-value', 2, 29, 'Profile_Rule')),
            ('<GPP_C>nonsense</GPP_C><Profile_Rule>[--alias c] https://h/x</Profile_Rule>', ('bad-alias-map', 2, 8, 'GPP_C')),
            ('<GPP_C>""</GPP_C><Profile_Rule>[--alias c] https://h/x</Profile_Rule>', ('bad-alias-map', 2, 1, 'GPP_C')),
            ('<GPP_C/><Profile_Rule>[--alias c] https://h/x</Profile_Rule>', ('bad-alias-map', 2, 1, 'GPP_C')),
            ('<GPP_C>/a/b = /flat-profile/Nonesuch1</GPP_C><Profile_Rule>[--alias c] https://h/x</Profile_Rule>',
                 ('unknown-name', 2, 29, 'Nonesuch1')),
            ('<Log_Request_Msg>a</Log_Request_Msg>\n<Log_Resync_Request_Msg>b</Log_Resync_Request_Msg>',
                 ('duplicate', 3, 1, 'Log_Resync_Request_Msg')),
            ('<GPP_A ua="RW">x</GPP_A>', ('passed-over', 2, 1, 'GPP_A')),
            ('<GPP_A UA="na">x</GPP_A>', ('passed-over', 2, 1, 'GPP_A')),
            # SCHED-4
            ('<Resync_Error_Retry_Delay>60,300,59+600</Resync_Error_Retry_Delay>', ('raised', 2, 34, 'Resync_Error_Retry_Delay')),
            ('<Resync_Error_Retry_Delay>1</Resync_Error_Retry_Delay>', ('raised', 2, 27, 'Resync_Error_Retry_Delay')),
            ('<Report_Rule>https://a/x https://b/y https://c/z</Report_Rule>', ('bad-rule', 2, 38, 'Report_Rule')),
            # what can never be followed
            ('<Report_Rule>[--post a] https://a/x</Report_Rule>', ('bad-rule', 2, 15, 'Report_Rule')),
            ('<Report_Rule>https://a/x [--alias b] https://a/x</Report_Rule>', ('bad-rule', 2, 27, 'Report_Rule')),
            ('<Profile_Rule>[--post a] tftp://a/x</Profile_Rule>', ('bad-rule', 2, 26, 'Profile_Rule')),
            ('<GPP_A>k=$MA,$SB</GPP_A><Profile_Rule>[--post a] https://a/x</Profile_Rule><Profile_Rule_B>[--post a] https://a/x</Profile_Rule_B>',
                 ('bad-rule', 2, 14, 'GPP_A')),
            ('<GPP_P>http://h;http://i</GPP_P><Profile_Rule>$P/x</Profile_Rule>', ('bad-rule', 2, 47, 'Profile_Rule')),
            ('<Profile_Rule>(Profile_Rule_B = "https://h/x | y";)! https://a/x</Profile_Rule>', ('bad-rule', 2, 16, 'Profile_Rule')),
            ('<Profile_Rule>(Resync_Trigger_1 = "12";)! https://a/x</Profile_Rule>', ('bad-rule', 2, 16, 'Profile_Rule')),
            ('<Profile_Rule>(-1 = 1.2.3)? https://a/x</Profile_Rule>', ('bad-rule', 2, 16, 'Profile_Rule')),
            ('<GPP_A>new</GPP_A><Profile_Rule>($A lt 11)? https://a/x | https://b/x</Profile_Rule>', ('bad-rule', 2, 34, 'Profile_Rule')),
            (f'<GPP_A>{"x" * 40000}</GPP_A><Profile_Rule>("$A$A" = "x")? https://h/ | https://i/</Profile_Rule>',
             ('bad-rule', 2, 40032, 'Profile_Rule')),
            *((f'<Profile_Rule>[--srv] {url}</Profile_Rule>', ('bad-rule', 2, 23, 'Profile_Rule')) for url in ('/x', '$PN.cfg', 'h/x', '$MAC/x')),
            ('<GPP_A>tftp://h</GPP_A><Profile_Rule>[--srv] $A/x</Profile_Rule>', ('bad-rule', 2, 46, 'Profile_Rule')),
            ('<GPP_A>tftp://h</GPP_A><Profile_Rule>[--post b] $A/x</Profile_Rule>', ('bad-rule', 2, 49, 'Profile_Rule')),
            ('<Upgrade_Rule>$MAC/x</Upgrade_Rule>', ('bad-rule', 2, 15, 'Upgrade_Rule')),
            (f'<GPP_A>{"x" * 40000}</GPP_A><Profile_Rule>https://h/$A$A</Profile_Rule>', ('bad-rule', 2, 40030, 'Profile_Rule')),
            (f'<GPP_A>{"x" * 40000}</GPP_A><Profile_Rule>(GPP_B = "$A$A";)! https://h/</Profile_Rule>', ('bad-rule', 2, 40040, 'Profile_Rule')),
            (f'<GPP_A>{"x" * 40000}</GPP_A><Log_Success_Msg>$A$A</Log_Success_Msg>', ('bad-value', 2, 40035, 'Log_Success_Msg')),
            ('<Log_Request_Msg>$MA $SA</Log_Request_Msg>', ('bad-value', 2, 22, 'Log_Request_Msg')),
            ('<Log_Upgrade_Failure_Msg>$X</Log_Upgrade_Failure_Msg>', ('unknown-macro', 2, 26, 'Log_Upgrade_Failure_Msg')),
            ('<HTTP_User_Agent_Name>phone $SB</HTTP_User_Agent_Name>', ('bad-value', 2, 29, 'HTTP_User_Agent_Name')),
            # STORE-3: what a rule makes a secret is no word of a message
            ('<Log_Request_Msg>ü $MA $(A:2)</Log_Request_Msg><Profile_Rule>[--key $A] https://h/</Profile_Rule>',
                 ('passed-over', 2, 24, 'Log_Request_Msg')),
            ('<HTTP_User_Agent_Name>$A</HTTP_User_Agent_Name><GPP_A>x</GPP_A><Report_Rule>https://h/?token=$A</Report_Rule>',
                 ('passed-over', 2, 23, 'HTTP_User_Agent_Name')),
            ('<Downgrade_Rev_Limit>abc</Downgrade_Rev_Limit>', ('bad-value', 2, 1, 'Downgrade_Rev_Limit')),
            *((f'<PAC_URL>{url}</PAC_URL>', ('bad-value', 2, 1, 'PAC_URL')) for url in ('htp://h/x', '/proxy.pac', 'gds://')),
            ('<SIP_Port_1_>70000</SIP_Port_1_>', ('bad-value', 2, 1, 'SIP_Port_1_')),
            ('<DHCP_Option_To_Use>66,999</DHCP_Option_To_Use>', ('bad-value', 2, 24, 'DHCP_Option_To_Use')),
            ('<DHCPv6_Option_To_Use>17,70000</DHCPv6_Option_To_Use>', ('bad-value', 2, 26, 'DHCPv6_Option_To_Use')),
            ('<Upgrade_Rule>gds://</Upgrade_Rule>', ('bad-rule', 2, 15, 'Upgrade_Rule')),
            ('<Report_Rule>gds://</Report_Rule>', ('bad-rule', 2, 14, 'Report_Rule')),
            ('<Profile_Rule>(1 eq 1 and $PN eq 8851)? https://a/x</Profile_Rule>', ('bad-rule', 2, 27, 'Profile_Rule')),
            ('<Profile_Rule>($MA eq 000E08AABBCC)? https://a/x</Profile_Rule>', ('bad-rule', 2, 16, 'Profile_Rule')),
            ('<Profile_Rule>("$MA" eq "000E08AABBCC")? https://a/x</Profile_Rule>', ('constant', 2, 17, 'Profile_Rule')),
            ('<Profile_Rule>("000e08aabbcc" ne "$MAU")? https://a/x</Profile_Rule>', ('constant', 2, 35, 'Profile_Rule')),
            ('<Profile_Rule>("$(MA:0:6)" eq "000E08")? https://a/x</Profile_Rule>', ('constant', 2, 17, 'Profile_Rule')),
            ('<Profile_Rule>("$MAC" eq "000e08aabbcc")? https://a/x</Profile_Rule>', ('constant', 2, 17, 'Profile_Rule')),
            ('<Profile_Rule>("$CCERT" eq "Yes")? https://a/x</Profile_Rule>', ('constant', 2, 17, 'Profile_Rule')),
            ('<Resync_Trigger_1>$PRVST eq 3</Resync_Trigger_1>', ('constant', 2, 19, 'Resync_Trigger_1')))
        for (content, found), (_, wanted) in zip(self.all_of([row[0] for row in rows]), rows, strict=True):
            with self.subTest(content):
                self.assertEqual([fault[:4] for fault in found], [wanted])
        # several at once, each at its place
        rows = (
            ('<Profile_Rule>https://h/$X/$MA/$(MA:x)/$$Y/$Z.xml</Profile_Rule>',
             [('unknown-macro', 2, 25, 'Profile_Rule'), ('unknown-macro', 2, 32, 'Profile_Rule'), ('unknown-macro', 2, 44, 'Profile_Rule')]),
            ('<GPP_A>$X $MA $Y</GPP_A><Profile_Rule>[--post a] https://h/</Profile_Rule>',
             [('unknown-macro', 2, 8, 'GPP_A'), ('unknown-macro', 2, 15, 'GPP_A')]),
            ('<GPP_C>/a = /flat-profile/Nonesuch1 ;\n b ;; /c = Name ;\n/d = /flat-profile/Nonesuch2</GPP_C>\n'
             '<Profile_Rule>[--alias c] https://h/x</Profile_Rule>',
             [('unknown-name', 2, 27, 'Nonesuch1'), ('bad-alias-map', 3, 2, 'GPP_C'), ('bad-alias-map', 3, 5, 'GPP_C'),
              ('bad-alias-map', 3, 12, 'GPP_C'), ('unknown-name', 4, 20, 'Nonesuch2')]))
        for (content, found), (_, wanted) in zip(self.all_of([row[0] for row in rows]), rows, strict=True):
            with self.subTest(content):
                self.assertEqual([fault[:4] for fault in found], wanted)

    def test_not_meant(self):
        """URLs that lead elsewhere than they look, macros that are none or end too early, conditions that no phone decides (RULE-2, RULE-7, PHONE-4)"""
        for (content, found), (_, wanted) in zip(self.all_of([row[0] for row in NOT_MEANT]), NOT_MEANT, strict=True):
            with self.subTest(content):
                self.assertEqual([fault[:4] for fault in found], [wanted])

    def test_what_is_quoted(self):
        """what may be a secret stands in no message: what a register is compared with, and what goes on behind the blank in a query (STORE-3, RULE-10)"""
        rows = ('("$A" = canary)? [--key $A] https://h/', '("$A" = "x" canary)? https://h/', '(canary = "$(A:1)")? https://h/',
                'https://h/?a=x http://h/canary', '(1 = 1)? https://h/ | ($A eq canary)? https://i/')
        for content, found in self.all_of(tuple(f'<Profile_Rule>{rule}</Profile_Rule>' for rule in rows)):
            with self.subTest(content):
                self.assertIn('bad-rule', [fault[0] for fault in found])
                self.assertNotIn('canary', repr(found))
        (_, found), = self.all_of(('<Profile_Rule>("$PN" = word)? https://$A/</Profile_Rule>',))
        self.assertIn('word', found[0][4])

    def test_no_warnings(self):
        """of what may well be nothing is told"""
        self.assertEqual(self.flat('<Profile_Rule>("$MA" eq "000e08aabbcc" and "$(MAU:0:6)" ne "000E08" and "$PN" eq "8851" and "$A" eq "X" and "$MA" ne ""'
                                   ' and $PRVST eq -1 and $PRVST lt 9 and "$CCERT" ne "Installed" and $UID1 eq 4001 and "$(CCERT:0:3)" eq "Not")?'
                                   ' [--post a] https://a/x</Profile_Rule><GPP_A>k=$MA $$SB</GPP_A>'), [])
        self.assertEqual(self.flat('<Resync_Error_Retry_Delay>60,0,300+5</Resync_Error_Retry_Delay><Resync_Periodic>30</Resync_Periodic>'), [])
        self.assertEqual(self.flat('<Profile_Rule># https://h/$X | [</Profile_Rule><GPP_A>costs $5 and $x</GPP_A>'), [])
        sound = ('<GPP_A/><Profile_Rule>("$A" ne "")? $A/x | ("$A" eq "")? https://h/x | ($A gt 5)? $A | [--alias a] https://h/x</Profile_Rule>',
                 '<Profile_Rule>[--srv] $A/x</Profile_Rule><Profile_Rule_B>[--post b] $(A:0:9)/x</Profile_Rule_B>',
                 '<Profile_Rule>[--srv] http://$IP:$PRVTMR</Profile_Rule><Report_Rule>$SCHEME://$IP/$MAC.$ERR</Report_Rule>',
                 '<Profile_Rule>("$A" = "")? (GPP_A = "x"; GPP_B = "$A$C"; Profile_Rule_B = "https://h/$$A";)! [--post a] https://h/$C</Profile_Rule>',
                 # files, and not servers
                 *(f'<Profile_Rule>{url}</Profile_Rule>' for url in (
                     'spa8851.cfg', '$PN.cfg', 'phone.xml.gz', '1.2.3.cfg', '/192.168.1.1', 'h.example.com/', '192.168.1.1/$MA.xml', 'http', 'x:80',
                     'https://h.example.com', '/http//x', 'https://h/a;b/c,d.xml', 'https://h/x?a;', 'https://h/x?u=//y\\', '$A;b',
                     '$(MAC)_ADDR.xml', '$PN_$MA.xml', '$MA_profile.xml', '$MAxml', 'https://h/{x}/%41%2e%20', 'https://h/$(G)PP_A')),
                 '<Log_Request_Msg>100% {of} $MA% $PN_$MA {"a": 1} %d %s $$MAC_ADDR</Log_Request_Msg>',
                 '<GPP_A>{"mac": "$MA"} %41</GPP_A><Profile_Rule>[--post a] https://h/</Profile_Rule>',
                 # conditions
                 '<Profile_Rule>($SWVER lt 12)? https://h/x | ($SWVER le 12)? https://h/y | ("$PN" = "SN")? https://h/z | (1=1)? https://h/</Profile_Rule>',
                 *(f'<Profile_Rule>({condition})? https://h/x | https://h/y</Profile_Rule>' for condition in (
                     '$SWVER ge 11.0 and $SWVER lt 12.0', '$PRVTMR ge 5 and $PRVTMR le 5', '$PRVTMR gt 5 and $PRVTMR lt 6 and $UPGTMR lt 3',
                     '"$A" ne "x" and "$A" ne "y"', '$SWVER lt 12 and $SWVER != 11', '"$A" = "1" and $A gt 2', '$PRVTMR le 5 and $PRVTMR = 5')),
                 '<Resync_Trigger_1>1 = 1</Resync_Trigger_1>',
                 # as providers write them
                 *(f'<Profile_Rule>{rule}</Profile_Rule>' for rule in (
                     '[--key $B] http://cdn.voip.example/$MA.enc',
                     'https://prov.voip.example:8443/p/$(MA)-$(SN).cfg?model=$PN&amp;fw=$SWVER&amp;ip=$IP',
                     '("$CCERT" eq "Installed")? https://ztp.voip.example/$MA.xml | [--uid $MA --pwd $A] https://ztp.voip.example/nocert/$MA.xml',
                     '(ge 11.0.1)? https://h/new/$MA.xml | (ge 10.0.1)? https://h/old/$MA.xml | https://h/ancient/$MA.xml',
                     '("$A" eq "")? (GPP_A = "$MA"; GPP_B = "https://s.example";)! https://s.example/first/$MA.xml | $B/next/$A.xml',
                     '("$(MA:0:6)" eq "00562b" and $PRVST ne 2)? [--srv] https://voip.example/c/$PSN.xml | spa$PSN.cfg')),
                 '<Report_Rule>("$A" = "")? https://h/x ("$A" = "")? https://h/y</Report_Rule>',
                 '<Profile_Rule>[--post b] /x</Profile_Rule><Profile_Rule_B>[--alias c] https://h/$DISPLAYNAME1/$B</Profile_Rule_B>',
                 '<Log_Request_Msg>$A</Log_Request_Msg><HTTP_User_Agent_Name>$B</HTTP_User_Agent_Name><Profile_Rule>https://h/$A?m=$MA</Profile_Rule>',
                 '<Downgrade_Rev_Limit>sip88xx.11-0-0MPP-7</Downgrade_Rev_Limit><PAC_URL>http://h/x.pac</PAC_URL><SIP_Port_1_>65535</SIP_Port_1_>'
                 '<DHCP_Option_To_Use>1,254</DHCP_Option_To_Use><DHCPv6_Option_To_Use>65535</DHCPv6_Option_To_Use>',
                 '<Downgrade_Rev_Limit/><PAC_URL/><DHCP_Option_To_Use/>',
                 '<Profile_Rule>[--srv] /x</Profile_Rule><Profile_Rule>https://h/x</Profile_Rule>',
                 '<GPP_A>http://h</GPP_A><Profile_Rule>[--srv] $A/x</Profile_Rule>',
                 '<Profile_Rule>("$A" = "")? (Profile_Rule_B = "[--key \\042x\\042] https://h/$$MA";)! https://h/x</Profile_Rule>',
                 '<Profile_Rule>(Profile_Rule_B = "$A";)! https://h/x</Profile_Rule><GPP_A>]</GPP_A>',
                 '<Log_Request_Msg>$PN $MAC -- $$ $5 $SCHEME://$SERVIP:$PORT$PATH</Log_Request_Msg><HTTP_User_Agent_Name>$VENDOR</HTTP_User_Agent_Name>')
        for content, found in self.all_of(sound):
            with self.subTest(content):
                self.assertEqual([fault for fault in found if fault[0] != 'duplicate'], [])

    def test_the_size_of_a_file(self):
        """what rules are judged by is looked for once, and not for each of them: as many parameters as a file may have, each a rule or a map, take
        seconds, where the square of them would take hours"""
        content = ('<Profile_Rule_B>[--alias c --post d] http://h/x</Profile_Rule_B>\n' * 9000 + '<GPP_SA>canary</GPP_SA>\n' * 1000
                   + '<GPP_C>/a = /flat-profile/GPP_A</GPP_C><GPP_D>x</GPP_D>\n' * 4900)
        done = run.ctl('--catalogue', CATALOGUE, '--json', 'check', self.file(f'<flat-profile>\n{content}</flat-profile>'))
        document = json.loads(done.stdout)
        self.assertEqual((document['ok'], document['parameters']), (True, 19800))
        self.assertEqual({fault['kind'] for fault in document['faults']}, {'clear-text', 'duplicate'})

    def test_alias_map(self):
        """--alias reads another system's XML; the map may stand in a file (PROF-10)"""
        content = '<x><line><name>a</name><port>often</port></line></x>'
        aliases = '/line/name = /flat-profile/Display_Name_1_ ;\n/line/port = /flat-profile/Resync_Periodic'
        path = self.file(aliases, 'map')
        for given in (aliases, '@' + path):
            found = self.faults(content, '--alias', given)
            self.assertEqual([fault[:4] for fault in found], [('bad-value', 1, 30, 'Resync_Periodic')])
        bad = 'nothing; /line/name = /flat-profile/Display_Name_1_ ;\n/line/port = port'
        for given in (bad, '@' + self.file(bad, 'map')):
            self.assertEqual(self.faults(content, '--alias', given), [('bad-alias-map', 0, 0, '', 'The alias map, pair 1 (line 1, column 1): expected '
                             '“/path/to/element = /flat-profile/Name ;”; pair 3 (line 2, column 14): expected /flat-profile/Name on the right side')])
        self.assertIn('without a <flat-profile>', self.faults(content)[0][4])


class Documents(Case):
    def three(self):
        return (self.file('<flat-profile><GPP_A>x</GPP_A></flat-profile>', 'good.xml'),
                self.file('<flat-profile>\n<Profil_Rule/>\n</flat-profile>', 'a file: ü?#%.xml'),
                self.file('<flat-profile>\n<a></b></flat-profile>', 'broken.xml'))

    def test_several_files(self):
        """several files are one check: the worst decides"""
        good, warned, broken = self.three()
        done = run.ctl('--catalogue', CATALOGUE, 'check', good, warned)
        self.assertEqual(done.returncode, 0)
        self.assertEqual([line.split(': ', 1)[1] for line in done.stdout.splitlines() if line.startswith(good)], ['1 parameter would be set'])
        self.assertIn('0 parameters would be set, 1 warning\n', done.stdout)
        done = run.ctl('--catalogue', CATALOGUE, '--json', 'check', good, broken, warned)
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document['ok'], document['parameters']), (1, False, 1))
        self.assertEqual([(fault['file'], fault['kind']) for fault in document['faults']], [(broken, 'corrupt'), (warned, 'unknown-name')])
        # one that cannot be read is a fault among the others
        done = run.ctl('--catalogue', CATALOGUE, '--json', 'check', '/nonexistent', warned, self.folder.name, good)
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, done.stderr, document['ok'], document['parameters']), (1, '', False, 1))
        self.assertEqual([(fault['file'], fault['kind'], fault['severity']) for fault in document['faults']],
                         [('/nonexistent', 'unreadable', 'error'), (warned, 'unknown-name', 'warning'), (self.folder.name, 'unreadable', 'error')])
        done = run.ctl('--catalogue', CATALOGUE, 'check', '/nonexistent', good)
        self.assertEqual(done.returncode, 1)
        self.assertIn('/nonexistent cannot be read: No such file or directory', done.stdout)
        self.assertIn(f'{good}: 1 parameter would be set', done.stdout)

    def test_many(self):
        """beyond a thousand faults are counted only"""
        path = self.file('<flat-profile>' + '<Nonesuch/>' * 1197 + '<GPP_A>\u2022\u2022\u2022</GPP_A>' * 3 + '</flat-profile>')
        done = run.ctl('--catalogue', CATALOGUE, 'check', path)
        self.assertIn(f'{path}: and 202 faults more\n{path}: 0 parameters would be set, 3 errors, 1199 warnings\n', done.stdout)
        self.assertEqual((done.stdout.count(' error: '), done.stdout.count(' warning: ')), (3, 997))
        # errors come first, and no form keeps to itself how many there are
        document = json.loads(run.ctl('--catalogue', CATALOGUE, '--json', 'check', path, path).stdout)
        self.assertEqual((document['errors'], document['warnings'], document['left-out']), (6, 2398, 404))
        self.assertEqual([fault['severity'] for fault in document['faults']].count('error'), 6)
        log = json.loads(run.ctl('--catalogue', CATALOGUE, '--sarif', 'check', path).stdout)
        Sarif(self).check(log)
        told, = log['runs'][0]['invocations'][0]['toolExecutionNotifications']
        self.assertEqual(told['message']['text'], '202 more are not listed; in all there are 3 errors and 1199 warnings')
        self.assertEqual([result['level'] for result in log['runs'][0]['results']].count('error'), 3)
        # what the reader itself passes over is counted as well
        path = self.file('<flat-profile>' + '<GPP_A ua=""/>' * 1100 + '</flat-profile>')
        self.assertIn('1100 parameters would be set, 2199 warnings\n', run.ctl('--catalogue', CATALOGUE, 'check', path).stdout)

    def test_sarif(self):
        """the log is one of SARIF 2.1.0, and says what the other forms say"""
        files = self.three()
        done = run.ctl('--catalogue', CATALOGUE, 'check', '--sarif', *files)
        self.assertEqual((done.returncode, done.stderr), (1, ''))
        log = json.loads(done.stdout)
        Sarif(self).check(log)
        results = log['runs'][0]['results']
        places = [result['locations'][0]['physicalLocation'] for result in results]
        self.assertEqual([(result['ruleId'], result['level']) for result in results], [('unknown-name', 'warning'), ('corrupt', 'error')])
        self.assertEqual([place['region'] for place in places], [{'startLine': 2, 'startColumn': 1}, {'startLine': 2, 'startColumn': 4}])
        self.assertTrue(places[0]['artifactLocation']['uri'].endswith('/a%20file%3A%20%C3%BC%3F%23%25.xml'), places[0])
        self.assertIn('is Profile_Rule meant?', results[0]['message']['text'])
        empty = json.loads(run.ctl('--catalogue', CATALOGUE, 'check', '--sarif', files[0]).stdout)
        Sarif(self).check(empty)
        self.assertEqual(empty['runs'][0]['results'], [])
        self.assertEqual(run.ctl('--catalogue', CATALOGUE, 'check', '--sarif', '--json', files[0]).returncode, 2)

    def test_the_checker_is_strict(self):
        """a log that breaks the schema is found out"""
        log = json.loads(run.ctl('--catalogue', CATALOGUE, 'check', '--sarif', *self.three()).stdout)

        def broken(change):
            copy = json.loads(json.dumps(log))
            change(copy['runs'][0])
            with self.assertRaises(AssertionError):
                Sarif(self).check(copy)
        broken(lambda sarif_run: sarif_run.pop('tool'))
        broken(lambda sarif_run: sarif_run['tool']['driver'].pop('name'))
        broken(lambda sarif_run: sarif_run['results'][0].pop('message'))
        broken(lambda sarif_run: sarif_run['results'][0].update(level='fatal'))
        broken(lambda sarif_run: sarif_run['results'][0].update(line=3))
        broken(lambda sarif_run: sarif_run['results'][0].update(ruleIndex=0))
        broken(lambda sarif_run: sarif_run['results'][0]['locations'][0]['physicalLocation']['region'].update(startLine=0))
        broken(lambda sarif_run: sarif_run['results'][0]['locations'][0]['physicalLocation']['artifactLocation'].update(uri='a b'))


class Sarif:
    """The objects of the SARIF 2.1.0 schema that a log of ours may have: of each the members that must and those that may be there, with
    what they hold. The schema allows no others (additionalProperties: false)."""

    URI = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*")
    OBJECTS = {
        'log': {'$schema': 'uri', 'version!': ['2.1.0'], 'runs!': ['run', 'several']},
        'run': {'tool!': 'tool', 'invocations': ['invocation', 'several'], 'columnKind': ['utf16CodeUnits', 'unicodeCodePoints'], 'results': ['result', 'several']},
        'invocation': {'executionSuccessful!': bool, 'toolExecutionNotifications': ['notification', 'several']},
        'notification': {'level': ['none', 'note', 'warning', 'error'], 'message!': 'text', 'locations': ['location', 'several']},
        'tool': {'driver!': 'driver'},
        'driver': {'name!': str, 'version': str, 'rules': ['rule', 'several']},
        'rule': {'id!': str, 'shortDescription': 'text'},
        'text': {'text!': str},
        'result': {'ruleId': str, 'ruleIndex': int, 'level': ['none', 'note', 'warning', 'error'], 'message!': 'text',
                   'locations': ['location', 'several']},
        'location': {'physicalLocation': 'physicalLocation'},
        'physicalLocation': {'artifactLocation': 'artifactLocation', 'region': 'region'},
        'artifactLocation': {'uri': 'uri'},
        'region': {'startLine': int, 'startColumn': int},
    }

    def __init__(self, test):
        self.test = test

    def check(self, log):
        self.object('log', log, 'log')
        driver = log['runs'][0]['tool']['driver']
        ids = [rule['id'] for rule in driver['rules']]
        self.test.assertEqual(len(set(ids)), len(ids))
        for result in log['runs'][0]['results']:
            self.test.assertEqual(ids[result['ruleIndex']], result['ruleId'])

    def object(self, kind, value, where):
        members = self.OBJECTS[kind]
        self.test.assertIsInstance(value, dict, where)
        for name in members:
            if name.endswith('!'):
                self.test.assertIn(name[:-1], value, where)
        for name, content in value.items():
            self.test.assertIn(name, {known.rstrip('!') for known in members}, f'{where}: a member that the schema does not have')
            self.member(members.get(name + '!', members.get(name)), content, f'{where}.{name}')

    def member(self, kind, value, where):
        if isinstance(kind, list) and kind[-1] == 'several':
            self.test.assertIsInstance(value, list, where)
            for number, item in enumerate(value):
                self.object(kind[0], item, f'{where}[{number}]')
        elif isinstance(kind, list):
            self.test.assertIn(value, kind, where)
        elif kind == 'uri':
            self.test.assertIsNotNone(self.URI.fullmatch(value), f'{where}: {value}')
        elif kind is int:
            # all numbers of a region count from 1, an index from 0
            self.test.assertIsInstance(value, int, where)
            self.test.assertGreaterEqual(value, 0 if where.endswith('Index') else 1, where)
        elif kind is bool:
            self.test.assertIsInstance(value, bool, where)
        elif kind is str:
            self.test.assertIsInstance(value, str, where)
            self.test.assertTrue(value, where)
        else:
            self.object(kind, value, where)


if __name__ == '__main__':
    tap.main(None)
