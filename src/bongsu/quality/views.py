"""What screens and REST read of the feeds: overview, one feed, one symbol, as plain JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bongsu.model.errors import NotFound
from bongsu.model.sample import Float64s
from bongsu.ports import Clock
from bongsu.quality.book import FeedBook, Watched
from bongsu.quality.counters import HOUR_MS, MINUTE_MS, MINUTES, WINDOWS, Count, Counts, Window
from bongsu.quality.delays import bin_edge
from bongsu.quality.faults import Fault
from bongsu.quality.score import BESIDE, DIMENSIONS, Scores, scores
from bongsu.quality.summary import Summary, fresh_of, summary, symbol_scores, weights_of

Json = dict[str, object]

COUNTED: dict[str, Count] = {
    "events": Count.EVENTS,
    "lost": Count.LOST,
    "duplicates": Count.DUPLICATES,
    "out_of_order": Count.DISORDERED,
    "late": Count.LATE,
    "implausible": Count.IMPLAUSIBLE,
    "spikes": Count.SPIKES,
    "inconsistent": Count.INCONSISTENT,
    "crossed": Count.CROSSED,
    "locked": Count.LOCKED,
    "future": Count.FUTURE,
}
TABLE = (
    "symbol",
    "state",
    "quality",
    "quality_lower",
    *DIMENSIONS,
    *BESIDE,
    *COUNTED,
    "last_arrived",
    "last_event",
    "age_seconds",
)


FRESH_MS = 250
"""Faults and coverage are named anew for a reader when they are older: 1 ms with 5,000 symbols."""


class Views:
    """Implements the port `FeedViews`."""

    def __init__(self, book: FeedBook, *, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def overview(self, window: str) -> Json:
        """Every feed with its scores over a window, and its faults."""
        now = self._now()
        feeds = [self._summed(name, one, window)[0] for name, one in self._book.feeds.items()]
        return {"at": now, "window": window, "feeds": feeds}

    def feed(self, name: str, window: str, *, search: str, offset: int, limit: int, heat: bool) -> Json:
        """One feed and its symbols, worst first.

        Raises:
            NotFound: there is no such feed.
        """
        now = self._now()
        one = self._watched(name)
        head, found = self._summed(name, one, window)
        judged = symbol_scores(one.state, found)
        order = _worst_first(one, judged, search)
        shown = order[offset : offset + limit]
        answer: Json = {
            "at": now,
            "window": window,
            "feed": head,
            "total": len(order),
            "offset": offset,
            "symbols": [_symbol_row(one, found.counts[i], judged, i, i) for i in shown],
            "faults": [_told(fault) for fault in one.watch.active.values()],
            "past_faults": [{**_told(fault), "until": until} for fault, until in reversed(one.watch.log)][:100],
        }
        if heat:
            answer["heat"] = _heat(one, shown)
        return answer

    def symbol(self, name: str, symbol: str) -> Json:
        """One symbol: scores over time, delays, faulty events, gaps.

        Raises:
            NotFound: there is no such feed or symbol.
        """
        now = self._now()
        one = self._watched(name)
        number = one.state.symbols.ids.get(symbol)
        if number is None:
            raise NotFound(f"feed {name} has no symbol {symbol}", hint=f"GET /api/v1/quality/{name} lists them")
        state = one.state
        fresh = fresh_of(state)[number : number + 1]
        windows: Json = {}
        for window in WINDOWS:
            counts = state.counters.window_of(window, number)
            windows[window] = _symbol_row(one, counts[0], scores(counts, fresh, weights_of(state)), number, 0)
        return {
            "at": now,
            "feed": name,
            "symbol": symbol,
            "windows": windows,
            "timeline": _timeline(one, number),
            "delay_limit_ms": state.delays.limit_ms,
            "delays": [[bin_edge(i), count] for i, count in enumerate(state.last.delays[number].tolist()) if count],
            "usual_silence_ms": _number(state.rates.usual[number]),
            "offenders": state.offenders.of(number),
            "gaps": state.gaps.of(number),
            "faults": [_told(fault) for fault in one.watch.of(symbol)],
            "past_faults": [
                {**_told(fault), "until": until} for fault, until in reversed(one.watch.log) if fault.symbol == symbol
            ],
        }

    def rows(self, name: str, window: str) -> Iterator[Sequence[object]]:
        """All symbols of a feed as rows for a table.

        Raises:
            NotFound: there is no such feed.
        """
        self._now()
        one = self._watched(name)
        return self._rows(one, window)

    def _rows(self, one: Watched, window: str) -> Iterator[Sequence[object]]:
        yield TABLE
        found = summary(one.state, one.watch, cast(Window, window))
        judged = symbol_scores(one.state, found)
        for i in _worst_first(one, judged, ""):
            row = _symbol_row(one, found.counts[i], judged, i, i)
            yield [row.get(column) for column in TABLE]

    def _now(self) -> int:
        """The time, up to which all feeds have come, with the faults and coverage of then."""
        now = self._clock.now()
        self._book.advance(now)
        for one in self._book.feeds.values():
            if one.state.now - one.watch.looked >= FRESH_MS:
                one.watch.look(one.state.counters.window("1m", len(one.state.symbols)))
        return now

    def _watched(self, name: str) -> Watched:
        found = self._book.feeds.get(name)
        if found is None:
            raise NotFound(f"there is no feed {name}", hint="GET /api/v1/quality lists them")
        return found

    @staticmethod
    def _summed(name: str, one: Watched, window: str) -> tuple[Json, Summary]:
        found = summary(one.state, one.watch, cast(Window, window))
        pooled = found.counts.sum(axis=0, dtype=np.int64)
        state = one.state
        head: Json = {
            "feed": name,
            "title": state.settings.title or name,
            "state": "open" if state.session is not None else "closed",
            "symbols": len(state.symbols),
            "expected": found.expected,
            "seen": found.seen,
            "coverage": found.coverage,
            "delay": None if found.delay is None else {f"{rank:g}": value for rank, value in found.delay.items()},
            "delay_limit_ms": state.delays.limit_ms,
            "clock_skew_ms": state.skew.value,
            "events_per_second": one.rate,
            "last_arrived": state.arrived or None,
            **_scored(found.whole, 0),
            **{column: int(pooled[number]) for column, number in COUNTED.items()},
            "faults": dict(one.watch.totals),
        }
        return head, found


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _scored(found: Scores, i: int) -> Json:
    worst = int(found.worst[i])
    return {
        **{name: _number(found.dimensions[name][i]) for name in DIMENSIONS},
        "validity": _number(found.validity[i]),
        "uniqueness": _number(found.uniqueness[i]),
        "quality": _number(found.quality[i]),
        "quality_lower": _number(found.lower[i]),
        "worst": DIMENSIONS[worst] if worst >= 0 else None,
    }


def _worst_first(one: Watched, judged: Scores, search: str) -> list[int]:
    """Missing symbols, then those with a score, the lowest first, then those without; alike ones as they first came."""
    missing = one.watch.missing
    key = np.where(np.isnan(judged.quality), 2.0, judged.quality)
    key[: len(missing)] = np.where(missing[: len(key)], -1.0, key[: len(missing)])
    order: list[int] = np.argsort(key, kind="stable").tolist()
    wanted = search.casefold()
    names = one.state.symbols.names
    return [i for i in order if wanted in names[i].casefold()] if wanted else order


def _state(one: Watched, i: int) -> str:
    watch, state = one.watch, one.state
    if i < len(watch.missing) and watch.missing[i]:
        return "missing"
    if state.rates.seen[i] < 0:
        return "new"
    if i < len(watch.silent) and watch.silent[i]:
        return "silent"
    return "ok" if state.session is not None else "closed"


def _symbol_row(one: Watched, counts: NDArray[Any], judged: Scores, i: int, place: int) -> Json:
    """Symbol `i`, whose scores stand at `place` of what was judged."""
    state = one.state
    seen = int(state.rates.seen[i])
    return {
        "symbol": state.symbols.names[i],
        "state": _state(one, i),
        **_scored(judged, place),
        **{column: int(counts[number]) for column, number in COUNTED.items()},
        "last_arrived": int(state.last.arrived[i]) or None,
        "last_event": int(state.last.event[i]) or None,
        "age_seconds": (state.clock - seen) / 1000.0 if seen >= 0 else None,
    }


def _told(fault: Fault) -> Json:
    return {
        "fault": fault.name,
        "symbol": fault.symbol or None,
        "since": fault.since,
        "count": fault.count,
        "detail": fault.detail,
    }


def _quality(one: Watched, counts: Counts) -> Float64s:
    return scores(counts, np.ones(len(counts)), weights_of(one.state)).quality


def _heat(one: Watched, symbols: list[int]) -> Json:
    """Qualities (0–100, null: none) of the symbols by minute: the last hour's whole minutes, oldest first."""
    counters = one.state.counters
    first = counters.minute_number - MINUTES
    chosen = np.array(symbols, np.intp)
    table: list[list[int | None]] = [[] for _ in symbols]
    for number in range(first, counters.minute_number):
        counts = counters.rings["minutes"][number % MINUTES]
        quality = np.full(len(chosen), np.nan)
        if counts is not None:
            inside = chosen < len(counts)
            quality[inside] = _quality(one, counts[chosen[inside]])
        for row, value in zip(table, np.rint(quality * 100).tolist(), strict=True):
            row.append(None if value != value else int(value))
    return {"from": first * MINUTE_MS, "step": MINUTE_MS, "rows": table}


def _timeline(one: Watched, symbol: int) -> list[Json]:
    """The symbol's whole minutes of the last hour, and before them its whole hours, oldest first."""
    counters = one.state.counters
    hour = one.state.now // HOUR_MS
    buckets: list[tuple[int, int]] = []
    rows: list[NDArray[Any]] = []
    for ring, step, first, last in (
        ("hours", HOUR_MS, hour - 24, hour - 1),
        ("minutes", MINUTE_MS, counters.minute_number - MINUTES, counters.minute_number),
    ):
        for number in range(first, last):
            counts = counters.rings[ring][number % len(counters.rings[ring])]
            if counts is not None and symbol < len(counts) and counts[symbol].any():
                buckets.append((number * step, step))
                rows.append(counts[symbol])
    if not rows:
        return []
    found = scores(np.stack(rows), np.ones(len(rows)), weights_of(one.state))
    return [
        {"from": start, "step": step, "events": int(row[Count.EVENTS]), **_scored(found, i)}
        for i, ((start, step), row) in enumerate(zip(buckets, rows, strict=True))
    ]
