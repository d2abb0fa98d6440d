"""The rule language: YAML → RuleSet. The tables here are the one place where names of conditions and keys are given a meaning.

Promises that a source is compiled whole or not at all, with every error at once as `file:line:column: what, did you mean …`.
What the keys inside a block mean is said in `conditions/`, what actions mean in `actions`; the language for people is described
in `rules/README.md`.
"""

import datetime
import hashlib
from collections.abc import Callable
from functools import cached_property

from screener import yamlfile
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.verdict import Edits
from screener.policy import lint
from screener.policy.actions import Decision, read_also, read_then
from screener.policy.combine import AllOf, Unless, together
from screener.policy.conditions.address import read_from, read_header_address, read_recipient, read_sender
from screener.policy.conditions.attachment import read_attachment, read_attachments
from screener.policy.conditions.client import read_client, read_listener
from screener.policy.conditions.message import read_message, read_recipients
from screener.policy.conditions.text import Where, read_header, text_reader
from screener.policy.pattern_time import USUAL, PatternTime
from screener.policy.reading import KeyReader, Reading, kind_of
from screener.policy.ruleset import Rule, RuleSet
from screener.policy.source import Source
from screener.policy.truth import Condition
from screener.policy.words import Wordbook
from screener.yamlfile import Complaint, Complaints, Mapping, Node, Place, Scalar, Sequence, Severity

MAX_NAME = 64  # characters of a rule's name: it is a metric label and a column of tables

CONDITIONS: dict[str, KeyReader[Address]] = {
    "client": read_client,
    "listener": read_listener,
    "sender": read_sender,
    "from": read_from,
    "header_address": read_header_address,
    "recipient": read_recipient,
    "recipients": read_recipients,
    "header": read_header,
    "subject": text_reader(Where.SUBJECT),
    "body": text_reader(Where.BODY),
    "text": text_reader(Where.TEXT),
    "attachment_text": text_reader(Where.ATTACHMENT_TEXT),
    "attachment": read_attachment,
    "attachments": read_attachments,
    "message": read_message,
}

RULE_KEYS = ("name", "about", "when", "unless", "then", "also", "mode", "enabled", "expires")


@dataclass(frozen=True)
class Compiled:
    """A rule set fit for use, and what is odd about it."""

    ruleset: RuleSet
    noted: tuple[Complaint, ...]  # warnings met while reading
    routable: Callable[[Address], bool] | None = None

    @cached_property
    def warnings(self) -> tuple[Complaint, ...]:
        """Everything that works but probably not as meant; worked out when first asked (a screening process never does)."""
        return tuple(sorted((*self.noted, *lint.warnings(self.ruleset, self.routable))))


def compile_source(
    source: Source,
    *,
    routable: Callable[[Address], bool] | None = None,
    listeners: tuple[str, ...] | None = None,
    pattern_time: PatternTime = USUAL,
    now: float | None = None,
) -> Compiled:
    """The rule set of a source; raises Complaints with all errors.

    `routable`: whether an address has a route, for the targets of `redirect` (None: not checked). `listeners`: the names that a
    rule can ask for (None: not checked). `pattern_time`: how long patterns may run. `now`: seconds since the
    epoch, to warn of rules that have expired (None: not checked).
    """
    reading = Reading(source, listeners=listeners)
    rules: list[Rule] = []
    names: dict[str, Place] = {}
    for path, octets in source.files:
        if path.endswith((".yaml", ".yml")):
            rules.extend(_read_file(reading, path, octets, names, now))
    errors = [complaint for complaint in reading.complaints if complaint.severity is Severity.ERROR]
    if errors:
        raise Complaints(dict.fromkeys(errors))
    if not rules:
        reading.warn(Place(source.shown), "there is no rule: every mail is forwarded")
    for path, entries in reading.lists.items():
        if not entries:
            reading.warn(reading.used[path], f"the list {path} is empty")
    hashes = {path: hashlib.sha256(octets).hexdigest()[:12] for path, octets in source.files if path in reading.lists}
    ruleset = RuleSet(
        tuple(rules),
        Wordbook(reading.vocabulary),
        set_hash=source.hash,
        lists={path: len(entries) for path, entries in sorted(reading.lists.items())},
        list_hashes=hashes,
        pattern_time=pattern_time,
        lookalikes=reading.lookalikes,
    )
    return Compiled(ruleset, tuple(dict.fromkeys(reading.complaints)), routable)


def _read_file(reading: Reading, path: str, octets: bytes, names: dict[str, Place], now: float | None) -> list[Rule]:
    try:
        root = yamlfile.read(octets, path, reading.complaints)
    except Complaints as error:
        reading.complaints.extend(error.complaints)
        return []
    if not isinstance(root, Mapping):
        reading.complain(root.place, f"expected 'rules:' with a list of rules, not {kind_of(root)}")
        return []
    found: list[Rule] = []
    for entry in root.entries:
        if entry.key.text != "rules":
            hint = yamlfile.did_you_mean(entry.key.text, ["rules"])
            reading.complain(entry.key.place, f"unknown key '{entry.key.text}'{hint}")
        elif isinstance(entry.value, Sequence):
            found.extend(rule for node in entry.value if (rule := _read_rule(reading, node, names, now)) is not None)
        elif not (isinstance(entry.value, Scalar) and entry.value.is_empty):
            reading.complain(entry.value.place, f"expected a list of rules under 'rules', not {kind_of(entry.value)}")
    return found


def _read_rule(reading: Reading, node: Node, names: dict[str, Place], now: float | None) -> Rule | None:
    """One rule; None after a complaint."""
    if not isinstance(node, Mapping):
        reading.complain(node.place, f"expected a rule ('- name: …'), not {kind_of(node)}")
        return None
    before = len(reading.complaints)
    for entry in node.entries:
        if entry.key.text not in RULE_KEYS:
            hint = yamlfile.did_you_mean(entry.key.text, [*RULE_KEYS, *CONDITIONS])
            below = " (conditions stand under 'when' or 'unless')" if entry.key.text in CONDITIONS else hint
            reading.complain(entry.key.place, f"unknown key '{entry.key.text}' in a rule{below}")
    name = _name(reading, node, names)
    about, mode, enabled = node.get("about"), node.get("mode"), node.get("enabled")
    then, also, expires = node.get("then"), node.get("also"), node.get("expires")
    decision = Decision(None) if then is None else read_then(reading, then)
    edits = Edits() if also is None else read_also(reading, also)
    if then is None and also is None:
        reading.complain(node.place, f"the rule '{name or '?'}' does nothing: expected 'then' or 'also'")
    observe = mode is not None and reading.word(mode, ("observe", "act"), "observe or act") == "observe"
    on = True if enabled is None else reading.boolean(enabled)
    end = None if expires is None else _expires(reading, expires, now)
    shown_about = "" if about is None else reading.text(about, "a sentence about the rule")
    condition = _condition(reading, node)
    if (
        name is None
        or decision is None
        or edits is None
        or any(complaint.severity is Severity.ERROR for complaint in reading.complaints[before:])
    ):
        return None
    return Rule(
        name=name,
        place=node.place,
        condition=condition,
        action=decision.action,
        target=decision.target,
        reply=decision.reply,
        edits=edits,
        about=" ".join((shown_about or "").split()),
        observe=observe,
        enabled=on is not False,
        expires=end,
        per_recipient=condition is not None and condition.per_recipient,
        fingerprint=hashlib.sha256(repr(yamlfile.plain(node)).encode("utf-8", "surrogatepass")).hexdigest()[:12],
    )


def _name(reading: Reading, node: Mapping, names: dict[str, Place]) -> str | None:
    value = node.get("name")
    if value is None:
        reading.complain(node.place, "a rule has no name: expected 'name: …', unlike any other rule's")
        return None
    name = reading.text(value, "a name for the rule")
    if name is None:
        return None
    if len(name) > MAX_NAME or not name.isprintable() or name != name.strip():
        reading.complain(value.place, f"{name[:80]!r} is no name: expected 1 to {MAX_NAME} printable characters")
        return None
    if name in names:
        reading.complain(value.place, f"the name '{name}' is used twice; the first is at {names[name]}")
        return None
    names[name] = value.place
    return name


def _expires(reading: Reading, node: Node, now: float | None) -> float | None:
    """The end of a day (UTC), in seconds since the epoch."""
    text = reading.text(node, "a date such as 2030-12-31")
    if text is None:
        return None
    try:
        day = datetime.date.fromisoformat(text)
        end = datetime.datetime.combine(day, datetime.time(), datetime.UTC) + datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        reading.complain(node.place, f"'{text}' is no date: expected one such as 2030-12-31")
        return None
    if now is not None and now >= end.timestamp():
        reading.warn(node.place, f"the rule has expired on {text}: it no longer fires")
    return end.timestamp()


def _condition(reading: Reading, node: Mapping) -> Condition[Address] | None:
    """`when` and not `unless`, as one condition; None where a rule has neither (or after a complaint)."""
    when, unless = node.get("when"), node.get("unless")
    parts: list[Condition[Address]] = []
    if when is not None:
        wanted = reading.block(when, "when", CONDITIONS)
        if wanted is not None:
            parts.extend(wanted.parts if isinstance(wanted, AllOf) else (wanted,))
    if unless is not None:
        excepted = reading.block(unless, "unless", CONDITIONS)
        if excepted is not None:
            parts.append(Unless(excepted))
    return together(parts) if parts else None
