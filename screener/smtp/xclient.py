"""XCLIENT and XFORWARD as Postfix speaks them: a trusted front relay tells who its client is.

Pure. XCLIENT makes the rest of the connection that client's; XFORWARD speaks of the next mail only. Both come in any number of
commands, attribute by attribute, values as xtext. Whether a client is trusted to say so is left to `access`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from screener.mail.envelope import Client
from screener.mail.reply import Reply

XCLIENT: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT", "REVERSE_NAME")
XFORWARD: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")

_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")
_MAX_VALUE = 255
_ESCAPE = re.compile(rb"\+([0-9A-Fa-f]{2})")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_CHOICES = {"PROTO": ("SMTP", "ESMTP"), "SOURCE": ("LOCAL", "REMOTE")}


def parse_attributes(argument: str, known: tuple[str, ...]) -> dict[str, str] | Reply:
    """`NAME=value …` → attribute in upper case → value; "" is what the front relay does not know."""
    found: dict[str, str] = {}
    for word in argument.split():
        name, equals, value = word.partition("=")
        name = name.upper()
        if not equals or name not in known:
            return Reply(501, "5.5.4", f"Expected attributes {' '.join(known)} as name=value")
        read = _value(name, value)
        if read is None:
            return Reply(501, "5.5.4", f"The value of {name} is none")
        found[name] = read
    return found or Reply(501, "5.5.4", f"Expected attributes {' '.join(known)} as name=value")


def client_by_xclient(peer: Client, attributes: Mapping[str, str]) -> Client:
    """The client that the front relay `peer` speaks for from now on; an address it does not tell is none."""
    return replace(
        peer,
        address=attributes.get("ADDR", ""),
        port=int(attributes.get("PORT") or 0),
        name=attributes.get("NAME", ""),
        helo=attributes.get("HELO", ""),
        authenticated=attributes.get("LOGIN", ""),
        front=peer.address,
    )


def client_by_xforward(known: Client, attributes: Mapping[str, str], front: str) -> Client:
    """The client that the front relay (its IP address: `front`) has the next mail from."""
    return replace(
        known,
        address=attributes.get("ADDR", ""),
        port=int(attributes.get("PORT") or 0),
        name=attributes.get("NAME", ""),
        helo=attributes.get("HELO", ""),
        authenticated="",
        front=front,
        front_id=attributes.get("IDENT", ""),
    )


def _value(name: str, text: str) -> str | None:
    """The value meant, "" when it is unknown to the front relay, None when it is nonsense."""
    if text.upper() in _UNKNOWN:
        return ""
    try:
        value = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), text.encode("utf-8")).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not value or len(value) > _MAX_VALUE or not value.isprintable():
        return None
    if value.upper() in _UNKNOWN:
        return ""
    match name:
        case "ADDR" | "DESTADDR":
            return _address(value)
        case "PORT" | "DESTPORT":
            return value if value.isascii() and value.isdigit() and len(value) <= 5 and int(value) <= 65535 else None
        case "PROTO" | "SOURCE":
            return value.upper() if value.upper() in _CHOICES[name] else None
        case "NAME" | "REVERSE_NAME":
            return value if _NAME.fullmatch(value) else None
        case _:
            return value


def _address(text: str) -> str | None:
    if "%" in text:
        return None  # a scope id (RFC 4007 11) may hold anything, and means nothing to us
    try:
        parsed = ip_address(text[5:] if text[:5].upper() == "IPV6:" else text)
    except ValueError:
        return None
    mapped = None if parsed.version == 4 else parsed.ipv4_mapped
    return str(mapped or parsed)
