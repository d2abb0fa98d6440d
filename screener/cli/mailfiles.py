"""Messages in files: single ones, mboxes, Maildirs and whole folders, as they would come over SMTP.

Promises never to raise for what lies on the disk, never to open what would block (FIFOs, devices, sockets), to end where folders
lead in circles, and to hold at most one message of at most the asked size in memory. What is no mail in a folder is passed over:
there, a file is taken that is named *.eml, lies in a Maildir, begins like an mbox or begins with the header of a message,
whatever it is called. A link that leads nowhere is told, for nobody knows what it would be. A file that is named itself is always
taken.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from screener import files
from screener.frozen import dataclass

_BLOCK = 262_144  # octets read at once
_HEAD = 65_536  # octets looked at to see whether a file is a message
_BEFORE = b"\xef\xbb\xbf\r\n"  # lenient readers see the header behind a mark of UTF-8 and empty lines
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_TELLING = re.compile(
    rb"^(?:from|date|subject|received|return-path|message-id|delivered-to|to|cc|sender|reply-to|x-original-to|mime-version"
    rb"|content-type|dkim-signature|authentication-results|resent-[a-z-]+|arc-[a-z-]+|list-[a-z-]+|x-mailer)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_SEPARATOR = re.compile(
    rb"From [^\r\n]{0,900}\d:\d\d[^\r\n]{0,90} (?:19|20)\d\d"
)  # text that begins with "From " has no time and year
_QUOTED_FROM = re.compile(rb">+From ")


@dataclass(frozen=True, slots=True)
class MailFile:
    """One file that holds messages, or `trouble`: why it cannot be looked at."""

    path: Path
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as stored; `number` counts from 1 within an mbox and is 0 elsewhere. Cut where `size` is more than was asked."""

    path: Path
    number: int
    octets: bytes
    size: int
    trouble: str = ""


def find(paths: Iterable[Path], passed_over: Callable[[Path], object] = lambda _: None) -> Iterator[MailFile]:
    """The files below `paths` that hold mail, in order of their names, each once for each path that leads to it.

    `passed_over` is told of each file in a folder that is taken for no mail.
    """
    for path in paths:
        yield from _find(path, passed_over)


def messages(found: MailFile, limit: int) -> Iterator[Message]:
    """The messages of one file, none of them with more than `limit` octets in memory."""
    if found.trouble:
        yield Message(found.path, 0, b"", 0, found.trouble)
        return
    number = 0
    try:
        with files.opened(found.path) as file:
            if found.path.suffix.lower() != ".eml" and _peek(file).startswith(b"From "):
                for number, (octets, size) in enumerate(_mbox(file, limit), 1):
                    yield Message(found.path, number, octets, size)
            else:
                yield _whole(found.path, file, limit)
    except OSError as error:
        yield Message(found.path, number and number + 1, b"", 0, f"cannot be read: {error.strerror or error}")


def as_sent(stored: bytes) -> bytes:
    """A message's octets as a client would send them after DATA: LF files get CRLF, and the last line is ended."""
    content = stored if b"\r\n" in stored else stored.replace(b"\n", b"\r\n")
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _find(path: Path, passed_over: Callable[[Path], object]) -> Iterator[MailFile]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield MailFile(path, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return
    if stat.S_ISDIR(mode):
        yield from _walk(path, passed_over)
    elif stat.S_ISREG(mode):
        yield MailFile(path)
    else:
        yield MailFile(path, "is no file but a FIFO, socket or device")


def _walk(top: Path, passed_over: Callable[[Path], object]) -> Iterator[MailFile]:
    """Depth first, without recursion; a folder that was seen already, by whatever way, is not entered again."""
    waiting = [top]
    seen: set[tuple[int, int]] = set()
    while waiting:
        folder = waiting.pop()
        folders: list[Path] = []
        try:
            about = folder.stat()
            if (about.st_dev, about.st_ino) in seen:
                continue
            seen.add((about.st_dev, about.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield MailFile(folder, f"cannot be read: {error.strerror or error}")
            continue
        in_maildir = folder.name in ("cur", "new") and (folder.parent / "tmp").is_dir()
        is_maildir = {"cur", "new"} <= {entry.name for entry in entries}
        for entry in entries:
            path = Path(entry.path)
            try:
                if entry.is_dir():
                    if not (is_maildir and entry.name == "tmp"):
                        folders.append(path)
                elif entry.is_file() and (in_maildir or _is_mail(path)):
                    yield MailFile(path)
                else:
                    path.stat()  # raises for a link that leads nowhere; one to a device is no mail
                    passed_over(path)
            except OSError as error:
                yield MailFile(path, f"cannot be read: {error.strerror or error}")
        waiting.extend(reversed(folders))


def _is_mail(path: Path) -> bool:
    if path.suffix.lower() == ".eml":
        return True
    with files.opened(path) as file:
        head = _peek(file)
    if head.startswith(b"From "):
        return True
    head = head.lstrip(_BEFORE)
    return _FIELD.match(head) is not None and _TELLING.search(_header(head)) is not None


def _header(head: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]


def _peek(file: BinaryIO) -> bytes:
    head = file.read(_HEAD)
    file.seek(0)
    return head


def _whole(path: Path, file: BinaryIO, limit: int) -> Message:
    octets = file.read(limit + 1)
    size = len(octets) if len(octets) <= limit else max(os.fstat(file.fileno()).st_size, len(octets))
    return Message(path, 0, octets[:limit], size)


def _mbox(file: BinaryIO, limit: int) -> Iterator[tuple[bytes, int]]:
    """Each message of an mbox and its size: a "From " line with a date, after an empty line, begins one (RFC 4155).

    Lines that begin with ">From " or ">>From " lose one ">".
    """
    kept: list[bytes] = []
    size = 0
    begun = False
    at_line_start, after_empty = True, True
    while line := file.readline(_BLOCK):
        if at_line_start and after_empty and (not begun or (line.startswith(b"From ") and _SEPARATOR.match(line))):
            if begun:
                yield _without_last_empty_line(kept), size
            kept, size, begun = [], 0, True  # the first line always is one: without it this is no mbox
            at_line_start, after_empty = _skip_line(file, line), False
            continue
        if at_line_start and line.startswith(b">") and _QUOTED_FROM.match(line):
            line = line[1:]
        if size < limit:
            kept.append(line[: limit - size])
        size += len(line)
        after_empty = at_line_start and line in (b"\n", b"\r\n")
        at_line_start = line.endswith(b"\n")
    if begun:
        yield _without_last_empty_line(kept), size


def _skip_line(file: BinaryIO, line: bytes) -> bool:
    """Read on to the end of an overlong line."""
    while line and not line.endswith(b"\n"):
        line = file.readline(_BLOCK)
    return True


def _without_last_empty_line(kept: list[bytes]) -> bytes:
    if kept and kept[-1] in (b"\n", b"\r\n"):
        kept.pop()
    return b"".join(kept)
