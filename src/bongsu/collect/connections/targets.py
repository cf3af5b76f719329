"""The connections to watch, out of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from bongsu.collect.checks.lookup import ProbeFailed
from bongsu.collect.checks.own import Unusable
from bongsu.collect.checks.targets import target, tcp
from bongsu.collect.checks.tools import Tools
from bongsu.collect.checks.watch import Prober, Target
from bongsu.collect.connections.amqp import AmqpService
from bongsu.collect.connections.management import Managed
from bongsu.collect.connections.mysql import MysqlService
from bongsu.collect.connections.postgres import PostgresService
from bongsu.collect.connections.redis import RedisService
from bongsu.collect.connections.service import Connected, Service
from bongsu.redaction import Redactor
from bongsu.settings.checked import Connection
from bongsu.settings.model import Settings
from bongsu.settings.show import secrets_in


def connections(settings: Settings, tools: Tools) -> Iterable[Target]:
    """A target for each connection."""
    for one in settings.connections:
        url = one.url.get_secret_value()
        yield target("connection", one, url, _prober(one, url, tools), tools, zone=settings.monitoring.timezone)


def _prober(one: Connection, url: str, tools: Tools) -> Prober:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return tcp(one, parts, tools)
    try:
        service = _service(one, url, tools)
    except ProbeFailed as error:
        return Unusable(error.detail, clock=tools.clock)
    password = {parts.password} if parts.password else set()
    return Connected(
        service,
        clock=tools.clock,
        timeout=one.timeout_seconds,
        slow_ms=one.slow_ms,
        redactor=Redactor(secrets_in(one) | password),
    )


def _service(one: Connection, url: str, tools: Tools) -> Service:
    scheme = urlsplit(url).scheme
    lookup, clock, timeout = tools.lookup, tools.clock, one.timeout_seconds
    if scheme in ("postgresql", "postgres"):
        return PostgresService(url, lookup=lookup, clock=clock, timeout=timeout, ca_file=one.ca_file)
    if scheme in ("mysql", "mariadb"):
        return MysqlService(url, lookup=lookup, clock=clock, timeout=timeout, ca_file=one.ca_file)
    tls = tools.exchanger.context(one.ca_file) if scheme in ("rediss", "amqps") else None
    if scheme in ("redis", "rediss"):
        return RedisService(url, lookup=lookup, clock=clock, tls=tls)
    broker = AmqpService(url, queues=tuple(one.queues), lookup=lookup, clock=clock, tls=tls)
    if one.management_url is None:
        return broker
    return Managed(
        broker,
        url=one.management_url.get_secret_value(),
        amqp_url=url,
        exchanger=tools.exchanger,
        timeout=timeout,
        ca_file=one.ca_file,
    )
