"""Containers, types by content, winmail.dat: what lies in them, and what is held back."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import libarchive
import pytest
from fakes.evasions.containers import encrypted_zip, zipped
from fakes.odd_mail import NAME, PROGRAM, attached, tnef, tnef_of_rtf

from screener.anatomy import filetype
from screener.anatomy.budget import Budget
from screener.anatomy.containers import tnef as winmail
from screener.anatomy.containers import zipped as reader
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger, NotInline
from screener.anatomy.message import Anatomy, Attachment

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def members(content: bytes, budget: Budget | None = None) -> tuple[list[Attachment], set[Defect]]:
    """The attachments inside, and all defects."""
    anatomy = Anatomy(content, budget=budget or Budget())
    inside = [one for one in anatomy.attachments if one.depth]
    for one in inside:
        one.octets()
    return inside, {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize("form", ["7zip", "gnutar", "cpio", "iso9660", "xar", "ar_bsd"])
def test_containers_libarchive_knows(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a"
    with libarchive.file_writer(str(path), form) as archive:
        archive.add_file_from_memory(NAME, len(PROGRAM), PROGRAM)
    inside, defects = members(attached(path.read_bytes(), "a.dat"))
    assert [one for one in inside if "exe" in one.extensions and one.octets() == PROGRAM], inside
    assert Defect.CONTAINER_DAMAGED not in defects


@pytest.mark.parametrize("compression", ["zstd", "lz4", "lzip", "compress"])
def test_streams_libarchive_knows(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "a"
    with libarchive.file_writer(str(path), "gnutar", compression) as archive:
        archive.add_file_from_memory(NAME, len(PROGRAM), PROGRAM)
    inside, _ = members(attached(path.read_bytes(), "a.tar.x"))
    assert [one for one in inside if NAME in one.names and one.depth == 2], inside


def test_places_name_the_way_in() -> None:
    content = attached(zipped(("dir/inner.zip", zipped((NAME, PROGRAM)))), "outer.zip")
    outer, inner, program = Anatomy(content).attachments[-3:]
    assert (outer.place, outer.inside, outer.depth) == ("part 2", (), 0)
    assert (inner.place, inner.inside, inner.depth) == ("part 2 > outer.zip > dir/inner.zip", ("outer.zip",), 1)
    assert program.place == "part 2 > outer.zip > dir/inner.zip > evil.exe"
    assert program.inside == ("outer.zip", "dir/inner.zip")
    assert program.octets() == PROGRAM
    assert program.type == "application/x-dosexec"
    assert program.size == len(PROGRAM)


def test_encrypted_members_are_named_and_said_to_be_encrypted() -> None:
    anatomy = Anatomy(attached(encrypted_zip(NAME, PROGRAM), "a.zip"))
    outer, member = anatomy.attachments[-2:]
    assert outer.encrypted
    assert member.encrypted
    assert NAME in member.names
    assert member.octets() == b""
    assert Defect.CONTAINER_METHOD not in {one.defect for one in anatomy.all_defects()}


def test_an_archive_written_with_a_password_is_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    try:
        with libarchive.file_writer(str(path), "zip", options="encryption=zipcrypt", passphrase="x") as archive:
            archive.add_file_from_memory(NAME, len(PROGRAM), PROGRAM)
    except (libarchive.ArchiveError, ValueError):
        pytest.skip("this libarchive cannot write encrypted archives")
    outer = Anatomy(attached(path.read_bytes(), "a.zip")).attachments[-2]
    assert outer.encrypted


def test_overlapping_members_are_listed_but_not_unpacked() -> None:
    archive = zipped(("a.txt", b"a" * 100_000))
    central = archive.find(b"PK\x01\x02")
    end = archive.find(b"PK\x05\x06")
    entry = archive[central:end]
    entries = b"".join(entry.replace(b"a.txt", b"%d.txt" % number) for number in range(9))
    tail = bytearray(archive[end:])
    struct.pack_into("<HHL", tail, 8, 9, 9, len(entries))
    inside, defects = members(attached(archive[:central] + entries + bytes(tail), "a.zip"))
    assert Defect.CONTAINER_OVERLAP in defects
    assert {name for one in inside for name in one.names} >= {f"{number}.txt" for number in range(9)}
    assert all(one.octets() == b"" for one in inside)


def test_an_unknown_method_is_said() -> None:
    archive = bytearray(zipped((NAME, PROGRAM)))
    for at in (8, archive.find(b"PK\x01\x02") + 10):
        struct.pack_into("<H", archive, at, 97)
    inside, defects = members(attached(bytes(archive), "a.zip"))
    assert NAME in inside[0].names
    assert Defect.CONTAINER_METHOD in defects


def test_zip64() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(NAME, "w", force_zip64=True) as member:
        member.write(PROGRAM)
    inside, defects = members(attached(buffer.getvalue(), "a.zip"))
    assert inside[0].octets() == PROGRAM
    assert not defects & {Defect.CONTAINER_DAMAGED, Defect.CONTAINER_AMBIGUOUS}


def test_streamed_zip_with_sizes_behind_the_data() -> None:
    class Pipe(io.BytesIO):
        """Cannot seek, so that the writer must put descriptors."""

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"hello" * 100)
        archive.writestr(NAME, PROGRAM)
    inside, defects = members(attached(pipe.getvalue(), "a.zip"))
    assert [one.octets() for one in inside] == [b"hello" * 100, PROGRAM]
    assert not defects & {Defect.CONTAINER_DAMAGED, Defect.CONTAINER_AMBIGUOUS, Defect.CONTAINER_OVERLAP}


def test_containers_in_containers_end_at_the_limit() -> None:
    archive = zipped((NAME, PROGRAM))
    for _ in range(12):
        archive = zipped(("a.zip", archive))
    inside, defects = members(attached(archive, "a.zip"))
    assert Defect.CONTAINER_TOO_DEEP in defects
    assert max(one.depth for one in inside) == Budget().container_depth


def test_what_comes_out_of_all_containers_is_bounded() -> None:
    big = zipped(*[(f"{number}.bin", bytes(3_000_000)) for number in range(8)])
    inside, defects = members(attached(big, "a.zip"), Budget(container_octets=8_000_000))
    assert Defect.CONTAINER_TOO_LARGE in defects
    assert sum(len(one.octets()) for one in inside) <= 9_000_000


def document(*more: tuple[str, bytes], folder: str = "word/") -> bytes:
    return zipped(("[Content_Types].xml", b"<x/>"), ("_rels/.rels", b"<x/>"), (f"{folder}document.xml", b"<x/>"), *more)


def test_documents_are_no_archives_to_people() -> None:
    anatomy = Anatomy(attached(document(("word/media/image1.png", b"\x89PNG\r\n\x1a\n")), "a.docx"))
    (attachment,) = [one for one in anatomy.attachments if "docx" in one.extensions]
    assert attachment.type == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert "application/zip" in attachment.types
    assert not attachment.macros
    assert not [one for one in anatomy.attachments if one.depth]


def test_files_put_into_documents_are_found() -> None:
    anatomy = Anatomy(attached(document(("word/embeddings/evil.exe", PROGRAM), ("word/vbaProject.bin", OLE)), "a.docx"))
    attachment = next(one for one in anatomy.attachments if "docx" in one.extensions)
    assert attachment.type == "application/vnd.ms-word.document.macroenabled.12"
    assert attachment.macros
    assert {one.shown for one in anatomy.attachments if one.depth} == {"word/embeddings/evil.exe", "word/vbaProject.bin"}


def test_winmail_dat() -> None:
    found = winmail.read(tnef(b"a.exe", b"MZ") + b"")
    assert [(one.names, one.octets) for one in found.attached] == [(["a.exe"], b"MZ")]
    assert not found.damaged
    assert winmail.read(tnef()[:60]).damaged
    assert winmail.read(b"").damaged


def test_winmail_long_names_and_bodies() -> None:
    def text(identifier: int, value: str) -> bytes:
        octets = value.encode("utf-16-le") + b"\0\0"
        return struct.pack("<HHLL", 0x001F, identifier, 1, len(octets)) + octets + bytes(-len(octets) % 4)

    def attribute(level: int, identifier: int, value: bytes) -> bytes:
        return struct.pack("<BLL", level, identifier, len(value)) + value + b"\0\0"

    octets = (
        b"\x78\x9f\x3e\x22\x01\x00"
        + attribute(1, 0x00069003, struct.pack("<L", 2) + struct.pack("<HHL", 3, 0x0017, 1) + text(0x1000, "planted-word"))
        + attribute(2, 0x00069002, bytes(14))
        + attribute(2, 0x00018010, b"EVIL~1.TXT\0")
        + attribute(2, 0x0006800F, PROGRAM)
        + attribute(2, 0x00069005, struct.pack("<L", 1) + text(0x3707, "évil.exe"))
    )
    clean = attached(octets, "winmail.dat").replace(b"application/octet-stream", b"application/ms-tnef")
    doubled = clean.replace(
        b"Content-Transfer-Encoding:", b"Content-Transfer-Encoding: quoted-printable\r\nContent-Transfer-Encoding:"
    )
    for content in (clean, doubled):
        anatomy = Anatomy(content)
        member = anatomy.attachments[-1]
        assert set(member.names) == {"EVIL~1.TXT", "évil.exe"}
        assert member.octets() == PROGRAM
        assert any("planted-word" in one.text for one in anatomy.texts)


def test_the_end_of_a_long_body_in_a_winmail_dat_is_read() -> None:
    anatomy = Anatomy(tnef_of_rtf(b"{\\rtf1 " + b"word " * 400_000 + b"planted-word}"))
    assert any("planted-word" in one.text for one in anatomy.texts)
    assert [str(found.defect) for found in anatomy.all_defects()] == []


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (PROGRAM, "application/x-dosexec"),
        (OLE + bytes(500), "application/x-ole-storage"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"PK\x03\x04" + bytes(30), "application/zip"),
        (b"Rar!\x1a\x07\x01\0", "application/x-rar"),
        (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "application/onenote"),
        (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "application/x-ms-shortcut"),
        (b"ITSF\3\0", "application/vnd.ms-htmlhelp"),
        (b"hello, this is text\r\n", "text/plain"),
        ("Grüße aus München\r\n".encode(), "text/plain"),
        (b"MZ is the name of a column in this text, which is longer than that\r\n", "text/plain"),
        (b"BM is short for something, and this is text as everybody can see.\r\n", "text/plain"),
        (b"<html><body>x", "text/html"),
        (b"\xef\xbb\xbf\r\n<!-- x -->\r\n<!DOCTYPE html>", "text/html"),
        (b"<svg xmlns='x'>", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg>", "image/svg+xml"),
        (b"<html><HTA:APPLICATION id=x>", "text/html"),
        (b"{\\rtf1\\ansi", "text/rtf"),
        (b"#!/bin/sh\n", "text/x-script"),
        (b"[InternetShortcut]\r\nURL=x", "application/x-mswinurl"),
        (b"@echo off\r\n", "text/x-msdos-batch"),
        (b"BEGIN:VCALENDAR\r\n", "text/calendar"),
        (b"Received: from a\r\n\tby b; x\r\nFrom: a@b\r\n", "message/rfc822"),
        (b"", ""),
        (b"\x00\x01\x02\x03\x04\x05", ""),
    ],
)
def test_types_by_content(head: bytes, name: str) -> None:
    assert filetype.identify(head).type == name


def test_polyglots_are_all_they_are() -> None:
    assert {"image/gif", "application/zip"} <= filetype.identify(b"GIF89a" + bytes(100) + zipped((NAME, PROGRAM))).types
    assert {"application/pdf"} <= filetype.identify(b"\xff\xfb\x90" + bytes(300) + b"%PDF-1.4").types
    executable = bytearray(b"MZ" + bytes(200))
    struct.pack_into("<L", executable, 60, 128)
    executable[128:132] = b"PE\0\0"
    assert {"image/gif", "application/x-dosexec"} <= filetype.identify(b"GIF89a" + bytes(500) + bytes(executable)).types
    assert "application/hta" in filetype.identify(b"<html><HTA:APPLICATION id=x>").types
    assert filetype.identify(b"GIF89a" + bytes(100), b"x" * 50 + b"PK\x05\x06" + bytes(18)).types == {
        "image/gif",
        "application/zip",
    }


def test_libmagic_is_asked_for_what_the_own_table_does_not_know() -> None:
    image = b"gimp xcf v011\0" + bytes(40)
    assert filetype.identify(image).type == ""
    assert filetype.by_magic(image) == "image/x-xcf"
    assert Anatomy(attached(image, "a.bin")).attachments[-1].type == "image/x-xcf"
    assert filetype.by_magic(bytes(60)) == ""


def test_office_documents_by_their_streams() -> None:
    word = OLE + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(60)
    attachment = Anatomy(attached(word, "a.doc")).attachments[-1]
    assert attachment.type == "application/msword"
    assert not attachment.encrypted
    assert not attachment.macros
    assert Anatomy(attached(word + "_VBA_PROJECT".encode("utf-16-le"), "a.doc")).attachments[-1].macros
    locked = OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(60)
    assert Anatomy(attached(locked, "a.docx")).attachments[-1].encrypted
    assert Anatomy(attached(b"%PDF-1.4\ntrailer<</Encrypt<</Filter/Foo>>>>", "a.pdf")).attachments[-1].encrypted


def test_foreign_parsers_are_asked_for_where_they_may_not_run() -> None:
    for octets in (zipped((NAME, PROGRAM)), b"\x1f\x8b\x08" + bytes(40)):
        with pytest.raises(NotInline):
            _ = Anatomy(attached(octets, "a.bin"), inline=True).attachments
    unknown = Anatomy(attached(bytes(range(256)), "a.bin"), inline=True)
    assert unknown.attachments[-1].names == ("a.bin",)
    with pytest.raises(NotInline):
        _ = unknown.attachments[-1].type
    for octets in (PROGRAM, b"%PDF-1.4", b"text", tnef()):
        anatomy = Anatomy(attached(octets, "a.bin"), inline=True)
        assert all(one.type for one in anatomy.attachments)


def test_much_text_is_for_a_screening_process() -> None:
    content = b"From: a@b\r\n\r\n" + b"word " * 100_000
    with pytest.raises(NotInline):
        _ = Anatomy(content, inline=True).texts
    assert len(Anatomy(content).texts[0].text) == 500_000


def test_a_zip_in_a_zip_is_not_two_directories() -> None:
    ledger = Ledger(Budget(), 0)
    listing = reader.listing(zipped(("a.zip", zipped((NAME, PROGRAM), ("b.txt", b"b"))), method=zipfile.ZIP_STORED), ledger, "x")
    assert [one.names for one in listing.members] == [("a.zip",)]
    assert not ledger.found


@pytest.mark.parametrize("count", [10, 10_001])
def test_properties_of_tnef_beyond_the_limit_are_told(count: int) -> None:
    properties = struct.pack("<L", count + 1) + struct.pack("<HHL", 3, 0x0E21, 0) * count
    properties += struct.pack("<HHLL", 0x1E, 0x3707, 1, 9) + b"evil.exe\0\0\0\0"
    attribute = struct.pack("<BLL", 2, 0x00069005, len(properties)) + properties + b"\0\0"
    inside, defects = members(attached(tnef(b"A.TXT") + attribute, "winmail.dat"))
    found = any("evil.exe" in one.names for one in inside)
    assert (found, Defect.TNEF_DAMAGED in defects) == (count == 10, count != 10)


def in_tar(name: str, path: str = "", form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(PROGRAM)
        info.pax_headers = {"comment": "x"} | ({"path": path} if path else {})
        archive.addfile(info, io.BytesIO(PROGRAM))
    return buffer.getvalue()


def lying_tar(own: bytes) -> bytes:
    """A member that is a text by the header before its own."""
    tar = bytearray(in_tar("x" * 8, "a.txt"))
    at = tar.find(PROGRAM) - 512
    tar[at : at + 100] = own.ljust(100, b"\0")
    tar[at + 148 : at + 156] = b" " * 8
    tar[at + 148 : at + 156] = b"%06o\0 " % sum(tar[at : at + 512])
    return bytes(tar)


def test_a_tar_that_calls_a_member_by_two_names() -> None:
    inside, defects = members(attached(lying_tar(b"dir/a.js"), "a.tar"))
    assert [set(one.names) for one in inside] == [{"a.txt", "a.js"}]
    assert Defect.CONTAINER_AMBIGUOUS in defects


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("name", ["a.txt", "dir/" + "v1.0 " * 28 + ".txt", "\u00fc.b" * 60 + ".txt", "\u00e4\u00f6.pdf"])
def test_a_tar_that_cuts_long_names(form: int, name: str) -> None:
    if form == tarfile.USTAR_FORMAT and len(name) > 99:
        return
    inside, defects = members(attached(in_tar(name, form=form), "a.tar"))
    assert inside and inside[0].names[0] == name
    assert not defects
