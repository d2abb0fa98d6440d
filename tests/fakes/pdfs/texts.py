"""The words that programs show of a PDF, each in a process of its own: asked as `readers` does, answered in a line of JSON.

pdfium is a Python package of the tests; MuPDF, poppler and pdf.js are for who has them.
"""

import ctypes
import json
import os
import select
import shutil
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve()
PDFJS = "PDFJS"  # the variable that says where pdf.js is: …/pdfjs-dist/legacy/build/pdf.mjs
_MAX = 20  # annotations


class TextReader:
    """One of them."""

    def __init__(self, name: str, seconds: float = 10.0) -> None:
        self.name = name
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def text(self, octets: bytes) -> str:
        """What it shows; nothing where it dies or takes too long."""
        if self.name == "poppler":
            told = subprocess.run(["pdftotext", "-", "-"], input=octets, capture_output=True, timeout=30, check=False)
            return told.stdout.decode("utf-8", "replace")
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(struct.pack(">I", len(octets)) + octets)
            process.stdin.flush()
            is_there = select.select([process.stdout], [], [], self._seconds)[0]
            return str(json.loads(process.stdout.readline() if is_there else b""))
        except (OSError, ValueError):
            self.close()
            return ""

    def close(self) -> None:
        """End its process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        script = ["node", str(HERE.with_name("pdfjs_texts.mjs")), os.environ.get(PDFJS, "")]
        command = script if self.name == "pdfjs" else [sys.executable, str(HERE), self.name]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def available() -> list[str]:
    """Those that are here."""
    found = [name for name, package in (("pdfium", "pypdfium2"), ("mupdf", "pymupdf")) if find_spec(package) is not None]
    found += ["poppler"] if shutil.which("pdftotext") else []
    return found + (["pdfjs"] if PDFJS in os.environ and shutil.which("node") else [])


def _pdfium(octets: bytes) -> str:
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(octets)
    page = document[0]
    shown = [page.get_textpage().get_text_bounded()]
    size = raw.FPDF_GetPageLabel(document, 0, None, 0)
    label = ctypes.create_string_buffer(max(2, size))
    raw.FPDF_GetPageLabel(document, 0, label, size)
    shown.append(label.raw[:-2].decode("utf-16-le", "replace"))
    shown += [one.get_title() for one in document.get_toc(max_depth=3)]
    return "\n".join(shown + list(document.get_metadata_dict(skip_empty=True).values()))


def _mupdf(octets: bytes) -> str:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    document = pymupdf.open(stream=octets, filetype="pdf")
    page = document[0]
    shown = [page.get_text()]
    for one in list(page.annots())[:_MAX]:
        shown += [one.info.get("content", ""), one.info.get("title", ""), one.get_text()]
    for one in list(page.widgets())[:_MAX]:
        shown += [str(one.field_value), str(one.field_label), str(one.choice_values), str(one.button_caption)]
    shown += [str(one[1]) for one in document.get_toc()] + [one["name"] for one in document.get_ocgs().values()]
    return "\n".join(map(str, shown))


def _serve(name: str) -> None:
    readers = {"pdfium": _pdfium, "mupdf": _mupdf}
    while head := sys.stdin.buffer.read(4):
        octets = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
        try:
            shown = readers[name](octets)
        except Exception:  # noqa: BLE001  # it shows nothing then
            shown = ""
        sys.stdout.write(json.dumps(shown) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(sys.argv[1])
