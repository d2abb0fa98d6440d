"""One header field, and the fields of a block in order; texts are decoded when they are asked for (RFC 5322 2.2.3, RFC 2047).

Never raises. How a block is told from what follows is `headers`'; what values mean is `parameters`', `addresses`' and
`encoded_words`'.
"""

import re
from collections.abc import Callable, Iterator

from screener.anatomy import charset_names, charsets
from screener.anatomy.mime import encoded_words
from screener.anatomy.text import turned

_FOLD = re.compile(r"[\r\n]+[ \t]*")
_UNSEEN = re.compile(r"[\r\n\0]+")  # of an encoded word: some readers pass over it


class Field:
    """One header field. `raw` is the value as it stands there, folds included; texts are decoded when asked for."""

    __slots__ = ("_others", "_text", "_views", "charsets", "key", "name", "raw")

    def __init__(self, name: str, key: str, raw: bytes) -> None:
        self.name = name
        self.key = key  # the name in lower case
        self.raw = raw
        self.charsets: tuple[str, ...] = ()  # of the body, in which readers take 8-bit octets here, too
        self._text: str | None = None
        self._views: tuple[str, ...] | None = None
        self._others: tuple[str, ...] | None = None

    @property
    def unfolded(self) -> str:
        """The value in one line, encoded words as they stand."""
        raw = self.raw
        if b"\n" in raw or b"\r" in raw:
            return _FOLD.sub(" ", _text_of(raw)).strip(" \t")
        return _text_of(raw).strip(" \t\r\n")

    @property
    def text(self) -> str:
        """The value in one line, encoded words decoded (RFC 2047)."""
        if self._text is None:
            self._text = encoded_words.decode(self.unfolded)
        return self._text

    @property
    def views(self) -> tuple[str, ...]:
        """Every text a reader may take the value for, `text` first."""
        if self._views is None:
            unfolded = self.unfolded
            views = encoded_words.readings(unfolded)
            if "\0" in unfolded:
                views = (*views, *encoded_words.readings(unfolded.replace("\0", "")))
            if not self.raw.isascii():
                views = tuple(dict.fromkeys((*views, *self._of_octets())))
            if "\x1b" in unfolded:  # charsets that are switched on (RFC 1468), as old mailers write them without encoded words
                views = tuple(dict.fromkeys((*views, *charsets.readings(unfolded.encode("ascii", "replace")).texts)))
            if len(views) > 1 or not unfolded.isascii():
                views = tuple(dict.fromkeys((*views, *[_UNSEEN.sub("", view) for view in views])))
                views = (*views, *[turned(view) for view in views if "\u202e" in view])
            self._views = views
        return self._views

    def others(self, detect: Callable[[bytes], tuple[str, ...]]) -> tuple[str, ...]:
        """What encoded words, and 8-bit octets, are in the charset that is detected, where what they declare proves nothing."""
        if self._others is None:
            self._others = encoded_words.otherwise(self.unfolded, detect)
            if not self.raw.isascii() and not charsets.is_utf8(self.raw):
                names = detect(self.raw) if charsets.is_foreign(self.raw) else ()
                names += charset_names.LATIN_FALLBACKS
                decoded = [_FOLD.sub(" ", charsets.text(self.raw, name)).strip(" \t") for name in names]
                self._others = tuple(dict.fromkeys((*self._others, *decoded)))
        return self._others

    def _of_octets(self) -> Iterator[str]:
        """What 8-bit octets are to readers: in the body's charset, in UTF-8 whatever is wrong in it (RFC 6532), in Latin-1."""
        decoded = [charsets.text(self.raw, charset) for charset in self.charsets]
        for text in (*decoded, self.raw.decode("utf-8", "replace"), self.raw.decode("latin-1")):
            yield from encoded_words.readings(_FOLD.sub(" ", text).strip(" \t"))

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.raw!r})"


class Headers:
    """The fields of one header block, in order; those that only tolerant readers see stand at the end."""

    __slots__ = ("_index", "body_start", "early_ends", "fields")

    def __init__(self, fields: list[Field], body_start: int, early_ends: tuple[int, ...] = ()) -> None:
        self.fields = tuple(fields)
        self.body_start = body_start  # offset of the first octet of the body
        self.early_ends = early_ends  # offsets at which strict readers let the body begin, before body_start
        index: dict[str, list[Field]] = {}
        for field in fields:
            if field.key in index:
                index[field.key].append(field)
            else:
                index[field.key] = [field]
        self._index = index

    def get(self, key: str) -> list[Field]:
        """The fields of this name (in lower case), in order."""
        return self._index.get(key, _NONE)

    def raws(self, key: str) -> list[bytes]:
        """The values of the fields of this name, as they stand."""
        return [field.raw for field in self.get(key)]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


_NONE: list[Field] = []


def ends(fields: list[Field], count: int) -> list[Field]:
    """The first `count` ones and the last: of a field that stands there again and again readers show the first or the last."""
    return fields if len(fields) <= count else [*fields[:count], fields[-1]]


def _text_of(raw: bytes) -> str:
    return raw.decode("ascii") if raw.isascii() else charsets.text(raw)
