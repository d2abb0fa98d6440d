"""The settings, group by group, and `Config`: all of them.

Promises frozen, checked values. Paths are absolute once `config.file` has read them. What a setting does is documented in the
commented sample `screener.yaml`; a test holds the sample against these models, key by key. What settings cannot mean together
is left to `contradictions` as far as one group does not show it; whether an address can be bound, and what stands in the files
that are named here, to those who use them.
"""

import socket
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from screener.config.budgets import ScreeningSettings
from screener.config.group import Settings
from screener.config.hostport import HostPort, MetricsAddress, NextHop
from screener.config.keeping import StoreSettings
from screener.mail.address import Address
from screener.policy.pattern_time import PatternTime
from screener.settings.kinds import (
    ConfigPath,
    Count,
    DomainValue,
    HostnameValue,
    ListenAddress,
    Mailbox,
    Name,
    NetworkValue,
    Port,
    Seconds,
    SecondsOrNone,
    Size,
    some,
)


class BareLineEnds(StrEnum):
    """What a listener does with a CR or LF that stands alone in the content (RFC 5321 2.3.8)."""

    NORMALISE = "normalise"
    REFUSE = "refuse"


class ListenerTls(Settings):
    """STARTTLS of a listener."""

    certificate: ConfigPath
    key: ConfigPath
    required: bool = False


class Listener(Settings):
    """One address we accept mail on (IIS: virtual server)."""

    name: Name
    address: ListenAddress = "127.0.0.1"
    port: Port = 25  # 0: any free one
    bare_line_ends: BareLineEnds = BareLineEnds.NORMALISE
    tls: ListenerTls | None = None


class Verify(StrEnum):
    """How a domain's recipients are checked at RCPT."""

    NONE = "none"
    LIST = "list"
    CALLOUT = "callout"


class Domain(Settings):
    """One domain we accept mail for."""

    route: Name
    verify: Verify = Verify.NONE
    recipients: ConfigPath | None = None  # the file of `verify: list`

    @model_validator(mode="after")
    def _list_has_its_file(self) -> Self:
        if (self.verify is Verify.LIST) != (self.recipients is not None):
            raise ValueError("`verify: list` and `recipients: FILE` go together: give both or neither")
        return self


class RouteTls(StrEnum):
    """TLS towards a next hop."""

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"  # encrypted, certificate not checked
    VERIFIED = "verified"  # encrypted, certificate checked against the next hop's name


class RouteAuth(Settings):
    """AUTH towards a next hop; the secret lies in a file of its own, its first line."""

    user: str
    password_file: ConfigPath


class Route(Settings):
    """Where mail goes: next hops in order of preference, or a Maildir."""

    next_hops: tuple[NextHop, ...] = ()
    maildir: ConfigPath | None = None
    tls: RouteTls = RouteTls.OPPORTUNISTIC
    ca_file: ConfigPath | None = None
    auth: RouteAuth | None = None
    connections: Count = 20  # at once, to each next hop
    messages_per_connection: Count = 100
    idle: Seconds = 30.0  # how long an unused connection is kept

    @model_validator(mode="after")
    def _leads_to_one_kind(self) -> Self:
        if bool(self.next_hops) == (self.maildir is not None):
            raise ValueError("a route needs `next_hops` or `maildir`, and not both")
        if self.auth is not None and self.tls in (RouteTls.NONE, RouteTls.OPPORTUNISTIC):
            raise ValueError("the password of `auth` could go out in clear: set `tls: required` or `tls: verified`")
        if self.ca_file is not None and self.tls is not RouteTls.VERIFIED:
            raise ValueError("`ca_file` is used with `tls: verified` alone: set it, or remove `ca_file`")
        return self


FRONTS = 8  # trusted front relays that may have all their connections at the same time


class Limits(Settings):
    """What one client, connection or message may cost; `front_relay…` speaks of trusted front relays."""

    message_size: Size = 50 * 1024 * 1024
    recipients: Count = 1000
    messages_per_connection: Count = 1000
    octets_per_connection: Size = 1024 * 1024 * 1024
    connections: Count = 2000
    connections_per_client: Count = 50
    front_relay_connections: Count = 500
    bad_commands: Count = 20
    idle: Seconds = 300.0
    transaction: Seconds = 3600.0
    hops: Count = 50


class Retry(Settings):
    """When delivery is tried again and when it is given up."""

    intervals: Annotated[tuple[Seconds, ...], AfterValidator(some)] = (900.0, 1800.0, 3600.0, 14400.0)  # the last one repeats
    delay_notice: Seconds = 43200.0
    give_up: Seconds = 172800.0

    @model_validator(mode="after")
    def _notice_comes_first(self) -> Self:
        if self.delay_notice >= self.give_up:
            raise ValueError("`delay_notice` must be shorter than `give_up`, or the notice would come after the end")
        return self


class Timeouts(Settings):
    """How long a next hop may take, by phase (RFC 5321 4.5.3.2)."""

    connect: Seconds = 60.0
    greeting: Seconds = 300.0
    mail: Seconds = 300.0
    rcpt: Seconds = 300.0
    data: Seconds = 120.0
    block: Seconds = 180.0
    final: Seconds = 600.0


class RulesSettings(Settings):
    """Where the rules lie."""

    folder: ConfigPath = Path("rules")
    watch: bool = False
    pattern_time: Seconds = 0.05  # for one pattern on one text
    pattern_time_of_mail: Seconds = 1.0  # for all patterns on one mail

    @property
    def of_patterns(self) -> PatternTime:
        """As rules take it."""
        return PatternTime(self.pattern_time, self.pattern_time_of_mail)

    @model_validator(mode="after")
    def _one_is_shorter_than_all(self) -> Self:
        if self.pattern_time > self.pattern_time_of_mail:
            raise ValueError("`pattern_time`, of one pattern, must not be longer than `pattern_time_of_mail`, of all on one mail")
        return self


class CalloutSettings(Settings):
    """The cache of `verify: callout`."""

    positive: SecondsOrNone = 86400.0
    negative: SecondsOrNone = 3600.0
    timeout: Seconds = 30.0
    entries: Count = 100_000


class LogFormat(StrEnum):
    """`auto`: readable on a terminal, JSON lines elsewhere."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class LogSettings(Settings):
    """What is said, and how."""

    format: LogFormat = LogFormat.AUTO
    level: Literal["debug", "info", "warning", "error"] = "info"
    file: ConfigPath | None = None


class Config(Settings):
    """All settings of one hop."""

    hostname: HostnameValue = Field(default_factory=socket.gethostname, validate_default=True)
    listeners: Annotated[tuple[Listener, ...], AfterValidator(some)]
    domains: dict[DomainValue, Domain] = Field(default_factory=dict)
    routes: dict[Name, Route]
    default_route: Name | None = None  # for clients that may relay and for reports; never makes a domain acceptable
    relay_clients: tuple[NetworkValue, ...] = ()
    front_relays: tuple[NetworkValue, ...] = ()
    postmaster: Mailbox | None = None  # who reports come from; default postmaster@hostname; see `local_postmaster`
    limits: Limits = Limits()
    retry: Retry = Retry()
    timeouts: Timeouts = Timeouts()
    callout: CalloutSettings = CalloutSettings()
    store: StoreSettings = StoreSettings()
    rules: RulesSettings = RulesSettings()
    screening: ScreeningSettings = ScreeningSettings()
    metrics: MetricsAddress = HostPort("127.0.0.1", 9725)  # None: "off"
    log: LogSettings = LogSettings()
    control: ConfigPath = Path("var/control.sock")
    stop: SecondsOrNone = 30.0  # how long transactions may take to finish when the service stops

    def local_postmaster(self) -> Address | None:
        """Who gets mail for the bare `<postmaster>` (RFC 5321 4.5.1): the configured one if a route leads there, else that of the
        first listed domain."""
        if self.postmaster is not None and self.route_of(self.postmaster.domain) is not None:
            return self.postmaster
        first = next(iter(self.domains), None)
        return None if first is None else Address.parse(f"postmaster@{first.removeprefix('.')}")

    def domain(self, name: str) -> Domain | None:
        """The listed domain that `name` falls under: exact first, then the longest `.domain`."""
        return lookup_domain(self.domains, name)

    @property
    def fingerprint(self) -> str:
        """The same for the same settings, whatever their file looks like."""
        return sha256(self.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def front_connections(self) -> int:
        """How many connections all trusted front relays together may have: a network of them has no end of addresses."""
        addresses = sum(network.num_addresses for network in self.front_relays)
        return min(addresses, FRONTS) * self.limits.front_relay_connections

    def route_of(self, name: str) -> str | None:
        """The name of the route for a recipient's domain, or the default route, or None."""
        domain = lookup_domain(self.domains, name)
        return self.default_route if domain is None else domain.route


def lookup_domain(table: Mapping[str, Domain], name: str) -> Domain | None:
    """`example.org` is that domain alone, `.example.org` it and all below; the closest entry wins."""
    found = table.get(name)
    while found is None and name:
        found = table.get("." + name)
        _, _, name = name.partition(".")
    return found
