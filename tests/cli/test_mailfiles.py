"""Messages in files: every layout people have, and everything on a disk that is none."""

import os
import socket
from pathlib import Path

import pytest

from screener.cli.mailfiles import MailFile, Message, as_sent, find, messages

MAIL = b"From: a@b.example\nSubject: x\n\nbody\n"
LIMIT = 1_000_000


def found(*paths: Path) -> list[str]:
    return [os.fsencode(one.path.name).decode("utf-8", "backslashreplace") for one in find(paths) if not one.trouble]


def read(path: Path, limit: int = LIMIT) -> list[Message]:
    return list(messages(MailFile(path), limit))


def test_a_folder_gives_mail_and_passes_over_what_is_none(tmp_path: Path) -> None:
    files = {
        "b.eml": b"\0\xff no mail at all",
        "a.eml": MAIL,
        "empty.eml": b"",
        "message": MAIL,
        "inbox": b"From a@b Mon Jan  1 00:00:00 2024\n" + MAIL,
        "README.md": b"# Read me\nFrom: nobody\n",
        "settings.yaml": b"rules:\n  - name: x\n",
        "data.tsv": b"a\tb\n",
        "deep/deeper/c.eml": MAIL,
        "empty": b"",
    }
    for name, octets in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
    assert found(tmp_path) == ["a.eml", "b.eml", "empty.eml", "inbox", "message", "c.eml"]


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: x\n",
        b"\xef\xbb\xbfSubject: x\n",
        b"\r\n\r\nSubject: x\r\n",
        b"Cc: a@b.example\n",
        b"".join(b"X-Long-%d: %s\n" % (number, b"a" * 60) for number in range(300)) + b"From: a@b.example\n",
    ],
)
def test_a_message_is_known_by_its_content_without_any_name(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "17").write_bytes(head + b"\nbody\n")
    (tmp_path / "18").write_bytes(b"no header\n\nFrom: nobody\n")
    assert found(tmp_path) == ["17"]


def test_what_is_named_itself_is_always_taken(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello")
    assert found(path) == ["notes.txt"]
    assert [one.octets for one in read(path)] == [b"hello"]


def test_a_maildir_with_its_folders(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("cur/1:2,S", "new/2", "tmp/3", ".Sent/cur/4:2,"):
        (tmp_path / name).write_bytes(b"anything")
    (tmp_path / "subscriptions").write_bytes(b"Sent\n")
    assert sorted(found(tmp_path)) == ["1:2,S", "2", "4:2,"]


def test_folders_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "m.eml").write_bytes(MAIL)
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "b" / "self").symlink_to("self")
    (tmp_path / "again").symlink_to(tmp_path / "a")
    assert found(tmp_path) == ["m.eml"]


def test_what_would_block_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.eml")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.eml"))
        (tmp_path / "null.eml").symlink_to("/dev/zero")
        (tmp_path / "m.eml").write_bytes(MAIL)
        assert found(tmp_path) == ["m.eml"]
        for name in ("fifo.eml", "socket.eml", "null.eml"):
            (one,) = find([tmp_path / name])
            assert one.trouble == "is no file but a FIFO, socket or device"
            assert [message.trouble for message in messages(one, LIMIT)] == [one.trouble]
        assert read(tmp_path / "fifo.eml")[0].trouble == "cannot be read: is no regular file"


def test_missing_and_broken_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "dangling.eml").symlink_to("nowhere")
    (dangling,) = find([tmp_path])
    assert (dangling.path.name, dangling.trouble) == ("dangling.eml", "cannot be read: No such file or directory")
    (missing,) = find([tmp_path / "none.eml"])
    assert missing.trouble == "cannot be read: No such file or directory"
    assert found(tmp_path) == []
    (bad,) = find([Path("a\0b")])
    assert bad.trouble.startswith("cannot be read: ")
    assert read(tmp_path)[0].trouble == "cannot be read: Is a directory"


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.eml")
    Path(path).write_bytes(MAIL)
    assert found(tmp_path) == ["caf\\xe9.eml"]


def test_an_mbox_is_parted_and_unquoted(tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(
        b"From a@b Mon Jan  1 00:00:00 2024\n"
        b"Subject: 1\n\nFrom here on it is text\n>From quoted\n>>From twice\n> From no\n\n"
        b"From a@b Mon Jan  1 00:00:00 2024\nSubject: 2\n\n\n\n"
        b"From c@d Tue Jan  2 00:00:00 2024 +0100\nSubject: 3\n\nlast line without an end"
    )
    assert [(one.number, one.octets) for one in read(path)] == [
        (1, b"Subject: 1\n\nFrom here on it is text\nFrom quoted\n>From twice\n> From no\n"),
        (2, b"Subject: 2\n\n\n"),
        (3, b"Subject: 3\n\nlast line without an end"),
    ]


def test_an_mbox_whose_first_line_is_endless(tmp_path: Path) -> None:
    path = tmp_path / "inbox"
    path.write_bytes(b"From " + b"x" * 600_000 + b"\nSubject: 1\n")
    assert [one.octets for one in read(path)] == [b"Subject: 1\n"]


def test_an_eml_is_one_message_whatever_it_begins_with(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    octets = b"From a@b Mon Jan  1 00:00:00 2024\n" + MAIL + b"\nFrom a@b Mon\n\n"
    path.write_bytes(octets)
    assert [(one.number, one.octets) for one in read(path)] == [(0, octets)]


@pytest.mark.parametrize("name", ["big.eml", "big.mbox"])
def test_no_more_than_the_limit_is_kept(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    head = b"From a@b\n" if name.endswith("mbox") else b""
    path.write_bytes(head + b"x" * 2_000_000)
    (one,) = read(path, 1000)
    assert one.octets == b"x" * 1000
    assert one.size == 2_000_000


def test_a_sparse_giant_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "giant.eml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    (one,) = read(path, 1000)
    assert (len(one.octets), one.size) == (1000, 1 << 40)


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n"),
        (b"a\r\nb\nc\r\n", b"a\r\nb\nc\r\n"),
        (b"a\rb", b"a\rb\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_files_are_sent_with_crlf(stored: bytes, sent: bytes) -> None:
    assert as_sent(stored) == sent
