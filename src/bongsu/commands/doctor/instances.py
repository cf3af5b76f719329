"""Several servers under the doctor's eyes: who owns the bus, and whether a viewer's owner answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import httpx

from bongsu.bus.redis import OWNER, identity_of
from bongsu.commands.doctor.finding import Finding, bad, good, worth
from bongsu.commands.doctor.wire import PATIENCE
from bongsu.settings.model import Settings
from bongsu.settings.redis import address_of


def looked_at(settings: Settings) -> Iterator[Finding]:
    """Whether this server has its place among the others; nothing where it stands alone, or Redis doesn't answer."""
    holder = _holder(settings)
    if holder is not None:
        yield from owned(holder, settings)
    if settings.server.role == "view":
        yield answers(settings.server.owner_url or "")


def owned(holder: str, settings: Settings) -> Iterator[Finding]:
    """Whether the one that holds the bus ("" for nobody) is the one that should."""
    name = holder.rpartition("|")[0]
    if settings.server.role == "view":
        yield good("owner", "owner_good", name=name) if name else worth("owner", "owner_none")
    elif name and name != identity_of(settings.storage.data_dir):
        yield bad("owner", "owner_other", name=name)
    elif name:
        yield good("owner", "owner_ours")


def answers(url: str) -> Finding:
    """Whether a Bongsu that measures answers where the viewer will ask."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE, trust_env=False)
        told = json.loads(answer.content)
    except (httpx.HTTPError, ValueError) as error:
        return bad("owner", "owner_far", url=url, reason=type(error).__name__)
    if not isinstance(told, dict) or answer.status_code != httpx.codes.OK:
        return bad("owner", "owner_far", url=url, reason=f"HTTP {answer.status_code}")
    return good("owner", "owner_near", url=url)


def _holder(settings: Settings) -> str | None:
    """Who holds the bus: "" for nobody, None where it can't be asked (which is told elsewhere)."""
    address = address_of(settings.redis, patience=PATIENCE)
    if address is None:
        return None
    try:
        from redis import Redis
        from redis.exceptions import RedisError
    except ImportError:
        return None
    try:
        with Redis.from_url(address.url, **address.options) as client:
            return (cast("bytes | None", client.get(OWNER)) or b"").decode(errors="replace")
    except (RedisError, OSError, ValueError):
        return None
