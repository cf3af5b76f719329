"""REST as a board's test plays it, answered by the tests' own server.

(Playwright's `page.route` has each request of a page, its modules among them, held and asked for through two more
processes: it is for what a server can't do.)
"""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TEST = "x-test"
"""The header that says whose page asks: what one test's page has left on its way is nothing of the next one's."""
PREFIX = "/api/v1/"


@dataclass(kw_only=True)
class Ask:
    """One request: `path` below `/api/v1/`, `query` as it came; what it is answered, and until when that is `held`."""

    method: str
    path: str
    query: dict[str, str]
    text: str
    body: Any = None
    response: Response | None = None
    held: threading.Event | None = None

    def fulfill(self, *, json: Any = None, body: str | bytes | None = None, status: int = 200) -> None:
        """This is the answer: something as JSON, or JSON that is made already."""
        kind = "application/json" if status < 400 else "application/problem+json"
        made = msgspec.json.encode(json) if body is None else body
        self.response = Response(made, status_code=status, media_type=kind)


Answer = Callable[[Ask], object]


@dataclass
class Rest:
    """What the pages of one test are answered."""

    faults: list[str] = field(default_factory=list)
    _answers: list[tuple[re.Pattern[str], Answer]] = field(default_factory=list)

    def route(self, pattern: str, answer: Answer) -> None:
        """Requests whose path below `/api/v1/`, with its query, begins so are answered so; the newest word counts."""
        self._answers.insert(0, (re.compile(pattern), answer))

    def say(self, pattern: str, body: Any) -> None:
        """The same with an answer that stays."""
        self.route(pattern, lambda ask: ask.fulfill(json=body))

    def answer(self, ask: Ask) -> Response:
        """404 to what nobody answers, 500 where the test itself is at fault."""
        asked = f"{ask.path}?{ask.text}" if ask.text else ask.path
        for pattern, answer in list(self._answers):
            if pattern.match(asked):
                try:
                    answer(ask)
                except Exception:  # noqa: BLE001 - whatever is wrong with the test is told by `faults`, at its end
                    self.faults.append(traceback.format_exc())
                    return Response(status_code=500)
                return ask.response or Response(status_code=500)
        return Response(status_code=404)


@dataclass
class Backend:
    """The server's side: hears the pages of whichever test is under way, one request at a time."""

    _tests: dict[str, Rest] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def open(self, rest: Rest) -> str:
        """From now on pages that say what is returned are answered by it."""
        known = str(next(self._numbers))
        self._tests[known] = rest
        return known

    def close(self, known: str) -> None:
        """The test is over."""
        with self._one:
            del self._tests[known]

    def route(self) -> Route:
        """Its place in a server."""
        return Route(PREFIX + "{path:path}", self._hear, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])

    async def _hear(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(self._answer, request, msgspec.json.decode(body) if body else None)

    def _answer(self, request: Request, body: Any) -> Response:
        with self._one:
            rest = self._tests.get(request.headers.get(TEST, ""))
            if rest is None:
                return Response(status_code=404)
            ask = Ask(
                method=request.method,
                path=request.path_params["path"],
                query=dict(request.query_params),
                text=request.url.query,
                body=body,
            )
            answer = rest.answer(ask)
        if ask.held is not None:
            ask.held.wait(10)
        return answer
