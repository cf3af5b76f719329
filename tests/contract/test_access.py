"""What all records of accounts must do: those in SQLite on disk and in memory, in PostgreSQL, and the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy
from msgspec.structs import replace

from bongsu.access_ports import Everything
from bongsu.model.errors import Conflict, NotFound
from bongsu.model.user import ApiToken, Session, User
from bongsu.records.schema import METADATA
from bongsu.records.sql import SqlRecords
from bongsu.records.users import SqlAccess
from tests.fakes.access import FakeAccess
from tests.fakes.clock import VirtualClock
from tests.fakes.postgres import cluster

T0 = 1_763_778_000_000
Records: TypeAlias = SqlAccess | FakeAccess


@pytest.fixture(scope="module")
def postgres(program: Callable[..., str]) -> Iterator[str]:
    """One cluster for all; each test begins with an empty database."""
    with cluster(program) as url:
        yield url


@pytest.fixture(params=["disk", "memory", "postgres", "fake"])
async def records(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Records]:
    """Each kind in turn, empty."""
    if request.param == "fake":
        yield FakeAccess()
        return
    place: str | Path | None = tmp_path if request.param == "disk" else None
    if request.param == "postgres":
        place = request.getfixturevalue("postgres")
        emptied = sqlalchemy.create_engine(str(place).replace("postgresql:", "postgresql+psycopg:"))
        METADATA.drop_all(emptied)
        emptied.dispose()
    opened = await SqlRecords.open(place, clock=VirtualClock(T0))
    yield opened.access
    await opened.close()


def user(name: str = "kim", **more: Any) -> User:
    """An account."""
    return User(name=name, role="operator", created_at=T0, **more)


def session(name: str = "s", **more: Any) -> Session:
    """A session of kim's."""
    usual: dict[str, Any] = {"user": "kim", "created_at": T0, "seen_at": T0, "rotated_at": T0, "expires_at": T0 + 9}
    return Session(id=name, digest=f"digest of {name}", csrf="c", **(usual | more))


def token(name: str = "t", **more: Any) -> ApiToken:
    """A token."""
    return ApiToken(id=name, name="ci", scopes=("read",), digest=f"digest of {name}", created_at=T0, **more)


async def test_nothing_is_there_at_first(records: Records) -> None:
    """New records hold nobody, and no change is counted."""
    assert await records.version() == 0
    assert await records.everything() == Everything(version=0, users=(), sessions=(), tokens=())
    assert await records.password("kim") is None


async def test_an_account_comes_back(records: Records) -> None:
    """Every field survives, Korean names too, and the password's hash is asked for by itself."""
    full = user("민수", disabled=True, created_by="root", password_at=T0 + 1, signed_in_at=T0 + 2)
    await records.add_user(full, "hash")
    assert (await records.everything()).users == (full,)
    assert await records.password("민수") == "hash"


async def test_a_name_is_there_once(records: Records) -> None:
    """A second account of a name is refused and changes nothing; one that isn't there can't be changed."""
    await records.add_user(user(), "first")
    with pytest.raises(Conflict):
        await records.add_user(user(), "second")
    with pytest.raises(NotFound):
        await records.save_user(user("lee"), "hash")
    assert await records.password("kim") == "first"
    assert len((await records.everything()).users) == 1


async def test_a_password_stays_unless_it_is_changed(records: Records) -> None:
    """Saving an account keeps its password's hash; a new one replaces it."""
    await records.add_user(user(), "first")
    await records.save_user(user(disabled=True))
    assert await records.password("kim") == "first"
    await records.save_user(user(), "second")
    assert await records.password("kim") == "second"
    assert (await records.everything()).users == (user(),)


async def test_sessions_come_and_go(records: Records) -> None:
    """A session is replaced by its id, and ends by its id, with its account, or with all of the account's others."""
    await records.add_user(user(), "hash")
    for name in "abc":
        await records.save_session(session(name))
    await records.save_session(session("d", user="lee"))
    turned = session("a", before="digest of a", rotated_at=T0 + 5)
    await records.save_session(turned)
    await records.end_sessions(["b", "unknown"])
    assert (await records.everything()).sessions == (turned, session("c"), session("d", user="lee"))
    await records.end_sessions_of("kim", but="c")
    assert (await records.everything()).sessions == (session("c"), session("d", user="lee"))
    await records.remove_user("kim")
    everything = await records.everything()
    assert (everything.users, everything.sessions) == ((), (session("d", user="lee"),))


async def test_tokens_come_and_go(records: Records) -> None:
    """A token is kept whole and goes by its id."""
    full = token("a", created_by="kim", expires_at=T0 + 9, last_used_at=T0 + 1)
    await records.save_token(full)
    await records.save_token(token("b"))
    assert (await records.everything()).tokens == (full, token("b"))
    await records.remove_token("a")
    await records.remove_token("unknown")
    assert (await records.everything()).tokens == (token("b"),)


async def test_uses_are_noted_without_a_change(records: Records) -> None:
    """When something was last used is kept, and nobody need read everything again for it."""
    await records.save_session(session())
    await records.save_token(token())
    before = await records.version()
    await records.touch(sessions={"s": T0 + 7, "gone": T0}, tokens={"t": T0 + 8})
    await records.touch(sessions={}, tokens={})
    everything = await records.everything()
    assert everything.sessions == (session(seen_at=T0 + 7),)
    assert everything.tokens == (replace(token(), last_used_at=T0 + 8),)
    assert await records.version() == before


async def test_every_change_has_the_next_number(records: Records) -> None:
    """Whatever changes answers with its number, which whoever looks then finds."""
    numbers = [
        await records.add_user(user(), "hash"),
        await records.save_user(user(disabled=True)),
        await records.save_session(session()),
        await records.end_sessions(["s"]),
        await records.end_sessions_of("kim"),
        await records.save_token(token()),
        await records.remove_token("t"),
        await records.remove_user("kim"),
    ]
    assert numbers == list(range(1, 9))
    assert await records.version() == 8


async def test_another_process_is_heard(tmp_path: Path) -> None:
    """Two that have the same file open see each other's changes with the next look."""
    first, second = [await SqlRecords.open(tmp_path, clock=VirtualClock(T0)) for _ in range(2)]
    assert await second.access.version() == 0
    for number in range(1, 6):
        await first.access.save_token(token(f"t{number}"))
        assert await second.access.version() == number
    assert len((await second.access.everything()).tokens) == 5
    await first.close()
    await second.close()
