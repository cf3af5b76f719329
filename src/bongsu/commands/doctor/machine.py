"""This machine: ports, folders and disks, the clock, the databases, what the log complains about."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bongsu.clock import SystemClock
from bongsu.commands.doctor.finding import Finding, bad, good, worth
from bongsu.commands.doctor.wire import answers_as_console, takes_websockets
from bongsu.commands.ports import FLAGS, is_ours, owner, trouble
from bongsu.commands.words import Words
from bongsu.logs import DASHBOARD_LOG, LIVE_LOG
from bongsu.ports import Clock
from bongsu.settings.model import Settings
from bongsu.settings.sections import Server
from bongsu.settings.tls import Tls
from bongsu.tls import ServedTls, TlsError
from bongsu.tls.serving import SOON_DAYS

LITTLE_BYTES = 1 << 30
NO_BYTES = 100 << 20
_LOOK_SECONDS = 3.0
"""How long a database is looked through."""
_TAIL_BYTES = 256 << 10
_SKEW_MS = 500
_BUILT = datetime(2025, 11, 1, tzinfo=UTC)


def looked_at(settings: Settings, clock: Clock | None = None) -> Iterator[Finding]:
    """Everything of this machine."""
    clock = clock or SystemClock()
    wall, steady = clock.now(), clock.monotonic()
    yield from ports(settings)
    yield from certificate(settings.server.tls, wall)
    data, logs = Path(settings.storage.data_dir), Path(settings.logging.dir)
    yield from folder("data", data)
    yield from folder("logs", logs)
    for file in sorted(data.glob("*.db")):
        yield database(file, clock)
    yield from complaints(logs)
    yield from time(settings.monitoring.timezone, data, clock, wall=wall, steady=steady)


# -- ports ---------------------------------------------------------------------------------------------------------


def ports(settings: Settings) -> Iterator[Finding]:
    """Whether each port is free, ours, or somebody else's; where ours runs, whether WebSocket and console answer."""
    server = settings.server
    running = bool(server.port) and is_ours(server.host, server.port, server.tls.files)
    for name in ("port", "live_port", "console_port"):
        yield _port(server, name, running=running)


def _port(server: Server, name: str, *, running: bool) -> Finding:
    host, port, tls = server.host, int(getattr(server, name)), server.tls.files
    if port == 0:
        return good("port", "port_any", name=name)
    taken = trouble(Words("en"), host, port, FLAGS[name], tls)
    if not taken:
        if running and name == "live_port":
            return bad("port", "live_silent", port=port)
        return good("port", "port_free", name=name, port=port)
    answers = {"port": is_ours, "live_port": takes_websockets, "console_port": answers_as_console}[name]
    if running and answers(host, port, tls):
        return good("port", f"{name}_ours", port=port)
    if port < 1024 and "rights" in taken:
        return bad("port", "port_rights", name=name, port=port, flag=FLAGS[name])
    if running and name == "live_port":
        return bad("port", "live_silent", port=port)
    return bad(
        "port", "port_taken", name=name, port=port, owner=owner(Words("en"), port).strip() or "–", flag=FLAGS[name]
    )


# -- the certificate -----------------------------------------------------------------------------------------------


def certificate(tls: Tls, now: int) -> Iterator[Finding]:
    """Whether it can be used, and how long still; `now` is UTC ms."""
    if tls.files is None:
        return
    try:
        shown = ServedTls(tls.files).certificate
    except TlsError as error:
        yield bad("tls", "tls_wrong", reason=error.detail)
        return
    days = shown.days(now)
    facts = {"file": tls.files.certificate, "names": ", ".join(shown.names) or "–", "days": f"{days:.0f}"}
    if days < 0:
        yield bad("tls", "tls_ended", **facts)
    elif days < SOON_DAYS:
        yield worth("tls", "tls_soon", **facts)
    else:
        yield good("tls", "tls_good", **facts)


# -- folders -------------------------------------------------------------------------------------------------------


def folder(area: str, path: Path) -> Iterator[Finding]:
    """Whether files can be made there, or the folder itself, and how much room there is."""
    there = path if path.exists() else next(one for one in path.resolve().parents if one.exists())
    try:
        if there == path:
            with tempfile.TemporaryFile(dir=path):
                pass
        elif not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        yield bad(area, "folder_shut", path=path, reason=error.strerror or type(error).__name__)
        return
    room = shutil.disk_usage(there)
    facts = {"path": path, "free": f"{room.free / 1e9:.1f}"}
    if room.free < NO_BYTES:
        yield bad(area, "disk_full", **facts)
    elif room.free < LITTLE_BYTES:
        yield worth(area, "disk_little", **facts)
    else:
        yield good(area, "folder_good", **facts)


# -- databases -----------------------------------------------------------------------------------------------------


def database(file: Path, clock: Clock) -> Finding:
    """Whether SQLite finds the file whole, looked through for three seconds at most; no lock of a server is taken."""
    until = clock.monotonic() + _LOOK_SECONDS
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            connection.set_progress_handler(lambda: clock.monotonic() > until, 10_000)
            try:
                said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                    raise
                return good("database", "database_large", file=file, tables=tables)
    except sqlite3.Error as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        make = worth if busy else bad
        return make("database", "database_busy" if busy else "database_wrong", file=file, reason=error)
    if said != "ok":
        return bad("database", "database_wrong", file=file, reason=said)
    return good("database", "database_good", file=file, tables=tables)


# -- the log -------------------------------------------------------------------------------------------------------


def complaints(logs: Path) -> Iterator[Finding]:
    """The newest errors of both log files (secrets were taken out before they were written)."""
    for name in (DASHBOARD_LOG, LIVE_LOG):
        file = logs / name
        if not file.exists():
            continue
        errors = [line for line in _tail(file) if line.get("level") in {"error", "critical"}]
        if errors:
            last = errors[-1]
            told = f"{last.get('logger', '')}: {last.get('event', '')}"[:200]
            yield worth("log", "log_errors", file=file, count=len(errors), at=last.get("time", ""), last=told)
        else:
            yield good("log", "log_good", file=file)


def _tail(file: Path) -> Iterator[dict[str, object]]:
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - _TAIL_BYTES))
        for raw in source.read(_TAIL_BYTES).splitlines():
            try:
                line = json.loads(raw)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


# -- the clock -----------------------------------------------------------------------------------------------------


def time(zone: str, data: Path, clock: Clock, *, wall: int, steady: float) -> Iterator[Finding]:
    """Whether wall and monotonic time go alike since `wall` and `steady`, and nothing was written in the future."""
    now = clock.now()
    here = datetime.fromtimestamp(now / 1000, UTC)
    apart = (now - wall) - (clock.monotonic() - steady) * 1000
    newest = max((file.stat().st_mtime for file in data.glob("*.db*")), default=0.0)
    if abs(apart) > _SKEW_MS:
        yield bad("clock", "clock_jumps", seconds=f"{apart / 1000:+.1f}")
    elif here < _BUILT or newest * 1000 > now + 60_000:
        yield bad("clock", "clock_behind", at=f"{here:%Y-%m-%d %H:%M:%S}")
    else:
        local = here.astimezone(ZoneInfo(zone))
        system = here.astimezone()
        yield good("clock", "clock_good", at=f"{local:%Y-%m-%d %H:%M:%S}", zone=zone, system=system.tzname() or "–")
