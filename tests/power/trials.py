# SPDX-License-Identifier: LGPL-2.1-or-later
"""One phone that is killed again and again in the middle of full resyncs, and what must be true after each kill."""

import collections
import contextlib
import fcntl
import os
import random
import signal
import threading
import time

import slow
from lib import bus, servers, wait

# what the two rules bring, each in one transaction; the load sets MINE
FIRST = [f'GPP_{letter}' for letter in 'ABCDEFGH']
SECOND = [f'GPP_{letter}' for letter in 'IJKLMNOP']
MINE = 'Station_Display_Name'
FILES = {'.lock', 'parameters.conf', 'parameters.conf.previous', 'state.conf', 'state.conf.previous'}
PHONE = {'Model': 'CP-8851-3PCC', 'MacAddress': '00:56:2b:04:36:15', 'SerialNumber': 'FCH1234',
         'SoftwareVersion': '12.0.3'}
PHASES = ('starting a worker', 'fetching', 'decoding', 'writing parameters.conf', 'writing state.conf')
# a small flash: a commit is two of these
FSYNC = 0.006
# one that is waited for: it must not pass while the test itself waits for a processor
SLOW_FSYNC = 0.1
FILLER = ''.join(f'<Unknown_{n}>{"x" * 300}</Unknown_{n}>' for n in range(1500))


def profile(names, serial):
    values = ''.join(f'<{name}>{serial} {name * 80}</{name}>' for name in names)
    return f'<flat-profile>{values}{FILLER}</flat-profile>'


def serial_of(values, names):
    """The one serial that all values are of."""
    found = {values[name].split(' ')[0] for name in names}
    if len(found) != 1:
        raise AssertionError(f'the values of several profiles are mixed: {sorted(found)}')
    serial = found.pop()
    for name in names:
        if values[name] != f'{serial} {name * 80}':
            raise AssertionError(f'{name} is not whole: {values[name]!r}')
    return int(serial)


class Provider(servers.Scripted):
    """Every first profile has a new serial, and the second one the same. open: the answers on their way; last_asked: when,
    on the boot clock."""

    def __init__(self):
        self.serial, self.last_asked, self.open = 0, 0.0, set()
        super().__init__(self._next)

    def _next(self, request):
        self.last_asked = time.clock_gettime(time.CLOCK_BOOTTIME)
        if request.target == '/first':
            self.serial += 1
        return servers.Reply(body=profile(FIRST if request.target == '/first' else SECOND, self.serial), delay=0.01)

    def _respond(self, peer):
        request = peer.read_request()
        if request is not None:
            self.open.add(peer)
            try:
                self._choose(request).play(peer)
            finally:
                self.open.discard(peer)


class Load(threading.Thread):
    """A second client that sets, gets, and asks for resyncs all the time. set_ is the last value the daemon has acknowledged."""

    def __init__(self, own_bus):
        super().__init__(daemon=True)
        self._client = bus.Client(own_bus)
        self._goes, self._rests = threading.Event(), threading.Event()
        self.set_ = self.next_ = 0
        self.calls = 0
        self.wrong = None
        self.start()

    def run(self):
        while True:
            if not self._goes.is_set():
                self._rests.set()
                self._goes.wait()
            try:
                self._round()
            except bus.CallError as error:
                # killed; or two resyncs are there already
                if not error.name.endswith(('.Busy', '.NoReply', '.ServiceUnknown', '.NameHasNoOwner', '.Disconnected')):
                    self.wrong = error
            except Exception as error:  # pylint: disable=broad-except
                self.wrong = error

    def _round(self):
        self.next_ += 1
        self._client.set(**{MINE: str(self.next_)})
        self.set_ = self.next_
        serial_of(self._client.parameters('Get', '(as)', FIRST)[0], FIRST)
        self._client.resync()
        self.calls += 3

    def go(self):
        self._rests.clear()
        self._goes.set()

    def rest(self):
        """Returns when no call is under way."""
        self._goes.clear()
        if not self._rests.wait(wait.PATIENCE):
            raise AssertionError('a call has got no answer')
        if self.wrong is not None:
            raise AssertionError('a call went wrong') from self.wrong


class Trials:
    """A phone, its provider and its load. phases: how many kills hit which part of a resync."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.phases = collections.Counter()
        self.provider = Provider()
        self.disk = slow.Disk(FSYNC)
        self.bus = bus.Bus()
        config = {'Phone': PHONE, 'Network': {'Manager': 'none', 'Options': ''},
                  'Discovery': {'RedirectUrl': '', 'RedirectFallbackUrl': '', 'ActivationUrl': ''}}
        self.daemon = bus.Daemon(self.bus, config=config, inside=self.disk.inside)
        self.client = bus.Client(self.bus)
        self.client.set(Profile_Rule=self.provider.url + '/first', Profile_Rule_B=self.provider.url + '/second',
                        Resync_Random_Delay='0', **{MINE: '0'})
        self._resync()
        self.client.turn()
        self.client.signals.clear()
        self.kept = self._values()
        self.load = Load(self.bus)
        self.length = self._measure()
        self._restart()

    def close(self):
        self.daemon.close()
        self.bus.close()
        self.disk.close()
        self.provider.close()

    def _resync(self):
        """One that must succeed."""
        result, _url, message, _details = self.client.wait_finished(self.client.resync())
        if result not in ('success', 'unchanged'):
            raise AssertionError(f'{result}: {message}')

    def _measure(self):
        """Seconds from a request to the end of its resync, under load."""
        lengths = []
        self.load.go()
        for _ in range(5):
            begun = time.monotonic()
            self._resync()
            lengths.append(time.monotonic() - begun)
        self.load.rest()
        self.client.wait_property('State', lambda state: state == 'idle')
        return sorted(lengths)[2]

    def one(self):
        """Kills the daemon, its worker, or both, at a random moment of a resync under load, and looks what is there then."""
        target = self.chance.choice(('daemon', 'daemon', 'both', 'worker'))
        self.load.go()
        attempt = self.client.resync()
        if target == 'worker':
            self._kill_worker(attempt)
        else:
            self._kill_daemon(target)
        return target

    def _workers(self):
        """Children of the daemon that live, as the kernel has them."""
        return [pid for pid in self.daemon.children() if _lives(pid)]

    def _kill_worker(self, attempt):
        """The worker alone: its attempt fails, and nothing else (class C)."""
        worker = None
        while worker is None:
            workers = wait.until(self._workers, 'a worker', step=0.001)
            time.sleep(self.chance.uniform(0, self.length / 4))
            # one that has just ended is none; the load sees to it that there is another
            worker = workers[0] if _lives(workers[0]) else None
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        self.load.rest()
        self.client.wait_property('State', lambda state: state == 'idle')
        self.client.turn()
        ends = [values for name, values in self.client.signals if name == 'ResyncFinished' and values[0] >= attempt]
        failed = [values for values in ends if values[1] != 'success' and values[1] != 'unchanged']
        for _number, result, _url, message, details in failed:
            if (result, details['class'], details['error']) != ('failed', 'C', 'Failed') or 'signal 9 (SIGKILL)' not in message:
                raise AssertionError(f'a worker was killed: {result}, {details}, {message}')
        self.client.signals[:] = [one for one in self.client.signals if one[0] == 'Changed']
        self.phases['the worker' if failed else 'the worker, which had ended'] += 1
        self._resync()
        # what is next is planned when the success is on the disk
        wait.until(lambda: self.client.status().get('next-reason') == 'periodic', 'the end of the retries')

    def _kill_daemon(self, target):
        """At any moment, or soon after a certain phase has begun: some are so short that they would hardly be met."""
        aim = self.chance.choice((None, None, *PHASES))
        if aim is None:
            time.sleep(self.chance.uniform(0, self.length))
        else:
            # the other phases are longer where the machine is slow, and so is this then
            self.disk.delay = SLOW_FSYNC if aim.startswith('writing') else FSYNC
            wait.until(lambda: aim in self._phases(self._workers()), aim, step=0.0005)
            time.sleep(self.chance.uniform(0, self.disk.delay))
        pid, workers = self.daemon.pid, self._workers()
        phases = self._phases(workers)
        victims = self.chance.sample([pid, workers[0]], 2) if target == 'both' and workers else [pid]
        for victim in victims:
            # a worker may have ended, or gone with its daemon
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        self.daemon.stop(how=signal.SIGKILL)
        self.disk.delay = FSYNC
        self.phases.update(self._writing() or phases)
        self.load.rest()
        wait.until(lambda: not any(_lives(worker) for worker in workers), 'the end of the worker')
        wait.until(lambda: not bus.is_owned(self.client.connection), 'the name to be free')
        wait.until(self._is_free, 'the lock to be free')
        self._restart(mourned=victims[0] != pid)

    def _is_free(self):
        """Whether nobody holds the lock of the state folder, such as a child that was made while its daemon died."""
        with open(os.path.join(self.daemon.state_dir, '.lock'), 'rb') as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def _phases(self, workers):
        """What goes on: files that are written, or else how far the worker is."""
        return self._writing() or {self._stage(workers)}

    def _stage(self, workers):
        if not workers:
            return 'without a worker'
        if self.provider.open:
            return 'fetching'
        return 'starting a worker' if self.provider.last_asked < _begun(workers[0]) else 'decoding'

    def _writing(self):
        """The files that are being written, also when a kill has left them behind. What the load sets is often written
        together with the state."""
        return {f'writing {name[1:name.index(".tmp-")]}{note}'
                for folder, note in ((self.daemon.state_dir, ''), (self.daemon.runtime_dir, ' in the runtime folder'))
                for name in os.listdir(folder) if '.tmp-' in name}

    def _restart(self, mourned=False):
        """Starts the daemon (again). It has all that was acknowledged and announced, whole, and its state is sound.

        mourned: it may have lived long enough to know that a worker was killed."""
        self.client.turn()
        announced = [values[0] for name, values in self.client.signals if name == 'Changed']
        self.client.signals.clear()
        if self.daemon.process is None:
            self.daemon.start()
        kept, values = self.kept, self._values()
        for name, value in values.items():
            changes = sum(name in names for names in announced)
            if value < kept[name] + changes:
                raise AssertionError(f'{changes} changes of {name} were announced since {kept[name]}, and {value} is there')
        if not self.load.set_ <= values[MINE] <= self.load.next_:
            raise AssertionError(f'{self.load.set_} was acknowledged, and {values[MINE]} is there')
        if not values[SECOND[0]] <= values[FIRST[0]] <= self.provider.serial:
            raise AssertionError(f'the profiles do not follow one another: {values}')
        self.kept = values
        if mourned and 'failure-reason' in self.client.status():
            # which only a good resync ends
            self._check_retry()
            self._resync()
        self._check_state()

    def _values(self):
        """What is there, as numbers that only grow."""
        values = self.client.parameters('Get', '(as)', [*FIRST, *SECOND, MINE])[0]
        return {FIRST[0]: serial_of(values, FIRST), SECOND[0]: serial_of(values, SECOND), MINE: int(values[MINE])}

    def _check_retry(self):
        status = self.client.status()
        if 'signal 9 (SIGKILL)' not in status['failure-reason']:
            raise AssertionError(f'another failure than the kill: {status}')
        self.phases['the worker, and then the daemon'] += 1

    def _check_state(self):
        # the daemon may write its schedule as it starts
        wait.until(lambda: set(os.listdir(self.daemon.state_dir)) == FILES and os.listdir(self.daemon.runtime_dir) == ['state.conf'],
                   'a tidy state folder')
        # calls are answered from the moment that the daemon has its name, and then it looks what is due
        until = self.client.wait_property('NextResync', bool) / 1e6 - time.time()
        status = self.client.status()
        history = [status[f'provisioning-{n}'] for n in (1, 2, 3) if f'provisioning-{n}' in status]
        for good, what in ((self.client.property('CustomizationState') == 'Aborted', 'not provisioned any more'),
                           (status['next-reason'] == 'periodic' and 0 < until <= 3600, f'next: {status["next-reason"]} in {until} s'),
                           ('failure-reason' not in status and 'warnings' not in status, f'complaints: {status}'),
                           (history and history == sorted(history, reverse=True), f'history: {history}'),
                           (all(one[1] in ('success', 'unchanged') or 'SIGKILL' in one[3] for one in history), f'history: {history}'),
                           ('set aside' not in self.daemon.log(), 'a file was set aside')):
            if not good:
                raise AssertionError(what)


def _lives(pid):
    """Whether the process is there and no zombie."""
    try:
        return _fields(pid)[0] not in 'ZX'
    except OSError:
        return False


def _begun(pid):
    """When a process began, in seconds of the boot clock; 0 where it is gone."""
    try:
        return int(_fields(pid)[19]) / os.sysconf('SC_CLK_TCK')
    except OSError:
        return 0


def _fields(pid):
    """Of /proc/PID/stat, from the state on."""
    with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
        return file.read().rpartition(')')[2].split()
