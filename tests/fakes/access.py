"""Records of accounts in dicts, and how long sessions last in tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from bongsu.access.book import Lasting
from bongsu.access_ports import Everything
from bongsu.model.errors import Conflict, NotFound
from bongsu.model.user import ApiToken, Session, User

HOUR = 3_600_000
LASTING = Lasting(idle=12 * HOUR, absolute=7 * 24 * HOUR, rotation=HOUR)


class FakeAccess:
    """Implements `access_ports.AccessRecords`. `failure` is raised by the next writes."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.number = 0
        self.kept_users: dict[str, tuple[User, str]] = {}
        self.kept_sessions: dict[str, Session] = {}
        self.kept_tokens: dict[str, ApiToken] = {}

    async def version(self) -> int:
        return self.number

    async def everything(self) -> Everything:
        def age(one: Session | ApiToken) -> tuple[int, str]:
            return one.created_at, one.id

        return Everything(
            version=self.number,
            users=tuple(user for _, (user, _) in sorted(self.kept_users.items())),
            sessions=tuple(sorted(self.kept_sessions.values(), key=age)),
            tokens=tuple(sorted(self.kept_tokens.values(), key=age)),
        )

    async def password(self, name: str) -> str | None:
        return self.kept_users[name][1] if name in self.kept_users else None

    async def add_user(self, user: User, password: str) -> int:
        if user.name in self.kept_users:
            raise Conflict("there is one")
        self.kept_users[user.name] = (user, password)
        return self._changed()

    async def save_user(self, user: User, password: str | None = None) -> int:
        if user.name not in self.kept_users:
            raise NotFound("there is none")
        self.kept_users[user.name] = (user, password or self.kept_users[user.name][1])
        return self._changed()

    async def remove_user(self, name: str) -> int:
        self.kept_users.pop(name, None)
        return await self.end_sessions_of(name)

    async def save_session(self, session: Session) -> int:
        self.kept_sessions[session.id] = session
        return self._changed()

    async def end_sessions(self, ids: Iterable[str]) -> int:
        for one in ids:
            self.kept_sessions.pop(one, None)
        return self._changed()

    async def end_sessions_of(self, name: str, *, but: str = "") -> int:
        over = [one.id for one in self.kept_sessions.values() if one.user == name and one.id != but]
        return await self.end_sessions(over)

    async def save_token(self, token: ApiToken) -> int:
        self.kept_tokens[token.id] = token
        return self._changed()

    async def remove_token(self, token_id: str) -> int:
        self.kept_tokens.pop(token_id, None)
        return self._changed()

    async def touch(self, *, sessions: Mapping[str, int], tokens: Mapping[str, int]) -> None:
        for one, at in sessions.items():
            if one in self.kept_sessions:
                self.kept_sessions[one] = replace(self.kept_sessions[one], seen_at=at)
        for one, at in tokens.items():
            if one in self.kept_tokens:
                self.kept_tokens[one] = replace(self.kept_tokens[one], last_used_at=at)

    def _changed(self) -> int:
        if self.failure is not None:
            raise self.failure
        self.number += 1
        return self.number
