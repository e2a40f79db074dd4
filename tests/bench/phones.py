# SPDX-License-Identifier: LGPL-2.1-or-later
"""Phones of any size: a generated catalogue, profiles for it, and resyncd with both."""

import os
import shutil
import sys
import tempfile
import time

from gi.repository import GLib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, tree, wait  # noqa: E402

MEMBERS = 100
# what a profile of 10 MB and one of 100 MB need, beyond what resyncd.conf allows by default
LIMITS = {'MaxProfileBytes': str(200 << 20), 'MaxParameters': '200000', 'TransferTimeout': '120'}


def names(count):
    """The names of the first COUNT generated parameters, as a catalogue lists them."""
    return [f'Bench_Setting_{i // MEMBERS:04}_{i % MEMBERS + 1}_' for i in range(count)]


def catalogue(count):
    """A folder with the real catalogue and COUNT (a multiple of MEMBERS) texts beside it."""
    folder = os.path.join(tempfile.mkdtemp(prefix='bench-'), 'catalogue')
    shutil.copytree(tree.source('data', 'catalogue'), folder)
    with open(os.path.join(folder, '90-bench.conf'), 'w', encoding='utf-8') as file:
        for family in range(count // MEMBERS):
            file.write(f'[Bench_Setting_{family:04}_{{n}}_]\nType=string\nIndex=1-{MEMBERS}\nTab=Bench\nSection=Bench\n'
                       f'Summary=Setting {family}\n\n')
    os.chmod(os.path.dirname(folder), 0o755)
    return folder


def profile(count, turn=0, size=100, **values):
    """A profile with COUNT generated parameters, of about SIZE bytes each; every value is another one in each TURN.
    values: others."""
    lines = ['<flat-profile>', *(f'<{name}>{value}</{name}>' for name, value in values.items())]
    for number, name in enumerate(names(count)):
        text = f'value {number} of turn {turn:06} '
        lines.append(f'<{name}>{text.ljust(size - 2 * len(name) - 6, "x")}</{name}>')
    lines.append('</flat-profile>\n')
    return '\n'.join(lines)


def daemon(own_bus, catalogue=None, config=None, **more):
    """resyncd on OWN_BUS that resyncs only when it is told to, with wide limits. catalogue: a folder, or the installed one."""
    sections = {'Network': {'Manager': 'none'}, 'Limits': LIMITS,
                'Discovery': {'RedirectUrl': '', 'RedirectFallbackUrl': '', 'ActivationUrl': ''}, **(config or {})}
    return bus.Daemon(own_bus, config=sections, catalogue=catalogue, **more)


def settled(client):
    """Waits until the daemon has done what it does at its start, and has not begun anything else."""
    wait.until(lambda: client.property('State') == 'idle', 'an idle daemon')


def heard(client, name, timeout=120):
    """Waits for a signal without polling, for times that count; returns its arguments."""
    end = time.monotonic() + timeout
    while True:
        for index, (which, values) in enumerate(client.signals):
            if which == name:
                del client.signals[index]
                return values
        if time.monotonic() > end:
            raise AssertionError(f'waited in vain for {name}')
        GLib.MainContext.default().iteration(True)


def resync(client, url):
    """Runs one resync with a URL for its rule and demands that it succeeds; returns its details."""
    attempt = client.resync(url, force=True)
    finished = heard(client, 'ResyncFinished')
    while finished[0] != attempt:
        finished = heard(client, 'ResyncFinished')
    _attempt, result, _url, message, details = finished
    if result not in ('success', 'unchanged'):
        raise AssertionError(f'the resync with {url} is {result}: {message}')
    return details
