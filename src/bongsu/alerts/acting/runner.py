"""The runner: hears what happens to alerts, does what is configured for it, and writes down each time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec
import structlog

from bongsu.alerts.acting.action import HOUR, Action, BadArgument, Run, refusal, started_by
from bongsu.alerts.acting.deeds import LONGEST_OUTPUT, Deeds, Failed
from bongsu.model.alert import AuditEntry, Transition
from bongsu.model.errors import BongsuError
from bongsu.model.sample import Sample
from bongsu.ports import AuditRecords, Clock
from bongsu.redaction import Redactor

Outcome: TypeAlias = Literal["done", "failed", "timed_out", "dry_run", "cooldown", "rate", "refused", "dropped"]

AUDITED = "action"
_MOST_WAITING = 1_000
_AT_ONCE = 4
_REMEMBERED = 10_000
_log = structlog.get_logger(__name__)


class ActionRunner:
    """Implements `Listener` and `Watched`. `open` it, then it hears; `stop` it. Used on one event loop."""

    def __init__(
        self, actions: Sequence[Action], *, deeds: Deeds, records: AuditRecords, clock: Clock, redactor: Redactor
    ) -> None:
        self._actions = tuple(actions)
        self._deeds = deeds
        self._records = records
        self._clock = clock
        self._redactor = redactor
        self._waiting: asyncio.Queue[tuple[Action, Transition]] = asyncio.Queue(_MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self._runs: list[Run] = []
        self._outcomes: Counter[tuple[str, Outcome]] = Counter()

    async def open(self) -> None:
        """Remember the runs of before, so that a restart resets no cooldown; begin to act.

        Raises:
            StorageFull, Unavailable: the audit can't be read.
        """
        if not self._actions:
            return
        longest = max(HOUR, *(action.cooldown for action in self._actions))
        for entry in await self._records.audit(start=self._clock.now() - longest, limit=_REMEMBERED):
            if entry.action == AUDITED:
                self._remember(entry)
        self._tasks = [asyncio.create_task(self._work(), name=f"bongsu-action-{n}") for n in range(_AT_ONCE)]

    async def stop(self) -> None:
        """End; what runs is ended with it."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()

    def happened(self, steps: Sequence[Transition]) -> None:
        """Steps that are kept; what they start is done soon. Never blocks."""
        if not self._actions:
            return
        for step in steps:
            for action in started_by(step, self._actions):
                try:
                    self._waiting.put_nowait((action, step))
                except asyncio.QueueFull:
                    self._outcomes[action.name, "dropped"] += 1

    def figures(self) -> Iterable[Sample]:
        """How often each action ran, and how it came out."""
        for (name, outcome), count in self._outcomes.items():
            labels = (("action", name), ("outcome", outcome))
            yield Sample(metric="bongsu_actions_total", labels=labels, value=float(count))

    async def _work(self) -> None:
        while True:
            action, step = await self._waiting.get()
            try:
                await self._act(action, step)
            except Exception:  # noqa: BLE001 (the supervisor: one faulty action must not end the others)
                _log.exception("action_failed", action=action.name)

    async def _act(self, action: Action, step: Transition) -> None:
        now = self._clock.now()
        denied = refusal(action, step.alert, self._runs, now)
        if denied is not None:
            await self._note(action, step, denied, "", 0)
            return
        if action.dry_run:
            await self._note(action, step, "dry_run", repr(action.deed), 0)
            return
        self._runs = [run for run in self._runs if run.at > now - max(HOUR, action.cooldown)][-_REMEMBERED:]
        self._runs.append(Run(action=action.name, fingerprint=step.alert.fingerprint, at=now))
        outcome, output = await self._done(action, step)
        await self._note(action, step, outcome, output, self._clock.now() - now)

    async def _done(self, action: Action, step: Transition) -> tuple[Outcome, str]:
        doing = asyncio.create_task(self._deeds.do(action.deed, step))
        ends = asyncio.create_task(self._clock.sleep_until(self._clock.monotonic() + action.time_out / 1000))
        try:
            await asyncio.wait((doing, ends), return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                return "timed_out", f"ended after {action.time_out / 1000:g} s"
            return "done", doing.result()
        except BadArgument as error:
            return "refused", str(error)
        except Failed as error:
            return "failed", str(error)
        finally:
            for task in (doing, ends):
                task.cancel()
            await asyncio.wait((doing, ends))

    async def _note(self, action: Action, step: Transition, outcome: Outcome, output: str, took: int) -> None:
        self._outcomes[action.name, outcome] += 1
        said = self._redactor.text(output)[:LONGEST_OUTPUT]
        _log.info("action", name=action.name, outcome=outcome, alert=step.alert.id, ms=took)
        detail = {
            "action": action.name,
            "outcome": outcome,
            "change": step.change,
            "fingerprint": step.alert.fingerprint,
            "ms": took,
            "output": said,
        }
        entry = AuditEntry(
            at=self._clock.now(),
            by=f"action:{action.name}",
            action=AUDITED,
            subject=step.alert.id,
            detail=msgspec.json.encode(detail).decode(),
        )
        try:
            await self._records.note(entry)
        except BongsuError as error:
            _log.error("action_unaudited", name=action.name, outcome=outcome, cause=error.detail)

    def _remember(self, entry: AuditEntry) -> None:
        try:
            detail = msgspec.json.decode(entry.detail, type=dict[str, object])
        except msgspec.DecodeError:
            return
        if detail.get("outcome") in ("done", "failed", "timed_out"):
            run = Run(action=str(detail.get("action")), fingerprint=str(detail.get("fingerprint")), at=entry.at)
            self._runs.append(run)
