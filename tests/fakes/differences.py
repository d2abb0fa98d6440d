"""Where two other parsers of mail are wrong about a message of the corpus, and why: `tests/anatomy/differential.tsv`."""

from functools import cache
from pathlib import Path

ORACLES = ("email", "fast-mail-parser")
_KINDS = ("files", "names", "words", "words of all scripts")
_TABLE = Path(__file__).resolve().parents[1] / "anatomy" / "differential.tsv"


@cache
def _reasons() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {(oracle, kind): set() for oracle in ORACLES for kind in _KINDS}
    for line in _TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            oracle, kind, path, why = line.split("\t")
            assert why
            assert path not in found[oracle, kind]
            found[oracle, kind].add(path)
    return found


def explained(oracle: str, kind: str) -> set[str]:
    """The messages (as in `Specimen.path`) of which an oracle finds files, names or words that are none. One that makes no
    difference any more must fail the test that asks."""
    return _reasons()[oracle, kind]
