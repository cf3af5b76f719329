"""Orders of series: a short cut that never leads astray."""

from __future__ import annotations

import msgspec
import pytest

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.identity import SeriesIds, Spelling
from bongsu.ingest.rows import Row
from bongsu.ingest.trails import LENGTH, PATIENCE, TRAILS, Trails
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock


class CountingIds(SeriesIds):
    """Counts the series that were looked up."""

    looked_up = 0

    def __getitem__(self, spelling: Spelling) -> int:
        self.looked_up += 1
        return super().__getitem__(spelling)


@pytest.fixture
def table() -> SeriesTable:
    """Room for many series."""
    return SeriesTable(50_000)


@pytest.fixture
def ids(table: SeriesTable) -> CountingIds:
    """A cache before the table."""
    return CountingIds(SampleGate(table=table, clock=VirtualClock()))


def rows(*names: object) -> list[Row]:
    """Rows of these series: a metric, or a metric and a label."""
    spelled = [name if isinstance(name, tuple) else (name, "") for name in names]
    return [Row(metric=str(m), value=1.0, labels=msgspec.Raw(b'{"l":"%s"}' % label.encode())) for m, label in spelled]


def named(table: SeriesTable, series: list[int]) -> list[str]:
    """The metrics behind the ids."""
    return [table[one].metric for one in series]


def test_the_same_order_is_not_looked_up_again(table: SeriesTable, ids: CountingIds) -> None:
    """The second body of the same rows gets the same ids without a look-up, in runs cut elsewhere too."""
    trails = Trails(ids)
    first = trails.walk().series(rows("a", "b", "c", "b")).tolist()
    looked_up = ids.looked_up
    walk = trails.walk()
    second = [*walk.series(rows("a", "b", "c")).tolist(), *walk.series(rows("b")).tolist()]
    assert second == first
    assert named(table, second) == ["a", "b", "c", "b"]
    assert ids.looked_up == looked_up == 4


@pytest.mark.parametrize(
    "changed",
    [
        ["a", "x", "c"],
        ["a", ("b", "other"), "c"],
        ["a", "c", "b"],
        ["a", "b", "c", "d"],
        ["a", "b"],
        ["a"],
    ],
)
def test_what_differs_is_looked_up(table: SeriesTable, ids: CountingIds, changed: list[object]) -> None:
    """Whatever changes in the order, each row gets its own series, then and the next time."""
    trails = Trails(ids)
    trails.walk().series(rows("a", "b", "c"))
    for _ in range(3):
        for order in (changed, ["a", "b", "c"]):
            found = trails.walk().series(rows(*order)).tolist()
            fresh = SeriesIds(SampleGate(table=table, clock=VirtualClock()))
            assert found == [fresh[row.metric, bytes(row.labels)] for row in rows(*order)]


def test_forgotten_series_leave_every_order(table: SeriesTable, ids: CountingIds) -> None:
    """After the table forgot series no order leads to their ids, not even in a body under way."""
    trails = Trails(ids)
    walk = trails.walk()
    old = [*walk.series(rows("a", "b")).tolist(), *walk.series(rows("c")).tolist()]
    walk = trails.walk()
    walk.series(rows("a", "b"))
    table.forget(old)
    new = walk.series(rows("c")).tolist()
    assert not set(new) & set(old)
    assert named(table, new) == ["c"]
    assert named(table, trails.walk().series(rows("a", "b")).tolist()) == ["a", "b"]


def test_refused_series_are_never_remembered(ids: CountingIds) -> None:
    """A row that the gate refuses is refused each time."""
    trails = Trails(ids)
    for _ in range(3):
        assert trails.walk().series(rows("a", "b c")).tolist()[1] == REFUSED
    assert len(trails.walk().series([])) == 0


def test_an_order_that_always_changes_is_given_up(ids: CountingIds) -> None:
    """A sender without an order costs no more than look-ups: nothing is written down any more."""
    trails = Trails(ids)
    for number in range(PATIENCE + 3):
        trails.walk().series(rows("a", f"m{number}"))
    before = ids.looked_up
    for _ in range(2):
        trails.walk().series(rows("a", "m0"))
    assert ids.looked_up == before + 4


def test_orders_are_bounded(ids: CountingIds) -> None:
    """Neither many senders nor a long body is remembered beyond the bounds; the senders heard of last are."""
    trails = Trails(ids)
    for sender in range(TRAILS + 5):
        trails.walk().series(rows(f"sender{sender}", "x"))
    before = ids.looked_up
    trails.walk().series(rows(f"sender{TRAILS + 4}", "x"))
    assert ids.looked_up == before
    trails.walk().series(rows("sender0", "x"))
    assert ids.looked_up == before + 2
    long = rows(*(f"m{i}" for i in range(LENGTH + 1)))
    for _ in range(2):
        trails.walk().series(long)
    assert ids.looked_up == before + 2 + 2 * len(long)
