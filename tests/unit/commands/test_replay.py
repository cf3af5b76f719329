"""A recording is played with its own spacing, whatever its form, and its times become the present."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from bongsu.commands.replay import UnreadableLine, events_of, factor_of, play
from bongsu.model.event import Event
from tests.fakes.clock import VirtualClock

CSV = "time,Symbol,seq,price,side\n2026-11-20T00:00:00Z,005930,1,71200,buy\n2026-11-20T00:00:20Z,005930,2,71300,\n"
NDJSON = (
    '{"at": 1763596800000, "symbol": "005930", "seq": 1, "fields": {"price": 71200, "side": "buy"}}\n'
    '\n{"at": 1763596820000, "symbol": "005930", "seq": 2, "fields": {"price": 71300}}\n'
)


@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.ndjson", NDJSON)])
async def test_a_recording_is_played_ten_times_as_fast(tmp_path: Path, name: str, text: str) -> None:
    """Events twenty seconds apart come two seconds apart, under the feed asked for, a code's zeros kept."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    events = list(events_of(tmp_path / name, "krx"))
    assert [(one.feed, one.symbol, one.seq) for one in events] == [("krx", "005930", 1), ("krx", "005930", 2)]
    assert [dict(one.fields) for one in events] == [{"price": 71_200, "side": "buy"}, {"price": 71_300}]
    clock = VirtualClock()
    sent: list[tuple[float, int]] = []

    async def send(some: Iterable[Event]) -> None:
        sent.extend((clock.monotonic(), one.at) for one in some)

    start = clock.now()
    task = asyncio.create_task(play(events, send, clock=clock, factor=factor_of("10x")))
    await clock.advance(5.0)
    assert await task == 2
    assert [(round(moment, 3), at) for moment, at in sent] == [(0.1, start), (2.1, start + 2_000)]


@pytest.mark.parametrize("text", ["price\n1\n", "time,symbol\nsoon,a\n", "{not json}\n"])
def test_what_is_no_recording_is_told(tmp_path: Path, text: str) -> None:
    """A file without times, with a time that is none, or that isn't JSON, is refused by line."""
    (tmp_path / "a").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableLine, match="line"):
        list(events_of(tmp_path / "a", "krx"))


@pytest.mark.parametrize("speed", ["", "fast", "0x", "-1x", "nan"])
def test_a_speed_is_a_number_above_nothing(speed: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError):
        factor_of(speed)
