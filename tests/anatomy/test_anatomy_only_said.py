"""What only says that it is encrypted is opened: some program opens it, too. Encrypted files themselves are no defect."""

import random

import pytest
from fakes.evasions.containers import encrypted_zip, said_encrypted_zip
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached, zipped

from screener.anatomy.containers import unpacking
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

INNER = zipped((NAME, PROGRAM))
NOISE = random.Random(1)


@pytest.mark.parametrize("flags", [0x40, 1, 0x41])
@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize(("name", "content"), [("docs.zip", INNER), ("docs.zip", INNER + bytes(100_000)), ("a.bat", b"calc")])
def test_a_zip_that_only_says_it_is_encrypted(name: str, content: bytes, flags: int, method: int) -> None:
    mail = attached(said_encrypted_zip(name, content, flags, method), "a.zip")
    anatomy = Anatomy(mail)
    assert [one.octets() == content for one in anatomy.attachments if one.depth == 1] == [True]
    assert name != "docs.zip" or any(NAME in one.names for one in anatomy.attachments)
    assert not any(one.encrypted for one in anatomy.attachments)
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in anatomy.all_defects()}
    assert screened(safety(), mail).verdicts[0].action is Action.HOLD


def test_a_zip_with_a_method_for_the_encrypted_that_is_not_said_to_be() -> None:
    """No program opens it (method 99 without the flag), and what it is cannot be said."""
    mail = attached(said_encrypted_zip("docs.zip", INNER, flags=0, method=99), "a.zip")
    assert screened(safety(), mail).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("content", [b"", b"a", INNER, NOISE.randbytes(3_000)])
def test_a_zip_that_is_encrypted(content: bytes) -> None:
    mail = attached(encrypted_zip("a.dat", content), "a.zip")
    anatomy = Anatomy(mail)
    assert anatomy.attachments[-1].encrypted
    assert not anatomy.all_defects()
    assert screened(safety(), mail).verdicts[0].action is Action.FORWARD


def test_noise_is_not_taken_for_deflated_data() -> None:
    whole = 0
    for size in range(14, 2_000):
        found = unpacking.unpack(NOISE.randbytes(size), 8, 4096)
        assert len(found.content) < 4096
        whole += found.is_whole and found.end == size and len(found.content) >= 64
    assert whole == 0
