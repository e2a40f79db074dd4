# SPDX-License-Identifier: LGPL-2.1-or-later
"""D-Bus calls made by somebody else: a process with a user, group and supplementary groups to choose. It is kept for the next
call of the same, which has a connection of its own again.

    callers.call(bus, 'lab-lcd', 'Resync', "('', @a{sv} {})")

The accounts lab-web, lab-lcd, lab-sip and lab-nobody of tests/lab/conf/lab.sysusers stand for the classes of callers.
"""

import atexit
import grp
import json
import os
import pwd
import subprocess
import threading

from .bus import NAME, PATH, SYSTEM_BUS, CallError

# given to the interpreter as text: the caller may not be able to read the source tree
_CODE = '''
import json, sys
import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib
for line in sys.stdin:
    ask = json.loads(line)
    try:
        connection = Gio.DBusConnection.new_for_address_sync(ask['address'], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        arguments = GLib.Variant.parse(None, ask['arguments'], None, None) if ask['arguments'] else None
        reply = connection.call_sync(ask['name'], ask['path'], ask['interface'], ask['method'], arguments, None, 0, 30000, None)
        answer = {'reply': reply.print_(True)}
        connection.close_sync(None)
    except GLib.Error as error:
        name = Gio.DBusError.get_remote_error(error) or ''
        Gio.DBusError.strip_remote_error(error)
        answer = {'error': name, 'message': error.message}
    print(json.dumps(answer), flush=True)
'''
_processes, _lock = {}, threading.Lock()


def _process(uid, gid, groups):
    key = uid, gid, tuple(groups)
    if key not in _processes:
        _processes[key] = subprocess.Popen(['/usr/bin/python3', '-I', '-c', _CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                           user=uid, group=gid, extra_groups=groups, cwd='/',
                                           env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'})
        # at the end of its input it ends
        atexit.register(_processes[key].communicate)
    return _processes[key]


def account(user):
    """(uid, gid, all groups) of an account of the box."""
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid, os.getgrouplist(user, entry.pw_gid)


def group(name):
    return grp.getgrnam(name).gr_gid


def call(bus, who, method, arguments='', interface=NAME, name=NAME, path=PATH):
    """who: an account's name, or (uid, gid, groups). arguments: the text form of a GVariant tuple.

    Returns the reply in text form; raises CallError.
    """
    uid, gid, groups = account(who) if isinstance(who, str) else who
    ask = {'address': bus.address or SYSTEM_BUS, 'name': name, 'path': path,
           'interface': interface, 'method': method, 'arguments': arguments}
    with _lock:
        process = _process(uid, gid, groups)
        process.stdin.write(json.dumps(ask) + '\n')
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
    if 'error' in answer:
        raise CallError(answer['error'], answer['message'])
    return answer['reply']


def may(bus, who, method, arguments='', interface=NAME):
    """'' where the call is let in, else the short name of the error."""
    try:
        call(bus, who, method, arguments, interface)
    except CallError as error:
        return error.name.rsplit('.', 1)[-1]
    return ''
