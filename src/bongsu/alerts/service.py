"""The alert service: takes signals and pushes, lets the life cycle go on, keeps every change, tells who must hear."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from bongsu.alerts import life, metrics
from bongsu.alerts.life import DEFAULT_TEMPER, Temper, fingerprint_of
from bongsu.alerts.policy import Plan
from bongsu.alerts.signal import Signal
from bongsu.alerts.silencing import in_force, next_change
from bongsu.alerts.telling import worst_first
from bongsu.alerts.turn import Turn
from bongsu.alerts.worker import Listener, Records, Refuge, Worker
from bongsu.model.alert import Alert, AuditEntry, Delivery, Push, Silence, Transition
from bongsu.model.errors import Conflict, NotFound, TooMany
from bongsu.model.sample import Sample
from bongsu.ports import Announcer, Clock

_MOST_ALERTS = 10_000
_MOST_SILENCES = 1_000
_RESTORED = 5_000
"""Alerts that are over of which the recent beginnings are read back at the start."""


class AlertService:
    """Implements the port `Alerts`. `open` it, `start` it, `stop` it; used on one event loop.

    Args:
        plan: who is told what when.
        posted: called after notices were put into the outbox.
        new_id: makes ids of alerts, notices and silences.
        refuge: delivers notices while the records can't take them; without, they wait.
        limit: living alerts at once; further ones are refused, and counted.
    """

    def __init__(
        self,
        *,
        records: Records,
        clock: Clock,
        plan: Plan,
        announcer: Announcer,
        temper: Temper = DEFAULT_TEMPER,
        posted: Callable[[], None] = lambda: None,
        listeners: Iterable[Listener] = (),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
        limit: int = _MOST_ALERTS,
        refuge: Refuge | None = None,
    ) -> None:
        self._records = records
        self._clock = clock
        self._temper = temper
        self._new_id = new_id
        self._limit = limit
        self._tally = metrics.Tally()
        self._worker = Worker(
            records=records,
            clock=clock,
            plan=plan,
            announcer=announcer,
            temper=temper,
            posted=posted,
            listeners=listeners,
            new_id=new_id,
            tally=self._tally,
            refuge=refuge,
        )

    # -- life of the service -----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Bring back what was so: living alerts, recent beginnings, silences.

        Raises:
            StorageFull, Unavailable: the records can't be read.
        """
        now = self._clock.now()
        over = await self._records.past(start=now - self._temper.flap_window, end=now + 1, limit=_RESTORED)
        self._worker.restore(
            silences=await self._records.silences(),
            over=[alert for alert in reversed(over) if alert.phase == "resolved"],
            living=await self._records.living(),
        )

    def start(self) -> None:
        """Begin to work; what time alone brought while we were away follows at once."""
        self._worker.start()

    async def stop(self) -> None:
        """Finish what has come in, and end."""
        await self._worker.stop()

    def use(self, plan: Plan, temper: Temper | None = None) -> None:
        """From now on this plan holds: channels, policies, windows; and this temper where one is given."""
        self._temper = temper or self._temper
        self._worker.use(plan, temper)

    # -- what happens ------------------------------------------------------------------------------------------

    async def take(self, signals: Sequence[Signal]) -> None:
        """What a rule's conditions say; returns once it is kept, or waits in memory because the records are away."""
        if signals:
            await self._worker.do(lambda turn: self._signals(turn, signals), insists=True)

    async def push(self, push: Push) -> Alert | None:
        """An alert that somebody's program sent, as it stands then; None where it says that nothing known is over.

        Raises:
            TooMany, StorageFull, Unavailable: nothing was kept.
        """
        return await self._worker.do(lambda turn: self._push(turn, push))

    async def acknowledge(self, alert_id: str, *, by: str, note: str = "", lasts: int | None = None) -> Alert:
        """Somebody has it in hand, for `lasts` ms where a limit is given.

        Raises:
            NotFound: there is no such alert.
            Conflict: it is over, or was never open.
            StorageFull, Unavailable: nothing was kept.
        """

        def step(alert: Alert, now: int) -> life.Steps:
            until = None if lasts is None else now + lasts
            return life.acknowledge(alert, by=by, note=note, until=until, now=now)

        return await self._act(alert_id, step, otherwise="it isn't open")

    async def unacknowledge(self, alert_id: str, *, by: str, note: str = "") -> Alert:
        """Nobody has it in hand any more. Raises as `acknowledge`."""
        return await self._act(
            alert_id,
            lambda alert, now: life.unacknowledge(alert, by=by, note=note, now=now),
            otherwise="it isn't acknowledged",
        )

    async def resolve(self, alert_id: str, *, by: str, note: str = "") -> Alert:
        """Somebody says it is over. Raises as `acknowledge`."""
        return await self._act(
            alert_id, lambda alert, now: life.resolve(alert, by=by, note=note, now=now), otherwise="it isn't open"
        )

    async def acknowledge_notice(self, notice_id: str, *, by: str, note: str = "", lasts: int | None = None) -> int:
        """Acknowledge every alert of a notice that is still firing; how many they were.

        Raises:
            NotFound: there is no such notice.
            StorageFull, Unavailable: nothing was kept.
        """
        ids = [alert.id for alert in await self.told_by(notice_id)]

        def work(turn: Turn) -> int:
            until = None if lasts is None else turn.now + lasts
            firing = [alert for one in ids if (alert := turn.get(one)) is not None and alert.phase == "firing"]
            for alert in firing:
                turn.add(life.acknowledge(alert, by=by, note=note, until=until, now=turn.now))
            return len(firing)

        return await self._worker.do(work)

    async def told_by(self, notice_id: str) -> list[Alert]:
        """The alerts of a notice as they stand now, worst first.

        Raises:
            NotFound: there is no such notice.
        """
        delivery = await self._records.delivery(notice_id)
        if delivery is None:
            raise NotFound("this message is no longer known")
        found = [self._worker.book.get(one.id) or await self._records.alert(one.id) for one in delivery.notice.alerts]
        return worst_first(alert for alert in found if alert is not None)

    # -- silences ----------------------------------------------------------------------------------------------

    def silences(self) -> list[tuple[Silence, bool]]:
        """Silences and maintenance windows that are or will be in force, and whether they are now."""
        now = self._clock.now()
        known = [*self._worker.silences.values(), *self._worker.plan.maintenance]
        return [(one, in_force(one, now)) for one in known if next_change(one, now) is not None]

    async def silence(self, silence: Silence) -> Silence:
        """Keep a silence; it gets its id and its moment.

        Raises:
            TooMany: there are too many already.
            StorageFull, Unavailable: it wasn't kept.
        """
        if len(self._worker.silences) >= _MOST_SILENCES:
            raise TooMany(f"there are {_MOST_SILENCES} silences already", hint="end some first", retry_after=60)
        kept = replace(silence, id=self._new_id(), created_at=self._clock.now())
        await self._records.save(kept)
        self._worker.keep_silence(kept)
        await self._audit(kept.by, "silence", kept.id, kept.reason)
        await self._worker.do(lambda turn: turn.look_at_all(), insists=True)
        return kept

    async def end_silence(self, silence_id: str, *, by: str) -> Silence:
        """End a silence now.

        Raises:
            NotFound: there is no such silence.
            Conflict: it stands in the settings.
        """
        if any(one.id == silence_id for one in self._worker.plan.maintenance):
            raise Conflict("this window stands in the settings", hint="take it out of alerts.maintenance")
        known = self._worker.silences.get(silence_id)
        if known is None:
            raise NotFound(f"there is no silence {silence_id[:40]!r}")
        ended = replace(known, ended_at=self._clock.now())
        await self._records.save(ended)
        self._worker.drop_silence(silence_id)
        await self._audit(by, "unsilence", silence_id, known.reason)
        await self._worker.do(lambda turn: turn.look_at_all(), insists=True)
        return ended

    # -- what is so --------------------------------------------------------------------------------------------

    def open_alerts(self) -> list[Alert]:
        """What is firing or acknowledged, worst first."""
        return worst_first(alert for alert in self._worker.book if alert.open)

    def pending_alerts(self) -> list[Alert]:
        """What has yet to last its duration, worst first."""
        return worst_first(alert for alert in self._worker.book if alert.phase == "pending")

    async def past(self, *, start: int, end: int, text: str = "", limit: int = 200) -> list[Alert]:
        """Alerts that fired in a range, newest first; see `ports.AlertRecords`."""
        return await self._records.past(start=start, end=end, text=text, limit=limit)

    async def alert(self, alert_id: str) -> Alert:
        """One alert as it stands, also one that is long over.

        Raises:
            NotFound: there is none.
        """
        found = self._worker.book.get(alert_id) or await self._records.alert(alert_id)
        if found is None:
            raise NotFound(f"there is no alert {alert_id[:40]!r}")
        return found

    async def steps(self, alert_id: str) -> list[Transition]:
        """The steps of its life, oldest first; without those that tell only who has heard of it."""
        steps = await self._records.transitions(alert_id=alert_id)
        told: list[Transition] = []
        for step in steps:
            if not (told and step.change == "updated" and _seen(step.alert) == _seen(told[-1].alert)):
                told.append(step)
        return told

    async def deliveries(self, alert_id: str) -> list[Delivery]:
        """The newest messages that told of it, newest first."""
        return await self._records.deliveries_of(alert_id)

    def figures(self) -> Iterable[Sample]:
        """What the service tells about itself."""
        return self._tally.samples(self._worker.book, waiting=self._worker.waiting, unsaved=self._worker.unsaved)

    # -- works -------------------------------------------------------------------------------------------------

    async def _audit(self, by: str, action: str, subject: str, detail: str) -> None:
        await self._records.note(AuditEntry(at=self._clock.now(), by=by, action=action, subject=subject, detail=detail))

    def _signals(self, turn: Turn, signals: Sequence[Signal]) -> None:
        for signal in signals:
            known = turn.newest(fingerprint_of(signal.rule, signal.metric, signal.labels))
            if known is not None:
                turn.confirmed.append(known.id)
            steps = life.on_signal(known, signal, new_id=self._new_id, temper=self._temper)
            if steps and (known is None or known.phase == "resolved") and self._full(turn):
                self._tally.refused += 1
                continue
            turn.add(steps)

    def _push(self, turn: Turn, push: Push) -> Alert | None:
        known = turn.newest(fingerprint_of("", push.metric, push.labels, push.message))
        steps = life.on_push(known, push, new_id=self._new_id, temper=self._temper)
        if steps and (known is None or known.phase == "resolved") and self._full(turn):
            self._tally.refused += 1
            raise TooMany(f"{self._limit} alerts are open already", hint="resolve some first", retry_after=60)
        turn.add(steps)
        return steps[-1].alert if steps else None

    def _full(self, turn: Turn) -> bool:
        return len(self._worker.book) + len(turn.changed) >= self._limit and len(turn.alerts()) >= self._limit

    async def _act(self, alert_id: str, step: Callable[[Alert, int], life.Steps], *, otherwise: str) -> Alert:
        def work(turn: Turn) -> Alert | None:
            alert = turn.get(alert_id)
            if alert is None:
                return None
            steps = step(alert, turn.now)
            if not steps:
                raise Conflict(f"nothing was changed: {otherwise}")
            turn.add(steps)
            return steps[-1].alert

        done = await self._worker.do(work)
        if done is None:
            await self.alert(alert_id)
            raise Conflict("nothing was changed: it is over")
        return done


def _seen(alert: Alert) -> Alert:
    """What people see of it."""
    return replace(alert, heard=())
