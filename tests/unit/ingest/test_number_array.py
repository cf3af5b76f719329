"""Arrays of JSON numbers as columns."""

from __future__ import annotations

import json
import math
from collections.abc import Generator
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.ingest.columns import EARLIEST, LATEST, UNSTAMPED
from bongsu.ingest.number_array import INDICES, TIMES, VALUES, Numbers, NumberSpec, read
from bongsu.model.errors import BadRequest

Result = TypeVar("Result")

FAULTY = st.sampled_from(
    ["null", "true", '"1"', "[1]", "[]", '{"a":1}', "1e400", "-1e400", str(1 << 70), str(-(1 << 63)), str(1 << 63)]
)
WHOLE = st.integers(min_value=EARLIEST, max_value=LATEST).map(str)
POINTED = st.floats(allow_nan=False, allow_infinity=False).map(repr)
ENTRIES = st.lists(st.one_of(WHOLE, WHOLE, POINTED, FAULTY), max_size=12)


def finished(work: Generator[None, None, Result]) -> Result:
    """What the generator returns at its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


def obvious(spec: NumberSpec, entry: str) -> float:
    """What one entry becomes."""
    try:
        found = json.loads(entry)
    except ValueError:
        return spec.marker
    if found is None:
        return spec.null
    number = isinstance(found, int | float) and not isinstance(found, bool)
    if spec is VALUES:
        return float(found) if number and math.isfinite(float(found)) else spec.marker
    whole = number and isinstance(found, int) and EARLIEST <= found <= LATEST
    return found if whole else spec.marker


def same(numbers: Numbers, expected: list[float]) -> bool:
    """Bit for bit but for the sign of a nought."""
    return np.array_equal(numbers.column, np.array(expected, numbers.column.dtype), equal_nan=numbers.spec is VALUES)


@pytest.mark.parametrize("spec", [INDICES, TIMES, VALUES], ids=lambda spec: spec.name)
@given(entries=ENTRIES)
def test_every_entry_is_read_or_marked(spec: NumberSpec, entries: list[str]) -> None:
    """Whatever stands in the array, each entry is its number, or the marker that a faulty one has."""
    numbers = finished(read(spec, f"[{', '.join(entries)}]".encode()))
    assert same(numbers, [obvious(spec, entry) for entry in entries])


@pytest.mark.parametrize("spec", [INDICES, TIMES, VALUES], ids=lambda spec: spec.name)
def test_a_long_array_is_read_in_runs(spec: NumberSpec) -> None:
    """Others get their turn between two runs; a faulty entry in one leaves the others as they are."""
    wanted: list[float] = [float(number) if spec is VALUES else number for number in range(60_000)]
    texts = [json.dumps(one) for one in wanted]
    texts[40_000], wanted[40_000] = '"x"', spec.marker
    text = f"[{','.join(texts)}]".encode()
    work = read(spec, text)
    assert sum(1 for _ in work) >= 2
    numbers = finished(read(spec, text))
    assert same(numbers, wanted)
    assert '"x"' in numbers.sent[40_000]
    assert len(numbers.sent) == 1


@pytest.mark.parametrize("entry", ["[[1], 2]", "[1, [2]]", "[[[1, 2]], 3]"])
def test_an_array_in_an_array_is_no_number(entry: str) -> None:
    """Its numbers don't become entries of their own, however well they would fit."""
    numbers = finished(read(VALUES, entry.encode()))
    assert len(numbers.column) == len(json.loads(entry))
    assert np.isnan(numbers.column).any()


@pytest.mark.parametrize("text", [b"7", b'{"a": 1}', b'"[1]"', b"[1, 2", b"[1,]", b"[NaN]", b"[01]", b"[1] 2", b""])
def test_what_is_no_array_is_refused(text: bytes) -> None:
    """A body that is no JSON array of anything is a bad request."""
    with pytest.raises(BadRequest):
        finished(read(VALUES, text))


def test_the_column_can_be_written_to() -> None:
    """Entries that are refused later are marked in it."""
    column = finished(read(INDICES, b"[1, 2]")).column
    column[0] = UNSTAMPED
    assert column.tolist() == [UNSTAMPED, 2]
