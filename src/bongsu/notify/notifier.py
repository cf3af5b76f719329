"""The notifier: every channel of the settings, fed from the durable outbox."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Self

import structlog
from msgspec.structs import replace

from bongsu.model.alert import Delivery, DeliveryState, Notice, Severity
from bongsu.model.catalogue import builtin
from bongsu.model.channel import ChannelState, ChannelStatus
from bongsu.model.errors import BadRequest, BongsuError, NotFound
from bongsu.model.sample import Sample, labels_of
from bongsu.notify.classing import CLASSES
from bongsu.notify.content import LinkOf, no_link
from bongsu.notify.http import Http
from bongsu.notify.lane import IDLE, Lane
from bongsu.notify.line import Line
from bongsu.notify.registry import channels_of
from bongsu.notify.render import Renderer
from bongsu.notify.tools import Listening, PacedChannel, Tools
from bongsu.ports import Acknowledger, Clock, Outbox
from bongsu.redaction import Redactor
from bongsu.settings.model import Settings
from bongsu.settings.show import secrets_in

MOST_TEXT = 20_000
"""Characters of a plain message."""
_GRACE = 60_000
"""Milliseconds that a notice for a channel that isn't set up stays, before it is dropped."""
_AGAIN = 5.0
"""Seconds before a task that failed is begun again."""
_log = structlog.get_logger(__name__)


class Notifier:
    """Takes notices from the outbox to people. One a process and outbox; used on one event loop.

        notifier = await Notifier.open(settings, outbox=records, clock=clock, link_of=link_of, acknowledger=service)
        await notifier.start()
        await records.commit(transitions, notices)   # notices go into the outbox with the alert's change …
        notifier.wake()                              # … and are sent at once: worst first, each channel by itself
        await notifier.stop()

    A notice's `channel` is one of `names`. Each is delivered at least once, with its id as idempotency key: what is
    sent but not yet noted when the process dies is sent again. Implements `ports.Notifications` and `ports.Watched`.
    """

    def __init__(
        self, channels: Sequence[PacedChannel], *, settings: Settings, outbox: Outbox, tools: Tools, redactor: Redactor
    ) -> None:
        """See `open`, which makes the channels."""
        notifications = settings.notifications
        sending = notifications.sending
        self.language = notifications.language or settings.monitoring.language
        """Of messages; notices should carry it."""
        self._outbox = outbox
        self._clock = tools.clock
        self._http = tools.http
        self._renderer = tools.renderer
        self._lines = {
            one.name: Line(
                one,
                clock=tools.clock,
                redactor=redactor,
                # The channels' own time-outs come first: they say more.
                time_out=sending.time_out.seconds + 2,
                per_minute=sending.per_minute.get(one.name),
            )
            for one in channels
        }
        substitutes = [self._lines[name] for name in notifications.fail_over if name in self._lines]
        self._lanes = [
            Lane(
                line,
                outbox=outbox,
                clock=tools.clock,
                substitutes=substitutes,
                fold_after=int(sending.fold_after),
                give_up_after=int(sending.give_up_after),
            )
            for line in self._lines.values()
        ]
        self._counts: dict[str, tuple[int, int]] = {}
        self._made_anew: Callable[[Settings], Awaitable[Notifier]] | None = None
        self._patience = sending.time_out.seconds + 3
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        outbox: Outbox,
        clock: Clock,
        link_of: LinkOf = no_link,
        acknowledger: Acknowledger | None = None,
    ) -> Self:
        """Make the channels that the settings name; nothing is sent yet.

        `link_of` gives the page on which a notice's alerts can be acknowledged (None where there is none);
        `acknowledger` is where pressed buttons go, without one messages have none.
        """
        notifications = settings.notifications
        catalogue = builtin()
        redactor = Redactor(secrets_in(settings))
        proxy = notifications.proxy
        time_out = notifications.sending.time_out.seconds
        tools = Tools(
            clock=clock,
            http=Http(
                time_out=time_out,
                ca_file=notifications.ca_file,
                proxy=proxy.get_secret_value() if proxy else None,
                redactor=redactor,
            ),
            renderer=Renderer(
                timezone=settings.monitoring.timezone,
                language=notifications.language or settings.monitoring.language,
                templates=notifications.templates,
                link_of=link_of,
                unit_of=lambda metric: catalogue.get(metric).unit,
            ),
            redactor=redactor,
            time_out=time_out,
            acknowledger=acknowledger,
        )
        channels = channels_of(notifications, tools)
        made = cls(channels, settings=settings, outbox=outbox, tools=tools, redactor=redactor)
        made._made_anew = partial(cls.open, outbox=outbox, clock=clock, link_of=link_of, acknowledger=acknowledger)
        return made

    async def start(self) -> None:
        """Begin with what waits from before."""
        for lane in self._lanes:
            self._supervise(f"notify-{lane.line.name}", lane.run)
        for lane in self._lanes:
            if isinstance(lane.line.channel, Listening):
                self._supervise(f"notify-{lane.line.name}-answers", lane.line.channel.listen)
        self._supervise("notify-tending", self._tend)

    async def stop(self) -> None:
        """End at once; what wasn't sent stays in the outbox."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()
        for line in self._lines.values():
            close = getattr(line.channel, "close", None)
            if close is not None:
                close()
        await self._http.close()

    async def renew(self, settings: Settings) -> None:
        """Go on with the channels of other settings: what is being sent is finished first, what waits goes their way.

        Nothing changes where these channels can't be made.
        """
        if self._made_anew is None:
            raise RuntimeError("this notifier was not made by open()")
        fresh = await self._made_anew(settings)
        running = bool(self._tasks)
        for lane in self._lanes:
            lane.retire()
        under_way = [task for lane, task in zip(self._lanes, self._tasks, strict=False) if not task.done()]
        if under_way:
            await asyncio.wait(under_way, timeout=self._patience)
        await self.stop()
        for name, line in fresh._lines.items():
            if name in self._lines:
                line.sent, line.failures = self._lines[name].sent, self._lines[name].failures
        self.language = fresh.language
        self._http, self._renderer = fresh._http, fresh._renderer
        self._lines, self._lanes, self._patience = fresh._lines, fresh._lanes, fresh._patience
        if running:
            await self.start()
            self.wake()

    def wake(self) -> None:
        """There are new notices. Called on the event loop; returns at once."""
        for lane in self._lanes:
            lane.wake()

    @property
    def names(self) -> tuple[str, ...]:
        """Every channel that is set up."""
        return tuple(self._lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every channel with what is known about it."""
        return tuple(self._lines.values())

    # -- what views ask ----------------------------------------------------------------------------------------

    async def channels(self) -> list[ChannelStatus]:
        """See `ports.Notifications`."""
        self._counts = await self._outbox.counts()
        found = [self._status(line) for line in self._lines.values()]
        for name, (waits, dead) in self._counts.items():
            if name not in self._lines:
                kind = name.partition(":")[0]
                found.append(ChannelStatus(name=name, kind=kind, state="off", waiting=waits, dead=dead))
        return found

    async def test(self, name: str) -> str:
        """See `ports.Notifications`."""
        line = self._line(name)
        notice = Notice(
            id=f"test-{secrets.token_hex(8)}",
            kind="test",
            channel=name,
            severity="info",
            at=self._clock.now(),
            language=self.language,
        )
        receipt = await line.send(notice)
        self.wake()
        return receipt

    async def deliveries(self, state: DeliveryState | None = None, *, limit: int = 200) -> list[Delivery]:
        """See `ports.Notifications`."""
        waiting = await self._outbox.waiting(limit=limit) if state in (None, "waiting") else []
        done = await self._outbox.done(limit=limit, state=state) if state != "waiting" else []
        found = sorted([*waiting, *done], key=lambda one: one.notice.at, reverse=True)
        return found[:limit]

    async def resend(self, notice_id: str) -> Delivery:
        """See `ports.Notifications`."""
        found = await self._outbox.delivery(notice_id)
        if found is None:
            raise NotFound(f"there is no notice {notice_id[:80]!r}")
        if found.state not in ("dead", "dropped"):
            word = "is on its way already" if found.state == "waiting" else "was delivered"
            raise BadRequest(f"the notice {word}", hint="only dead and dropped ones can be sent again")
        again = Delivery(notice=found.notice, next_at=self._clock.now())
        await self._outbox.mark([again])
        self.wake()
        return again

    async def send(
        self, message: str, *, level: Severity = "info", channels: Sequence[str] | None = None
    ) -> list[Notice]:
        """See `ports.Notifications`."""
        if not message.strip() or len(message) > MOST_TEXT:
            raise BadRequest(f"the message has {len(message):,} characters", hint=f"1 to {MOST_TEXT:,} are taken")
        names = list(dict.fromkeys(self.names if channels is None else channels))
        for name in names:
            self._line(name, error=BadRequest)
        if not names:
            raise BadRequest("no channel is set up", hint="see notifications in docs/settings.md")
        notices = [
            Notice(
                id=f"message-{secrets.token_hex(8)}",
                kind="message",
                channel=name,
                severity=level,
                at=self._clock.now(),
                text=message,
                language=self.language,
            )
            for name in names
        ]
        await self._outbox.put(notices)
        self.wake()
        return notices

    def figures(self) -> Iterable[Sample]:
        """What it tells about itself; see notify/metrics.py."""
        yield Sample(metric="bongsu_notify_template_faults_total", value=float(self._renderer.faults))
        for lane in self._lanes:
            line = lane.line
            labels = labels_of(channel=line.name)
            waits, dead = self._counts.get(line.name, (0, 0))
            for name, value in (
                ("sent_total", line.sent),
                ("waiting", waits),
                ("dead", dead),
                ("dropped_total", lane.dropped),
                ("failed_over_total", lane.failed_over),
                ("up", not line.health.failing),
            ):
                yield Sample(metric=f"bongsu_notify_{name}", labels=labels, value=float(value))
            if line.sent:
                yield Sample(metric="bongsu_notify_delay_seconds", labels=labels, value=line.delay_seconds)
            for kind in CLASSES:
                yield Sample(
                    metric="bongsu_notify_failed_total",
                    labels=labels_of({"channel": line.name, "class": kind}),
                    value=float(line.failures[kind]),
                )

    def _status(self, line: Line) -> ChannelStatus:
        waits, dead = self._counts.get(line.name, (0, 0))
        health = line.health
        state: ChannelState = "failing" if health.failing else "ok" if line.tried else "unused"
        return ChannelStatus(
            name=line.name,
            kind=line.channel.kind,
            state=state,
            waiting=waits,
            dead=dead,
            last_sent_at=health.last_sent_at,
            last_error=health.error,
            retry_at=self._clock.now() + int(line.wait * 1000) if health.failing else None,
        )

    def _line(self, name: str, *, error: type[BongsuError] = NotFound) -> Line:
        line = self._lines.get(name)
        if line is None:
            raise error(f"there is no channel {name[:80]!r}", hint=f"there are: {', '.join(self.names) or 'none'}")
        return line

    # -- its tasks ---------------------------------------------------------------------------------------------

    def _supervise(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._kept_up(name, work), name=name))

    async def _kept_up(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
                return
            except Exception:  # noqa: BLE001 - the task's supervisor
                _log.exception("a task of notification failed", task=name, seconds=_AGAIN)
            await self._clock.sleep_until(self._clock.monotonic() + _AGAIN)

    async def _tend(self) -> None:
        """Keep the counts fresh, and drop what nobody can deliver any more."""
        while True:
            with contextlib.suppress(BongsuError):  # the lanes say so
                self._counts = await self._outbox.counts()
                for name, (waits, _) in list(self._counts.items()):
                    if waits and name not in self._lines:
                        await self._strays(name)
            await self._clock.sleep_until(self._clock.monotonic() + IDLE)

    async def _strays(self, name: str) -> None:
        now = self._clock.now()
        old = [one for one in await self._outbox.waiting(channel=name, limit=100) if one.notice.at < now - _GRACE]
        error = f"the channel {name[:80]} isn't set up"
        await self._outbox.mark([replace(one, state="dropped", error=error, done_at=now) for one in old])
        if old:
            _log.warning("notices dropped", channel=name, count=len(old), cause=error)
