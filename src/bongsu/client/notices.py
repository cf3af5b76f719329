"""Messages to people, over the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bongsu.client.wire import Asked


class _Sent(msgspec.Struct):
    id: str


class _Accepted(msgspec.Struct):
    notifications: list[_Sent]


class _Listed(msgspec.Struct):
    notifications: list[dict[str, Any]]


def notify_asked(message: str, level: str, channels: Sequence[str] | None) -> Asked:
    """`POST /api/v1/notifications`."""
    body = {"message": message, "level": level, "channels": None if channels is None else list(channels)}
    return Asked(method="POST", path="/api/v1/notifications", parameters={}, body=msgspec.json.encode(body))


def notifications_asked(state: str | None, limit: int) -> Asked:
    """`GET /api/v1/notifications`."""
    return Asked(path="/api/v1/notifications", parameters={"state": state or "all", "limit": str(limit)})


def read_ids(body: bytes) -> list[str]:
    """The ids of messages on their way."""
    return [one.id for one in msgspec.json.decode(body, type=_Accepted).notifications]


def read_notifications(body: bytes) -> list[dict[str, Any]]:
    """The messages as they came."""
    return msgspec.json.decode(body, type=_Listed).notifications
