"""`bongsu user …` and `bongsu token …`: accounts and tokens in the data folder, whether a server runs or not.

A running server takes it up within two seconds. A password is asked on the terminal or read from standard input, never
an argument: arguments stand in the shell's history and in the list of processes.
"""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bongsu.access.book import Lasting
from bongsu.access.service import AccessService
from bongsu.clock import SystemClock
from bongsu.commands.config import flags, read
from bongsu.commands.words import Words
from bongsu.model.errors import BongsuError
from bongsu.model.user import Role, Scope
from bongsu.records.sql import SqlRecords
from bongsu.settings.duration import Duration
from bongsu.settings.model import Settings

Deed = Callable[[AccessService, Settings], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which data folder: that of the settings, or another."""

    config: Path | None
    data: str | None = None


def add_user(words: Words, where: Where, name: str, role: Role | None) -> int:
    """Make an account; without a role the first one administers, the others look."""
    password = _new_password(words)
    if password is None:
        return 1

    async def add(access: AccessService, _: Settings) -> None:
        chosen: Role = role or ("viewer" if access.accounts.all() else "admin")
        user = await access.accounts.add(name, password, chosen, by=_by())
        print(words("user_added", name=user.name, role=user.role))

    return _run(words, where, add)


def list_users(words: Words, where: Where) -> int:
    """Print every account."""

    async def show(access: AccessService, settings: Settings) -> None:
        zone = ZoneInfo(settings.monitoring.timezone)
        users = access.accounts.all()
        if not users:
            print(words("user_none"))
            return
        rows = [
            (user.name, user.role, words("user_off" if user.disabled else "user_on"), _moment(user.signed_in_at, zone))
            for user in users
        ]
        _table([words("column_name"), words("column_role"), words("column_state"), words("column_signed_in")], rows)

    return _run(words, where, show)


def change_user(
    words: Words, where: Where, name: str, *, role: Role | None = None, disabled: bool | None = None
) -> int:
    """Change role, or whether somebody may sign in; disabling ends their sessions."""

    async def change(access: AccessService, _: Settings) -> None:
        user = await access.accounts.change(name, by=_by(), role=role, disabled=disabled)
        state = words("user_off" if user.disabled else "user_on")
        print(words("user_changed", name=user.name, role=user.role, state=state))

    return _run(words, where, change)


def password(words: Words, where: Where, name: str) -> int:
    """Give an account a new password; its sessions end."""
    new = _new_password(words)
    if new is None:
        return 1

    async def change(access: AccessService, _: Settings) -> None:
        user = await access.accounts.change(name, by=_by(), password=new)
        print(words("user_password", name=user.name))

    return _run(words, where, change)


def remove_user(words: Words, where: Where, name: str) -> int:
    """Drop an account; with the last one, the server is open to this machine again."""

    async def remove(access: AccessService, _: Settings) -> None:
        await access.accounts.remove(name, by=_by())
        print(words("user_removed", name=name))
        if not access.accounts.all():
            print(words("user_open"))

    return _run(words, where, remove)


def create_token(words: Words, where: Where, name: str, scopes: Sequence[Scope], lasts: str | None) -> int:
    """Make a token and print it alone on standard output, so that it can be piped into a file."""
    clock = SystemClock()
    try:
        expires_at = clock.now() + int(Duration.parse(lasts)) if lasts else None
    except ValueError:
        print(words("token_lasts", lasts=lasts), file=sys.stderr)
        return 2

    async def create(access: AccessService, _: Settings) -> None:
        text, token = await access.tokens.add(name, scopes, expires_at=expires_at, by=_by())
        print(words("token_created", id=token.id, scopes=", ".join(token.scopes)), file=sys.stderr)
        print(text)

    return _run(words, where, create)


def list_tokens(words: Words, where: Where) -> int:
    """Print every token, without its text."""

    async def show(access: AccessService, settings: Settings) -> None:
        zone = ZoneInfo(settings.monitoring.timezone)
        tokens = access.tokens.all()
        if not tokens:
            print(words("token_none"))
            return
        rows = [
            (one.id, one.name, ",".join(one.scopes), _moment(one.expires_at, zone), _moment(one.last_used_at, zone))
            for one in tokens
        ]
        heads = ("id", "name", "scopes", "expires", "used")
        _table([words(f"column_{head}") for head in heads], rows)

    return _run(words, where, show)


def revoke_token(words: Words, where: Where, token_id: str) -> int:
    """Revoke a token."""

    async def revoke(access: AccessService, _: Settings) -> None:
        await access.tokens.remove(token_id, by=_by())
        print(words("token_revoked", id=token_id))

    return _run(words, where, revoke)


def _run(words: Words, where: Where, deed: Deed) -> int:
    loaded = read(words, where.config, flags({"data": where.data}))
    if loaded is None:
        return 1
    try:
        with _quiet():
            asyncio.run(_with_access(loaded.settings, deed))
    except BongsuError as error:
        reason = "; ".join(filter(None, [error.detail, error.hint]))
        print(words("access_refused", reason=reason), file=sys.stderr)
        return 1
    return 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Standard output is for the answer; what the audit holds needn't be told as a log line too."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**usual)


async def _with_access(settings: Settings, deed: Deed) -> None:
    clock, access = SystemClock(), settings.access
    records = await SqlRecords.open(Path(settings.storage.data_dir), clock=clock)
    try:
        lasting = Lasting(
            idle=int(access.session_idle), absolute=int(access.session_lasts), rotation=int(access.session_rotation)
        )
        await deed(await AccessService.open(records.access, audit=records, clock=clock, lasting=lasting), settings)
    finally:
        await records.close()


def _new_password(words: Words) -> str | None:
    """From the terminal, twice; or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(words("password_new"))
    if first != getpass.getpass(words("password_again")):
        print(words("password_differs"), file=sys.stderr)
        return None
    return first


def _by() -> str:
    """Who runs the command, for the audit."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = str(os.getuid())
    return f"{name} (bongsu)"


def _moment(at: int | None, zone: ZoneInfo) -> str:
    return "-" if at is None else datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
