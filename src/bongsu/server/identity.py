"""Who asks, as handlers need it."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from bongsu.model.user import ANYBODY, Identity

_LONGEST = 100


def identity_of(request: Request) -> Identity:
    """Who asks; `ANYBODY` while no account exists."""
    state = request.scope.get("state") or {}
    return cast(Identity, state.get("identity", ANYBODY))


def spoken_by(request: Request, said: str = "") -> str:
    """The name that goes into the records: that of whoever signed in, whatever the request says.

    A program speaks for people (a chat's buttons, a script somebody runs): what it says stands, with its own name.
    """
    identity = identity_of(request)
    if identity.how == "open":
        return said
    if identity.how == "session":
        return identity.name
    return f"{said[:_LONGEST]} ({identity.name})" if said else identity.name
