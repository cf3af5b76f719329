"""Asking for marks on the timeline over REST."""

from __future__ import annotations

import msgspec

from bongsu.client.wire import Asked
from bongsu.model.mark import Mark


class _Listed(msgspec.Struct):
    marks: list[Mark]


def marks_asked(start: int | str | None, end: int | str | None) -> Asked:
    """`GET /api/v1/marks`."""
    given = {"start": start, "end": end}
    return Asked(
        path="/api/v1/marks", parameters={name: str(value) for name, value in given.items() if value is not None}
    )


def read_marks(answer: bytes) -> list[Mark]:
    """The marks of an answer, oldest first."""
    return msgspec.json.decode(answer, type=_Listed).marks
