"""What a probe becomes as samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from bongsu.model.check import STATES, UNCOUNTED, UP, Standing
from bongsu.model.sample import Labels, Sample
from bongsu.model.share import Share

if TYPE_CHECKING:
    from bongsu.collect.checks.watch import Target

DAY = 86_400_000


def after_probe(target: Target, standing: Standing, availability: Mapping[str, Share]) -> list[Sample]:
    """All that one probe found. `…_up` is of this probe alone; a probe that counts neither way gives none."""
    outcome = standing.outcome
    if outcome is None:
        return []
    made = _Maker(target)
    made.add("state", STATES.index(standing.state))
    if outcome.state not in UNCOUNTED:
        made.add("up", float(outcome.state in UP))
    if outcome.response_ms is not None:
        made.add("response_ms", outcome.response_ms)
    for phase, taken in asdict(outcome.phases).items():
        if taken is not None:
            made.add("phase_ms", taken, phase=phase)
    if outcome.certificate_ends is not None:
        made.add("certificate_days", _days(outcome.certificate_ends, outcome.at))
    if target.key_ends is not None:
        made.add("key_days", _days(target.key_ends, outcome.at))
    for name, value in outcome.figures.items():
        figure, _, queue = name.partition(":")
        made.add(figure, value, **({"queue": queue} if queue else {}))
    for window, share in availability.items():
        made.add("availability", share.percent, window=window)
    return made.samples


def at_rest(target: Target, standing: Standing) -> list[Sample]:
    """What is still known of something that isn't asked: its state."""
    made = _Maker(target)
    made.add("state", STATES.index(standing.state))
    return made.samples


def _days(ends: int, now: int) -> float:
    return round((ends - now) / DAY, 2)


class _Maker:
    def __init__(self, target: Target) -> None:
        self._prefix = target.kind
        self._label = (target.kind, target.name)
        self.samples: list[Sample] = []

    def add(self, name: str, value: float, **more: str) -> None:
        labels: Labels = tuple(sorted([self._label, *more.items()]))
        self.samples.append(Sample(metric=f"{self._prefix}_{name}", value=float(value), labels=labels))
