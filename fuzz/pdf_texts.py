"""PDFs with a word, drawn at random in many ways, as real readers show them and as we read them: words that only a reader shows.

    PDFJS=…/pdfjs-dist/legacy/build/pdf.mjs .venv/bin/python fuzz/pdf_texts.py --minutes 10 [--from 0] [--ways pieces,font]

Inputs are numbered: the same number makes the same PDF. Each of which a reader (pdfium; MuPDF, poppler and pdf.js where they are
installed) shows the word, while a words rule finds none and no defect is told, is told and kept in build/fuzz/pdf_texts.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.pdfs.drawn import drawn  # noqa: E402  # the paths above come first
from fakes.pdfs.drawn_judged import is_found, is_shown  # noqa: E402
from fakes.pdfs.texts import TextReader, available  # noqa: E402


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first input")
    parser.add_argument("--ways", default="", help="only of these, with commas between")
    parser.add_argument("--readers", default=",".join(available()))
    given = parser.parse_args()
    only = tuple(filter(None, given.ways.split(",")))
    readers = [TextReader(name) for name in given.readers.split(",")]
    folder = ROOT / "build" / "fuzz" / "pdf_texts"
    folder.mkdir(parents=True, exist_ok=True)
    shown, missed, number = Counter[str](), Counter[str](), given.first
    end = time.monotonic() + given.minutes * 60
    while time.monotonic() < end:
        case = drawn(number, only)
        by = [reader.name for reader in readers if is_shown(case, reader.text(case.octets))]
        shown.update(by)
        if by and not is_found(case):
            missed.update(by)
            (folder / f"{number}.pdf").write_bytes(case.octets)
            print(number, *case.ways, "|", *by, flush=True)  # noqa: T201
        number += 1
    for reader in readers:
        print(f"{reader.name}: the word in {shown[reader.name]}, and not with us in {missed[reader.name]}")  # noqa: T201
        reader.close()
    print(f"inputs {given.first} to {number - 1}")  # noqa: T201
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
