"""The files of an embedded history: one database, its log, a lock, and what was set aside as damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from bongsu.history import schema
from bongsu.model.errors import Unavailable

if sys.platform != "win32":
    import fcntl

_SUFFIXES = ("", "-wal", "-shm")
_log = structlog.get_logger(__name__)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error means that the file's content can't be trusted."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Files:
    """Opens connections to `history.db` in a folder, or to a database in memory where the folder is None."""

    def __init__(self, folder: Path | None) -> None:
        self.path = folder / "history.db" if folder else None
        self.damaged = 0
        """Files set aside since we opened."""
        self.generation = 0
        """Rises when the file is replaced: readers then connect anew."""
        self.damaged_blocks: set[tuple[str, int]] = set()
        """Blocks (tier, row) found unreadable; answers go without them."""
        self._lock_file: BinaryIO | None = None
        self._memory = threading.RLock()
        self.writer: sqlite3.Connection | None = None

    def open(self, stamp: str) -> sqlite3.Connection:
        """Lock the folder and open the writer's connection; a damaged file is set aside, `stamp` in its new name.

        Raises:
            Unavailable: another process holds the folder, or it can't be written.
        """
        if self.path is not None:
            self._take_folder(self.path)
        try:
            self.writer = schema.connect(self.path)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise Unavailable(f"{self.path} can't be opened: {error}", hint="see rights and free space") from error
            self.writer = self.replace(stamp, error)
        return self.writer

    def _take_folder(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock_file = (path.parent / "history.lock").open("ab")
            if sys.platform != "win32":
                fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock_file.close()
            raise Unavailable(
                f"{path.parent} is used by another process", hint="stop the other one or name another data folder"
            ) from error
        except OSError as error:
            raise Unavailable(f"{path.parent} can't be written: {error}", hint="see rights and free space") from error
        self._lock_file = lock_file

    def replace(self, stamp: str, cause: Exception) -> sqlite3.Connection:
        """Set the damaged file aside as `history.db.damaged-<stamp>` and start a new one."""
        with self.writing():
            return self._replaced(stamp, cause)

    def _replaced(self, stamp: str, cause: Exception) -> sqlite3.Connection:
        if self.writer is not None:
            with contextlib.suppress(sqlite3.Error):
                self.writer.close()
        aside = ""
        if self.path is not None:
            aside = f"{self.path.name}.damaged-{stamp}"
            for suffix in _SUFFIXES:
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + suffix).rename(self.path.with_name(aside + suffix))
        self.damaged += 1
        self.generation += 1
        self.damaged_blocks.clear()
        _log.error(
            "history_damaged", file=str(self.path), aside=aside, cause=str(cause), action="a new file is started"
        )
        self.writer = schema.connect(self.path)
        return self.writer

    def report(self, tier: str, row: int) -> None:
        """A block's bytes are not those that were written: told once, left out from now on."""
        if (tier, row) not in self.damaged_blocks:
            self.damaged_blocks.add((tier, row))
            _log.error("history_block_damaged", file=str(self.path), tier=tier, row=row, action="it is left out")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Held around each transaction and while the file is replaced: in memory, all share the writer's connection."""
        if self.path is not None:
            yield
            return
        with self._memory:
            yield

    def sync(self) -> None:
        """Bring the log to the disk: what was committed then survives power loss."""
        if self.path is None:
            return
        # The log carries no POSIX locks, so that closing another handle of it harms nothing.
        handle = os.open(self.path.with_name(self.path.name + "-wal"), os.O_RDWR)
        try:
            os.fsync(handle) if sys.platform == "win32" else os.fdatasync(handle)
        finally:
            os.close(handle)

    def size(self) -> int:
        """Bytes on the disk: the database and its log."""
        if self.path is None:
            return 0
        total = 0
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                total += self.path.with_name(self.path.name + suffix).stat().st_size
        return total

    def close(self) -> None:
        """Close the writer's connection (the log goes into the file) and let go of the folder."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None


class ReadConnection:
    """One thread's view of the database, renewed when the file was replaced."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._own: sqlite3.Connection | None = None
        self._generation = -1

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one read transaction: all that is read belongs together."""
        if self._files.path is None:
            with self._files.writing():
                if self._files.writer is None:
                    raise Unavailable("history is closed")
                yield self._files.writer
            return
        connection = self._connect(self._files.path)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")

    def rows(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows of one statement, which belong together without a transaction of their own."""
        if self._files.path is not None:
            return self._connect(self._files.path).execute(statement, values).fetchall()
        with self.snapshot() as connection:
            return connection.execute(statement, values).fetchall()

    def chunks(
        self, statement: str, values: Sequence[object], first: int, size: int
    ) -> Generator[list[tuple[Any, ...]]]:
        """The same, the `first` few and then so many rows at a time (in memory the rest at once); to be closed by who
        doesn't read them all, for it holds its snapshot.
        """
        if self._files.path is None:
            rows = self.rows(statement, values)
            yield from filter(None, (rows[:first], rows[first:]))
            return
        cursor = self._connect(self._files.path).execute(statement, values)
        try:
            rows = cursor.fetchmany(first)
            while rows:
                yield rows
                rows = cursor.fetchmany(size)
        finally:
            cursor.close()

    def _connect(self, path: Path) -> sqlite3.Connection:
        if self._own is None or self._generation != self._files.generation:
            self.close()
            self._generation = self._files.generation
            self._own = schema.connect_reader(path)
        return self._own

    def close(self) -> None:
        """Let go of the connection."""
        if self._own is not None:
            self._own.close()
            self._own = None
