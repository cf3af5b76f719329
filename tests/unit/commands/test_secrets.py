"""Secrets encrypted where they stand."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from bongsu import cli
from bongsu.settings.load import load

FILE = Path("config") / "monitoring_config.json"
KEY = Path("config") / "secret.key"
WRITTEN: dict[str, Any] = {
    "monitoring": {"language": "en"},
    "notifications": {
        "email": {"smtp_server": "mail.example.kr", "username": "a@example.kr", "password": "hunter22"},
        "webhooks": [{"name": "ops", "url": "https://ops.example.kr/x"}],
    },
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in a folder with settings, and speak English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")
    FILE.parent.mkdir()
    FILE.write_text(json.dumps(WRITTEN))
    FILE.chmod(0o640)


def test_a_key_file_is_the_owners_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """`secrets key --file` writes 0600, and puts a further key before the one that is there."""
    assert cli.main(["secrets", "key", "--file", str(KEY)]) == 0
    first = KEY.read_text()
    assert stat.S_IMODE(KEY.stat().st_mode) == 0o600
    assert cli.main(["secrets", "key", "--file", str(KEY)]) == 0
    assert KEY.read_text().endswith(first)
    assert len(KEY.read_text().split()) == 2
    assert first.strip() not in capsys.readouterr().out


@pytest.mark.guide("G059")
def test_encrypt_then_rotate_a_settings_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Secrets become `enc:`, the rest stays, and the settings read the same, before and after a change of keys."""
    before = load(environment={})
    cli.main(["secrets", "key", "--file", str(KEY)])
    assert cli.main(["secrets", "encrypt", str(FILE)]) == 0
    written = FILE.read_text()
    assert "hunter22" not in written + capsys.readouterr().out
    assert json.loads(written)["notifications"]["email"]["smtp_server"] == "mail.example.kr"
    assert written.count('"enc:') == 2
    assert stat.S_IMODE(FILE.stat().st_mode) == 0o640
    assert load(environment={}) == before

    assert cli.main(["secrets", "encrypt", str(FILE)]) == 0
    assert FILE.read_text() == written, "what is encrypted is left alone"

    cli.main(["secrets", "key", "--file", str(KEY)])
    assert cli.main(["secrets", "rotate", str(FILE)]) == 0
    KEY.write_text(KEY.read_text().split()[0])
    assert load(environment={}) == before


def test_dotenv_keeps_its_comments(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In `.env` the secrets' lines change and no other; the key may come from the environment."""
    cli.main(["secrets", "key"])
    monkeypatch.setenv("BONGSU_SECRET_KEY", capsys.readouterr().out.strip())
    Path(".env").write_text(
        '# 메일\nEMAIL_PASSWORD="hunter$22"\n\nEMAIL_TO=b@example.kr\nBONGSU_REDIS__URL=redis://:x@r\n'
    )
    assert cli.main(["secrets", "encrypt", ".env"]) == 0
    lines = Path(".env").read_text().splitlines()
    assert [line.partition("=enc:")[0] for line in lines] == [
        "# 메일",
        "EMAIL_PASSWORD",
        "",
        "EMAIL_TO=b@example.kr",
        "BONGSU_REDIS__URL",
    ]
    password = load().notifications.email.password
    assert password is not None
    assert password.get_secret_value() == "hunter$22"
    assert cli.main(["secrets", "rotate", ".env"]) == 0


def test_what_cant_be_done_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key, with a wrong one and with a faulty file the file stays as it is, and one line says why."""
    before = FILE.read_text()
    assert cli.main(["secrets", "encrypt", str(FILE)]) == 1
    assert "there is no key" in capsys.readouterr().err
    assert FILE.read_text() == before

    cli.main(["secrets", "key", "--file", str(KEY)])
    cli.main(["secrets", "encrypt", str(FILE)])
    KEY.unlink()
    cli.main(["secrets", "key", "--file", str(KEY)])
    before = FILE.read_text()
    capsys.readouterr()
    assert cli.main(["secrets", "rotate", str(FILE)]) == 1
    assert "notifications.email.password: can't be decrypted" in capsys.readouterr().err
    assert FILE.read_text() == before

    FILE.write_text('{"server": {"port": "x"}}')
    assert cli.main(["secrets", "encrypt", str(FILE)]) == 1
    assert "server.port: must be a whole number" in capsys.readouterr().err
    assert cli.main(["secrets", "encrypt", "nowhere.json"]) == 1
    assert "there is no such file" in capsys.readouterr().err
