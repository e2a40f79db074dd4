# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program does to a folder, call by call, as strace saw it.

    strace = [*recording.STRACE, '-o', path]     in front of the program's command
    operations = recording.read(path, folder, recording.snapshot(folder) as it was before)

A call that touches the folder in a way that is not known here is an error, never left out: who comes to write by mmap or
copy_file_range has to say here what a power cut does to that. A call counts from its return on; of a sync it is also known
what was complete when it began, for it promises nothing about the rest.
"""

import os
import re
import stat
import typing

# %desc and %file: all calls that take a descriptor or a path; -D: the program stays the child of who starts it
STRACE = ('strace', '-D', '-f', '-y', '-xx', '-s', '4000000', '-e', 'trace=%file,%desc,sendmsg,sendto', '-e', 'signal=none',
          '--seccomp-bpf')


class Entries(typing.NamedTuple):
    """Names of the folder come to stand for files, or (None) for nothing; all of them at once. mode: of a new file."""
    names: dict
    mode: typing.Optional[int] = None


class Data(typing.NamedTuple):
    """Bytes put at the end of a file."""
    file: int
    data: bytes


class Sync(typing.NamedTuple):
    """file None: the folder. begun: how many operations were complete when it began."""
    file: typing.Optional[int]
    begun: int


class Said(typing.NamedTuple):
    """Something was sent to the bus."""
    text: bytes


class File(typing.NamedTuple):
    mode: int
    data: bytes


def snapshot(folder):
    """{name: File} of a folder of plain files."""
    found = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f'{path} is no plain file')
        with open(path, 'rb') as file:
            found[name] = File(stat.S_IMODE(status.st_mode), file.read())
    return found


class Disk:
    """A folder to which operations are applied: names stand for numbered files, as links do for inodes."""

    def __init__(self, before):
        self.names = {name: number for number, name in enumerate(sorted(before))}
        self.modes = {number: before[name].mode for name, number in self.names.items()}
        self.data = {number: before[name].data for name, number in self.names.items()}

    def apply(self, operation):
        if isinstance(operation, Entries):
            for name, number in operation.names.items():
                if number is None:
                    self.names.pop(name, None)
                    continue
                self.names[name] = number
                if operation.mode is not None:
                    self.modes[number], self.data[number] = operation.mode, b''
        elif isinstance(operation, Data):
            self.data[operation.file] += operation.data

    def files(self):
        return {name: File(self.modes[number], self.data[number]) for name, number in self.names.items()}


# calls that change nothing on a disk, whatever they are asked about; flock dies with its holder
HARMLESS = frozenset('''access faccessat faccessat2 stat lstat fstat newfstatat statx statfs fstatfs readlink readlinkat read pread64 readv
    preadv lseek close getdents64 flock fcntl poll ppoll epoll_ctl inotify_add_watch execve chdir getcwd fadvise64 dup dup2 dup3'''.split())

_LINE = re.compile(r'^(\d+) +(.*)$')
_RESUMED = re.compile(r'^<\.\.\. (\w+) resumed>(.*)$')
_CALL = re.compile(r'^(\w+)\((.*)\) += (-?\d+|\?)(?:<((?:\\x[0-9a-f]{2})*)>)?(.*)$')
_DESCRIPTOR = re.compile(r'^(\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>')
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_UNFINISHED = ' <unfinished ...>'
_ROOT = r'AT_FDCWD<\x2f>'


def _bytes(text):
    return bytes.fromhex(text.replace('\\x', ''))


def _split(arguments):
    """At the commas that are in no bracket; texts are hexadecimal and hold none."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(arguments):
        if letter in '([{':
            depth += 1
        elif letter in ')]}':
            depth -= 1
        elif letter == ',' and depth == 0:
            parts.append(arguments[start:position].strip())
            start = position + 1
    return parts + [arguments[start:].strip()]


def _calls(path):
    """(name, arguments, returned, number of calls complete when it began) of all that succeeded, in the order of their ends."""
    begun, complete = {}, 0
    with open(path, encoding='ascii') as file:
        for line in file:
            pid, text = _LINE.match(line.rstrip('\n')).groups()
            if text.startswith(('+++', '---')):
                continue
            if text.endswith(_UNFINISHED):
                begun[pid] = (text[:-len(_UNFINISHED)], complete)
                continue
            since = complete
            resumed = _RESUMED.match(text)
            if resumed:
                head, since = begun.pop(pid)
                text = head + resumed.group(2)
            call = _CALL.match(text)
            if call is None:
                raise ValueError(f'not understood: {text[:300]}')
            name, arguments, returned, _opened, _rest = call.groups()
            if returned != '?' and int(returned) >= 0:
                complete += 1
                yield name, _split(arguments), int(returned), since


class _Reader:
    """Turns calls into operations; self.disk is the folder as it is after those read."""

    def __init__(self, folder, before):
        self.folder = folder
        self.disk = Disk(before)
        self.next = len(before)
        self.operations = []
        self.complete = []  # how many operations there were after each call

    def name_at(self, descriptor, path):
        """The name in the folder that the two arguments mean; '' for the folder itself, None elsewhere."""
        base = _DESCRIPTOR.match(descriptor)
        full = os.path.normpath(os.path.join(os.fsdecode(_bytes(base.group(2))), os.fsdecode(_bytes(_TEXT.match(path).group(1)))))
        return self.below(full)

    def below(self, full):
        if full == self.folder:
            return ''
        return full[len(self.folder) + 1:] if full.startswith(self.folder + '/') else None

    def opened(self, argument):
        """The same of a descriptor."""
        match = _DESCRIPTOR.match(argument)
        return self.below(os.fsdecode(_bytes(match.group(2)))) if match else None

    def touches(self, arguments):
        where = os.fsencode(self.folder)
        texts = [_bytes(text) for argument in arguments for text in re.findall(r'["<]((?:\\x[0-9a-f]{2})+)[">]', argument)]
        return any(text == where or text.startswith(where + b'/') for text in texts)

    def add(self, operation):
        self.disk.apply(operation)
        self.operations.append(operation)

    def file(self, name):
        return self.disk.names[name]

    def take(self, name, arguments, returned, since):
        handler = getattr(self, 'on_' + name, None)
        if name in ('sendmsg', 'sendto'):
            self.add(Said(b''.join(_bytes(text) for text in _TEXT.findall(' '.join(arguments[1:])))))
        elif handler is not None:
            handler(arguments, returned, self.complete[since - 1] if since else 0)
        elif name not in HARMLESS and self.touches(arguments):
            raise ValueError(f'a call that this test does not know touches {self.folder}: {name} ({", ".join(arguments)[:300]})')
        self.complete.append(len(self.operations))

    def on_openat(self, arguments, returned, begun):
        name = self.name_at(arguments[0], arguments[1])
        flags = set(arguments[2].split('|'))
        if not name:
            return
        if 'O_CREAT' in flags and name not in self.disk.names:
            self.next += 1
            self.add(Entries({name: self.next}, int(arguments[3], 8)))
        elif flags & {'O_WRONLY', 'O_RDWR', 'O_TRUNC'}:
            raise ValueError(f'{name} is there and is opened to be written: not known here')

    def on_write(self, arguments, returned, begun):
        name = self.opened(arguments[0])
        if name is not None:
            self.add(Data(self.disk.names[name], _bytes(_TEXT.match(arguments[1]).group(1))[:returned]))

    def on_fsync(self, arguments, returned, begun):
        name = self.opened(arguments[0])
        if name is not None:
            self.add(Sync(self.disk.names[name] if name else None, begun))

    def on_linkat(self, arguments, returned, begun):
        old, new = self.name_at(*arguments[:2]), self.name_at(*arguments[2:4])
        if old is not None or new is not None:
            self.add(Entries({new: self.disk.names[old]}))

    def on_renameat(self, arguments, returned, begun):
        old, new = self.name_at(*arguments[:2]), self.name_at(*arguments[2:4])
        # of two names of one file nothing is changed
        if (old is not None or new is not None) and self.disk.names[old] != self.disk.names.get(new):
            self.add(Entries({old: None, new: self.disk.names[old]}))

    def on_unlinkat(self, arguments, returned, begun):
        name = self.name_at(*arguments[:2])
        if name is not None:
            self.add(Entries({name: None}))

    def on_unlink(self, arguments, returned, begun):
        self.on_unlinkat([_ROOT, arguments[0]], returned, begun)

    def on_chmod(self, arguments, returned, begun):
        # the folder's own mode is set at each start
        if self.name_at(_ROOT, arguments[0]):
            raise ValueError('a file is given another mode: not known here')


def read(path, folder, before):
    """The operations on FOLDER, which was BEFORE (as snapshot() gives it), that are in the file of strace at PATH."""
    reader = _Reader(folder, before)
    for call in _calls(path):
        reader.take(*call)
    return reader.operations
