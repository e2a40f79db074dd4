# SPDX-License-Identifier: LGPL-2.1-or-later
"""The files of the state folder as the daemon writes them."""

import hashlib
import os
import shutil

from .bus import keyfile


def seal(sections):
    """A file's text: a key file, and the last line that proves it complete."""
    return close(keyfile(sections))


def close(text):
    """The same of what was written already."""
    return f'{text}#complete {hashlib.sha256(text.encode()).hexdigest()}\n'


def write_state(folder, user, groups=None, **state):
    """A state.conf of USER with these keys in its group [state]; groups: more of them."""
    path = os.path.join(folder, 'state.conf')
    with open(path, 'w', encoding='utf-8', opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(seal({'state': {'customization': 'Open', **state}, **(groups or {})}))
    shutil.chown(path, user, user)


def write_settled(folder, user):
    """That of a provisioned phone whose resync of this boot is over: its daemon begins none by itself."""
    with open('/proc/sys/kernel/random/boot_id', encoding='ascii') as file:
        boot = file.read().strip().replace('-', '')
    write_state(folder, user, {'schedule': {'boot': boot}}, customization='Aborted', provisioned='true')
