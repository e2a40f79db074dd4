# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where things are: the source tree, the build folder, and the programs once they are installed in the box."""

import fcntl
import json
import os
import subprocess

SOURCE = os.environ.get('RESYNCD_SOURCE_DIR') or os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.environ.get('RESYNCD_BUILD_DIR') or os.path.join(SOURCE, 'build', 'gcc')

_MARK = '/usr/lib/lab-installed'


def source(*parts):
    return os.path.join(SOURCE, *parts)


def _targets():
    with open(os.path.join(BUILD, 'meson-info', 'intro-installed.json'), encoding='utf-8') as file:
        return json.load(file)


def is_sanitized():
    """Whether the build folder is one with sanitizers."""
    with open(os.path.join(BUILD, 'meson-info', 'intro-buildoptions.json'), encoding='utf-8') as file:
        return next(option['value'] for option in json.load(file) if option['name'] == 'b_sanitize') != 'none'


def install():
    """Installs the build folder into the private /usr of the box or laboratory, once."""
    with open('/run/lab/installed.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(_MARK):
            return
        done = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet'],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f'cannot install {BUILD}:\n{done.stdout[-2000:]}')
        with open(_MARK, 'w', encoding='utf-8'):
            pass


def installed(name):
    """The installed path of the file NAME of the build or source tree, such as 'resyncd' or 'resyncctl'."""
    install()
    found = [to for to in _targets().values() if os.path.basename(to) == name]
    found.sort(key=lambda path: ('/bin/' not in path and '/libexec/' not in path and '/sbin/' not in path, path))
    if not found:
        raise FileNotFoundError(f'{name} is not among what {BUILD} installs')
    return found[0]


def folder(name):
    """The installed folder NAME, such as 'catalogue'."""
    install()
    for to in _targets().values():
        if f'/{name}/' in to:
            return to[:to.index(f'/{name}/') + len(name) + 1]
        if to.endswith('/' + name):
            return to
    raise FileNotFoundError(f'no folder {name} among what {BUILD} installs')
