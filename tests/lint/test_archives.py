# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pure rooms are pure, and the daemon does not link what belongs to the worker: read from what the compiler made."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import archives  # noqa: E402
from lib import tap, tree  # noqa: E402


def archive_of(room):
    return os.path.join(tree.BUILD, 'src', room, f'librs-{room}.a')


class Rooms(unittest.TestCase):
    def test_need_nothing_of_the_world(self):
        for room in archives.PURE:
            with self.subTest(room):
                self.assertEqual(archives.denied(room, archives.needed_symbols(archive_of(room))), [])

    def test_have_no_variables(self):
        for room in archives.PURE:
            with self.subTest(room):
                self.assertEqual(archives.mutable_state(archive_of(room)), [])


class Daemon(unittest.TestCase):
    """What the worker alone may need: libraries that read what servers send."""

    FOREIGN = r'^lib(soup|gnutls|xml2|json-glib|psl|nghttp2|z)[-.]'

    def test_links_nothing_of_the_worker(self):
        libraries = archives.needed_libraries(os.path.join(tree.BUILD, 'src', 'service', 'resyncd'))
        self.assertIn('libglib-2.0.so.0', libraries)
        for library in libraries:
            self.assertNotRegex(library, self.FOREIGN)

    def test_the_worker_does(self):
        """so the rule sees what it should"""
        libraries = archives.needed_libraries(os.path.join(tree.BUILD, 'src', 'fetch', 'resyncd-worker'))
        self.assertGreaterEqual(len([name for name in libraries if re.match(self.FOREIGN, name)]), 2, libraries)


IMPURE = '''
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
int open_it (const char *);
long when (void);
void say (const char *);
int count (void);
extern char *getenv (const char *);
extern void g_log_structured (void);
extern void *g_file_new_for_path (const char *);
extern void *gnutls_hash_fast (void);
static int counter;
static int set = 3;
int common;
static const char *const fine[] = { "a", "b" };
int open_it (const char *path) { return open (getenv (path), O_RDONLY); }
long when (void) { return time (0); }
void say (const char *text) { printf ("%s %d\\n", text, (int) time (0)); g_log_structured (); }
int count (void) { set += common++; return ++counter + set + fine[counter][0] + (g_file_new_for_path ("x") == gnutls_hash_fast ()); }
'''


class RulesThemselves(unittest.TestCase):
    """An archive made to break every rule is caught."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='lint-')
        cls.addClassCleanup(folder.cleanup)
        source = os.path.join(folder.name, 'impure.c')
        with open(source, 'w', encoding='utf-8') as file:
            file.write(IMPURE)
        cls.archive = os.path.join(folder.name, 'libimpure.a')
        built = source[:-len('.c')] + '.o'
        subprocess.run(['cc', '-c', '-O0', '-fPIC', '-o', built, source], check=True)
        subprocess.run(['ar', 'rcs', cls.archive, built], check=True)

    def test_symbols(self):
        symbols = archives.needed_symbols(self.archive)
        self.assertEqual(archives.denied('base', symbols),
                         ['g_file_new_for_path', 'g_log_structured', 'getenv', 'gnutls_hash_fast', 'open', 'printf', 'time'])
        self.assertNotIn('gnutls_hash_fast', archives.denied('profile', symbols))

    def test_variables(self):
        self.assertEqual(archives.mutable_state(self.archive), ['common', 'counter', 'set'])

    def test_names(self):
        for symbol in ('open64', 'fopen64', 'socket', 'clock_gettime', 'g_get_real_time', 'g_random_int_range', '__printf_chk',
                       'stderr', 'g_date_time_new_now_local', 'g_getenv', 'xmlReadFile', 'g_timeout_add', 'getrandom', 'execve'):
            self.assertEqual(archives.denied('profile', [symbol]), [symbol])
        for symbol in ('memcpy', 'g_malloc', '__snprintf_chk', 'g_strdup_printf', 'strlen', 'g_return_if_fail_warning',
                       'g_date_time_new_from_unix_utc', 'inet_pton', 'g_hash_table_new', '__stack_chk_fail', '__asan_report_load8'):
            self.assertEqual(archives.denied('base', [symbol]), [])


if __name__ == '__main__':
    tap.main(None)
