"""Which open alerts keep which others quiet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from bongsu.alerts.matching import matches, value_of
from bongsu.alerts.policy import Inhibition
from bongsu.model.alert import Alert

Sources: TypeAlias = dict[tuple[int, tuple[str, ...]], list[Alert]]
"""Open alerts that keep others quiet: by the inhibition's place and their values under `equal`."""


def sources_of(alerts: Iterable[Alert], inhibitions: Sequence[Inhibition]) -> Sources:
    """The sources among these alerts."""
    found: Sources = {}
    for alert in alerts:
        if not alert.open:
            continue
        for place, one in enumerate(inhibitions):
            key = _key(alert, one)
            if key is not None and matches(alert, one.source):
                found.setdefault((place, key), []).append(alert)
    return found


def is_source(alert: Alert, inhibitions: Sequence[Inhibition]) -> bool:
    """Whether others may depend on it."""
    return any(matches(alert, one.source) and _key(alert, one) is not None for one in inhibitions)


def inhibitor(alert: Alert, sources: Sources, inhibitions: Sequence[Inhibition]) -> str:
    """The id of an open alert that keeps this one quiet; empty without one. One that still holds goes first."""
    found: list[str] = []
    for place, one in enumerate(inhibitions):
        key = _key(alert, one)
        candidates = () if key is None else sources.get((place, key), ())
        if candidates and matches(alert, one.target):
            mutual = matches(alert, one.source)
            # Two that each could be the cause of the other both speak.
            found += [cause.id for cause in candidates if cause.id != alert.id and not (mutual and _fits(cause, one))]
    return alert.inhibited_by if alert.inhibited_by in found else next(iter(found), "")


def _fits(cause: Alert, inhibition: Inhibition) -> bool:
    return matches(cause, inhibition.target)


def _key(alert: Alert, inhibition: Inhibition) -> tuple[str, ...] | None:
    values: list[str] = []
    for name in inhibition.equal:
        if name == "*":
            values += [f"{label}={value}" for label, value in alert.labels]
        elif value := value_of(alert, name):
            values.append(value)
        else:
            return None
    return tuple(values)
