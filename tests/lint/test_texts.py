# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people read: translations, manual pages, journal catalog and the page of conformance agree with the code."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import conformance  # noqa: E402
import house  # noqa: E402
from lib import tap, tree  # noqa: E402

TEXT = re.compile(r'\b(?:N?_|ngettext) ?\("')
MAN = 'docs/man'


def read(path):
    return house.read(tree.SOURCE, path)


def lines(path):
    return [line for line in read(path).split('\n') if line and not line.startswith('#')]


def plain(page):
    """A manual page as one reads it, without line breaks inside words and with ASCII hyphens."""
    done = subprocess.run(['groff', '-man', '-K', 'utf8', '-T', 'utf8', '-P-c', '-P-bou', '-rLL=200n', '-rHY=0',
                           tree.source(MAN, page)], stdout=subprocess.PIPE, check=True, text=True)
    return re.sub('[‐−]', '-', done.stdout)


class Translations(unittest.TestCase):
    def test_every_file_with_texts_is_listed(self):
        found = ['src/' + path for path in house.files_below(tree.source('src'), r'\.c$') if TEXT.search(read('src/' + path))]
        self.assertEqual(lines('po/POTFILES.in'), found)

    def test_complete(self):
        """nothing untranslated, nothing fuzzy, nothing that the code no longer has"""
        with tempfile.TemporaryDirectory(prefix='lint-') as folder:
            template = os.path.join(folder, 'all.pot')
            # as meson's preset for GLib calls it
            subprocess.run(['xgettext', '--from-code=UTF-8', '--add-comments', '--keyword=_', '--keyword=N_',
                            '--flag=N_:1:pass-c-format', '--flag=g_print:1:c-format', '--flag=g_printerr:1:c-format',
                            '--flag=g_strdup_printf:1:c-format', '-o', template, *lines('po/POTFILES.in')],
                           cwd=tree.SOURCE, check=True)
            for language in lines('po/LINGUAS'):
                with self.subTest(language):
                    path = tree.source('po', language + '.po')
                    self.run_quietly('msgfmt', '--check', '--check-accelerators', '-o', os.devnull, path)
                    self.run_quietly('msgcmp', path, template)
                    self.assertNotRegex(read(f'po/{language}.po'), r'(?m)^#~|^#, .*fuzzy')

    def run_quietly(self, *command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout.replace('.', '').strip()), (0, ''))


class Sentences(unittest.TestCase):
    """What an attempt can end with, and what a search can say of each try, is translated (src/ctl/sentences.c)."""

    # what says it: rooms, and files of rooms that say much else
    SAYING = ('dhcp/hint.c', 'dhcp/options.c', 'discovery/call.c', 'discovery/informer.c', 'fetch', 'tftp', 'profile', 'params/alias.c', 'rule',
              'worker', 'system/file.c', 'store/param-store.c',
              *(f'engine/{name}.c' for name in ('apply', 'attempt', 'discover', 'job', 'proxy', 'redirect', 'rules', 'srv')))
    # nothing of these is a sentence of an attempt: images, what resyncctl explain prints, words of protocols, the worker's main
    SILENT = ('fetch/image.c', 'fetch/job-image.c', 'fetch/range.c', 'fetch/challenge.c', 'fetch/main.c', 'rule/explain.c', 'rule/print.c',
              'rule/url-show.c')
    OTHERS = {
        # of images, and of reports
        'the server does not say how long the image is (Content-Length), so that nobody could tell whether it came whole',
        'the server sends the image in an encoding, and nobody asked for one', '; if it is right, raise MaxFirmwareBytes in resyncd.conf',
        '--key, --alias and --post are not for firmware', 'worker lied: an image that begins anew without end', 'An image that is not in its file',
        # what libraries say, protocols and files
        'unexpected TLS packet', 'did not send a certificate', 'Certificate is required', 'protocol version', 'unsupported version',
        'application/xml; charset=utf-8', 'text/plain; charset=utf-8', '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', 'function alert() {}',
        'Basic Http Authentication', '“/path/to/element = /flat-profile/Name ;”',
        # to a TFTP server
        'asking again with a smaller window', 'block larger than agreed', 'file too large', 'more than tsize said', 'options not acceptable',
        'unknown transfer ID',
        # to the journal
        '%s is not ua, and is passed over; the access stays', 'ua="%s" is none of na, ro, rw; the access stays',
        '<%s> cannot be the name of a parameter; it is left out', 'an element inside the parameter; it is left out',
        'A second <flat-profile>; its parameters count as well', 'Text between parameters; it is passed over',
        '%s, line %s: %s: %s; skipped, the rest of the profile is applied', '%s more bad values were skipped',
        '%s elements are no parameters of this phone', 'the state could not be written: %s', 'signal %s (SIG%s)',
        '[Worker] AllowWeakSandbox: this kernel has no Landlock, and a server that takes a worker over can read all files that resyncd can, '
        'such as the stored parameters',
    }

    maxDiff = None

    def known(self):
        """The sentences that can be translated, in order."""
        return re.findall(r'N_\("(.*)"\)', read('src/ctl/sentences.c'))

    def covers(self, known, text):
        """Whether a text is a sentence, a piece of one, or one that holds such: then nothing of it stays as it is."""
        text = text.removeprefix('%s ').strip(' ;')
        if len(re.findall(r'[A-Za-z]{2,}', text.replace('%s', ''))) < 2 or any(text in sentence for sentence in known):
            return True
        found = (re.fullmatch('(.*?)'.join(map(re.escape, sentence.split('%s'))), text, re.S) for sentence in known)
        return any(match and all(self.covers(known, hole) for hole in match.groups()) for match in found)

    def said(self, path):
        """The texts of a file that have two words, put together as the compiler does; "%s" for what is put in, be it a number or a macro."""
        code = re.sub(r'/\*.*?\*/|^#include.*?$', '', read('src/' + path), flags=re.S | re.M)
        macros = dict(re.findall(r'(?m)^#define (\w+) +"(.*)"$', code))
        code = re.sub(r'(?m)^#define \w+', ';', code)
        for text in re.findall(r'(?:\b[A-Z][A-Z0-9_]+\s+)?"(?:[^"\\\n]|\\.)*"(?:\s*(?:[A-Z][A-Z0-9_]+\s*|G_STRINGIFY \(\w+\)\s*)?"(?:[^"\\\n]|\\.)*")*', code):
            whole = ''
            for literal, number, macro in re.findall(r'"((?:[^"\\]|\\.)*)"|\b(G_G\w+_FORMAT)\b|\b([A-Z]\w+(?: \(\w+\))?)', text):
                whole += literal if not macro and not number else 'u' if number else macros.get(macro, '%s')
            whole = re.sub(r'(%[-0]?\d*(?:ll|l|z)?[diusc]|%0\d[xX])+', '%s', whole.replace('\\"', '"')).strip()
            # a name may stand before it
            whole = re.sub(r'^\S+: ', '', whole)
            if len(re.findall(r'[A-Za-z]{2,}', whole.replace('%s', ''))) > 1 and ' ' in whole:
                yield whole

    def files(self):
        for place in self.SAYING:
            names = [place] if place.endswith('.c') else [f'{place}/{name}' for name in house.files_below(tree.source('src', place), r'\.c$')]
            yield from (name for name in names if name not in self.SILENT)

    def test_all_are_known(self):
        """whatever is said has its sentence, and no exception is one of nothing"""
        known, said = self.known(), {text: path for path in self.files() for text in self.said(path)}
        self.assertGreater(len(said), 300)
        self.assertEqual({text: path for text, path in said.items() if text not in self.OTHERS and not self.covers(known, text)}, {},
                         'write it into src/ctl/sentences.c as well, and its translation into po/')
        self.assertEqual({text for text in self.OTHERS if text not in said or self.covers(known, text)}, set())

    def test_all_are_said(self):
        """no sentence is one of nothing"""
        rooms = ('base', 'dhcp', 'discovery', 'engine', 'fetch', 'params', 'profile', 'rule', 'store', 'system', 'tftp', 'worker')
        said = '\n'.join(text for room in rooms for name in house.files_below(tree.source('src', room), r'\.[ch]$')
                         for text in self.said(f'{room}/{name}'))
        self.assertEqual([part for sentence in self.known() for part in sentence.split('%s') if part.strip(' :;,()') not in said], [])

    def test_none_hides_another(self):
        """the first that fits counts: a general one stands behind those that say more"""
        known = self.known()
        forms = [re.compile('.*?'.join(map(re.escape, sentence.split('%s'))), re.S) for sentence in known]
        self.assertEqual([(known[i], sentence) for place, sentence in enumerate(known) for i in range(place)
                          if forms[i].fullmatch(sentence.replace('%s', 'X'))], [])


class Manuals(unittest.TestCase):
    def test_well_formed(self):
        for page in sorted(os.listdir(tree.source(MAN))):
            with self.subTest(page):
                done = subprocess.run(['groff', '-man', '-K', 'utf8', '-T', 'utf8', '-ww', '-z', tree.source(MAN, page)],
                                      stderr=subprocess.PIPE, text=True, check=True)
                self.assertEqual(done.stderr, '')
                self.assertEqual(plain(page).split('\n')[0].split()[0],
                                 page.rsplit('.', 1)[0].upper() + '(' + page.rsplit('.', 1)[1] + ')')
                self.assertIn(page, read('docs/meson.build'))

    def test_every_command_and_option(self):
        program = os.path.join(tree.BUILD, 'src', 'ctl', 'resyncctl')

        def help_of(*arguments):
            return subprocess.run([program, *arguments, '--help'], stdout=subprocess.PIPE, text=True, check=True,
                                  env={**os.environ, 'LC_ALL': 'C.UTF-8'}).stdout
        overall = help_of()
        commands = re.findall(r'^  ([a-z-]+)', overall.split('Commands:')[1].split('\n\n')[0], re.M)
        self.assertGreater(len(commands), 10)
        page = plain('resyncctl.1')
        for command in commands:
            self.assertRegex(page, rf'(?m)^ +{re.escape(command)}( |$)', command)
            for option in re.findall(r'--[a-z-]+', help_of(command)):
                self.assertRegex(page, rf'(?m)^ +(-h, )?{option}', option)
        for status in range(6):
            self.assertRegex(page, rf'(?m)^ +{status} ')

    def test_every_option_of_the_daemon(self):
        page = plain('resyncd.8')
        for option in ('config', 'state-dir', 'catalogue', 'address', 'session', 'replace', 'version'):
            self.assertRegex(page, rf'(?m)^ +--{option}( |$)')

    def test_every_key_of_the_configuration(self):
        """with its default, where that is a number or a word"""
        keys = re.findall(r'\{ "(\w+)", "(\w+)", AT \(\w+\), KEY_\w+,\s+"?([^",]*)"?,', read('src/store/config.c'))
        self.assertGreater(len(keys), 20)
        page = plain('resyncd.conf.5')
        for section, key, default in keys:
            begin = page.index(f'[{section.upper()}]')
            text = re.split(r'\n\[?[A-Z]', page[begin + 1:])[0]
            match = re.search(rf'(?ms)^ {{7}}(?:\w+, )?{key}\b.*?(?=^ {{7}}\S|\Z)', text)
            self.assertIsNotNone(match, f'[{section}] {key}')
            if re.fullmatch(r'\w+', default) and default != 'NULL':
                self.assertIn(default, match.group(0), f'[{section}] {key}')

    def test_names_of_errors(self):
        """the page lists the names that the bus uses"""
        names = re.findall(r'"([A-Z][A-Za-z]+)"', read('src/base/error.c').split('RS_ERROR_FAILED')[1])
        page = ' '.join(plain('resyncctl.1').split())
        for name in set(names) - {'A', 'B', 'C'}:
            self.assertIn(name, page)


class Journal(unittest.TestCase):
    def test_every_event_is_explained(self):
        """LOG-2: what happened, what is still safe, what to do"""
        ids = re.findall(r'#define RS_MESSAGE_\w+ "([0-9a-f]{32})"', read('src/base/names.h'))
        entries = re.split(r'(?m)^-- ', read('data/resyncd.catalog'))[1:]
        self.assertEqual(sorted(entry[:32] for entry in entries), sorted(ids))
        self.assertEqual(len(set(ids)), len(ids))
        for entry in entries:
            head, *paragraphs = entry.strip().split('\n\n')
            self.assertRegex(head, r'\nSubject: .+\nDefined-By: resyncd\n')
            self.assertGreaterEqual(len(paragraphs), 3, head)


class Conformance(unittest.TestCase):
    def test_current(self):
        text, strangers = conformance.current_page(tree.SOURCE)
        self.assertEqual(strangers, [], 'no such statement in docs/spec.md')
        self.assertEqual(read('docs/conformance.md'), text, 'run tests/lint/conformance.py')

    def test_ids_of_c(self):
        text = '''/* Head of the file (RULE-1) */
#include <a.h>

/* RULE-2, RULE-3: a table */
static const int table[] = { 1 };

static void
helper (void)
{
}

/* DISC-1, -2 */
static void
test_one (void)
{
  int x; /* LOG-2 */
}
'''
        self.assertEqual(list(conformance.c_tests(text)), [('RULE-2', 'helper'), ('RULE-3', 'helper'), ('DISC-1', 'test_one'),
                                                           ('DISC-2', 'test_one'), ('LOG-2', 'test_one')])

    def test_ids_of_python(self):
        text = '''"""Head (RULE-1)"""
class A:
    """DISC-1"""
    # RULE-2
    def test_a(self):
        """RULE-3: says"""
    def helper(self):
        pass
    def test_b(self):
        x = 1  # RULE-4
'''
        self.assertEqual(sorted(conformance.python_tests(text)), [('DISC-1', 'test_a'), ('DISC-1', 'test_b'), ('RULE-2', 'test_a'),
                                                                  ('RULE-3', 'test_a'), ('RULE-4', 'test_b')])

    def test_page(self):
        spec = '# x\n## RULE: rules\n| id | statement |\n| --- | --- |\n| RULE-1 | first \\| or |\n| RULE-2 | second |\n'
        tests = {'RULE-1': ['a.c: f', 'b.c: g'], 'RULE-9': ['a.c: f']}
        page = conformance.page(spec, tests)
        self.assertIn('| RULE-1 | first \\| or | `a.c: f`<br>`b.c: g` |', page)
        self.assertIn('| RULE-2 | second | — |', page)
        self.assertEqual(conformance.strangers(spec, tests), ['RULE-9'])


class Security(unittest.TestCase):
    ROW = re.compile(r'^\|(?! *-)(.+)\|$', re.M)
    PLACE = re.compile(r'`([\w/.-]+\.(?:py|c))(?:: (\w+))?`')

    def rows(self):
        """The cells of each row of a table that promises something."""
        rows = [[cell.strip() for cell in row.split('|')] for row in self.ROW.findall(read('docs/security.md'))]
        return [row for row in rows if row[-1] != 'shown by']

    def test_every_row_names_tests(self):
        """each promise and each threat names at least one test, and the tests are there"""
        rows = self.rows()
        self.assertGreater(len(rows), 30)
        for row in rows:
            with self.subTest(row[:2]):
                places = self.PLACE.findall(row[-1])
                self.assertTrue(places)
                # nothing else stands there
                self.assertEqual(self.PLACE.sub('', row[-1]).strip(), '')
                for path, name in places:
                    text = read(os.path.join('tests', path))
                    self.assertRegex(text, rf'(?m)^ *def {name}\b|^{name} \(void\)' if name else '.')


if __name__ == '__main__':
    tap.main(None)
