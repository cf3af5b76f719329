"""A checker as the settings make it, asked once or left running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bongsu.checking import Checking
from bongsu.clock import SystemClock
from bongsu.model.check import CheckStatus, Outcome
from bongsu.model.sample import Refusal, Sample
from bongsu.model.series import SeriesTable
from bongsu.settings.model import Settings
from tests.fakes.measurements import Measurements


class Recorder:
    """Takes what a checker hands on."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.frames: list[Mapping[str, object]] = []

    async def measure(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
        self.samples += samples
        return ()

    def announce(self, kind: str, body: Mapping[str, object], *, topic: object = None) -> None:
        self.frames.append(body)


def checking(settings: Mapping[str, Any], recorder: Recorder | None = None) -> Checking:
    """A checker of these settings."""
    recorder = recorder or Recorder()
    return Checking.open(
        Settings.model_validate(settings),
        clock=SystemClock(),
        measure=recorder.measure,
        announcer=recorder,
        history=Measurements(SeriesTable()),
    )


async def once(settings: Mapping[str, Any]) -> dict[str, CheckStatus]:
    """Everything asked once."""
    checker = checking(settings)
    try:
        return {one.name: one for one in await checker.once()}
    finally:
        await checker.stop()


async def outcome(section: str, **item: Any) -> Outcome:
    """What one check or connection gives."""
    (status,) = (await once({section: [{"name": "it", **item}]})).values()
    assert status.standing.outcome is not None
    return status.standing.outcome
