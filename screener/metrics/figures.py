"""What is counted and measured of one hop. All methods may be called from any thread.

Promises counters that cost the hot path about a microsecond, and labels that come only from the configuration, the rules in force
or closed sets: whatever else is passed is counted as "other". Series of removed rules go with the reload that removed them.
"""

import json
import platform
import time
from collections.abc import Callable, Collection
from importlib.metadata import version

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from screener.frozen import dataclass
from screener.metrics.families import OTHER, Family
from screener.metrics.labels import ACTIONS, CONNECTIONS, OUTCOMES, PLACES, REFUSALS, REPLACED, REPORTS, Known, RuleLabels
from screener.metrics.standing import StoreFigures
from screener.pages import Page, Pages
from screener.store.queries import Counts

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each counter that nobody reads

_SCREENING = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ACCEPT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_ATTEMPT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_COMMIT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_BATCH = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the hop can do its work, and what keeps it from it, for people."""

    reasons: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.reasons


class Metrics:
    """All metrics of one hop, in a registry of their own."""

    def __init__(self, known: Known | None = None, *, clock: Callable[[], float] = time.time) -> None:
        known = Known() if known is None else known
        self.registry = CollectorRegistry()
        self._clock = clock
        self._pages: Pages | None = None
        self._health: Callable[[], Health] = lambda: Health(("the service is starting",))
        self._ruleset = ""
        ProcessCollector(registry=self.registry)
        self._coming_in(known)
        self._screening(known)
        self._going_out(known)
        self._keeping(known)
        build = self._gauge("build_info", "The version that runs.", "version", "python")
        build.labels(version("screener"), platform.python_version()).set(1)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"screener_{name}", about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"screener_{name}", about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"screener_{name}", about, labels, registry=self.registry, buckets=buckets)

    def _coming_in(self, known: Known) -> None:
        listeners = known.listeners
        about = "Connections by listener and what became of them at the door."
        self._connections = Family(self._counter("connections", about, "listener", "result"), listeners, CONNECTIONS)
        about = "Connections open now, by listener."
        self._connections_in = Family(self._gauge("connections_open", about, "listener"), listeners)
        self._gauge("connections_limit", "Connections that may be open at once, in all.").set(known.connections)
        about = "Mails judged, by listener and action; a mail with several actions counts once for each."
        self._messages = Family(self._counter("messages", about, "listener", "action"), listeners, ACTIONS)
        about = "Recipients judged, by listener and action."
        self._recipients = Family(self._counter("recipients", about, "listener", "action"), listeners, ACTIONS)
        about = "Commands and mails refused, by listener and reason."
        self._refusals = Family(self._counter("refusals", about, "listener", "reason"), listeners, REFUSALS)
        about = "Seconds from the end of the content to the 250."
        self._accept = Family(self._histogram("accept_seconds", about, _ACCEPT, "listener"), listeners)
        about = "Whether a domain's list of recipients was good when it was last read (1) or not (0)."
        self._lists = Family(self._gauge("recipient_list_last_reload_successful", about, "domain"), known.listed)
        for listener in listeners:  # series that exist from the start: a first event is a rise, not a beginning
            self._accept.child(listener)
            for result in CONNECTIONS:
                self._connections.child(listener, result)
            for action in ACTIONS:
                self._messages.child(listener, action)
                self._recipients.child(listener, action)
            for reason in REFUSALS:
                self._refusals.child(listener, reason)

    def _screening(self, known: Known) -> None:
        about = "Seconds of screening one mail: inline in the service, or by a screening process with its waiting."
        self._screening_seconds = Family(self._histogram("screening_seconds", about, _SCREENING, "place"), PLACES)
        about = "Mails in which a rule matched, by rule, its action (also: it only adds) and mode (act, observe)."
        self._hits = Family(self._counter("rule_hits", about, "rule", "action", "mode"), (), (*ACTIONS, "also"), ("act", "observe"))
        about = "Seconds spent on a rule."
        self._rule_seconds = Family(self._counter("rule_seconds", about, "rule"), ())
        about = 'Mails held because they could not be judged, by the rule that could not ("none": no single rule).'
        self._unjudged = Family(self._counter("unjudged", about, "rule"), ("none",))
        self._alive = self._gauge("screening_processes", "Screening processes alive.")
        self._gauge("screening_processes_wanted", "Screening processes there should be.").set(known.processes)
        about = "Screening processes replaced, by reason."
        self._replaced = Family(self._counter("screening_processes_replaced", about, "reason"), REPLACED)
        self._reloads = Family(self._counter("rules_reloads", "Reloads of the rules, by result.", "result"), ("success", "failure"))
        self._reload_ok = self._gauge(
            "rules_last_reload_successful", "Whether the last reload of the rules was good (1) or bad (0)."
        )
        self._reload_at = self._gauge("rules_last_reload_success_timestamp_seconds", "When rules were last loaded well.")
        self._rules = self._gauge("rules", "Rules in force; 0: no rule set, mail is deferred.")
        self._ruleset_info = self._gauge("ruleset_info", "The rule set in force, by its hash.", "hash")
        self._unjudged.child("none")
        for place in PLACES:
            self._screening_seconds.child(place)
        for reason in REPLACED:
            self._replaced.child(reason)
        for result in ("success", "failure"):
            self._reloads.child(result)

    def _going_out(self, known: Known) -> None:
        routes = known.next_hops
        about = "Outcomes of delivery attempts, one for each recipient, by route."
        self._attempts = Family(self._counter("attempts", about, "route", "outcome"), routes, OUTCOMES)
        self._attempt_seconds = Family(
            self._histogram("attempt_seconds", "Seconds of one delivery attempt.", _ATTEMPT, "route"), routes
        )
        about = "Mails with 8-bit content sent unchanged to a next hop without 8BITMIME."
        self._eight_bit = Family(self._counter("eight_bit_unconverted", about, "route"), routes)
        self._connections_out = Family(self._gauge("connections_out", "Connections to next hops open now.", "route"), routes)
        about = "Whether a next hop answered when it was last tried (1) or not (0)."
        hops = {hop for hops in routes.values() for hop in hops}
        self._next_hop_up = Family(self._gauge("next_hop_up", about, "route", "next_hop"), routes, hops)
        self._reports = Family(self._counter("reports", "Reports (DSN) queued, by kind.", "kind"), REPORTS)
        for route in routes:
            self._attempt_seconds.child(route)
            self._eight_bit.child(route)
            for outcome in OUTCOMES:
                self._attempts.child(route, outcome)
        for kind in REPORTS:
            self._reports.child(kind)

    def _keeping(self, known: Known) -> None:
        self._commit_seconds = self._histogram("store_commit_seconds", "Seconds of one commit to the store.", _COMMIT)
        self._batch = self._histogram("store_commit_changes", "Changes committed together.", _BATCH)
        self._gauge("store_free_floor_bytes", "Free space below which new mail is refused.").set(known.free_floor)
        self._gauge("hold_limit_bytes", "Content that may be held.").set(known.hold_octets)
        self._routes = frozenset(known.next_hops)

    # how it comes in

    def connection(self, listener: str, result: str) -> None:
        """One connection: accepted, too_many, too_many_client, refused."""
        self._connections.child(listener, result).inc()

    def connections_in(self, listener: str, count: int) -> None:
        """How many connections are open now."""
        self._connections_in.child(listener).set(count)

    def message(self, listener: str, action: str) -> None:
        """One mail, once for each distinct action among its recipients' verdicts."""
        self._messages.child(listener, action).inc()

    def recipient(self, listener: str, action: str, count: int = 1) -> None:
        """Recipients of one mail with this verdict."""
        self._recipients.child(listener, action).inc(count)

    def refusal(self, listener: str, reason: str) -> None:
        """One command or mail refused; the reasons are REFUSALS."""
        self._refusals.child(listener, reason).inc()

    def accepted(self, listener: str, seconds: float) -> None:
        """One mail was answered 250, so long after the end of its content."""
        self._accept.child(listener).observe(seconds)

    def recipient_list(self, domain: str, good: bool) -> None:
        """A domain's list of recipients was read; after a bad one the list before stays in force, if there was a good one."""
        self._lists.child(domain).set(good)

    # what is decided

    def screening(self, place: str, seconds: float) -> None:
        """One mail was judged: inline, or by a process."""
        self._screening_seconds.child(place).observe(seconds)

    def rule(self, rule: str, action: str | None, observed: bool = False) -> None:
        """A rule matched a mail; `action` is None for a rule with only `also`."""
        self._hits.child(rule, action or "also", "observe" if observed else "act").inc()

    def rule_seconds(self, rule: str, seconds: float) -> None:
        """Time spent on a rule for one mail."""
        self._rule_seconds.child(rule).inc(max(seconds, 0.0))

    def unjudged(self, rule: str) -> None:
        """One mail is held because it could not be judged: by this rule, or "" where screening as a whole failed on it."""
        self._unjudged.child(rule or "none").inc()

    def processes(self, alive: int) -> None:
        """How many screening processes are alive."""
        self._alive.set(alive)

    def process_replaced(self, reason: str) -> None:
        """One screening process was replaced: died, timeout, nonsense."""
        self._replaced.child(reason).inc()

    def reload(self, success: bool, ruleset_hash: str = "", rules: Collection[RuleLabels] = ()) -> None:
        """Rules were loaded. After a failure the rules before stay in force, and so do their series."""
        self._reloads.child("success" if success else "failure").inc()
        self._reload_ok.set(success)
        if success:
            self._reload_at.set(self._clock())
            self.rules_in_force(ruleset_hash, rules)

    def rules_in_force(self, ruleset_hash: str, rules: Collection[RuleLabels]) -> None:
        """These rules judge from now on; also the last good ones, put in force after a reload failed at the start."""
        self._rules.set(len(rules))
        if self._ruleset and self._ruleset != ruleset_hash:
            self._ruleset_info.remove(self._ruleset)
        self._ruleset = ruleset_hash
        self._ruleset_info.labels(ruleset_hash).set(1)
        names = {rule.rule for rule in rules}
        self._hits.know(names)
        self._rule_seconds.know(names)
        self._unjudged.know(names | {"none"})
        wanted = {(rule.rule, rule.action or "also", "observe" if rule.observed else "act") for rule in rules}
        self._hits.drop(
            [series for series in self._hits.series if series not in wanted and series[0] != OTHER]
        )  # another action now
        for series in wanted:  # from zero, so that "never matched" can be seen
            self._hits.child(*series)
            self._rule_seconds.child(series[0])

    # how it goes out

    def attempt(self, route: str, outcome: str, seconds: float) -> None:
        """One attempt for one recipient: delivered, deferred, failed, doubtful (the final reply was lost)."""
        self._attempts.child(route, outcome).inc()
        self._attempt_seconds.child(route).observe(seconds)

    def broken_off(self, route: str, recipients: int) -> None:
        """Attempts that the end of the last service broke off: doubtful, each for one recipient."""
        self._attempts.child(route, "doubtful").inc(recipients)

    def eight_bit_unconverted(self, route: str) -> None:
        """An 8-bit content went unchanged to a next hop without 8BITMIME."""
        self._eight_bit.child(route).inc()

    def connections_out(self, route: str, count: int) -> None:
        """How many connections to the route's next hops are open now."""
        self._connections_out.child(route).set(count)

    def next_hop_up(self, route: str, next_hop: str, up: bool) -> None:
        """Whether a next hop answered when it was last tried."""
        self._next_hop_up.child(route, next_hop).set(up)

    def reports(self, kind: str) -> None:
        """One report was queued: delay, failure, success."""
        self._reports.child(kind).inc()

    # where it lies

    def commit(self, batch: int, seconds: float) -> None:
        """One commit of so many changes."""
        self._batch.observe(batch)
        self._commit_seconds.observe(seconds)

    def watch_store(self, counts: Callable[[], Counts], free: Callable[[], int] | None = None) -> None:
        """Ask these at each scrape, in a thread of the pages: how much lies where, and the octets free on the store's disk."""
        self.registry.register(StoreFigures(counts, free, self._routes, self._clock))

    # the door

    def watch_health(self, health: Callable[[], Health]) -> None:
        """Ask this whenever /health is asked, in a thread of the pages. Before it, the service is starting: 503."""
        self._health = health

    def serve(self, address: tuple[str, int]) -> tuple[str, int]:
        """Answer /metrics and /health on this address, and return it as bound (port 0: any free one). Raises OSError."""
        self._pages = Pages(*address, self.page)
        return self._pages.address

    def close(self) -> None:
        """Stop answering; the figures stay readable."""
        if self._pages is not None:
            self._pages.close()
            self._pages = None

    def page(self, path: str) -> Page | None:
        """The page of a path, or None."""
        match path:
            case "/metrics":
                return Page(generate_latest(self.registry), "text/plain; version=0.0.4; charset=utf-8")
            case "/health":
                health = self._health()
                shown = {"status": "ok" if health.ok else "failing", "reasons": health.reasons, "ruleset": self._ruleset}
                return Page(json.dumps(shown).encode() + b"\n", "application/json", 200 if health.ok else 503)
            case _:
                return None
