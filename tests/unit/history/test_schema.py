"""The tables of `history.db`: what isn't asked for isn't read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.history import minutes, schema
from bongsu.history.loading import SAMPLES

BLOCKS = 100


@pytest.mark.parametrize("table", ["raw", "minute"])
def test_blocks_out_of_the_range_are_not_read(tmp_path: Path, table: str) -> None:
    """The pages of all other blocks are damaged, and the last one is found nevertheless."""
    path = tmp_path / "history.db"
    writer = schema.connect(path)
    rows = [(7, at, at + 9, 10, b"block %03d " % at * 300) for at in range(0, 10 * BLOCKS, 10)]
    writer.executemany(f"INSERT INTO {table}(series, start, last, count, data) VALUES(?, ?, ?, ?, ?)", rows)
    writer.execute("INSERT INTO progress VALUES(7, 0, 0, 0, 0, 0)")
    writer.close()
    content = bytearray(path.read_bytes())
    kept = content.rfind(rows[-1][4]) // schema.PAGE_SIZE
    for page in {content.find(data) // schema.PAGE_SIZE for *_, data in rows} - {kept}:
        begin = page * schema.PAGE_SIZE
        content[begin : begin + schema.PAGE_SIZE] = bytes(schema.PAGE_SIZE)
    path.write_bytes(content)
    start, end = 10 * BLOCKS - 5, 10 * BLOCKS
    reader = schema.connect_reader(path)
    if table == "raw":
        found = [row[5] for row in reader.execute(SAMPLES.format("?"), (7, end, start))]
    else:
        found = [row[8] for row in reader.execute(minutes._ROWS.format("?"), (end, start, start, start, 7))]
    reader.close()
    assert found == [rows[-1][4]]
