"""PostgreSQL, asked through psycopg in a thread: connections used and allowed, and how far a replica is behind."""

from __future__ import annotations

from typing import Any

from bongsu.collect.checks.lookup import Lookup, since
from bongsu.collect.connections.service import Found, OneAtATime, Refused
from bongsu.model.check import Phases
from bongsu.ports import Clock

_STATEMENT = """
SELECT current_setting('server_version'),
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::int,
       CASE WHEN NOT pg_is_in_recovery()
            THEN (SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication)
            WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END
"""
_AUTH = ("authentication failed", "no pg_hba.conf entry", "no password supplied", "permission denied")
_FULL = ("too many clients", "too many connections", "remaining connection slots")
_STARTING = ("starting up", "shutting down", "in recovery mode")


class PostgresService:
    """One PostgreSQL at a libpq address."""

    def __init__(self, url: str, *, lookup: Lookup, clock: Clock, timeout: float, ca_file: str) -> None:
        self._url = url
        self._threads = OneAtATime(lookup)
        self._clock = clock
        self._timeout = timeout
        self._ca_file = ca_file

    async def ask(self) -> Found:
        """Connect, read once, leave."""
        psycopg = await self._threads.module("psycopg", "postgres")
        try:
            found: Found = await self._threads.run(lambda: self._read(psycopg))
        except psycopg.Error as error:
            raise refused(error) from None
        return found

    def _read(self, psycopg: Any) -> Found:
        began = self._clock.monotonic()
        seconds = max(2, round(self._timeout))
        more = {"sslrootcert": self._ca_file, "sslmode": "verify-full"} if self._ca_file else {}
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=seconds,
            tcp_user_timeout=seconds * 1000,
            application_name="bongsu",
            **more,
        )
        with connection:
            connect, began = since(began, self._clock), self._clock.monotonic()
            connection.execute(f"SET statement_timeout = {seconds * 1000}")
            version, used, limit, lag = connection.execute(_STATEMENT).fetchone()
            phases = Phases(connect=connect, first_byte=since(began, self._clock))
        figures = {"sessions": float(used), "sessions_limit": float(limit)}
        if lag is not None:
            figures["replication_lag_seconds"] = round(float(lag), 3)
        return Found(detail=f"PostgreSQL {version.partition(' ')[0]}", figures=figures, phases=phases)


def refused(error: Exception) -> Refused:
    """What a failure of the driver means; where the server speaks another language, only that it refused."""
    text = str(error).strip()
    said = text.splitlines()[0].removeprefix("connection failed: ") if text else type(error).__name__
    if any(one in text for one in _AUTH) or ("role " in text and "does not exist" in text):
        return Refused("auth_failed", "credentials", said)
    if "database " in text and "does not exist" in text:
        return Refused("config_error", "database", said)
    if any(one in text for one in _FULL):
        return Refused("down", "full", said)
    if any(one in text for one in _STARTING):
        return Refused("down", "starting", said)
    if "certificate" in text or "SSL" in text:
        return Refused("down", "tls", said)
    if "could not translate" in text or "Name or service not known" in text or "getaddrinfo" in text:
        return Refused("down", "dns", said)
    if "timeout" in text:
        return Refused("down", "timeout", said)
    return Refused("down", "server" if "FATAL" in text else "connect", said)
