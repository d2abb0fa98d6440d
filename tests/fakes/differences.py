"""Where two other parsers of mail are wrong about a message of the corpus, and why: `tests/anatomy/differential.tsv`."""

import hashlib
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).resolve().parents[1] / "anatomy" / "differential.tsv"


def mark(found: str | bytes) -> str:
    """By what the table knows one thing that was found; of texts without white space."""
    octets = "".join(found.split()).encode("utf-8", "surrogatepass") if isinstance(found, str) else found
    return hashlib.sha256(octets).hexdigest()[:8]


@cache
def _reasons() -> dict[tuple[str, str], set[tuple[str, str]]]:
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            oracle, kind, path, marked, why = line.split("\t")
            assert why
            entries = found.setdefault((oracle, kind), set())
            assert (path, marked) not in entries
            entries.add((path, marked))
    return found


def explained(oracle: str, kind: str) -> set[tuple[str, str]]:
    """What of this kind an oracle finds that is none: the message (as in `Specimen.path`) and the mark of what it finds. One that
    makes no difference any more must fail the test that asks."""
    return _reasons().get((oracle, kind), set())
