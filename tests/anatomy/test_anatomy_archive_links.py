"""Members of archives that are links to others: unpacked, each is a file of its own with the same octets."""

import io
import tarfile
import zipfile

import pytest
from fakes.locked_archives import File, rar_five
from fakes.odd_mail import attached

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

PAGE = b"<html><script>run()</script></html>"
ENTRIES = (
    (tarfile.LNKTYPE, "d/a.bin"),
    (tarfile.LNKTYPE, "./d//A.BIN"),
    (tarfile.SYMTYPE, "a.bin"),
    (tarfile.SYMTYPE, "../d/a.bin"),
)


def tar(*entries: tuple[str, bytes, bytes, str]) -> bytes:
    """Names, kinds, contents and where they lead to."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, content, target in entries:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(content), target
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def cpio(*entries: tuple[str, bytes]) -> bytes:
    """One file under several names (newc): its octets stand with the last."""
    out = b""
    for name, content in (*entries, ("TRAILER!!!", b"")):
        numbers = (7, 0o100644, 0, 0, len(entries), 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08x" % number for number in numbers) + name.encode() + b"\0"
        out += head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)
    return out


def contents(octets: bytes, name: str) -> dict[str, bytes]:
    return {one.names[0]: one.octets() for one in Anatomy(attached(octets, name)).attachments if one.depth}


@pytest.mark.parametrize(("kind", "target"), ENTRIES)
def test_a_link_in_a_tar_is_the_file_it_leads_to(kind: bytes, target: str) -> None:
    octets = tar(("d/a.bin", tarfile.REGTYPE, PAGE, ""), ("d/a.htm", kind, b"", target))
    assert contents(octets, "a.tar") == {"d/a.bin": PAGE, "d/a.htm": PAGE}


def test_links_lead_over_links_to_what_was_unpacked_last_before_them() -> None:
    octets = tar(
        ("a", tarfile.REGTYPE, b"harmless", ""),
        ("a", tarfile.REGTYPE, PAGE, ""),
        ("c.htm", tarfile.SYMTYPE, b"", "b"),
        ("b", tarfile.LNKTYPE, b"", "a"),
        ("round", tarfile.SYMTYPE, b"", "and-round"),
        ("and-round", tarfile.SYMTYPE, b"", "round"),
        ("folder", tarfile.SYMTYPE, b"", "f"),
        ("f/x", tarfile.REGTYPE, PAGE, ""),
        ("through.htm", tarfile.LNKTYPE, b"", "folder/x"),
        ("away", tarfile.SYMTYPE, b"", "/etc/passwd"),
        ("a", tarfile.REGTYPE, b"harmless", ""),
    )
    found = contents(octets, "a.tar")
    assert (found["b"], found["c.htm"], found["through.htm"]) == (PAGE, PAGE, PAGE)
    assert (found["round"], found["away"]) == (b"", b"")


def test_a_file_of_several_names_in_a_cpio_has_its_octets_under_each() -> None:
    octets = cpio(("a.htm", b""), ("b", b""), ("c", PAGE))
    assert contents(octets, "a.cpio") == {"a.htm": PAGE, "b": PAGE, "c": PAGE}


@pytest.mark.parametrize("is_hard_link", [False, True])
def test_a_file_that_a_rar_keeps_once_has_its_octets_under_each_name(is_hard_link: bool) -> None:
    octets = rar_five(File("a.bin", PAGE), File("a.htm", b"", copy_of="a.bin", is_hard_link=is_hard_link))
    assert contents(octets, "a.rar") == {"a.bin": PAGE, "a.htm": PAGE}


def test_a_link_in_a_zip_is_the_path_in_it_and_the_file_it_leads_to() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content, mode in (("d/b.htm", b"a.htm", 0o120777), ("d/a.htm", b"../x.bin", 0o120777), ("x.bin", PAGE, 0o100644)):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    found = [(one.names[0], one.octets()) for one in Anatomy(attached(out.getvalue(), "a.zip")).attachments if one.depth]
    assert found == [("d/b.htm", b"a.htm"), ("d/a.htm", b"../x.bin"), ("x.bin", PAGE), ("d/b.htm", PAGE), ("d/a.htm", PAGE)]


def test_what_links_lead_to_is_counted_as_unpacked_each_time() -> None:
    links = [(f"l{number}", tarfile.LNKTYPE, b"", "a") for number in range(100)]
    octets = tar(("a", tarfile.REGTYPE, bytes(100_000), ""), *links)
    anatomy = Anatomy(attached(octets, "a.tar"), budget=Budget(container_octets=1_000_000))
    assert Defect.CONTAINER_TOO_LARGE in {found.defect for found in anatomy.all_defects()}
