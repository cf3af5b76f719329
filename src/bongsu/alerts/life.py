"""The life of an alert as a pure state machine.

    (inactive) → pending → firing ⇄ acknowledged → resolved

Every function takes the alert as it stands and what happened, and returns the steps that follow, oldest first; none
where nothing changes. Nothing here reads a clock, keeps state or does I/O. All times are UTC milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from bongsu.alerts.signal import Push, Signal
from bongsu.model.alert import Alert, Change, Transition
from bongsu.model.sample import Labels

MINUTE = 60_000
Steps = tuple[Transition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """When a trouble that comes and goes is flapping, and when a pushed alert is over.

    `flaps` beginnings within `flap_window` make it flapping: it then stays open until its condition has been clear
    for `steady`, so that it is told once. A pushed alert ends after `push_expiry` without being sent again.
    """

    flaps: int = 4
    flap_window: int = 15 * MINUTE
    steady: int = 5 * MINUTE
    push_expiry: int = 5 * MINUTE


DEFAULT_TEMPER = Temper()


def fingerprint_of(rule: str, metric: str, labels: Labels, message: str = "") -> str:
    """The same trouble, the same text: by rule, metric and labels; by the message where there is no metric."""
    parts = [rule, metric, *(f"{name}\x00{value}" for name, value in labels)] if metric or rule else ["", message]
    return hashlib.blake2b("\x01".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def on_signal(
    alert: Alert | None, signal: Signal, *, new_id: Callable[[], str], temper: Temper = DEFAULT_TEMPER
) -> Steps:
    """What follows from a rule's signal. `alert` may be the last, resolved one of the same fingerprint."""
    if alert is None or alert.phase == "resolved":
        return _begin(alert, signal, new_id, temper) if signal.condition == "breach" else ()
    if alert.phase == "pending":
        return _while_pending(alert, signal, temper)
    if signal.condition == "clear":
        return _clearing(alert, signal.at, signal.value, temper)
    if signal.condition == "no_data":
        return () if alert.no_data else (_step(alert, "updated", signal.at, no_data=True),)
    return _confirmed(alert, signal)


def on_push(alert: Alert | None, push: Push, *, new_id: Callable[[], str], temper: Temper = DEFAULT_TEMPER) -> Steps:
    """What follows from an alert that somebody sent: it fires at once, again means still, `resolved` ends it."""
    if alert is None or alert.phase == "resolved":
        if push.resolved:
            return ()
        begun = Alert(
            id=new_id(),
            fingerprint=fingerprint_of("", push.metric, push.labels, push.message),
            source="pushed",
            severity=push.severity,
            phase="firing",
            message=push.message,
            metric=push.metric,
            labels=push.labels,
            value=push.value,
            threshold=push.threshold,
            unit=push.unit,
            pending_at=push.at,
            changed_at=push.at,
            seen_at=push.at,
        )
        return _fire(begun, push.at, _recent(alert, push.at, temper), temper)
    if push.resolved:
        return _clearing(replace(alert, seen_at=push.at), push.at, push.value, temper)
    told = replace(
        alert,
        seen_at=push.at,
        clearing_at=None,
        severity=push.severity,
        message=push.message,
        value=push.value,
        threshold=push.threshold,
    )
    return (_step(told, "updated", push.at),)


def on_time(alert: Alert, now: int, *, temper: Temper = DEFAULT_TEMPER) -> Steps:
    """What follows from time alone having passed."""
    moment = next_moment(alert, temper=temper)
    if moment is None or moment > now:
        return ()
    if alert.phase == "pending":
        return _fire(alert, now, alert.fires, temper)
    if alert.acknowledged_until is not None and alert.phase == "acknowledged" and alert.acknowledged_until <= now:
        return unacknowledge(alert, by="", note="", now=now)
    return _resolve(alert, now)


def next_moment(alert: Alert, *, temper: Temper = DEFAULT_TEMPER) -> int | None:
    """When `on_time` will have something to do, if nothing else happens before."""
    if alert.phase == "resolved":
        return None
    if alert.phase == "pending":
        return alert.pending_at + alert.for_ms
    moments = []
    if alert.phase == "acknowledged" and alert.acknowledged_until is not None:
        moments.append(alert.acknowledged_until)
    if alert.clearing_at is not None:
        moments.append(alert.clearing_at + _hold(alert, temper))
    elif alert.source == "pushed":
        moments.append(alert.seen_at + temper.push_expiry)
    return min(moments, default=None)


def acknowledge(alert: Alert, *, by: str, note: str, until: int | None, now: int) -> Steps:
    """Somebody has it in hand, until `until` where a limit is given. Only an open alert can be acknowledged."""
    if not alert.open:
        return ()
    known = replace(alert, acknowledged_at=now, acknowledged_by=by, acknowledged_until=until, note=note)
    return (_step(known, "acknowledged", now, by=by, words=note, phase="acknowledged"),)


def unacknowledge(alert: Alert, *, by: str, note: str, now: int) -> Steps:
    """Nobody has it in hand any more: it fires again as before."""
    if alert.phase != "acknowledged":
        return ()
    open_again = replace(
        alert, acknowledged_at=None, acknowledged_by="", acknowledged_until=None, audible_at=max(now, alert.changed_at)
    )
    return (_step(open_again, "unacknowledged", now, by=by, words=note, phase="firing"),)


def resolve(alert: Alert, *, by: str, note: str, now: int) -> Steps:
    """Somebody says it is over."""
    if not alert.open:
        return ()
    return (_step(alert, "resolved", now, by=by, words=note, phase="resolved", resolved_at=now, clearing_at=None),)


def retired(alert: Alert, now: int) -> Steps:
    """What follows when nothing watches its condition any more: its rule is gone."""
    if alert.phase == "pending":
        return (_step(alert, "dropped", now, phase="resolved", resolved_at=now),)
    return _resolve(alert, now) if alert.open else ()


def muted(alert: Alert, *, silenced_by: str, inhibited_by: str, now: int) -> Steps:
    """What follows from the silences and inhibitions in force now (empty text: none)."""
    steps: list[Transition] = []
    if (alert.silenced_by or alert.inhibited_by) and not (silenced_by or inhibited_by):
        alert = replace(alert, audible_at=max(now, alert.changed_at))
    if bool(silenced_by) != bool(alert.silenced_by):
        change: Change = "silenced" if silenced_by else "unsilenced"
        steps.append(_step(alert, change, now, silenced_by=silenced_by))
        alert = steps[-1].alert
    if bool(inhibited_by) != bool(alert.inhibited_by):
        change = "inhibited" if inhibited_by else "uninhibited"
        steps.append(_step(alert, change, now, inhibited_by=inhibited_by))
    return tuple(steps)


# -- the steps -------------------------------------------------------------------------------------------------


def _begin(last: Alert | None, signal: Signal, new_id: Callable[[], str], temper: Temper) -> Steps:
    begun = Alert(
        id=new_id(),
        fingerprint=fingerprint_of(signal.rule, signal.metric, signal.labels),
        source="rule",
        severity=signal.severity,
        phase="pending",
        message=signal.message,
        messages=signal.messages,
        rule=signal.rule,
        metric=signal.metric,
        labels=signal.labels,
        value=signal.value,
        threshold=signal.threshold,
        unit=signal.unit,
        pending_at=signal.at,
        changed_at=signal.at,
        seen_at=signal.at,
        for_ms=signal.for_ms,
        keep_firing_ms=signal.keep_firing_ms,
        channels=signal.channels,
        escalation=signal.escalation,
        group_by=signal.group_by,
    )
    recent = _recent(last, signal.at, temper)
    if signal.for_ms <= 0:
        return _fire(begun, signal.at, recent, temper)
    return (_step(replace(begun, fires=recent), "pending", signal.at),)


def _while_pending(alert: Alert, signal: Signal, temper: Temper) -> Steps:
    if signal.condition != "breach":
        return (_step(alert, "dropped", signal.at, phase="resolved", resolved_at=signal.at),)
    seen = replace(alert, value=signal.value, message=signal.message, messages=signal.messages, seen_at=signal.at)
    if signal.at - alert.pending_at >= alert.for_ms:
        return _fire(seen, signal.at, alert.fires, temper)
    return ()


def _fire(alert: Alert, at: int, recent: tuple[int, ...], temper: Temper) -> Steps:
    fires = (*recent, at)[-temper.flaps :]
    audible = max(at, alert.changed_at)
    fired = _step(replace(alert, fires=fires, audible_at=audible), "fired", at, phase="firing", fired_at=at)
    if len(fires) < temper.flaps:
        return (fired,)
    return (fired, _step(fired.alert, "flapping", at, flapping=True))


def _confirmed(alert: Alert, signal: Signal) -> Steps:
    same = (alert.value, alert.message, alert.severity) == (signal.value, signal.message, signal.severity)
    if same and alert.clearing_at is None and not alert.no_data:
        return ()
    told = replace(
        alert,
        seen_at=signal.at,
        clearing_at=None,
        no_data=False,
        severity=signal.severity,
        message=signal.message,
        messages=signal.messages,
        value=signal.value,
    )
    return (_step(told, "updated", signal.at),)


def _clearing(alert: Alert, at: int, value: float | None, temper: Temper) -> Steps:
    """The condition is over: resolved at once, or held a while."""
    over = replace(alert, value=alert.value if value is None else value, no_data=False)
    if _hold(alert, temper) <= 0:
        return _resolve(over, at)
    if alert.clearing_at is not None:
        return ()
    return (_step(over, "updated", at, clearing_at=at),)


def _resolve(alert: Alert, at: int) -> Steps:
    calm = () if not alert.flapping else (_step(alert, "steady", at, flapping=False, fires=()),)
    last = calm[-1].alert if calm else alert
    return (*calm, _step(last, "resolved", at, phase="resolved", resolved_at=at, clearing_at=None))


def _hold(alert: Alert, temper: Temper) -> int:
    return max(alert.keep_firing_ms, temper.steady if alert.flapping else 0)


def _recent(last: Alert | None, at: int, temper: Temper) -> tuple[int, ...]:
    return () if last is None else tuple(moment for moment in last.fires if moment > at - temper.flap_window)


def _step(alert: Alert, change: Change, at: int, *, by: str = "", words: str = "", **news: object) -> Transition:
    """One step; times within one alert's life never go back, whatever the clock does."""
    moment = max(at, alert.changed_at)
    return Transition(alert=replace(alert, changed_at=moment, **news), change=change, at=moment, by=by, note=words)
