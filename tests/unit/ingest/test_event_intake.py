"""Events in: every body, refused one by one, counted once."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest
import zstandard

from bongsu.model.errors import BadRequest, NothingAcceptable, TooLarge, UnsupportedType
from bongsu.model.sample import Receipt
from bongsu.quality.counters import Count
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import in_memory

JSON = "application/json"


class Stand:
    """An intake with real feeds behind it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.book, self.keeper, self.intake, self.views = in_memory(self.clock)
        self.now = self.clock.now()

    async def send(self, body: Any, *, media: str = JSON, encoding: str = "", key: str = "") -> Receipt:
        """Send a body, JSON unless it is bytes already."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.intake.take(text, content_type=media, encoding=encoding, sender="test", key=key)

    def count(self, column: Count, feed: str = "krx", symbol: str = "a") -> int:
        """What was counted of a symbol in the last minute."""
        state = self.book.feeds[feed].state
        return int(state.counters.window("1m", len(state.symbols))[state.symbols.ids[symbol], column])

    def row(self, symbol: str = "a", **more: Any) -> dict[str, Any]:
        """An event."""
        return {"feed": "krx", "symbol": symbol, "at": self.now, **more}


@pytest.fixture
def stand() -> Stand:
    """A fresh one."""
    return Stand()


async def test_rows_lines_and_columns_say_the_same(stand: Stand) -> None:
    """The same events as rows, as lines, as columns, plain, gzip or zstd, are counted alike."""
    rows = [stand.row(seq=i, fields={"price": 100 + i, "side": "buy", "open": True}) for i in range(1, 4)]
    columns = {
        "feed": "krx",
        "symbols": ["a"],
        "index": [0, 0, 0],
        "at": [stand.now] * 3,
        "seq": [4, 5, 6],
        "fields": {"price": [101, 102, 103], "side": ["buy"] * 3, "open": [True] * 3},
    }
    assert (await stand.send(rows)).accepted == 3
    assert (await stand.send(gzip.compress(json.dumps(columns).encode()), encoding="gzip")).accepted == 3
    lines = b"\n".join(json.dumps({**row, "seq": row["seq"] + 6}).encode() for row in rows)
    packed = zstandard.ZstdCompressor().compress(lines)
    assert (await stand.send(packed, media="application/x-ndjson", encoding="zstd")).accepted == 3
    assert [stand.count(c) for c in (Count.EVENTS, Count.SEQUENCED, Count.LOST, Count.DUPLICATES)] == [9, 9, 0, 0]


async def test_faulty_events_are_refused_one_by_one(stand: Stand) -> None:
    """Each faulty event is refused with its index and reason, and the others are kept."""
    day = 86_400_000
    rows = [
        stand.row(),
        {"feed": "krx", "symbol": "a"},
        stand.row(at=stand.now - 2 * day),
        stand.row(at=stand.now + 2 * day),
        stand.row(price=1),
        {**stand.row(), "symbol": 7},
        stand.row(symbol=" "),
        {"feed": "", "symbol": "a", "at": stand.now},
        stand.row(fields=[1]),
        3,
        stand.row("b"),
    ]
    receipt = await stand.send(rows)
    assert receipt.accepted == 2
    assert [(one.index, one.code) for one in receipt.refused] == [
        (1, "missing-field"),
        (2, "too-old"),
        (3, "too-new"),
        (4, "unknown-field"),
        (5, "bad-type"),
        (6, "bad-symbol"),
        (7, "bad-symbol"),
        (8, "bad-type"),
        (9, "not-an-object"),
    ]


async def test_faulty_columns_are_refused_by_entry(stand: Stand) -> None:
    """In columns too each faulty entry is refused by itself, whichever array it stands in."""
    receipt = await stand.send(
        {
            "feeds": ["krx", "krx", "coin"],
            "symbols": ["a", "", "a"],
            "index": [0, 1, 2, 3, 0, "x"],
            "at": [stand.now, stand.now, stand.now, stand.now, None, stand.now],
            "seq": [1, 2, None, 4, 5, 6],
        }
    )
    assert receipt.accepted == 2
    assert {one.index: one.code for one in receipt.refused} == {
        1: "bad-symbol",
        3: "bad-index",
        4: "bad-type",
        5: "bad-type",
    }
    assert stand.count(Count.EVENTS) == stand.count(Count.EVENTS, feed="coin") == 1


async def test_nothing_acceptable_is_told_as_such(stand: Stand) -> None:
    """A body without one good event is refused as a whole, with the list."""
    with pytest.raises(NothingAcceptable) as told:
        await stand.send([{"feed": "krx"}, 1])
    assert [one.index for one in told.value.refused] == [0, 1]


@pytest.mark.parametrize(
    ("body", "media", "kind"),
    [
        (b"{", JSON, BadRequest),
        (b"7", JSON, BadRequest),
        (b"[]", "text/plain", UnsupportedType),
        (b'{"feed":"krx","symbols":["a"],"at":[1,2]}', JSON, BadRequest),
        (b'{"symbols":["a"],"at":[1]}', JSON, BadRequest),
        (b'{"feed":"krx","symbols":["a"],"at":[1],"fields":{"p":[1,2]}}', JSON, BadRequest),
        (b'{"feed":"krx","symbols":["a"],"at":[1],"fields":{"p":[NaN]}}', JSON, BadRequest),
        (
            json.dumps({"feed": "k", "symbols": [], "at": [], "fields": {str(i): [] for i in range(65)}}).encode(),
            JSON,
            TooLarge,
        ),
    ],
)
async def test_unreadable_bodies_are_refused(stand: Stand, body: bytes, media: str, kind: type[Exception]) -> None:
    """What can't be read is told as an error of the request, and nothing of it counts."""
    with pytest.raises(kind):
        await stand.send(body, media=media)
    assert not stand.book.feeds


async def test_a_body_sent_again_counts_once(stand: Stand) -> None:
    """Under one key a body is counted once, even when both come at the same time; another body is refused."""
    rows = [stand.row(seq=1), stand.row(seq=2), 1]
    first, second = await asyncio.gather(stand.send(rows, key="k"), stand.send(rows, key="k"))
    third = await stand.send(rows, key="k")
    assert first.accepted == second.accepted == third.accepted == 2
    assert second.unlisted == 1
    assert stand.count(Count.EVENTS) == 2
    with pytest.raises(BadRequest):
        await stand.send([stand.row(seq=3)], key="k")
    await stand.clock.advance(86_401)
    await stand.send([stand.row(seq=3, at=stand.clock.now())], key="k")


async def test_rows_of_changing_shape_are_read(stand: Stand) -> None:
    """Quotes and trades in one body, fields that come and go: every row is read, whatever the one before had."""
    rows = [
        stand.row(seq=i, fields={"bid": 1, "ask": 2} if i % 2 else {"price": 5, "note": "x"}) for i in range(1, 3_001)
    ]
    assert (await stand.send(rows)).accepted == 3_000
    assert stand.count(Count.EVENTS) == 3_000
    odd = [
        stand.row(seq=3_001, fields={"price": [1], "note": None}),
        stand.row(seq=3_002),
        stand.row(seq=3_003, fields=None),
    ]
    assert (await stand.send(odd)).accepted == 3
