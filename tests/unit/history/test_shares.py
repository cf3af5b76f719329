"""Blocks that fill their share of a page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bongsu.history import retention, schema
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.journal import Journal
from bongsu.history.limits import DAY, Limits, Retention
from bongsu.history.shares import SHARE, fitting, portion
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch, Float64s
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.unit.history.resting import rest

T0 = 1_763_776_800_000


@pytest.mark.parametrize("each", [0.6, 0.72, 0.8, 1.1, 1.6, 3.0])
def test_blocks_come_to_whole_shares(each: float) -> None:
    """As soon as there are samples enough; until then they wait, unless nothing will come."""
    known = [(3_500, round(3_500 * each) + 70)] * 3
    for samples in range(7_200, 30_000, 900):
        count = portion(samples, known, least=7_200, wait=True)
        assert portion(samples, known, least=7_200, wait=False) == (count or samples)
        if not count:
            assert samples * each < 3 * SHARE
            continue
        assert 7_200 <= count <= samples
        size = count * each + 70
        assert size % SHARE > 0.97 * SHARE or count == samples or count == 7_200


def test_samples_for_which_shares_are_no_help_become_one_block() -> None:
    """What compresses to next to nothing, what hardly does, and what nothing is known of."""
    assert portion(9_000, [(3_600, 90)], least=7_200, wait=True) == 9_000
    assert portion(9_000, [(3_600, 28_000)], least=7_200, wait=True) == 9_000
    assert portion(9_000, [], least=7_200, wait=True) == 9_000
    assert portion(80_000, [(3_600, 2_900)], least=7_200, wait=True) == 80_000


def test_records_are_cut_where_they_fill_shares() -> None:
    """Small blocks, those that fit just so, and large ones stay whole."""
    assert [fitting(1_440, size) for size in (900, SHARE, SHARE + 16, 2 * SHARE, 4 * SHARE, 90_000)] == [1_440] * 6
    assert fitting(1_679, 8_660) == int(1_679 * SHARE / 8_660 * 0.99)
    assert fitting(2_000, 3 * SHARE - 50) * (3 * SHARE - 50) / 2_000 == pytest.approx(2 * SHARE, rel=0.011)


async def test_minutes_of_days_are_all_there(tmp_path: Path) -> None:
    """Cut where four blocks fill a page, and read back as they were, before and after a restart."""
    table, random = SeriesTable(), np.random.default_rng(11)
    series = table.intern("m", ())
    limits = Limits(block_samples=600, grown_samples=1_200, seal_at_close=1)
    at = T0 + 5_000 * np.arange(24 * 3_600 // 5 * 2, dtype=np.int64)
    value = np.round(50 + np.cumsum(random.normal(0, 0.5, len(at))), 2)
    retention = Retention(raw=400 * DAY)
    history = await EmbeddedHistory.open(
        tmp_path, table=table, clock=VirtualClock(), limits=limits, retention=retention
    )
    for part in np.split(np.arange(len(at)), 48):
        await history.append(Batch(series=np.full(len(part), series, np.int32), at=at[part], value=value[part]))
        await rest(history)  # one that finds more at once cuts elsewhere
    await history.close()
    connection = schema.connect(tmp_path / "history.db")
    sizes = [row[0] for row in connection.execute("SELECT LENGTH(data) FROM minute ORDER BY start")]
    connection.close()
    assert len(sizes) > 1
    assert all(0.96 * SHARE < size <= SHARE + 16 for size in sizes[:-1])
    history = await EmbeddedHistory.open(
        tmp_path, table=SeriesTable(), clock=VirtualClock(), limits=limits, retention=retention
    )
    for agg, expected in (("max", value.reshape(-1, 12).max(axis=1)), ("count", np.full(len(at) // 12, 12.0))):
        found = await history.range(
            RangeQuery(metric="m", labels=(), start=T0, end=int(at[-1]) + 1, step=60_000, agg=agg)  # type: ignore[arg-type]
        )
        np.testing.assert_array_equal(found[0].value, expected)
    await history.close()


async def agree(history: EmbeddedHistory, values: Float64s) -> None:
    found = await history.range(RangeQuery(metric="m", labels=(), start=T0, end=T0 + 26_000_000, tier="raw"))
    assert len(found) == values.shape[1]
    for i, one in enumerate(found):
        np.testing.assert_array_equal(one.value, values[:, i])


async def test_four_blocks_share_a_page(tmp_path: Path) -> None:
    """What is left over stays a young block, and all samples are there, before and after a restart."""
    table, random = SeriesTable(), np.random.default_rng(7)
    ids = np.array([table.intern("m", (("n", str(i)),)) for i in range(16)], np.int32)
    values = np.round(50 + np.cumsum(random.normal(0, 0.2, (26_000, 16)), axis=0), 2)
    limits = Limits(grown_samples=7_200)
    history = await EmbeddedHistory.open(tmp_path, table=table, clock=VirtualClock(), limits=limits)
    for first in range(0, len(values), 100):
        at = T0 + 1_000 * np.arange(first, first + 100, dtype=np.int64)
        part = values[first : first + 100]
        await history.append(Batch(series=np.tile(ids, 100), at=np.repeat(at, 16), value=part.reshape(-1)))
    await agree(history, values)
    await history.close()
    connection = schema.connect(tmp_path / "history.db")
    sizes = [row[0] for row in connection.execute("SELECT LENGTH(data) FROM raw WHERE count < 14000")]
    connection.close()
    shared = [size for size in sizes if 0.98 * SHARE < size <= SHARE + 16]
    assert len(shared) >= 16
    history = await EmbeddedHistory.open(tmp_path, table=SeriesTable(), clock=VirtualClock())
    await agree(history, values)
    await history.close()


def test_small_tables_are_written_anew_in_order(tmp_path: Path) -> None:
    """No row is lost, and pages that stood half empty are given back."""
    connection = schema.connect(tmp_path / "history.db")
    run = connection.execute
    run("BEGIN")
    order = np.random.default_rng(5).permutation(10_000).tolist()
    connection.executemany(
        "INSERT INTO progress VALUES (?, 70000, 80000, 7200, 1763776800000, 1763776800000)", [(one,) for one in order]
    )
    blocks = [(i, i, bytes(i % 700)) for i in range(1, 3_000)]
    connection.executemany("INSERT INTO young VALUES (?, ?, 1, 2, 3, ?)", blocks)
    run("DELETE FROM young WHERE id % 7")
    run("COMMIT")
    before = run("PRAGMA page_count").fetchone()[0]
    run("BEGIN")
    retention.pack(Journal(connection))
    run("COMMIT")
    retention.shrink_wholly(Journal(connection))
    assert run("PRAGMA page_count").fetchone()[0] < 0.8 * before
    assert run("SELECT COUNT(*), SUM(series) FROM progress").fetchone() == (10_000, 9_999 * 5_000)
    assert run("SELECT id, series, data FROM young ORDER BY id").fetchall() == [one for one in blocks if not one[0] % 7]
    assert run("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()
