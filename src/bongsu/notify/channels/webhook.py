"""A webhook of one's own: the whole notice as JSON, signed, with an idempotency key.

The signature is `HMAC-SHA256(secret, timestamp + "." + body)` in small hex, as in
`Bongsu-Signature: t=1763778000,v1=5f3c…`; docs/alerts.md has the recipe for checking it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from bongsu.model.alert import Notice
from bongsu.model.alert_json import alert_json
from bongsu.notify.classing import refuse_unless_delivered
from bongsu.notify.escape import line
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.settings.notifications import Notifications, Webhook

VERSION = 1
TEXT_LIMIT = 10_000


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """A channel for each webhook of the settings."""
    return [WebhookChannel(one, tools) for one in settings.webhooks]


class WebhookChannel:
    """Posts to one receiver."""

    kind = "webhook"
    pace = Pace(per_minute=600, burst=50)

    def __init__(self, settings: Webhook, tools: Tools) -> None:
        self.name = f"webhook:{settings.name}"
        self._settings = settings
        self._tools = tools

    async def send(self, notice: Notice) -> str:
        """Deliver; the answer's `id`, if it is JSON and has one."""
        settings, now = self._settings, self._tools.clock.now()
        body = encoded(body_of(notice, self._tools.renderer))
        headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        headers["Idempotency-Key"] = key_of(notice)
        if settings.secret is not None:
            headers["Bongsu-Signature"] = signature(settings.secret.get_secret_value(), now // 1000, body)
        service = f"the webhook {settings.name}"
        answer = await self._tools.http.post(settings.url.get_secret_value(), body, headers=headers, service=service)
        refuse_unless_delivered(answer, service=service, now=now)
        document = answer.json
        return line(str(document.get("id", "")))[:200] if isinstance(document, Mapping) else ""


def body_of(notice: Notice, renderer: Renderer) -> dict[str, Any]:
    """What is posted: the notice with its alerts as REST gives them, and its text as people would read it."""
    content = renderer.content(notice)
    return {
        "version": VERSION,
        "id": notice.id,
        "kind": notice.kind,
        "severity": notice.severity,
        "at": notice.at,
        "group": notice.group,
        "language": content.language,
        "title": content.subject,
        "text": renderer.text(notice, channel="webhook", target="plain", limit=TEXT_LIMIT),
        "alerts": [alert_json(alert) for alert in notice.alerts],
        "more": notice.more,
        "link": content.link,
    }


def encoded(body: dict[str, Any]) -> bytes:
    """As JSON in UTF-8; lone surrogates, which no reader takes, become question marks."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def key_of(notice: Notice) -> str:
    """The notice's id, fit for a header."""
    return line(notice.id).encode("ascii", "replace").decode()[:200]


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The header's value for a body sent at that time (UTC seconds)."""
    digest = hmac.new(secret.encode(), b"%d.%b" % (timestamp, body), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
