"""Transfer encodings, blocks in texts, charsets, HTML, normal form."""

import base64
import binascii
import quopri
import unicodedata

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import PROGRAM, TOP, attached, b64, mixed, uu, yenc
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy import charset_names, charsets
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.html import reader as html
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.mime import blocks, clean_base64, transfer
from screener.anatomy.mime.transfer import Encoding
from screener.anatomy.text import IGNORABLE, normalise
from screener.mail.verdict import Action


@given(st.binary(max_size=500), st.integers(4, 100))
def test_clean_base64_has_one_reading(octets: bytes, width: int) -> None:
    packed = base64.b64encode(octets)
    lines = b"\r\n".join(packed[at : at + width] for at in range(0, len(packed), width))
    assert transfer.base64(lines) == transfer.Decoded((octets,))


_LINES = base64.encodebytes(PROGRAM * 10).replace(b"\n", b"\r\n")


@given(
    st.binary(min_size=300, max_size=9000),
    st.integers(1, 1200),
    st.sampled_from([b"\r\n", b"\n", b"\r", b" \r\n"]),
    st.binary(max_size=3),
)
def test_clean_base64_is_what_the_strict_reading_is(octets: bytes, width: int, end: bytes, tail: bytes) -> None:
    packed = base64.b64encode(octets)
    lines = end.join(packed[at : at + width] for at in range(0, len(packed), width)) + end + tail
    try:
        strict = binascii.a2b_base64(lines.translate(None, b" \t\r\n"), strict_mode=True)
    except binascii.Error:
        assert clean_base64.decode(lines) is None
    else:
        assert clean_base64.decode(lines) in (strict, None)
        assert transfer.base64(lines) == transfer.Decoded((strict,))


@pytest.mark.parametrize(
    "lines",
    [
        _LINES[:500] + b"*" + _LINES[501:],
        _LINES[:76] + b"\n\r" + _LINES[78:],
        _LINES[:76] + b"xx" + _LINES[78:],
        _LINES[:76] + b"==" + _LINES[78:],
        _LINES[:-4] + b"=\r\n",
        _LINES + b"=\r\n",
        b"QQ==\r\n" * 200,
        _LINES + _LINES,
        _LINES.replace(b"/", b"_").replace(b"+", b"-"),
    ],
)
def test_faults_in_base64_are_not_passed_over(lines: bytes) -> None:
    """Also where they stand in place of a line end among even lines."""
    try:
        strict: bytes | None = binascii.a2b_base64(lines.translate(None, b" \t\r\n"), strict_mode=True)
    except binascii.Error:
        strict = None
    assert clean_base64.decode(lines) in (strict, None)
    found = transfer.base64(lines)
    assert found == transfer.Decoded((strict,)) if strict is not None else found.defects


def test_lines_of_other_lengths_are_decoded_too() -> None:
    assert clean_base64.decode(_LINES) == PROGRAM * 10
    assert clean_base64.decode(_LINES.replace(b"\r\n", b"\n")) == PROGRAM * 10
    assert clean_base64.decode(_LINES[:1000] + b"\r\n" + _LINES[1000:]) == PROGRAM * 10
    assert clean_base64.decode(_LINES + b"\r\n" * 50) == PROGRAM * 10
    whole = base64.encodebytes(bytes(57 * 9)).replace(b"\n", b"\r\n")
    assert clean_base64.decode(whole + b"\r\n" * 39) == bytes(57 * 9)  # as many as look like a line


@pytest.mark.parametrize(
    ("octets", "reading"),
    [
        (b"QUJD=REVG", b"ABC"),
        (b"QUJD=REVG", b"ABCDEF"),
        (b"QQ==Qg==", b"A"),
        (b"QQ==Qg==", b"AB"),
        (b"QUJ\r\nD", b"ABC"),
        (b"QU*JD", b"ABC"),
        (b"QUJDR", b"ABC"),
        (b"QUI", b"AB"),
        (b"QUI\r\nQ0Q=", b"ABCD"),
    ],
)
def test_damaged_base64_has_the_readings_of_readers(octets: bytes, reading: bytes) -> None:
    assert reading in transfer.base64(octets).results


@given(st.binary(max_size=300))
def test_clean_quoted_printable(octets: bytes) -> None:
    lines = quopri.encodestring(octets, quotetabs=True).replace(b"\n", b"\r\n")
    assert octets.replace(b"\n", b"\r\n") in transfer.quoted_printable(lines).results or b"\n" in octets


@pytest.mark.parametrize(
    ("octets", "reading"),
    [
        (b"a=3db", b"a=b"),
        (b"a=\nb", b"ab"),
        (b"a= \r\nb", b"ab"),
        (b"a=ZZb", b"a=ZZb"),
        (b"a=", b"a"),
        (b"=4", b"=4"),
        (b"a=4aB", b"aJB"),
        (b"a=4=\r\n1", b"aA"),
        (b"a== \n41", b"aA"),
    ],
)
def test_odd_quoted_printable(octets: bytes, reading: bytes) -> None:
    assert reading in transfer.quoted_printable(octets).results


@pytest.mark.parametrize(
    ("values", "encodings", "defect"),
    [
        ([], (Encoding.IDENTITY,), None),
        (["base64"], (Encoding.BASE64,), None),
        (["BASE64"], (Encoding.BASE64,), None),
        (["7bit"], (Encoding.IDENTITY,), None),
        (["base64", "base64"], (Encoding.BASE64,), None),
        (["x-uuencode"], (Encoding.UUENCODE,), None),
    ],
)
def test_declared_encodings(values: list[str], encodings: tuple[Encoding, ...], defect: Defect | None) -> None:
    assert transfer.declared(values) == transfer.Declared(encodings, defect)


@given(st.binary(min_size=1, max_size=600))
def test_uuencoded_and_yenc_files_come_out(octets: bytes) -> None:
    (block,) = blocks.find(b"hello\r\n" + uu(octets, b"a b.exe") + b"bye")
    assert (block.name, block.octets, block.defect) == ("a b.exe", octets, Defect.UUENCODED_BLOCK)
    (block,) = blocks.find(b"hello\r\n" + yenc(octets))
    assert (block.name, block.octets, block.defect) == ("evil.exe", octets, Defect.YENC_BLOCK)


def test_begin_base64() -> None:
    (block,) = blocks.find(b"begin-base64 644 a.exe\r\n" + base64.b64encode(PROGRAM[:45]) + b"\r\n====\r\n")
    assert (block.name, block.octets) == ("a.exe", PROGRAM[:45])


def test_the_word_begin_is_no_block() -> None:
    assert blocks.find(b"we begin 100 things\r\nbegin 12 things\r\nbegin at 8\r\n") == []


def binhexed(name: bytes, octets: bytes) -> bytes:
    raw = bytes((len(name),)) + name + b"\0TEXTttxt\0\0" + len(octets).to_bytes(4, "big") + b"\0\0\0\0" + b"\0\0" + octets + b"\0\0"
    raw = raw.replace(b"\x90", b"\x90\0")
    packed = base64.b64encode(raw).rstrip(b"=")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return packed.translate(bytes.maketrans(alphabet, b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"))


def test_binhex_files_come_out() -> None:
    text = b"(This file must be converted with BinHex 4.0)\r\n\r\n:" + binhexed(b"evil.exe", PROGRAM) + b":\r\n"
    (block,) = blocks.find(b"hi\r\n" + text)
    assert (block.name, block.octets, block.defect) == ("evil.exe", PROGRAM, Defect.BINHEX_BLOCK)
    assert PROGRAM in transfer.decode(text, Encoding.BINHEX).results


def test_binhex_runs_are_undone() -> None:
    assert blocks._expanded(b"a\x90\x05b\x90\x00c", 100) == b"aaaaab\x90c"
    assert len(blocks._expanded(b"a\x90\xff" * 100_000, 1000)) == 1000


@pytest.mark.parametrize(
    ("octets", "declared", "first", "wrong"),
    [
        (b"abc", "", "abc", False),
        ("ä€".encode(), "utf-8", "ä€", False),
        (b"\xe4", "iso-8859-1", "ä", False),
        (b"\x80", "iso-8859-1", "€", False),
        ("Привет, как твои дела сегодня".encode("koi8-r"), "koi8-r", "Привет, как твои дела сегодня", False),
        ("ä und ö".encode(), "us-ascii", "Ã¤ und Ã¶", True),
        ("ä und ö".encode(), "", "ä und ö", False),
        (b"\xe4 und \xf6", "utf-8", None, True),
        ("text".encode("utf-16"), "utf-16", "text", False),
        ("text in here".encode("utf-16-le"), "", "text in here", True),
        (b"+AGE-", "utf-7", "a", False),
        (b"abc", "idna", "abc", False),
        (b"abc", "unicode_escape", "abc", False),
        ("你好".encode("gb18030"), "gb2312", "你好", False),
        ("你好".encode("big5"), "x-big5", "你好", False),
        ("移動".encode("iso-2022-jp"), "iso-2022-jp", "移動", False),
    ],
)
def test_charsets(octets: bytes, declared: str, first: str | None, wrong: bool) -> None:
    found = charsets.readings(octets, declared)
    assert first is None or found.texts[0] == first
    assert found.wrong == wrong


def test_every_plausible_charset_is_tried() -> None:
    assert "ä und ö" in charsets.readings("ä und ö".encode(), "iso-8859-1").texts
    assert "ä und ö" in charsets.readings("ä und ö".encode("latin-1"), "utf-8").texts


@pytest.mark.parametrize(
    "charset",
    ["ibm-37", "IBM1047", "cp1047", "IBM01140", "IBM01141", "x-EBCDIC-Germany", "x-ebcdic-koreanextended", "20273", "IBM500"],
)
def test_latin_letters_of_ebcdic(charset: str) -> None:
    assert charsets.text("evil.js".encode("cp037"), charset) == "evil.js"
    assert charsets.readings(b"@@KK", charset).texts[0] == "  .."  # octets of ASCII, too


JIS = b"\x1b$BLkBk\x1b(B \x1b$B#n#i#g#h#t#j#a#r\x1b(B"  # 夜鷹, and a word in full width


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\x1b$B-!|b\x1b(B " + JIS, "①髙 夜鷹 ｎｉｇｈｔｊａｒ"),  # rows 13 and 92, as Windows writes them
        (b"\x1b$@-j\x1b(I1\x1b(J~\x1b(B" + JIS, "㈱ｱ~夜鷹 ｎｉｇｈｔｊａｒ"),
    ],
)
def test_japanese_as_windows_writes_it(octets: bytes, text: str) -> None:
    for charset in ("iso-2022-jp", "csISO2022JP", ""):
        assert text in charsets.readings(octets, charset).texts
    assert charsets.readings(octets, "iso-2022-jp") == charsets.Readings((text, octets.decode()), codecs=("iso2022_jp", "utf_8"))
    assert charsets.text(octets, "iso-2022-jp") == text


@pytest.mark.parametrize(
    ("octets", "declared", "word"),
    [
        (JIS + b" caf\xc3\xa9", "iso-2022-jp", "夜鷹"),
        (JIS + b" caf\xe9", "iso-2022-jp", "夜鷹"),
        (JIS + b"\n\x1b$", "iso-2022-jp", "夜鷹"),
        (JIS + b"\x1b$B!", "iso-2022-jp", "夜鷹"),
        (JIS + b" caf\xc3\xa9", "utf-8", "夜鷹"),
        (JIS + b" caf\xc3\xa9", "", "夜鷹"),
        (b"+AG4-ightjar caf\xc3\xa9", "utf-7", "nightjar"),
        (b"+AG4-ightjar +AAAAA-! ", "utf-7", "nightjar"),
        (b"~{#n#i#g#h#t#j#a#r~} \xc3\xa9", "hz-gb-2312", "ｎｉｇｈｔｊａｒ"),
        ("соловей".encode("utf-16-le") + b"\n", "utf-16le", "соловей"),
        ("соловей".encode("utf-16-be") + b"\n", "utf-16", "соловей"),
        ("夜鷹 ".encode("gb18030") + b"\xff", "gb2312", "夜鷹"),
        ("夜鷹".encode("big5"), "x-x-big5", "夜鷹"),
        ("köhler".encode() + b" \xff", "", "köhler"),
        ("köhler".encode() + b" \xff", "iso-8859-1", "köhler"),
        ("соловей".encode()[:-1], "windows-1251", "солове"),
    ],
)
def test_one_octet_that_does_not_fit_takes_no_charset_away(octets: bytes, declared: str, word: str) -> None:
    found = charsets.readings(octets, declared)
    assert any(word in text for text in found.texts)
    if declared not in ("", "utf-8", "hz-gb-2312") and not charset_names.seven_bit_means_ascii(charset_names.codec(declared)):
        assert word in charsets.text(octets, "utf-16be" if declared == "utf-16" else declared)


def test_text_of_octets_is_no_broken_utf8() -> None:
    for charset, text in (
        ("cp1252", "Grüße von Ägypten"),
        ("cp1251", "Привет, соловей"),
        ("gb18030", "看看夜鷹在飛"),
        ("euc_jp", "見よ夜鷹が飛んでいる"),
    ):
        assert all("\ufffd" not in one for one in charsets.readings(text.encode(charset), charset).texts)


def test_unknown_charsets_are_never_looked_up() -> None:
    from encodings import _cache  # Python's own: it would grow without end

    before = len(_cache)
    for number in range(50):
        assert charsets.readings(b"\xff", f"x-hostile-{number}").unknown
    assert len(_cache) <= before + 3


@pytest.mark.parametrize(
    ("document", "displayed", "hidden"),
    [
        ("<p>V<b>ia</b>gra &amp; co</p><div>next<br>line</div>", "Viagra & co\nnext\nline", ""),
        ("a<!-- x -->b", "ab", ""),
        ("a<!-->b", "ab", ""),
        ("a<!-- x --!>b", "ab", ""),
        ("<!--[if mso]><p>outlook</p><![endif]-->b", "b", "outlook"),
        ('<span style="display:none">h<span>id</span></span>shown', "shown", "hid"),
        ('<div style="font-size:0px;">h</div>s', "s", "h"),
        ('<div style="font-size:0.8em">s</div>', "s", ""),
        ('<p style="font-size:10px">s</p>', "s", ""),
        ("<p hidden>h</p>s", "s", "h"),
        ("<style>.x,.y{color:red;display:none}@media print{.z{display:none}}</style><i class=y>h</i><i class=z>s</i>", "s", "h"),
        ("<table><tr><td>a<td>b</table>", "a\nb", ""),
        ("1 < 2 and 3>1", "1 < 2 and 3>1", ""),
        ("<script>var a='<p>'</script>x", "x", ""),
        ("<title>t</title>x", "x", "t"),
        ("<textarea><b>x</b></textarea>", "<b>x</b>", ""),
        ('<a href="http://e.example/?a&amp;b">t</a>', "t", "http://e.example/?a&b"),
        ("<a title='x>y'>t</a>", "t", "x>y"),
        ("&lt;b&gt; &#x41;&#66;", "<b> AB", ""),
        ("a&nbsp;b", "a b", ""),
        ("a\r\n   b", "a b", ""),
        ("<P>a<P>b", "a\nb", ""),
        ("<a\nhref=x>t</a>", "t", "x"),
        ("</p/>x", "x", ""),
        ("<?xml version='1.0'?><!DOCTYPE html>x", "x", ""),
        ("<noscript>x</noscript>", "x", ""),
        ("<template>h</template>x", "x", "h"),
        ("a<br/>b<hr>c", "a\nb\nc", ""),
        ("<plaintext><b>x", "<b>x", ""),
    ],
)
def test_html(document: str, displayed: str, hidden: str) -> None:
    shown = html.read(document)
    assert (shown.displayed, shown.hidden) == (displayed, hidden)


def test_normal_form() -> None:
    assert normalise("plain") == "plain"
    assert normalise("Vi\u200bag\u00adra") == "Viagra"
    assert normalise("Ｖｉａｇｒａ") == "Viagra"
    assert normalise("a\u0308") == "ä"
    assert normalise("ﬁne") == "fine"
    long = "日本語テキスト" * 500
    assert normalise(long) == long
    assert normalise("e\u0301" * 1000) == "é" * 1000


def test_uu_lines_with_cut_blanks() -> None:
    octets = b"\0" * 45 + b"abc"
    lines = b"".join(binascii.b2a_uu(octets[at : at + 45]) for at in (0, 45)).replace(b"`", b" ").replace(b" \n", b"\n")
    content, _, count = blocks.uudecode(lines + b"end\n")
    assert count == 2
    assert content.endswith(b"abc")


@given(
    st.lists(
        st.sampled_from(["a" * 700, "b =<", "\n", "\u0301", "\u00e9", "\u00ad", "\u1100\u1161", "\uffa0", "\u2800", "\ufb01"]),
        max_size=40,
    )
)
def test_a_long_text_is_normalised_as_one(pieces: list[str]) -> None:
    text = "x" * 3_000 + "".join(pieces)
    composed = unicodedata.normalize("NFKC", IGNORABLE.sub("", text.replace("\u2800", " ")))
    assert normalise(text) == IGNORABLE.sub("", composed)


def test_what_is_full_of_equals_signs_is_not_also_taken_for_base64() -> None:
    body = b"=41=42=43=00" * 50
    mail = b"From: a@b.example\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: %s\r\n\r\n" + body
    (misspelt,) = Anatomy(mail % b"quoted-printabel").leaves
    assert misspelt.contents(Ledger(Budget(), len(mail))) == (b"ABC\0" * 50, body)
    # Where a field names it, a reader undoes it.
    (named,) = Anatomy(mail.replace(body, b"QUJD\r\nQQ==\r\n" * 50) % b"quoted-printable, base64").leaves
    assert any(one.startswith(b"ABCA") for one in named.contents(Ledger(Budget(), len(mail))))


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("before", [b"", b"some words", b"QUJD" * 7])
@pytest.mark.parametrize("behind", [b"", b"\r\n\r\nmore words"])
def test_base64_outside_of_the_parts_is_found_on_any_line(end: bytes, before: bytes, behind: bytes) -> None:
    program = b"MZ" + bytes(range(256)) * 4
    lines = base64.encodebytes(program).replace(b"\n", end).rstrip()
    preamble = (before + end + end if before else b"") + lines + behind
    mail = b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="B"\r\n\r\n' + preamble + b"\r\n--B\r\n\r\nx\r\n--B--\r\n"
    assert program in [one.octets() for one in Anatomy(mail).attachments]


def test_of_many_declared_charsets_the_last_is_read_and_that_not_all_are_is_said() -> None:
    charsets = (b"us-ascii", b"utf-8", b"koi8-r", b"cp1251", b"cp1250", b"utf-7")
    fields = b"".join(b"Content-Type: text/plain; charset=" + charset + b"\r\n" for charset in charsets)
    anatomy = Anatomy(TOP + fields + b"\r\n+AG4-ightjar")
    assert "nightjar" in {text.text for text in anatomy.texts}
    assert Defect.TEXT_TRUNCATED in {one.defect for one in anatomy.all_defects()}


def test_soft_breaks_of_a_message_in_lf_are_none_of_damage() -> None:
    letter = (
        b"From: a@example.net\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/html\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n<p>night=\njar=C3=BC</p>\n--B\n"
        b"Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.4\n--B--\n"
    )
    for octets in (letter, letter.replace(b"\n", b"\r\n")):
        anatomy = Anatomy(attached(octets, "a.eml"))
        assert {one.defect for one in anatomy.all_defects()} <= {Defect.BARE_LF_IN_HEADER}
        assert any("nightjar" in text.text for text in anatomy.texts)
    mixed_ends = letter.replace(b"\n", b"\r\n").replace(b"=\r\n", b"=\n")
    assert Defect.DAMAGED_TEXT in {one.defect for one in Anatomy(attached(mixed_ends, "a.eml")).all_defects()}


BASE64, QUOTED = b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"
CARELESS = [
    (QUOTED, b"<p>Gr=c3=bc=c3=9fe=\nx"),
    (QUOTED, b"x= \r\ny=\t\r\nz=\r\n"),
    (
        BASE64,
        b64(b"Hello there, all of you.") + b"\r\n_______________\r\nThis list is run by volunteers, see https://x.example\r\n",
    ),
    (b"Content-Transfer-Encoding: 7bit\r\n" + QUOTED, b"x=\r\ny"),
]


@pytest.mark.parametrize(("fields", "body"), CARELESS)
@pytest.mark.parametrize("kind", [b"text/plain", b"text/html; charset=utf-8"])
def test_a_careless_body_is_held_for_no_file_beside_it(fields: bytes, body: bytes, kind: bytes) -> None:
    note = b"Content-Type: " + kind + b"\r\n" + fields + b"\r\n" + body
    content = mixed(note, b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4")
    found = {one.defect for one in Anatomy(content).all_defects()} - {Defect.WRONG_CHARSET}
    assert found <= {Defect.DAMAGED_TEXT, Defect.SLOPPY_QUOTED_PRINTABLE}
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD
    named = mixed(note.replace(kind, b"text/plain; name=a.dat"))
    assert screened(safety(), named).verdicts[0].action is Action.HOLD


def test_a_body_in_which_some_reader_finds_a_file_is_held() -> None:
    body = b64(PROGRAM[:1]) + b64(PROGRAM[1:])
    content = mixed(b"Content-Type: text/plain\r\n" + BASE64 + b"\r\n" + body)
    assert Defect.DAMAGED_BASE64 in {one.defect for one in Anatomy(content).all_defects()}
    assert screened(safety(), content).verdicts[0].action is Action.HOLD
