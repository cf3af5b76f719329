"""Telegram: its messages; what is pressed there is tested with a server."""

from __future__ import annotations

import pytest

from bongsu.notify.channels.telegram import DATA_LIMIT, TEXT_LIMIT, body_of, channels
from bongsu.notify.cut import units
from bongsu.notify.render import Renderer
from tests.fakes.notify import alert, notice, over, settings_with, tools

RENDERER = Renderer()
GUIDE = """
🚨 WARNING
메시지: CPU 사용률이 높습니다.
메트릭: cpu_usage
값: 85.5%
임계값: 80.0%
시간: 2025-01-27 15:30:45
"""


@pytest.mark.guide("G046")
def test_the_guides_message() -> None:
    """The guide's example, line for line."""
    body = body_of(notice(), RENDERER, chat="-100", buttons=False)
    assert body == {
        "chat_id": "-100",
        "text": GUIDE.strip(),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def test_it_needs_a_bot_and_a_chat() -> None:
    """One of the two alone makes no channel."""
    token = {"bot_token": "1:a"}
    assert channels(settings_with(telegram=token).notifications, tools()) == []
    assert len(channels(settings_with(telegram={**token, "chat_id": "-1"}).notifications, tools())) == 1


def test_buttons() -> None:
    """An open alert nobody has in hand gets a button; several get one each, told apart; others none."""
    (row,) = body_of(notice(), RENDERER, chat="1", buttons=True)["reply_markup"]["inline_keyboard"]
    assert row == [{"text": "👀 확인", "callback_data": "ack:a"}]
    known = alert("2", phase="acknowledged")
    rows = body_of(notice("n", alert("1"), known, alert("3")), RENDERER, chat="1", buttons=True)
    assert [row[0]["callback_data"] for row in rows["reply_markup"]["inline_keyboard"]] == ["ack:1", "ack:3"]
    assert "reply_markup" not in body_of(notice("n", over(alert())), RENDERER, chat="1", buttons=True)
    assert "reply_markup" not in body_of(notice("n", alert("x" * DATA_LIMIT)), RENDERER, chat="1", buttons=True)


def test_the_limit() -> None:
    """Whatever the alerts say, the text stays within 4,096 UTF-16 units once its entities are read."""
    many = [alert(f"{n}", message="<🚨>" * 400, labels=(("k", "<v>" * 90),)) for n in range(10)]
    text = body_of(notice("n", *many), RENDERER, chat="1", buttons=False)["text"]
    read = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert units(read) <= TEXT_LIMIT
    assert "외 9건" in text or text.endswith("…")
