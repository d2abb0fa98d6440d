"""Rows 10 to 17: how octets are coded and what says so; 18, 19 and parts of 1, 4, 40: how the part's header lines are written."""

import base64
import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace

from fakes.evasions.containers import binhex, xxencoded, yenc
from fakes.evasions.draft import Carrier, Draft, Stage, Step, Technique, b64, qp, says, uu

_CTE = b"Content-Transfer-Encoding: "
_ONLY_BASE64 = (Carrier.BASE64,)
_ONLY_QUOTED = (Carrier.QUOTED,)
Change = Callable[[bytes], bytes]


def _lines(*lines: bytes) -> Step:
    """These lines say the encoding; %c stands for its true name."""

    def step(draft: Draft) -> Draft:
        body = b64(draft.octets) if draft.carrier is Carrier.BASE64 else qp(draft.octets)
        return replace(draft, coding=tuple(line.replace(b"%c", says(draft.carrier)) for line in lines), body=body)

    return step


def _said() -> Iterator[Technique]:
    for about, lines in (
        ("seven-bit-first", (_CTE + b"7bit", _CTE + b"%c")),
        ("seven-bit-last", (_CTE + b"%c", _CTE + b"7bit")),
        ("binary-last", (_CTE + b"%c", _CTE + b"binary")),
        ("base64-first", (_CTE + b"base64", _CTE + b"%c")),
        ("base64-last", (_CTE + b"%c", _CTE + b"base64")),
        ("quoted-first", (_CTE + b"quoted-printable", _CTE + b"%c")),
        ("quoted-last", (_CTE + b"%c", _CTE + b"quoted-printable")),
        ("three", (_CTE + b"8bit", _CTE + b"%c", _CTE + b"x-none")),
        ("unknown-first", (_CTE + b"x-none", _CTE + b"%c")),
        ("empty-first", (_CTE, _CTE + b"%c")),
        ("combined", (_CTE + b"base64, quoted-printable",)),
        ("combined-other", (_CTE + b"quoted-printable, base64",)),
        ("combined-blank", (_CTE + b"7bit %c",)),
        ("combined-semicolon", (_CTE + b"%c; 7bit",)),
    ):
        yield Technique(10, about, Stage.TRANSFER, _lines(*lines))
    for about, value in (
        ("parameter", b"%c;x"),
        ("parameter-value", b"%c; x=y"),
        ("quoted", b'"%c"'),
        ("single-quoted", b"'%c'"),
        ("comment-before", b"(c)%c"),
        ("comment-after", b"%c (c)"),
        ("comment-around", b"(a) %c (b)"),
        ("number-behind", b"%c5"),
        ("junk-before", b"junk%c"),
        ("dot-behind", b"%c."),
        ("comma-behind", b"%c,"),
        ("folded", b"\r\n %c"),
        ("folded-twice", b"\r\n \r\n %c"),
        ("nul-behind", b"%c\0"),
        ("vt-behind", b"%c\x0b"),
        ("vt-before", b"\x0b%c"),
        ("ff-before", b"\x0c%c"),
        ("tab-before", b"\t%c"),
        ("blank-behind", b"%c   "),
        ("equals", b"=%c"),
        ("x-before", b"x-%c"),
        ("word-behind", b"%c encoding"),
        ("eight-bit-behind", b"%c\xa0"),
        ("angle", b"<%c>"),
        ("encoding-as-parameter", b"encoding=%c"),
    ):
        yield Technique(11, about, Stage.TRANSFER, _lines(_CTE + value))
    yield Technique(11, "no-blank-after-colon", Stage.TRANSFER, _lines(_CTE.strip() + b"%c"))
    yield Technique(11, "upper-case", Stage.TRANSFER, _upper)
    for spelt in (b"base-64", b"base 64", b"b64", b"BASE\xd0\xb164", b"mime64", b"ba\0se64", b"base_64", b"bas64"):
        yield Technique(
            11, f"spelt-{spelt.decode('ascii', 'replace')!r}", Stage.TRANSFER, _lines(_CTE + spelt), carriers=_ONLY_BASE64
        )
    for spelt in (
        b"quoted_printable",
        b"quotedprintable",
        b"quoted printable",
        b"qp",
        b"quoted-printabel",
        b"quoted",
        b"printable",
    ):
        yield Technique(11, f"spelt-{spelt.decode()!r}", Stage.TRANSFER, _lines(_CTE + spelt), carriers=_ONLY_QUOTED)
    yield Technique(11, "unknown", Stage.TRANSFER, _lines(_CTE + b"frobnicate"), hold=True)
    for about, word in (("q", b"=?us-ascii?Q?%c?="), ("q-language", b"=?us-ascii*en?Q?%c?=")):
        yield Technique(4, f"encoding-{about}", Stage.TRANSFER, _lines(_CTE + word))
    yield Technique(
        4,
        "encoding-b",
        Stage.TRANSFER,
        _lines(_CTE + b"=?us-ascii?B?" + base64.b64encode(b"base64") + b"?="),
        carriers=_ONLY_BASE64,
    )


def _upper(draft: Draft) -> Draft:
    step = _lines(_CTE + says(draft.carrier).upper())
    return step(draft)


def _other_codings() -> Iterator[Technique]:
    def uuencoded(
        value: bytes, before: bytes = b"", *, begin: bool = True, end: bytes = b"`\r\nend\r\n", backquote: bool = False
    ) -> Step:
        def step(draft: Draft) -> Draft:
            lines = uu(draft.octets)
            lines = lines.replace(b" ", b"`") if backquote else lines
            head = b"begin 644 " + draft.name.encode() + b"\r\n" if begin else b""
            return replace(draft, coding=(_CTE + value,), body=before + head + lines + end)

        return step

    for value in (b"x-uuencode", b"x-uue", b"uuencode", b"uue", b"X-UUENCODE", b"x-uu", b"uu"):
        yield Technique(12, f"{value.decode()}", Stage.TRANSFER, uuencoded(value), carriers=_ONLY_BASE64)
        yield Technique(12, f"{value.decode()}-without-begin", Stage.TRANSFER, uuencoded(value, begin=False), carriers=_ONLY_BASE64)
    yield Technique(12, "text-before", Stage.TRANSFER, uuencoded(b"x-uuencode", b"hello\r\n\r\n"), carriers=_ONLY_BASE64)
    yield Technique(12, "without-end", Stage.TRANSFER, uuencoded(b"x-uuencode", end=b""), carriers=_ONLY_BASE64)
    yield Technique(12, "backquotes", Stage.TRANSFER, uuencoded(b"x-uuencode", backquote=True), carriers=_ONLY_BASE64)
    yield Technique(12, "quoted", Stage.TRANSFER, uuencoded(b'"x-uuencode"'), carriers=_ONLY_BASE64)
    yield Technique(12, "blank-line-first", Stage.TRANSFER, uuencoded(b"x-uuencode", b"\r\n"), carriers=_ONLY_BASE64)

    def hexed(coding: tuple[bytes, ...]) -> Step:
        return lambda draft: replace(draft, coding=coding, body=binhex(draft.octets, draft.name))

    for value in (b"mac-binhex40", b"binhex", b"x-binhex40", b"binhex40", b"BinHex"):
        yield Technique(13, value.decode(), Stage.TRANSFER, hexed((_CTE + value,)), hold=True, carriers=_ONLY_BASE64)
    bare = frozenset((Stage.NAME, Stage.HEADER))

    def in_text(make: Step, before: bytes = b"Dear all,\r\n\r\n", after: bytes = b"\r\nBye\r\n") -> Step:
        def step(draft: Draft) -> Draft:
            made = make(draft)
            return replace(made, coding=(), body=before + made.body + after, bare=True)

        return step

    yield Technique(13, "in-text", Stage.TRANSFER, in_text(hexed(())), hold=True, carriers=_ONLY_BASE64, without=bare)

    def typed_hex(draft: Draft) -> Draft:
        return replace(draft, media=b"application/mac-binhex40", coding=(), body=binhex(draft.octets, draft.name))

    yield Technique(13, "by-type", Stage.TRANSFER, typed_hex, hold=True, carriers=_ONLY_BASE64)

    def yencoded(coding: tuple[bytes, ...], *, parts: bool = False) -> Step:
        return lambda draft: replace(draft, coding=coding, body=yenc(draft.octets, draft.name, parts=parts))

    for value in (b"x-yencode", b"yenc", b"x-yenc"):
        yield Technique(
            14, value.decode(), Stage.TRANSFER, yencoded((_CTE + value,)), hold=True, carriers=_ONLY_BASE64, binary=True
        )
    for value in (b"x-gzip64", b"x-bzip2-64", b"gzip", b"x-xxencode", b"x-rot13", b"base85", b"x-hex"):

        def other(draft: Draft, value: bytes = value) -> Draft:
            body = xxencoded(draft.octets, draft.name) if b"xx" in value else b64(gzip.compress(draft.octets, mtime=0))
            return replace(draft, coding=(_CTE + value,), body=body)

        yield Technique(14, value.decode(), Stage.TRANSFER, other, hold=True, carriers=_ONLY_BASE64)

    def block(draft: Draft) -> Draft:
        return replace(draft, body=b"begin 644 " + draft.name.encode() + b"\r\n" + uu(draft.octets) + b"`\r\nend\r\n")

    def block64(draft: Draft) -> Draft:
        return replace(draft, body=b"begin-base64 644 " + draft.name.encode() + b"\r\n" + b64(draft.octets) + b"====\r\n")

    def block_without_end(draft: Draft) -> Draft:
        return replace(draft, body=b"begin 644 " + draft.name.encode() + b"\r\n" + uu(draft.octets))

    def block_quoted_name(draft: Draft) -> Draft:
        return replace(draft, body=b'begin 644 "' + draft.name.encode() + b'"\r\n' + uu(draft.octets) + b"`\r\nend\r\n")

    def block_long_mode(draft: Draft) -> Draft:
        return replace(draft, body=b"begin 0100644 " + draft.name.encode() + b"\r\n" + uu(draft.octets) + b"`\r\nend\r\n")

    def second_block(draft: Draft) -> Draft:
        return replace(draft, body=b"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n\r\n" + block(draft).body)

    for about, make in (
        ("uuencoded", block),
        ("uuencoded-base64", block64),
        ("uuencoded-without-end", block_without_end),
        ("uuencoded-quoted-name", block_quoted_name),
        ("uuencoded-long-mode", block_long_mode),
        ("uuencoded-second", second_block),
    ):
        yield Technique(15, f"{about}-in-text", Stage.TRANSFER, in_text(make), carriers=_ONLY_BASE64, without=bare)
    yield Technique(15, "uuencoded-first-in-text", Stage.TRANSFER, in_text(block, b""), carriers=_ONLY_BASE64, without=bare)
    yield Technique(
        15, "uuencoded-no-blank-line", Stage.TRANSFER, in_text(block, b"Dear all,\r\n"), carriers=_ONLY_BASE64, without=bare
    )
    yield Technique(15, "yenc-in-text", Stage.TRANSFER, in_text(yencoded(())), carriers=_ONLY_BASE64, without=bare, binary=True)
    yield Technique(
        15, "yenc-part-in-text", Stage.TRANSFER, in_text(yencoded((), parts=True)), carriers=_ONLY_BASE64, without=bare, binary=True
    )

    def coded_text(draft: Draft) -> Draft:
        text = in_text(block)(draft).body
        body = b64(text) if draft.carrier is Carrier.BASE64 else qp_text(text)
        return replace(draft, coding=(_CTE + says(draft.carrier),), body=body, bare=True)

    yield Technique(15, "uuencoded-in-coded-text", Stage.TRANSFER, coded_text, without=bare)


def qp_text(text: bytes) -> bytes:
    """Quoted-printable that keeps line ends."""
    return text.replace(b"=", b"=3D")


def _damaged() -> Iterator[Technique]:
    def changed(change: Change) -> Step:
        def step(draft: Draft) -> Draft:
            return replace(draft, coding=(_CTE + b"base64",), body=change(draft.octets))

        return step

    def packed(octets: bytes) -> bytes:
        return base64.b64encode(octets)

    def lines(octets: bytes, size: int) -> bytes:
        text = packed(octets)
        return b"\r\n".join(text[at : at + size] for at in range(0, len(text), size)) + b"\r\n"

    def sprinkled(junk: bytes, every: int = 50) -> Change:
        def change(octets: bytes) -> bytes:
            text = packed(octets)
            return junk.join(text[at : at + every] for at in range(0, len(text), every)) + b"\r\n"

        return change

    cases: tuple[tuple[str, Change], ...] = (
        ("one-line", lambda octets: packed(octets) + b"\r\n"),
        ("lines-of-7", lambda octets: lines(octets, 7)),
        ("lines-of-61", lambda octets: lines(octets, 61)),
        ("lines-of-4", lambda octets: lines(octets, 4)),
        ("a-line-a-character", lambda octets: lines(octets, 1)),
        ("lines-of-1000", lambda octets: lines(octets, 1000)),
        ("blank-lines", lambda octets: b64(octets).replace(b"\r\n", b"\r\n\r\n")),
        ("indented", lambda octets: b" " + b64(octets).replace(b"\r\n", b"\r\n ")),
        ("blanks-within", lambda octets: b" ".join(bytes((one,)) for one in packed(octets)) + b"\r\n"),
        ("junk-star", sprinkled(b"*")),
        ("junk-dash", sprinkled(b"-")),
        ("junk-dots", sprinkled(b"...")),
        ("junk-eight-bit", sprinkled(b"\xe4")),
        ("junk-nul", sprinkled(b"\0")),
        ("junk-every-3", sprinkled(b"!", 3)),
        ("junk-first", lambda octets: b"!" + b64(octets)),
        ("junk-line-first", lambda octets: b"-----\r\n" + b64(octets)),
        ("junk-line-last", lambda octets: b64(octets) + b"_______\r\n--list footer--\r\n"),
        ("equals-within", lambda octets: packed(octets)[:40] + b"=" + packed(octets)[40:] + b"\r\n"),
        ("equals-within-odd", lambda octets: packed(octets)[:42] + b"=" + packed(octets)[42:] + b"\r\n"),
        ("equals-at-line-ends", lambda octets: b64(octets).replace(b"\r\n", b"=\r\n")),
        ("equals-first", lambda octets: b"=" + b64(octets)),
        ("double-equals-within", lambda octets: packed(octets)[:44] + b"==" + packed(octets)[44:] + b"\r\n"),
        ("two-streams", lambda octets: b64(octets[:100]) + b64(octets[100:])),
        ("two-streams-one-line", lambda octets: packed(octets[:100]) + packed(octets[100:]) + b"\r\n"),
        ("three-streams", lambda octets: b64(octets[:200]) + b64(octets[200:301]) + b64(octets[301:])),
        ("a-stream-a-line", lambda octets: b"".join(packed(octets[at : at + 49]) + b"\r\n" for at in range(0, len(octets), 49))),
        ("extra-padding", lambda octets: packed(octets).rstrip(b"=") + b"=====\r\n"),
        ("no-padding", lambda octets: packed(octets).rstrip(b"=") + b"\r\n"),
        ("text-behind-padding", lambda octets: packed(octets).rstrip(b"=") + b"==hello\r\n"),
        ("short-last-line-missing-end", lambda octets: b64(octets).rstrip(b"\r\n")),
        ("cr-between-lines", lambda octets: b64(octets).replace(b"\r\n", b"\r")),
        ("lf-between-lines", lambda octets: b64(octets).replace(b"\r\n", b"\n")),
    )
    for about, change in cases:
        yield Technique(16, about, Stage.TRANSFER, changed(change), carriers=_ONLY_BASE64)
    whole_behind = (
        ("second-stream-is-it", lambda octets: b64(b"hello, this is no") + b64(octets)),
        ("stray-character-first", lambda octets: b"A=\r\n" + b64(octets)),
    )
    for about, change in whole_behind:
        text = about.startswith("second")  # it begins as one
        yield Technique(16, about, Stage.TRANSFER, _loosened(changed(change)), carriers=_ONLY_BASE64, text=text)

    def urlsafe(octets: bytes) -> bytes:
        return base64.urlsafe_b64encode(octets) + b"\r\n"

    yield Technique(16, "url-safe-alphabet", Stage.TRANSFER, changed(urlsafe), carriers=_ONLY_BASE64, hold=True)

    def quoted(change: Change) -> Step:
        def step(draft: Draft) -> Draft:
            return replace(draft, coding=(_CTE + b"quoted-printable",), body=change(draft.octets))

        return step

    def lower(octets: bytes) -> bytes:
        out = qp(octets)
        return b"=".join((out.split(b"=")[0], *[piece[:2].lower() + piece[2:] for piece in out.split(b"=")[1:]]))

    quotings: tuple[tuple[str, Change, bool], ...] = (
        ("lower-case", lower, True),
        ("blanks-behind-soft-break", lambda octets: qp(octets).replace(b"=\r\n", b"=  \t\r\n"), True),
        ("soft-break-lf", lambda octets: qp(octets).replace(b"=\r\n", b"=\n"), True),
        ("soft-break-cr", lambda octets: qp(octets).replace(b"=\r\n", b"=\r"), True),
        ("one-long-line", lambda octets: qp(octets).replace(b"=\r\n", b""), True),
        ("all-quoted", lambda octets: b"".join(b"=%02X" % one for one in octets), True),
        ("all-quoted-in-lines-of-2", lambda octets: b"=\r\n".join(b"=%02X" % one for one in octets), True),
        ("bad-hex-behind", lambda octets: qp(octets).rstrip() + b"=ZZ\r\n", False),
        ("bad-hex-half-behind", lambda octets: qp(octets).rstrip() + b"=4\r\n", False),
        ("lone-equals-behind", lambda octets: qp(octets).rstrip() + b"=", True),
        ("raw-eight-bit", lambda octets: qp(octets).replace(b"=E4", b"\xe4").replace(b"=FF", b"\xff"), True),
        ("raw-controls", lambda octets: qp(octets).replace(b"=01", b"\x01").replace(b"=7F", b"\x7f"), True),
        ("no-line-end", lambda octets: qp(octets).rstrip(), True),
        ("soft-break-last", lambda octets: qp(octets).rstrip() + b"=\r\n", True),
        ("blank-at-line-end", lambda octets: qp(octets).replace(b"=\r\n", b"=\r\n") + b" ", False),
        ("double-equals", lambda octets: qp(octets).rstrip() + b"==\r\n", False),
    )
    for about, change, exact in quotings:
        step = quoted(change)
        yield Technique(17, about, Stage.TRANSFER, step if exact else _loosened(step), carriers=_ONLY_QUOTED, binary="raw" in about)


def _loosened(step: Step) -> Step:
    """The planted octets stand in what is decoded."""

    def loosened(draft: Draft) -> Draft:
        made = step(draft)
        return replace(made, wanted=replace(made.wanted, whole=False))

    return loosened


def _header_lines() -> Iterator[Technique]:
    def each(old: bytes, new: bytes) -> Step:
        return lambda draft: replace(draft, lines=tuple(line.replace(old, new, 1) for line in draft.lines))

    def only(field: bytes, old: bytes, new: bytes) -> Step:
        return lambda draft: replace(
            draft, lines=tuple(line.replace(old, new, 1) if line.startswith(field) else line for line in draft.lines)
        )

    fields = (("disposition", b"Content-Disposition"), ("encoding", b"Content-Transfer-Encoding"), ("type", b"Content-Type"))
    for name, field in fields:
        for about, new in (
            ("blank-before-colon", field + b" :"),
            ("tab-before-colon", field + b"\t:"),
            ("blanks-before-colon", field + b"   :"),
            ("folded-before-colon", field + b"\r\n :"),
            ("folded-after-colon", field + b":\r\n"),
            ("comment-in-name", field + b"(x):"),
            ("nul-in-name", field[:9] + b"\0" + field[9:] + b":"),
            ("nul-before-colon", field + b"\0:"),
            ("cr-in-name", field[:9] + b"\r" + field[9:] + b":"),
            ("eight-bit-in-name", field + b"\xa0:"),
            ("leading-blank", b" " + field + b":"),
            ("leading-tab", b"\t" + field + b":"),
            ("upper-case", field.upper() + b":"),
            ("no-blank-after-colon", field + b":"),
            ("vt-before-colon", field + b"\x0b:"),
            ("zero-width", field + b"\xe2\x80\x8b:"),
        ):
            old = field + (b": " if about == "no-blank-after-colon" else b":")
            yield Technique(18, f"{about}-{name}", Stage.HEADER, only(field, old, new))
    yield Technique(18, "blank-before-colon-all", Stage.HEADER, each(b":", b" :"))

    def inserted(junk: bytes, at: int) -> Step:
        return lambda draft: replace(draft, lines=(*draft.lines[:at], junk, *draft.lines[at:]))

    for about, junk in (
        ("text", b"this is junk"),
        ("eight-bit", b"\xe4\xf6\xfc\xff"),
        ("quoted", b"> quoted"),
        ("colon-only", b": x"),
        ("dashes", b"----"),
        ("from-line", b"From a@b Mon Jan  1 00:00:00 2024"),
        ("blank-name", b"two words: x"),
        ("utf-8-name", "Größe: 1".encode()),
        ("nul", b"\0"),
        ("equals", b"a=b"),
    ):
        yield Technique(19, f"{about}-first", Stage.HEADER, inserted(junk, 0))
        yield Technique(19, f"{about}-second", Stage.HEADER, inserted(junk, 1))

        def in_top(draft: Draft, junk: bytes = junk) -> Draft:
            head, _, rest = draft.message.partition(b"\r\n")
            return replace(draft, message=head + b"\r\n" + junk + b"\r\n" + rest)

        yield Technique(19, f"{about}-in-top", Stage.WHOLE, in_top)
    for about, at, line in (
        ("type-before", 0, b"Content-Type: image/png"),
        ("type-after", 9, b"Content-Type: image/png"),
        ("type-text-before", 0, b"Content-Type: text/plain"),
        ("type-text-after", 9, b"Content-Type: text/plain"),
        ("disposition-before", 0, b"Content-Disposition: inline"),
        ("disposition-after", 9, b'Content-Disposition: inline; filename="a.txt"'),
        ("disposition-name-before", 0, b'Content-Disposition: attachment; filename="a.txt"'),
    ):
        yield Technique(1, f"part-{about}", Stage.HEADER, inserted(line, at))
    yield Technique(40, "eight-bit-field", Stage.HEADER, inserted(b"Content-Description: \xff\xfe\xed\xa0\x80", 0))


def techniques() -> tuple[Technique, ...]:
    """All of this file."""
    return (*_said(), *_other_codings(), *_damaged(), *_header_lines())
