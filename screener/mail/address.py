"""Mailboxes as SMTP means them (RFC 5321 4.1.2, RFC 6531 for UTF-8).

Promises a strict reading of one Mailbox with a fast path for the common form. Paths (angle brackets, source routes) are
`smtp.grammar`'s; whether a mailbox may be used is `smtp.access`'s.
"""

import re
from ipaddress import IPv6Address, ip_address

import idna

from screener.frozen import dataclass

MAX_LOCAL = (
    512  # octets; RFC 5321 4.5.3.1 has everyone take 64 and asks for no limit where it can be: SRS and VERP senders are longer
)
MAX_DOMAIN = 255  # octets, RFC 5321 4.5.3.1.2

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_NO_ATEXT = r"\x00-\x20\x22(),.:;<>@\[\\\]\x7f"  # of ASCII; the rest named as "\x80-\U0010ffff" takes milliseconds to compile
_DOT_STRING = re.compile(rf"[^{_NO_ATEXT}]+(?:\.[^{_NO_ATEXT}]+)*")
_QUOTED = re.compile(r'"(?:[^\x00-\x1f"\\\x7f]|\\[\x20-\x7e])*"')
_ASCII_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*")
_PLAIN = re.compile(rf"([{_ATEXT}]+(?:\.[{_ATEXT}]+)*)@([A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)+)")


class AddressError(ValueError):
    """A text that is no Mailbox; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox, or the null sender.

    `text` is the form that came and that goes out again, without angle brackets ("" is the null sender); `local` is the local
    part without quotes and quoted pairs; `domain` is lower case with A-labels, or an address literal "[192.0.2.1]", or ""
    for the null sender and for the bare `postmaster` of RFC 5321 4.5.1.
    """

    text: str
    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `local@domain`; raises AddressError. UTF-8 forms are read too: `is_ascii` tells whether SMTPUTF8 is needed."""
        plain = _PLAIN.fullmatch(text)
        if plain is not None and len(plain[1]) <= MAX_LOCAL and len(plain[2]) <= MAX_DOMAIN and "xn--" not in plain[2].lower():
            if any(len(label) > 63 or label.endswith("-") for label in plain[2].split(".")):
                raise AddressError(f"{_shown(plain[2])} is no domain name: a label is too long or ends with '-'")
            return cls(text, plain[1], plain[2].lower())
        return cls._parse_odd(text)

    @classmethod
    def _parse_odd(cls, text: str) -> "Address":
        quoted = _QUOTED.match(text)
        if quoted is not None:
            end = quoted.end()
            local = re.sub(r"\\(.)", r"\1", quoted[0][1:-1])
        else:
            dotted = _DOT_STRING.match(text)
            if dotted is None:
                raise AddressError(f"{_shown(text)} has no local part before '@'")
            end = dotted.end()
            local = dotted[0]
        if text[end : end + 1] != "@":
            raise AddressError(f"{_shown(text)} is no mailbox: expected '@' after {_shown(text[:end])}")
        if len(text[:end].encode("utf-8", "surrogatepass")) > MAX_LOCAL:
            raise AddressError(f"the local part of {_shown(text)} is longer than {MAX_LOCAL} octets")
        return cls(text, local, normal_domain(text[end + 1 :]))

    @property
    def is_null(self) -> bool:
        """Whether this is the null sender `<>` (RFC 5321 4.5.5)."""
        return not self.text

    @property
    def is_ascii(self) -> bool:
        """Whether the address can go out without SMTPUTF8 (RFC 6531)."""
        return self.text.isascii()

    @property
    def key(self) -> str:
        """The form for comparing and for caches: local part case-folded, domain normalised."""
        return f"{self.local.casefold()}@{self.domain}" if self.domain else self.local.casefold()

    def __str__(self) -> str:
        return self.text or "<>"


NULL_SENDER = Address("", "", "")


def normal_domain(text: str) -> str:
    """Lower case, A-labels, or an address literal in its normal form; raises AddressError."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_DOMAIN:
        raise AddressError(f"the domain {_shown(text)} is longer than {MAX_DOMAIN} octets (RFC 5321 4.5.3.1.2)")
    if text.startswith("["):
        return _literal(text)
    if text.isascii():
        if _ASCII_DOMAIN.fullmatch(text) is None or any(len(label) > 63 for label in text.split(".")):
            raise AddressError(f"{_shown(text)} is no domain name")
        return text.lower()
    try:
        encoded = idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressError(f"{_shown(text)} is no domain name: {_shown(str(error))}") from error
    return normal_domain(encoded)  # IDNA lets an empty last label pass


def _literal(text: str) -> str:
    inner = text[1:-1] if text.endswith("]") else ""
    try:
        if inner[:5].upper() == "IPV6:":
            return f"[IPv6:{IPv6Address(inner[5:]).compressed}]"
        address = ip_address(inner)
        if address.version == 4:
            return f"[{address}]"
    except ValueError:
        pass
    raise AddressError(f"{_shown(text)} is no address literal (RFC 5321 4.1.3)")


def _shown(text: str) -> str:
    """A hostile text for an error message: short, printable, quoted."""
    shown = ascii(text[:70])
    return shown if len(text) <= 60 and len(shown) <= 70 else f"{shown[:64]}...{shown[0]}"
