"""Programs by content: what has the head of one, and nothing else."""

import random
import struct

import pytest
from fakes.odd_mail import attached

from screener.anatomy.message import Anatomy


def types(octets: bytes) -> frozenset[str]:
    (attachment,) = Anatomy(attached(octets, "a.dat")).attachments
    return attachment.types


@pytest.mark.parametrize("mark", [b"MZ", b"ZM"])
@pytest.mark.parametrize("header", [b"PE\0\0", b"NE", b"LE", b"LX", b""])
def test_every_format_of_programs_is_one(mark: bytes, header: bytes) -> None:
    assert "application/x-dosexec" in types(mark + bytes(58) + struct.pack("<L", 128) + bytes(64) + header + bytes(400))


def test_noise_is_no_program() -> None:
    """A .com file has no mark: what libmagic takes for one is most often noise."""
    randomly = random.Random(6)
    jumps = [bytes((first,)) + randomly.randbytes(4_095) for first in (0xE8, 0xE9, 0xEB) for _ in range(20)]
    noise = [*jumps, *(randomly.randbytes(4_096) for _ in range(3_000))]
    assert [one[:8] for one in noise if "application/x-dosexec" in types(one)] == []
