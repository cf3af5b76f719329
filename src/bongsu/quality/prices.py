"""Prices: what can't be one, what lies off the grid, beyond the limit, or far from those just before.

Recent prices are the last 60 of the symbol. Their mean without the six highest and six lowest, and their deviation, are
worked out anew when fifteen further prices have come or a second has passed; an event is held against the figures of
those before it. Far from them is a spike only what is as far from the last price that wasn't: a price may walk away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.model.sample import Float64s, Int64s
from bongsu.quality.grouping import Grouped, grouped
from bongsu.quality.table import Table
from bongsu.settings.feeds import Feed

RECENT = 60
TRIMMED = 6
"""Of either end of the recent prices, where there are sixty; a tenth where there are fewer."""

NEEDED = 20
"""Recent prices below which nothing is called a spike."""

BLOCK = 15
"""Prices after which the figures are worked out anew."""

STALE_MS = 1_000
DEVIATIONS = 3.0
APART_MS = 300_000
"""A silence, in open time, after which former prices tell nothing of the next."""

_EXACT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRules:
    """What a feed's prices are held against; shares, not per cent."""

    ticks: tuple[tuple[float, float], ...] = ()
    """(from this price on, step), rising; empty: no grid."""
    limit: float | None = None
    spike: float = 0.01


KRX_TICKS = (
    (0.0, 1.0),
    (2_000.0, 5.0),
    (5_000.0, 10.0),
    (20_000.0, 50.0),
    (50_000.0, 100.0),
    (200_000.0, 500.0),
    (500_000.0, 1_000.0),
)
"""Price steps of the Korea Exchange since 25 January 2023."""


def price_rules(settings: Feed) -> PriceRules:
    """What the settings say of prices."""
    ticks = KRX_TICKS if settings.tick == "krx" else () if settings.tick is None else ((0.0, float(settings.tick)),)
    limit = settings.price_limit_percent
    return PriceRules(ticks=ticks, limit=None if limit is None else limit / 100.0, spike=settings.spike_percent / 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFaults:
    """Masks over the events of a batch."""

    not_positive: Bools
    off_tick: Bools
    beyond: Bools
    spike: Bools


def off_tick(price: Float64s, ticks: tuple[tuple[float, float], ...]) -> Bools:
    """Which prices are no multiple of the step at their height."""
    if not ticks:
        return np.zeros(len(price), np.bool_)
    step = np.array([size for _, size in ticks])[
        np.clip(np.searchsorted([start for start, _ in ticks], price, side="right") - 1, 0, None)
    ]
    steps = price / step
    found: Bools = np.abs(steps - np.rint(steps)) > _EXACT
    return found


class Prices(Table):
    """The recent prices of every symbol."""

    COLUMNS: ClassVar = {
        "recent": (np.float64, 0, (RECENT,)),
        "count": (np.int64, 0, ()),
        "figured": (np.int64, 0, ()),
        "figured_at": (np.int64, 0, ()),
        "middle": (np.float64, np.nan, ()),
        "width": (np.float64, np.nan, ()),
        "last": (np.float64, np.nan, ()),
        "usual": (np.float64, np.nan, ()),
        "reference": (np.float64, np.nan, ()),
        "opened": (np.int64, 0, ()),
    }
    recent: Float64s
    count: Int64s
    """Prices that came since they were last let go."""
    figured: Int64s
    """The count when `middle` and `width` were worked out, and the time (UTC ms)."""
    figured_at: Int64s
    middle: Float64s
    width: Float64s
    last: Float64s
    usual: Float64s
    """The last price that wasn't far from those before it."""
    reference: Float64s
    """The last price of the session before."""
    opened: Int64s
    """Opening time (UTC ms) of the session that `last` is of."""

    def begin_session(self, ids: NDArray[np.intp], opened: int) -> None:
        """Let the last price be the reference of symbols that now come in another session."""
        ids = ids[self.opened[ids] != opened]
        if len(ids):
            known = self.opened[ids] != 0
            self.reference[ids[known]] = self.last[ids[known]]
            self.opened[ids] = opened
            self.count[ids] = self.figured[ids] = 0
            self.middle[ids] = np.nan

    def part(self, ids: NDArray[np.intp]) -> None:
        """Forget the recent prices of symbols that were silent for long."""
        self.count[ids] = self.figured[ids] = 0
        self.middle[ids] = np.nan

    def take(self, group: Grouped, price: Float64s, now: int, rules: PriceRules) -> PriceFaults:
        """Judge a batch; NaN where an event has no price."""
        there = ~np.isnan(price)
        positive = price > 0
        usable = positive & np.isfinite(price)
        grid = np.zeros(len(price), np.bool_)
        beyond, spike = grid.copy(), grid.copy()
        if usable.all():
            self._judge(group, price, now, rules, grid, beyond, spike)
        elif usable.any():
            chosen = np.flatnonzero(usable)
            parts = [np.zeros(len(chosen), np.bool_) for _ in range(3)]
            self._judge(grouped(group.symbol[chosen]), price[chosen], now, rules, *parts)
            for mask, part in zip((grid, beyond, spike), parts, strict=True):
                mask[chosen] = part
        return PriceFaults(not_positive=there & ~positive, off_tick=grid, beyond=beyond, spike=spike)

    def _judge(
        self, group: Grouped, price: Float64s, now: int, rules: PriceRules, grid: Bools, beyond: Bools, spike: Bools
    ) -> None:
        """Fill the masks, and take the prices into the recent ones."""
        if rules.ticks:
            grid[:] = off_tick(price, rules.ticks)
        if rules.limit is not None:
            reference = self.reference[group.symbol]
            with np.errstate(invalid="ignore"):
                beyond[:] = np.abs(price - reference) > rules.limit * reference * (1 + 1e-9)
        if group.counts.max() <= BLOCK:
            self._block(group, price, now, rules, spike)
        else:
            block = group.rank() // BLOCK
            for number in range(int(block.max()) + 1):
                chosen = np.flatnonzero(block == number)
                part = np.zeros(len(chosen), np.bool_)
                self._block(grouped(group.symbol[chosen]), price[chosen], now, rules, part)
                spike[chosen] = part
        self.last[group.ids] = price[group.ends]

    def _block(self, group: Grouped, price: Float64s, now: int, rules: PriceRules, spike: Bools) -> None:
        ids = group.ids
        due = (self.count[ids] - self.figured[ids] >= BLOCK) | (
            (self.count[ids] > self.figured[ids]) & (now - self.figured_at[ids] >= STALE_MS)
        )
        if due.any():
            self._figure(ids[due], now)
        middle = self.middle[group.symbol]
        with np.errstate(invalid="ignore"):
            far = np.abs(price - middle) > DEVIATIONS * self.width[group.symbol] + rules.spike * middle
        spike[:] = self._leapt(group, price, far, rules.spike)
        position = (self.count[group.symbol] + group.rank()) % RECENT
        self.recent[group.symbol, position] = price
        self.count[ids] += group.counts

    def _leapt(self, group: Grouped, price: Float64s, far: Bools, least: float) -> Bools:
        """Which of the prices far from those before got there in one leap; one that walked there is a price."""
        if not far.any():
            self.usual[group.ids] = price[group.ends]
            return far
        near = np.maximum.accumulate(np.where(far, -1, np.arange(len(price))))
        here = near >= np.repeat(group.starts, group.counts)
        before = np.where(here, price[near], self.usual[group.symbol])
        self.usual[group.ids] = before[group.ends]
        with np.errstate(invalid="ignore"):
            found: Bools = far & (np.abs(price - before) > least * before)
        return found

    def _figure(self, ids: NDArray[np.intp], now: int) -> None:
        """Work out middle and width of the recent prices of these symbols."""
        held = np.minimum(self.count[ids], RECENT)
        full = held == RECENT
        self.middle[ids] = self.width[ids] = np.nan
        if full.any():
            self._trim(ids[full], RECENT)
        for size in np.unique(held[~full & (held >= NEEDED)]).tolist():
            self._trim(ids[held == size], size)
        self.figured[ids] = self.count[ids]
        self.figured_at[ids] = now

    def _trim(self, ids: NDArray[np.intp], held: int) -> None:
        rising = np.sort(self.recent[ids, :held], axis=1)
        off = held * TRIMMED // RECENT
        inner = rising[:, off : held - off]
        self.middle[ids] = inner.mean(axis=1)
        self.width[ids] = inner.std(axis=1)
