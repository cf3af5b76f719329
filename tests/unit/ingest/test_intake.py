"""Bodies in, receipts out: every format, every fault, and nothing acknowledged that isn't kept."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from typing import Any

import msgspec
import pytest
import zstandard

from bongsu.ingest.gate import SampleGate
from bongsu.ingest.intake import JSON, NDJSON, OUTCOMES, SampleIntake
from bongsu.ingest.limits import GateLimits, IntakeLimits
from bongsu.ingest.metrics import METRICS
from bongsu.model.errors import (
    BadRequest,
    BongsuError,
    NothingAcceptable,
    StorageFull,
    TooLarge,
    TooMany,
    Unavailable,
    UnsupportedType,
)
from bongsu.model.sample import Receipt, labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.fakes.measurements import Measurements

NOW = VirtualClock().now()
OK = {"metric": "a", "value": 1}


class Door:
    """An intake with its gate, before measurements that are only lists."""

    def __init__(self, *, series: int = 1_000, gate: GateLimits | None = None, **limits: Any) -> None:
        self.clock = VirtualClock()
        self.table = SeriesTable(series)
        self.kept = Measurements(self.table)
        self.gate = SampleGate(table=self.table, clock=self.clock, limits=gate)
        self.intake = SampleIntake(
            gate=self.gate, taker=self.kept, clock=self.clock, limits=IntakeLimits(**limits) if limits else None
        )

    async def post(self, body: object, kind: str = JSON, encoding: str = "", sender: str = "me") -> Receipt:
        """Send a body: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.intake.take(content, content_type=kind, encoding=encoding, sender=sender)

    def rows(self) -> list[tuple[str, dict[str, str], int, float]]:
        """What was kept: metric, labels, time, value."""
        return [(self.table[i].metric, dict(self.table[i].labels), at, value) for i, at, value in self.kept.rows]

    def figure(self, metric: str, **labels: str) -> float:
        """One figure of the intake or the gate."""
        figures = [*self.intake.figures(), *self.gate.figures()]
        return next(one.value for one in figures if one.metric == metric and one.labels == labels_of(labels))


ROWS: list[dict[str, Any]] = [
    {"metric": "orders_open", "labels": {"market": "naver"}, "value": 12, "at": NOW},
    {"metric": "orders_open", "labels": {"market": "coupang"}, "value": 1.5, "at": NOW - 1},
    {"metric": "b", "value": -3e-5},
    {"metric": "b", "value": 2**70, "labels": {}},
]
KEPT = [
    ("orders_open", {"market": "naver"}, NOW, 12.0),
    ("orders_open", {"market": "coupang"}, NOW - 1, 1.5),
    ("b", {}, NOW, -3e-5),
    ("b", {}, NOW, float(2**70)),
]
COLUMNS: dict[str, Any] = {
    "series": [
        {"metric": "orders_open", "labels": {"market": "naver"}},
        {"metric": "orders_open", "labels": {"market": "coupang"}},
        {"metric": "b"},
    ],
    "index": [0, 1, 2, 2],
    "at": [NOW, NOW - 1, None, NOW],
    "value": [12, 1.5, -3e-5, 2**70],
}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, json.dumps(ROWS).encode()),
        (JSON, json.dumps(ROWS, indent=2).encode()),
        ("Application/JSON; charset=utf-8", json.dumps(ROWS).encode()),
        (JSON, b" \r\n\t" + json.dumps(ROWS).encode() + b"\n"),
        (NDJSON, b"\n".join(json.dumps(row).encode() for row in ROWS)),
        (NDJSON, b"\r\n\n".join(json.dumps(row).encode() for row in ROWS) + b"\n\n"),
        (JSON, json.dumps(COLUMNS).encode()),
    ],
)
@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
async def test_every_format_says_the_same(kind: str, body: bytes, encoding: str) -> None:
    """Rows, lines and columns, plain or compressed, are kept as the same samples."""
    packed = {"": body, "gzip": gzip.compress(body), "zstd": zstandard.compress(body)}[encoding]
    door = Door()
    assert await door.post(packed, kind, encoding) == Receipt(accepted=4)
    assert door.rows() == KEPT


FAULTY: list[tuple[object, str]] = [
    (5, "not-an-object"),
    (None, "not-an-object"),
    ([], "not-an-object"),
    ({}, "missing-field"),
    ({"value": 1}, "missing-field"),
    ({"metric": "a"}, "missing-field"),
    ({**OK, "lables": {}}, "unknown-field"),
    ({**OK, "metric": 5}, "bad-type"),
    ({**OK, "metric": None}, "bad-type"),
    ({**OK, "metric": ""}, "bad-name"),
    ({**OK, "metric": "a b"}, "bad-name"),
    ({**OK, "metric": "가"}, "bad-name"),
    ({**OK, "value": "1"}, "bad-type"),
    ({**OK, "value": True}, "bad-type"),
    ({**OK, "value": None}, "bad-type"),
    ({**OK, "value": [1]}, "bad-type"),
    ({**OK, "labels": 5}, "bad-labels"),
    ({**OK, "labels": ["a"]}, "bad-labels"),
    ({**OK, "labels": {"a": 1}}, "bad-labels"),
    ({**OK, "labels": {"a": None}}, "bad-labels"),
    ({**OK, "labels": {"a": "x\u0000"}}, "bad-labels"),
    ({**OK, "labels": {f"l{i}": "x" for i in range(33)}}, "bad-labels"),
    ({**OK, "at": "now"}, "bad-type"),
    ({**OK, "at": 1.5}, "bad-type"),
    ({**OK, "at": True}, "bad-type"),
    ({**OK, "at": 0}, "too-old"),
    ({**OK, "at": -1}, "too-old"),
    ({**OK, "at": -(2**63)}, "bad-type"),
    ({**OK, "at": 10**40}, "bad-type"),
    ({**OK, "at": 4_102_444_800_000}, "too-new"),
]
RAW_FAULTY: list[tuple[bytes, str]] = [
    (b'{"metric":"a","value":1e400}', "not-finite"),
    (b'{"metric":"a","value":-1' + b"0" * 400 + b"}", "not-finite"),
    (b'{"metric":"a","value":1' + b"0" * 9_000 + b"}", "not-finite"),
    (b'{"metric":"a","value":1,"at":1' + b"0" * 9_000 + b"}", "not-finite"),
    (b'{"metric":1' + b"0" * 9_000 + b',"value":1}', "not-finite"),
    (b"1" + b"0" * 9_000, "not-finite"),
    (b'{"metric":"a","value":1,"labels":{"a":1' + b"0" * 9_000 + b"}}", "bad-labels"),
    (b'{"metric":"a","value":1,"labels":{"a":"1","a":"2"}}', "bad-labels"),
    (b'{"metric":"a","value":1,"labels":{"a":"\xff"}}', "bad-labels"),
    (b'{"metric":"\xff","value":1}', "not-json"),
]
ALL_FAULTY = [(json.dumps(item).encode(), code) for item, code in FAULTY] + RAW_FAULTY


@pytest.mark.parametrize(("item", "code"), ALL_FAULTY)
@pytest.mark.parametrize("kind", [JSON, NDJSON])
async def test_a_faulty_item_harms_no_other(item: bytes, code: str, kind: str) -> None:
    """A faulty item is told by its index and reason; what stands around it is kept."""
    good = json.dumps(OK).encode()
    body = b"[" + b",".join((good, item, good)) + b"]" if kind == JSON else b"\n".join((good, item, good))
    door = Door()
    receipt = await door.post(body, kind)
    assert (receipt.accepted, receipt.unlisted) == (2, 0)
    assert [(one.index, one.code) for one in receipt.refused] == [(1, code)]
    assert receipt.refused[0].reason.startswith(f"{code}: ")
    assert door.figure("bongsu_gate_refused_total", reason=code) == 1
    assert door.figure("bongsu_gate_admitted_total") == 2


@pytest.mark.parametrize(("item", "code"), ALL_FAULTY)
async def test_nothing_acceptable_is_said(item: bytes, code: str) -> None:
    """With no good item the answer is 422, with the same list."""
    door = Door()
    with pytest.raises(NothingAcceptable) as caught:
        await door.post(b"[" + item + b"]")
    assert [(one.index, one.code) for one in caught.value.refused] == [(0, code)]
    assert door.rows() == []
    assert door.figure("bongsu_intake_bodies_total", outcome="refused") == 1


@pytest.mark.parametrize(
    ("change", "index", "code"),
    [
        ({"index": [0, 3, 2, 2]}, 1, "bad-index"),
        ({"index": [0, -1, 2, 2]}, 1, "bad-index"),
        ({"index": [0, "x", 2, 2]}, 1, "bad-type"),
        ({"index": [0, None, 2, 2]}, 1, "bad-type"),
        ({"index": [0, 2**80, 2, 2]}, 1, "bad-type"),
        ({"value": [1, 1, "x", 1]}, 2, "bad-type"),
        ({"value": [1, 1, True, 1]}, 2, "bad-type"),
        ({"value": [1, 1, None, 1]}, 2, "bad-type"),
        ({"at": [NOW, NOW, NOW, 1.5]}, 3, "bad-type"),
        ({"at": [NOW, NOW, NOW, "x"]}, 3, "bad-type"),
        ({"at": [NOW, NOW, NOW, 5]}, 3, "too-old"),
        ({"at": [NOW, NOW, NOW, 4_102_444_800_000]}, 3, "too-new"),
    ],
)
async def test_a_faulty_number_in_columns_harms_no_other(change: dict[str, Any], index: int, code: str) -> None:
    """In columns too a faulty entry is refused alone."""
    door = Door()
    receipt = await door.post({**COLUMNS, **change})
    assert receipt.accepted == 3
    assert [(one.index, one.code) for one in receipt.refused] == [(index, code)]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"metric": "a b"}, "bad-name"),
        ({"metric": 5}, "bad-type"),
        ({}, "bad-type"),
        (5, "bad-type"),
        ({"metric": "a", "labels": {"a": 1}}, "bad-labels"),
        ({"metric": "a", "more": 1}, "bad-type"),
    ],
)
async def test_a_faulty_series_in_columns_refuses_its_samples(entry: object, code: str) -> None:
    """Each sample of a faulty series is refused with the reason of its series."""
    door = Door()
    receipt = await door.post({"series": [{"metric": "a"}, entry], "index": [1, 0, 1], "value": [1, 2, 3]})
    assert receipt.accepted == 1
    assert [(one.index, one.code) for one in receipt.refused] == [(0, code), (2, code)]


async def test_a_number_with_two_faults_is_refused_once() -> None:
    """A sample whose index, value and time are all faulty counts as one refusal."""
    door = Door()
    receipt = await door.post({"series": [{"metric": "a"}], "index": [0, "x"], "value": [1, "y"], "at": [NOW, "z"]})
    assert (receipt.accepted, len(receipt.refused), receipt.unlisted) == (1, 1, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"nope",
        b"5",
        b'"text"',
        b"null",
        b"[",
        b"[1",
        b"[{}",
        b'[{"metric":"a","value":1},]',
        b'[{"metric":"a","value":NaN}]',
        b'[{"metric":"a","value":Infinity}]',
        b'[{"metric":"a","value":1}] more',
        b"\xef\xbb\xbf[]",
        b'[{"metric":"a","value":1},{"metric":"a","value":1,"labels":{"a":"\\ud800"}}]',
        b"[" * 200_000,
        b'[{"metric":"a","labels":' + b"[" * 200_000,
        b"{",
        b"{}",
        b'{"series":[]}',
        b'{"series":5,"index":[],"value":[]}',
        b'{"series":[],"index":5,"value":[]}',
        b'{"series":[],"index":[],"value":{}}',
        b'{"series":[],"index":[],"value":[],"at":"x"}',
        b'{"series":[],"index":[],"value":[],"more":1}',
        b'{"series":[{"metric":"a"}],"index":[0,0],"value":[1]}',
        b'{"series":[{"metric":"a"}],"index":[0],"value":[1],"at":[]}',
        b'{"series":[{"metric":"a"}],"index":[0],"value":[NaN]}',
        b'{"metric":"a","value":1}',
        bytes(range(256)),
    ],
)
async def test_unreadable_bodies_are_refused_whole(body: bytes) -> None:
    """A body that can't be read as what it says is 400, and nothing of it is taken."""
    door = Door()
    with pytest.raises(BadRequest) as caught:
        await door.post(body)
    assert caught.value.hint
    assert door.rows() == []


@pytest.mark.parametrize("body", [b"[]", b" [ ] ", b'{"series":[],"index":[],"value":[]}'])
async def test_an_empty_list_is_no_fault(body: bytes) -> None:
    """A readable body without items is accepted, with nothing in it."""
    assert await Door().post(body) == Receipt(accepted=0)


async def test_lines_that_are_not_json() -> None:
    """A broken line is a faulty item; a body of nothing but broken lines can't be read; no lines are no fault."""
    door = Door()
    receipt = await door.post(b'{"metric":"a","value":1}\n\n{"metric":\n{"metric":"a","value":2}', NDJSON)
    assert receipt.accepted == 2
    assert [(one.index, one.code) for one in receipt.refused] == [(1, "not-json")]
    with pytest.raises(BadRequest):
        await door.post(b"nope\nnope", NDJSON)
    assert await door.post(b"\n\n", NDJSON) == Receipt(accepted=0)


async def test_null_says_the_same_as_nothing() -> None:
    """`null` for labels or time is read as left out."""
    door = Door()
    assert await door.post([{**OK, "labels": None, "at": None}]) == Receipt(accepted=1)
    assert door.rows() == [("a", {}, NOW, 1.0)]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense"])
async def test_other_types_are_refused(kind: str) -> None:
    """A missing or foreign media type is 415, and the answer says which are understood."""
    with pytest.raises(UnsupportedType, match="Content-Type") as caught:
        await Door().post([OK], kind)
    assert JSON in caught.value.hint


async def test_long_bodies_are_taken_in_order() -> None:
    """A body of many slices keeps every sample once, in order, with the indices of the whole in its refusals."""
    count = 20_000
    rows = [{"metric": f"m{i % 7}", "value": i, "labels": {"l": "},{" * (i % 3)}} for i in range(count)]
    rows[1_234] = {"metric": "a b", "value": 1}
    rows[14_321] = {"metric": "a", "value": "x"}
    for kind, body in ((JSON, json.dumps(rows).encode()), (NDJSON, b"\n".join(map(msgspec.json.encode, rows)))):
        door = Door()
        receipt = await door.post(body, kind)
        assert receipt.accepted == count - 2
        assert [(one.index, one.code) for one in receipt.refused] == [(1_234, "bad-name"), (14_321, "bad-type")]
        assert [int(value) for _, _, _, value in door.rows()] == [i for i in range(count) if i not in (1_234, 14_321)]


async def test_long_columns_are_taken_in_order() -> None:
    """Columns of many slices keep every sample once, in order."""
    count = 60_000
    body = {"series": [{"metric": f"m{i}"} for i in range(5_000)], "index": [i % 5_000 for i in range(count)]}
    door = Door(series=10_000)
    receipt = await door.post({**body, "value": list(range(count)), "at": [NOW - i % 9 for i in range(count)]})
    assert receipt == Receipt(accepted=count)
    assert [value for _, _, value in door.kept.rows] == list(range(count))
    assert [at for _, at, _ in door.kept.rows] == [NOW - i % 9 for i in range(count)]


async def test_a_sample_without_its_list_is_told_where_it_belongs() -> None:
    """The commonest slip of a first try: an object where a list of them is meant."""
    with pytest.raises(BadRequest) as caught:
        await Door().post(b'{"metric":"a","value":1}', JSON)
    assert '[{"metric": …, "value": …}]' in caught.value.hint


async def test_a_fault_at_the_end_undoes_the_beginning() -> None:
    """A long body that breaks off is refused whole: nothing of it was taken before the break was seen."""
    door = Door()
    with pytest.raises(BadRequest):
        await door.post(json.dumps([OK] * 20_000).encode()[:-1])
    assert door.rows() == []


async def test_others_get_their_turn_during_a_long_body() -> None:
    """While a body of many slices is decoded other tasks run between the slices."""
    door = Door()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await door.post([OK] * 100_000)
    task.cancel()
    assert turns > 5


async def test_ids_forgotten_meanwhile_are_not_used() -> None:
    """When retention forgets series while a long body is decoded, its samples still go to living series."""
    door = Door()
    await door.post([OK])
    body = json.dumps([OK] * 100_000).encode()
    task = asyncio.create_task(door.post(body))
    for _ in range(3):
        await asyncio.sleep(0)
    door.table.forget([door.kept.rows[0][0]])
    assert await task == Receipt(accepted=100_000)
    assert all(door.table.get(series) for series, _, _ in door.kept.rows[1:])


async def test_bodies_are_bounded() -> None:
    """Too many bytes as sent, too many once inflated, and too many samples are each 413."""
    door = Door(body_bytes=1_000, inflated_bytes=5_000, samples=100)
    for body, encoding in (
        (b" " * 1_001, ""),
        (gzip.compress(b" " * 5_001), "gzip"),
        (gzip.compress(json.dumps([0] * 101).encode()), "gzip"),
    ):
        with pytest.raises(TooLarge):
            await door.post(body, JSON, encoding)


async def test_bytes_in_flight_are_bounded_and_given_back() -> None:
    """While unacknowledged bodies fill the bound a further one is 429; afterwards there is room again."""
    door = Door(in_flight_bytes=3_000, body_bytes=2_000)
    door.kept.open.clear()
    body = json.dumps([OK]).encode().ljust(1_600)
    first = asyncio.create_task(door.post(body))
    await asyncio.sleep(0)
    assert door.figure("bongsu_intake_in_flight_bytes") == 1_600
    with pytest.raises(TooMany) as caught:
        await door.post(body)
    assert caught.value.retry_after == 1
    door.kept.open.set()
    assert await first == Receipt(accepted=1)
    assert door.figure("bongsu_intake_in_flight_bytes") == 0
    assert await door.post(body) == Receipt(accepted=1)
    assert door.figure("bongsu_intake_bodies_total", outcome="overloaded") == 1


async def test_inflated_bytes_are_in_flight_too() -> None:
    """What is inflated counts among the bytes in flight."""
    door = Door(in_flight_bytes=1_000)
    with pytest.raises(TooMany):
        await door.post(gzip.compress(b" " * 2_000), JSON, "gzip")
    assert door.figure("bongsu_intake_in_flight_bytes") == 0


async def test_a_sender_too_fast_is_told_and_others_are_not() -> None:
    """A sender over its rate gets 429 with a time to wait and nothing taken; another sender goes on."""
    door = Door(samples_per_second=10, burst_seconds=1)
    await door.post([OK] * 30)
    with pytest.raises(TooMany) as caught:
        await door.post([OK])
    assert caught.value.retry_after == 2
    assert len(door.rows()) == 30
    assert await door.post([OK], sender="you") == Receipt(accepted=1)


async def test_acknowledged_means_kept() -> None:
    """No receipt is given before the samples are kept."""
    door = Door()
    door.kept.open.clear()
    task = asyncio.create_task(door.post([OK]))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    door.kept.open.set()
    assert await task == Receipt(accepted=1)


@pytest.mark.parametrize("error", [TooMany("full", retry_after=1), StorageFull("disk"), Unavailable("gone")])
async def test_what_is_not_kept_is_not_counted(error: BongsuError) -> None:
    """When storing fails the sender hears it, and nothing counts as admitted."""
    door = Door()
    door.kept.fail_with = error
    with pytest.raises(type(error)):
        await door.post([OK])
    assert door.figure("bongsu_gate_admitted_total") == 0


async def test_a_huge_list_of_refusals_is_cut() -> None:
    """Refusals beyond the bound are counted, not listed."""
    door = Door(refusals_listed=10)
    receipt = await door.post([OK, *[5] * 100])
    assert (receipt.accepted, len(receipt.refused), receipt.unlisted) == (1, 10, 90)
    receipt = await door.post([OK, *[{**OK, "at": 5}] * 100])
    assert (receipt.accepted, len(receipt.refused), receipt.unlisted) == (1, 10, 90)
    with pytest.raises(NothingAcceptable) as caught:
        await door.post({"series": [], "index": [0] * 100, "value": [1] * 100})
    assert (len(caught.value.refused), caught.value.unlisted) == (10, 90)
    assert door.figure("bongsu_gate_refused_total", reason="bad-index") == 100


async def test_a_million_labels() -> None:
    """Ever new labels stop at the series limit; known series of others go on."""
    door = Door(series=100)
    await door.post([OK], sender="other")
    receipt = await door.post([{**OK, "labels": {"id": str(i)}} for i in range(5_000)])
    assert receipt.accepted == 99
    assert {one.code for one in receipt.refused} == {"series-limit"}
    assert await door.post([OK], sender="other") == Receipt(accepted=1)
    assert len(door.table) == 100


async def test_faults_are_told_each_time() -> None:
    """The same body sent again and again gets the same answer each time, its faulty items with their reasons."""
    door = Door()
    for body in ([OK, {**OK, "metric": "-"}, OK], {**COLUMNS, "series": [*COLUMNS["series"][:2], {"metric": "-"}]}):
        answers = [await door.post(body) for _ in range(3)]
        assert answers[0].refused
        assert {one.code for one in answers[0].refused} == {"bad-name"}
        assert answers[1] == answers[2] == answers[0]


async def test_series_without_samples_take_no_room() -> None:
    """Entries of `series` that no sample points to aren't made, nor counted if they are faulty."""
    door = Door(series=10)
    series = [{"metric": "a", "labels": {"n": str(i)}} for i in range(1_000)]
    receipt = await door.post({"series": [*series, 5, {}, {"metric": "-"}], "index": [7, 900, 7], "value": [1, 2, 3]})
    assert receipt == Receipt(accepted=3)
    assert [dict(one.labels)["n"] for one in door.table] == ["7", "900"]


async def test_endless_lists_of_series_are_too_large() -> None:
    """More entries than any server holds are 413, before they cost memory."""
    with pytest.raises(TooLarge):
        await Door().post(b'{"series":[{}' + b",{}" * 200_000 + b'],"index":[],"value":[]}')


@pytest.mark.parametrize(
    ("kind", "body"),
    [(JSON, b"[1" + b",1" * 15_000 + b"]"), (NDJSON, b"1\n" * 15_000), (JSON, json.dumps([OK] * 2_000 + [5]).encode())],
)
async def test_others_get_their_turn_during_faulty_rows(kind: str, body: bytes) -> None:
    """Even a short body of very many faulty rows is read in short runs."""
    door = Door()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    with contextlib.suppress(NothingAcceptable):
        await door.post(body, kind)
    task.cancel()
    assert turns >= 2


def test_figures_are_in_the_catalogue() -> None:
    """Every figure has its entry with its labels; each outcome is there from the start."""
    entries = {metric.name: metric for metric in METRICS}
    figures = list(Door().intake.figures())
    for figure in figures:
        assert tuple(name for name, _ in figure.labels) == entries[figure.metric].labels
    assert {dict(one.labels)["outcome"] for one in figures if one.labels} == set(OUTCOMES)
    assert all(entry.ko and entry.en and entry.title_ko and entry.title_en for entry in METRICS)
