"""The watch: one task for each thing that is probed, so that whoever hangs holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bongsu.collect.checks import samples
from bongsu.collect.checks.standing import advance, pause_ms, spared
from bongsu.collect.checks.states import StateStore
from bongsu.model.check import UP, CheckStatus, Kind, Outcome, Standing
from bongsu.model.errors import BongsuError
from bongsu.model.sample import Refusal, Sample
from bongsu.model.share import Share
from bongsu.ports import Announcer, Clock

_GRACE = 5.0
"""Seconds beyond a probe's own time-out after which it is ended from outside."""
_SPREAD = 3.0
"""Seconds over which first probes are spread."""

_LONGEST_HOLD = 86_400_000

_log = structlog.get_logger(__name__)


class Prober(Protocol):
    """Something that can be asked once."""

    async def probe(self) -> Outcome:
        """Ask, and tell what came; an error of the other side is an outcome, not an exception."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is probed, how often (ms) and how long a probe may take (seconds)."""

    kind: Kind
    name: str
    title_ko: str
    title_en: str
    protocol: str
    address: str
    interval_ms: int
    timeout: float
    prober: Prober
    key_ends: int | None = None
    simulated: bool = False

    @property
    def key(self) -> str:
        """Unique among all targets."""
        return f"{self.kind}:{self.name}"


class Measure(Protocol):
    """Where samples go: `Pipeline.measure`."""

    def __call__(self, samples: Sequence[Sample], *, at: int | None = None) -> Awaitable[tuple[Refusal, ...]]:
        """Take samples stamped with `at`."""
        ...


Changed = Callable[[Target, Standing, Standing], None]
"""Told of every change of state: the target, how it stood, how it stands."""


@dataclass(slots=True)
class _Post:
    target: Target
    standing: Standing
    availability: Mapping[str, Share] = field(default_factory=dict)


class Watch:
    """Probes its targets, each at its own interval, and keeps how they stand."""

    def __init__(
        self,
        *,
        clock: Clock,
        measure: Measure,
        announcer: Announcer,
        store: StateStore,
        chance: Callable[[], float],
        changed: Changed = lambda *_: None,
    ) -> None:
        self._clock = clock
        self._measure = measure
        self._announcer = announcer
        self._store = store
        self._chance = chance
        self._changed = changed
        self._posts: dict[str, _Post] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._running = False
        self._unkept = 0
        self._broken = 0
        self._trouble: str | None = None

    def add(self, target: Target) -> None:
        """Watch this too, from `start` on.

        Raises:
            ValueError: the name is taken.
        """
        if target.key in self._posts:
            raise ValueError(f"there are two of {target.key}; give one another name")
        self._posts[target.key] = _Post(target, Standing(since=self._clock.now()))

    @property
    def targets(self) -> list[Target]:
        """All that is watched."""
        return [post.target for post in self._posts.values()]

    def statuses(self, kind: Kind | None = None) -> list[CheckStatus]:
        """How everything stands, or everything of one kind, in the order of the settings."""
        return [_status(post) for post in self._posts.values() if kind in (None, post.target.kind)]

    def available(self, key: str, availability: Mapping[str, Share]) -> None:
        """Take the newest availability of a target, by window."""
        if key in self._posts:  # it may be gone meanwhile
            self._posts[key].availability = availability

    async def start(self) -> None:
        """Take back what the store remembers, then probe."""
        self._running = True
        for post in self._posts.values():
            kept = await self._store.recall(post.target.key)
            if kept is not None:
                post.standing = kept
        self._tasks = [
            asyncio.create_task(self._stand(post), name=f"bongsu-watch-{key}") for key, post in self._posts.items()
        ]

    async def stop(self) -> None:
        """End every probe under way."""
        self._running = False
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []

    async def renew(self, targets: Iterable[Target]) -> None:
        """Watch these instead; what was watched under the same name stands as it stood."""
        running = self._running
        await self.stop()
        before, self._posts = self._posts, {}
        for target in targets:
            self.add(target)
            known = before.get(target.key)
            if known is not None:
                post = self._posts[target.key]
                post.standing, post.availability = known.standing, known.availability
        if running:
            await self.start()

    async def once(self) -> list[CheckStatus]:
        """Probe everything once, all at the same time; whoever asked to be left alone still is."""
        await asyncio.gather(*(self._once(post) for post in self._posts.values()))
        return self.statuses()

    async def _once(self, post: _Post) -> None:
        kept = await self._store.recall(post.target.key)
        if kept is not None:
            post.standing = kept
            if self._held_ms(post) > 0:
                return
        await self._probe(post)
        await self._remember(post)

    async def _remember(self, post: _Post) -> int:
        """Settle when it is asked next, and keep it; the pause until then."""
        interval = post.target.interval_ms
        pause = pause_ms(post.standing, interval_ms=interval, chance=self._chance)
        post.standing = replace(post.standing, next_at=self._clock.now() + pause)
        await self._store.remember(post.target.key, post.standing, ttl_ms=max(3 * interval, 2 * pause))
        return pause

    async def _stand(self, post: _Post) -> None:
        interval = post.target.interval_ms
        await self._sleep(self._first_ms(post))
        while True:
            try:
                await self._probe(post)
                await self._rest(post, await self._remember(post))
            except asyncio.CancelledError:
                raise
            except Exception:  # noqa: BLE001 - supervised: one target's fault must not end the watching
                self._broken += 1
                _log.exception("a check failed by our own fault", check=post.target.key)
                await self._sleep(interval)

    def _first_ms(self, post: _Post) -> int:
        """Soon; but what asked to be left alone before a restart is left alone after it."""
        soon = round(1000 * _SPREAD * self._chance())
        return max(soon, min(self._held_ms(post), _LONGEST_HOLD))

    def _held_ms(self, post: _Post) -> int:
        """For how long it still asked to be left alone; a hold may follow a good answer too."""
        held = post.standing.outcome is not None and post.standing.outcome.hold_ms is not None
        return post.standing.next_at - self._clock.now() if held or post.standing.refusals else 0

    async def _rest(self, post: _Post, pause: int) -> None:
        """Leave it alone, still telling its state at every interval, so that charts don't break off."""
        interval = post.target.interval_ms
        for _ in range(spared(pause, interval)):
            await self._sleep(interval)
            pause -= interval
            post.standing = replace(post.standing, left_alone=post.standing.left_alone + 1)
            await self._hand(samples.at_rest(post.target, post.standing))
        await self._sleep(pause)

    async def _probe(self, post: _Post) -> None:
        before = post.standing
        outcome = await self._outcome(post.target)
        post.standing = advance(before, outcome)
        if post.standing.state != before.state or not before.probes:
            self._tell(post.target, before, post.standing)
        await self._hand(samples.after_probe(post.target, post.standing, post.availability))

    async def _outcome(self, target: Target) -> Outcome:
        began = self._clock.now()
        probe = asyncio.ensure_future(target.prober.probe())
        limit = asyncio.ensure_future(self._clock.sleep_until(self._clock.monotonic() + target.timeout + _GRACE))
        try:
            await asyncio.wait((probe, limit), return_when=asyncio.FIRST_COMPLETED)
            if probe.done():
                return probe.result()
            detail = f"no answer within {target.timeout + _GRACE:g} s"
            return Outcome(at=began, state="down", reason="timeout", detail=detail)
        finally:
            limit.cancel()
            probe.cancel()

    def _tell(self, target: Target, before: Standing, after: Standing) -> None:
        self._announcer.announce("check", _frame(target, before, after), topic="checks")
        if before.probes:
            _log.info("check", check=target.key, state=after.state, was=before.state, reason=after.reason)
            self._changed(target, before, after)

    async def _hand(self, taken: Sequence[Sample]) -> None:
        try:
            await self._measure(taken, at=self._clock.now())
        except BongsuError as error:
            self._unkept += len(taken)
            if error.code != self._trouble:
                _log.warning("what checks found can't be kept", reason=error.detail)
            self._trouble = error.code
        else:
            self._trouble = None

    async def _sleep(self, ms: int) -> None:
        await self._clock.sleep_until(self._clock.monotonic() + max(0, ms) / 1000)

    def figures(self) -> list[Sample]:
        """How much is watched, probed, left alone, and what went wrong with it."""
        standings = [post.standing for post in self._posts.values()]
        return [
            Sample(metric="bongsu_checks_watched", value=float(len(standings))),
            Sample(metric="bongsu_checks_failing", value=float(sum(one.state not in UP for one in standings))),
            Sample(metric="bongsu_checks_probes_total", value=float(sum(one.probes for one in standings))),
            Sample(metric="bongsu_checks_left_alone_total", value=float(sum(one.left_alone for one in standings))),
            Sample(metric="bongsu_checks_unkept_total", value=float(self._unkept)),
            Sample(metric="bongsu_checks_errors_total", value=float(self._broken)),
        ]


def _frame(target: Target, before: Standing, after: Standing) -> dict[str, object]:
    return {
        "kind": target.kind,
        "name": target.name,
        "state": after.state,
        "was": before.state if before.probes else None,
        "since": after.since,
        "reason": after.reason,
        "detail": after.detail,
    }


def _status(post: _Post) -> CheckStatus:
    target = post.target
    return CheckStatus(
        kind=target.kind,
        name=target.name,
        title_ko=target.title_ko,
        title_en=target.title_en,
        protocol=target.protocol,
        target=target.address,
        interval_ms=target.interval_ms,
        standing=post.standing,
        simulated=target.simulated,
        key_ends=target.key_ends,
        availability=post.availability,
    )
