"""Signing in and out: implements `access_ports.Sessions`."""

from __future__ import annotations

from msgspec.structs import replace

from bongsu.access.attempts import Attempts
from bongsu.access.keys import digest_of, new_cookie, new_id
from bongsu.access.names import LONGEST, name_of
from bongsu.access.state import State
from bongsu.access.trail import Trail
from bongsu.model.errors import NotFound, SignInNeeded
from bongsu.model.user import Session

OF_ONE = 20
"""Sessions of one account; with one more the longest unused one ends."""
_AGENT = 200


class OpenSessions:
    """Who is signed in."""

    def __init__(self, state: State, *, attempts: Attempts, trail: Trail) -> None:
        self._state = state
        self._attempts = attempts
        self._trail = trail

    def all(self) -> list[Session]:
        """Every session that holds, with its newest use."""
        now, book = self._state.clock.now(), self._state.book
        held = [replace(one.session, seen_at=one.seen_at) for one in book.sessions.values() if book.lasts(one, now)]
        return sorted(held, key=lambda one: -one.seen_at)

    async def sign_in(self, name: str, password: str, *, address: str, agent: str, instead_of: str = "") -> str:
        """Begin a session under a new cookie, whatever cookie the browser came with (session fixation)."""
        account = name_of(name)[:LONGEST]
        if not await self._attempts.right(account, password, address=address):
            raise SignInNeeded("the name or the password is wrong", hint="see the keyboard's language and capitals")
        now, book = self._state.clock.now(), self._state.book
        former = book.of_cookie(instead_of, now)
        ended = [former.session.id] if former else []
        mine = sorted((one.seen_at, one.session.id) for one in book.sessions.values() if one.session.user == account)
        ended += [one for _, one in mine[: max(0, len(mine) + 1 - OF_ONE)] if one not in ended]
        cookie = new_cookie()
        session = Session(
            id=new_id(),
            user=account,
            digest=digest_of(cookie),
            csrf=new_cookie(),
            created_at=now,
            seen_at=now,
            rotated_at=now,
            expires_at=now + book.lasting.absolute,
            address=address,
            agent="".join(one for one in agent[:_AGENT] if one.isprintable()),
        )
        user = book.users.get(account)
        if user is None:  # removed while the password was tried
            raise SignInNeeded("the account is gone")
        user = replace(user, signed_in_at=now)
        records = self._state.records
        if ended:
            self._state.wrote(await records.end_sessions(ended))
            for one in ended:
                book.drop_session(one)
        self._state.wrote(await records.save_user(user))
        version = await records.save_session(session)
        book.keep_user(user)
        book.keep_session(session)
        self._state.wrote(version)
        await self._trail.note(account, "session.begun", session.id, f"from {address}")
        return cookie

    async def end(self, session_id: str, *, by: str) -> None:
        """End a session."""
        held = self._state.book.drop_session(session_id)
        if held is None:
            raise NotFound("there is no such session", hint="GET /api/v1/sessions lists them")
        self._state.changed()
        self._state.wrote(await self._state.records.end_sessions([session_id]))
        await self._trail.note(by, "session.ended", session_id, f"of {held.session.user}")
