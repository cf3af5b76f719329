"""Which channels there are: one line a kind, loaded when asked for, and those that installed packages bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import TypeAlias, cast

import structlog

from bongsu.notify.tools import PacedChannel, Tools
from bongsu.settings.notifications import Notifications

Maker: TypeAlias = Callable[[Notifications, Tools], list[PacedChannel]]
"""The channels of one kind that the settings ask for; none where they don't."""

KINDS: Mapping[str, str] = {
    "slack": "bongsu.notify.channels.slack:channels",
    "telegram": "bongsu.notify.channels.telegram:channels",
    "email": "bongsu.notify.channels.email:channels",
    "webhook": "bongsu.notify.channels.webhook:channels",
    "jandi": "bongsu.notify.channels.jandi:channels",
    "dooray": "bongsu.notify.channels.dooray:channels",
    "discord": "bongsu.notify.channels.discord:channels",
    "apprise": "bongsu.notify.channels.apprise:channels",
}

ENTRY_POINTS = "bongsu.channels"
"""The group under which installed packages offer a `Maker`."""

_log = structlog.get_logger(__name__)


def channels_of(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """Every channel that is set up, in the order of `KINDS`.

    One of another package that can't be made is told and left out.
    """
    found = [channel for path in KINDS.values() for channel in _loaded(path)(settings, tools)]
    for point in entry_points(group=ENTRY_POINTS):
        try:
            found += cast("Maker", point.load())(settings, tools)
        except Exception:  # noqa: BLE001 - foreign code: whatever it raises, our own channels must work
            _log.exception("a channel of another package can't be used", package=point.value)
    return list({channel.name: channel for channel in reversed(found)}.values())[::-1]


def _loaded(path: str) -> Maker:
    module, _, name = path.partition(":")
    return cast("Maker", getattr(import_module(module), name))
