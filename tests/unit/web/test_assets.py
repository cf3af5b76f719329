"""The board's files and routes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric
from bongsu.web import Assets, Boot, asset_routes, routes
from bongsu.web.assets import STATIC, without_comments

PAGE_NAMES = re.findall(r"name: '(\w+)'", (STATIC / "pages" / "index.js").read_text(encoding="utf-8"))
"""The pages of the board, as they are registered."""

CATALOGUE = Catalogue(
    [
        Metric(
            name="cpu_usage",
            unit="%",
            topic="system",
            title_ko="CPU 사용률",
            title_en="CPU use",
            ko="전체 코어",
            en="All cores",
        )
    ]
)


def boot() -> Boot:
    """Facts of a small machine."""
    return Boot(version="1.2.3", catalogue=CATALOGUE, thresholds={"cpu_threshold_percent": 80.0})


def browser(over: list[Route]) -> httpx.AsyncClient:
    """A browser that follows nothing by itself."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=over)), base_url="http://board")


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A browser in front of the board."""
    return browser(routes(boot))


async def test_the_front_leads_to_the_board(client: httpx.AsyncClient) -> None:
    """`/` answers with the board's address."""
    answer = await client.get("/")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/monitoring/dashboard"


@pytest.mark.guide("G105")
async def test_the_board_has_nothing_inline_and_nothing_foreign(client: httpx.AsyncClient) -> None:
    """The page runs under a policy without exceptions: no inline script, style or foreign address."""
    answer = await client.get("/monitoring/dashboard")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"\sstyle=|<style|\son\w+=", answer.text)
    assert not re.search(r"https?://", answer.text)


async def test_every_address_on_the_page_answers(client: httpx.AsyncClient) -> None:
    """Scripts, sheets, modules and facts that the page names are all there."""
    page = (await client.get("/monitoring/dashboard")).text
    addresses = re.findall(r'(?:src|href)="(/(?:assets|monitoring)[^"]*)"', page)
    assert len(addresses) > 20
    for address in addresses:
        assert (await client.get(address)).status_code == 200, address


def test_every_import_of_a_module_is_a_file() -> None:
    """No module imports what isn't shipped, and nothing from elsewhere."""
    seen = 0
    for module in STATIC.rglob("*.js"):
        if module.name.endswith(".min.js"):
            continue
        for target in re.findall(r"^import\s[^'\"]*['\"]([^'\"]+)['\"]", module.read_text(encoding="utf-8"), re.M):
            assert target.startswith("."), f"{module}: {target}"
            assert (module.parent / target).resolve().is_file(), f"{module}: {target}"
            seen += 1
    assert seen > 40


async def test_the_facts_hold_both_languages(client: httpx.AsyncClient) -> None:
    """`boot.json` gives thresholds and the catalogue's words, and isn't kept by browsers."""
    answer = await client.get("/monitoring/boot.json")
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert body["thresholds"] == {"cpu_threshold_percent": 80.0}
    assert body["catalogue"]["cpu_usage"]["title"] == {"ko": "CPU 사용률", "en": "CPU use"}
    assert body["catalogue"]["cpu_usage"]["unit"] == "%"
    assert (body["live"], body["timezone"], body["demo"]) == ("/live", "Asia/Seoul", False)


async def test_facts_are_asked_at_each_load() -> None:
    """A setting changed while the server runs shows at the next load."""
    state = {"demo": False}
    client = browser(routes(lambda: Boot(version="1", catalogue=CATALOGUE, demo=state["demo"])))
    assert (await client.get("/monitoring/boot.json")).json()["demo"] is False
    state["demo"] = True
    assert (await client.get("/monitoring/boot.json")).json()["demo"] is True


async def test_pinned_files_are_kept_for_ever_and_others_are_asked_again(client: httpx.AsyncClient) -> None:
    """Under the digest a file may be cached for a year; under its plain name it is revalidated by ETag."""
    digest = Assets().digest
    assert "immutable" in (await client.get(f"/assets/{digest}/mount.js")).headers["cache-control"]
    plain = await client.get("/assets/mount.js")
    assert plain.headers["cache-control"] == "no-cache"
    again = await client.get("/assets/mount.js", headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_files_are_sent_compressed_where_asked(client: httpx.AsyncClient) -> None:
    """gzip goes to those who take it; the content is the file's."""
    whole = (STATIC / "vendor" / "chart.umd.min.js").read_bytes()
    packed = await client.get("/assets/vendor/chart.umd.min.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == whole
    assert int(packed.headers["content-length"]) < 80_000
    bare = await client.get("/assets/vendor/chart.umd.min.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in bare.headers
    assert bare.content == whole


@pytest.mark.parametrize(
    "path",
    [
        "../pages.py",
        "..%2fpages.py",
        "%2e%2e/pages.py",
        "....//pages.py",
        "/etc/passwd",
        "board.html",
        "",
        "panels",
        "mount.js%00",
    ],
)
async def test_nothing_outside_the_folder_is_served(client: httpx.AsyncClient, path: str) -> None:
    """Climbing out, absolute names, folders and files of other kinds are all unknown."""
    assert (await client.get(f"/assets/{path}")).status_code == 404


def test_a_changed_file_moves_the_whole_tree(tmp_path: Path) -> None:
    """The digest follows every byte, so that pinned modules never mix two builds."""
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.js").write_text("2")
    before = Assets(tmp_path).digest
    (tmp_path / "b.js").write_text("3")
    assert Assets(tmp_path).digest != before


def test_what_does_not_shrink_is_sent_as_it_is(tmp_path: Path) -> None:
    """A tiny file isn't inflated by compressing it."""
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.js").write_text("1" * 1000)
    assets = Assets(tmp_path)
    assert assets["a.js"].gzipped is None
    packed = assets["b.js"].gzipped
    assert packed is not None
    assert gzip.decompress(packed) == b"1" * 1000


async def test_the_console_gets_the_same_files() -> None:
    """Its own mount of the assets serves the modules that draw its live parts."""
    client = browser(asset_routes())
    assert "mountSystem" in (await client.get("/assets/mount.js")).text
    assert (await client.get("/monitoring/dashboard")).status_code == 404


def test_the_first_page_stays_light() -> None:
    """What the first figures need is under 72 KB compressed, with Chart.js under 140; another page adds under 50."""
    assets = Assets()

    def size(names: Iterable[str]) -> int:
        return sum(len(assets[name].gzipped or assets[name].body) for name in names)

    first = size([*assets.modules("overview"), "board.js", "early.js", "tokens.css", "board.css", "i18n/ko.json"])
    assert 60_000 < first < 72_000
    assert first + size(["vendor/chart.js", "vendor/chart.umd.min.js"]) < 140_000
    for page in PAGE_NAMES:
        own = [name for name in assets if name.startswith((f"pages/{page}", f"i18n/{page}.ko"))]
        assert own, page
        assert size(own) < 50_000, page


def test_comments_stay_at_home() -> None:
    """Lines of comment are left out, code beside them isn't, and each line keeps its number."""
    module = b"""// What it is.
/**
 * @param {string} a
 */
export const b = (a) => /** @type {any} */ (a); // says so
  /** @type {any} */ (c).d(`//e`);
  // and more
const f = 'https://g'; /** not its own line */
"""
    bare = without_comments(module, ".js").split(b"\n")
    assert bare == [
        *(b"",) * 4,
        b"export const b = (a) => /** @type {any} */ (a); // says so",
        b"  /** @type {any} */ (c).d(`//e`);",
        b"",
        b"const f = 'https://g'; /** not its own line */",
        b"",
    ]
    assert without_comments(b"a { /* why\n */ b: c }", ".css") == b"a { \n b: c }"
    assert without_comments(b"// a", ".json") == b"// a"


def test_pages_come_when_they_are_asked_for() -> None:
    """Of what loads at once nothing is another page's, nor Chart.js: the first figures don't wait for it."""
    named = Assets().modules("overview")
    assert [name for name in named if name.startswith("pages/")] == ["pages/index.js", "pages/overview.js"]
    assert not [name for name in named if name.startswith("vendor/")]


def test_what_a_module_imports_loads_with_it(tmp_path: Path) -> None:
    """Static imports of any form are followed over folders, once each; dynamic ones come later."""
    (tmp_path / "part").mkdir()
    (tmp_path / "pages").mkdir()
    for name in ("board.js", "early.js"):
        (tmp_path / name).write_text("export {};\n")
    (tmp_path / "pages" / "a.js").write_text("import '../a.js';\n")
    (tmp_path / "a.js").write_text("import {\n  b,\n} from './part/b.js';\nconst later = () => import('./late.js');\n")
    (tmp_path / "part" / "b.js").write_text("import '../c.js';\nexport { a } from '../a.js';\n")
    for name in ("c.js", "late.js", "other.js"):
        (tmp_path / name).write_text("export {};\n")
    assert Assets(tmp_path).modules("a") == ["a.js", "c.js", "pages/a.js", "part/b.js"]


def test_chart_js_is_shipped_with_its_licence() -> None:
    """The vendored library says whose it is."""
    assert "MIT" in (STATIC / "vendor" / "chart.LICENSE.md").read_text(encoding="utf-8")
    assert b"Chart.js v4.6.1" in (STATIC / "vendor" / "chart.umd.min.js").read_bytes()[:60]
