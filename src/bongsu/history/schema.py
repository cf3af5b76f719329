"""The tables of `history.db`, and how a connection to it is set up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

VERSION = 3
"""Stands in the file as `user_version`; a file of a newer version is refused, not touched.

Since 2 counts of roll-ups may be kept as one number (`block.pack_counts`), since 3 young blocks have a table of their
own; what was written before is read as ever.
"""

PAGE_SIZE = 32_768
"""Blocks of some 3 KB share a page with little left over: 0.92 B a sample in the file; pages of 4 KiB cost 1.28."""

CHECKPOINT_PAGES = 100
"""The log goes into the file every 3.2 MB: an acknowledgement then waits 10 ms at most, the default cost 58."""

YOUNG = """
CREATE TABLE young(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX young_of_series ON young(series, start);
CREATE VIEW samples AS SELECT * FROM raw UNION ALL SELECT * FROM young;
"""
"""Blocks that will soon be taken in by larger ones: among those that stay they would leave holes in the pages. Rows of
`raw` and `young` are numbered together: the higher number came later."""

TABLES = """
CREATE TABLE series(id INTEGER PRIMARY KEY, metric TEXT NOT NULL, labels TEXT NOT NULL);
CREATE TABLE tail(seq INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE progress(series INTEGER PRIMARY KEY, sealed INTEGER NOT NULL, block INTEGER NOT NULL,
    count INTEGER NOT NULL, minute INTEGER NOT NULL, hour INTEGER NOT NULL);
CREATE TABLE floor(tier TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE raw(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX raw_of_series ON raw(series, start, last);
CREATE TABLE minute(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX minute_of_series ON minute(series, start);
CREATE TABLE hour(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX hour_of_series ON hour(series, start);
"""
"""`progress` tells a series' state: tail blobs up to `sealed` are in blocks; `block` and `count` are its newest raw
block; what lies before `minute` and `hour` (UTC ms) is rolled up. `floor` tells since when a tier is complete. The
index of `raw` holds `last` too, so that blocks out of a range aren't looked at; that of older files does without."""


def connect(path: Path | None) -> sqlite3.Connection:
    """The writer's connection, transactions by hand, the schema made where the file is new; None is in memory.

    Raises:
        sqlite3.DatabaseError: the file is no database of ours, or damaged.
    """
    connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    run = connection.execute
    run(f"PRAGMA page_size = {PAGE_SIZE}")
    run("PRAGMA auto_vacuum = INCREMENTAL")  # both only take effect before the first table is made
    run("PRAGMA journal_mode = WAL")
    run("PRAGMA synchronous = NORMAL")
    run(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    run(f"PRAGMA journal_size_limit = {2 * CHECKPOINT_PAGES * PAGE_SIZE}")
    run("PRAGMA cache_size = -4096")
    version = int(run("PRAGMA user_version").fetchone()[0])
    if version == 0:
        connection.executescript(f"BEGIN;{TABLES}{YOUNG}PRAGMA user_version = {VERSION};COMMIT;")
    elif version in (1, 2):
        connection.executescript(f"BEGIN;{YOUNG}PRAGMA user_version = {VERSION};COMMIT;")
    elif version != VERSION:
        raise sqlite3.NotSupportedError(f"history.db is of version {version}, this program reads {VERSION}")


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, for a thread of its own."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -2048")
    return connection
