"""What users put into their programs: counts what happened, harms nothing, costs next to nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any

import pytest

from bongsu.instrument import AsgiRequests, Reporter, WsgiRequests, measure, measured
from bongsu.instrument.asgi import App, Message, Receive, Scope, Send
from bongsu.model.errors import Unavailable
from bongsu.model.request import Requests


class Mail:
    """Where a reporter sends to."""

    def __init__(self, *, away: bool = False) -> None:
        self.items: list[Requests] = []
        self.away = away

    def send(self, items: Sequence[Requests]) -> None:
        if self.away:
            raise Unavailable("nobody answers")
        self.items += items


@pytest.fixture
def mail() -> Mail:
    return Mail()


@pytest.fixture
def reporter(mail: Mail) -> Reporter:
    return Reporter(interval=3600, send=mail.send)


def told(reporter: Reporter, mail: Mail) -> list[tuple[str, int, int, int]]:
    """Route, total, errors and warnings of what was sent."""
    reporter.flush()
    return [(one.route, one.total or 0, one.errors, one.warnings) for one in mail.items]


async def _nothing() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


async def _drop(_: MutableMapping[str, Any]) -> None:
    return None


def _asgi(status: int | None) -> Callable[..., Awaitable[None]]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if status is None:
            raise RuntimeError("broken")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


@pytest.mark.parametrize(
    ("status", "counts"), [(200, (1, 0, 0)), (404, (1, 0, 1)), (503, (1, 1, 0)), (None, (1, 1, 0))]
)
async def test_asgi(reporter: Reporter, mail: Mail, status: int | None, counts: tuple[int, int, int]) -> None:
    """Each request is counted by its status; an exception is an error, and goes on as it came."""
    app = AsgiRequests(_asgi(status), service="s", reporter=reporter)
    scope = {"type": "http", "method": "GET", "path_template": "/orders/{id}"}
    if status is None:
        with pytest.raises(RuntimeError, match="broken"):
            await app(scope, _nothing, _drop)
    else:
        await app(scope, _nothing, _drop)
    assert told(reporter, mail) == [("GET /orders/{id}", *counts)]


async def test_asgi_leaves_other_things_alone(reporter: Reporter, mail: Mail) -> None:
    """Lifespan and sockets pass uncounted."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await AsgiRequests(app, service="s", reporter=reporter)({"type": "lifespan"}, _nothing, _drop)
    assert seen == ["lifespan"]
    assert told(reporter, mail) == []


def test_wsgi(reporter: Reporter, mail: Mail) -> None:
    """The time counts until the answer is closed; a failing answer is an error."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("404 Not Found", [])
        yield b"a"
        if environ["fails"]:
            raise RuntimeError("broken")

    wrapped = WsgiRequests(app, service="s", reporter=reporter, route=lambda environ: "r")
    for fails in (False, True):
        answer = wrapped({"fails": fails}, lambda *_: None)
        try:
            list(answer)
        except RuntimeError:
            assert fails
        answer.close()  # type: ignore[attr-defined]
    assert told(reporter, mail) == [("r", 2, 1, 1)]


async def test_functions_and_blocks(reporter: Reporter, mail: Mail) -> None:
    """Functions, coroutines and blocks are counted, as errors where they raise; results come through."""

    @measured("twice", service="s", reporter=reporter)
    def twice(number: int) -> int:
        return 2 * number

    @measured("later", service="s", reporter=reporter)
    async def later() -> str:
        raise ValueError("no")

    assert twice(21) == 42
    with pytest.raises(ValueError, match="no"):
        await later()
    with measure("block", service="s", reporter=reporter):
        pass
    assert told(reporter, mail) == [("twice", 1, 0, 0), ("later", 1, 1, 0), ("block", 1, 0, 0)]


def test_a_server_that_is_away_harms_nobody() -> None:
    """What can't be sent is counted and let go: nothing piles up, nothing is raised."""
    away = Mail(away=True)
    reporter = Reporter(interval=3600, send=away.send)
    for _ in range(3):
        reporter.add("s", "r", 1.0)
        reporter.flush()
    assert reporter.lost == 3
    assert reporter.tally.taken() == []


def test_many_threads_lose_nothing(reporter: Reporter, mail: Mail) -> None:
    """Four threads of 2,000 requests each make 8,000."""

    def work() -> None:
        for _ in range(2_000):
            reporter.add("s", "r", 1.0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(reporter, mail) == [("r", 8_000, 0, 0)]


def test_a_request_costs_under_twenty_microseconds(reporter: Reporter) -> None:
    """Counting costs under 20 µs of CPU a request (it takes about 2), the block around it included."""
    best = float("inf")
    for _ in range(5):
        began = time.thread_time()
        for _ in range(2_000):
            with measure("r", service="s", reporter=reporter):
                pass
        best = min(best, (time.thread_time() - began) / 2_000)
    assert best < 20e-6


def test_the_middleware_costs_under_twenty_microseconds(reporter: Reporter) -> None:
    """What the ASGI middleware adds to a request, counting included, is under 20 µs of CPU (it takes about 4)."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b""})

    async def cost(app: App) -> float:
        scope: Scope = {"type": "http", "method": "GET", "path": "/", "path_template": "/"}
        began = time.thread_time()
        for _ in range(2_000):
            await app(scope, never, nowhere)
        return (time.thread_time() - began) / 2_000

    async def never() -> Message:
        raise AssertionError("nobody reads the body")

    async def nowhere(_: Message) -> None: ...

    watched = AsgiRequests(answer, service="s", reporter=reporter)
    added = min(asyncio.run(cost(watched)) - asyncio.run(cost(answer)) for _ in range(5))
    assert added < 20e-6
