"""What costs the service's loop tens of milliseconds is left to a screening process, however short the text."""

import base64
import zlib

import pytest
from fakes.odd_mail import attached, tnef_of_rtf

from screener.anatomy.message import Anatomy, NotInline


def _pdf(keys: bytes, content: bytes) -> bytes:
    """A mail with an object stream in a PDF."""
    packed = zlib.compress(content, 9)
    return attached(
        b"%%PDF-1.7\n1 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d%b>>stream\n%b\nendstream endobj\n"
        % (len(packed), keys, packed),
        "a.pdf",
    )


COSTLY = {
    "letters that grow": b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "\ufdfa".encode() * 3_000,
    "letters in many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"".join(b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "\ufdfa".encode() * 200 + b"\r\n" for _ in range(15)),
    "letters in UTF-16": b"Content-Type: text/html; charset=utf-16-le\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(("\ufdfa " * 3_000).encode("utf-16-le")),
    "files in a calendar": b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + b"ATTACH;ENCODING=BASE64:QQ==\r\n" * 300,
    "data in a card": b"Content-Type: text/vcard\r\n\r\n" + b"a:data:,\r\n" * 300,
    "base64 before the parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + (base64.b64encode(b"\x89PNG\r\n\x1a\nno picture at all") + b"\r\n.\r\n") * 150
    + b"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n",
    "pairs that are none": b"Content-Type: text/html; charset=shift_jis\r\n\r\n" + b"\x81\xff" * 20_000,
    "words of RTF": b"Content-Type: text/rtf\r\n\r\n{\\rtf1 " + b"{\\v a}" * 7_000,
    "tags": b"Content-Type: text/html\r\n\r\n" + b"<b>" * 7_000,
    "predicted octets in a PDF": _pdf(b"/DecodeParms<</Predictor 12/Columns 1>>", b"\4\1" * 40_000),
    "names in a PDF": attached(
        b"%PDF-1.7\n" + b"".join(b"<</F %d 0 R/UF %d 0 R/EF<</F 5 0 R>>>>" % (one, one + 1) for one in range(900)) + b"5 0 obj<<>>",
        "a.pdf",
    ),
    "sheets": b"Content-Type: text/html\r\n\r\n" + b"<style>.a{display:none}</style><p class=a>x" * 2_200,
}


@pytest.mark.parametrize("kind", COSTLY)
def test_what_takes_long_goes_to_a_process(kind: str) -> None:
    def read(inline: bool) -> int:
        anatomy = Anatomy(COSTLY[kind], inline=inline)
        return len(anatomy.texts) + len(anatomy.attachments)

    assert read(inline=False)
    with pytest.raises(NotInline):
        read(inline=True)


def test_packed_rtf_goes_to_a_process_before_it_is_unpacked_whole() -> None:
    with pytest.raises(NotInline, match="more than 131072 octets of packed RTF"):
        _ = Anatomy(tnef_of_rtf(b"{\\rtf1 " + b"word " * 400_000 + b"}"), inline=True).attachments


def test_ordinary_texts_do_not() -> None:
    page = b"Content-Type: text/html; charset=utf-8\r\n\r\n" + "<p>Und so weiter … und so fort … ½ Pfund</p>\r\n".encode() * 600
    assert Anatomy(page, inline=True).texts
    calendar = b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + b"SUMMARY:Sitzung im Januar\r\n" * 2_000
    assert Anatomy(calendar, inline=True).texts
