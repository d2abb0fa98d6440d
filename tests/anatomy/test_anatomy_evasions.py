"""Ways to hide a file or a word, each alone: what any reader would show is identified, and what is irregular is named.

Every case plants a program `evil.exe` (its octets begin with MZ) or the word `planted-word`.
"""

# ruff: noqa: E501 - tables: one technique a line

import base64
import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fakes.evasions.containers import tarred, zipped
from fakes.odd_mail import (
    B64,
    NAME,
    NAMED,
    PROGRAM,
    TOP,
    TYPE,
    attached,
    b64,
    evil,
    hidden_member,
    local_name_differs,
    mixed,
    tnef,
    uu,
    yenc,
)

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.anatomy.text import normalise

WORD = "planted-word"


@dataclass(frozen=True)
class Case:
    """A technique: the row of the list of evasions, what it does, the message; `named` False where no name can be there."""

    row: int
    about: str
    content: bytes
    defect: Defect | None = None
    named: bool = True
    whole: bool = True  # the octets must come out too

    def __str__(self) -> str:
        return f"{self.row:02}-{self.about}"


OTHER_TYPE = b"Content-Type: text/plain\r\n"
FILES = [
    Case(0, "plain", mixed(evil())),
    Case(1, "content-type-twice-multipart-last", mixed(evil(), head=OTHER_TYPE + b"Content-Type: multipart/mixed; boundary=BB\r\n"), Defect.DUPLICATE_CONTENT_TYPE),
    Case(1, "content-type-twice-multipart-first", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=BB\r\n" + OTHER_TYPE), Defect.DUPLICATE_CONTENT_TYPE),
    Case(2, "boundary-twice-last", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=AA; boundary=BB\r\n"), Defect.DUPLICATE_BOUNDARY_PARAMETER),
    Case(2, "boundary-twice-first", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=BB; boundary=AA\r\n"), Defect.DUPLICATE_BOUNDARY_PARAMETER),
    Case(2, "two-fields-two-boundaries", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=AA\r\nContent-Type: multipart/mixed; boundary=BB\r\n"), Defect.DUPLICATE_CONTENT_TYPE),
    Case(3, "boundary-2231", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary*=us-ascii''%42B\r\n"), Defect.ENCODED_BOUNDARY),
    Case(3, "boundary-2231-sections", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary*1=B; boundary*0=B\r\n"), Defect.ENCODED_BOUNDARY),
    Case(3, "boundary-2231-and-plain", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=XX; boundary*0=B; boundary*1=B\r\n"), Defect.ENCODED_BOUNDARY),
    Case(4, "boundary-encoded-word", mixed(evil(), head=b'Content-Type: multipart/mixed; boundary="=?us-ascii?Q?B=42?="\r\n'), Defect.ENCODED_BOUNDARY),
    Case(4, "encoding-encoded-word", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: =?us-ascii?Q?base64?=\r\n")), Defect.INVALID_TRANSFER_ENCODING),
    Case(5, "boundary-with-space", mixed(evil(), boundary=b"B B")),
    Case(5, "boundary-with-comment", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=B(c)B\r\n")),
    Case(5, "boundary-semicolon", mixed(evil(), boundary=b"B;B"), Defect.INVALID_BOUNDARY),
    Case(5, "boundary-too-long", mixed(evil(), boundary=b"B" * 100), Defect.LONG_BOUNDARY),
    Case(5, "boundary-empty", mixed(evil(), boundary=b""), Defect.INVALID_BOUNDARY),
    Case(5, "boundary-escapes", mixed(evil(), head=b'Content-Type: multipart/mixed; boundary="B\\B"\r\n')),
    Case(5, "boundary-unterminated", mixed(evil(), head=b'Content-Type: multipart/mixed; boundary="BB\r\n')),
    Case(5, "boundary-single-quotes", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary='BB'\r\n")),
    Case(6, "inner-uses-outer-boundary", mixed(b"Content-Type: multipart/mixed; boundary=BB\r\n\r\n--BB\r\n" + evil() + b"\r\n--BB--\r\n"), Defect.BOUNDARY_REUSED),
    Case(6, "part-after-end", mixed(b"\r\nhi", epilogue=b"--BB\r\n" + evil() + b"\r\n--BB--\r\n"), Defect.PARTS_AFTER_END),
    Case(6, "longer-boundary", mixed(b"\r\nhi\r\n--BBx\r\n" + evil())),
    Case(7, "no-boundary-parameter", mixed(evil(), head=b"Content-Type: multipart/mixed\r\n"), Defect.MISSING_BOUNDARY_PARAMETER),
    Case(7, "multipart-comment", mixed(evil(), head=b"Content-Type: mul(c)tipart/mixed; boundary=BB\r\n")),
    Case(7, "multipart-quoted", mixed(evil(), head=b'Content-Type: "multipart/mixed"; boundary=BB\r\n')),
    Case(7, "multipart-misspelt", mixed(evil(), head=b"Content-Type: mulipart/mixed; boundary=BB\r\n"), Defect.BOUNDARY_WITHOUT_MULTIPART),
    Case(7, "text-plain-with-structure", mixed(evil(), head=b"Content-Type: text/plain\r\n"), Defect.HIDDEN_MULTIPART),
    Case(7, "no-content-type", mixed(evil(), head=b""), Defect.HIDDEN_MULTIPART),
    Case(7, "wrong-boundary", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=other\r\n"), Defect.MISSING_BOUNDARY),
    Case(8, "truncated", mixed(evil()).removesuffix(b"\r\n--BB--\r\n"), Defect.MISSING_FINAL_BOUNDARY),
    Case(9, "preamble-with-fields", mixed(b"\r\nhi", preamble=evil()), Defect.CONTENT_IN_PREAMBLE),
    Case(9, "preamble-base64", mixed(b"\r\nhi", preamble=b64()), Defect.CONTENT_IN_PREAMBLE, named=False),
    Case(9, "epilogue-with-fields", mixed(b"\r\nhi", epilogue=evil()), Defect.CONTENT_IN_EPILOGUE),
    Case(9, "epilogue-uuencoded", mixed(b"\r\nhi", epilogue=uu()), Defect.UUENCODED_BLOCK),
    Case(10, "encoding-twice", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: 7bit\r\n" + B64)), Defect.DUPLICATE_TRANSFER_ENCODING),
    Case(10, "encoding-combined", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: quoted-printable, base64\r\n")), Defect.INVALID_TRANSFER_ENCODING),
    *(
        Case(11, f"encoding-{value!r}", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding:" + value + b"\r\n")), Defect.INVALID_TRANSFER_ENCODING)
        for value in (b" base64;x", b' "base64"', b" (c)base64", b" base645", b" junk64", b" base 64", b" base64\x0b", b"\tbase64 x", b" x-base64")
    ),
    Case(11, "encoding-folded", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding:\r\n base64\r\n"))),
    Case(11, "encoding-unknown", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: frobnicate\r\n")), Defect.UNKNOWN_TRANSFER_ENCODING),
    Case(12, "x-uuencode", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: x-uuencode\r\n", uu()))),
    Case(12, "x-uue", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: x-uue\r\n", uu()))),
    Case(12, "uuencode-without-begin", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding: x-uuencode\r\n", uu().partition(b"\r\n")[2]))),
    Case(15, "uuencoded-in-text", TOP + b"\r\nhello\r\n\r\n" + uu() + b"bye\r\n", Defect.UUENCODED_BLOCK),
    Case(15, "uuencoded-in-qp-text", TOP + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nhello=\r\n\r\n" + uu().replace(b"=", b"=3D"), Defect.UUENCODED_BLOCK),
    Case(15, "yenc-in-text", TOP + b"\r\nhello\r\n" + yenc(), Defect.YENC_BLOCK),
    Case(16, "base64-junk", mixed(evil(body=b64().replace(b"A", b"*A", 9))), Defect.DAMAGED_BASE64),
    Case(16, "base64-padding-inside", mixed(evil(body=b64(PROGRAM[:100]) + b64(PROGRAM[100:]))), Defect.DAMAGED_BASE64),
    Case(16, "base64-no-padding", mixed(evil(body=b64(PROGRAM + b"x").replace(b"=", b""))), Defect.SLOPPY_BASE64, whole=False),
    Case(16, "base64-one-line", mixed(evil(body=base64.b64encode(PROGRAM) + b"\r\n"))),
    Case(16, "base64-split-quads", mixed(evil(body=b"\r\n".join(base64.b64encode(PROGRAM)[at : at + 7] for at in range(0, 1000, 7))))),
    Case(16, "base64-trailing-text", mixed(evil(body=b64() + b"\r\n_______\r\nlist footer, http://example.org/\r\n"))),
    Case(18, "space-before-colon", mixed(evil(b"Content-Type : application/octet-stream\r\nContent-Disposition : attachment; filename=evil.exe\r\nContent-Transfer-Encoding : base64\r\n")), Defect.SPACE_BEFORE_COLON),
    Case(18, "folded-before-colon", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding\r\n : base64\r\n")), Defect.ODD_FIELD_NAME),
    Case(18, "comment-in-field-name", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encoding(x): base64\r\n")), Defect.ODD_FIELD_NAME),
    Case(18, "nul-in-field-name", mixed(evil(TYPE + NAMED + b"Content-Transfer-Encod\0ing: base64\r\n")), Defect.ODD_FIELD_NAME),
    Case(18, "indented-field", mixed(evil(TYPE + NAMED + b" Content-Transfer-Encoding: base64\r\n")), Defect.INDENTED_FIELD),
    Case(19, "junk-line-in-header", mixed(evil(TYPE + b"this is junk\r\n" + NAMED + B64)), Defect.INVALID_HEADER),
    Case(19, "junk-line-in-top-header", mixed(evil(), head=b"junk\r\nContent-Type: multipart/mixed; boundary=BB\r\n"), Defect.INVALID_HEADER),
    Case(20, "lf-only", mixed(evil()).replace(b"\r\n", b"\n")),
    Case(20, "cr-only", mixed(evil()).replace(b"\r\n", b"\r"), Defect.BARE_CR_IN_HEADER),
    Case(20, "cr-between-fields", mixed(evil((TYPE + NAMED).rstrip(b"\n") + B64)), Defect.BARE_CR_IN_HEADER),
    Case(20, "crcrlf", mixed(evil()).replace(b"\r\n", b"\r\r\n"), Defect.BARE_CR_IN_HEADER),
    Case(21, "name-in-type-only", mixed(evil(b"Content-Type: application/octet-stream; name=evil.exe\r\n" + B64))),
    Case(21, "names-differ", mixed(evil(b"Content-Type: application/octet-stream; name=evil.exe\r\nContent-Disposition: attachment; filename=a.txt\r\n" + B64)), Defect.SEVERAL_NAMES),
    *(
        Case(22, f"2231-{about}", mixed(evil(b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; " + value + b"\r\n" + B64)))
        for about, value in (
            ("extended", b"filename*=utf-8''evil%2Eexe"),
            ("language", b"filename*=us-ascii'en-us'evil.exe"),
            ("sections", b"filename*0=evil; filename*1=.exe"),
            ("sections-out-of-order", b"filename*1=.exe; filename*0=evil"),
            ("sections-from-one", b"filename*1=evil; filename*2=.exe"),
            ("sections-doubled", b"filename*0=a; filename*0=evil; filename*1=.exe"),
            ("sections-mixed", b"filename*0*=utf-8''evil; filename*1=.exe"),
            ("sections-mixed-late", b"filename*0=evil; filename*1*=%2Eexe"),
            ("plain-and-extended", b"filename=a.txt; filename*=utf-8''evil.exe"),
            ("extended-and-plain", b"filename*=utf-8''a.txt; filename=evil.exe"),
            ("no-charset", b"filename*=evil.exe"),
            ("spaces", b"filename * 0 = evil ; filename * 1 = .exe"),
        )
    ),
    *(
        Case(23, f"2047-{about}", mixed(evil(b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + value + b"\r\n" + B64)))
        for about, value in (
            ("quoted", b'"=?utf-8?Q?evil=2Eexe?="'),
            ("unquoted", b"=?utf-8?Q?evil=2Eexe?="),
            ("split", b'"=?utf-8?Q?evil?= =?utf-8?Q?=2Eexe?="'),
            ("base64", b'"=?utf-8?B?' + base64.b64encode(b"evil.exe") + b'?="'),
            ("utf-16", b'"=?utf-16?B?' + base64.b64encode("evil.exe".encode("utf-16")) + b'?="'),
            ("utf-7", b'"=?utf-7?Q?evil+AC4-exe?="'),
            ("unknown-charset", b'"=?x-nothing?Q?evil.exe?="'),
            ("language", b'"=?utf-8*en?Q?evil.exe?="'),
        )
    ),
    *(
        Case(24, f"parameter-{about}", mixed(evil(b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; " + value + b"\r\n" + B64)))
        for about, value in (
            ("twice", b"filename=a.txt; filename=evil.exe"),
            ("unterminated", b'filename="evil.exe'),
            ("space-equals", b"filename = evil.exe"),
            ("tab", b"\tfilename\t=\tevil.exe"),
            ("comment", b"filename(x)=evil.exe"),
            ("comment-value", b"filename=(x)evil.exe"),
            ("semicolon-in-quotes", b'x="a;filename=evil.exe"'),
            ("case", b"FileName=evil.exe"),
            ("no-semicolon-before", b"; filename=evil.exe"),
        )
    ),
    Case(25, "trailing-dot", mixed(evil(TYPE + b'Content-Disposition: attachment; filename="evil.exe. ."\r\n' + B64))),
    Case(25, "stream", mixed(evil(TYPE + b'Content-Disposition: attachment; filename="evil.exe::$DATA"\r\n' + B64))),
    Case(25, "path", mixed(evil(TYPE + b'Content-Disposition: attachment; filename="..\\..\\evil.exe"\r\n' + B64))),
    Case(25, "slash-path", mixed(evil(TYPE + b'Content-Disposition: attachment; filename="/tmp/evil.exe"\r\n' + B64))),
    Case(25, "nul", mixed(evil(TYPE + b"Content-Disposition: attachment; filename*=utf-8''evil.exe%00.txt\r\n" + B64)), Defect.DISGUISED_NAME),
    Case(25, "fullwidth", mixed(evil(TYPE + "Content-Disposition: attachment; filename=\"evil．ｅｘｅ\"\r\n".encode() + B64))),
    Case(25, "zero-width", mixed(evil(TYPE + "Content-Disposition: attachment; filename=\"evil.e\u200bxe\"\r\n".encode() + B64))),
    Case(26, "no-name", mixed(evil(TYPE + B64)), named=False),
    Case(26, "dangerous-type-only", mixed(evil(b"Content-Type: application/x-msdownload\r\n" + B64)), named=False),
    Case(27, "inline", mixed(evil(TYPE + b"Content-Disposition: inline; filename=evil.exe\r\n" + B64))),
    Case(27, "related", mixed(evil(), head=b"Content-Type: multipart/related; boundary=BB\r\n")),
    Case(27, "alternative", mixed(evil(), head=b"Content-Type: multipart/alternative; boundary=BB\r\n")),
    Case(28, "nested-message", mixed(b"Content-Type: message/rfc822\r\n\r\n" + mixed(evil(), boundary=b"CC"))),
    Case(28, "nested-message-base64", mixed(b"Content-Type: message/rfc822\r\n" + B64 + b"\r\n" + b64(mixed(evil(), boundary=b"CC")))),
    Case(28, "nested-message-base64-damaged", mixed(b"Content-Type: message/rfc822\r\n" + B64 + b"\r\n-" + b64(mixed(evil(), boundary=b"CC"))), Defect.ENCODED_MESSAGE),
    Case(28, "nested-global", mixed(b"Content-Type: message/global\r\n\r\n" + mixed(evil(), boundary=b"CC"))),
    Case(28, "eml-by-name", mixed(b"Content-Type: application/octet-stream; name=a.eml\r\n" + B64 + b"\r\n" + b64(mixed(evil(), boundary=b"CC")))),
    Case(28, "digest", mixed(b"\r\n" + mixed(evil(), boundary=b"CC"), head=b"Content-Type: multipart/digest; boundary=BB\r\n")),
    Case(28, "partial", TOP + b"Content-Type: message/partial; id=x; number=1; total=1\r\n\r\n" + mixed(evil()), Defect.PARTIAL_MESSAGE),
    Case(28, "partial-that-says-nothing", TOP + b"Content-Type: message/partial\r\n\r\n" + mixed(evil()), Defect.PARTIAL_MESSAGE),
    Case(28, "partial-that-says-nothing-within", mixed(b"Content-Type: message/partial\r\n\r\n" + mixed(evil(), boundary=b"CC")), Defect.PARTIAL_MESSAGE),
    Case(29, "multipart-base64", TOP + b"Content-Type: multipart/mixed; boundary=BB\r\n" + B64 + b"\r\n" + b64(mixed(evil()).partition(b"\r\n\r\n")[2]), Defect.ENCODED_MULTIPART),
    Case(29, "multipart-base64-not-encoded", mixed(evil(), head=b"Content-Type: multipart/mixed; boundary=BB\r\n" + B64)),
    Case(30, "tnef", attached(tnef(), "winmail.dat")),
    Case(30, "tnef-unnamed", mixed(b"Content-Type: application/ms-tnef\r\n" + B64 + b"\r\n" + b64(tnef()))),
    Case(31, "lying-name", attached(PROGRAM, "photo.jpg"), named=False),
    Case(31, "lying-text", mixed(b"Content-Type: text/plain\r\n" + B64 + b"\r\n" + b64()), named=False),
    Case(32, "zip", attached(zipped((NAME, PROGRAM)), "a.zip")),
    Case(32, "zip-in-zip", attached(zipped(("b.zip", zipped((NAME, PROGRAM)))), "a.zip")),
    Case(32, "zip-stored-in-zip", attached(zipped(("b.zip", zipped((NAME, PROGRAM))), method=zipfile.ZIP_STORED), "a.zip")),
    Case(32, "zip-junk-before", attached(b"junk" * 50 + zipped((NAME, PROGRAM)), "a.zip")),
    Case(32, "zip-junk-after", attached(zipped((NAME, PROGRAM)) + b"\0" * 70_000, "a.zip")),
    Case(32, "zips-concatenated-first", attached(zipped((NAME, PROGRAM)) + zipped(("a.txt", b"a")), "a.zip"), Defect.CONTAINER_AMBIGUOUS),
    Case(32, "zips-concatenated-last", attached(zipped(("a.txt", b"a")) + zipped((NAME, PROGRAM)), "a.zip"), Defect.CONTAINER_AMBIGUOUS),
    Case(32, "zip-member-not-listed", attached(hidden_member(), "a.zip"), Defect.CONTAINER_AMBIGUOUS),
    Case(32, "zip-local-name-differs", attached(local_name_differs(), "a.zip"), Defect.CONTAINER_AMBIGUOUS),
    Case(32, "zip-cut", attached(zipped((NAME, PROGRAM))[:-30], "a.zip"), Defect.CONTAINER_DAMAGED),
    Case(32, "zip-named-pdf", attached(zipped((NAME, PROGRAM)), "a.pdf")),
    Case(32, "gif-and-zip", attached(b"GIF89a" + b"\0" * 100 + zipped((NAME, PROGRAM)), "a.gif")),
    Case(32, "zip-bzip2", attached(zipped((NAME, PROGRAM), method=zipfile.ZIP_BZIP2), "a.zip")),
    Case(32, "zip-lzma", attached(zipped((NAME, PROGRAM), method=zipfile.ZIP_LZMA), "a.zip")),
    Case(32, "tar", attached(tarred((NAME, PROGRAM)), "a.tar")),
    Case(32, "tar-gz", attached(gzip.compress(tarred((NAME, PROGRAM))), "a.tar.gz")),
    Case(33, "gz", attached(gzip.compress(PROGRAM), "evil.exe.gz")),
    Case(33, "bz2", attached(bz2.compress(PROGRAM), "evil.exe.bz2")),
    Case(33, "xz", attached(lzma.compress(PROGRAM), "evil.exe.xz")),
    Case(33, "gz-in-gz", attached(gzip.compress(gzip.compress(PROGRAM)), "evil.exe.gz.gz")),
    Case(35, "eml-in-zip", attached(zipped(("a.eml", mixed(evil()))), "a.zip")),
    Case(39, "bom-before-header", b"\xef\xbb\xbf" + mixed(evil()), Defect.BOM_BEFORE_HEADER),
    Case(39, "from-line", b"From a@b Mon Jan  1 00:00:00 2024\r\n" + mixed(evil()), Defect.MBOX_FROM_LINE),
    Case(39, "blank-before-header", b"\r\n" + mixed(evil()), Defect.BLANK_BEFORE_HEADER),
    Case(39, "fields-after-blank-in-part", mixed(b"\r\n" + evil()), Defect.BLANK_BEFORE_HEADER),
    Case(39, "fields-after-blanks-in-part", mixed(b"\r\n\r\n\r\n" + evil()), Defect.BLANK_BEFORE_HEADER),
    Case(40, "eight-bit-header", mixed(evil(TYPE + b'Content-Disposition: attachment; filename="\xff\xfe.evil.exe"\r\n' + B64)), Defect.EIGHT_BIT_IN_HEADER),
]  # fmt: skip


@pytest.mark.parametrize("case", FILES, ids=str)
def test_a_hidden_file_is_identified(case: Case) -> None:
    anatomy = Anatomy(case.content)
    found = anatomy.attachments
    if case.named:
        assert any("exe" in one.extensions for one in found), found
        assert any(name.endswith(NAME) for one in found for name in one.names), [one.names for one in found]
    assert any("application/x-dosexec" in one.types for one in found), [(one, one.types) for one in found]
    if case.whole:
        assert any(one.octets() == PROGRAM for one in found), [len(one.octets()) for one in found]
    if case.defect is not None:
        assert case.defect in {one.defect for one in anatomy.all_defects()}, anatomy.all_defects()


def utf7(text: str) -> bytes:
    return b"".join(b"+" + base64.b64encode(one.encode("utf-16-be")).rstrip(b"=") + b"-" for one in text)


def html(body: str) -> bytes:
    return TOP + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body.encode()


def text(body: bytes, head: bytes = b"") -> bytes:
    return TOP + head + b"\r\n" + body


WORDS: list[tuple[str, bytes]] = [
    ("plain", text(b"a planted-word here")),
    ("base64", text(b64(b"a planted-word here"), B64)),
    ("quoted-printable", text(b"a pl=61nted-=\r\nword", b"Content-Transfer-Encoding: quoted-printable\r\n")),
    ("quoted-printable-lower", text(b"a pl=61nted=2dword", b"Content-Transfer-Encoding: quoted-printable\r\n")),
    ("quoted-printable-lf", text(b"a planted-=\nword", b"Content-Transfer-Encoding: quoted-printable\r\n")),
    ("quoted-printable-blanks", text(b"a planted-=  \r\nword", b"Content-Transfer-Encoding: quoted-printable\r\n")),
    ("quoted-printable-bad-hex", text(b"a =ZZ planted-w=6frd", b"Content-Transfer-Encoding: quoted-printable\r\n")),
    ("soft-hyphen", text("a plan\u00adted-word".encode(), b"Content-Type: text/plain; charset=utf-8\r\n")),
    ("zero-width", text("a plan\u200bted-w\u2060ord".encode(), b"Content-Type: text/plain; charset=utf-8\r\n")),
    ("fullwidth", text("a ｐｌａｎｔｅｄ－ｗｏｒｄ".encode(), b"Content-Type: text/plain; charset=utf-8\r\n")),
    ("utf-7", text(utf7(WORD), b"Content-Type: text/plain; charset=utf-7\r\n")),
    ("utf-16", text(b64("a planted-word".encode("utf-16")), b"Content-Type: text/plain; charset=utf-16\r\n" + B64)),
    ("utf-16-undeclared", text(b64("a planted-word is in here".encode("utf-16-le")), B64)),
    ("charset-lies", text("ärger mit planted\u2010word".encode(), b"Content-Type: text/plain; charset=iso-8859-1\r\n")),
    ("html-entities", html("pl&#97;nted&#x2d;word")),
    ("html-tags", html("pla<b></b>nt<i>e</i>d-<font size=1>word</font>")),
    ("html-unknown-tags", html("pla<zzz>nt</zzz>ed-word")),
    ("html-comments", html("plan<!-- x -->ted-<!---->word")),
    ("html-hidden", html('<span style="display : none">planted-word</span>')),
    ("html-in-title", html("<title>planted-word</title>")),
    ("html-alternative-text", html('<img src=x alt="planted-word">')),
    ("html-link", html('<a href="http://planted-word.example/">x</a>')),
    ("html-conditional-comment", html("<!--[if mso]><p>planted-word</p><![endif]-->")),
    ("html-unclosed-comment", html("<!-- planted-word")),
    ("html-unclosed-tag", html("x <b planted-word")),
    ("html-unclosed-quote", html('<a href="x>planted-word</a>')),
    ("html-bogus-comment-end", html("<!-- a --!>planted-word")),
    ("preamble", mixed(b"\r\nhi", preamble=b"a planted-word here")),
    ("epilogue", mixed(b"\r\nhi", epilogue=b"a planted-word here")),
    ("tail-after-junk-header", text(b"x", b"junk planted-word\r\nX-A: b\r\n")),
    ("nested-message", TOP + b"Content-Type: message/rfc822\r\n\r\n" + text(b"planted-word")),
    ("second-content-type", text(b"<b>plan</b>ted-word", b"Content-Type: text/plain\r\nContent-Type: text/html\r\n")),
    ("named-inline-text", text(b"planted-word", b"Content-Type: text/plain; name=a.txt\r\nContent-Disposition: inline\r\n")),
    ("text-attachment", text(b"planted-word", b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n")),
    ("zipped-text", attached(zipped(("a.txt", b"planted-word")), "a.zip")),
]  # fmt: skip


@pytest.mark.parametrize(("about", "content"), WORDS, ids=[about for about, _ in WORDS])
def test_a_hidden_word_is_found(about: str, content: bytes) -> None:
    anatomy = Anatomy(content)
    found = [normalise(one.text) for one in (*anatomy.texts, *anatomy.attachment_texts)]
    assert any(WORD in one.replace("\u2010", "-") for one in found), found


SUBJECTS: list[tuple[str, bytes]] = [
    ("letters", b" ".join(b"=?utf-8?Q?=%02X?=" % octet for octet in WORD.encode())),
    ("base64", b"=?utf-8?B?" + base64.b64encode(WORD.encode()) + b"?="),
    ("base64-no-padding", b"=?utf-8?B?" + base64.b64encode(b"a " + WORD.encode()).rstrip(b"=") + b"?="),
    ("split-character", b"=?utf-8?Q?=C3?= =?utf-8?Q?=A4_planted-word?="),
    ("blanks-in-text", b"=?utf-8?Q?a planted-word?="),
    ("utf-7", b"=?utf-7?Q?" + utf7(WORD).replace(b"=", b"") + b"?="),
    ("raw-utf-8", "ä planted-word".encode()),
    ("raw-latin-1", b"\xe4 planted-word"),
    ("folded", b"=?utf-8?Q?planted?=\r\n =?utf-8?Q?-word?="),
    ("base64-cut-anywhere", b"=?utf-8?B?YSBwbGFudGVkLX?= =?utf-8?B?dvcmQ=?="),
    ("nul", b"plan\0ted-word"),
    ("second", b"nothing\r\nSubject: planted-word"),
    ("base64-anew-behind-padding", b"=?utf-8?B?YSBwbGFudGU=ZC13b3Jk?="),
    ("base64-padding-within", b"=?utf-8?B?YSBwb=GFudGVkLXd=vcmQ=?="),
    ("utf-7-as-windows-calls-it", b"=?csUnicode11UTF7?B?" + base64.b64encode(utf7(WORD)) + b"?="),
    ("utf-7-by-number", b"=?cp65000?B?" + base64.b64encode(utf7(WORD)) + b"?="),
    ("iso-2022-jp-raw", b"\x1b$B0\\F0\x1b(B plan\x1b(Bted-word"),
    ("turned", b"=?utf-8?Q?=E2=80=AEdrow-detnalp?="),
    ("turned-raw", "\u202edrow-detnalp".encode()),
]


@pytest.mark.parametrize(("about", "value"), SUBJECTS, ids=[about for about, _ in SUBJECTS])
def test_a_word_hidden_in_the_subject_is_found(about: str, value: bytes) -> None:
    anatomy = Anatomy(b"From: a@b.example\r\nSubject: " + value + b"\r\n\r\nx")
    assert any(WORD in one for one in anatomy.subjects), anatomy.subjects


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("windows-1251", "Пришёл соловей"),
        ("koi8-r", "Пришёл соловей"),
        ("gb2312", "看 夜莺 吧"),
        ("big5", "看 夜鷹 吧"),
        ("shift_jis", "見よ 夜鷹 が"),
        ("iso-8859-2", "Dobrý večer"),
        ("utf-8", "Grüße aus Köln"),
    ],
)
@pytest.mark.parametrize("stray", [b"", b" \xff"])
def test_octets_of_a_subject_are_read_in_the_charset_of_the_body(charset: str, text: str, stray: bytes) -> None:
    letter = b"From: a@b.example\r\nSubject: " + text.encode(charset) + stray + b"\r\nContent-Type: %b\r\n\r\n%b"
    plain = b"text/plain; charset=" + charset.encode()
    whole = letter % (plain, b"x")
    parts = letter % (b"multipart/mixed; boundary=B", b"--B\r\nContent-Type: " + plain + b"\r\n\r\nx\r\n--B--\r\n")
    for content in (whole, parts):
        assert any(text in one for one in Anatomy(content).subjects)
    inner = Anatomy(b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" + whole)
    assert any(text in one.text for one in inner.texts)


SENDERS: list[tuple[bytes, str]] = [
    (b"From: bad@example.net", "bad@example.net"),
    (b"From: <ok@example.org>, <bad@example.net>", "bad@example.net"),
    (b"From: ok@example.org\r\nFrom: bad@example.net", "bad@example.net"),
    (b'From: "ok@example.org" <bad@example.net>', "bad@example.net"),
    (b"From: (ok@example.org) bad@example.net (x)", "bad@example.net"),
    (b"From: group: ok@example.org, bad@example.net;", "bad@example.net"),
    (b"From: =?utf-8?Q?=3Cbad=40example.net=3E?=", "bad@example.net"),
    (b"From: <@relay.example,@b.example:bad@example.net>", "bad@example.net"),
    (b"From:\r\n bad@example.net", "bad@example.net"),
    (b"From : bad@example.net", "bad@example.net"),
    (b"From: bad @ example.net", "bad@example.net"),
    (b"From: ba\0d@example.net", "bad@example.net"),
    (b'From: "bad one"@example.net', "bad one@example.net"),
    (b"From: bad@[192.0.2.1]", "bad@[192.0.2.1]"),
    (b"fROM: bad@example.net.", "bad@example.net"),
]


@pytest.mark.parametrize(("line", "mailbox"), SENDERS)
def test_every_address_of_every_from_is_found(line: bytes, mailbox: str) -> None:
    assert mailbox in Anatomy(line + b"\r\nSubject: x\r\n\r\nx").mailboxes("From")


def deep(depth: int) -> bytes:
    out = b"Content-Type: text/plain\r\n\r\nbottom"
    for level in range(depth):
        mark = b"b%d" % level
        out = (
            b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + out + b"\r\n--" + mark + b"--\r\n"
        )
    return out


LIMITS: list[tuple[str, Callable[[], bytes], Defect]] = [
    (
        "header-too-large",
        lambda: b"".join(b"X-%d: %s\r\n" % (i, b"a" * 900) for i in range(400)) + b"\r\nx",
        Defect.HEADER_TOO_LARGE,
    ),
    ("too-many-fields", lambda: b"X: a\r\n" * 5_000 + b"\r\nx", Defect.TOO_MANY_FIELDS),
    ("field-too-long", lambda: b"X: " + b"a" * 100_000 + b"\r\n\r\nx", Defect.FIELD_TOO_LONG),
    ("too-many-parts", lambda: mixed(*[b"\r\nx"] * 3_000), Defect.TOO_MANY_PARTS),
    ("too-deep", lambda: deep(200), Defect.TOO_DEEP),
    ("bomb", lambda: attached(zipped(("a.txt", b"\0" * 50_000_000)), "a.zip"), Defect.CONTAINER_TOO_LARGE),
    (
        "many-members",
        lambda: attached(zipped(*[(f"{i}.txt", b"") for i in range(6_000)]), "a.zip"),
        Defect.CONTAINER_TOO_MANY_MEMBERS,
    ),
]


@pytest.mark.parametrize(("about", "content", "defect"), LIMITS, ids=[about for about, _, _ in LIMITS])
def test_a_limit_reached_is_a_defect(about: str, content: Callable[[], bytes], defect: Defect) -> None:
    anatomy = Anatomy(content())
    for attachment in anatomy.attachments:
        attachment.octets()
    assert defect in {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize("line", [b"--BB--\r\n", b"--BBx\r\n"])
def test_a_part_behind_more_delimiters_than_the_limit_is_not_passed_in_silence(line: bytes) -> None:
    anatomy = Anatomy(mixed(b"\r\nhi\r\n" + line * 3_000 + b"--BB\r\n" + evil()))
    found = {one.defect for one in anatomy.all_defects()}
    assert Defect.TOO_MANY_PARTS in found or any(one.octets() == PROGRAM for one in anatomy.attachments)
