#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a resync that changes nothing writes to the state folder: bytes that strace saw the daemon write to files there."""

import os
import re
import subprocess
import tempfile

import bench
import phones
from lib import bus, servers

RESYNCS = 20
_WRITE = re.compile(r'(?:p?writev?(?:64|2)?|ftruncate|fallocate)\(\d+<([^>]*)>.*\) = (\d+)')


def traced(daemon, run):
    """What strace sees of the daemon's calls that change files, while run()."""
    with tempfile.NamedTemporaryFile('r', suffix='.strace') as log:
        tracing = subprocess.Popen(['strace', '-f', '-y', '-s', '0', '-o', log.name, '-p', str(daemon.pid), '-e',
                                    'trace=write,pwrite64,writev,pwritev,ftruncate,fallocate,link,linkat,rename,renameat,'
                                    'renameat2,unlink,unlinkat,openat'], stderr=subprocess.PIPE, text=True)
        tracing.stderr.readline()
        run()
        tracing.terminate()
        tracing.wait()
        return log.read().splitlines()


def written(lines, folder):
    """(bytes written, calls that write, link, rename, or make a file) below FOLDER."""
    count, calls = 0, []
    for line in lines:
        write = _WRITE.search(line)
        if write and write.group(1).startswith(folder):
            count += int(write.group(2))
            calls.append(line)
        elif folder in line and ('O_CREAT' in line or re.search(r'\b(link|rename|unlink)', line)):
            calls.append(line)
    return count, calls


def stamps(folder):
    """What would show any change: inode, size and times of the folder and of each file."""
    paths = [folder, *sorted(entry.path for entry in os.scandir(folder))]
    return [(path, *(getattr(os.lstat(path), name) for name in ('st_ino', 'st_size', 'st_mtime_ns', 'st_ctime_ns')))
            for path in paths]


def measure():
    with servers.Nginx() as plain, servers.Nginx(extra='etag off; if_modified_since off; add_header Last-Modified "";') as bare, \
            bus.Bus() as own_bus, phones.daemon(own_bus, phones.catalogue(1000)) as daemon:
        client = bus.Client(own_bus)
        phones.settled(client)
        for title, nginx in (('304', plain), ('200 with the same bytes', bare)):
            url = f'{nginx.url}/profile.xml'
            nginx.put('profile.xml', phones.profile(1000))
            client.set(Profile_Rule=url)
            phones.resync(client, '')
            phones.settled(client)
            before = stamps(daemon.state_dir)
            lines = traced(daemon, lambda: [phones.resync(client, '') for _ in range(RESYNCS)])
            count, calls = written(lines, daemon.state_dir)
            for call in calls:
                bench.say(call)
            bench.say('the folder is ' + ('as it was' if stamps(daemon.state_dir) == before else 'not as it was'))
            bench.bound(f'written by {RESYNCS} resyncs that change nothing ({title})', count, at_most=0, unit='bytes')
            bench.bound('  calls that change the folder', len(calls), at_most=0, unit='')


bench.main(measure)
