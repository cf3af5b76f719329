"""When a changed setting holds: at once, or from the next start on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from pydantic import BaseModel

from bongsu.model.setting import Moment
from bongsu.settings.model import Settings
from bongsu.settings.tree import Path, fields, settings_of, spell

AT_ONCE = (
    "$schema",
    "monitoring.update_interval_seconds",
    "monitoring.live_interval_seconds",
    "storage.retention",
    "logging.level",
    "logging.levels",
    "thresholds",
    "rules",
    "alerts",
    "escalation",
    "notifications",
    "anomaly_detection",
    "panels",
    "checks",
    "connections",
    "marketplaces",
    "sql_metrics",
    "limits",
    "scrape",
    "shop",
)
"""What the parts that run take up; everything else waits for the next start."""

_LATER = ("alerts.acknowledge_link", "alerts.allowed_commands")
"""Parts of these sections that are read once."""


def moment_of(spelled: str) -> Moment:
    """When a change of this setting holds."""
    path = f"{spelled}."
    if any(path.startswith(f"{one}.") for one in _LATER):
        return "restart"
    return "now" if any(path.startswith(f"{one}.") for one in AT_ONCE) else "restart"


def value_at(settings: Settings, path: Path) -> Any:
    """The value of a single setting; None where its section isn't there."""
    value: Any = settings
    for key in path:
        names = {known: name for name, info in type(value).model_fields.items() for known in [info.alias or name]}
        value = getattr(value, names[key])
        if value is None:
            return None
    return value


def differing(before: Settings, after: Settings) -> list[Path]:
    """The single settings whose values differ."""
    return [path for path, _ in settings_of(Settings) if value_at(before, path) != value_at(after, path)]


class Waiting:
    """What waits for the next start, worked out once a change: it is asked for every few seconds."""

    def __init__(self, running: Settings) -> None:
        """`running` are the settings this start began with."""
        self._running = running
        self._wanted = running
        self._paths: tuple[str, ...] = ()

    def paths(self, wanted: Settings) -> tuple[str, ...]:
        """The settings that hold from the next start on."""
        if wanted is not self._wanted:
            self._paths = tuple(waiting(self._running, wanted))
            self._wanted = wanted
        return self._paths


def waiting(running: Settings, wanted: Settings) -> list[str]:
    """The settings that hold from the next start on, where these are the wanted ones and those run."""
    return [spell(path) for path in differing(running, wanted) if moment_of(spell(path)) == "restart"]


def in_force(running: Settings, wanted: Settings) -> Settings:
    """The wanted settings, but for what waits for the next start: there those that run."""
    return cast("Settings", _mixed(running, wanted, ()))


def _mixed(running: BaseModel, wanted: BaseModel, path: Path) -> BaseModel:
    update: dict[str, Any] = {}
    for key, info in fields(type(wanted)).items():
        name = next(one for one, field in type(wanted).model_fields.items() if field is info)
        old, new = getattr(running, name), getattr(wanted, name)
        at = (*path, key)
        if isinstance(old, BaseModel) and isinstance(new, BaseModel) and type(old) is type(new):
            update[name] = _mixed(old, new, at)
        elif old != new and moment_of(spell(at)) == "restart":
            update[name] = old
    return wanted.model_copy(update=update) if update else wanted


def sooner(moments: Iterable[Moment]) -> Moment:
    """What to tell of several: a restart where one of them needs one."""
    return "restart" if "restart" in set(moments) else "now"
