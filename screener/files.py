"""Files that people name in settings and rules: opened without waiting, read within a bound.

Promises that only regular files are ever read (a FIFO waits for whoever writes into it, a device has no end), and never more of one
than was said. What the octets mean is left to who asked for them.
"""

import contextlib
import errno
import os
import stat
from itertools import islice
from pathlib import Path
from typing import BinaryIO

MAX_WATCHED = 100_000  # files and folders of a folder whose changes are noticed
MAX_OCTETS = 64 * 1024 * 1024  # a file above this was not written by people, nor for them


def opened(path: Path) -> BinaryIO:
    """The regular file at a path, to be read; raises OSError for anything else, with a `strerror` for people."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(0, "is no regular file")
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def octets(path: Path, most: int = MAX_OCTETS) -> bytes:
    """What is in a file of at most so many octets; raises OSError."""
    with opened(path) as file:
        read = file.read(most + 1)
    if len(read) > most:
        raise _too_large(most)
    return read


def size(path: Path, most: int = MAX_OCTETS) -> int:
    """How many octets a file has, for those who have somebody else read it by its path (OpenSSL); raises OSError like `octets`."""
    with opened(path) as file:
        found = os.fstat(file.fileno()).st_size
    if found > most:
        raise _too_large(most)
    return found


def state(folder: Path) -> frozenset[tuple[str, int, int, int]]:
    """What lies in a folder, however deep: path, inode, octets, nanoseconds of the last change (ctime, which nobody sets).

    Empty where there is no folder. Two states differ where something was written, swapped or removed, even twice within a second:
    that is lost where times are compared in whole seconds, as libraries that poll do.
    """
    found = set()
    paths = (Path(at, name) for at, folders, names in os.walk(folder) for name in (*folders, *names))
    for path in islice(paths, MAX_WATCHED):
        with contextlib.suppress(OSError):  # gone in the meantime
            there = path.stat()
            found.add((str(path), there.st_ino, there.st_size, there.st_ctime_ns))
    return frozenset(found)


def _too_large(most: int) -> OSError:
    return OSError(0, f"is larger than {most} octets")
