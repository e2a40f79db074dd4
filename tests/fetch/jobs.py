# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs jobs of resyncd-worker, as run-job.c does it, and asserts how they end."""

import hashlib
import json
import os
import subprocess
import types
import urllib.parse

from lib import tree

WORKER = os.path.join(tree.BUILD, 'src', 'fetch', 'resyncd-worker')
RUN_JOB = os.path.join(tree.BUILD, 'tests', 'fetch', 'run-job')
PROFILE = '<device><flat-profile><GPP_A>one</GPP_A><GPP_B ua="rw">two</GPP_B></flat-profile></device>'
VALUES = {'GPP_A': 'one', 'GPP_B': 'two'}
_PORTS = {'tftp': 69, 'http': 80, 'https': 443}


def profile(size):
    """A good profile of exactly so many bytes, with PROFILE's values; no two blocks of it are the same."""
    head, tail = '<flat-profile><GPP_A>one</GPP_A><GPP_B>two</GPP_B>', '</flat-profile>'
    filler = '<!-- %08u ' + '-x' * 200 + ' -->\n'
    count, rest = divmod(size - len(head) - len(tail), len(filler % 0))
    return ''.join((head, *(filler % number for number in range(count)), ' ' * rest, tail))


def command(url, **fields):
    """Fields of the request beside the URL's: those of RsRequest. Loopback is allowed unless literal_address says otherwise."""
    parts = urllib.parse.urlsplit(url)
    path = parts.path + ('?' + parts.query if parts.query else '')
    values = {'scheme': parts.scheme, 'host': parts.hostname, 'port': parts.port or _PORTS[parts.scheme],
              'path': (path.lstrip('/') or '/') if parts.scheme == 'tftp' else path or '/',
              'literal_address': '127.0.0.1', **fields}
    return [RUN_JOB, values.pop('worker', WORKER),
            *(f'{name}={int(value) if isinstance(value, bool) else value}' for name, value in values.items())]


def run(url, inside=(), may_die=False, **fields):
    """inside: a command in front, which runs the rest in other surroundings; may_die: the worker need not end well, which is said."""
    done = subprocess.run([*inside, *command(url, **fields)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=120, check=False)
    # libsoup warns of a negative length before anybody else can
    noise = [line for line in done.stderr.splitlines() if line and "'content-length'" not in line
             and not (may_die and ': worker died' in line)]
    if done.returncode != 0 or noise:
        raise AssertionError(f'run-job ended with {done.returncode}:\n{done.stdout}{done.stderr}')
    return types.SimpleNamespace(**json.loads(done.stdout))


def part_of(url, data, count, validator='"new"', total=None):
    """A part of what is at the URL, as a worker says it."""
    return count, total or len(data), validator, *(hashlib.sha256(text).hexdigest() for text in (data[:count], url.encode()))


def image_fields(file, part=None, **fields):
    """Of a job for an image into FILE; part: as a job before said it, to go on from."""
    said = dict(zip(('part.bytes', 'part.total', 'part.validator', 'part.digest', 'part.source'), part or ()))
    return {'kind': 5, 'file': file, 'stall_timeout': 10, 'room': 1 << 30, 'max_bytes': 1 << 30, 'max_parameters': 1, **said, **fields}


def image(url, file, part=None, may_die=False, **fields):
    """Fetches an image into FILE; its `parts` are what can be gone on from, the last counts."""
    return run(url, may_die=may_die, **image_fields(file, part, **fields))


class Asserts:
    """Mixed into a unittest.TestCase."""

    def good(self, url, values=None, **fields):
        job = run(url, **fields)
        self.assertTrue(job.ok, job.message)
        self.assertEqual(job.assignments, VALUES if values is None else values)
        self.assertEqual(len(job.digest), 64)
        return job

    def bad(self, url, code, text, **fields):
        """It fails with the code, and the message holds the text and begins with the URL."""
        job = run(url, **fields)
        self.assertFalse(job.ok)
        self.assertEqual((job.code, job.message.count(text) > 0), (code, True), job.message)
        self.assertEqual(job.message.split(': ', 1)[0], job.url.split('?')[0] + ('?…' if '?' in job.url else ''))
        self.assertEqual(job.assignments, {})
        self.assertEqual(job.__dict__['class'], 'B' if code in ('NotFound', 'Corrupt') else 'C')
        return job
