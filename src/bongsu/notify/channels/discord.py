"""Discord by a webhook: text that mentions nobody."""

from __future__ import annotations

from typing import Any

from bongsu.model.alert import Notice
from bongsu.notify.classing import refuse_unless_delivered
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.settings.notifications import Notifications

TEXT_LIMIT = 2_000
_SUPPRESS_EMBEDS = 4


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """The channel, where the settings have a webhook."""
    url = settings.discord.webhook_url
    return [DiscordChannel(url.get_secret_value(), tools)] if url else []


class DiscordChannel:
    """Posts to one webhook."""

    kind = "discord"
    name = "discord"
    pace = Pace(per_minute=30, burst=3)

    def __init__(self, url: str, tools: Tools) -> None:
        self._url = url + ("&" if "?" in url else "?") + "wait=true"
        self._tools = tools

    async def send(self, notice: Notice) -> str:
        """Deliver; the message's id."""
        answer = await self._tools.http.post(self._url, body_of(notice, self._tools.renderer), service="Discord")
        refuse_unless_delivered(answer, service="Discord", now=self._tools.clock.now())
        document = answer.json
        return str(document.get("id", ""))[:40] if isinstance(document, dict) else ""


def body_of(notice: Notice, renderer: Renderer) -> dict[str, Any]:
    """What is posted: no mention is allowed, whatever the text holds, and no address is unfolded."""
    return {
        "content": renderer.text(notice, channel="discord", target="discord", limit=TEXT_LIMIT),
        "allowed_mentions": {"parse": []},
        "flags": _SUPPRESS_EMBEDS,
    }
