"""The gate: every sample, ours or pushed, is checked, stamped and bounded here, and what is refused is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from bongsu.ingest.columns import EARLIEST, LATEST, REFUSED, UNSTAMPED, Columns
from bongsu.ingest.limits import GateLimits
from bongsu.ingest.names import check_labels, check_metric, shown
from bongsu.ingest.refusals import CODES, Refusals, Refused
from bongsu.model.sample import Batch, Float64s, Int64s, Labels, Refusal, Sample, labels_of
from bongsu.model.series import SeriesLimitReached, SeriesTable
from bongsu.ports import Clock

_NUMBERS = (float, int, np.floating, np.integer)


class SampleGate:
    """Implements the ports `Gate` and `Watched`; decoders use `identify`, `screen` and `count` directly."""

    def __init__(self, *, table: SeriesTable, clock: Clock, limits: GateLimits | None = None) -> None:
        self.table = table
        self.limits = limits or GateLimits()
        self._clock = clock
        self._admitted = 0
        self._refused: Counter[str] = Counter(dict.fromkeys(CODES, 0))
        self._known: dict[tuple[str, Labels], int] = {}
        self._epoch = table.epoch

    def admit(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Batch, tuple[Refusal, ...]]:
        """The good samples as columns, the others with index and reason. `at` stamps those without a time."""
        refusals = Refusals(len(samples))
        batch = self.screen(self._columns(samples, refusals), refusals, arrived=at)
        self.count(len(batch), refusals)
        return batch, refusals.listed()

    def identify(self, metric: object, pairs: Iterable[tuple[object, object]]) -> int:
        """The series' id, new or known.

        Raises:
            Refused: the name or a label is faulty, or the series is new and there are too many.
        """
        name = check_metric(metric, self.limits)
        labels = check_labels(pairs, self.limits)
        try:
            return self.table.intern(name, labels)
        except SeriesLimitReached as error:
            raise Refused("series-limit", str(error)) from None

    def screen(self, columns: Columns, refusals: Refusals, *, arrived: int | None = None) -> Batch:
        """Stamp what has no time, and drop what was refused, isn't finite or lies outside of the window of time."""
        now = self._clock.now()
        series, at, value = columns.series, columns.at, columns.value
        if not len(series):
            return Batch(series=series, at=at, value=value)
        if at.min() == UNSTAMPED:
            at = np.where(at == UNSTAMPED, now if arrived is None else arrived, at)
        first, last = now - self.limits.past_ms, now + self.limits.future_ms
        if series.min() > REFUSED and at.min() >= first and at.max() <= last and np.isfinite(value).all():
            return Batch(series=series, at=at, value=value)
        left = series != REFUSED
        for code, mask, rule in (
            ("not-finite", ~np.isfinite(value), "the value must be a finite number"),
            ("too-old", at < first, f"the oldest time taken just now is {first}"),
            ("too-new", at > last, f"the newest time taken just now is {last} (UTC milliseconds)"),
        ):
            refusals.add_all(code, columns.start, np.flatnonzero(left & mask), _worded(value, at, rule))
            left &= ~mask
        return Batch(series=series[left], at=at[left], value=value[left])

    def count(self, admitted: int, refusals: Refusals) -> None:
        """Add the outcome of one body to the figures."""
        self._admitted += admitted
        self._refused.update(refusals.counts)

    def figures(self) -> Iterable[Sample]:
        """Samples admitted, and samples refused by reason, since the start."""
        yield Sample(metric="bongsu_gate_admitted_total", value=float(self._admitted))
        yield Sample(metric="bongsu_gate_series", value=float(len(self.table)))
        for code, count in self._refused.items():
            yield Sample(metric="bongsu_gate_refused_total", value=float(count), labels=labels_of(reason=code))

    def _columns(self, samples: Sequence[Sample], refusals: Refusals) -> Columns:
        """Samples as columns. Series met before are found by their spelling, without checking it again."""
        if self._epoch != self.table.epoch or len(self._known) > self.table.limit:
            self._known.clear()
            self._epoch = self.table.epoch
        count = len(samples)
        series = np.empty(count, np.int32)
        at = np.empty(count, np.int64)
        value = np.empty(count, np.float64)
        for i, sample in enumerate(samples):
            try:
                series[i] = self._find(sample)
                at[i] = _time(sample.at)
                value[i] = _number(sample.value)
            except Refused as refused:
                refusals.add(i, refused)
                series[i], at[i], value[i] = REFUSED, 0, 0.0
        return Columns(start=0, series=series, at=at, value=value)

    def _find(self, sample: Sample) -> int:
        """The series' id, without checking a spelling that was seen before."""
        try:
            return self._known[sample.metric, sample.labels]
        except KeyError:
            found = self.identify(sample.metric, _pairs(sample.labels))
            self._known[sample.metric, sample.labels] = found
            return found
        except TypeError:  # a mapping instead of pairs: checked each time
            return self.identify(sample.metric, _pairs(sample.labels))


def _worded(value: Float64s, at: Int64s, rule: str) -> Callable[[int], str]:
    return lambda i: f"value {value[i]} at {at[i]}: {rule}"


def _pairs(labels: object) -> Iterable[tuple[object, object]]:
    """Labels of a collector as pairs: a tuple of pairs, or the mapping that people hand over instead."""
    if isinstance(labels, dict):
        return tuple(labels.items())
    if not isinstance(labels, tuple) or any(not isinstance(pair, tuple) or len(pair) != 2 for pair in labels):
        raise Refused(
            "bad-labels", f"labels are {shown(labels)}; they must be pairs of text, as labels_of() makes them"
        )
    return labels


def _time(at: object) -> int:
    if at is None:
        return UNSTAMPED
    if isinstance(at, (int, np.integer)) and EARLIEST <= at <= LATEST:
        return int(at)
    raise Refused("bad-type", f"at is {shown(at)}; it must be whole UTC milliseconds")


def _number(value: object) -> float:
    if not isinstance(value, _NUMBERS):
        raise Refused("bad-type", f"value is {shown(value)}; it must be a number")
    try:
        return float(value)
    except OverflowError:
        raise Refused("not-finite", f"value is {shown(value)}; it is too large") from None
