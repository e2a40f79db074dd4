# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl as it is installed: its language, its pages, its completion, its usual places."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from lib import bus, tap, tree  # noqa: E402

PROFILE = '<flat-profile><Resync_Periodic>1800</Resync_Periodic></flat-profile>'


def run(*command, **env):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', **env})


class Installed(unittest.TestCase):
    def test_german(self):
        program = tree.installed('resyncctl')
        self.assertIn('Befehle:', run(program, '--help', LANGUAGE='de').stdout)
        self.assertIn('Commands:', run(program, '--help').stdout)
        done = run(program, 'nonesuch', LANGUAGE='de')
        self.assertEqual((done.returncode, done.stderr.split('\n')[0]), (2, 'resyncctl: Den Befehl „nonesuch“ gibt es nicht'))

    def test_catalogue_is_found(self):
        done = bus.ctl(None, 'check', '-', stdin=PROFILE, check=0)
        self.assertEqual(done.stdout, '-: 1 parameter would be set\n')

    def test_manual_pages(self):
        for page in ('resyncd.8', 'resyncctl.1', 'resyncd.conf.5', 'resync-profile.5'):
            path = tree.installed(page)
            self.assertEqual(os.path.basename(os.path.dirname(path)), 'man' + page[-1])
            self.assertTrue(os.path.exists(path))

    def test_completion(self):
        self.assertTrue(tree.installed('resyncctl').endswith('/bin/resyncctl'))
        done = run('bash', '--norc', '-c', 'source /usr/share/bash-completion/completions/resyncctl; complete -p resyncctl')
        self.assertEqual((done.returncode, done.stdout), (0, 'complete -F _resyncctl resyncctl\n'))


if __name__ == '__main__':
    tap.main('box')
