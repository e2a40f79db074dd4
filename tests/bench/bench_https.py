#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A profile of 2 000 parameters over HTTPS, from the call of Resync to the signal Changed; every value is another each time.

The peer fetches the same file by curl, has xmllint read it, and copies it as durably: written, synced, renamed, the folder
synced. nginx, the certificates and the disk are the same.
"""

import os
import shutil
import subprocess

import bench
import phones
from lib import bus, certificates, servers

COUNT = 2000
TIMES = 21


def durable_copy(source, folder):
    new, name = os.path.join(folder, 'new'), os.path.join(folder, 'profile')
    shutil.copyfile(source, new)
    for path in (new, folder):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        if path == new:
            os.rename(new, name)


def measure():
    authority = certificates.Authority()
    with servers.Nginx(tls=authority.issue('127.0.0.1')) as nginx, bus.Bus() as own_bus, \
            phones.daemon(own_bus, phones.catalogue(COUNT), {'Tls': {'CaFile': authority.path, 'SystemCa': 'false'}}) as daemon:
        client = bus.Client(own_bus)
        phones.settled(client)
        url = f'{nginx.url}/profile.xml'
        path = nginx.put('profile.xml', '')
        turn = 0

        def ours():
            nonlocal turn
            turn += 1
            nginx.put('profile.xml', phones.profile(COUNT, turn))
            client.signals.clear()
            time = bench.seconds(lambda: (client.resync(url, force=True), phones.heard(client, 'Changed')))
            phones.heard(client, 'ResyncFinished')
            phones.settled(client)
            return time

        def fetch():
            fetching = subprocess.Popen(['curl', '-sS', '--cacert', authority.path, url], stdout=subprocess.PIPE)
            subprocess.run(['xmllint', '--noout', '-'], stdin=fetching.stdout, check=True)
            if fetching.wait() != 0:
                raise AssertionError('curl failed')
            durable_copy(path, daemon.folder)

        mine, theirs = bench.alternate(TIMES, ours, lambda: bench.seconds(fetch), warm=2)
        bench.say('resyncd: ' + bench.spread(mine))
        bench.say('curl | xmllint, durable copy: ' + bench.spread(theirs))
        bench.say('state folder on: ' + subprocess.check_output(['stat', '-f', '-c', '%T', daemon.state_dir], text=True).strip())
        bench.ratio('HTTPS, 2 000 parameters, to Changed', mine, theirs, at_most=1.3)


bench.main(measure)
