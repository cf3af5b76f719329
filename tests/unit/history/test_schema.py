"""The tables of `history.db`: what isn't asked for isn't read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.history import schema

BLOCKS = 100


@pytest.mark.parametrize("table", ["raw", "young", "minute", "hour"])
def test_blocks_out_of_the_range_are_not_read(tmp_path: Path, table: str) -> None:
    """The pages of all other blocks are damaged, and the last one is found nevertheless."""
    path = tmp_path / "history.db"
    writer = schema.connect(path)
    rows = [(7, at, at + 9, 10, b"block %03d " % at * 300) for at in range(0, 10 * BLOCKS, 10)]
    writer.executemany(f"INSERT INTO {table}(series, start, last, count, data) VALUES(?, ?, ?, ?, ?)", rows)
    writer.close()
    content = bytearray(path.read_bytes())
    kept = content.rfind(rows[-1][4]) // schema.PAGE_SIZE
    for page in {content.find(data) // schema.PAGE_SIZE for *_, data in rows} - {kept}:
        begin = page * schema.PAGE_SIZE
        content[begin : begin + schema.PAGE_SIZE] = bytes(schema.PAGE_SIZE)
    path.write_bytes(content)
    reader = schema.connect_reader(path)
    source = "samples" if table in ("raw", "young") else table
    found = reader.execute(
        f"SELECT data FROM {source} WHERE series = 7 AND start < ? AND last >= ?",
        (10 * BLOCKS, 10 * BLOCKS - 5),
    ).fetchall()
    reader.close()
    assert found == [(rows[-1][4],)]
