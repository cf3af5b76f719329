"""Secrets that stand encrypted in the settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bongsu.encryption import EncryptedStorage
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load, load_with_origins
from bongsu.settings.sealed import Keyring

KEY = EncryptedStorage.new_key().decode()


def seal(text: str) -> str:
    """The text as it stands in a settings file."""
    return Keyring(EncryptedStorage(KEY), "test").seal(text)


def write(folder: Path, settings: object) -> None:
    """Put a settings file where Bongsu looks for it."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "monitoring_config.json").write_text(json.dumps(settings))


def faults(folder: Path, **environment: str) -> list[str]:
    """What is wrong, line by line."""
    with pytest.raises(SettingsError) as error:
        load(environment=environment, folder=folder)
    return error.value.lines()


@pytest.mark.guide("G059")
def test_encrypted_values_are_read_wherever_secrets_stand(tmp_path: Path) -> None:
    """In an object, in a list, in `.env`: what the program gets is the secret, and it stays one."""
    hook = {"name": "ops", "url": seal("https://ops.kr/x"), "headers": {"X-Key": seal("geheim")}}
    write(tmp_path, {"notifications": {"webhooks": [hook]}, "redis": {"url": seal("redis://:pw@r")}})
    (tmp_path / ".env").write_text(f"EMAIL_PASSWORD={seal('hunter22')}\n")

    loaded = load_with_origins(environment={"BONGSU_SECRET_KEY": KEY}, folder=tmp_path)

    notifications = loaded.settings.notifications
    assert notifications.webhooks[0].url.get_secret_value() == "https://ops.kr/x"
    assert notifications.webhooks[0].headers["X-Key"].get_secret_value() == "geheim"
    assert notifications.email.password is not None
    assert notifications.email.password.get_secret_value() == "hunter22"
    assert loaded.notes == ()
    assert "hunter22" not in repr(loaded)


def test_the_key_may_lie_in_a_file(tmp_path: Path) -> None:
    """`config/secret.key`, or the file that is named; a key a line, older ones below."""
    write(tmp_path, {"redis": {"url": seal("redis://r")}})
    for path, environment in (
        (tmp_path / "config" / "secret.key", {}),
        (tmp_path / "elsewhere", {"BONGSU_SECRET_KEY_FILE": str(tmp_path / "elsewhere")}),
    ):
        path.write_text(f"{EncryptedStorage.new_key().decode()}\n{KEY}\n")
        path.chmod(0o600)
        assert load(environment=environment, folder=tmp_path).redis.url is not None
        path.unlink()


def test_a_wrong_key_is_one_fault_at_the_setting(tmp_path: Path) -> None:
    """Path, key and origin in one line; the setting isn't found wrong a second time, nor is a secret told."""
    write(tmp_path, {"notifications": {"slack": {"webhook_url": seal("https://s.kr/x")}}, "server": {"port": "x"}})
    other = EncryptedStorage.new_key().decode()
    told = faults(tmp_path, BONGSU_SECRET_KEY=other)
    assert told == [
        "notifications.slack.webhook_url: can't be decrypted with the key of BONGSU_SECRET_KEY: "
        "it was encrypted with another key, or changed since (config/monitoring_config.json)",
        "server.port: must be a whole number, without quotes (config/monitoring_config.json)",
    ]


def test_a_missing_an_open_and_a_broken_key_say_what_to_do(tmp_path: Path) -> None:
    """No key, a key that others can read, and a text that is no key."""
    write(tmp_path, {"redis": {"url": seal("redis://r")}})
    assert "redis.url: is encrypted and there is no key: set BONGSU_SECRET_KEY" in faults(tmp_path)[0]
    key = tmp_path / "config" / "secret.key"
    key.write_text(KEY)
    key.chmod(0o644)
    assert "chmod 600 config/secret.key" in faults(tmp_path)[0]
    key.chmod(0o600)
    key.write_text("password")
    assert "what config/secret.key holds is no key" in faults(tmp_path)[0]


def test_only_secrets_may_be_encrypted(tmp_path: Path) -> None:
    """A value that screens and `config show` tell openly is refused: it would only look safe."""
    write(tmp_path, {"notifications": {"email": {"smtp_server": seal("mail.example.kr")}}})
    assert faults(tmp_path, BONGSU_SECRET_KEY=KEY) == [
        "notifications.email.smtp_server: is no secret and is shown in the open: write it without enc: "
        "(config/monitoring_config.json)"
    ]
