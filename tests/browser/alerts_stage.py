"""A server full of alerts, rules, silences and channels, played by the test; every text in it may be a payload."""

from __future__ import annotations

import time
from typing import Any

from tests.browser.stage import Alerts, alert

HOUR = 3_600_000


def now() -> int:
    """UTC milliseconds."""
    return int(time.time() * 1000)


def rule(**changed: Any) -> dict[str, Any]:
    """A rule as REST tells it."""
    return {
        "id": "memory",
        "name": "memory high",
        "enabled": True,
        "kind": "threshold",
        "metric": "memory_usage",
        "labels": {},
        "aggregation": "avg",
        "window": "5m",
        "op": ">",
        "value": 85.0,
        "clear": 80.0,
        "for": "30s",
        "severity": "warning",
        "message": "",
        "source": "screen",
    } | changed


def silence(**changed: Any) -> dict[str, Any]:
    """A silence as REST tells it."""
    return {
        "id": "s1",
        "matchers": {"metric": "cpu_usage", "host": "web*"},
        "starts_at": now() - HOUR,
        "ends_at": now() + HOUR,
        "reason": "kernel update",
        "by": "",
        "created_at": now(),
        "repeats": "",
        "timezone": "Asia/Seoul",
        "until": None,
        "ended_at": None,
        "in_force": True,
    } | changed


def notice(**changed: Any) -> dict[str, Any]:
    """A message on its way as REST tells it."""
    return {
        "id": "n1",
        "kind": "fired",
        "channel": "webhook:ops",
        "channel_used": "",
        "severity": "error",
        "at": now() - HOUR,
        "alerts": 2,
        "state": "dead",
        "attempts": 8,
        "next_at": None,
        "done_at": None,
        "error": "HTTP 502",
        "receipt": "",
    } | changed


def channel(name: str, state: str = "ok", **changed: Any) -> dict[str, Any]:
    """A channel as REST tells it."""
    known = {"name": name, "kind": name.partition(":")[0], "state": state, "waiting": 0, "dead": 0}
    return known | {"last_sent_at": now() - 60_000, "last_error": ""} | changed


def backtest() -> dict[str, Any]:
    """What a back-test answers: a day at a point a minute, over the limit twice."""
    start = now() - 24 * HOUR
    points = [[start + 60_000 * i, 90.0 if 300 < i < 360 or 900 < i < 930 else 60.0] for i in range(1_440)]
    fired = [
        {"labels": {}, "from": points[301][0], "to": points[360][0], "worst": 90.0},
        {"labels": {}, "from": points[901][0], "to": points[930][0], "worst": 90.0},
    ]
    hours = [0] * 24
    hours[9] = 3
    return {
        "fired": fired,
        "count": 2,
        "total_ms": 88 * 60_000,
        "messages": 3,
        "by_hour": hours,
        "points": points,
        "threshold": 85.0,
        "series": 1,
    }


def furnish(alerts: Alerts, text: str = "") -> None:
    """A house full of everything; `text` stands wherever text from outside may stand."""
    mark = text or "plain"
    first = alert(
        1, severity="critical", message=f"first {mark}", labels={"market": mark}, note=mark, metric="cpu_usage"
    )
    alerts.open = [
        alert(2, message=f"second {mark}"),
        first,
        alert(3, phase="acknowledged", acknowledged_by=mark, message=f"third {mark}", severity="error"),
        alert(4, severity="info", silenced_by="s1", message=f"fourth {mark}", value=None, threshold=None),
    ]
    over = alert(9, phase="resolved", message=f"over {mark}", resolved_at=now() - 1_000)
    step = {"change": "acknowledged", "at": now(), "by": mark, "note": mark, "alert": first}
    everything = {"at": now(), "alerts": [*alerts.open, over]}
    alerts.answers |= {
        ("GET", "alerts/a1"): {"alert": first, "steps": [step], "deliveries": [notice(error=mark, channel=mark)]},
        ("GET", "alerts/a9"): {"alert": over, "steps": [], "deliveries": []},
        ("GET", "alerts?state=all"): everything,
        ("GET", "rules"): {"rules": [rule(name=mark, message=mark), rule(id="off", enabled=False, source="settings")]},
        ("GET", "rules/memory"): {"rule": rule(name=mark)},
        ("GET", "rules/memory/versions"): {
            "versions": [
                {"number": 1, "at": now(), "by": mark, "body": '{"value": 80}'},
                {"number": 2, "at": now(), "by": mark, "body": '{"value": 85}'},
            ]
        },
        ("POST", "rules/preview"): {
            "series": [
                {"labels": {"host": mark}, "value": 91.0, "condition": True},
                {"labels": {"host": "b"}, "value": 40.0, "condition": False},
            ]
        },
        ("POST", "rules/backtest"): backtest(),
        ("GET", "silences"): {"at": now(), "silences": [silence(reason=mark, by=mark, matchers={"host": mark})]},
        ("GET", "channels"): {
            "channels": [channel("slack"), channel("telegram", "failing", last_error=mark, waiting=3), channel(mark)]
        },
        ("GET", "notifications"): {"notifications": [notice(error=mark, channel=mark)]},
    }
