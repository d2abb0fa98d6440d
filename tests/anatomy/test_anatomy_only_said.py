"""What only says that it is encrypted is opened: some program opens it, too. Encrypted files themselves are no defect."""

import gzip
import random
from collections.abc import Callable

import pytest
from fakes.evasions.containers import encrypted_zip, said_encrypted_zip, zipped
from fakes.evasions.judging import safety, screened
from fakes.locked_archives import LOCK_FIVE, File, rar_five, rar_four, seven
from fakes.odd_mail import NAME, PROGRAM, attached
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy.containers import unpacking
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

INNER = zipped((NAME, PROGRAM))
GZIP = gzip.compress(INNER)
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


PLAIN = File("docs.gz", GZIP)
SAID = File("docs.gz", GZIP, locked=True)
TRUE = File("a.dat", b"x" * 60, locked=True, packed=NOISE.randbytes(64))


def found(octets: bytes, name: str) -> tuple[dict[str, bool], set[Defect], Action]:
    """What is in it, and whether it is encrypted; the defects; what the shipped rules do."""
    mail = attached(octets, name)
    anatomy = Anatomy(mail)
    inside = {one.names[0]: one.encrypted for one in anatomy.attachments if one.depth and one.names}
    return inside, {one.defect for one in anatomy.all_defects()}, screened(safety(), mail).verdicts[0].action


@pytest.mark.parametrize(
    "octets",
    [
        rar_four(SAID),
        rar_four(PLAIN, list_locked=True),
        rar_four(TRUE, SAID),
        rar_five(SAID),
        rar_five(PLAIN, before=LOCK_FIVE),
        rar_five(PLAIN, behind_main=LOCK_FIVE),
        rar_five(TRUE, SAID, TRUE),
        rar_five(File("docs.gz", GZIP, locked=True, has_checksum=False)),
    ],
    ids=range(8),
)
def test_a_rar_that_only_says_it_is_encrypted(octets: bytes) -> None:
    inside, defects, action = found(octets, "a.rar")
    assert not inside["docs.gz"]
    assert NAME in inside
    assert defects == {Defect.CONTAINER_AMBIGUOUS}
    assert action is Action.HOLD


@pytest.mark.parametrize(
    "octets",
    [
        rar_four(TRUE),
        rar_four(TRUE, TRUE),
        rar_five(TRUE),
        rar_five(TRUE, TRUE, TRUE),
        rar_five(File("a.dat", b"x" * 64, locked=True, packed=NOISE.randbytes(64), has_checksum=False)),
        rar_five(before=LOCK_FIVE + NOISE.randbytes(3_000)),
        seven(TRUE),
        seven(TRUE, TRUE),
    ],
    ids=range(8),
)
def test_an_archive_that_is_encrypted(octets: bytes) -> None:
    inside, defects, action = found(octets, "a.rar" if octets.startswith(b"Rar") else "a.7z")
    assert Anatomy(attached(octets, "a.rar")).attachments[0].encrypted
    assert all(inside.values())
    assert not defects
    assert action is Action.FORWARD


@pytest.mark.parametrize("pack", [rar_four, rar_five, seven])
@pytest.mark.parametrize("behind", [1, 2])
def test_what_lies_behind_encrypted_members_is_found(pack: Callable[..., bytes], behind: int) -> None:
    files = (File("a.txt", b"hello"), TRUE) * behind
    inside, defects, _ = found(pack(*files, PLAIN), "a.dat")
    assert inside["a.dat"]
    assert not inside["docs.gz"]
    assert NAME in inside
    assert not defects


def test_members_that_are_never_reached_are_told() -> None:
    assert found(seven(*(File("a.txt", b"hello"), TRUE) * 20, PLAIN), "a.7z")[1] == {Defect.CONTAINER_METHOD}


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damage_anywhere_raises_nothing(data: st.DataObject) -> None:
    octets = bytearray(
        data.draw(st.sampled_from([rar_four(TRUE, SAID, PLAIN), rar_five(TRUE, SAID, PLAIN), seven(PLAIN, TRUE, PLAIN)]))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    found(bytes(octets[: data.draw(st.integers(1, len(octets)))]), "a.rar")
