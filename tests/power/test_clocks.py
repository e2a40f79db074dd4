#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clocks that jump, machines that sleep, zones and summer time, against the daemon's real timers: no attempt too many, and
none that is missed. The clocks are moved by clocks.py; the machine's own are left alone."""

import datetime
import os
import re
import shutil
import sys
import tempfile
import time
import unittest
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, certificates, servers, store, syslog, tap, wait  # noqa: E402
from clocks import Clocks  # noqa: E402

Reply = servers.Reply
HOUR, DAY, YEAR = 3600, 86400, 31557600
PHONE = {'Model': 'CP-8851-3PCC', 'MacAddress': '00:56:2b:04:36:15', 'SerialNumber': 'FCH1234'}
LOCALTIME = '/etc/localtime'
# where the wall clock is set to, or by how many years it jumps
JUMPS = (('ten years on', 10), ('ten years back', -10), ('before the build', '2020-02-29T23:59:59'), ('to 1970', '1970-01-01T00:00:09'),
         ('to 2038', '2038-01-19T03:14:06'), ('beyond', '2038-01-19T03:14:09'), ('to the next century', '2101-01-01T00:00:00'),
         ('to the leap', '2028-02-29T12:00:00'))


def instant(text, zone='UTC'):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)).timestamp()


def profile(**values):
    return '<flat-profile>' + ''.join(f'<{name}>{value}</{name}>' for name, value in values.items()) + '</flat-profile>'


def set_zone(name):
    """As an administrator does: a new link in the old one's place."""
    os.symlink(f'/usr/share/zoneinfo/{name}', LOCALTIME + '.new')
    os.replace(LOCALTIME + '.new', LOCALTIME)


class Case(unittest.TestCase):
    where = 'as it is'

    def setUp(self):
        set_zone('Europe/Berlin')
        self.reply = Reply(body=profile(GPP_A='x'))
        self.server = self.enterContext(servers.Scripted(lambda request: self.reply))
        self.clocks = self.enterContext(Clocks())
        # no server is overloaded because this phone has just started (HTTP-5)
        self.clocks.sleep(HOUR)
        self.bus = self.enterContext(bus.Bus())

    def enterContext(self, context):  # noqa: N802 (unittest has it from 3.11 on)
        value = context.__enter__()
        self.addCleanup(lambda: context.__exit__(*sys.exc_info()))
        return value

    def phone(self, options='', attempts=1, **parameters):
        """A phone after its first resync, where attempts is 1. options: it is out of its box, and its lease has these."""
        config = {'Phone': PHONE, 'Network': {'Manager': 'none', 'Options': options},
                  'Discovery': {'RedirectUrl': '', 'RedirectFallbackUrl': '', 'ActivationUrl': ''}, **self.config()}
        self.daemon = self.enterContext(bus.Daemon(self.bus, config=config, env=self.clocks.env, args=self.args(), start=False))
        if not options:
            store.write_settled(self.daemon.state_dir, 'root')
        self.daemon.start()
        self.client = bus.Client(self.bus)
        rule = {} if options else {'Profile_Rule': self.server.url + '/p.xml'}
        self.client.set(**{'Resync_Random_Delay': '0', **rule, **parameters})
        if attempts:
            self.client.wait_finished(self.client.resync())
            self.idle()
        self.count = 0
        self.attempts()
        return self.client

    def config(self):
        return {}

    def args(self):
        return ()

    def idle(self):
        """Returns when the daemon has seen its clocks and does nothing more about them."""
        self.clocks.settle()
        # what its timers said came before these calls
        for _ in range(2):
            self.client.wait_property('State', lambda state: state == 'idle')

    def attempts(self):
        """How many began since the last call."""
        self.client.turn()
        count = sum(name == 'ResyncStarted' for name, _values in self.client.signals)
        self.client.signals[:] = [one for one in self.client.signals if one[0] != 'ResyncStarted']
        return count

    def sleep(self, seconds, attempts):
        """Time goes on, and so many attempts begin."""
        self.clocks.sleep(seconds)
        self.idle()
        for _ in range(attempts):
            self.client.wait_signal('ResyncStarted')
        self.idle()
        self.assertEqual(self.attempts(), 0, f'{self.where}: after {seconds} s')

    def due_in(self, least, most=None):
        """Status says that the next resync is due in so many seconds, give or take those that have passed here."""
        most = least if most is None else most
        def good(at):
            self.found = at / 1e6 - self.clocks.wall()
            return at and least - 5 <= self.found <= most + 5
        try:
            self.client.wait_property('NextResync', good)
        except AssertionError:
            raise AssertionError(f'{self.where}: due in {self.found:.0f} s instead of {least:.0f} to {most:.0f}') from None

    def jumps(self):
        """Each jump, with the clock set; the daemon knows it."""
        for name, where in JUMPS:
            self.where = name
            if isinstance(where, int):
                self.clocks.jump(where * YEAR)
            else:
                self.clocks.set_wall(instant(where))
            self.idle()
            yield name
        self.where = 'back'
        self.clocks.set_wall(time.time())
        self.idle()


class Periods(Case):
    """What counts from the last attempt counts on, whatever the wall says."""

    def check(self, seconds, attempts=1):
        """Something is due in so many seconds, again and again."""
        for _name in self.jumps():
            self.assertEqual(self.attempts(), 0)
            self.due_in(seconds)
            self.sleep(seconds - 30, 0)
            self.due_in(30)
            self.sleep(31, attempts)

    def test_periodic(self):
        """the period counts from the last success, once each time, wherever the clock is set to (SCHED-3)"""
        self.phone(Resync_Periodic='7200')
        self.check(7200)
        self.assertEqual(len(self.server.requests), 1 + len(JUMPS))

    def test_retry(self):
        """the delays of the retry list are the same (SCHED-4)"""
        self.reply = Reply(500)
        self.phone(Resync_Error_Retry_Delay='600')
        self.check(600)
        self.assertEqual(self.client.status()['next-reason'], 'retry')

    def test_retry_after(self):
        """a server that says when is asked then (HTTP-7)"""
        self.reply = Reply(503, headers={'Retry-After': '1800'})
        self.phone()
        self.check(1800)
        self.assertEqual(self.client.status()['waiting-for'], 'retry-after')

    def test_onboarding(self):
        """a phone that found no profile tries all again by the list, 60 s, 120 s … (DISC-12)"""
        self.reply = Reply(404)
        self.phone(options=f'66=http://127.0.0.1:{self.server.port}', attempts=0)
        # that of the boot, which comes within five seconds
        self.client.wait_property('NextResync', bool)
        self.clocks.sleep(5)
        wait.until(lambda: self.client.status().get('next-reason') == 'retry', 'the first attempt')
        self.idle()
        self.attempts()
        for delay, _name in zip((60, 120, 240, 480, 960, 1920, 3840, 7680), self.jumps()):
            self.assertEqual(self.attempts(), 0)
            self.due_in(delay)
            self.sleep(delay - 20, 0)
            self.sleep(21, 1)
        self.assertEqual(self.client.property('CustomizationState'), 'Open')

    def test_boot(self):
        """after a boot the random delay goes on, too, and a restarted daemon goes on with it (SCHED-2)"""
        self.phone(Resync_Random_Delay='30')
        at = self.boot_again()
        # of one that comes at once nothing can be seen
        while at < 60:
            at = self.boot_again()
        self.attempts()
        before = len(self.server.requests)
        self.assertLessEqual(at, 600)
        self.assertEqual(self.client.status()['next-reason'], 'boot')
        begun = self.clocks.boot()
        for _name in self.jumps():
            self.due_in(at - (self.clocks.boot() - begun))
        self.assertEqual(self.attempts(), 0)
        self.sleep(600, 1)
        self.assertEqual(len(self.server.requests), before + 1)

    def boot_again(self):
        """Another boot; seconds until its resync."""
        self.daemon.stop()
        os.unlink(os.path.join(self.daemon.runtime_dir, 'state.conf'))
        store.write_state(self.daemon.state_dir, 'root', customization='Aborted', provisioned='true')
        self.daemon.start()
        return self.client.wait_property('NextResync', bool) / 1e6 - self.clocks.wall()

    def test_suspended(self):
        """after three days of sleep one attempt is made, and not three days' (SCHED-3, SCHED-4, HTTP-7)"""
        self.phone(Resync_Periodic='3600', Resync_Error_Retry_Delay='60')
        for reply, following in ((Reply(500), 60), (Reply(503, headers={'Retry-After': '100'}), 100), (self.reply, 3600)):
            self.reply = reply
            self.sleep(3 * DAY, 1)
            self.due_in(following)

    def test_suspended_in_an_attempt(self):
        """an attempt that slept with the phone has no connection left, and ends when both wake (HTTP-5)"""
        self.phone()
        self.reply = Reply(delay=60)
        attempt = self.client.resync(self.server.url + '/x', force=True)
        wait.until(lambda: len(self.server.requests) == 2, 'the request')
        self.clocks.sleep(HOUR)
        result, _url, message, _details = self.client.wait_finished(attempt)
        self.assertEqual(result, 'failed')
        self.assertIn('had not finished after', message)

    def test_history(self):
        """the last success is written once a day, and once more where the clock was set, not ten years later (LOG-3)"""
        def written():
            with open(os.path.join(self.daemon.state_dir, 'state.conf'), encoding='utf-8') as file:
                return float(next(line for line in file if line.startswith('last-success=')).split('=')[1]) / 1e6
        self.phone(Resync_Periodic='3600')
        first = written()
        self.sleep(3601, 1)
        self.assertEqual(written(), first)
        for jump in (10 * YEAR, -20 * YEAR):
            self.clocks.jump(jump)
            self.idle()
            self.sleep(3601, 1)
            set_ = written()
            self.assertAlmostEqual(set_, self.clocks.wall(), delta=60)
            self.sleep(3601, 1)
            self.assertEqual(written(), set_)

    def test_set_while_stopped(self):
        """a daemon that finds its stored instant passed makes up for it within 5 s, one that finds it years ahead takes the period
        (SCHED-2, SCHED-3)"""
        self.phone(Resync_Periodic='7200')
        self.daemon.stop()
        self.clocks.jump(10 * YEAR)
        self.daemon.start()
        self.sleep(5, 1)
        self.due_in(7200)
        self.daemon.stop()
        self.clocks.jump(-10 * YEAR)
        self.daemon.start()
        self.due_in(7200)
        self.sleep(7100, 0)
        self.sleep(101, 1)


class Told(Case):
    """What others hear of the phone's time."""

    def test_reports(self):
        """a report goes out once each period from the one before, wherever the clock is set to; and after the delay where somebody changed something,
        but not where a profile did (REPORT-1, REPORT-2)"""
        self.phone(Resync_Periodic='0', Report_Rule=self.server.url + '/report', Report_to_Server='Periodically',
                   periodic_upload_to_server='600')
        for n, _name in zip(range(3), self.jumps()):
            self.assertEqual(self.attempts(), 0)
            before = len(self.server.requests)
            self.sleep(570, 0)
            self.assertEqual(len(self.server.requests), before)
            self.sleep(31, 1)
            wait.until(lambda count=before: len(self.server.requests) > count, 'the report')
            request, = self.server.requests[before:]
            self.assertEqual((request.method, request.target), ('POST', '/report'))
            self.assertIn(b'<GPP_A ua="na">x</GPP_A>', request.body)
        self.reply = Reply(body=profile(GPP_A='z'))
        for name, values in (('somebody', {'Report_to_Server': 'On Local Change'}), ('a profile', {}), ('somebody again', {'GPP_A': 'y'})):
            self.where = f'changed by {name}'
            before = len(self.server.requests)
            if values:
                self.client.set(**values)
            else:
                self.assertEqual(self.client.wait_finished(self.client.resync())[0], 'success')
                self.assertEqual(self.attempts(), 1)
            self.sleep(55, 0)
            self.sleep(6, 1 if values else 0)
            wanted = ['/report'] if values else ['/p.xml']
            wait.until(lambda count=before + 1: len(self.server.requests) >= count, 'the request')
            self.assertEqual([request.target for request in self.server.requests[before:]], wanted)
        self.assertIn(b'<GPP_A ua="na">y</GPP_A>', self.server.requests[-1].body)

    def test_messages(self):
        """a message for the operator has the time of the clock, and none while that is not set (LOG-1, HTTP-11)"""
        operator = self.enterContext(servers.Silent())
        got = []

        def told(n):
            got.extend(operator.received())
            return len(got) == n
        self.phone(Syslog_Server=f'127.0.0.1:{operator.port}')
        for wall in (time.time(), instant('1970-01-01T00:00:09'), time.time() + DAY):
            self.clocks.set_wall(wall)
            self.idle()
            self.client.wait_finished(self.client.resync())
            self.idle()
        wait.until(lambda: told(8), 'four attempts')
        times = [syslog.read_5424(data).time for data, _sender in got]
        self.assertEqual(times[4:6], [None, None])
        for at, shift in ((2, 0), (3, 0), (6, DAY), (7, DAY)):
            self.assertAlmostEqual(times[at].timestamp(), time.time() + shift, delta=60)


class Daily(Case):
    """What follows the clock on the wall. The random part is up to 600 seconds."""

    def daily(self, start, at='0200', zone='Europe/Berlin'):
        self.clocks.set_wall(instant(start, zone))
        self.phone(Resync_At__HHmm_=at)

    def until(self, text, zone='Europe/Berlin'):
        return instant(text, zone) - self.clocks.wall()

    def night(self, at, zone='Europe/Berlin'):
        """The next attempt is at a local time, and there is just one."""
        left = self.until(at, zone)
        self.due_in(left, left + 600)
        self.sleep(left - 10, 0)
        self.sleep(620, 1)

    def test_jumps(self):
        """a day that the clock jumped over is made up for within ten minutes, once; one that comes again is kept again (SCHED-3)"""
        self.daily('2026-11-21T12:00:00')
        self.sleep(2 * HOUR, 0)
        self.clocks.jump(10 * YEAR)
        self.idle()
        self.due_in(0, 600)
        self.sleep(610, 1)
        self.clocks.set_wall(instant('2036-11-21T12:00:00', 'Europe/Berlin'))
        self.idle()
        self.night('2036-11-22T02:00:00')
        for back in ('2026-11-21T12:00:00', '1970-01-02T12:00:00'):
            self.clocks.set_wall(instant(back, 'Europe/Berlin'))
            self.idle()
            self.assertEqual(self.attempts(), 0)
            self.night(back.replace('21T12', '22T02').replace('02T12', '03T02'))
        for _name in self.jumps():
            # a success within the hour covers what was jumped over
            self.assertEqual(self.attempts(), 0)

    def test_suspended(self):
        """three nights asleep are made up for by one attempt (SCHED-3)"""
        self.daily('2026-11-21T12:00:00')
        self.sleep(3 * DAY, 1)
        self.night('2026-11-25T02:00:00')

    def test_summer(self):
        """the hour that does not exist is its end, and the day of 23 hours has one attempt (SCHED-3)"""
        self.daily('2027-03-27T12:00:00', '0230')
        self.night('2027-03-28T03:00:00')
        self.night('2027-03-29T02:30:00')

    def test_winter(self):
        """of an hour that comes twice the first counts, and the day of 25 hours has one attempt (SCHED-3)"""
        self.daily('2027-10-30T12:00:00', '0230')
        self.night('2027-10-31T02:30:00')
        self.sleep(3 * HOUR, 0)
        self.night('2027-11-01T02:30:00')

    def check_zone(self, change):
        """At noon in Berlin, which is midnight in Auckland; change() moves the phone there."""
        self.daily('2026-11-21T12:00:00')
        left = self.until('2026-11-22T02:00:00')
        self.due_in(left, left + 600)
        change()
        left = self.until('2026-11-22T02:00:00', 'Pacific/Auckland')
        self.assertAlmostEqual(left, 2 * HOUR, delta=60)
        self.due_in(left, left + 600)
        self.night('2026-11-22T02:00:00', 'Pacific/Auckland')
        self.night('2026-11-23T02:00:00', 'Pacific/Auckland')

    def test_zone(self):
        """a phone that is moved to another zone while it runs keeps the daily time there, once a day (SCHED-3)"""
        self.check_zone(lambda: set_zone('Pacific/Auckland'))

    def test_zone_file(self):
        """the same where /etc/localtime is a file and no link (SCHED-3)"""
        def copy(name):
            shutil.copy(f'/usr/share/zoneinfo/{name}', LOCALTIME + '.new')
            os.replace(LOCALTIME + '.new', LOCALTIME)
        copy('Europe/Berlin')
        self.check_zone(lambda: copy('Pacific/Auckland'))


    def test_zone_behind_a_link(self):
        """the same where /etc/localtime is a link that stays, by way of another one, and the file it leads to is another (SCHED-3)"""
        folder = tempfile.mkdtemp(prefix='zone-')
        self.addCleanup(shutil.rmtree, folder)

        def copy(name):
            shutil.copy(f'/usr/share/zoneinfo/{name}', f'{folder}/new')
            os.replace(f'{folder}/new', f'{folder}/zone')
        copy('Europe/Berlin')
        os.symlink('zone', f'{folder}/link')
        os.symlink(f'{folder}/link', LOCALTIME + '.new')
        os.replace(LOCALTIME + '.new', LOCALTIME)
        self.check_zone(lambda: copy('Pacific/Auckland'))


class Unset(Case):
    """HTTP-11 with a worker that has the same clocks."""

    def config(self):
        return {'Tls': {'CaFile': self.authority.path}}

    def args(self):
        return self.clocks.worker()

    def test_waits(self):
        """an attempt that waits for the clock goes ahead when it is set, by itself and once; a clock that was set to another wrong
        time is waited for again, and none of it is a failure (HTTP-11)"""
        self.authority = certificates.Authority()
        self.addCleanup(shutil.rmtree, self.authority.folder)
        self.reply = Reply(body=profile(GPP_A='in', Resync_Periodic='7200'))
        server = self.enterContext(servers.Scripted(lambda request: self.reply, tls=self.authority.issue('127.0.0.1')))
        self.clocks.set_wall(instant('1970-01-01T00:05:00'))
        client = self.phone(attempts=0, Profile_Rule=f'{server.url}/p.xml', Resync_Error_Retry_Delay='604800')
        for wrong in (None, '1999-12-31T23:59:59'):
            if wrong:
                self.clocks.set_wall(instant(wrong))
                self.sleep(0, 1)
            else:
                client.wait_finished(client.resync())
            self.idle()
            status = client.status()
            self.assertEqual((status['waiting-for'], client.property('NextResync'), server.requests), ('clock', 0, []))
            self.assertNotIn('failure-reason', status)
            self.attempts()
            self.sleep(3 * DAY, 1)
        self.clocks.set_wall(time.time())
        self.sleep(0, 1)
        self.assertEqual((client.get('GPP_A'), len(server.requests)), ('in', 1))
        self.assertNotIn('waiting-for', client.status())
        self.due_in(7200)
        self.clocks.jump(10)
        self.idle()
        self.assertEqual(self.attempts(), 0)
        # LOG-1
        said = re.findall('-- (Requesting|Successful|Resync failed)', self.daemon.log())
        self.assertEqual(said, ['Requesting'] * 5 + ['Successful'])

    def test_wrong_time_that_went(self):
        """a clock that was ten years ahead leaves nothing behind where no certificate bore it out; where one did, the next that bears
        out the right time puts it right (HTTP-11)"""
        self.authority = certificates.Authority(days=9000)
        self.addCleanup(shutil.rmtree, self.authority.folder)
        answer = lambda request: self.reply  # noqa: E731
        good = self.enterContext(servers.Scripted(answer, tls=self.authority.issue('127.0.0.1', ends=20 * YEAR)))
        old = self.enterContext(servers.Scripted(answer, tls=self.authority.issue('127.0.0.1', begins=-2 * DAY, ends=-DAY)))
        client = self.phone(attempts=0, Resync_Error_Retry_Delay='86400')

        def resync(server):
            result, _url, message, _details = client.wait_finished(client.resync(server.url + '/p.xml'))
            self.idle()
            return 'waits' if 'clock is not set yet' in message else result
        for server, then in ((self.server, ()), (good, ('waits', 'success'))):
            self.clocks.jump(10 * YEAR)
            self.idle()
            self.assertIn(resync(server), ('success', 'unchanged'))
            self.clocks.jump(-10 * YEAR)
            self.idle()
            self.daemon.restart()
            self.idle()
            for at, wanted in zip((old, good), then):
                self.assertIn(resync(at), (wanted, 'unchanged'))
            self.assertEqual(resync(old), 'failed')


if __name__ == '__main__':
    tap.main('box')
