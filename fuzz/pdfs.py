"""PDFs made at random, as real readers see them and as we do: what one of them shows and we pass over.

    PDFJS=…/pdfjs-dist/legacy/build/pdf.mjs .venv/bin/python fuzz/pdfs.py files --minutes 10 [--from 0] [--ways names,files]

`files` are PDFs with a file or a script and a few oddities each: one that a reader (pdfium, qpdf; MuPDF, poppler and pdf.js where
they are installed) finds while the anatomy shows none and the safety rules do not hold it is a finding. `texts` are PDFs with a
word, drawn in many ways: one that a reader (those but qpdf) shows, while a words rule finds none and no defect is told, is one.

Inputs are numbered: the same number makes the same PDF. Findings are told with their numbers and kept in build/fuzz/pdfs/<target>.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.pdfs import drawn_judged, judged, readers, texts  # noqa: E402  # the paths above come first
from fakes.pdfs.asked import Asked, Compared, available  # noqa: E402

Compare = Callable[[int, tuple[str, ...]], Compared]


def _of_files(names: list[str]) -> tuple[Sequence[Asked], Compare]:
    asked = [readers.Reader(name) for name in names]
    return asked, lambda number, only: judged.compared(number, asked, only)


def _of_texts(names: list[str]) -> tuple[Sequence[Asked], Compare]:
    asked = [texts.TextReader(name) for name in names]
    return asked, lambda number, only: drawn_judged.compared(number, asked, only)


_TARGETS = {"files": (readers.NAMES, _of_files), "texts": (texts.NAMES, _of_texts)}


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(_TARGETS))
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first input")
    parser.add_argument("--step", type=int, default=1, help="for several at once")
    parser.add_argument("--ways", default="", help="only of these, with commas between")
    parser.add_argument("--readers", default="", help="only these, with commas between")
    given = parser.parse_args()
    only = tuple(filter(None, given.ways.split(",")))
    names, target = _TARGETS[given.target]
    asked, compared = target(given.readers.split(",") if given.readers else available(*names))
    folder = ROOT / "build" / "fuzz" / "pdfs" / given.target
    folder.mkdir(parents=True, exist_ok=True)
    shown, lacking, held, number = Counter[str](), Counter[str](), 0, given.first
    end = time.monotonic() + given.minutes * 60
    while time.monotonic() < end:
        one = compared(number, only)
        shown.update(one.shown_by)
        lacking.update(one.lacks.keys())
        held += one.is_held
        if one.lacks:
            (folder / f"{number}.pdf").write_bytes(one.octets)
            print(number, *one.ways, "|", one.lacks, flush=True)  # noqa: T201
        number += given.step
    for reader in asked:
        print(f"{reader.name}: something in {shown[reader.name]}, more than we in {lacking[reader.name]}; lost {reader.lost}")  # noqa: T201
        reader.close()
    print(f"inputs {given.first} to {number - given.step}, held {held}")  # noqa: T201
    sys.exit(1 if lacking else 0)


if __name__ == "__main__":
    main()
