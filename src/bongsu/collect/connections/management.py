"""RabbitMQ's management API beside its handshake: connections, memory, messages in all."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from bongsu.collect.checks.exchange import Exchanger, Request
from bongsu.collect.connections.service import Found, Service


class Managed:
    """A RabbitMQ whose management API is asked too; where that doesn't answer, what the handshake told still holds."""

    def __init__(
        self, service: Service, *, url: str, amqp_url: str, exchanger: Exchanger, timeout: float, ca_file: str
    ):
        parts, own = urlsplit(url), urlsplit(amqp_url)
        name = parts.username or own.username or "guest"
        password = parts.password or own.password or "guest"
        place = parts.netloc.rpartition("@")[2]
        self._base = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
        key = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
        self._headers = {"Authorization": f"Basic {key}"}
        self._service = service
        self._exchanger = exchanger
        self._timeout = timeout / 2
        self._ca_file = ca_file

    async def ask(self) -> Found:
        """The handshake, then two questions."""
        found = await self._service.ask()
        overview = await self._get("/api/overview")
        nodes = await self._get("/api/nodes")
        if overview is None or nodes is None:
            return replace(found, detail=f"{found.detail}; the management API doesn't answer")
        figures, alarm = figures_of(overview, nodes)
        return replace(found, figures={**figures, **found.figures}, ailing=found.ailing or alarm)

    async def _get(self, path: str) -> Any:
        request = Request(url=self._base + path, headers=self._headers)
        answer = await self._exchanger.exchange(request, timeout=self._timeout, ca_file=self._ca_file)
        if answer.status != 200:
            return None
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            return None


def figures_of(overview: Any, nodes: Any) -> tuple[dict[str, float], str]:
    """Figures out of the two answers, and the reason for which it is degraded, or ""."""
    found: dict[str, float] = {}
    if isinstance(overview, dict):
        _take(found, "sessions", overview.get("object_totals"), "connections")
        _take(found, "queue_messages", overview.get("queue_totals"), "messages")
    listed = [one for one in nodes if isinstance(one, dict)] if isinstance(nodes, list) else []
    for figure, name in (("memory_bytes", "mem_used"), ("memory_limit_bytes", "mem_limit")):
        values = [one[name] for one in listed if isinstance(one.get(name), int | float)]
        if values:
            found[figure] = float(sum(values))
    if any(one.get("mem_alarm") for one in listed):
        return found, "memory"
    return found, "disk" if any(one.get("disk_free_alarm") for one in listed) else ""


def _take(found: dict[str, float], figure: str, section: Any, name: str) -> None:
    value = section.get(name) if isinstance(section, dict) else None
    if isinstance(value, int | float):
        found[figure] = float(value)
