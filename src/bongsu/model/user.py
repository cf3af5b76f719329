"""Who may do what: accounts, their sessions, tokens of programs, and what roles and scopes permit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

Role: TypeAlias = Literal["viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")
"""From the one that may least to the one that may all."""

Scope: TypeAlias = Literal["read", "write", "ingest", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "ingest", "admin")
"""What a token may be for; `admin` is for everything, the others for nothing but themselves."""

Permission: TypeAlias = Literal["open", "read", "operate", "push", "admin", "own", "person"]
"""What an endpoint, a page or a topic asks of whoever comes.

`open`: nothing. `read`: look. `operate`: what is done about alerts: acknowledge, silence, mark, test a channel, try a
rule. `push`: send samples, events, alerts. `admin`: change rules, settings, users, tokens. `own`: one's own sessions.
`person`: somebody who signed in, not a program.
"""

_VIEWER: frozenset[Permission] = frozenset(("open", "read", "own", "person"))
_OPERATOR: frozenset[Permission] = _VIEWER | {"operate", "push"}
BY_ROLE: Mapping[Role, frozenset[Permission]] = {
    "viewer": _VIEWER,
    "operator": _OPERATOR,
    "admin": _OPERATOR | {"admin"},
}
BY_SCOPE: Mapping[Scope, frozenset[Permission]] = {
    "read": frozenset(("open", "read")),
    "write": frozenset(("open", "operate")),
    "ingest": frozenset(("open", "push")),
    "admin": frozenset(("open", "read", "operate", "push", "admin", "own")),
}


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account, without its password (which only the records hold, hashed). Times are UTC milliseconds.

    `name` is the form in which names are compared (see `access.names`), unique among the accounts.
    """

    name: str
    role: Role
    created_at: int
    created_by: str = ""
    disabled: bool = False
    password_at: int = 0
    signed_in_at: int | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed in with a browser. Times are UTC milliseconds.

    `id` names it in lists; the cookie's value is kept nowhere, only its SHA-256 (`digest`). `before` is the digest of
    the value that the cookie had until `rotated_at`: requests under way then still carry it.
    """

    id: str
    user: str
    digest: str
    csrf: str
    created_at: int
    seen_at: int
    rotated_at: int
    expires_at: int
    before: str = ""
    address: str = ""
    agent: str = ""


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """A program's key, of which only the SHA-256 is kept. Times are UTC milliseconds."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: str
    created_at: int
    created_by: str = ""
    expires_at: int | None = None
    last_used_at: int | None = None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what they may.

    `how`: `open` where no account exists and nobody is asked who they are; `session` of a person who signed in; `token`
    of a program; `internal` of a part of ours (the console, the demo). `key` is the session's or token's id.
    """

    name: str
    how: Literal["open", "session", "token", "internal"]
    rights: frozenset[Permission]
    role: Role | None = None
    scopes: tuple[Scope, ...] = ()
    key: str = ""
    csrf: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether that is permitted to them."""
        return permission in self.rights


ANYBODY = Identity(name="", how="open", role="admin", rights=BY_ROLE["admin"])
"""Whoever asks a server that has no accounts."""


def person(user: User, session: Session) -> Identity:
    """The identity of somebody who signed in."""
    return Identity(
        name=user.name,
        how="session",
        role=user.role,
        rights=BY_ROLE[user.role],
        key=session.id,
        csrf=session.csrf,
    )


def program(token: ApiToken) -> Identity:
    """The identity of a program with a token."""
    return Identity(name=token.name, how="token", scopes=token.scopes, rights=rights_of(token.scopes), key=token.id)


def rights_of(scopes: Iterable[Scope]) -> frozenset[Permission]:
    """What tokens with these scopes may, all together."""
    return frozenset().union(*(BY_SCOPE[scope] for scope in scopes))
