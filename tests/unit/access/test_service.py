"""The service of accounts on a virtual clock: sessions, accounts, tokens, and what other processes change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from bongsu.access.hashing import Hashing
from bongsu.access.service import AccessService
from bongsu.access.sessions import OF_ONE
from bongsu.access.trail import _A_MINUTE
from bongsu.model.errors import Conflict, Faulty, NotFound, SignInNeeded, TooMany, Unavailable
from bongsu.model.user import ANYBODY, ApiToken, Identity
from tests.fakes.access import HOUR, LASTING, FakeAccess
from tests.fakes.clock import VirtualClock
from tests.fakes.records import FakeRecords

GOOD = "correct horse battery"
BETTER = "staple battery horse"


class World:
    """A service over plain records; another one over the same records is another process."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.kept = FakeAccess()
        self.audit = FakeRecords(clock=clock)

    async def service(self, *, always: bool = False) -> AccessService:
        """Opened, not started."""
        return await AccessService.open(
            self.kept,
            audit=self.audit,
            clock=self.clock,
            lasting=LASTING,
            always=always,
            hashing=Hashing(memory_kib=64),
        )

    def actions(self) -> list[tuple[str, str, str]]:
        """Who did what to whom, oldest first."""
        return [(one.by, one.action, one.subject) for one in self.audit.entries]


@pytest.fixture
def world() -> World:
    """Nobody has an account."""
    return World(VirtualClock())


@pytest.fixture
async def service(world: World) -> AsyncIterator[AccessService]:
    """Running, with an admin and an operator."""
    service = await world.service()
    await service.accounts.add("boss", GOOD, "admin", by="cli")
    await service.accounts.add("kim", GOOD, "operator", by="cli")
    service.start()
    yield service
    await service.stop()


async def signed_in(service: AccessService, name: str = "kim", password: str = GOOD, **more: str) -> str:
    """The cookie of a new session."""
    return await service.sessions.sign_in(name, password, address="10.0.0.7", agent="Firefox", **more)


def who(service: AccessService, cookie: str) -> Identity:
    """Whoever has this cookie."""
    identity = service.visitors.by_session(cookie)
    assert identity is not None
    return identity


async def later(world: World, hours: float) -> None:
    """Let wall time pass, and the service take one look."""
    world.clock.jump_wall(hours * 3600)
    await world.clock.advance(1.1)


# -- open and closed -------------------------------------------------------------------------------------------


async def test_the_first_account_closes_the_door(world: World) -> None:
    """Nobody is asked until somebody has an account; with the last one gone it opens again."""
    service = await world.service()
    told = [(service.visitors.closed, service.visitors.holds(ANYBODY))]
    await service.accounts.add("boss", GOOD, "admin", by="cli")
    told.append((service.visitors.closed, service.visitors.holds(ANYBODY)))
    await service.accounts.remove("boss", by="cli")
    told.append((service.visitors.closed, service.visitors.holds(ANYBODY)))
    assert told == [(False, True), (True, False), (False, True)]


async def test_a_server_that_others_reach_stays_closed(world: World) -> None:
    """Where others could reach it, it asks even if the last account is taken away beneath it."""
    service = await world.service(always=True)
    assert service.visitors.closed


# -- sessions --------------------------------------------------------------------------------------------------


@pytest.mark.guide("G056")
async def test_signing_in(service: AccessService, world: World) -> None:
    """The right password begins a session with its rights; neither cookie nor password is kept."""
    cookie = await signed_in(service, " KIM ")
    identity = who(service, cookie)
    assert (identity.name, identity.role, identity.may("operate"), identity.may("admin")) == (
        "kim",
        "operator",
        True,
        False,
    )
    kept = f"{world.kept.kept_sessions} {world.kept.kept_users} {world.audit.entries}"
    assert cookie not in kept
    assert GOOD not in kept
    assert world.actions()[-1][:2] == ("kim", "session.begun")
    assert service.accounts.all()[1].signed_in_at == world.clock.now()


@pytest.mark.parametrize("name", ["kim", "nobody", "", "k" * 500, "disabled"])
async def test_wrong_is_wrong_whoever_it_is(service: AccessService, world: World, name: str) -> None:
    """A wrong password, an unknown name and a disabled account get one answer, and stand in the audit."""
    await service.accounts.add("disabled", GOOD, "viewer", by="boss")
    await service.accounts.change("disabled", by="boss", disabled=True)
    with pytest.raises(SignInNeeded, match="the name or the password is wrong"):
        await signed_in(service, name, GOOD if name == "disabled" else "wrong password")
    assert world.actions()[-1][1] == "sign_in.failed"


async def test_an_unknown_name_takes_as_long_as_a_known_one(world: World) -> None:
    """Time doesn't tell who has an account: a name that nobody has costs as much CPU as one that somebody has."""
    hashing = Hashing(memory_kib=4096)
    kept = await hashing.hash(GOOD)
    await hashing.verify("warm up", None)
    took: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(9):
        for known in (True, False):
            began = time.process_time()
            assert not await hashing.verify("wrong password", kept if known else None)
            took[known].append(time.process_time() - began)
    ratio = sorted(took[True])[4] / sorted(took[False])[4]
    assert 0.6 < ratio < 1.6


async def test_a_session_ends_unused_and_in_any_case(service: AccessService, world: World) -> None:
    """Twelve hours without use end it, and so do seven days with it; its row goes too."""
    cookie = await signed_in(service)
    await later(world, 11.9)
    who(service, cookie)
    await later(world, 12)
    assert service.visitors.by_session(cookie) is None
    assert world.kept.kept_sessions == {}
    cookie = await signed_in(service)
    for _ in range(14):
        who(service, cookie)
        await later(world, 11.98)
    who(service, cookie)
    await later(world, 0.3)
    assert service.visitors.by_session(cookie) is None


async def test_a_cookie_gets_a_new_value_and_the_old_one_soon_counts_no_more(
    service: AccessService, world: World
) -> None:
    """After an hour the value changes; what was under way with the old one may finish within a minute."""
    old = await signed_in(service)
    identity = who(service, old)
    assert not service.visitors.due_for_rotation(identity)
    await later(world, 1)
    assert service.visitors.due_for_rotation(who(service, old))
    new, second = await asyncio.gather(service.visitors.rotate(identity), service.visitors.rotate(identity))
    assert new is not None
    assert second is None
    assert new != old
    assert who(service, new).key == who(service, old).key == identity.key
    await world.clock.advance(61)
    assert service.visitors.by_session(old) is None
    assert who(service, new).csrf == identity.csrf
    assert not service.visitors.due_for_rotation(identity)


async def test_a_cookie_that_cannot_be_renewed_stays(service: AccessService, world: World) -> None:
    """With records that can't be written the old value goes on, and the next request tries again."""
    old = await signed_in(service)
    await later(world, 1)
    world.kept.failure = Unavailable("away")
    assert await service.visitors.rotate(who(service, old)) is None
    assert service.visitors.due_for_rotation(who(service, old))
    world.kept.failure = None


async def test_signing_in_again_ends_the_session_of_that_browser(service: AccessService) -> None:
    """Whatever cookie a browser came with is not the one it goes on with (session fixation)."""
    planted = await signed_in(service, "boss")
    cookie = await signed_in(service, instead_of=planted)
    assert cookie != planted
    assert service.visitors.by_session(planted) is None
    unknown = "a value that somebody made up and set"
    assert await signed_in(service, instead_of=unknown) != unknown
    assert service.visitors.by_session(unknown) is None


async def test_one_account_has_only_so_many_sessions(service: AccessService) -> None:
    """With one more the one that was unused longest ends."""
    cookies = [await signed_in(service) for _ in range(OF_ONE)]
    await signed_in(service)
    assert [service.visitors.by_session(one) is None for one in cookies].count(True) == 1
    assert len(service.sessions.all()) == OF_ONE


async def test_an_ended_session_is_over_at_once(service: AccessService, world: World) -> None:
    """Who is listening for it hears of it, and it is in the audit."""
    cookie = await signed_in(service)
    identity = who(service, cookie)
    heard: list[bool] = []
    service.hear(lambda: heard.append(service.visitors.holds(identity)))
    await service.sessions.end(identity.key, by="boss")
    assert heard[0] is False
    assert service.visitors.by_session(cookie) is None
    assert world.actions()[-1] == ("boss", "session.ended", identity.key)
    with pytest.raises(NotFound):
        await service.sessions.end(identity.key, by="boss")


# -- held back -------------------------------------------------------------------------------------------------


async def test_brute_force_is_held_back(service: AccessService, world: World) -> None:
    """After five failures every further attempt waits, also with the right password, and also at an unknown name."""
    for name in ("kim", "nobody"):
        for _ in range(5):
            with pytest.raises(SignInNeeded):
                await service.sessions.sign_in(name, "wrong password", address=name, agent="")
        with pytest.raises(TooMany) as held:
            await service.sessions.sign_in(name, GOOD, address="elsewhere", agent="")
        assert held.value.retry_after == 1
    await world.clock.advance(1)
    assert await service.sessions.sign_in("kim", GOOD, address="elsewhere", agent="")


async def test_many_at_once_are_no_way_around(service: AccessService) -> None:
    """A hundred attempts in parallel try five passwords, not a hundred."""
    answers = await asyncio.gather(
        *(service.sessions.sign_in("kim", f"guess number {n}", address="", agent="") for n in range(100)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, SignInNeeded) for one in answers) == 5
    assert sum(isinstance(one, TooMany) for one in answers) == 95


async def test_one_address_cannot_try_every_name(service: AccessService) -> None:
    """One guess at each of many names is held back by the address."""
    answers = await asyncio.gather(
        *(service.sessions.sign_in(f"name-{n}", "Spring2026!!", address="6.6.6.6", agent="") for n in range(16)),
        return_exceptions=True,
    )
    assert all(isinstance(one, SignInNeeded) for one in answers)
    for number in range(4):
        with pytest.raises(SignInNeeded):
            await service.sessions.sign_in(f"more-{number}", "Spring2026!!", address="6.6.6.6", agent="")
    with pytest.raises(TooMany):
        await service.sessions.sign_in("kim", GOOD, address="6.6.6.6", agent="")
    assert await signed_in(service)


async def test_failures_do_not_fill_the_audit(service: AccessService, world: World) -> None:
    """So many are written a minute; how many were left out is told with the next."""
    for _ in range(5 + _A_MINUTE + 10):
        with pytest.raises((SignInNeeded, TooMany)):
            await service.sessions.sign_in("kim", "wrong password", address="", agent="")
    written = [one for one in world.audit.entries if one.action == "sign_in.failed"]
    assert len(written) == _A_MINUTE
    await world.clock.advance(61)
    with pytest.raises(SignInNeeded):
        await service.sessions.sign_in("lee", "wrong password", address="", agent="")
    assert "15 more before it" in world.audit.entries[-1].detail


async def test_passwords_wait_for_their_turn_and_not_too_many(world: World) -> None:
    """Two at a time are hashed, sixteen may wait, more are refused: nobody fills memory with them."""
    hashing = Hashing(memory_kib=64)
    answers = await asyncio.gather(*(hashing.hash(GOOD) for _ in range(40)), return_exceptions=True)
    assert sum(isinstance(one, str) for one in answers) == 16
    assert sum(isinstance(one, TooMany) for one in answers) == 24
    assert await hashing.hash(GOOD)


# -- accounts --------------------------------------------------------------------------------------------------


async def test_accounts_are_made_and_changed(service: AccessService, world: World) -> None:
    """Each change is in force at once and in the audit, without a password in it."""
    await service.accounts.add("Lee", GOOD, "viewer", by="boss")
    changed = await service.accounts.change("lee", by="boss", role="operator")
    assert changed.role == "operator"
    await service.accounts.remove("LEE", by="boss")
    assert [user.name for user in service.accounts.all()] == ["boss", "kim"]
    assert [one for one in world.actions() if one[0] == "boss"] == [
        ("boss", "user.added", "lee"),
        ("boss", "user.changed", "lee"),
        ("boss", "user.removed", "lee"),
    ]
    assert GOOD not in str(world.audit.entries)


async def test_what_cannot_be_an_account(service: AccessService) -> None:
    """Every fault is told at once, with its path; a second one of a name is refused."""
    with pytest.raises(Faulty) as faulty:
        await service.accounts.add("a b", "short", "king", by="boss")  # type: ignore[arg-type]
    assert [path for path, _ in faulty.value.faults] == ["name", "password", "role"]
    with pytest.raises(Conflict):
        await service.accounts.add("KIM", GOOD, "viewer", by="boss")
    with pytest.raises(NotFound):
        await service.accounts.change("nobody", by="boss", role="viewer")
    with pytest.raises(Faulty):
        await service.accounts.change("kim", by="boss", password="password123")


async def test_a_new_role_counts_at_once(service: AccessService) -> None:
    """A session goes on with its account's new rights; open sockets that had others are told apart."""
    cookie = await signed_in(service)
    before = who(service, cookie)
    await service.accounts.change("kim", by="boss", role="viewer")
    assert not who(service, cookie).may("operate")
    assert not service.visitors.holds(before)
    assert service.visitors.holds(who(service, cookie))


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": BETTER}])
async def test_a_disabled_account_and_a_new_password_end_sessions(
    service: AccessService, world: World, change: dict[str, object]
) -> None:
    """Whoever was signed in is no longer, here and in the records."""
    cookie = await signed_in(service)
    await service.accounts.change("kim", by="boss", **change)  # type: ignore[arg-type]
    assert service.visitors.by_session(cookie) is None
    assert world.kept.kept_sessions == {}


async def test_somebody_must_be_left_to_administer(service: AccessService) -> None:
    """The last admin can't be removed, disabled or made less; with another one they can."""
    for change in ({"disabled": True}, {"role": "viewer"}):
        with pytest.raises(Conflict):
            await service.accounts.change("boss", by="boss", **change)
    with pytest.raises(Conflict):
        await service.accounts.remove("boss", by="boss")
    await service.accounts.change("kim", by="boss", role="admin")
    await service.accounts.remove("boss", by="kim")
    assert [user.name for user in service.accounts.all()] == ["kim"]


async def test_ones_own_password(service: AccessService) -> None:
    """It takes the old one, ends the sessions elsewhere and keeps this one."""
    here, elsewhere = await signed_in(service), await signed_in(service)
    identity = who(service, here)
    with pytest.raises(Faulty, match="old"):
        await service.accounts.change_own_password(identity, "not this one", BETTER, address="")
    with pytest.raises(Faulty, match="new"):
        await service.accounts.change_own_password(identity, GOOD, "short", address="")
    await service.accounts.change_own_password(identity, GOOD, BETTER, address="")
    assert service.visitors.by_session(elsewhere) is None
    assert who(service, here).name == "kim"
    assert await signed_in(service, password=BETTER)
    with pytest.raises(SignInNeeded):
        await signed_in(service)


# -- tokens ----------------------------------------------------------------------------------------------------


async def test_tokens(service: AccessService, world: World) -> None:
    """A token's text is told once, holds until it is revoked or over, and only its digest is kept."""
    text, token = await service.tokens.add("ci", ["ingest", "read"], expires_at=world.clock.now() + HOUR, by="boss")
    identity = service.visitors.by_token(text)
    assert identity is not None
    assert (identity.name, identity.scopes, identity.may("push"), identity.may("operate")) == (
        "ci",
        ("read", "ingest"),
        True,
        False,
    )
    assert text not in f"{world.kept.kept_tokens} {world.audit.entries}"
    assert service.tokens.all()[0].last_used_at == world.clock.now()
    await later(world, 1)
    assert service.visitors.by_token(text) is None
    assert not service.visitors.holds(identity)
    text, token = await service.tokens.add("ci", ["read"], expires_at=None, by="boss")
    await service.tokens.remove(token.id, by="boss")
    assert service.visitors.by_token(text) is None
    assert world.actions()[-1] == ("boss", "token.revoked", token.id)
    with pytest.raises(NotFound):
        await service.tokens.remove(token.id, by="boss")


async def test_what_cannot_be_a_token(service: AccessService, world: World) -> None:
    """No name, no scope, and a time that is over."""
    with pytest.raises(Faulty) as faulty:
        await service.tokens.add("", [], expires_at=world.clock.now(), by="boss")
    assert [path for path, _ in faulty.value.faults] == ["name", "scopes", "expires_at"]


async def test_uses_are_written_once_a_minute(service: AccessService, world: World) -> None:
    """A token that is used a thousand times costs one row a minute."""
    text, token = await service.tokens.add("ci", ["read"], expires_at=None, by="boss")
    for _ in range(1_000):
        service.visitors.by_token(text)
    assert world.kept.kept_tokens[token.id].last_used_at is None
    await world.clock.advance(61)
    assert world.kept.kept_tokens[token.id].last_used_at is not None


async def test_parts_of_ours_have_tokens_that_are_kept_nowhere(service: AccessService, world: World) -> None:
    """The console's holds as long as this process, and it alone speaks for others."""
    console, demo = service.visitors.internal("console", ["read"]), service.visitors.internal("demo", ["ingest"])
    identity, other = service.visitors.by_token(console), service.visitors.by_token(demo)
    assert identity is not None
    assert other is not None
    assert service.visitors.speaks_for_others(identity)
    assert not service.visitors.speaks_for_others(other)
    assert world.kept.kept_tokens == {}
    assert service.visitors.by_token("bgs_" + "x" * 500) is None


# -- beside other processes ------------------------------------------------------------------------------------


async def test_what_another_process_changes_counts_within_a_second(service: AccessService, world: World) -> None:
    """`bongsu user …` beside a running server: new accounts, disabled ones, revoked tokens."""
    cookie = await signed_in(service)
    text, token = await service.tokens.add("ci", ["read"], expires_at=None, by="boss")
    beside = await world.service()
    await beside.accounts.add("lee", GOOD, "viewer", by="root")
    await beside.accounts.change("kim", by="root", disabled=True)
    await beside.tokens.remove(token.id, by="root")
    await world.clock.advance(1.1)
    assert service.visitors.by_session(cookie) is None
    assert service.visitors.by_token(text) is None
    assert await signed_in(service, "lee")


async def test_what_we_write_meanwhile_is_not_lost(service: AccessService, world: World) -> None:
    """A session begun while another process's change is read is there afterwards, with its newest use."""
    beside = await world.service()
    cookie = await signed_in(service)
    kept = ApiToken(id="t", name="x", scopes=("read",), digest="d", created_at=0)
    await world.kept.save_token(kept)
    await world.clock.advance(10)
    who(service, cookie)
    seen = service.sessions.all()[0].seen_at
    await world.kept.save_token(replace(kept, id="u", digest="e"))
    await world.clock.advance(2)
    assert service.sessions.all()[0].seen_at == seen
    assert len(service.tokens.all()) == 2
    await beside.accounts.change("kim", by="root", role="viewer")


async def test_records_that_are_away_keep_everybody_where_they_are(service: AccessService, world: World) -> None:
    """Who is signed in stays so, and looking goes on; a new session can't begin."""
    cookie = await signed_in(service)
    world.kept.failure = Unavailable("away")
    await world.clock.advance(5)
    who(service, cookie)
    with pytest.raises(Unavailable):
        await signed_in(service)
    world.kept.failure = None
    assert await signed_in(service)


async def test_the_figures(service: AccessService) -> None:
    """How many there are, and how attempts ended."""
    await signed_in(service)
    with pytest.raises(SignInNeeded):
        await signed_in(service, password="wrong password")
    told = {(one.metric, dict(one.labels).popitem()[1]): one.value for one in service.figures()}
    assert told["bongsu_access_kept", "users"] == 2
    assert told["bongsu_access_kept", "sessions"] == 1
    assert told["bongsu_access_sign_ins_total", "ok"] == 1
    assert told["bongsu_access_sign_ins_total", "wrong"] == 1
