"""A reading out of the ordinary, and what detectors say of readings."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bongsu.model.sample import Float64s, Int64s, Labels


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """One reading out of the ordinary, with why.

    `score` and `threshold` are in the unit of `method` (deviations for the z-scores, per cent of the known range for
    the novelties, a multiple of the longest known one for stuck and silence, a ratio for volume). The reading was
    expected between `lower` and `upper` (the metric's unit; None where only the other bound, or none, is known). For
    `silence`, `value` and `upper` are seconds without a reading.
    """

    metric: str
    labels: Labels
    at: int
    value: float | None
    score: float
    threshold: float
    lower: float | None
    upper: float | None
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a detector says of some readings: equally long arrays; NaN where it can't tell (yet)."""

    score: Float64s
    lower: Float64s
    upper: Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What is expected of one series over time, each moment judged by what came before it (NaN during warm-up)."""

    metric: str
    labels: Labels
    method: str
    threshold: float
    at: Int64s
    value: Float64s
    lower: Float64s
    upper: Float64s
    score: Float64s
