"""Rows by their template: a short cut that never leads astray."""

from __future__ import annotations

import json
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.ingest import templates
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.identity import SeriesIds
from bongsu.ingest.refusals import Refusals
from bongsu.ingest.rows import RowDecoder
from bongsu.ingest.templates import STYLES, TEMPLATES, numbers_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock

T0 = 1_700_000_000_000
COMPACT, SPACED = STYLES
Read = tuple[list[int], list[int], list[float]]


class Decoder:
    """A row decoder that tells whether it read a body by its template."""

    def __init__(self) -> None:
        self.table = SeriesTable(50_000)
        self.rows = RowDecoder(SeriesIds(SampleGate(table=self.table, clock=VirtualClock())))
        self.short = 0
        """Runs read by a template."""

    def read(self, body: bytes) -> Read:
        """Series, times and values of a body."""
        found: Read = [], [], []
        with patch.object(templates.Passage, "read", self._watched(templates.Passage.read)):
            for columns in self.rows.array(body, Refusals(100)):
                found[0].extend(columns.series.tolist())
                found[1].extend(columns.at.tolist())
                found[2].extend(columns.value.tolist())
        return found

    def _watched(self, read: object) -> object:
        def watched(passage: templates.Passage, text: bytes, begin: int) -> templates.Found | None:
            found: templates.Found | None = read(passage, text, begin)  # type: ignore[operator]
            self.short += found is not None
            return found

        return watched


@pytest.fixture
def decoder() -> Decoder:
    """A decoder that knows nothing yet."""
    return Decoder()


def body(turn: int, *, names: str = "abc", style: templates.Style = COMPACT) -> bytes:
    """A row of each of these metrics, other values and times each turn."""
    separators = (",", ":") if style is COMPACT else (", ", ": ")
    rows = [
        {"metric": name, "labels": {"host": f"h-{name}"}, "value": turn + place / 8, "at": T0 + 1_000 * turn + place}
        for place, name in enumerate(names)
    ]
    return json.dumps(rows, separators=separators).encode()


@pytest.mark.parametrize("style", STYLES)
def test_the_third_body_of_an_order_is_read_by_its_template(decoder: Decoder, style: templates.Style) -> None:
    """Once an order was seen twice; series, times and values are what they would be otherwise."""
    for turn in range(5):
        series, at, value = decoder.read(body(turn, style=style))
        assert [decoder.table[one].metric for one in series] == ["a", "b", "c"]
        assert at == [T0 + 1_000 * turn + place for place in range(3)]
        assert value == [turn, turn + 0.125, turn + 0.25]
        assert decoder.short == max(0, turn - 1)


def test_a_long_body_is_read_by_its_template_run_by_run(decoder: Decoder) -> None:
    """In as many runs as before, none longer than what may hold up others."""
    rows = [{"metric": f"m{i % 700}", "labels": {}, "value": i / 4, "at": T0 + i} for i in range(9_000)]
    text = json.dumps(rows).encode()
    wanted = decoder.read(text)
    decoder.read(text)
    assert decoder.short == 0
    assert decoder.read(text) == wanted
    assert decoder.short == len(text) // (256 << 10) + 1 >= 3


ODD = {
    "another metric": (b'"metric":"b"', b'"metric":"z"'),
    "another label": (b"h-b", b"h-z"),
    "no time": (b',"at":1700000003001', b""),
    "a time with a point": (b"1700000003001", b"170000000300.1"),
    "a time as long with a point": (b"1700000003001", b"17000000030.1"),
    "a time with a nought behind its point": (b"1700000003001", b"1700000003001.0"),
    "a time with an exponent": (b"1700000003001", b"1.70000000e12"),
    "a time as text": (b"1700000003001", b'"170000000300"'),
    "a long time": (b"1700000003001", b"17000000030010"),
    "a short time": (b"1700000003001", b"170000000300"),
    "a negative time": (b"1700000003001", b"-170000000300"),
    "a value as text": (b"3.125", b'"3.1"'),
    "no value": (b"3.125", b""),
    "a value in brackets": (b"3.125", b"[3.1]"),
    "two values": (b"3.125", b"3,125"),
    "a value that is null": (b"3.125", b"null"),
    "letters of the name in a value": (b"3.125", b"3a1t5"),
    "colons in a value": (b"3.125", b"3:1:5"),
    "a value beyond all": (b"3.125", b"1e999"),
    "a value with an exponent": (b"3.125", b"31e-1"),
    "a space in a value": (b"3.125", b"3. 25"),
    "two times, none in the row before": (b'3.0,"at":1700000003000', b"3.0"),
    "another field": (b',"at":1700000003001', b',"ta":1700000003001'),
    "one more field": (b"1700000003001", b'1700000003001,"x":1'),
    "the fields in another order": (b'"value":3.125,"at":1700000003001', b'"at":1700000003001,"value":3.125'),
    "one more row": (b"]", b',{"metric":"a","value":1}]'),
    "a row less": (b'},{"metric":"c","labels":{"host":"h-c"},"value":3.25,"at":1700000003002}]', b"}]"),
    "a row inside a label": (b"h-b", b"h},{b"),
    "an empty row": (b"]", b",{}]"),
    "spaces": (b",", b" , "),
    "a comma too much": (b"]", b",]"),
    "no end": (b"]", b""),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_is_different_is_read_as_it_always_was(decoder: Decoder, odd: tuple[bytes, bytes]) -> None:
    """A body that differs from its template in anything but plain values and times is refused or taken all the same."""
    for turn in range(3):
        decoder.read(body(turn))
    changed = body(3).replace(*odd, 1) if odd[0] != b"]" else odd[1].join(body(3).rsplit(odd[0], 1))
    assert changed != body(3)
    plain = Decoder()
    for turn in range(3):
        plain.read(body(turn))
    with patch.object(templates.Passage, "read", return_value=None):
        wanted = outcome(plain, changed)
    assert outcome(decoder, changed) == wanted
    assert decoder.read(body(4)) == plain.read(body(4))


def outcome(decoder: Decoder, text: bytes) -> object:
    """The columns and what was refused, or the error."""
    refusals = Refusals(100)
    try:
        parts = [
            (columns.start, columns.series.tolist(), columns.at.tolist(), columns.value.tolist())
            for columns in decoder.rows.array(text, refusals)
        ]
    except Exception as error:  # noqa: BLE001 - compared with the other's
        return repr(error)
    return repr(parts), refusals.listed()


def test_the_letters_of_the_name_are_counted_in_their_places() -> None:
    """Rests whose letters add up, but aren't where they must be, are no numbers."""
    good = [b'1.5,"at":1700000000000', b'2.5,"at":1700000000001']
    found = numbers_of(good, COMPACT)
    assert found is not None
    assert (found[0].tolist(), found[1].tolist()) == ([T0, T0 + 1], [1.5, 2.5])
    for bad in (
        [b'1.5,"at":"at":1700000000000', b"2.5,1700000000001"],
        [b"1.5", b'2.5,"at":1700000000000,"at":1700000000001'],
        [b'1:5,"at"1700000000000:', b'2.5,"at":1700000000001'],
        [b'1.5,"ta":1700000000000', b'2.5,"at":1700000000001'],
        [b'1.5, "at":170000000000', b'2.5,"at":1700000000001'],
    ):
        assert numbers_of(bad, COMPACT) is None


def test_ids_that_may_be_no_longer_right_are_forgotten(decoder: Decoder) -> None:
    """When the table forgets series, templates go as well: a body gets the ids that hold now."""
    for turn in range(4):
        decoder.read(body(turn))
    (first, *_), *_ = decoder.read(body(4))
    decoder.table.forget([first])
    before = decoder.short
    series, *_ = decoder.read(body(5))
    assert decoder.short == before
    assert [decoder.table[one].metric for one in series] == ["a", "b", "c"]


def test_who_always_differs_is_not_compared_each_time(decoder: Decoder) -> None:
    """After a few misses a template is looked at only now and then; when it fits again, it is used again."""
    order = [body(turn) for turn in range(3)]
    for text in order:
        decoder.read(text)
    other = body(3).replace(b"h-b", b"h-z")
    with patch.object(templates, "_read", wraps=templates._read) as compared:
        for turn in range(40):
            decoder.read((body(turn), other)[turn % 2])
    assert compared.call_count == 1 + templates.PATIENCE + 1  # the first one fits
    before = decoder.short
    for turn in range(100):
        decoder.read(body(turn))
    assert decoder.short > before


def test_a_run_that_differs_is_learned_anew(decoder: Decoder) -> None:
    """Where the second half of a body changed for good, it is read by the template again after two more bodies."""
    many = [{"metric": f"m{i}", "labels": {}, "value": i / 4, "at": T0 + i} for i in range(9_000)]
    more = many[:6_000] + [{**one, "metric": "x" + str(one["metric"])} for one in many[6_000:]]
    first, second = json.dumps(many).encode(), json.dumps(more).encode()
    for _ in range(3):
        decoder.read(first)
    wanted = [decoder.read(second) for _ in range(3)]
    decoder.short = 0
    assert decoder.read(second) == wanted[0] == wanted[1] == wanted[2]
    assert decoder.short == len(second) // (256 << 10) + 1


def test_orders_are_bounded(decoder: Decoder) -> None:
    """By number and by bytes; the oldest go first, and what doesn't fit is read without a template."""
    for letter in map(str, range(2 * TEMPLATES)):
        for turn in range(2):
            decoder.read(json.dumps([{"metric": f"m{letter}", "value": turn, "at": T0}]).encode())
    known = decoder.rows._templates._known
    assert len(known) == TEMPLATES
    with patch.object(templates, "SIZE", 10):
        large = json.dumps([{"metric": "large", "value": 1.5, "at": T0}]).encode()
        wanted = decoder.read(large)
        assert all(decoder.read(large) == wanted for _ in range(3))
    assert sum(one.size for one in known.values()) <= 10


@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30),
    times=st.lists(st.integers(10**12, 10**13 - 1), min_size=30, max_size=30),
    style=st.sampled_from(STYLES),
)
def test_every_number_is_what_it_was(values: list[float], times: list[int], style: templates.Style) -> None:
    """Bit for bit, written with an exponent or without."""
    rests = [b"".join((repr(v).encode(), style.at, str(t).encode())) for v, t in zip(values, times, strict=False)]
    found = numbers_of(rests, style)
    assert found is not None
    assert found[0].tolist() == times[: len(values)]
    assert found[1].tobytes() == np.array(values).tobytes()
