"""The sockets of accounts: what their records must do, and what views see of who is asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from bongsu.model.user import ApiToken, Identity, Role, Scope, Session, User


class UserRecords(Protocol):
    """Accounts. Every change returns the number of the change, see `AccessRecords.version`."""

    async def password(self, name: str) -> str | None:
        """The hash of an account's password; None where there is no such account."""
        ...

    async def add_user(self, user: User, password: str) -> int:
        """Keep a new account with its password's hash.

        Raises:
            Conflict: there is one of that name.
        """
        ...

    async def save_user(self, user: User, password: str | None = None) -> int:
        """Keep how an account stands now; its password's hash stays unless a new one is given.

        Raises:
            NotFound: there is none of that name.
        """
        ...

    async def remove_user(self, name: str) -> int:
        """Drop an account and its sessions; nothing happens where there is none."""
        ...


class SessionRecords(Protocol):
    """Who is signed in. Changes return their number."""

    async def save_session(self, session: Session) -> int:
        """Add or replace by id."""
        ...

    async def end_sessions(self, ids: Iterable[str]) -> int:
        """Drop these sessions; unknown ones don't matter."""
        ...

    async def end_sessions_of(self, name: str, *, but: str = "") -> int:
        """Drop an account's sessions, but for the one of that id."""
        ...


class TokenRecords(Protocol):
    """Tokens of programs. Changes return their number."""

    async def save_token(self, token: ApiToken) -> int:
        """Add or replace by id."""
        ...

    async def remove_token(self, token_id: str) -> int:
        """Drop a token; nothing happens where there is none."""
        ...


class Everything(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of access, at one moment."""

    version: int
    users: tuple[User, ...]
    sessions: tuple[Session, ...]
    tokens: tuple[ApiToken, ...]


class AccessRecords(UserRecords, SessionRecords, TokenRecords, Protocol):
    """All three, in one place, which other processes may change too."""

    async def version(self) -> int:
        """The number of the newest change, by whomever; 0 before the first. Cheap: asked every second."""
        ...

    async def everything(self) -> Everything:
        """All that is kept, users by name, the others oldest first."""
        ...

    async def touch(self, *, sessions: Mapping[str, int], tokens: Mapping[str, int]) -> None:
        """Note when (UTC ms) these were last used, by id. No change that others need to hear of."""
        ...


class Visitors(Protocol):
    """Who comes: asked of every request and socket, answered from memory, at once."""

    @property
    def closed(self) -> bool:
        """Whether anybody is asked who they are: False while no account exists."""
        ...

    def by_session(self, cookie: str) -> Identity | None:
        """Who signed in with this cookie, if that holds still; notes the use."""
        ...

    def by_token(self, token: str) -> Identity | None:
        """Which program (or part of ours) has this token, if it holds still; notes the use."""
        ...

    def speaks_for_others(self, identity: Identity) -> bool:
        """Whether this is the console, which passes on who asks it."""
        ...

    def holds(self, identity: Identity) -> bool:
        """Whether an identity that was good once is so still, with the same rights; notes the use."""
        ...

    def due_for_rotation(self, identity: Identity) -> bool:
        """Whether the session's cookie should get a new value."""
        ...

    async def rotate(self, identity: Identity) -> str | None:
        """Give the session's cookie a new value; None where that is being done already or can't be just now."""
        ...

    def expires_at(self, identity: Identity) -> int | None:
        """When the session ends for good (UTC ms)."""
        ...

    def seconds_left(self, identity: Identity) -> int:
        """How long that is from now; 0 where there is no session."""
        ...


class Sessions(Protocol):
    """Signing in and out."""

    async def sign_in(self, name: str, password: str, *, address: str, agent: str, instead_of: str = "") -> str:
        """Begin a session; the cookie's value. `instead_of` is the cookie the browser has: that session ends.

        Raises:
            SignInNeeded: name or password is wrong, which of them isn't told.
            TooMany: too many failed before; says when to try again.
        """
        ...

    def all(self) -> list[Session]:
        """Every session that holds, the newest use first."""
        ...

    async def end(self, session_id: str, *, by: str) -> None:
        """End a session.

        Raises:
            NotFound: there is none of that id.
        """
        ...


class Accounts(Protocol):
    """Accounts and what is changed about them."""

    def all(self) -> list[User]:
        """Every account, by name."""
        ...

    async def add(self, name: str, password: str, role: Role, *, by: str) -> User:
        """Make an account.

        Raises:
            Faulty: name or password can't be used. Conflict: there is one of that name, or there are too many.
        """
        ...

    async def change(
        self,
        name: str,
        *,
        by: str,
        role: Role | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> User:
        """Change what is given; a new password and disabling end the account's sessions.

        Raises:
            NotFound: there is none. Faulty: the password can't be used. Conflict: nobody would be left to administer.
        """
        ...

    async def change_own_password(self, identity: Identity, old: str, new: str, *, address: str) -> None:
        """Change the password of whoever asks; their other sessions end.

        Raises:
            Faulty: the old one is wrong, or the new one can't be used. TooMany: too many failed before.
        """
        ...

    async def remove(self, name: str, *, by: str) -> None:
        """Drop an account and end its sessions.

        Raises:
            NotFound: there is none. Conflict: nobody would be left to administer.
        """
        ...


class Tokens(Protocol):
    """Tokens of programs."""

    def all(self) -> list[ApiToken]:
        """Every token, oldest first, those that are over too."""
        ...

    async def add(self, name: str, scopes: Iterable[Scope], *, expires_at: int | None, by: str) -> tuple[str, ApiToken]:
        """Make a token; its text, which can't be had again, and what is kept of it.

        Raises:
            Faulty: name, scopes or expiry can't be used. Conflict: there are too many.
        """
        ...

    async def remove(self, token_id: str, *, by: str) -> None:
        """Revoke a token.

        Raises:
            NotFound: there is none of that id.
        """
        ...
