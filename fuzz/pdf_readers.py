"""PDFs made at random of a few oddities each, as real readers see them and as we do: what one of them opens and we pass over.

    PDFJS=…/pdfjs-dist/legacy/build/pdf.mjs .venv/bin/python fuzz/pdf_readers.py --minutes 10 [--from 0] [--ways names,files]

Inputs are numbered: the same number makes the same PDF. Each that a reader (pdfium, qpdf; MuPDF, poppler and pdf.js where they are
installed) finds a planted file or script in, while the anatomy shows neither and the safety rules do not hold it, is told with its
number and kept in build/fuzz/pdf_readers.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.pdfs.judged import missed, ours  # noqa: E402  # the paths above come first
from fakes.pdfs.made import made  # noqa: E402
from fakes.pdfs.readers import Reader, Seen, available, seen  # noqa: E402


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first input")
    parser.add_argument("--step", type=int, default=1, help="for several at once")
    parser.add_argument("--ways", default="", help="only of these, with commas between")
    parser.add_argument("--readers", default=",".join(available()))
    given = parser.parse_args()
    only = tuple(filter(None, given.ways.split(",")))
    readers = [Reader(name) for name in given.readers.split(",")]
    folder = ROOT / "build" / "fuzz" / "pdf_readers"
    folder.mkdir(parents=True, exist_ok=True)
    found, opened, held, number = Counter[str](), Counter[str](), 0, given.first
    end = time.monotonic() + given.minutes * 60
    while time.monotonic() < end:
        case = made(number, only)
        found_by = {name: one for name, one in seen(readers, case.octets).items() if one != Seen()}
        opened.update(found_by.keys())
        if found_by:
            known = ours(case.octets)
            held += known.is_held
            if lacks := {name: what for name, one in found_by.items() if (what := missed(case, one, known))}:
                found.update(lacks.keys())
                (folder / f"{number}.pdf").write_bytes(case.octets)
                print(number, *case.plants, "|", *case.ways, "|", lacks, flush=True)  # noqa: T201
        number += given.step
    for reader in readers:
        print(f"{reader.name}: something in {opened[reader.name]}, more than we in {found[reader.name]}; lost {reader.lost}")  # noqa: T201
        reader.close()
    print(f"inputs {given.first} to {number - given.step}, held {held}")  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
