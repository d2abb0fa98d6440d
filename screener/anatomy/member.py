"""What lies in a container: names, size, whether it is encrypted, and its octets when they are asked for."""

from collections.abc import Callable, Iterable
from dataclasses import field

from screener.anatomy.active import Active
from screener.frozen import dataclass


def _nothing(_limit: int) -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `read(limit)` gives its first octets, at most `limit`; b"" where that cannot be done."""

    names: tuple[str, ...]
    size: int  # unpacked octets, as declared
    encrypted: bool = False
    packed: int = 0  # octets it takes in the container; 0 where that is unknown
    read: Callable[[int], bytes] = field(default=_nothing, compare=False)
    last: Callable[[int], bytes] = field(default=_nothing, compare=False)  # its last octets, where they can be had alone
    types: tuple[str, ...] = ()  # media types it is declared as where it lies, …
    charsets: tuple[str, ...] = ()  # … and charsets


@dataclass(frozen=True, slots=True)
class Listing:
    """The members of a container; `encrypted` where its very list is; `type` where the members tell the container's type better."""

    members: tuple[Member, ...] = ()
    encrypted: bool = False
    type: str = ""
    macros: bool = False  # an Office document with macros
    active: tuple[Active, ...] = ()  # each kind once
    pages: tuple[Member, ...] = ()  # what a document's text may stand in: members that are no files of their own
    texts: tuple[Callable[[int], str], ...] = field(default=(), compare=False)  # of one without pages: at most so many characters


class Held:
    """Octets that are there already, read like those that are not."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __call__(self, limit: int) -> bytes:
        return self._content[:limit]

    def last(self, limit: int) -> bytes:
        """The last of them, at most so many."""
        return self._content[-limit:]


def held(names: Iterable[str], content: bytes, types: tuple[str, ...] = (), charsets: tuple[str, ...] = ()) -> Member:
    """A member whose octets are there already."""
    called = tuple(dict.fromkeys(name for name in names if name))
    read = Held(content)
    return Member(called, len(content), packed=len(content), read=read, last=read.last, types=types, charsets=charsets)


def joined(listings: Iterable[Listing]) -> Listing:
    """One file read in several ways: the union of what each saw; the first that tells a type decides on it."""
    every = tuple(listings)
    if len(every) == 1:
        return every[0]
    return Listing(
        tuple(member for one in every for member in one.members),
        any(one.encrypted for one in every),
        next((one.type for one in every if one.type), ""),
        any(one.macros for one in every),
        tuple(dict.fromkeys(kind for one in every for kind in one.active)),
        tuple(page for one in every for page in one.pages),
        tuple(text for one in every for text in one.texts),
    )
