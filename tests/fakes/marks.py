"""Marks in a plain list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bongsu.model.mark import Mark


class ListedMarks:
    """Implements `MarkRecords`; `failure` is raised by the next writes."""

    def __init__(self) -> None:
        self.listed: list[Mark] = []
        self.failure: Exception | None = None

    async def save_mark(self, mark: Mark) -> None:
        if self.failure is not None:
            raise self.failure
        self.listed = sorted(
            [*(one for one in self.listed if one.id != mark.id), mark], key=lambda one: (one.at, one.id)
        )

    async def remove_mark(self, mark_id: str) -> bool:
        before = len(self.listed)
        self.listed = [one for one in self.listed if one.id != mark_id]
        return len(self.listed) < before

    async def marks(self, *, start: int, end: int, limit: int) -> list[Mark]:
        return [one for one in self.listed if start <= one.at < end][-limit:]


class ToldMarks:
    """An announcer that writes down."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def announce(self, kind: str, body: Mapping[str, object], *, topic: str | None = None) -> None:
        assert (kind, topic) == ("mark", None)
        self.frames.append(dict(body))
