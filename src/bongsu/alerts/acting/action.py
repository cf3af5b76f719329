"""Which actions an alert's change starts, and which of them may run now. Pure; times are UTC ms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bongsu.alerts.matching import Matchers, matches, value_of
from bongsu.model.alert import SEVERITIES, Alert, Severity, Transition

HOUR = 3_600_000
Refusal: TypeAlias = Literal["cooldown", "rate"]
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)


class BadArgument(Exception):
    """A value of the alert isn't of the type that the argument wants; nothing may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An argument whose value comes from the alert."""

    label: str
    type: Literal["name", "integer", "choice"] = "name"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program with its arguments."""

    program: str
    arguments: tuple[str | Taken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """A POST; address and headers may be secret."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "HttpCall(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Python function, `module:name`."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """Something Bongsu can do to itself."""

    name: str


Deed: TypeAlias = Command | HttpCall | Function | BuiltIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """When, what, and how often at most; `cooldown` and `time_out` in ms."""

    name: str
    deed: Deed
    on: frozenset[str] = frozenset({"fired"})
    severities: frozenset[Severity] = frozenset(SEVERITIES)
    matchers: Matchers = ()
    dry_run: bool = False
    cooldown: int = 600_000
    per_hour: int = 6
    time_out: int = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """That an action ran, for which trouble, when."""

    action: str
    fingerprint: str
    at: int


def started_by(step: Transition, actions: Sequence[Action]) -> list[Action]:
    """The actions that this step starts; none for what is kept quiet: nobody wants it acted on either."""
    alert = step.alert
    if alert.silenced_by or alert.inhibited_by:
        return []
    return [
        one
        for one in actions
        if step.change in one.on and alert.severity in one.severities and matches(alert, one.matchers)
    ]


def refusal(action: Action, alert: Alert, runs: Sequence[Run], now: int) -> Refusal | None:
    """Why it may not run now, given the runs of the last hour and more; None where it may."""
    own = [run for run in runs if run.action == action.name]
    if any(run.fingerprint == alert.fingerprint and run.at > now - action.cooldown for run in own):
        return "cooldown"
    return "rate" if sum(run.at > now - HOUR for run in own) >= action.per_hour else None


def arguments_of(command: Command, alert: Alert) -> list[str]:
    """The arguments with the alert's values, each of its type.

    Raises:
        BadArgument: a value is missing or not of its type.
    """
    return [one if isinstance(one, str) else _taken(one, alert) for one in command.arguments]


def _taken(argument: Taken, alert: Alert) -> str:
    value = value_of(alert, argument.label)
    good = {
        "name": _NAME.fullmatch(value) is not None,
        "integer": _INTEGER.fullmatch(value) is not None,
        "choice": value in argument.choices,
    }[argument.type]
    if not good:
        raise BadArgument(f"{argument.label} is {value[:60]!r}, which is no {argument.type}")
    return value
