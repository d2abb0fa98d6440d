"""Disks that run full or lose power. Both are mounts of the tests' own mount namespace and need root."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small(folder: Path, octets: int) -> Iterator[Path]:
    """`folder` as a disk of so many octets, in memory."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={octets}", "none", folder)
    try:
        yield folder
    finally:
        _unmount(folder)


def fill(folder: Path) -> Path:
    """Fill the disk to its last octet; delete the returned file to make room again."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        block = b"\0" * 65_536
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]
    return filler


class PowerCut:
    """A disk whose power can be cut: what was not forced to it by then is gone, as with a real one."""

    def __init__(self, folder: Path) -> None:
        self._image = folder / "image"
        self._cut = folder / "image-after-the-cut"
        self.folder = folder / "disk"

    def cut(self, folder: Path) -> Path:
        """The disk as it comes up after losing power right now, mounted at a new `folder`; `forget` it then. This one goes on."""
        # The backing file has what the file system has given out to its device, and nothing of what waits in memory.
        shutil.copyfile(self._image, self._cut)
        folder.mkdir()
        _mount("-o", "loop", self._cut, folder)
        return folder

    def forget(self, folder: Path) -> None:
        """Unmount what `cut` returned."""
        _unmount(folder)


@contextmanager
def losing_power(folder: Path, octets: int = 64 * 1024 * 1024) -> Iterator[PowerCut]:
    """An ext4 disk below `folder` that writes by itself only after five minutes."""
    folder.mkdir(exist_ok=True)
    disk = PowerCut(folder)
    with (folder / "image").open("wb") as image:
        image.truncate(octets)
    subprocess.run(["/usr/sbin/mkfs.ext4", "-q", folder / "image"], check=True, capture_output=True, timeout=60)
    disk.folder.mkdir()
    _mount("-o", "loop,commit=300", folder / "image", disk.folder)
    try:
        yield disk
    finally:
        _unmount(disk.folder)


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["/usr/bin/mount", *arguments], check=True, capture_output=True, timeout=60)


def _unmount(folder: Path) -> None:
    subprocess.run(["/usr/bin/umount", "--lazy", folder], check=True, capture_output=True, timeout=60)
