"""Who comes to a viewer: asked of the owner, which has the accounts, and remembered for a few seconds.

A viewer keeps no account. Until the owner has said that nobody needs to sign in, everybody must; with the owner away
who was known stays so, and who wasn't hears so. What a viewer passes on is decided by the owner, request by request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from starlette.types import Scope

from bongsu.model.errors import BongsuError, Unavailable
from bongsu.model.user import BY_ROLE, Identity, Permission, rights_of
from bongsu.ports import Clock
from bongsu.server.gate import COOKIE, Gate, cookies_in

HOLDS: Final = 3.0
"""Seconds for which the owner's word is believed."""
_SOON: Final = 0.5
"""Seconds until the owner is asked again that has never answered."""
MOST: Final = 1_000
"""Cookies and tokens remembered."""
FORGOTTEN: Final = 60.0
"""Seconds without use after which one is asked about no more."""
_LONGEST: Final = 200
_log = structlog.get_logger("bongsu.access")

Ask = Callable[[Mapping[str, str]], Awaitable[dict[str, Any] | None]]
"""Asks the owner's `GET /api/v1/session` with these headers; None where it doesn't answer."""


@dataclass(slots=True)
class _Known:
    identity: Identity | None
    until: float
    used: float


class OwnersVisitors:
    """Implements `access_ports.Visitors` with the owner's word. `start` it, `stop` it."""

    def __init__(
        self, ask: Ask, *, clock: Clock, always: bool = False, heard: Callable[[], bool] = lambda: True
    ) -> None:
        """`always`: ask who comes even where the owner has no accounts (others can reach us).

        `heard`: whether anything of the owner's is here; before that there is nothing to hide.
        """
        self._heard = heard
        self._ask = ask
        self._clock = clock
        self._always = always
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._listeners: list[Callable[[], None]] = []
        self._learning: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._open: bool | None = None

    @property
    def closed(self) -> bool:
        """Whether anybody is asked who they are; until the owner has said, whether anything of its is here."""
        if self._always:
            return True
        return self._heard() if self._open is None else not self._open

    @property
    def told(self) -> bool:
        """Whether it is known that somebody must sign in, or nobody."""
        return self._always or self._open is not None

    def hear(self, change: Callable[[], None]) -> None:
        """Have this called every few seconds: sessions may have ended."""
        self._listeners.append(change)

    def start(self) -> None:
        """Begin to ask about those who are here."""
        self._keeper = asyncio.create_task(self._keep(), name="bongsu-owners-visitors")

    async def stop(self) -> None:
        """End."""
        tasks = [*self._learning, *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def learn(self, kind: str, credential: str, *, use: bool = True) -> bool:
        """Ask about a cookie or token that isn't known for sure; False where the owner doesn't answer.

        `use` tells whether its bearer is here.
        """
        key = (kind, credential[:_LONGEST])
        known = self._known.get(key)
        now = self._clock.monotonic()
        if known is not None and now < known.until:
            known.used = now if use else known.used
            return True
        view = await self._ask(_shown(*key))
        if view is None:
            return known is not None
        self._open = bool(view.get("open", False))
        if credential:
            self._known[key] = _Known(
                _identity(view, credential), now + HOLDS, now if use or known is None else known.used
            )
            self._known.move_to_end(key)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return True

    def learn_soon(self, kind: str, credential: str) -> None:
        """The same without waiting: a live handshake can't."""
        if len(self._learning) < MOST:
            task = asyncio.ensure_future(self._quietly(kind, credential))
            self._learning.add(task)
            task.add_done_callback(self._learning.discard)

    def knows(self, kind: str, credential: str) -> bool:
        """Whether the owner has said who this is."""
        return (kind, credential[:_LONGEST]) in self._known

    def by_session(self, cookie: str) -> Identity | None:
        """Who signed in with this cookie, as the owner last said."""
        return self._of(("cookie", cookie))

    def by_token(self, token: str) -> Identity | None:
        """Which program has this token, as the owner last said."""
        return self._of(("token", token))

    def speaks_for_others(self, identity: Identity) -> bool:
        """Nobody does here."""
        del identity
        return False

    def holds(self, identity: Identity) -> bool:
        """Whether the owner says so still."""
        if identity.how == "open":
            return not self.closed
        now = self._of(("cookie" if identity.how == "session" else "token", identity.key))
        return now is not None and now.rights == identity.rights

    def due_for_rotation(self, identity: Identity) -> bool:
        """The owner sees to it."""
        del identity
        return False

    async def rotate(self, identity: Identity) -> str | None:
        """The owner sees to it."""
        del identity
        return None

    def expires_at(self, identity: Identity) -> int | None:
        """The owner knows."""
        del identity
        return None

    def seconds_left(self, identity: Identity) -> int:
        """The owner knows."""
        del identity
        return 0

    def _of(self, key: tuple[str, str]) -> Identity | None:
        known = self._known.get((key[0], key[1][:_LONGEST]))
        if known is None:
            return None
        known.used = self._clock.monotonic()
        return known.identity

    async def _quietly(self, kind: str, credential: str, *, use: bool = True) -> None:
        try:
            await self.learn(kind, credential, use=use)
        except BongsuError as error:
            _log.warning("owner_not_asked", cause=error.detail)

    async def _keep(self) -> None:
        """Ask anew about whoever is here, and let go of those who are not."""
        while True:
            now = self._clock.monotonic()
            for key in [one for one, known in self._known.items() if now - known.used > FORGOTTEN]:
                del self._known[key]
            for kind, credential in [("", ""), *self._known]:
                await self._quietly(kind, credential, use=False)
            for change in self._listeners:
                change()
            await self._clock.sleep_until(self._clock.monotonic() + (HOLDS if self.told else _SOON))


class ViewGate(Gate):
    """The gate of a viewer: it asks the owner before it says anything, and leaves what is passed on to it."""

    def __init__(self, visitors: OwnersVisitors, **more: Any) -> None:
        super().__init__(visitors, **more)
        self._owners = visitors

    def asked(self, method: str, path: str) -> Permission:
        """What is passed on is the owner's to refuse."""
        if path.startswith(("/api/v1/", "/ack/")) and path != "/api/v1/metrics":
            return "open"
        return super().asked(method, path)

    async def admit(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """As `Gate.admit`, once the owner has said who comes.

        Raises:
            Unavailable: the owner doesn't answer, and who asks isn't known.
        """
        if self.asked(scope["method"], scope["path"]) == "open":
            return []
        kind, credential = credential_in(scope["headers"])
        if not await self._owners.learn(kind, credential):
            raise Unavailable("the owner doesn't say who you are just now", retry_after=2)
        return await super().admit(scope) if self._owners.closed else []


def credential_in(headers: Any) -> tuple[str, str]:
    """What a request says of who asks: its token, else its cookie."""
    cookie = ""
    for name, value in headers:
        if name == b"authorization":
            return "token", value.decode("latin-1").partition(" ")[2].strip()
        if name == b"cookie":
            cookie = next(iter(cookies_in(value)), "")
    return "cookie", cookie


def _shown(kind: str, credential: str) -> dict[str, str]:
    if not credential:
        return {}
    return {"authorization": f"Bearer {credential}"} if kind == "token" else {"cookie": f"{COOKIE}={credential}"}


def _identity(view: Mapping[str, Any], credential: str) -> Identity | None:
    user, scopes = view.get("user"), view.get("scopes")
    if user and user.get("role") in BY_ROLE:
        role = user["role"]
        csrf = str(view.get("csrf") or "")
        return Identity(name=user["name"], how="session", role=role, rights=BY_ROLE[role], key=credential, csrf=csrf)
    if scopes:
        return Identity(name="token", how="token", scopes=tuple(scopes), rights=rights_of(scopes), key=credential)
    return None
