"""What Bongsu speaks to: Redis, the shop's database, and where alerts go. Only what is configured is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from urllib.parse import urlsplit

from bongsu.commands.doctor.finding import Finding, bad, good, worth
from bongsu.commands.doctor.wire import PATIENCE, reach
from bongsu.redaction import Redactor
from bongsu.settings.model import Settings
from bongsu.settings.notifications import Notifications
from bongsu.settings.redis import RedisAddress, address_of
from bongsu.settings.secrets import secrets_in

_FULL = 0.9


def looked_at(settings: Settings) -> Iterator[Finding]:
    """Each configured neighbour; no message is sent, nothing is written anywhere."""
    redactor = Redactor(secrets_in(settings))
    address = address_of(settings.redis, patience=PATIENCE)
    if address is not None:
        yield from redis(address, redactor)
    if settings.shop.url is not None:
        yield from shop(settings)
    yield from channels(settings.notifications)


def redis(address: RedisAddress, redactor: Redactor) -> Iterator[Finding]:
    """PING, as `redis-cli ping` does it, how full its memory is, and whether anybody between may read along."""
    yield _redis(address, redactor)
    if not address.encrypted:
        yield worth("redis", "redis_plain")


def _redis(address: RedisAddress, redactor: Redactor) -> Finding:
    try:
        from redis import Redis
        from redis.exceptions import RedisError
    except ImportError:
        return bad("redis", "redis_extra")
    try:
        client = Redis.from_url(address.url, **address.options)
        with client:
            client.ping()
            memory = cast("Mapping[str, Any]", client.info("memory"))
    except (RedisError, OSError, ValueError) as error:
        return bad("redis", "redis_silent", reason=redactor.text(str(error))[:200])
    used, most = float(memory.get("used_memory", 0)), float(memory.get("maxmemory", 0))
    if most and used > most * _FULL:
        return worth("redis", "redis_full", used=f"{used / most:.0%}")
    return good("redis", "redis_good", used=f"{used / 1e6:.1f}")


def shop(settings: Settings) -> Iterator[Finding]:
    """Whether the database answers, has a table of orders, and any order in it."""
    from sqlalchemy import select

    from bongsu.collect.shop.database import ShopDatabase, ShopError
    from bongsu.collect.shop.mapping import find
    from bongsu.collect.shop.plan import plan_of

    plan = plan_of(settings)
    assert plan is not None
    try:
        database = ShopDatabase(plan.url, timeout_seconds=plan.timeout_seconds)
        try:
            with database.reading() as connection:
                tables = find(database.inspector(connection), plan.tables)
                empty = connection.execute(select(tables.moment).limit(1)).first() is None
        finally:
            database.close()
    except ShopError as error:
        yield bad("shop", "shop_wrong", reason=error)
        return
    table = tables.orders.table.fullname
    yield worth("shop", "shop_empty", table=table) if empty else good("shop", "shop_good", table=table)


def channels(notifications: Notifications) -> Iterator[Finding]:
    """Whether a TCP connection to each channel's host opens; nothing is sent, and only the host is told."""
    known = list(targets(notifications))
    with ThreadPoolExecutor(max(1, min(8, len(known)))) as threads:
        for (channel, host, port), reason in zip(known, threads.map(lambda one: reach(*one[1:]), known), strict=True):
            facts = {"channel": channel, "host": host, "port": port}
            yield (
                bad("channel", "channel_far", reason=reason, **facts)
                if reason
                else good("channel", "channel_good", **facts)
            )


def targets(notifications: Notifications) -> Iterator[tuple[str, str, int]]:
    """(channel, host, port) of every channel that is set up and whose host is known; Apprise keeps its own.

    Behind a proxy the proxy stands for all that go through it: a direct connection may well be shut.
    """
    known = {name: getattr(notifications, name).webhook_url for name in ("slack", "jandi", "dooray", "discord")}
    known |= {f"webhook:{one.name}": one.url for one in notifications.webhooks}
    urls = {name: url.get_secret_value() for name, url in known.items() if url is not None}
    if notifications.telegram.bot_token is not None:
        urls["telegram"] = notifications.telegram.api_url
    if urls and notifications.proxy is not None:
        urls = {"proxy": notifications.proxy.get_secret_value()}
    for name, url in urls.items():
        yield name, *_place(url)
    if notifications.email.smtp_server:
        yield "email", notifications.email.smtp_server, notifications.email.smtp_port


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
