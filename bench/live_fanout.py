"""Fan-out to many WebSocket clients beside a bare send loop, in the same run.

    python -m bench.live_fanout [--clients 1000 5000] [--seconds 10] [--entries 20]

One process serves, another holds the clients: raw non-blocking sockets on epoll that do nothing but read the stamp in
each frame. Every second the hub gets new values for all series of one topic (about 2 KB as a frame). Told are the time
from publishing to the client's hands (the hub's own 20 ms of waiting for stragglers included), the server's CPU for
each frame and client, and its memory for each connection. The bare loop sends as many bytes with `socket.send` to as
many sockets of such a client process, one after the other, and nothing else. Each row has processes of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import multiprocessing
import os
import re
import select
import socket
import struct
import time
import zlib
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.priority import preferred
from bongsu.clock import SystemClock
from bongsu.live import Gateway, Hub, Limits, SameHost
from bongsu.model.catalogue import Catalogue
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable

STAMP = re.compile(rb'"value":(\d+)')
HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{}\r\n"
)
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"
GOALS = {
    "p99": Goal(bound=250),
    "cpu": Goal(bound=1.5, ratio=True),
    "memory": Goal(bound=8),
}
SUBSCRIBE = json.dumps({"op": "subscribe", "topics": ["custom"], "interval_ms": 1000}).encode()


BEHIND = 0.003
"""Seconds behind each whole one at which values come: a timer that went off just before it would have two in one."""


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A client's frame, masked with zeros."""
    return struct.pack("!BB", first, 0x80 | len(payload)) + b"\0\0\0\0" + payload


class Reader:
    """One client: splits the stream into frames and takes the stamp out of each."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = b""
        self.upgraded = False

    def read(self) -> list[float]:
        """The stamps (ms) of the values frames that arrived."""
        try:
            self.buffer += self.sock.recv(16_384)
        except BlockingIOError:
            return []
        if not self.upgraded:
            head, found, after = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return []
            assert b" 101 " in head, head
            self.buffer, self.upgraded = after, True
            self.sock.send(masked(SUBSCRIBE))
        stamps = []
        while len(self.buffer) >= 2:
            first, length, start = self.buffer[0], self.buffer[1], 2
            if length == 126:
                length, start = int.from_bytes(self.buffer[2:4], "big"), 4
            elif length == 127:
                length, start = int.from_bytes(self.buffer[2:10], "big"), 10
            if len(self.buffer) < start + length:
                break
            payload, self.buffer = self.buffer[start : start + length], self.buffer[start + length :]
            if first & 0x0F == 9:
                self.sock.send(masked(payload, 0x8A))
                continue
            if first & 0x40:
                payload = zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")
            found_stamp = STAMP.search(payload)
            if found_stamp and b'"t":"update"' in payload[:14]:
                stamps.append(float(found_stamp[1]))
        return stamps


def clients(pipe: Connection) -> None:
    """The other process: opens clients when told, reads until told otherwise, answers with the lags."""
    while True:
        order = pipe.recv()
        if order is None:
            return
        port, count, deflate, websocket = order
        poll = select.epoll()
        readers: dict[int, Reader] = {}
        for _ in range(count):
            sock = socket.create_connection(("127.0.0.1", port))
            sock.setblocking(False)
            reader = Reader(sock)
            if websocket:
                sock.send(HANDSHAKE.format(DEFLATE if deflate else "").encode())
            else:
                reader.upgraded = True
            readers[sock.fileno()] = reader
            poll.register(sock.fileno(), select.EPOLLIN)
            if len(readers) % 100 == 0:
                drain(poll, readers, 0)
        pipe.send("open")
        lags: list[float] = []
        while not pipe.poll():
            lags += drain(poll, readers, 0.05)
        pipe.recv()
        for reader in readers.values():
            reader.sock.close()
        poll.close()
        pipe.send(lags)


def drain(poll: select.epoll, readers: dict[int, Reader], timeout: float) -> list[float]:
    """Read what is there; the lags of the stamps, in ms."""
    lags = []
    for number, _ in poll.poll(timeout, 5_000):
        stamps = readers[number].read()
        if stamps:
            now = time.time() * 1_000
            lags += [now - stamp / 1_000 for stamp in stamps]
    return lags


def resident() -> int:
    """This process's private memory, bytes."""
    text = Path("/proc/self/smaps_rollup").read_text()
    return sum(int(line.split()[1]) * 1_024 for line in text.splitlines() if line.startswith("Private"))


class Source:
    """Values of `entries` series whose first is the time at which they were made (µs)."""

    def __init__(self, table: SeriesTable, entries: int) -> None:
        self.ids = np.array([table.intern("fanout_value", labels_of(n=f"{n:03}")) for n in range(entries)], np.int32)
        self.random = np.random.default_rng(1)

    def batch(self, clock: SystemClock) -> Batch:
        value = (self.random.random(len(self.ids)) * 100).round(2)
        value[0] = time.time_ns() // 1_000
        return Batch(series=self.ids, at=np.full(len(self.ids), clock.now()), value=value)


async def served(pipe: Connection, count: int, deflate: bool, seconds: int, entries: int) -> dict[str, Any]:
    """One round of the real thing."""
    clock, table = SystemClock(), SeriesTable()
    source = Source(table, entries)
    hub = Hub(table=table, catalogue=Catalogue(), clock=clock, boot="bench")
    gateway = Gateway(hub=hub, clock=clock, check=SameHost(), limits=Limits(clients=count))
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(gateway.protocol, "127.0.0.1", 0, backlog=4_096)
    tasks = [asyncio.create_task(hub.run()), asyncio.create_task(gateway.run())]
    gc.collect()
    before = resident()
    pipe.send((listener.sockets[0].getsockname()[1], count, deflate, True))
    while not pipe.poll() or gateway.clients < count:  # noqa: ASYNC110 - the other process opens them
        await asyncio.sleep(0.05)
    pipe.recv()
    hub.publish(source.batch(clock))
    await asyncio.sleep(2.5)
    gc.collect()
    memory = resident() - before
    cpu, sent = time.process_time(), frames(hub)
    first = clock.monotonic() + 1 - clock.now() % 1_000 / 1_000 + BEHIND
    for second in range(seconds):
        await clock.sleep_until(first + second)
        hub.publish(source.batch(clock))
    await asyncio.sleep(0.9)
    cpu, sent = time.process_time() - cpu, frames(hub) - sent
    pipe.send("stop")
    lags = await loop.run_in_executor(None, pipe.recv)
    listener.close()
    stop = asyncio.create_task(gateway.stop())
    await stop
    for task in tasks:
        task.cancel()
    return {"lags": lags[-seconds * count :], "cpu": cpu / sent * 1e6, "kib": memory / count / 1_024, "sent": sent}


def frames(hub: Hub) -> float:
    """Frames written so far."""
    return next(one.value for one in hub.figures() if one.metric == "bongsu_live_frames_sent_total")


def bare(pipe: Connection, count: int, seconds: int, size: int) -> dict[str, Any]:
    """The same number of bytes with nothing but `send`."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    pipe.send((listener.getsockname()[1], count, False, False))
    socks = [listener.accept()[0] for _ in range(count)]
    for sock in socks:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
    pipe.recv()
    cpu = 0.0
    for _ in range(seconds):
        time.sleep(1 - time.time() % 1)
        head = b'{"t":"update","metrics":[{"value":%d}' % (time.time_ns() // 1_000)
        frame = struct.pack("!BBH", 0x81, 126, size) + head.ljust(size)
        begin = time.process_time()
        for sock in socks:
            sock.send(frame)
        cpu += time.process_time() - begin
    time.sleep(0.5)
    pipe.send("stop")
    lags = pipe.recv()
    for sock in socks:
        sock.close()
    listener.close()
    return {"lags": lags, "cpu": cpu / seconds / count * 1e6, "kib": 0.0, "sent": seconds * count}


def round_of(answer: Connection, variant: str, count: int, seconds: int, entries: int, loop: str) -> None:
    """One row's process: starts its own process of clients, measures, answers."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    other = spawn.Process(target=clients, args=(theirs,), daemon=True)
    other.start()
    if variant == "bare":
        answer.send(bare(ours, count, seconds, 85 * entries))
    else:
        work = served(ours, count, variant == "deflate", seconds, entries)
        if loop == "uvloop":
            import uvloop

            answer.send(uvloop.run(work))
        else:
            answer.send(asyncio.run(work))
    ours.send(None)
    other.join()


def apart(*arguments: Any) -> dict[str, Any]:
    """`round_of` in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=round_of, args=(theirs, *arguments))
    process.start()
    found: dict[str, Any] = ours.recv()
    process.join()
    return found


def figures_of(count: int, seconds: int, entries: int, loop: str) -> list[Figure]:
    """Bare loop, plain, deflate and the loop again with so many clients, each in processes of its own, one after the
    other. What the loop takes differs by a quarter from one time to the next, so both count.
    """
    loops = [apart("bare", count, seconds, entries, loop)]
    served_by = {variant: apart(variant, count, seconds, entries, loop) for variant in ("plain", "deflate")}
    loops.append(apart("bare", count, seconds, entries, loop))
    bare_lags = [lag for one in loops for lag in one["lags"]]
    bare_cpu = sum(one["cpu"] for one in loops) / len(loops)
    held = GOALS if count >= 5_000 else {}
    told = [
        Figure(what=f"{count:,} clients, bare send loop: p50", unit="ms", ours=quantile(bare_lags, 0.5)),
        Figure(what=f"{count:,} clients, bare send loop: p99", unit="ms", ours=quantile(bare_lags, 0.99)),
    ]
    for variant, found in served_by.items():
        name, lags = f"{count:,} clients, {variant}", found["lags"]
        told += [
            Figure(what=f"{name}: p50", unit="ms", ours=quantile(lags, 0.5)),
            Figure(what=f"{name}: p99", unit="ms", ours=quantile(lags, 0.99), goal=held.get("p99")),
            Figure(
                what=f"{name}: CPU a frame and client",
                unit="µs",
                ours=found["cpu"],
                peer=bare_cpu,
                peer_name="bare send loop",
                goal=held.get("cpu"),
            ),
            Figure(what=f"{name}: memory a connection", unit="KiB", ours=found["kib"], goal=held.get("memory")),
            Figure(what=f"{name}: frames that never arrived", unit="", ours=found["sent"] - len(lags)),
        ]
    return told


def measure(
    *, clients: Sequence[int] = (1_000, 5_000), seconds: int = 10, entries: int = 24, loop: str = "uvloop"
) -> Outcome:
    """What `python -m bench live_fanout` runs."""
    with preferred(os.getpid()) as priority:
        figures = [figure for count in clients for figure in figures_of(count, seconds, entries, loop)]
    method = (
        f"{seconds} frames of about {85 * entries / 1_000:.1f} KB, one a second, to all clients, which are raw sockets "
        "in one other process. Times are from publishing to the client's hands (the hub waits 20 ms of it for "
        "stragglers), memory is the server's private memory with all connected, less that before; the bare loop is "
        "`socket.send` of as many bytes to as many sockets, measured before and after the others. "
        f"{priority}"
    )
    return Outcome(name="live_fanout", method=method, figures=tuple(figures))


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--clients", type=int, nargs="+", default=[1_000, 5_000])
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--entries", type=int, default=24, help="series in a frame; 24 make about 2 KB")
    options.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    outcome = measure(**vars(options.parse_args()))
    print(table(outcome.figures), outcome.method, sep="\n\n")


if __name__ == "__main__":
    main()
