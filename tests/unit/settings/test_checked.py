"""Settings of marketplaces, own checks and connections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load
from bongsu.settings.model import Settings
from bongsu.settings.show import secrets_in, shown


def faults(tmp_path: Path, **settings: Any) -> set[tuple[str, str]]:
    """Path and code of everything that is wrong."""
    path = tmp_path / "s.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load(config=path, environment={}, folder=tmp_path)
    return {(fault.path, fault.code) for fault in raised.value.faults}


def test_every_fault_is_told_with_its_place(tmp_path: Path) -> None:
    """Addresses, names, windows and days that can't be meant are told by path, in one go."""
    found = faults(
        tmp_path,
        checks=[{"name": "a", "url": "ftp://x"}, {"url": "https://x"}, {"name": "b", "url": "tcp://x"}],
        connections=[{"name": "a", "url": "redis://h"}, {"name": "a", "url": "redis://h"}],
        marketplaces={
            "timeout_seconds": 60.0,
            "naver": {"maintenance": ["sometimes"], "key_expires": "soon", "base_url": "https://u@h/x?y"},
        },
    )
    assert found == {
        ("checks[0].url", "check_url"),
        ("checks[1].name", "missing"),
        ("checks[2].url", "check_url"),
        ("connections", "name_twice"),
        ("marketplaces.naver.maintenance[0]", "window"),
        ("marketplaces.naver.key_expires", "day"),
        ("marketplaces.naver.base_url", "http_url"),
    }


def test_a_time_out_ends_before_the_next_probe(tmp_path: Path) -> None:
    """Probes of one thing never overlap."""
    assert faults(
        tmp_path, checks=[{"name": "a", "url": "dns://x", "interval_seconds": 5.0, "timeout_seconds": 5.0}]
    ) == {("checks[0]", "timeout_interval")}


def test_addresses_are_secrets() -> None:
    """An address may hold a password or a token: it is masked where settings are shown, and known to the log."""
    settings = Settings.model_validate(
        {
            "connections": [{"name": "a", "url": "redis://:pass-word@h"}],
            "checks": [{"name": "b", "url": "https://h/?token=to-ken", "headers": {"X-Key": "he-ader"}}],
        }
    )
    text = json.dumps(shown(settings))
    assert not [secret for secret in ("pass-word", "to-ken", "he-ader") if secret in text]
    assert "he-ader" in secrets_in(settings)
