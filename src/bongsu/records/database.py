"""The database of the records: one thread that writes, one that reads, and what its errors mean."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from bongsu.model.errors import BongsuError, StorageFull, Unavailable
from bongsu.ports import Clock
from bongsu.records.migration import bring_up

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    # What is promised here (an alert is told) is rare and dear: each commit reaches the disk.
    "PRAGMA synchronous=FULL",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-1024",
)
_SUFFIXES = ("", "-wal", "-shm")
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DISK_FULL = {"53100", "53000"}
"""PostgreSQL's SQLSTATEs for it."""
_QUEUED = 1_000
_URL = "it looks like postgresql://user@host/database"
_log = structlog.get_logger(__name__)


class Database:
    """Runs functions on a connection, each in one transaction, off the event loop.

    `place` is a folder (`records.db` in it), a PostgreSQL URL, or None for a database in memory.
    """

    def __init__(self, place: str | Path | None, *, clock: Clock) -> None:
        self.path, self._url = _resolve(place)
        self._clock = clock
        self.name = str(self.path) if self.path else self._url.render_as_string(hide_password=True)
        """How it is called in logs and errors; never with a password."""
        self._engine: Engine
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="records-writer")
        alone = self.path is None and self._url.get_backend_name() == "sqlite"
        self._reader = self._writer if alone else ThreadPoolExecutor(1, thread_name_prefix="records-reader")
        self._replacing = threading.Lock()
        self._closed = False
        self.queued = 0
        self.transactions = 0
        self.seconds = 0.0
        self.failures = 0
        self.refused = 0
        self.damaged = 0

    async def open(self) -> None:
        """Connect and bring the tables to this code's schema; a damaged file is set aside first.

        Raises:
            StorageFull, Unavailable: it can't be used.
        """
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._open)
        except BaseException:
            await self.close()
            raise

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; kept for good once this returns, or not at all.

        Raises:
            StorageFull, Unavailable: nothing was kept.
        """
        if self.queued >= _QUEUED:
            self.refused += 1
            raise Unavailable(f"{self.queued} changes wait to be recorded already", retry_after=1)
        self.queued += 1
        try:
            return await self._run(self._writer, lambda: self._transact(work))
        finally:
            self.queued -= 1

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads.

        Raises:
            Unavailable: the database doesn't answer.
        """
        return await self._run(self._reader, lambda: self._look(work))

    async def close(self) -> None:
        """Finish what has queued and let go of the database."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._end)

    def size(self) -> int:
        """Bytes on this machine's disk: the file and its log."""
        if self.path is None:
            return 0
        total = 0
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                total += self.path.with_name(self.path.name + suffix).stat().st_size
        return total

    def signature(self) -> object:
        """Something that differs once anybody has written to the file; None where only asking it can tell."""
        if self.path is None:
            return None
        found = []
        for suffix in ("", "-wal"):
            try:
                state = self.path.with_name(self.path.name + suffix).stat()
            except FileNotFoundError:
                continue
            found.append((state.st_ino, state.st_size, state.st_mtime_ns))
        return tuple(found)

    # -- on its threads ----------------------------------------------------------------------------------------

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._closed:
            raise Unavailable("the records are closed")
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _open(self) -> None:
        try:
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._engine = self._connect()
            self._guarded(self._prepare)
        except OSError as error:
            raise Unavailable(f"{self.name} can't be written: {error}", hint="see rights and free space") from error
        except ImportError as error:
            raise Unavailable(
                f"the driver for {self._url.drivername} is missing: {error}", hint="pip install 'bongsu[postgres]'"
            ) from error

    def _prepare(self) -> None:
        with self._engine.begin() as connection:
            self._begin(connection)
            if self.path is not None:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
                if found != "ok":
                    raise Damaged(found)
            bring_up(connection, place=self.name)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        def attempt() -> T:
            with self._engine.begin() as connection:
                self._begin(connection)
                return work(connection)

        started = self._clock.monotonic()
        try:
            return self._guarded(attempt)
        finally:
            self.transactions += 1
            self.seconds += self._clock.monotonic() - started

    def _look(self, work: Callable[[Connection], T]) -> T:
        def attempt() -> T:
            with self._engine.connect() as connection:
                return work(connection)

        return self._guarded(attempt)

    def _guarded(self, attempt: Callable[[], T]) -> T:
        """Try it; on a damaged file once more with a new one. Whatever the database says becomes an error of ours."""
        engine = self._engine
        try:
            try:
                return attempt()
            except (DBAPIError, Damaged) as error:
                if not self._is_damage(error):
                    raise
                self._start_anew(engine, error)
                return attempt()
        except SQLAlchemyError as error:
            self.failures += 1
            raise self._explain(error) from error

    def _begin(self, connection: Connection) -> None:
        # The driver would begin only before the first change, and then fail where another process changed meanwhile.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _end(self) -> None:
        self._writer.shutdown()
        self._reader.shutdown()
        if hasattr(self, "_engine"):
            self._engine.dispose()

    # -- connections and errors --------------------------------------------------------------------------------

    def _connect(self) -> Engine:
        if self._url.get_backend_name() == "sqlite":
            pool = StaticPool if self.path is None else QueuePool
            sizes = {} if self.path is None else {"pool_size": 2, "max_overflow": 0}
            engine = create_engine(
                self._url, poolclass=pool, connect_args={"check_same_thread": False, "isolation_level": None}, **sizes
            )
            event.listen(engine, "connect", _configure)
            return engine
        return create_engine(
            self._url,
            pool_size=2,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 5,
                "application_name": "bongsu",
                # A network that swallows packets must not hold up alerts for the kernel's quarter of an hour.
                "tcp_user_timeout": 10_000,
                "options": "-c statement_timeout=30000 -c lock_timeout=10000",
            },
        )

    def _is_damage(self, error: Exception) -> bool:
        if isinstance(error, Damaged):
            return True
        cause = getattr(error, "orig", None)
        return self.path is not None and getattr(cause, "sqlite_errorcode", 0) & 0xFF in _DAMAGED

    def _start_anew(self, damaged: Engine, cause: Exception) -> None:
        with self._replacing:
            if self._engine is damaged:
                self._replace(cause)

    def _replace(self, cause: Exception) -> None:
        if self.path is None:
            return
        self._engine.dispose()
        moment = datetime.fromtimestamp(self._clock.now() / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = f"{self.path.name}.damaged-{moment}"
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).rename(self.path.with_name(aside + suffix))
        self.damaged += 1
        _log.error("records_damaged", file=self.name, aside=aside, cause=str(cause), action="a new file is started")
        self._engine = self._connect()
        self._prepare()

    def _explain(self, error: SQLAlchemyError) -> BongsuError:
        cause = getattr(error, "orig", None)
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL or (
            getattr(cause, "sqlstate", None) in _DISK_FULL
        ):
            return StorageFull("the disk that holds the records is full", hint="free space; it goes on by itself then")
        _log.error("records_failed", place=self.name, cause=str(cause or error))
        return Unavailable(f"the records in {self.name} don't answer", hint="see the server's log", retry_after=1)


class Damaged(SQLAlchemyError):
    """SQLite's own check found the file damaged."""


def _configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _resolve(place: str | Path | None) -> tuple[Path | None, URL]:
    """The file, where there is one, and the URL."""
    if place is None:
        return None, URL.create("sqlite")
    if isinstance(place, Path) or "://" not in place:
        path = Path(place) / "records.db"
        return path, URL.create("sqlite", database=str(path))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        # Not `from`: the cause's text may hold the password.
        raise Unavailable("the URL of the records can't be read", hint=_URL) from None
    if url.drivername.partition("+")[0] not in ("postgresql", "postgres"):
        raise Unavailable(f"records can't be kept in {url.drivername}", hint=_URL)
    return None, url.set(drivername="postgresql+psycopg")
