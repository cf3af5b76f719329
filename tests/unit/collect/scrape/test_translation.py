"""A target's series become ours."""

from __future__ import annotations

from typing import Any

import pytest

from bongsu.collect.scrape.exposition import parse
from bongsu.collect.scrape.translation import Rules, Translation
from bongsu.model.metric import Metric
from bongsu.model.sample import Sample


class Stand:
    """A translation, and what it told the catalogue."""

    def __init__(self, *, taken: tuple[str, ...] = ("cpu_usage",), **rules: Any) -> None:
        self.declared: dict[str, Metric] = {}
        self.translation = Translation(Rules(target="api", **rules), declare=self._declare, taken=taken)

    def _declare(self, metric: Metric) -> None:
        self.declared[metric.name] = metric

    def read(self, text: str) -> list[Sample]:
        """The samples of a scrape."""
        return self.translation.samples(parse(text))


def test_labels_are_added_and_the_targets_own_step_aside() -> None:
    """`target` and the settings' labels win; what they would hide is kept as `exported_…`; empty labels are none."""
    stand = Stand(labels={"env": "prod"})
    (sample,) = stand.read('up{env="test",target="x",none="",zone="b"} 1')
    assert dict(sample.labels) == {
        "env": "prod",
        "exported_env": "test",
        "exported_target": "x",
        "target": "api",
        "zone": "b",
    }


def test_names_of_ours_are_not_taken_for_the_targets() -> None:
    """A scraped `cpu_usage` is no reading of this machine: thresholds must not see it as one."""
    assert [one.metric for one in Stand().read("cpu_usage 99\nother 1")] == ["scraped_cpu_usage", "other"]


def test_the_catalogue_learns_kind_and_sentence() -> None:
    """Counters, a histogram's sum and count, and gauges, with what the target says of them."""
    stand = Stand()
    stand.read(
        "# HELP a_total How many.\n# TYPE a_total counter\na_total 1\n# TYPE b gauge\nb 2\n"
        "# TYPE c summary\nc_sum 3\nc_count 4\nd_total 5\n"
    )
    assert {name: metric.kind for name, metric in stand.declared.items()} == {
        "a_total": "counter",
        "b": "gauge",
        "c_sum": "counter",
        "c_count": "counter",
        "d_total": "counter",
    }
    assert stand.declared["a_total"].en == "How many."


def test_a_histogram_becomes_quantiles_of_what_came_since() -> None:
    """Buckets aren't kept; from the second scrape on there are three quantiles, and sum and count as counters."""
    stand = Stand()
    scrape = (
        "# TYPE t histogram\n"
        't_bucket{{h="a",le="0.1"}} {0}\nt_bucket{{h="a",le="+Inf"}} {1}\nt_sum{{h="a"}} 3\nt_count{{h="a"}} {1}\n'
    )
    assert {one.metric for one in stand.read(scrape.format(5, 5))} == {"t_sum", "t_count"}
    found = {one.labels: one.value for one in stand.read(scrape.format(15, 15)) if one.metric == "t"}
    assert found == {
        (("h", "a"), ("quantile", share), ("target", "api")): pytest.approx(0.1 * float(share))
        for share in ("0.5", "0.95", "0.99")
    }
    assert not [one for one in stand.read(scrape.format(15, 15)) if one.metric == "t"]


def test_only_what_is_kept_counts_towards_the_limit() -> None:
    """`keep` chooses by prefix; beyond `limit` series are refused and counted, known ones go on."""
    stand = Stand(keep=("http_",), limit=2)
    text = "go_x 1\nhttp_a 1\nhttp_b 2\nhttp_c 3\n"
    for count in (1, 2):
        assert [one.metric for one in stand.read(text)] == ["http_a", "http_b"]
        assert stand.translation.refused == count


def test_what_is_no_number_or_no_name_is_left_out() -> None:
    """NaN and Inf say nothing and are no fault; a name or label of other letters is refused."""
    stand = Stand()
    assert stand.read('a NaN\nb +Inf\n{"é"} 1\n# TYPE x counter\nx_created 5\nx_total 1\n')[0].metric == "x_total"
    assert stand.translation.refused == 1


def test_control_letters_in_labels_become_blanks() -> None:
    """A label with a line break is no reason to lose the series, and must not reach a log or screen."""
    (sample,) = Stand().read('a{x="one\\ntwo"} 1')
    assert dict(sample.labels)["x"] == "one two"


def test_series_that_are_gone_make_room() -> None:
    """After 240 scrapes without them others are taken instead."""
    stand = Stand(limit=1)
    stand.read("old 1")
    for _ in range(500):
        stand.read("new 1")
    assert [one.metric for one in stand.read("new 1")] == ["new"]
