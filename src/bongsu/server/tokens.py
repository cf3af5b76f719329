"""`/api/v1/tokens`: keys of programs. A token's text is in the answer that makes it, and nowhere after."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.access_ports import Tokens
from bongsu.model.errors import Conflict
from bongsu.model.user import ApiToken, Scope
from bongsu.server.endpoint import Part
from bongsu.server.identity import identity_of, spoken_by
from bongsu.server.json_body import JsonBodies
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /api/v1/tokens`; without `expires_at` (UTC ms) it lasts until it is revoked."""

    name: str
    scopes: list[Scope]
    expires_at: int | None = None


_NEW = msgspec.json.Decoder(NewToken)


class TokenRoutes:
    """Handlers of these routes."""

    def __init__(self, *, tokens: Tokens, bodies: JsonBodies) -> None:
        self._tokens = tokens
        self._bodies = bodies

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/tokens", self.listing),
            ("POST", "/api/v1/tokens", self.add),
            ("DELETE", "/api/v1/tokens/{id}", self.remove),
        )

    async def listing(self, request: Request) -> Response:
        """Every token, without its text."""
        Parameters(request.scope["query_string"], known=())
        return _json({"tokens": [told(one) for one in self._tokens.all()]})

    async def add(self, request: Request) -> Response:
        """Make a token."""
        body = await self._bodies.read(request, _NEW)
        if identity_of(request).how == "open":
            raise Conflict("without accounts nobody needs a token", hint="bongsu user add NAME, then sign in")
        text, token = await self._tokens.add(body.name, body.scopes, expires_at=body.expires_at, by=spoken_by(request))
        return _json({"token": text, **told(token)})

    async def remove(self, request: Request) -> Response:
        """Revoke a token."""
        await self._tokens.remove(request.path_params["id"], by=spoken_by(request))
        return _json({"removed": request.path_params["id"]})


def told(token: ApiToken) -> dict[str, object]:
    """A token as JSON, without what it is known by."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
