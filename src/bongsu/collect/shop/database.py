"""The shop's database: opened for reading alone, each round one transaction, each statement with a time limit."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL, Connection, Engine, Inspector, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from bongsu.collect.shop.mapping import MappingError
from bongsu.redaction import Redactor

_CONNECT_SECONDS = 5
_EXTRA = "pip install 'bongsu[postgres]'"


class ShopError(Exception):
    """The shop's figures can't be read; the text says why and never holds a secret."""


class ShopDatabase:
    """A database that can only be read. Used from one thread at a time."""

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        """Nothing is connected yet.

        Raises:
            ShopError: the address can't be understood, or its driver is missing.
        """
        try:
            parsed = _driven(make_url(url))
        except (ArgumentError, ValueError):
            # Not `from`: the cause's text may hold the password.
            raise ShopError("shop.url can't be read: it looks like postgresql://user@host:5434/database") from None
        self.name = parsed.render_as_string(hide_password=True)
        self._redactor = Redactor([str(parsed.password)] if parsed.password else [])
        self._timeout = timeout_seconds
        self._sqlite = parsed.get_backend_name() == "sqlite"
        try:
            self._engine = self._made(parsed)
        except ImportError as error:
            raise ShopError(f"the driver for {parsed.drivername} is missing ({error.name}): {_EXTRA}") from error

    @property
    def dialect(self) -> Any:
        """How its SQL is spelled."""
        return self._engine.dialect

    @contextlib.contextmanager
    def reading(self, *, timeout_seconds: float | None = None) -> Iterator[Connection]:
        """One transaction that sees one moment and can't change anything.

        `timeout_seconds` is for statements that are known to take longer and run rarely.

        Raises:
            ShopError: the database doesn't answer, is too slow, or refuses.
        """
        try:
            seconds = timeout_seconds or self._timeout
            with self._engine.connect() as connection, self._limited(connection, seconds), connection.begin():
                if timeout_seconds is not None and not self._sqlite:
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
                yield connection
        except MappingError as error:
            raise ShopError(str(error)) from error
        except SQLAlchemyError as error:
            raise ShopError(self._explain(error)) from error

    def inspector(self, connection: Connection) -> Inspector:
        """What tables and columns there are."""
        found: Inspector = inspect(connection)
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._engine.dispose()

    def _made(self, url: URL) -> Engine:
        sizes: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0, "pool_timeout": 1}
        if self._sqlite:
            path = url.database or ""
            engine = create_engine(
                "sqlite://",
                creator=lambda: sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False),
                **sizes,
            )
            event.listen(engine, "connect", _read_only)
            return engine
        return create_engine(
            url,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "bongsu",
                # A network that swallows packets must not hold a round for the kernel's quarter of an hour.
                "tcp_user_timeout": 10_000,
                "options": "-c default_transaction_read_only=on"
                f" -c statement_timeout={round(self._timeout * 1000)} -c lock_timeout=1000"
                " -c idle_in_transaction_session_timeout=60000",
            },
            **sizes,
        )

    @contextlib.contextmanager
    def _limited(self, connection: Connection, seconds: float) -> Iterator[None]:
        """SQLite knows no time limit: a timer interrupts it."""
        if not self._sqlite:
            yield
            return
        raw = connection.connection.driver_connection
        timer = threading.Timer(seconds, raw.interrupt) if raw is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()

    def _explain(self, error: SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        state = getattr(cause, "sqlstate", None)
        said = self._redactor.text(str(cause)).strip().splitlines() or [type(cause).__name__]
        if state == "57014" or "interrupted" in said[0]:
            return f"a statement took longer than its time limit (shop.timeout_seconds: {self._timeout:g} s)"
        return f"{self.name}: {said[0][:300]}"


def _driven(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return url
    raise ArgumentError(backend)


def _read_only(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=1000")
