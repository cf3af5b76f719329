"""An alert as JSON, as REST and the live frames give it."""

from __future__ import annotations

from typing import Any

from bongsu.model.alert import Alert

_FIELDS = (
    *("id", "fingerprint", "source", "severity", "phase", "message", "rule", "metric", "value", "threshold", "unit"),
    *("pending_at", "fired_at", "acknowledged_at", "acknowledged_by", "acknowledged_until", "note", "resolved_at"),
    *("seen_at", "no_data", "flapping", "silenced_by", "inhibited_by"),
)


def document_of(alert: Alert) -> dict[str, Any]:
    """Its fields that others may rely on; labels as an object, times UTC milliseconds or null."""
    return {name: getattr(alert, name) for name in _FIELDS} | {"labels": dict(alert.labels)}
