"""The metrics: what is counted, under which labels, and that nobody from outside can make the labels grow."""

import json
import re
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from screener.mail.verdict import Action
from screener.metrics.figures import Health, Metrics
from screener.metrics.labels import ACTIONS, CONNECTIONS, OUTCOMES, REFUSALS, Known, RuleLabels
from screener.store.errors import StoreUnavailable
from screener.store.queries import Counts, PlaceCount, QueueCount

KNOWN = Known(
    listeners=("inbound", "partners"),
    next_hops={"exchange": ("192.0.2.10:25", "192.0.2.11:25"), "local": ("maildir",)},
    processes=2,
    connections=2000,
    hold_octets=1000,
    free_floor=500,
    listed=("example.org", ".example.net"),
)
NOW = 1_700_000_000.0


def metrics() -> Metrics:
    return Metrics(KNOWN, clock=lambda: NOW)


def shown(metrics: Metrics) -> str:
    page = metrics.page("/metrics")
    assert page is not None
    return page.octets.decode()


def figures(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of a scrape, read back by the library's own parser."""
    families = text_string_to_metric_families(shown(metrics))
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def figure(metrics: Metrics, name: str, **labels: str) -> float | None:
    return figures(metrics).get((f"screener_{name}", tuple(sorted(labels.items()))))


# what is counted


def test_mails_and_recipients_are_counted_by_listener_and_action() -> None:
    made = metrics()
    made.message("inbound", Action.HOLD)
    made.message("inbound", "forward")
    made.message("inbound", "forward")
    made.recipient("inbound", "forward", 3)
    assert figure(made, "messages_total", listener="inbound", action="hold") == 1
    assert figure(made, "messages_total", listener="inbound", action="forward") == 2
    assert figure(made, "recipients_total", listener="inbound", action="forward") == 3


def test_the_door_is_counted() -> None:
    made = metrics()
    made.connection("inbound", "too_many_client")
    made.connections_in("inbound", 7)
    made.refusal("partners", "relay")
    made.accepted("inbound", 0.004)
    assert figure(made, "connections_total", listener="inbound", result="too_many_client") == 1
    assert figure(made, "connections_open", listener="inbound") == 7
    assert figure(made, "connections_limit") == 2000
    assert figure(made, "refusals_total", listener="partners", reason="relay") == 1
    assert figure(made, "accept_seconds_count", listener="inbound") == 1
    assert figure(made, "accept_seconds_bucket", listener="inbound", le="0.005") == 1
    assert figure(made, "accept_seconds_bucket", listener="inbound", le="0.0025") == 0


def test_lists_of_recipients_are_good_or_bad_by_domain() -> None:
    made = metrics()
    assert not any(name.startswith("screener_recipient_list") for name, _ in figures(made))
    made.recipient_list("example.org", True)
    made.recipient_list(".example.net", False)
    made.recipient_list("elsewhere.example", False)
    assert figure(made, "recipient_list_last_reload_successful", domain="example.org") == 1
    assert figure(made, "recipient_list_last_reload_successful", domain=".example.net") == 0
    assert figure(made, "recipient_list_last_reload_successful", domain="other") == 0
    made.recipient_list(".example.net", True)
    assert figure(made, "recipient_list_last_reload_successful", domain=".example.net") == 1


def test_delivery_is_counted() -> None:
    made = metrics()
    made.attempt("exchange", "doubtful", 2.0)
    made.eight_bit_unconverted("exchange")
    made.connections_out("exchange", 4)
    made.next_hop_up("exchange", "192.0.2.10:25", False)
    made.reports("failure")
    assert figure(made, "attempts_total", route="exchange", outcome="doubtful") == 1
    assert figure(made, "attempt_seconds_sum", route="exchange") == 2.0
    assert figure(made, "eight_bit_unconverted_total", route="exchange") == 1
    assert figure(made, "connections_out", route="exchange") == 4
    assert figure(made, "next_hop_up", route="exchange", next_hop="192.0.2.10:25") == 0
    assert figure(made, "reports_total", kind="failure") == 1


def test_screening_and_the_store_are_measured() -> None:
    made = metrics()
    made.screening("inline", 0.0002)
    made.processes(2)
    made.process_replaced("timeout")
    made.commit(12, 0.003)
    made.unjudged("")
    assert figure(made, "screening_seconds_count", place="inline") == 1
    assert figure(made, "screening_processes") == figure(made, "screening_processes_wanted") == 2
    assert figure(made, "screening_processes_replaced_total", reason="timeout") == 1
    assert figure(made, "store_commit_seconds_count") == 1
    assert figure(made, "store_commit_changes_sum") == 12
    assert figure(made, "unjudged_total", rule="none") == 1


def test_series_of_closed_sets_are_there_from_the_start() -> None:
    found = figures(metrics())
    for listener in KNOWN.listeners:
        assert all(found[("screener_messages_total", (("action", action), ("listener", listener)))] == 0 for action in ACTIONS)
        assert all(found[("screener_refusals_total", (("listener", listener), ("reason", reason)))] == 0 for reason in REFUSALS)
        assert all(found[("screener_connections_total", (("listener", listener), ("result", one)))] == 0 for one in CONNECTIONS)
    for route in KNOWN.next_hops:
        assert all(found[("screener_attempts_total", (("outcome", outcome), ("route", route)))] == 0 for outcome in OUTCOMES)


def test_the_version_that_runs_is_shown() -> None:
    assert re.search(r'screener_build_info\{python="3[.\d]+",version="[\w.]+"\} 1\.0', shown(metrics()))


def test_each_has_a_registry_of_its_own() -> None:
    one, other = metrics(), metrics()
    one.message("inbound", "hold")
    assert figure(other, "messages_total", listener="inbound", action="hold") == 0


# labels


def test_what_is_not_known_is_counted_as_other() -> None:
    made = metrics()
    made.message("inbound\n", "explode")
    made.refusal("nobody", "because")
    made.attempt("elsewhere", "lost", 1.0)
    made.next_hop_up("exchange", "198.51.100.1:25", True)
    made.rule("no such rule", "hold")
    made.unjudged("no such rule")
    assert figure(made, "messages_total", listener="other", action="other") == 1
    assert figure(made, "refusals_total", listener="other", reason="other") == 1
    assert figure(made, "attempts_total", route="other", outcome="other") == 1
    assert figure(made, "next_hop_up", route="exchange", next_hop="other") == 1
    assert figure(made, "rule_hits_total", rule="other", action="hold", mode="act") == 1
    assert figure(made, "unjudged_total", rule="other") == 1


def test_hostile_labels_make_nothing_grow() -> None:
    made = metrics()
    made.reload(True, "abc", [RuleLabels("programs", "hold")])

    def everything(word: str) -> None:
        made.connection(word, word)
        made.connections_in(word, 1)
        made.message(word, word)
        made.recipient(word, word)
        made.refusal(word, word)
        made.accepted(word, 1.0)
        made.screening(word, 1.0)
        made.rule(word, word, observed=True)
        made.rule_seconds(word, 1.0)
        made.unjudged(word)
        made.process_replaced(word)
        made.attempt(word, word, 1.0)
        made.eight_bit_unconverted(word)
        made.connections_out(word, 1)
        made.next_hop_up(word, word, True)
        made.reports(word)

    everything("hostile0")
    before = set(figures(made))
    for at in range(1, 200):
        everything(f"hostile{at}\n{'x' * at}")
    assert set(figures(made)) == before
    assert "hostile" not in shown(made)


# rules


def test_rules_in_force_start_at_zero() -> None:
    made = metrics()
    made.reload(
        True, "0123456789ab", [RuleLabels("programs", "hold"), RuleLabels("tag"), RuleLabels("new", "reject", observed=True)]
    )
    assert figure(made, "rule_hits_total", rule="programs", action="hold", mode="act") == 0
    assert figure(made, "rule_hits_total", rule="tag", action="also", mode="act") == 0
    assert figure(made, "rule_hits_total", rule="new", action="reject", mode="observe") == 0
    assert figure(made, "rule_seconds_total", rule="programs") == 0
    assert figure(made, "rules") == 3


def test_hits_and_time_are_counted_by_rule() -> None:
    made = metrics()
    made.reload(True, "abc", [RuleLabels("programs", "hold"), RuleLabels("tag"), RuleLabels("new", "hold", observed=True)])
    made.rule("programs", Action.HOLD, observed=False)
    made.rule("tag", None)
    made.rule("new", Action.HOLD, observed=True)
    made.rule_seconds("programs", 0.25)
    made.rule_seconds("programs", 0.5)
    made.rule_seconds("programs", -1e-9)  # a clock that went backwards must not raise
    made.unjudged("programs")
    assert figure(made, "rule_hits_total", rule="programs", action="hold", mode="act") == 1
    assert figure(made, "rule_hits_total", rule="tag", action="also", mode="act") == 1
    assert figure(made, "rule_hits_total", rule="new", action="hold", mode="observe") == 1
    assert figure(made, "rule_seconds_total", rule="programs") == 0.75
    assert figure(made, "unjudged_total", rule="programs") == 1


def test_series_of_removed_rules_are_dropped_and_others_keep_counting() -> None:
    made = metrics()
    made.reload(True, "one", [RuleLabels("old", "hold"), RuleLabels("stays", "hold"), RuleLabels("turns", "hold")])
    for rule in ("old", "stays", "turns"):
        made.rule(rule, "hold")
        made.rule_seconds(rule, 1.0)
        made.unjudged(rule)
    made.reload(True, "two", [RuleLabels("stays", "hold"), RuleLabels("turns", "drop")])
    assert '"old"' not in shown(made)
    assert figure(made, "rule_hits_total", rule="stays", action="hold", mode="act") == 1
    assert figure(made, "rule_hits_total", rule="turns", action="hold", mode="act") is None
    assert figure(made, "rule_hits_total", rule="turns", action="drop", mode="act") == 0
    assert figure(made, "ruleset_info", hash="one") is None
    assert figure(made, "ruleset_info", hash="two") == 1
    made.rule("old", "hold")  # a mail that was judged by the old rules just now
    assert figure(made, "rule_hits_total", rule="other", action="hold", mode="act") == 1
    assert '"old"' not in shown(made)


def test_a_failed_reload_is_shown_and_drops_nothing() -> None:
    made = metrics()
    made.reload(True, "one", [RuleLabels("stays", "hold")])
    made.reload(False)
    assert figure(made, "rules_last_reload_successful") == 0
    assert figure(made, "rules_last_reload_success_timestamp_seconds") == NOW
    assert figure(made, "rules_reloads_total", result="failure") == 1
    assert figure(made, "rules") == 1
    assert figure(made, "ruleset_info", hash="one") == 1
    assert figure(made, "rule_hits_total", rule="stays", action="hold", mode="act") == 0
    made.reload(True, "one", [RuleLabels("stays", "hold")])
    assert figure(made, "rules_last_reload_successful") == 1


# where mail lies


COUNTS = Counts(
    queues=(QueueCount("exchange", 12, NOW - 90), QueueCount("gone", 2, NOW - 900), QueueCount("gone too", 3, NOW - 90)),
    held=PlaceCount(recipients=5, mails=4, octets=4096, oldest=NOW - 3600),
    dropped=PlaceCount(),
)


def test_the_store_is_asked_at_each_scrape() -> None:
    made = metrics()
    made.watch_store(lambda: COUNTS, lambda: 12345)
    assert figure(made, "queue_recipients", route="exchange") == 12
    assert figure(made, "queue_oldest_seconds", route="exchange") == 90
    assert figure(made, "queue_recipients", route="local") == 0
    assert figure(made, "queue_oldest_seconds", route="local") == 0
    assert figure(made, "queue_recipients", route="other") == 5  # routes that are no longer in the configuration
    assert figure(made, "queue_oldest_seconds", route="other") == 900
    assert figure(made, "hold_recipients") == 5
    assert figure(made, "hold_mails") == 4
    assert figure(made, "hold_bytes") == 4096
    assert figure(made, "hold_limit_bytes") == 1000
    assert figure(made, "hold_oldest_seconds") == 3600
    assert figure(made, "dropped_recipients") == 0
    assert figure(made, "dropped_oldest_seconds") == 0
    assert figure(made, "store_free_bytes") == 12345
    assert figure(made, "store_free_floor_bytes") == 500
    assert figure(made, "store_readable") == 1


@pytest.mark.parametrize("error", [StoreUnavailable("busy"), OSError(5, "Input/output error")])
def test_a_store_that_cannot_be_read_leaves_every_other_figure(error: Exception) -> None:
    def counts() -> Counts:
        raise error

    made = metrics()
    made.watch_store(counts, lambda: 1)
    made.message("inbound", "hold")
    assert figure(made, "store_readable") == 0
    assert figure(made, "queue_recipients", route="exchange") is None
    assert figure(made, "messages_total", listener="inbound", action="hold") == 1


# the pages


def asked(made: Metrics, path: str) -> tuple[int, str, bytes]:
    host, port = made.serve(("127.0.0.1", 0))
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()
    finally:
        made.close()


def test_metrics_are_served_over_http() -> None:
    status, kind, octets = asked(metrics(), "/metrics?name=whatever")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"screener_messages_total{" in octets
    assert b"_created" not in octets


def test_health_before_the_service_has_started_is_503() -> None:
    status, kind, octets = asked(metrics(), "/health")
    assert (status, kind) == (503, "application/json")
    assert json.loads(octets) == {"status": "failing", "reasons": ["the service is starting"], "ruleset": ""}


def test_health_says_what_is_wrong() -> None:
    made = metrics()
    made.watch_health(lambda: Health(("no rule set is in force: mail is deferred", "hold is full")))
    status, _, octets = asked(made, "/health")
    assert status == 503
    assert json.loads(octets)["reasons"] == ["no rule set is in force: mail is deferred", "hold is full"]


def test_health_of_a_hop_that_works_is_200() -> None:
    made = metrics()
    made.reload(True, "0123456789ab", [])
    made.watch_health(Health)
    status, _, octets = asked(made, "/health")
    assert (status, json.loads(octets)) == (200, {"status": "ok", "reasons": [], "ruleset": "0123456789ab"})


def test_there_are_no_other_pages() -> None:
    assert asked(metrics(), "/")[0] == 404
    assert asked(metrics(), "/metrics/")[0] == 404


def test_closing_without_serving_and_twice_is_harmless() -> None:
    made = metrics()
    made.close()
    made.serve(("127.0.0.1", 0))
    made.close()
    made.close()
