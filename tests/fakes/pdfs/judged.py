"""Whether a program that people read PDFs with finds a file or a script that the anatomy neither shows nor tells a defect for."""

from dataclasses import dataclass

from fakes.evasions.judging import safety, screened
from fakes.odd_mail import attached
from fakes.pdfs.asked import Compared
from fakes.pdfs.made import Made, made
from fakes.pdfs.readers import Reader, Seen, seen

from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action


@dataclass(frozen=True)
class Ours:
    """What the anatomy shows of a PDF that is attached; whether the shipped safety rules hold the mail."""

    names: frozenset[str]
    contents: tuple[bytes, ...]
    acts: frozenset[str]
    is_held: bool


def ours(octets: bytes) -> Ours:
    """What we see of it."""
    mail = attached(octets, "a.pdf")
    anatomy = Anatomy(mail)
    (verdict,) = screened(safety(), mail, anatomy).verdicts
    found = anatomy.attachments
    return Ours(
        frozenset(name.lower() for one in found for name in one.names),
        tuple(bytes(one.octets()) for one in found if "a.pdf" not in one.names),
        frozenset(str(kind) for one in found for kind in one.active_content),
        verdict.action is Action.HOLD,
    )


def missed(case: Made, theirs: Seen, known: Ours) -> list[str]:
    """What a reader finds of what was planted, and we do not."""
    if known.is_held:
        return []
    lacks = []
    if any(case.mark in content for _, content in theirs.files):  # a name alone is no file
        ending = case.name[case.name.rindex(".") :]
        is_called = any(name.lower().endswith(ending) for name, _ in theirs.files)
        lacks = ["name"] if is_called and not any(name.endswith(ending) for name in known.names) else []
        lacks += [] if any(case.mark in content for content in known.contents) else ["file"]
    return lacks + [act for act in sorted(theirs.acts) if act not in known.acts]


def compared(number: int, readers: list[Reader], only: tuple[str, ...] = ()) -> Compared:
    """The PDF of this number as readers see it, and as we do."""
    case = made(number, only)
    theirs = {name: one for name, one in seen(readers, case.octets).items() if one != Seen()}
    ways = (*case.plants, "|", *case.ways)
    if not theirs:
        return Compared(case.octets, ways, (), {})
    known = ours(case.octets)
    lacks = {name: what for name, one in theirs.items() if (what := missed(case, one, known))}
    return Compared(case.octets, ways, tuple(theirs), lacks, known.is_held)
