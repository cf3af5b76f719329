"""The hub: the newest values, numbered frames of what changes, and whoever watches them."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from bongsu.live.alarm import Alarm
from bongsu.live.frame import Frame, Volley, text
from bongsu.live.group import Group, Topical, rung
from bongsu.live.snapshots import Snapshot, Unfinished
from bongsu.live.topics import BITS, EVERY, topics_in
from bongsu.live.values import Values
from bongsu.live.watcher import Tally, Watcher, Wire
from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Topic
from bongsu.model.query import Latest
from bongsu.model.sample import Batch, Int64s, Labels, Sample
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock

Announced: TypeAlias = Literal["alert", "check", "mark"]

_SLICE: Final = 100  # clients written to before other work gets its turn
_SERIES_A_FRAME: Final = 5_000
_MOST_SNAPSHOTS: Final = 4  # held for others with the same topics: each may be megabytes
_SNAPSHOT_SECONDS: Final = 5.0
_MOST_ANNOUNCEMENTS: Final = 1_000
_HEARTBEAT: Final = text(b'{"t":"ping"}')


class Hub:
    """Implements the ports `Live` and `Watched`; used on the event loop only.

    Args:
        boot: a word that is new at each start: sequence numbers count within it.
        default_interval_seconds: what a client gets that says nothing.
        resume_seconds: how long frames are kept for clients that come back.
        resume_bytes: how much memory these frames may take; the oldest go first.
        heartbeat_seconds: how often `{"t":"ping"}` is sent.
    """

    def __init__(
        self,
        *,
        table: SeriesTable,
        catalogue: Catalogue,
        clock: Clock,
        boot: str,
        default_interval_seconds: float = 5.0,
        resume_seconds: float = 60.0,
        resume_bytes: int = 8 * 1024 * 1024,
        heartbeat_seconds: float = 10.0,
    ) -> None:
        self.boot = boot
        self._clock = clock
        self._values = Values(table=table, catalogue=catalogue)
        self._default_ms = max(100, round(default_interval_seconds * 1_000))
        self._resume_seconds = resume_seconds
        self._resume_bytes = resume_bytes
        self._heartbeat_seconds = heartbeat_seconds
        self._seq = 0
        self._groups: dict[int, Group] = {}
        self._group_of: dict[Watcher, Group] = {}
        self._unasked: set[Watcher] = set()
        """Those who asked for no interval of their own."""
        self._snapshots: dict[int, Snapshot] = {}
        self._unfinished = Unfinished()
        self._announced: deque[tuple[Announced, Topic | None, Mapping[str, object]]] = deque()
        self._touched = dict.fromkeys(BITS.values(), -math.inf)
        self._revised = dict.fromkeys(BITS.values(), 0)
        self._listen = dict.fromkeys(BITS.values(), math.inf)
        self._overheard: Callable[[Announced, Mapping[str, object], Topic | None], None] | None = None
        self._news = 0
        self._alarm = Alarm(clock)
        self._tally = Tally()
        self._announcements_dropped = 0
        self._tick_ms = 0.0
        self.told: Callable[[float, int], None] = _untold
        """Told of each volley: how long it took to make and write (ms), and how many frames went out."""

    # The port `Live`

    def publish(self, batch: Batch) -> None:
        """Take new samples; watchers see them at the next tick. Never blocks."""
        mask = self._values.take(batch)
        if not mask or not self._groups:
            return
        now = self._clock.monotonic()
        for bit, listen in self._listen.items():
            if bit & mask:
                self._touched[bit] = now
                self._revised[bit] = self._values.revision
                if listen <= now:
                    self._news |= bit
                    self._listen[bit] = math.inf
                    self._alarm.ring()

    def latest(self, metric: str | None = None, labels: Labels = ()) -> list[Latest]:
        """The newest sample of each selected series (all without a metric), in the order first seen."""
        return self._values.latest(metric, labels)

    def announce(self, kind: Announced, body: Mapping[str, object], *, topic: Topic | None = None) -> None:
        """Tell an event at once, in order with the updates.

        The body's keys stand beside `t`, `seq`, `at` and `topic`. Without a topic everybody gets it, else
        those who subscribed to it.
        """
        if self._overheard is not None:
            self._overheard(kind, body, topic)
        if not self._groups:
            return
        if len(self._announced) >= _MOST_ANNOUNCEMENTS:
            self._announced.popleft()
            self._announcements_dropped += 1
        self._announced.append((kind, topic, body))
        self._alarm.ring()

    # The port `Newest`, and what the bus needs besides

    def changes(self, since: int) -> tuple[int, Batch]:
        """The present revision, and the series that changed after `since` (0: all), each once with its newest value."""
        return self._values.revision, self._values.columns(since)

    def entries(self, ids: Int64s) -> bytes:
        """The series as the items of a JSON array, without its brackets."""
        return self._values.entries(ids)

    def overheard(self, listener: Callable[[Announced, Mapping[str, object], Topic | None], None]) -> None:
        """Let the listener know of each event that is announced, whether or not anybody watches here."""
        self._overheard = listener

    def interrupted(self) -> None:
        """Something never came here: whoever watches is told a gap and everything anew; nobody resumes across it."""
        self._seq += 1
        for group in self._groups.values():
            group.ring.weigh()
            group.ring.drop_before(math.inf)
            group.ring.floor = self._seq
            group.sent_seq = max(group.sent_seq, self._seq)
        gap = (self._seq, self._seq)
        for watcher in list(self._group_of):
            watcher.start(self.snapshot_for(watcher), gap=gap)

    # What the gateway needs

    @property
    def default_interval_ms(self) -> int:
        """The interval of a client that says nothing."""
        return self._default_ms

    def greet(self) -> bytes:
        """The hello frame for a new client, as it goes over the wire."""
        if not self._unfinished.is_greeting(self._seq):
            self._seq += 1
            self._unfinished.greeting(self._seq)
        return text(b'{"t":"hello","v":1,"boot":%b,"seq":%d}' % (msgspec.json.encode(self.boot), self._seq))

    def watcher(self, wire: Wire, *, deflate: bool) -> Watcher:
        """The outgoing side of a new client; it gets nothing before `join`."""
        return Watcher(wire=wire, hub=self, tally=self._tally, deflate=deflate)

    def join(
        self,
        watcher: Watcher,
        *,
        mask: int = EVERY,
        interval_ms: int | None = None,
        resume: tuple[str, int] | None = None,
    ) -> None:
        """Subscribe a client, or change its subscription.

        With `resume` (boot, seq) it gets the frames after `seq` where they are still known; otherwise (with the
        same boot, after a gap frame) a snapshot of each topic.
        """
        watcher.mask = mask
        (self._unasked.add if interval_ms is None else self._unasked.discard)(watcher)
        group = self._group(self._default_ms if interval_ms is None else interval_ms)
        former = self._group_of.get(watcher)
        if former is not None and former is not group:
            self._take_out(watcher, former)
        self._group_of[watcher] = group
        group.members[watcher] = None
        group.empty_since = None
        self._alarm.ring()
        gap = None
        if resume is not None and resume[0] == self.boot:
            missed = self._replay(group, watcher, resume[1])
            if missed is not None:
                watcher.cursor = max(watcher.cursor, group.sent_seq)
                watcher.start(missed)
                return
            gap = (min(resume[1] + 1, self._seq), self._seq)
        watcher.start(self.snapshot_for(watcher), gap=gap)

    def leave(self, watcher: Watcher) -> None:
        """Forget a client."""
        self._unasked.discard(watcher)
        group = self._group_of.pop(watcher, None)
        if group is not None:
            self._take_out(watcher, group)

    def retime(self, seconds: float) -> None:
        """Another interval for clients that ask for none; those who are here get a snapshot, and then the new pace."""
        default_ms = max(100, round(seconds * 1_000))
        if default_ms != self._default_ms:
            self._default_ms = default_ms
            for watcher in list(self._unasked):
                self.join(watcher, mask=watcher.mask)

    def snapshot_for(self, watcher: Watcher) -> list[Frame]:
        """Frames that tell everything the watcher subscribed to, numbered above its cursor."""
        self._values.notice_losses()
        newest = max(watcher.cursor, self._group_of[watcher].sent_seq)
        made = self._snapshots.get(watcher.mask)
        if made is None or made.first <= newest or made.losses != sum(self._values.losses.values()):
            self._snapshots.pop(watcher.mask, None)
            if len(self._snapshots) >= _MOST_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
            made = self._snapshots[watcher.mask] = self._snapshot(watcher.mask)
        return list(made.frames)

    # The runner

    async def run(self) -> None:
        """Build and send what is due, until cancelled. One runner a hub."""
        while True:
            due = min((group.due(self._resume_seconds) for group in self._groups.values()), default=math.inf)
            await self._alarm.wait(due)
            now = self._clock.monotonic()
            self._notice(now)
            await self._tell_announced(now)
            for group in list(self._groups.values()):
                await self._tick(group, now)
            self._relisten()
            self._tidy(now)

    def _notice(self, now: float) -> None:
        """Plan the topics in which something changed."""
        news, self._news = self._news, 0
        if not news:
            return
        for group in self._groups.values():
            for bit, topical in group.topics.items():
                if bit & news and topical.schedule.listen <= now:
                    topical.schedule.changed(self._touched[bit])

    def _relisten(self) -> None:
        """From when on a change of a topic is news to any group."""
        for bit in self._listen:
            soonest = math.inf
            for group in self._groups.values():
                topical = group.topics[bit]
                soonest = min(soonest, topical.schedule.listen)
                if topical.schedule.listen <= self._touched[bit] and topical.revision < self._revised[bit]:
                    self._news |= bit  # it came while frames were written
                    self._alarm.ring()
            self._listen[bit] = soonest

    async def _tick(self, group: Group, now: float) -> None:
        """Send one group what is due."""
        group.beat.anchor = self._anchor()
        frames: list[Frame] = []
        for bit in list(group.ready(now, self._touched)):
            frames += self._update(group.topics[bit], bit, now)
        for frame in frames:
            group.ring.keep(frame)
            group.sent_seq = frame.seq
        beat = bool(group.members) and group.heartbeat_at <= now + (self._heartbeat_seconds / 2 if frames else 0)
        if beat:
            group.heartbeat_at = now + self._heartbeat_seconds
        if frames or beat:
            sent = self._tally.frames
            await self._send(group, Volley(frames, heartbeat=_HEARTBEAT if beat else b""))
            group.ring.weigh()
            self._tick_ms = (self._clock.monotonic() - now) * 1_000
            if self._tally.frames > sent:
                self.told(self._tick_ms, self._tally.frames - sent)

    def _update(self, topical: Topical, bit: int, now: float) -> list[Frame]:
        """The frames of one topic's changes; a snapshot where series vanished, which an update can't tell."""
        values = self._values
        values.notice_losses()
        kind = "update" if topical.losses == values.losses[bit] else "snapshot"
        ids = values.changed_since(topical.revision if kind == "update" else 0, bit)
        if not len(ids) and kind == "update":
            topical.revision = values.revision
            topical.schedule.nothing()
            return []
        topical.revision = values.revision
        topical.losses = values.losses[bit]
        topical.schedule.sent(now)
        return self._frames(kind, bit, ids, now)

    def _frames(self, kind: str, bit: int, ids: Int64s, now: float) -> list[Frame]:
        """The series as frames of bounded size: what doesn't fit into a snapshot follows as updates."""
        at = self._clock.now()
        (topic,) = topics_in(bit)
        frames = []
        for begin in range(0, max(len(ids), 1), _SERIES_A_FRAME):
            self._seq += 1
            body = b'{"t":"%b","seq":%d,"at":%d,"topic":"%b","metrics":[%b]}' % (
                kind.encode(),
                self._seq,
                at,
                topic.encode(),
                self._values.entries(ids[begin : begin + _SERIES_A_FRAME]),
            )
            frames.append(Frame(seq=self._seq, bit=bit, moment=now, body=body))
            kind = "update"
        return frames

    def _snapshot(self, mask: int) -> Snapshot:
        now = self._clock.monotonic()
        frames: list[Frame] = []
        for topic in topics_in(mask):
            frames += self._frames("snapshot", BITS[topic], self._values.changed_since(0, BITS[topic]), now)
        if frames:
            self._unfinished.several(frames[0].seq, frames[-1].seq)
        first = frames[0].seq if frames else self._seq + 1
        return Snapshot(first=first, moment=now, losses=sum(self._values.losses.values()), frames=tuple(frames))

    async def _tell_announced(self, now: float) -> None:
        while self._announced:
            kind, topic, body = self._announced.popleft()
            self._seq += 1
            bit = EVERY if topic is None else BITS[topic]
            head: dict[str, object] = {"t": kind, "seq": self._seq, "at": self._clock.now()}
            if topic is not None:
                head["topic"] = topic
            frame = Frame(seq=self._seq, bit=bit, moment=now, body=msgspec.json.encode(head | dict(body) | head))
            for group in list(self._groups.values()):
                group.ring.keep(frame)
                group.sent_seq = frame.seq
                await self._send(group, Volley((frame,)))
                group.ring.weigh()

    async def _send(self, group: Group, volley: Volley) -> None:
        """Write to all members, a slice at a time so that other work gets its turn."""
        members: Sequence[Watcher] = list(group.members)
        for begin in range(0, len(members), _SLICE):
            if begin:
                await asyncio.sleep(0)
            for watcher in members[begin : begin + _SLICE]:
                if self._group_of.get(watcher) is group:
                    watcher.offer(volley)

    # Groups and rings

    def _group(self, interval_ms: int) -> Group:
        interval_ms = rung(interval_ms, default_ms=self._default_ms)
        group = self._groups.get(interval_ms)
        if group is None:
            now = self._clock.monotonic()
            self._values.notice_losses()
            group = self._groups[interval_ms] = Group(
                interval_ms,
                anchor=self._anchor(),
                now=now,
                seq=self._seq,
                revision=self._values.revision,
                losses=self._values.losses,
                heartbeat_at=now + self._heartbeat_seconds,
            )
            self._relisten()
        return group

    def _anchor(self) -> float:
        """The moment at which the wall clock's grid began: collectors read at whole multiples of their interval."""
        return self._clock.monotonic() - self._clock.now() / 1_000

    def _take_out(self, watcher: Watcher, group: Group) -> None:
        group.members.pop(watcher, None)
        if not group.members:
            group.empty_since = self._clock.monotonic()

    def _replay(self, group: Group, watcher: Watcher, seq: int) -> list[Frame] | None:
        """The frames after `seq`, or None where the client can't be brought on from there without a snapshot."""
        if seq > self._seq or watcher.cursor >= 0 or seq in self._unfinished:
            return None
        return group.ring.since(seq, watcher.mask)

    def _tidy(self, now: float) -> None:
        """Forget frames that are too old or too many, and groups that nobody came back to."""
        for group in list(self._groups.values()):
            group.ring.drop_before(now - self._resume_seconds)
            if group.empty_since is not None and group.empty_since + self._resume_seconds <= now:
                del self._groups[group.interval_ms]
        for mask, made in list(self._snapshots.items()):
            if made.moment < now - _SNAPSHOT_SECONDS:
                del self._snapshots[mask]
        rings = [group.ring for group in self._groups.values()]
        while sum(ring.bytes for ring in rings) > self._resume_bytes:
            min((ring for ring in rings if len(ring)), key=lambda ring: ring.oldest or 0.0).drop_oldest()

    # The port `Watched`

    def figures(self) -> Iterable[Sample]:
        """Clients, frames, bytes, what is kept for resuming, and the latest tick's time."""
        yield Sample(metric="bongsu_live_clients", value=float(len(self._group_of)))
        yield Sample(metric="bongsu_live_frames_sent_total", value=float(self._tally.frames))
        yield Sample(metric="bongsu_live_frames_dropped_total", value=float(self._tally.dropped))
        yield Sample(metric="bongsu_live_bytes_sent_total", value=float(self._tally.bytes))
        yield Sample(metric="bongsu_live_announcements_dropped_total", value=float(self._announcements_dropped))
        kept = sum(group.ring.bytes for group in self._groups.values())
        yield Sample(metric="bongsu_live_resume_bytes", value=float(kept))
        yield Sample(metric="bongsu_live_tick_ms", value=self._tick_ms)


def _untold(*_: object) -> None:
    """Nobody asked to be told."""
