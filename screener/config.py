"""The settings of one hop: `screener.yaml` → `Config`.

Promises frozen, fully checked values and, for a bad file, all complaints at once as `file:line:column` (yamlfile.Complaints).
Paths in the file are relative to the file's own folder and absolute here. What a setting does is documented in the
commented sample `screener.yaml`; a test holds the sample against these models, key by key.
"""

import ipaddress
import re
import socket
import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from screener import values, yamlfile
from screener.mail.address import Address, AddressError, normal_domain
from screener.yamlfile import Complaint, Complaints, Node

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: object) -> Network:
    try:
        return ipaddress.ip_network(str(text))
    except ValueError as error:
        raise ValueError(
            f'{text!r} is no address or network: expected one such as "192.0.2.1" or "192.0.2.0/24" ({error})'
        ) from error


def _domain(text: object) -> str:
    written = str(text)
    try:
        return "." + normal_domain(written[1:]) if written.startswith(".") else normal_domain(written)
    except AddressError as error:
        raise ValueError(str(error)) from error


def _mailbox(text: object) -> Address:
    try:
        return Address.parse(str(text))
    except AddressError as error:
        raise ValueError(f'{error}: expected one such as "postmaster@example.org"') from error


class HostPort(typing.NamedTuple):
    """Where to listen or connect to; `host` is a name or an IP address without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_HOST_PORT = re.compile(r"(?:\[(?P<literal>[0-9A-Fa-f.:]+)\]|(?P<host>[A-Za-z0-9_.-]+))(?::(?P<port>\d{1,5}))?")


def host_port(text: str, default_port: int) -> HostPort:
    """Read "mail.example.net", "mail.example.net:2525", "[192.0.2.1]:25", "[2001:db8::1]"; raises ValueError."""
    match = _HOST_PORT.fullmatch(text)
    port = int(match["port"] or default_port) if match else 0
    if match is None or not 0 <= port <= 65535:
        raise ValueError(f'{text!r} is no host: expected one such as "mail.example.net", "192.0.2.1:25" or "[2001:db8::1]:25"')
    if match["literal"]:
        ipaddress.ip_address(match["literal"])
    return HostPort(match["literal"] or match["host"], port)


Size = Annotated[int, BeforeValidator(lambda text: values.size(str(text)))]
Seconds = Annotated[float, BeforeValidator(lambda text: values.duration(str(text)))]
NetworkValue = Annotated[Network, BeforeValidator(_network)]
DomainValue = Annotated[str, BeforeValidator(_domain)]
Mailbox = Annotated[Address, BeforeValidator(_mailbox)]
NextHop = Annotated[HostPort, BeforeValidator(lambda text: host_port(str(text), 25))]
MetricsAddress = Annotated[HostPort, BeforeValidator(lambda text: host_port(str(text), 9725))]
Count = Annotated[int, Field(ge=1)]
ConfigPath = Annotated[Path, BeforeValidator(lambda text: Path(str(text)))]


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

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 25
    bare_line_ends: BareLineEnds = BareLineEnds.NORMALISE
    tls: ListenerTls | None = None


class Verify(StrEnum):
    """How a domain's recipients are checked at RCPT."""

    NONE = "none"
    LIST = "list"
    CALLOUT = "callout"


class Domain(Settings):
    """One domain we accept mail for."""

    route: str
    verify: Verify = Verify.NONE
    recipients: ConfigPath | None = None  # the file of `verify: list`


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

    intervals: Annotated[tuple[Seconds, ...], Field(min_length=1)] = (900.0, 1800.0, 3600.0, 14400.0)  # the last one repeats
    delay_notice: Seconds = 43200.0
    give_up: Seconds = 172800.0


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

    age: Seconds
    size: Size


class StoreSettings(Settings):
    """Where mail lies and how much room it may take."""

    folder: ConfigPath = Path("var/store")
    free_space: Size = 200 * 1024 * 1024  # below it MAIL gets 452
    reserve: Size = 50 * 1024 * 1024  # kept for delivery and release when the disk is full
    hold: Keeping = Keeping(age=30 * 86400.0, size=10 * 1024**3)
    dropped: Keeping = Keeping(age=3 * 86400.0, size=2 * 1024**3)
    history: Keeping = Keeping(age=30 * 86400.0, size=2 * 1024**3)


class RulesSettings(Settings):
    """Where the rules lie."""

    folder: ConfigPath = Path("rules")
    watch: bool = False
    pattern_time: Seconds = 0.05  # for one pattern on one text


class ScreeningSettings(Settings):
    """The screening processes."""

    processes: Annotated[int, Field(ge=1, le=64)] = 2
    time: Seconds = 10.0  # for one mail; once more alone with three times as long
    memory: Size = 1024 * 1024 * 1024
    waiting: Count = 200  # mails that may wait for a process; beyond it 451


class CalloutSettings(Settings):
    """The cache of `verify: callout`."""

    positive: Seconds = 86400.0
    negative: Seconds = 3600.0
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

    hostname: DomainValue = Field(default_factory=lambda: socket.gethostname())
    listeners: Annotated[tuple[Listener, ...], Field(min_length=1)]
    domains: dict[DomainValue, Domain] = Field(default_factory=dict)
    routes: dict[str, Route]
    default_route: str | None = None  # for clients that may relay and for reports; never makes a domain acceptable
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
    metrics: MetricsAddress | None = HostPort("127.0.0.1", 9725)
    log: LogSettings = LogSettings()
    control: ConfigPath = Path("var/control.sock")
    stop: Seconds = 30.0  # how long transactions may take to finish when the service stops

    def domain(self, name: str) -> Domain | None:
        """The listed domain that `name` falls under: exact first, then the longest `.domain`."""
        return lookup_domain(self.domains, name)

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
    shown = str(path)
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise Complaints([Complaint(yamlfile.Place(shown), f"cannot be read: {error.strerror or error}")]) from error
    node = yamlfile.read(octets, shown)
    if not isinstance(node, yamlfile.Mapping):
        raise Complaints([Complaint(node.place, "expected settings as `key: value`, found something else")])
    try:
        config = Config.model_validate(yamlfile.plain(_without_empty(node)))
    except ValidationError as error:
        raise Complaints(_complaint(one, node) for one in error.errors()) from error
    config = _with_absolute_paths(config, path.resolve().parent)
    complaints = list(_contradictions(config, node))
    if complaints:
        raise Complaints(complaints)
    return config


def _complaint(error: ErrorDetails, node: Node) -> Complaint:
    """A pydantic error in our words, at its place in the file."""
    location = error["loc"]
    key = location[-1] if location else ""
    match error["type"]:
        case "extra_forbidden":
            known = _fields_at(location[:-1])
            return Complaint(
                yamlfile.place_of(node, location, key=True), f"unknown setting '{key}'{yamlfile.did_you_mean(str(key), known)}"
            )
        case "missing":
            return Complaint(yamlfile.place_of(node, location[:-1]), f"setting '{key}' is missing here")
        case "value_error":
            text = str(error["ctx"]["error"])
        case "enum" | "literal_error":
            text = f"{error['input']!r} is not possible here: expected {error['ctx']['expected']}"
            known = re.findall(r"'([^']+)'", str(error["ctx"]["expected"]))
            if isinstance(error["input"], str) and (near := yamlfile.did_you_mean(error["input"], known)).endswith("?"):
                text += near
        case "model_type" | "dict_type" | "model_attributes_type":
            text = "expected settings as `key: value` below this"
        case "tuple_type":
            text = "expected a list: `- value` lines, or [value, value]"
        case _:
            text = f"{error['input']!r}: {error['msg'][:1].lower()}{error['msg'][1:]}"
    path = ".".join(str(step) for step in location if step != "[key]")
    return Complaint(yamlfile.place_of(node, location, key="[key]" in location), f"{path}: {text}")


def _fields_at(location: Iterable[str | int]) -> list[str]:
    """The settings that may stand in the group at `location`."""
    model: object = Config
    for step in location:
        if isinstance(model, type) and issubclass(model, BaseModel) and step in model.model_fields:
            model = _group_in(model.model_fields[str(step)].annotation)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _group_in(annotation: object) -> object:
    """The group of settings inside `tuple[Group, ...]`, `dict[str, Group]`, `Group | None`."""
    for argument in typing.get_args(annotation):
        found = _group_in(argument)
        if found is not None:
            return found
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _without_empty(node: yamlfile.Mapping) -> yamlfile.Mapping:
    """Keys with nothing written count as not set."""
    entries = []
    for entry in node.entries:
        value = entry.value
        if isinstance(value, yamlfile.Scalar) and value.is_empty:
            continue
        entries.append(yamlfile.Entry(entry.key, _without_empty(value) if isinstance(value, yamlfile.Mapping) else value))
    return yamlfile.Mapping(tuple(entries), node.place)


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    absolute = _absolute(config, folder)
    assert isinstance(absolute, Config)
    return absolute


def _absolute(value: object, folder: Path) -> object:
    """The value with every relative path in it put below the folder."""
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _absolute(getattr(value, name), folder) for name in type(value).model_fields})
    if isinstance(value, dict):
        return {key: _absolute(one, folder) for key, one in value.items()}
    if type(value) is tuple:
        return tuple(_absolute(one, folder) for one in value)
    return value


def _contradictions(config: Config, node: Node) -> Iterator[Complaint]:
    """What each value alone cannot show."""

    def at(*location: str | int, key: bool = False) -> yamlfile.Place:
        return yamlfile.place_of(node, location, key=key)

    names: dict[str, int] = {}
    addresses: dict[tuple[str, int], str] = {}
    for index, listener in enumerate(config.listeners):
        if listener.name in names:
            yield Complaint(at("listeners", index, "name"), f"a second listener is named '{listener.name}': give each its own name")
        names[listener.name] = index
        if listener.port and (listener.address, listener.port) in addresses:
            other = addresses[listener.address, listener.port]
            yield Complaint(at("listeners", index, "port"), f"listener '{other}' has the same address and port")
        addresses[listener.address, listener.port] = listener.name
        try:
            ipaddress.ip_address(listener.address)
        except ValueError:
            text = f"{listener.address!r} is no IP address: expected one such as 127.0.0.1, 0.0.0.0 or ::"
            yield Complaint(at("listeners", index, "address"), text)
        if listener.tls is not None:
            for setting, path in (("certificate", listener.tls.certificate), ("key", listener.tls.key)):
                yield from _readable(path, at("listeners", index, "tls", setting))
    for name, domain in config.domains.items():
        if domain.route not in config.routes:
            near = yamlfile.did_you_mean(domain.route, config.routes)
            yield Complaint(at("domains", name, "route"), f"no route is named '{domain.route}'{near}")
        if (domain.verify is Verify.LIST) != (domain.recipients is not None):
            yield Complaint(at("domains", name), "`verify: list` and `recipients: FILE` go together: give both or neither")
        elif domain.recipients is not None:
            yield from _readable(domain.recipients, at("domains", name, "recipients"))
        if domain.verify is Verify.CALLOUT and domain.route in config.routes and config.routes[domain.route].maildir is not None:
            yield Complaint(at("domains", name, "verify"), "a Maildir cannot be asked: use `verify: list` or `verify: none`")
    for name, route in config.routes.items():
        if bool(route.next_hops) == (route.maildir is not None):
            yield Complaint(at("routes", name, key=True), f"route '{name}' needs `next_hops` or `maildir`, and not both")
        if route.auth is not None:
            yield from _readable(route.auth.password_file, at("routes", name, "auth", "password_file"))
            if route.tls in (RouteTls.NONE, RouteTls.OPPORTUNISTIC):
                yield Complaint(
                    at("routes", name, "auth"), "a password would go out in clear: set `tls: required` or `tls: verified`"
                )
        if route.ca_file is not None:
            yield from _readable(route.ca_file, at("routes", name, "ca_file"))
    if config.default_route is not None and config.default_route not in config.routes:
        near = yamlfile.did_you_mean(config.default_route, config.routes)
        yield Complaint(at("default_route"), f"no route is named '{config.default_route}'{near}")
    if config.retry.delay_notice >= config.retry.give_up:
        yield Complaint(at("retry"), "`delay_notice` must be shorter than `give_up`, or the notice would come after the end")


def _readable(path: Path, place: yamlfile.Place) -> Iterator[Complaint]:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        yield Complaint(place, f"{path} cannot be read: {error.strerror or error}")
