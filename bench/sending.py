"""Sending bodies of samples to a server, ours or the peer, and making sure that each was taken as a whole."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bench.cpu import settle
from bench.load import Format, Mix
from bench.servers import Missing, Server, bongsu, victoria
from bench.wire import Connection, get, post

TARGETS: dict[Format, tuple[str, str]] = {
    "rows": ("/api/v1/samples", "application/json"),
    "columns": ("/api/v1/samples", "application/json"),
    "text": ("/api/v1/import/prometheus", "text/plain"),
}
WIDE = {"BONGSU_LIMITS__PAST": "48h", "BONGSU_STORAGE__RETENTION__RAW": "48h"}
"""Settings under which a day that has passed can be loaded afterwards."""
_PATIENCE = 60.0
"""Seconds that loading waits for a server with its hands full: a day is loaded in minutes."""


class Refused(Exception):
    """A server didn't take a body as a whole: the measurement would not be one."""


def request_of(kind: Format, body: bytes) -> bytes:
    """The request that carries a body of this format."""
    target, media = TARGETS[kind]
    return post(target, body, kind=media)


def deliver(connection: Connection, request: bytes, *, patience: float = 0.0) -> None:
    """Send one body and wait for its acknowledgement.

    `patience`: seconds in which it is sent again while the server says that samples come too fast (429).

    Raises:
        Refused: some of it, or all, was not taken.
    """
    deadline = time.perf_counter() + patience
    while (answer := connection.ask(request)).status == 429 and time.perf_counter() < deadline:
        time.sleep(0.1)
    if answer.status not in (200, 204) or b'"index"' in answer.body[:400]:
        raise Refused(f"answered {answer.status}: {answer.body[:400]!r}")


def deliver_all(server: Server, kind: Format, bodies: list[bytes]) -> float:
    """Send bodies one after the other; returns the seconds until the last was acknowledged."""
    requests = [request_of(kind, body) for body in bodies]
    with Connection(server.port) as connection:
        start = time.perf_counter()
        for request in requests:
            deliver(connection, request)
        return time.perf_counter() - start


def load(servers: dict[Format, Server], mix: Mix, *, start: int, ticks: int, each: int = 10) -> None:
    """Send `ticks` seconds of the mix from `start` (UTC ms) on to every server; returns when all are quiet."""
    with ExitStack() as stack:
        lines = {kind: stack.enter_context(Connection(server.port)) for kind, server in servers.items()}
        for bodies in mix.bodies(tuple(servers), start=start, ticks=ticks, each=each):
            for kind in servers:
                deliver(lines[kind], request_of(kind, bodies[kind]), patience=_PATIENCE)
    for server in servers.values():
        settle(server.pid)


def pair(stack: ExitStack, scratch: Path) -> dict[Format, Server]:
    """Ours and VictoriaMetrics side by side; ours alone where the peer isn't installed."""
    servers: dict[Format, Server] = {"columns": stack.enter_context(bongsu(scratch, env=WIDE))}
    try:
        servers["text"] = stack.enter_context(victoria(scratch))
    except Missing as missing:
        print(f"  {missing}", file=sys.stderr)
    return servers


def merge(server: Server) -> None:
    """Have VictoriaMetrics write what it holds in memory and merge all its parts: the best it does."""
    with Connection(server.port) as connection:
        for target in ("/internal/force_flush", "/internal/force_merge"):
            connection.ask(get(target))
            settle(server.pid)


def bytes_in(folder: Path) -> int:
    """What all files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
