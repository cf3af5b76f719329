"""The columns of newest values."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bongsu.live.topics import BITS
from bongsu.live.values import Values
from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric
from bongsu.model.query import Latest
from bongsu.model.sample import labels_of
from bongsu.model.series import SeriesTable
from tests.unit.live.wires import batch


@pytest.fixture
def table() -> SeriesTable:
    return SeriesTable()


@pytest.fixture
def held(table: SeriesTable) -> Values:
    return Values(table=table, catalogue=Catalogue())


def test_the_newest_sample_wins_and_an_older_one_changes_nothing(table: SeriesTable, held: Values) -> None:
    """A late sample neither replaces a newer one nor counts as a change."""
    series = table.intern("shop_orders", ())
    assert held.take(batch([series], [1_000], [5.0])) == BITS["shop"]
    before = held.revision
    assert held.take(batch([series], [999], [4.0])) == 0
    assert held.revision == before
    assert held.latest("shop_orders", ()) == [Latest(metric="shop_orders", labels=(), value=5.0, at=1_000)]


def test_a_correction_with_the_same_time_is_taken(table: SeriesTable, held: Values) -> None:
    """Among equal times the last word counts."""
    series = table.intern("x", ())
    held.take(batch([series], [1_000], [5.0]))
    held.take(batch([series], [1_000], [6.0]))
    assert held.latest(None, ())[0].value == 6.0


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]])
def test_within_one_batch_the_newest_time_of_a_series_wins(table: SeriesTable, held: Values, order: list[int]) -> None:
    """Rows of one series in any order leave the one with the highest time."""
    a, b = table.intern("a", ()), table.intern("b", ())
    rows = [(a, 1, 1.0), (a, 3, 3.0), (a, 2, 2.0), (b, 7, 7.0)]
    held.take(batch(*map(list, zip(*[rows[i] for i in order], strict=True))))
    assert [(one.metric, one.value, one.at) for one in held.latest(None, ())] == [("a", 3.0, 3), ("b", 7.0, 7)]


def test_among_late_rows_only_the_fresh_ones_are_taken(table: SeriesTable, held: Values) -> None:
    """A batch may mix fresh and late rows."""
    a, b = table.intern("a", ()), table.intern("b", ())
    held.take(batch([a, b], [10, 10], [1.0, 1.0]))
    seen = held.revision
    held.take(batch([a, b], [9, 11], [2.0, 2.0]))
    assert [one.value for one in held.latest(None, ())] == [1.0, 2.0]
    assert held.changed_since(seen, BITS["custom"]).tolist() == [b]


def test_changes_are_told_by_topic(table: SeriesTable) -> None:
    """The catalogue's topic goes before what the name suggests."""
    held = Values(table=table, catalogue=Catalogue([Metric(name="cpu_usage", topic="system")]))
    cpu, orders = table.intern("cpu_usage", ()), table.intern("shop_orders", ())
    assert held.take(batch([cpu, orders], [1, 1], [1.0, 2.0])) == BITS["system"] | BITS["shop"]
    assert held.changed_since(0, BITS["system"]).tolist() == [cpu]
    assert held.changed_since(0, BITS["shop"]).tolist() == [orders]
    assert held.changed_since(held.revision, BITS["shop"]).tolist() == []


def test_entries_are_json_whatever_labels_and_values_hold(table: SeriesTable, held: Values) -> None:
    """Quotes, controls and Korean in labels, and any finite value, come out as they went in."""
    labels = labels_of(mount='/"\\\n\u2028', name="서울 🗼")
    numbers = [0.0, -0.5, 1e308, 5e-324, 1 / 3, 123456789.0]
    ids = [table.intern("disk_usage", (*labels, ("n", str(i)))) for i in range(len(numbers))]
    held.take(batch(ids, [1_763_778_000_000] * len(ids), numbers))
    told = json.loads(b"[%b]" % held.entries(held.changed_since(0, BITS["custom"])))
    assert [one["value"] for one in told] == numbers
    assert told[0] == {
        "metric": "disk_usage",
        "labels": {"mount": '/"\\\n\u2028', "n": "0", "name": "서울 🗼"},
        "value": 0.0,
        "at": 1_763_778_000_000,
    }
    assert held.entries(np.array([], np.int64)) == b""


def test_forgotten_series_vanish(table: SeriesTable, held: Values) -> None:
    """What the table drops is neither latest nor changed, and the loss is told."""
    a, b = table.intern("a", ()), table.intern("b", ())
    held.take(batch([a, b], [1, 1], [1.0, 2.0]))
    assert not any(held.losses.values())
    table.forget([a])
    assert [one.metric for one in held.latest(None, ())] == ["b"]
    assert held.losses == dict.fromkeys(BITS.values(), 0) | {BITS["custom"]: 1}
    assert held.changed_since(0, BITS["custom"]).tolist() == [b]


def test_samples_of_a_series_forgotten_on_the_way_are_dropped(table: SeriesTable, held: Values) -> None:
    """A batch may still carry an id that the table no longer knows."""
    a, b = table.intern("a", ()), table.intern("b", ())
    table.forget([a])
    assert held.take(batch([a, b], [1, 1], [1.0, 2.0])) == BITS["custom"]
    assert held.take(batch([a], [2], [1.0])) == 0
    assert held.changed_since(0, BITS["custom"]).tolist() == [b]


def test_the_columns_grow_with_the_table(table: SeriesTable, held: Values) -> None:
    """More series than there was room for at first are all kept."""
    ids = [table.intern("x", labels_of(n=str(i))) for i in range(5_000)]
    held.take(batch(ids[:10], [1] * 10, [1.0] * 10))
    held.take(batch(ids, [2] * len(ids), [float(i) for i in ids]))
    assert len(held.latest("x", ())) == 5_000
    assert held.latest("x", labels_of(n="4321"))[0].value == 4321.0


def test_series_that_never_had_a_sample_are_not_latest(table: SeriesTable, held: Values) -> None:
    """Series that history remembers don't show before they are measured again."""
    table.intern("old", ())
    held.take(batch([table.intern("new", ())], [1], [1.0]))
    assert [one.metric for one in held.latest(None, ())] == ["new"]


def test_an_empty_batch_is_no_change(held: Values) -> None:
    """Nothing in, nothing told."""
    assert held.take(batch([], [], [])) == 0
    assert held.revision == 0
