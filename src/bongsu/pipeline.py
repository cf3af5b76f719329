"""The way of a measurement, on one page.

    collect / ingest  →  gate  →  history + live  →  (rules, detectors)  →  alerts  →  notify

Whoever has samples hands them over here; nothing else moves them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from bongsu.model.sample import Batch, Refusal, Sample
from bongsu.ports import Gate, History, Live, Tap


class Pipeline:
    """Carries samples from the gate to history, to the screens and to the taps (detectors before rules)."""

    def __init__(self, *, gate: Gate, history: History, live: Live, taps: Iterable[Tap] = ()) -> None:
        self._gate = gate
        self._history = history
        self._live = live
        self._taps = list(taps)
        self.flowing = asyncio.Event()
        """Set once the first samples passed."""

    def tap(self, *taps: Tap) -> None:
        """Let further stages see what passes, in this order, after those that see it already."""
        self._taps.extend(taps)

    async def measure(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
        """What our own collectors read: through the gate like everybody's; returns what was refused."""
        batch, refused = self._gate.admit(samples, at=at)
        if len(batch):
            await self.take(batch)
        return refused

    async def take(self, batch: Batch) -> None:
        """Admitted samples: seen at once, acknowledged when history holds them.

        The screens don't wait for the disk: when it is full, what happens now is still shown.
        """
        self._live.publish(batch)
        for tap in self._taps:
            tap.observe(batch)
        self.flowing.set()
        await self._history.append(batch)
