#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of all benches that `meson test --benchmark` ran, as one table.

    table.py BUILD_FOLDER

The exit status tells whether each bench ran to its end and had a figure; and where a bench is strict, whether its targets were met.
"""

import json
import os
import sys

import bench


def read(text):
    """The rows of a bench's output: lists of as many cells as bench.COLUMNS."""
    rows = [[cell.strip() for cell in line.split(' | ')[1:]] for line in text.splitlines()
            if line.startswith(bench.MARK + ' | ')]
    return [row for row in rows if len(row) == len(bench.COLUMNS)]


def table(rows):
    """The rows below their headings, in columns."""
    rows = [list(bench.COLUMNS), *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(bench.COLUMNS))]
    rows.insert(1, ['-' * width for width in widths])
    return '\n'.join('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main(build):
    try:
        with open(os.path.join(build, 'meson-logs', 'benches.json'), encoding='utf-8') as file:
            runs = [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError:
        runs = []
    found = {run['name']: read(run.get('stdout') or '') for run in runs}
    print(table([row for rows in found.values() for row in rows]))
    bad = [run['name'] for run in runs if run['returncode'] != 0 or not found[run['name']]]
    if bad or not runs:
        print('failed: ' + (', '.join(bad) or 'no bench of that name'))
    return 1 if bad or not runs else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
