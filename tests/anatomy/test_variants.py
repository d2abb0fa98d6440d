"""Variants that no builder makes: each way to hide a file or a word once more, as who has read the builder would vary it."""

import base64
import lzma
import struct
from collections.abc import Iterator

import pytest
from fakes.compound_files import compound
from fakes.evasions import containers
from fakes.evasions.cases import PROGRAM
from fakes.evasions.draft import NOTE, TOP, b64, mixed, qp, uu

from screener.anatomy.message import Anatomy
from screener.anatomy.text import normalise

NAME = "evil.exe"
WORD = "nightjar"
NAMED = b'Content-Disposition: attachment; filename="evil.exe"\r\n'
TYPE = b"Content-Type: application/octet-stream\r\n"
B64 = b"Content-Transfer-Encoding: base64\r\n"
FILE = TYPE + NAMED + B64 + b"\r\n" + b64(PROGRAM)
MULTIPART = b'Content-Type: multipart/mixed; boundary="BB"\r\n'
IN_BASE64 = base64.b64encode(PROGRAM)
UU = uu(PROGRAM)


def text(body: bytes, fields: bytes = b"Content-Type: text/plain\r\n") -> bytes:
    """A message that is one text."""
    return TOP + fields + b"\r\n" + body


def attached(octets: bytes, name: bytes = b"a.dat", media: bytes = b"application/octet-stream") -> bytes:
    """A message with a file."""
    head = b"Content-Type: " + media + b'\r\nContent-Disposition: attachment; filename="' + name + b'"\r\n' + B64
    return mixed((NOTE, head + b"\r\n" + b64(octets)), b"BB")


def part(octets: bytes) -> bytes:
    """A message with this part beside a note."""
    return mixed((NOTE, octets), b"BB")


# -- uuencode, BinHex, xxencode


def written() -> Iterator[tuple[str, bytes]]:
    """Files written into texts."""
    end = b"`\r\nend\r\n"
    for about, begin in (
        ("two-digit-mode", b"begin 64 evil.exe"),
        ("one-digit-mode", b"begin 6 evil.exe"),
        ("four-digit-mode", b"begin 0644 evil.exe"),
        ("eleven-digit-mode", b"begin 00000100644 evil.exe"),
        ("tabs", b"begin\t644\tevil.exe"),
        ("many-blanks", b"begin    644    evil.exe"),
        ("blanks-behind", b"begin 644 evil.exe   "),
        ("upper-case", b"BEGIN 644 evil.exe"),
        ("indented", b"  begin 644 evil.exe"),
        ("no-mode", b"begin  evil.exe"),
        ("no-mode-one-blank", b"begin evil.exe"),
        ("single-quotes", b"begin 644 'evil.exe'"),
        ("quote-at-end", b'begin 644 evil.exe"'),
        ("path", b"begin 644 C:\\temp\\evil.exe"),
        ("slash-path", b"begin 644 ../../evil.exe"),
        ("trailing-dot", b"begin 644 evil.exe."),
        ("nul", b"begin 644 evil.exe\0"),
        ("encoded-name", b"begin-encoded 644 " + base64.b64encode(b"evil.exe")),
    ):
        yield f"uu-{about}", text(b"Hello\r\n\r\n" + begin + b"\r\n" + UU + end)
    block = b"begin 644 evil.exe\r\n" + UU + end
    yield "uu-in-html", text(block, b"Content-Type: text/html\r\n")
    yield "uu-in-quoted-printable", text(qp(block), b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n")
    yield "uu-in-base64-cr", text(b64(block.replace(b"\r\n", b"\r")), b"Content-Type: text/plain\r\n" + B64)
    yield "uu-in-base64-lf", text(b64(block.replace(b"\r\n", b"\n")), b"Content-Type: text/plain\r\n" + B64)
    yield "uu-no-type", TOP + b"\r\n" + block
    yield "uu-in-enriched", text(block, b"Content-Type: text/enriched\r\n")
    yield "uu-in-unknown-type", text(block, b"Content-Type: x/y\r\n")
    yield "uu-in-text-file", attached(block, b"a.txt", b"text/plain")
    yield "uu-in-message", part(b"Content-Type: message/rfc822\r\n\r\n" + text(block))
    yield "uu-cut-blanks", text(b"begin 644 evil.exe\r\n" + b"\r\n".join(line.rstrip(b" ") for line in UU.split(b"\r\n")) + end)
    yield "uu-checksum-characters", text(b"begin 644 evil.exe\r\n" + UU.replace(b"\r\n", b"@\r\n") + end)
    yield "uu-end-upper-case", text(b"begin 644 evil.exe\r\n" + UU + b"`\r\nEND\r\n")
    yield (
        "uu-second-of-three",
        text(b"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n" * 2 + block + b"begin 644 b.txt\r\n#86)C\r\n`\r\nend\r\n"),
    )
    base = base64.encodebytes(PROGRAM).replace(b"\n", b"\r\n")
    yield "uu-base64", text(b"begin-base64 644 evil.exe\r\n" + base + b"====\r\n")
    yield "uu-base64-no-end", text(b"begin-base64 644 evil.exe\r\n" + base)
    yield "uu-base64-one-line", text(b"begin-base64 644 evil.exe\r\n" + IN_BASE64[:3000] + b"\r\n====\r\n")
    yield (
        "uu-base64-odd-lines",
        text(
            b"begin-base64 644 evil.exe\r\n"
            + b"\r\n".join(IN_BASE64[at : at + 61] for at in range(0, len(IN_BASE64), 61))
            + b"\r\n====\r\n"
        ),
    )
    yield (
        "uu-base64-encoded-name",
        text(b"begin-base64-encoded 644 " + base64.b64encode(b"evil.exe") + b"\r\n" + base + b"====\r\n"),
    )
    yield "xx-in-text", text(containers.xxencoded(PROGRAM, NAME))
    yield "xx-in-file", attached(containers.xxencoded(PROGRAM, NAME), b"a.xxe")
    yield "uu-in-zip", attached(containers.zipped(("a.uue", block)), b"a.zip")
    yield "xx-in-zip", attached(containers.zipped(("a.xxe", containers.xxencoded(PROGRAM, NAME))), b"a.zip")
    hexed = containers.binhex(PROGRAM, NAME)
    yield "binhex-in-zip", attached(containers.zipped(("a.hqx", hexed)), b"a.zip")
    bare = hexed[hexed.index(b"\n:") + 1 :]
    yield "binhex-without-its-sentence", part(b"Content-Type: application/mac-binhex40\r\n\r\n" + bare)
    yield "binhex-by-name", attached(bare, b"a.hqx")
    yield "binhex-coding-without-its-sentence", part(TYPE + b"Content-Transfer-Encoding: binhex\r\n\r\n" + bare)
    yield (
        "binhex-in-quoted-printable",
        text(qp(hexed), b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n"),
    )
    yield "yenc-tab", text(containers.yenc(PROGRAM, NAME).replace(b"=yend", b"=yend\t"))
    yield "apple-single", attached(apple_single(PROGRAM, NAME), b"a.bin", b"application/applefile")
    yield "apple-single-by-content", attached(apple_single(PROGRAM, NAME), b"a.dat")
    yield "apple-single-in-zip", attached(containers.zipped(("a", apple_single(PROGRAM, NAME))), b"a.zip")
    double = b"--in\r\nContent-Type: application/applefile\r\n" + B64 + b"\r\n" + b64(apple_single(b"", NAME)) + b"\r\n--in\r\n"
    double += TYPE + B64 + b"\r\n" + b64(PROGRAM) + b"\r\n--in--\r\n"
    yield "apple-double", part(b"Content-Type: multipart/appledouble; boundary=in\r\n\r\n" + double)


def apple_single(data: bytes, name: str) -> bytes:
    """AppleSingle, or, without data, the half of AppleDouble that has the name (RFC 1740 appendix A, B)."""
    raw = name.encode()
    at = 26 + 24
    head = (b"\0\5\x16\0" if data else b"\0\5\x16\7") + b"\0\2\0\0" + bytes(16) + struct.pack(">H", 2)
    return head + struct.pack(">LLLLLL", 3, at, len(raw), 1, at + len(raw), len(data)) + raw + data


# -- TNEF


def attribute(level: int, identifier: int, value: bytes) -> bytes:
    """One attribute (MS-OXTNEF 2.1.3)."""
    return struct.pack("<BLL", level, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*pairs: tuple[int, int, bytes]) -> bytes:
    """MAPI properties: kind, identifier, value (MS-OXTNEF 2.1.3.4.2)."""
    out = struct.pack("<L", len(pairs))
    for kind, identifier, value in pairs:
        out += struct.pack("<HHLL", kind, identifier, 1, len(value)) + value + bytes(-len(value) % 4)
    return out


def tnef(*attributes: bytes) -> bytes:
    """A winmail.dat."""
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, b"\0\0\1\0") + b"".join(attributes)


RENDER = attribute(2, 0x00069002, bytes(14))
DATA = attribute(2, 0x0006800F, PROGRAM)
MESSAGE = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"  # IID_IMessage


def title(name: bytes) -> bytes:
    """attAttachTitle."""
    return attribute(2, 0x00018010, name + b"\0")


def code_page(number: int) -> bytes:
    """attOemCodepage."""
    return attribute(1, 0x00069007, struct.pack("<LL", number, 0))


def named_by(*pairs: tuple[int, int, bytes]) -> bytes:
    """attAttachment."""
    return attribute(2, 0x00069005, properties(*pairs))


PLAIN_TNEF = tnef(RENDER, title(b"evil.exe"), DATA)


def embedded(inner: bytes) -> bytes:
    """A message in a message."""
    return tnef(RENDER, title(b"letter"), named_by((0x000D, 0x3701, MESSAGE + inner)))


def in_tnef() -> Iterator[tuple[str, bytes]]:
    """Files in TNEF."""
    long = NAME.encode("utf-16-le") + b"\0\0"
    for about, octets in (
        ("plain", PLAIN_TNEF),
        ("long-name-unicode", tnef(RENDER, title(b"EVIL~1.TXT"), DATA, named_by((0x001F, 0x3707, long)))),
        ("long-name-ansi", tnef(RENDER, title(b"EVIL~1.TXT"), DATA, named_by((0x001E, 0x3707, b"evil.exe\0")))),
        ("display-name", tnef(RENDER, title(b"a"), DATA, named_by((0x001F, 0x3001, long)))),
        ("transport-name", tnef(RENDER, attribute(2, 0x00069001, b"evil.exe\0"), DATA)),
        ("extension-only", tnef(RENDER, title(b"evil"), DATA, named_by((0x001E, 0x3703, b".exe\0")))),
        ("ebcdic", tnef(code_page(500), RENDER, title(b"evil.exe"), DATA)),
        ("ebcdic-us", tnef(code_page(1140), RENDER, title(b"evil.exe"), DATA)),
        ("ebcdic-long-name", tnef(code_page(500), RENDER, title(b"a"), DATA, named_by((0x001E, 0x3707, b"evil.exe\0")))),
        ("ebcdic-unicode", tnef(code_page(500), RENDER, title(b"a"), DATA, named_by((0x001F, 0x3707, long)))),
        ("ebcdic-meant", tnef(code_page(500), RENDER, title("evil.exe".encode("cp500")), DATA)),
        ("data-as-property", tnef(RENDER, title(b"evil.exe"), named_by((0x0102, 0x3701, PROGRAM)))),
        ("no-render-data", tnef(title(b"evil.exe"), DATA)),
        ("data-first", tnef(RENDER, DATA, title(b"evil.exe"))),
        ("second", tnef(RENDER, title(b"a.txt"), attribute(2, 0x0006800F, b"a"), RENDER, title(b"evil.exe"), DATA)),
        ("embedded", embedded(PLAIN_TNEF)),
        ("embedded-twice", embedded(embedded(PLAIN_TNEF))),
        ("zip-within", tnef(RENDER, title(b"a.zip"), attribute(2, 0x0006800F, containers.zipped((NAME, PROGRAM))))),
        ("tnef-within", tnef(RENDER, title(b"winmail.dat"), attribute(2, 0x0006800F, PLAIN_TNEF))),
        ("letter-within", tnef(RENDER, title(b"a.eml"), attribute(2, 0x0006800F, part(FILE)))),
    ):
        yield f"tnef-{about}", attached(octets, b"winmail.dat", b"application/ms-tnef")
        yield f"tnef-{about}-octet-stream", attached(octets, b"winmail.dat")
        yield f"tnef-{about}-other-name", attached(octets, b"photo.jpg", b"image/jpeg")
    yield "tnef-in-zip", attached(containers.zipped(("a.dat", PLAIN_TNEF)), b"a.zip")
    yield "tnef-as-text", part(b"Content-Type: text/plain\r\n" + B64 + b"\r\n" + b64(PLAIN_TNEF))
    yield "tnef-whole-message", TOP + b"Content-Type: application/ms-tnef\r\n" + B64 + b"\r\n" + b64(PLAIN_TNEF)
    yield (
        "tnef-type-twice",
        part(b"Content-Type: text/plain\r\nContent-Type: application/ms-tnef\r\n" + B64 + b"\r\n" + b64(PLAIN_TNEF)),
    )
    yield "tnef-in-letter-in-zip", attached(containers.zipped(("a.eml", attached(PLAIN_TNEF))), b"a.zip")


# -- calendars and cards


def in_cards() -> Iterator[tuple[str, bytes]]:
    """Files in calendars and address cards."""

    def card(kind: bytes, lines: bytes) -> bytes:
        return b"BEGIN:" + kind + b"\r\nVERSION:2.0\r\n" + lines + b"\r\nEND:" + kind + b"\r\n"

    folded = b"\r\n ".join(IN_BASE64[at : at + 70] for at in range(0, len(IN_BASE64), 70))
    for about, lines in (
        ("binary", b"ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=evil.exe:" + IN_BASE64),
        ("folded", b"ATTACH;ENCODING=BASE64;VALUE=BINARY;\r\n X-FILENAME=evil.exe:\r\n " + folded),
        ("folded-with-tabs", b"ATTACH;ENCODING=BASE64;FILENAME=evil.exe:" + folded.replace(b"\r\n ", b"\r\n\t")),
        ("folded-lf", b"ATTACH;ENCODING=BASE64;FILENAME=evil.exe:" + folded.replace(b"\r\n ", b"\n ")),
        ("quoted-name", b'ATTACH;ENCODING=BASE64;FILENAME="evil.exe":' + IN_BASE64),
        ("colon-in-quotes", b'ATTACH;X-A="a:b;c";ENCODING=BASE64;FILENAME="evil.exe":' + IN_BASE64),
        ("lower-case", b"attach;encoding=base64;filename=evil.exe:" + IN_BASE64),
        ("data-uri", b"ATTACH;FILENAME=evil.exe:data:application/octet-stream;base64," + IN_BASE64),
        ("data-uri-folded", b"ATTACH;FILENAME=evil.exe:data:application/octet-stream;base64,\r\n " + folded),
        ("data-uri-with-name", b"ATTACH:data:application/octet-stream;name=evil.exe;base64," + IN_BASE64),
        ("data-uri-percent", b"ATTACH;FILENAME=evil.exe:data:application/x," + b"".join(b"%%%02x" % one for one in PROGRAM)),
        ("other-property", b"X-FILE;ENCODING=BASE64;X-NAME=evil.exe:" + IN_BASE64),
        ("group", b"item1.ATTACH;ENCODING=BASE64;FILENAME=evil.exe:" + IN_BASE64),
        ("label", b"ATTACH;ENCODING=BASE64;LABEL=evil.exe:" + IN_BASE64),
        ("percent-in-name", b"ATTACH;ENCODING=BASE64;X-ORACLE-FILENAME=evil%2Eexe:" + IN_BASE64),
        ("many-parameters", b"ATTACH;" + b"X=y;" * 3_000 + b"ENCODING=BASE64;FILENAME=evil.exe:" + IN_BASE64),
        ("blanks", b"ATTACH ; ENCODING = BASE64 ; FILENAME = evil.exe :" + IN_BASE64),
        ("blanks-short", b"ATTACH; ENCODING= b ; FILENAME=evil.exe:" + IN_BASE64),
        ("in-quotes", b"ATTACH;ENCODING='BASE64';FILENAME=evil.exe:" + IN_BASE64),
        ("said-by-the-type", b"ATTACH;VALUE=BINARY;FILENAME=evil.exe:" + IN_BASE64),
        ("odd-property", b"X_A\xe2\x80\x8b;ENCODING=BASE64;FILENAME=evil.exe:" + IN_BASE64),
    ):
        calendar = card(b"VCALENDAR", lines)
        if about in ("binary", "folded", "data-uri-folded"):
            yield f"calendar-{about}-cr", attached(calendar.replace(b"\r\n", b"\r"), b"a.ics", b"text/calendar")
            yield f"calendar-{about}-cr-and-lf", attached(calendar.replace(b"\r\n", b"\r") + b"\r\n", b"a.ics", b"text/calendar")
            yield f"calendar-{about}-crcrlf", attached(calendar.replace(b"\r\n", b"\r\r\n"), b"a.ics", b"text/calendar")
            for charset in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
                wide = calendar.decode().encode(charset)
                yield f"calendar-{about}-{charset}", attached(wide, b"a.ics", b"text/calendar")
                inline = b"Content-Type: text/calendar; charset=" + charset.encode() + b"\r\n" + B64 + b"\r\n" + b64(wide)
                yield f"calendar-{about}-{charset}-inline", part(inline)
        yield f"calendar-{about}", part(b"Content-Type: text/calendar\r\n\r\n" + calendar)
        yield f"calendar-{about}-as-file", attached(calendar, b"a.ics", b"text/calendar")
        yield f"calendar-{about}-by-content", attached(calendar, b"a.dat")
    for about, lines in (
        ("photo", b"PHOTO;ENCODING=b;TYPE=JPEG;X-FILENAME=evil.exe:" + IN_BASE64),
        ("old", b"PHOTO;X-FILENAME=evil.exe;BASE64:\r\n  " + folded.replace(b"\r\n ", b"\r\n  ") + b"\r\n"),
        ("data-uri", b"PHOTO;X-FILENAME=evil.exe:data:image/jpeg;base64," + IN_BASE64),
        ("key", b"KEY;ENCODING=BASE64;X-FILENAME=evil.exe:" + IN_BASE64),
    ):
        vcard = card(b"VCARD", lines)
        yield f"card-{about}", part(b"Content-Type: text/vcard\r\n\r\n" + vcard)
        yield f"card-{about}-x-type", part(b"Content-Type: text/x-vcard\r\n\r\n" + vcard)
        yield f"card-{about}-as-file", attached(vcard, b"a.vcf")
        yield f"card-{about}-in-zip", attached(containers.zipped(("a.vcf", vcard)), b"a.zip")


# -- messages in messages


def letters() -> Iterator[tuple[str, bytes]]:
    """Files in messages that are files."""
    letter = part(FILE)
    yield "letter-any-name", attached(letter)
    yield "letter-as-picture", attached(letter, b"photo.jpg", b"image/jpeg")
    yield "letter-mime-version-first", attached(b"MIME-Version: 1.0\r\n" + letter)
    yield "letter-type-first", attached(MULTIPART + b"\r\n--BB\r\n" + FILE + b"\r\n--BB--\r\n")
    yield "letter-received-first", attached(b"Received: from a by b;\r\n\tMon, 1 Jan 2024 00:00:00 +0000\r\n" + letter)
    yield "letter-long-header-first", attached(b"X-A: a\r\n b\r\n" * 20 + letter)
    yield "letter-from-line", attached(b"From a@b Mon Jan  1 00:00:00 2024\r\n" + letter, b"a.mbox")
    for name in ("a.eml", "a.mht", "a.mhtml", "a.nws", "a.dat", "a"):
        yield f"letter-in-zip-{name}", attached(containers.zipped((name, letter)), b"a.zip")
        yield f"letter-by-name-{name}", attached(letter, name.encode())
    yield "letter-in-letter-in-zip", attached(containers.zipped(("a.eml", attached(letter, b"b.eml"))), b"a.zip")
    for kind in (b"rfc822", b"global", b"news", b"x-rfc822", b"rfc2822", b"RFC822", b"vnd.example", b"http", b"s-http"):
        yield f"letter-{kind.decode()}", part(b"Content-Type: message/" + kind + b"\r\n\r\n" + letter)
        yield f"letter-{kind.decode()}-base64", part(b"Content-Type: message/" + kind + b"\r\n" + B64 + b"\r\n" + b64(letter))
    yield (
        "letter-rfc822-quoted",
        part(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + qp(letter)),
    )
    yield (
        "letter-rfc822-uuencoded",
        part(
            b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a.eml\r\n"
            + uu(letter)
            + b"`\r\nend\r\n"
        ),
    )
    yield "letter-rfc822-uuencoded-in-text", text(b"begin 644 a.eml\r\n" + uu(letter) + b"`\r\nend\r\n")
    yield (
        "letter-in-status",
        part(
            b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n\r\nContent-Type: message/rfc822\r\n\r\n"
            + letter
        ),
    )
    yield "letter-headers-only-type", part(b"Content-Type: text/rfc822-headers\r\n\r\n" + letter)
    yield (
        "related-start",
        TOP
        + (
            b'Content-Type: multipart/related; start="<b@x>"; boundary=BB\r\n\r\n--BB\r\nContent-ID: <a@x>\r\n'
            + FILE
            + b"\r\n--BB\r\nContent-ID: <b@x>\r\n"
            + NOTE
            + b"\r\n--BB--\r\n"
        ),
    )
    yield "related-is-one", TOP + b"Content-Type: multipart/related; boundary=BB\r\n\r\n--BB\r\n" + FILE + b"\r\n--BB--\r\n"


# -- names


def names() -> Iterator[tuple[str, bytes]]:
    """Names said in other ways."""
    body = B64 + b"\r\n" + b64(PROGRAM)
    for about, fields in (
        ("described", TYPE + b"Content-Description: evil.exe\r\n"),
        ("described-quoted", TYPE + b'Content-Description: "evil.exe"\r\n'),
        ("described-word", TYPE + b"Content-Description: =?utf-8?Q?evil=2Eexe?=\r\n"),
        ("located", TYPE + b"Content-Location: evil.exe\r\n"),
        ("located-address", TYPE + b"Content-Location: http://example.org/a/evil.exe\r\n"),
        ("folded-in-quotes", TYPE + b'Content-Disposition: attachment; filename="evil.\r\n exe"\r\n'),
        ("folded-in-quotes-tab", TYPE + b'Content-Disposition: attachment; filename="evil\r\n\t.exe"\r\n'),
        ("folded-everywhere", TYPE + b'Content-Disposition:\r\n attachment\r\n ;\r\n filename\r\n =\r\n "evil.exe"\r\n'),
        ("single-quotes-in-type", b"Content-Type: application/octet-stream; name='evil.exe'\r\n"),
        ("equals-in-value", TYPE + b"Content-Disposition: attachment; x=y=z; filename=evil.exe\r\n"),
        ("word-over-section", TYPE + b'Content-Disposition: attachment; filename*0="=?utf-8?Q?evil"; filename*1="=2Eexe?="\r\n'),
        ("section-percent", TYPE + b"Content-Disposition: attachment; filename*0=evil%2E; filename*1=exe\r\n"),
        ("charset-late", TYPE + b"Content-Disposition: attachment; filename*1*=exe; filename*0*=utf-8''evil.\r\n"),
        ("no-disposition-value", TYPE + b'Content-Disposition: filename="evil.exe"\r\n'),
        ("comment-nested", TYPE + b'Content-Disposition: attachment (a (b) c); filename="evil.exe"\r\n'),
        ("backslash-in-token", TYPE + b"Content-Disposition: attachment; filename=evil\\.exe\r\n"),
        ("two-words-no-blank", TYPE + b'Content-Disposition: attachment; filename="=?utf-8?Q?evil?==?utf-8?Q?.exe?="\r\n'),
        (
            "encoded-twice",
            TYPE
            + b'Content-Disposition: attachment; filename="=?utf-8?B?'
            + base64.b64encode(b"=?utf-8?Q?evil.exe?=")
            + b'?="\r\n',
        ),
        ("disposition-twice", TYPE + b"Content-Disposition: inline\r\nContent-Disposition: attachment; filename=evil.exe\r\n"),
        ("value-behind-newline-nul", TYPE + b"Content-Disposition: attachment;\0filename=evil.exe\r\n"),
        ("space-between", TYPE + b"Content-Disposition: attachment filename=evil.exe\r\n"),
        ("vertical-tab", TYPE + b"Content-Disposition: attachment;\x0bfilename=evil.exe\r\n"),
    ):
        yield f"name-{about}", part(fields + body)


# -- structure


def structures() -> Iterator[tuple[str, bytes]]:
    """Parts where other readers look for them."""
    yield "first-line-delimiter-with-blanks", TOP + MULTIPART + b"\r\n--BB \t\r\n" + FILE + b"\r\n--BB--\r\n"
    yield (
        "delimiter-in-single-quotes",
        TOP + b"Content-Type: multipart/mixed; boundary='BB'\r\n\r\n--BB\r\n" + FILE + b"\r\n--BB--\r\n",
    )
    yield "delimiter-indented", TOP + MULTIPART + b"\r\n --BB\r\n" + FILE + b"\r\n --BB--\r\n"
    yield "delimiter-without-dashes", TOP + MULTIPART + b"\r\nBB\r\n" + FILE + b"\r\nBB--\r\n"
    yield "delimiter-with-its-dashes-said", mixed((NOTE, FILE), b"BB", top=b'Content-Type: multipart/mixed; boundary="--BB"\r\n')
    yield "delimiter-case", mixed((NOTE, FILE), b"bb", top=MULTIPART)
    yield "boundary-folded-in-quotes", mixed((NOTE, FILE), b"abcd", top=b'Content-Type: multipart/mixed; boundary="ab\r\n cd"\r\n')
    yield "blank-then-other-field", mixed((NOTE, b"\r\nX-Y: z\r\n" + FILE), b"BB")
    yield "blanks-then-other-fields", mixed((NOTE, b"\r\n \r\nX-Y: z\r\nX-Z: y\r\n" + FILE), b"BB")
    yield "field-then-blank", mixed((NOTE, b"X-Y: z\r\n\r\n" + FILE), b"BB")
    yield "whole-header-twice", TOP + b"\r\n" + mixed((NOTE, FILE), b"BB")
    yield "header-then-blank-then-header", b"Received: from a\r\n\r\n" + mixed((NOTE, FILE), b"BB")
    yield "html-then-multipart", TOP + b"Content-Type: text/html\r\n\r\n<p>\r\n--x\r\n" + FILE + b"\r\n--x--\r\n"
    yield "message-in-multipart-type", TOP + b"Content-Type: message/rfc822; boundary=BB\r\n\r\n--BB\r\n" + FILE + b"\r\n--BB--\r\n"
    yield "multipart-no-parts", TOP + MULTIPART + b"\r\n" + FILE
    yield "multipart-no-parts-base64", TOP + MULTIPART + b"\r\n" + b64(PROGRAM)
    yield "no-blank-line-at-all", TOP + MULTIPART + b"--BB\r\n" + FILE + b"\r\n--BB--\r\n"
    yield "content-fields-twice", part(b"Content-Type: text/plain\r\n" + FILE)
    yield (
        "base64-multipart-with-text-before",
        TOP + MULTIPART + B64 + b"\r\n" + b64(b"hello\r\n--BB\r\n" + FILE + b"\r\n--BB--\r\n"),
    )
    yield (
        "quoted-multipart",
        TOP + MULTIPART + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + qp(b"--BB\r\n" + FILE + b"\r\n--BB--\r\n"),
    )
    yield (
        "uuencoded-multipart",
        TOP
        + MULTIPART
        + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n"
        + uu(b"--BB\r\n" + FILE + b"\r\n--BB--\r\n")
        + b"`\r\nend\r\n",
    )
    yield "octet-stream-is-multipart", attached(b"--BB\r\n" + FILE + b"\r\n--BB--\r\n", b"a.mht")
    yield (
        "type-in-mime-version",
        TOP.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.0 (x)") + MULTIPART + b"\r\n--BB\r\n" + FILE + b"\r\n--BB--\r\n",
    )
    yield "no-mime-version", mixed((NOTE, FILE), b"BB").replace(b"MIME-Version: 1.0\r\n", b"")
    yield "mime-version-odd", mixed((NOTE, FILE), b"BB").replace(b"MIME-Version: 1.0\r\n", b"MIME-Version: 7\r\n")
    yield "field-name-with-blank", part(FILE.replace(b"Content-Transfer-Encoding:", b"Content-Transfer -Encoding:"))
    yield "field-name-underscore", part(FILE.replace(b"Content-Transfer-Encoding:", b"Content_Transfer_Encoding:"))
    yield "encoding-in-type", part(b"Content-Type: application/octet-stream; encoding=base64\r\n" + NAMED + b"\r\n" + b64(PROGRAM))
    yield "encoding-not-said", part(TYPE + NAMED + b"\r\n" + b64(PROGRAM))
    yield "encoding-said-seven-bit", part(TYPE + NAMED + b"Content-Transfer-Encoding: 7bit\r\n\r\n" + b64(PROGRAM))
    yield (
        "encoding-of-the-message",
        TOP + B64 + MULTIPART + b"\r\n--BB\r\n" + TYPE + NAMED + b"\r\n" + b64(PROGRAM) + b"\r\n--BB--\r\n",
    )


# -- Outlook's .msg


def outlook() -> Iterator[tuple[str, bytes]]:
    """Files in .msg, and in messages in them."""

    def with_file(prefix: str, name: str, octets: bytes) -> dict[str, bytes]:
        at = f"{prefix}__attach_version1.0_#00000000/"
        return {
            f"{prefix}__properties_version1.0": bytes(32),
            f"{at}__properties_version1.0": bytes(32),
            f"{at}__substg1.0_3707001F": name.encode("utf-16-le"),
            f"{at}__substg1.0_37010102": octets,
        }

    inner = "__attach_version1.0_#00000000/__substg1.0_3701000D/"
    deep = {f"{inner * level}__properties_version1.0": bytes(32) for level in range(4)} | with_file(inner * 4, NAME, PROGRAM)
    yield "msg-four-deep", attached(compound(deep), b"a.msg")
    yield "msg-four-deep-other-name", attached(compound(deep), b"a.dat")
    yield "msg-in-msg", attached(compound(with_file("", "b.msg", compound(deep))), b"a.msg")
    extension = {"__attach_version1.0_#00000000/__substg1.0_3703001F": ".exe".encode("utf-16-le")}
    yield "msg-extension-only", attached(compound(with_file("", "evil", PROGRAM) | extension), b"a.msg")
    yield "msg-with-letter", attached(compound(with_file("", "a.eml", part(FILE))), b"a.msg")
    yield "msg-with-tnef", attached(compound(with_file("", "winmail.dat", PLAIN_TNEF)), b"a.msg")


# -- the rest of the list, row by row


def rows() -> Iterator[tuple[str, bytes]]:
    """Techniques of the list with other numbers, orders and characters."""
    body = B64 + b"\r\n" + b64(PROGRAM)
    both = MULTIPART + b"Content-Type: text/html\r\n"
    yield "01-four-types", mixed((NOTE, FILE), b"BB", top=b"Content-Type: text/plain\r\nContent-Type: image/png\r\n" + both)
    boundaries = b"; boundary=aa; boundary=bb; boundary=cc; boundary=dd"
    yield "02-four-boundaries", mixed((NOTE, FILE), b"dd", top=b"Content-Type: multipart/mixed" + boundaries + b"\r\n")
    said = b"; boundary*0=a; boundary*1*=%3Db\r\n"
    yield "03-plain-then-extended-section", mixed((NOTE, FILE), b"a=b", top=b"Content-Type: multipart/mixed" + said)
    words = b"Content-Type: =?utf-8?Q?application/octet-stream?=; name==?utf-8?Q?evil=2Eexe?=\r\n"
    yield "04-type-and-name-encoded", part(words + body)
    yield "05-dashes-around", mixed((NOTE, FILE), b"--x--")
    same = mixed((NOTE, FILE), b"BB")[len(TOP) :]
    yield "06-three-of-one-boundary", mixed((mixed((same,), b"BB")[len(TOP) :],), b"BB")
    yield "08-cut-in-its-octets", TOP + MULTIPART + b"\r\n--BB\r\n" + FILE[:-2]
    yield "09-epilogue-in-letter", part(b"Content-Type: message/rfc822\r\n\r\n" + mixed((NOTE,), b"CC", epilogue=FILE))
    yield "09-uuencoded-epilogue-tabs", mixed((NOTE,), b"BB", epilogue=b"begin\t644\tevil.exe\r\n" + UU + b"`\r\nend\r\n")
    three = b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: x-foo\r\n"
    yield "10-three-one-unknown", part(TYPE + NAMED + three + body)
    coding = b"Content-Transfer-Encoding: "
    for about, value in (
        ("comment-only", b"(base64)"),
        ("homoglyph", "b\u0430se64".encode()),
        ("word-b", b"=?utf-8?B?YmFzZTY0?="),
        ("slash", b"base64/x"),
        ("twice", b"base64 base64"),
    ):
        yield f"11-{about}", part(TYPE + NAMED + coding + value + b"\r\n\r\n" + b64(PROGRAM))
    for about, between in (("comments", b" (c)\r\n"), ("dots", b"\r\n.\r\n"), ("quoted", b"\r\n> "), ("tabs", b"\t\r\n\t")):
        yield f"16-{about}", part(TYPE + NAMED + B64 + b"\r\n" + b64(PROGRAM).replace(b"\r\n", between))
    yield "18-two-colons", part(FILE.replace(b"Content-Disposition:", b"Content-Disposition::"))
    yield "18-byte-order-mark-in-part", part(b"\xef\xbb\xbf" + FILE)
    for about, said in (
        ("22-begins-at-nine", b"filename*9=evil; filename*10=.exe"),
        ("22-below-zero", b"filename*-1=evil.exe"),
        ("22-language-only", b"filename*='en'evil%2eexe"),
        ("22-five-digits", b"filename*00000=evil; filename*00001=.exe"),
        ("23-tab-between-words", b'filename="=?utf-8?Q?evil?=\t=?utf-8?Q?=2Eexe?="'),
        ("23-not-padded", b'filename="=?UTF-8?b?ZXZpbC5leGU?="'),
        ("24-three-quotes", b'filename="""evil.exe"""'),
        ("24-empty-then-name", b"filename=; name=evil.exe"),
        ("25-dot-and-stream", b'filename="evil.exe.::$DATA"'),
        ("25-grapheme-joiner", 'filename="evil.\u034fexe"'.encode()),
    ):
        yield about, part(TYPE + b"Content-Disposition: attachment; " + said + b"\r\n" + body)
    yield "32-lzma", attached(lzma.compress(PROGRAM, format=lzma.FORMAT_ALONE), b"evil.exe.lzma")
    yield "39-blank-and-from-line", b"\r\nFrom a@b\r\n" + part(FILE)
    yield "39-tag-before", b"<html>\r\n" + part(FILE)
    for size in (1_100, 5_000):
        long = text(b"begin 644 " + b"a" * size + b".exe\r\n" + UU + b"`\r\nend\r\n")
        yield f"15-name-of-{size}", long


FILES = [*written(), *in_tnef(), *in_cards(), *letters(), *names(), *structures(), *outlook(), *rows()]
NAMELESS = "multipart-no-parts-base64"  # there is none in it


def words() -> Iterator[tuple[str, bytes]]:
    """A word in texts that lie deeper."""
    sentence = b"more on the nightjar today"
    plain, page = sentence, b"<p>more on the night<b>jar</b> today"
    rtf = b"{\\rtf1\\ansi more on the night{\\b jar} today}"
    packed = struct.pack("<LLLL", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    wide = sentence.decode().encode("utf-16-le")
    for about, octets in (
        ("subject", tnef(attribute(1, 0x00018004, plain + b"\0"))),
        ("subject-property", tnef(attribute(1, 0x00069003, properties((0x001F, 0x0037, wide))))),
        ("body", tnef(attribute(1, 0x0002800C, plain + b"\0"))),
        ("body-property", tnef(attribute(1, 0x00069003, properties((0x001E, 0x1000, plain))))),
        ("body-property-unicode", tnef(attribute(1, 0x00069003, properties((0x001F, 0x1000, wide))))),
        ("html", tnef(attribute(1, 0x00069003, properties((0x0102, 0x1013, page))))),
        ("html-unicode", tnef(attribute(1, 0x00069003, properties((0x001F, 0x1013, page.decode().encode("utf-16-le")))))),
        ("rtf", tnef(attribute(1, 0x00069003, properties((0x0102, 0x1009, packed))))),
        ("embedded-html", embedded(tnef(attribute(1, 0x00069003, properties((0x0102, 0x1013, page)))))),
        ("embedded-subject", embedded(tnef(attribute(1, 0x00018004, plain + b"\0")))),
        ("embedded-twice", embedded(embedded(tnef(attribute(1, 0x0002800C, plain + b"\0"))))),
    ):
        yield f"tnef-{about}", attached(octets, b"winmail.dat", b"application/ms-tnef")
        yield f"tnef-{about}-octet-stream", attached(octets, b"winmail.dat")
        yield f"tnef-{about}-in-zip", attached(containers.zipped(("winmail.dat", octets)), b"a.zip")
    for about, line in (
        ("folded", b"DESCRIPTION:more on the night\r\n jar today"),
        ("folded-tab", b"DESCRIPTION:more on the night\r\n\tjar today"),
        ("folded-twice", b"DESCRIPTION:more on the nig\r\n h\r\n tjar today"),
        ("escaped-line-end", b"DESCRIPTION:hello\\nnightjar\\ntoday"),
        ("escaped", b"DESCRIPTION:more on the night\\jar today"),
    ):
        calendar = b"BEGIN:VCALENDAR\r\n" + line + b"\r\nEND:VCALENDAR\r\n"
        yield f"calendar-{about}", part(b"Content-Type: text/calendar\r\n\r\n" + calendar)
        yield f"calendar-{about}-base64", part(b"Content-Type: text/calendar\r\n" + B64 + b"\r\n" + b64(calendar))
        yield f"calendar-{about}-as-file", attached(calendar, b"a.ics")
        yield f"calendar-{about}-as-text", text(calendar)
        card = calendar.replace(b"VCALENDAR", b"VCARD").replace(b"DESCRIPTION", b"NOTE")
        yield f"card-{about}", part(b"Content-Type: text/vcard\r\n\r\n" + card)
    alternative = b"BEGIN:VCALENDAR\r\nX-ALT-DESC;FMTTYPE=text/html:<p>more on the night<b>jar\r\n </b> today\r\nEND:VCALENDAR\r\n"
    yield "calendar-alternative", part(b"Content-Type: text/calendar\r\n\r\n" + alternative)
    for about, letter in (
        ("base64", text(b64(plain), b"Content-Type: text/plain\r\n" + B64)),
        (
            "quoted",
            text(b"more on the night=\r\njar", b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n"),
        ),
        ("html", text(b64(page), b"Content-Type: text/html\r\n" + B64)),
        ("utf-16", text(b64(wide), b"Content-Type: text/plain; charset=utf-16le\r\n" + B64)),
        ("ebcdic", text(b64(sentence.decode().encode("cp037")), b"Content-Type: text/plain; charset=ibm037\r\n" + B64)),
        ("part", part(b"Content-Type: text/html\r\n" + B64 + b"\r\n" + b64(page))),
        ("subject", b"Subject: =?utf-8?Q?night?= =?utf-8?Q?jar?=\r\n" + text(b"x")),
        ("letter", part(b"Content-Type: message/rfc822\r\n\r\n" + text(b64(plain), b"Content-Type: text/plain\r\n" + B64))),
    ):
        yield f"letter-{about}-in-zip", attached(containers.zipped(("a.eml", letter)), b"a.zip")
        yield f"letter-{about}-by-name", attached(letter, b"a.eml")
        yield f"letter-{about}-any-name", attached(letter)
        yield f"letter-{about}-in-tnef", attached(tnef(RENDER, title(b"a.eml"), attribute(2, 0x0006800F, letter)))


WORDS = list(words())


@pytest.mark.parametrize(("about", "message"), WORDS, ids=[about for about, _ in WORDS])
def test_a_word_that_lies_deeper_is_identified(about: str, message: bytes) -> None:
    anatomy = Anatomy(message)
    shown = [normalise(one.text) for one in (*anatomy.texts, *anatomy.attachment_texts)]
    assert any(WORD in one for one in (*shown, *anatomy.subjects)), (about, shown)


@pytest.mark.parametrize(("about", "message"), FILES, ids=[about for about, _ in FILES])
def test_a_file_hidden_otherwise_is_identified(about: str, message: bytes) -> None:
    found = Anatomy(message).attachments
    if about[0] not in "0123456789":  # row by row the name may be a longer one, or one of several
        assert any(NAME in one.names for one in found) or about == NAMELESS
    assert any("exe" in one.extensions for one in found) or about == NAMELESS
    assert any(one.octets() == PROGRAM for one in found)
