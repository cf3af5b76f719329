"""Which alerts are meant: pairs of a name and a value, as silences, maintenance windows and inhibition write them."""

from __future__ import annotations

from typing import TypeAlias

from bongsu.model.alert import Alert

Matchers: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of a name (`rule`, `metric`, `severity`, `source`, `message` or a label's) and a value; all must hold."""

OWN_NAMES = ("rule", "metric", "severity", "source", "message")


def value_of(alert: Alert, name: str) -> str:
    """What the alert has under a name; empty where it has no such label."""
    if name in OWN_NAMES:
        own: str = getattr(alert, name)
        return own
    return next((value for label, value in alert.labels if label == name), "")


def matches(alert: Alert, matchers: Matchers) -> bool:
    """Whether every pair holds; a value that ends in `*` asks for a beginning, `*` alone for anything."""
    return all(_agrees(value_of(alert, name), wanted) for name, wanted in matchers)


def _agrees(found: str, wanted: str) -> bool:
    return found.startswith(wanted[:-1]) if wanted.endswith("*") else found == wanted
