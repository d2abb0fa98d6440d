"""What files and scripts programs that people read PDFs with find in octets that may be bent."""

import base64
import contextlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fakes.pdfs.asked import Asked, ran, serve

NAMES = ("pdfium", "qpdf", "mupdf", "poppler")
_MAX_OBJECTS = 500

Files = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Seen:
    """What a reader finds: files by name, and what acts ("javascript", "launch")."""

    files: tuple[tuple[str, bytes], ...] = ()
    acts: frozenset[str] = frozenset()


class Reader(Asked):
    """One of them."""

    kind = "files"

    def __init__(self, name: str) -> None:
        super().__init__(name, __name__, 5.0)

    def answer(self) -> Seen:
        """What it finds; nothing where it dies."""
        if (told := self.told()) is None:
            return Seen()
        return Seen(tuple((name, base64.b64decode(content)) for name, content in told["files"]), frozenset(told["acts"]))


def seen(readers: Iterable[Reader], octets: bytes) -> dict[str, Seen]:
    """What each of them finds."""
    for reader in readers:
        reader.ask(octets)
    return {reader.name: reader.answer() for reader in readers}


def _pdfium(octets: bytes) -> tuple[Files, set[str]]:
    import ctypes

    from pypdfium2 import raw

    def text(ask: Callable[[Any, int], int]) -> str:
        size = ask(None, 0)
        buffer = ctypes.create_string_buffer(max(2, size))
        ask(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
        return buffer.raw[: max(0, size - 2)].decode("utf-16-le", "replace")

    document = raw.FPDF_LoadMemDocument64(octets, len(octets), None)
    files: Files = []
    if not document:
        return files, set()
    size = ctypes.c_ulong()
    for index in range(min(20, raw.FPDFDoc_GetAttachmentCount(document))):
        one = raw.FPDFDoc_GetAttachment(document, index)
        content = b""
        if raw.FPDFAttachment_GetFile(one, None, 0, ctypes.byref(size)):
            buffer = ctypes.create_string_buffer(max(1, size.value))
            raw.FPDFAttachment_GetFile(one, buffer, size.value, ctypes.byref(size))
            content = buffer.raw[: size.value]
        files.append((text(partial(raw.FPDFAttachment_GetName, one)), content))
    acts = {"javascript"} if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 else set()
    page = raw.FPDF_LoadPage(document, 0)
    start, link = ctypes.c_int(0), raw.FPDF_LINK()
    while page and start.value < 50 and raw.FPDFLink_Enumerate(page, ctypes.byref(start), ctypes.byref(link)):
        if raw.FPDFAction_GetType(raw.FPDFLink_GetAction(link)) == raw.PDFACTION_LAUNCH:
            acts.add("launch")
    raw.FPDF_CloseDocument(document)
    return files, acts


def _qpdf(octets: bytes) -> tuple[Files, set[str]]:
    import io

    import pikepdf

    files: Files = []
    acts: set[str] = set()
    with pikepdf.open(io.BytesIO(octets), suppress_warnings=True) as document:
        for name in document.attachments:
            with contextlib.suppress(Exception):
                one = document.attachments[name]
                files += [(name, b""), (one.filename, one.get_file().read_bytes())]
        left: list[Any] = [document.Root]
        seen: set[tuple[int, int]] = set()
        while left and len(seen) < _MAX_OBJECTS:
            one = left.pop()
            if not isinstance(one, pikepdf.Object) or (one.is_indirect and one.objgen in seen):
                continue
            seen |= {one.objgen} if one.is_indirect else set()
            with contextlib.suppress(Exception):
                if isinstance(one, pikepdf.Array):
                    left += list(one)
                elif isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
                    left += [value for _, value in one.items()]
                    kind = str(one.get("/S", ""))
                    acts |= {kind[1:].lower()} if kind in ("/JavaScript", "/Launch") else set()
                    files += list(_specified(one)) if "/EF" in one else []
    return files, acts


def _specified(one: Any) -> Iterator[tuple[str, bytes]]:
    """The names in a file specification, and what its streams hold."""
    import pikepdf

    for key in ("/UF", "/F"):
        if isinstance(one.get(key), pikepdf.String):
            yield str(one[key]), b""
    for stream in dict(one["/EF"].items()).values():
        with contextlib.suppress(Exception):
            yield "", stream.read_bytes()


def _mupdf(octets: bytes) -> tuple[Files, set[str]]:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    files: Files = []
    acts: set[str] = set()
    document = pymupdf.open(stream=octets, filetype="pdf")
    for index in range(min(20, document.embfile_count())):
        with contextlib.suppress(Exception):
            told = document.embfile_info(index)
            files += [(str(told.get(key, "")), b"") for key in ("name", "filename", "ufilename")]
            files.append(("", document.embfile_get(index)))
    for number in range(1, min(_MAX_OBJECTS, document.xref_length())):
        with contextlib.suppress(Exception):
            text = document.xref_object(number, compressed=True)
            acts |= {kind.lower() for kind in re.findall(r"/S/(JavaScript|Launch)(?=[/<>\[\]() ]|$)", text)}
    with contextlib.suppress(Exception):
        for annotation in document[0].annots():
            if annotation.type[0] == pymupdf.PDF_ANNOT_FILE_ATTACHMENT:
                files.append((str(annotation.file_info.get("filename", "")), annotation.get_file()))
    return files, acts


def _poppler(octets: bytes) -> tuple[Files, set[str]]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path, out = Path(folder, "a.pdf"), Path(folder, "out")
        path.write_bytes(octets)
        out.mkdir()
        ran("pdfdetach", "-saveall", "-o", str(out), str(path))
        files = [(one.name, one.read_bytes()) for one in sorted(out.rglob("*")) if one.is_file()]
        listed = ran("pdfdetach", "-list", str(path)).decode("utf-8", "replace") if not files else ""
        files += [(line.partition(": ")[2], b"") for line in listed.splitlines()[1:]]
        acts = {"javascript"} if b"S" in octets and not files and ran("pdfinfo", "-js", str(path)).strip() else set()
    return files, acts


_READERS: dict[str, Callable[[bytes], tuple[Files, set[str]]]] = {
    "pdfium": _pdfium,
    "qpdf": _qpdf,
    "mupdf": _mupdf,
    "poppler": _poppler,
}


def _told(read: Callable[[bytes], tuple[Files, set[str]]], octets: bytes) -> dict[str, object]:
    files, acts = read(octets)
    return {"files": [(one, base64.b64encode(content).decode()) for one, content in files], "acts": sorted(acts)}


if __name__ == "__main__":
    if sys.argv[1] == "pdfium":
        from pypdfium2 import raw

        raw.FPDF_InitLibrary()
    serve(partial(_told, _READERS[sys.argv[1]]), {"files": [], "acts": []})
