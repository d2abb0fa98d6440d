"""How a message that hides something is put together: stage by stage, each of which a technique may do in its own way.

A `Draft` goes through the stages in order: what the file is (in which container), how its name is said, how its octets are coded,
how the part's header lines are written, how the part lies in the message, and what is done to the whole. A technique is a function
from draft to draft with its row in the list of evasions. The octets are made by hand, never by the code under test.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

TOP = b"From: a@example.net\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
NOTE = b"Content-Type: text/plain; charset=us-ascii\r\n\r\nhello there"


class Stage(IntEnum):
    """The stages, in their order."""

    FILE = 1  # octets, name and type of what is hidden
    NAME = 2  # how the part's fields say the name
    TRANSFER = 3  # how the octets are coded, and what says so
    HEADER = 4  # how the part's header lines are written
    STRUCTURE = 5  # how the part lies in the message
    WHOLE = 6  # what is done to the whole message


class Carrier(IntEnum):
    """How octets are coded where no technique says otherwise."""

    BASE64 = 1
    QUOTED = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be identified."""

    name: str | None = None  # among an attachment's names
    extension: str | None = None  # among an attachment's extensions
    types: frozenset[str] = frozenset()  # one of these among an attachment's types
    octets: bytes | None = None  # of an attachment
    whole: bool = True  # exactly these octets; else they must be in it
    text: str | None = None  # in a text
    alike: bool = False  # the text is in letters that only look alike: a rule that asks for homoglyphs finds it


@dataclass(frozen=True, slots=True)
class Draft:
    """A message in the making."""

    wanted: Wanted
    name: str
    octets: bytes
    media: bytes = b"application/octet-stream"
    carrier: Carrier = Carrier.BASE64
    parameters: bytes = b""  # of Content-Type, with their semicolons
    disposition: bytes | None = None
    coding: tuple[bytes, ...] = ()  # the lines that say the transfer encoding
    body: bytes = b""
    bare: bool = False  # the part says nothing of a file: no name, no type
    lines: tuple[bytes, ...] = ()  # of the part's header
    part: bytes = b""
    message: bytes = b""
    level: int = 0  # how many structures lie around

    @property
    def boundary(self) -> bytes:
        """This level's."""
        return b"BB%d" % self.level


Step = Callable[[Draft], Draft]


@dataclass(frozen=True, slots=True)
class Technique:
    """One way to hide: its row in the list of evasions, what it does, and where."""

    row: int
    about: str
    stage: Stage
    apply: Step
    hold: bool = False  # the list is content where it is held
    alone: bool = False  # is not put together with others
    binary: bool = False  # leaves octets in the message that changed line ends would destroy
    carriers: tuple[Carrier, ...] = (Carrier.BASE64, Carrier.QUOTED)
    without: frozenset[Stage] = frozenset()  # stages it takes the ground from
    bound: bool = False  # its file is what it is by its first octets: behind junk it is nothing to any reader
    text: bool = False  # its file is a text, which in a text part is shown and no file

    def __str__(self) -> str:
        return f"{self.row:02}-{self.about}"


def b64(octets: bytes) -> bytes:
    """Base64 in lines of 76."""
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def qp(octets: bytes) -> bytes:
    """Quoted-printable for binary octets, CR and LF quoted, in lines of 76. No line end at the end: it would be of the octets."""
    out: list[bytes] = []
    line = b""
    for value in octets:
        piece = bytes((value,)) if 33 <= value <= 126 and value not in b"=.-" else b"=%02X" % value
        if len(line) + len(piece) > 75:
            out.append(line + b"=")
            line = b""
        line += piece
    return b"\r\n".join((*out, line))


def uu(octets: bytes) -> bytes:
    """The lines of uuencode without begin and end."""
    return b"".join(binascii.b2a_uu(octets[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(octets), 45))


def coded(octets: bytes, carrier: Carrier) -> bytes:
    """The octets in the carrier's coding."""
    return b64(octets) if carrier is Carrier.BASE64 else qp(octets)


def says(carrier: Carrier) -> bytes:
    """The carrier's name as Content-Transfer-Encoding has it."""
    return b"base64" if carrier is Carrier.BASE64 else b"quoted-printable"


def mixed(
    parts: Iterable[bytes],
    boundary: bytes,
    *,
    top: bytes | None = None,
    preamble: bytes = b"",
    epilogue: bytes = b"",
    end: bytes | None = None,
) -> bytes:
    """A message of these parts; `top` in place of its Content-Type line, `end` in place of its final delimiter."""
    line = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n' if top is None else top
    inner = b"".join(b"\r\n--" + boundary + b"\r\n" + part for part in parts)
    return TOP + line + b"\r\n" + preamble + inner + (b"\r\n--" + boundary + b"--\r\n" if end is None else end) + epilogue


def named(draft: Draft) -> Draft:
    """The honest name; a text has none."""
    if draft.wanted.text is not None:
        return draft
    return replace(draft, disposition=b'attachment; filename="' + draft.name.encode() + b'"')


def transferred(draft: Draft) -> Draft:
    """The honest coding."""
    return replace(
        draft,
        coding=(b"Content-Transfer-Encoding: " + says(draft.carrier),),
        body=coded(draft.octets, draft.carrier),
    )


def structured(draft: Draft) -> Draft:
    """The honest multipart: a note, and the file."""
    return replace(draft, message=mixed((NOTE, draft.part), draft.boundary))


def with_lines(draft: Draft) -> Draft:
    """The part's header lines, from what the stages before said."""
    lines = [b"Content-Type: " + draft.media + draft.parameters]
    if draft.bare:
        lines = [b"Content-Type: text/plain; charset=us-ascii"]
    elif draft.disposition is not None:
        lines.append(b"Content-Disposition: " + draft.disposition)
    return replace(draft, lines=(*lines, *draft.coding))


_HONEST: dict[Stage, Step] = {Stage.NAME: named, Stage.TRANSFER: transferred, Stage.STRUCTURE: structured}


def build(draft: Draft, techniques: Iterable[Technique]) -> Draft:
    """The draft through all stages, in the techniques' way where there is one."""
    chosen: dict[Stage, list[Step]] = {stage: [] for stage in Stage}
    for technique in techniques:
        chosen[technique.stage].append(technique.apply)
    for stage in Stage:
        steps = chosen[stage] or ([_HONEST[stage]] if stage in _HONEST else [])
        if stage is Stage.HEADER:
            draft = with_lines(draft)
        for number, step in enumerate(steps):
            if stage is Stage.STRUCTURE and number:
                draft = replace(draft, part=b"Content-Type: message/rfc822\r\n\r\n" + draft.message, level=draft.level + 1)
            draft = step(draft)
        if stage is Stage.HEADER:
            draft = replace(draft, part=b"".join(line + b"\r\n" for line in draft.lines) + b"\r\n" + draft.body)
    return draft
