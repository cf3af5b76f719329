"""What boards cost that people leave open: CPU of the server with so many connected, less that with none.

    python -m bench.boards [--clients 1000] [--seconds 30]

The server is `bongsu up --demo`: the machine, the simulated shop with its marketplaces, services, feeds. Another
process holds the boards: raw sockets that connect and subscribe exactly as the board's `live.js` does (every topic, one
frame a second, compression offered) at the port its page is served from, read everything and answer pings. The server's
CPU is that of its whole process tree; without boards it is measured in the same run, before and after.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import select
import socket
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from bench.cpu import cpu_seconds
from bench.figures import Figure, Goal, Outcome, table
from bench.live_fanout import DEFLATE, HANDSHAKE, masked
from bench.servers import Server, bongsu
from bench.wire import Connection, get

SUBSCRIBE = json.dumps({"op": "subscribe", "interval_ms": 1000}).encode()
MIB = 1 << 20


class Board:
    """One open board, as the server sees it: counts the frames it is sent."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setblocking(False)
        self.sock.send(HANDSHAKE.replace("GET / ", "GET /live ", 1).format(DEFLATE).encode())
        self.buffer = b""
        self.upgraded = False
        self.frames = 0
        self.bytes = 0

    def read(self) -> None:
        """Take what is there."""
        try:
            got = self.sock.recv(1 << 18)
        except BlockingIOError:
            return
        self.bytes += len(got)
        self.buffer += got
        if not self.upgraded:
            head, found, after = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self.buffer, self.upgraded = after, True
            self.sock.send(masked(SUBSCRIBE))
        while len(self.buffer) >= 2:
            first, length, start = self.buffer[0], self.buffer[1], 2
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(self.buffer[2:start], "big")
            if len(self.buffer) < start + length:
                return
            payload, self.buffer = self.buffer[start : start + length], self.buffer[start + length :]
            if first & 0x0F == 9:
                self.sock.send(masked(payload, 0x8A))
            else:
                self.frames += 1


def boards(pipe: Pipe) -> None:
    """The other process: opens boards, then answers each `"count"` with frames and bytes so far, until told None."""
    port, count = pipe.recv()
    poll = select.epoll()
    opened: dict[int, Board] = {}

    def drain(timeout: float) -> None:
        for number, _ in poll.poll(timeout, 5_000):
            opened[number].read()

    for _ in range(count):
        board = Board(port)
        opened[board.sock.fileno()] = board
        poll.register(board.sock.fileno(), select.EPOLLIN)
        drain(0)
    pipe.send("open")
    while True:
        drain(0.05)
        if pipe.poll():
            if pipe.recv() is None:
                return
            pipe.send((sum(one.frames for one in opened.values()), sum(one.bytes for one in opened.values())))


def series_of(server: Server) -> int:
    """How many series there are to be shown."""
    with Connection(server.port) as connection:
        return len(json.loads(connection.ask(get("/api/v1/metrics")).body)["metrics"])


def spent(server: Server, seconds: float) -> float:
    """CPU of the server's tree over so many seconds, % of a core."""
    before, since = cpu_seconds(server.pid), time.perf_counter()
    time.sleep(seconds)
    return (cpu_seconds(server.pid) - before) / (time.perf_counter() - since) * 100


def measure(*, clients: Sequence[int] = (1_000,), seconds: float = 30.0, warm_up: float = 20.0) -> Outcome:
    """What `python -m bench boards` runs."""
    most = {f"BONGSU_LIMITS__LIVE_CLIENTS{which}": str(max(clients) + 10) for which in ("", "_PER_ADDRESS")}
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, bongsu(Path(scratch), env=most, demo=True) as server:
        time.sleep(warm_up)
        series = series_of(server)
        for count in clients:
            figures += _with(server, count, seconds)
    method = (
        f"`bongsu up --demo` ({series:,} series) over {seconds:g} s each: without boards, with them, without them; the "
        "boards' cost is the second less the mean of the other two. Boards are raw sockets in another process that "
        "subscribe as `live.js` does: all topics, one frame a second and topic, deflate."
    )
    return Outcome(name="boards", method=method, figures=tuple(figures))


def _with(server: Server, count: int, seconds: float) -> list[Figure]:
    before = spent(server, seconds)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    other = spawn.Process(target=boards, args=(theirs,), daemon=True)
    other.start()
    ours.send((server.port, count))
    assert ours.recv() == "open"
    time.sleep(3)
    first = _count(ours)
    during = spent(server, seconds)
    frames, sent = (after - then for after, then in zip(_count(ours), first, strict=True))
    ours.send(None)
    other.join()
    time.sleep(3)
    after = spent(server, seconds)
    cost = during - (before + after) / 2
    name = f"{count:,} boards"
    return [
        Figure(
            what=f"{name}: their cost", unit="% of a core", ours=cost, goal=Goal(bound=10) if count >= 1_000 else None
        ),
        Figure(what=f"{name}: the server with them", unit="% of a core", ours=during),
        Figure(what="the server without", unit="% of a core", ours=(before + after) / 2),
        Figure(what=f"{name}: frames a second and board", unit="1/s", ours=frames / seconds / count),
        Figure(what=f"{name}: CPU a frame and board", unit="µs", ours=cost / 100 * seconds / frames * 1e6),
        Figure(what=f"{name}: sent", unit="MiB/s", ours=sent / seconds / MIB),
    ]


def _count(pipe: Pipe) -> tuple[int, int]:
    pipe.send("count")
    found: Any = pipe.recv()
    frames, sent = found
    return int(frames), int(sent)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--clients", type=int, nargs="+", default=[1_000])
    options.add_argument("--seconds", type=float, default=30.0)
    outcome = measure(**vars(options.parse_args()))
    print(table(outcome.figures), outcome.method, sep="\n\n")


if __name__ == "__main__":
    main()
