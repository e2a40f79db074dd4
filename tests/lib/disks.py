# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks of the box's own that fail on demand: a small tmpfs, and an ext4 on a loop device that loses its power.

Each is a context manager with a `folder` for its owner. Mounts are in the box's private namespace and loop devices clear
themselves with their last mount, so nothing outlives a test that is killed.
"""

import errno
import fcntl
import glob
import os
import pwd
import struct
import subprocess
import tempfile

from . import wait

# linux/ext4.h: EXT4_IOC_SHUTDOWN and how: everything, only the journal, or nothing at all is written out first
_SHUTDOWN = 0x8004587d
FLUSH, LOG_FLUSH, NO_LOG_FLUSH = range(3)


def _run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class _Disk:
    def __init__(self, user):
        self.user = pwd.getpwnam(user)
        self.folder = tempfile.mkdtemp(prefix='state-')

    def unmount(self):
        # a child that was made while its daemon died may have a file open for a moment more
        wait.until(lambda: subprocess.run(['umount', self.folder], stdin=subprocess.DEVNULL, check=False).returncode == 0, f'{self.folder} to be let go')

    def set_read_only(self, read_only):
        _run('mount', '-o', 'remount,' + ('ro' if read_only else 'rw'), self.folder)

    def close(self):
        self.unmount()
        os.rmdir(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Memory(_Disk):
    """A tmpfs; options as of mount, such as size=256k or nr_inodes=12."""

    def __init__(self, user, options):
        super().__init__(user)
        _run('mount', '-t', 'tmpfs', '-o', f'mode=700,uid={self.user.pw_uid},gid={self.user.pw_gid},{options}', 'tmpfs', self.folder)

    def fill(self):
        """Takes what is left of its room."""
        with open(os.path.join(self.folder, 'filler'), 'wb', buffering=0) as file:
            try:
                while True:
                    file.write(b'x' * 4096)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def fill_inodes(self):
        """The same with files that hold nothing."""
        number = 0
        try:
            while True:
                number += 1
                os.close(os.open(os.path.join(self.folder, f'filler{number}'), os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def remount(self, options):
        """Other options, such as more room."""
        _run('mount', '-o', f'remount,{options}', self.folder)

    def make_room(self):
        for path in glob.glob(os.path.join(self.folder, 'filler*')):
            os.unlink(path)


class Ext4(_Disk):
    """An ext4 that writes nothing out by itself: what is durable is what was synced."""

    def __init__(self, user):
        super().__init__(user)
        with tempfile.NamedTemporaryFile(prefix='ext4-', delete=False) as file:
            self.image = file.name
            file.truncate(8 << 20)
        _run('mkfs.ext4', '-q', '-m', '0', '-E', f'root_owner={self.user.pw_uid}:{self.user.pw_gid}', self.image)
        self.mount()
        os.rmdir(os.path.join(self.folder, 'lost+found'))

    def mount(self):
        _run('mount', '-o', 'loop,commit=600', self.image, self.folder)

    def cut(self, how=NO_LOG_FLUSH):
        """The power goes: from now on each access fails, and what is on the disk stays as it is."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, struct.pack('I', how))
        finally:
            os.close(folder)

    def come_back(self):
        self.unmount()
        self.mount()

    def close(self):
        super().close()
        os.unlink(self.image)


def loops(image):
    """The loop devices of an image."""
    found = []
    for path in glob.glob('/sys/block/loop*/loop/backing_file'):
        try:
            with open(path, encoding='utf-8') as file:
                if os.path.basename(image) in file.read():
                    found.append(path.split('/')[3])
        except OSError:
            # it has gone meanwhile
            pass
    return found
