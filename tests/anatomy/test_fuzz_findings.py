"""What fuzzing found, each made again by hand: it breaks no promise of the anatomy any more."""

import zipfile
from collections.abc import Callable

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.draft import b64

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy


def attached(octets: bytes, name: bytes) -> bytes:
    head = b"Content-Type: application/octet-stream; name=" + name + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + b64(octets)


def huge_dictionary() -> bytes:
    """A member packed with LZMA that asks for a dictionary of 4 GiB before its first octet."""
    octets = zipped(("evil.exe", b"MZ" * 500), method=zipfile.ZIP_LZMA)
    properties = octets.index(b"\x05\x00\x5d") + 3
    return attached(octets[:properties] + b"\xff\xff\xff\xff" + octets[properties + 4 :], b"a.zip")


FINDINGS: list[tuple[Callable[[], bytes], Defect]] = [(huge_dictionary, Defect.CONTAINER_METHOD)]


@pytest.mark.parametrize(("make", "defect"), FINDINGS)
def test_it_is_a_defect_and_no_more(make: Callable[[], bytes], defect: Defect) -> None:
    anatomy = Anatomy(make())
    for attachment in anatomy.attachments:
        attachment.octets()
        assert attachment.type in attachment.types or not attachment.type
    assert defect in {found.defect for found in anatomy.all_defects()}
