"""What screening a message costs, anatomy and rules together: CPU a message, and over the corpus by source.

    .venv/bin/python -m bench.screening [--words 10000] [--patterns 300] [--seconds 2] [--no-corpus]

The rules are the shipped ones with so many words and patterns more. First four messages: 4 KB of text, a 50 KB multipart with a
30 KB PDF, 5.3 MB with one PDF (to reach: 0.25, 0.8 and 4 ms), and M, which the whole hop is measured with: of its 50 KB a page of
HTML is 5. "cold" is with 64 MiB written between two mails: in the hop, whose processes take turns at the caches, a mail costs
nearly that. Then each message of the corpus, the best of three: median, 99th percentile and maximum in milliseconds (to reach:
p99 20, maximum 250), and the slowest messages.
"""

import argparse
import base64
import random
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.corpus import specimens  # noqa: E402

from bench.letters import letter  # noqa: E402
from bench.policy_cost import mail_of, microseconds, rules_of  # noqa: E402  # the paths above come first
from screener.anatomy.message import Anatomy  # noqa: E402
from screener.mail.address import Address  # noqa: E402
from screener.mail.envelope import Client, Envelope, Recipient  # noqa: E402
from screener.mail.mail import Content, Mail  # noqa: E402
from screener.policy.ruleset import RuleSet  # noqa: E402

ENVELOPE = Envelope(Client("192.0.2.9"), Address.parse("anna@example.net"), (Recipient(Address.parse("ben@example.org")),))
_BETWEEN = 64 * 1024 * 1024  # octets that are written to empty the caches
_TARGETS = {"4 KB of text": 0.25, "50 KB with a 30 KB PDF": 0.8, "5.3 MB with one PDF": 4.0}


def document(size: int, chooser: random.Random) -> bytes:
    """A PDF of about this size, most of it packed streams."""
    objects = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    out = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + objects]
    length = len(out[0])
    number = 3
    while length < size:
        packed = zlib.compress(chooser.randbytes(min(60_000, size - length)))
        head = b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % (number, len(packed))
        out.append(head + packed + b"\nendstream\nendobj\n")
        length += len(out[-1])
        number += 1
    return b"".join(out) + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def with_document(text: bytes, pdf: bytes) -> bytes:
    """A multipart of a text and a PDF."""
    fields, _, body = text.partition(b"\r\n\r\n")
    kept = b"\r\n".join(line for line in fields.split(b"\r\n") if not line.startswith(b"Content-"))
    mark = b"----=_NextPart_000_0001"
    return (
        kept + b'\r\nContent-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\nThis is a multi-part message in MIME format.'
        b"\r\n\r\n--" + mark + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body + b"\r\n--" + mark
        + b'\r\nContent-Type: application/pdf; name="minutes.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="minutes.pdf"\r\n\r\n' + base64.encodebytes(pdf).replace(b"\n", b"\r\n")
        + b"\r\n--" + mark + b"--\r\n"
    )  # fmt: skip


def mail(content: bytes) -> Mail:
    """With an ordinary envelope."""
    return Mail("bench", 1_750_000_000.0, ENVELOPE, Content(content))


def one_by_one(rules: RuleSet, seconds: float, chooser: random.Random) -> None:
    """The four messages."""
    contents = {
        "4 KB of text": bytes(mail_of(4_096, chooser).content.octets),
        "50 KB with a 30 KB PDF": with_document(bytes(mail_of(8_500, chooser).content.octets), document(30_000, chooser)),
        "5.3 MB with one PDF": with_document(bytes(mail_of(4_096, chooser).content.octets), document(3_920_000, chooser)),
        "M of the hop's bench": letter("M").replace(b"\n", b"\r\n"),
    }
    print(f"{'':<26}{'octets':>10}{'whole':>9}{'anatomy':>9}{'cold':>9}{'to reach':>10}  ms of CPU a message")  # noqa: T201
    for name, content in contents.items():
        screened = partial(_screened, rules, mail(content))
        rounds = 2 if len(content) > 1_000_000 else 20
        whole = microseconds(screened, seconds, rounds) / 1e3
        alone = microseconds(partial(facts, content), seconds / 2, rounds) / 1e3
        target = f"{_TARGETS[name]:.2f}" if name in _TARGETS else ""
        print(f"{name:<26}{len(content):>10}{whole:>9.3f}{alone:>9.3f}{cold(screened):>9.3f}{target:>10}")  # noqa: T201


def _screened(rules: RuleSet, letter: Mail) -> None:
    rules.screen(letter, Anatomy(letter.content.octets))


def cold(run: Callable[[], object], times: int = 60) -> float:
    """Milliseconds of CPU of one call where the caches hold other things, the median."""
    spent = []
    others = bytearray(_BETWEEN)
    for _ in range(times):
        others[::64] = others[::64]
        start = time.process_time()
        run()
        spent.append((time.process_time() - start) * 1e3)
    return median(spent)


def facts(content: bytes) -> None:
    """What the shipped rules ask of an anatomy, without the rules."""
    anatomy = Anatomy(content)
    _ = (anatomy.subjects, anatomy.texts, [(one.names, one.extensions, one.types, one.encrypted) for one in anatomy.attachments])
    anatomy.all_defects()


def over_corpus(rules: RuleSet) -> None:
    """Each message of the corpus, by source."""
    times: dict[str, list[float]] = defaultdict(list)
    slowest: list[tuple[float, int, str]] = []
    for specimen in specimens():
        letter = mail(specimen.wire())
        spent = []
        for _ in range(3):
            start = time.process_time()
            rules.screen(letter, Anatomy(letter.content.octets))
            spent.append((time.process_time() - start) * 1e3)
        times[specimen.path.partition("/")[0]].append(min(spent))
        slowest.append((min(spent), letter.content.size, specimen.path))
    times["all"] = [one for source in list(times.values()) for one in source]
    print(f"\n{'source':<28}{'messages':>9}{'median':>9}{'p99':>9}{'max':>9}  ms of CPU a message")  # noqa: T201
    for source, spent in times.items():
        spent.sort()
        percentile = spent[min(len(spent) - 1, int(len(spent) * 0.99))]
        print(f"{source:<28}{len(spent):>9}{spent[len(spent) // 2]:>9.2f}{percentile:>9.2f}{spent[-1]:>9.2f}")  # noqa: T201
    print("\nslowest")  # noqa: T201
    for took, size, path in sorted(slowest, reverse=True)[:8]:
        print(f"{took:>9.1f} ms {size:>9} octets  {path}")  # noqa: T201


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--patterns", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=2.0, help="of measuring for each figure")
    parser.add_argument("--no-corpus", action="store_true")
    given = parser.parse_args()
    chooser = random.Random(1)
    rules = rules_of(given.words, given.patterns, apart=False, chooser=chooser)
    one_by_one(rules, given.seconds, chooser)
    if not given.no_corpus:
        over_corpus(rules)


if __name__ == "__main__":
    main()
