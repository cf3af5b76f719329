"""Hypothesis against the intake: no body, however strange, gets an answer that isn't named, or harms what is kept."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.ingest.gate import SampleGate
from bongsu.ingest.intake import JSON, NDJSON, SampleIntake
from bongsu.ingest.limits import IntakeLimits
from bongsu.ingest.slices import parts
from bongsu.model.errors import BadRequest, BongsuError, NothingAcceptable, TooLarge, UnsupportedType
from bongsu.model.sample import Receipt
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.fakes.measurements import Measurements

NOW = VirtualClock().now()
NAMED = (BadRequest, TooLarge, UnsupportedType, NothingAcceptable)

names = st.sampled_from(["a", "b", "cpu_usage", "x:y"])
labels = st.dictionaries(st.sampled_from(["host", "core", "mount"]), st.text('ab가/ "\\},{', min_size=1), max_size=3)
numbers = st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False))
times = st.integers(NOW - 60_000, NOW + 60_000)
good_rows = st.fixed_dictionaries({"metric": names, "value": numbers}, optional={"labels": labels, "at": times})
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
odd_rows = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {},
        optional={
            "metric": names | json_values,
            "value": numbers | json_values,
            "labels": labels | json_values,
            "at": times | st.sampled_from([0, -1, 4_102_444_800_000, 10**30]) | json_values,
            "more": json_values,
        },
    ),
)
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Door:
    """An intake before measurements that are only lists."""

    def __init__(self) -> None:
        self.table = SeriesTable(50)
        self.kept = Measurements(self.table)
        clock = VirtualClock()
        gate = SampleGate(table=self.table, clock=clock)
        limits = IntakeLimits(body_bytes=200_000, inflated_bytes=400_000, samples=2_000)
        self.intake = SampleIntake(gate=gate, taker=self.kept, clock=clock, limits=limits)

    def post(self, body: bytes, kind: str = JSON, encoding: str = "") -> Receipt | BongsuError:
        """The receipt, or the error that the sender would be told."""
        try:
            return asyncio.run(self.intake.take(body, content_type=kind, encoding=encoding, sender="me"))
        except BongsuError as error:
            return error

    def rows(self) -> list[tuple[str, dict[str, str], int, float]]:
        """What was kept."""
        return [(self.table[i].metric, dict(self.table[i].labels), at, value) for i, at, value in self.kept.rows]


def expected(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, str], int, float]]:
    """What good rows must be kept as."""
    return [(row["metric"], row.get("labels", {}), row.get("at", NOW), float(row["value"])) for row in rows]


def columnar(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same samples as columns, each with an entry of its own."""
    return {
        "series": [{"metric": row["metric"], "labels": row.get("labels", {})} for row in rows],
        "index": list(range(len(rows))),
        "at": [row.get("at") for row in rows],
        "value": [row["value"] for row in rows],
    }


def consistent(door: Door, answer: Receipt | BongsuError, count: int | None = None) -> None:
    """The answer is one of those named, and tells the truth about what was kept."""
    if isinstance(answer, BongsuError):
        assert isinstance(answer, NAMED)
        assert door.kept.rows == []
        if count is not None and isinstance(answer, NothingAcceptable):
            assert len(answer.refused) + answer.unlisted == count
        return
    assert len(door.kept.rows) == answer.accepted
    assert all(math.isfinite(value) for _, _, value in door.kept.rows)
    assert all(NOW - 86_400_000 <= at <= NOW + 300_000 for _, at, _ in door.kept.rows)
    indices = [one.index for one in answer.refused]
    assert indices == sorted(set(indices))
    if count is not None:
        assert answer.accepted + len(indices) + answer.unlisted == count


@calm
@given(rows=st.lists(good_rows, max_size=20), spaces=st.sampled_from([None, 0, 2]))
def test_good_rows_are_kept_exactly(rows: list[dict[str, Any]], spaces: int | None) -> None:
    """However good rows are written and sent, the same samples are kept."""
    bodies = [
        (json.dumps(rows, indent=spaces).encode(), JSON, ""),
        (json.dumps(rows, ensure_ascii=False).encode(), JSON, ""),
        (b"\n".join(json.dumps(row).encode() for row in rows), NDJSON, ""),
        (json.dumps(columnar(rows)).encode(), JSON, ""),
        (gzip.compress(json.dumps(rows).encode()), JSON, "gzip"),
    ]
    for body, kind, encoding in bodies:
        door = Door()
        assert door.post(body, kind, encoding) == Receipt(accepted=len(rows))
        assert door.rows() == expected(rows)


@calm
@given(good=st.lists(good_rows, min_size=1, max_size=5), odd=st.lists(odd_rows, max_size=5), data=st.data())
def test_odd_rows_harm_no_good_ones(good: list[dict[str, Any]], odd: list[Any], data: st.DataObject) -> None:
    """Among odd rows the good ones are kept, in order, unless the body as a whole is no JSON."""
    mixed: list[tuple[bool, Any]] = data.draw(
        st.permutations([(True, row) for row in good] + [(False, row) for row in odd])
    )
    texts = [json.dumps(row) for _, row in mixed]
    door = Door()
    answer = door.post("\n".join(texts).encode(), NDJSON)
    consistent(door, answer, len(mixed))
    kept = iter(door.rows())
    assert all(one in kept for one in expected([row for is_good, row in mixed if is_good]))
    door = Door()
    answer = door.post(f"[{','.join(texts)}]".encode())
    consistent(door, answer, len(mixed))
    if not isinstance(answer, BadRequest):
        kept = iter(door.rows())
        assert all(one in kept for one in expected([row for is_good, row in mixed if is_good]))


@calm
@given(
    body=st.one_of(
        st.binary(max_size=300),
        json_values.map(lambda value: json.dumps(value).encode()),
        st.lists(good_rows, max_size=5)
        .map(lambda rows: json.dumps(rows).encode())
        .flatmap(lambda text: st.integers(0, len(text)).map(lambda cut: text[:cut])),
        st.lists(odd_rows, max_size=5).map(lambda rows: json.dumps(rows).encode()),
    ),
    kind=st.sampled_from([JSON, NDJSON]) | st.text(max_size=20),
    encoding=st.sampled_from(["", "gzip", "zstd"]) | st.text(max_size=8),
)
def test_any_bytes_get_a_named_answer(body: bytes, kind: str, encoding: str) -> None:
    """Bytes of any kind under any type give a receipt or a named error, never anything else."""
    door = Door()
    consistent(door, door.post(body, kind, encoding))


@calm
@given(
    series=st.lists(
        st.fixed_dictionaries({}, optional={"metric": names | json_values, "labels": labels | json_values})
    ),
    index=st.lists(st.integers(-2, 5) | json_values, max_size=6),
    value=st.lists(numbers | json_values, max_size=6),
    at=st.none() | st.lists(times | json_values, max_size=6),
)
def test_any_columns_get_a_named_answer(
    series: list[Any], index: list[Any], value: list[Any], at: list[Any] | None
) -> None:
    """Columns of anything give a receipt that adds up, or a named error."""
    door = Door()
    body = json.dumps({"series": series, "index": index, "value": value, "at": at}).encode()
    consistent(door, door.post(body), len(index))


few_rows = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["a", "b", "a b"]),
        "labels": st.sampled_from([{}, {"l": "1"}, {"l": "2"}]),
        "value": numbers,
    }
)


@calm
@given(
    bodies=st.lists(st.tuples(st.lists(few_rows, min_size=1, max_size=6), st.booleans(), st.booleans()), max_size=12),
    again=st.integers(1, 3),
)
def test_what_came_before_changes_nothing(bodies: list[tuple[list[dict[str, Any]], bool, bool]], again: int) -> None:
    """However alike or different the bodies of before were, and whatever was forgotten, each is kept exactly."""
    door = Door()
    for rows, as_columns, forget in bodies * again:
        if forget:
            door.table.forget([one.id for one in list(door.table)][::2])
        door.kept.rows.clear()
        door.post(json.dumps(columnar(rows) if as_columns else rows).encode())
        assert door.rows() == expected([row for row in rows if row["metric"] != "a b"])


@calm
@given(items=st.lists(odd_rows, max_size=12), size=st.integers(1, 60), spaces=st.sampled_from([None, 1]))
def test_cuts_never_lose_or_double(items: list[Any], size: int, spaces: int | None) -> None:
    """Wherever an array is cut, its elements come out once and in order."""
    text = json.dumps(items, indent=spaces)

    def decode(part: bytes) -> list[Any]:
        try:
            found = json.loads(part)
        except ValueError as error:
            raise BadRequest(str(error)) from None
        if not isinstance(found, list):
            raise BadRequest("no array")
        return found

    whole = json.dumps(json.loads(text))
    assert json.dumps([one for part in parts(text.encode(), decode, size=size) for one in part]) == whole
