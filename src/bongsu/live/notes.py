"""What the log hears of connections: each thing once in a while, however often it happens."""

from __future__ import annotations

from collections import Counter
from typing import Final

import structlog

_PAUSE: Final = 10.0  # seconds between two lines that say the same


class Notes:
    """Counts what happens by reason and says it in the log, at most every ten seconds a reason.

    A thousand refused connections are one line with their number, not a thousand lines.
    """

    def __init__(self, event: str) -> None:
        self.counts: Counter[str] = Counter()
        self._event = event
        self._said: dict[str, tuple[float, int]] = {}
        self._log = structlog.get_logger("bongsu.live")

    def count(self, reason: str, *, now: float, silently: bool = False) -> None:
        """It happened once more, at this moment (monotonic seconds); `silently` where it is no trouble."""
        self.counts[reason] += 1
        if silently:
            return
        moment, told = self._said.get(reason, (-_PAUSE, 0))
        if now - moment >= _PAUSE:
            count = self.counts[reason]
            self._said[reason] = (now, count)
            self._log.warning(self._event, reason=reason, times=count - told, since_start=count)
