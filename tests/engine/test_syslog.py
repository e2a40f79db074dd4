#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the operator is told of resyncs (LOG-1): datagrams of both forms, read strictly and by a real syslog server."""

import datetime
import os
import pathlib
import re
import socket
import sys
import time
from xml.sax.saxutils import escape

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, callers, servers, syslog, tap, wait  # noqa: E402
from test_resync import Case, Reply, profile  # noqa: E402

WORDS = {'Log_Request_Msg': 'Q $PATH', 'Log_Success_Msg': 'S $SCHEME $SERV $SERVIP $PORT $PATH', 'Log_Failure_Msg': 'F $PATH $ERR'}
READERS = {'rfc5424': syslog.read_5424, 'rfc3164': syslog.read_3164}
REQUEST, SUCCESS, FAILURE = (5, 'RESYNC-REQUEST'), (5, 'RESYNC-SUCCESS'), (4, 'RESYNC-FAILURE')


class Told(Case):
    def phone(self, form='rfc5424', **more):
        client = super().phone(Syslog={'Format': form}, **more)
        self.read = READERS[form]
        # the attempt of the start is out of the way then
        self.assertEqual(self.run_resync()[0], 'failed')
        client.wait_property('State', lambda state: state == 'idle')
        return client

    def operator(self, host='127.0.0.1', port=0):
        """A receiver, whose messages come in the order in which they were sent."""
        self.receiver = self.enterContext(servers.Silent(host, port))
        return f'[{host}]:{self.receiver.port}' if ':' in host else f'{host}:{self.receiver.port}'

    def provider(self, answers):
        return self.enterContext(servers.Scripted(answers))

    def told(self, n):
        """The next n messages; those of the attempt after them show that there were no more."""
        got = []

        def enough():
            got.extend(self.receiver.received())
            return len(got) >= n
        wait.until(enough, f'{n} messages')
        self.assertEqual(len(got), n, got)
        return [self.read(data) for data, _sender in got]

    def assert_told(self, *wanted):
        """wanted: (kind, text), or a pattern of the text."""
        messages = self.told(len(wanted))
        for message, (kind, text) in zip(messages, wanted):
            self.assertEqual((message.severity, message.id), kind if message.id else (kind[0], None))
            if isinstance(text, str):
                self.assertEqual(message.text, text)
            else:
                self.assertRegex(message.text, text)
        return messages

    def assert_last(self):
        """An attempt more is told, and nothing before it."""
        self.client.set(Profile_Rule='# nothing', Profile_Rule_B='')
        self.assertEqual(self.run_resync()[0], 'skipped')
        self.assertEqual(self.run_resync('http://127.0.0.1:1/last')[0], 'failed')
        self.assert_told((REQUEST, 'Q /last'), (FAILURE, re.compile('^F /last .*refused')))


class Attempts(Told):
    def test_once(self):
        """an attempt with two rules is told once, with the first URL it asks and the last; what is unchanged, fails or is skipped as well; and so after
        a restart (LOG-1, PHONE-3, PHONE-5)"""
        server = self.provider({'/a': Reply(body=profile(GPP_A='1')), '/b': Reply(body=profile(GPP_B='1')), '/gone': Reply(404)})
        client = self.phone()
        client.set(Syslog_Server=self.operator(), Syslog_Identifier='$MA', Profile_Rule=f'{server.url}/a',
                   Profile_Rule_B=f'{server.url}/b', **WORDS)
        good = (REQUEST, 'Q /a'), (SUCCESS, f'S http 127.0.0.1 127.0.0.1 {server.port} /b')
        for result in ('success', 'unchanged'):
            self.assertEqual(self.run_resync()[0], result)
            for message in self.assert_told(*good):
                self.assertEqual(message.host, '00562b043615')
                self.assertLess(abs(message.time.timestamp() - time.time()), 60)
        client.set(Profile_Rule_B=f'{server.url}/gone')
        result, _url, words, _details = self.run_resync()
        self.assertEqual(result, 'file-not-found')
        self.assert_told((REQUEST, 'Q /a'), (FAILURE, f'F /gone {words}'))
        self.daemon.restart()
        client.set(Profile_Rule_B=f'{server.url}/b')
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assert_told(*good)
        self.assert_last()
        # the journal has the same words, once
        self.assertEqual(len(re.findall('(?m)Q /a$', self.daemon.log())), 4)
        self.assertIn(f'F /gone {words}', self.daemon.log())

    def test_what_follows(self):
        """an attempt that follows since a rule was changed is told by itself; of one that looks through candidates the first and the last (LOG-1)"""
        server = self.provider({'/CP-8851-3PCC.cfg': Reply(404), '/8851-3PCC.xml': Reply(body=profile(Profile_Rule='/real')),
                                '/real': Reply(body=profile(GPP_A='1'))})
        client = self.phone()
        client.set(Syslog_Server=self.operator(), **WORDS)
        self.daemon.stop()
        with open(os.path.join(self.daemon.folder, 'resyncd.conf'), 'a', encoding='utf-8') as file:
            file.write(f'\n[Network]\nOptions=66=http://127.0.0.1:{server.port}\n')
        self.daemon.hold()
        self.daemon.start()
        self.assertEqual(client.wait_finished(self.daemon.resync_after_call(client))[0], 'success')
        client.wait_signal('ResyncStarted', lambda number, reason: reason == 'rules')
        where = f'S http 127.0.0.1 127.0.0.1 {server.port}'
        self.assert_told((REQUEST, 'Q /CP-8851-3PCC.cfg'), (SUCCESS, where + ' /8851-3PCC.xml'), (REQUEST, 'Q /real'), (SUCCESS, where + ' /real'))
        client.wait_property('State', lambda state: state == 'idle')
        self.assert_last()

    def test_what_is_sent(self):
        """an empty message is not sent, nor one below Debug_Level; a failure without a request is (LOG-1)"""
        client = self.phone()
        client.set(Syslog_Server=self.operator(), **{**WORDS, 'Log_Request_Msg': ''})
        self.assertEqual(self.run_resync('http://127.0.0.1:1/a')[0], 'failed')
        self.assert_told((FAILURE, re.compile('^F /a ')))
        client.set(Debug_Level='WARNING', Log_Request_Msg='Q', Log_Failure_Msg='F')
        self.assertEqual(self.run_resync('http://127.0.0.1:1/b')[0], 'failed')
        self.assert_told((FAILURE, 'F'))
        client.set(Debug_Level='ERROR')
        self.assertEqual(self.run_resync('http://127.0.0.1:1/c')[0], 'failed')
        client.set(Debug_Level='NOTICE', Log_Failure_Msg='F $SERV $SERVIP $PORT:$PATH')
        # of a rule that asks nobody there is no request, and no URL of the attempt before
        self.assertEqual(self.run_resync('/nowhere')[0], 'failed')
        self.assert_told((FAILURE, 'F   :'))
        client.set(**WORDS)
        self.assert_last()


class Forms(Told):
    def test_rsyslogd(self):
        """rsyslogd reads the same of both forms: facility, severity, time, phone, application and text (LOG-1)"""
        real = self.enterContext(servers.Rsyslogd())
        server = self.provider({'/p': Reply(body=profile(GPP_A='1'))})
        url = f'{server.url}/p'
        words = [('notice', 'RESYNC-REQUEST', f'CP-8851-3PCC 00:56:2b:04:36:15 -- Requesting resync {url}'),
                 ('notice', 'RESYNC-SUCCESS', f'CP-8851-3PCC 00:56:2b:04:36:15 -- Successful resync {url}'),
                 ('notice', 'RESYNC-REQUEST', 'CP-8851-3PCC 00:56:2b:04:36:15 -- Requesting resync http://127.0.0.1:1/x'),
                 ('warning', 'RESYNC-FAILURE', 'Zürich: http://127.0.0.1:1/x: ')]
        for form in READERS:
            with self.subTest(form):
                before = len(real.messages())
                client = self.phone(form)
                client.set(Syslog_Server=f'127.0.0.1:{real.port}', Syslog_Identifier='$SN', Log_Failure_Msg='Zürich: $ERR')
                self.assertEqual(self.run_resync(url)[0], 'success')
                self.assertEqual(self.run_resync('http://127.0.0.1:1/x')[0], 'failed')
                got = wait.until(lambda: len(real.messages()) >= before + 4 and real.messages()[before:], 'four messages')
                for (severity, kind, text), (facility, level, when, host, name, of_kind, words_) in zip(words, got):
                    self.assertEqual((facility, level, host, name), ('daemon', severity, 'FCH1234', 'resyncd'))
                    self.assertEqual(of_kind, kind if form == 'rfc5424' else '-')
                    self.assertTrue(words_.lstrip(' \ufeff').startswith(text), words_)
                    self.assertLess(abs(datetime.datetime.fromisoformat(when).timestamp() - time.time()), 60)

    def test_zone(self):
        """the time is that of the phone's wall, with its zone where the form has one (LOG-1)"""
        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        for form in READERS:
            with self.subTest(form):
                client = self.phone(form)
                self.daemon.environment['TZ'] = 'Asia/Kolkata'
                self.daemon.restart()
                client.set(Syslog_Server=self.operator(), **WORDS)
                self.assertEqual(self.run_resync('http://127.0.0.1:1/z')[0], 'failed')
                when = self.told(2)[0].time
                now = datetime.datetime.now(zone)
                if form == 'rfc5424':
                    self.assertEqual(when.utcoffset(), zone.utcoffset(None))
                    self.assertLess(abs((now - when).total_seconds()), 60)
                else:
                    self.assertLess(abs((now.replace(tzinfo=None) - when).total_seconds()), 60)

    def test_hostile(self):
        """whatever a value holds, it is one message of printable text and at most 1024 bytes, in the datagram as in the journal (LOG-1, STORE-3)"""
        table = {'a\n<0>1 - x y - - - b': 'a\\x0a<0>1 - x y - - - b', 'c\td': 'c\\x09d', '\u202egnp\u2066': '\\u202egnp\\u2066',
                 '\u2028\ufeff': '\\u2028\\ufeff', '%s%n$MA$$': '%s%n$MA$$', 'Z\xfcrich \u20ac': 'Z\xfcrich \u20ac'}
        for form in READERS:
            client = self.phone(form)
            client.set(Syslog_Server=self.operator(), Log_Request_Msg='[$A]', Log_Failure_Msg='')
            for value, shown in table.items():
                with self.subTest(form=form, value=value):
                    client.set(GPP_A=value)
                    self.assertEqual(self.run_resync('http://127.0.0.1:1/')[0], 'failed')
                    self.assertEqual(self.told(1)[0].text, f'[{shown}]')
                    self.assertIn(f'[{shown}]\n', self.daemon.log())
            for letter in 'x\xe4\u20ac':
                with self.subTest(form=form, letter=letter):
                    client.set(GPP_A=letter * 2000)
                    self.assertEqual(self.run_resync('http://127.0.0.1:1/')[0], 'failed')
                    self.assertRegex(self.told(1)[0].text, f'^.{letter}{{300,1000}}\u2026$')


class Servers(Told):
    def tell(self, server, path='/t', **values):
        self.client.set(Syslog_Server=server, **{**WORDS, **values})
        self.assertEqual(self.run_resync('http://127.0.0.1:1' + path)[0], 'failed')

    def complaints(self):
        return re.findall('Syslog_Server (.*) cannot be told: (.*)', self.daemon.log())

    def test_addresses(self):
        """with a port and without, IPv4, IPv6 and a name; an address may be any that is written, a name may not lead to the phone itself (LOG-1,
        HTTP-12)"""
        self.phone()
        servers.address('192.0.2.80')
        servers.name('log.test', '192.0.2.80')
        servers.name('self.test', '127.0.0.1')
        for host, port, server in (('127.0.0.1', 5514, '127.0.0.1:5514'), ('127.0.0.1', 514, '127.0.0.1'), ('::1', 5514, '[::1]:5514'),
                                   ('::1', 514, '::1'), ('::1', 514, '[::1]'), ('192.0.2.80', 514, 'log.test'),
                                   ('192.0.2.80', 5514, 'LOG.test:5514')):
            with self.subTest(server):
                self.operator(host, port)
                self.tell(server)
                self.assert_told((REQUEST, 'Q /t'), (FAILURE, re.compile('^F /t')))
                self.receiver.close()
        self.assertEqual(self.complaints(), [])
        self.operator('127.0.0.1', 514)
        self.tell('self.test')
        [(server, why)] = wait.until(self.complaints, 'a word about it')
        self.assertEqual(server, 'self.test')
        self.assertIn('a loopback address', why)
        self.tell('127.0.0.1', '/u')
        self.assert_told((REQUEST, 'Q /u'), (FAILURE, re.compile('^F /u')))

    def test_absent(self):
        """a server that is not there, has no name or no way to it costs no resync and is said once, anew after it went well (LOG-1)"""
        server = self.provider({'/p': Reply(body=profile(GPP_A='1'))})
        client = self.phone()
        client.set(Profile_Rule=f'{server.url}/p')
        client.set(Syslog_Server=f'127.0.0.1:{servers.free_port(socket.SOCK_DGRAM)}')
        self.assertEqual(self.run_resync()[0], 'success')
        wait.until(lambda: not self.daemon.children(), 'the end of the workers')
        self.assertEqual(self.complaints(), [])
        for count, name in enumerate(('nowhere.invalid', '203.0.113.7', 'nowhere.invalid'), 1):
            client.set(Syslog_Server=name)
            for _again in range(2):
                self.assertEqual(self.run_resync()[0], 'unchanged')
            # a message that is under way outlives its server
            wait.until(lambda count=count: len(self.complaints()) >= count, 'a word about it')
        client.set(Syslog_Server=self.operator())
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.told(2)
        self.assertEqual([name for name, _why in self.complaints()], ['nowhere.invalid', '203.0.113.7', 'nowhere.invalid'])
        client.set(Syslog_Server='nowhere.invalid')
        self.assertEqual(self.run_resync()[0], 'unchanged')
        wait.until(lambda: len(self.complaints()) == 4, 'a word once more')

    def test_silent_names(self):
        """while a name is looked up the phone resyncs and answers; of the messages one is under way (LOG-1)"""
        client = self.phone()
        with open('/etc/resolv.conf', 'r+', encoding='ascii') as file:
            self.addCleanup(pathlib.Path(file.name).write_text, file.read())
            file.seek(0)
            file.write('nameserver 127.0.0.1\n')
            file.truncate()
        dns = self.enterContext(servers.Silent(port=53))
        self.tell('quiet.test')
        wait.until(dns.received, 'a question')
        for _again in range(3):
            self.assertEqual(self.run_resync('http://127.0.0.1:1/x')[0], 'failed')
        self.assertEqual(client.property('State'), 'idle')
        self.assertEqual(len(self.daemon.children()), 1)
        self.assertEqual(self.complaints(), [])

    def test_odd_values(self):
        """what is no server or name is skipped in a profile, and the one before is told; what only looks like a server is said; neither costs the
        resync (LOG-1, PROF-6)"""
        refused = 'a b', '192.0.2.1:99999', '-x', 'http://x/', '[::1', 'x;y', '$A', 'x\u00e9', '<x>'
        odd = '127.0.0.1:0', '127.1', 'a..b'
        profiles = {f'/{n}': profile(GPP_A=n, Syslog_Server=escape(value), Syslog_Identifier='$PN')
                    for n, value in enumerate(refused + odd)}
        server = self.provider({path: Reply(body=body) for path, body in profiles.items()})
        client = self.phone()
        client.set(Syslog_Server=self.operator(), Syslog_Identifier='$MAU', **WORDS)
        for n in range(len(refused)):
            with self.subTest(refused[n]):
                self.assertEqual(self.run_resync(f'{server.url}/{n}')[0], 'success')
                messages = self.assert_told((REQUEST, f'Q /{n}'), (SUCCESS, f'S http 127.0.0.1 127.0.0.1 {server.port} /{n}'))
                self.assertEqual([message.host for message in messages], ['00562B043615'] * 2)
        for n, value in enumerate(odd, len(refused)):
            with self.subTest(value):
                self.assertEqual(self.run_resync(f'{server.url}/{n}')[0], 'success')
                self.assertEqual(client.get('Syslog_Server'), value)
                wait.until(lambda: value.partition(':')[0] in self.complaints()[-1][0], 'a word about it')

    def test_rate(self):
        """no more than 20 messages go out in 10 s, which is said (LOG-1)"""
        client = self.phone()
        client.set(Syslog_Server=self.operator(), **WORDS)
        attempts = 0
        while 'more than 20 messages' not in self.daemon.log():
            attempts += 1
            self.assertLess(attempts, 100)
            self.assertEqual(self.run_resync('http://127.0.0.1:1/r')[0], 'failed')
        got = []

        def enough():
            got.extend(self.receiver.received())
            return len(got) >= 20
        wait.until(enough, '20 messages')
        # and what more there would be, one worker each
        for _look in range(3):
            wait.until(lambda: not self.daemon.children(), 'the end of the workers')
            time.sleep(0.1)
        enough()
        self.assertLess(len(got), 2 * attempts)


class Secrets(Told):
    def test_secrets(self):
        """no password, key, query or secret parameter is sent, whatever the messages ask for (STORE-3, LOG-1)"""
        server = self.provider(lambda request: Reply(403))
        client = self.phone()
        client.set(GPP_SA='canary', Profile_Rule=f'[--key canary]http://user:canary@127.0.0.1:{server.port}/p?token=canary',
                   Syslog_Server=self.operator(), Log_Request_Msg='$SCHEME://$SERVIP:$PORT$PATH $(PATH:1)', Log_Failure_Msg='F $ERR')
        self.assertEqual(self.run_resync()[0], 'failed')
        self.assert_told((REQUEST, f'http://127.0.0.1:{server.port}/p?… p?…'), (FAILURE, re.compile('^F .*/p[?]….*403')))
        client.set(Log_Request_Msg='key $SA')
        self.assertEqual(self.run_resync()[0], 'failed')
        self.assert_told((FAILURE, re.compile('^F ')))
        self.assertIn('Log_Request_Msg is not sent: ', self.daemon.log())
        self.assertNotIn('canary', self.daemon.log())

    def user_sets(self, **values):
        callers.call(self.bus, 'lab-lcd', 'Set', bus.GLib.Variant('(a{ss})', (values,)).print_(True), bus.NAME + '.Parameters')

    def test_of_the_user_class(self):
        """what the user class wrote, or sends to its own server, shows no parameter that it may not read, there or in the journal (LOG-1, RULE-10)"""
        opened = '<Log_Failure_Msg ua="rw"/><Syslog_Server ua="rw"/><GPP_A>private</GPP_A><Log_Request_Msg>Q $A</Log_Request_Msg>'
        server = self.provider({'/rw': Reply(body=f'<flat-profile>{opened}<GPP_B ua="rw">shown</GPP_B></flat-profile>'),
                                '/na': Reply(body='<flat-profile><GPP_B ua="na">shown</GPP_B></flat-profile>')})
        client = self.phone()
        self.assertEqual(self.run_resync(server.url + '/rw')[0], 'success')
        client.set(Syslog_Server=self.operator())
        with self.assertRaises(bus.CallError) as caught:
            self.user_sets(Log_Failure_Msg='U $A')
        self.assertEqual(caught.exception.name, bus.ERROR + 'InvalidRule')
        self.user_sets(Log_Failure_Msg='U $B')
        self.assertEqual(self.run_resync('http://127.0.0.1:1/x')[0], 'failed')
        self.assert_told((REQUEST, 'Q private'), (FAILURE, 'U shown'))
        # the parameter is closed to the user since
        self.assertEqual(self.run_resync(server.url + '/na')[0], 'success')
        self.told(2)
        self.assertEqual(self.run_resync('http://127.0.0.1:1/x')[0], 'failed')
        self.assert_told((REQUEST, 'Q private'))
        self.assertIn('Log_Failure_Msg is not sent: the user class', self.daemon.log())
        self.user_sets(Syslog_Server=self.operator(), Log_Failure_Msg='U')
        self.assertEqual(self.run_resync('http://127.0.0.1:1/x')[0], 'failed')
        self.assert_told((FAILURE, 'U'))
        self.assertIn('Log_Request_Msg is not sent: the user class', self.daemon.log())


if __name__ == '__main__':
    tap.main('box')
