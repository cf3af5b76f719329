"""Rows fill pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bongsu.history import schema
from bongsu.history.filling import Filling


def pages(folder: Path, sizes: list[int]) -> int:
    """Pages that blocks of these bytes take in a file, inserted in this order."""
    connection = schema.connect(folder / f"{sizes[0]}-{len(sizes)}.db")
    before = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.executemany(
        "INSERT INTO raw(series, start, last, count, data) VALUES (0, 0, 0, 7200, zeroblob(?))", [(s,) for s in sizes]
    )
    taken: int = connection.execute("PRAGMA page_count").fetchone()[0] - before
    connection.close()
    return taken


@pytest.mark.parametrize(("least", "most", "together"), [(4_200, 6_800, 50), (1_400, 2_300, 50), (5_200, 9_000, 25)])
def test_little_of_a_page_is_left(tmp_path: Path, least: int, most: int, together: int) -> None:
    """Among some dozens of blocks an order is found that leaves a few per cent of the pages; as they come it is ten."""
    sizes = np.random.default_rng(3).integers(least, most, 400).tolist()
    filling = Filling(schema.PAGE_SIZE)
    ordered = []
    for first in range(0, len(sizes), together):
        part = sizes[first : first + together]
        places = filling.ordered(part)
        assert sorted(places) == list(range(len(part)))
        ordered += [part[place] for place in places]
    needed = sum(sizes) / schema.PAGE_SIZE
    assert pages(tmp_path, ordered) < 1.035 * needed + 2
    assert pages(tmp_path, ordered) < pages(tmp_path, sizes)


def test_any_row_finds_a_place() -> None:
    """Rows larger than a page, single ones and none at all."""
    filling = Filling(schema.PAGE_SIZE)
    assert filling.ordered([]) == []
    assert filling.ordered([100_000]) == [0]
    assert sorted(filling.ordered([40_000, 1, 32_768])) == [0, 1, 2]
