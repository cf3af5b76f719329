"""Slack."""

from __future__ import annotations

import pytest

from bongsu.model.catalogue import builtin
from bongsu.notify.channels.slack import TEXT_LIMIT, body_of, channels
from bongsu.notify.render import Renderer
from tests.fakes.notify import alert, notice, over, settings_with, tools

RENDERER = Renderer()


@pytest.mark.guide("G045")
def test_the_guides_message() -> None:
    """The guide's example, key for key."""
    assert body_of(notice(), RENDERER) == {
        "text": "🚨 WARNING: CPU 사용률이 높습니다.",
        "attachments": [
            {
                "color": "warning",
                "fields": [
                    {"title": "메트릭", "value": "cpu_usage", "short": True},
                    {"title": "값", "value": "85.5%", "short": True},
                    {"title": "임계값", "value": "80.0%", "short": True},
                ],
            }
        ],
    }


def test_it_is_there_where_it_is_set_up() -> None:
    """A webhook in the settings makes the channel; without, there is none."""
    assert channels(settings_with().notifications, tools()) == []
    (made,) = channels(settings_with(slack={"webhook_url": "https://hooks.slack.com/x"}).notifications, tools())
    assert (made.name, made.kind) == ("slack", "slack")


@pytest.mark.guide("G045")
def test_a_pushed_alert_reads_the_same() -> None:
    """Who pushes the guide's body sends no unit: the catalogue knows that of the metric."""
    known = Renderer(unit_of=lambda metric: builtin().get(metric).unit)
    assert body_of(notice("n", alert(unit="")), known) == body_of(notice(), RENDERER)


def test_colours() -> None:
    """By severity; green for what is over, alone or within a group."""
    for severity, colour in (("info", "#2f6feb"), ("error", "danger"), ("critical", "danger")):
        assert body_of(notice("n", alert(severity=severity)), RENDERER)["attachments"][0]["color"] == colour
    mixed = body_of(notice("n", alert("1", severity="critical"), over(alert("2"))), RENDERER)
    assert [one["color"] for one in mixed["attachments"]] == ["danger", "good"]


def test_the_page_to_acknowledge_on() -> None:
    """A link, where there is a page and the alert is open; what could end it early is encoded."""
    renderer = Renderer(link_of=lambda one: f"https://m.example.kr/ack/{one.id}|x&y")
    (attachment,) = body_of(notice("a"), renderer)["attachments"]
    assert attachment["fields"][-1]["value"] == (
        "<https://m.example.kr/ack/a%7Cx&amp;y|링크를 열고 버튼을 눌러 주세요>"
    )
    assert "ack" not in str(body_of(notice("n", over(alert())), renderer))


def test_a_group() -> None:
    """Several alerts are an attachment each, ten at most; the others are counted."""
    body = body_of(notice("n", *(alert(f"{n}") for n in range(12)), more=3), RENDERER)
    assert body["text"].startswith("🚨 WARNING · 알림 15건: ")
    assert len(body["attachments"]) == 11
    assert body["attachments"][-1]["text"] == "… 외 5건"


def test_limits() -> None:
    """A text beyond what Slack takes is cut with an ellipsis, an entity never in two."""
    text = body_of(notice("n", alert(), kind="message", alerts=(), text="&" * 5_000), RENDERER)["text"]
    assert text.endswith("&amp;…")
    assert len(text.replace("&amp;", "&")) <= TEXT_LIMIT


def test_own_text() -> None:
    """A template of one's own replaces the text, the attachments stay."""
    renderer = Renderer(templates={"slack/fired": "*{{ title }}* <!here> {{ alerts[0].metric }}"})
    body = body_of(notice("n", alert(message="<x>")), renderer)
    assert body["text"] == "*&lt;x&gt;* <!here> cpu_usage"
    assert body["attachments"][0]["fields"][0]["value"] == "cpu_usage"
