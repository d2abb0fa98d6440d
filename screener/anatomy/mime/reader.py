"""What is kept while one message is read, and the way back to messages and parts, as these lie in one another.

Whoever reads what lies in a part takes a Reader; the only one is `structure`'s.
"""

from abc import ABC, abstractmethod

from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import boundaries
from screener.anatomy.mime.fields import Headers
from screener.anatomy.mime.part import Part
from screener.anatomy.octets import Octets


class Reader(ABC):
    """Reads one message; keeps what must not be done twice."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.seen: dict[tuple[int, int, int], Part] = {}  # by source, start of the header, of the body
        self.reports: set[str] = set()  # numbers of the multiparts that are reports and nothing else
        self.marks: set[bytes] = set()  # every boundary that some multipart says
        self.looked: set[tuple[int, int, int]] = set()  # what was looked at outside of parts
        self.sources: list[Octets] = []  # kept, so that their identities stay their own
        self.dashes: tuple[Octets, int, int, int] = (b"", 0, 0, -1)  # where they were looked for last, and found
        self.doubtful = False
        self.resting = False  # in the rest behind an early end of a header, where further ends are not multiplied

    @abstractmethod
    def message(self, source: Octets, start: int, end: int, number: str, depth: int, outer: frozenset[bytes] = frozenset()) -> Part:
        """A message and all in it; `number` is that of the part it lies in, `outer` the boundaries around it."""

    @abstractmethod
    def part(
        self,
        source: Octets,
        start: int,
        end: int,
        block: Headers,
        number: str,
        depth: int,
        default_type: str = "text/plain",
        outer: frozenset[bytes] = frozenset(),
        top: bool = False,
    ) -> Part:
        """A part whose header is read, and all in it."""

    def next_dashes(self, source: Octets, start: int, end: int) -> int:
        """Where the next line stands that begins with dashes, -1 where none does. What lies in one another is looked at once."""
        known, since, until, at = self.dashes
        if known is not source or until != end or not (since <= start and (at < 0 or at >= start)):
            at = boundaries.find(source, b"\n--", start, end)
            self.dashes = (source, start, end, at)
        return at


def next_number(number: str, count: int) -> str:
    """The number of the next part in one that has so many."""
    return f"{number}.{count + 1}" if number else str(count + 1)
