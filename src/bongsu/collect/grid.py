"""The grid of moments at which readings are due."""

from __future__ import annotations

from bongsu.ports import Clock

_JUMP_MS = 1_000.0
_SLEW_MS = 5.0
_TOLERANCE_MS = 50.0


class Grid:
    """Whole multiples of an interval on the wall clock, kept on monotonic time.

    Every collector of one interval is due at the same moment, so that a tick is one batch; stamps are exact
    multiples, so that equal steps of time cost history next to nothing. Monotonic time carries the grid, hence a
    clock that is set back or forward neither stops the readings nor bursts them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._measured()
        self.jumps = 0
        """How often the wall clock moved by more than a second (set by hand, or the machine slept)."""

    def _measured(self) -> float:
        return self._clock.now() - self._clock.monotonic() * 1000

    def follow(self) -> float:
        """Follow the wall clock; returns by how many seconds it jumped (0.0 for none, or a slow drift)."""
        moved = self._measured() - self._offset
        if abs(moved) < _SLEW_MS:
            return 0.0
        self._offset += moved
        if abs(moved) < _JUMP_MS:
            return 0.0
        self.jumps += 1
        return moved / 1000

    def next(self, interval: float, after: float) -> float:
        """The grid's moment (monotonic seconds) that follows `after`.

        Rounded, not floored: never closer than half an interval, so that a small correction of the clock
        causes no second reading and a rate is never taken over a sliver of time.
        """
        step = interval * 1000
        return ((round((after * 1000 + self._offset) / step) + 1) * step - self._offset) / 1000

    def stamp(self, interval: float) -> int:
        """UTC milliseconds for readings of this interval that begin now: the grid's own time, unless we are off it."""
        step = interval * 1000
        now = self._clock.now()
        nominal = round(now / step) * step
        return round(nominal) if abs(now - nominal) <= min(_TOLERANCE_MS, step / 4) else now
