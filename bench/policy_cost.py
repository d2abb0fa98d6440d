"""What judging costs: CPU a message of `RuleSet.screen`, its anatomy included, for 4 KB of text.

    .venv/bin/python bench/policy_cost.py [--words 10000] [--patterns 300] [--size 4096] [--seconds 1]

Prints microseconds of CPU a message for the shipped rules alone, and for the shipped rules with so many words and patterns: once
in one rule each, once with every pattern in a rule of its own. "rules only" leaves out what the anatomy takes to read the mail.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from screener.anatomy.message import Anatomy  # noqa: E402  # the path above comes first
from screener.mail.address import Address  # noqa: E402
from screener.mail.envelope import Client, Envelope, Recipient  # noqa: E402
from screener.mail.mail import Content, Mail  # noqa: E402
from screener.policy.rulefile import compile_source  # noqa: E402
from screener.policy.ruleset import RuleSet  # noqa: E402
from screener.policy.source import Source  # noqa: E402

LETTERS = "abcdefghijklmnopqrstuvwxyz"
COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "he",
    "his",
    "but",
    "at",
]


def mail_of(size: int, chooser: random.Random) -> Mail:
    """A plain mail of text of about `size` octets."""
    vocabulary = COMMON * 4 + ["".join(chooser.choices(LETTERS, k=chooser.randint(3, 10))) for _ in range(400)]
    lines, length = [], 0
    while length < size:
        line = " ".join(chooser.choice(vocabulary) for _ in range(12)) + "."
        lines.append(line)
        length += len(line) + 2
    head = (
        "Received: from a.example (a.example [192.0.2.9]) by b.example with ESMTPS id 1; Sun, 15 Jun 2025 12:00:00 +0000\r\n"
        "From: Anna <anna@example.net>\r\nTo: Ben <ben@example.org>\r\nSubject: The minutes of Monday's meeting\r\n"
        "Date: Sun, 15 Jun 2025 12:00:00 +0000\r\nMessage-ID: <1@example.net>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
    )
    envelope = Envelope(Client("192.0.2.9"), Address.parse("anna@example.net"), (Recipient(Address.parse("ben@example.org")),))
    return Mail("bench", 1_750_000_000.0, envelope, Content((head + "\r\n".join(lines) + "\r\n").encode()))


def rules_of(words: int, patterns: int, *, apart: bool, chooser: random.Random) -> RuleSet:
    """The shipped rules, and as many words and patterns more."""
    shipped = Source.read(ROOT / "rules", "rules")
    if not words and not patterns:
        return compile_source(shipped).ruleset
    listed = "\n".join("".join(chooser.choices(LETTERS, k=chooser.randint(5, 12))) for _ in range(words))
    made = [rf"\b{''.join(chooser.choices(LETTERS, k=6))}\s+\w{{2,}}\s+\d+" for _ in range(patterns)]
    more = ["rules:", "  - {name: more-words, when: {text: {words: {file: lists/more.txt}}}, then: hold}"]
    if apart:
        more += [f"  - {{name: p{number}, when: {{text: {{pattern: '{text}'}}}}, then: hold}}" for number, text in enumerate(made)]
    else:
        listing = ", ".join(f"'{text}'" for text in made)
        more += [f"  - {{name: more-patterns, when: {{text: {{pattern: [{listing}]}}}}, then: hold}}"]
    rule_files = tuple(file for file in shipped.files if file[0].endswith(".yaml"))
    lists = tuple(file for file in shipped.files if not file[0].endswith(".yaml"))
    source = Source.of(
        (*rule_files, ("rules/90-more.yaml", "\n".join(more).encode())), (*lists, ("rules/lists/more.txt", listed.encode()))
    )
    return compile_source(source).ruleset


def microseconds(run: Callable[[], object], seconds: float, rounds: int = 50) -> float:
    """CPU of one call, the best of several runs of so many calls, as many as so many seconds allow."""
    run()
    best = float("inf")
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.process_time()
        for _ in range(rounds):
            run()
        best = min(best, (time.process_time() - start) / rounds)
    return best * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--patterns", type=int, default=300)
    parser.add_argument("--size", type=int, default=4_096, help="octets of text")
    parser.add_argument("--seconds", type=float, default=1.0, help="of measuring for each line")
    given = parser.parse_args()
    chooser = random.Random(1)
    mail = mail_of(given.size, chooser)
    sets = {
        "shipped rules": rules_of(0, 0, apart=False, chooser=chooser),
        f"with {given.words} words, {given.patterns} patterns": rules_of(given.words, given.patterns, apart=False, chooser=chooser),
        "the same, each pattern a rule": rules_of(given.words, given.patterns, apart=True, chooser=chooser),
    }
    print(f"{mail.content.size} octets, microseconds of CPU a message")  # noqa: T201
    print(f"{'':<34}{'whole':>9}{'rules only':>12}{'at RCPT':>10}")  # noqa: T201
    for name, ruleset in sets.items():
        figures = measured(ruleset, mail, given.seconds)
        print(f"{name:<34}{figures[0]:>9.0f}{figures[1]:>12.0f}{figures[2]:>10.1f}")  # noqa: T201


def measured(ruleset: RuleSet, mail: Mail, seconds: float) -> tuple[float, float, float]:
    """Microseconds of the whole, of the rules alone, and of the answer at RCPT."""
    anatomy = Anatomy(mail.content.octets)
    client, sender, recipient = mail.envelope.client, mail.envelope.sender, mail.envelope.recipients[0].address
    return (
        microseconds(lambda: ruleset.screen(mail, Anatomy(mail.content.octets)), seconds),
        microseconds(lambda: ruleset.screen(mail, anatomy), seconds),
        microseconds(lambda: ruleset.screen_recipient(client, sender, recipient), seconds),
    )


if __name__ == "__main__":
    main()
