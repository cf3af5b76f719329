"""What every `Live` must do: the hub, and the fake that others test against."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.live.hub import Hub
from bongsu.model.catalogue import Catalogue
from bongsu.model.query import Latest
from bongsu.model.sample import labels_of
from bongsu.model.series import SeriesTable
from bongsu.ports import Live
from tests.fakes.clock import VirtualClock
from tests.fakes.measurements import Measurements
from tests.unit.live.wires import batch

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9), st.integers(0, 99)), max_size=12)


def made(kind: str, table: SeriesTable) -> Live:
    if kind == "fake":
        return Measurements(table)
    return Hub(table=table, catalogue=Catalogue(), clock=VirtualClock(), boot="b")


@pytest.mark.parametrize("kind", ["hub", "fake"])
async def test_latest_selects_by_metric_and_labels(kind: str) -> None:
    """Series come in the order they were first seen; those without a sample don't come."""
    table = SeriesTable()
    live = made(kind, table)
    ids = [table.intern(*one) for one in (("b", labels_of(n="1")), ("a", ()), ("b", labels_of(n="2")), ("c", ()))]
    live.publish(batch([ids[2], ids[0], ids[1]], [7, 7, 7], [3.0, 1.0, 2.0]))
    assert [one.value for one in live.latest()] == [1.0, 2.0, 3.0]
    assert live.latest("b", labels_of(n="2")) == [Latest(metric="b", labels=labels_of(n="2"), value=3.0, at=7)]
    assert [one.metric for one in live.latest(labels=labels_of(n="1"))] == ["b"]
    assert live.latest("c") == live.latest("d") == live.latest("a", labels_of(n="1")) == []


@given(st.lists(rows, max_size=6))
def test_all_agree_on_the_newest(batches: list[list[tuple[int, int, int]]]) -> None:
    """Late rows, repeated series and equal times: the hub's columns say what plain lists say."""

    async def agree() -> None:
        table = SeriesTable()
        ids = [table.intern("m", labels_of(n=str(n))) for n in range(6)]
        lives = [made(kind, table) for kind in ("hub", "fake")]
        for one in batches:
            columns = batch([ids[n] for n, _, _ in one], [at for _, at, _ in one], [float(v) for _, _, v in one])
            for live in lives:
                live.publish(columns)
        assert lives[0].latest() == lives[1].latest()

    asyncio.run(agree())
