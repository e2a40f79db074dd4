# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stand-in for resyncd that a test holds by its strings: it implements the project's own interface description.

    with bus.Bus() as b, fake.Daemon(b) as daemon:
        daemon.answers['Resync'] = lambda call: GLib.Variant('(t)', (7,))
        daemon.emit(fake.MAIN, 'ResyncFinished', GLib.Variant('(tsssa{sv})', ...))
"""

import os
import threading

import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

from lib import tree  # noqa: E402

MAIN = 'org.resyncd.Provisioning1'
PARAMETERS = MAIN + '.Parameters'
ACTIVATION = MAIN + '.Activation'
FIRMWARE = MAIN + '.Firmware'
PATH = '/org/resyncd/Provisioning1'


class Error(Exception):
    """A D-Bus error reply: a name of the project's list, or any in full."""

    def __init__(self, name, message='as the test wants it'):
        super().__init__(message)
        self.name = name if '.' in name else f'{MAIN}.Error.{name}'
        self.message = message


class Call:
    """A method call: its unpacked arguments in values."""

    def __init__(self, daemon, method, parameters):
        self.daemon, self.method, self.values = daemon, method, parameters.unpack()


def status_properties():
    """All properties of the main interface, of a phone that is well."""
    return {
        'State': GLib.Variant('s', 'idle'),
        'CustomizationState': GLib.Variant('s', 'Aborted'),
        'ProfileRule': GLib.Variant('s', 'https://prov.example/$MA.xml'),
        'NextResync': GLib.Variant('t', 0),
        'Progress': GLib.Variant('(sstt)', ('', '', 0, 0)),
        'Status': GLib.Variant('a{sv}', {}),
        'Version': GLib.Variant('s', '9.9'),
    }


class Daemon(threading.Thread):
    """Runs in a thread of its own until close(). calls: what was called, (method, values) each; asked: the properties that were read."""

    def __init__(self, bus):
        super().__init__(daemon=True)
        self.calls, self.asked = [], []
        self.held = []  # our ends of the descriptors that Inhibit handed out
        self.answers = {'Inhibit': None}
        self.properties = {MAIN: status_properties(), PARAMETERS: {}, ACTIVATION: {}, FIRMWARE: {}}
        self._bus = bus
        self._context = GLib.MainContext.new()
        self._loop = GLib.MainLoop.new(self._context, False)
        self._ready = threading.Event()
        self._left = threading.Event()
        self.connection = None
        self._problem = 'it took too long'
        self.start()
        if not self._ready.wait(20) or self.connection is None:
            raise RuntimeError(f'the stand-in did not reach the bus: {self._problem}')

    def run(self):
        self._context.push_thread_default()
        try:
            self.connection = self._bus.connect()
        except GLib.Error as error:
            self._problem = error
            self._ready.set()
            return
        with open(tree.source('dbus', 'org.resyncd.Provisioning1.xml'), encoding='utf-8') as file:
            node = Gio.DBusNodeInfo.new_for_xml(file.read())
        for interface in node.interfaces:
            self.connection.register_object(PATH, interface, self._called, self._read, None)
        self.connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName',
                                  GLib.Variant('(su)', (MAIN, 4)), None, 0, 5000, None)
        self._ready.set()
        self._loop.run()
        if not self.connection.is_closed():
            self.connection.flush_sync(None)
            self.connection.close_sync(None)
        self._context.pop_thread_default()

    def _called(self, connection, sender, path, interface, method, parameters, invocation):
        call = Call(self, method, parameters)
        self.calls.append((method, call.values))
        try:
            if method == 'Inhibit' and self.answers['Inhibit'] is None:
                self._hand_out(invocation)
                return
            answer = self.answers.get(method)
            if answer is None:
                raise Error('Failed', f'{method} has no answer in this test')
            reply = answer(call)
        except Error as error:
            invocation.return_dbus_error(error.name, error.message)
            return
        if self._left.is_set():
            return
        invocation.return_value(reply)

    def _hand_out(self, invocation):
        ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        fds = Gio.UnixFDList.new()
        fds.append(theirs)
        os.close(theirs)
        self.held.append(ours)
        invocation.return_value_with_unix_fd_list(GLib.Variant('(h)', (0,)), fds)

    def is_held(self, index=0):
        """Whether the other end of a descriptor is still open."""
        try:
            return os.read(self.held[index], 1) != b''
        except BlockingIOError:
            return True

    def _read(self, connection, sender, path, interface, name):
        self.asked.append(name)
        return self.properties[interface].get(name)

    def do(self, function):
        """Runs function() in the thread of the stand-in."""
        def once():
            function()
            return GLib.SOURCE_REMOVE
        source = GLib.idle_source_new()
        source.set_callback(lambda *unused: once())
        source.attach(self._context)

    def emit(self, interface, name, arguments):
        """At once where called from an answer, as the daemon would before it replies."""
        self.connection.emit_signal(None, PATH, interface, name, arguments)

    def change(self, interface=MAIN, **properties):
        self.properties[interface].update(properties)
        self.connection.emit_signal(None, PATH, 'org.freedesktop.DBus.Properties', 'PropertiesChanged',
                                    GLib.Variant('(sa{sv}as)', (interface, properties, [])))

    def finish(self, attempt, result='success', url='https://prov.example/a.xml', message='', **details):
        self.emit(MAIN, 'ResyncFinished', GLib.Variant('(tsssa{sv})', (attempt, result, url, message, details)))

    def called(self, method):
        """The values of each call of a method, in order."""
        return [values for name, values in self.calls if name == method]

    def leave(self):
        """Leaves the bus from within an answer: no reply is sent."""
        self._left.set()
        self._loop.quit()

    def close(self):
        self.do(self._loop.quit)
        self.join(20)
        for fd in self.held:
            os.close(fd)
        self.held = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
