"""The arguments of EHLO, MAIL and RCPT: text in, values or the refusing Reply out (RFC 5321 4.1, RFC 1870, 3461, 4954, 6152, 6531).

Pure; never raises, whatever the text. Promises that a path without angle brackets, a routing trick or an unknown parameter is
never guessed at. What may be done with an address is left to `access`, what is announced to `session`.
"""

import re

from screener.frozen import dataclass
from screener.mail.address import NULL_SENDER, Address, AddressError
from screener.mail.envelope import Body, Notify, Recipient, Return
from screener.mail.reply import Reply

POSTMASTER = "postmaster"

_PATH = r'<((?:[^<>"]|"(?:[^"\\]|\\.)*")*)>(?: +(.*))?'
_MAIL = re.compile(rf"FROM: *{_PATH}", re.IGNORECASE)
_RCPT = re.compile(rf"TO: *{_PATH}", re.IGNORECASE)
_HOP = r"@(?:\[[^\[\]]*\]|[^][@:,\"\\]+)"
_SOURCE_ROUTE = re.compile(rf"{_HOP}(?:,{_HOP})*:")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^ ]+))?")
_SIZE = re.compile(r"[0-9]{1,20}")
_XTEXT = re.compile(r"(?:[!-*,-~]|\+[0-9A-Fa-f]{2})+")  # RFC 3461 4; "=" is let through, as senders write it
_ORCPT = re.compile(r"[A-Za-z0-9-]{1,40};[^ ]+")
_HELO = re.compile(r"[!-~]{1,255}")

_MAIL_SYNTAX = Reply(501, "5.5.4", "Syntax: MAIL FROM:<address> [parameters]; the angle brackets are needed")
_RCPT_SYNTAX = Reply(501, "5.5.4", "Syntax: RCPT TO:<address> [parameters]; the angle brackets are needed")
_HELO_SYNTAX = Reply(501, "5.5.4", "Syntax: EHLO your-host-name")
_NEEDS_SMTPUTF8 = Reply(553, "5.6.7", "An address beyond ASCII needs MAIL with SMTPUTF8")
_TOO_LONG_ENVID = Reply(501, "5.5.4", "ENVID: expected at most 100 characters of xtext")
_BAD_ORCPT = Reply(501, "5.5.4", "ORCPT: expected type;address with at most 500 characters")
_BAD_NOTIFY = Reply(501, "5.5.4", "NOTIFY: expected NEVER, or a list of SUCCESS, FAILURE, DELAY")


@dataclass(frozen=True, slots=True)
class MailFrom:
    """What one MAIL command said."""

    sender: Address
    size: int | None = None  # octets, the client's own estimate
    body: Body = Body.SEVEN_BIT
    smtputf8: bool = False
    ret: Return | None = None
    envid: str = ""


def parse_helo(argument: str) -> str | Reply:
    """The name in EHLO or HELO. Its form is the client's affair (RFC 5321 4.1.4): only what is no single word is refused."""
    return argument if _HELO.fullmatch(argument) else _HELO_SYNTAX


def parse_mail(argument: str) -> MailFrom | Reply:
    """`FROM:<path> parameters`."""
    match = _MAIL.fullmatch(argument)
    if match is None:
        return _MAIL_SYNTAX
    path, rest = match.groups()
    if path:
        try:
            sender = Address.parse(_without_route(path))
        except AddressError as error:
            return _unusable("5.1.7", error)
    else:
        sender = NULL_SENDER
    if not rest:
        return MailFrom(sender) if sender.is_ascii else _NEEDS_SMTPUTF8
    parameters = _parameters(rest)
    if isinstance(parameters, Reply):
        return parameters
    return _mail_from(sender, parameters)


def parse_rcpt(argument: str, *, smtputf8: bool) -> Recipient | Reply:
    """`TO:<path> parameters`. The bare `postmaster` has no domain (RFC 5321 4.1.1.3)."""
    match = _RCPT.fullmatch(argument)
    if match is None:
        return _RCPT_SYNTAX
    path, rest = match.groups()
    if path.lower() == POSTMASTER:
        address = Address(path, path, "")
    else:
        try:
            address = Address.parse(_without_route(path))
        except AddressError as error:
            return _unusable("5.1.3", error)
    if not smtputf8 and not address.is_ascii:
        return _NEEDS_SMTPUTF8
    if not rest:
        return Recipient(address)
    parameters = _parameters(rest)
    if isinstance(parameters, Reply):
        return parameters
    return _recipient(address, parameters)


def _without_route(path: str) -> str:
    """The mailbox of a path: a source route is taken off unread (RFC 5321 appendix C), so that the real goal is judged."""
    match = _SOURCE_ROUTE.match(path) if path.startswith("@") else None
    return path if match is None else path[match.end() :]


def _parameters(text: str) -> dict[str, str | None] | Reply:
    """Keyword in upper case → value, or None where there is no "="."""
    found: dict[str, str | None] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            return Reply(501, "5.5.4", "A parameter is not keyword or keyword=value")
        keyword = match[1].upper()
        if keyword in found:
            return Reply(501, "5.5.4", f"Parameter {keyword[:40]} stands twice")
        found[keyword] = match[2]
    return found


def _mail_from(sender: Address, parameters: dict[str, str | None]) -> MailFrom | Reply:
    size: int | None = None
    body = Body.SEVEN_BIT
    smtputf8 = False
    ret: Return | None = None
    envid = ""
    for keyword, value in parameters.items():
        match keyword:
            case "SIZE":
                if value is None or _SIZE.fullmatch(value) is None:
                    return Reply(501, "5.5.4", "SIZE: expected a number of octets")
                size = int(value)
            case "BODY":
                if value is None or value.upper() not in (Body.SEVEN_BIT, Body.EIGHT_BIT):
                    return Reply(501, "5.5.4", "BODY: expected 7BIT or 8BITMIME")
                body = Body(value.upper())
            case "SMTPUTF8":
                if value is not None:
                    return Reply(501, "5.5.4", "SMTPUTF8 takes no value")
                smtputf8 = True
            case "AUTH":  # RFC 4954 5: who submitted the mail, by the client's word alone; nothing here rests on it
                if value is None or not (value == "<>" or _XTEXT.fullmatch(value)):
                    return Reply(501, "5.5.4", "AUTH: expected <> or an address as xtext")
            case "RET":
                if value is None or value.upper() not in (Return.FULL, Return.HEADERS):
                    return Reply(501, "5.5.4", "RET: expected FULL or HDRS")
                ret = Return(value.upper())
            case "ENVID":
                if value is None or len(value) > 100 or _XTEXT.fullmatch(value) is None:
                    return _TOO_LONG_ENVID
                envid = value
            case _:
                return _unknown(keyword)
    if not smtputf8 and not sender.is_ascii:
        return _NEEDS_SMTPUTF8
    return MailFrom(sender, size, body, smtputf8, ret, envid)


def _recipient(address: Address, parameters: dict[str, str | None]) -> Recipient | Reply:
    notify: frozenset[Notify] = frozenset()
    orcpt = ""
    for keyword, value in parameters.items():
        match keyword:
            case "NOTIFY":
                words = (value or "").upper().split(",")
                if not all(word in _NOTIFY for word in words) or (Notify.NEVER in words and len(words) > 1):
                    return _BAD_NOTIFY
                notify = frozenset(Notify(word) for word in words)
            case "ORCPT":
                if value is None or len(value) > 500 or _ORCPT.fullmatch(value) is None:
                    return _BAD_ORCPT
                orcpt = value
            case _:
                return _unknown(keyword)
    return Recipient(address, notify, orcpt)


_NOTIFY = frozenset(notify.value for notify in Notify)


def _unknown(keyword: str) -> Reply:
    return Reply(555, "5.5.4", f"Parameter {keyword[:40]} is not offered here")


def _unusable(enhanced: str, error: AddressError) -> Reply:
    return Reply(501, enhanced, f"Unusable address: {error}")
