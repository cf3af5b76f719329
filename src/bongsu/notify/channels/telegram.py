"""Telegram by a bot: messages in its HTML, a button under each alert, and the answers to it by long polling."""

from __future__ import annotations

from typing import Any

import structlog

from bongsu.model.alert import Alert, Notice
from bongsu.model.errors import BongsuError, ChannelError
from bongsu.notify.classing import Answer, refuse_unless_delivered
from bongsu.notify.cut import cut, cut_markup
from bongsu.notify.escape import line
from bongsu.notify.pace import Pace, wait_of
from bongsu.notify.render import Renderer
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.notify.words import say
from bongsu.ports import Acknowledger
from bongsu.settings.notifications import Notifications

TEXT_LIMIT = 4_096
"""Of a message, once its entities are read."""
DATA_LIMIT = 64
"""Bytes that a button can carry."""
_BUTTONS = 5
_ACKNOWLEDGE = "ack:"
_POLL = 25
"""Seconds that Telegram holds the question back while nobody presses anything."""
_log = structlog.get_logger(__name__)


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """The channel, where the settings have a bot and a chat."""
    telegram = settings.telegram
    if telegram.bot_token is None or telegram.chat_id is None:
        return []
    token = telegram.bot_token.get_secret_value()
    acknowledger = tools.acknowledger if telegram.buttons else None
    return [TelegramChannel(f"{telegram.api_url}/bot{token}/", telegram.chat_id, tools, acknowledger)]


class TelegramChannel:
    """Writes to one chat. `address` ends in `/bot<token>/` and is a secret."""

    kind = "telegram"
    name = "telegram"
    pace = Pace(per_minute=20, burst=3)

    def __init__(self, address: str, chat: str, tools: Tools, acknowledger: Acknowledger | None = None) -> None:
        self._address = address
        self._chat = chat
        self._tools = tools
        self._acknowledger = acknowledger

    async def send(self, notice: Notice) -> str:
        """Deliver; the message's id."""
        body = body_of(notice, self._tools.renderer, chat=self._chat, buttons=self._acknowledger is not None)
        answer = await self._call("sendMessage", body)
        if answer.status == 400 and "parse entities" in answer.text:
            # An own template with faulty tags: better read with tags than not at all.
            answer = await self._call("sendMessage", {key: body[key] for key in body if key != "parse_mode"})
        self._refuse(answer)
        document = answer.json
        result = document.get("result") if isinstance(document, dict) else None
        return str(result.get("message_id", "")) if isinstance(result, dict) else ""

    async def listen(self) -> None:
        """Take pressed buttons to the acknowledger, until cancelled; without one there is nothing to hear."""
        offset = failures = 0
        while self._acknowledger is not None:
            question = {"offset": offset, "timeout": _POLL, "allowed_updates": ["callback_query"], "limit": 20}
            try:
                answer = await self._call("getUpdates", question, patience=_POLL)
                self._refuse(answer)
                failures = 0
            except ChannelError as error:
                failures += 1
                wait = error.retry_after or wait_of(failures, error.kind, 0.5)
                say_it = _log.warning if failures == 1 else _log.debug  # once an outage is enough
                say_it("telegram buttons can't be heard", cause=error.detail, seconds=round(wait, 1))
                await self._tools.clock.sleep_until(self._tools.clock.monotonic() + wait)
                continue
            for update in _updates(answer):
                offset = max(offset, update["update_id"] + 1)
                try:
                    await self._pressed(update.get("callback_query"), self._acknowledger)
                except Exception:  # noqa: BLE001 - supervises: an update that trips us must not come again and again
                    _log.exception("a pressed button could not be handled")

    async def _pressed(self, query: object, acknowledger: Acknowledger) -> None:
        if not isinstance(query, dict) or not isinstance(query.get("data"), str):
            return
        language = self._tools.renderer.language
        if not self._ours(query):
            _log.warning("a button was pressed in a chat that isn't set up", action="nothing was acknowledged")
            await self._answer(query, say("not_yours", language))
            return
        alert_id = query["data"].removeprefix(_ACKNOWLEDGE)
        try:
            await acknowledger.acknowledge(alert_id, by=_who(query), note="")
        except BongsuError as error:
            await self._answer(query, say("not_pressed", language, reason=error.detail))
            return
        await self._answer(query, say("pressed", language))
        message = query["message"]
        await self._quietly(
            "editMessageReplyMarkup",
            {"chat_id": message["chat"]["id"], "message_id": message.get("message_id")},
        )

    def _ours(self, query: dict[str, Any]) -> bool:
        message = query.get("message")
        chat = message.get("chat") if isinstance(message, dict) else None
        if not isinstance(chat, dict) or not str(query["data"]).startswith(_ACKNOWLEDGE):
            return False
        username = chat.get("username")
        return str(chat.get("id")) == self._chat or (bool(username) and f"@{username}".lower() == self._chat.lower())

    async def _answer(self, query: dict[str, Any], text: str) -> None:
        await self._quietly("answerCallbackQuery", {"callback_query_id": query.get("id"), "text": cut(line(text), 190)})

    async def _quietly(self, method: str, body: dict[str, Any]) -> None:
        """What is only a courtesy: failing, it changes nothing."""
        try:
            self._refuse(await self._call(method, body))
        except ChannelError as error:
            _log.info("telegram did not take a courtesy", method=method, cause=error.detail)

    async def _call(self, method: str, body: dict[str, Any], *, patience: float = 0) -> Answer:
        return await self._tools.http.post(self._address + method, body, service="Telegram", patience=patience)

    def _refuse(self, answer: Answer) -> None:
        document = answer.json
        said = document.get("description", "") if isinstance(document, dict) else ""
        parameters = document.get("parameters") if isinstance(document, dict) else None
        if isinstance(parameters, dict) and parameters.get("migrate_to_chat_id"):
            raise ChannelError(
                f"the Telegram group became a supergroup; set telegram.chat_id to {parameters['migrate_to_chat_id']}",
                kind="auth",
            )
        if answer.status == 400 and "chat not found" in str(said):
            raise ChannelError(
                "Telegram doesn't know the chat; write to the bot first, or mend telegram.chat_id", kind="auth"
            )
        refuse_unless_delivered(answer, service="Telegram", now=self._tools.clock.now())


def body_of(notice: Notice, renderer: Renderer, *, chat: str, buttons: bool) -> dict[str, Any]:
    """What is posted to `sendMessage`."""
    body: dict[str, Any] = {
        "chat_id": chat,
        "text": renderer.text(notice, channel="telegram", target="telegram", limit=TEXT_LIMIT, shorten=cut_markup),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    rows = _rows(notice, renderer) if buttons else []
    return body | {"reply_markup": {"inline_keyboard": rows}} if rows else body


def _rows(notice: Notice, renderer: Renderer) -> list[list[dict[str, str]]]:
    if notice.kind not in ("fired", "repeated", "escalated"):
        return []
    unanswered = [one for one in notice.alerts if one.phase == "firing" and _data_of(one)][:_BUTTONS]
    language = renderer.content(notice).language
    word = say("button", language)
    if len(unanswered) == 1 and len(notice.alerts) == 1:
        return [[{"text": f"👀 {word}", "callback_data": _data_of(unanswered[0])}]]
    return [
        [{"text": f"👀 {word}: {cut(line(one.said(language)), 40)}", "callback_data": _data_of(one)}]
        for one in unanswered
    ]


def _data_of(alert: Alert) -> str:
    data = _ACKNOWLEDGE + alert.id
    return data if len(data.encode()) <= DATA_LIMIT else ""


def _updates(answer: Answer) -> list[dict[str, Any]]:
    document = answer.json
    result = document.get("result") if isinstance(document, dict) else None
    found = result if isinstance(result, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("update_id"), int)]


def _who(query: dict[str, Any]) -> str:
    """Whoever pressed, by the names Telegram gives; untrusted text."""
    sender = query.get("from")
    if not isinstance(sender, dict):
        return "Telegram"
    name = " ".join(str(sender[key]) for key in ("first_name", "last_name") if sender.get(key))
    username = f" (@{sender['username']})" if sender.get("username") else ""
    return cut(line(name + username), 80) or "Telegram"
