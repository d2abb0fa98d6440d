"""PDFs with a page and a file, written as no program writes them, and what is seen of them."""

import zlib

from fakes.evasions.containers import zipped
from fakes.evasions.judging import screened, shipped
from fakes.odd_mail import attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

PACKED = zipped(("evil.exe", b"MZ" + bytes(200)))
NAMED = b"<</Type/Filespec/F(docs.zip)/UF(docs.zip)/EF<</F 6 0 R>>>>"
ROOT = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(docs.zip) 7 0 R]>>>>%b>>"
SHOWN = b"BT /F1 12 Tf 72 700 Td (the nightjar sings) Tj ET"


def stream(keys: bytes, content: bytes, begins: bytes = b"stream\n") -> bytes:
    return b"<<%b/Length %d>>\n%b%b\nendstream" % (keys, len(content), begins, content)


FILE = stream(b"/Filter/FlateDecode", zlib.compress(PACKED))

LOCK = b"<</Filter/Foo/V 9>>"  # of a way that is not known
SEALED = stream(b"/Filter/FlateDecode", bytes(range(7, 90)))


def document(
    file: bytes = FILE, *more: bytes, named: bytes = NAMED, root: bytes = ROOT % b"", trailer: bytes = b"", page: bytes = b""
) -> bytes:
    """A PDF with a page (object 4), a file (6) that is named (7), and more (from 8 on); an object may say its own number."""
    objects = [
        root,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        page or stream(b"", SHOWN),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        file,
        named,
        *more,
    ]
    body = b"".join(
        (one if b"obj" in one[:12] else b"%d 0 obj\n%b" % (number, one)) + b"\nendobj\n" for number, one in enumerate(objects, 1)
    )
    return b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R%b>>\nstartxref\n0\n%%%%EOF\n" % trailer


def seen(octets: bytes) -> Anatomy:
    return Anatomy(attached(octets, "a.pdf"))


def defects(octets: bytes) -> set[Defect]:
    return {one.defect for one in seen(octets).all_defects()}


def said(octets: bytes) -> str:
    return "\n".join(one.text for one in seen(octets).attachment_texts)


def assert_found(octets: bytes) -> None:
    assert any("evil.exe" in one.names for one in seen(octets).attachments)
    assert screened(shipped(), attached(octets, "a.pdf")).verdicts[0].action is Action.HOLD
