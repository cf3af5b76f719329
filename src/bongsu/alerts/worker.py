"""The worker behind the service: one turn at a time, kept in one transaction, then told.

What has come in by the time a turn begins is worked out together (`turn.py`), so that a storm costs few transactions.
Only what is kept becomes what is so and is announced; but what nobody would ask for again (a rule's signals, time that
passed) goes on in memory while the records are away, and is kept with the next turn that can be.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar, cast

import structlog
from msgspec.structs import replace

from bongsu.alerts import life
from bongsu.alerts.book import Book, Entry
from bongsu.alerts.life import Temper
from bongsu.alerts.metrics import Tally
from bongsu.alerts.policy import Plan
from bongsu.alerts.silencing import in_force, next_change
from bongsu.alerts.turn import Turn
from bongsu.alerts.waking import Waker
from bongsu.model.alert import Alert, Notice, Silence, Transition
from bongsu.model.alert_json import alert_json
from bongsu.model.errors import BongsuError, TooMany, Unavailable
from bongsu.ports import AlertRecords, Announcer, AuditRecords, Clock, Outbox, SilenceRecords

T = TypeVar("T")

_MOST_WAITING = 10_000
_MOST_UNSAVED = 20_000
_RETRY = 1.0
"""Seconds until what couldn't be kept is tried again."""
_LOOK_AGAIN = 5_000
"""Milliseconds until what a faulty turn should have looked at is looked at again."""
_LONGEST_SLEEP = 30.0
"""Seconds: a wall clock that was set is noticed by then."""
_LONGEST_DOUBT = 5 * 60_000
"""For how long (ms) beyond its duration a pending alert from before a restart waits for its rule to confirm it."""

_log = structlog.get_logger(__name__)


class Records(AlertRecords, SilenceRecords, AuditRecords, Outbox, Protocol):
    """What the service remembers with."""


class Listener(Protocol):
    """Whoever acts on what happens to alerts: automatic actions."""

    def happened(self, steps: Sequence[Transition]) -> None:
        """Steps that are kept. On the event loop; never blocks or raises."""
        ...


class Refuge(Protocol):
    """Where notices go while the records can't take them."""

    async def shelter(self, notices: Sequence[Notice]) -> None:
        """Deliver these meanwhile; raises Unavailable where there are too many."""
        ...

    async def release(self, notices: Sequence[Notice]) -> None:
        """The records have them now; raises StorageFull or Unavailable where their receipts can't be noted."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class _Errand:
    """Something to do in a turn. One that `insists` is not given back when it can't be kept: nobody would ask again."""

    work: Callable[[Turn], object]
    insists: bool
    done: asyncio.Future[object] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    answer: object = None
    error: BongsuError | None = None

    def run(self, turn: Turn) -> None:
        """Do it; what is wrong with it is told to whoever asked."""
        self.answer, self.error = None, None
        try:
            self.answer = self.work(turn)
        except BongsuError as error:
            self.error = error

    def give(self, error: BaseException | None = None) -> None:
        """Answer whoever waits."""
        trouble = error or self.error
        if self.done.done():
            return
        if trouble is None:
            self.done.set_result(self.answer)
        else:
            self.done.set_exception(trouble)


class Worker:
    """Runs turns over the book. `restore` it, `start` it, `stop` it."""

    def __init__(
        self,
        *,
        records: Records,
        clock: Clock,
        plan: Plan,
        announcer: Announcer,
        temper: Temper,
        posted: Callable[[], None],
        listeners: Iterable[Listener],
        new_id: Callable[[], str],
        tally: Tally,
        refuge: Refuge | None = None,
    ) -> None:
        self.plan = plan
        self.book = Book(temper=temper)
        self.silences: dict[str, Silence] = {}
        self._records = records
        self._clock = clock
        self._announcer = announcer
        self._temper = temper
        self._posted = posted
        self._listeners = list(listeners)
        self._new_id = new_id
        self._tally = tally
        self._refuge = refuge
        self._errands: deque[_Errand] = deque()
        self._waker = Waker(clock)
        self._steps: list[Transition] = []
        self._notices: list[Notice] = []
        self._doubted: dict[str, None] = {}
        self._silences_at: int | None = None
        self._in_force: list[Silence] | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Errands not begun."""
        return len(self._errands)

    @property
    def unsaved(self) -> int:
        """Steps and notices that wait in memory for the records to come back."""
        return len(self._steps) + len(self._notices)

    def restore(self, *, silences: Iterable[Silence], over: Iterable[Alert], living: Sequence[Alert]) -> None:
        """Bring back what was so."""
        now = self._clock.now()
        self.silences = {one.id: one for one in silences}
        for alert in over:
            self.book.remember(alert)
        newest = {alert.fingerprint: alert.id for alert in living if alert.phase != "resolved"}
        for alert in living:
            if newest.get(alert.fingerprint, alert.id) != alert.id and alert.phase != "resolved":
                # Kept though we were told it wasn't, and then begun anew: two of one trouble, of which one lives.
                self._enqueue(_Errand(work=partial(_retire, alert_id=alert.id), insists=True))
            if alert.phase == "pending":
                self._doubted[alert.id] = None  # whether its condition stood meanwhile, only its rule can say
            # Nobody could send a pushed one again while we were away: its five minutes begin anew.
            self.book.put(replace(alert, seen_at=now) if alert.source == "pushed" else alert, self.plan)

    def start(self) -> None:
        """Begin to work."""
        self._enqueue(_Errand(work=_look_at_everything, insists=True))
        self._task = asyncio.create_task(self._run(), name="bongsu-alerts")

    async def stop(self) -> None:
        """Finish what has come in, and end. A turn under way is never cut: half of it may be kept already."""
        task, self._task = self._task, None
        if task is not None:
            self._stopping = True
            self._waker.wake()
            await task
        for errand in self._errands:
            errand.give(Unavailable("alerts are stopped"))
        if self.unsaved:
            _log.error("alerts_unsaved", changes=self.unsaved, action="they are lost: the records stayed away")

    def use(self, plan: Plan, temper: Temper | None = None) -> None:
        """From now on this plan holds, and this temper where one is given."""
        self.plan = plan
        if temper is not None:
            self._temper = temper
            self.book.use(temper)
        self._in_force = None
        for alert in list(self.book):
            self.book.put(alert, plan)
        self._enqueue(_Errand(work=_look_at_everything, insists=True))

    def keep_silence(self, silence: Silence) -> None:
        """From the next turn on this silence holds."""
        self.silences[silence.id] = silence
        self._in_force = None

    def drop_silence(self, silence_id: str) -> None:
        """From the next turn on it holds no longer."""
        del self.silences[silence_id]
        self._in_force = None

    async def do(self, work: Callable[[Turn], T], *, insists: bool = False) -> T:
        """Do something in the next turn; its answer, once the turn is kept.

        Raises:
            TooMany: too many wait already (never for what `insists`).
            StorageFull, Unavailable: it couldn't be kept (never for what `insists`).
        """
        if not insists and len(self._errands) >= _MOST_WAITING:
            raise TooMany(f"{len(self._errands)} changes of alerts wait already", retry_after=1)
        errand = _Errand(work=work, insists=insists)
        self._enqueue(errand)
        return cast("T", await errand.done)

    def _enqueue(self, errand: _Errand) -> None:
        self._errands.append(errand)
        self._waker.wake()

    # -- turns -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not (self._stopping and not self._errands):
            await self._waker.wait(self._wake_at())
            try:
                await self._turn()
            except Exception:  # noqa: BLE001 (the supervisor: one faulty turn must not end all alerts)
                self._tally.failures += 1
                _log.exception("alerts_turn_failed", action="the service goes on")

    def _wake_at(self) -> float:
        now = self._clock.now()
        moments = [moment for moment in (self.book.next_at(), self._silences_at) if moment is not None]
        seconds = [_LONGEST_SLEEP, *((moment - now) / 1000 for moment in moments)]
        if self.unsaved:
            seconds.append(_RETRY)
        return self._clock.monotonic() + max(0.0, min(seconds))

    async def _turn(self) -> None:
        """One turn with everything that has come in, and what time brought."""
        errands = list(self._errands)
        self._errands.clear()
        now = self._clock.now()
        entries = self.book.due(now)
        try:
            turn = self._worked_out(errands, entries, now)
            try:
                await self._commit(turn)
            except BongsuError as error:
                turn = await self._go_on_without(errands, entries, now, error)
        except BaseException as error:
            for errand in errands:
                errand.give(error if isinstance(error, Exception) else Unavailable("alerts are stopped"))
            for entry in entries:
                self.book.schedule(entry, now + _LOOK_AGAIN)
            raise
        self._install(turn, entries)
        for errand in errands:
            errand.give()

    def _worked_out(self, errands: Iterable[_Errand], entries: Iterable[Entry], now: int) -> Turn:
        lapsed = self._silences_at is not None and self._silences_at <= now
        if self._in_force is None or lapsed:
            self._look_at_silences(now)
        turn = Turn(
            self.book,
            plan=self.plan,
            temper=self._temper,
            silences=self._in_force or (),
            now=now,
            new_id=self._new_id,
        )
        if lapsed:
            turn.look_at_all()
        for errand in errands:
            errand.run(turn)
        for kind, name in entries:
            if kind == "group":
                turn.look_at(name)
                continue
            alert = turn.get(name)
            if alert is not None:
                turn.add(self._in_time(alert, now))
        turn.finish()
        return turn

    def _in_time(self, alert: Alert, now: int) -> life.Steps:
        """What time alone brought; a pending alert from before a restart waits for its rule's word."""
        if alert.id not in self._doubted:
            return life.on_time(alert, now, temper=self._temper)
        doubted_until = alert.pending_at + alert.for_ms + _LONGEST_DOUBT
        if now < doubted_until:
            self.book.schedule(("alert", alert.id), doubted_until)
            return ()
        return life.retired(alert, now)

    async def _commit(self, turn: Turn) -> None:
        if turn.empty and not self.unsaved:
            return
        await self._records.commit([*self._steps, *turn.transitions()], [*self._notices, *turn.notices])
        sheltered, self._steps, self._notices = self._notices, [], []
        if self._refuge is not None and sheltered:
            try:
                await self._refuge.release(sheltered)
            except BongsuError as error:
                # Kept with the next turn that can be; the records know these ids already.
                self._notices = sheltered
                _log.warning("receipts_unsaved", cause=error.detail, action="tried again every second")

    async def _go_on_without(
        self, errands: Sequence[_Errand], entries: Sequence[Entry], now: int, error: BongsuError
    ) -> Turn:
        """The records are away: who can ask again is told so, the rest happens and is kept later."""
        self._tally.failures += 1
        for errand in errands:
            if not errand.insists:
                errand.give(error)
        turn = self._worked_out([errand for errand in errands if errand.insists], entries, now)
        self._steps += turn.transitions()
        self._notices += turn.notices
        if self._refuge is not None and turn.notices:
            try:
                await self._refuge.shelter(turn.notices)
            except BongsuError as full:
                _log.error("notices_delayed", cause=full.detail, action="they are sent once the records are back")
        lost = max(0, self.unsaved - _MOST_UNSAVED)
        del self._steps[: min(lost, len(self._steps))]
        del self._notices[: max(0, len(self._notices) - _MOST_UNSAVED)]
        self._tally.lost += lost
        _log.warning("alerts_unsaved", cause=error.detail, changes=self.unsaved, action="tried again every second")
        return turn

    def _install(self, turn: Turn, entries: Iterable[Entry]) -> None:
        """What the turn worked out is so from now on."""
        book, plan = self.book, self.plan
        for alert in turn.changed.values():
            book.put(alert, plan)
            if alert.phase != "pending":
                self._doubted.pop(alert.id, None)
        for name in turn.confirmed if self._doubted else ():
            known = book.get(name) if self._doubted.pop(name, "") is None else None
            if known is not None:
                book.put(known, plan)
        for kind, name in entries:
            looked_at = book.get(name) if kind == "alert" else None
            if looked_at is not None and name not in turn.changed and name not in self._doubted:
                book.put(looked_at, plan)
        for group, moment in turn.looks:
            book.schedule(("group", group), moment)
        for group in turn.spoke:
            book.speak(group, turn.now, plan.pace.burst)
        book.forget_spoken(turn.now - plan.pace.interval)
        self._publish(turn)

    def _look_at_silences(self, now: int) -> None:
        """Which are in force, and when that changes."""
        known = (*self.silences.values(), *self.plan.maintenance)
        self._in_force = [one for one in known if in_force(one, now)]
        changes = {one.id: next_change(one, now) for one in known}
        self._silences_at = min((moment for moment in changes.values() if moment is not None), default=None)
        self.silences = {name: one for name, one in self.silences.items() if changes[name] is not None}

    def _publish(self, turn: Turn) -> None:
        self._tally.count(turn.steps, turn.notices)
        for step in turn.steps:
            body = {"change": step.change, "alert": alert_json(step.alert)}
            self._announcer.announce("alert", body, topic="alerts")
        for listener in self._listeners:
            listener.happened(turn.steps)
        if turn.notices:
            self._posted()


def _look_at_everything(turn: Turn) -> None:
    turn.look_at_all()
    for group in turn.groups():
        turn.look_at(group)


def _retire(turn: Turn, *, alert_id: str) -> None:
    alert = turn.get(alert_id)
    if alert is not None:
        turn.add(life.retired(alert, turn.now))
