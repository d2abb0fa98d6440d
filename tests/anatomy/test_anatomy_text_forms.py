"""Texts in forms of their own: RTF, calendars and cards of the first versions, flowed lines, header fields that came back."""

import pytest
from fakes.odd_mail import TOP, attached, mixed

from screener.anatomy import invitation
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.rtf import text as rtf_text
from screener.anatomy.text import TextKind


def bodies(content: bytes) -> str:
    return "\n".join(text.text for text in Anatomy(TOP + content).texts)


@pytest.mark.parametrize(
    "source",
    [
        r"{\rtf1 night{\v xyz}jar}",
        r"{\rtf1 night\v xyz\v0 jar}",
        r"{\rtf1 night\v xyz\plain jar}",
        r"{\rtf1\uc2 nigh\u116 xyjar}",
        r"{\rtf1\uc3 nigh\u116\'41\'42xjar}",
        r"{\rtf1{\uc2 ni\u103 xy}h\u116xjar}",
        r"{\rtf1\uc0 nigh\u116 jar}",
        r"{\rtf1 night{\*\x a\}b{\b c}}jar}",
        "{\\rtf1 night{\r\n\\*\\x a}jar}",
        r"{\rtf1{\object\objemb{\*\objdata 0105}{\result nightjar}}}",
        r"{\rtf1 night{\infox jar}}",
        r"{\rtf1 x{\*\atnid A}{\*\atnauthor B}\chatn{\*\annotation{\*\atnref 1}\pard night\b jar}}",
        r"{\rtf1 x{\shp{\*\shpinst\shpleft0{\sp{\sn shapeType}{\sv 202}}{\shptxt {\rtlch night}{\b jar}}}}y}",
        r"{\rtf1 x{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv nightjar}}}}y}",
        r"{\rtf1 night{\upr{xyz}{\*\ud{j{\b a}}}}r}",
        r"{\rtf1 night{\*\a{\b{\c{zz}}}}jar}",
        r"{\rtf1 night" + r"{\*\a{\b" * 20 + " zz" + "}}" * 20 + "jar}",
        r"{\rtf1 night{\fonttbl{\f0{\*\panose 1{\x 2}}A;}}jar}",
        r"{\rtf1 night{\xe zz}jar}",
        r"{\rtf1{\info{\title night\b jar}{\author x}}x}",
        r"{\rtf1{\header \pard night{\b jar}}x}",
        r"{\rtf1\ansi{\fonttbl{\f0 A;}}nightjar}",
        r"{\rtf1 night\b{\*\x a}jar}",
        r"{\rtf1 night\b{\*\x{\y{\z{\z a}}}}jar}",
    ],
)
def test_rtf_is_read_as_it_is_shown(source: str) -> None:
    assert Anatomy(TOP + b"Content-Type: text/rtf\r\n\r\n" + source.encode()).texts[-1].text.endswith("nightjar")


def test_parameters_of_enriched_text_are_not_shown() -> None:
    texts = Anatomy(TOP + b"Content-Type: text/enriched\r\n\r\nnight<Color><param>red</param>jar</Color>").texts
    assert {"nightjar", "red"} <= {text.text for text in texts}


def test_comments_of_richtext_are_not_shown() -> None:
    assert "nightjar" in bodies(b"Content-Type: text/richtext\r\n\r\nnight<Comment>x<bold>y</bold></comment>jar")


@pytest.mark.parametrize("media", [b"text/enriched", b"text/richtext"])
@pytest.mark.parametrize("written", [b"<<night<bold></bold>jar", b"<script>night<bold>jar</script>", b"<!-- a -->night<nl-->jar"])
def test_enriched_text_has_neither_scripts_nor_comments(media: bytes, written: bytes) -> None:
    assert "nightjar" in bodies(b"Content-Type: " + media + b"\r\n\r\n" + written)


@pytest.mark.parametrize("media", [b"text/enriched", b"text/watch-html", b"text/x-amp-html"])
def test_a_page_of_a_type_that_not_all_know_is_shown_as_it_came(media: bytes) -> None:
    assert "<!-- nightjar -->" in bodies(b"Content-Type: " + media + b"\r\n\r\n<b>x</b><!-- nightjar -->")
    assert "nightjar" not in bodies(b"Content-Type: text/html\r\n\r\n<b>x</b><!-- nightjar -->")


@pytest.mark.parametrize("before", [b"", b"<?xml version='1.0'?>", b"\xef\xbb\xbf\r\n<!-- made by hand -->"])
def test_a_drawing_is_read_as_it_is_shown(before: bytes) -> None:
    drawing = before + b"<svg xmlns='http://www.w3.org/2000/svg'><text>night<tspan>jar</tspan></text></svg>"
    assert "nightjar" in {text.text for text in Anatomy(attached(drawing, "a.svg")).attachment_texts}


def test_notes_of_rtf_part_no_word() -> None:
    source = rb"{\rtf1 night{\super\chftn{\footnote zz}}{\*\annotation yy{\footnote xx}}{\deleted ww}jar}"
    assert "nightjar\n zz\n yy\n ww\n xx" in bodies(b"Content-Type: text/rtf\r\n\r\n" + source)


@pytest.mark.parametrize(
    "source",
    [
        r"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}{\f1\fnil\fcharset204{\*\panose 1}B;}}{\f1 \'ed\'ee}\f0\'e4{\f1\b\'f7\'fc}}",
        r"{\rtf1\ansi{\fonttbl{\f0\cpg1252 A;}{\f1\fnil\fcharset0\cpg1251 B;}}\f1 \'ed\'ee\f0\'e4\f1\'f7\'fc}",
        r"{\rtf1\ansi\deff1{\fonttbl\f0\fswiss A;\f1\fnil\fprq2 \fcharset204 B;}\'ed\'ee{\f0\'e4\plain\'f7}\'fc}",
        r"{\rtf1\ansi\deff1{\fonttbl{\f0\fswiss A Cyr B;}{\f1\fswiss{\*\panose 1}A Cyr{\*\falt A};}}\'ed\'ee{\f0\'e4}\'f7\'fc}",
        r"{\rtf1\ansi{\fonttbl\f0 A;\f1\fcharset0 A CYR ;}\f1 \'ed\'ee\f0\'e4\f1\'f7\'fc}",
        r"{\rtf1\ansi{\cchs204\f1 \'ed\'ee}\'e4\cchs204\'f7{\'fc}}",
        r"{\rtf1\ansi\cchs204\'ed\'ee\plain\'e4\cchs204\'f7\cchs161\cchs204\'fc}",
    ],
)
def test_fonts_of_rtf_have_their_charsets(source: str) -> None:
    assert rtf_text.read(source, Ledger(Budget(), 100), "a")[1] == "ноäчь"


@pytest.mark.parametrize(
    ("name", "octet", "letter"),
    [
        ("A CE", "b9", "ą"), ("A Greek", "e1", "α"), ("A Tur", "fe", "ş"), ("A (Hebrew)", "e0", "א"), ("A (Arabic)", "c7", "ا"),
        ("A Baltic", "e0", "ą"), ("A (Vietnamese)", "fe", "₫"),
    ],
)  # fmt: skip
def test_fonts_of_rtf_are_for_what_their_names_say(name: str, octet: str, letter: str) -> None:
    source = rf"{{\rtf1{{\fonttbl{{\f7 {name};}}}}\f7\'{octet}}}"
    assert rtf_text.read(source, Ledger(Budget(), 100), "a")[1:] == (letter,)


def test_a_charset_of_rtf_that_only_some_heed_is_one_more_reading() -> None:
    source = r"{\rtf1{\fonttbl{\f1\fcharset161 A;}}\f1\cchs204\'e1}"
    assert rtf_text.read(source, Ledger(Budget(), 100), "a") == ("á", "α", "б")


def test_what_ends_like_a_font_outside_the_list_of_fonts_is_none() -> None:
    assert len(rtf_text.read(r"{\rtf1{\f1 A Cyr;}\f1\'ed}", Ledger(Budget(), 100), "a")) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"night\htmlrtf xx\htmlrtf0 jar", "nightjar"),
        (r"{\*\htmltag64 <p>}{\*\htmltag84 night}\htmlrtf {\b\htmlrtf0 {\*\htmltag84 <b>jar</b>}{\*\mhtmltag84 x}", "nightjar"),
        (r"{\*\htmltag84 night&#106;}\htmlrtf {\f1\htmlrtf0 ar <b & c\par\htmlrtf }\htmlrtf0", "nightjar <b & c"),
        (r"night{\htmlrtf xx}jar", "nightjar"),
        (r"\uc2{\*\htmltag84 night\u106 xx}ar", "nightjar"),
        ("{\\*\r\n\\htmltag84 {night}}jar", "nightjar"),
    ],
)
def test_html_that_is_wrapped_in_rtf(source: str, text: str) -> None:
    head = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: text/rtf\r\n\r\n"
    wrapped = "{\\rtf1" + "\r\n" * 1000 + r"\ansi\fromhtml1 \deff0{\fonttbl{\f0 A;}} " + source + "}"
    texts = Anatomy(head + wrapped.encode()).texts
    assert (text, "as RTF") in [(one.text, one.view) for one in texts if one.kind is TextKind.HTML]


def test_what_rtf_hides_is_a_text_too() -> None:
    assert "nightjar" in bodies(b"Content-Type: text/rtf\r\n\r\n{\\rtf1 a{\\v night{\\b jar}}b}")


def test_rtf_is_in_its_code_page_and_beyond_the_first_plane() -> None:
    ledger = Ledger(Budget(), 100)
    assert rtf_text.read(r"{\rtf1\ansicpg1251 \'ed\'ee\'f7\'fc \u-10179?\u-8704?}", ledger, "a") == ("ночь \U0001f600",)


@pytest.mark.parametrize(
    "source",
    [
        r"{\rtf1\ansicpg932 \'83e\'83\\\'83g}",
        "{\\rtf1" + "\r\n" * 1000 + r"\ansicpg932 \'83\'65\'83\'5c\'83\'67}",
        "{\\rtf1{\\fonttbl{\\f1\\fcharset128 A;}}\\f1 \\'83e\\'83\r\n\\'5c\\'83g}",
    ],
)
def test_characters_of_two_octets_may_have_the_second_as_a_letter(source: str) -> None:
    assert "\u30c6\u30bd\u30c8" in rtf_text.read(source, Ledger(Budget(), 100), "a")


def test_steps_of_all_rtf_together_are_bounded() -> None:
    ledger = Ledger(Budget(), 100)
    for _ in range(3):
        shown = rtf_text.read("{\\rtf1 night{\\v x}jar" + "{\\b a}" * 20_000 + "nightjar}", ledger, "a")
        assert all(text.endswith("nightjar") for text in shown)
    assert ledger.rtf_steps == 0
    assert [one.defect for one in ledger.found] == [Defect.TEXT_TRUNCATED]


@pytest.mark.parametrize("kind", [b"VCALENDAR", b"VCARD"])
@pytest.mark.parametrize(
    "line",
    [
        b"DESCRIPTION;ENCODING=QUOTED-PRINTABLE:night=6Aar",
        b"DESCRIPTION;QUOTED-PRINTABLE:night=\r\njar",
        b"DESCRIPTION;CHARSET=koi8-r;ENCODING=QUOTED-PRINTABLE:=CE=CF=DE=D8 nigh=\r\n=74jar",
        b'DESCRIPTION;encoding="quoted-printable";charset=utf-8:n=69gh=\r\n=\r\ntjar=20',
    ],
)
def test_calendars_and_cards_in_quoted_printable(kind: bytes, line: bytes) -> None:
    file = b"BEGIN:" + kind + b"\r\nVERSION:1.0\r\n" + line + b"\r\nEND:" + kind + b"\r\n"
    anatomy = Anatomy(attached(file, "a.vcs"))
    (_, shown) = anatomy.attachment_texts
    assert "nightjar" in shown.text
    assert ("ночь" in shown.text) == (b"koi8" in line)
    assert shown.text.splitlines()[-1] == "END:" + kind.decode()


@pytest.mark.parametrize(
    "line",
    [
        b"X-ALT-DESC;FMTTYPE=text/html:the night<b>jar</b>\\n",
        b'X-ALT-DESC;FMTTYPE="text/html";X="a:b":<p>the night<i hidden>x\r\n y</i>jar',
        b"STYLED-DESCRIPTION;VALUE=TEXT;FMTTYPE=text/html:the night<!-- x -->jar",
        b"DESCRIPTION:the night<b></b>jar",
        b"DESCRIPTION;ENCODING=QUOTED-PRINTABLE:night=3Cb>j=\r\nar",
    ],
)
def test_descriptions_in_calendars_are_read_as_pages(line: bytes) -> None:
    """Outlook and Google show them so."""
    for end in (b"\r\n", b"\n", b"\r"):
        file = (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + line + b"\r\nSUMMARY:x\r\nEND:VEVENT\r\n").replace(b"\r\n", end)
        for texts in (
            Anatomy(b"From: a@example.net\r\nContent-Type: text/calendar\r\n\r\n" + file).texts,
            Anatomy(attached(file, "a.ics")).attachment_texts,
        ):
            assert any("nightjar" in text.text for text in texts), line


def test_many_descriptions_in_a_calendar_are_all_read() -> None:
    found = invitation.pages("BEGIN:VCALENDAR\n" + "DESCRIPTION:a<b>\n" * 5_000 + "DESCRIPTION:night<b>jar\n")
    assert len(found) < 1_000
    assert "night<b>jar" in found[-1]


@pytest.mark.parametrize("text", [b"night \r\njar", b"> night \r\n> jar", b">> night \r\n>>jar", b"night \r\n jar"])
def test_flowed_lines_are_joined_quoted_or_not(text: bytes) -> None:
    for said in (b"yes", b"YES"):
        assert "nightjar" in bodies(b"Content-Type: text/plain; format=flowed; delsp=" + said + b"\r\n\r\n" + text + b"\r\n")


def test_a_subject_among_header_fields_that_came_back_is_decoded() -> None:
    fields = b"From: a@b.example\r\nSubject: =?utf-8?B?bmlnaHQ=?=\r\n =?utf-8?Q?jar?=\r\n"
    content = mixed(b"Content-Type: text/plain\r\n\r\nsorry", b"Content-Type: text/rfc822-headers\r\n\r\n" + fields)
    assert any("Subject: nightjar" in text.text for text in Anatomy(content).texts)


# Damaged as base64 in every way, and lines of quoted-printable that each of its readers shows in another way.
_DOUBTFUL = b"the night=\r\njar s=69ngs = and=20 more\r\nabcd=\r\n=3D==\r\nAAAA*BBBB= C\r\n"


@pytest.mark.parametrize("media", [b"text/plain", b"text/html"])
@pytest.mark.parametrize(
    "fields",
    [
        [b"base64", b"quoted-printable"],
        [b"quoted-printable", b"base64"],
        [b"base64, quoted-printable"],
        [b"x-uuencode", b"base64", b"quoted-printable"],
    ],
)
def test_every_reading_of_a_transfer_encoding_is_read(fields: list[bytes], media: bytes) -> None:
    header = b"".join(b"Content-Transfer-Encoding: " + field + b"\r\n" for field in fields)
    texts = bodies(b"Content-Type: " + media + b"\r\n" + header + b"\r\n" + _DOUBTFUL)
    assert "nightjar sings" in texts
    assert "AAAA*BBBB= C" in texts  # as it stands


def test_where_the_budget_ends_each_encoding_was_read_once() -> None:
    header = b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    anatomy = Anatomy(TOP + header + _DOUBTFUL, budget=Budget(text_octets=150))
    assert any("nightjar sings" in text.text for text in anatomy.texts)
    assert Defect.TEXT_TRUNCATED in {one.defect for one in anatomy.all_defects()}
