"""Who may open a live connection: decided at the handshake, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit

from bongsu.model.metric import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What a client asks with. Header names are in lower case; `peer` is its IP address."""

    path: str
    query: str
    headers: Mapping[str, str]
    peer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a connection is refused: an HTTP status, one word for the counter, a sentence for who reads it.

    `retry_after` is in seconds, where trying again can help.
    """

    status: int
    reason: str
    detail: str
    retry_after: int | None = None


Check: TypeAlias = Callable[[Handshake], Refused | None]
"""Decides on a handshake: None lets it in. Must not block."""


class Pass(Protocol):
    """What a connection was let in with."""

    @property
    def topics(self) -> frozenset[Topic]:
        """The topics that it may see."""
        ...

    def ended(self) -> bool:
        """Whether it doesn't hold any more (signed out, revoked, expired, fewer rights). Notes that it is in use."""
        ...


Enter: TypeAlias = Callable[[Handshake], Pass | Refused | None]
"""Decides, after the check, who somebody is: None asks nobody. Must not block."""

LOOPBACK_HOSTS: frozenset[str] = frozenset({"localhost", "127.0.0.1", "::1"})


class SameHost:
    """The check that comes first: only the server's own pages may connect from a browser.

    `Host` must be a name this server answers to (else a foreign name that resolves here could read along, DNS
    rebinding). `Origin`, which browsers always send, must have that same host, with whatever port (the console has
    another one), or be among `origins`. Programs send no Origin and are let in.
    """

    def __init__(self, *, hosts: Collection[str] = LOOPBACK_HOSTS, origins: Collection[str] = ()) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    def __call__(self, handshake: Handshake) -> Refused | None:
        """None, or why not."""
        host = _host_of("//" + handshake.headers.get("host", ""))
        if host not in self._hosts:
            detail = "this server doesn't answer to that name; add it to the hosts it may be called by"
            return Refused(status=403, reason="host", detail=detail)
        origin = handshake.headers.get("origin")
        if origin is None or origin.lower() in self._origins or _host_of(origin) == host:
            return None
        detail = "a page from another host may not connect; add its origin to the allowed ones"
        return Refused(status=403, reason="origin", detail=detail)


def _host_of(address: str) -> str:
    """The host in a URL, in lower case, without port; empty where there is none or it can't be read."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
