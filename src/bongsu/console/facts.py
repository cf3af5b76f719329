"""What the pages must know of the server before they draw: its language, time zone, thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bongsu.console.words import Language, language_of


class ServerAway(Exception):
    """The server can't be reached, or isn't a Bongsu server; the text says why."""


class NotLetIn(ServerAway):
    """The server has accounts, and the console shows it no token that may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """From `/monitoring/boot.json`."""

    version: str
    demo: bool = False
    language: Language = "ko"
    timezone: str = "Asia/Seoul"
    thresholds: Mapping[str, float] = field(default_factory=dict)


def read_facts(client: httpx.Client) -> Facts:
    """Ask the server.

    Raises:
        NotLetIn: the server wants to know who asks.
        ServerAway: there is no answer, or not the one we understand.
    """
    try:
        answer = client.get("/monitoring/boot.json")
        if answer.status_code in (401, 403):
            raise NotLetIn(f"{answer.status_code} from the server")
        answer.raise_for_status()
        return _facts(answer.json())
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from None


def _facts(body: Mapping[str, Any]) -> Facts:
    return Facts(
        version=str(body["version"]),
        demo=bool(body["demo"]),
        language=language_of(str(body["language"])),
        timezone=str(body["timezone"]),
        thresholds={str(key): float(value) for key, value in dict(body["thresholds"]).items()},
    )
