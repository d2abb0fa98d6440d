"""The settings of one hop: `screener.yaml` → `Config`.

Promises frozen, fully checked values and, for a bad file, all complaints at once as `file:line:column` (yamlfile.Complaints).
Paths in the file are relative to the file's own folder and absolute here. What a setting does is documented in the
commented sample `screener.yaml`; a test holds the sample against these models, key by key. Whether an address can be bound, and
what stands in the files that are named here, is left to those who use them.
"""

import ipaddress
import re
import socket
import ssl
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from screener import files, yamlfile
from screener.anatomy.budget import Budget
from screener.mail.address import Address, AddressError, normal_domain
from screener.settings import written
from screener.settings.kinds import (
    ConfigPath,
    Count,
    DomainValue,
    HostnameValue,
    ListenAddress,
    Mailbox,
    Memory,
    Name,
    NetworkValue,
    Port,
    Seconds,
    SecondsOrNone,
    Size,
    SizeOrNone,
    domain,
    is_ip,
    some,
)
from screener.yamlfile import Complaint, Complaints, Node, Severity
from screener.yamlmodel import shown, text_of, validated

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


class Settings(BaseModel):
    """What all groups of settings share: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


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


class Keeping(Settings):
    """How long and how much is kept of a place; beyond `age` it goes."""

    age: SecondsOrNone
    size: Size


class HoldKeeping(Keeping):
    """Held mail: it waits for a person, so some time there must be."""

    age: Seconds = 30 * 86400.0
    size: Size = 10 * 1024**3


class DroppedKeeping(Keeping):
    """Dropped mail, kept aside and restorable."""

    age: SecondsOrNone = 3 * 86400.0
    size: Size = 2 * 1024**3


class HistoryKeeping(Keeping):
    """What happened to each mail."""

    age: SecondsOrNone = 30 * 86400.0
    size: Size = 2 * 1024**3


class StoreSettings(Settings):
    """Where mail lies and how much room it may take."""

    folder: ConfigPath = Path("var/store")
    free_space: SizeOrNone = 200 * 1024 * 1024  # below it MAIL gets 452
    reserve: SizeOrNone = 50 * 1024 * 1024  # kept for delivery and release when the disk is full
    hold: HoldKeeping = HoldKeeping()
    dropped: DroppedKeeping = DroppedKeeping()
    history: HistoryKeeping = HistoryKeeping()


class RulesSettings(Settings):
    """Where the rules lie."""

    folder: ConfigPath = Path("rules")
    watch: bool = False
    pattern_time: Seconds = 0.05  # for one pattern on one text


_USUAL = Budget()


class BudgetSettings(Settings):
    """Limits of one message. Reaching one is a defect, never an error: rules say what becomes of such mail."""

    header: Size = _USUAL.header_octets
    header_fields: Count = _USUAL.header_lines
    parts: Count = _USUAL.parts
    depth: Count = _USUAL.depth
    names: Count = _USUAL.names
    decoded: Size = _USUAL.decoded_octets
    containers: Count = _USUAL.container_depth
    members: Count = _USUAL.container_members
    unpacked: Size = _USUAL.container_octets
    ratio: Count = _USUAL.container_ratio
    document: Size = _USUAL.document_octets
    text: Size = _USUAL.text_octets

    @cached_property
    def of_anatomy(self) -> Budget:
        """The same, for the room that keeps to it."""
        return replace(
            _USUAL,
            header_octets=self.header,
            header_lines=self.header_fields,
            parts=self.parts,
            depth=self.depth,
            names=self.names,
            decoded_octets=self.decoded,
            container_depth=self.containers,
            container_members=self.members,
            container_octets=self.unpacked,
            container_ratio=self.ratio,
            document_octets=self.document,
            text_octets=self.text,
            text_read=max(_USUAL.text_read, 2 * self.text),
        )


class ScreeningSettings(Settings):
    """The screening processes."""

    processes: Annotated[int, Field(ge=1, le=64)] = 2
    time: Seconds = 10.0  # for one mail; once more alone with three times as long
    memory: Memory = 1024 * 1024 * 1024
    waiting: Count = 200  # mails that may wait for a process; beyond it 451
    budget: BudgetSettings = BudgetSettings()


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
    postmaster: Mailbox | None = None  # who reports come from and who is told of trouble; default postmaster@hostname
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


def load(path: Path) -> Config:
    """Read and check a configuration file; raises Complaints with everything that is wrong."""
    name = str(path)
    try:
        octets = files.octets(path)
        folder = path.resolve().parent
    except OSError as error:
        raise Complaints([Complaint(yamlfile.Place(name), f"cannot be read: {error.strerror or error}")]) from error
    node = yamlfile.read(octets, name)
    complaints = list(written.complaints(node, folder))
    try:
        config = _absolute(validated(Config, node), folder)
        complaints += _contradictions(config, node)
    except Complaints as error:
        complaints += error.complaints
    if complaints:
        raise Complaints(set(complaints))
    return config


def warnings(config: Config, shown: str) -> Iterator[Complaint]:
    """What may not be meant in settings that can be used; `shown` is their file's name for people."""
    goes_out = any(config.routes[domain.route].next_hops for domain in config.domains.values())
    if goes_out and config.default_route is None:
        text = (
            "`default_route` is not set: failed mail and delays cannot be reported to senders of other domains, and that failed "
            "mail waits in hold: name the route that leads to them"
        )
        yield Complaint(yamlfile.Place(shown), text, Severity.WARNING)


def _absolute(config: Config, folder: Path) -> Config:
    """The settings with every relative path put below the folder."""
    absolute = _with_paths(config, lambda path: folder / path)
    assert isinstance(absolute, Config)
    return absolute


def _with_paths(value: object, change: Callable[[Path], Path]) -> object:
    match value:
        case Path():
            return change(value)
        case BaseModel():
            fields = {name: _with_paths(getattr(value, name), change) for name in type(value).model_fields}
            return value.model_copy(update=fields)
        case dict():
            return {key: _with_paths(one, change) for key, one in value.items()}
        case tuple() if type(value) is tuple:  # not HostPort
            return tuple(_with_paths(one, change) for one in value)
        case _:
            return value


def _contradictions(config: Config, node: Node) -> Iterator[Complaint]:
    """What the settings cannot mean together."""

    def at(*location: str | int) -> yamlfile.Place:
        return yamlfile.place_of(node, location)

    yield from _clashes(config, node)
    for index, listener in enumerate(config.listeners):
        if listener.tls is not None and (problem := _tls_problem(listener.tls)):
            yield Complaint(at("listeners", index, "tls", "certificate"), problem)
    for name, listed in _by_written_name(config, node):
        route = config.routes.get(listed.route)
        if listed.verify is Verify.CALLOUT and route is not None and route.maildir is not None:
            yield Complaint(at("domains", name, "verify"), "a Maildir cannot be asked: use `verify: list` or `verify: none`")
    if config.relay_clients and config.default_route is None:
        text = "`relay_clients` may send to any domain, but no `default_route` says where that mail goes: set it"
        yield Complaint(at("relay_clients"), text)
    yield from _loops(config, node)
    limits = config.limits
    if limits.octets_per_connection < limits.message_size:
        text = "`octets_per_connection` is less than one message may have: make it larger than `message_size`"
        yield Complaint(at("limits", "octets_per_connection"), text)


def _by_written_name(config: Config, node: Node) -> Iterator[tuple[str, Domain]]:
    """The listed domains under the names as they stand in the file."""
    domains = node.get("domains") if isinstance(node, yamlfile.Mapping) else None
    for entry in domains.entries if isinstance(domains, yamlfile.Mapping) else ():
        yield entry.key.text, config.domains[domain(entry.key.text)]


def _clashes(config: Config, node: Node) -> Iterator[Complaint]:
    """Names and ports that two want."""
    names: set[str] = set()
    bound: list[tuple[str, str, int]] = []  # who, address, port
    if config.metrics is not None:
        bound.append(("metrics", config.metrics.host, config.metrics.port))
    for index, listener in enumerate(config.listeners):
        if listener.name in names:
            place = yamlfile.place_of(node, ("listeners", index, "name"))
            yield Complaint(place, f"a second listener is named '{listener.name}': give each its own name")
        names.add(listener.name)
        other = next((who for who, host, port in bound if port == listener.port and _overlap(host, listener.address)), None)
        if other is not None and listener.port:
            place = yamlfile.place_of(node, ("listeners", index, "port"))
            yield Complaint(place, f"{other} has this address and port too")
        bound.append((f"listener '{listener.name}'", listener.address, listener.port))


def _loops(config: Config, node: Node) -> Iterator[Complaint]:
    """Next hops that are listeners of our own."""
    for name, route in config.routes.items():
        for index, hop in enumerate(route.next_hops):
            ours = next((one for one in config.listeners if hop.port == one.port and _leads_to(hop.host, one.address)), None)
            if ours is not None:
                place = yamlfile.place_of(node, ("routes", name, "next_hops", index))
                yield Complaint(place, f"{hop} is our own listener '{ours.name}': mail would go round in a loop")


def _leads_to(host: str, address: str) -> bool:
    """Whether who connects to `host` is sure to find a listener on `address`. A name is not looked up; "localhost" is known."""
    if host.lower() in ("localhost", "0.0.0.0", "::"):
        return ipaddress.ip_address(address).is_loopback or address in ("0.0.0.0", "::")
    if not is_ip(host):
        return False
    literal = ipaddress.ip_address(host)
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
        literal = literal.ipv4_mapped
    if address == "::" or (address == "0.0.0.0" and literal.version == 4):
        return literal.is_loopback
    return literal == ipaddress.ip_address(address)


def _overlap(one: str, other: str) -> bool:
    return one == other or "::" in (one, other) or ("0.0.0.0" in (one, other) and (":" in one) == (":" in other))


def _tls_problem(tls: ListenerTls) -> str:
    """Why the certificate and key cannot be used, or ""; that they can be read was looked at before."""
    try:
        files.size(tls.certificate)
        files.size(tls.key)
    except OSError:
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password="")  # never ask a terminal
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None)  # such as KEY_VALUES_MISMATCH; None where OpenSSL found no PEM at all
        why = f" ({reason})" if reason else ""
        return f"certificate and key cannot be used together{why}: expected PEM, with a key that belongs to it and has no password"
    return ""
