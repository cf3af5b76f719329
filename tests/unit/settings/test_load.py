"""Settings put together from file, `.env`, environment and flags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bongsu.settings.load import load, load_with_origins
from bongsu.settings.model import Settings

WRITTEN = Path("config") / "monitoring_config.json"


def write(folder: Path, settings: Mapping[str, Any]) -> Path:
    """Put a settings file where Bongsu looks for it."""
    path = folder / WRITTEN
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path


def test_nothing_set_is_the_defaults(tmp_path: Path) -> None:
    """Without any file or name the defaults hold."""
    assert load(environment={}, folder=tmp_path) == Settings()


@pytest.mark.guide("G023")
def test_later_places_win(tmp_path: Path) -> None:
    """File < .env < environment < flags, each over its own keys only."""
    write(
        tmp_path, {"server": {"port": 1001, "live_port": 1002, "console_port": 1003}, "monitoring": {"language": "en"}}
    )
    (tmp_path / ".env").write_text("BONGSU_SERVER__LIVE_PORT=2002\nDASHBOARD_PORT=2003\nBONGSU_SERVER__PORT=2001\n")
    names = {"BONGSU_SERVER__PORT": "3001", "DASHBOARD_PORT": "3003"}

    loaded = load_with_origins({"server.port": 4001, "server.host": None}, environment=names, folder=tmp_path)

    server = loaded.settings.server
    assert (server.port, server.live_port, server.console_port) == (4001, 2002, 3003)
    assert loaded.settings.monitoring.language == "en"
    assert loaded.origins["server", "port"] == "--port"
    assert loaded.origins["server", "live_port"] == ".env BONGSU_SERVER__LIVE_PORT"
    assert loaded.origins["server", "console_port"] == "environment DASHBOARD_PORT"
    assert loaded.origins["monitoring", "language"] == str(WRITTEN)
    assert ("server", "host") not in loaded.origins


@pytest.mark.guide("G019")
@pytest.mark.guide("G020")
def test_the_names_of_the_guide(tmp_path: Path) -> None:
    """`.env` with the guide's names is read by the program itself, comments and quotes included."""
    (tmp_path / ".env").write_text(
        "# Slack 알림\n"
        "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/A/B/C\n"
        "TELEGRAM_BOT_TOKEN=12:ab\nTELEGRAM_CHAT_ID=-100\n"
        "EMAIL_SMTP_SERVER=smtp.gmail.com\nEMAIL_USERNAME=me@example.kr\nEMAIL_PASSWORD='p w'\n"
        "EMAIL_SMTP_PORT=465\nEMAIL_TO=a@example.kr, b@example.kr\n"
        "export DASHBOARD_PORT=8502\nUPDATE_INTERVAL_SECONDS=2.5\n",
        encoding="utf-8",
    )

    settings = load(environment={"PATH": "/bin"}, folder=tmp_path)

    notifications = settings.notifications
    assert notifications.slack.webhook_url is not None
    assert notifications.slack.webhook_url.get_secret_value() == "https://hooks.slack.com/services/A/B/C"
    assert notifications.telegram.bot_token is not None
    assert notifications.telegram.chat_id == "-100"
    assert notifications.email.smtp_server == "smtp.gmail.com"
    assert notifications.email.smtp_port == 465
    assert notifications.email.password is not None
    assert notifications.email.password.get_secret_value() == "p w"
    assert notifications.email.to == ["a@example.kr", "b@example.kr"]
    assert settings.server.console_port == 8502
    assert settings.monitoring.update_interval_seconds == 2.5


@pytest.mark.parametrize("secret", ["$2b$12$abc.def", "${HOME}x", "a$PATH", "100%$$"])
def test_a_dollar_survives(tmp_path: Path, secret: str) -> None:
    """Nothing is interpolated: hashes and passwords with a dollar come through as written."""
    (tmp_path / ".env").write_text(f"EMAIL_PASSWORD={secret}\n")

    password = load(environment={"HOME": "/home/x"}, folder=tmp_path).notifications.email.password

    assert password is not None
    assert password.get_secret_value() == secret


def test_own_names_read_every_type(tmp_path: Path) -> None:
    """`BONGSU_` names give numbers, flags, lists, objects, durations and keys that start with a digit."""
    settings = load(
        environment={
            "BONGSU_ANOMALY_DETECTION__ENABLED": "False",
            "BONGSU_LIMITS__PAST": "7d",
            "BONGSU_COLLECTORS": "my_metrics, shop.orders:Orders",
            "BONGSU_RULES": '[{"metric": "cpu_usage", "value": 80}]',
            "BONGSU_MARKETPLACES__11ST": '{"api_key": "k"}',
            "bongsu_storage__sync": "commit",
            "BONGSU_SERVER__PUBLIC_URL": "https://monitor.example.kr/",
            "BONGSU_SERVER__HOST": "",
        },
        folder=tmp_path,
    )

    assert settings.anomaly_detection.enabled is False
    assert settings.limits.past == 7 * 86_400_000
    assert settings.collectors == ["my_metrics", "shop.orders:Orders"]
    assert [one.metric for one in settings.rules] == ["cpu_usage"]
    assert settings.marketplaces.eleven_street.api_key == SecretStr("k")
    assert settings.storage.sync == "commit"
    assert settings.server.public_url == "https://monitor.example.kr"
    assert settings.server.host == "127.0.0.1"


def test_own_names_win_over_the_guides(tmp_path: Path) -> None:
    """Where both spellings are given, the exact path wins."""
    names = {"DASHBOARD_PORT": "9001", "BONGSU_SERVER__CONSOLE_PORT": "9002"}
    assert load(environment=names, folder=tmp_path).server.console_port == 9002


def test_unknown_names_are_ignored_but_told(tmp_path: Path) -> None:
    """A misspelled `BONGSU_` name stops nothing; a note says which one was probably meant."""
    loaded = load_with_origins(environment={"BONGSU_SERVER__PROT": "1", "FOO": "1"}, folder=tmp_path)

    assert loaded.settings == Settings()
    assert [note.facts["near"] for note in loaded.notes] == ["BONGSU_SERVER__PORT"]


@pytest.mark.guide("G023")
def test_the_shipped_file_is_the_defaults() -> None:
    """config/monitoring_config.json, the file users copy, says exactly what holds without it."""
    shipped = Path(__file__).parents[3] / WRITTEN
    settings = load(config=shipped, environment={}, folder=Path("/"))
    assert settings.model_copy(update={"schema_": None}) == Settings()
