"""How long to wait for a bus that is away before it is asked again."""

from __future__ import annotations

from collections.abc import Callable

_FIRST = 0.25
_LONGEST = 2.0


class Pause:
    """Doubles with each failure up to two seconds; half of it at random, so that many don't come back at once."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """`chance` gives numbers from 0 to 1."""
        self._chance = chance
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        longest = min(_LONGEST, _FIRST * float(1 << self._failures))
        self._failures = min(self._failures + 1, 16)
        return longest * (1 + self._chance()) / 2

    def over(self) -> None:
        """It went well."""
        self._failures = 0
