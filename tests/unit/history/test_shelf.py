"""Blocks of minutes in memory are those of the file, until the file has others."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from bongsu import native
from bongsu.history import rollup, shelf
from bongsu.history.files import Files
from bongsu.history.fresh import FreshMinutes
from bongsu.history.journal import Block, Outcome, Progress
from bongsu.history.rollup import MINUTE
from bongsu.history.shelf import Shelf, shelved

pytestmark = pytest.mark.skipif(not native.available(), reason="it is for the native library")

T0 = 1_763_776_800_000
FRESH = FreshMinutes(since=T0, sealed=1, records=rollup.EMPTY)


def block(first: int, minutes: int, *, series: int = 0, gap: bool = False) -> Block:
    """Minutes after T0; the second one missing if there is a gap."""
    at = T0 + MINUTE * np.arange(first, first + minutes, dtype=np.int64)
    at = np.delete(at, 1) if gap else at
    records = rollup.roll_up(at, np.arange(len(at)) / 4, MINUTE)
    data = rollup.encode(records, MINUTE)
    return Block(tier="minute", series=series, start=int(at[0]), last=int(at[-1]), count=len(at), data=data)


def outcome(
    *put: Block, seam: int, series: int = 0, fresh: FreshMinutes | None = FRESH, mends: bool = False
) -> Outcome:
    """What sealing changes, minutes being rolled up to so many after T0."""
    progress = Progress(sealed=1, minute=T0 + seam * MINUTE if seam else 0)
    return Outcome(series=series, progress=progress, put=put, fresh=fresh, mends=mends)


@pytest.fixture
def held() -> Shelf:
    return Shelf(Files(None))


def test_a_series_is_held_from_its_first_block_on(held: Shelf) -> None:
    """And from the beginning of time where there was no block before the first."""
    assert held.of([0], T0) is None
    held.follow(outcome(seam=0))
    held.follow(outcome(block(0, 60), seam=60))
    assert [one.start for one in (held.of([0], 0) or [])[0].blocks] == [T0]
    held.follow(outcome(block(100, 60, series=1), seam=160, series=1))
    assert held.of([1], T0 + 100 * MINUTE - 1) is None
    assert held.of([0, 1], T0 + 100 * MINUTE) is not None


def test_grown_blocks_take_the_place_of_what_they_took_in(held: Shelf) -> None:
    """What ends before them stays; samples alone change nothing but what memory has behind."""
    held.follow(outcome(block(0, 60), seam=60))
    held.follow(outcome(block(60, 60), seam=120))
    held.follow(outcome(block(60, 90), seam=150))
    later = FreshMinutes(since=T0 + 150 * MINUTE, sealed=2, records=rollup.EMPTY)
    held.follow(outcome(seam=150, fresh=later))
    ((one,)) = held.of([0], T0) or []
    assert [(at.start, at.count) for at in one.blocks] == [(T0, 60), (T0 + 60 * MINUTE, 90)]
    assert one.fresh is later


@pytest.mark.parametrize("change", [outcome(seam=60, fresh=None), outcome(block(10, 5), seam=60, mends=True)])
def test_what_is_not_plain_is_read_from_the_file(held: Shelf, change: Outcome) -> None:
    """Blocks that were mended, or minutes that memory hasn't."""
    held.follow(outcome(block(0, 60), seam=60))
    held.follow(change)
    assert held.of([0], T0) is None
    assert not held.size


def test_only_a_day_is_kept(held: Shelf) -> None:
    """A block that ended more than a day and an hour before the newest goes."""
    for first in range(0, 6_000, 1_000):
        held.follow(outcome(block(first, 1_000), seam=first + 1_000))
    (one,) = held.of([0], T0 + 4_000 * MINUTE) or []
    assert [at.start for at in one.blocks] == [T0 + first * MINUTE for first in (4_000, 5_000)]
    assert held.of([0], one.since - 1) is None


def test_bytes_are_bounded(held: Shelf) -> None:
    """The series that came longest ago goes first; one that comes again goes last."""
    size = shelved(0, T0, T0, [block(0, 60)], FRESH).size
    with patch.object(shelf, "MOST", 3 * size):
        for series in (0, 1, 2, 0, 3):
            held.follow(outcome(block(0, 60, series=series), seam=60, series=series))
    assert [held.of([series], T0) is not None for series in range(4)] == [True, False, True, True]
    assert held.size == 3 * size
    held.drop([0, 7])
    held.clear()
    assert not held.size


def test_what_was_read_is_kept_unless_something_changed(held: Shelf) -> None:
    """A reader may come late with what the file no longer has."""
    read = shelved(0, T0, T0 + 60 * MINUTE, [block(0, 60)], FRESH)
    before = held.changes
    held.follow(outcome(block(0, 60, series=1), seam=60, series=1))
    held.offer(read, before)
    assert held.of([0], T0) is None
    held.offer(read, held.changes)
    assert held.of([0], T0) == [read]


def test_nothing_is_held_of_a_file_that_was_replaced(held: Shelf, tmp_path: Path) -> None:
    """Nor before its floor."""
    held.follow(outcome(block(0, 60), seam=60))
    held.raise_floors({"minute": T0 + 1})
    assert held.of([0], T0) is None
    assert held.of([0], T0 + 1) is not None
    held._files.generation += 1
    assert held.of([0], T0 + 1) is None
    held.follow(outcome(block(0, 60, series=1), seam=60, series=1))
    assert held.of([0], T0 + 1) is None
    assert held.of([1], T0) is not None


def test_the_floors_of_a_new_file_stay(held: Shelf) -> None:
    """They may rise before anything is sealed into it."""
    held.raise_floors({"minute": T0})
    held._files.generation += 1
    held.raise_floors({"minute": T0 + 60 * MINUTE})
    held.follow(outcome(block(0, 90), seam=90))
    assert held.of([0], T0 + 60 * MINUTE - 1) is None
    assert held.of([0], T0 + 60 * MINUTE) is not None


def test_starts_are_kept_where_minutes_are_missing(held: Shelf) -> None:
    """They are counted among its bytes."""
    whole, gappy = (shelved(0, T0, T0, [block(0, 60, gap=gap)], FRESH) for gap in (False, True))
    assert not whole.kept
    assert gappy.kept[0].tolist() == [T0, *(T0 + minute * MINUTE for minute in range(2, 60))]
    assert gappy.size - len(gappy.data[0]) == whole.size - len(whole.data[0]) + 8 * 59


def test_nothing_is_held_without_the_library(held: Shelf) -> None:
    """Who reads in Python reads from the file."""
    with patch.object(native, "available", return_value=False):
        held.follow(outcome(block(0, 60), seam=60))
    assert held.of([0], T0) is None
