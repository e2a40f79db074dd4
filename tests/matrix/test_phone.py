#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of the matrix from end to end: the lease by a real DHCP server and NetworkManager, or as resyncd.conf states one, real
servers, resyncd as its own user, and in its state folder what the phone was before. What the servers were asked, in order, and what Status
says in the end are those of the model in cases.py. Phones that learn of their provider from a real DHCPv6 server, by each of 17, 159 and 160, are
those of engine/test_inform.py."""

import hashlib
import itertools
import os
import random
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from gi.repository import GLib  # noqa: E402
from lib import bus, lab, store, tap, wait  # noqa: E402
import cases  # noqa: E402
import provider  # noqa: E402

DNS = 'dhcp-option=6,10.77.0.1'
PRESENT, OTHERS, EACH = 24, 4, 3  # cases in which nothing happens, with an option or without; and of each that can happen
SEED = 298
# the cases with SRV records: a phone out of its box, one that they provisioned, and one whose rule has --srv
BY_RECORDS = [('Open', 'first dead'), ('Open', 'wrong certificate'), ('Open', 'serves nothing'), ('Open', 'good by http'), ('Aborted', 'first dead'),
              ('Acquired', 'none'), ('Acquired', 'good')]


def _can_run(case):
    """Whether the laboratory has what it takes: no TFTP server is slow on purpose, and resyncd.conf states no bytes that are no text."""
    slow = case.server == 'slow' and (case.front == 'tftp' or case.form == 'path')
    options = cases.lease_of(case)
    if slow or (case.front == 'tftp' and case.family == 6) or (case.family == 6 and (case.form in ('host', 'path') or case.option == 17)):
        return False
    if case.family == 4:
        # dnsmasq sends addresses as 150, and nothing else
        return all(option.code != 150 or case.form == 'list' and case.presence == 'present' for option in options)
    return all(byte >= 32 for option in options for byte in option.value)


def _is_held(case):
    """Whether the first that is asked keeps its answer back, so that something can happen meanwhile."""
    first = cases.outcome(case, provider.LATE).requests[:1]
    return bool(first) and cases.place_of(first[0]).startswith('slow-') and cases.behaviour(
        cases.place_of(first[0]), first[0].partition(':')[0]) == 'slow'


def _some(all_of_them, number):
    """So many of them, the same in every run."""
    return random.Random(SEED).sample(all_of_them, number)


def chosen():
    runnable = [case for case in cases.generate() if _can_run(case) and not case.srv]
    for kind in cases.MEANWHILE[1:]:
        yield from _some([case for case in runnable if case.meanwhile == kind and _is_held(case)], EACH)
    calm = [case for case in runnable if case.meanwhile == 'nothing']
    yield from _some([case for case in calm if case.presence == 'present'], PRESENT)
    yield from _some([case for case in calm if case.presence != 'present'], OTHERS)
    yield from (case for case in cases.generate() if case.meanwhile == 'nothing' and (case.state, case.srv) in BY_RECORDS)


def records(case):
    """SRV records and the addresses of the hosts that they name, as lines of dnsmasq."""
    lines = [f'host-record={cases.host(place)},{cases.address(place)}' for place in cases.DOMAIN_PLACES]
    for scheme, priority, weight, place in cases.SRV[case.srv]:
        service, port = ('_ciscoprov-https._tls', 443) if scheme == 'https' else ('_ciscoprov-http._tcp', 80)
        lines.append(f'srv-host={service}.{cases.DOMAIN},{cases.host(place)},{port},{priority},{weight}')
    return lines


def comes_by_dhcp(case):
    """Whether the lease is a real one: where it must be, and of the others every second one (it takes its time)."""
    text = all(32 <= byte < 127 for option in cases.lease_of(case) for byte in option.value)
    return case.family == 4 and (not text or case.meanwhile == 'new lease' or case.number % 2 == 0)


def dnsmasq(option):
    if option.code == 150:
        value = ','.join('.'.join(map(str, option.value[index:index + 4])) for index in range(0, len(option.value), 4))
    elif all(32 <= byte < 127 for byte in option.value):
        value = f'"{option.value.decode()}"'
    else:
        value = ':'.join(f'{byte:02x}' for byte in option.value)
    return f'dhcp-option={option.code},{value}'


def stated(options):
    """As resyncd.conf states a lease."""
    return ';'.join(f'{"v6-" if one.family == 6 else ""}{one.code}={one.value.decode()}'.replace(';', '\\;') for one in options)


def identity(sources):
    """What the phone keeps of a lease."""
    text = ''.join(f'{name}={hint.text}\n' for name, hints in sources for hint in hints)
    return hashlib.sha256(text.encode()).hexdigest() if text else ''


def _write(folder, name, sections):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8', opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(store.seal(sections))
    shutil.chown(path, 'resyncd', 'resyncd')


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provider = provider.Provider()
        cls.addClassCleanup(cls.provider.close)

    def state_folder(self, phone):
        """What the phone was before the case, as it would have written it."""
        folder = tempfile.mkdtemp(prefix='state-')
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o700)
        shutil.chown(folder, 'resyncd', 'resyncd')
        sections = {'state': {'customization': phone.state, 'provisioned': str(phone.provisioned).lower(), 'profile-source': phone.source,
                              'lease-servers': identity(phone.lease)}}
        if phone.remembered:
            scheme, _, rest = phone.remembered.partition('://')
            named, _, path = rest.partition('/')
            sections['candidate'] = {'scheme': scheme, 'host': named, 'port': 443 if scheme == 'https' else 80, 'path': '/' + path,
                                     'srv': str(phone.by_records).lower()}
        _write(folder, 'state.conf', sections)
        if phone.rule:
            _write(folder, 'parameters.conf', {'Store': {'Format': 1, 'Generation': 1},
                                               'Parameters': {'Profile_Rule': f'profile,,{phone.rule}'}})
        return folder

    def start(self, case):
        config = {'Discovery': {'RedirectUrl': cases.redirect_url(case), 'RedirectFallbackUrl': '',
                                'ActivationUrl': f'https://{cases.address("service")}/activate' if case.activation else '',
                                'VendorOption': f'{cases.ENTERPRISE}/{cases.SUB}'},
                  'Tls': {'CaFile': self.provider.authority.path}}
        options = cases.lease_of(case)
        if comes_by_dhcp(case) or case.srv:
            lab.options(DNS, *map(dnsmasq, options), *(records(case) if case.srv else ()))
        if comes_by_dhcp(case):
            lab.renew()
        else:
            config['Network'] = {'Manager': 'none', 'Options': stated(options), 'Domain': cases.DOMAIN if case.srv else ''}
        self.daemon = lab.Phone(config=config, state_dir=self.state_folder(cases.phone_of(case)), in_call=True)
        self.addCleanup(self.daemon.close)
        self.client = bus.Client(self.daemon.bus)

    def happen(self, kind):
        """In the middle of the first attempt. Returns the attempt that settles the case."""
        client = self.client
        if kind == 'manual rule':
            client.call('SetProfileRule', GLib.Variant('(s)', (f'http://{cases.address("manual")}{cases.OWN}',)))
            return client.resync()
        if kind == 'power cut':
            self.daemon.cut()
            self.provider.late.let_go()
            self.daemon.hold()
            self.daemon.start()
            return self.daemon.resync_after_call(client)
        if kind == 'factory reset':
            client.call('FactoryReset')
            return client.resync()
        lab.options(DNS, *map(dnsmasq, cases.new_lease()))
        lab.renew()
        self.provider.late.let_go()
        return client.wait_signal('ResyncStarted', lambda number, reason: reason == 'lease')[0]

    def check(self, case):
        """One case."""
        late = self.provider.late
        want = cases.outcome(case, provider.LATE, cases.DOMAIN if comes_by_dhcp(case) else '')
        self.provider.forget()
        self.addCleanup(late.let_go)
        if case.meanwhile != 'nothing':
            late.hold()
        self.start(case)
        attempt = self.daemon.resync_after_call(self.client)
        if case.meanwhile != 'nothing':
            wait.until(self.provider.asked, 'the first request')
            attempt = self.happen(case.meanwhile)
            late.let_go()
        message = self.client.wait_finished(attempt)[2]
        self.client.wait_property('State', lambda state: state not in ('resyncing', 'discovering'))
        status = self.client.status()
        self.assertEqual((self.client.property('CustomizationState'), status.get('profile-source', '')), (want.state, want.source), message)
        if case.meanwhile == 'nothing':
            tried = [(source, url) for source, url, _outcome, _time in status.get('onboarding', []) if url]
            self.assertEqual(tried, want.tried, message)
        # a rule that was set is followed at once; the resync that is asked for here joins that, or is one of its own
        self.check_requests(want.requests, again=case.meanwhile == 'manual rule')

    def check_requests(self, requests, again):
        """Each server that there is was asked what it should have been, in that order, and no more; again: perhaps the same once more."""
        wanted = {}
        for url in requests:
            place = cases.place_of(url)
            url = cases.wire(url)
            if cases.behaviour(place, url.partition(':')[0]) not in ('dead', 'strange') or place == 'service':
                wanted.setdefault(url.split('/', 3)[0] + url.split('/', 3)[2], []).append(url)
        # a log is written after the answer
        wait.until(lambda: sum(map(len, self.provider.asked().values())) >= sum(map(len, wanted.values())), 'the servers\' logs')
        asked = self.provider.asked()
        if again:
            asked = {server: [url for url, _same in itertools.groupby(urls)] for server, urls in asked.items()}
        self.assertEqual(asked, wanted)


def add(case):
    """A test of the case."""
    def test(self):
        self.check(case)
    test.__doc__ = (f'{cases.name_of(case)} (DISC-1, DISC-2, DISC-3, DISC-4, DISC-5, DISC-6, DISC-7, DISC-8, DISC-9, DISC-10, DISC-13, '
                    'DISC-14, STATE-1, STATE-2, STATE-3, STATE-4)')
    setattr(Matrix, f'test_{case.number:03}', test)


ALL = list(chosen())
for _case in ALL:
    add(_case)


class Whole(unittest.TestCase):
    def test_enough(self):
        """at least 40 cases, half of them by a real DHCP server, with every state, server, form, family and happening (DISC-4, STATE-1)"""
        self.assertGreaterEqual(len(ALL), 40)
        self.assertGreaterEqual(sum(map(comes_by_dhcp, ALL)), 20)
        for axis, values in (('state', cases.STATES), ('server', cases.SERVERS), ('form', cases.FORMS), ('family', (4, 6)),
                             ('meanwhile', cases.MEANWHILE), ('srv', ('', *cases.SRV))):
            self.assertEqual({getattr(case, axis) for case in ALL}, set(values), axis)


if __name__ == '__main__':
    tap.main('lab')
