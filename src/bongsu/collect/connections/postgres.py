"""PostgreSQL, asked through psycopg in a thread: connections used and allowed, and how far a replica is behind."""

from __future__ import annotations

from typing import Any

from bongsu.collect.checks.lookup import Lookup, since
from bongsu.collect.connections.service import Found, OneAtATime, Refused
from bongsu.model.check import Phases, State
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
_CODES: tuple[tuple[str, State, str], ...] = (
    ("28", "auth_failed", "credentials"),
    ("42501", "auth_failed", "credentials"),
    ("3D", "config_error", "database"),
    ("53", "down", "full"),
    ("57P", "down", "starting"),
)
"""SQLSTATEs by how they begin; the driver has one once a connection stands."""
_TEXTS: tuple[tuple[tuple[str, ...], State, str], ...] = (
    (
        ("authentication failed", "no pg_hba.conf entry", "no password supplied", "permission denied"),
        "auth_failed",
        "credentials",
    ),
    (("too many clients", "too many connections", "remaining connection slots"), "down", "full"),
    (("starting up", "shutting down", "in recovery mode"), "down", "starting"),
    (("certificate", "SSL"), "down", "tls"),
    (("could not translate", "Name or service not known", "getaddrinfo"), "down", "dns"),
    (("timeout",), "down", "timeout"),
)
"""Why no connection comes about: libpq gives its text alone, English where it is its own, else as the server speaks."""
_QUOTES = ('""', "''", "«»", "“”", "„“", "„”", "»«", "「」", "『』", "‘’")
_UNREACHED = (
    "Connection refused",
    "Connection reset",
    "No route to host",
    "Network is unreachable",
    "No such file",
    "closed the connection",
    "could not",
)
"""libpq's own words where no server said anything."""


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
            raise refused(error, names(psycopg, self._url)) from None
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


def names(psycopg: Any, url: str) -> tuple[str, str]:
    """The role and the database that an address names; "" where it leaves them to libpq."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    role = str(parts.get("user") or "")
    return role, str(parts.get("dbname") or role)


def refused(error: Exception, named: tuple[str, str] = ("", "")) -> Refused:
    """What a failure of the driver means; `named` are the role and the database asked for.

    By SQLSTATE where there is one. A connection that doesn't come about has none: then by libpq's own words, and by
    which name the server quotes, for that it does in every language.
    """
    text = str(error).strip()
    said = text.splitlines()[0].removeprefix("connection failed: ") if text else type(error).__name__
    code = getattr(error, "sqlstate", None) or ""
    for begins, state, reason in _CODES:
        if code.startswith(begins):
            return Refused(state, reason, said)
    for texts, state, reason in _TEXTS:
        if any(one in text for one in texts):
            return Refused(state, reason, said)
    if "database " in text and "does not exist" in text:
        return Refused("config_error", "database", said)
    role, database = (bool(name) and any(f"{pair[0]}{name}{pair[1]}" in text for pair in _QUOTES) for name in named)
    if any(one in text for one in _UNREACHED) and "FATAL" not in text:
        return Refused("down", "connect", said)
    if role and not (database and named[0] == named[1]):
        return Refused("auth_failed", "credentials", said)
    if database and not role:
        return Refused("config_error", "database", said)
    return Refused("down", "server" if "failed: " in text or "FATAL" in text else "connect", said)
