"""The tree of parts, in every view a reader may take of it (RFC 2046 5).

Promises: never raises, recursion and number of parts bounded by the budget, and so is what is looked at: each level looks for its
boundaries once with `bytes.find`. Where the structure is doubtful - boundaries doubled, reused, missing, parts after the end - it
is also split flat at every line that begins a part for any reader. Works on octets with CRLF and with LF alone.

What lies in a part is read by the room of its kind: `multiparts`, `messages`, `hidden`; what stands where no part is by `outside`.
"""

from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import early_ends, flat, headers, hidden, line_ends, messages, multiparts
from screener.anatomy.mime.fields import Headers
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.octets import Octets


def read(source: Octets, ledger: Ledger, number: str = "") -> Part:
    """The tree of a whole message; `number` is that of the part it lies in."""
    return _Reader(ledger).message(source, 0, len(source), number, 0)


class _Reader(Reader):
    def message(self, source: Octets, start: int, end: int, number: str, depth: int, outer: frozenset[bytes] = frozenset()) -> Part:
        """See `Reader.message`.

        Where the structure of one in another is doubtful, so is that of all around: a boundary may end more than its own.
        """
        if not any(source is one for one in self.sources[-4:]):
            self.sources.append(source)
        place = f"part {number} headers" if number else "headers"
        block = headers.read(source, start, end, self.ledger, place, top=True)
        doubtful, self.doubtful = self.doubtful, self.doubtful and bool(outer)
        part = self.part(source, start, end, block, number, depth, outer=outer, top=True)
        children = list(part.children)
        if not part.declared and (late := headers.late(source, block.body_start, end, self.ledger, "part 1")) is not None:
            child = next_number(number, len(children))
            children.append(self.part(source, start, end, late, child, depth + 1))
        for at in block.early_ends:
            early_ends.read(self, source, start, at, end, block, number, depth, children)
        if not outer:
            if self.doubtful:
                flat.split(self, source, block.body_start, end, number, depth, children)
            if self._has_other_lines(source, start, end, block.body_start, depth):
                for octets in line_ends.normalised(source[: len(source)]):
                    if self.ledger.spend_scan(len(source)):
                        child = next_number(number, len(children))
                        children.append(self.message(octets, 0, len(octets), child, depth + 1))
            self.doubtful = doubtful
        part.children = tuple(children)
        return part

    def _has_other_lines(self, source: Octets, start: int, end: int, body: int, depth: int) -> bool:
        """Whether a whole message has lines that only some readers see."""
        if depth == 0:
            return line_ends.has_bare_cr(source[: len(source) if self.doubtful else body])
        # In what was decoded no listener saw the line ends.
        return start == 0 and end == len(source) and line_ends.has_bare_cr_in_structure(source[:], body)

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
        """See `Reader.part`."""
        part = Part(source, start, end, block, number, default_type, self.ledger)
        self.seen[id(source), start, block.body_start] = part
        if not self.ledger.spend_part():
            return part
        types = part.types
        multipart = any(media.startswith("multipart") for media in types) if part.declared else False
        candidates = [value for one in part.content_types for value in one.readings("boundary")] if part.declared else []
        if multipart or candidates:
            if top and number == "" and not multipart:
                part.number = "1"
            multiparts.split(self, part, candidates, multipart, depth, outer)
        elif messages.is_message(self, part):
            if top:
                part.number = next_number(number, 0)
            messages.nested(self, part, depth, outer)
        else:
            if top:
                part.number = next_number(number, 0)
            hidden.look_into(self, part, depth)
        return part
