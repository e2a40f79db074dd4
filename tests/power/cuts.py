# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a power cut may leave of a folder: a model that is worse than any one file system.

Durable is what a completed sync promises: of a file its bytes, of the folder its names, both as they were when the sync began.
Of the rest anything may be there. Changes of names may be kept or lost one by one, not only from the end; a rename is one change.
Bytes that were not synced may be missing, there, cut anywhere, or zeros of the right length.
"""

import itertools

from recording import Data, Entries, File, Disk, Sync

PAGE = 4096
# changes of names of which all combinations are tried: 256 of them
ALL_SUBSETS = 8


def subsets(outstanding):
    """Which of the changes are kept: every choice, and where they are many none, all, each alone and each missing."""
    count = len(outstanding)
    if count <= ALL_SUBSETS:
        yield from itertools.product((False, True), repeat=count)
        return
    for base in (False, True):
        yield (base,) * count
        for one in range(count):
            yield tuple(base != (place == one) for place in range(count))


def remains(durable, unsynced):
    """What a file may hold of which the first bytes are durable and writes (a list of bytes) came after."""
    found = {durable}
    for count in range(1, len(unsynced) + 1):
        whole = durable + b''.join(unsynced[:count])
        last = len(unsynced[count - 1])
        # the last write torn, and the length known before the bytes are there
        cuts = {0, len(whole) // 2, len(whole) - last // 2, *range(0, len(whole), PAGE), len(whole) - 1, len(whole)}
        found.update(whole[:cut] for cut in cuts)
        for cut in range(0, len(whole), PAGE):
            # pages come to the disk in any order
            page = whole[cut:cut + PAGE]
            found.add(whole[:cut] + bytes(len(page)) + whole[cut + PAGE:])
            found.add(whole[:cut] + bytes(len(whole) - cut))
            found.add(bytes(cut) + whole[cut:])
    return found


def synced(operations, file):
    """How many of the operations are durable as far as they are about this file (None: the names of the folder)."""
    return max((one.begun for one in operations if isinstance(one, Sync) and one.file == file), default=0)


def after_cut(before, operations):
    """Every folder, as {name: File}, that may be found when power goes after these operations on BEFORE; some come twice."""
    live = Disk(before)
    first = dict(live.data)
    for one in operations:
        live.apply(one)
    contents = {}

    def content(file):
        if file not in contents:
            safe = synced(operations, file)
            parts = [(place < safe, one.data) for place, one in enumerate(operations) if isinstance(one, Data) and one.file == file]
            contents[file] = sorted(remains(first.get(file, b'') + b''.join(data for is_safe, data in parts if is_safe),
                                            [data for is_safe, data in parts if not is_safe]))
        return contents[file]
    safe = synced(operations, None)
    outstanding = [one for one in operations[safe:] if isinstance(one, Entries)]
    for kept in subsets(outstanding):
        disk = Disk(before)
        for one in itertools.chain(operations[:safe], itertools.compress(outstanding, kept)):
            if isinstance(one, Entries):
                disk.apply(one)
        names = sorted(disk.names)
        for data in itertools.product(*(content(disk.names[name]) for name in names)):
            yield {name: File(live.modes[disk.names[name]], one) for name, one in zip(names, data)}
