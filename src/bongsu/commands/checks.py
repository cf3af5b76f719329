"""`bongsu checks`: everything asked once now, or every minute until Ctrl+C, and told line by line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bongsu.checking import Checking
from bongsu.clock import SystemClock
from bongsu.commands.config import read
from bongsu.commands.loop import loop_factory
from bongsu.commands.words import Words
from bongsu.logs import Logs
from bongsu.model.check import UP, CheckStatus, State
from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch, Refusal, Sample
from bongsu.server.checks import told
from bongsu.settings.model import Settings
from bongsu.settings.show import secrets_in

_FINE: frozenset[State] = UP | {"maintenance", "rate_limited"}
_SIGNS: Mapping[State, str] = {"up": "✓", "degraded": "!", "maintenance": "~", "rate_limited": "~", "pending": "?"}


def run(words: Words, config: Path | None, *, as_json: bool, watch: bool) -> int:
    """Ask; 0 where all is well (or says itself why not), 1 where something isn't or nothing can be asked."""
    loaded = read(words, config)
    if loaded is None:
        return 1
    settings = loaded.settings
    words = Words(settings.monitoring.language)
    logs = Logs(terminal=sys.stderr, level="WARNING", secrets=secrets_in(settings))
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_run(words, settings, as_json=as_json, watch=watch))
    finally:
        logs.close()


async def _run(words: Words, settings: Settings, *, as_json: bool, watch: bool) -> int:
    clock = SystemClock()
    teller = _Teller(words, settings.monitoring.timezone)
    checking = Checking.open(settings, clock=clock, measure=_nowhere, announcer=teller, history=_NoHistory())
    try:
        if not checking.watching:
            print(words("checks_none"))
            return 0
        if watch:
            teller.checking = checking
            print(words("checks_watch", count=len(checking.all())), flush=True)
            await checking.start()
            await asyncio.Event().wait()
        found = await checking.once()
    finally:
        await checking.stop()
    _show(words, found, as_json=as_json, now=clock.now())
    return 0 if all(_now(one) in _FINE for one in found) else 1


def _show(words: Words, found: Sequence[CheckStatus], *, as_json: bool, now: int) -> None:
    if as_json:
        print(json.dumps({"checks": [told(one, now) for one in found]}, ensure_ascii=False, indent=2))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        print(line(words, one, width))


class _NoHistory:
    """What a command that only looks remembers: nothing."""

    async def append(self, batch: Batch) -> None:
        """Keep nothing."""

    async def range(self, query: RangeQuery) -> list[Points]:  # noqa: ARG002
        """Nothing was kept."""
        return []

    async def close(self) -> None:
        """Nothing is open."""


async def _nowhere(samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:  # noqa: ARG001
    return ()


def _now(one: CheckStatus) -> State:
    """The state of this one probe: a command that asks once can't wait for three failures."""
    return one.standing.outcome.state if one.standing.outcome else one.standing.state


def line(words: Words, one: CheckStatus, width: int) -> str:
    """One thing in one line: sign, kind, name, state, time, reason, detail."""
    outcome = one.standing.outcome
    state = _now(one)
    took = f"{outcome.response_ms:.0f} ms" if outcome and outcome.response_ms is not None else "–"
    reason = outcome.reason if outcome else one.standing.reason
    detail = outcome.detail if outcome else one.standing.detail
    told_of = " · ".join(filter(None, [reason, detail]))
    kind = words(f"checks_{one.kind}")
    return (
        f"{_SIGNS.get(state, '✗')} {kind}  {one.name:<{width}}  {words(f'state_{state}')}  {took}  {told_of}".rstrip()
    )


class _Teller:
    """Tells every change of state as it happens: stands where the live hub stands in a server."""

    def __init__(self, words: Words, zone: str) -> None:
        self._words = words
        self._zone = ZoneInfo(zone)
        self._clock = SystemClock()
        self.checking: Checking | None = None

    def announce(self, kind: str, body: Mapping[str, object], *, topic: object = None) -> None:  # noqa: ARG002
        """Print the line of whatever changed."""
        if kind != "check" or self.checking is None:
            return
        at = datetime.fromtimestamp(self._clock.now() / 1000, UTC).astimezone(self._zone)
        for one in self.checking.all():
            if (one.kind, one.name) == (body["kind"], body["name"]):
                print(f"{at:%H:%M:%S} {line(self._words, one, len(one.name))}", flush=True)
