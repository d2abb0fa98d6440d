"""Rule sets of any size, of the kinds that mail admins write; no letter of the benchmark matches any of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.lists import made
from bench.systems.hop import write_rules


def rule(number: int, word: str, other: str) -> Mapping[str, object]:
    """One of eight kinds in turn: half ask for the envelope or a header field, the rest for text and files."""
    conditions: tuple[Mapping[str, object], ...] = (
        {"sender": {"domain": f"{word}.example"}},
        {"subject": {"words": [f"{word} {other}", word]}},
        {"header": {"name": "X-Mailer", "contains": word}},
        {"text": {"words": [word, f"{other} {word}"]}},
        {"client": {"address": f"198.51.{100 + number // 256 % 100}.{number % 256}"}},
        {"attachment": {"name": f"{word}*.doc"}},
        {"recipient": {"address": f"{word}.{other}@example.org"}},
        {"text": {"pattern": rf"\b{word}\s+{other}\s+\d{{2,}}"}},
    )
    return {"name": f"rule-{number}", "when": conditions[number % len(conditions)], "then": "hold"}


def rules(count: int, *, words: int = 0, senders: int = 0) -> Callable[[Path], None]:
    """Writes so many rules, and lists of so many words and senders with a rule each, into a folder."""

    def write(folder: Path) -> None:
        stock = made(2 * count, "rules")
        written = [rule(number, *pair) for number, pair in enumerate(zip(stock[::2], stock[1::2], strict=True))]
        if words:
            (folder / "lists" / "words.txt").write_text("\n".join(made(words, "listed")) + "\n", encoding="ascii")
            written.append({"name": "words", "when": {"text": {"words": {"file": "lists/words.txt"}}}, "then": "hold"})
        if senders:
            listed = "".join(f"{name}@{name}.example\n" for name in made(senders, "senders"))
            (folder / "lists" / "senders.txt").write_text(listed, encoding="ascii")
            written.append({"name": "senders", "when": {"sender": {"address": {"file": "lists/senders.txt"}}}, "then": "hold"})
        write_rules(folder, written)

    return write
