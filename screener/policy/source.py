"""The rules folder as it was read: the only module of this room that touches files.

Promises every rule file (`*.yaml`, by name) and every list they name, as octets, so that the service and each screening process
compile the very same set (same hash). Whether the octets are any good is `rulefile`'s to say; a list that could not be read is
carried along with the reason, so that the complaint about it comes together with all others, at the place that names it.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from screener import files, yamlfile
from screener.frozen import dataclass
from screener.yamlfile import Complaint, Complaints, Mapping, Node, Place, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Source:
    """Every file of the rules folder."""

    files: tuple[tuple[str, bytes], ...]  # path as shown to people, octets; rule files by name, then lists by name
    hash: str  # first 12 hex digits of SHA-256 over names and octets; the same whatever the folder is called
    shown: str = "rules"  # how the folder is called in complaints and evidence
    unreadable: tuple[tuple[str, str], ...] = ()  # lists that rules name but that could not be read: path as shown, why

    @classmethod
    def read(cls, folder: Path, shown: str) -> "Source":
        """Read the folder; `shown` is its name for people. Raises Complaints: no folder, no rule file, an unreadable rule file."""
        shown = shown.rstrip("/")
        names = _rule_files(folder, shown)
        complaints: list[Complaint] = []
        rule_files: list[tuple[str, bytes]] = []
        wanted: set[str] = set()
        for name in names:
            try:
                octets = files.octets(folder / name)
            except OSError as error:
                complaints.append(Complaint(Place(f"{shown}/{name}"), f"cannot be read: {_reason(error)}"))
                continue
            rule_files.append((f"{shown}/{name}", octets))
            wanted.update(_named_lists(octets, f"{shown}/{name}"))
        if complaints:
            raise Complaints(complaints)
        lists: list[tuple[str, bytes]] = []
        unreadable: list[tuple[str, str]] = []
        for name in sorted(wanted):
            try:
                lists.append((f"{shown}/{name}", files.octets(_inside(folder, name))))
            except OSError as error:
                unreadable.append((f"{shown}/{name}", _reason(error)))
        return cls.of(tuple(rule_files), tuple(lists), shown, tuple(unreadable))

    @classmethod
    def of(
        cls,
        rule_files: tuple[tuple[str, bytes], ...],
        lists: tuple[tuple[str, bytes], ...] = (),
        shown: str = "rules",
        unreadable: tuple[tuple[str, str], ...] = (),
    ) -> "Source":
        """A source out of octets at hand, with its hash."""
        files = rule_files + lists
        digest = hashlib.sha256()
        for path, octets in files:
            name = path.removeprefix(f"{shown}/").encode()
            digest.update(b"%d %b %d " % (len(name), name, len(octets)))
            digest.update(octets)
        return cls(files, digest.hexdigest()[:12], shown, unreadable)

    def to_json(self) -> bytes:
        """Everything that was read, to be kept and read back by `from_json`."""
        files = [[path, b64encode(octets).decode("ascii")] for path, octets in self.files]
        return json.dumps({"shown": self.shown, "hash": self.hash, "files": files}).encode()

    @classmethod
    def from_json(cls, octets: bytes) -> "Source":
        """The source that `to_json` was asked of; raises ValueError."""
        try:
            data = json.loads(octets)
            files = tuple((str(path), b64decode(text, validate=True)) for path, text in data["files"])
            source, kept = cls.of(files, shown=str(data["shown"])), data["hash"]
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"no rule set that was kept: {error!r}") from error
        if source.hash != kept:
            raise ValueError(f"the rule set that was kept is damaged: its hash is {source.hash}, expected {str(kept)[:80]}")
        return source


def list_name(text: str) -> str:
    """The path of a list under the rules folder; raises ValueError where it is absolute or leads out of the folder."""
    path = PurePosixPath(text)
    if not text or not text.isprintable() or "\\" in text:
        raise ValueError(f"{text!r} is no path: expected one such as lists/words.txt")
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{text!r} leads out of the rules folder: expected a path below it, such as lists/words.txt")
    if path.suffix in (".yaml", ".yml"):
        raise ValueError(f"{text!r} is a rule file: expected a list with one entry a line, such as lists/words.txt")
    return str(path)


def _rule_files(folder: Path, shown: str) -> list[str]:
    try:
        entries = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise Complaints([Complaint(Place(shown), f"the rules folder cannot be read: {_reason(error)}")]) from error
    names = [name for name in entries if name.endswith((".yaml", ".yml")) and not name.startswith(".")]
    odd = [name for name in names if not name.isprintable()]
    if odd:
        raise Complaints([Complaint(Place(shown), f"holds the file {name!a}: give it a printable UTF-8 name") for name in odd])
    if not names:
        raise Complaints([Complaint(Place(shown), "holds no rule file: expected at least one such as 10-senders.yaml")])
    return names


def _inside(folder: Path, name: str) -> Path:
    """The real path of a list, refused where a symbolic link leads out of the folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise OSError(0, "a symbolic link leads out of the rules folder")
    return path


def _reason(error: OSError) -> str:
    return "there is no such file or folder" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))


def _named_lists(octets: bytes, path: str) -> Iterator[str]:
    """Every acceptable list path that a rule file names; a file that is no YAML names none (`rulefile` will say why)."""
    try:
        root = yamlfile.read(octets, path, [])
    except Complaints:
        return
    for text in _file_values(root):
        try:
            yield list_name(text)
        except ValueError:
            continue  # `rulefile` complains, with the place


def _file_values(root: Node) -> Iterator[str]:
    waiting = [root]
    while waiting:
        match waiting.pop():
            case Sequence(items=items):
                waiting.extend(items)
            case Mapping(entries=entries):
                if len(entries) == 1 and entries[0].key.text == "file" and isinstance(entries[0].value, Scalar):
                    yield entries[0].value.text
                waiting.extend(entry.value for entry in entries)
            case Scalar():
                pass
