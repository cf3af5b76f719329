"""The clock of the real world, behind the `Clock` port. Only this module asks the time."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """Wall time for stamps, monotonic time for intervals."""

    def now(self) -> int:
        """Wall time, UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back, from an arbitrary start."""
        return time.monotonic()

    async def sleep_until(self, moment: float) -> None:
        """Wait until `monotonic()` reaches `moment`; at least one turn of the loop."""
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
