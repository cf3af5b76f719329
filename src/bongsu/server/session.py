"""`/api/v1/session` and `/api/v1/sessions`: who is asking, signing in and out, who else is signed in."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.access_ports import Sessions, Visitors
from bongsu.model.errors import Conflict, Forbidden, NotFound
from bongsu.model.user import Identity, Session
from bongsu.server.endpoint import Part
from bongsu.server.gate import Gate, cookies_in
from bongsu.server.identity import identity_of
from bongsu.server.json_body import JsonBodies
from bongsu.server.parameters import Parameters
from bongsu.server.proxies import Proxies
from bongsu.server.samples import JSON


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /api/v1/session`."""

    name: str
    password: str


_SIGN_IN = msgspec.json.Decoder(SignIn)


class SessionRoutes:
    """Handlers of these routes."""

    def __init__(
        self, *, visitors: Visitors, sessions: Sessions, bodies: JsonBodies, proxies: Proxies | None = None
    ) -> None:
        self._visitors = visitors
        self._sessions = sessions
        self._bodies = bodies
        self._gate = Gate(visitors, routes=(), proxies=proxies)

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/session", self.get),
            ("POST", "/api/v1/session", self.post),
            ("DELETE", "/api/v1/session", self.delete),
            ("GET", "/api/v1/sessions", self.listing),
            ("DELETE", "/api/v1/sessions/{id}", self.end),
        )

    async def get(self, request: Request) -> Response:
        """Who is asking, as a page needs it; never 401."""
        Parameters(request.scope["query_string"], known=())
        return self._view(identity_of(request) if "identity" in request.scope.get("state", {}) else None)

    async def post(self, request: Request) -> Response:
        """Sign in."""
        body = await self._bodies.read(request, _SIGN_IN)
        if not self._visitors.closed:
            raise Conflict("no account exists, and nobody needs to sign in", hint="bongsu user add NAME")
        former = cookies_in(request.headers.get("cookie", "").encode("latin-1", "replace"))
        cookie = await self._sessions.sign_in(
            body.name,
            body.password,
            address=self._gate.proxies.address(request.scope),
            agent=request.headers.get("user-agent", ""),
            instead_of=former[0] if former else "",
        )
        identity = self._visitors.by_session(cookie)
        answer = self._view(identity)
        answer.raw_headers.append(self._gate.cookie(request.scope, cookie, identity))
        return answer

    async def delete(self, request: Request) -> Response:
        """Sign out."""
        identity = identity_of(request)
        answer = Response(status_code=204, headers={"cache-control": "no-store"})
        if identity.how == "session":
            await self._sessions.end(identity.key, by=identity.name)
            answer.raw_headers.append(self._gate.cookie(request.scope, "", None))
        return answer

    async def listing(self, request: Request) -> Response:
        """Whoever is signed in; who doesn't administer sees their own sessions."""
        Parameters(request.scope["query_string"], known=())
        identity = identity_of(request)
        return _json({"sessions": [_told(one, identity) for one in self._sessions.all() if _theirs(one, identity)]})

    async def end(self, request: Request) -> Response:
        """End a session; what isn't theirs isn't there for them."""
        identity = identity_of(request)
        wanted = request.path_params["id"]
        if not any(one.id == wanted and _theirs(one, identity) for one in self._sessions.all()):
            raise NotFound("there is no such session", hint="GET /api/v1/sessions lists them")
        await self._sessions.end(wanted, by=identity.name)
        return _json({"ended": wanted})

    def _view(self, identity: Identity | None) -> Response:
        closed = self._visitors.closed
        known = identity if closed and identity is not None else None
        return _json(
            {
                "open": not closed,
                "user": {"name": known.name, "role": known.role} if known and known.role else None,
                "scopes": list(known.scopes) if known and known.scopes else None,
                "csrf": known.csrf if known and known.csrf else None,
                "expires_at": self._visitors.expires_at(known) if known else None,
            }
        )


def person_of(request: Request) -> Identity:
    """Whoever signed in.

    Raises:
        Forbidden: nobody did: no account exists, or a program asks.
    """
    identity = identity_of(request)
    if identity.how != "session":
        raise Forbidden("only somebody who signed in has a password of their own")
    return identity


def _theirs(session: Session, identity: Identity) -> bool:
    return identity.may("admin") or session.user == identity.name


def _told(session: Session, identity: Identity) -> dict[str, object]:
    return {
        "id": session.id,
        "user": session.user,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "expires_at": session.expires_at,
        "address": session.address,
        "agent": session.agent,
        "current": session.id == identity.key,
    }


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
