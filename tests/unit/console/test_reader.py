from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from bongsu.client import Client
from bongsu.console.reader import HistoryReader, averaged, milliseconds, reader_of
from bongsu.model.query import Points
from tests.unit.console.sources import NOW, Lines, points


class Guide:
    """A source with the guide's method alone."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows
        self.hours: list[int] = []

    def get_metrics_history(self, metric_name: str, hours: int = 24) -> Sequence[Mapping[str, Any]]:
        self.hours.append(hours)
        return self.rows if metric_name == "cpu_usage" else []


def test_the_guides_method_is_enough() -> None:
    """Rows of `get_metrics_history` become lines by label set, averaged by step, within the range asked for."""
    source = Guide(
        [
            {"timestamp": NOW - 500, "value": 30, "labels": {"host": "a"}},
            {"timestamp": NOW - 2_000, "value": 10, "labels": {"host": "a"}},
            {"timestamp": NOW - 1_900, "value": 20, "labels": {"host": "a"}},
            {"timestamp": NOW - 1_000, "value": 5, "labels": {}},
            {"timestamp": NOW - 90_000_000, "value": 99, "labels": {}},
        ]
    )
    found = reader_of(source).query("cpu_usage", start=NOW - 3_600_001, end=NOW, step=1_000)
    by_labels = {line.labels: (line.at.tolist(), line.value.tolist()) for line in found}
    assert by_labels == {
        (("host", "a"),): ([NOW - 2_000, NOW - 1_000], [15.0, 30.0]),
        (): ([NOW - 1_000], [5.0]),
    }
    assert source.hours == [2], "hours are rounded up, never down"


def test_a_source_that_answers_queries_is_asked_directly() -> None:
    """Whoever has `query` isn't wrapped."""
    source = Lines({})
    assert reader_of(source) is source


def test_the_rest_client_is_asked_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step in milliseconds becomes the duration that the REST interface knows."""
    asked: list[dict[str, Any]] = []

    def query(metric: str, **more: Any) -> list[Points]:
        asked.append({"metric": metric, **more})
        return []

    with Client("http://127.0.0.1:1") as client:
        monkeypatch.setattr(client, "query", query)
        reader_of(client).query("cpu_usage", start=1, end=2, step=5_000)
    assert asked == [{"metric": "cpu_usage", "start": 1, "end": 2, "step": "5000ms", "agg": "avg"}]


def test_another_object_is_refused_by_name() -> None:
    """The refusal says what was given and what would do."""
    with pytest.raises(TypeError, match="dict can't be drawn from: give a RealTimeMonitor"):
        reader_of({})


def test_only_averages_can_be_made_of_rows() -> None:
    """Another aggregation is refused instead of being answered wrongly."""
    with pytest.raises(ValueError, match="'max'"):
        HistoryReader(Guide([])).query("cpu_usage", start=0, end=1, agg="max")


@pytest.mark.parametrize(
    "moment", [NOW, float(NOW), datetime.fromtimestamp(NOW / 1000, UTC), "2025-11-22T11:20:00+09:00"]
)
def test_times_in_every_spelling(moment: object) -> None:
    """Milliseconds, datetimes and RFC 3339 text name the same instant."""
    assert milliseconds(moment) == NOW


def test_a_time_of_another_kind_is_refused() -> None:
    """A tuple is no time."""
    with pytest.raises(TypeError, match="tuple"):
        milliseconds((1, 2))


def test_steps_without_samples_give_no_point() -> None:
    """Averaging makes no points up."""
    at, value = averaged(np.array([0, 900, 5_000], dtype=np.int64), np.array([1.0, 3.0, 7.0]), 1_000)
    assert (at.tolist(), value.tolist()) == ([0, 5_000], [2.0, 7.0])
    empty = points("x", [])
    assert len(averaged(empty.at, empty.value, 1_000)[0]) == 0
