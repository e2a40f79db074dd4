#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon and its workers against real and scripted servers on loopback, with resyncd.conf in the lease's place."""

import contextlib
import glob
import os
import signal
import stat
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, scripted, servers, tap, wait  # noqa: E402

Reply = servers.Reply


def profile(**values):
    lines = ''.join(f'<{name}>{value}</{name}>' for name, value in values.items())
    return f'<flat-profile>{lines}</flat-profile>'


class Case(unittest.TestCase):
    """A daemon whose lease names one server. Automatic resyncs are told to keep out of the way of explicit ones."""

    PHONE = {'Vendor': 'Cisco', 'Model': 'CP-8851-3PCC', 'Series': '8851-3PCC', 'MacAddress': '00:56:2b:04:36:15',
             'SerialNumber': 'FCH1234', 'SoftwareVersion': '12.0.3'}

    # of the bus, and whose process the daemon is: None lets everybody do all
    POLICY, USER, BOOT_AGE = None, None, None
    # what stands in front of the daemon's command
    INSIDE = ()

    def phone(self, options='', **sections):
        own = self.enterContext(bus.Bus(self.POLICY))
        config = {'Phone': self.PHONE, 'Network': {'Manager': 'none', 'Options': options},
                  'Discovery': {'RedirectUrl': '', 'RedirectFallbackUrl': '', 'ActivationUrl': ''}}
        for name, keys in sections.items():
            config[name] = {**config.get(name, {}), **keys}
        # before the daemon: it hears what the phone does by itself, however soon
        self.client = bus.Client(own)
        self.daemon = self.enterContext(bus.Daemon(own, config=config, user=self.USER, boot_age=self.BOOT_AGE, inside=self.INSIDE))
        self.bus = own
        return self.client

    def lease(self, options):
        """Restarts the daemon with another lease."""
        self.daemon.stop()
        path = os.path.join(self.daemon.folder, 'resyncd.conf')
        with open(path, encoding='utf-8') as file:
            lines = file.read().splitlines()
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(f'Options={options}' if line.startswith('Options=') else line for line in lines) + '\n')
        self.daemon.start()

    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(None, None, None))
        return value

    def run_resync(self, rule='', **options):
        """Asks and waits: (result, url, message, details). Without force it begins when the daemon knows its network."""
        return self.client.wait_finished(self.client.resync(rule, **options))

    def first(self):
        """How the first attempt ends: that of the boot where it was quicker, else one that does not wait for the random part of it."""
        return self.client.wait_finished(self.client.first())

    @contextlib.contextmanager
    def a_call(self, who='sip'):
        """A call is up; a daemon that is started again finds it."""
        reply, fds = self.client.connection.call_with_unix_fd_list_sync(
            bus.NAME, bus.PATH, bus.NAME, 'Inhibit', bus.GLib.Variant('(ss)', (who, 'a call')), None, 0, 5000, None, None)
        self.assertEqual(reply.unpack(), (0,))
        try:
            yield
        finally:
            for fd in fds.steal_fds():
                os.close(fd)

    def again(self):
        """Another daemon, which is heard from its first moment on."""
        self.daemon.stop()
        self.client = bus.Client(self.bus)
        self.daemon.start()

    def lose(self, *folders):
        """The state cannot be read; of the folders nothing else of it is left."""
        self.daemon.cut()
        for folder in folders:
            for name in os.listdir(folder):
                if name.startswith('state.conf'):
                    os.unlink(os.path.join(folder, name))

    def stored(self):
        with open(os.path.join(self.daemon.state_dir, 'parameters.conf'), 'rb') as file:
            return file.read()


class FromTheLease(Case):
    def test_provisions_itself(self):
        """a phone out of its box finds, applies and stores its profile by itself (DISC-1, DISC-2, DISC-4, STATE-1, STORE-4)"""
        server = self.enterContext(servers.Scripted({
            '/CP-8851-3PCC.cfg': Reply(body=profile(Station_Display_Name='Reception', Resync_Periodic='7200'))}))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        attempt, reason = client.wait_signal('ResyncStarted')
        self.assertEqual(reason, 'boot')
        result, url, _message, details = client.wait_finished(attempt)
        self.assertEqual((result, url), ('success', f'{server.url}/CP-8851-3PCC.cfg'))
        self.assertEqual((details['source'], details['class'], details['changed']), ('dhcp-66', 'A', 2))
        self.assertIn((['Resync_Periodic', 'Station_Display_Name'],), [v for name, v in client.signals if name == 'Changed'])
        self.assertEqual(client.get('Station_Display_Name'), 'Reception')
        self.assertIn(b'Reception', self.stored())
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.daemon.state_dir, 'parameters.conf')).st_mode), 0o600)
        self.assertEqual(client.property('CustomizationState'), 'Aborted')
        status = client.status()
        self.assertEqual((status['profile-source'], status['provisioning-1'][1]), ('dhcp-66', 'success'))
        # PHONE-2
        self.assertEqual(server.requests[-1].headers['user-agent'], 'Cisco-CP-8851-3PCC/12.0.3 (00562b043615)')
        client.wait_property('State', lambda state: state == 'idle')
        until = client.property('NextResync') / 1e6 - time.time()
        self.assertTrue(7100 < until < 7200 + 41, until)

    def test_order_of_candidates(self):
        """sources in the configured order, default paths in turn; a portal's page does not provision (DISC-3, DISC-4, DISC-13)"""
        portal = self.enterContext(servers.Scripted(lambda request: Reply(body='<!DOCTYPE html><html>Log in</html>')))
        server = self.enterContext(servers.Scripted({'/Cisco/00562b043615.cfg': Reply(body=profile(GPP_A='x'))}))
        client = self.phone(f'160=http://127.0.0.1:{server.port};66=http://127.0.0.1:{portal.port}')
        result, url, _message, details = self.first()
        self.assertEqual((result, details['source']), ('success', 'dhcp-160'))
        self.assertEqual(url, f'{server.url}/Cisco/00562b043615.cfg')
        paths = ['/CP-8851-3PCC.cfg', '/8851-3PCC.xml', '/Cisco/00562b043615.cfg', '/Cisco/CP-8851-3PCC/00562b043615.cfg']
        self.assertEqual(portal.targets(), paths)
        self.assertEqual(server.targets(), paths[:3])
        tried = client.status()['onboarding']
        self.assertEqual([entry[0] for entry in tried], ['dhcp-66'] * 4 + ['dhcp-160'] * 3)
        self.assertIn('web page', tried[0][2])

    def test_macros_in_an_option(self):
        """macros of a DHCP value are expanded (PHONE-5, DISC-4)"""
        server = self.enterContext(servers.Scripted({'/p/00562B043615/12.0.3.xml': Reply(body=profile(GPP_A='x'))}))
        self.phone(f'66=http://127.0.0.1:{server.port}/p/$MAU/$SWVER.xml')
        self.assertEqual(self.first()[0], 'success')

    def test_nobody_named(self):
        """without any server the phone says what to do, and tries again by the retry list (SCHED-4)"""
        client = self.phone()
        attempt = client.first()
        result, _url, message, details = client.wait_finished(attempt)
        self.assertEqual((result, details['class'], details['error']), ('failed', 'C', 'Unreachable'))
        self.assertIn('option 66', message)
        self.assertEqual(client.property('CustomizationState'), 'Open')
        # it takes no time, and that of the boot may have been the first
        delay = 60 * attempt
        client.wait_property('NextResync', lambda at: delay - 2 < at / 1e6 - time.time() < delay + 2)
        self.assertEqual(client.status()['next-reason'], 'retry')

    def test_the_failure_that_says_most(self):
        """of several candidates that fail, the reason is not the missing file that was tried last (DISC-4, DISC-13)"""
        server = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body='<flat-profile><A></flat-profile>')}))
        self.phone(f'66=http://127.0.0.1:{server.port}')
        result, url, message, details = self.first()
        self.assertEqual((result, url), ('corrupt-profile', f'{server.url}/CP-8851-3PCC.cfg'))
        self.assertEqual((details['http-status'], details['class']), (200, 'B'))
        self.assertIn('well-formed', message.lower())

    def test_nothing_useful_in_the_profile(self):
        """a profile of which this phone knows nothing does not provision it (DISC-13)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(Nonsense='1'))))
        client = self.phone(f'66=http://127.0.0.1:{server.port}/x.xml')
        result, _url, message, details = self.first()
        self.assertEqual((result, details['error']), ('corrupt-profile', 'Corrupt'))
        self.assertIn('no parameter that this phone knows', message)
        self.assertEqual(client.property('CustomizationState'), 'Open')

    def test_remembered_server(self):
        """with the factory's rule every resync goes to the server that provisioned the phone; when it fails, all are tried
        again (DISC-14)"""
        gone = {'first': False}
        body = profile(GPP_A='x')
        first = self.enterContext(servers.Scripted(lambda request: Reply(404) if gone['first'] or request.target != '/8851-3PCC.xml'
                                                   else Reply(body=body)))
        second = self.enterContext(servers.Scripted({'/CP-8851-3PCC.cfg': Reply(body=body)}))
        self.phone(f'66=http://127.0.0.1:{first.port};160=http://127.0.0.1:{second.port}')
        self.assertEqual(self.first()[0], 'success')
        del first.requests[:]
        self.assertEqual(self.run_resync()[0], 'unchanged')
        self.assertEqual(first.targets(), ['/8851-3PCC.xml'])
        gone['first'] = True
        result, url, _message, details = self.run_resync()
        self.assertEqual((url, details['source']), (f'{second.url}/CP-8851-3PCC.cfg', 'dhcp-160'))
        self.assertIn(result, ('success', 'unchanged'))

    def test_loopback_is_refused_from_elsewhere(self):
        """a name that leads to loopback is class C (HTTP-12)"""
        servers.name('inside.test', '127.0.0.1')
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='x'))))
        self.phone()
        result, _url, _message, details = self.run_resync(f'http://inside.test:{server.port}/x.xml')
        self.assertEqual((result, details['class'], server.requests), ('failed', 'C', []))


class Rules(Case):
    def test_unchanged(self):
        """an unchanged profile applies and writes nothing, told by 304 or by its bytes (PROF-12, HTTP-8)"""
        for tag in ('"v1"', None):
            with self.subTest(tag=tag):
                def answer(request, tag=tag):
                    if tag and request.headers.get('if-none-match') == tag:
                        return Reply(304, headers={'ETag': tag})
                    return Reply(body=profile(GPP_A='x'), headers={'ETag': tag} if tag else {})
                server = self.enterContext(servers.Scripted(answer))
                client = self.phone()
                client.set(Profile_Rule=f'{server.url}/a.xml')
                self.assertEqual(self.run_resync()[0], 'success')
                client.wait_property('State', lambda state: state == 'idle')
                before = {path: (os.stat(path).st_ino, os.stat(path).st_mtime_ns)
                          for path in glob.glob(self.daemon.state_dir + '/*.conf*')}
                self.assertEqual(self.run_resync()[0], 'unchanged')
                self.assertEqual(server.requests[-1].headers.get('if-none-match'), tag)
                client.wait_property('State', lambda state: state == 'idle')
                self.assertEqual(before, {path: (os.stat(path).st_ino, os.stat(path).st_mtime_ns)
                                          for path in glob.glob(self.daemon.state_dir + '/*.conf*')})
                # what was changed by hand comes back, and no conditional request asks for it
                client.set(GPP_A='mine')
                self.assertEqual(self.run_resync()[0], 'success')
                self.assertIsNone(server.requests[-1].headers.get('if-none-match'))
                self.assertEqual(client.get('GPP_A'), 'x')

    def test_four_rules(self):
        """the rules run in order, each one's changes in force before the next; the first failure ends the run (SCHED-9, PROF-7)"""
        pages = {'/a': Reply(body=profile(GPP_A='from-a')), '/b/from-a': Reply(body=profile(GPP_B='from-b')), '/c': Reply(500),
                 '/d': Reply(body=profile(GPP_D='from-d'))}
        server = self.enterContext(servers.Scripted(pages))
        client = self.phone()
        client.set(Profile_Rule=f'{server.url}/a', Profile_Rule_B=f'{server.url}/b/$A', Profile_Rule_C=f'{server.url}/c',
                   Profile_Rule_D=f'{server.url}/d')
        result, url, _message, details = self.run_resync()
        self.assertEqual((result, url, details['http-status']), ('failed', f'{server.url}/c', 500))
        self.assertEqual([client.get(f'GPP_{x}') for x in 'ABD'], ['from-a', 'from-b', ''])
        pages['/c'] = Reply(body=profile(GPP_C='from-c'))
        self.assertEqual(self.run_resync()[0], 'success')
        self.assertEqual(server.targets()[-4:], ['/a', '/b/from-a', '/c', '/d'])
        self.assertEqual(self.run_resync()[0], 'unchanged')

    def test_preprovisioning(self):
        """a profile that names the real server is followed at once (SCHED-10)"""
        real = self.enterContext(servers.Scripted({'/00562b043615.xml': Reply(body=profile(GPP_A='real'))}))
        first = self.enterContext(servers.Scripted({
            '/CP-8851-3PCC.cfg': Reply(body=profile(Profile_Rule=f'{real.url}/$MA.xml'))}))
        client = self.phone(f'66=http://127.0.0.1:{first.port}')
        self.assertEqual(self.first()[0], 'success')
        attempt, _reason = client.wait_signal('ResyncStarted', lambda number, reason: reason == 'rules')
        self.assertEqual(client.wait_finished(attempt)[:2], ('success', f'{real.url}/00562b043615.xml'))
        self.assertEqual(client.get('GPP_A'), 'real')
        self.assertEqual((client.property('CustomizationState'), client.status()['profile-source']), ('Aborted', 'configured'))

    def test_rules_that_chase_each_other(self):
        """rules that change for ever are followed five times in a row (SCHED-10)"""
        count = {'n': 0}

        def answer(request):
            count['n'] += 1
            return Reply(body=profile(Profile_Rule=f'{server.url}/{count["n"]}'))
        server = self.enterContext(servers.Scripted(answer))
        client = self.phone()
        client.set(Profile_Rule=f'{server.url}/0')
        self.assertEqual(self.run_resync()[0], 'success')
        wait.until(lambda: count['n'] == 6, 'five more')
        client.wait_property('State', lambda state: state == 'idle')
        self.assertEqual(count['n'], 6)

    def test_fallbacks_for_the_server(self):
        """a rule without a server: who asked, else who provisioned the phone, else DHCP, else an error (RULE-7)"""
        lease = self.enterContext(servers.Scripted({'/dhcp.xml': Reply(body=profile(GPP_A='dhcp'))}))
        asking = self.enterContext(servers.Scripted({'/own.xml': Reply(body=profile(GPP_A='asked'))}, port=80))
        asking6 = self.enterContext(servers.Scripted({'/own.xml': Reply(body=profile(GPP_A='six'))}, host='::1', port=80))
        client = self.phone()
        result, _url, message, _details = self.run_resync('/own.xml')
        self.assertEqual(result, 'failed')
        self.assertIn('names no server', message)
        self.assertEqual(self.run_resync('http:///own.xml', requester='127.0.0.1')[0], 'success')
        self.assertEqual((client.get('GPP_A'), asking.targets()), ('asked', ['/own.xml']))
        self.assertEqual(self.run_resync('http:///own.xml', requester='::1')[0], 'success')
        self.assertEqual((client.get('GPP_A'), asking6.targets()), ('six', ['/own.xml']))
        other = self.phone(f'66=http://127.0.0.1:{lease.port}')
        self.assertEqual(self.run_resync('/dhcp.xml')[:2], ('success', f'{lease.url}/dhcp.xml'))
        self.assertEqual(other.get('GPP_A'), 'dhcp')

    def test_skipped(self):
        """empty and commented-out rules are a success without a request (RULE-2, RULE-8)"""
        client = self.phone()
        client.set(Profile_Rule='# http://127.0.0.1/x')
        result, url, _message, details = self.run_resync()
        self.assertEqual((result, url, details['class']), ('skipped', '', 'A'))

    def test_bad_rules_are_refused(self):
        """a rule that cannot be parsed is refused where it is given, with its column (RULE-10)"""
        client = self.phone()
        for give in (lambda: client.resync('[--kex a] http://x/y'), lambda: client.set(Profile_Rule='[--kex a] http://x/y')):
            with self.assertRaises(bus.CallError) as caught:
                give()
            self.assertEqual(caught.exception.name, bus.ERROR + 'InvalidRule')
            self.assertIn('--kex', caught.exception.message)
        self.assertEqual(client.get('Profile_Rule'), '/$PN.cfg')


class Failures(Case):
    BODY = profile(GPP_A='new', GPP_B='new')

    def test_each_answer(self):
        """each bad answer has its class and message and changes nothing (HTTP-4, HTTP-5, HTTP-6, PROF-4, PROF-11)"""
        table = {
            '/404': (Reply(404), 'file-not-found', 'B', 'NotFound'),
            '/403': (Reply(403), 'failed', 'C', 'Failed'),
            '/400': (Reply(400), 'failed', 'C', 'Failed'),
            '/500': (Reply(500), 'failed', 'C', 'Failed'),
            '/303': (Reply(303, headers={'Location': '/ok'}), 'failed', 'C', 'Failed'),
            '/307': (Reply(307, headers={'Location': '/ok'}), 'failed', 'C', 'Failed'),
            '/304': (Reply(304), 'failed', 'C', 'Failed'),
            '/401': (Reply(401, headers={'WWW-Authenticate': 'Basic realm="r"'}), 'failed', 'C', 'Failed'),
            '/file': (Reply(302, headers={'Location': 'file:///etc/passwd'}), 'failed', 'C', 'Failed'),
            '/loop': (Reply(302, headers={'Location': '/loop'}), 'failed', 'C', 'Failed'),
            '/empty': (Reply(body=''), 'corrupt-profile', 'B', 'Corrupt'),
            '/html': (Reply(body='<html><body>Welcome</body></html>'), 'corrupt-profile', 'B', 'Corrupt'),
            '/torn': (Reply(body=self.BODY[:30]), 'corrupt-profile', 'B', 'Corrupt'),
            '/tags': (Reply(body='<flat-profile><A></B></flat-profile>'), 'corrupt-profile', 'B', 'Corrupt'),
            '/cut': (Reply(body=self.BODY, cut=20), 'failed', 'C', None),
            '/chunk': (Reply(raw=b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n<flat-profile><G\r\n'),
                       'corrupt-profile', 'B', 'Corrupt'),
            '/reset': (Reply(body=self.BODY, cut=9, reset=True), 'failed', 'C', None),
            '/junk': (Reply(raw=b'220 smtp ready\r\n'), 'failed', 'C', None),
        }
        server = self.enterContext(servers.Scripted({target: row[0] for target, row in table.items()}))
        client = self.phone(Limits={'TransferTimeout': 10, 'ConnectTimeout': 5})
        client.set(GPP_A='old')
        before = self.stored()
        for target, (_reply, result, class_, error) in table.items():
            with self.subTest(target):
                got, url, message, details = self.run_resync(server.url + target)
                self.assertEqual((got, details['class']), (result, class_), message)
                self.assertEqual(details['error'], error or details['error'])
                self.assertTrue(message)
                self.assertTrue(url.startswith(server.url), url)
                self.assertEqual((client.get('GPP_A'), self.stored()), ('old', before))
                # an automatic attempt may have ended meanwhile
                status = client.status()
                self.assertIn(message, [status.get(f'provisioning-{i}', ('',) * 4)[3] for i in (1, 2, 3)])
                self.assertTrue(status['failure-reason'])

    def test_refused_and_unknown(self):
        """nobody listens, nobody knows the name: class C (HTTP-5)"""
        self.phone(Limits={'TransferTimeout': 10, 'ConnectTimeout': 5})
        for url in (f'http://127.0.0.1:{servers.free_port()}/x', 'http://nowhere.test/x', 'http://192.0.2.1/x'):
            with self.subTest(url):
                result, _url, message, details = self.run_resync(url)
                self.assertEqual((result, details['class'], details['error']), ('failed', 'C', 'Unreachable'), message)

    def test_missing_file_may_be_fine(self):
        """Resync_Fails_On_FNF No makes a missing file a success (HTTP-4)"""
        server = self.enterContext(servers.Scripted({}))
        client = self.phone()
        client.set(Resync_Fails_On_FNF='No', Profile_Rule=f'{server.url}/x')
        self.assertEqual(self.run_resync()[3]['class'], 'A')

    def test_retry_after(self):
        """Retry-After sets the next attempt (HTTP-7)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(503, headers={'Retry-After': '1000'})))
        client = self.phone()
        client.set(Profile_Rule=f'{server.url}/x')
        self.assertEqual(self.run_resync()[0], 'failed')
        client.wait_property('NextResync', lambda at: 990 < at / 1e6 - time.time() < 1002)

    def test_worker_killed(self):
        """a worker that dies is a failed attempt that says so, and nothing more"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=self.BODY, delay=15)))
        client = self.phone()
        attempt = client.resync(server.url + '/x', force=True)
        wait.until(lambda: server.requests, 'the request')
        children = self.daemon.children()
        self.assertEqual(len(children), 1)
        os.kill(children[0], signal.SIGKILL)
        result, _url, message, details = client.wait_finished(attempt)
        self.assertEqual((result, details['class']), ('failed', 'C'))
        self.assertIn('worker', message)
        self.assertFalse(os.path.exists(f'/proc/{children[0]}'))

    def test_progress(self):
        """what comes of a large file is told, at most four times a second"""
        body = self.BODY.replace('<GPP_A>', ('<!--' + 'x' * 1000 + '-->') * 4000 + '<GPP_A>').encode()
        head = Reply(body=body).head()

        def slowly(peer):
            peer.read_request()
            peer.send(head)
            # some 250 times more, in two seconds or more
            for at in range(0, len(body), 1 << 14):
                peer.send(body[at:at + (1 << 14)])
                time.sleep(0.008)
        server = self.enterContext(scripted.Server(slowly))
        client = self.phone()
        heard = []
        client.connection.signal_subscribe(None, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', bus.PATH, None, 0,
                                           lambda *signal: heard.append(signal[5].unpack()[1].get('Progress')))
        begun = time.monotonic()
        self.assertEqual(client.wait_finished(client.resync(server.url + '/x', force=True))[0], 'success')
        seconds = time.monotonic() - begun
        told = [progress for progress in heard if progress and progress[0] == 'downloading']
        self.assertGreaterEqual(len(told), 3)
        self.assertLessEqual(len(told), 4 * (seconds + 1))
        amounts = [progress[2] for progress in told]
        self.assertEqual(amounts, sorted(amounts))
        self.assertEqual({progress[3] for progress in told[1:]}, {len(body)})

    def test_answers_meanwhile(self):
        """the daemon answers while a server is silent, and Cancel ends the attempt (SCHED-8)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=self.BODY, delay=15)))
        client = self.phone()
        attempt = client.resync(server.url + '/x', force=True)
        wait.until(lambda: server.requests, 'the request')
        begun = time.monotonic()
        client.get('GPP_A')
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(client.property('State'), 'resyncing')
        second = client.resync(server.url + '/y', force=True)
        self.assertEqual(second, attempt + 1)
        with self.assertRaises(bus.CallError) as caught:
            client.resync(server.url + '/z', force=True)
        self.assertEqual(caught.exception.name, bus.ERROR + 'Busy')
        client.call('Cancel')
        self.assertEqual(client.wait_finished(attempt)[0], 'cancelled')
        client.call('Cancel')
        self.assertEqual(client.wait_finished(second)[0], 'cancelled')
        client.wait_property('State', lambda state: state == 'idle')


class Manners(Case):
    def test_disabled(self):
        """Provision_Enable No: no resync at all (SCHED-1)"""
        client = self.phone()
        client.set(Provision_Enable='No')
        with self.assertRaises(bus.CallError) as caught:
            client.resync(force=True)
        self.assertEqual(caught.exception.name, bus.ERROR + 'Disabled')

    def test_busy_phone(self):
        """a resync waits while a call is up, unless forced (SCHED-5)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='x'))))
        client = self.phone()
        with self.a_call():
            attempt = client.resync(server.url + '/x')
            client.wait_property('State', lambda state: state == 'waiting-idle')
            self.assertEqual(client.status()['waiting-for'], 'call: sip')
            self.assertEqual(server.requests, [])
        self.assertEqual(client.wait_finished(attempt)[0], 'success')

    def test_triggers(self):
        """an automatic resync waits for its trigger; an explicit one does not (SCHED-6)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='x'))))
        client = self.phone()
        client.set(Resync_Trigger_1='"$EXTIP" eq "192.0.2.7"')
        self.lease(f'66=http://127.0.0.1:{server.port}')
        wait.until(lambda: client.status().get('waiting-for') == 'trigger', 'the trigger to hold the phone back')
        self.assertEqual(server.requests, [])
        client.turn()
        client.signals.clear()
        client.call('SetFacts', bus.GLib.Variant('(a{sv})', ({'ext-ip': bus.GLib.Variant('s', '192.0.2.7')},)))
        attempt, reason = client.wait_signal('ResyncStarted')
        # the boot's may have come before the trigger, when there was no server
        self.assertIn(reason, ('boot', 'lease'))
        self.assertEqual(client.wait_finished(attempt)[0], 'success')

    def test_restart(self):
        """a restarted daemon goes on with what it stored: state, history, timers (SCHED-2, STATE-4, LOG-3, STORE-1)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='x'))))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        self.assertEqual(self.first()[0], 'success')
        client.wait_property('State', lambda state: state == 'idle')
        due, asked = client.property('NextResync'), len(server.requests)
        self.daemon.restart()
        self.assertEqual(client.property('CustomizationState'), 'Aborted')
        self.assertEqual(client.get('GPP_A'), 'x')
        self.assertEqual(client.status()['provisioning-1'][1], 'success')
        client.wait_property('NextResync', lambda at: abs(at - due) < 2_000_000)
        self.assertEqual(len(server.requests), asked)

    def test_killed(self):
        """after a kill at any moment the phone is what it was (STATE-4)"""
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=profile(GPP_A='x'))))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        self.assertEqual(self.first()[0], 'success')
        self.daemon.stop(signal.SIGKILL)
        self.daemon.start()
        self.assertEqual((client.property('CustomizationState'), client.get('GPP_A')), ('Aborted', 'x'))

    def test_factory_reset(self):
        """a factory reset takes everything, also secrets and history, and asks for a restart (STATE-4)"""
        gone = []
        server = self.enterContext(servers.Scripted(lambda request: Reply(404) if gone else Reply(
            body=profile(GPP_A='x', Admin_Password='canary'))))
        client = self.phone(f'66=http://127.0.0.1:{server.port}')
        self.assertEqual(self.first()[0], 'success')
        gone.append(True)
        client.call('FactoryReset')
        self.assertEqual(client.wait_signal('RebootRequired'), ('factory reset',))
        self.assertEqual((client.get('GPP_A'), client.get('Admin_Password')), ('', ''))
        self.assertEqual(client.property('CustomizationState'), 'Open')
        self.assertNotIn('provisioning-1', client.status())
        for path in glob.glob(self.daemon.state_dir + '/**', recursive=True):
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    self.assertNotIn(b'canary', file.read(), path)
        self.daemon.restart()
        self.assertEqual((client.property('CustomizationState'), client.get('GPP_A')), ('Open', ''))

    def test_reboot_required(self):
        """a changed parameter that needs a restart says so"""
        client = self.phone()
        client.set(Asset_ID='7')
        self.assertEqual(client.wait_signal('RebootRequired'), ('Asset_ID was changed',))
        server = self.enterContext(servers.Scripted({'/x': Reply(body=profile(Asset_ID='8'))}))
        self.assertEqual(self.run_resync(server.url + '/x')[0], 'success')
        self.assertEqual(client.wait_signal('RebootRequired'), ('Asset_ID was changed',))

    def test_no_secret_leaves(self):
        """a profile's secrets show in no log, status or signal (STORE-3, LOG-2)"""
        body = profile(Admin_Password='canary-1', GPP_SA='canary-2', Resync_Random_Delay='canary-3-is-no-number',
                       Profile_Account_Password='canary-4\x01')
        server = self.enterContext(servers.Scripted(lambda request: Reply(body=body.replace('\x01', ''))))
        client = self.phone()
        client.set(Profile_Rule=f'[--uid user --pwd canary-5] {server.url}/x?token=canary-6')
        self.assertEqual(self.run_resync()[0], 'success')
        shown = repr((client.status(), client.signals, client.property('ProfileRule')))
        for secret in ('canary-1', 'canary-2', 'canary-4', 'canary-5', 'canary-6'):
            self.assertNotIn(secret, shown)
            self.assertNotIn(secret, self.daemon.log())
        self.assertIn('Resync_Random_Delay', self.daemon.log())

    def test_verify_is_slowed_down(self):
        """wrong guesses of a password wait, longer each time"""
        client = self.phone()
        client.set(Admin_Password='right')

        def guess(text):
            return client.parameters('Verify', '(ss)', 'Admin_Password', text)[0]
        self.assertFalse(guess('wrong'))
        begun = time.monotonic()
        self.assertFalse(guess('wrong again'))
        self.assertTrue(guess('right'))
        self.assertGreater(time.monotonic() - begun, 2)
        begun = time.monotonic()
        self.assertTrue(guess('right'))
        self.assertLess(time.monotonic() - begun, 1)
        # several at once wait no less: all but one are refused
        self.assertFalse(guess('wrong'))
        answers = []

        def answered(connection, result):
            try:
                answers.append(connection.call_finish(result).unpack()[0])
            except bus.GLib.Error as error:
                answers.append('Busy' if 'Error.Busy' in error.message else error.message)
        for number in range(5):
            client.connection.call(bus.NAME, bus.PATH, bus.NAME + '.Parameters', 'Verify',
                                   bus.GLib.Variant('(ss)', ('Admin_Password', f'wrong {number}')), None, 0, 10000, None, answered)
        wait.until(lambda: client.turn() or len(answers) == 5, 'the answers')
        self.assertEqual(sorted(map(str, answers)), ['Busy', 'Busy', 'Busy', 'Busy', 'False'])


if __name__ == '__main__':
    tap.main('box')
