"""Alerts, steps, silences and deliveries as JSON: the one shape of REST and of the live socket."""

from __future__ import annotations

from typing import Any

from bongsu.model.alert import Alert, Delivery, Silence, Transition

_AS_THEY_ARE = (
    "id",
    "fingerprint",
    "source",
    "severity",
    "phase",
    "message",
    "rule",
    "metric",
    "value",
    "threshold",
    "unit",
    "pending_at",
    "fired_at",
    "acknowledged_at",
    "acknowledged_by",
    "acknowledged_until",
    "note",
    "resolved_at",
    "seen_at",
    "no_data",
    "flapping",
    "silenced_by",
    "inhibited_by",
)


def alert_json(alert: Alert) -> dict[str, Any]:
    """An alert; times are UTC ms or null."""
    told = {name: getattr(alert, name) for name in _AS_THEY_ARE}
    return told | {"labels": dict(alert.labels), "messages": dict(alert.messages)}


def step_json(step: Transition) -> dict[str, Any]:
    """One step of an alert's life, with the alert as it stood after it."""
    return {
        "change": step.change,
        "at": step.at,
        "by": step.by,
        "note": step.note,
        "alert": alert_json(step.alert),
    }


def silence_json(silence: Silence, *, in_force: bool) -> dict[str, Any]:
    """A silence or a maintenance window, and whether it keeps quiet just now."""
    return {
        "id": silence.id,
        "matchers": dict(silence.matchers),
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "reason": silence.reason,
        "by": silence.by,
        "created_at": silence.created_at,
        "repeats": silence.repeats,
        "timezone": silence.timezone,
        "until": silence.until,
        "ended_at": silence.ended_at,
        "in_force": in_force,
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A notice on its way: to whom, what, and what came of it."""
    notice = delivery.notice
    return {
        "id": notice.id,
        "kind": notice.kind,
        "channel": notice.channel,
        "channel_used": delivery.channel_used,
        "severity": notice.severity,
        "at": notice.at,
        "alerts": len(notice.alerts),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_at": delivery.next_at if delivery.state == "waiting" else None,
        "done_at": delivery.done_at,
        "error": delivery.error,
        "receipt": delivery.receipt,
    }
