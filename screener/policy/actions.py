"""`then` and `also`: what a rule does, read and checked. What the words mean for a mail is `ruleset`'s and `intake`'s.

Promises that nothing an admin writes can break out of a header field or an SMTP reply: printable ASCII of bounded length only.
"""

import re
from collections.abc import Callable

from screener.frozen import dataclass
from screener.mail.address import Address, AddressError
from screener.mail.verdict import Action, Edits
from screener.policy.reading import Reading, kind_of
from screener.yamlfile import Mapping, Node, Scalar, did_you_mean

MAX_REPLY = 200  # characters: with code, enhanced code and id well under the 512 octets of a reply line (RFC 5321 4.5.3.1.5)
MAX_VALUE = 900  # characters: name, colon and value stay under the 998 octets of a line (RFC 5322 2.1.1)
MAX_TAG = 60
MAX_HEADERS = 20  # by one rule

_ASCII = re.compile(r"[ -~]*")
_CODE = re.compile(r"\s*(?:[2-5][0-9]{2}(?:[ -]+[245]\.[0-9]{1,3}\.[0-9]{1,3})?|[245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[ -]+|$)")
_FIELD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,75}")

# Fields that say how a mail is built, whom it is from, or where it has been: adding another one changes what readers show.
RESERVED = frozenset(
    (
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "received",
        "return-path",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "content-description",
        "resent-from",
        "resent-sender",
        "resent-to",
        "resent-cc",
        "resent-bcc",
        "resent-date",
        "resent-message-id",
        "dkim-signature",
    )
)


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule's `then`."""

    action: Action | None  # None: the rule has only `also`
    target: Address | None = None  # REDIRECT
    reply: str = ""  # REJECT: the rule's own text


def read_then(reading: Reading, node: Node) -> Decision | None:
    """`forward`, `hold`, `drop`, `reject`, `{redirect: address}` or `{reject: "text"}`; None after a complaint."""
    match node:
        case Scalar() if not node.is_empty:
            return _bare(reading, node)
        case Mapping(entries=(entry,)) if entry.key.text in DETAILED:
            return DETAILED[entry.key.text](reading, entry.value)
        case Mapping(entries=(entry,)) if entry.key.text in BARE:
            reading.complain(entry.key.place, f"'{entry.key.text}' takes no value: write then: {entry.key.text}")
        case Mapping(entries=(entry,)):
            hint = did_you_mean(entry.key.text, {*BARE, *DETAILED})
            reading.complain(entry.key.place, f"unknown action '{entry.key.text}'{hint}")
        case Mapping():
            reading.complain(node.place, "expected one action under 'then'")
        case _:
            reading.complain(
                node.place, f"expected an action under 'then', not {kind_of(node)}; known here: {', '.join(BARE)}, redirect"
            )
    return None


def _bare(reading: Reading, node: Scalar) -> Decision | None:
    action = BARE.get(node.text)
    if action is not None:
        return Decision(action)
    if node.text == Action.REDIRECT:
        reading.complain(node.place, "'redirect' needs an address: write then: {redirect: user@example.org}")
    else:
        reading.complain(node.place, f"unknown action '{node.text}'{did_you_mean(node.text, {*BARE, *DETAILED})}")
    return None


def _redirect(reading: Reading, node: Node) -> Decision | None:
    text = reading.text(node, "an address such as user@example.org")
    if text is None:
        return None
    try:
        address = Address.parse(text)
    except AddressError as error:
        reading.complain(node.place, f"{error}: expected an address such as user@example.org")
        return None
    return Decision(Action.REDIRECT, target=address)


def _reject(reading: Reading, node: Node) -> Decision | None:
    text = _line(reading, node, "the text of the reply", MAX_REPLY)
    if text is not None and (code := _CODE.match(text)) is not None:
        reading.warn(
            node.place, f"the text begins with '{code[0].strip()}', but the codes are ours (550 5.7.1): write the text alone"
        )
    return None if text is None else Decision(Action.REJECT, reply=text)


BARE: dict[str, Action] = {action.value: action for action in (Action.FORWARD, Action.HOLD, Action.DROP, Action.REJECT)}
DETAILED: dict[str, Callable[[Reading, Node], Decision | None]] = {"redirect": _redirect, "reject": _reject}


def read_also(reading: Reading, node: Node) -> Edits | None:
    """`add_header` and `tag_subject`; None after a complaint."""
    if not isinstance(node, Mapping) or not node.entries:
        reading.complain(node.place, f"expected keys under 'also', not {kind_of(node)}; known here: add_header, tag_subject")
        return None
    headers: tuple[tuple[str, str], ...] | None = ()
    tag: str | None = ""
    for entry in node.entries:
        match entry.key.text:
            case "add_header":
                headers = _headers(reading, entry.value)
            case "tag_subject":
                tag = _line(reading, entry.value, "a tag such as [EXTERNAL]", MAX_TAG)
            case other:
                hint = did_you_mean(other, ["add_header", "tag_subject"])
                reading.complain(entry.key.place, f"unknown key '{other}' under 'also'{hint}")
                headers = None
    return None if headers is None or tag is None else Edits(headers, tag)


def _headers(reading: Reading, node: Node) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(node, Mapping) or not node.entries:
        reading.complain(node.place, f"expected a field and its value, such as X-Screened: yes, not {kind_of(node)}")
        return None
    if len(node.entries) > MAX_HEADERS:
        reading.complain(node.place, f"more than {MAX_HEADERS} fields")
        return None
    found = []
    for entry in node.entries:
        name = entry.key.text
        value = _line(reading, entry.value, "the value of a header field", MAX_VALUE)
        if _FIELD_NAME.fullmatch(name) is None:
            reading.complain(entry.key.place, f"{name[:80]!r} is no name of a header field: expected one such as X-Screened")
        elif name.lower() in RESERVED or name.lower().startswith("content-"):
            reading.complain(entry.key.place, f"'{name}' cannot be added by a rule: a second one would change what readers show")
        elif value is not None:
            found.append((name, value))
    return tuple(found) if len(found) == len(node.entries) else None


def _line(reading: Reading, node: Node, expected: str, limit: int) -> str | None:
    """One line of printable ASCII."""
    text = reading.text(node, expected)
    if text is None:
        return None
    if not text.strip() or len(text) > limit or _ASCII.fullmatch(text) is None:
        reading.complain(
            node.place, f"{text[:60]!r} cannot be used: expected {expected}, 1 to {limit} printable ASCII characters on one line"
        )
        return None
    return text
