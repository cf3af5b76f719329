"""The living alerts in memory: by id, by fingerprint, by group, and when each has something to do."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal, TypeAlias

from bongsu.alerts.inhibiting import Sources, is_source, sources_of
from bongsu.alerts.life import Temper, next_moment
from bongsu.alerts.policy import Plan
from bongsu.alerts.telling import group_of
from bongsu.model.alert import Alert

Entry: TypeAlias = tuple[Literal["alert", "group"], str]

_REMEMBERED = 10_000
"""Alerts that are over and of which the recent beginnings are still known."""


class Book:
    """What is not over, or not told to be. Changed only by `put`, once a turn is kept."""

    def __init__(self, *, temper: Temper) -> None:
        self._temper = temper
        self._alerts: dict[str, Alert] = {}
        self._by_fingerprint: dict[str, str] = {}
        self._groups: dict[str, dict[str, None]] = {}
        self._group_of: dict[str, str] = {}
        self._over: OrderedDict[str, Alert] = OrderedDict()
        self._due: list[tuple[int, Entry]] = []
        self._scheduled: dict[Entry, int] = {}
        self._spoken: dict[str, tuple[int, ...]] = {}
        self._sources: Sources | None = None

    def use(self, temper: Temper) -> None:
        """From now on alerts flap and are over as this says; `put` them again for it to hold at once."""
        self._temper = temper

    def __len__(self) -> int:
        return len(self._alerts)

    def __iter__(self) -> Iterator[Alert]:
        return iter(self._alerts.values())

    def get(self, alert_id: str) -> Alert | None:
        """A living alert."""
        return self._alerts.get(alert_id)

    def newest(self, fingerprint: str) -> Alert | None:
        """The living alert of that trouble, else the last that is over, while flapping can be told from it."""
        living = self._by_fingerprint.get(fingerprint)
        return self._over.get(fingerprint) if living is None else self._alerts[living]

    def members(self, group: str) -> list[Alert]:
        """The living alerts of a group."""
        return [self._alerts[alert_id] for alert_id in self._groups.get(group, ())]

    def groups(self) -> list[str]:
        """Every group with a living alert."""
        return list(self._groups)

    def spoken(self, group: str) -> tuple[int, ...]:
        """The recent moments at which a group was told."""
        return self._spoken.get(group, ())

    def sources(self, plan: Plan) -> Sources:
        """The open alerts that keep others quiet."""
        if self._sources is None:
            self._sources = sources_of(self._alerts.values(), plan.inhibitions)
        return self._sources

    # -- changes -----------------------------------------------------------------------------------------------

    def put(self, alert: Alert, plan: Plan) -> None:
        """Take an alert as it stands now; one that is over and told is remembered for flapping alone."""
        self._sources = None if self._sources is None or is_source(alert, plan.inhibitions) else self._sources
        if not living(alert, plan):
            self._remove(alert)
            return
        self._alerts[alert.id] = alert
        if alert.phase != "resolved" or alert.fingerprint not in self._by_fingerprint:
            self._by_fingerprint[alert.fingerprint] = alert.id
        group = group_of(alert, plan)
        if self._group_of.get(alert.id, group) != group:
            self._leave_group(alert.id)
        self._group_of[alert.id] = group
        self._groups.setdefault(group, {})[alert.id] = None
        self.schedule(("alert", alert.id), next_moment(alert, temper=self._temper))

    def remember(self, alert: Alert) -> None:
        """Keep the recent beginnings of a trouble that is over."""
        if alert.fires:
            self._over[alert.fingerprint] = alert
            self._over.move_to_end(alert.fingerprint)
            if len(self._over) > _REMEMBERED:
                self._over.popitem(last=False)

    def speak(self, group: str, now: int, keep: int) -> None:
        """Note that a group was told, of which the last `keep` times matter."""
        self._spoken[group] = (*self._spoken.get(group, ()), now)[-keep:]

    def forget_spoken(self, before: int) -> None:
        """Let go of what was said before that moment."""
        self._spoken = {group: moments for group, moments in self._spoken.items() if moments[-1] > before}

    def schedule(self, entry: Entry, moment: int | None) -> None:
        """Look at an alert or a group at that moment; an earlier one that is planned already stays."""
        if moment is not None and moment < self._scheduled.get(entry, moment + 1):
            self._scheduled[entry] = moment
            heapq.heappush(self._due, (moment, entry))

    def next_at(self) -> int | None:
        """The next moment at which something has to be looked at."""
        return self._due[0][0] if self._due else None

    def due(self, now: int) -> list[Entry]:
        """What has to be looked at now; it is planned no longer."""
        found: dict[Entry, None] = {}
        while self._due and self._due[0][0] <= now:
            moment, entry = heapq.heappop(self._due)
            if self._scheduled.get(entry) == moment:
                del self._scheduled[entry]
                found[entry] = None
        return list(found)

    def _remove(self, alert: Alert) -> None:
        if self._by_fingerprint.get(alert.fingerprint) == alert.id:
            del self._by_fingerprint[alert.fingerprint]
        self._alerts.pop(alert.id, None)
        self._leave_group(alert.id)
        self._scheduled.pop(("alert", alert.id), None)
        self.remember(alert)

    def _leave_group(self, alert_id: str) -> None:
        group = self._group_of.pop(alert_id, None)
        members = self._groups.get(group or "", {})
        members.pop(alert_id, None)
        if group is not None and not members:
            self._groups.pop(group, None)


def living(alert: Alert, plan: Plan) -> bool:
    """Whether it is not over, or somebody who heard of it hasn't heard that it is."""
    if alert.phase != "resolved":
        return True
    return any(heard.state != "resolved" and heard.channel in plan.channels for heard in alert.heard)
