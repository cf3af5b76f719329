"""Which series are watched, and how each: the settings' choices, laid over what suits each kind of series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bongsu.anomaly import novelty, runs, volume
from bongsu.anomaly.novelty import Novelty
from bongsu.anomaly.quiet import TWICE
from bongsu.anomaly.robust import RobustZScore
from bongsu.anomaly.runs import Silence, Stuck
from bongsu.anomaly.seasonal import SeasonalNovelty
from bongsu.anomaly.volume import Volume
from bongsu.anomaly.zscore import ZScore
from bongsu.anomaly_ports import Detector

HOUR_MS = 3_600_000
OFF = "off"

THRESHOLDS = {
    "novelty": novelty.THRESHOLD,
    "seasonal_novelty": novelty.THRESHOLD,
    "stuck": runs.THRESHOLD,
    "silence": runs.THRESHOLD,
    "volume": volume.THRESHOLD,
}
"""Thresholds of methods whose scores are no deviations: the general one is meant for those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How a series is watched."""

    method: str = "zscore"
    threshold: float = 3.0
    window: int = 100
    log: bool = False
    """Whether log(1 + x) is judged (milliseconds for metrics in seconds): for counts, delays and spreads."""
    smooth: bool = False
    """Whether the median of the last three readings is judged: a single stray one is passed over."""
    every_ms: int = 1
    """Of each such stretch of time the first reading is judged: memory reaches further back, at less cost."""
    quiet_ms: int = HOUR_MS
    """For how long only what is `louder` times as bad is told again."""
    louder: float = TWICE
    warm_up: int = novelty.WARM_UP
    """Readings before a novelty is scored."""
    scale: float = 1.0
    """What x is multiplied with before the logarithm."""

    def by(self, method: str) -> Spec:
        """The same by another method, with that method's threshold where scores are of another unit."""
        threshold = THRESHOLDS.get(method, self.threshold if self.method not in THRESHOLDS else USUAL.threshold)
        return replace(self, method=method, threshold=threshold)


USUAL = Spec()
"""The guide's: z-score, 3.0, 100 readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What differs for some metrics. `metric` is a name, or a prefix ending in `*`; None: as it would be without."""

    metric: str
    method: str | None = None
    threshold: float | None = None
    window: int | None = None
    log: bool | None = None
    smooth: bool | None = None
    every_ms: int | None = None
    quiet_ms: int | None = None
    louder: float | None = None
    warm_up: int | None = None

    def fits(self, metric: str) -> bool:
        """Whether the choice is about that metric."""
        return metric.startswith(self.metric[:-1]) if self.metric.endswith("*") else metric == self.metric


def _feed(metric: str, method: str, *, log: bool = False) -> Choice:
    return Choice(
        metric=metric,
        method=method,
        threshold=10.0,
        log=log,
        smooth=True,
        every_ms=60_000,
        quiet_ms=24 * HOUR_MS,
        louder=math.inf,
        warm_up=500,
    )


DEFAULTS: tuple[Choice, ...] = (
    _feed("feed_delay_seconds", "novelty", log=True),
    _feed("feed_events_per_second", "seasonal_novelty", log=True),
    _feed("feed_*", "novelty"),
)
"""What suits feeds. Delays have long tails and rates an hour of the day, for which z-scores cry several times a day and
symbol; so does a novelty of 1.8 %, which is meant for few series. The figures stand in docs/performance.md."""

EXCLUDED = ("bongsu_", "anomaly_")
"""Our own figures: watching ourselves must not be what we cost, and scores are not scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The choices as a whole. `include` and `exclude` are prefixes of metrics; nothing to include means all."""

    general: Spec = USUAL
    choices: Sequence[Choice] = ()
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def spec(self, metric: str, *, counter: bool = False) -> Spec | None:
        """How the metric's series are watched; None: not at all. Counters only rise and are not watched."""
        if counter or metric.startswith(EXCLUDED) or metric.startswith(tuple(self.exclude)):
            return None
        if self.include and not metric.startswith(tuple(self.include)):
            return None
        own = next((one for one in self.choices if one.fits(metric)), None)
        usual = next((one for one in DEFAULTS if one.fits(metric)), None)
        spec = self.general
        for choice in (usual, own):
            spec = spec if choice is None else _laid(spec, choice)
        if spec.method == OFF:
            return None
        return replace(spec, scale=1_000.0) if spec.log and metric.endswith("_seconds") else spec


def _laid(spec: Spec, choice: Choice) -> Spec:
    method = choice.method or spec.method
    threshold = spec.threshold if method == spec.method else spec.by(method).threshold
    return Spec(
        method=method,
        threshold=threshold if choice.threshold is None else choice.threshold,
        window=spec.window if choice.window is None else choice.window,
        log=spec.log if choice.log is None else choice.log,
        smooth=spec.smooth if choice.smooth is None else choice.smooth,
        every_ms=spec.every_ms if choice.every_ms is None else choice.every_ms,
        quiet_ms=spec.quiet_ms if choice.quiet_ms is None else choice.quiet_ms,
        louder=spec.louder if choice.louder is None else choice.louder,
        warm_up=spec.warm_up if choice.warm_up is None else choice.warm_up,
    )


def detector(spec: Spec) -> Detector:
    """A detector that knows nothing yet."""
    threshold, window = spec.threshold, spec.window
    if spec.method == "zscore":
        return ZScore(threshold=threshold, window=window)
    if spec.method == "robust_zscore":
        return RobustZScore(threshold=threshold, window=window)
    if spec.method == "volume":
        return Volume(threshold=threshold, window=window)
    if spec.method == "novelty":
        return Novelty(threshold=threshold, warm_up=spec.warm_up)
    if spec.method == "seasonal_novelty":
        return SeasonalNovelty(threshold=threshold, warm_up=spec.warm_up)
    return Stuck(threshold=threshold) if spec.method == "stuck" else Silence(threshold=threshold)
