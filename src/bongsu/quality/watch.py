"""Names what is wrong with a feed, every second, and remembers when each fault began and ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.quality.counters import Count, Counts
from bongsu.quality.faults import (
    FEW,
    LATE_SHARE,
    SCHEMA_SHARE,
    SILENT_EXPECTED,
    SILENT_LEAST_MS,
    SILENT_TIMES,
    Fault,
    FaultName,
    beyond,
    counted_faults,
)
from bongsu.quality.feed import FeedState

MOST = 100
"""Symbols told of one fault; the further ones are only counted."""

_LOG = 500
_GONE_MS = 7 * 86_400_000
"""A learned symbol that didn't come for a week isn't expected any more."""


class Watch:
    """The faults of one feed."""

    def __init__(self, feed: FeedState) -> None:
        self._feed = feed
        self.active: dict[tuple[FaultName, str], Fault] = {}
        self.totals: dict[FaultName, int] = {}
        """Symbols (or 1 for the feed) with each fault, also those not told one by one."""
        self.log: deque[tuple[Fault, int]] = deque(maxlen=_LOG)
        """Faults that ended, with the time (UTC ms) they did, oldest first."""
        self.looked = 0
        """When the faults were last named, UTC ms."""
        self._told: set[FaultName] = set()
        self.silent: Bools = np.zeros(0, np.bool_)
        self.missing: Bools = np.zeros(0, np.bool_)

    def look(self, counts: Counts) -> None:
        """Name the faults now; `counts` are those of the last minute."""
        now = self.looked = self._feed.now
        found: dict[tuple[FaultName, str], Fault] = {}
        self.totals = {}
        for name, symbol, count, detail in self._found(counts):
            if symbol is None:
                self.totals[name] = self.totals.get(name, 0) + count
                continue
            known = self.active.get((name, symbol))
            found[name, symbol] = Fault(
                name=name,
                symbol=symbol,
                since=known.since if known else now,
                count=max(count, known.count if known else 0),
                detail=detail or (known.detail if known else ""),
            )
            if not symbol:
                self.totals[name] = max(1, self.totals.get(name, 0))
        self.log.extend((ended, now) for key, ended in self.active.items() if key not in found)
        self.active = found

    def counts(self) -> dict[FaultName, int]:
        """Symbols with each fault now, and once more 0 for faults that have just ended."""
        now = dict(self.totals)
        told = {name: now.get(name, 0) for name in {*now, *self._told}}
        self._told = set(now)
        return told

    def of(self, symbol: str) -> list[Fault]:
        """The symbol's present faults."""
        return [fault for fault in self.active.values() if fault.symbol == symbol]

    def expected(self) -> tuple[Bools, Bools]:
        """Which symbols should be coming now, and which of them are."""
        here = self._feed.here()
        known = len(self.silent)  # what came since the last look is neither missing nor silent
        expected, coming = here.copy(), here.copy()
        expected[:known] |= self.missing
        coming[:known] &= ~self.silent
        return expected, coming

    def _found(self, counts: Counts) -> Iterator[tuple[FaultName, str | None, int, str]]:
        """(fault, symbol, count, detail); with None for the symbol, how many symbols have it."""
        feed = self._feed
        count = len(feed.symbols)
        stopped = self._stopped()
        self._silences(count, stopped=bool(stopped))
        if stopped:
            yield stopped, "", 1, str(feed.arrived)
        pooled = counts.sum(axis=0, dtype=np.int64)[None, :]
        if feed.skew.value <= -int(feed.settings.clock_tolerance):
            yield "clock_skew", "", 1, str(feed.skew.value)
        whole: set[FaultName] = set()
        if beyond(pooled[:, Count.LATE], pooled[:, Count.EVENTS], LATE_SHARE)[0]:
            whole.add("late")
            yield "late", "", int(pooled[0, Count.LATE]), ""
        broken = self._broken(pooled[0])
        if broken:
            whole.add("schema_break")
            yield "schema_break", "", broken, self._fields()
        masks: dict[FaultName, NDArray[Any]] = dict(counted_faults(counts, sequenced=feed.last.sequenced[:count]))
        masks["stuck"] = np.where(feed.runs.stuck(count) & (counts[:, Count.EVENTS] > 0), feed.runs.run[:count], 0)
        masks["halt"] = (self.silent & feed.here()).astype(np.int64)
        masks["missing_symbol"] = self.missing.astype(np.int64)
        for name, numbers in masks.items():
            found = self._symbols(name, numbers)
            yield from islice(found, 1 if name in whole else None)  # of the whole feed: only how many symbols

    def _symbols(self, name: FaultName, numbers: NDArray[Any]) -> Iterator[tuple[FaultName, str | None, int, str]]:
        ids = np.flatnonzero(numbers)
        if not len(ids):
            return
        yield name, None, len(ids), ""
        if len(ids) > MOST:
            ids = ids[np.argsort(-numbers[ids], kind="stable")[:MOST]]
        for one in ids.tolist():
            yield name, self._feed.symbols.names[one], int(numbers[one]), ""

    def _stopped(self) -> FaultName | None:
        """Whether the whole feed is silent though open: an outage, or in the session's second half an early close."""
        feed = self._feed
        if feed.session is None:
            return None
        whole = feed.whole
        if not whole.silent(1, feed.clock, times=SILENT_TIMES, expected=SILENT_EXPECTED, least=SILENT_LEAST_MS)[0]:
            return None
        opened, closes = feed.session
        return "early_close" if opened <= feed.arrived and 2 * (feed.arrived - opened) >= closes - opened else "gap"

    def _silences(self, count: int, *, stopped: bool) -> None:
        feed = self._feed
        if feed.session is None:
            self.silent = self.missing = np.zeros(count, np.bool_)
            return
        known = min(count, len(self.silent))
        silent = feed.rates.silent(
            count,
            feed.clock,
            times=SILENT_TIMES,
            expected=SILENT_EXPECTED,
            least=SILENT_LEAST_MS,
        )
        here = feed.here()
        gone = feed.now - feed.last.arrived[:count] > _GONE_MS
        gone &= ~feed.declared[:count]
        missing = feed.overdue() | (silent & ~here & ~gone)
        if stopped:  # what the whole feed does is told once
            silent[:known] &= self.silent[:known]
            silent[known:] = False
            missing[:known] &= self.missing[:known]
            missing[known:] = False
        self.silent, self.missing = silent, missing

    def _broken(self, pooled: NDArray[Any]) -> int:
        missing = pooled[Count.REQUIRED] - pooled[Count.PRESENT]
        odd = pooled[Count.FIELDS] - pooled[Count.CONFORMING]
        part, whole = np.array([missing, odd]), np.array([pooled[Count.REQUIRED], pooled[Count.FIELDS]])
        return int(missing + odd) if beyond(part, whole, SCHEMA_SHARE).any() and missing + odd >= FEW else 0

    def _fields(self) -> str:
        """The fields that are faulty, worst first."""
        total = dict(self._feed.fields_before)
        for name, number in self._feed.fields.items():
            total[name] = total.get(name, 0) + number
        return ", ".join(sorted(total, key=lambda name: -total[name])[:5])
