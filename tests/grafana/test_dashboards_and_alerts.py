"""Dashboards and alerts hold only what there is: every metric, label and label value of every query exists in metrics/."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import pytest
import yaml
from fakes import promql

from screener.metrics.figures import Health, Metrics
from screener.metrics.labels import ACTIONS, CONNECTIONS, OUTCOMES, PLACES, REFUSALS, REPLACED, REPORTS, Known, RuleLabels
from screener.store.queries import Counts, PlaceCount, QueueCount

FOLDER = Path(__file__).parents[2] / "grafana"
DASHBOARDS = sorted(FOLDER.glob("*.json"))
TARGET = {"instance", "job"}  # given by Prometheus to everything it scrapes
FOREIGN: dict[str, dict[str, set[str]]] = {"up": {}}  # metrics that Prometheus makes itself


class Target(TypedDict):
    refId: str
    expr: str
    legendFormat: str


class Steps(TypedDict):
    steps: list[dict[str, str | float | None]]


class Defaults(TypedDict):
    unit: str
    thresholds: Steps


class FieldConfig(TypedDict):
    defaults: Defaults


class Panel(TypedDict):
    id: int
    type: str
    title: str
    description: str
    gridPos: dict[str, int]
    fieldConfig: FieldConfig
    targets: list[Target]


class Board(TypedDict):
    id: int | None
    uid: str | None
    panels: list[Panel]
    templating: dict[str, list[dict[str, str]]]
    annotations: dict[str, list[dict[str, str]]]


class Alert(TypedDict):
    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]


def everything() -> dict[str, dict[str, set[str]]]:
    """Each sample's name → its labels → the values they may have: everything that metrics/ can make."""
    made = Metrics(Known(listeners=("inbound",), next_hops={"exchange": ("192.0.2.10:25",)}, listed=("example.org",)))
    made.reload(True, "0123456789ab", [RuleLabels("programs", action) for action in ("", *ACTIONS)])
    made.reload(False)
    for observed in (False, True):
        for action in (None, *ACTIONS):
            made.rule("programs", action, observed)
    made.unjudged("programs")
    made.recipient_list("example.org", True)
    made.connections_in("inbound", 1)
    made.connections_out("exchange", 1)
    made.next_hop_up("exchange", "192.0.2.10:25", True)
    made.watch_store(lambda: Counts((QueueCount("exchange", 1, 0.0),), PlaceCount(), PlaceCount()), lambda: 1)
    made.watch_health(Health)
    found: dict[str, dict[str, set[str]]] = {}
    for family in made.registry.collect():
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


METRICS = everything() | FOREIGN
CLOSED = {
    "action": {*ACTIONS, "also", "other"},
    "result": {*CONNECTIONS, "success", "failure", "other"},
    "reason": {*REFUSALS, *REPLACED, "other"},
    "outcome": {*OUTCOMES, "other"},
    "place": {*PLACES, "other"},
    "kind": {*REPORTS, "other"},
    "mode": {"act", "observe", "other"},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One query and where it stands."""

    where: str
    text: str
    shown: str = ""  # the text that names its labels: a legend, a summary


def of_dashboards() -> Iterator[Asked]:
    for path in DASHBOARDS:
        board: Board = json.loads(path.read_text())
        for panel in panels_of(board):
            for target in panel["targets"]:
                yield Asked(f"{path.name}: {panel['title']}", target["expr"], target["legendFormat"])
        for note in board["annotations"]["list"]:
            yield Asked(f"{path.name}: note {note['name']}", note["expr"], note["textFormat"])


def alerts() -> list[Alert]:
    loaded: dict[str, list[dict[str, list[Alert]]]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def of_alerts() -> Iterator[Asked]:
    for alert in alerts():
        words = re.findall(r"\$labels\.(\w+)", " ".join(alert["annotations"].values()))
        yield Asked(f"alerts.yml: {alert['alert']}", alert["expr"], " ".join(f"{{{{{word}}}}}" for word in words))


def panels_of(board: Board) -> list[Panel]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


QUERIES = [*of_dashboards(), *of_alerts()]


@pytest.mark.parametrize("asked", QUERIES, ids=lambda asked: asked.where)
def test_every_metric_label_and_value_exists(asked: Asked) -> None:
    query = promql.read(asked.text)
    assert query.selectors
    for selector in query.selectors:
        assert selector.metric in METRICS, f"there is no metric {selector.metric}"
        for label, operator, value in selector.matchers:
            assert label in TARGET | set(METRICS[selector.metric]), f"{selector.metric} has no label {label}"
            if label in CLOSED:
                possible = CLOSED[label] & METRICS[selector.metric][label] or CLOSED[label]
                words = value.split("|") if operator in ("=~", "!~") else [value]
                assert all(any(re.fullmatch(word, one) for one in possible) for word in words), f"{label} is never {value}"
    of_all = TARGET.union(*(METRICS[selector.metric] for selector in query.selectors))
    assert query.labels <= of_all, f"no label {query.labels - of_all}"
    shown = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", asked.shown))
    kept = query.labels if "by (" in asked.text and asked.where.startswith("alerts") else of_all
    assert shown <= (kept or of_all), f"the text names labels that the query does not keep: {shown - kept}"


def test_every_metric_is_shown_or_watched() -> None:
    used = {selector.metric for asked in QUERIES for selector in promql.read(asked.text).selectors}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in METRICS if name.startswith("screener_")}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in used}
    assert families <= shown


def test_promtool_can_parse_every_query(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs("promtool")
    rules = [{"record": f"query:number{at}", "expr": promql.plain(asked.text)} for at, asked in enumerate(QUERIES)]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    checked = subprocess.run(["promtool", "check", "rules", "--lint=none", file], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(rules)} rules found" in checked.stdout + checked.stderr


# dashboards


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.name)
def board(request: pytest.FixtureRequest) -> Board:
    loaded: Board = json.loads(request.param.read_text())
    return loaded


def test_both_dashboards_are_there() -> None:
    assert {path.name for path in DASHBOARDS} == {"operator.json", "rules.json"}


def test_a_dashboard_can_be_imported_anywhere(board: Board) -> None:
    assert board["id"] is None
    assert board["uid"] is None
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    sources = list(values_of(board, "datasource"))
    assert sources
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(board)))
    assert used == set(variables), "variables that are used and those that are defined"


def values_of(value: object, key: str) -> Iterator[object]:
    """Every value of a key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from values_of(one, key)


def test_variables_ask_for_labels_that_exist(board: Board) -> None:
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            match = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"])
            assert match is not None
            assert match[2] in TARGET | set(METRICS[match[1]])


def test_every_panel_says_what_it_shows(board: Board) -> None:
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    titles = [panel["title"] for panel in panels]
    assert len(set(titles)) == len(titles)
    for panel in panels_of(board):
        name = panel["title"]
        assert name
        assert len(panel["description"]) > 20, name
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] in {"none", "short", "s", "bytes", "cps", "cpm", "percentunit", "dateTimeFromNow"}, name
        steps = defaults["thresholds"]["steps"]
        assert steps[0]["value"] is None, name
        values = [float(step["value"] or 0) for step in steps[1:]]
        assert values == sorted(values), name
        if panel["type"] in ("stat", "gauge") and defaults["unit"] != "dateTimeFromNow":
            assert len(steps) > 1, f"{name}: good or bad from where on?"
        targets = panel["targets"]
        assert targets, name
        assert len({target["refId"] for target in targets}) == len(targets), name
        assert all('instance=~"$instance"' in target["expr"] for target in targets), name


def test_panels_do_not_cover_each_other(board: Board) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} covers {taken[x, y]}"
                taken[x, y] = panel["title"]


# alerts


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    names = [alert["alert"] for alert in alerts()]
    assert len(set(names)) == len(names)
    for alert in alerts():
        labels, annotations = alert["labels"], alert["annotations"]
        assert labels["severity"] in ("critical", "warning")
        assert 10 < len(annotations["summary"]) < 160
        assert len(annotations["description"]) > 80


def test_settings_that_alerts_name_exist() -> None:
    sample = (FOLDER.parent / "screener.yaml").read_text()
    for alert in alerts():
        for name in re.findall(r"`([a-z_]+(?:\.[a-z_]+)*)`", alert["annotations"]["description"]):
            for word in name.split("."):
                assert re.search(rf"\b{word}\b", sample), f"{alert['alert']}: there is no setting {name}"


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    for test in tests[2:]:  # the first two: nothing is wrong
        first, last = test["promql_expr_test"]
        assert first["exp_samples"] == []
        assert len(last["exp_samples"]) >= 1
    fired = re.findall(r'alertname="(\w+)"', json.dumps([test["promql_expr_test"] for test in tests]).replace('\\"', '"'))
    assert set(fired) == {alert["alert"] for alert in alerts()}


def test_promtool_finds_the_alerts_good(needs: Callable[..., None]) -> None:
    needs("promtool")
    checked = subprocess.run(["promtool", "check", "rules", FOLDER / "alerts.yml"], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_promtool_sees_every_alert_fire_when_it_should(needs: Callable[..., None]) -> None:
    needs("promtool")
    run = subprocess.run(["promtool", "test", "rules", "alerts_test.yml"], cwd=FOLDER, capture_output=True, text=True, timeout=110)
    assert run.returncode == 0, run.stdout + run.stderr
