"""Rows 30 to 35: containers, polyglots, documents; rows 33, 38: bombs."""

import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from fakes.evasions import containers
from fakes.evasions.draft import NOTE, Draft, Stage, Step, Technique, b64, mixed
from fakes.udf_discs import disc

Pack = Callable[[str, bytes], bytes]
_ELSEWHERE = ("readme.txt", b"hello")
_ITS_OWN = frozenset((Stage.FILE, Stage.NAME))  # neither another container nor another name would leave it what it is


def _packed(name: str, pack: Pack, *, nameless: bool = False) -> Step:
    """The file in a container of this name."""

    def step(draft: Draft) -> Draft:
        wanted = replace(draft.wanted, name=None, extension=None) if nameless else draft.wanted
        return replace(draft, name=name, octets=pack(draft.name, draft.octets), wanted=wanted)

    return step


def _tnef() -> Iterator[Technique]:
    yield Technique(30, "winmail", Stage.FILE, _packed("winmail.dat", containers.tnef), bound=True)
    yield Technique(
        30,
        "long-name",
        Stage.FILE,
        _packed("winmail.dat", lambda name, octets: containers.tnef(name, octets, unicode_name=True)),
        bound=True,
    )
    yield Technique(
        30,
        "zip-within",
        Stage.FILE,
        _packed("winmail.dat", lambda name, octets: containers.tnef("a.zip", containers.zipped((name, octets)))),
        bound=True,
    )
    yield Technique(30, "other-name", Stage.FILE, _packed("letter.txt", containers.tnef), bound=True)
    yield Technique(
        30,
        "cut",
        Stage.FILE,
        _packed("winmail.dat", lambda name, octets: containers.tnef(name, octets, cut=20)),
        hold=True,
        bound=True,
    )
    yield Technique(
        30,
        "in-zip",
        Stage.FILE,
        _packed("a.zip", lambda name, octets: containers.zipped(("winmail.dat", containers.tnef(name, octets)))),
    )

    def unnamed(draft: Draft) -> Draft:
        packed = _packed("winmail.dat", containers.tnef)(draft)
        return replace(packed, media=b"application/ms-tnef")

    def unnamed_vendor(draft: Draft) -> Draft:
        return replace(unnamed(draft), media=b"application/vnd.ms-tnef")

    yield Technique(30, "ms-tnef-type", Stage.FILE, unnamed, bound=True)
    yield Technique(30, "vendor-type", Stage.FILE, unnamed_vendor, bound=True)


def _polyglots() -> Iterator[Technique]:
    for about, name, before in (
        ("gif-and-zip", "a.gif", b"GIF89a" + b"\0" * 100),
        ("pdf-and-zip", "a.pdf", containers.pdf()),
        ("png-and-zip", "a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60),
        ("program-and-zip", "a.scr", b"MZ" + b"\0" * 200),
        ("text-and-zip", "a.txt", b"hello there " * 50),
        ("html-and-zip", "a.html", b"<html><body>" + b"x" * 3000),
        ("100-kb-and-zip", "a.bin", b"\x01\x02" * 50_000),
    ):
        yield Technique(
            31,
            about,
            Stage.FILE,
            _packed(name, lambda inner, octets, before=before: before + containers.zipped((inner, octets))),  # type: ignore[misc]
        )

    def prefixed(name: str, junk: bytes) -> Step:
        def step(draft: Draft) -> Draft:
            wanted = replace(draft.wanted, name=None, extension=None, whole=False)
            return replace(draft, name=name, octets=junk + draft.octets, wanted=wanted)

        return step

    for size in (1, 100, 5_000, 60_000):
        yield Technique(31, f"behind-{size}-octets", Stage.FILE, prefixed("a.dat", b"\x01" * size))
        yield Technique(31, f"behind-{size}-letters", Stage.FILE, prefixed("a.txt", b"a" * size), text=True)
    yield Technique(31, "behind-gif", Stage.FILE, prefixed("a.gif", b"GIF89a\x01\x00\x01\x00\x80\x00\x00"))

    def web_archive(draft: Draft) -> Draft:
        inner = mixed(
            (
                NOTE,
                b"Content-Type: application/octet-stream; name="
                + draft.name.encode()
                + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + b64(draft.octets),
            ),
            b"mht",
        )
        return replace(draft, name="a.mht", octets=inner)

    def pdf_and_web_archive(draft: Draft) -> Draft:
        return replace(
            web_archive(draft),
            name="a.doc",
            octets=containers.pdf() + web_archive(draft).octets,
            wanted=replace(draft.wanted, whole=False),
        )

    yield Technique(31, "web-archive", Stage.FILE, web_archive, bound=True, text=True)
    yield Technique(31, "pdf-and-web-archive", Stage.FILE, pdf_and_web_archive, hold=True)


def _zips() -> Iterator[Technique]:
    z = containers.zipped
    end_at = b"PK\x05\x06"

    def cut(octets: bytes, behind: bytes, count: int) -> bytes:
        return octets[: octets.rfind(behind) + count]

    packs: tuple[tuple[str, str, Pack], ...] = (
        ("zip", "a.zip", lambda n, o: z((n, o))),
        ("zip-stored", "a.zip", lambda n, o: z((n, o), method=zipfile.ZIP_STORED)),
        ("zip-bzip2", "a.zip", lambda n, o: z((n, o), method=zipfile.ZIP_BZIP2)),
        ("zip-lzma", "a.zip", lambda n, o: z((n, o), method=zipfile.ZIP_LZMA)),
        ("zip-streamed", "a.zip", lambda n, o: containers.streamed_zip((n, o))),
        ("zip-in-folder", "a.zip", lambda n, o: z(("deep/er/" + n, o))),
        ("zip-backslash", "a.zip", lambda n, o: z(("deep\\" + n, o))),
        ("zip-traversal", "a.zip", lambda n, o: z(("../../" + n, o))),
        ("zip-in-zip", "a.zip", lambda n, o: z(("b.zip", z((n, o))))),
        ("zip-in-zip-stored", "a.zip", lambda n, o: z(("b.zip", z((n, o))), method=zipfile.ZIP_STORED)),
        ("zip-in-zip-in-zip", "a.zip", lambda n, o: z(("b.zip", z(("c.zip", z((n, o))))))),
        ("zip-in-zip-other-name", "a.zip", lambda n, o: z(("b.jpg", z((n, o))))),
        ("zip-other-name", "a.pdf", lambda n, o: z((n, o))),
        ("zip-no-ending", "file", lambda n, o: z((n, o))),
        ("concatenated-first", "a.zip", lambda n, o: z((n, o)) + z(_ELSEWHERE)),
        ("concatenated-last", "a.zip", lambda n, o: z(_ELSEWHERE) + z((n, o))),
        ("concatenated-three", "a.zip", lambda n, o: z(_ELSEWHERE) + z((n, o)) + z(("b.txt", b"b"))),
        ("empty-zip-behind", "a.zip", lambda n, o: z((n, o)) + containers.end_record(0, 0, 0)),
        ("junk-before", "a.zip", lambda n, o: b"junk" * 50 + z((n, o))),
        ("junk-behind", "a.zip", lambda n, o: z((n, o)) + b"\0" * 500),
        ("70-kb-behind", "a.zip", lambda n, o: z((n, o)) + b"\0" * 70_000),
        ("300-kb-before", "a.zip", lambda n, o: b"x" * 300_000 + z((n, o))),
        ("comment", "a.zip", lambda n, o: z((n, o), comment=b"c" * 65_000)),
        ("comment-is-a-directory-end", "a.zip", lambda n, o: z((n, o), comment=containers.end_record(0, 0, 0))),
        ("comment-is-a-zip", "a.zip", lambda n, o: z((n, o), comment=z(_ELSEWHERE))),
        ("comment-hides-it", "a.zip", lambda n, o: z(_ELSEWHERE, comment=z((n, o)))),
        ("not-listed", "a.zip", containers.hidden_member),
        ("local-name-differs", "a.zip", lambda n, o: containers.zip_of(n.encode(), b"note.txt", o)),
        ("central-name-differs", "a.zip", lambda n, o: containers.zip_of(b"note.txt", n.encode(), o)),
        ("local-says-encrypted", "a.zip", lambda n, o: containers.zip_of_two_minds(n, o, 6, b"\1", central=False)),
        ("central-says-encrypted", "a.zip", lambda n, o: containers.zip_of_two_minds(n, o, 8, b"\1", central=True)),
        ("local-says-aes", "a.zip", lambda n, o: containers.zip_of_two_minds(n, o, 8, b"\x63", central=False)),
        ("local-says-stored", "a.zip", lambda n, o: containers.zip_of_two_minds(n, o, 8, b"\0", central=False)),
        ("central-says-stored", "a.zip", lambda n, o: containers.zip_of_two_minds(n, o, 10, b"\0", central=True)),
        ("central-says-empty", "a.zip", lambda n, o: containers.zip_of_two_minds(n, o, 20, b"\0" * 8, central=True)),
        (
            "unicode-path-differs",
            "a.zip",
            lambda n, o: containers.zip_of(b"note.txt", b"note.txt", o, central_extra=_unicode_path(b"note.txt", n.encode())),
        ),
        ("name-with-nul", "a.zip", lambda n, o: containers.zip_of(n.encode() + b"\0.txt", n.encode() + b"\0.txt", o)),
        ("zip64", "a.zip", containers.zip64),
        ("directory-cut", "a.zip", lambda n, o: z((n, o))[: z((n, o)).find(b"PK\x01\x02")]),
        ("directory-half-cut", "a.zip", lambda n, o: z((n, o))[:-30]),
        ("end-half-cut", "a.zip", lambda n, o: cut(z((n, o)), end_at, 12)),
        ("end-mark-broken", "a.zip", lambda n, o: z((n, o)).replace(end_at, b"PKXX")),
        ("end-says-none", "a.zip", lambda n, o: z((n, o)).replace(end_at + b"\0\0\0\0\x01\0\x01\0", end_at + b"\0\0\0\0\0\0\0\0")),
        ("first-octet-broken", "a.zip", lambda n, o: b"X" + z((n, o))[1:]),
        ("says-encrypted", "a.zip", lambda n, o: containers.zip_of(n.encode(), n.encode(), o, flags=0x800)),
        ("many-others", "a.zip", lambda n, o: z(*[(f"{k}.txt", b"x") for k in range(300)], (n, o))),
        ("name-cp437", "a.zip", lambda n, o: containers.zip_of(b"\x84/" + n.encode(), b"\x84/" + n.encode(), o)),
        (
            "name-twice",
            "a.zip",
            lambda n, o: (
                containers.local_record(n.encode(), b"hello")
                + _second(n.encode(), o, len(containers.local_record(n.encode(), b"hello")))
            ),
        ),
    )
    for about, name, pack in packs:
        yield Technique(32, about, Stage.FILE, _packed(name, pack), hold=(odd := "cut" in about or "broken" in about), bound=odd)

    yield Technique(32, "zip-encrypted", Stage.FILE, _untyped(_packed("a.zip", containers.encrypted_zip)))
    yield Technique(32, "zip-unknown-method", Stage.FILE, _untyped(_packed("a.zip", _unknown_method)))
    yield Technique(32, "zip-aes", Stage.FILE, _untyped(_packed("a.zip", _aes)))


@cache
def _aes(name: str, octets: bytes) -> bytes:
    return containers.archived("zip", name, octets, "encryption=aes256", "secret")


def _unicode_path(name: bytes, other: bytes) -> bytes:
    """The Info-ZIP Unicode path field (APPNOTE.TXT 4.6.9)."""
    import struct
    import zlib

    return struct.pack("<HHBL", 0x7075, 5 + len(other), 1, zlib.crc32(name)) + other


def _second(name: bytes, octets: bytes, offset: int) -> bytes:
    """A second member of the same name, and a directory that lists both."""
    local = containers.local_record(name, octets)
    central = containers.central_record(name, b"hello", 0) + containers.central_record(name, octets, offset)
    return local + central + containers.end_record(2, len(central), offset + len(local))


def _unknown_method(name: str, octets: bytes) -> bytes:
    local = containers.local_record(name.encode(), octets, method=97)
    central = containers.central_record(name.encode(), octets, 0, method=97)
    return local + central + containers.end_record(1, len(central), len(local))


def _tarred(name: str, octets: bytes) -> bytes:
    return containers.tarred((name, octets))


@cache
def _archived(form: str, name: str, octets: bytes) -> bytes:
    return containers.archived(form, name, octets)


def _archives() -> Iterator[Technique]:
    packs: tuple[tuple[str, str, Pack], ...] = (
        ("tar", "a.tar", _tarred),
        ("tar-gnu", "a.tar", lambda n, o: containers.tarred((n, o), form=tarfile.GNU_FORMAT)),
        ("tar-pax-long-name", "a.tar", lambda n, o: containers.tarred(("x" * 120 + "/" + n, o), form=tarfile.PAX_FORMAT)),
        ("tar-gz", "a.tar.gz", lambda n, o: containers.gz(_tarred(n, o))),
        ("tgz", "a.tgz", lambda n, o: containers.gz(_tarred(n, o))),
        ("tar-bz2", "a.tar.bz2", lambda n, o: containers.bz(_tarred(n, o))),
        ("tar-xz", "a.tar.xz", lambda n, o: containers.xz(_tarred(n, o))),
        ("tar-in-zip", "a.zip", lambda n, o: containers.zipped(("a.tar", _tarred(n, o)))),
        ("zip-in-tar", "a.tar", lambda n, o: containers.tarred(("a.zip", containers.zipped((n, o))))),
        ("tar-other-name", "a.doc", _tarred),
        ("cab", "a.cab", containers.cab),
        ("cab-behind-junk", "a.dat", lambda n, o: b"junk" * 10 + containers.cab(n, o)),
        ("rar4", "a.rar", containers.rar4),
        ("rar5", "a.rar", containers.rar5),
        ("rar-behind-junk", "a.dat", lambda n, o: b"MZ" + b"\1" * 500 + containers.rar5(n, o)),
        ("rar-other-name", "a.zip", containers.rar5),
        ("7z", "a.7z", lambda n, o: _archived("7zip", n, o)),
        ("7z-in-zip", "a.zip", lambda n, o: containers.zipped(("b.7z", _archived("7zip", n, o)))),
        ("7z-behind-junk", "a.dat", lambda n, o: b"junk" * 10 + _archived("7zip", n, o)),
        ("iso", "a.iso", lambda n, o: _archived("iso9660", n, o)),
        ("iso-as-img", "a.img", lambda n, o: _archived("iso9660", n, o)),
        ("iso-in-zip", "a.zip", lambda n, o: containers.zipped(("a.iso", _archived("iso9660", n, o)))),
        ("udf", "a.iso", lambda n, o: disc((n, o), size=512, is_small=True).octets()),
        ("udf-in-zip", "a.zip", lambda n, o: containers.zipped(("a.img", disc((n, o), size=512, how=1, folder="a").octets()))),
        ("cpio", "a.cpio", lambda n, o: _archived("cpio_newc", n, o)),
        ("ar", "a.a", lambda n, o: _archived("ar_bsd", n, o)),
        ("xar", "a.xar", lambda n, o: _archived("xar", n, o)),
    )
    for about, name, pack in packs:
        yield Technique(32, about, Stage.FILE, _packed(name, pack), bound=not about.startswith(("cab", "rar", "7z")))
    for about, name, head in (
        ("ace", "a.ace", b"\x12\x34\x31\0\0\0\0**ACE**\x14\x14\x02\0"),
        ("arj", "a.arj", b"\x60\xea\x2c\0\x22\x0b\x01\x0b\x10\0\x02"),
        ("vhd", "a.vhd", b"conectix" + b"\0" * 504),
        ("vhdx", "a.vhdx", b"vhdxfile" + b"\0" * 504),
        ("wim", "a.wim", b"MSWIM\0\0\0" + b"\0" * 200),
        ("rar-cut", "a.rar", b"Rar!\x1a\x07\x00\xcf\x90\x73"),
        ("7z-cut", "a.7z", b"7z\xbc\xaf\x27\x1c\0\4\x12\x34\x56\x78"),
        ("cab-cut", "a.cab", b"MSCF\0\0\0\0\x80\0\0\0"),
        ("zip-by-name-only", "a.zip", b"\x01\x02\x03 nothing of a zip"),
        ("rar-by-name-only", "a.rar", b"\x01\x02\x03 nothing of a rar"),
    ):
        yield Technique(32, about, Stage.FILE, _opaque(name, head), hold=True, without=_ITS_OWN)
    yield Technique(32, "rar-encrypted", Stage.FILE, _untyped(_packed("a.rar", lambda n, o: containers.rar4(n, o, encrypted=True))))


def _untyped(step: Step) -> Step:
    """Encrypted or packed in an unknown way: only the name can be told."""

    def untyped(draft: Draft) -> Draft:
        ending = draft.name.rpartition(".")[2] if "." in draft.name else None
        wanted = replace(draft.wanted, name=draft.name, extension=ending, types=frozenset(), octets=None)
        return step(replace(draft, wanted=wanted))

    return untyped


def _opaque(name: str, head: bytes) -> Step:
    """A file that none can open here: it must be held. What is hidden in it cannot be told."""
    return lambda draft: replace(draft, name=name, octets=head + draft.octets[2:])


@cache
def _nested(name: str, octets: bytes, depth: int) -> bytes:
    for level in range(depth):
        octets = containers.zipped((name if not level else f"{level}.zip", octets))
    return octets


@cache
def _zeros(size: int) -> bytes:
    return containers.zipped(("zeros.bin", bytes(size)))


@cache
def _chain(octets: bytes, depth: int) -> bytes:
    for level in range(depth):
        octets = (containers.gz, containers.bz, containers.xz)[level % 3](octets)
    return octets


def _bombs() -> Iterator[Technique]:
    mib = 1024 * 1024
    z = containers.zipped
    chained: tuple[tuple[str, str, Pack], ...] = (
        ("gz", "evil.exe.gz", lambda _n, o: containers.gz(o)),
        ("gz-with-name", "a.gz", lambda n, o: containers.gz(o, n)),
        ("gz-two-members", "evil.exe.gz", lambda _n, o: containers.gz(o[:50]) + containers.gz(o[50:])),
        ("bz2", "evil.exe.bz2", lambda _n, o: containers.bz(o)),
        ("xz", "evil.exe.xz", lambda _n, o: containers.xz(o)),
        ("gz-bz2-xz", "evil.exe.gz.bz2.xz", lambda _n, o: containers.xz(containers.bz(containers.gz(o)))),
        ("gz-in-zip", "a.zip", lambda _n, o: z(("evil.exe.gz", containers.gz(o)))),
    )
    for about, name, pack in chained:
        yield Technique(33, about, Stage.FILE, _exe_only(_packed(name, pack)), alone=True)
    bombs: tuple[tuple[str, str, Pack], ...] = (
        ("100-mb", "a.zip", lambda n, o: z((n, o)) + b"" if not o else _zeros(100 * mib) + z((n, o))),
        ("300-mb-gz", "a.gz", lambda _n, o: _zeros_gz(300 * mib) + containers.gz(o)),
        ("nested-20", "a.zip", lambda n, o: _nested(n, o, 20)),
        ("chain-12", "evil.exe.gz", lambda _n, o: _chain(o, 12)),
        ("6000-members", "a.zip", lambda n, o: z(*[(f"{k}.txt", b"") for k in range(6_000)], (n, o), method=zipfile.ZIP_STORED)),
        ("overlap", "a.zip", lambda n, o: containers.overlapped(n, o, 50)),
        ("quoted-overlap", "a.zip", lambda n, o: containers.quoted_overlap(n, o, 60)),
        ("42", "a.zip", lambda n, o: z(*[(f"{k}.zip", _forty_two()) for k in range(16)], (n, o))),
        ("says-4-gb", "a.zip", lambda n, o: _lying_size(n.encode(), o)),
    )
    for about, name, pack in bombs:
        yield Technique(33, about, Stage.FILE, _packed(name, pack), hold=True, alone=True)


def _exe_only(step: Step) -> Step:
    """The name stands in the container's name, so only where it is evil.exe."""
    return lambda draft: step(replace(draft, name="evil.exe", wanted=replace(draft.wanted, name="evil.exe", extension="exe")))


@cache
def _zeros_gz(size: int) -> bytes:
    return containers.gz(bytes(size))


@cache
def _forty_two() -> bytes:
    inner = containers.zipped(("0.bin", bytes(4 * 1024 * 1024)))
    return containers.zipped(*[(f"{k}.zip", inner) for k in range(16)])


def _lying_size(name: bytes, octets: bytes) -> bytes:
    import struct

    archive = bytearray(containers.zip_of(name, name, octets))
    struct.pack_into("<L", archive, 22, 0xFFFFFFF0)
    struct.pack_into("<L", archive, archive.find(b"PK\x01\x02") + 24, 0xFFFFFFF0)
    return bytes(archive)


def _damaged() -> Iterator[Technique]:
    docx = containers.document(("word/vbaProject.bin", containers.ole(("VBA", b"Attribute VB_Name"))))
    compound = containers.ole(("WordDocument", b"\xec\xa5\xc1\0" + b"x" * 5_000))
    for about, name, octets in (
        ("docx-half", "a.docx", docx[: len(docx) // 2]),
        ("docx-start-cut", "a.docx", docx[30:]),
        ("docx-mark-broken", "a.docx", b"\0\0" + docx[2:]),
        ("docx-end-broken", "a.docx", docx.replace(b"PK\x05\x06", b"\0\0\0\0").replace(b"PK\x01\x02", b"\0\0\0\0")),
        ("xlsx-random", "a.xlsx", os.urandom(3_000)),
        ("pptx-empty", "a.pptx", b"\0" * 200),
        ("doc-half", "a.doc", compound[: len(compound) // 3]),
        ("doc-mark-broken", "a.doc", b"\0" + compound[1:]),
        ("xls-random", "a.xls", b"\x09\x08" + os.urandom(3_000)),
        ("docm-half", "a.docm", docx[: len(docx) // 2]),
    ):

        def step(draft: Draft, name: str = name, octets: bytes = octets) -> Draft:
            return replace(draft, name=name, octets=octets, wanted=replace(draft.wanted, octets=b"never"))

        yield Technique(34, about, Stage.FILE, step, hold=True, without=_ITS_OWN)


def _active() -> Iterator[Technique]:
    exe: tuple[tuple[str, str, Pack], ...] = (
        ("docx-embedding", "a.docx", lambda n, o: containers.document(("word/embeddings/" + n, o))),
        (
            "docx-ole-package",
            "a.docx",
            lambda n, o: containers.document(
                ("word/embeddings/oleObject1.bin", containers.ole(("\x01Ole10Native", containers.ole_native(n, o))))
            ),
        ),
        (
            "doc-ole-package",
            "a.doc",
            lambda n, o: containers.ole(("WordDocument", b"\xec\xa5"), ("\x01Ole10Native", containers.ole_native(n, o))),
        ),
        ("rtf-object", "a.rtf", containers.rtf),
        ("rtf-object-as-doc", "a.doc", containers.rtf),
        (
            "flat-opc-ole-package",
            "a.xml",
            lambda n, o: containers.flat_opc(
                containers.flat_part(
                    "/word/embeddings/oleObject1.bin", "x", containers.ole(("\x01Ole10Native", containers.ole_native(n, o)))
                )
            ),
        ),
        (
            "word-2003-ole-package",
            "a.doc",
            lambda n, o: containers.word_2003(
                "oledata.mso", containers.activemime(containers.ole(("\x01Ole10Native", containers.ole_native(n, o))))
            ),
        ),
        ("pdf-embedded", "a.pdf", lambda n, o: containers.pdf(embedded=(n, o))),
        ("pdf-embedded-behind-junk", "a.pdf", lambda n, o: b"junk\n" * 100 + containers.pdf(embedded=(n, o))),
        ("eml", "a.eml", lambda n, o: _letter(n, o)),
        ("eml-in-zip", "a.zip", lambda n, o: containers.zipped(("a.eml", _letter(n, o)))),
    )
    for about, name, pack in exe:
        text = about.startswith(("rtf", "eml", "flat", "word")) and "zip" not in about
        yield Technique(35, about, Stage.FILE, _packed(name, pack), bound=text or about == "doc-ole-package", text=text)
    yield Technique(35, "onenote-embedded", Stage.FILE, _packed("a.one", lambda _n, o: containers.onenote(o), nameless=True))
    script = b"<script>var b=atob('TVqQAAMAAAAEAAAA');new Blob([b])</script>"
    for about, name, types, octets in (
        (
            "docm",
            "a.docm",
            "application/vnd.ms-word.document.macroenabled.12",
            containers.document(("word/vbaProject.bin", containers.ole(("VBA", b"x")))),
        ),
        (
            "docm-as-docx",
            "a.docx",
            "application/vnd.ms-word.document.macroenabled.12",
            containers.document(("word/vbaProject.bin", containers.ole(("VBA", b"x")))),
        ),
        ("doc", "a.doc", "application/msword", containers.ole(("WordDocument", b"\xec\xa5"), ("Macros", b"x"))),
        ("mso", "editdata.mso", "application/x-mso", containers.activemime(containers.ole(("VBA", b"x")))),
        ("sylk-as-csv", "a.csv", "text/spreadsheet", b"ID;PWXL;N;E\r\nO;E\r\nNN;NAuto_open;ER101C1\r\nE\r\n"),
        ("doc-as-txt", "a.txt", "application/msword", containers.ole(("WordDocument", b"\xec\xa5"))),
        (
            "encrypted-office",
            "a.docx",
            "application/x-ole-encrypted",
            containers.ole(("EncryptedPackage", b"x"), ("EncryptionInfo", b"x")),
        ),
        ("msi", "a.msi", "application/x-msi", containers.ole(("\x05DigitalSignature", b"x"))),
        ("lnk", "a.lnk", "application/x-ms-shortcut", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + b"\0" * 60),
        ("lnk-as-pdf", "a.pdf", "application/x-ms-shortcut", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + b"\0" * 60),
        ("hta", "a.hta", "application/hta", b"<html><head><hta:application></head>" + script),
        ("html-smuggling", "a.html", "text/html", b"<!DOCTYPE html><html><body>" + script),
        ("html-as-txt", "a.txt", "text/html", b"\xef\xbb\xbf<html><body>" + script),
        (
            "svg-script",
            "a.svg",
            "image/svg+xml",
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + script + b"</svg>",
        ),
        ("ics", "a.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nATTACH:http://example.org/evil.exe\r\nEND:VCALENDAR\r\n"),
        ("url", "a.url", "application/x-mswinurl", b"[InternetShortcut]\r\nURL=file://example.org/evil.exe\r\n"),
        ("onenote", "a.one", "application/onenote", containers.onenote(b"x")),
        ("chm", "a.chm", "application/vnd.ms-htmlhelp", b"ITSF\3\0\0\0" + b"\0" * 88),
        (
            "jar",
            "a.dat",
            "application/java-archive",
            containers.zipped(("META-INF/MANIFEST.MF", b"x"), ("A.class", b"\xca\xfe\xba\xbe")),
        ),
        ("pdf-behind-junk", "a.dat", "application/pdf", b"\x01" * 1000 + containers.pdf(javascript=True)),
        ("elf", "a.dat", "application/x-executable", b"\x7fELF\2\1\1" + b"\0" * 60),
        ("shell-script", "a.dat", "text/x-script", b"#!/bin/sh\nrm -rf /\n"),
    ):

        def step(draft: Draft, name: str = name, types: str = types, octets: bytes = octets) -> Draft:
            wanted = replace(draft.wanted, name=name, extension=name.rpartition(".")[2], types=frozenset((types,)), octets=octets)
            return replace(draft, name=name, octets=octets, wanted=wanted)

        bound = not about.startswith(("docm", "jar", "pdf"))
        text = types.startswith(("text/", "image/svg")) or about in ("hta", "url")
        yield Technique(35, about, Stage.FILE, step, bound=bound, text=text)


def _letter(name: str, octets: bytes) -> bytes:
    head = b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + name.encode()
    return mixed((NOTE, head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(octets)), b"letter")


def techniques() -> tuple[Technique, ...]:
    """All of this file."""
    return (*_tnef(), *_polyglots(), *_zips(), *_archives(), *_bombs(), *_damaged(), *_active())
