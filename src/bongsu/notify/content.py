"""What a notice says, before any service's markup: a heading, and the facts of each alert, in the reader's language.

Everything here is plain text out of untrusted sources: whoever lays it out escapes it for the place where it lands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bongsu.model.alert import Alert, Notice, NoticeKind
from bongsu.model.metric import undeclared
from bongsu.notify.cut import cut
from bongsu.notify.escape import line, plain
from bongsu.notify.figure import figure
from bongsu.notify.words import Language, say, span

LinkOf = Callable[[Notice], str | None]
"""The page on which the alerts of a notice can be acknowledged; None where there is none."""

UnitOf = Callable[[str], str]
"""A metric's unit, for alerts that don't say theirs: who pushes `cpu_usage` seldom sends the `%` along."""

SHOWN = 10
"""Alerts told one by one; of the others only the number is told."""

_MESSAGE = 1_000
_FACT = 200
_NOTE = 500
_LABELS = 12
_MARKS: dict[NoticeKind, str] = {
    "fired": "🚨",
    "resolved": "✅",
    "repeated": "🔁",
    "escalated": "📣",
    "acknowledged": "👀",
    "summary": "📋",
    "test": "🧪",
    "message": "🚨",
}


def no_link(notice: Notice) -> None:
    """No page: `server.public_url` isn't set."""


def by_name(metric: str) -> str:
    """What the name of a metric tells of its unit."""
    return undeclared(metric).unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of what is known: `값` `85.5%`. `key` is the same in every language."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert as it is told."""

    alert: Alert
    severity: str
    message: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything a notice says.

    `heading` is what happened (`WARNING`, `해제`), `title` to what; `told` are the alerts, worst first, `more` how many
    there are besides; `link` is where they can be acknowledged, `at` the moment in the reader's time zone.
    """

    notice: Notice
    language: Language
    mark: str
    heading: str
    title: str
    told: tuple[Told, ...]
    more: int
    at: str
    link: str | None

    @property
    def subject(self) -> str:
        """All of it on one line: `🚨 WARNING: CPU 사용률이 높습니다.`"""
        return line(f"{self.mark} {self.heading}: {self.title}")


def content_of(
    notice: Notice,
    *,
    timezone: str,
    language: Language | None = None,
    link_of: LinkOf = no_link,
    unit_of: UnitOf = by_name,
    shown: int = SHOWN,
) -> Content:
    """What the notice says, in its own language unless one is given; at most `shown` alerts one by one."""
    spoken = language or notice.language
    zone = ZoneInfo(timezone)
    told = tuple(_told(with_unit(alert, unit_of), notice, spoken, zone) for alert in notice.alerts[:shown])
    count = len(notice.alerts) + notice.more
    return Content(
        notice=notice,
        language=spoken,
        mark="ℹ️" if notice.severity == "info" and notice.kind in ("fired", "message") else _MARKS[notice.kind],
        heading=_heading(notice, spoken, count),
        title=_title(notice, spoken, count),
        told=told,
        more=count - len(told),
        at=moment(notice.at, zone),
        link=link_of(notice) if any(alert.open for alert in notice.alerts) else None,
    )


def with_unit(alert: Alert, unit_of: UnitOf) -> Alert:
    """The alert with its metric's unit, where it says none."""
    return alert if alert.unit or not alert.metric else replace(alert, unit=unit_of(alert.metric))


def moment(at: int, zone: ZoneInfo) -> str:
    """`2025-01-27 15:30:45` in that zone."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _heading(notice: Notice, language: Language, count: int) -> str:
    severity = notice.severity.upper()
    heading = say(notice.kind, language, severity=severity, step=notice.step) or severity
    several = say("several", language, count=count) if count > 1 and notice.kind != "summary" else ""
    return f"{heading} · {several}" if several else heading


def _title(notice: Notice, language: Language, count: int) -> str:
    if notice.kind == "test":
        return say("test_title", language)
    if notice.kind == "summary":
        return say("summary_title" if count > 1 else "summary_title_one", language, count=count)
    text = notice.text or (notice.alerts[0].said(language) if notice.alerts else "")
    return cut(plain(text).strip() or notice.group, _MESSAGE if notice.alerts else 4 * _MESSAGE)


def _told(alert: Alert, notice: Notice, language: Language, zone: ZoneInfo) -> Told:
    return Told(
        alert=alert,
        severity=alert.severity.upper(),
        message=cut(plain(alert.said(language)).strip(), _MESSAGE),
        facts=tuple(_facts(alert, notice, language, zone)),
    )


def _facts(alert: Alert, notice: Notice, language: Language, zone: ZoneInfo) -> list[Fact]:
    found: list[tuple[str, str]] = []
    if alert.metric:
        found.append(("metric", alert.metric))
    if alert.value is not None:
        found.append(("value", figure(alert.value, line(alert.unit))))
    if alert.threshold is not None:
        found.append(("threshold", figure(alert.threshold, line(alert.unit))))
    if alert.labels:
        pairs = [f"{name}={value}" for name, value in alert.labels[:_LABELS]]
        found.append(("labels", ", ".join(pairs) + ("…" if len(alert.labels) > _LABELS else "")))
    if alert.no_data or alert.flapping:
        found.append(("no_data", say("no_data_value" if alert.no_data else "flapping_value", language)))
    found += _course(alert, notice, language, zone)
    return [
        Fact(key=key, label=say(key, language), value=cut(line(value), _NOTE if key == "note" else _FACT))
        for key, value in found
    ]


def _course(alert: Alert, notice: Notice, language: Language, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What became of it: only what the kind of notice is about."""
    found: list[tuple[str, str]] = []
    begun = alert.fired_at if alert.fired_at is not None else alert.pending_at
    if alert.phase == "resolved":
        ended = alert.resolved_at if alert.resolved_at is not None else alert.changed_at
        found += [("fired_at", moment(begun, zone)), ("lasted", span(ended - begun, language))]
    elif notice.kind in ("repeated", "escalated"):
        found.append(("lasting", span(notice.at - begun, language)))
    if alert.phase == "acknowledged":
        found.append(("by", alert.acknowledged_by))
        if alert.acknowledged_until is not None:
            found.append(("until", moment(alert.acknowledged_until, zone)))
    if alert.note and alert.phase in ("acknowledged", "resolved"):
        found.append(("note", alert.note))
    return [(key, value) for key, value in found if value]
