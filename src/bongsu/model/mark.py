"""Marks on the timeline: deploys, campaigns, and changes of state, drawn on every chart."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from bongsu.model.check import Kind, State

MarkKind: TypeAlias = Literal["deploy", "campaign", "note", "state"]
MARK_KINDS: tuple[MarkKind, ...] = ("deploy", "campaign", "note", "state")
"""`state` is made by checks themselves; the others are sent."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Whose state changed, from what to what, and why."""

    kind: Kind
    name: str
    title_ko: str
    title_en: str
    was: State
    state: State
    reason: str = ""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A moment worth seeing on every chart. `at` is UTC ms; `label` the few words beside the line."""

    id: str
    at: int
    kind: MarkKind
    label: str
    by: str = ""
    link: str = ""
    change: Change | None = None
