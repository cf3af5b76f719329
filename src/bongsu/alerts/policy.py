"""Who is told when: escalation policies, people and rotas, pace and inhibition, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bongsu.alerts.matching import Matchers
from bongsu.model.alert import SEVERITIES, Severity, Silence

SECOND = 1_000
HOUR = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Who is on call, a week each in turn; the week changes at `handover` on `weekday` (0 is Monday) in `timezone`."""

    name: str
    people: tuple[str, ...]
    starts: date
    weekday: int = 0
    handover: time = time(9, 0)
    timezone: str = "Asia/Seoul"

    def on_call(self, now: int) -> str:
        """Whose week it is; the first person's begins with the first handover on or after `starts`."""
        return self.people[self._week(now) % len(self.people)]

    def next_handover(self, now: int) -> int:
        """When somebody else's week begins."""
        return self._handover_of(self._week(now) + 1)

    def _first(self) -> date:
        return self.starts + timedelta(days=(self.weekday - self.starts.weekday()) % 7)

    def _week(self, now: int) -> int:
        zone = ZoneInfo(self.timezone)
        passed = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date() - self._first()
        week = passed.days // 7
        return week - 1 if now < self._handover_of(week) else week

    def _handover_of(self, week: int) -> int:
        moment = datetime.combine(self._first() + timedelta(weeks=week), self.handover, ZoneInfo(self.timezone))
        return round(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung: `wait` (ms) after the one before, these channels, people and rotas are told."""

    wait: int = 0
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    rotas: tuple[str, ...] = ()
    everyone: bool = False
    """Every channel there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Steps for alerts of these severities; after `repeat` (ms, 0: never) who was told is told again, until
    somebody acknowledges."""

    name: str
    steps: tuple[Step, ...]
    severities: frozenset[Severity] = frozenset(SEVERITIES)
    repeat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While an alert that `source` means is open, those that `target` means and that have the same values under `equal`
    tell nobody. In `equal`, `*` stands for all labels; a name that neither has is no equality."""

    name: str
    source: Matchers
    target: Matchers
    equal: tuple[str, ...]


BUILT_IN_INHIBITIONS = (
    Inhibition(name="host down", source=(("metric", "host_up"),), target=(), equal=("host",)),
    Inhibition(
        name="marketplace down",
        source=(("metric", "marketplace_up"),),
        target=(("metric", "shop_*"),),
        equal=("marketplace",),
    ),
    Inhibition(
        name="marketplace down",
        source=(("metric", "marketplace_up"),),
        target=(("metric", "orders_*"),),
        equal=("marketplace",),
    ),
    Inhibition(
        name="critical already",
        source=(("severity", "critical"), ("metric", "*")),
        target=(("severity", "warning"),),
        equal=("metric", "*"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a group is told: after `wait` (ms) in which more may come, `burst` times within `interval` (ms) at most."""

    wait: int = 100
    interval: int = 60 * SECOND
    burst: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides who is told what when, besides the alerts themselves."""

    channels: tuple[str, ...] = ()
    """Those that exist; nothing is told to others."""
    policies: tuple[Policy, ...] = ()
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The channels of each person."""
    rotas: Mapping[str, Rota] = field(default_factory=dict)
    pace: Pace = Pace()
    group_by: tuple[str, ...] = ("rule", "metric")
    repeat: int = 4 * HOUR
    inhibitions: tuple[Inhibition, ...] = BUILT_IN_INHIBITIONS
    maintenance: tuple[Silence, ...] = ()
    language: Literal["ko", "en"] = "ko"

    def policy_for(self, severity: Severity, name: str = "") -> Policy:
        """The one that is named, else the first for this severity, else: everybody at once."""
        for policy in self.policies:
            if policy.name == name:
                return policy
        for policy in self.policies:
            if severity in policy.severities:
                return policy
        return Policy(name="", steps=(Step(everyone=True),), repeat=0 if severity == "info" else self.repeat)
