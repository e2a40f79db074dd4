# SPDX-License-Identifier: LGPL-2.1-or-later
"""resyncctl as it is installed: its language, its pages, its completion, its usual places."""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import run as helper  # noqa: E402
from gi.repository import GLib  # noqa: E402
from lib import bus, tap, tree  # noqa: E402

PROFILE = '<flat-profile><Resync_Periodic>1800</Resync_Periodic></flat-profile>'


def run(*command, **env):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', **env})


class Story(helper.BusCase):
    def page(self, **env):
        done = run(tree.installed('resyncctl'), '--address', self.bus.address, 'status', TZ='UTC', **env)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        return done.stdout

    def test_in_the_language_of_the_reader(self):
        """DISC-12: what was tried, and why it was of no use: sentences, and sentences in them; one that nobody translated as it is"""
        sentences = {
            'the connection was refused; check that the server runs and listens on this port':
                'die Verbindung wurde abgelehnt; bitte prüfen, ob der Server läuft und auf diesem Port hört',
            'no SRV record of _x._tls or _y._tcp for a.example': 'kein SRV-Eintrag _x._tls oder _y._tcp für a.example',
            'at pr1.a.example:443: HTTP 404: no such file; check the path in the rule and on the server':
                'bei pr1.a.example:443: HTTP 404: es gibt die Datei nicht; bitte den Pfad in der Regel und auf dem Server prüfen',
            'the server is not trusted: its certificate is for another name (x, not b); nothing was taken from it':
                'dem Server wird nicht vertraut: sein Zertifikat ist für einen anderen Namen (x, nicht b); nichts wurde von ihm genommen',
            'no SRV record at all': 'no SRV record at all',
            'https://b/x: by the proxy p:1: HTTP 404: no such file; check the path in the rule and on the server':
                'https://b/x: über den Proxy p:1: HTTP 404: es gibt die Datei nicht; bitte den Pfad in der Regel und auf dem Server prüfen',
            'the server answered with error 1 (“no”); check the path in the rule and on the server':
                'der Server antwortete mit dem Fehler 1 (“no”); bitte den Pfad in der Regel und auf dem Server prüfen',
            'the server is not trusted: its certificate is self-signed, and its certificate has expired (on x); nothing was taken from it':
                'dem Server wird nicht vertraut: sein Zertifikat hat er selbst unterschrieben, und sein Zertifikat ist abgelaufen (am x); '
                'nichts wurde von ihm genommen',
            'Not well-formed: cut short, the element <a> does not end (line 3, column 4)':
                'Nicht wohlgeformt: abgeschnitten, das Element <a> endet nicht (Zeile 3, Spalte 4)',
            'the file has 9 bytes, more than the 8 that are allowed; if it is right, raise MaxProfileBytes in resyncd.conf':
                'die Datei hat 9 Bytes, mehr als die erlaubten 8; falls sie richtig ist, MaxProfileBytes in resyncd.conf erhöhen',
            'the rule that it gives is none for this phone: Profile_Rule: column 3: found “x”, expected a URL, or options in brackets':
                'die Regel, die er gibt, ist keine für dieses Telefon: Profile_Rule: Spalte 3: gefunden “x”, erwartet eine URL, oder Optionen in '
                'Klammern',
            'enter an activation code; no way led to a profile: it does not know this phone (00562b043615)':
                'bitte einen Aktivierungscode eingeben; kein Weg führte zu einem Profil: er kennt dieses Telefon nicht (00562b043615)',
        }
        *tries, reason = sentences
        self.daemon.properties[helper.fake.MAIN]['Status'] = GLib.Variant('a{sv}', {
            'onboarding': GLib.Variant('a(ssst)', [('redirect', 'https://a/', one, 1767225600000000) for one in tries]),
            'failure-reason': GLib.Variant('s', reason)})
        for page, told in ((self.page(), sentences.keys()), (self.page(LANGUAGE='de'), sentences.values())):
            *tries, reason = told
            self.assertRegex(page, rf': +{re.escape(reason)}\n')
            for one in tries:
                self.assertIn(f'https://a/  {one}\n', page)


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
