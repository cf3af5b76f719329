"""A week of a browser tab, compressed: frames fed fast, and memory that stays where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import CHROMIUM
from tests.browser.furnished import TOPICS, House
from tests.browser.stage import Alerts, Feed, Past, entries, machine

Open = Callable[..., Page]

pytestmark = pytest.mark.slow

SMALL = 0.5
"""Pixels of the screen for one of the page's: to paint them takes time, and none is looked at here."""
STEP = 10
"""Seconds between two frames: the week in 60,480 of them a topic."""
COARSE = 100
"""The same on pages whose figures come more slowly: 6,048 frames a topic."""
LIVE = {"marketplaces": "checks", "alerts": "system", "data": "feeds"}
"""The topic of a page that isn't called like it."""
START = 1_795_000_000_000

FEED = """([start, step, from, to, frames, rest]) => {
  // Frames go in at the socket's own door, as text, as fast as the page takes them; its clock goes along with them.
  const socket = window.lastSocket;
  // What is read over REST is there before it goes on, however busy the machine is: answers come in order.
  const draw = async () => {
    await new Promise((go) => requestAnimationFrame(go));
    if (rest) await (await fetch('/api/v1/checks')).text();
  };
  return (async () => {
    for (let i = from; i < to; i += 1) {
      const at = start + i * step * 1000;
      window.shift = at - window.realNow();
      for (const [place, [topic, items]] of Object.entries(frames).entries()) {
        const metrics = items.map((item) => ({ ...item, at, value: item.value * (1 + 0.3 * Math.sin(i / 50)) }));
        const page = `p${(i % 500) + (i >> 8)}`;
        if (topic === 'custom') metrics.push({ metric: 'visitors', labels: { page }, value: i, at });
        const seq = i * Object.keys(frames).length + place + 10;
        socket.onmessage({ data: JSON.stringify({ t: 'update', seq, at, topic, metrics }) });
      }
      if (i % 120 === 0) await draw();
    }
  })();
}"""

SPEED = """
window.realNow = Date.now.bind(Date);
window.shift = START - window.realNow();
Date.now = () => window.realNow() + window.shift;
performance.now = () => Date.now() - START;
const Real = window.WebSocket;
window.WebSocket = class extends Real { constructor(...all) { super(...all); window.lastSocket = this; } };
""".replace("START", str(START))


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Browser:
    """The browser that people leave open for a week."""
    return launch(*CHROMIUM)


@dataclass(frozen=True, kw_only=True)
class Heap:
    """Bytes that a page keeps, and besides them what V8 has compiled."""

    kept: int
    code: int

    @property
    def bound(self) -> float:
        """What it may grow to: a tenth more."""
        return self.kept * 1.10


def heap(page: Page, session: CDPSession, *, first: Heap | None = None) -> Heap:
    """Bytes in use once what was under way has ended and everything unreachable was let go.

    Without the machine code of functions that are called often: V8 compiles for as long as a page works hard, which
    says nothing of what the page keeps. To count it takes a snapshot of the heap, which takes long: where the bound of
    the `first` would be kept even if nothing had been compiled since, that will do.
    """
    sizes = []
    page.evaluate("performance.clearResourceTimings()")  # the browser's own list of what was read
    for _ in range(4):
        page.wait_for_timeout(150)
        session.send("HeapProfiler.collectGarbage")
        sizes.append(int(session.send("Runtime.getHeapUsage")["usedSize"]))
        if first is not None and sizes[-1] - first.code <= first.bound:
            return Heap(kept=sizes[-1] - first.code, code=first.code)
    code = _code(session)
    return Heap(kept=min(sizes) - code, code=code)


def a_week(page: Page, parts: Sequence[tuple[int, int]], play: Callable[[int, int], object]) -> None:
    """Days are played in three parts; after the second and the third the heap is within a tenth of the first's."""
    session = page.context.new_cdp_session(page)
    play(*parts[0])
    first = heap(page, session)
    play(*parts[1])
    middle = heap(page, session, first=first)
    play(*parts[2])
    last = heap(page, session)  # counted in full: what grows is seen here
    assert max(middle.kept, last.kept) <= first.bound, [f"{one.kept / 1e6:.2f} MB" for one in (first, middle, last)]


def _code(session: CDPSession) -> int:
    """Bytes of compiled code, counted in a snapshot of the heap."""
    parts: list[str] = []

    def take(part: dict[str, str]) -> None:
        parts.append(part["chunk"])

    session.on("HeapProfiler.addHeapSnapshotChunk", take)
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
    head, _, rest = "".join(parts).partition('"nodes":[')  # the rest of it, most of all, needn't be read
    meta = json.loads(head.rstrip(",\n") + "}")["snapshot"]["meta"]
    fields, types = meta["node_fields"], meta["node_types"]
    kind, size, code = fields.index("type"), fields.index("self_size"), types[0].index("code")
    nodes = np.fromstring(rest[: rest.index("]")], dtype=np.int64, sep=",").reshape(-1, len(fields))
    return int(nodes[nodes[:, kind] == code, size].sum())


@pytest.mark.parametrize("query", ["?range=15m", "?range=24h"])
def test_a_week_leaves_the_heap_where_it_was(board: Open, feed: Feed, past: Past, query: str) -> None:
    """After the first day the heap grows by no more than a tenth in the other six, with labels that come and go."""
    page = board(query, prepare=lambda one: one.add_init_script(SPEED), device_scale_factor=SMALL)
    feed.tell(machine(), START, kind="snapshot")
    feed.tell([("queue_depth", {}, 5.0)], START, topic="custom", kind="snapshot")
    page.locator("#own").scroll_into_view_if_needed()
    expect(page.locator("[data-metric=queue_depth]")).to_contain_text("5")
    page.evaluate("scrollTo(0, 0)")
    frames = {"system": entries(machine(), 0), "custom": entries([("queue_depth", {}, 5.0)], 0)}
    day = 24 * 3600 // STEP

    def play(begin: int, end: int) -> None:
        page.evaluate(FEED, [START, STEP, begin * day, end * day, frames, False])

    a_week(page, ((0, 1), (1, 4), (4, 7)), play)
    expect(page.locator("h1")).not_to_be_empty()


@pytest.mark.parametrize("name", ["shop", "services", "marketplaces", "data", "alerts", "system", "overview"])
def test_a_week_of_the_other_pages(
    board: Open, feed: Feed, past: Past, alerts: Alerts, name: str, whole_address: str
) -> None:
    """After two days the heap grows by no more than a tenth in the other five on pages that read REST as well.

    (What is read over REST is warm later than the rest: in 18 days of this the services' page levels off at 5.2 MB.)
    """
    house = House(alerts)
    house.fill()
    page = board(
        f"?page={name}",
        url=whole_address,
        prepare=lambda one: one.add_init_script(SPEED),
        answers=house.open,
        wait="main h1:not(:empty)",
        device_scale_factor=SMALL,
    )
    topics = tuple(TOPICS) if name == "overview" else (LIVE.get(name, name), "custom")
    for topic in topics:
        feed.tell(TOPICS[topic], START, topic=topic, kind="snapshot")
    frames = {topic: entries(TOPICS[topic], 0) for topic in topics}
    day = 24 * 3600 // COARSE

    def play(begin: int, end: int) -> None:
        page.evaluate(FEED, [START, COARSE, begin * day, end * day, frames, True])

    a_week(page, ((0, 2), (2, 5), (5, 7)), play)
    expect(page.locator("h1")).not_to_be_empty()
