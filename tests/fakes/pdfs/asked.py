"""Programs that people read PDFs with, each in a process of its own: asked by a length and octets, it answers a line of JSON.

One that dies, or takes too long, is begun anew. pdfium (in Chrome and Edge) and qpdf are Python packages of the tests; MuPDF,
poppler and pdf.js (as in Firefox) are for who has them.
"""

import contextlib
import json
import os
import resource
import select
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE
from typing import Any

PDFJS = "PDFJS"  # the variable that says where pdf.js is: …/pdfjs-dist/legacy/build/pdf.mjs
_SCRIPT = Path(__file__).resolve().with_name("pdfjs.mjs")
_PACKAGES = {"pdfium": "pypdfium2", "qpdf": "pikepdf", "mupdf": "pymupdf"}
_MOST = 2 * 1024**3  # octets of memory


@dataclass(frozen=True)
class Compared:
    """What readers make of a PDF beside us: its octets and how they were made, which readers show what was planted, and of these
    which show something that we do not; whether we hold it."""

    octets: bytes
    ways: tuple[str, ...]
    shown_by: tuple[str, ...]
    lacks: dict[str, list[str]]
    is_held: bool = False


class Asked:
    """One of them, as a module has it read: `serve` is what the module does as a program, `kind` what pdf.js is asked for."""

    kind = ""

    def __init__(self, name: str, module: str, seconds: float) -> None:
        self.name = name
        self.lost = 0  # times that it died, or took too long
        self._module = module
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, octets: bytes) -> None:
        """Have it read while others do."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.write(struct.pack(">I", len(octets)) + octets)
            process.stdin.flush()

    def told(self) -> Any:
        """Its answer; None where it dies."""
        assert self._process is not None
        source = self._process.stdout
        assert source is not None
        try:
            return json.loads(source.readline() if select.select([source], [], [], self._seconds)[0] else b"")
        except ValueError:
            self.lost += 1
            self.close()
            return None

    def close(self) -> None:
        """End its process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        of_pdfjs = ["node", str(_SCRIPT), os.environ.get(PDFJS, ""), self.kind]
        command = of_pdfjs if self.name == "pdfjs" else [sys.executable, "-m", self._module, self.name]
        paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL, env=os.environ | paths)


def available(*names: str) -> list[str]:
    """Those of some readers that are here, and pdf.js."""
    found = [name for name in names if (find_spec(_PACKAGES[name]) if name in _PACKAGES else shutil.which("pdfdetach"))]
    return found + (["pdfjs"] if PDFJS in os.environ and shutil.which("node") else [])


def serve(read: Callable[[bytes], object], nothing: object) -> None:
    """Answer what is asked, with `nothing` where it cannot be read."""
    source, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (_MOST, _MOST))
    while len(head := source.read(4)) == 4:
        octets = source.read(struct.unpack(">I", head)[0])
        told = nothing
        with contextlib.suppress(Exception):
            told = read(octets)
        out.write(json.dumps(told).encode() + b"\n")
        out.flush()


def ran(*command: str, given: bytes | None = None) -> bytes:
    """What a program says."""
    return subprocess.run(command, input=given, capture_output=True, timeout=4, check=False).stdout
