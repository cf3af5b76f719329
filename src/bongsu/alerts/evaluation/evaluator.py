"""Rules against what passes: a tap that evaluates soon after arrival, and each second for what is silent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import TypeAlias

import structlog

from bongsu.alerts.evaluation.condition import BREACH
from bongsu.alerts.evaluation.evaluation import Evaluation, Setting
from bongsu.alerts.evaluation.metrics import samples
from bongsu.alerts.evaluation.warming import warm
from bongsu.alerts.signal import Signal
from bongsu.model.alert import Alert
from bongsu.model.backtest import Standing
from bongsu.model.errors import BongsuError
from bongsu.model.query import Latest
from bongsu.model.rule import Rule
from bongsu.model.sample import Batch, Sample
from bongsu.ports import Clock, History

Take: TypeAlias = Callable[[Sequence[Signal]], Awaitable[None]]
"""Who hears the signals: the alerts' `take`. What it raises is logged, and the same is told again."""

BEAT = 1.0
"""Seconds between two rounds when nothing arrives."""
_SLACK, _ABOUT = 0.1, 0.02
"""Seconds that a beat waits for readings that come once a second, and that it may itself be early."""
PAUSE = 0.05
"""Seconds that two rounds are apart at least; what arrives after a pause is evaluated at once."""
SHARE = 0.2
"""The part of a core that evaluation takes at most: after a long round the pause is longer."""
TOLD_AT_ONCE = 1_000
NOTED = 2_000_000
"""Samples that may wait for a round; beyond, the oldest batches are dropped and counted."""
WARM_SECONDS = 10.0
_AGAIN = 1.0
_LOOKED_AT_ONCE = 2_000

_log = structlog.get_logger(__name__)


class RuleEvaluator:
    """Implements `Tap` and `Watched`. All methods are called on one event loop.

        evaluator = RuleEvaluator(take=alerts.take, setting=…, history=history, clock=clock)
        pipeline.tap(evaluator)               # after the detectors
        await evaluator.start(rules, await records.living())
        await evaluator.replace(other_rules)  # any time
        await evaluator.stop()                # before the alerts' service

    Signals come when a condition changes; while a breach stands, at most every five seconds with a newer value and
    every minute without. One `take` runs at a time. Where a rule is removed, switched off, or loses its series, its
    alert gets a `clear` whose message says so.
    """

    def __init__(self, *, take: Take, setting: Setting, history: History, clock: Clock) -> None:
        """Nothing runs before `start`; what passes before is not seen."""
        self._take = take
        self._setting = setting
        self._history = history
        self._clock = clock
        self._evaluation = Evaluation((), setting)
        self._noted: list[Batch] = []
        self._waiting = 0
        self._open = False
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._telling = asyncio.Lock()
        self._replacing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._due = False
        self._began = -BEAT
        """When the last round began."""
        self._count = dict.fromkeys(
            ("rounds", "rounds_skipped", "samples_dropped", "signals", "signals_failed", "errors"), 0
        )
        self._seconds = 0.0
        self._longest = 0.0

    # -- the tap -----------------------------------------------------------------------------------------------

    def observe(self, batch: Batch) -> None:
        """Take note of a batch, if any of its series is a rule's or new."""
        if not self._open or not len(batch) or not self._concerns(batch):
            return
        self._noted.append(batch)
        self._waiting += len(batch)
        while self._waiting > NOTED and len(self._noted) > 1:
            oldest = self._noted.pop(0)
            self._waiting -= len(oldest)
            self._count["samples_dropped"] += len(oldest)
        self._wake.set()

    def _concerns(self, batch: Batch) -> bool:
        evaluation = self._evaluation
        if evaluation.stale:
            return True
        return bool(evaluation.watched[batch.series].any())

    # -- life --------------------------------------------------------------------------------------------------

    async def start(self, rules: Sequence[Rule], standing: Iterable[Alert] = ()) -> None:
        """Begin: windows filled from history (ten seconds at most), `standing` alerts taken up as they stand."""
        evaluation = self._evaluation = Evaluation(rules, self._setting)
        self._open = True
        await self._look(evaluation)
        evaluation.resume(standing, self._clock.now())
        await self._warm(evaluation, None)
        self._tasks = [
            asyncio.create_task(self._rounds(), name="rules-rounds"),
            asyncio.create_task(self._beats(), name="rules-beats"),
            asyncio.create_task(self._tell(), name="rules-signals"),
        ]

    async def stop(self) -> None:
        """End; what wasn't told yet is told after the next start, from the alerts that stand then."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    async def replace(self, rules: Sequence[Rule]) -> None:
        """Put another set of rules in force. What both sets know goes on as it stands.

        Whatever goes wrong while the new set is made is raised, and the rules that ran go on.
        """
        async with self._replacing:
            fresh = Evaluation(rules, self._setting)
            await self._look(fresh)
            async with self._telling:
                old = self._evaluation
                fresh.adopt(old, self._clock.now())
                self._evaluation = fresh
            self._wake.set()
            self._news.set()
            await self._warm(fresh, old)

    async def _look(self, evaluation: Evaluation) -> None:
        """Let a new set see every series, and the loop go on meanwhile."""
        for _ in iter(lambda: evaluation.discover(self._clock.now(), most=_LOOKED_AT_ONCE), True):
            await asyncio.sleep(0)

    async def _warm(self, evaluation: Evaluation, old: Evaluation | None, *, newest: bool = False) -> None:
        columns = evaluation.columns
        known = old.columns.places.keys() if old is not None else set()
        try:
            cold = await warm(
                columns,
                [key for key in columns.places if key not in known],
                history=self._history,
                table=self._setting.table,
                clock=self._clock,
                seconds=WARM_SECONDS,
                newest=newest,
            )
        except BongsuError as error:
            _log.warning("rules_windows_cold", cause=error.detail, action="they fill with what passes")
            return
        if cold:
            _log.warning("rules_windows_cold", count=cold, action="they fill with what passes")

    # -- what runs ---------------------------------------------------------------------------------------------

    async def _beats(self) -> None:
        next_at, steady = self._clock.monotonic(), False
        while True:
            next_at = max(next_at + BEAT, self._clock.monotonic())
            await self._clock.sleep_until(next_at)
            if self._clock.monotonic() - self._began < BEAT - _ABOUT:
                # readings made a round: the next is due a second later, or with readings that come once a second
                self._due, next_at = True, self._began + _SLACK * steady
                steady = True
                continue
            steady = False
            if self._due:
                self._count["rounds_skipped"] += 1
            self._due = True
            self._wake.set()

    async def _rounds(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = self._began = self._clock.monotonic()
            try:
                self._round()
            except Exception:  # noqa: BLE001 - supervised: one bad round must not end alerting
                self._count["errors"] += 1
                _log.exception("rules_round_failed", action="the next round goes on")
            took = self._clock.monotonic() - began
            self._seconds += took
            self._longest = max(self._longest, took)
            await self._clock.sleep_until(began + max(PAUSE, took / SHARE))

    def _round(self) -> None:
        evaluation, now = self._evaluation, self._clock.now()
        batches, self._noted, self._waiting = self._noted, [], 0
        beat, self._due = self._due, False
        if evaluation.stale:
            evaluation.discover(now)
        changed = evaluation.round(batches, now)
        self._count["rounds"] += 1
        if changed or beat:
            self._news.set()

    async def _tell(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                async with self._telling:
                    await self._tell_all()
            except Exception as error:  # noqa: BLE001 - supervised: whatever the alerts raise, they are told again
                if isinstance(error, BongsuError):
                    _log.warning("rules_signals_not_taken", cause=error.detail, action="told again in a second")
                else:
                    _log.exception("rules_signals_not_taken", action="told again in a second")
                await self._clock.sleep_until(self._clock.monotonic() + _AGAIN)
                self._news.set()

    async def _tell_all(self) -> None:
        while True:
            evaluation, now = self._evaluation, self._clock.now()
            gone = list(islice(evaluation.departed.items(), TOLD_AT_ONCE))
            rows = evaluation.to_tell(now, most=TOLD_AT_ONCE - len(gone))
            changes = [evaluation.signal(int(row), now) for row in rows]
            signals = [*(signal for _, signal in gone), *changes]
            if not signals:
                return
            try:
                await self._take(signals)
            except Exception:
                self._count["signals_failed"] += len(signals)
                raise
            self._count["signals"] += len(signals)
            for key, _ in gone:
                evaluation.departed.pop(key, None)
            evaluation.mark_told(rows, changes, now)
            if len(signals) < TOLD_AT_ONCE:
                return

    # -- what it tells -----------------------------------------------------------------------------------------

    async def preview(self, rule: Rule, newest: Iterable[Latest] = ()) -> list[Standing]:
        """How a rule would stand now, worst first; nobody is told.

        `newest` are the newest samples of its metric; its windows come from history.
        """
        trial = Evaluation([rule], self._setting)
        await self._look(trial)
        trial.columns.inherit(self._evaluation.columns)
        for latest in newest:
            trial.columns.put_newest(self._setting.table.find(latest.metric, latest.labels), latest.at, latest.value)
        await self._warm(trial, self._evaluation, newest=True)
        trial.round((), self._clock.now())
        return trial.standing()

    def figures(self) -> Iterable[Sample]:
        """What evaluation tells about itself."""
        evaluation, rows = self._evaluation, self._evaluation.rows
        longest, self._longest = self._longest, 0.0
        return samples(
            {
                "bongsu_rules_enabled": len(evaluation.rules),
                "bongsu_rules_rows": len(rows),
                "bongsu_rules_rows_refused_total": rows.refused,
                "bongsu_rules_breaches": int((rows.condition == BREACH).sum()),
                "bongsu_rules_state_bytes": evaluation.columns.state_bytes,
                "bongsu_rules_seconds_total": self._seconds,
                "bongsu_rules_longest_seconds": longest,
                **{f"bongsu_rules_{name}_total": count for name, count in self._count.items()},
            }
        )
