"""The objects in an object stream (ISO 32000-1 7.5.7), each read from where its offset says, as all readers do.

Promises: linear, never raises. What is told oddly, so that readers may find others, is said.
"""

import re
from itertools import pairwise

from screener.anatomy.pdf import brackets, written
from screener.anatomy.repeated import repeated

_KEYS = frozenset((b"First", b"N"))
_PLAIN = re.compile(rb"[0-9]{1,9}")
_FIRST = re.compile(rb"[-+]*0*([0-9]{1,9})")
_IN_HEAD, _DIGITS = b"0123456789\0\t\n\x0b\x0c\r ", 10  # numbers of so many digits, with blanks between, are plain
_NUMBER = re.compile(rb"([0-9]{1,10})(?:\.[0-9]*+)?")
_MAX_HEAD = 2_000_000  # octets of numbers and offsets before the objects
_MAX_ODD_HEAD = 65_536  # octets of it where something else stands in it
_STREAM = re.compile(rb">>[\s\0]{0,99}stream[\s\0]")  # which only some readers take to be one there
_STRING = re.compile(rb"\((?:" + repeated(rb"[^()\\]++|\\(?s:.)") + rb")\)")
_MAX_NESTED = 8  # parentheses in strings
_FLAT = re.compile(repeated(rb"[^()]++|\([^()\\<>]*+\)"))  # strings that are plain to see


def objects(keys: bytes, content: bytes) -> tuple[list[tuple[bytes, bytes]], list[int], bool]:
    """Their numbers and octets, where `keys` are those of an object stream and this is what is in it; the numbers in their order,
    also of those in which nothing is left; whether readers may find others."""
    values = brackets.values(keys, _KEYS)
    first, count = values.get(b"First", []), values.get(b"N", [])
    begin = _FIRST.match(first[-1]) if first else None
    start = int(begin[1]) if begin is not None else 0
    head = content[: min(start, _MAX_HEAD)]
    numbers = head.replace(b"\0", b" ").split()
    is_plain = not head.translate(None, _IN_HEAD) and len(numbers) % 2 == 0 and max(map(len, numbers), default=0) <= _DIGITS
    if not is_plain:
        numbers = [one[1] for one in _NUMBER.finditer(head, 0, _MAX_ODD_HEAD)]
    told = numbers[1::2]
    begins = {one: start + int(one) for one in set(told)}
    ends = dict(pairwise(sorted({*begins.values(), len(content)})))
    is_odd = len(first) != 1 or _PLAIN.fullmatch(first[0]) is None or start > _MAX_HEAD or not is_plain
    is_odd = is_odd or len({*begins.values()}) < len(told)
    is_odd = is_odd or [int(one) for one in count if _PLAIN.fullmatch(one)] != [len(numbers) // 2] * (len(count) or 1)
    found: list[tuple[bytes, bytes]] = []
    for number, one in zip(numbers[::2], told, strict=False):
        at = begins[one]
        if body := content[at : ends.pop(at, at)]:  # no two begin at one place
            found.append((number.lstrip(b"0"), body))
        elif not ends:
            break
    return found, [int(number) for number in numbers[::2]], is_odd


def apart(keys: bytes, content: bytes) -> tuple[list[int], bytes, bool]:
    """Their numbers; each as one of its own, written plainly; whether readers may find others, as where one goes on behind where
    the next begins: then it is also given as it stands."""
    found, numbers, is_odd = objects(keys, content)
    out: list[bytes] = []
    is_odd = is_odd or _has_stream(content)
    is_plain = written.is_plain(content)
    for number, body in found:
        plain = body
        if not is_plain or b"%" in body or (b"(" in body and b"obj" in body):
            plain, _, _, has_junk = written.spaced(body, is_object=True)
            is_odd = is_odd or has_junk
        out.append(b"%b 0 obj %b endobj\n" % (number, plain))
        is_odd = is_odd or not (_is_whole(plain) or content.endswith(body))
    if is_odd:
        out.append(written.spaced(content, is_object=True).text)
    return numbers, b"".join(out), is_odd


def _has_stream(content: bytes) -> bool:
    """Whether a stream seems to stand in it, other than in a string."""
    if b"stream" not in content or _STREAM.search(content) is None:
        return False
    plain = written.spaced(content).text
    for _ in range(_MAX_NESTED):
        plain, count = _STRING.subn(b"", plain)  # those in which no other is
        if not count or _STREAM.search(plain) is None:
            break
    return _STREAM.search(plain) is not None


def _is_whole(plain: bytes) -> bool:
    """Whether all that begins in an object ends in it."""
    if b"(" in plain and _FLAT.fullmatch(plain) is None:
        return brackets.is_whole(plain)
    return plain.count(b"<<") == plain.count(b">>")
