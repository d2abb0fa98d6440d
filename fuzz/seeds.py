"""What the targets grow from: messages of the corpus, and the ways to hide content one by one."""

from fakes import corpus
from fakes.evasions.cases import singles
from fakes.udf_discs import disc

_DISC = 7  # makes target "file" call it .iso
LONGEST = {"message": 16_384, "file": 16_384, "markup": 8_192, "field": 4_096}  # octets of an input, by target


def seeds(target: str) -> list[bytes]:
    """Messages as they are, those of the corpus where there is one; for the other targets what fits them."""
    match target:
        case "message":
            found = [specimen.wire() for specimen in (corpus.specimens() if corpus.FOLDER.is_dir() else ())] + [
                case.built().message for case in singles() if not any(t.alone for t in case.techniques)
            ]
        case "file":
            drafts = [case.built() for case in singles() if case.techniques and case.techniques[0].row in (30, 31, 32, 34, 35)]
            found = [bytes((number % 256,)) + draft.octets for number, draft in enumerate(drafts)]
            found += [bytes((_DISC,)) + octets for octets in _discs()]
        case "markup":
            found = [case.built().octets for case in singles() if case.plant == "text" and b"html" in case.built().media]
        case _:
            found = [b"\n".join(line.partition(b": ")[2] for line in case.built().lines) for case in singles()]
    return [octets for octets in found if len(octets) <= LONGEST[target]]


def _discs() -> list[bytes]:
    """Discs of UDF, the smallest there are."""
    files = ("a.js", b"x"), ("b.txt", b"hello")
    return [disc(*files, size=512, how=how, folder=folder, is_small=True).octets() for how in (0, 1, 3) for folder in ("", "c")]
