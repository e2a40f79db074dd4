# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house rules that a machine can see: one-way doors between rooms, an SPDX line, files and functions of bounded size.

Each rule is a function over text that returns complaints, so that its test can feed it a house that breaks it.
"""

import ast
import os
import re

MAX_FILE = 600
MAX_FUNCTION = 100
SPDX = 'SPDX-License-Identifier: LGPL-2.1-or-later'

# in pieces, so that this file does not complain of itself
UNWANTED = re.compile(r'\b(?:TO' r'DO|FIX' r'ME|XX' r'X|NO' r'LINT\w*)\b|#\s*prag' r'ma (?!once)')

# what a system header stands for in the last column of the table of doors
LIBRARIES = {
    r'gio/|glib-unix\.h': 'GIO', r'libsoup/': 'libsoup', r'gnutls/': 'GnuTLS', r'libxml/': 'libxml2',
    r'NetworkManager\.h|nm-': 'libnm', r'systemd/': 'libsystemd', r'seccomp\.h': 'libseccomp', r'json-glib/': 'json-glib',
}


def files_below(root, *patterns):
    """Paths relative to root, sorted, of the files whose names match; build folders and hidden ones are left out."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in ('.git', 'build', '__pycache__') and
                            not os.path.exists(os.path.join(folder, name, 'meson-private')))
        for name in files:
            if any(re.search(pattern, name) for pattern in patterns):
                found.append(os.path.relpath(os.path.join(folder, name), root))
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def doors(architecture):
    """room -> (rooms it may include, text of its libraries), from the table of docs/architecture.md."""
    table = {}
    for line in architecture.split('\n'):
        cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
        if len(cells) != 4 or not re.fullmatch(r'`[a-z]+/`', cells[0]):
            continue
        rooms = set(cells[2].split()) - {'–'}
        table[cells[0].strip('`/')] = (rooms, cells[3])
    return table


def bad_doors(table):
    """Rooms of the table that may include a room below which they do not stand: a circle, or a room that is not there."""
    complaints, above = [], []
    for room, (allowed, _) in table.items():
        for other in sorted(allowed - set(above)):
            complaints.append(f'docs/architecture.md: {room}/ may include {other}/, which does not stand above it')
        above.append(room)
    return complaints


def bad_includes(path, text, table):
    """Of one file src/ROOM/…: includes that no door of the table leads to."""
    room = path.split('/')[1]
    if room not in table:
        return [f'{path}: the room {room}/ is not in the table of docs/architecture.md']
    allowed, libraries = table[room]
    complaints = []
    for line, include in enumerate(text.split('\n'), 1):
        own = re.match(r'\s*#\s*include\s+"([^"]+)"', include)
        outside = re.match(r'\s*#\s*include\s+<([^>]+)>', include)
        if own and '/' in own.group(1):
            other = own.group(1).split('/')[0]
            if other != room and other not in allowed:
                complaints.append(f'{path}:{line}: {room}/ has no door to {other}/')
        elif own and not re.fullmatch(r'config\.h|rs-[a-z-]+\.h', own.group(1)):
            complaints.append(f'{path}:{line}: "{own.group(1)}" does not say its room')
        elif outside:
            for pattern, library in LIBRARIES.items():
                if re.match(pattern, outside.group(1)) and library not in libraries:
                    complaints.append(f'{path}:{line}: {room}/ does not use {library}')
    return complaints


def c_functions(text):
    """(name, first line, length in lines) of each function in GNU style; constant tables inside it do not count."""
    start = name = table = None
    tables = 0
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'^([A-Za-z_]\w*) \(', line)
        if match and start is None:
            name = match.group(1)
        if line.startswith('{') and start is None:
            start, tables = number, 0
        elif line.startswith('}') and start is not None:
            yield name, start, number - start + 1 - tables
            start = None
        elif re.match(r'\s+(static )?const .*\[\w*\] *=( *\{)?$', line):
            table = number
        elif table is not None and re.match(r'\s+\};', line):
            tables += number - table + 1
            table = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def bad_sizes(path, text):
    complaints = []
    lines = text.count('\n')
    if lines > MAX_FILE:
        complaints.append(f'{path}: {lines} lines, {MAX_FILE} at most')
    functions = {'.c': c_functions, '.h': c_functions, '.py': python_functions}.get(os.path.splitext(path)[1])
    for name, line, length in functions(text) if functions else ():
        if length > MAX_FUNCTION:
            complaints.append(f'{path}:{line}: {name} has {length} lines, {MAX_FUNCTION} at most')
    return complaints


def bad_head(path, text):
    """The SPDX line stands first, or second below "#!"."""
    head = text.split('\n')[:2 if text.startswith('#!') else 1]
    return [] if SPDX in head[-1] else [f'{path}: no SPDX line at its head']


def bad_words(path, text):
    """Marks of unfinished work and switches that silence a compiler."""
    complaints = []
    for line, content in enumerate(text.split('\n'), 1):
        for word in UNWANTED.findall(content):
            complaints.append(f'{path}:{line}: {word.strip()}')
    return complaints
