"""JANDI by an incoming webhook: a line, a colour, and a card for each alert."""

from __future__ import annotations

from typing import Any

from bongsu.model.alert import Notice
from bongsu.notify.classing import refuse_unless_delivered
from bongsu.notify.content import Told
from bongsu.notify.cut import cut
from bongsu.notify.escape import links
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer, colour_of
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.notify.words import say
from bongsu.settings.notifications import Notifications

ACCEPT = "application/vnd.tosslab.jandi-v2+json"
BODY_LIMIT = 2_000
CARD_LIMIT = 2_000


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """The channel, where the settings have a webhook."""
    url = settings.jandi.webhook_url
    return [JandiChannel(url.get_secret_value(), tools)] if url else []


class JandiChannel:
    """Posts to one incoming webhook."""

    kind = "jandi"
    name = "jandi"
    pace = Pace(per_minute=60, burst=5)

    def __init__(self, url: str, tools: Tools) -> None:
        self._url = url
        self._tools = tools

    async def send(self, notice: Notice) -> str:
        """Deliver; JANDI gives no receipt."""
        body = body_of(notice, self._tools.renderer)
        answer = await self._tools.http.post(self._url, body, headers={"accept": ACCEPT}, service="JANDI")
        refuse_unless_delivered(answer, service="JANDI", now=self._tools.clock.now())
        return ""


def body_of(notice: Notice, renderer: Renderer) -> dict[str, Any]:
    """What is posted."""
    content = renderer.content(notice)
    own = renderer.own_text(content, channel="jandi", target="links")
    cards = [_card(told) for told in content.told]
    if content.link and cards:
        cards[0]["description"] += f"\n[{say('link', content.language)}]({content.link})"
    if content.more:
        cards.append({"title": say("more", content.language, count=content.more), "description": ""})
    return {
        "body": cut(own or links(content.subject), BODY_LIMIT),
        "connectColor": colour_of(content),
        "connectInfo": cards,
    }


def _card(told: Told) -> dict[str, str]:
    lines = [f"{fact.label}: {links(fact.value)}" for fact in told.facts]
    return {
        "title": cut(links(f"{told.severity} {told.message}"), 300),
        "description": cut("\n".join(lines), CARD_LIMIT),
    }
