# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the kernel tells of processes."""

import contextlib
import glob
import os


def children(pid):
    """The pids of those that the threads of a process made, whichever of them."""
    found = []
    for path in glob.glob(f'/proc/{pid}/task/*/children'):
        try:
            with open(path, encoding='ascii') as file:
                found += [int(child) for child in file.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            # the thread has ended meanwhile
            continue
    return found


def open_files(pid):
    """What the descriptors of a process lead to: the paths of files, "socket:[…]"."""
    found = []
    for fd in os.listdir(f'/proc/{pid}/fd'):
        # it may be closed meanwhile
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(f'/proc/{pid}/fd/{fd}'))
    return found
