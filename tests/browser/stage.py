"""What a board's test plays with: a server of the board's own routes, scripted frames, scripted history."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from playwright.sync_api import Page, WebSocketRoute
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bongsu.model.catalogue import builtin
from bongsu.web import Boot, routes
from tests.browser.rest import Ask, Backend

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's own pages for its address bar, which nobody sees: two renderers a window, twice what a board takes.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
]

SLOW = float(os.environ.get("BONGSU_SLOW", "1"))
"""How many times slower the browsers are made: `BONGSU_SLOW=4 pytest tests/browser` finds what needs a fast machine."""

THRESHOLDS = {"cpu_threshold_percent": 80.0, "memory_threshold_percent": 85.0, "disk_threshold_percent": 90.0}

Item = tuple[str, dict[str, str], float]


def slow_down(page: Page) -> Callable[[], None]:
    """Makes a page as slow as asked for, until what is returned is called: a slow one takes its part of a core even
    where it does nothing.
    """
    if SLOW <= 1:
        return lambda: None
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})

    def let_go() -> None:
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        session.detach()

    return let_go


def machine(cpu: float = 20.0, memory: float = 40.0, disk: float = 50.0) -> list[Item]:
    """The newest values of a small machine."""
    return [
        ("cpu_usage", {}, cpu),
        ("cpu_core_usage", {"core": "0"}, cpu + 5),
        ("cpu_core_usage", {"core": "1"}, max(0.0, cpu - 5)),
        ("memory_usage", {}, memory),
        ("memory_used_bytes", {}, 6.4 * 2**30),
        ("memory_total_bytes", {}, 16.0 * 2**30),
        ("swap_usage", {}, 1.0),
        ("disk_usage", {"mount": "/"}, disk),
        ("disk_used_bytes", {"mount": "/"}, 250e9),
        ("disk_total_bytes", {"mount": "/"}, 500e9),
        ("disk_free_bytes", {"mount": "/"}, 250e9),
        ("network_receive_bytes_per_second", {"interface": "eth0"}, 1_500_000.0),
        ("network_receive_bytes_per_second", {"interface": "eth1"}, 500_000.0),
        ("network_transmit_bytes_per_second", {"interface": "eth0"}, 300_000.0),
        ("disk_read_bytes_per_second", {"device": "sda"}, 1000.0),
        ("disk_write_bytes_per_second", {"device": "sda"}, 2000.0),
        ("load_1m", {}, 1.25),
        ("load_5m", {}, 1.0),
        ("load_15m", {}, 0.75),
        ("process_count", {}, 214.0),
        ("process_cpu_usage", {"process": "postgres"}, 12.0),
        ("process_memory_bytes", {"process": "postgres"}, 512.0 * 2**20),
        ("bongsu_gate_series", {}, 27.0),
    ]


def entries(items: Sequence[Item], at: int) -> list[dict[str, Any]]:
    """Items as a frame carries them."""
    return [{"metric": metric, "labels": labels, "value": value, "at": at} for metric, labels, value in items]


@dataclass
class Feed:
    """The live socket of one page, played by hand: the newest connection is spoken to."""

    boot: str = "b1"
    seq: int = 0
    greet: bool = True
    sockets: list[WebSocketRoute] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)

    def open(self, socket: WebSocketRoute) -> None:
        """A page connects."""
        self.sockets.append(socket)
        socket.on_message(lambda text: self.commands.append(json.loads(text)))
        if self.greet:
            self.say({"t": "hello", "v": 1, "boot": self.boot, "seq": self.seq})

    def say(self, frame: dict[str, Any]) -> None:
        """One frame, as it is."""
        self.sockets[-1].send(json.dumps(frame))

    def alert(self, one: dict[str, Any], change: str = "fired") -> None:
        """An alert's change."""
        self.seq += 1
        at = int(time.time() * 1000)
        self.say({"t": "alert", "seq": self.seq, "at": at, "topic": "alerts", "change": change, "alert": one})

    def tell(self, items: Sequence[Item], at: int, *, topic: str = "system", kind: str = "update") -> None:
        """A snapshot or update of one topic."""
        self.seq += 1
        self.say({"t": kind, "seq": self.seq, "at": at, "topic": topic, "metrics": entries(items, at)})


@dataclass
class Past:
    """History as the page asks for it: a value a step from `since` to before `until`; `fault` is answered instead."""

    since: int = 0
    until: int = 10**15
    fault: dict[str, Any] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, one: Ask) -> None:
        """One request of `/api/v1/query`."""
        ask = one.query
        self.asked.append(ask)
        if self.fault is not None:
            one.fulfill(status=self.fault["status"], json=self.fault)
            return
        start, end, step = int(float(ask["start"])), int(float(ask["end"])), int(ask["step"].removesuffix("ms"))
        first = max(start - start % step, self.since)
        series = [
            {
                "metric": metric,
                "labels": labels,
                "points": [[at, value] for at in range(first, min(end, self.until), step)],
            }
            for metric, labels, value in machine(cpu=30.0)
            if metric == ask["metric"] and first < end
        ]
        one.fulfill(json={"series": series})


@dataclass
class Alerts:
    """The server's alerts, played by the test: `open` is what fires, every command is kept in `commands`.

    `answers` are by method and path (below `/api/v1`, with `?state=…` where that matters): a body, or a status and a
    body. What isn't in it is answered 404.
    """

    open: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    commands: list[tuple[str, str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def answer(self, ask: Ask) -> None:
        """One request of the alerts' part of REST."""
        path = ask.path
        self.asked.append(f"{path}?{ask.text}")
        if ask.method != "GET":
            self.commands.append((ask.method, path, ask.body))
        state = ask.query.get("state", "")
        found = self.answers.get((ask.method, f"{path}?state={state}"), self.answers.get((ask.method, path)))
        if found is None and (ask.method, path) == ("GET", "alerts"):
            found = {"at": int(time.time() * 1000), "alerts": self.open}
        status, body = found if isinstance(found, tuple) else (200 if found is not None else 404, found)
        ask.fulfill(status=status, json=body if body is not None else {"title": "no such thing", "status": 404})


NOBODY = {"open": True, "user": None, "csrf": None, "expires_at": None}
"""The session of whoever comes while no account exists."""

ALERT_ROUTES = r"(alerts|rules|silences|channels|notifications)\b"


def alert(number: int = 1, **changed: Any) -> dict[str, Any]:
    """An alert as REST and live frames tell it."""
    begun = int(time.time() * 1000) - 60_000 * number
    return {
        "id": f"a{number}",
        "fingerprint": f"f{number}",
        "source": "rule",
        "severity": "warning",
        "phase": "firing",
        "message": f"alert number {number}",
        "rule": "memory",
        "metric": "orders_open",
        "labels": {"market": f"m{number}"},
        "value": 97.0,
        "threshold": 85.0,
        "unit": "",
        "pending_at": begun,
        "fired_at": begun,
        "acknowledged_at": None,
        "acknowledged_by": "",
        "acknowledged_until": None,
        "note": "",
        "resolved_at": None,
        "seen_at": begun,
        "no_data": False,
        "flapping": False,
        "silenced_by": "",
        "inhibited_by": "",
    } | changed


@contextlib.contextmanager
def serve(boot: Callable[[], Boot], backend: Backend) -> Iterator[str]:
    """A server of the board's routes and of a played REST, on a free port; gives its address."""

    async def silent(_: object) -> Response:
        return Response(status_code=204)

    app = Starlette(routes=[*routes(boot), Route("/favicon.ico", silent), backend.route()])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as door:  # bound and listening: who comes early waits
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `http.listening` does
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[door])), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def facts(*, demo: bool = False, language: str = "ko") -> Boot:
    """What the page is told at first."""
    return Boot(version="0.0.1", catalogue=builtin(), demo=demo, language=language, thresholds=THRESHOLDS)


def drawn_points(page: Page, panel: str, line: int = 0) -> list[list[float]]:
    """The points a chart has drawn: what its library holds."""
    found: list[list[float]] = page.evaluate(
        """([panel, line]) => Chart.getChart(document.querySelector(`#${panel} canvas`)).data.datasets[line].data
           .filter(({ y }) => !Number.isNaN(y)).map(({ x, y }) => [x, y])""",
        [panel, line],
    )
    return found


SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def until(page: Page, condition: str | Callable[[], object], *, patience: float = 15.0) -> None:
    """Waits for a JavaScript expression to hold (Playwright's own way is forbidden by the page's policy), or for what
    the test itself has seen.
    """
    end = time.monotonic() + patience
    late = isinstance(condition, str) and "Chart." in condition
    asked = f"typeof Chart !== 'undefined' && ({condition})" if late else condition
    while not (page.evaluate(asked) if isinstance(asked, str) else asked()):
        assert time.monotonic() < end, f"not within {patience} s: {condition}"
        page.wait_for_timeout(40)


def fits(page: Page, width: int | None = None) -> None:
    """Nothing scrolls sideways, at a width if one is given; charts follow their panels a frame later."""
    if width is not None:
        page.set_viewport_size({"width": width, "height": 900})
    until(page, f"{SIDEWAYS} <= 0")
