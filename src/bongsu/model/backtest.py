"""What a rule would have done, and how it stands now."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from bongsu.model.sample import Labels

Condition: TypeAlias = Literal["breach", "clear", "no_data"]


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One alert that would have been: from firing to its end (UTC ms; None: it still stood at the end of the test).

    `worst` is the value furthest beyond the threshold meanwhile; None for a rule that asks for silence.
    """

    labels: Labels
    start: int
    end: int | None
    worst: float | None


class BackTest(msgspec.Struct, frozen=True, kw_only=True):
    """A rule run over history from `start` to `end` (UTC ms), looked at every `step` ms.

    `messages` counts what would have been told, one for each fire and each resolve (grouping makes fewer of them);
    `by_hour` the same by hour of the day in the settings' time zone. `points` draw the value of the worst series.
    `series` is how many series or groups were tested, `left_out` how many more matched; `episodes` holds the first
    of `count` alerts.
    """

    start: int
    end: int
    step: int
    threshold: float | None
    episodes: tuple[Episode, ...]
    count: int
    total_ms: int
    messages: int
    by_hour: tuple[int, ...]
    points: tuple[tuple[int, float], ...]
    labels: Labels
    series: int
    left_out: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule stands for one series or group: its value now, and what follows from it."""

    labels: Labels
    value: float | None
    condition: Condition
