# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private message bus, resyncd on it, and a client of both.

    with bus.Bus() as b, bus.Daemon(b, config={'Network': {'Manager': 'none'}}) as d:
        c = bus.Client(b)
        c.wait_property('State', lambda s: s == 'idle')

A daemon that prints a CRITICAL or a sanitizer report, or that ends badly, fails the test that stops it; its log is
printed with every test that fails while it runs.
"""

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

from . import process, tap, tree, wait

NAME = 'org.resyncd.Provisioning1'
PATH = '/org/resyncd/Provisioning1'
ERROR = NAME + '.Error.'

_CONFIG = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>{kind}</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    {allow}
  </policy>
  {include}
</busconfig>
'''
_OPEN = '<allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>'
# as Debian's system bus: nobody owns a name and nobody calls, but as a policy file says
_CLOSED = '''<deny own="*"/><deny send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
    <allow receive_type="signal"/><allow send_destination="org.freedesktop.DBus"
     send_interface="org.freedesktop.DBus"/><allow send_destination="org.freedesktop.DBus"
     send_interface="org.freedesktop.DBus.Introspectable"/><allow send_destination="org.freedesktop.DBus"
     send_interface="org.freedesktop.DBus.Properties"/>'''


class Bus:
    """A dbus-daemon of our own. policy: a policy file to obey, as the system bus would; None lets everybody do all."""

    def __init__(self, policy=None):
        self.folder = tempfile.mkdtemp(prefix='bus-')
        os.chmod(self.folder, 0o755)
        self.address = f'unix:path={self.folder}/socket'
        self._log = os.path.join(self.folder, 'log')
        config = os.path.join(self.folder, 'bus.conf')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(_CONFIG.format(kind='system' if policy else 'session', socket=f'{self.folder}/socket',
                                      allow=_CLOSED if policy else _OPEN,
                                      include=f'<include>{policy}</include>' if policy else ''))
        with open(self._log, 'w', encoding='utf-8') as log:
            self._process = subprocess.Popen([*wait.TOGETHER, 'dbus-daemon', '--nofork', '--nopidfile', f'--config-file={config}'],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait.until(lambda: self._answers() or self._process.poll() is not None, 'the bus')
        if self._process.poll() is not None:
            raise RuntimeError('dbus-daemon: ' + _read(self._log))

    @property
    def pid(self):
        return self._process.pid

    def _answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(f'{self.folder}/socket') == 0

    def connect(self):
        return Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None, None)

    def close(self):
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket'


class SystemBus:
    """The laboratory's system bus, in a Bus's place."""

    address = None

    @property
    def pid(self):
        with open('/run/lab/bus.pid', encoding='ascii') as file:
            return int(file.read())

    def connect(self):
        return Gio.DBusConnection.new_for_address_sync(
            SYSTEM_BUS,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass


def keyfile(sections):
    """{'Phone': {'Model': 'X'}} as the text of a key file."""
    text = []
    for section, entries in sections.items():
        text.append(f'[{section}]')
        text.extend(f'{key}={value}' for key, value in entries.items())
    return '\n'.join(text) + '\n'


class Daemon:
    """resyncd, installed in the box, started on a bus.

    config: sections of resyncd.conf (or a path); state_dir, catalogue: folders, made or the installed one by default;
    user: whom to run as (an account of the box); boot_age: seconds since the boot that its clock shows, by a time
    namespace; env, args: more of each; inside: a command in front; in_call: as after hold(); start: False for one that
    start() starts later, or somebody else does with `command` and `environment`. stop() demands a clean end.
    """

    # what a healthy daemon never prints
    BAD = re.compile(r'CRITICAL|(Address|Leak|UndefinedBehavior|Thread)Sanitizer|runtime error:|assertion failed')

    def __init__(self, bus, config=None, state_dir=None, catalogue=None, user=None, boot_age=None, env=None, args=(),
                 inside=(), in_call=False, start=True):
        self.bus = bus
        self.folder = tempfile.mkdtemp(prefix='phone-')
        os.chmod(self.folder, 0o755)
        self.state_dir = state_dir or self._own('state', user)
        self.runtime_dir = self._own('run', user)
        self.log_path = os.path.join(self.folder, 'log')
        self.user = user
        self._boot_age = boot_age
        self.process = None
        self._detach = tap.attach(f'log of resyncd in {self.folder}', self.log)
        self._checked = 0
        self._last_words = None
        program = tree.installed('resyncd')
        self.command = [*inside, program, '--state-dir', self.state_dir, *args]
        if bus.address:
            self.command += ['--address', bus.address]
        if config is not None:
            self.command += ['--config', config if isinstance(config, str) else self._config(config)]
        if catalogue:
            self.command += ['--catalogue', catalogue]
        self.environment = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8', 'G_DEBUG': 'fatal-criticals',
                            'STATE_DIRECTORY': self.state_dir, 'RUNTIME_DIRECTORY': self.runtime_dir,
                            **{key: os.environ[key] for key in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'G_MESSAGES_DEBUG')
                               if key in os.environ}, **(env or {})}
        self._call = None
        if in_call:
            self.hold()
        if start:
            self.start()

    def hold(self):
        """Before a start: somebody is in a call, as a daemon before this one would have left it, so that nothing begins before let_go()."""
        path = os.path.join(self.runtime_dir, 'inhibitor.00000001.0.test')
        os.mkfifo(path)
        if self.user:
            shutil.chown(path, self.user, self.user)
        self._call = os.open(path, os.O_RDWR)

    def let_go(self):
        if self._call is not None:
            os.close(self._call)
        self._call = None

    def resync_after_call(self, client):
        """After hold(): a resync before which the phone has begun none by itself; the attempt."""
        attempt = client.resync()
        self.let_go()
        return attempt

    def _own(self, name, user):
        path = os.path.join(self.folder, name)
        os.mkdir(path, 0o700)
        if user:
            shutil.chown(path, user, user)
        return path

    def _config(self, sections):
        path = os.path.join(self.folder, 'resyncd.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(keyfile(sections))
        return path

    def start(self, wait_name=True):
        """Starts it, and waits for its name on the bus."""
        command = [*wait.TOGETHER, *self.command]
        if self.user:
            command = ['setpriv', '--pdeathsig', 'KILL', '--reuid', self.user, '--regid', self.user, '--init-groups', '--inh-caps=-all',
                       '--bounding-set=-all', '--no-new-privs', '--', *self.command]
        if self._boot_age is not None:
            offset = self._boot_age - time.clock_gettime(time.CLOCK_BOOTTIME)
            command = ['unshare', '--fork', '--kill-child', '--time', '--boottime', str(int(offset)), '--', *command]
        with open(self.log_path, 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                                            cwd='/', start_new_session=True)
        if wait_name:
            connection = self.bus.connect()
            wait.until(lambda: self.process.poll() is not None or is_owned(connection), 'resyncd on the bus', step=0.002)
            connection.close_sync(None)
            if self.process.poll() is not None:
                raise AssertionError(f'resyncd ended at once with {self.process.returncode}:\n{self.log()}')

    @property
    def pid(self):
        if self._boot_age is None:
            return self.process.pid
        with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children', encoding='ascii') as file:
            return int(file.read())

    def children(self):
        """The pids of its workers, whichever of its threads made them."""
        return process.children(self.pid)

    def log(self):
        return _read(self.log_path) if self._last_words is None else self._last_words

    def stop(self, how=signal.SIGTERM, status=0):
        """Ends it and checks how it ended and what it said. how=SIGKILL is a power cut: anything goes."""
        if self.process is None:
            return
        os.kill(self.pid, how)
        # a wait with a time limit sleeps between its looks
        watched = os.pidfd_open(self.process.pid)
        select.select([watched], [], [], wait.PATIENCE)
        os.close(watched)
        try:
            code = self.process.wait(wait.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f'resyncd did not end after signal {how}') from None
        finally:
            self.process = None
        self.check_log()
        if how != signal.SIGKILL and code != status:
            raise AssertionError(f'resyncd ended with {code} instead of {status}')

    def cut(self):
        """The power goes, for its workers as well; returns when its name is free."""
        workers = self.children()
        self.stop(how=signal.SIGKILL)
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        connection = self.bus.connect()
        wait.until(lambda: not is_owned(connection), 'the name to be free', step=0.002)
        connection.close_sync(None)

    def check_log(self):
        text = self.log()
        new, self._checked = text[self._checked:], len(text)
        found = self.BAD.search(new)
        if found:
            raise AssertionError(f'the log of resyncd holds {found.group(0)!r}:\n{new[max(0, found.start() - 200):][:3000]}')

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        try:
            self.stop()
        finally:
            self.let_go()
            # a test whose cleanup this is may have failed
            self._last_words = self.log()
            self._detach(late=True)
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        if kind is None:
            self.close()
            return
        # the test has failed already: the log is of use, how it ends is not
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        self._detach(late=True)


def _read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def is_owned(connection):
    return connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                                GLib.Variant('(s)', (NAME,)), None, 0, 5000, None).unpack()[0]


class CallError(Exception):
    """A D-Bus error reply: name in full, and message."""

    def __init__(self, name, message):
        super().__init__(f'{name}: {message}')
        self.name, self.message = name, message


class Client:
    """Calls resyncd and hears it. Signals are collected from the moment it is made."""

    def __init__(self, bus):
        self.connection = bus.connect()
        self.signals = []
        # the last attempt whose end was waited for
        self.ended = 0
        self._context = GLib.MainContext.default()
        self.connection.signal_subscribe(NAME, None, None, PATH, None, Gio.DBusSignalFlags.NONE, self._heard)

    def _heard(self, connection, sender, path, interface, signal_name, parameters):
        self.signals.append((signal_name, parameters.unpack()))

    def call(self, method, arguments=None, interface=NAME, timeout=30):
        """arguments: a GLib.Variant tuple, or None. Returns the unpacked results; raises CallError."""
        try:
            reply = self.connection.call_sync(NAME, PATH, interface, method, arguments, None,
                                              Gio.DBusCallFlags.NONE, int(timeout * 1000), None)
        except GLib.Error as error:
            name = Gio.DBusError.get_remote_error(error)
            if name is None:
                raise
            Gio.DBusError.strip_remote_error(error)
            raise CallError(name, error.message) from None
        return reply.unpack()

    def parameters(self, method, signature, *values):
        return self.call(method, GLib.Variant(signature, values), NAME + '.Parameters')

    def get(self, name):
        return self.parameters('Get', '(as)', [name])[0][name]

    def set(self, **values):
        self.parameters('Set', '(a{ss})', values)

    def property(self, name, interface=NAME):
        reply = self.connection.call_sync(NAME, PATH, 'org.freedesktop.DBus.Properties', 'Get',
                                          GLib.Variant('(ss)', (interface, name)), None, 0, 30000, None)
        return reply.unpack()[0]

    def status(self):
        return self.property('Status')

    def resync(self, rule='', **options):
        """Options by their names, as strings and booleans; returns the attempt."""
        packed = {key: GLib.Variant('b' if isinstance(value, bool) else 's', value) for key, value in options.items()}
        self.turn()
        attempt = self.call('Resync', GLib.Variant('(sa{sv})', (rule, packed)))[0]
        # one of that number that has ended before was of a daemon that is gone; each counts anew
        self.signals[:] = [one for one in self.signals if one[0] != 'ResyncFinished' or one[1][0] < attempt]
        return attempt

    def first(self):
        """A resync that nobody asked for since the last one, such as that of the boot; where none has begun it is asked for."""
        self.turn()
        begun = [values[0] for name, values in self.signals if name == 'ResyncStarted' and values[0] > self.ended]
        return begun[0] if begun else self.resync()

    def turn(self):
        """Takes in what has arrived."""
        while self._context.iteration(False):
            pass

    def wait_property(self, name, good, interface=NAME, timeout=wait.PATIENCE):
        return wait.until(lambda: self._good(name, good, interface), f'{name} to be as wanted', timeout)[0]

    def _good(self, name, good, interface):
        value = self.property(name, interface)
        return (value,) if good(value) else None

    def wait_due(self):
        """Until there is something to wait for: nobody waits for what is not due."""
        wait.until(lambda: self.property('NextResync') > 0 or self.property('State') != 'idle', 'something to wait for')

    def wait_signal(self, name, good=lambda *values: True, timeout=wait.PATIENCE):
        """The arguments of the first collected signal NAME that is good; it is taken out of self.signals."""
        def look():
            self.turn()
            for index, (heard, values) in enumerate(self.signals):
                if heard == name and good(*values):
                    del self.signals[index]
                    return (values,)
            return None
        return wait.until(look, f'signal {name}', timeout)[0]

    def wait_finished(self, attempt, timeout=wait.PATIENCE):
        """ResyncFinished of an attempt: (result, url, message, details)."""
        self.ended = attempt
        return self.wait_signal('ResyncFinished', lambda number, *rest: number == attempt, timeout)[1:]


def ctl(bus, *arguments, check=None, stdin=None, timeout=60):
    """Runs resyncctl; check: the exit status to demand."""
    command = [tree.installed('resyncctl')]
    if bus is not None and bus.address:
        command += ['--address', bus.address]
    begun = time.monotonic()
    done = subprocess.run([*command, *arguments], stdin=subprocess.DEVNULL if stdin is None else None, input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout, check=False)
    if check is not None and done.returncode != check:
        raise AssertionError(f'resyncctl {" ".join(arguments)} ended with {done.returncode} instead of {check} after '
                             f'{time.monotonic() - begun:.1f} s\n{done.stdout}{done.stderr}')
    return done
