"""The obvious records: dicts and lists, every answer worked out from scratch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from bongsu.model.alert import SEVERITIES, Alert, AuditEntry, Delivery, DeliveryState, Notice, Silence, Transition
from bongsu.model.sample import Sample
from bongsu.model.setting import KeptSettings
from bongsu.ports import Clock

DAY = 86_400_000


class FakeRecords:
    """Implements AlertRecords, Outbox, SilenceRecords, RuleRecords, AuditRecords and SettingsRecords in plain Python.

    `failure` is raised by the next writes, where a test wants to see records that can't be written.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self.failure: Exception | None = None
        self.alerts: dict[str, Alert] = {}
        self.heard: set[str] = set()
        """Alerts of which the newest notice said that they are open."""
        self.steps: list[Transition] = []
        self.deliveries: dict[str, Delivery] = {}
        self.kept_silences: dict[str, Silence] = {}
        self.kept_rules: dict[str, list[tuple[int, int, str, str | None]]] = {}
        self.entries: list[AuditEntry] = []
        self.kept_settings: list[KeptSettings] = []

    async def commit(self, transitions: Sequence[Transition], notices: Sequence[Notice] = ()) -> None:
        self._writing()
        for step in transitions:
            self.alerts[step.alert.id] = step.alert
            before = [one for one in self.steps if one.alert.id == step.alert.id][-1:]
            if before and _gist(before[0]) == _gist(step):
                self.steps.remove(before[0])
            self.steps.append(step)
        self._put(notices)

    async def living(self) -> list[Alert]:
        found = [one for one in self.alerts.values() if one.phase != "resolved" or one.id in self.heard]
        return sorted(found, key=lambda one: (one.pending_at, one.id))

    async def alert(self, alert_id: str) -> Alert | None:
        return self.alerts.get(alert_id)

    async def past(self, *, start: int, end: int, text: str = "", limit: int = 200) -> list[Alert]:
        found = [
            one
            for one in self.alerts.values()
            if one.fired_at is not None and start <= one.fired_at < end and _mentions(one, text)
        ]
        return sorted(found, key=lambda one: (one.fired_at or 0, one.id), reverse=True)[:limit]

    async def transitions(self, *, alert_id: str | None = None, start: int = 0, limit: int = 500) -> list[Transition]:
        found = [one for one in self.steps if alert_id in (None, one.alert.id) and one.at >= start]
        return sorted(found, key=lambda one: one.at)[:limit]

    async def put(self, notices: Sequence[Notice]) -> None:
        self._writing()
        self._put(notices)

    async def due(self, now: int, *, limit: int = 100, channel: str | None = None) -> list[Delivery]:
        found = [one for one in await self.waiting(channel=channel) if one.next_at <= now]
        return sorted(found, key=lambda one: -SEVERITIES.index(one.notice.severity))[:limit]

    async def waiting(self, *, channel: str | None = None, skip: int = 0, limit: int | None = None) -> list[Delivery]:
        found = [one for one in self.deliveries.values() if one.state == "waiting"]
        found = [one for one in found if channel in (None, one.notice.channel)]
        return sorted(found, key=lambda one: one.notice.at)[skip:][:limit]

    async def delivery(self, notice_id: str) -> Delivery | None:
        return self.deliveries.get(notice_id)

    async def counts(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for one in self.deliveries.values():
            waits, dead = found.get(one.notice.channel, (0, 0))
            if one.state in ("waiting", "dead"):
                found[one.notice.channel] = (waits + (one.state == "waiting"), dead + (one.state == "dead"))
        return found

    async def mark(self, deliveries: Sequence[Delivery]) -> None:
        self._writing()
        for one in deliveries:
            kept = self.deliveries.get(one.notice.id)
            if kept is not None:
                self.deliveries[one.notice.id] = replace(one, notice=kept.notice)

    async def deliveries_of(self, alert_id: str, *, limit: int = 100) -> list[Delivery]:
        found = [one for one in self.deliveries.values() if any(alert.id == alert_id for alert in one.notice.alerts)]
        return found[::-1][:limit]

    async def done(self, *, start: int = 0, limit: int = 200, state: DeliveryState | None = None) -> list[Delivery]:
        found = [one for one in self.deliveries.values() if one.state != "waiting" and _ended(one) >= start]
        found = [one for one in found if state in (None, one.state)]
        return sorted(found, key=_ended)[::-1][:limit]

    async def save(self, silence: Silence) -> None:
        self._writing()
        self.kept_silences[silence.id] = silence

    async def silences(self, *, ended: bool = False) -> list[Silence]:
        now = self._clock.now()
        found = [one for one in self.kept_silences.values() if ended or _coming(one, now)]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    async def save_rule(self, rule_id: str, body: str | None, *, at: int, by: str) -> int:
        self._writing()
        versions = self.kept_rules.setdefault(rule_id, [])
        versions.append((len(versions) + 1, at, by, body))
        return len(versions)

    async def rules(self) -> dict[str, str]:
        newest = {rule_id: versions[-1][3] for rule_id, versions in sorted(self.kept_rules.items())}
        return {rule_id: body for rule_id, body in newest.items() if body is not None}

    async def versions(self, rule_id: str) -> list[tuple[int, int, str, str | None]]:
        return list(self.kept_rules.get(rule_id, []))

    async def note(self, entry: AuditEntry) -> None:
        self._writing()
        self.entries.append(entry)

    async def audit(self, *, start: int = 0, limit: int = 200) -> list[AuditEntry]:
        found = [one for one in self.entries if one.at >= start]
        return sorted(found, key=lambda one: one.at)[::-1][:limit]

    async def save_settings(
        self, layer: str, changes: str, *, after: int, at: int, by: str, note: str
    ) -> KeptSettings | None:
        self._writing()
        if after != len(self.kept_settings):
            return None
        kept = KeptSettings(number=after + 1, at=at, by=by, note=note, layer=layer, changes=changes)
        self.kept_settings.append(kept)
        return kept

    async def settings_versions(self, *, limit: int = 100) -> list[KeptSettings]:
        return self.kept_settings[::-1][:limit]

    async def settings_version(self, number: int) -> KeptSettings | None:
        return next((one for one in self.kept_settings if one.number == number), None)

    def figures(self) -> Iterable[Sample]:
        return ()

    async def close(self) -> None:
        return

    def _writing(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _put(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            if notice.id in self.deliveries:
                continue
            self.deliveries[notice.id] = Delivery(notice=notice, next_at=notice.at)
            for alert in (one for one in notice.alerts if one.id in self.alerts):
                (self.heard.add if alert.phase != "resolved" else self.heard.discard)(alert.id)


def _gist(step: Transition) -> object:
    """Equal for updates that tell nothing but a newer value: of a run of those only the last is kept."""
    if step.change != "updated":
        return object()
    return (step.alert.severity, step.alert.no_data, step.alert.clearing_at is None)


def _mentions(alert: Alert, text: str) -> bool:
    parts = [alert.message, alert.metric, *(f"{name}={value}" for name, value in alert.labels)]
    return any(text.lower() in part.lower() for part in parts)


def _ended(delivery: Delivery) -> int:
    return delivery.notice.at if delivery.done_at is None else delivery.done_at


def _coming(silence: Silence, now: int) -> bool:
    if silence.ended_at is not None and silence.ended_at <= now:
        return False
    if silence.repeats:
        return silence.until is None or now < silence.until + DAY
    return now < silence.ends_at
