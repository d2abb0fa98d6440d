"""Web archives, pages with their files as a message: Office finds them behind whatever stands before.

Promises: bounded by the ledger, never raises. What lies in them is for others to say.
"""

import re
from collections.abc import Iterable, Iterator

from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Member, held

_MARK = re.compile(rb"MIME-Version[ \t]{0,9}:", re.IGNORECASE)
_LINE = re.compile(rb"^MIME-Version[ \t]{0,9}:", re.IGNORECASE | re.MULTILINE)
_BEFORE_MARKUP = b"\xef\xbb\xbf\t\n\r "
_PLAIN = (".txt", ".text", ".log", ".csv", ".tsv", ".tab", ".md")  # what is shown as it stands


def behind(head: bytes) -> int:
    """Where one begins behind something in the first octets of a file; -1 for nowhere."""
    found = _MARK.search(head, 1)
    return found.start() if found is not None else -1


def taken_in(parts: Iterable[Member], ledger: Ledger, place: str) -> Iterator[Member]:
    """Those that a document takes in, whatever its parts are called: behind something, or called a text.

    In markup, whose text may speak of one, it begins with a line.
    """
    for part in parts:
        head = part.read(ledger.budget.type_head)
        if b"mime-version" not in head.lower():  # which is told faster
            continue
        mark = _LINE if head.lstrip(_BEFORE_MARKUP).startswith(b"<") else _MARK
        is_shown = any(name.lower().endswith(_PLAIN) for name in part.names)
        if (found := mark.search(head, 0 if is_shown else 1)) is not None and ledger.spend_member(place):
            content = part.read(max(0, ledger.unpacked_left))
            ledger.spend_unpacked(len(content), place)
            yield held((), content[found.start() :])
