"""`/api/v1/users`: accounts, for those who administer, and everybody's own password."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.access_ports import Accounts
from bongsu.model.errors import Conflict
from bongsu.model.user import Role, User
from bongsu.server.endpoint import Part
from bongsu.server.identity import spoken_by
from bongsu.server.json_body import JsonBodies
from bongsu.server.parameters import Parameters
from bongsu.server.proxies import Proxies
from bongsu.server.samples import JSON
from bongsu.server.session import person_of


class NewUser(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /api/v1/users`."""

    name: str
    password: str
    role: Role = "viewer"


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `PUT /api/v1/users/{name}`: what isn't there stays."""

    role: Role | None = None
    disabled: bool | None = None
    password: str | None = None


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /api/v1/users/me/password`."""

    old: str
    new: str


_NEW = msgspec.json.Decoder(NewUser)
_CHANGE = msgspec.json.Decoder(Change)
_PASSWORD = msgspec.json.Decoder(NewPassword)


class UserRoutes:
    """Handlers of these routes."""

    def __init__(self, *, accounts: Accounts, bodies: JsonBodies, proxies: Proxies | None = None) -> None:
        self._accounts = accounts
        self._bodies = bodies
        self._proxies = proxies or Proxies()

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/users", self.listing),
            ("POST", "/api/v1/users", self.add),
            ("POST", "/api/v1/users/me/password", self.own_password),
            ("PUT", "/api/v1/users/{name}", self.change),
            ("DELETE", "/api/v1/users/{name}", self.remove),
        )

    async def listing(self, request: Request) -> Response:
        """Every account."""
        Parameters(request.scope["query_string"], known=())
        return _json({"users": [told(one) for one in self._accounts.all()]})

    async def add(self, request: Request) -> Response:
        """Make an account. The first one is made with `bongsu user add`, by whoever runs this machine."""
        body = await self._bodies.read(request, _NEW)
        if not self._accounts.all():
            raise Conflict("the first account is made on the machine itself", hint="bongsu user add NAME")
        user = await self._accounts.add(body.name, body.password, body.role, by=spoken_by(request))
        return _json({"user": told(user)})

    async def change(self, request: Request) -> Response:
        """Change role, password, or whether somebody may sign in."""
        body = await self._bodies.read(request, _CHANGE)
        user = await self._accounts.change(
            request.path_params["name"],
            by=spoken_by(request),
            role=body.role,
            disabled=body.disabled,
            password=body.password,
        )
        return _json({"user": told(user)})

    async def remove(self, request: Request) -> Response:
        """Drop an account."""
        name = request.path_params["name"]
        await self._accounts.remove(name, by=spoken_by(request))
        return _json({"removed": name})

    async def own_password(self, request: Request) -> Response:
        """Change the password of whoever asks."""
        identity = person_of(request)
        body = await self._bodies.read(request, _PASSWORD)
        await self._accounts.change_own_password(
            identity, body.old, body.new, address=self._proxies.address(request.scope)
        )
        return _json({"changed": identity.name})


def told(user: User) -> dict[str, object]:
    """An account as JSON."""
    return {
        "name": user.name,
        "role": user.role,
        "disabled": user.disabled,
        "created_at": user.created_at,
        "created_by": user.created_by,
        "password_at": user.password_at,
        "signed_in_at": user.signed_in_at,
    }


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
