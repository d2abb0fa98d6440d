"""A name in pieces of which one lacks or is doubled, or with blanks and no quotes: readers end it differently."""

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import B64, b64, mixed

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action


def letter(parameters: str) -> bytes:
    """A mail with a file that is called so."""
    head = f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {parameters}\r\n".encode()
    return mixed(b"Content-Type: text/plain\r\n\r\nhello", head + B64 + b"\r\n" + b64(b"%PDF-1.4\n%%EOF\n"))


def is_held(content: bytes) -> bool:
    """By the shipped safety rules."""
    return screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    "parameters",
    [
        "filename*0=a.pdf; filename*2=.zip",
        "filename*0=rep.zip; filename*0=a; filename*1=.pdf",
        "filename*0=a.; filename*1=pdf; filename*3=.zip",
        "filename*0=a.pdf; filename*1=; filename*5=.zip",
        "filename*0=a.zip; filename*0=b.pdf",
        "filename*0*=utf-8''a%2Epdf; filename*2*=%2Ezip",
        "filename=a.pdf .zip",
        "filename=a.pdf b.zip",
    ],
)
def test_readers_that_end_a_name_differently_see_several(parameters: str) -> None:
    for content in (
        letter(parameters),
        letter("x=y").replace(b"octet-stream", b"octet-stream; " + parameters.replace("file", "").encode()),
    ):
        assert Defect.SEVERAL_NAMES in {one.defect for one in Anatomy(content).all_defects()}
        assert is_held(content)


@pytest.mark.parametrize(
    "parameters",
    [
        'filename*0="Protokoll vom 12. Maerz.a"; filename*1="nlagen.pdf"',
        'filename*1="nlagen.pdf"; filename*0="Protokoll vom 12. Maerz a"',
        'filename*0="Proto"; filename*0="Proto"; filename*1="koll.pdf"',
        "filename*0*=utf-8''abc%20; filename*1*=d.pdf; filename*0=abc; filename*1=d.pdf",
        "filename=Rechnung Nr. 5.pdf",
        "filename=Prof.Dr. Meier.pdf",
        "filename=z.B. St.Gallen v1.2 Plan.pdf",
        "filename=Anlage1.pdf und Anlage2.pdf",
        'filename="a.doc als b.pdf"',
    ],
)
def test_a_name_that_ends_the_same_to_all_is_one(parameters: str) -> None:
    assert not is_held(letter(parameters)), Anatomy(letter(parameters)).all_defects()
