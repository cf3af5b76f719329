"""One turn: what happened to some alerts, and everything that follows from it, ready to be kept as a whole.

A turn looks at the book and changes nothing in it; a turn that can't be kept is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from bongsu.alerts.book import Book
from bongsu.alerts.inhibiting import inhibitor, is_source, sources_of
from bongsu.alerts.life import Steps, Temper, muted
from bongsu.alerts.policy import Plan
from bongsu.alerts.silencing import silencer
from bongsu.alerts.telling import group_of, tell
from bongsu.model.alert import Alert, Notice, Silence, Transition


class Turn:
    """Collects steps; `finish` adds what silences, inhibition and the plan make of them.

    Args:
        now: UTC ms.
        silences: those in force, maintenance windows among them.
    """

    def __init__(
        self,
        book: Book,
        *,
        plan: Plan,
        temper: Temper,
        silences: Sequence[Silence],
        now: int,
        new_id: Callable[[], str],
    ) -> None:
        self.now = now
        self.temper = temper
        self.new_id = new_id
        self.steps: list[Transition] = []
        """What happened, oldest first."""
        self.notices: list[Notice] = []
        self.changed: dict[str, Alert] = {}
        self.confirmed: list[str] = []
        """Alerts of which their rule has spoken, though nothing may have changed."""
        self.looks: list[tuple[str, int | None]] = []
        """When each group has more to say."""
        self.spoke: list[str] = []
        """Groups whose pace counts this turn."""
        self._book = book
        self._plan = plan
        self._silences = silences
        self._newest: dict[str, str] = {}
        self._groups: dict[str, None] = {}
        self._all_mutes = False
        self._told: dict[str, Alert] = {}

    # -- while things happen -----------------------------------------------------------------------------------

    def get(self, alert_id: str) -> Alert | None:
        """A living alert as it stands in this turn."""
        return self.changed.get(alert_id) or self._book.get(alert_id)

    def newest(self, fingerprint: str) -> Alert | None:
        """The newest alert of that trouble as it stands in this turn."""
        known = self._newest.get(fingerprint)
        if known is not None:
            return self.changed[known]
        found = self._book.newest(fingerprint)
        return None if found is None else self.changed.get(found.id, found)

    def add(self, steps: Steps) -> None:
        """Take what happened to one alert."""
        for step in steps:
            self.steps.append(step)
            self.changed[step.alert.id] = step.alert
            self._newest[step.alert.fingerprint] = step.alert.id

    def look_at(self, group: str) -> None:
        """Ask what a group has to say, though nothing happened to it but time."""
        self._groups[group] = None

    def look_at_all(self) -> None:
        """Silences or the plan changed: every open alert is looked at."""
        self._all_mutes = True

    def alerts(self) -> list[Alert]:
        """Every alert as it stands in this turn."""
        return [*({alert.id: alert for alert in self._book} | self.changed).values()]

    def groups(self) -> list[str]:
        """Every group there is."""
        return self._book.groups()

    # -- what follows ------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Work out silences, inhibition and notices."""
        self._mute()
        self._tell()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.steps or self.notices or self._told)

    def transitions(self) -> list[Transition]:
        """The steps with what each alert's channels have heard by the end of the turn."""
        last = {step.alert.id: place for place, step in enumerate(self.steps)}
        kept = [
            replace(step, alert=replace(step.alert, heard=self._told[step.alert.id].heard))
            if step.alert.id in self._told and last[step.alert.id] == place
            else step
            for place, step in enumerate(self.steps)
        ]
        silent = [alert for alert in self._told.values() if alert.id not in last]
        return [*kept, *(Transition(alert=alert, change="updated", at=alert.changed_at) for alert in silent)]

    def _mute(self) -> None:
        plan, touched = self._plan, list(self.changed.values())
        if any(self._came_or_went(alert) and is_source(alert, plan.inhibitions) for alert in touched):
            self._all_mutes = True
        alerts = self.alerts() if self._all_mutes else touched
        sources = sources_of(alerts, plan.inhibitions) if self._all_mutes else self._book.sources(plan)
        for alert in alerts:
            if alert.open:
                steps = muted(
                    alert,
                    silenced_by=silencer(alert, self._silences),
                    inhibited_by=inhibitor(alert, sources, plan.inhibitions),
                    now=self.now,
                )
                self.add(steps)

    def _came_or_went(self, alert: Alert) -> bool:
        """Whether others may be quiet for its sake from now on, or no longer."""
        before = self._book.get(alert.id)
        return alert.open if before is None else (before.open, before.severity) != (alert.open, alert.severity)

    def _tell(self) -> None:
        groups: dict[str, list[Alert]] = {group: [] for group in self._groups}
        for alert in self.changed.values():
            groups.setdefault(group_of(alert, self._plan), []).append(alert)
        for group, changed in groups.items():
            told = tell(
                self._members(group, changed),
                self._plan,
                group=group,
                now=self.now,
                new_id=self.new_id,
                spoken=self._book.spoken(group),
            )
            self.notices += told.notices
            self.looks.append((group, told.next_at))
            if told.spoke:
                self.spoke.append(group)
            for alert in told.alerts:
                self._told[alert.id] = alert
                self.changed[alert.id] = alert

    def _members(self, group: str, changed: Iterable[Alert]) -> list[Alert]:
        """The group's alerts as they stand in this turn; pending ones have nothing to say."""
        before = [self.changed.get(alert.id, alert) for alert in self._book.members(group)]
        known = {alert.id: alert for alert in before if group_of(alert, self._plan) == group}
        known |= {alert.id: alert for alert in changed}
        return [alert for alert in known.values() if alert.phase != "pending"]
