# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers that mean harm, as tables: the real daemon and worker are sent to each, and what they make of it is checked.

    @harness.table(phones=2, TransferTimeout=3)
    def broken_things():
        '''HTTP-5: what this table is about'''
        return [Case('closes at once', Reply(raw=b''), 'Unreachable', 'ended the connection before it answered')]

makes a TestCase with one test for each name of the table, and one for the daemons in the end. After each case it is
checked that

- the resync ended in time, with the class, the error's name and the message of its row;
- no parameter has another value, and the file of the store is the same file with the same bytes; where the row expects
  a success, its values are there;
- the state file is whole, and the daemon idle;
- nothing is left behind: no process, descriptor or socket of the daemon's, no listener, no file in its folders or in
  those for temporary files;

and in the end that the daemon has answered on the bus within the limit of lib/latency.py all the while. Where it has not, all
of the table is played once more, and that counts: what resyncd does comes again, and what a virtual machine's host does to it
hardly ever.
"""

import collections
import functools
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, latency, scripted, tree, wait  # noqa: E402
from lib.scripted import Reply  # noqa: E402

# what every phone has before, and what no profile of a failed resync may change
BEFORE = {'GPP_A': 'before', 'GPP_B': ''}
GOOD = '<flat-profile><GPP_A>good</GPP_A></flat-profile>'
EVIL = '<flat-profile><GPP_A>evil</GPP_A></flat-profile>'
_CLASSES = {'': 'A', 'NotFound': 'B', 'Corrupt': 'B'}
_RESULTS = {'': 'success', 'NotFound': 'file-not-found', 'Corrupt': 'corrupt-profile'}
_FOLDERS = ('state', 'run')
_TEMPORARY = ('/tmp', '/var/tmp', '/dev/shm', '/run')


class Late(str):
    """What is wrong in the end where the bus was answered too late."""


Result = collections.namedtuple('Result', 'result url message details requests phone')


class Case:
    """A row: what the server does, and what must come of it.

    name: rows of one name are sub-cases of one test. reply: a Reply, bytes (sent as they are, then the connection is
    closed), or reply(peer, request) that speaks for itself; it is served below a path of its own. error: the error's name,
    '' for a success, or several where chance decides; message: a regular expression that is searched for in the message.
    path: what follows in the URL; options: those of the rule, such as '--uid u --pwd p'. within: seconds, by default 20 more than a
    transfer may take. values: of parameters after a success. server: in place of reply, a function that makes a server with a
    `url` of its own (without path), as a context manager; url: asked instead, where even that does not fit. check(result) raises
    AssertionError where something else is amiss.
    """

    def __init__(self, name, reply=None, error='Failed', message='', path='', options='', within=None, values=None, server=None,
                 url=None, check=None):
        self.name, self.reply, self.error, self.message = name, reply, error, message
        self.path, self.options, self.within = path, options, within
        self.values = {'GPP_A': 'good'} if values is None else values
        self.server, self.url, self.check = server, url, check
        self.requests = []

    @property
    def wanted(self):
        errors = self.error if isinstance(self.error, tuple) else (self.error,)
        return [(_RESULTS.get(error, 'failed'), _CLASSES.get(error, 'C'), error) for error in errors]

    def rule(self):
        return f'[{self.options}] {self.url}' if self.options else self.url

    def play(self, peer, request):
        self.requests.append(request)
        if isinstance(self.reply, Reply):
            self.reply.play(peer)
        elif isinstance(self.reply, bytes):
            peer.send(self.reply)
        else:
            self.reply(peer, request)


class Phone:
    """resyncd on a bus of its own with a probe on it, whose one wish is to be told where to resync to."""

    CONFIG = {'Phone': {'Vendor': 'Acme', 'Model': 'DP-200', 'Series': 'DP', 'MacAddress': '00:56:2b:04:36:15'},
              'Network': {'Manager': 'none'}}
    # nothing to do by itself
    QUIET = {'Resync_On_Reset': 'No', 'Resync_Periodic': '0', 'Resync_Error_Retry_Delay': '0', 'Resync_Random_Delay': '0'}

    def __init__(self, limits, sections, state=None):
        self.bus = bus.Bus()
        # long after the boot a server that refuses is no longer taken for one that is overloaded (HTTP-5)
        self.daemon = bus.Daemon(self.bus, config={**self.CONFIG, 'Limits': limits, **sections}, boot_age=86400, start=False)
        if state:
            for name, folder in zip(_FOLDERS, (self.daemon.state_dir, self.daemon.runtime_dir)):
                shutil.copytree(os.path.join(state, name), folder, dirs_exist_ok=True)
        self.daemon.start()
        self.client = bus.Client(self.bus)
        self.case, self.times, self.probe = None, [], None
        self._within = limits.get('TransferTimeout', 0) + 20

    def provision(self):
        """Makes it a phone that was provisioned once."""
        self.client.set(**self.QUIET)
        with scripted.Scripted(lambda request: Reply(body=GOOD)) as server:
            self.client.wait_finished(self.client.resync(server.url + '/first', force=True))
        self._idle()
        self.client.set(**BEFORE)
        # what its boot asked for is done, and nothing else is due
        self.client.wait_property('NextResync', lambda at: at == 0)
        self._idle()
        self.daemon.stop()

    def watch(self, parameters):
        """From now on it has these parameters, and it is looked at what stays."""
        if parameters:
            self.client.set(**parameters)
        with scripted.Scripted(lambda request: Reply(404)) as server:
            # whatever the first resync ever leaves behind is there from now on
            self.client.wait_finished(self.client.resync(server.url + '/first', force=True))
        self._idle()
        self.probe = latency.Probe(self.bus, self.daemon)
        self._left = self._leavings()
        self._store = self._stored()

    def begin(self, case):
        self.case, self._begun = case, time.monotonic()
        self._attempt = self.client.resync(case.rule(), force=True)

    def poll(self):
        """None while the case runs, else what was wrong with it, as a list of texts."""
        self.client.turn()
        for index, (name, values) in enumerate(self.client.signals):
            if name == 'ResyncFinished' and values[0] == self._attempt:
                # what comes after it may be what the case is about
                del self.client.signals[:index + 1]
                return self._end(Result(*values[1:], self.case.requests, self))
        if time.monotonic() - self._begun > (self.case.within or self._within):
            self.client.call('Cancel')
            self.client.wait_finished(self._attempt)
            return self._end(None)
        return None

    def _end(self, result):
        problems = [f'it had not ended after {self.case.within or self._within} s'] if result is None else []
        checks = [self._idle, self._check_state, self._check_left]
        if result is not None:
            checks[:0] = [lambda: self._check_result(result), lambda: self._check_values(result)]
            if self.case.check:
                checks.append(lambda: self.case.check(result))
        for check in checks:
            try:
                check()
            except AssertionError as problem:
                problems.append(str(problem))
        self.times.append((self._begun, self.case.name))
        self.case = None
        return problems

    def _check_result(self, result):
        details = result.details
        got = (result.result, details.get('class'), details.get('error', ''))
        if got not in self.case.wanted:
            raise AssertionError(f'got {got} instead of {self.case.wanted}: {result.message}')
        if not re.search(self.case.message, result.message):
            raise AssertionError(f'the message {result.message!r} does not match {self.case.message!r}')

    def _check_values(self, result):
        good = result.result == 'success' and '' in [error for _result, _class, error in self.case.wanted]
        wanted = self.case.values if good else BEFORE
        got = {name: self.client.get(name) for name in wanted}
        written = self._stored() != self._store
        if written:
            # for the next case
            self.client.set(**{**{name: '' for name in self.case.values}, **BEFORE})
            self._store = self._stored()
        _equal(got, wanted, 'the values')
        if written and not good:
            raise AssertionError('the store was written')

    def _stored(self):
        path = os.path.join(self.daemon.state_dir, 'parameters.conf')
        with open(path, 'rb') as file:
            status = os.fstat(file.fileno())
            return status.st_ino, status.st_mtime_ns, file.read()

    def _idle(self):
        self.client.wait_property('State', lambda state: state == 'idle')

    def _check_state(self):
        _equal(self.client.property('CustomizationState'), 'Aborted', 'the state')
        for name in ('state.conf', 'parameters.conf'):
            with open(os.path.join(self.daemon.state_dir, name), 'rb') as file:
                text, _, proof = file.read().rpartition(b'#complete ')
            _equal(proof.strip().decode(), hashlib.sha256(text).hexdigest(), f'the proof of {name}')

    def _check_left(self):
        # the last of it may go a moment after the resync has ended
        end = time.monotonic() + 5
        while self._leavings() - self._left and time.monotonic() < end:
            time.sleep(0.01)
        _equal(sorted((self._leavings() - self._left).elements()), [], 'what is left')

    def _leavings(self):
        """Everything that might stay, and how many of it: processes, descriptors, listeners, files."""
        pid = self.daemon.pid
        found = collections.Counter(f'process {child}' for child in self.daemon.children())
        # timers, events and the like all have one name
        descriptors = collections.Counter(_link(f'/proc/{pid}/fd/{number}') for number in os.listdir(f'/proc/{pid}/fd'))
        found.update({f'descriptor {where}': count for where, count in descriptors.items()})
        # other sockets are those of the servers, and of workers of the other phones
        for protocol in ('tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'):
            rows = [line.split() for line in _read(f'/proc/{pid}/net/{protocol}').splitlines()[1:]]
            found.update(f'port {protocol} {row[1]}' for row in rows if f'socket:[{row[9]}]' in descriptors)
        own = (self.daemon.folder, self.bus.folder)
        for top in (*_TEMPORARY, *own):
            for folder, folders, files in os.walk(top):
                if top in _TEMPORARY:
                    # other phones are at work there
                    folders[:] = [name for name in folders if not name.startswith(('phone-', 'bus-'))]
                found.update('file ' + os.path.join(folder, name) for name in files)
        return found

    def close(self):
        """Ends the daemon; what was wrong in the end, as a list of texts."""
        problems = []
        try:
            if self.probe:
                self.probe.stop()
                problems += [Late(f'in {self._when(at)} the bus was answered after {taken} ms, one of {self.probe.calls} calls')
                             for at, taken in self.probe.faults()]
                if not self.probe.calls:
                    problems.append('the bus was not asked')
            self.daemon.close()
        except AssertionError as problem:
            problems.append(str(problem))
        self.bus.close()
        return problems

    def _when(self, at):
        return next((repr(name) for begun, name in reversed(self.times) if begun <= at), 'the beginning')


def _read(path):
    try:
        with open(path, encoding='ascii') as file:
            return file.read()
    except FileNotFoundError:
        return ''


def _link(path):
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return 'gone'


def _equal(got, wanted, what):
    if got != wanted:
        raise AssertionError(f'{what}: {got!r} instead of {wanted!r}')


class _Web(scripted.Server):
    """Serves the replies of a table's cases, each below /N/."""

    def __init__(self, cases):
        self._cases = cases
        super().__init__(self._behave)

    def _behave(self, peer):
        request = peer.read_request()
        if request is not None:
            self._cases[int(request.target.split('/')[1])].play(peer, request)


@functools.lru_cache
def _state():
    """The folders of a phone that was provisioned once: its boot is done with, and it asks nobody by itself."""
    folder = tempfile.mkdtemp(prefix='state-')
    phone = Phone({}, {})
    phone.provision()
    for name, path in zip(_FOLDERS, (phone.daemon.state_dir, phone.daemon.runtime_dir)):
        shutil.copytree(path, os.path.join(folder, name))
    phone.close()
    return folder


def _run(cases, phones):
    """Name → what was wrong. Each phone takes the next case when it has done one."""
    problems = collections.defaultdict(list)
    waiting = collections.deque(cases)
    while waiting or any(phone.case for phone in phones):
        for phone in phones:
            case = phone.case
            if case is not None:
                found = phone.poll()
                problems[case.name] += [f'{case.url}: {text}' for text in found or ()]
            if phone.case is None and waiting:
                phone.begin(waiting.popleft())
        time.sleep(0.002)
    return problems


def _play(cases, phones, limits, sections, parameters):
    """The same, with the servers and daemons made for it; '' stands for the daemons."""
    servers, machines = [], []
    try:
        web = _Web(cases)
        servers.append(web)
        for number, case in enumerate(cases):
            base = f'{web.url}/{number}'
            if case.server:
                servers.append(case.server())
                base = servers[-1].__enter__().url.rstrip('/')
            case.url = case.url or base + (case.path or '/x')
        for _ in range(phones):
            machines.append(Phone(limits, sections, _state()))
            machines[-1].watch(parameters)
        problems = _run(cases, machines)
    finally:
        ends = [text for phone in machines for text in phone.close()]
        for server in reversed(servers):
            server.__exit__(None, None, None)
    problems[''] += ends
    return problems


def table(phones=2, sections=None, parameters=None, **limits):
    """Makes a TestCase of a function that returns cases. phones: how many daemons share the work; limits: keys of
    [Limits] in resyncd.conf; sections: more of it, or a function that gives it; parameters: of the phones."""
    def make(function):
        class Table(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.problems = cls.play(cases)
                late = cls.problems['']
                if late and all(isinstance(text, Late) for text in late):
                    print('played once more: ' + '; '.join(late), file=sys.stderr)
                    again = cls.play(function())
                    cls.problems[''] = []
                    for name, problems in again.items():
                        cls.problems[name] += problems

            @staticmethod
            def play(played):
                return _play(played, phones, {'ConnectTimeout': 10, 'TransferTimeout': 60, **limits},
                             sections() if callable(sections) else sections or {}, parameters)

        def report(name):
            def test(self):
                self.assertFalse(self.problems[name], '\n' + '\n'.join(self.problems[name]))
            return test
        cases = function()
        for name in dict.fromkeys(case.name for case in cases):
            method = 'test_' + re.sub(r'\W+', '_', name)
            while hasattr(Table, method):
                method += '_'
            setattr(Table, method, report(name))
        Table.test_the_daemons = report('')
        Table.__name__ = Table.__qualname__ = function.__name__
        Table.__module__, Table.__doc__ = function.__module__, function.__doc__
        return Table
    return make


__all__ = ['Case', 'EVIL', 'GOOD', 'Reply', 'scripted', 'table', 'tree']
