"""Accounts, sessions and tokens, as rows; `SqlAccess` keeps them.

A browser's cookie and a program's token are kept as SHA-256 only: 256 random bits need no slower hash. Passwords come
here hashed already (argon2id).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, select, update

from bongsu.access_ports import Everything
from bongsu.model.errors import Conflict, NotFound
from bongsu.model.user import ApiToken, Session, User
from bongsu.records.database import Database
from bongsu.records.rows import readable, text_of
from bongsu.records.schema import ACCESS, SESSIONS, TOKENS, USERS
from bongsu.records.upsert import insert_into

_USER = msgspec.json.Decoder(User)
_SESSION = msgspec.json.Decoder(Session)
_TOKEN = msgspec.json.Decoder(ApiToken)
_ONE = 1
"""The id of the only row of `ACCESS`."""
_TRUSTED = 30
"""Looks at the file after which the database is asked anyway: a kernel's time stamps are milliseconds coarse."""


class SqlAccess:
    """Implements `access_ports.AccessRecords` in the database of the records."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: object = None
        self._number = 0
        self._looks = 0

    async def version(self) -> int:
        """The number of the newest change; asks the database only where it may have changed since."""
        seen = self._database.signature()
        self._looks += 1
        if seen is None or seen != self._seen or self._looks >= _TRUSTED:
            self._looks = 0
            self._number = await self._database.read(_version)
            self._seen = seen
        return self._number

    async def everything(self) -> Everything:
        """All that is kept."""
        return await self._database.read(_everything)

    async def password(self, name: str) -> str | None:
        """The hash of an account's password."""
        return await self._database.read(
            lambda connection: connection.scalar(select(USERS.c.password).where(USERS.c.name == name))
        )

    async def add_user(self, user: User, password: str) -> int:
        """Keep a new account."""

        def add(connection: Connection) -> int:
            if _exists(connection, user.name):
                raise Conflict(f"there is an account {user.name} already")
            connection.execute(USERS.insert().values(name=user.name, password=password, body=text_of(user)))
            return _changed(connection)

        return await self._database.write(add)

    async def save_user(self, user: User, password: str | None = None) -> int:
        """Keep how an account stands now."""

        def save(connection: Connection) -> int:
            row = {"body": text_of(user)} | ({} if password is None else {"password": password})
            if not connection.execute(update(USERS).where(USERS.c.name == user.name).values(row)).rowcount:
                raise NotFound(f"there is no account {user.name}")
            return _changed(connection)

        return await self._database.write(save)

    async def remove_user(self, name: str) -> int:
        """Drop an account and its sessions."""

        def remove(connection: Connection) -> int:
            connection.execute(delete(USERS).where(USERS.c.name == name))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user_name == name))
            return _changed(connection)

        return await self._database.write(remove)

    async def save_session(self, session: Session) -> int:
        """Add or replace a session."""
        row = {
            "user_name": session.user,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "body": text_of(session),
        }

        def save(connection: Connection) -> int:
            connection.execute(
                insert_into(connection, SESSIONS)
                .values(id=session.id, **row)
                .on_conflict_do_update(index_elements=["id"], set_=row)
            )
            return _changed(connection)

        return await self._database.write(save)

    async def end_sessions(self, ids: Iterable[str]) -> int:
        """Drop these sessions."""
        over = list(ids)

        def end(connection: Connection) -> int:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id.in_(over)))
            return _changed(connection)

        return await self._database.write(end)

    async def end_sessions_of(self, name: str, *, but: str = "") -> int:
        """Drop an account's sessions, but for one."""

        def end(connection: Connection) -> int:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user_name == name, SESSIONS.c.id != but))
            return _changed(connection)

        return await self._database.write(end)

    async def save_token(self, token: ApiToken) -> int:
        """Add or replace a token."""
        row = {"created_at": token.created_at, "used_at": token.last_used_at, "body": text_of(token)}

        def save(connection: Connection) -> int:
            connection.execute(
                insert_into(connection, TOKENS)
                .values(id=token.id, **row)
                .on_conflict_do_update(index_elements=["id"], set_=row)
            )
            return _changed(connection)

        return await self._database.write(save)

    async def remove_token(self, token_id: str) -> int:
        """Drop a token."""

        def remove(connection: Connection) -> int:
            connection.execute(delete(TOKENS).where(TOKENS.c.id == token_id))
            return _changed(connection)

        return await self._database.write(remove)

    async def touch(self, *, sessions: Mapping[str, int], tokens: Mapping[str, int]) -> None:
        """Note when these were last used."""

        def note(connection: Connection) -> None:
            for table, column, moments in ((SESSIONS, "seen_at", sessions), (TOKENS, "used_at", tokens)):
                if moments:
                    connection.execute(
                        update(table).where(table.c.id == bindparam("one")).values({column: bindparam("moment")}),
                        [{"one": one, "moment": moment} for one, moment in moments.items()],
                    )

        await self._database.write(note)


def _changed(connection: Connection) -> int:
    """Count a change, in the transaction that makes it."""
    new = insert_into(connection, ACCESS).values(id=_ONE, version=1)
    counted = new.on_conflict_do_update(index_elements=["id"], set_={"version": ACCESS.c.version + 1})
    number: int = connection.execute(counted.returning(ACCESS.c.version)).scalar_one()
    return number


def _version(connection: Connection) -> int:
    return connection.scalar(select(ACCESS.c.version).where(ACCESS.c.id == _ONE)) or 0


def _exists(connection: Connection, name: str) -> bool:
    return connection.scalar(select(USERS.c.name).where(USERS.c.name == name)) is not None


def _everything(connection: Connection) -> Everything:
    # The number first: what changes while the rest is read is read again after the next look at the number.
    version = _version(connection)
    users = readable(_USER, connection.scalars(select(USERS.c.body).order_by(USERS.c.name)))
    rows = SESSIONS.c
    sessions = [
        replace(session, seen_at=row.seen_at)
        for row in connection.execute(select(rows.seen_at, rows.body).order_by(rows.created_at, rows.id))
        for session in readable(_SESSION, [row.body])
    ]
    rows = TOKENS.c
    tokens = [
        replace(token, last_used_at=row.used_at)
        for row in connection.execute(select(rows.used_at, rows.body).order_by(rows.created_at, rows.id))
        for token in readable(_TOKEN, [row.body])
    ]
    return Everything(version=version, users=tuple(users), sessions=tuple(sessions), tokens=tuple(tokens))
