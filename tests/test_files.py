"""Files that people name: nothing waits, nothing is read without end."""

import os
import shutil
from pathlib import Path

import pytest

from screener import files


def test_a_file_within_its_bound_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert files.octets(tmp_path / "file", 5) == b"12345"
    with pytest.raises(OSError, match="is larger than 4 octets"):
        files.octets(tmp_path / "file", 4)


def test_a_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert files.octets(tmp_path / "link") == b"12345"


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    for path in (tmp_path / "fifo", tmp_path / "link", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(OSError, match="is no regular file") as raised:
            files.octets(path)
        assert raised.value.strerror == "is no regular file"


def test_nothing_stays_open_after_a_refusal(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (tmp_path / "fifo", tmp_path):
        for _ in range(10):
            with pytest.raises(OSError):
                files.octets(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_others_read_is_looked_at_before(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="is no regular file"):
        files.size(tmp_path / "fifo")
    (tmp_path / "endless").touch()
    os.truncate(tmp_path / "endless", files.MAX_OCTETS + 1)
    with pytest.raises(OSError, match=f"is larger than {files.MAX_OCTETS} octets"):
        files.size(tmp_path / "endless")
    os.truncate(tmp_path / "endless", files.MAX_OCTETS)
    assert files.size(tmp_path / "endless") == files.MAX_OCTETS


def test_a_folder_and_a_missing_file_are_told_as_the_system_does(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        files.octets(tmp_path)
    with pytest.raises(FileNotFoundError):
        files.octets(tmp_path / "none")


def test_a_folder_changes_with_whatever_happens_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    assert files.state(folder) == frozenset()
    (folder / "lists").mkdir(parents=True)
    file = folder / "lists" / "words.txt"
    file.write_text("one")
    states = [files.state(folder)]
    for text in ("two", "six"):  # of one size, at one time of writing
        file.write_text(text)
        os.utime(file, (1, 1))
        states.append(files.state(folder))
    shutil.copytree(folder, tmp_path / "next")  # with its times
    shutil.rmtree(folder)
    states.append(files.state(folder))
    (tmp_path / "next").rename(folder)
    states.append(files.state(folder))
    assert len(set(states)) == len(states)
    assert files.state(folder) == states[-1]


def test_a_link_that_leads_nowhere_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert files.state(tmp_path) == frozenset()
