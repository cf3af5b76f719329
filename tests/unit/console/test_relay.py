from __future__ import annotations

import httpx
from starlette.applications import Starlette

from bongsu.console.relay import Relay


def _app(relay: Relay) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=list(relay.routes())))
    return httpx.AsyncClient(transport=transport, base_url="http://console")


async def test_reads_are_passed_on_with_their_query() -> None:
    """The server sees path and query; the page gets status, type and body, and none of the server's other headers."""
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(
            400, json={"detail": "no"}, headers={"content-type": "application/problem+json", "set-cookie": "a=1"}
        )

    relay = Relay("http://server:8080", transport=httpx.MockTransport(server))
    await relay.open()
    async with _app(relay) as page:
        answer = await page.get("/api/v1/query?metric=cpu_usage&label.host=%EA%B0%80", headers={"cookie": "secret=1"})
    await relay.close()
    assert str(seen[0].url) == "http://server:8080/api/v1/query?metric=cpu_usage&label.host=%EA%B0%80"
    assert "cookie" not in seen[0].headers
    assert (answer.status_code, answer.json()) == (400, {"detail": "no"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers


async def test_a_symbols_path_is_passed_on() -> None:
    """A symbol with a stroke and a blank in its name reaches the server as it is."""
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    relay = Relay("http://server:8080", transport=httpx.MockTransport(server))
    await relay.open()
    async with _app(relay) as page:
        assert (await page.get("/api/v1/quality/coin/BTC%2FKRW%20spot")).status_code == 200
        assert (await page.get("/api/v1/quality/krx.csv?window=1h")).status_code == 200
    await relay.close()
    assert [one.url.path for one in seen] == ["/api/v1/quality/coin/BTC/KRW spot", "/api/v1/quality/krx.csv"]


async def test_a_server_that_is_away_is_a_problem_document() -> None:
    """No answer becomes 503 with what to do and when to ask again."""

    def server(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    relay = Relay("http://server:8080", transport=httpx.MockTransport(server))
    await relay.open()
    async with _app(relay) as page:
        answer = await page.get("/api/v1/metrics")
    await relay.close()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "bongsu up" in answer.json()["hint"]


async def test_only_reads_of_the_live_parts_are_passed_on() -> None:
    """Writing and other paths end here."""
    relay = Relay("http://server:8080", transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    await relay.open()
    async with _app(relay) as page:
        assert (await page.post("/api/v1/metrics")).status_code == 405
        assert (await page.get("/api/v1/audit")).status_code == 404
    await relay.close()


async def test_commands_are_passed_on_with_their_body() -> None:
    """Method, path and JSON reach the server; the answer comes back with its status."""
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(422, json={"faults": []}, headers={"content-type": "application/problem+json"})

    relay = Relay("http://server:8080", transport=httpx.MockTransport(server))
    await relay.open()
    async with _app(relay) as page:
        origin = {"origin": "http://console"}
        answer = await page.post("/api/v1/alerts/a%2F1/acknowledge", json={"by": "수진"}, headers=origin)
        gone = await page.delete("/api/v1/silences/s1?by=me", headers=origin)
    await relay.close()
    assert answer.status_code == 404  # a slash is no part of an id
    assert (gone.status_code, seen[0].method, str(seen[0].url)) == (
        422,
        "DELETE",
        "http://server:8080/api/v1/silences/s1?by=me",
    )


async def test_commands_come_from_our_own_pages_only() -> None:
    """Another site's page, a form's body and an endless body are refused before the server hears of them."""
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    relay = Relay("http://server:8080", transport=httpx.MockTransport(server))
    await relay.open()
    async with _app(relay) as page:
        path = "/api/v1/alerts/a1/resolve"
        assert (await page.post(path, json={}, headers={"origin": "http://evil"})).status_code == 403
        assert (await page.post(path, json={}, headers={"origin": "null"})).status_code == 403
        assert (await page.post(path, content="{}", headers={"content-type": "text/plain"})).status_code == 415
        assert (await page.post(path, json={"note": "x" * 270_000})).status_code == 413
        assert seen == []
        assert (await page.post(path, json={"note": "x"}, headers={"origin": "http://console"})).status_code == 200
    await relay.close()
    assert seen[0].content == b'{"note":"x"}'


async def test_before_it_is_open_nothing_is_asked() -> None:
    """A request that comes too early, or after the end, is told so."""
    relay = Relay("http://server:8080")
    async with _app(relay) as page:
        assert (await page.get("/api/v1/metrics")).status_code == 503
