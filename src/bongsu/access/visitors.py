"""Who comes: implements `access_ports.Visitors` over what is held in memory."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from msgspec.structs import replace

from bongsu.access.book import good
from bongsu.access.keys import LONGEST, digest_of, new_cookie, new_token
from bongsu.access.state import State
from bongsu.model.errors import BongsuError
from bongsu.model.user import Identity, Scope, rights_of

CONSOLE = "console"
"""The part of ours that passes on who asks it."""

_log = structlog.get_logger("bongsu.access")


class KnownVisitors:
    """Sessions, tokens, and the tokens of our own parts, which hold as long as this process."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._internal: dict[str, Identity] = {}
        self.closed = state.closed
        state.hear(self._changed)

    def _changed(self) -> None:
        self.closed = self._state.closed

    def internal(self, name: str, scopes: Iterable[Scope]) -> str:
        """A new token for a part of ours; it is kept nowhere else."""
        token = new_token()
        self.know(token, name, scopes)
        return token

    def know(self, token: str, name: str, scopes: Iterable[Scope]) -> None:
        """Let this token be that of a part of ours."""
        held = tuple(scopes)
        self._internal[digest_of(token)] = Identity(name=name, how="internal", scopes=held, rights=rights_of(held))

    def by_session(self, cookie: str) -> Identity | None:
        """Who signed in with this cookie."""
        held = self._state.book.of_cookie(cookie, self._state.clock.now())
        return held.identity if held else None

    def by_token(self, token: str) -> Identity | None:
        """Which program, or part of ours, has this token."""
        held = self._state.book.of_token(token, self._state.clock.now())
        return held.identity if held else self._internal.get(digest_of(token[:LONGEST]))

    def speaks_for_others(self, identity: Identity) -> bool:
        """Whether this is the console."""
        return identity.how == "internal" and identity.name == CONSOLE

    def holds(self, identity: Identity) -> bool:
        """Whether it holds still. Asked of open sockets: being watched is use, so that a screen on a wall stays on."""
        if identity.how == "open":
            return not self.closed
        if identity.how == "internal":
            return True
        book, now = self._state.book, self._state.clock.now()
        if identity.how == "session":
            held = book.sessions.get(identity.key)
            if held is None or held.identity.rights != identity.rights or not book.lasts(held, now):
                return False
            held.seen_at, held.used = now, True
            return True
        kept = book.tokens.get(identity.key)
        return kept is not None and good(kept.token, now)

    def due_for_rotation(self, identity: Identity) -> bool:
        """Whether the cookie has had its value for long enough."""
        held = self._state.book.sessions.get(identity.key)
        if held is None or held.rotating:
            return False
        return self._state.clock.now() - held.session.rotated_at >= self._state.book.lasting.rotation

    async def rotate(self, identity: Identity) -> str | None:
        """Give the cookie a new value; the former one counts for a minute more."""
        held = self._state.book.sessions.get(identity.key)
        if held is None or not self.due_for_rotation(identity):
            return None
        held.rotating = True
        cookie = new_cookie()
        turned = replace(
            held.session,
            before=held.session.digest,
            digest=digest_of(cookie),
            rotated_at=self._state.clock.now(),
            seen_at=held.seen_at,
        )
        try:
            version = await self._state.records.save_session(turned)
        except BongsuError as error:
            held.rotating = False
            _log.warning("cookie_not_renewed", cause=error.detail, action="tried again with the next request")
            return None
        if identity.key in self._state.book.sessions:  # else it was ended meanwhile
            self._state.book.keep_session(turned)
            self._state.wrote(version)
            return cookie
        await self._state.records.end_sessions([identity.key])
        return None

    def expires_at(self, identity: Identity) -> int | None:
        """When the session ends for good."""
        held = self._state.book.sessions.get(identity.key)
        return held.session.expires_at if held else None

    def seconds_left(self, identity: Identity) -> int:
        """How long a session has left."""
        expires_at = self.expires_at(identity)
        return 0 if expires_at is None else max(0, (expires_at - self._state.clock.now()) // 1000)
