"""One owner and two viewers behind the shipped nginx site, with a real Redis between them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import trustme
import websockets
from bench.wire import get
from playwright.async_api import Page, async_playwright, expect

from tests.browser.stage import CHROMIUM_FLAGS
from tests.fakes.redis import PrivateRedis, free_port
from tests.fakes.stopwatch import Stopwatch
from tests.integration.test_nginx import BASIC, NAME, connected, nginx, site
from tests.integration.whole_server import WholeServer, until

JSON = {"Content-Type": "application/json"}
PATIENCE = 15_000
"""Milliseconds that a busy machine has to show what is expected on the board."""
PILL = """() => {
  const box = document.querySelector('.pillbox');
  window.pills = [];
  const look = () => window.pills.push([box.firstElementChild.className, Date.now()]);
  new MutationObserver(look).observe(box, { subtree: true, childList: true, attributeFilter: ['class'] });
}"""
"""Keeps how the board's connection stood, and since when: what lasts half a second is missed by whoever looks twice."""
SUBSCRIBE = json.dumps({"op": "subscribe", "topics": ["custom", "system", "alerts"], "interval_ms": 100})


class Stage:
    """Redis, owner, two viewers and nginx, each of which a test may end and start."""

    def __init__(self, folder: Path, program: Callable[..., str]) -> None:
        self.redis = PrivateRedis(program)
        self.tls, plain, owner = free_port(), free_port(), free_port()
        ca = trustme.CA()
        issued = ca.issue_cert(NAME)
        issued.private_key_pem.write_to_path(folder / "key.pem")
        for blob in issued.cert_chain_pems:
            blob.write_to_path(folder / "chain.pem", append=True)
        openssl = [program("openssl"), "passwd", "-apr1", "correct horse"]
        hashed = subprocess.run(openssl, capture_output=True, text=True, check=True).stdout
        (folder / "htpasswd").write_text(f"ops:{hashed}")
        self.trust = ssl.create_default_context()
        ca.configure_trust(self.trust)
        named = {"BONGSU_SERVER__PUBLIC_URL": f"https://{NAME}", "BONGSU_SERVER__ALLOWED_HOSTS": NAME}
        shared = {**named, "BONGSU_REDIS__URL": self.redis.url}
        self.owner = WholeServer(folder / "owner", settings=shared, flags=(f"--port={owner}",))
        shared["BONGSU_SERVER__OWNER_URL"] = f"http://127.0.0.1:{owner}"
        ports = [free_port(), free_port()]
        self.viewers = [
            WholeServer(folder / f"viewer{n}", settings=shared, flags=("--role=view", f"--port={port}"))
            for n, port in enumerate(ports)
        ]
        for one in (self.owner, *self.viewers):
            one.folder.mkdir()
        # console ports stay unused: nobody asks the console here
        text = site(folder, tls=self.tls, plain=plain, server=ports[0], console=free_port())
        line = f"    server 127.0.0.1:{ports[0]} max_fails=1 fail_timeout=5s;\n"
        assert text.count(line) == 1
        text = text.replace(line, line + line.replace(str(ports[0]), str(ports[1])))
        self.nginx = nginx(program("nginx"), folder, text, self.tls)

    def begin(self, stack: contextlib.ExitStack) -> None:
        """Start everything; the stack ends it."""
        stack.enter_context(self.redis)
        servers = (self.owner, *self.viewers)
        for one in servers:
            stack.callback(one.end)
        with ThreadPoolExecutor(len(servers)) as threads:
            for started in [threads.submit(one.start) for one in servers]:
                started.result()
        stack.enter_context(self.nginx)

    def send(self, value: float, metric: str = "several") -> None:
        """A sample of now enters the owner."""
        assert self.owner.send([{"metric": metric, "value": value}]).status == 200

    def status(self, one: WholeServer) -> dict[str, Any]:
        """What `/readyz` says."""
        answer = one.ask(get("/readyz"))
        return {"code": answer.status, **json.loads(answer.body)}

    def live(self) -> Any:
        """A client's socket through nginx."""
        return connected("/live", self.trust, self.tls)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """REST through nginx."""

        async def named(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = NAME

        async with httpx.AsyncClient(
            verify=self.trust,
            base_url=f"https://127.0.0.1:{self.tls}",
            trust_env=False,
            headers={"Host": NAME, "Authorization": BASIC},
            event_hooks={"request": [named]},
        ) as client:
            yield client

    @asynccontextmanager
    async def board(self, chromium: str) -> AsyncIterator[Page]:
        """The board in a real browser, through nginx, live."""
        flags = [*CHROMIUM_FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=flags)
            page = await browser.new_page(
                ignore_https_errors=True, http_credentials={"username": "ops", "password": "correct horse"}
            )
            await page.goto(f"https://{NAME}:{self.tls}/monitoring/dashboard?lang=en")
            await expect(page.locator(".pill.live")).to_be_visible()
            yield page
            await browser.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]) -> Iterator[Stage]:
    """Everything runs; each test leaves it whole."""
    expect.set_options(timeout=PATIENCE)
    with contextlib.ExitStack() as stack:
        one = Stage(tmp_path_factory.mktemp("several"), program)
        one.begin(stack)
        for viewer in one.viewers:
            until("the viewer's first values", partial(_is_well, one, viewer))
        yield one


def _is_well(stage: Stage, server: WholeServer) -> bool:
    return "degraded" not in stage.status(server)


@asynccontextmanager
async def subscribed(socket: Any) -> AsyncIterator[Any]:
    """A client that gets everything ten times a second, past its first snapshots."""
    async with socket as live:
        await live.send(SUBSCRIBE)
        yield live


async def value_of(live: Any, metric: str, value: float) -> float:
    """When (seconds UTC) a frame says that the metric has that value."""
    async for text in live:
        for one in json.loads(text).get("metrics", ()):
            if one["metric"] == metric and one["value"] == value:
                return time.time()
    raise AssertionError("the connection ended")


@pytest.mark.alone
@pytest.mark.guide("G052")
async def test_any_instance_shows_what_enters_the_owner(stage: Stage) -> None:
    """Forty samples, each seen by a client of the owner, of both viewers and through nginx within a second (p99)."""
    direct = [f"ws://127.0.0.1:{one.port}/live" for one in (stage.owner, *stage.viewers)]
    sockets = [websockets.connect(address, proxy=None) for address in direct]
    delays = []
    async with contextlib.AsyncExitStack() as stack, asyncio.timeout(30):
        lives = [await stack.enter_async_context(subscribed(one)) for one in (*sockets, stage.live())]
        for value in range(40):
            begin = time.time()
            seen = asyncio.gather(*(value_of(live, "several", float(value)) for live in lives))
            await asyncio.to_thread(stage.send, float(value))
            delays += [at - begin for at in await seen]
    delays.sort()
    assert delays[len(delays) * 99 // 100] < 1.0, f"p50 {delays[len(delays) // 2]:.3f} s, worst {delays[-1]:.3f} s"


async def test_a_viewer_passes_on_what_it_does_not_know(stage: Stage) -> None:
    """History, alerts and rules are the owner's; commands and samples sent to a viewer arrive there; so do refusals."""
    async with stage.browser() as browser:
        taken = await browser.post("/api/v1/samples", json=[{"metric": "through_a_viewer", "value": 4}])
        assert taken.json() == {"accepted": 1, "refused": []}
        series = (await browser.get("/api/v1/query", params={"metric": "through_a_viewer"})).json()["series"]
        assert [points[1] for one in series for points in one["points"]] == [4.0]
        fired = await browser.post("/api/v1/alerts", json={"level": "warning", "message": "한글 메시지"})
        assert fired.status_code == 202
        found = (await browser.get(f"/api/v1/alerts/{fired.json()['id']}")).json()["alert"]
        assert found["message"] == "한글 메시지"
        assert (await browser.post("/api/v1/samples", content=b"-", headers=JSON)).status_code == 400
        assert (await browser.get("/api/v1/nothing")).status_code == 404
        assert (await browser.get("/api/v1/rules")).json()["rules"]
        facts = (await browser.get("/monitoring/boot.json")).json()
        assert "cpu_usage" in facts["catalogue"]


@pytest.mark.guide("G053")
async def test_the_cache_of_the_guide_is_filled(stage: Stage) -> None:
    """What the guide's `get_cached_metrics` reads is there: `latest_metrics`, JSON, to live for 300 s."""
    stage.send(42.0, "cached")
    with redis.Redis.from_url(stage.redis.url) as client:

        def cached() -> dict[str, float]:
            text = client.get("latest_metrics")
            return {one["metric"]: one["value"] for one in json.loads(text)["metrics"]} if text else {}

        until("the value in the cache", lambda: cached().get("cached") == 42.0)
        left = client.ttl("latest_metrics")
        assert isinstance(left, int)
        assert 290 <= left <= 300


@pytest.mark.alone
async def test_clients_of_a_killed_viewer_go_on_elsewhere(stage: Stage, program: Callable[..., str]) -> None:
    """`kill -9`: board and clients are live again through the other one within five seconds, and REST fills the gap."""
    chromium = program("chromium", "chromium-browser", "google-chrome")
    async with stage.browser() as browser, stage.board(chromium) as board, asyncio.timeout(60):
        victim = next(one for one in stage.viewers if one.figure("bongsu_live_clients"))
        boots = set()
        clients = []
        for _ in range(4):
            clients.append(socket := await stage.live())
            boots.add(json.loads(await socket.recv())["boot"])
            await socket.send(SUBSCRIBE)
        assert len(boots) == 2, "both viewers have clients"
        start = int(time.time() * 1000)
        await board.evaluate(PILL)
        async with board.expect_request(lambda asked: "/api/v1/query" in asked.url):  # the board fills its gap
            victim.kill()
            killed = time.time()
            for value in range(3):
                await asyncio.to_thread(stage.send, float(value), "gap")
            again = await asyncio.gather(_board_again(board), *(_live_again(stage, one) for one in clients))
        assert len([one for one in again if one]) in range(2, 5), "only the victim's clients had to move"
        assert max(moment or killed for moment in again) - killed < 5.0
        points = (await browser.get("/api/v1/query", params={"metric": "gap", "start": start})).json()["series"]
        assert [value for _, value in points[0]["points"]] == [0.0, 1.0, 2.0]
        victim.start()


async def _board_again(board: Page) -> float:
    """When (seconds UTC) the board was live again."""
    while True:
        pills: list[tuple[str, int]] = await board.evaluate("window.pills")
        lost = next((at for look, at in pills if "again" in look.split()), None)
        back = [at for look, at in pills if lost is not None and at >= lost and "live" in look.split()]
        if back:
            return back[0] / 1000
        await asyncio.sleep(0.05)


async def _live_again(stage: Stage, socket: Any) -> float | None:
    """When the client had its values again, trying as the board does; None where nothing happened to it."""
    try:
        async with asyncio.timeout(2):
            async for _ in socket:
                pass
    except TimeoutError:
        await socket.close()
        return None
    except websockets.ConnectionClosed:
        pass
    await asyncio.sleep(0.5)
    async with subscribed(stage.live()) as live:
        return await value_of(live, "gap", 2.0)


async def test_redis_goes_and_comes(stage: Stage, program: Callable[..., str]) -> None:
    """The owner goes on, viewers show what came last, say so on screens and in /readyz, and heal by themselves."""
    viewer = stage.viewers[1]
    async with subscribed(websockets.connect(f"ws://127.0.0.1:{viewer.port}/live", proxy=None)) as live:
        chromium = program("chromium", "chromium-browser", "google-chrome")
        async with stage.board(chromium) as board, asyncio.timeout(60):
            stage.send(1.0, "outage")
            await value_of(live, "outage", 1.0)
            stage.redis.stop()
            watch = Stopwatch(stage.owner.process.pid)
            stage.send(2.0, "outage")
            assert watch.seconds < 1.0, "the owner doesn't wait for Redis"
            await _behind(live)
            assert stage.status(viewer)["code"] == 200
            assert "redis" in stage.status(viewer)["degraded"][0]
            assert 'bongsu_view_behind_seconds{cause="redis"}' in viewer.ask(get("/metrics")).body.decode()
            latest = json.loads(viewer.ask(get("/api/v1/metrics?metric=outage")).body)["metrics"]
            assert [one["value"] for one in latest] == [1.0]
            assert [one["points"][-1][1] for one in viewer.query("outage")] == [2.0]
            await expect(board.locator(".hero")).to_contain_text("Redis is away")
            await expect(board.locator(".pill")).to_contain_text("Not updating")
            until("the owner's word", lambda: bool(stage.status(stage.owner).get("degraded")))
            stage.redis.start()
            began = time.monotonic()
            kinds = []
            async for text in live:
                frame = json.loads(text)
                kinds.append(frame["t"])
                if any(one["metric"] == "outage" and one["value"] == 2.0 for one in frame.get("metrics", ())):
                    break
            while "gap" not in kinds:  # screens are told to fill in what they missed
                kinds.append(json.loads(await live.recv())["t"])
            assert time.monotonic() - began < 8.0
            await expect(board.locator(".hero")).not_to_contain_text("Redis is away")
            await expect(board.locator(".pill.live")).to_be_visible()
    until("the viewer is well", lambda: "degraded" not in stage.status(viewer))
    until("the owner is well", lambda: "degraded" not in stage.status(stage.owner))


async def _behind(live: Any) -> None:
    async for text in live:
        for one in json.loads(text).get("metrics", ()):
            if (
                one["metric"] == "bongsu_view_behind_seconds"
                and one["labels"] == {"cause": "redis"}
                and one["value"] > 1
            ):
                return


def test_the_owner_goes_and_comes(stage: Stage) -> None:
    """Killed, its viewers still show the newest values and say what is missing; started anew, all goes on."""
    stage.send(7.0, "kept")
    viewer = stage.viewers[1]
    until("the value", lambda: bool(json.loads(viewer.ask(get("/api/v1/metrics?metric=kept")).body)["metrics"]))
    stage.owner.kill()
    away = viewer.ask(get("/api/v1/query?metric=kept"))
    assert (away.status, json.loads(away.body)["type"]) == (503, "urn:bongsu:problem:unavailable")
    latest = json.loads(viewer.ask(get("/api/v1/metrics?metric=kept")).body)["metrics"]
    assert [one["value"] for one in latest] == [7.0]
    assert viewer.ask(get("/monitoring/boot.json")).status == 200
    until("the viewer's word", lambda: "owner" in str(stage.status(viewer).get("degraded")))
    stage.owner.start()
    until("the owner is heard", lambda: "degraded" not in stage.status(viewer))
    assert [one["points"][-1][1] for one in viewer.query("kept")] == [7.0]


def test_a_second_owner_is_refused(stage: Stage, tmp_path: Path) -> None:
    """Another server with the same Redis doesn't start beside the owner, and says what to do."""
    second = WholeServer(tmp_path, settings={"BONGSU_REDIS__URL": stage.redis.url})
    with pytest.raises(AssertionError, match="--role view"):
        second.start()
    assert second.end() == 1
    assert "degraded" not in stage.status(stage.owner)
