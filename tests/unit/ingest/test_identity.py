"""The cache of spellings: bounded, and never stale."""

from __future__ import annotations

import pytest

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.identity import SeriesIds, label_pairs
from bongsu.ingest.refusals import Refused
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock


def ids(*, series: int = 100, entries: int = 100, size: int = 10_000) -> tuple[SeriesIds, SeriesTable]:
    """A cache before its table."""
    table = SeriesTable(series)
    return SeriesIds(SampleGate(table=table, clock=VirtualClock()), entries=entries, size=size), table


def test_spellings_of_one_series_share_its_id() -> None:
    """However the labels are written, it is one series."""
    cache, table = ids()
    spellings = [b'{"a":"1","b":"2"}', b'{ "b": "2", "a": "1" }', b'{"a":"\\u0031","b":"2","c":""}']
    assert len({cache["m", spelling] for spelling in spellings}) == 1
    assert len(table) == 1


def test_a_known_spelling_is_not_checked_again() -> None:
    """The second look-up is answered from the cache."""
    cache, _ = ids()
    first = cache["m", b"{}"]
    assert ("m", b"{}") in cache
    assert cache["m", b"{}"] == first


def test_refused_spellings_are_not_kept() -> None:
    """A faulty series takes no room, and the reason can be asked."""
    cache, _ = ids()
    assert cache["a b", b"{}"] == REFUSED
    assert len(cache) == 0
    assert cache.why(("a b", b"{}")).code == "bad-name"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("{}", []),
        ("null", []),
        ('{"b":"2","a":"1"}', [("b", "2"), ("a", "1")]),
        ('{ "a" : "1" }', [("a", "1")]),
        ('{"a":"1","a":"1"}', [("a", "1"), ("a", "1")]),
        ('{"a":"1","a" : "2"}', [("a", "1"), ("a", "2")]),
        ('{"a":"1","\\u0061":"2"}', [("a", "1"), ("a", "2")]),
        ('{"a":"\\"","a":"x"}', [("a", '"'), ("a", "x")]),
        ('{"a":"한글"}', [("a", "한글")]),
        ('{"a":1}', [("a", 1)]),
        ('{"a":{"b":"c"}}', [("a", [("b", "c")])]),
    ],
)
def test_labels_are_read_as_sent(text: str, pairs: list[tuple[object, object]]) -> None:
    """Labels come in their order and with doubles, however they are written."""
    assert label_pairs(text.encode()) == pairs


@pytest.mark.parametrize(
    "text", [b'{"a"}', b"[]", b"5", b'{"a":NaN}', b'{"a":"\xff"}', b'{"a":"\x01"}', b"[" * 100_000]
)
def test_labels_that_cannot_be_read(text: bytes) -> None:
    """What is no object, or no JSON, is refused."""
    with pytest.raises(Refused) as caught:
        label_pairs(text)
    assert caught.value.code == "bad-labels"


def test_the_cache_is_bounded_by_entries_and_bytes() -> None:
    """Ever new spellings of one series never hold more than the bounds."""
    for entries, size in ((10, 10_000), (1_000, 200)):
        cache, table = ids(entries=entries, size=size)
        for spaces in range(100):
            cache.refresh()
            cache["m", b"{" + b" " * spaces + b"}"]
            assert len(cache) <= entries
            assert sum(len(metric) + len(labels) for metric, labels in cache) <= size
        assert len(table) == 1


def test_forgotten_ids_leave_the_cache() -> None:
    """After the table forgot a series its spelling leads to a new one."""
    cache, table = ids()
    first = cache["m", b"{}"]
    table.forget([first])
    cache.refresh()
    second = cache["m", b"{}"]
    assert second != first
    assert table.get(second) is not None
