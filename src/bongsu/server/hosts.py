"""Which names this server answers to, and which other sites' pages may read from it."""

from __future__ import annotations

from collections.abc import Collection

from bongsu.http.errors import WrongHost

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
ANY = "*"


class Hosts:
    """The host names that requests may be addressed to; anything else may be a rebound DNS name.

    `allowed` are names without a port; `*` allows all.
    """

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._names = LOOPBACK | {name.lower() for name in allowed}
        self._any = ANY in allowed

    def check(self, host: bytes | None) -> None:
        """Let pass a `Host` header.

        Raises:
            WrongHost: it is missing or names another host.
        """
        if self._any:
            return
        if name_of(host) not in self._names:
            text = (host or b"").decode("latin-1").lower()
            raise WrongHost(f"Host {text!r} is none of this server's names", hint="add it to server.allowed_hosts")


def name_of(host: bytes | None) -> str:
    """The name in a `Host` header, in lower case, without the port."""
    text = (host or b"").decode("latin-1").lower()
    return text if text.endswith("]") else text.rpartition(":")[0] or text


def is_loopback(host: bytes | None) -> bool:
    """Whether a `Host` header means this machine, whoever asks."""
    return name_of(host) in LOOPBACK


class Origins:
    """The origins of other sites whose pages may read answers (CORS): none, unless named."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(origin.rstrip("/").lower().encode() for origin in allowed)

    def grant(self, origin: bytes | None) -> list[tuple[bytes, bytes]]:
        """Headers for an answer to this origin's page."""
        if not self._allowed:
            return []
        headers = [(b"vary", b"origin")]
        if origin is not None and origin.lower() in self._allowed:
            headers.append((b"access-control-allow-origin", origin))
        return headers

    def allow(self, origin: bytes | None) -> bool:
        """Whether this origin's pages may ask for changes too."""
        return origin is not None and origin.lower() in self._allowed

    def preflight(self, origin: bytes | None, allow: str) -> list[tuple[bytes, bytes]]:
        """Further headers for the question whether a request may be sent."""
        if origin is None or origin.lower() not in self._allowed:
            return []
        return [
            (b"access-control-allow-methods", allow.encode()),
            (b"access-control-allow-headers", b"content-type, content-encoding, traceparent"),
            (b"access-control-max-age", b"600"),
        ]
