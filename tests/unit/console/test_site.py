from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack
from html import unescape

import httpx
from starlette.applications import Starlette

from bongsu.console.menu import LIVE
from bongsu.console.place import Place
from bongsu.console.site import PLOTLY, Site

PLACE = Place(rest_url="http://127.0.0.1:1", live_port=8765)


class Recorded:
    """A companion that writes down what is asked of it."""

    def __init__(self, name: str, said: list[str]) -> None:
        self.name = name
        self.said = said

    async def start(self) -> None:
        self.said.append(f"{self.name} starts")

    async def stop(self) -> None:
        self.said.append(f"{self.name} stops")


def _client(site: Site, host: str = "localhost:8501") -> httpx.AsyncClient:
    app = Starlette(routes=site.routes(), middleware=site.middleware())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}")


async def test_our_files_are_served_for_ever_under_their_digest() -> None:
    """Files under the present digest may be kept; under an old one they are asked for again; others aren't there."""
    site = Site(PLACE)
    async with _client(site) as client:
        kept = await client.get(f"{site.console_prefix}/live.js")
        old = await client.get("/console/0/live.js")
        assert (await client.get(f"{site.console_prefix}/script.py")).status_code == 404
        assert (await client.get(f"{site.board_prefix}/tokens.css")).status_code == 200
    assert "immutable" in kept.headers["cache-control"]
    assert old.headers["cache-control"] == "no-cache"
    assert kept.headers["content-type"].startswith("text/javascript")


async def test_the_library_is_the_installed_one_and_compressed() -> None:
    """Plotly's script comes from the package that makes the figures, under its version, for ever, compressed."""
    async with _client(Site(PLACE)) as client:
        answer = await client.get(PLOTLY, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 1_700_000
    assert "immutable" in answer.headers["cache-control"]
    assert "Plotly" in answer.text[:100_000] or "plotly.js" in answer.text[:500]


async def test_the_console_is_healthy_without_the_server() -> None:
    """The console's own health says that it runs, whatever the server does."""
    async with _client(Site(PLACE)) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok", "console": True}


async def test_only_known_names_are_answered() -> None:
    """A page of another site that points its name at us gets nothing (DNS rebinding)."""
    site = Site(PLACE, hosts=["monitor.example"])
    async with _client(site, "evil.example:8501") as client:
        assert (await client.get("/healthz")).status_code == 400
    for host in ("monitor.example", "127.0.0.1:8501"):
        async with _client(site, host) as client:
            assert (await client.get("/healthz")).status_code == 200


async def test_companions_live_as_long_as_the_console() -> None:
    """They start in order and stop in the opposite one, and the relay is open between."""
    said: list[str] = []
    site = Site(PLACE, companions=[Recorded("a", said), Recorded("b", said)])
    async with AsyncExitStack() as living:
        await living.enter_async_context(site.lifespan()(None))
        assert said == ["a starts", "b starts"]
    assert said[2:] == ["b stops", "a stops"]


def test_everything_the_page_preloads_is_there() -> None:
    """Each address that the head of any page names is one that we serve."""
    site = Site(PLACE)
    known = {f"{site.board_prefix}/{name}" for name in site._assets} | {
        f"{site.console_prefix}/{name}" for name in site._files
    }
    for page in LIVE:
        head = "".join(site.head(page, "en"))
        names = re.findall(r'(?:href|src)="([^"]+)"', head)
        assert f"{site.board_prefix}/pages/{LIVE[page]}.js" in names
        assert set(names) <= known | {"/monitoring/boot.json"}


def test_what_is_drawn_early_is_what_the_component_takes_over() -> None:
    """The page tells the early drawing the very data that its component brings; another page has no live view."""
    site = Site(PLACE)
    told = re.search(r'name="bongsu-early" content="([^"]*)"', site.head("performance", "ko")[0])
    assert told is not None
    early = json.loads(unescape(told[1]))
    assert early["live"] == {
        "page": "services",
        "board": site.board_prefix,
        "language": "ko",
        "origin": PLACE.rest_url,
        "livePort": PLACE.live_port,
        "secure": False,
        "publicUrl": "",
    }
    assert [page["title"] for page in early["bar"]["pages"] if page["current"]] == ["성능 메트릭"]
    assert "&quot;live&quot;" not in site.head("weather", "ko")[0]


def test_the_page_script_learns_the_addresses() -> None:
    """The secrets carry the place and where files are served."""
    site = Site(PLACE)
    assert site.secrets()["assets"] == {"board": site.board_prefix, "console": site.console_prefix, "plotly": PLOTLY}
    assert site.secrets()["bongsu"]["rest_url"] == PLACE.rest_url
