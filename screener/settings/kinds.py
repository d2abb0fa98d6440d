"""The kinds of values in the settings: each reads a text as people write it and refuses what cannot be meant.

Promises that any value a YAML file can hold is either read or refused with a ValueError for people: what it is not, and one that
would be. Pure.
"""

import ipaddress
import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from screener import values
from screener.mail.address import Address, AddressError, normal_domain
from screener.yamlmodel import shown, text_of

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 3650 * 86400.0  # seconds; beyond it a time is a slip
LARGEST = 2**50  # octets (1 PiB); beyond it a size is a slip
MOST = 1_000_000_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_ip(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(value: object) -> Network:
    text = text_of(value)
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        bits = f": host bits are set, {ipaddress.ip_network(text, strict=False)} is meant?" if "host bits" in str(error) else ""
        expected = 'expected one such as "192.0.2.1" or "192.0.2.0/24"'
        raise ValueError(f"{shown(text)} is no address or network{bits or f': {expected}'}") from error
    if network.prefixlen == 0:
        raise ValueError(f"{shown(text)} is the whole world: list the clients that are yours")
    return network


def _ip(value: object) -> str:
    text = text_of(value)
    if not is_ip(text):
        raise ValueError(f"{shown(text)} is no IP address: expected one such as 127.0.0.1, 0.0.0.0 or ::1")
    return str(ipaddress.ip_address(text))


def domain(value: object) -> str:
    """A domain in its normal form, with its leading "." where that was written (it and all below); raises ValueError."""
    text = text_of(value)
    try:
        if text.startswith(".") and not text.startswith(".["):
            return "." + normal_domain(text[1:])
        return normal_domain(text)
    except AddressError as error:
        raise ValueError(str(error)) from error


def _hostname(value: object) -> str:
    name = domain(value)
    if not name[0].isalnum():
        raise ValueError(f'{shown(name)} is no host name: expected one such as "mail.example.org"')
    return name


def _mailbox(value: object) -> Address:
    try:
        address = Address.parse(text_of(value))
    except AddressError as error:
        raise ValueError(f'{error}; expected one such as "postmaster@example.org"') from error
    return address


def _name(value: object) -> str:
    text = text_of(value)
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"{shown(text)} is no name: expected up to 64 letters, digits, '.', '_' and '-', a letter or digit first")
    return text


def _path(value: object) -> Path:
    text = text_of(value)
    if not text or "\0" in text:
        raise ValueError(f"{shown(text)} is no path")
    return Path(text)


def _short(value: object) -> str:
    text = text_of(value)
    if len(text) > 40:
        raise ValueError(f'{shown(text)} is too long: expected a number and a unit, such as "25 MiB" or "15 min"')
    return text


def _duration(least: float) -> BeforeValidator:
    def read(value: object) -> float:
        seconds = values.duration(_short(value))
        if not least <= seconds <= LONGEST:
            expected = f"{values.shown_duration(least)} to {values.shown_duration(LONGEST)}"
            raise ValueError(f"{shown(value)} is out of range: expected {expected}")
        return seconds

    return BeforeValidator(read)


def _size(least: int) -> BeforeValidator:
    def read(value: object) -> int:
        octets = values.size(_short(value))
        if not least <= octets <= LARGEST:
            raise ValueError(f"{shown(value)} is out of range: expected {values.shown_size(least)} to {values.shown_size(LARGEST)}")
        return octets

    return BeforeValidator(read)


def some(given: tuple[object, ...]) -> tuple[object, ...]:
    """What must have at least one entry; raises ValueError."""
    if not given:
        raise ValueError("the list is empty: at least one is needed")
    return given


Seconds = Annotated[float, _duration(0.001)]
SecondsOrNone = Annotated[float, _duration(0.0)]  # 0 turns it off
Size = Annotated[int, _size(1)]
SizeOrNone = Annotated[int, _size(0)]
Memory = Annotated[int, _size(64 * 1024**2)]
Count = Annotated[int, Field(ge=1, le=MOST)]
Port = Annotated[int, Field(ge=0, le=65535)]
Name = Annotated[str, BeforeValidator(_name)]
NetworkValue = Annotated[Network, BeforeValidator(_network)]
DomainValue = Annotated[str, BeforeValidator(domain)]
HostnameValue = Annotated[str, BeforeValidator(_hostname)]
ListenAddress = Annotated[str, BeforeValidator(_ip)]
Mailbox = Annotated[Address, BeforeValidator(_mailbox)]
ConfigPath = Annotated[Path, BeforeValidator(_path)]
