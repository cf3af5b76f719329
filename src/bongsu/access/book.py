"""What is known of accounts, sessions and tokens, in memory: who comes is answered at once, without a database.

Pure but for what it holds: the time comes from the caller. It is as large as what is kept, which is bounded
(`service.Bounds`); what isn't known leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from bongsu.access.keys import LONGEST, digest_of
from bongsu.access_ports import Everything
from bongsu.model.user import ApiToken, Identity, Session, User, person, program

GRACE = 60_000
"""Milliseconds for which a cookie's former value still counts: requests were under way with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """How long sessions last, in milliseconds: without use, in all, and with one value of the cookie."""

    idle: int
    absolute: int
    rotation: int


@dataclass(slots=True)
class HeldSession:
    """A session with what is noted of it between two writes."""

    session: Session
    identity: Identity
    seen_at: int
    used: bool = False
    rotating: bool = False


@dataclass(slots=True)
class HeldToken:
    """A token with what is noted of it between two writes."""

    token: ApiToken
    identity: Identity
    used_at: int | None
    used: bool = False


class Book:
    """Sessions by id and by digest, tokens by digest, users by name."""

    def __init__(self, lasting: Lasting) -> None:
        self.lasting = lasting
        self.users: dict[str, User] = {}
        self.sessions: dict[str, HeldSession] = {}
        self.tokens: dict[str, HeldToken] = {}
        self._by_digest: dict[str, HeldSession] = {}
        self._by_token: dict[str, HeldToken] = {}

    def replace(self, everything: Everything) -> None:
        """Hold what is kept now; what was noted since the last write stays noted."""
        before, tokens_before = self.sessions, self.tokens
        self.users = {user.name: user for user in everything.users}
        self.sessions, self._by_digest = {}, {}
        for session in everything.sessions:
            held = self.keep_session(session)
            former = before.get(session.id)
            if held is not None and former is not None:
                held.seen_at = max(held.seen_at, former.seen_at)
                held.used, held.rotating = former.used, former.rotating
        self.tokens, self._by_token = {}, {}
        for token in everything.tokens:
            kept = self.keep_token(token)
            known = tokens_before.get(token.id)
            if known is not None:
                kept.used_at, kept.used = known.used_at, known.used

    def keep_user(self, user: User) -> None:
        """Hold an account as it stands; a disabled one's sessions go, the others get its role."""
        self.users[user.name] = user
        for held in [one for one in self.sessions.values() if one.session.user == user.name]:
            if user.disabled:
                self.drop_session(held.session.id)
            else:
                held.identity = person(user, held.session)

    def drop_user(self, name: str) -> None:
        """Let go of an account and its sessions."""
        self.users.pop(name, None)
        for held in [one for one in self.sessions.values() if one.session.user == name]:
            self.drop_session(held.session.id)

    def keep_session(self, session: Session) -> HeldSession | None:
        """Hold a session, where its account may sign in."""
        former = self.drop_session(session.id)
        user = self.users.get(session.user)
        if user is None or user.disabled:
            return None
        held = HeldSession(session, person(user, session), session.seen_at)
        if former is not None:
            held.seen_at, held.used = former.seen_at, former.used
        self.sessions[session.id] = held
        self._by_digest[session.digest] = held
        if session.before:
            self._by_digest[session.before] = held
        return held

    def drop_session(self, session_id: str) -> HeldSession | None:
        """Let go of a session; it, where there was one."""
        held = self.sessions.pop(session_id, None)
        if held is not None:
            self._by_digest.pop(held.session.digest, None)
            self._by_digest.pop(held.session.before, None)
        return held

    def keep_token(self, token: ApiToken) -> HeldToken:
        """Hold a token."""
        self.drop_token(token.id)
        held = HeldToken(token, program(token), token.last_used_at)
        self.tokens[token.id] = self._by_token[token.digest] = held
        return held

    def drop_token(self, token_id: str) -> None:
        """Let go of a token."""
        held = self.tokens.pop(token_id, None)
        if held is not None:
            self._by_token.pop(held.token.digest, None)

    def of_cookie(self, cookie: str, now: int) -> HeldSession | None:
        """The session with this cookie, if it holds; its use is noted."""
        if not 0 < len(cookie) <= LONGEST:
            return None
        digest = digest_of(cookie)
        held = self._by_digest.get(digest)
        if held is None or not self.lasts(held, now):
            return None
        if digest == held.session.before and now - held.session.rotated_at > GRACE:
            return None
        held.seen_at = now
        held.used = True
        return held

    def lasts(self, held: HeldSession, now: int) -> bool:
        """Whether the session's time isn't over."""
        return now < held.session.expires_at and now - held.seen_at < self.lasting.idle

    def of_token(self, text: str, now: int) -> HeldToken | None:
        """The token of this text, if it holds; its use is noted."""
        if len(text) > LONGEST:
            return None
        held = self._by_token.get(digest_of(text))
        if held is None or not good(held.token, now):
            return None
        held.used_at = now
        held.used = True
        return held

    def over(self, now: int) -> list[str]:
        """Ids of the sessions whose time is over."""
        return [one for one, held in self.sessions.items() if not self.lasts(held, now)]

    def used(self) -> tuple[dict[str, int], dict[str, int]]:
        """When sessions and tokens were used that were used since this was last asked, by id."""
        sessions, tokens = {}, {}
        for one, held in self.sessions.items():
            if held.used:
                held.used = False
                sessions[one] = held.seen_at
        for one, kept in self.tokens.items():
            if kept.used and kept.used_at is not None:
                kept.used = False
                tokens[one] = kept.used_at
        return sessions, tokens

    def administrators(self) -> set[str]:
        """Names of those who can administer."""
        return {user.name for user in self.users.values() if user.role == "admin" and not user.disabled}


def good(token: ApiToken, now: int) -> bool:
    """Whether the token's time isn't over."""
    return token.expires_at is None or now < token.expires_at
