"""The way of a measurement: who sees a batch, and in which order."""

from __future__ import annotations

from unittest.mock import create_autospec

import numpy as np
import pytest

from bongsu.model.errors import StorageFull
from bongsu.model.query import Latest, Points, RangeQuery
from bongsu.model.sample import Batch, Labels
from bongsu.pipeline import Pipeline
from bongsu.ports import Gate


class Diary:
    """Stands for the screens, the taps and history: writes down who saw a batch."""

    def __init__(self, *, full: bool = False) -> None:
        self.seen: list[str] = []
        self.full = full

    def publish(self, batch: Batch) -> None:
        self.seen.append("live")

    def latest(self, metric: str | None = None, labels: Labels = ()) -> list[Latest]:
        return []

    async def append(self, batch: Batch) -> None:
        if self.full:
            raise StorageFull("the disk is full")
        self.seen.append("history")

    async def range(self, query: RangeQuery) -> list[Points]:
        return []

    async def close(self) -> None:
        """Nothing to let go of."""


class Listener:
    """A tap with a name."""

    def __init__(self, diary: Diary, name: str) -> None:
        self._diary = diary
        self._name = name

    def observe(self, batch: Batch) -> None:
        self._diary.seen.append(self._name)


def _batch() -> Batch:
    return Batch(series=np.zeros(1, np.int32), at=np.zeros(1, np.int64), value=np.ones(1))


def _pipeline(diary: Diary) -> Pipeline:
    pipeline = Pipeline(gate=create_autospec(Gate), history=diary, live=diary, taps=[Listener(diary, "detectors")])
    pipeline.tap(Listener(diary, "rules"))
    return pipeline


async def test_screens_then_taps_then_history() -> None:
    """A batch is seen by the screens first, then by detectors, then by rules, and acknowledged by history."""
    diary = Diary()
    await _pipeline(diary).take(_batch())
    assert diary.seen == ["live", "detectors", "rules", "history"]


async def test_a_full_disk_hides_nothing_from_rules() -> None:
    """With a full disk the sender hears so, while screens and rules have seen the samples."""
    diary = Diary(full=True)
    with pytest.raises(StorageFull):
        await _pipeline(diary).take(_batch())
    assert diary.seen == ["live", "detectors", "rules"]
