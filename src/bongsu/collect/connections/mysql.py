"""MySQL and MariaDB, asked through PyMySQL in a thread: connections used and allowed, and a replica's lag."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import unquote, urlsplit

from bongsu.collect.checks.lookup import Lookup, since
from bongsu.collect.connections.service import Found, OneAtATime, Refused
from bongsu.model.check import Phases, State
from bongsu.ports import Clock

PORT = 3306
_MEANINGS: dict[int, tuple[State, str]] = {
    1044: ("auth_failed", "permission"),
    1045: ("auth_failed", "credentials"),
    1698: ("auth_failed", "credentials"),
    1130: ("auth_failed", "ip"),
    1049: ("config_error", "database"),
    1040: ("down", "full"),
    1203: ("down", "full"),
    1053: ("down", "starting"),
    2026: ("down", "tls"),
}
"""What the server's and the driver's numbers mean; anything else is down."""
_LAG = ("Seconds_Behind_Source", "Seconds_Behind_Master")


class MysqlService:
    """One MySQL or MariaDB at `mysql://user:password@host[:port][/database]`."""

    def __init__(self, url: str, *, lookup: Lookup, clock: Clock, timeout: float, ca_file: str) -> None:
        parts = urlsplit(url)
        self._where = {
            "host": parts.hostname or "",
            "port": parts.port or PORT,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "database": unquote(parts.path.lstrip("/")) or None,
        }
        self._threads = OneAtATime(lookup)
        self._clock = clock
        self._timeout = timeout
        self._tls = {"ssl": {"ca": ca_file, "check_hostname": True}} if ca_file else {}

    async def ask(self) -> Found:
        """Connect, read once, leave."""
        pymysql = await self._threads.module("pymysql", "mysql")
        try:
            found: Found = await self._threads.run(lambda: self._read(pymysql))
        except pymysql.MySQLError as error:
            raise refused(error) from None
        except RuntimeError as error:  # the package `cryptography` is missing for the server's way to sign in
            raise Refused("config_error", "driver", str(error)) from None
        return found

    def _read(self, pymysql: Any) -> Found:
        began = self._clock.monotonic()
        seconds = max(1, round(self._timeout))
        limits = {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds}
        connection = pymysql.connect(**self._where, **limits, **self._tls, cursorclass=pymysql.cursors.DictCursor)
        with connection, connection.cursor() as cursor:
            connect, began = since(began, self._clock), self._clock.monotonic()
            cursor.execute("SELECT @@version AS version, @@max_connections AS most")
            told = cursor.fetchone()
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
            figures = {"sessions": float(cursor.fetchone()["Value"]), "sessions_limit": float(told["most"])}
            figures |= _lag(pymysql, cursor)
            phases = Phases(connect=connect, first_byte=since(began, self._clock))
        name = "MariaDB" if "MariaDB" in told["version"] else "MySQL"
        return Found(detail=f"{name} {told['version'].partition('-')[0]}", figures=figures, phases=phases)


def _lag(pymysql: Any, cursor: Any) -> dict[str, float]:
    """A replica's lag; nothing where this is none, or we may not ask."""
    for statement in ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS"):
        with contextlib.suppress(pymysql.MySQLError):
            cursor.execute(statement)
            row = cursor.fetchone() or {}
            lag = next((row[name] for name in _LAG if row.get(name) is not None), None)
            return {} if lag is None else {"replication_lag_seconds": float(lag)}
    return {}


def refused(error: Exception) -> Refused:
    """What a failure of the driver means."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    state, reason = _MEANINGS.get(number, ("down", "connect" if number in (2002, 2003, 2005) else "server"))
    said = str(error.args[1]) if len(error.args) > 1 else type(error).__name__
    if "timed out" in said:
        reason = "timeout"
    return Refused(state, reason, f"{number} {said}")
