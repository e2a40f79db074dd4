#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A profile of 100 000 parameters, 10 MB: the worker's decoding, to the outcome that the daemon has checked.

Ours is one run of the real worker, as the daemon starts it: from its word that the file is there and decoding begins,
to the checked outcome in the other process and the worker's end. The peer is one run of xmllint --stream --noout on the
same file, which reads the XML too, but keeps nothing of it. Both start as processes of their own, and are timed so; what
the worker needs before it decodes (its start and the download from nginx on loopback) is shown below, and in the whole.
"""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fetch'))
import bench
import jobs
import phones
from lib import servers, tree

COUNT = 100000
TIMES = 7


def run_worker(url):
    """Milliseconds of one run: (start, download, decoding to outcome, all)."""
    job = jobs.run(url, max_bytes=200 << 20, max_parameters=200000)
    if not job.ok or len(job.assignments) != COUNT:
        raise AssertionError(f'the worker brought {len(job.assignments)} parameters: {job.message}')
    stages = {}
    for name, _bytes, _total, when in job.progress:
        stages.setdefault(name, when)
    begun, decoding = stages['connecting'], stages['decoding']
    ended = job.ended
    return ended - job.seconds, begun, decoding, ended


def measure():
    with servers.Nginx() as nginx:
        path = nginx.put('profile.xml', phones.profile(COUNT))
        runs = []

        def ours():
            begun, connecting, decoding, ended = run_worker(f'{nginx.url}/profile.xml')
            runs.append((connecting - begun, decoding - connecting, ended - decoding))
            return ended - decoding

        def peer():
            return bench.seconds(lambda: subprocess.run(['xmllint', '--stream', '--noout', path], check=True))
        mine, theirs = bench.alternate(TIMES, ours, peer)
        bench.say('worker: ' + bench.spread(mine))
        bench.say('xmllint: ' + bench.spread(theirs))
        bench.ratio('decode 100 000 parameters, 10 MB', mine, theirs, at_most=1.3)
        start, download, decode = ([run[i] for run in runs[1:]] for i in range(3))
        bench.ratio('  with start and download', [sum(run) for run in runs[1:]], theirs)
        bench.bound('  start of the worker', start)
        bench.bound('  download from loopback', download)
        stages = json.loads(subprocess.run([os.path.join(tree.BUILD, 'tests', 'bench', 'stages'), phones.catalogue(COUNT), path],
                                           stdout=subprocess.PIPE, check=True).stdout)
        for name, what in (('parser', 'libxml2 alone, in a warm process'), ('read', 'all of the decoding, there'),
                           ('send', 'the outcome as a message'), ('accept', 'its check by the daemon, in a thread')):
            bench.bound(f'  {what}', stages[name] / 1000)


bench.main(measure)
