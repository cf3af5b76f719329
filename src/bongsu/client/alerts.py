"""Asking for alerts over REST, and reading them into the model."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from bongsu.client.wire import Asked
from bongsu.model.alert import Alert
from bongsu.model.sample import labels_of

AlertState: TypeAlias = Literal["open", "pending", "resolved", "all"]


def alerts_asked(state: AlertState, start: int | str | None, end: int | str | None, text: str, limit: int) -> Asked:
    """`GET /api/v1/alerts`."""
    given = {"state": state, "start": start, "end": end, "text": text or None, "limit": limit}
    return Asked(
        path="/api/v1/alerts", parameters={name: str(value) for name, value in given.items() if value is not None}
    )


def read_alerts(answer: bytes) -> list[Alert]:
    """The alerts of an answer, in its order."""
    found: list[dict[str, Any]] = msgspec.json.decode(answer)["alerts"]
    return [alert_of(one) for one in found]


def alert_of(told: dict[str, Any]) -> Alert:
    """One alert as REST and live frames tell it; when it changed last is what its own times say."""
    times = [told[name] for name in ("pending_at", "fired_at", "acknowledged_at", "resolved_at") if told[name]]
    pairs = {"labels": labels_of(told["labels"]), "messages": labels_of(told.get("messages") or {})}
    return msgspec.convert({**told, **pairs, "changed_at": max(times, default=0)}, Alert, strict=False)
