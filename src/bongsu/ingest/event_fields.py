"""One field of many events, read from a JSON array: numbers quickly, anything else value by value."""

from __future__ import annotations

import zlib
from collections.abc import Generator
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from bongsu.ingest.reading import UNREADABLE, readable
from bongsu.ingest.slices import parts
from bongsu.model.event import NO_SESSION, Field, Kind, UInt8s, text_code
from bongsu.model.sample import Float64s, Int32s

_SLICE = 128 << 10
_NUMBERS = msgspec.json.Decoder(list[float])
_NULLABLE = msgspec.json.Decoder(list[float | None])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])

coded = lru_cache(maxsize=65_536)(text_code)
"""Codes of texts met lately."""


def read_field(text: bytes) -> Generator[None, None, Field]:
    """Read the array of one field; yields between two runs of a long one.

    Raises:
        BadRequest: it isn't an array.
    """
    values: list[Float64s] = []
    kinds: list[UInt8s | None] = []
    for run in parts(text, _run, size=_SLICE):
        if values:
            yield None
        value, kind = _column(run)
        values.append(value)
        kinds.append(kind)
    if len(values) == 1:
        return Field(value=values[0], kind=kinds[0])
    whole = Field(value=np.concatenate(values))
    if all(kind is None for kind in kinds):
        return whole
    mixed = [Field(value=value, kind=kind).kinds() for value, kind in zip(values, kinds, strict=True)]
    return Field(value=whole.value, kind=np.concatenate(mixed))


def _run(part: bytes) -> list[Any]:
    for decoder in (_NUMBERS, _NULLABLE):
        try:
            found: list[Any] = decoder.decode(part)
        except UNREADABLE:
            continue
        return found
    return readable(_RAWS.decode, part)


def _column(run: list[Any]) -> tuple[Float64s, UInt8s | None]:
    if not run or not isinstance(run[0], msgspec.Raw):
        return np.array(run, np.float64), None
    return mixed_column([_value(raw) for raw in run])


def _value(raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except UNREADABLE:
        return ()


def mixed_column(values: list[Any]) -> tuple[Float64s, UInt8s]:
    """Decoded JSON values as a column with their kinds."""
    pairs = [_coded(value) for value in values]
    return np.array([value for value, _ in pairs], np.float64), np.array([kind for _, kind in pairs], np.uint8)


def _coded(value: Any) -> tuple[float, int]:
    if value is None:
        return np.nan, Kind.ABSENT
    if isinstance(value, bool):
        return float(value), Kind.FLAG
    if isinstance(value, int | float):
        try:
            return float(value), Kind.NUMBER
        except OverflowError:
            return np.nan, Kind.OTHER
    if isinstance(value, str):
        return coded(value), Kind.TEXT
    return np.nan, Kind.OTHER


def read_sessions(text: bytes, count: int) -> Int32s | None:
    """The sessions of `count` events: one name for all of them, or an array of names (texts or numbers)."""
    if text == b"null":
        return None
    value = readable(msgspec.json.decode, text)
    if not isinstance(value, list):
        return np.full(count, session_code(value), np.int32)
    return np.array([session_code(one) for one in value], np.int32)


@lru_cache(maxsize=4_096, typed=True)
def _session(value: str | int | float) -> int:
    return (zlib.crc32(str(value).encode(errors="replace")) & 0x7FFFFFFF) | 1


def session_code(value: object) -> int:
    """A number that stands for a session's name."""
    return _session(value) if isinstance(value, str | int | float) else NO_SESSION
