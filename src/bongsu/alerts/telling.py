"""Who must hear what now: one function of a group's alerts, the plan and the moment.

What each channel was told stands on the alerts themselves (`Alert.heard`), so that the answer is the same after a
restart: the state machine never repeats itself. Nothing here reads a clock, keeps state or does I/O; times are UTC ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from bongsu.alerts.matching import value_of
from bongsu.alerts.policy import Pace, Plan, Step
from bongsu.model.alert import SEVERITIES, Alert, Heard, Notice, NoticeKind

_MOST_ALERTS = 500
"""Alerts in one notice; more make several."""
_ORDER: tuple[NoticeKind, ...] = ("fired", "escalated", "repeated", "acknowledged", "resolved")


_STATES: dict[NoticeKind, Literal["open", "acknowledged", "resolved"]] = {
    "acknowledged": "acknowledged",
    "resolved": "resolved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be said now: the notices, the alerts whose `heard` changed, and when to look again."""

    notices: tuple[Notice, ...] = ()
    alerts: tuple[Alert, ...] = ()
    next_at: int | None = None
    spoke: bool = False
    """Whether this was one of the messages that the pace counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """One thing to tell one channel about one alert, since when it has waited, and whether the pace holds for it."""

    alert: Alert
    channel: str
    kind: NoticeKind
    since: int
    step: int = 0
    paced: bool = False


def group_of(alert: Alert, plan: Plan) -> str:
    """Alerts with an equal group are told together. One without rule and metric stands for itself."""
    names = alert.group_by or plan.group_by
    values = [f"{name}={value}" for name in names if (value := value_of(alert, name))]
    return ",".join([f"rule={alert.rule}", *values] if alert.group_by and alert.rule else values) or alert.fingerprint


def worst_first(alerts: Iterable[Alert]) -> list[Alert]:
    """By severity, then by how long they have been open."""
    return sorted(alerts, key=lambda one: (-rank(one), one.fired_at or one.pending_at, one.id))


def rank(thing: Alert | Heard) -> int:
    """0 for info … 3 for critical."""
    return SEVERITIES.index(thing.severity)


def tell(
    alerts: Sequence[Alert],
    plan: Plan,
    *,
    group: str,
    now: int,
    new_id: Callable[[], str],
    spoken: Sequence[int] = (),
) -> Told:
    """What the group's alerts have to tell at `now`. `spoken` are the recent moments at which the group was told."""
    words: list[_Word] = []
    moments: list[int] = []
    for alert in alerts:
        said, moment = _words(alert, plan, now)
        words += said
        if moment is not None:
            moments.append(moment)
    held = [word for word in words if word.paced]
    due = _due(held, alerts, plan.pace, now, spoken) if held else None
    if due is not None and due > now:
        moments.append(due)
        words = [word for word in words if not word.paced]
    if not words:
        return Told(next_at=min(moments, default=None))
    words = _joined(words, alerts, plan, now)
    heard = _heard(words, now)
    # Look again at once: what was told may have a repetition of its own to wait for.
    return Told(
        notices=tuple(_notices(words, plan, group=group, now=now, new_id=new_id)),
        alerts=tuple(heard),
        next_at=_next(alerts, heard, plan, now, moments),
        spoke=any(word.paced for word in words),
    )


# -- one alert -------------------------------------------------------------------------------------------------


def _words(alert: Alert, plan: Plan, now: int) -> tuple[list[_Word], int | None]:
    """What it has to tell at `now`, and when it will have more."""
    if alert.phase == "resolved":
        return list(_farewells(alert, plan)), None
    if not alert.open or alert.silenced_by or alert.inhibited_by or alert.audible_at is None:
        return [], None
    if alert.phase == "acknowledged":
        return list(_reliefs(alert, plan)), None
    return _calls(alert, plan, now, alert.audible_at)


def _farewells(alert: Alert, plan: Plan) -> Iterator[_Word]:
    """Whoever heard that it is open hears that it is over, silenced or not."""
    for heard in alert.heard:
        if heard.state != "resolved" and heard.channel in plan.channels:
            yield _Word(alert=alert, channel=heard.channel, kind="resolved", since=alert.resolved_at or 0, paced=True)


def _reliefs(alert: Alert, plan: Plan) -> Iterator[_Word]:
    for heard in alert.heard:
        if heard.state == "open" and heard.channel in plan.channels:
            yield _Word(alert=alert, channel=heard.channel, kind="acknowledged", since=alert.acknowledged_at or 0)


def _calls(alert: Alert, plan: Plan, now: int, start: int) -> tuple[list[_Word], int | None]:
    audience, moments = _audience(alert, plan, now, start)
    repeat = plan.policy_for(alert.severity, alert.escalation).repeat
    known = {heard.channel: heard for heard in alert.heard}
    words = []
    for channel, (step, reached) in audience.items():
        heard = known.get(channel)
        if heard is None:
            kind: NoticeKind = "escalated" if step else "fired"
            words.append(
                _Word(alert=alert, channel=channel, kind=kind, since=reached, step=step, paced=kind == "fired")
            )
        elif heard.state != "open" or heard.at < start:
            words.append(
                _Word(alert=alert, channel=channel, kind="repeated", since=reached, step=step, paced=step == 0)
            )
        elif rank(alert) > rank(heard):
            words.append(
                _Word(alert=alert, channel=channel, kind="fired", since=alert.changed_at, step=step, paced=True)
            )
        elif repeat and heard.at + repeat <= now:
            words.append(_Word(alert=alert, channel=channel, kind="repeated", since=heard.at + repeat, step=step))
        elif repeat:
            moments.append(heard.at + repeat)
    return words, min(moments, default=None)


def _audience(alert: Alert, plan: Plan, now: int, start: int) -> tuple[dict[str, tuple[int, int]], list[int]]:
    """Each channel with the first step that reached it and when; and the moments at which that will change."""
    found: dict[str, tuple[int, int]] = {}
    moments = []
    reached = start
    for number, step in enumerate(plan.policy_for(alert.severity, alert.escalation).steps):
        reached += step.wait
        if reached > now:
            moments.append(reached)
            break
        own = [channel for channel in alert.channels if channel in plan.channels] if number == 0 else []
        # A rule none of whose channels exists is told as if it named none: a slip of the pen must not make it mute.
        for channel in own or _channels(step, plan, now):
            if channel in plan.channels:
                found.setdefault(channel, (number, reached))
        moments += [plan.rotas[name].next_handover(now) for name in step.rotas if name in plan.rotas]
    return found, moments


def _channels(step: Step, plan: Plan, now: int) -> list[str]:
    on_call = [plan.rotas[name].on_call(now) for name in step.rotas if name in plan.rotas]
    people = [channel for person in (*step.people, *on_call) for channel in plan.people.get(person, ())]
    return [*(plan.channels if step.everyone else ()), *step.channels, *people]


# -- the group -------------------------------------------------------------------------------------------------


def _due(held: Sequence[_Word], alerts: Sequence[Alert], pace: Pace, now: int, spoken: Sequence[int]) -> int:
    """When what the pace holds may be said; what is worse than anything said lately doesn't wait its turn."""
    soonest = min(word.since for word in held) + pace.wait
    lately = [heard for alert in alerts for heard in alert.heard if heard.at > now - pace.interval]
    moments = sorted({*spoken, *(heard.at for heard in lately)})
    moments = [moment for moment in moments if moment > now - pace.interval]
    if len(moments) < pace.burst:
        return soonest
    known = max((rank(heard) for heard in lately), default=len(SEVERITIES))
    worse = [word.since + pace.wait for word in held if word.kind == "fired" and rank(word.alert) > known]
    return min([max(soonest, moments[-pace.burst] + pace.interval), *worse])


def _joined(words: Sequence[_Word], alerts: Sequence[Alert], plan: Plan, now: int) -> list[_Word]:
    """Where one alert is repeated to a channel, the group's others that it knows to be open are repeated with it."""
    told = {(word.alert.id, word.channel) for word in words}
    repeated = {word.channel: word.step for word in words if word.kind == "repeated"}
    joining = []
    for alert in alerts if repeated else ():
        if alert.phase != "firing" or alert.silenced_by or alert.inhibited_by or alert.audible_at is None:
            continue
        audience, _ = _audience(alert, plan, now, alert.audible_at)
        for heard in alert.heard:
            channel = heard.channel
            if channel in repeated and channel in audience and (alert.id, channel) not in told:
                joining.append(_Word(alert=alert, channel=channel, kind="repeated", since=now, step=repeated[channel]))
    return [*words, *joining]


def _heard(words: Iterable[_Word], now: int) -> list[Alert]:
    """The alerts as they stand once this was said."""
    changed: dict[str, Alert] = {}
    for word in words:
        alert = changed.get(word.alert.id, word.alert)
        state = _STATES.get(word.kind, "open")
        others = tuple(heard for heard in alert.heard if heard.channel != word.channel)
        news = Heard(channel=word.channel, state=state, severity=alert.severity, at=now)
        changed[alert.id] = replace(alert, heard=(*others, news))
    return list(changed.values())


def _notices(
    words: Sequence[_Word], plan: Plan, *, group: str, now: int, new_id: Callable[[], str]
) -> Iterator[Notice]:
    """A message for each channel and kind."""
    sorted_out: dict[tuple[int, str], list[_Word]] = {}
    for word in words:
        sorted_out.setdefault((_ORDER.index(word.kind), word.channel), []).append(word)
    for (order, channel), some in sorted(sorted_out.items(), key=lambda item: item[0]):
        alerts = worst_first(replace(word.alert, heard=()) for word in some)
        for first in range(0, len(alerts), _MOST_ALERTS):
            these = tuple(alerts[first : first + _MOST_ALERTS])
            yield Notice(
                id=new_id(),
                kind=_ORDER[order],
                channel=channel,
                severity=these[0].severity,
                at=now,
                group=group,
                alerts=these,
                language=plan.language,
                step=max(word.step for word in some),
            )


def _next(alerts: Sequence[Alert], heard: Sequence[Alert], plan: Plan, now: int, moments: list[int]) -> int | None:
    """When there is more to say, now that this was said."""
    news = {alert.id: alert for alert in heard}
    later = [moment for alert in alerts for moment in [_words(news.get(alert.id, alert), plan, now)[1]] if moment]
    return min([*later, *(moment for moment in moments if moment > now)], default=None)
