"""Slack by an incoming webhook, in the form that the guide shows: a text, and attachments with a coloured bar."""

from __future__ import annotations

from typing import Any

from bongsu.model.alert import Notice
from bongsu.notify.classing import refuse_unless_delivered
from bongsu.notify.content import Content, Fact, Told
from bongsu.notify.cut import cut_markup
from bongsu.notify.escape import slack
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.notify.words import say
from bongsu.settings.notifications import Notifications

TEXT_LIMIT = 3_000
_COLOURS = {"info": "#2f6feb", "warning": "warning", "error": "danger", "critical": "danger"}
_SHORT = {"metric", "value", "threshold", "fired_at", "lasted", "lasting", "by", "until", "no_data"}
"""Facts that stand two in a row."""


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """The channel, where the settings have a webhook."""
    url = settings.slack.webhook_url
    return [SlackChannel(url.get_secret_value(), tools)] if url else []


class SlackChannel:
    """Posts to one incoming webhook."""

    kind = "slack"
    name = "slack"
    pace = Pace(per_minute=60, burst=5)

    def __init__(self, url: str, tools: Tools) -> None:
        self._url = url
        self._tools = tools

    async def send(self, notice: Notice) -> str:
        """Deliver; Slack gives no receipt."""
        answer = await self._tools.http.post(self._url, body_of(notice, self._tools.renderer), service="Slack")
        refuse_unless_delivered(answer, service="Slack", now=self._tools.clock.now())
        return ""


def body_of(notice: Notice, renderer: Renderer) -> dict[str, Any]:
    """What is posted."""
    content = renderer.content(notice)
    own = renderer.own_text(content, channel="slack", target="slack")
    return {"text": cut_markup(own or slack(content.subject), TEXT_LIMIT), "attachments": _attachments(content)}


def _attachments(content: Content) -> list[dict[str, Any]]:
    several = len(content.told) > 1 or content.more > 0
    found = [_attachment(told, content, several=several) for told in content.told]
    if content.link and found:
        link = f"<{slack(content.link).replace('|', '%7C')}|{say('link_here', content.language)}>"
        found[0]["fields"].append({"title": say("link", content.language), "value": link, "short": False})
    if content.more:
        found.append({"color": _colour(content), "text": say("more", content.language, count=content.more)})
    return found


def _attachment(told: Told, content: Content, *, several: bool) -> dict[str, Any]:
    attachment: dict[str, Any] = {"color": _colour(content, told)}
    if several:
        attachment["text"] = slack(f"{told.severity} {told.message}")
    return attachment | {"fields": [_field(fact) for fact in told.facts]}


def _field(fact: Fact) -> dict[str, Any]:
    return {"title": fact.label, "value": slack(fact.value), "short": fact.key in _SHORT}


def _colour(content: Content, told: Told | None = None) -> str:
    if content.notice.kind in ("resolved", "summary", "test") or (told and told.alert.phase == "resolved"):
        return "good"
    return _COLOURS[told.alert.severity if told else content.notice.severity]
