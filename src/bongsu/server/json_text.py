"""Answers as JSON text, with nothing built that isn't sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
import numpy as np

from bongsu import native
from bongsu.model.query import Points
from bongsu.model.sample import Labels
from bongsu.server.points_text import Text, points_texts

_RUN = 20_000
"""Points written before others get their turn: half a millisecond."""
_FIRST, _ONLY = b',"series":[', b'"series":['
"""How the series begin behind other members, and without any."""


_END = b"]}]}"
_OPENINGS = 1_024
"""Series whose name and labels are remembered as text."""
_writer = native.TextWriter()


async def series_text(head: Mapping[str, object], series: Sequence[Points]) -> list[Text]:
    """The answer of a query: the members of `head`, then `series`, each with its points as `[[ms, value], …]`.

    In pieces that follow each other: half a megabyte copied less.
    """
    texts: list[Text] = []
    written = 0
    for text, points in _parts(head, series):
        if written + points > _RUN:
            written = 0
            await asyncio.sleep(0)
        texts.append(text)
        written += points
    return texts


def series_texts(head: Mapping[str, object], series: Sequence[Points]) -> list[Text]:
    """The same for few points, at once."""
    before = msgspec.json.encode(head)[:-1] + (_FIRST if head else _ONLY)
    if not series:
        return [before + b"]}"]
    at = series[0].at
    if len(series) == 1 and len(at) <= _RUN:
        whole = _writer.text(before + _opening(series[0].metric, series[0].labels), at, series[0].value, _END)
        if whole is not None:
            return [whole]
    if len(series) * len(at) > _RUN or any(points.at is not at for points in series):
        return [text for text, _ in _parts(head, series)]
    texts: list[Text] = []
    for points, text in zip(series, points_texts(at, [points.value for points in series]), strict=True):
        texts += (before + _opening(points.metric, points.labels), text)
        before = b"]},"
    texts.append(_END)
    return texts


def _parts(head: Mapping[str, object], series: Sequence[Points]) -> Iterator[tuple[Text, int]]:
    """Pieces of the text, each with how many points were written for it."""
    yield msgspec.json.encode(head)[:-1] + (_FIRST if head else _ONLY), 0
    before = b""
    for alike in _alike(series):
        if len(alike) == 1 and len(alike[0].at) > _RUN:
            yield before + _opening(alike[0].metric, alike[0].labels), 0
            yield from _runs(alike[0])
            before = b"]},"
            continue
        at = alike[0].at
        for points, text in zip(alike, points_texts(at, [points.value for points in alike]), strict=True):
            yield before + _opening(points.metric, points.labels), len(at)
            yield text, 0
            before = b"]},"
    yield before[:-1] + b"]}", 0


def _alike(series: Sequence[Points]) -> Iterator[Sequence[Points]]:
    """Neighbours whose points have the same times: written together, as far as they are few."""
    begin = 0
    for end in range(1, len(series) + 1):
        at = series[begin].at
        if (
            end == len(series)
            or (end - begin + 1) * len(at) > _RUN
            or not (series[end].at is at or np.array_equal(series[end].at, at))
        ):
            yield series[begin:end]
            begin = end


def _runs(points: Points) -> Iterator[tuple[Text, int]]:
    for begin in range(0, len(points.at), _RUN):
        part = slice(begin, begin + _RUN)
        if begin:
            yield b",", 0
        yield points_texts(points.at[part], [points.value[part]])[0], len(points.at[part])


@lru_cache(_OPENINGS)
def _opening(metric: str, labels: Labels) -> bytes:
    told = (msgspec.json.encode(metric), msgspec.json.encode(dict(labels)))
    return b'{"metric":%b,"labels":%b,"points":[' % told
