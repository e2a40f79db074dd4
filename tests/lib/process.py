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
    """The paths of the files that a process has open."""
    found = []
    for path in glob.glob(f'/proc/{pid}/fd/*'):
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(path))
    return found
