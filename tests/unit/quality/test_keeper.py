"""What was acknowledged is kept: journal, checkpoints, keys, and what happens when one of them can't be written."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bongsu.model.errors import StorageFull
from bongsu.model.event import EventBatch, FeedTable, Field
from bongsu.model.sample import Receipt
from bongsu.quality.book import FeedBook
from bongsu.quality.counters import COLUMNS, Count
from bongsu.quality.journal import path_of
from bongsu.quality.keeper import FeedKeeper
from bongsu.quality.saving import parts_of
from bongsu.quality.store import Checkpoint, FeedStore
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import always

SYMBOLS = 30


class Life:
    """One life of the feeds over a folder."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.clock = clock
        self.table = FeedTable()
        self.book = FeedBook(table=self.table, settings={}, hours_of=always, symbols_of={})
        self.keeper = FeedKeeper(self.book, clock=clock, folder=folder)

    async def send(self, body: int, *, key: str = "") -> None:
        """A body with four events of each symbol, some out of order, one twice, one without a size."""
        symbols = self.table.open("krx")
        names = [f"s{i}" for i in range(SYMBOLS)]
        symbol = np.repeat([symbols.intern(name) for name in names], 4).astype(np.int32)
        seq = np.tile(np.array([2, 1, 3, 3]) + 4 * body, SYMBOLS).astype(np.int64)
        now = self.clock.now()
        price = 100.0 + (seq % 3).astype(np.float64)
        size = np.where(seq % 7 == 0, np.nan, 5.0)
        kind = np.full(len(symbol), 2, np.uint8)
        batch = EventBatch(
            feed="krx",
            arrived=now,
            symbol=symbol,
            at=now - 100 - seq,
            seq=seq,
            session=np.full(len(symbol), 7, np.int32),
            fields={"price": Field(value=price), "size": Field(value=size), "side": Field(value=price, kind=kind)},
        )
        await self.keeper.take([batch], key=key, digest=body, receipt=Receipt(accepted=len(symbol)))

    def state(self) -> dict[str, bytes]:
        """Everything that a checkpoint would hold."""
        one = self.book.feeds["krx"]
        parts = parts_of(one, everything=True)
        found = {part.name: b"" if part.column is None else part.column.tobytes() for part in parts}
        short = msgspec.msgpack.decode(found["short"])
        del short["delays"]["present"]  # a sketch throws dice
        return {**found, "short": msgspec.msgpack.encode(short)}

    @property
    def events(self) -> int:
        """Events counted so far."""
        return self.book.feeds["krx"].state.total


async def after_a_crash(folder: Path, clock: VirtualClock) -> Life:
    """A new life over what the one before left lying."""
    life = Life(folder, clock)
    await life.keeper.open()
    return life


async def test_a_journal_leads_to_the_same_state(tmp_path: Path) -> None:
    """After a crash, with and without a checkpoint in between, every column and example is as it was."""
    clock = VirtualClock()
    life = Life(tmp_path, clock)
    for body in range(12):
        await life.send(body, key=f"k{body}")
        await clock.advance(7.0)
        if body in (4, 9):
            await life.keeper.checkpoint()
    before, events = life.state(), life.events
    again = await after_a_crash(tmp_path, clock)
    assert again.events == events == 12 * 4 * SYMBOLS
    after = again.state()
    assert sorted(after) == sorted(before)
    assert [name for name in before if before[name] != after[name]] == []
    assert again.keeper.earlier("k11", 11) == Receipt(accepted=4 * SYMBOLS)


async def test_a_torn_record_ends_the_journal(tmp_path: Path) -> None:
    """What was being written when the power went was never acknowledged: it is left out, the rest is counted."""
    clock = VirtualClock()
    life = Life(tmp_path, clock)
    for body in range(3):
        await life.send(body)
    journal = path_of(tmp_path, 1)
    whole = journal.read_bytes()
    for torn in (whole[:-5], whole + b"\x40\x00\x00\x00", whole + whole[:-1]):
        journal.write_bytes(torn)
        again = await after_a_crash(tmp_path, clock)
        assert again.events == 4 * SYMBOLS * (2 if torn == whole[:-5] else 3 if len(torn) < 2 * len(whole) - 1 else 5)


async def test_a_checkpoint_that_fails_keeps_the_journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the state can't be written the journals stay; once it can, it is written whole and they go."""
    clock = VirtualClock()
    life = Life(tmp_path, clock)
    write = FeedStore.write
    full = True

    def writing(store: FeedStore, checkpoint: Checkpoint) -> None:
        if full:
            raise StorageFull("no room")
        write(store, checkpoint)

    monkeypatch.setattr(FeedStore, "write", writing)
    for body in range(3):
        await life.send(body)
        await life.keeper.checkpoint()
        await clock.advance(61.0)
    assert len(list(tmp_path.glob("feeds.journal.*"))) == 4
    assert (await after_a_crash(tmp_path, clock)).events == 3 * 4 * SYMBOLS
    full = False
    await life.keeper.checkpoint()
    assert len(list(tmp_path.glob("feeds.journal.*"))) == 1
    again = await after_a_crash(tmp_path, clock)
    assert again.events == 3 * 4 * SYMBOLS
    assert again.state().keys() == life.state().keys()


async def test_a_pause_of_ours_is_no_gap_of_the_feeds(tmp_path: Path) -> None:
    """Time in which nobody watched makes no symbol silent and no minute uncovered."""
    clock = VirtualClock()
    life = Life(tmp_path, clock)
    for body in range(100):
        await life.send(body)
        await clock.advance(1.0)
    await life.keeper.close()
    await clock.advance(3_600.0)
    again = await after_a_crash(tmp_path, clock)
    await again.send(100)
    state = again.book.feeds["krx"].state
    counts = state.counters.window("1h", SYMBOLS)
    assert counts.shape == (SYMBOLS, COLUMNS)
    assert (counts[:, Count.COVERED] == counts[:, Count.COVERABLE]).all()
    assert again.book.feeds["krx"].state.rates.ages(SYMBOLS, state.clock).max() == 0
    assert [gap for i in range(SYMBOLS) for gap in state.gaps.of(i) if gap["kind"] == "silence"] == []
