"""Headers, parameters, encoded words, names: the forms that mail really has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy import disguise, names
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.html import page as html_page
from screener.anatomy.html import reader as html
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.mime import addresses, encoded_words, headers, parameters
from screener.anatomy.mime.fields import Headers
from screener.anatomy.text import normalise, with_blanks


def read(block: bytes, top: bool = True) -> tuple[Headers, set[Defect]]:
    ledger = Ledger(Budget(), len(block))
    found = headers.read(block, 0, len(block), ledger, "headers", top=top)
    return found, {one.defect for one in ledger.found}


def pairs(found: Headers) -> list[tuple[str, str]]:
    return [(field.name, field.unfolded) for field in found]


def test_plain_fields_in_order_with_the_offset_of_the_body() -> None:
    block = b"From: a@b\r\nSubject: one\r\n two\r\nX-Empty:\r\n\r\nbody"
    found, defects = read(block)
    assert pairs(found) == [("From", "a@b"), ("Subject", "one two"), ("X-Empty", "")]
    assert block[found.body_start :] == b"body"
    assert not defects


def test_line_feeds_alone_end_lines_too() -> None:
    block = b"From: a@b\nSubject: one\n\ttwo\n\nbody"
    found, defects = read(block)
    assert pairs(found) == [("From", "a@b"), ("Subject", "one two")]
    assert block[found.body_start :] == b"body"
    assert defects == {Defect.BARE_LF_IN_HEADER}


def test_a_block_without_an_end() -> None:
    found, defects = read(b"From: a@b\r\nSubject: x\r\n")
    assert pairs(found) == [("From", "a@b"), ("Subject", "x")]
    assert found.body_start == 23
    assert defects == {Defect.MISSING_BODY_SEPARATOR}


def test_an_empty_block() -> None:
    found, defects = read(b"\r\nbody")
    assert pairs(found) == []
    assert found.body_start == 2
    assert not defects


@pytest.mark.parametrize(
    ("line", "name", "defect"),
    [
        (b"Content-Type : text/html", "Content-Type", Defect.SPACE_BEFORE_COLON),
        (b"Content-Type\t: text/html", "Content-Type", Defect.SPACE_BEFORE_COLON),
        (b"Content-Type(x): text/html", "Content-Type", Defect.ODD_FIELD_NAME),
        (b"Content-Type\r\n : text/html", "Content-Type", Defect.ODD_FIELD_NAME),
        (b"Content-\xa0Type: text/html", "Content-Type", Defect.ODD_FIELD_NAME),
        (b"Content- Type: text/html", "Content-Type", Defect.ODD_FIELD_NAME),
        (b"X: a\r\n Content-Type: text/html", "Content-Type", Defect.INDENTED_FIELD),
        (b"X: a\rContent-Type: text/html", "Content-Type", Defect.BARE_CR_IN_HEADER),
    ],
)
def test_fields_only_tolerant_readers_see(line: bytes, name: str, defect: Defect) -> None:
    found, defects = read(b"From: a@b\r\n" + line + b"\r\n\r\n")
    assert [field.text for field in found.get(name.lower())] == ["text/html"]
    assert defect in defects


@pytest.mark.parametrize(
    "line",
    [
        b"DKIM-Signature: h=Date:From:\r\n Content-Type:MIME-Version;\r\n Content-Disposition:x; b=abc",
        b"DKIM-Signature: h=Date:From:\r\n Content-Transfer-Encoding:date",
        b"X-Seen: From\r\n Content-Type:b",
    ],
)
def test_lists_of_fields_are_no_indented_fields(line: bytes) -> None:
    found, defects = read(line + b"\r\n\r\n")
    assert [field.name for field in found] == [line.partition(b":")[0].decode()]
    assert not defects


def test_junk_lines_end_the_header_for_some() -> None:
    block = b"From: a@b\r\njunk here\r\nSubject: x\r\n\r\nbody"
    found, defects = read(block)
    assert pairs(found) == [("From", "a@b"), ("Subject", "x")]
    assert [block[at:] for at in found.early_ends] == [b"junk here\r\nSubject: x\r\n\r\nbody"]
    assert defects == {Defect.INVALID_HEADER}


def test_a_line_of_blanks_ends_the_header_for_some() -> None:
    block = b"From: a@b\r\n \r\nSubject: x\r\n\r\nbody"
    found, defects = read(block)
    assert [field.name for field in found] == ["From", "Subject"]
    assert [block[at:] for at in found.early_ends] == [b"Subject: x\r\n\r\nbody"]
    assert defects == {Defect.BLANK_FOLDED_LINE}


def test_what_stands_before_the_header_is_skipped_once() -> None:
    for before, defect in (
        (b"From a@b Mon Jan 1\r\n", Defect.MBOX_FROM_LINE),
        (b">From a@b Mon Jan 1\r\n", Defect.MBOX_FROM_LINE),
        (b"\xef\xbb\xbf", Defect.BOM_BEFORE_HEADER),
        (b"\r\n\r\n", Defect.BLANK_BEFORE_HEADER),
    ):
        found, defects = read(before + b"Subject: x\r\n\r\nbody")
        assert pairs(found) == [("Subject", "x")]
        assert defects == {defect}


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("=?utf-8?Q?a=C3=A4_b?=", "aä b"),
        ("=?UTF-8?b?w6Q=?=", "ä"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= b", "a b"),
        ("=?iso-8859-1*de?Q?=E4?=", "ä"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"),
        ("=?iso-2022-jp?B?GyRCMFxGMBsoQg==?=", "移動"),
        ("=?utf-8?B?YQ?=", "a"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("x=?utf-8?Q?a?=y", "xay"),
        ("=?nothing?Q?a?=", "a"),
    ],
)
def test_encoded_words(text: str, decoded: str) -> None:
    assert encoded_words.decode(text) == decoded
    assert encoded_words.readings(text)[0] == decoded


@pytest.mark.parametrize(
    ("text", "name", "first"),
    [
        ("text/plain; charset=utf-8", "charset", "utf-8"),
        ('text/plain; charset="utf-8"', "charset", "utf-8"),
        ('a/b; boundary="=_x y;z"', "boundary", "=_x y;z"),
        ('a/b; name="a\\"b"', "name", 'a"b'),
        ("a/b; name*=utf-8''%e2%82%ac.txt", "name", "€.txt"),
        ("a/b; name*0=a; name*1=b", "name", "ab"),
        ("a/b; name*1=b; name*0=a", "name", "ab"),
        ("a/b; name*0*=utf-8''%e2%82; name*1*=%ac", "name", "€"),
        ("a/b; NAME=x", "name", "x"),
        ("a/b (comment); name=(c)x", "name", "x"),
        ("a/b; name=x (c;name=y)", "name", "x"),
        ("attachment; filename=a b.txt", "filename", "a b.txt"),
        ("attachment;filename=x;", "filename", "x"),
        ("filename=x", "filename", "x"),
        ("a/b; name=", "name", ""),
    ],
)
def test_the_likeliest_reading_of_a_parameter_comes_first(text: str, name: str, first: str) -> None:
    found = parameters.read(text).readings(name)
    assert found[:1] == (first,)


@pytest.mark.parametrize(
    ("text", "name", "reading"),
    [
        ("a/b; name=x; name=y", "name", "y"),
        ("a/b; name=x; name*=utf-8''y", "name", "x"),
        ('a/b; title="x;name=y"', "name", "y"),
        ('a/b; name="x', "name", "x"),
        ('a/b; name="C:\\x"', "name", "C:\\x"),
        ("a/b; name=a b.txt", "name", "a"),
        ("a/b; name*0=a; name*0=b; name*1=c", "name", "bc"),
        ("a/b; name*0=a; name*0=b; name*1=c", "name", "ac"),
        ("a/b; name=%41.txt", "name", "A.txt"),
        ("a/b; name=utf-8''x%41", "name", "xA"),
        ("a/b; name*=''%3D%3Futf-8%3FQ%3Fev%3D69l%2Ejs%3F%3D", "name", "evil.js"),
        ("a/b; name*=utf-8''%3D%3Futf-8%3FB%3FZXZpbC5qcw%3D%3D%3F%3D", "name", "evil.js"),
        ("a/b; name*0*=''%3D%3Futf-8%3FQ%3Fev; name*1*=%3D69l%2Ejs%3F%3D", "name", "evil.js"),
        ("a/b; name*0*=''%3D%3Futf-8%3FQ%3Fev%3D69l%2Ejs%3F%3D; name*2*=.txt", "name", "evil.js"),
        ("a/b; name=%3D%3Futf-8%3FQ%3Fev%3D69l%2Ejs%3F%3D", "name", "evil.js"),
    ],
)
def test_other_readings_are_there_too(text: str, name: str, reading: str) -> None:
    assert reading in parameters.read(text).readings(name)


def test_values_in_all_readings() -> None:
    assert parameters.read("text/plain").values == ("text/plain",)
    assert "multipart/mixed" in parameters.read("mul(c)tipart/mixed; boundary=x").values
    assert parameters.read("").value == ""


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.exe", "exe"),
        ("a.EXE", "exe"),
        ("a.exe.", "exe"),
        ("a.exe . .", "exe"),
        ("a.pdf      .exe", "exe"),
        ("a.exe::$DATA", "exe"),
        ("a.exe:x:$DATA", "exe"),
        ("c:\\a.b\\x.exe", "exe"),
        ("a.exe\0.txt", "exe"),
        ("a．ｅｘｅ", "exe"),
        ("a.e\u00adxe", "exe"),
        ("a\u202efdp.exe", "exe"),
        ("a.exe/", "exe"),
        ("a.tar.gz", "gz"),
        ("a.exe.txt", "exe"),
        (".exe", "exe"),
        ('a.exe"', "exe"),
        ("a.exe?", "exe"),
        ("a.exe*|", "exe"),
        ("a.exe ?. <", "exe"),
        ("a.e?xe", "exe"),
        ("a?.exe:Zone|", "exe"),
    ],
)
def test_every_ending_of_a_name(name: str, ending: str) -> None:
    assert ending in names.extensions(names.forms([name], 20))


def test_names_without_endings_have_none() -> None:
    assert names.extensions(["readme", "a.", "a. ", "x." + "y" * 100]) == frozenset()


def test_disguises() -> None:
    assert disguise.hides_ending(["a\u202efdp.exe"])
    assert disguise.hides_ending(["a.pdf" + " " * 40 + ".exe"])
    assert disguise.hides_ending(["a.exe\0.txt"])
    assert not disguise.hides_ending(["Bericht (2).final.pdf", "Übersicht 2024.xlsx"])


@pytest.mark.parametrize(
    "text",
    [
        "spammer((a)b)@bad.example",
        "<spammer@((a)b)bad.example>",
        "<spammer@bad(a(b(c)d)).example>",
        "spammer@bad . example",
        "Some One <spammer@bad. example>",
        "spammer @ bad\t.\texample",
        '"a(" <spammer@bad.example> (")',
    ],
)
def test_comments_and_blanks_hide_no_address(text: str) -> None:
    assert "spammer@bad.example" in addresses.mailboxes([text])
    assert "spammer@bad.example" in addresses.mailboxes([f"Good One <good@fine.example>, {text}"])


@pytest.mark.parametrize("blank", "\u2800\u3164\u115f\u1160\uffa0")
def test_what_some_show_as_a_blank_is_one_and_none(blank: str) -> None:
    assert with_blanks(f"project{blank}nightjar") == "project nightjar"
    shown_by_others = "project nightjar" if blank == "\u2800" else "projectnightjar"
    assert normalise(f"project{blank}nightjar") == shown_by_others
    assert normalise(f"project{blank}nightjar" + "\xe4" * 600).startswith(shown_by_others)


@pytest.mark.parametrize(
    "document",
    [
        '<p style="display:/**/none">x</p>',
        '<p style="display:\\6eone">x</p>',
        '<p style="d\\isplay:none/*">x</p>',
        '<p style="font-size:1px">x</p>',
        "<style>.a{display:/*}*/none}</style><b class=a>x</b>",
    ],
)
def test_styles_hide_however_they_are_written(document: str) -> None:
    assert html.read(document) == html_page.Shown("", "x")


def test_a_frame_shows_the_document_it_brings() -> None:
    document = '<iframe srcdoc="<p>project &lt;b&gt;nightjar</p>"></iframe>'
    assert html.read(document).displayed == "project nightjar"
    assert html.read('<p style="font-size:11px">x</p><p style="font-size:1.2px">y').displayed == "x\ny"


@given(st.from_regex(r'\A(?:"[A-Za-z _-]{0,9}"|[A-Za-z _-]{0,9}) ?<?[a-z._=-]{1,9}@[a-z.-]{1,9}>?[ .>]?\Z'))
def test_a_plain_mailbox_is_read_as_any_other(text: str) -> None:
    # Two readings are never taken for plain.
    assert addresses.mailboxes((text,)) == addresses.mailboxes((text, text))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("=?utf-8?B?ZXZpbC5leG?= =?utf-8?B?U=?=", True),
        ("=?utf-8?B?ZXZpbC5leG?=\t =?UTF-8?b?U=?=", True),
        ("=?utf-8?B?ZXZp?= =?utf-8?B?bC5leGU=?=", False),
        ("=?utf-8?B?ZXZpbC5leG?= of =?utf-8?B?U=?=", False),
        ("=?utf-8?B?ZXZpbC5leG?= =?utf-7?B?U=?=", False),
        ("=?utf-8?B?ZXZpbC5leG?= =?utf-8?Q?U=?=", False),
        ("=?utf-8?B?ZXZpbC5leGU?=", False),
        ("evil.exe", False),
    ],
)
def test_base64_cut_within_a_quantum_is_told_from_words(text: str, cut: bool) -> None:
    assert encoded_words.is_cut(text) is cut
    assert not cut or encoded_words.readings(text)[0] == "evil.exe"


def test_words_that_are_whole_still_make_several_names() -> None:
    name = b"=?utf-8?B?YS5leGU=?= =?utf-8?B?LnBkZg==?="
    content = b'Content-Type: a/b; name="' + name + b'"\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nx'
    assert Defect.SEVERAL_NAMES in {one.defect for one in Anatomy(content).all_defects()}


@pytest.mark.parametrize("within", ["=00", "=0D=0A", "=0A", "=0D"])
def test_what_ends_no_line_in_an_encoded_word_parts_no_word_for_some(within: str) -> None:
    subjects = Anatomy(f"Subject: =?utf-8?Q?night{within}jar?=\r\n\r\nx".encode()).subjects
    assert "nightjar" in subjects
    assert subjects[0] != "nightjar"
