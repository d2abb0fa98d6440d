"""What the settings cannot mean together, though each by itself is in order: names and ports that two want, mail that would go
round, certificates without their key.

Promises each complaint at its place in the file. Looks nothing up; of the files it reads certificates and keys alone.
"""

import ipaddress
import ssl
from collections.abc import Iterator

from screener import files, yamlfile
from screener.config.models import Config, Domain, ListenerTls, Verify
from screener.settings.kinds import domain, is_ip
from screener.yamlfile import Complaint, Node


def contradictions(config: Config, node: Node) -> Iterator[Complaint]:
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
