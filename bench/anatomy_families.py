"""How time and memory of a whole screening grow with hostile content: families of messages, doubled from 1 KB to 1 MB.

    .venv/bin/python -m bench.anatomy_families [--quick] [FAMILY…]

A line a family: milliseconds at 64 KB, 256 KB and 1 MB, the worst ratio between two sizes (to reach: under 2.3), and the most
memory the process had (to reach: under 512 MB). Each family runs in a process of its own. The rules are the shipped ones with
words and patterns. A benchmark, not a test: figures depend on the machine. The families of facts are those of fact_families, of
documents those of document_families.

Where a budget is reached, another way is gone: a header of more than 256 KB is cut and what follows is a text, which is looked
at for words. From one size to the next that is a step, not growth. Such a ratio is shown by itself, with the first defect that is
new, and judged with all others: from the first size that counts to the last, a doubling costs less than 2.3 on average, too.

A step that no defect tells of stands in STEPS with its reason: there the worst ratio is one, and the average leaves it out.

What is larger than 32 MB the allocator takes from the kernel anew each time, a page fault for every 4 KB: a bomb's octets cost
twice as much from there on. That is a step, too, and so is Python's first look through all that a message keeps. Where a ratio is
too large it is measured again with memory that is kept and without such looks; the milliseconds are those of the first.
"""

import argparse
import bz2
import ctypes
import gc
import itertools
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.evasions import containers  # noqa: E402
from fakes.locked_archives import File, rar_five, seven  # noqa: E402
from fakes.udf_discs import disc, entry, identifier, long, relocated, short, tagged  # noqa: E402
from fakes.udf_discs import name as called  # noqa: E402

from bench.document_families import FAMILIES as OF_DOCUMENTS  # noqa: E402
from bench.fact_families import FAMILIES as OF_FACTS  # noqa: E402  # the paths above come first
from bench.fact_families import SIZES, TOP, body, filled, html, packed  # noqa: E402
from bench.policy_cost import rules_of  # noqa: E402
from bench.screening import mail  # noqa: E402
from screener.anatomy.message import Anatomy  # noqa: E402
from screener.policy.ruleset import RuleSet  # noqa: E402

_FLOOR = 0.02  # seconds; below it a ratio says nothing
_RATIO = 2.3
_MEMORY = 512  # MB
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # mallopt(3)


def _boundary_lines(size: int) -> bytes:
    fields = b"".join(b'Content-Type: multipart/mixed; boundary="B%d"\r\n' % number for number in range(6))
    return (
        TOP
        + fields
        + b"\r\n"
        + filled(b"".join(b"--B%d\r\nContent-Type: text/plain\r\n\r\nx\r\n" % number for number in range(6)), size)
    )


def _zip_in_zip(size: int) -> bytes:
    octets = random.Random(1).randbytes(size * 2 // 3)
    for level in range(20):
        octets = containers.zipped((f"{level}.zip", octets))
    return packed(octets, b"a.zip")


def _udf(size: int, listed: int, pieces: int) -> bytes:
    """A disc whose root lists so many names of one file, which has so many pieces, and else NULs, packed."""
    made = disc(("a.js", b"x" * 2_048), size=512)
    icb = long(512, 3)
    folder = b"".join(identifier(called(f"{number}.js"), icb) for number in range(listed))
    made.blocks |= {10_000 + at // 512: folder[at : at + 512] for at in range(0, len(folder), 512)}
    made.blocks[1] = relocated(entry(4, 0, len(folder), short(len(folder), 10_000)), 1)
    made.blocks[40] = tagged(258, 40, (0).to_bytes(4, "little") + (8 * pieces).to_bytes(4, "little") + short(512, 100) * pieces)
    made.blocks[3] = relocated(entry(5, 0, 512 * pieces, short(512 | 3 << 30, 40)), 3)
    return packed(containers.zipped(("a.iso", made.octets().ljust(size, b"\0"))), b"a.zip")


def _udf_tree(size: int) -> bytes:
    """A disc of folders in folders, each with a file; none is smaller than 350 KB."""
    made = disc(("a.js", b"x"), size=512)
    for number in range(100, 100 + 1 + size // 1_024):
        listed = identifier(called("b"), long(512, number + 1), 2) + identifier(called("a.js"), long(512, 3))
        made.blocks[number] = relocated(entry(4, 3, len(listed), listed), number)
    made.blocks[1] = made.blocks[100]
    return packed(made.octets(), b"a.iso")


FAMILIES: dict[str, Callable[[int], bytes]] = {
    **OF_FACTS,
    **OF_DOCUMENTS,
    "boundaries-six-types": _boundary_lines,
    "encodings-doubled": lambda size: TOP + b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"Content-Transfer-Encoding: x-uuencode\r\n\r\n" + filled(b"QUFB=41=\r\n", size),
    "messages-readings": body(
        b"From a\r\nMIME-Version: 1.0\r\nContent-Type: application/x\r\nContent-Type: multipart/mixed\r\n\r\n"
    ),
    "messages-fields": body(b"Content-Type: multipart/mixed\r\nContent-Type: text/plain\r\nContent-Type: message/rfc822\r\n\r\n"),
    "patterns": body(b"aaaa bbbb cccc 1111 "),
    "patterns-near": body(b"the meeting 12345 ab\tcd \r\n"),
    "words-near": body(b"abcdefghij" * 7 + b"\r\n"),
    "one-long-line": body(b"word "),
    "become-marks": body("\u0f73\uff9e".encode()),
    "marks-short": body(("a" + "\u0301\u0316" * 15 + "\u00e9").encode()),
    "controls": body(b"n\x01i\x02"),
    "strays": body("n\u0336i\ue000 \uf0b7 ".encode()),
    "html-one-word-a-tag": html(b"<b>w</b>"),
    "pdf-objects": lambda size: packed(b"%PDF-1.7\n" + filled(b"1 0 obj\n<</JS(a)>>\nendobj\n", size * 3 // 4), b"a.pdf"),
    "pdf-open": lambda size: packed(b"%PDF-1.7\n" + filled(b"<</A(", size * 3 // 4), b"a.pdf"),
    "pdf-streams": lambda size: packed(b"%PDF-1.7\n" + filled(b"1 0 obj\n<<>>\nstream\n", size * 3 // 4), b"a.pdf"),
    "rtf-groups": lambda size: packed(b"{\\rtf1 " + filled(b"{\\*\\objdata 0105", size * 3 // 4), b"a.rtf"),
    "ole-streams": lambda size: packed(containers.ole(*[(f"s{n}", b"x") for n in range(max(1, size // 6_000))]), b"a.doc"),
    "docx-members": lambda size: packed(containers.document(*[(f"word/{n}.bin", b"x") for n in range(size // 200)]), b"a.docx"),
    "zip-in-zip": _zip_in_zip,
    "zip-bomb": lambda size: packed(containers.zipped(("0.bin", bytes(size * 700))), b"a.zip"),
    "gzip-bomb": lambda size: packed(containers.gz(bytes(size * 700)), b"a.gz"),
    "udf-names": lambda size: _udf(size, size // 40, 1),
    "udf-pieces": lambda size: _udf(8 * size, 2 + size // 10_000, size // 512),
    "udf-folders": _udf_tree,
    "rar-members": lambda size: packed(containers.rar4("a.txt", b"x" * (size * 3 // 4)), b"a.rar"),
    "gzip-damaged": lambda size: packed(containers.gz(bytes(size * 300))[:-8] + bytes(8), b"a.gz"),
    "bzip2-damaged": lambda size: packed(bz2.compress(random.Random(1).randbytes(size * 3 // 4), 1)[:-4] + bytes(4), b"a.bz2"),
    "rar-said-encrypted": lambda size: packed(rar_five(*[File("a.txt", b"x" * 60, locked=True)] * (size // 250)), b"a.rar"),
    "rar-encrypted": lambda size: packed(rar_five(*[File("a", b"x", locked=True, packed=bytes(60))] * (size // 250)), b"a.rar"),
    "7z-encrypted": lambda size: packed(
        seven(*(File("a", b"hello"), File("b", b"x", locked=True, packed=bytes(64))) * (size // 250)), b"a.7z"
    ),
    "cab": lambda size: packed(containers.cab("a.txt", b"x" * (size * 3 // 4)), b"a.cab"),
    "html-file": lambda size: packed(filled(b"<script>a</script><p hidden>b</p>", size * 3 // 4), b"a.html"),
    "json-names": lambda size: packed(b"x", b'"' + filled(b"a.exe. ", size) + b'"'),
}  # fmt: skip

# Families that cost more from some size on, because something else is done from there.
_NOT_KEPT = "more than 2,000 short streams are not kept, but told apart anew for the text"
STEPS = dict.fromkeys(
    ("pdf-lengths-and-ends", "pdf-lengths-elsewhere", "pdf-streams", "pdf-streams-empty", "pdf-embedded"), _NOT_KEPT
)
STEPS["pdf-embedded-beyond"] = "what comes out of its files is of no known type from there on: four charsets are guessed"


@dataclass(frozen=True, slots=True)
class Growth:
    """What a family showed: seconds by size, the defects by size, MB at the most; why it has a step that no defect tells of."""

    times: list[float]
    ways: list[frozenset[str]]
    memory: int
    kept: list[float]  # seconds by size where memory is kept, and nothing looked through; none where that was not measured
    known: str = ""

    @property
    def ratio(self) -> float:
        """The worst between two sizes that go the same way."""
        return max((later / earlier for earlier, later, new in self._steps() if not new), default=0.0)

    @property
    def step(self) -> tuple[float, str]:
        """The worst between two sizes that do not, and what is new."""
        return max(((later / earlier, new) for earlier, later, new in self._steps() if new), default=(0.0, ""))

    @property
    def average(self) -> float:
        """A doubling's, from the last size below the floor to the last of all."""
        times = self.kept or self.times
        first = max((index for index, took in enumerate(times) if took <= _FLOOR), default=0)
        doublings = len(times) - 1 - first
        grown = times[-1] / times[first]
        if self.known and doublings > 1:
            grown, doublings = grown / self.step[0], doublings - 1
        return grown ** (1 / doublings) if doublings else 0.0

    @property
    def is_beyond(self) -> bool:
        """Whether it is more than is to be reached."""
        return max(self.ratio, self.average) >= _RATIO or self.memory >= _MEMORY

    def _steps(self) -> Iterator[tuple[float, float, str]]:
        steps = list(self._told())
        worst = max(range(len(steps)), key=lambda at: steps[at][1] / steps[at][0], default=-1)
        for number, (earlier, later, new) in enumerate(steps):
            yield earlier, later, new or (self.known if number == worst else "")

    def _told(self) -> Iterator[tuple[float, float, str]]:
        for (earlier, before), (later, after) in itertools.pairwise(zip(self.kept or self.times, self.ways, strict=True)):
            if later > _FLOOR:
                yield earlier, later, min(after - before, default="") or min(before - after, default="")


def measured(name: str, rules: RuleSet, sizes: list[int], answer: Connection) -> None:
    """Times in a process of its own; sends a Growth."""
    letters = [FAMILIES[name](size) for size in sizes]
    times = [seconds(letter, rules) for letter in letters]
    ways = [frozenset(str(one.defect) for one in Anatomy(letter).all_defects()) for letter in letters]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    kept: list[float] = []
    if Growth(times, ways, memory, [], STEPS.get(name, "")).ratio >= _RATIO and hasattr(library := ctypes.CDLL(None), "mallopt"):
        gc.disable()
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, 1 << 30)
        kept = [seconds(letter, rules) for letter in letters]
    answer.send(Growth(times, ways, memory, kept, STEPS.get(name, "")))


def seconds(content: bytes, rules: RuleSet) -> float:
    """CPU of one screening, the best of three."""
    letter = mail(content)
    spent: list[float] = []
    for _ in range(3):
        start = time.process_time()
        rules.screen(letter, Anatomy(content))
        spent.append(time.process_time() - start)
        if spent[-1] > 2:
            break
    return min(spent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*")
    parser.add_argument("--quick", action="store_true", help="only from 128 KB on")
    given = parser.parse_args()
    if unknown := [name for name in given.families if name not in FAMILIES]:
        parser.error(f"no family is called {', '.join(unknown)}; there are {', '.join(sorted(FAMILIES))}")
    rules = rules_of(10_000, 300, apart=False, chooser=random.Random(1))
    rules.screen(mail(FAMILIES["zip-members"](2048)), Anatomy(FAMILIES["zip-members"](2048)))  # what is loaded on first use
    sizes = SIZES[7:] if given.quick else SIZES
    forked = multiprocessing.get_context("fork")
    print(f"{'':<24}{'64 KB':>9}{'256 KB':>9}{'1 MB':>9}  ms{'ratio':>8}{'average':>9}{'memory':>9}{'step':>8}")  # noqa: T201
    over = 0
    for name in given.families or FAMILIES:
        here, there = forked.Pipe(duplex=False)
        child = forked.Process(target=measured, args=(name, rules, sizes, there))
        child.start()
        there.close()
        found: Growth = here.recv()
        child.join()
        times = found.times
        shown = "".join(
            f"{times[sizes.index(size)] * 1e3:>9.1f}" if size in sizes else f"{'':>9}" for size in (SIZES[6], SIZES[8], SIZES[10])
        )
        over += found.is_beyond
        step, new = found.step
        other = f"{step:>8.2f} {new}" if new else ""
        mark = "  <--" if found.is_beyond else ""
        print(f"{name:<24}{shown}    {found.ratio:>8.2f}{found.average:>9.2f}{found.memory:>6} MB{other}{mark}", flush=True)  # noqa: T201
    print(f"{len(given.families or FAMILIES)} families, {over} beyond what is to be reached")  # noqa: T201


if __name__ == "__main__":
    main()
