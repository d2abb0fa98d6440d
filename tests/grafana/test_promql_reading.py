"""The reading of queries that the tests of dashboards and alerts rest on."""

import pytest
from fakes.promql import Selector, read


@pytest.mark.parametrize(
    ("text", "selectors", "labels"),
    [
        ("up", [Selector("up")], set()),
        ('up{job="a", instance=~"b|c"} == 0', [Selector("up", (("job", "=", "a"), ("instance", "=~", "b|c")))], set()),
        ("sum by (a, b) (rate(x_total[5m])) > 2.5e3", [Selector("x_total")], {"a", "b"}),
        ("sum(rate(x_total[$__rate_interval])) by (a)", [Selector("x_total")], {"a"}),
        ("x / on (a) group_left (b) y and z", [Selector("x"), Selector("y"), Selector("z")], {"a", "b"}),
        (
            'histogram_quantile(0.99, sum by (le) (rate(h_bucket{a!="}"}[1h] offset 5m)))',
            [Selector("h_bucket", (("a", "!=", "}"),))],
            {"le"},
        ),
        ("topk(5, count without (a) (x)) or vector(0)", [Selector("x")], {"a"}),
        ("x{} > 7 * 86400", [Selector("x")], set()),
        ('x{a=~"$a"}', [Selector("x", (("a", "=~", ".*"),))], set()),
    ],
)
def test_metrics_and_labels_are_found(text: str, selectors: list[Selector], labels: set[str]) -> None:
    query = read(text)
    assert query.selectors == selectors
    assert query.labels == labels


@pytest.mark.parametrize("text", ["x ; y", "x{a=5}", 'x{"a"="b"}'])
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no "):
        read(text)
