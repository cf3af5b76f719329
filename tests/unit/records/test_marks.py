"""Marks in the records."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.model.mark import Change, Mark
from bongsu.records import marks as keeping
from bongsu.records.sql import SqlRecords
from tests.fakes.clock import VirtualClock

CHANGE = Change(kind="marketplace", name="11st", title_ko="11번가", title_en="11st", was="up", state="down")


def mark(mark_id: str, at: int) -> Mark:
    """A mark."""
    return Mark(id=mark_id, at=at, kind="state", label="11st: down", change=CHANGE)


async def test_marks_outlive_a_restart(tmp_path: Path) -> None:
    """They come back whole after the file was closed and opened, oldest first, in their range."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    for at in (30, 10, 20):
        await records.save_mark(mark(f"m{at}", at))
    await records.close()
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    assert await records.marks(start=0, end=30, limit=10) == [mark("m10", 10), mark("m20", 20)]
    assert [one.id for one in await records.marks(start=0, end=99, limit=2)] == ["m20", "m30"]
    assert await records.remove_mark("m10")
    assert not await records.remove_mark("m10")
    await records.close()


async def test_the_oldest_go_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many are kept."""
    monkeypatch.setattr(keeping, "MOST", 3)
    records = await SqlRecords.open(None, clock=VirtualClock())
    for at in range(5):
        await records.save_mark(mark(f"m{at}", at))
    await records.save_mark(mark("m4", 9))
    assert [one.at for one in await records.marks(start=0, end=99, limit=10)] == [2, 3, 9]
    await records.close()
