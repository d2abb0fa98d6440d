"""One part of a message: where it lies, what its fields say in all readings, and its octets when they are asked for."""

import re
from collections.abc import Iterator
from itertools import chain, zip_longest

from screener.anatomy import charsets, disguise, filetype
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import clean_base64, media_types, parameters, transfer
from screener.anatomy.mime.fields import Field, Headers, ends
from screener.anatomy.mime.parameters import Parameters
from screener.anatomy.mime.transfer import Declared, Encoding
from screener.anatomy.octets import Octets

_MAX_DESCRIPTIONS = 4
_TYPE_KEYS = ("name", "filename")


class Part:
    """A node of the tree. Offsets are into `source`, which for what was decoded is not the message's content."""

    __slots__ = (
        "_contents", "_disposition", "_names", "body_start", "children", "content_types", "encoding", "end", "headers",
        "is_further", "is_leaf", "is_message", "is_unwrapped", "may_be_cut", "number", "source", "start", "types",
    )  # fmt: skip

    def __init__(
        self, source: Octets, start: int, end: int, headers: Headers, number: str, default_type: str, ledger: Ledger
    ) -> None:
        self.source = source
        self.start = start  # offset of the header
        self.body_start = headers.body_start
        self.end = end  # offset behind the last octet of the body
        self.headers = headers
        self.number = number  # "1.2"; "" for the whole message where it is a multipart
        self.children: tuple[Part, ...] = ()  # parts of every view
        self.is_leaf = True  # some reader shows it as a body or a file
        self.is_further = False  # stands behind another in a multipart that is no choice: readers show files of such, or make some
        self.is_message = False  # holds a nested message
        self.is_unwrapped = False  # what it wraps (opaque S/MIME) is among its children
        self.may_be_cut = False  # ends where the message ends that a bounce returns
        self._contents: tuple[bytes, ...] | None = None
        self._disposition: tuple[Parameters, ...] | None = None
        self._names: tuple[str, ...] | None = None
        fields = headers.get("content-type")
        self.content_types: tuple[Parameters, ...] = _read(fields)
        self.types = media_types.of(self.content_types, default_type)  # every one some reader takes it for, the likeliest first
        encodings = headers.get("content-transfer-encoding")
        self.encoding: Declared = transfer.declared([field.unfolded for field in encodings])
        if fields:
            self._note(ledger)
        dispositions = headers.get("content-disposition")
        if not dispositions:
            self._disposition = ()
        elif len(dispositions) > 1 and len({field.unfolded for field in dispositions}) > 1:
            ledger.note(Defect.DUPLICATE_CONTENT_DISPOSITION, self.place)
        if dispositions and any(field.cut for field in self.disposition):
            ledger.note(Defect.TOO_MANY_PARAMETERS, self.place)
        for field in self._disposition + self.content_types if self._disposition else self.content_types:
            if not field.is_plain and any(disguise.end_otherwise(field.wholes(key)) for key in _TYPE_KEYS):
                ledger.note(Defect.SEVERAL_NAMES, self.place)
        if self.encoding.defect is not None and not (self.encoding.defect in _OF_TEXTS and self._is_shown()):
            ledger.note(self.encoding.defect, self.place)

    def _note(self, ledger: Ledger) -> None:
        """What is odd about the Content-Type."""
        if len(self.content_types) == 1 and self.content_types[0].is_plain and self.types[0].startswith(_TEXT_OR_FILE):
            return
        if len(self.content_types) > 1 and len({field.unfolded for field in self.headers.get("content-type")}) > 1:
            ledger.note(Defect.DUPLICATE_CONTENT_TYPE, self.place)
        for content_type in self.content_types:
            if content_type.irregular:
                ledger.note(Defect.IRREGULAR_PARAMETER, self.place)
            if content_type.cut:
                ledger.note(Defect.TOO_MANY_PARAMETERS, self.place)
        fields = self.headers.get("content-type")
        if any("/" not in media or media_types.is_almost_multipart(media) for media in self.types):
            ledger.note(Defect.INVALID_CONTENT_TYPE, self.place)
        elif len(self.types) > len(self.content_types) or any(
            media_types.is_malformed(field.unfolded, one) for field, one in zip(fields, self.content_types, strict=False)
        ):
            ledger.note(self._misread(), self.place)

    def _misread(self) -> Defect:
        """What a malformed Content-Type is, which some take for text/plain: nothing much where to all it is that, or a file."""
        if any(media.startswith(("multipart/", "message/")) for media in self.types):
            return Defect.INVALID_CONTENT_TYPE
        if self.is_attachment or (self.types == _TEXTS[0] and not self.name_candidates()):
            return Defect.IRREGULAR_PARAMETER
        return Defect.DAMAGED_TEXT if self._is_shown() else Defect.INVALID_CONTENT_TYPE

    @property
    def place(self) -> str:
        """How people are told where: "part 1.2", "message"."""
        return f"part {self.number}" if self.number else "message"

    @property
    def media_type(self) -> str:
        """The likeliest declared type, lower case: "text/html"."""
        return self.types[0]

    @property
    def declared(self) -> bool:
        """Whether a Content-Type is there at all."""
        return bool(self.content_types)

    @property
    def disposition(self) -> tuple[Parameters, ...]:
        """Every Content-Disposition."""
        if self._disposition is None:
            self._disposition = _read(self.headers.get("content-disposition"))
        return self._disposition

    @property
    def is_attachment(self) -> bool:
        """Whether some reading of Content-Disposition says attachment; unknown ones do (RFC 2183 2.8)."""
        fields = self.disposition
        return bool(fields) and any(value.lower().strip() != "inline" for one in fields for value in one.values if value)

    def name_candidates(self) -> tuple[str, ...]:
        """Every value of filename and name in both fields, the disposition's first (RFC 2183 2.3); else of older fields."""
        if self._names is None:
            readings = [field.readings(key) for key in ("filename", "name") for field in self.disposition]
            readings += [field.readings(key) for key in _TYPE_KEYS for field in self.content_types]
            if not any(readings):  # what Thunderbird asks for then (mimehdrs.cpp, MimeHeaders_get_name)
                older = self.headers.get("content-name") + self.headers.get("x-sun-data-name")
                readings = [tuple(view.strip('" ') for view in field.views) for field in older]
            self._names = tuple(dict.fromkeys(chain.from_iterable(readings)))
        return self._names

    def described_names(self) -> tuple[str, ...]:
        """What readers call a file without a name: its description, the end of its address (MS-OXCMAIL 2.2.3.4, RFC 2557)."""
        found: dict[str, None] = {}
        for key in ("content-description", "content-location"):
            for field in ends(self.headers.get(key), _MAX_DESCRIPTIONS):
                for view in field.views:
                    name = view.strip('"<> ').rpartition("/")[2] if key == "content-location" else view.strip('" ')
                    if "." in name:
                        found.setdefault(name)
        return tuple(found)

    def charsets(self) -> tuple[str, ...]:
        """Every declared charset, the likeliest first; "" if there is none."""
        found = dict.fromkeys(value for field in self.content_types for value in field.readings("charset"))
        return tuple(found) or ("",)

    def has_raw_child(self) -> bool:
        """Whether its body as it stands, and no other reading of it, was read as a part with fields of its own."""
        found = any(one.source is self.source and one.start == self.body_start and one.end == self.end for one in self.children)
        return found and self.encoding.encodings == _IDENTITY

    def raw(self) -> bytes:
        """The body as it stands."""
        return self.source[self.body_start : self.end]

    def contents(self, ledger: Ledger) -> tuple[bytes, ...]:
        """The body decoded, in every reading that differs, the likeliest first; never empty."""
        if self._contents is None:
            self._contents = self._decode(ledger)
        return self._contents

    def _decode(self, ledger: Ledger) -> tuple[bytes, ...]:
        place = self.place
        size = ledger.spend_decoded(self.end - self.body_start, place)
        encodings = self.encoding.encodings
        if encodings == _BASE64:
            # Nearly all that is large, and nearly always without a fault: not copied before it is decoded.
            with memoryview(self.source) as source, source[self.body_start : self.body_start + size] as body:
                if (faultless := clean_base64.decode(body)) is not None:
                    return (faultless,)
        raw = self.source[self.body_start : self.body_start + size]
        if encodings == _IDENTITY:
            if not raw.isascii() and all(value.lower() in _SEVEN_BIT for value in self.headers.raws("content-transfer-encoding")):
                ledger.note(Defect.UNEXPECTED_BINARY_CONTENT, place)
            return (raw, *_unsaid(raw))
        readings: list[tuple[bytes, ...]] = []  # of each encoding
        damage = {self.encoding.defect} & _OF_TEXTS
        for encoding in encodings:
            sniffed = encoding in self.encoding.sniffed
            if sniffed and not transfer.looks_like(raw, encoding):
                continue
            decoded = transfer.decode(self._with_crlf(raw) if encoding is Encoding.QUOTED_PRINTABLE else raw, encoding)
            if sniffed and not decoded.plausible(raw):
                continue  # what a field may mean some reader undoes, whatever comes out: the octets as they stand, too
            damage.update(() if sniffed else decoded.defects)
            readings.append(decoded.results)
            if not decoded.clean and len(encodings) == 1:
                readings.append((raw,))  # so little of it is what it says it is that readers show it as it stands
        # One of each encoding first: where the budget ends, none of them is unread.
        results = dict.fromkeys(one for turn in zip_longest(*readings) for one in turn if one is not None)
        if len(results) > 1:
            ledger.spend_decoded(sum(map(len, results)) - len(raw), place)
        if damage & _OF_TEXTS and self._is_shown() and all(map(_is_no_file, results)):
            damage = damage - _OF_TEXTS | ({Defect.DAMAGED_TEXT} if len(results) > 1 else set())
        for defect in sorted(filter(None, damage)):
            ledger.note(defect, place)
        return tuple(results)

    def _is_shown(self) -> bool:
        """Whether it is a text to all readers, and no file to any."""
        return self.types in _TEXTS and not (self.is_attachment or self.name_candidates())

    def _with_crlf(self, raw: bytes) -> bytes:
        """Quoted-printable of a message all of whose lines end in LF, as files of mail have them: its soft breaks do, too."""
        return raw.replace(b"\n", b"\r\n") if b"=\n" in raw and self.source.find(b"\r\n") < 0 else raw


def walk(part: Part) -> Iterator[Part]:
    """A part and all below it, in order."""
    pending = [part]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(reversed(one.children))


def be_further(part: Part) -> None:
    """It stands behind others, and so does all in it but what lies in a message."""
    pending = [part]
    while pending:
        one = pending.pop()
        one.is_further = True
        if not one.is_message:
            pending.extend(one.children)


_IDENTITY = (Encoding.IDENTITY,)
_TEXT_OR_FILE = ("text/", "application/", "image/", "multipart/", "message/")
_TEXTS = (("text/plain",), ("text/html",))
# Where no file comes out of a text, however it is decoded, they are DAMAGED_TEXT.
_OF_TEXTS = {Defect.DAMAGED_BASE64, Defect.DAMAGED_QUOTED_PRINTABLE, Defect.DUPLICATE_TRANSFER_ENCODING}
_ENDS = 64 * 1024  # octets of a text that are looked at for a file
_SEVEN_BIT = (b"", b" 7bit", b"7bit")
_BASE64 = (Encoding.BASE64,)
_LOOKS_BASE64 = re.compile(rb"\s{0,64}+[A-Za-z0-9+/]{48}")
_FOLDED_VALUE = re.compile(rb"=[ \t]*+\"[^\"\r\n]*+\r?\n[ \t]")
_FOLD = re.compile(r"\r*\n[ \t]*")


def _is_no_file(octets: bytes) -> bool:
    return filetype.is_text_at_most(octets[:_ENDS], octets[-_ENDS:])


def _unsaid(raw: bytes) -> tuple[bytes, ...]:
    """What octets are that nothing says to be base64, where they are nothing else and it is a file of a known type."""
    if _LOOKS_BASE64.match(raw) is None or (decoded := clean_base64.decode(raw)) is None:
        return ()
    types = filetype.identify(decoded).types
    return (decoded,) if types and types != {filetype.TEXT} else ()


def _read(fields: list[Field]) -> tuple[Parameters, ...]:
    """The fields' parameters; where a quoted value is folded, also as readers have them who put nothing for a fold."""
    if not fields:
        return ()
    if len(fields) == 1 and b"\n" not in fields[0].raw:
        return (parameters.read(fields[0].unfolded),)
    folded = [field.raw for field in fields if b"\n" in field.raw and _FOLDED_VALUE.search(field.raw) is not None]
    joined = [parameters.read(_FOLD.sub("", charsets.text(raw)).strip(" \t")) for raw in folded]
    return (*[parameters.read(field.unfolded) for field in fields], *joined)
