"""From the settings to the plan: who is told what when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bongsu.alerts.life import Temper
from bongsu.alerts.policy import BUILT_IN_INHIBITIONS, Inhibition, Pace, Plan, Policy, Rota, Step
from bongsu.alerts.silencing import DAYS
from bongsu.model.alert import Silence
from bongsu.settings.alerts import EscalationSection, MaintenanceSection, RotaSection
from bongsu.settings.model import Settings

_EVER = date(2000, 1, 3)
"""A window that comes back has always come back; a Monday."""


def temper_of(settings: Settings) -> Temper:
    """When alerts flap, and when pushed ones are over."""
    alerts = settings.alerts
    return Temper(
        flaps=alerts.flaps,
        flap_window=int(alerts.flap_window),
        steady=int(alerts.steady),
        push_expiry=int(alerts.push_expiry),
    )


def plan_of(settings: Settings, *, channels: Sequence[str], language: Literal["ko", "en"] | None = None) -> Plan:
    """The plan over these channels; `language` is that of messages."""
    alerts = settings.alerts
    own = tuple(
        Inhibition(
            name=one.name,
            source=tuple(one.source.items()),
            target=tuple(one.target.items()),
            equal=tuple(one.equal),
        )
        for one in alerts.inhibition
    )
    return Plan(
        channels=tuple(channels),
        policies=tuple(_policy(one) for one in settings.escalation),
        people={person.name: tuple(person.channels) for person in alerts.people},
        rotas={one.name: _rota(one) for one in alerts.rotas},
        pace=Pace(wait=int(alerts.group_wait), interval=int(alerts.group_interval), burst=alerts.group_burst),
        group_by=tuple(alerts.group_by),
        repeat=int(alerts.repeat),
        inhibitions=(*own, *(BUILT_IN_INHIBITIONS if alerts.built_in_inhibition else ())),
        maintenance=tuple(_window(one) for one in alerts.maintenance),
        language=language or settings.monitoring.language,
    )


def unreachable(settings: Settings, channels: Collection[str]) -> Iterator[tuple[str, str]]:
    """Where the settings name a channel or a policy that doesn't exist, and which."""
    policies = {policy.name for policy in settings.escalation}
    named = {f"rules[{place}]": rule.channels for place, rule in enumerate(settings.rules)}
    named |= {f"alerts.people[{place}]": person.channels for place, person in enumerate(settings.alerts.people)}
    for place, policy in enumerate(settings.escalation):
        named |= {f"escalation[{place}].steps[{rung}]": step.channels for rung, step in enumerate(policy.steps)}
    for where, names in named.items():
        yield from ((f"{where}.channels[{n}]", name) for n, name in enumerate(names) if name not in channels)
    for place, rule in enumerate(settings.rules):
        if rule.escalation and rule.escalation not in policies:
            yield f"rules[{place}].escalation", rule.escalation


def _policy(section: EscalationSection) -> Policy:
    return Policy(
        name=section.name,
        steps=tuple(
            Step(
                wait=int(step.wait),
                channels=tuple(step.channels),
                people=tuple(step.people),
                rotas=tuple(step.rotas),
                everyone=step.everyone,
            )
            for step in section.steps
        ),
        severities=frozenset(section.severities),
        repeat=int(section.repeat),
    )


def _rota(section: RotaSection) -> Rota:
    return Rota(
        name=section.name,
        people=tuple(section.people),
        starts=date.fromisoformat(section.starts),
        weekday=DAYS.index(section.day),
        handover=time.fromisoformat(section.time),
        timezone=section.timezone,
    )


def _window(section: MaintenanceSection) -> Silence:
    zone = ZoneInfo(section.timezone)
    start, end = time.fromisoformat(section.start), time.fromisoformat(section.end)
    nights = 1 if end <= start else 0
    until = None if section.until is None else datetime.combine(date.fromisoformat(section.until), start, zone)
    return Silence(
        id=f"settings:{section.name}",
        matchers=tuple(section.matchers.items()),
        starts_at=_ms(datetime.combine(_EVER, start, zone)),
        ends_at=_ms(datetime.combine(_EVER + timedelta(days=nights), end, zone)),
        reason=section.reason or section.name,
        by="settings",
        created_at=0,
        repeats=section.repeats,
        timezone=section.timezone,
        until=None if until is None else _ms(until),
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
