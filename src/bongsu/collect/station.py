"""A station: one collector's place in the schedule, with what became of its readings."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterable
from typing import Literal, TypeAlias

from bongsu.model.sample import Labels, Refusal, Sample, labels_of
from bongsu.ports import Collector

Way: TypeAlias = Literal["inline", "thread", "task"]
"""How a collector is read: on the loop (cheap and never blocking), in a thread, or as a task of the loop."""

SHORTEST = 0.01
"""The shortest interval, in seconds."""

_log = logging.getLogger(__name__)


class Station:
    """Counts and tells what one collector does. Trouble is logged when it begins, changes and ends, not each time."""

    def __init__(self, collector: Collector, *, due: float) -> None:
        self.collector = collector
        self.name = collector.name
        self.interval = _interval(collector)
        self.timeout = float(getattr(collector, "timeout", None) or max(10.0, 2 * self.interval))
        self.way = _way(collector)
        self.due = due
        self.started: float | None = None
        self.duration = 0.0
        self.succeeded: float | None = None
        self.skipped = 0
        self.errors = 0
        self.refused = 0
        self.samples = 0
        """How many the last reading gave that gave any."""
        self.stuck = False
        self._labels: Labels = labels_of(collector=self.name)
        self._trouble: str | None = None
        self._since = 0
        self._refusal: str | None = None

    @property
    def prompt(self) -> bool:
        """Whether its readings come back fast enough to wait for."""
        return self.way == "inline" or self.duration < 0.02

    def after(self, now: float) -> float:
        """The moment whose successor on the grid is next: the one that was due, or now if a whole interval was lost."""
        return self.due if now < self.due + self.interval else now

    def plan(self, following: float) -> None:
        """Be due at `following`; the moments of the grid passed over are counted as skipped."""
        self.skipped += max(0, int((following - self.due) / self.interval - 0.51))
        self.due = following

    def retime(self, interval: float, now: float) -> None:
        """Be read at this interval from now on; the collector is told, for whoever reads it there.

        Raises:
            ValueError: it is too short.
        """
        vars(self.collector)["interval"] = interval  # a plain attribute of ours; the port only reads it
        self.interval = _interval(self.collector)
        self.timeout = float(getattr(self.collector, "timeout", None) or max(10.0, 2 * self.interval))
        self.due = now

    def begins(self, now: float) -> None:
        """A reading starts."""
        self.started = now

    def ends(self, now: float) -> None:
        """The reading is over, however it went."""
        if self.started is not None:
            self.duration = now - self.started
        self.started = None
        self.stuck = False

    def works(self, now: float) -> None:
        """The reading gave samples."""
        self.succeeded = now
        if self._trouble is not None:
            _log.info("collector %s works again after %d failures", self.name, self.errors - self._since)
            self._trouble = None

    def fails(self, error: BaseException) -> None:
        """The reading raised; the same trouble as last time is only counted."""
        self._note(f"{type(error).__name__} at {_place(error)}", f"{type(error).__name__}: {error}", error)

    def hangs(self) -> None:
        """The reading takes longer than its time-out."""
        self.stuck = True
        what = f"no answer within {self.timeout:g} s; other collectors go on, this one waits for it to come back"
        self._note("stuck", what, None)

    def _note(self, kind: str, what: str, error: BaseException | None) -> None:
        if self._trouble is None:
            self._since = self.errors
        self.errors += 1
        if kind == self._trouble:
            return
        self._trouble = kind
        _log.warning(
            "collector %s fails: %s", self.name, what, exc_info=error if _log.isEnabledFor(logging.DEBUG) else None
        )

    def refuses(self, refusals: list[tuple[Sample, Refusal]]) -> None:
        """The gate took some samples not; told once per kind of fault."""
        self.refused += len(refusals)
        sample, refusal = refusals[0]
        kind = f"{refusal.code} {sample.metric}"
        if kind != self._refusal:
            self._refusal = kind
            _log.warning("collector %s: %r was refused: %s", self.name, sample.metric, refusal.reason)

    def figures(self, now: float) -> Iterable[Sample]:
        """What became of its readings so far."""
        yield Sample(metric="bongsu_collector_duration_seconds", value=self.duration, labels=self._labels)
        yield Sample(metric="bongsu_collector_skipped_total", value=self.skipped, labels=self._labels)
        yield Sample(metric="bongsu_collector_errors_total", value=self.errors, labels=self._labels)
        yield Sample(metric="bongsu_collector_refused_total", value=self.refused, labels=self._labels)
        yield Sample(metric="bongsu_collector_stuck", value=float(self.stuck), labels=self._labels)
        if self.succeeded is not None:
            yield Sample(metric="bongsu_collector_age_seconds", value=now - self.succeeded, labels=self._labels)


def _interval(collector: Collector) -> float:
    given: object = collector.interval
    if isinstance(given, int | float) and SHORTEST <= given < float("inf"):
        return float(given)
    raise ValueError(f"collector {collector.name!r}: interval is {given!r}; it must be seconds, at least {SHORTEST}")


def _way(collector: Collector) -> Way:
    if inspect.iscoroutinefunction(collector.collect) or getattr(collector, "awaits", False):
        return "task"
    return "inline" if getattr(collector, "inline", False) else "thread"


def _place(error: BaseException) -> str:
    """Where it was raised: the text of an error may hold a changing number, its place does not."""
    trace = error.__traceback__
    if trace is None:
        return "unknown"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
