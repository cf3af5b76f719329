"""The settings of notification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load
from bongsu.settings.model import Settings
from bongsu.settings.show import secrets_in, shown


def told(tmp_path: Path, **notifications: Any) -> list[str]:
    """Every fault of these settings."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"notifications": notifications}))
    with pytest.raises(SettingsError) as error:
        load(config=path, environment={}, folder=tmp_path)
    return error.value.lines()


@pytest.mark.guide("G019")
def test_the_guides_names_make_channels(tmp_path: Path) -> None:
    """The guide's `.env` alone is enough; a `$` in a password survives, and so do the port's and receivers' names."""
    (tmp_path / ".env").write_text(
        "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/A/B/C\n"
        "TELEGRAM_BOT_TOKEN=12:ab\nTELEGRAM_CHAT_ID=-100\n"
        "EMAIL_SMTP_SERVER=smtp.gmail.com\nEMAIL_USERNAME=me@example.kr\nEMAIL_PASSWORD=pa$HOME$$\n"
        "EMAIL_SMTP_PORT=465\nEMAIL_TO=a@example.kr, b@example.kr\n"
    )
    found = load(environment={"HOME": "/x"}, folder=tmp_path).notifications
    assert found.email.password is not None
    assert found.email.password.get_secret_value() == "pa$HOME$$"
    assert (found.email.smtp_port, found.email.to) == (465, ["a@example.kr", "b@example.kr"])
    assert (found.slack.webhook_url is not None, found.telegram.chat_id) == (True, "-100")


@pytest.mark.guide("G019")
def test_the_guides_example_word_for_word(tmp_path: Path) -> None:
    """Who copies the guide's `.env` as it stands can start: what is wrong in it, each service says by itself."""
    (tmp_path / ".env").write_text(
        "# Slack 알림\n"
        "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/YOUR/SLACK/WEBHOOK\n\n"
        "# Telegram 알림\n"
        "TELEGRAM_BOT_TOKEN=YOUR_TELEGRAM_BOT_TOKEN\n"
        "TELEGRAM_CHAT_ID=YOUR_CHAT_ID\n\n"
        "# 이메일 알림\n"
        "EMAIL_SMTP_SERVER=smtp.gmail.com\n"
        "EMAIL_USERNAME=your_email@gmail.com\n"
        "EMAIL_PASSWORD=your_app_password\n\n"
        "# 모니터링 설정\n"
        "DASHBOARD_PORT=8501\n"
        "UPDATE_INTERVAL_SECONDS=1.0\n"
    )
    found = load(environment={}, folder=tmp_path).notifications
    assert (found.telegram.chat_id, found.email.username) == ("YOUR_CHAT_ID", "your_email@gmail.com")


@pytest.mark.parametrize(
    ("notifications", "path", "says"),
    [
        ({"slack": {"webhook_url": "hooks.slack.com/x"}}, "notifications.slack.webhook_url", "an http(s) address"),
        ({"slack": {"webhook_url": "https://h/a\nb"}}, "notifications.slack.webhook_url", "one line"),
        ({"telegram": {"bot_token": "a/../b"}}, "notifications.telegram.bot_token", "token"),
        ({"telegram": {"chat_id": "ops room"}}, "notifications.telegram.chat_id", "number of a chat"),
        ({"email": {"to": ["a@b.kr\nBcc: x@y.kr"]}}, "notifications.email.to[0]", "mail address"),
        ({"email": {"sender": "Ops <ops@b.kr>"}}, "notifications.email.sender", "mail address"),
        ({"webhooks": [{"name": "Ops", "url": "https://h"}]}, "notifications.webhooks[0].name", "small letters"),
        ({"webhooks": [{"name": "ops"}]}, "notifications.webhooks[0].url", ""),
        ({"webhooks": [{"name": "a", "url": "https://h"}] * 2}, "notifications", "same name"),
        (
            {"webhooks": [{"name": "a", "url": "https://h", "secret": "short"}]},
            "notifications.webhooks[0].secret",
            "",
        ),
        (
            {"webhooks": [{"name": "a", "url": "https://h", "headers": {"Host": "x"}}]},
            "notifications.webhooks[0].headers",
            "ours",
        ),
        (
            {"webhooks": [{"name": "a", "url": "https://h", "headers": {"X": "a\r\nY: b"}}]},
            "notifications.webhooks[0].headers",
            "one line",
        ),
        ({"templates": {"fires": "x"}}, "notifications.templates", "fires is no kind of message"),
        ({"templates": {"fired": "{{ title"}}, "notifications.templates", "fired: line 1"),
        ({"fail_over": ["pager"]}, "notifications.fail_over[0]", "must be a channel"),
        ({"sending": {"per_minute": {"slack": 0}}}, "notifications.sending.per_minute.slack", "1 or more"),
    ],
)
def test_faults(tmp_path: Path, notifications: dict[str, Any], path: str, says: str) -> None:
    """Each fault is told with its path and what would be right, never with the value."""
    (line,) = told(tmp_path, **notifications)
    assert line.startswith((f"{path}: ", f"{path}["))
    assert says in line


def test_secrets_are_known_and_masked() -> None:
    """What must not be written anywhere: addresses, tokens, signing secrets, headers, proxies."""
    settings = Settings.model_validate(
        {
            "notifications": {
                "jandi": {"webhook_url": "https://h/one-secret"},
                "webhooks": [
                    {
                        "name": "a",
                        "url": "https://h/two-secret",
                        "secret": "three-secret-long",
                        "headers": {"X": "four-secret"},
                    }
                ],
                "apprise": ["json://five-secret"],
                "proxy": "http://u:six-secret@p:3128",
            }
        }
    )
    text = " ".join(secrets_in(settings))
    assert all(f"{number}-secret" in text for number in ("one", "two", "three", "four", "five", "six"))
    assert "secret" not in json.dumps(dict(_values(shown(settings)["notifications"])))


def _values(tree: Any, path: str = "") -> list[tuple[str, str]]:
    """Every value, without the names of keys."""
    if isinstance(tree, dict):
        return [one for key, value in tree.items() for one in _values(value, f"{path}.{len(key)}")]
    if isinstance(tree, list):
        return [one for place, value in enumerate(tree) for one in _values(value, f"{path}[{place}]")]
    return [(path, str(tree))]
