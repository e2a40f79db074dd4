# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house rules over the whole tree, and over made-up files that break them."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import house  # noqa: E402
from lib import tap, tree  # noqa: E402

# texts in which one looks for the SPDX line and for sizes; manual pages, catalogues and data have heads of their own
SOURCES = (r'\.(c|h|py|sh|bash)$', r'^meson\.build$', r'^(check|run)$')


def table():
    return house.doors(house.read(tree.SOURCE, 'docs/architecture.md'))


class Tree(unittest.TestCase):
    def check(self, rule, *patterns, below=''):
        complaints = []
        paths = house.files_below(os.path.join(tree.SOURCE, below), *patterns)
        self.assertTrue(paths)
        for path in paths:
            path = os.path.join(below, path)
            complaints += rule(path, house.read(tree.SOURCE, path))
        self.assertEqual(complaints, [])

    def test_doors(self):
        doors = table()
        self.assertEqual(house.bad_doors(doors), [])
        self.assertEqual(sorted(doors), sorted(name for name in os.listdir(tree.source('src'))
                                               if os.path.isdir(tree.source('src', name))))
        self.check(lambda path, text: house.bad_includes(path, text, doors) if path.count('/') > 1 else [], r'\.[ch]$',
                   below='src')

    def test_rooms_are_built_in_the_order_of_the_table(self):
        order = [line.split("'")[1] for line in house.read(tree.SOURCE, 'src/meson.build').split('\n') if 'subdir' in line]
        self.assertEqual(order, list(table()))

    def test_heads(self):
        self.check(house.bad_head, *SOURCES)

    def test_sizes(self):
        self.check(house.bad_sizes, *SOURCES)

    def test_words(self):
        # Python is left out: “TODO” is a word of TAP, which tests speak of
        self.check(house.bad_words, r'\.(c|h|sh)$', r'^meson\.build$')


TABLE = '''
| room | holds | doors | libraries |
| --- | --- | --- | --- |
| `low/` | x | – | GLib |
| `mid/` | x | low | GIO |
| `top/` | x | low mid | libsoup |
'''


class RulesThemselves(unittest.TestCase):
    """A rule that finds nothing anywhere is no rule."""

    def test_doors_of_a_table(self):
        doors = house.doors(TABLE)
        self.assertEqual(doors['top'], ({'low', 'mid'}, 'libsoup'))
        self.assertEqual(house.bad_doors(doors), [])
        self.assertEqual(len(house.bad_doors(house.doors(TABLE.replace('| – |', '| top |')))), 1)

    def test_includes(self):
        doors = house.doors(TABLE)
        good = '#include "low/a.h"\n#include "mid/own.h"\n#include <gio/gio.h>\n#include <stdio.h>\n#include "config.h"\n'
        self.assertEqual(house.bad_includes('src/mid/a.c', good, doors), [])
        for path, include in (('src/low/a.c', '#include "mid/a.h"'), ('src/mid/a.c', '  #  include "top/a.h"'),
                              ('src/mid/a.c', '#include "a.h"'), ('src/low/a.c', '#include <gio/gio.h>'),
                              ('src/mid/a.c', '#include <libsoup/soup.h>'), ('src/none/a.c', '')):
            self.assertEqual(len(house.bad_includes(path, include, doors)), 1, include)

    def test_sizes(self):
        long = 'int\nfoo (void)\n{\n' + '  bar ();\n' * 100 + '}\n'
        self.assertEqual(house.bad_sizes('a.c', long), ['a.c:3: foo has 102 lines, 100 at most'])
        self.assertEqual(house.bad_sizes('a.c', long.replace('  bar ();\n', '', 2)), [])
        self.assertEqual(house.bad_sizes('a.c', 'static const int table[] = {\n' + '  1,\n' * 200 + '};\n'), [])
        table = '  static const int table[] = {\n' + '    1,\n' * 50 + '  };\n'
        self.assertEqual(house.bad_sizes('a.c', long.replace('  bar ();\n', table, 1).replace('  bar ();\n', '', 1)), [])
        self.assertEqual(len(house.bad_sizes('a.c', long + '\n' + long)), 2)
        self.assertEqual(len(house.bad_sizes('a.c', '\n' * 601)), 1)
        self.assertEqual(len(house.bad_sizes('a.py', 'def f():\n' + '    f()\n' * 101)), 1)

    def test_heads(self):
        self.assertEqual(house.bad_head('a.c', '/* ' + house.SPDX + ' */\n'), [])
        self.assertEqual(house.bad_head('a', '#!/bin/sh\n# ' + house.SPDX + '\n'), [])
        self.assertEqual(len(house.bad_head('a.c', '\n/* ' + house.SPDX + ' */\n')), 1)

    def test_words(self):
        for text in ('/* TO' 'DO: later */', '# prag' 'ma GCC diagnostic ignored', 'x; // NO' 'LINTNEXTLINE'):
            self.assertEqual(len(house.bad_words('a.c', text)), 1, text)
        self.assertEqual(house.bad_words('a.h', '#pragma once\n'), [])


if __name__ == '__main__':
    tap.main(None)
