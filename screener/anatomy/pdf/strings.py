"""The strings of a PDF (ISO 32000-1 7.3.4), as text (7.9.2.2).

Promises: linear, looks at most at as many octets as it is asked to, never raises.
"""

import re

_MAX_STRING = 2_000
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|(?s:.))")
_LITERAL = re.compile(_ESCAPE.pattern + rb"|([()])|[^\\()]+")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\r\n": b"", b"\n": b"", b"\r": b""}


def string(octets: bytes, at: int, most: int = _MAX_STRING) -> tuple[str, int]:
    """The string that begins at an offset, "(…)" or "<…>" (7.3.4), as text (7.9.2.2); and how many octets were looked at."""
    content, length = string_octets(octets, at, most)
    return text(content), length


def string_octets(octets: bytes, at: int, most: int = _MAX_STRING) -> tuple[bytes, int]:
    """The same string as octets."""
    if octets[at : at + 1] == b"<":
        end = octets.find(b">", at, at + 2 * most)
        told = re.sub(rb"[^0-9A-Fa-f]", b"", octets[at + 1 : end if end > 0 else at + 2 * most])
        return digits(told), end + 1 - at if end > 0 else len(told) + 2
    out: list[bytes] = []
    depth = 0
    end = at
    for token in _LITERAL.finditer(octets, at, at + most):
        end = token.end()
        if token[2] == b"(":
            depth += 1
            if depth == 1:
                continue
        elif token[2] == b")":
            depth -= 1
            if depth == 0:
                break
        out.append(token[0] if token[1] is None else _meant(token))
    return b"".join(out), end - at


def digits(text: bytes) -> bytes:
    """The octets that digits are, with blanks among them."""
    digits = b"".join(text.split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def unescaped(octets: bytes) -> bytes:
    """What stands between a string's parentheses, its escapes undone."""
    return _ESCAPE.sub(_meant, octets)


def _meant(escape: re.Match[bytes]) -> bytes:
    """What an escape is (table 3)."""
    if escape[1].isdigit() and escape[1][:1] < b"8":
        return bytes((int(escape[1], 8) & 255,))
    return _ESCAPES.get(escape[1], escape[1])


def text(octets: bytes) -> str:
    """Octets as text (7.9.2.2)."""
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace")
    if octets.startswith(b"\xff\xfe"):
        return octets[2:].decode("utf-16-le", "replace")
    if octets.startswith(b"\xef\xbb\xbf"):
        return octets[3:].decode("utf-8", "replace")
    return octets.decode("latin-1")
