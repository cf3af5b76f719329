"""An array of JSON numbers as a numpy column, with a marker where an entry is none.

simdjson reads arrays of good numbers straight into memory, four times faster than by way of Python's numbers; what it
doesn't take, msgspec looks at entry by entry.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from bongsu.ingest.columns import EARLIEST, LATEST, UNSTAMPED
from bongsu.ingest.names import shown
from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.refusals import Refusals
from bongsu.ingest.slices import parts

_SLICE = 128 << 10
"""Bytes of numbers decoded in one go: some ten thousand of them, under 2 ms."""

_SHOWN = 80
_WORDED = 1_000
"""Faulty entries of which the answer shows what was sent."""


_WHOLE = Annotated[int, msgspec.Meta(ge=EARLIEST, le=LATEST)]
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_Run: TypeAlias = "NDArray[Any] | list[msgspec.Raw]"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSpec:
    """What one of the arrays holds: `decoder` reads a run of it, `one` an entry, `marker` stands for a faulty one."""

    name: str
    wanted: str
    decoder: msgspec.json.Decoder[Any]
    one: msgspec.json.Decoder[Any]
    dtype: type[np.int64] | type[np.float64]
    marker: float
    null: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The column, and what was sent in place of some of its numbers."""

    spec: NumberSpec
    column: NDArray[Any]
    sent: dict[int, str] = field(default_factory=dict)


INDICES = NumberSpec(
    name="index",
    wanted="the position of an entry of series",
    decoder=msgspec.json.Decoder(list[_WHOLE]),
    one=msgspec.json.Decoder(_WHOLE),
    dtype=np.int64,
    marker=UNSTAMPED,
    null=UNSTAMPED,
)
TIMES = NumberSpec(
    name="at",
    wanted="whole UTC milliseconds",
    decoder=msgspec.json.Decoder(list[_WHOLE]),
    one=msgspec.json.Decoder(_WHOLE),
    dtype=np.int64,
    marker=UNSTAMPED + 1,
    null=UNSTAMPED,
)
VALUES = NumberSpec(
    name="value",
    wanted="a finite number",
    decoder=msgspec.json.Decoder(list[float]),
    one=msgspec.json.Decoder(float),
    dtype=np.float64,
    marker=np.nan,
    null=np.nan,
)


def read(spec: NumberSpec, text: bytes) -> Generator[None, None, Numbers]:
    """Read one array; yields between two runs of a long one.

    Raises:
        BadRequest: it isn't an array.
    """
    columns: list[NDArray[Any]] = []
    sent: dict[int, str] = {}
    start = 0
    for run in parts(text, lambda part: _run(spec, part), size=_SLICE):
        if columns:
            yield None
        columns.append(_column(spec, run, start, sent))
        start += len(run)
    return Numbers(spec=spec, column=columns[0] if len(columns) == 1 else np.concatenate(columns), sent=sent)


def refuse_faulty(numbers: Numbers, refused: NDArray[np.bool_], refusals: Refusals) -> None:
    """Refuse the entries that are no numbers, except those in `refused` already; adds them to it."""
    spec = numbers.spec
    mask = np.isnan(numbers.column) if spec.dtype is np.float64 else numbers.column == spec.marker
    if not mask.any():
        return

    def detail(index: int) -> str:
        return f"{spec.name} is {numbers.sent.get(index, 'null or no number')}; it must be {spec.wanted}"

    refusals.add_all("bad-type", 0, np.flatnonzero(mask & ~refused), detail)
    refused |= mask


def _run(spec: NumberSpec, part: bytes) -> _Run:
    quick = plain_numbers(part, spec.dtype)
    if quick is not None and not (spec.dtype is np.int64 and len(quick) and _beyond(quick)):
        return quick
    try:
        found: list[Any] = spec.decoder.decode(part)
    except UNREADABLE:
        return readable(_RAWS.decode, part)
    return np.fromiter(found, spec.dtype, len(found))


def plain_numbers(text: bytes, dtype: type[np.int64] | type[np.float64]) -> NDArray[Any] | None:
    """A JSON array of plain numbers, as most are; None where somebody must look closer."""
    if text.count(b"[") != 1:  # arrays in arrays would be read as one
        return None
    import simdjson  # 0.9 MiB: only where somebody sends columns

    try:
        array = simdjson.Parser().parse(text)
        if not isinstance(array, simdjson.Array):
            return None
        return np.frombuffer(array.as_buffer(of_type="i" if dtype is np.int64 else "d"), dtype)
    except (RuntimeError, TypeError, ValueError):
        return None


def _beyond(column: NDArray[Any]) -> bool:
    return bool(column.min() < EARLIEST or column.max() > LATEST)


def _column(spec: NumberSpec, run: _Run, start: int, sent: dict[int, str]) -> NDArray[Any]:
    if isinstance(run, np.ndarray):
        return run
    column = np.empty(len(run), spec.dtype)
    for i, raw in enumerate(run):
        try:
            column[i] = spec.one.decode(raw)
        except UNREADABLE:
            null = bytes(raw) == b"null"
            column[i] = spec.null if null else spec.marker
            if not null and len(sent) < _WORDED:
                sent[start + i] = shown(bytes(raw)[:_SHOWN].decode(errors="replace"))
    return column
