"""Accounts as the server has them: wired with the records, with what REST offers of them, and with the live socket."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from bongsu.access.book import Lasting
from bongsu.access.service import AccessService
from bongsu.access.visitors import CONSOLE
from bongsu.live.door import Handshake, Pass, Refused
from bongsu.model.errors import Unavailable
from bongsu.model.metric import Topic
from bongsu.model.user import Identity, Scope, User
from bongsu.ports import Clock
from bongsu.server.gate import Gate
from bongsu.server.owners_visitors import OwnersVisitors, credential_in
from bongsu.server.permissions import TOPICS
from bongsu.server.proxies import Proxies
from bongsu.settings.model import Settings
from bongsu.settings.sections import is_loopback

if TYPE_CHECKING:
    from bongsu.http.limits import ServerLimits
    from bongsu.records.sql import SqlRecords
    from bongsu.server.endpoint import Part


RECORDS = "records.db"
"""The file that holds them, in the data folder."""

_FROM_CONSOLE = "BONGSU_CONSOLE_TOKEN"
"""Where a console that starts its server leaves the token that it will show (`console.passport`)."""

_log = structlog.get_logger("bongsu.access")


async def administered(data: Path, *, clock: Clock) -> bool:
    """Whether somebody could sign in to a server over this folder and administer it; nothing is made there.

    Raises:
        StorageFull, Unavailable: the records can't be read.
    """
    if not (data / RECORDS).exists():
        return False
    from bongsu.records.sql import SqlRecords

    records = await SqlRecords.open(data, clock=clock)
    try:
        return _somebody_administers((await records.access.everything()).users)
    finally:
        await records.close()


def _somebody_administers(users: Iterable[User]) -> bool:
    return any(user.role == "admin" and not user.disabled for user in users)


@dataclass(slots=True, kw_only=True)
class Accounts:
    """The parts, wired. `open` them, `start` them, `stop` them; `live` decides on live connections."""

    service: AccessService
    proxies: Proxies
    live: LiveGate

    @classmethod
    async def open(cls, settings: Settings, *, records: SqlRecords, clock: Clock) -> Self:
        """Bring back who has an account and who is signed in.

        Raises:
            StorageFull, Unavailable: the records can't be read.
        """
        access = settings.access
        service = await AccessService.open(
            records.access,
            audit=records,
            clock=clock,
            lasting=Lasting(
                idle=int(access.session_idle),
                absolute=int(access.session_lasts),
                rotation=int(access.session_rotation),
            ),
            always=not is_loopback(settings.server.host),
        )
        if given := os.environ.pop(_FROM_CONSOLE, ""):  # the console started us; no child of ours shall inherit it
            service.visitors.know(given, CONSOLE, ("read",))
        proxies = Proxies(settings.server.trusted_proxies)
        return cls(service=service, proxies=proxies, live=LiveGate(Gate(service.visitors, routes=(), proxies=proxies)))

    def permit(self, settings: Settings) -> None:
        """Let the server listen where the settings say.

        Raises:
            Unavailable: others could reach it, and it has no accounts.
        """
        server = settings.server
        if is_loopback(server.host):
            if server.public_url and not self.service.accounts.all():
                _log.warning("open_behind_a_proxy", public_url=server.public_url, what_to_do="bongsu user add NAME")
            return
        if not _somebody_administers(self.service.accounts.all()):
            raise Unavailable(
                f"others could reach {server.host}, and nobody has an account to sign in with",
                hint="make one first: bongsu user add NAME --role admin",
            )

    def parts(self, limits: ServerLimits) -> tuple[Part, ...]:
        """What REST offers of accounts; `limits` bound the bodies."""
        from bongsu.server.body import BodyReader
        from bongsu.server.json_body import JsonBodies
        from bongsu.server.session import SessionRoutes
        from bongsu.server.tokens import TokenRoutes
        from bongsu.server.users import UserRoutes

        service, bodies = self.service, JsonBodies(BodyReader(limits), largest=16 << 10)
        return (
            SessionRoutes(
                visitors=service.visitors, sessions=service.sessions, bodies=bodies, proxies=self.proxies
            ).routes(),
            UserRoutes(accounts=service.accounts, bodies=bodies, proxies=self.proxies).routes(),
            TokenRoutes(tokens=service.tokens, bodies=bodies).routes(),
        )

    def console_token(self) -> str:
        """A token for the console, which passes on who asks it."""
        return self.service.visitors.internal(CONSOLE, ("read",))

    def own_token(self, name: str, scopes: Iterable[Scope]) -> str:
        """A token for another part of ours, that holds as long as this process."""
        return self.service.visitors.internal(name, scopes)

    def start(self) -> None:
        """Begin to follow what other processes change."""
        self.service.start()

    async def stop(self) -> None:
        """Write when sessions and tokens were last used."""
        await self.service.stop()


class LiveGate:
    """The gate before the live socket: the cookie or the header `Authorization`, never the address."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def enter(self, handshake: Handshake) -> Pass | Refused | None:
        """A pass for whoever may see something; None where nobody is asked."""
        visitors = self._gate.visitors
        if not visitors.closed:
            return Held(self._gate, None)
        identity = self._gate.who((name.encode(), value.encode()) for name, value in handshake.headers.items())
        if identity is None:
            return Refused(status=401, reason="sign-in", detail="sign in, or send Authorization: Bearer bgs_…")
        held = Held(self._gate, identity)
        if not held.topics:
            return Refused(status=403, reason="permission", detail="this token isn't for reading")
        return held


class OwnersLive:
    """The same before a viewer's live socket: who the owner hasn't spoken of yet is asked to come again in a second."""

    def __init__(self, visitors: OwnersVisitors) -> None:
        self._visitors = visitors
        self._gate = LiveGate(Gate(visitors, routes=()))

    def enter(self, handshake: Handshake) -> Pass | Refused | None:
        """As `LiveGate.enter`."""
        kind, credential = credential_in((name.encode(), value.encode()) for name, value in handshake.headers.items())
        stranger = bool(credential) and not self._visitors.knows(kind, credential)
        if self._visitors.closed and (stranger or not self._visitors.told):
            self._visitors.learn_soon(kind, credential)
            return Refused(status=503, reason="sign-in", detail="the owner is asked who you are", retry_after=1)
        return self._gate.enter(handshake)


class Held:
    """The pass of one connection; without an identity it is that of a server without accounts."""

    __slots__ = ("_gate", "_identity", "topics")

    def __init__(self, gate: Gate, identity: Identity | None) -> None:
        self._gate = gate
        self._identity = identity
        self.topics: frozenset[Topic] = frozenset(
            topic for topic, asked in TOPICS.items() if identity is None or identity.may(asked)
        )

    def ended(self) -> bool:
        """Whether whoever came with it would not be let in any more."""
        visitors = self._gate.visitors
        return visitors.closed if self._identity is None else not visitors.holds(self._identity)
