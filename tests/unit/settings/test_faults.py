"""What is wrong with settings is told all at once, with path, origin and hint."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.settings import words
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load


def faults(folder: Path, text: str = "{}", **names: str) -> list[str]:
    """The lines told for a file's text and environment names."""
    path = folder / "settings.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(config=path, environment=names, folder=folder)
    return caught.value.lines()


@pytest.mark.guide("G025")
def test_all_faults_at_once(tmp_path: Path) -> None:
    """Faults of the file, of `.env` and of the environment come in one list."""
    (tmp_path / ".env").write_text("NOT A LINE\n")
    told = faults(
        tmp_path,
        json.dumps({"server": {"prot": 1, "live_port": "8765"}, "monitoring": {"language": "jp"}, "rules": {}}),
        DASHBOARD_PORT="many",
    )
    assert told == [
        "line 1 is not NAME=value (.env)",
        "monitoring.language: must be one of ko, en (settings.json)",
        "server.live_port: must be a whole number, without quotes (settings.json)",
        "server.console_port: must be a whole number, without quotes (environment DASHBOARD_PORT)",
        "server.prot: there is no such setting; did you mean server.port? (settings.json)",
        "rules: must be a list: [ … ] (settings.json)",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"monitoring": {"update_interval_seconds": 0}}', "must be 0.1 or more"),
        ('{"monitoring": {"update_interval_seconds": true}}', "must be a number"),
        ('{"monitoring": {"timezone": "Seoul"}}', "Asia/Seoul"),
        ('{"monitoring": {"timezone": "../etc"}}', "Asia/Seoul"),
        ('{"server": {"port": 70000}}', "must be 65,535 or less"),
        ('{"server": {"port": 8080.5}}', "whole number"),
        ('{"server": {"port": 8765}}', "must differ"),
        ('{"server": {"trusted_proxies": ["10.0.0.0/33"]}}', "10.0.0.0/8"),
        ('{"access": {"session_rotation": "8d"}}', "no longer than session_lasts"),
        ('{"access": {"session_idle": "1s"}}', "a minute at least"),
        ('{"server": {"host": "a:80"}}', "host name"),
        ('{"server": {"public_url": "ftp://x"}}', "https://monitor"),
        ('{"server": {"allowed_origins": ["https://x/y"]}}', "origin"),
        ('{"storage": {"retention": {"raw": "31d"}}}', "raw ≤ minute ≤ hour"),
        ('{"storage": {"retention": {"raw": 86400}}}', '"24h"'),
        ('{"storage": {"data_dir": ""}}', "must not be empty"),
        ('{"logging": {"level": "LOUD"}}', "DEBUG, INFO"),
        ('{"logging": {"levels": {"bongsu": "LOUD"}}}', "DEBUG, INFO"),
        ('{"collectors": ["my-metrics"]}', "dotted path"),
        ('{"thresholds": {"cpu_threshold_percent": 101}}', "100 or less"),
        ('{"anomaly_detection": {"enabled": "yes"}}', "true or false"),
        ('{"notifications": {"slack": {"webhook_url": 5}}}', "text in quotes"),
        ('{"notifications": []}', "must be an object"),
        ('{"zzz": 1}', "known here: $schema, access"),
        ('{"server": {"port": 1}, "server": {}}', "stands twice"),
        ('{"server": ', "not JSON at line 1, column 12"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ("[]", "one object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_each_fault_is_told(tmp_path: Path, text: str, told: str) -> None:
    """Each kind of mistake gets a sentence saying what would be right, and names its file."""
    (line,) = faults(tmp_path, text)
    assert told in line
    assert "(settings.json)" in line


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A file given by name that isn't there is said, with what to copy."""
    with pytest.raises(SettingsError, match=r"no such file; copy config/monitoring_config\.json .*nowhere\.json"):
        load(config=Path("nowhere.json"), environment={}, folder=tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe{}", "한글".encode("cp949")])
def test_other_encodings_are_told(tmp_path: Path, content: bytes) -> None:
    """A file that isn't UTF-8 is said to be so, in place of a traceback."""
    (tmp_path / ".env").write_bytes(content)
    assert faults(tmp_path) == ["the file must be UTF-8 (.env)"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What can't be read is told with the system's reason."""
    with pytest.raises(SettingsError, match="can't be read: Is a directory"):
        load(config=tmp_path, environment={}, folder=tmp_path)


def test_a_secret_is_never_in_a_fault(tmp_path: Path) -> None:
    """The refused value itself is not repeated: it may be a password put in the wrong place."""
    told = faults(tmp_path, '{"redis": "redis://:hunter2@x"}', EMAIL_SMTP_PORT="hunter2", BONGSU_RULES="hunter2")
    assert len(told) == 3
    assert "hunter2" not in str(told)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["server", "port", "limits", "rules", "x"]), inner)
        ),
    )
)
def test_any_json_is_settings_or_faults(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    """Whatever JSON stands in the file, the outcome is settings or a list of faults."""
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    lines = ["settings"]
    try:
        load(config=path, environment={}, folder=path.parent)
    except SettingsError as error:
        lines = error.lines("ko") + error.lines("en")
    assert lines


def test_both_languages_have_the_same_sentences() -> None:
    """Each sentence exists in Korean and English with the same blanks."""
    assert list(words.KO) == list(words.EN)
    blanks = re.compile(r"\{[a-z_]+\}")
    for code, text in words.EN.items():
        assert set(blanks.findall(text)) == set(blanks.findall(words.KO[code])), code
