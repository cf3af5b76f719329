"""Dooray! by an incoming webhook: a line, and an attachment for each alert."""

from __future__ import annotations

from typing import Any

from bongsu.model.alert import Notice
from bongsu.notify.classing import refuse_unless_delivered
from bongsu.notify.content import Content, Told
from bongsu.notify.cut import cut
from bongsu.notify.escape import links
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer, colour_of
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.notify.words import say
from bongsu.settings.notifications import Notifications

TEXT_LIMIT = 2_000
BOT = {"ko": "봉수", "en": "Bongsu"}


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """The channel, where the settings have a webhook."""
    url = settings.dooray.webhook_url
    return [DoorayChannel(url.get_secret_value(), tools)] if url else []


class DoorayChannel:
    """Posts to one incoming webhook."""

    kind = "dooray"
    name = "dooray"
    pace = Pace(per_minute=60, burst=5)

    def __init__(self, url: str, tools: Tools) -> None:
        self._url = url
        self._tools = tools

    async def send(self, notice: Notice) -> str:
        """Deliver; Dooray! gives no receipt."""
        answer = await self._tools.http.post(self._url, body_of(notice, self._tools.renderer), service="Dooray!")
        refuse_unless_delivered(answer, service="Dooray!", now=self._tools.clock.now())
        return ""


def body_of(notice: Notice, renderer: Renderer) -> dict[str, Any]:
    """What is posted."""
    content = renderer.content(notice)
    own = renderer.own_text(content, channel="dooray", target="links")
    attachments = [_attachment(told, content) for told in content.told]
    if content.link and attachments:
        attachments[0]["titleLink"] = content.link
    if content.more:
        attachments.append({"text": say("more", content.language, count=content.more), "color": colour_of(content)})
    return {
        "botName": BOT[content.language],
        "text": cut(own or links(content.subject), TEXT_LIMIT),
        "attachments": attachments,
    }


def _attachment(told: Told, content: Content) -> dict[str, str]:
    lines = [f"{fact.label}: {links(fact.value)}" for fact in told.facts]
    return {
        "title": cut(links(f"{told.severity} {told.message}"), 300),
        "text": cut("\n".join(lines), TEXT_LIMIT),
        "color": colour_of(content),
    }
