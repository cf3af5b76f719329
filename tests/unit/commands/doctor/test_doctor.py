"""The doctor's visit: lines, statuses, and what may never be told."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from bongsu import cli
from bongsu.commands.doctor import words
from tests.fakes.redis import free_port


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor looks at an empty folder, at ports that are free, and speaks English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")
    ports = {free_port() for _ in range(10)}
    for name in ("PORT", "LIVE_PORT", "CONSOLE_PORT"):
        monkeypatch.setenv(f"BONGSU_SERVER__{name}", str(ports.pop()))


@pytest.mark.guide("G050")
def test_where_nothing_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is looked at, each in one line; nothing is left behind, and the status is 0."""
    assert cli.main(["doctor"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert all(re.match(r"[✓▲] \w+ +\S", line) for line in told[:-1]), told
    areas = {line.split()[1] for line in told[:-1]}
    assert areas == {"python", "packages", "settings", "port", "data", "logs", "clock"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.guide("G050")
def test_each_fault_of_the_settings_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Faults come with their paths and an arrow, and the status is 1."""
    Path("mine.json").write_text('{"server": {"prot": 1}, "monitoring": {"timezone": "Seoul"}}')
    assert cli.main(["doctor", "--config", "mine.json"]) == 1
    told = capsys.readouterr().out
    assert "■ settings   server.prot: there is no such setting; did you mean server.port? (mine.json) → " in told
    assert "■ settings   monitoring.timezone: " in told
    assert told.endswith("2 wrong (■), 0 worth a look (▲).\n")


@pytest.mark.guide("G050")
def test_a_missing_package_is_told_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What needs packages isn't tried without them."""
    there = metadata.version

    def version(name: str) -> str:
        if name == "streamlit":
            raise metadata.PackageNotFoundError(name)
        return there(name)

    monkeypatch.setattr(metadata, "version", version)
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert re.search(r"■ packages   streamlit –, wanted [\d.]+ or newer → make setup, or .*requirements.txt", told)
    assert "settings" not in told


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` holds the same, in the language of the settings, for programs."""
    Path(".env").write_text("BONGSU_REDIS__URL=redis://:hunter22@127.0.0.1:1\n")
    assert cli.main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    bad = [one for one in told["findings"] if one["state"] == "bad"]
    assert [one["area"] for one in bad] == ["redis"]
    assert "redis-cli ping" in bad[0]["do"]
    assert "hunter22" not in json.dumps(told)


def test_every_line_is_in_the_language_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is found before the settings are read is told in their language too; a misspelled name is worth a look."""
    monkeypatch.delenv("BONGSU_MONITORING__LANGUAGE")
    Path("mine.json").write_text('{"monitoring": {"language": "en"}}')
    Path(".env").write_text("BONGSU_SERVER__PROT=1\n")
    assert cli.main(["doctor", "--config", "mine.json"]) == 0
    told = capsys.readouterr().out
    assert not re.search("[가-힣]", told)
    assert "▲ settings   the environment name BONGSU_SERVER__PROT is no setting" in told


def test_secrets_are_never_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the host of a secret address is told, in whatever way it can't be reached."""
    Path(".env").write_text(
        "SLACK_WEBHOOK_URL=http://127.0.0.1:1/geheim1\nTELEGRAM_BOT_TOKEN=12:geheim2\nEMAIL_PASSWORD=geheim3\n"
        "EMAIL_SMTP_SERVER=127.0.0.1\nEMAIL_SMTP_PORT=1\nBONGSU_NOTIFICATIONS__TELEGRAM__API_URL=http://127.0.0.1:1\n"
        "BONGSU_SHOP__URL=postgresql://u:geheim4@127.0.0.1:1/shop\nBONGSU_REDIS__URL=redis://:geheim5@127.0.0.1:1\n"
    )
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "geheim" not in told
    for area in ("redis", "shop", "channel    slack", "channel    telegram", "channel    email"):
        assert f"■ {area}" in told


def test_both_languages_say_the_same() -> None:
    """Each sentence exists in both with the same blanks, and whatever isn't good has one that says what to do."""
    assert list(words.KO) == list(words.EN)
    blank = re.compile(r"\{[a-z_]+\}")
    for code, text in words.EN.items():
        assert set(blank.findall(text)) == set(blank.findall(words.KO[code])), code
        assert not re.search("[가-힣]", text), code
    source = "".join(path.read_text(encoding="utf-8") for path in Path(words.__file__).parent.glob("*.py"))
    for code in re.findall(r'(?:bad|worth)\(\s*[a-z"]+,\s*"(\w+)"', source):
        assert f"{code}_do" in words.EN, code
