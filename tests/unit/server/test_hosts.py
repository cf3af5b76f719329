"""Host names and origins."""

from __future__ import annotations

import pytest

from bongsu.http.errors import WrongHost
from bongsu.server.hosts import Hosts, Origins


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]", "[::1]:8080", "LOCALHOST", "shop.example:80"]
)
def test_our_names_pass(host: str) -> None:
    """This machine's names and the allowed ones pass, with any port and in any case."""
    Hosts({"Shop.example"}).check(host.encode())


@pytest.mark.parametrize(
    "host",
    [None, b"", b"evil.example", b"evil.example:8080", b"localhost.evil.example", b"127.0.0.2", b":8080", b"\xff"],
)
def test_foreign_names_are_refused(host: bytes | None) -> None:
    """A name that isn't ours, or none, is refused: it may be a rebound DNS name."""
    with pytest.raises(WrongHost):
        Hosts({"shop.example"}).check(host)


def test_all_names_can_be_allowed() -> None:
    """`*` lets every name pass, for servers behind a proxy that checks."""
    Hosts({"*"}).check(b"anything.example")
    Hosts({"*"}).check(None)


@pytest.mark.guide("G124")
def test_no_origin_is_granted_by_default() -> None:
    """Other sites' pages can't read answers unless they are named."""
    assert Origins().grant(b"https://shop.example") == []
    assert Origins().preflight(b"https://shop.example", "GET") == []


@pytest.mark.guide("G124")
def test_named_origins_are_granted() -> None:
    """A named origin is granted by name, another one isn't, and caches keep them apart."""
    origins = Origins(["https://shop.example/"])
    assert (b"access-control-allow-origin", b"https://shop.example") in origins.grant(b"https://shop.example")
    assert origins.grant(b"https://evil.example") == [(b"vary", b"origin")]
    assert origins.grant(None) == [(b"vary", b"origin")]
    assert (b"access-control-allow-methods", b"GET") in origins.preflight(b"https://shop.example", "GET")
    assert origins.preflight(b"https://evil.example", "GET") == []
