"""YAML with a place for every value: the one door to PyYAML.

Promises nodes whose scalars keep the text as it was written (the schema decides the type: no `no` → False), errors that name
`file:line:column`, and a refusal of what surprises people: duplicate keys, anchors and aliases, tags, merge keys, a second
document. What keys and values may be is left to the reader of the nodes (`config`, `policy.rulefile`).
"""

import difflib
from collections.abc import Iterable, Iterator
from enum import StrEnum

import yaml

from screener.files import MAX_OCTETS
from screener.frozen import dataclass

MAX_DEPTH = 64  # lists and mappings within each other; PyYAML's composer recurses in C, without a limit of its own


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: lines and columns count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Severity(StrEnum):
    """An error keeps the file from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One thing wrong with a file, for people."""

    place: Place
    text: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        prefix = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.place}: {prefix}{self.text}"


class Complaints(Exception):
    """All that is wrong with one or more files, at once."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(complaints))
        super().__init__("\n".join(map(str, self.complaints)))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `text` as written, without quotes. `quoted` tells `""` from nothing at all."""

    text: str
    place: Place
    quoted: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing was written: `key:` or `key: null` or `key: ~`."""
        return not self.quoted and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    place: Place

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value`."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the order written."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> "Node | None":
        """The value of `key`, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


Node = Scalar | Sequence | Mapping


def decoded(octets: bytes, path: str) -> str:
    """The text of a file, without its byte order mark. Raises Complaints where it is not UTF-8."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        column = error.start - octets.rfind(b"\n", 0, error.start)
        raise Complaints([Complaint(Place(path, line, column), "is not UTF-8: save the file as UTF-8")]) from error


def read(octets: bytes, path: str, of_keys: list[Complaint] | None = None) -> Node:
    """The nodes of one YAML document; an empty document is an empty Mapping. Raises Complaints, all of them at once.

    `of_keys` takes those about single keys, which are left out of what is answered; without it they are raised, too.
    """
    if len(octets) > MAX_OCTETS:
        raise Complaints([Complaint(Place(path), f"is larger than {MAX_OCTETS} octets: put long lists into files under lists/")])
    text = decoded(octets, path)
    try:
        _refuse_surprises(text, path)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Complaints([_syntax_error(error, path)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Complaints([Complaint(Place(path), f"is no YAML: {str(error).splitlines()[0]}")]) from error
    if root is None:
        return Mapping((), Place(path))
    complaints: list[Complaint] = [] if of_keys is None else of_keys
    node = _node(root, path, complaints)
    if complaints and of_keys is None:
        raise Complaints(complaints)
    return node


def _refuse_surprises(text: str, path: str) -> None:
    complaints: list[Complaint] = []
    documents = depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark = event.start_mark
        place = Place(path) if mark is None else Place(path, mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Complaints([*complaints, Complaint(place, f"lists and keys are nested more than {MAX_DEPTH} deep here")])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                complaints.append(Complaint(place, "a second document starts here: keep one document a file"))
        elif isinstance(event, yaml.AliasEvent):
            complaints.append(Complaint(place, f"alias '*{event.anchor}' is not allowed: write the value out"))
        elif isinstance(event, yaml.NodeEvent):
            if event.anchor is not None:
                complaints.append(
                    Complaint(place, f"anchor '&{event.anchor}' is not allowed: write the value out where it is used")
                )
            tag = getattr(event, "tag", None)
            if tag is not None and tag != "!":
                complaints.append(Complaint(place, f"tag '{tag}' is not allowed: write plain values"))
    if complaints:
        raise Complaints(complaints)


def _syntax_error(error: yaml.MarkedYAMLError, path: str) -> Complaint:
    mark = error.problem_mark or error.context_mark
    place = Place(path) if mark is None else Place(path, mark.line + 1, mark.column + 1)
    problem = error.problem or "cannot be read"
    context = f" {error.context}" if error.context else ""
    tab_or_sign = "cannot start any token" in problem
    hint = " (indent with blanks, not tabs; quote a value that begins with @, ` or %)" if tab_or_sign else ""
    if problem.startswith("mapping values are not allowed"):
        hint = " (quote a value that holds ': ')"
    return Complaint(place, f"is no YAML: {problem}{context}{hint}")


def _node(node: yaml.Node, path: str, complaints: list[Complaint]) -> Node:
    place = Place(path, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, place, quoted=node.style not in (None, ""))
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_node(item, path, complaints) for item in node.value), place)
    entries: list[Entry] = []
    seen: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key = _node(key_node, path, complaints)
        value = _node(value_node, path, complaints)
        if not isinstance(key, Scalar):
            complaints.append(Complaint(key.place, "a key must be a plain word, not a list or mapping"))
            continue
        if key.text in seen:
            first = seen[key.text]
            complaints.append(
                Complaint(key.place, f"key '{key.text}' stands twice; the first is in line {first.line}: keep one of them")
            )
            continue
        if key.text == "<<" and not key.quoted:
            complaints.append(Complaint(key.place, "merge keys ('<<') are not allowed: write the keys out"))
            continue
        seen[key.text] = key.place
        entries.append(Entry(key, value))
    return Mapping(tuple(entries), place)


Plain = str | None | list["Plain"] | dict[str, "Plain"]


def plain(node: Node) -> Plain:
    """The node as texts, lists and dictionaries, for a schema that decides the types; nothing written is None."""
    match node:
        case Scalar():
            return None if node.is_empty else node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}


def place_of(node: Node, location: Iterable[str | int], *, key: bool = False) -> Place:
    """The place of the value at `location` (keys and indexes from the root), or of its key; where the path ends early (a
    missing key, a name only the schema knows), the place of the last node that exists."""
    place = node.place
    for step in location:
        if isinstance(node, Mapping):
            entry = next((entry for entry in node.entries if entry.key.text == str(step)), None)
            if entry is None:
                continue
            place = entry.key.place if key else entry.value.place
            node = entry.value
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = node.place
    return place


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """', did you mean 'domain'?' or, where nothing is near, the list of what is known."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f", did you mean '{near[0]}'?"
    return f"; known here: {', '.join(choices)}" if choices else ""
