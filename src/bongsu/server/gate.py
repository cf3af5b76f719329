"""The gate: before REST, the board's pages and the live socket alike it says who comes, and whether they may.

While no account exists it is one look at `closed`. After that a request is known by its token (`Authorization: Bearer
bgs_…`), or by the cookie of somebody who signed in; what the cookie brings and changes something must carry
`X-CSRF-Token` too. A token never stands in an address: addresses are written into logs.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from bongsu.access_ports import Visitors
from bongsu.model.errors import Forbidden, SignInNeeded
from bongsu.model.user import ANYBODY, Identity, Permission
from bongsu.server.permissions import ENDPOINTS, PAGES
from bongsu.server.proxies import RELAYED, Proxies

COOKIE = "bongsu_session"
SIGN_IN = "/signin"
_COOKIE = COOKIE.encode() + b"="
_FOR = b"x-bongsu-session"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_HINT = "sign in at /signin, or send Authorization: Bearer bgs_…"

Headers = Iterable[tuple[bytes, bytes]]


class Gate:
    """Lets pass or refuses. `routes` are those behind it, in the order in which they are tried."""

    def __init__(
        self,
        visitors: Visitors,
        *,
        routes: Sequence[BaseRoute],
        proxies: Proxies | None = None,
        table: Mapping[str, Permission] = ENDPOINTS,
    ) -> None:
        self.visitors = visitors
        self.proxies = proxies or Proxies()
        self._exact: dict[tuple[str, str], Permission] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Permission]] = []
        for route in routes:
            if isinstance(route, Route):
                self._add(route, table)

    def _add(self, route: Route, table: Mapping[str, Permission]) -> None:
        for method in set(route.methods or ("GET",)) - {"HEAD"}:
            permission = table.get(f"{method} {_plain(route.path)}", "admin")
            if "{" in route.path:
                self._patterns.append((method, route.path_regex, permission))
            else:
                self._exact[method, route.path] = permission

    def asked(self, method: str, path: str) -> Permission:
        """What the endpoint asks; where there is none, `read`: what doesn't exist isn't told to everybody."""
        method = "GET" if method == "HEAD" else method
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact
        for its, pattern, permission in self._patterns:
            if method == its and pattern.match(path):
                return permission
        return "open" if method == "OPTIONS" else "read"

    async def admit(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Let a request pass; headers for its answer. Who asks stands in the scope's state from here on.

        Raises:
            SignInNeeded: nobody said who asks, or what they said doesn't hold.
            Forbidden: they may not, or the change carries no CSRF token.
        """
        headers, method = scope["headers"], scope["method"]
        asked = self.asked(method, scope["path"])
        identity, relayed = self._who(headers)
        if asked != "open":
            self._check(identity, asked, method, headers)
        state = scope.setdefault("state", {})
        state[RELAYED] = relayed
        if identity is None:
            return []
        state["identity"] = identity
        if identity.how != "session" or not self.visitors.due_for_rotation(identity) or asked == "open":
            return []
        cookie = await self.visitors.rotate(identity)
        return [self.cookie(scope, cookie, identity)] if cookie else []

    def _check(self, identity: Identity | None, asked: Permission, method: str, headers: Headers) -> None:
        if identity is None:
            raise SignInNeeded("this server has accounts", hint=_HINT)
        if not identity.may(asked):
            held = f"role {identity.role}" if identity.role else f"scopes {', '.join(identity.scopes)}"
            raise Forbidden(f"this needs the permission {asked!r}; {identity.name} has {held}")
        if identity.how == "session" and method not in _READING:
            sent = next((value for name, value in headers if name == b"x-csrf-token"), b"")
            if not hmac.compare_digest(sent, identity.csrf.encode()):
                raise Forbidden(
                    "the change carries no valid X-CSRF-Token", hint="GET /api/v1/session tells it as `csrf`"
                )

    def may_read(self, headers: Headers) -> bool:
        """Whether a request with these headers may read, and nothing further is to be done about it."""
        identity = self.who(headers)
        return identity is not None and identity.may("read") and not self.visitors.due_for_rotation(identity)

    def who(self, headers: Headers) -> Identity | None:
        """Who sends these headers; `ANYBODY` while no account exists."""
        return self._who(headers)[0] if self.visitors.closed else ANYBODY

    def _who(self, headers: Headers) -> tuple[Identity | None, bool]:
        """The same, and whether the console passed the request on."""
        bearer = cookie = asking = None
        for name, value in headers:
            if name == b"authorization":
                bearer = value
            elif name == b"cookie":
                cookie = value
            elif name == _FOR:
                asking = value
        if bearer is None:
            return self._signed_in(cookie), False
        scheme, _, token = bearer.decode("latin-1").partition(" ")
        identity = self.visitors.by_token(token.strip()) if scheme.lower() == "bearer" else None
        if identity is None or asking is None or not self.visitors.speaks_for_others(identity):
            return identity, False
        return self.visitors.by_session(asking.decode("latin-1")), True

    def _signed_in(self, cookie: bytes | None) -> Identity | None:
        for value in cookies_in(cookie or b""):
            identity = self.visitors.by_session(value)
            if identity is not None:
                return identity
        return None

    def cookie(self, scope: Scope, value: str, identity: Identity | None) -> tuple[bytes, bytes]:
        """The header that gives the browser its cookie; without an identity it takes it away."""
        lasts = self.visitors.seconds_left(identity) if identity else 0
        secure = "; Secure" if self.proxies.secure(scope) else ""
        return b"set-cookie", f"{COOKIE}={value}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Lax{secure}".encode()

    def instead(self, scope: Scope) -> Response | None:
        """Where a browser is sent that asked for a page and must sign in; None for what programs ask."""
        if scope["method"] not in ("GET", "HEAD") or scope["path"] not in PAGES:
            return None
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        headers = {"location": f"{SIGN_IN}?next={quote(wanted, safe='')}", "cache-control": "no-store"}
        return Response(status_code=303, headers=headers)


def cookies_in(header: bytes) -> list[str]:
    """The values of our cookie in a `Cookie` header: a page of another port may have set one of the same name."""
    return [
        part[len(_COOKIE) :].strip().decode("latin-1")
        for part in (one.lstrip() for one in header.split(b";"))
        if part.startswith(_COOKIE)
    ][:3]


def _plain(path: str) -> str:
    """`/quality/{feed}/{symbol:path}` as OpenAPI and the table spell it."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
