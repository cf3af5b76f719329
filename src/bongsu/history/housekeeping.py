"""Housekeeping: every few seconds what is due, on the writer's thread, in small pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from bongsu.history import retention as ages
from bongsu.history.journal import TIERS, BlockTier, Journal
from bongsu.history.limits import Retention
from bongsu.history.recent import RecentBlocks
from bongsu.history.sealing import Sealer
from bongsu.history.shelf import Shelf
from bongsu.history.tail import Tail
from bongsu.history.writer import Writer
from bongsu.model.sample import Int32s
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock

_SELDOM = 12
"""Every how many rounds free pages are given back and forgotten series looked for."""


class Housekeeping:
    """Lets data go when it is old, memory when it is short, and series when nothing of them is left."""

    def __init__(
        self,
        *,
        sealer: Sealer,
        writer: Writer,
        tail: Tail,
        shelf: Shelf,
        recent: RecentBlocks,
        table: SeriesTable,
        clock: Clock,
        retention: Retention,
        pressure: Callable[[], bool],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """`pressure` is asked on the writer's thread."""
        self._sealer = sealer
        self._writer = writer
        self._tail = tail
        self._shelf = shelf
        self._recent = recent
        self._table = table
        self._clock = clock
        self._retention = retention
        self._pressure = pressure
        self._loop = loop
        self._under_way = False
        self._round = 0
        self._unfinished: set[BlockTier] = set(TIERS)
        self._asked_upto = -1
        self._floors: dict[BlockTier, int] = {}
        self._touched = np.zeros(1024, np.bool_)
        self.cleanups = 0
        """Blocks let go because of their age."""

    def retain(self, retention: Retention) -> None:
        """Keep this long from now on; what is older goes in the next rounds."""
        self._retention = retention

    def touch(self, series: Int32s) -> None:
        """These series got samples (on the event loop)."""
        top = int(series.max())
        if top >= len(self._touched):
            self._touched = np.concatenate([self._touched, np.zeros(max(top + 1, len(self._touched)), np.bool_)])
        self._touched[series] = True

    def tend(self) -> None:
        """Do what is due, unless the last round isn't over (on the event loop)."""
        if not self._under_way:
            self._under_way = True
            self._writer.put(self._work)

    def _work(self, journal: Journal) -> None:
        try:
            self._round += 1
            self._sealer.between(self._age, journal)
            if self._pressure():
                self._sealer.hasten()
                self._tail.trim()
                self._shelf.clear()
                self._recent.clear()
                journal.connection.execute("PRAGMA shrink_memory")
            else:
                self._sealer.tend()
            if self._round % _SELDOM == 0:
                ages.shrink(journal)
                self._look_for_empty(journal)
        finally:
            self._under_way = False

    def _age(self, journal: Journal) -> None:
        """While nothing is being sealed: who seals must know the floors that hold when his blocks are put in place."""
        for tier in TIERS:
            if not self._let_go(journal, tier):
                return  # a coarser tier must not go before this one has handed over what it holds

    def _let_go(self, journal: Journal, tier: BlockTier) -> bool:
        """Delete some of what is too old; False where that must wait for roll-ups."""
        due = ages.floors_due(self._retention, self._clock.now())[tier]
        if due > self._floors.get(tier, -1) and due > ages.floors_of(journal)[tier]:
            late = ages.laggards(journal, tier, due)
            if late:
                self._sealer.force(late)
                return False
            with self._writer.transaction():
                ages.raise_floor(journal, tier, due)
            self._shelf.raise_floors(ages.floors_of(journal))
            if tier == "raw":
                self._recent.raise_floor(due)
            self._unfinished.add(tier)
        self._floors[tier] = due
        if tier in self._unfinished:
            gone = ages.expired(journal, tier, due)
            with self._writer.transaction():
                ages.drop(journal, tier, gone)
            self.cleanups += len(gone)
            if not gone:
                self._unfinished.discard(tier)
        return True

    def _look_for_empty(self, journal: Journal) -> None:
        found, self._asked_upto = ages.without_blocks(journal, self._asked_upto)
        empty = [series for series in found if not self._tail.has(series)]
        if empty:
            self._loop.call_soon_threadsafe(self._consider, empty)

    def _consider(self, empty: list[int]) -> None:
        """From here on (the event loop) a sample of one of them is noticed, and makes its series known again."""
        self._touched[[series for series in empty if series < len(self._touched)]] = False
        self._writer.put(lambda journal: self._erase(journal, empty))

    def _erase(self, journal: Journal, empty: list[int]) -> None:
        still = [series for series in empty if not self._tail.has(series)]
        with self._writer.transaction():
            journal.drop_series(still)
        self._shelf.drop(still)
        self._recent.drop(still)
        self._writer.forget(still)
        self._loop.call_soon_threadsafe(self._forget, still)

    def _forget(self, erased: list[int]) -> None:
        self._table.forget([one for one in erased if one >= len(self._touched) or not self._touched[one]])
