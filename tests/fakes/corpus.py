"""The corpus of real and odd mail, read in place beside the repository, as it would come over SMTP."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fakes.lacking import lacking

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus"
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Specimen:
    """One message: where it lies below the corpus and what its collectors called it."""

    path: str  # "haraka/….eml"
    label: str  # ham, spam, edge, bounce, mixed

    def stored(self) -> bytes:
        """The octets of the file."""
        return (FOLDER / self.path).read_bytes()

    def wire(self) -> bytes:
        """The octets after DATA: LF files made CRLF, a final CRLF added; where a file has CRLF, a bare CR or LF stays."""
        return as_wire(self.stored())


def as_wire(stored: bytes) -> bytes:
    """A file's octets as a message's content: CRLF line ends, with the last line ended."""
    content = stored if b"\r\n" in stored else stored.replace(b"\n", b"\r\n")
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def has_bare_line_ends(content: bytes) -> bool:
    """Whether a CR or LF stands alone in it."""
    return _BARE.search(content) is not None


def normalised(content: bytes) -> bytes:
    """The content with every CR or LF that stands alone made CRLF."""
    return _BARE.sub(b"\r\n", content)


def specimens() -> Iterator[Specimen]:
    """All messages, in the manifest's order. A test that asks where there is no corpus ends: see `lacking`."""
    if not FOLDER.is_dir():
        lacking(f"the corpus in {FOLDER}")
    with (FOLDER / "MANIFEST.tsv").open(newline="", encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Specimen(f"{row['corpus']}/{row['file']}", row["label"])
