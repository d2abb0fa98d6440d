"""Where to listen or connect to, as people write it: "mail.example.net:2525". Pure."""

import re
import typing
from typing import Annotated

from pydantic import BeforeValidator

from screener.mail.address import AddressError, normal_domain
from screener.settings.kinds import is_ip
from screener.yamlmodel import shown, text_of

_HOST_PORT = re.compile(r"(?:\[(?P<literal>[0-9A-Fa-f.:]+)\]|(?P<host>[A-Za-z0-9_.-]+))(?::(?P<port>[0-9]{1,5}))?")


class HostPort(typing.NamedTuple):
    """Where to listen or connect to; `host` is a name or an IP address without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def host_port(text: str, default_port: int, *, least_port: int = 1) -> HostPort:
    """Read "mail.example.net", "mail.example.net:2525", "[192.0.2.1]:25", "[2001:db8::1]"; raises ValueError."""
    match = _HOST_PORT.fullmatch(text)
    if match is not None:
        host = match["literal"] or match["host"]
        port = default_port if match["port"] is None else int(match["port"])
        if least_port <= port <= 65535 and (is_ip(host) or (match["literal"] is None and _is_domain(host))):
            return HostPort(host, port)
    raise ValueError(
        f'{shown(text)} is no host and port: expected one such as "mail.example.net", "192.0.2.1:25" or "[2001:db8::1]:25"'
    )


def _is_domain(text: str) -> bool:
    try:
        normal_domain(text)
    except AddressError:
        return False
    return not text.replace(".", "").isdigit()  # "192.0.2.999" is a slip, not a name


def _metrics(value: object) -> HostPort | None:
    text = text_of(value)
    return None if text == "off" else host_port(text, 9725, least_port=0)


NextHop = Annotated[HostPort, BeforeValidator(lambda text: host_port(text_of(text), 25))]
MetricsAddress = Annotated[HostPort | None, BeforeValidator(_metrics)]
