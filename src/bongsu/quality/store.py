"""Checkpoints of all feeds in one SQLite file: each replaces, in one transaction, what changed since the one before."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.model.errors import StorageFull, Unavailable

FILE = "feeds.db"
VERSION = 1
_FULL = ("full", "disk i/o")

_TABLES = """
CREATE TABLE IF NOT EXISTS symbol(
    feed TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY(feed, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part(
    feed TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, shape TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY(feed, name));
CREATE TABLE IF NOT EXISTS batch(
    key TEXT PRIMARY KEY, at INTEGER NOT NULL, digest INTEGER NOT NULL, accepted INTEGER NOT NULL,
    refused INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS batch_at ON batch(at);
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A column (or bytes, where `column` holds uint8) of one feed; None: it is gone."""

    feed: str
    name: str
    column: NDArray[Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A body that was taken under a key."""

    key: str
    at: int
    digest: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What one transaction writes. Journals from `journal` on hold what came later."""

    journal: int
    symbols: list[tuple[str, int, str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    forget_before: int = 0


class FeedStore:
    """The file. Its methods block: call them in the store's thread."""

    def __init__(self, folder: Path) -> None:
        """Open or make the file.

        Raises:
            StorageFull, Unavailable: it can't be opened.
        """
        with _told():
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
            run = self._connection.execute
            run("PRAGMA page_size = 32768")
            run("PRAGMA journal_mode = WAL")
            run("PRAGMA synchronous = FULL")
            run("PRAGMA journal_size_limit = 33554432")
            self._connection.executescript(_TABLES)
            version = self._meta("version") or VERSION
            if version != VERSION:
                raise Unavailable(f"{FILE} was written by another version of Bongsu", hint="move it away to start anew")
            run("INSERT OR IGNORE INTO meta(key, value) VALUES ('version', ?)", (VERSION,))

    def _meta(self, key: str) -> int:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def journal(self) -> int:
        """The first journal that isn't in the checkpoint."""
        return self._meta("journal")

    def symbols(self) -> Iterator[tuple[str, str]]:
        """(feed, symbol) in the order of their ids."""
        return iter(self._connection.execute("SELECT feed, name FROM symbol ORDER BY feed, id").fetchall())

    def parts(self) -> Iterator[Part]:
        """All columns."""
        for feed, name, kind, shape, data in self._connection.execute("SELECT feed, name, kind, shape, data FROM part"):
            column = np.frombuffer(data, np.dtype(kind))
            yield Part(feed=feed, name=name, column=column.reshape([int(n) for n in shape.split(",")]))

    def delivered(self) -> Iterator[Delivered]:
        """Bodies remembered, oldest first."""
        rows = self._connection.execute("SELECT key, at, digest, accepted, refused FROM batch ORDER BY at")
        return (Delivered(key=row[0], at=row[1], digest=row[2], accepted=row[3], refused=row[4]) for row in rows)

    def write(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint: all of it or nothing.

        Raises:
            StorageFull, Unavailable: nothing was written.
        """
        with _told():
            run = self._connection.execute
            run("BEGIN IMMEDIATE")
            try:
                self._write(checkpoint)
                run("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    run("ROLLBACK")
                raise

    def _write(self, checkpoint: Checkpoint) -> None:
        many, run = self._connection.executemany, self._connection.execute
        many("INSERT OR REPLACE INTO symbol(feed, id, name) VALUES (?, ?, ?)", checkpoint.symbols)
        gone = [(part.feed, part.name) for part in checkpoint.parts if part.column is None]
        many("DELETE FROM part WHERE feed = ? AND name = ?", gone)
        many(
            "INSERT OR REPLACE INTO part(feed, name, kind, shape, data) VALUES (?, ?, ?, ?, ?)",
            _rows(checkpoint.parts),
        )
        many(
            "INSERT OR REPLACE INTO batch(key, at, digest, accepted, refused) VALUES (?, ?, ?, ?, ?)",
            [(one.key, one.at, one.digest, one.accepted, one.refused) for one in checkpoint.delivered],
        )
        run("DELETE FROM batch WHERE at < ?", (checkpoint.forget_before,))
        run("INSERT OR REPLACE INTO meta(key, value) VALUES ('journal', ?)", (checkpoint.journal,))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _rows(parts: Iterable[Part]) -> Iterator[tuple[str, str, str, str, NDArray[np.uint8]]]:
    for part in parts:
        if part.column is not None:
            shape = ",".join(str(n) for n in part.column.shape)
            yield part.feed, part.name, part.column.dtype.str, shape, part.column.reshape(-1).view(np.uint8)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if any(word in str(error) for word in _FULL):
            raise StorageFull("the disk of the data folder is full", hint="make room") from None
        raise Unavailable(f"{FILE} can't be written: {error}", hint="see the data folder", retry_after=5) from None
    except OSError as error:
        raise Unavailable(f"the data folder can't be written: {error.strerror}", retry_after=5) from None
