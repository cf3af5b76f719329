"""Where a request comes from: the address of its connection, or what a trusted proxy says of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from starlette.types import Scope

RELAYED = "relayed"
"""In a request's state: whether our own console passed it on, whose word counts like a trusted proxy's."""

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """Reads `X-Forwarded-For` and `X-Forwarded-Proto`, from `trusted` addresses or networks alone.

    Of the chain of addresses the rightmost that isn't a trusted proxy's counts: what stands left of it anybody may have
    written.
    """

    def __init__(self, trusted: Collection[str] = ()) -> None:
        self._trusted: tuple[_Network, ...] = tuple(ipaddress.ip_network(one, strict=False) for one in trusted)

    def address(self, scope: Scope) -> str:
        """The client's address, empty where there is none (a socket of the file system)."""
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        if not self._believes(scope, peer):
            return peer
        return self._behind(peer, (value for name, value in scope["headers"] if name == b"x-forwarded-for"))

    def behind(self, peer: str, forwarded: Iterable[bytes]) -> str:
        """The client's address behind that peer, given the headers `X-Forwarded-For`."""
        return self._behind(peer, forwarded) if self._trusts(peer) else peer

    def _behind(self, peer: str, forwarded: Iterable[bytes]) -> str:
        chain = [one.strip() for value in forwarded for one in value.decode("latin-1").split(",")]
        for address in reversed(chain):
            if not _is_address(address):
                break
            if not self._trusts(address):
                return address
            peer = address
        return peer

    def secure(self, scope: Scope) -> bool:
        """Whether the browser speaks TLS, with us or with a trusted proxy."""
        if scope.get("scheme") == "https":
            return True
        client = scope.get("client")
        if not self._believes(scope, str(client[0]) if client else ""):
            return False
        return any(
            name == b"x-forwarded-proto" and value.split(b",")[-1].strip().lower() == b"https"
            for name, value in scope["headers"]
        )

    def _believes(self, scope: Scope, peer: str) -> bool:
        return bool(scope.get("state", {}).get(RELAYED)) or self._trusts(peer)

    def _trusts(self, text: str) -> bool:
        if not self._trusted or not _is_address(text):
            return False
        address = ipaddress.ip_address(text)
        return any(address in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
