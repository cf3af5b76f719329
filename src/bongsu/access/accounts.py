"""Changing accounts: implements `access_ports.Accounts`."""

from __future__ import annotations

from msgspec.structs import replace

from bongsu.access.attempts import Attempts
from bongsu.access.hashing import Hashing
from bongsu.access.names import fault_of_name, name_of
from bongsu.access.passwords import fault_of_password
from bongsu.access.state import State
from bongsu.access.trail import Trail
from bongsu.model.errors import Conflict, Faulty, NotFound
from bongsu.model.user import ROLES, Identity, Role, User

MOST = 500
"""Accounts; all are held in memory."""


class KeptAccounts:
    """Every account, and every change to one."""

    def __init__(self, state: State, *, attempts: Attempts, trail: Trail, hashing: Hashing) -> None:
        self._state = state
        self._attempts = attempts
        self._trail = trail
        self._hashing = hashing

    def all(self) -> list[User]:
        """Every account, by name."""
        return [user for _, user in sorted(self._state.book.users.items())]

    async def add(self, name: str, password: str, role: Role, *, by: str) -> User:
        """Make an account; the first one closes the door for everybody else."""
        account = name_of(name)
        faults = (
            ("name", fault_of_name(account)),
            ("password", fault_of_password(password, name=account)),
            ("role", "" if role in ROLES else f"one of {', '.join(ROLES)}"),
        )
        if found := tuple((path, reason) for path, reason in faults if reason):
            raise Faulty(found)
        if len(self._state.book.users) >= MOST:
            raise Conflict(f"there are {MOST} accounts already")
        now = self._state.clock.now()
        user = User(name=account, role=role, created_at=now, created_by=by, password_at=now)
        version = await self._state.records.add_user(user, await self._hashing.hash(password))
        self._state.book.keep_user(user)
        self._state.wrote(version)
        await self._trail.note(by, "user.added", account, role)
        return user

    async def change(
        self,
        name: str,
        *,
        by: str,
        role: Role | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> User:
        """Change what is given."""
        user = self._one(name)
        changed = replace(
            user,
            role=user.role if role is None else role,
            disabled=user.disabled if disabled is None else disabled,
            password_at=user.password_at if password is None else self._state.clock.now(),
        )
        if changed.disabled or changed.role != "admin":
            self._leave_one_but(user)
        kept = None
        if password is not None:
            if reason := fault_of_password(password, name=user.name):
                raise Faulty((("password", reason),))
            kept = await self._hashing.hash(password)
        version = await self._state.records.save_user(changed, kept)
        self._state.book.keep_user(changed)
        self._state.wrote(version)
        what = [
            f"role {changed.role}" if changed.role != user.role else "",
            ("disabled" if changed.disabled else "enabled") if changed.disabled != user.disabled else "",
            "new password" if password is not None else "",
        ]
        await self._trail.note(by, "user.changed", user.name, ", ".join(filter(None, what)))
        if changed.disabled or password is not None:
            await self._end_sessions(user.name)
        return changed

    async def change_own_password(self, identity: Identity, old: str, new: str, *, address: str) -> None:
        """Change the password of whoever asks, who must know the old one."""
        user = self._one(identity.name)
        if reason := fault_of_password(new, name=user.name):
            raise Faulty((("new", reason),))
        if not await self._attempts.right(user.name, old, address=address):
            raise Faulty((("old", "this isn't the present password"),))
        changed = replace(self._one(user.name), password_at=self._state.clock.now())
        version = await self._state.records.save_user(changed, await self._hashing.hash(new))
        self._state.book.keep_user(changed)
        self._state.wrote(version)
        await self._trail.note(user.name, "user.changed", user.name, "new password, by themselves")
        await self._end_sessions(user.name, but=identity.key)

    async def remove(self, name: str, *, by: str) -> None:
        """Drop an account."""
        user = self._one(name)
        if len(self._state.book.users) > 1:
            self._leave_one_but(user)
        version = await self._state.records.remove_user(user.name)
        self._state.book.drop_user(user.name)
        self._state.wrote(version)
        await self._trail.note(by, "user.removed", user.name, user.role)

    def _one(self, name: str) -> User:
        user = self._state.book.users.get(name_of(name))
        if user is None:
            raise NotFound("there is no account of that name", hint="GET /api/v1/users lists them")
        return user

    def _leave_one_but(self, user: User) -> None:
        if self._state.book.administrators() == {user.name}:
            raise Conflict("nobody would be left to administer", hint="make somebody else an admin first")

    async def _end_sessions(self, name: str, *, but: str = "") -> None:
        book = self._state.book
        over = [one for one, held in book.sessions.items() if held.session.user == name and one != but]
        for one in over:
            book.drop_session(one)
        # Also those that are in the records alone: a disabled account's are no longer held.
        self._state.wrote(await self._state.records.end_sessions_of(name, but=but))
