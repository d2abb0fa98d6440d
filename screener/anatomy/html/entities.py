"""Character references of HTML and XML, resolved as a browser does. Promises: linear, never raises."""

import re
from html import unescape

_PADDED_NUMBER = re.compile(r"&#([xX]?)0{4,}+(?=[0-9a-fA-F])")
_LONG_NUMBER = re.compile(r"&#(?:[xX][0-9a-fA-F]{8,}+|[0-9]{8,}+)")
_REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[^\t\n\f <&#;]{1,32};?)")  # as html.unescape has it
_SHORT = 512
_MAX_KNOWN = 1_000


def unescaped(text: str) -> str:
    """Zeros before a number mean nothing, one beyond Unicode is U+FFFD.

    The library's own `unescape` raises on a number of more than 4,300 digits.
    """
    if "&#" in text:
        text = _LONG_NUMBER.sub("\ufffd", _PADDED_NUMBER.sub(r"&#\1", text))
    if len(text) <= _SHORT:
        return unescape(text)
    resolved = _Resolved()
    return _REFERENCE.sub(lambda reference: resolved[reference[0]], text)


class _Resolved(dict[str, str]):
    """Character references, and what they stand for: a page has few, each a thousand times."""

    def __missing__(self, reference: str) -> str:
        resolved = unescape(reference)
        if len(self) < _MAX_KNOWN:
            self[reference] = resolved
        return resolved
