"""Style sheets that are parts of the mail: what they hide and add, as readers that load them show it."""

import pytest
from fakes.odd_mail import attached, mixed

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import NotInline
from screener.anatomy.message import Anatomy

PAGE = b"<p>night<i class=z>xx</i>jar"
SHEET = b".z{display:none}"
RELATED = b"Content-Type: multipart/related; boundary=BB\r\n"


def related(page: bytes, sheet: bytes = SHEET, called: bytes = b"Content-ID: <c@x>", media: bytes = b"text/css") -> bytes:
    part = b"Content-Type: " + media + b"\r\n" + called + b"\r\n\r\n" + sheet
    return mixed(b"Content-Type: text/html\r\n\r\n" + page, part, head=RELATED)


def texts(mail: bytes) -> set[str]:
    return {one.text.strip() for one in Anatomy(mail).texts}


@pytest.mark.parametrize(
    ("begin", "called"),
    [
        (b'<link rel=stylesheet href="cid:c@x">', b"Content-ID: <c@x>"),
        (b"<LINK HREF=cid:c%40x REL='StyleSheet'>", b"Content-ID: <c@x>"),
        (b'<link rel="style&#115;heet" href="&#99;id:c@x">', b"Content-ID: <c@x>"),
        (b'<style>@import "cid:c@x";</style>', b"Content-ID: <c@x>"),
        (b"<style>@import url(cid:c@x) screen</style>", b"Content-ID: <c@x>"),
        (b"<link rel=stylesheet href=s.css>", b"Content-Location: s.css"),
        (b"<link rel=stylesheet href=s.css>", b"Content-Location: http://x.example/a/s.css"),
        (b"<link rel=stylesheet href=http://x.example/a/s.css>", b"Content-Location: s.css"),
    ],
)
@pytest.mark.parametrize("media", [b"text/css", b"text/plain", b"application/octet-stream"])
def test_a_sheet_in_another_part_counts(begin: bytes, called: bytes, media: bytes) -> None:
    found = texts(related(begin + PAGE, called=called, media=media))
    assert {"nightjar", "nightxxjar"} <= found
    assert not Anatomy(related(begin + PAGE, called=called)).all_defects()


def test_what_it_adds_is_text() -> None:
    assert "nightjar" in texts(related(b"<link rel=stylesheet href=cid:c@x><p>jar", b'p::before{content:"night"}'))


def test_that_of_a_page_stored_with_its_files() -> None:
    page = related(b"<link rel=stylesheet href=cid:c@x>" + PAGE)
    assert "nightjar" in texts(attached(page, "a.mht"))


@pytest.mark.parametrize(
    "begin", [b"", b"<link rel=icon href=cid:c@x>", b"<link rel=stylesheet href=cid:d@x>", b"<a href=cid:c@x>"]
)
def test_what_no_page_leads_to_is_no_sheet(begin: bytes) -> None:
    assert "nightjar" not in texts(related(begin + PAGE))


def test_what_is_not_followed_is_told() -> None:
    begin = b"<link rel=stylesheet href=cid:c@x>"
    for mail in (
        related(begin + PAGE, b'@import "cid:d@x";'),
        related(begin + PAGE, SHEET + b" " * 200_000),
    ):
        assert Defect.TEXT_TRUNCATED in {one.defect for one in Anatomy(mail).all_defects()}


def test_sheets_that_many_pages_lead_to_are_bounded_over_the_mail() -> None:
    page = b"Content-Type: text/html\r\n\r\n<link rel=stylesheet href=cid:c>" + PAGE
    sheet = b"Content-Type: text/css\r\nContent-ID: <c>\r\n\r\n" + SHEET * 4_000
    mail = mixed(*[page] * 60, sheet, head=RELATED)
    anatomy = Anatomy(mail)
    assert sum("style sheets" in one.view for one in anatomy.texts) < 30
    assert Defect.TEXT_TRUNCATED in {one.defect for one in anatomy.all_defects()}
    with pytest.raises(NotInline):
        _ = [*Anatomy(mail, inline=True).texts]
