"""Texts in UTF-16 and UTF-32 of which nothing says so: told by what stands in none of one octet a letter.

Promises: never raises, looks at a bounded sample.
"""

import unicodedata

DECLARED = frozenset(("utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be", "utf_16", "utf_32"))
_HALVES = ("utf_16_le", "utf_16_be")
_FULL = ("utf_32_le", "utf_32_be")
# Octets that stand in no text of one octet a letter.
_CONTROLS = bytes(value for value in range(32) if value not in b"\t\n\r\x0b\x0c\x1b\x08\x1a")
MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 256  # octets in which a text in UTF-16 is told from others; a multiple of four
_LONG_SAMPLE = 512  # octets in which NULs are counted
_ODD_CATEGORIES = frozenset(("Cc", "Cn", "Co", "Cs"))


def controls(octets: bytes) -> int:
    """How many octets stand in no text of one octet a letter."""
    return len(octets) - len(octets.translate(None, _CONTROLS))


def codecs(octets: bytes) -> tuple[str, ...]:
    """The orders of UTF-16 and UTF-32 in which octets without a mark are a text; () where a text has an octet a letter."""
    head = octets[:_SAMPLE]
    if controls(head) * 32 <= len(head) or octets.startswith(MARKS):
        return ()
    full = tuple(name for name in _FULL if _is_written(_strict(head[: len(head) - len(head) % 4], name)))
    return full or tuple(name for name in _HALVES if _is_written(_without_half(head[: len(head) - len(head) % 2], name)))


def by_nuls(octets: bytes) -> str:
    """The order of UTF-16 without a mark: every other octet of the beginning is mostly NUL; "" where it is none."""
    head = octets[:_LONG_SAMPLE]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head) or min(even, odd) * 8 > len(head):
        return ""
    return "utf_16_be" if even > odd else "utf_16_le"


def _strict(head: bytes, name: str) -> str | None:
    try:
        return head.decode(name)
    except UnicodeError:
        return None


def _without_half(head: bytes, name: str) -> str | None:
    """A sample decoded, which may end between two halves of a pair."""
    text = _strict(head, name)
    return _strict(head[:-2], name) if text is None else text


def _is_written(text: str | None) -> bool:
    """Whether next to every character is one that texts have."""
    if not text:
        return False
    odd = sum(unicodedata.category(one) in _ODD_CATEGORIES and one not in "\t\n\r\f\ufeff" for one in text)
    return odd * 50 <= len(text)
