"""How late events come: the sender's clock, quantiles, and what counts as late.

A delay is arrival − event time − skew. Where most events of a minute come before they happened, the sender's clock is
ahead; how far it is, is the least of the last hour's minutes. A few such events are faulty themselves. A clock that is
behind can't be told from a slow line, and counts as delay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Int64s

if TYPE_CHECKING:
    from datasketches import kll_floats_sketch

ACCURACY = 200
"""KLL's k: a rank is right within 1.65 % (99 % sure); a sketch takes some 2.5 KiB."""

USUAL_AT_FIRST_MS = 60_000.0
"""Delay taken as on time until a feed has shown three minutes."""

_LEAST = 64
"""Smallest delays of a minute that are kept to find its hundredth part."""

_FEW = 20
_CALM_EVENTS = 50
"""Events in a row, none of the future, after which a clock counts as right again."""

_CALM = 3
"""Whole minutes without an event of the future after which it does so too."""

BINS = 48
"""Of a symbol's histogram: two to a doubling, from 1 ms."""


def bins_of(delay: NDArray[Any]) -> NDArray[np.intp]:
    """The histogram's bin of each delay in ms; what is negative goes to the first."""
    found: NDArray[np.intp] = np.minimum(2.0 * np.log2(np.maximum(delay, 0) + 1.0), BINS - 1).astype(np.intp)
    return found


def bin_edge(number: int) -> float:
    """The least delay (ms) of a bin."""
    return float(2.0 ** (number / 2) - 1.0)


def new_sketch() -> kll_floats_sketch:
    """An empty sketch; the library is loaded at the first one."""
    from datasketches import kll_floats_sketch

    return kll_floats_sketch(ACCURACY)


class Skew:
    """How far the sender's clock is ahead (ms, 0 or less), from the least delays of each minute."""

    def __init__(self) -> None:
        self._least: Int64s = np.empty(0, np.int64)
        self._count = self._early = self._run = 0
        self.minutes: deque[int] = deque(maxlen=60)
        self.value = 0

    def take(self, raw: Int64s) -> None:
        """See arrival − event time of further events, ms."""
        early = int(np.count_nonzero(raw < 0))
        self._follow(early, len(raw))
        self._count += len(raw)
        self._early += early
        least = raw if len(raw) <= _LEAST else np.partition(raw, _LEAST - 1)[:_LEAST]
        both = np.concatenate((self._least, least))
        both.sort()
        self._least = both[:_LEAST]
        if self._count >= _FEW and self._least[0] < 0:
            self._settle()

    def _follow(self, early: int, count: int) -> None:
        """Notice at once that a clock jumped: by events in a row that are all early, or none of them."""
        before = self._run
        if early == count:
            self._run = max(0, before) + count
        elif not early:
            self._run = min(0, before) - count
        else:
            self._run = 0
        jumped = before < _FEW <= self._run and self.value == 0
        righted = self._run <= -_CALM_EVENTS < before and self.value < 0
        if jumped or righted:
            self._least, self._count, self._early = np.empty(0, np.int64), 0, 0
        if righted:
            self.minutes.clear()
            self.value = 0

    def close_minute(self) -> None:
        """A minute ended."""
        if self._count >= 3:
            self.minutes.append(self._candidate())
        self._least, self._count, self._early = np.empty(0, np.int64), 0, 0
        self._settle()

    def _candidate(self) -> int:
        """The minute's delay that a hundredth of its events, three at least, don't exceed; 0 where few are early."""
        if 2 * self._early <= self._count:
            return 0
        return int(self._least[min(len(self._least), max(3, self._count // 100)) - 1])

    def _settle(self) -> None:
        present = self._candidate() if self._count >= _FEW else None
        recent = list(self.minutes)[-_CALM:]
        if len(recent) == _CALM and min(recent) >= 0 and (present is None or present >= 0):
            self.value = 0
        else:
            self.value = min(0, *self.minutes, *(() if present is None else (present,)), 0)

    def state(self) -> dict[str, object]:
        """All of it as plain values."""
        return {
            "least": self._least.tolist(),
            "count": self._count,
            "early": self._early,
            "run": self._run,
            "minutes": list(self.minutes),
            "value": self.value,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._least = np.array(state["least"], np.int64)
        self._count, self._early, self._run = state["count"], state["early"], state["run"]
        self.value = state["value"]
        self.minutes.extend(state["minutes"])


class Delays:
    """A feed's delays: a sketch for the present minute, and one for each of the last sixty."""

    def __init__(self, declared_ms: float | None) -> None:
        self._declared = declared_ms
        self.present = new_sketch()
        self.minutes: deque[kll_floats_sketch] = deque(maxlen=60)
        self.highs: deque[float] = deque(maxlen=60)
        """99th percentile (s) of each minute that had enough events."""
        self.limit_ms = USUAL_AT_FIRST_MS if declared_ms is None else declared_ms

    def take(self, delay: NDArray[Any]) -> None:
        """See further delays, ms."""
        self.present.update((delay / 1000.0).astype(np.float32))

    def close_minute(self) -> None:
        """A minute ended."""
        if self.present.n >= _FEW:
            self.highs.append(self.present.get_quantile(0.99))
        self.minutes.append(self.present)
        self.present = new_sketch()
        if self._declared is None and len(self.highs) >= 3:
            self.limit_ms = max(1.0, 2_000.0 * float(np.median(self.highs)))

    def quantiles(self, ranks: Iterable[float], minutes: int) -> list[float] | None:
        """Delays (s) at these ranks over the present minute and `minutes` whole ones; None without events."""
        merged = new_sketch()
        for one in (*list(self.minutes)[-minutes:], self.present) if minutes else (self.present,):
            if not one.is_empty():
                merged.merge(one)
        return None if merged.is_empty() else [float(merged.get_quantile(rank)) for rank in ranks]

    def state(self) -> dict[str, object]:
        """All of it as plain values."""
        return {
            "present": self.present.serialize(),
            "minutes": [one.serialize() for one in self.minutes],
            "highs": list(self.highs),
            "limit": self.limit_ms,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        from datasketches import kll_floats_sketch

        self.present = kll_floats_sketch.deserialize(state["present"])
        self.minutes.extend(kll_floats_sketch.deserialize(one) for one in state["minutes"])
        self.highs.extend(state["highs"])
        if self._declared is None:
            self.limit_ms = state["limit"]
