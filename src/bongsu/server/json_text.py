"""Answers as JSON text, with nothing built that isn't sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from bongsu.model.query import Points

_RUN = 10_000
"""Points written before others get their turn: about 2 ms."""


async def series_text(head: Mapping[str, object], series: Sequence[Points]) -> bytes:
    """The answer of a query: the members of `head`, then `series`, each with its points as `[[ms, value], …]`."""
    texts = [msgspec.json.encode(head)[:-1], b',"series":[' if head else b'"series":[']
    written = 0
    for position, points in enumerate(series):
        texts.append(_opening(points, first=position == 0))
        for begin in range(0, len(points.at), _RUN):
            if written >= _RUN:
                written = 0
                await asyncio.sleep(0)
            if begin:
                texts.append(b",")
            texts.append(_points(points, begin, begin + _RUN))
            written += min(_RUN, len(points.at) - begin)
        texts.append(b"]}")
    texts.append(b"]}")
    return b"".join(texts)


def _opening(points: Points, *, first: bool) -> bytes:
    return b'%b{"metric":%b,"labels":%b,"points":[' % (
        b"" if first else b",",
        msgspec.json.encode(points.metric),
        msgspec.json.encode(dict(points.labels)),
    )


def _points(points: Points, begin: int, end: int) -> bytes:
    pairs = zip(points.at[begin:end].tolist(), points.value[begin:end].tolist(), strict=True)
    return msgspec.json.encode(list(pairs))[1:-1]
