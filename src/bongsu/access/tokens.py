"""Tokens of programs: implements `access_ports.Tokens`."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from bongsu.access.keys import digest_of, new_id, new_token
from bongsu.access.names import fault_of_title
from bongsu.access.state import State
from bongsu.access.trail import Trail
from bongsu.model.errors import Conflict, Faulty, NotFound
from bongsu.model.user import SCOPES, ApiToken, Scope

MOST = 1_000
"""Tokens; all are held in memory."""


class KeptTokens:
    """Every token, and every change to one."""

    def __init__(self, state: State, *, trail: Trail) -> None:
        self._state = state
        self._trail = trail

    def all(self) -> list[ApiToken]:
        """Every token with its newest use, oldest first."""
        held = [replace(one.token, last_used_at=one.used_at) for one in self._state.book.tokens.values()]
        return sorted(held, key=lambda one: (one.created_at, one.id))

    async def add(self, name: str, scopes: Iterable[Scope], *, expires_at: int | None, by: str) -> tuple[str, ApiToken]:
        """Make a token; its text is told this once."""
        asked = set(scopes)
        now = self._state.clock.now()
        faults = (
            ("name", fault_of_title(name)),
            ("scopes", "" if asked and asked <= set(SCOPES) else f"some of {', '.join(SCOPES)}"),
            ("expires_at", "" if expires_at is None or expires_at > now else "a time to come"),
        )
        if found := tuple((path, reason) for path, reason in faults if reason):
            raise Faulty(found)
        if len(self._state.book.tokens) >= MOST:
            raise Conflict(f"there are {MOST} tokens already", hint="revoke those that nobody uses")
        text = new_token()
        token = ApiToken(
            id=new_id(),
            name=name.strip(),
            scopes=tuple(scope for scope in SCOPES if scope in asked),
            digest=digest_of(text),
            created_at=now,
            created_by=by,
            expires_at=expires_at,
        )
        version = await self._state.records.save_token(token)
        self._state.book.keep_token(token)
        self._state.wrote(version)
        await self._trail.note(by, "token.created", token.id, f"{token.name}: {', '.join(token.scopes)}")
        return text, token

    async def remove(self, token_id: str, *, by: str) -> None:
        """Revoke a token."""
        held = self._state.book.tokens.get(token_id)
        if held is None:
            raise NotFound("there is no such token", hint="GET /api/v1/tokens lists them")
        self._state.book.drop_token(token_id)
        self._state.changed()
        self._state.wrote(await self._state.records.remove_token(token_id))
        await self._trail.note(by, "token.revoked", token_id, held.token.name)
