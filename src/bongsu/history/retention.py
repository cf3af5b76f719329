"""What has come of age goes: samples, minutes, hours; then series of which nothing is left."""

from __future__ import annotations

from bongsu.history.journal import TABLES_OF, TIERS, BlockTier, Journal, read_floors
from bongsu.history.limits import HOUR, Retention

ROWS = 200
"""Blocks looked at, and series asked about, in one transaction."""
SPARE_PAGES = 64
"""Free pages (2 MB) that stay in the file for what comes next."""

_PACKED = (("series", "id"), ("progress", "series"), ("young", "id"))
_ROWS_PACKED = 20_000
"""A table of more rows is left as it is: some 50 MB of young blocks would take a second."""


def floors_due(retention: Retention, now: int) -> dict[BlockTier, int]:
    """Since when (UTC ms, whole hours) each tier is to be kept."""
    kept: dict[BlockTier, int] = {"raw": retention.raw, "minute": retention.minute, "hour": retention.hour}
    return {tier: max(0, (now - keep) // HOUR * HOUR) for tier, keep in kept.items()}


def laggards(journal: Journal, tier: BlockTier, floor: int) -> list[int]:
    """Series that hold something older than the floor which the next tier hasn't taken over yet."""
    column = {"raw": "minute", "minute": "hour"}.get(tier)
    if column is None:
        return []
    table = "samples" if tier == "raw" else tier
    rows = journal.connection.execute(
        f"SELECT series FROM progress WHERE {column} < ? AND EXISTS "  # noqa: S608 — names from the dict above
        f"(SELECT 1 FROM {table} WHERE {table}.series = progress.series AND start < ? AND last >= progress.{column})",
        (floor, floor),
    ).fetchall()
    return [row[0] for row in rows]


def oldest(journal: Journal) -> dict[BlockTier, int]:
    """Since when (UTC ms) each tier's blocks answer; tiers without one are left out. Rows come about in order."""
    floors = floors_of(journal)
    found: dict[BlockTier, int] = {}
    for tier, tables in TABLES_OF.items():
        starts = [
            row[0]
            for table in tables
            for row in journal.connection.execute(f"SELECT start FROM {table} ORDER BY id LIMIT 1")  # noqa: S608
        ]
        if starts:
            found[tier] = max(min(starts), floors[tier])
    return found


def raise_floor(journal: Journal, tier: BlockTier, floor: int) -> None:
    """From now on the tier answers from `floor` on only."""
    journal.connection.execute("INSERT OR REPLACE INTO floor(tier, at) VALUES (?, ?)", (tier, floor))


def expired(journal: Journal, tier: BlockTier, floor: int) -> list[int]:
    """Blocks wholly before the floor among the oldest rows; blocks are written about in the order of time."""
    gone = []
    for table in TABLES_OF[tier]:
        rows = journal.connection.execute(
            f"SELECT id, last FROM (SELECT id, last FROM {table} ORDER BY id LIMIT {ROWS}) WHERE last < ?",  # noqa: S608
            (floor,),
        ).fetchall()
        gone += [row[0] for row in rows]
    return gone


def drop(journal: Journal, tier: BlockTier, blocks: list[int]) -> None:
    """Delete these blocks."""
    for table in TABLES_OF[tier]:
        journal.connection.executemany(f"DELETE FROM {table} WHERE id = ?", [(block,) for block in blocks])  # noqa: S608


def without_blocks(journal: Journal, after: int) -> tuple[list[int], int]:
    """Of the next series with a higher id than `after`, those of which no block is left; and the last one looked at."""
    tables = [table for tier in TIERS for table in TABLES_OF[tier]]
    some = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {table}.series = listed.id)" for table in tables)  # noqa: S608
    rows = journal.connection.execute(
        f"SELECT id, {some} FROM (SELECT id FROM series WHERE id > ? ORDER BY id LIMIT {ROWS}) AS listed",  # noqa: S608
        (after,),
    ).fetchall()
    return [row[0] for row in rows if not row[1]], (rows[-1][0] if len(rows) == ROWS else -1)


def floors_of(journal: Journal) -> dict[str, int]:
    """The floors that are in force."""
    return read_floors(journal.connection)


def pack(journal: Journal) -> None:
    """Write small tables anew in the order of their keys: as their rows come and go, pages stay a third empty.

    At the end only, when nobody waits; whoever calls holds the transaction.
    """
    run = journal.connection.execute
    for table, key in _PACKED:
        if run(f"SELECT COUNT(*) FROM {table}").fetchone()[0] > _ROWS_PACKED:  # noqa: S608 — from the literals above
            continue
        run(f"CREATE TEMP TABLE packed AS SELECT * FROM {table}")  # noqa: S608
        run(f"DELETE FROM {table}")  # noqa: S608
        run(f"INSERT INTO {table} SELECT * FROM packed ORDER BY {key}")  # noqa: S608
        run("DROP TABLE packed")


def shrink_wholly(journal: Journal) -> None:
    """Give all free pages back: nobody waits any more."""
    journal.connection.executescript("PRAGMA incremental_vacuum;")  # a plain execute takes one step: one page


def shrink(journal: Journal) -> None:
    """Give free pages beyond a reserve back to the disk, some at a time."""
    run = journal.connection.execute
    free = int(run("PRAGMA freelist_count").fetchone()[0])
    pages = int(run("PRAGMA page_count").fetchone()[0])
    if free > SPARE_PAGES and free > pages // 4:
        journal.connection.executescript(f"PRAGMA incremental_vacuum({min(free - SPARE_PAGES, SPARE_PAGES)});")
