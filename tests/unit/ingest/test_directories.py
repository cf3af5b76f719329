"""Lists of series in columnar bodies: read once, never stale."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, TypeVar

import numpy as np
import pytest

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.directories import DIRECTORIES, MOST_SERIES, SIZE, Directories
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.identity import SeriesIds
from bongsu.model.errors import BadRequest, TooLarge
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock

Result = TypeVar("Result")


def done(steps: Generator[None, None, Result]) -> Result:
    """What a generator returns at its end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


class Place:
    """Directories before a table."""

    def __init__(self, series: int = 1_000) -> None:
        self.table = SeriesTable(series)
        self.ids = SeriesIds(SampleGate(table=self.table, clock=VirtualClock()))
        self.directories = Directories(self.ids)

    def find(self, entries: list[Any], *positions: int) -> tuple[list[int], dict[int, str]]:
        """Ids at these positions of a list, and the codes of what was refused."""
        directory = done(self.directories.open(json.dumps(entries).encode()))
        series, why = done(directory.look_up(self.ids, np.array(positions, np.int64)))
        return series.tolist(), {position: refused.code for position, refused in why.items()}


def entries(count: int, metric: str = "m") -> list[dict[str, str]]:
    """A list of so many series."""
    return [{"metric": f"{metric}{i}"} for i in range(count)]


def test_the_same_list_is_read_once() -> None:
    """The same text gives the same directory, which then knows its ids; another text another one."""
    place = Place()
    text = json.dumps(entries(3)).encode()
    first = done(place.directories.open(text))
    assert done(place.directories.open(text)) is first
    assert done(place.directories.open(text + b" ")) is not first
    assert place.find(entries(3), 0, 2, 0) == ([0, 1, 0], {})
    assert place.find(entries(3), 1, 2) == ([2, 1], {})


def test_faulty_entries_are_told_each_time() -> None:
    """An entry that is refused is refused, with its reason, in every body that uses it, and in no other."""
    place = Place()
    mixed = [{"metric": "a"}, {"metric": "-"}, 5]
    for _ in range(2):
        assert place.find(mixed, 0, 1, 2, 1) == ([0, REFUSED, REFUSED, REFUSED], {1: "bad-name", 2: "bad-type"})
        assert place.find(mixed, 0, 0) == ([0, 0], {})


def test_room_that_becomes_free_is_used() -> None:
    """A series refused for want of room is taken once there is room, though its list is known."""
    place = Place(series=1)
    assert place.find(entries(2), 0, 1) == ([0, REFUSED], {1: "series-limit"})
    place.table.forget([0])
    assert place.find(entries(2), 1) == ([1], {})


def test_forgotten_series_leave_the_lists() -> None:
    """After the table forgot a series a known list leads to a new one."""
    place = Place()
    (old,), _ = place.find(entries(1), 0)
    place.table.forget([old])
    (new,), _ = place.find(entries(1), 0)
    assert new != old
    assert place.table.get(new) is not None


def test_lists_are_bounded() -> None:
    """Neither many lists nor long ones are remembered beyond the bounds, and endless ones are refused."""
    place = Place()
    texts = [json.dumps(entries(1, f"n{i}_")).encode() for i in range(DIRECTORIES + 1)]
    opened = [done(place.directories.open(text)) for text in texts]
    assert done(place.directories.open(texts[-1])) is opened[-1]
    assert done(place.directories.open(texts[0])) is not opened[0]
    long = b"[" + b" " * (SIZE // 4) + b"]"
    assert done(place.directories.open(long)) is not done(place.directories.open(long))
    with pytest.raises(TooLarge):
        done(place.directories.open(b"[0" + b",0" * MOST_SERIES + b"]"))
    with pytest.raises(BadRequest):
        done(place.directories.open(b"{}"))


def test_many_new_series_let_others_work() -> None:
    """Looking up thousands of new series pauses now and then."""
    place = Place(series=10_000)
    directory = done(place.directories.open(json.dumps(entries(5_000)).encode()))
    assert len(list(directory.look_up(place.ids, np.arange(5_000)))) >= 9
