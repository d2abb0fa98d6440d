"""What is decided about a mail, recipient by recipient, and why.

Values only, with their JSON form: they cross a pipe from the screening processes and lie in the store. The JSON form is read
strictly: a screening process has touched hostile content, so nothing that comes from it is trusted beyond these types.
"""

import json
from enum import StrEnum

from screener.frozen import dataclass
from screener.mail.address import Address

_MOST_SECONDS = 1e9


class Action(StrEnum):
    """What becomes of one recipient's copy."""

    FORWARD = "forward"
    REDIRECT = "redirect"
    HOLD = "hold"
    DROP = "drop"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a condition held. `text` may quote the mail (for people and the store), unless it says why something could not be judged;
    of all others logs use only the other three."""

    condition: str  # "attachment.extension"
    text: str  # one printable line, at most 300 characters: 'invoice.pdf.exe has extension "exe"'
    place: str = ""  # "part 2 > docs.zip", "header Subject", "envelope"
    entry: str = ""  # the list line that hit: "lists/words.txt:12"


@dataclass(frozen=True, slots=True)
class Edits:
    """What is added to a recipient's copy on its way out; the content itself stays octet for octet."""

    headers: tuple[tuple[str, str], ...] = ()  # name, value; added on top, below our Received field
    subject_tag: str = ""  # put before the subject's text

    def __bool__(self) -> bool:
        return bool(self.headers or self.subject_tag)


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that matched, whether or not it decided."""

    rule: str
    source: str  # "rules/20-attachments.yaml:4"
    action: Action | None  # None for a rule with only `also`
    evidence: tuple[Evidence, ...] = ()
    observed: bool = False  # `mode: observe`: logged and counted, never acted on


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision for one recipient."""

    action: Action = Action.FORWARD
    rule: str = ""  # the deciding rule's name; "" where no rule decided
    source: str = ""
    evidence: tuple[Evidence, ...] = ()
    target: Address | None = None  # REDIRECT only
    reply: str = ""  # REJECT only: the rule's own text, without codes; "" for the standard one
    edits: Edits = Edits()
    hits: tuple[Hit, ...] = ()  # every rule that matched; for a hold also those after the deciding one
    unsure: bool = False  # HOLD because something could not be judged


@dataclass(frozen=True, slots=True)
class Facts:
    """What the history and people want to know of a mail besides its envelope. All texts printable and bounded (998 characters)."""

    subject: str = ""
    message_id: str = ""
    from_: str = ""
    defects: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()  # a name for each, at most 20


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer of `ruleset.screen`: one verdict a recipient, in the envelope's order."""

    verdicts: tuple[Verdict, ...]
    facts: Facts
    ruleset: str  # hash of the rule set that judged, 12 hex digits
    seconds: float = 0.0
    rule_seconds: tuple[tuple[str, float], ...] = ()  # time spent by rule, where it was measured

    @property
    def unsure(self) -> bool:
        """Whether any recipient is held because something could not be judged."""
        return any(verdict.unsure for verdict in self.verdicts)


def verdict_to_json(verdict: Verdict) -> str:
    """The compact JSON form of a verdict, read back by `verdict_from_json`."""
    return json.dumps(_verdict_out(verdict), separators=(",", ":"), ensure_ascii=False)


def verdict_from_json(text: str) -> Verdict:
    """Raises ValueError for anything that is not such a form."""
    try:
        return _verdict_in(json.loads(text))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a verdict: {error!r}") from error


def screening_to_json(screening: Screening) -> str:
    """The JSON form in which a screening process answers."""
    facts = screening.facts
    return json.dumps(
        {
            "verdicts": [_verdict_out(verdict) for verdict in screening.verdicts],
            "facts": [facts.subject, facts.message_id, facts.from_, list(facts.defects), list(facts.attachments)],
            "ruleset": screening.ruleset,
            "seconds": screening.seconds,
            "rule_seconds": [list(pair) for pair in screening.rule_seconds],
        },
        separators=(",", ":"),
    )


def screening_from_json(text: str | bytes) -> Screening:
    """Raises ValueError for anything that is not such a form."""
    try:
        data = json.loads(text)
        subject, message_id, from_, defects, attachments = data["facts"]
        return Screening(
            verdicts=tuple(_verdict_in(verdict) for verdict in data["verdicts"]),
            facts=Facts(_text(subject), _text(message_id), _text(from_), _texts(defects), _texts(attachments)),
            ruleset=_name(data["ruleset"]),
            seconds=_seconds(data["seconds"]),
            rule_seconds=tuple((_text(rule), _seconds(seconds)) for rule, seconds in data["rule_seconds"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a screening: {error!r}") from error


def _verdict_out(verdict: Verdict) -> dict[str, object]:
    out: dict[str, object] = {"action": verdict.action.value}
    if verdict.rule:
        out |= {"rule": verdict.rule, "source": verdict.source}
    if verdict.evidence:
        out["evidence"] = _evidence_out(verdict.evidence)
    if verdict.target is not None:
        out["target"] = verdict.target.text
    if verdict.reply:
        out["reply"] = verdict.reply
    if verdict.edits:
        out["edits"] = [[list(header) for header in verdict.edits.headers], verdict.edits.subject_tag]
    if verdict.hits:
        out["hits"] = [
            [hit.rule, hit.source, hit.action and hit.action.value, _evidence_out(hit.evidence), hit.observed]
            for hit in verdict.hits
        ]
    if verdict.unsure:
        out["unsure"] = True
    return out


def _verdict_in(data: dict[str, object]) -> Verdict:
    target = data.get("target")
    edits = data.get("edits")
    action = Action(_text(data["action"]))
    if action is Action.REDIRECT and target is None:
        raise ValueError("a redirect to nobody")
    return Verdict(
        action=action,
        rule=_name(data.get("rule", "")),
        source=_name(data.get("source", "")),
        evidence=_evidence_in(data.get("evidence", [])),
        target=None if target is None else Address.parse(_text(target)),
        reply=_text(data.get("reply", "")),
        edits=Edits() if edits is None else edits_in(edits),
        hits=tuple(_hit_in(hit) for hit in _list(data.get("hits", []))),
        unsure=data.get("unsure", False) is True,
    )


def edits_in(data: object) -> Edits:
    """Edits out of their JSON form `[[[name, value], …], subject_tag]`; raises ValueError or TypeError."""
    headers, subject_tag = _list(data)
    return Edits(tuple((_text(name), _text(value)) for name, value in map(_list, _list(headers))), _text(subject_tag))


def _hit_in(data: object) -> Hit:
    rule, source, action, evidence, observed = _list(data)
    return Hit(
        _text(rule), _text(source), None if action is None else Action(_text(action)), _evidence_in(evidence), observed is True
    )


def _evidence_out(evidence: tuple[Evidence, ...]) -> list[list[str]]:
    return [[one.condition, one.text, one.place, one.entry] for one in evidence]


def _evidence_in(data: object) -> tuple[Evidence, ...]:
    return tuple(Evidence(*map(_text, _list(one))) for one in _list(data))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {type(value).__name__}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in _list(value))


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value < _MOST_SECONDS:  # as NaN is not, either
        raise ValueError("expected seconds")
    return float(value)


def _name(value: object) -> str:
    """A text that can be stored as it is: without single surrogates, which none of ours has."""
    text = _text(value)
    text.encode()  # UnicodeEncodeError is a ValueError
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a text, got {type(value).__name__}")
    return value
