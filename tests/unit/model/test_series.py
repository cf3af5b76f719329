"""The one index of series."""

from __future__ import annotations

import pytest

from bongsu.model.sample import labels_of
from bongsu.model.series import Series, SeriesLimitReached, SeriesTable


def test_equal_series_have_one_id() -> None:
    """However often asked, and however the labels were spelled."""
    table = SeriesTable()
    first = table.intern("a", labels_of(x="1", y="2"))
    assert table.intern("a", labels_of({"y": "2", "x": "1"})) == first
    assert table.intern("a", ()) != first
    assert table[first] == Series(id=first, metric="a", labels=(("x", "1"), ("y", "2")))
    assert len(table) == 2


def test_the_limit_refuses_new_ones_alone() -> None:
    """Known series go on when the table is full."""
    table = SeriesTable(limit=1)
    known = table.intern("a", ())
    with pytest.raises(SeriesLimitReached, match="already 1 series"):
        table.intern("b", ())
    assert table.intern("a", ()) == known


def test_selection_by_labels() -> None:
    """All pairs asked for must be carried; more may be."""
    table = SeriesTable()
    one = table.intern("a", labels_of(x="1", y="1"))
    two = table.intern("a", labels_of(x="1", y="2"))
    table.intern("b", labels_of(x="1"))
    assert table.select("a") == [one, two]
    assert table.select("a", labels_of(y="2")) == [two]
    assert table.select("c") == []
    assert table.metrics() == ["a", "b"]


def test_selection_follows_what_comes_and_goes() -> None:
    """Who carries which pair is remembered between questions, but not past a change."""
    table = SeriesTable()
    one = table.intern("a", labels_of(x="1", y="1"))
    assert table.select("a", labels_of(x="1")) == [one]
    two = table.intern("a", labels_of(x="1", y="2"))
    assert table.select("a", labels_of(x="1")) == [one, two]
    assert table.select("a", labels_of(x="1", y="2")) == [two]
    assert table.select("a", labels_of(x="1", y="3")) == []
    assert table.select("c", labels_of(x="1")) == []
    table.forget([one])
    assert table.select("a", labels_of(x="1")) == [two]
    table.forget([two])
    assert table.select("a", labels_of(x="1")) == []


def test_a_selection_is_nobodys_to_change() -> None:
    """What was given out may be changed; the next who asks the same is given what there is."""
    table = SeriesTable()
    one = table.intern("a", labels_of(x="1"))
    for labels in ((), labels_of(x="1")):
        for _ in range(3):
            found = table.select("a", labels)
            assert found == [one]
            found.append(99)


def test_few_selections_are_remembered() -> None:
    """Those of few series, and of what there is; not more of them than a thousand or so."""
    table = SeriesTable()
    ids = [table.intern("a", labels_of(x=str(number))) for number in range(3_000)]
    for number, series_id in enumerate(ids):
        assert table.select("a", labels_of(x=str(number))) == [series_id]
        assert table.select("b", labels_of(x=str(number))) == []
    assert table.select("a") == ids
    assert 0 < len(table._selected) <= 1_024
    assert max(map(len, table._selected.values())) == 1


def test_what_is_forgotten_makes_room_and_its_id_is_never_given_again() -> None:
    """Whoever caches ids sees it by the epoch."""
    table = SeriesTable(limit=1)
    old = table.intern("a", ())
    table.forget([old, 99])
    assert table.epoch == 1
    assert table.get(old) is None
    assert table.find("a", ()) is None
    assert table.metrics() == []
    assert table.intern("b", ()) > old


def test_restored_series_keep_their_ids() -> None:
    """New ones come after the highest that history remembers."""
    table = SeriesTable()
    table.restore([Series(id=7, metric="a", labels=())])
    assert table.intern("a", ()) == 7
    assert table.intern("b", ()) == 8
    assert table.end == 9
    assert [series.id for series in table] == [7, 8]
