"""What it costs the owner to tell viewers over Redis, and how much later a viewer shows what the owner shows.

    python -m bench.bus [--series 2000] [--seconds 60]

Two owners are fed alike at the same time, one that tells Redis and one that doesn't: what the first spends more is the
cost. A viewer listens. A marker goes along with each tick; clients of owner and viewer, which watch nothing else, note
when they see it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import websockets

from bench.cpu import cpu_seconds, usage
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.servers import Server, binary_of, bongsu, free_ports, started
from bench.wire import Connection, post

SUBSCRIBE = json.dumps({"op": "subscribe", "topics": ["shop"], "interval_ms": 100})
MARKER = "shop_marker"
MIB = 1 << 20


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[tuple[str, int]]:
    """A private Redis: its address and its pid."""
    (port,) = free_ports()
    command = [
        binary_of("redis-server"),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    process = started(command, folder=folder / "redis")
    try:
        yield f"redis://127.0.0.1:{port}/0", process.pid
    finally:
        process.terminate()
        process.wait()


def body(series: int, tick: int) -> bytes:
    """All series at one moment, in columns, with the marker."""
    known = [{"metric": "load", "labels": {"host": f"h{n // 20}", "core": str(n % 20)}} for n in range(series)]
    values = [float((tick * 7 + n) % 100) for n in range(series)]
    columns = {"series": [*known, {"metric": MARKER}], "index": list(range(series + 1)), "value": [*values, tick]}
    return json.dumps(columns).encode()


async def watching(server: Server, seen: dict[int, float]) -> None:
    """Note when each marker is seen."""
    async with websockets.connect(f"ws://127.0.0.1:{server.port}/live", proxy=None) as live:
        await live.send(SUBSCRIBE)
        async for text in live:
            now = time.perf_counter()
            for one in json.loads(text).get("metrics", ()):
                if one["metric"] == MARKER:
                    seen.setdefault(int(one["value"]), now)


async def ticking(owners: Sequence[Server], bodies: Sequence[bytes]) -> dict[int, float]:
    """Send a body a second to each owner; when each was sent."""
    sent = {}
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(Connection(one.port)) for one in owners]
        begin = time.perf_counter()
        for tick, one in enumerate(bodies):
            await asyncio.sleep(max(0.0, begin + tick - time.perf_counter()))
            request = post("/api/v1/samples", one)
            sent[tick] = time.perf_counter()
            for line in lines:
                answer = await asyncio.to_thread(line.ask, request)
                assert answer.status == 200, answer.body
    return sent


def measure(*, series: int = 2_000, seconds: int = 60, warm_up: int = 10) -> Outcome:
    """What `python -m bench bus` runs."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, contextlib.ExitStack() as stack:
        folder = Path(scratch)
        url, redis_pid = stack.enter_context(redis(folder))
        alone = stack.enter_context(bongsu(folder / "alone"))
        telling = stack.enter_context(bongsu(folder / "telling", env={"BONGSU_REDIS__URL": url}))
        place = {"BONGSU_SERVER__ROLE": "view", "BONGSU_SERVER__OWNER_URL": f"http://127.0.0.1:{telling.port}"}
        viewer = stack.enter_context(bongsu(folder / "viewer", env={"BONGSU_REDIS__URL": url, **place}))
        pids = {"alone": alone.pid, "telling": telling.pid, "viewer": viewer.pid, "redis": redis_pid}
        bodies = [body(series, tick) for tick in range(warm_up + seconds)]

        async def run() -> tuple[dict[str, float], list[dict[int, float]]]:
            seen: list[dict[int, float]] = [{}, {}]
            watchers = [asyncio.ensure_future(watching(*one)) for one in zip((telling, viewer), seen, strict=True)]
            await ticking((telling, alone), bodies[:warm_up])
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            sent = await ticking((telling, alone), bodies[warm_up:])
            await asyncio.sleep(1.0)
            spent = {name: (cpu_seconds(pid) - before[name]) / (seconds + 1) * 100 for name, pid in pids.items()}
            for one in watchers:
                one.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            return spent, [{tick: one[warm_up + tick] - at for tick, at in sent.items()} for one in seen]

        spent, delays = asyncio.run(run())
        memory = usage(viewer.pid).rss_bytes / MIB
    later = [delays[1][tick] - delays[0][tick] for tick in delays[0]]
    figures = (
        Figure(
            what="telling Redis: the owner's extra CPU",
            unit="% of a core",
            ours=spent["telling"] - spent["alone"],
            goal=Goal(bound=2.0),
        ),
        Figure(what="the owner with it", unit="% of a core", ours=spent["telling"]),
        Figure(what="an owner without", unit="% of a core", ours=spent["alone"]),
        Figure(what="the viewer", unit="% of a core", ours=spent["viewer"]),
        Figure(what="redis-server", unit="% of a core", ours=spent["redis"]),
        Figure(what="the viewer's memory", unit="MiB", ours=memory),
        Figure(
            what="a sample on the owner's client: p99", unit="ms", ours=quantile(list(delays[0].values()), 0.99) * 1e3
        ),
        Figure(
            what="a sample on the viewer's client: p50", unit="ms", ours=quantile(list(delays[1].values()), 0.5) * 1e3
        ),
        Figure(
            what="a sample on the viewer's client: p99",
            unit="ms",
            ours=quantile(list(delays[1].values()), 0.99) * 1e3,
            goal=Goal(bound=1_000),
        ),
        Figure(what="the viewer after the owner: p50", unit="ms", ours=quantile(later, 0.5) * 1e3),
        Figure(what="the viewer after the owner: p99", unit="ms", ours=quantile(later, 0.99) * 1e3),
    )
    method = (
        f"{series:,} series a second (one columnar body) for {seconds} s into two owners, one with `redis.url`: "
        "the cost is what it spends more. Times are from sending the body to a client that gets frames every 100 ms."
    )
    return Outcome(name="bus", method=method, figures=figures)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--series", type=int, default=2_000)
    options.add_argument("--seconds", type=int, default=60)
    outcome = measure(**vars(options.parse_args()))
    print(table(outcome.figures), outcome.method, sep="\n\n")


if __name__ == "__main__":
    main()
