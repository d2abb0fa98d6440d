"""What Content-Type fields say: every media type that some reader takes a part for, and whether they say one at all.

Promises: linear in the length of the fields, never raises.
"""

import re

from screener.anatomy.mime.parameters import Parameters

_WORD = r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]++"
_TYPE = re.compile(f"{_WORD}/{_WORD}")  # RFC 2045 5.1
_LISTED = re.compile(rf"(?<![!#-'*+.0-9A-Z^-~-]){_WORD}/{_WORD}(?=[\s\"(/]|\Z)")
_BLANKS = str.maketrans("", "", " \t\0")
_QUOTES = "\"'"
_MAX_LISTED = 4  # types in a list of such
_UNKNOWN = "application/octet-stream"


def of(content_types: tuple[Parameters, ...], default: str) -> tuple[str, ...]:
    """Every media type, in lower case, the likeliest first; never empty."""
    if not content_types:
        return (default,)
    if len(content_types) == 1 and content_types[0].is_plain and content_types[0].value:
        return (content_types[0].value.lower(),)
    found = dict.fromkeys(media for content_type in content_types for value in content_type.values for media in _of(value))
    # A field that says nothing: text to some (RFC 2045 5.2), to others a file of no known type.
    return tuple(found) or (default, _UNKNOWN)


def _of(value: str) -> list[str]:
    """A value's type; where it is none, each in it that stands alone in a list."""
    media = value.translate(_BLANKS).strip(_QUOTES).lower()
    if not media or _TYPE.fullmatch(media) is not None:
        return [media] if media else []
    listed = map(_LISTED.search, value.lower().split(",", _MAX_LISTED)[:_MAX_LISTED])
    return [found[0].strip(_QUOTES) for found in listed if found is not None] or [media]


def is_malformed(text: str, content_type: Parameters) -> bool:
    """Whether the value of a field, `text` unfolded, is no type by the grammar: some readers take it for text/plain then."""
    if content_type.is_plain:
        return False
    return text[:1] in ('"', "'") or any(_TYPE.fullmatch(value) is None for value in content_type.values)


def is_almost_multipart(media: str) -> bool:
    """Whether it is a multipart to readers that look at its beginning alone: "multiparts/mixed"."""
    return media.startswith("multipart") and not media.startswith("multipart/")
