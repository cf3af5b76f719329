"""A settings file full of canaries: none of them is in any answer, page, figure, log, command's output or error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from bench.wire import get, post
from pydantic import BaseModel, SecretStr

from bongsu.server.openapi import document
from bongsu.settings.model import Settings
from tests.integration.whole_server import ROOT, WholeServer, until

NOBODY = "127.0.0.1:9"
"""The discard port: everything that is asked there fails, and failures are what tell secrets."""


def canary(name: str) -> str:
    """A secret that is found again wherever it gets to."""
    return f"CANARY-{name}-9f8e7d"


def settings(folder: Path) -> dict[str, Any]:
    """Every secret there is."""
    c, url = canary, f"http://user:{{}}@{NOBODY}/x?token={{}}"
    often = {"interval_seconds": 5, "timeout_seconds": 4}
    seller = {"access_key": c("access"), "secret_key": c("secret"), "vendor_id": "A1"}
    return {
        "server": {"tls": {"password": c("tls")}},
        "storage": {"data_dir": str(folder / "data")},
        "logging": {"dir": str(folder / "logs"), "level": "DEBUG"},
        "redis": {"url": f"redis://{NOBODY}/0", "password": c("redis")},
        "shop": {"url": f"postgresql://shop:{c('shop')}@{NOBODY}/shop"},
        "sql_metrics": [
            {"name": "q", "sql": "select 1 as a", "url": f"postgresql://x:{c('sql')}@{NOBODY}/x", "interval": "10s"}
        ],
        # Three probes in a row must fail before one is down: as close together as they may be.
        "connections": [
            {"name": "pg", "url": f"postgresql://u:{c('pg')}@{NOBODY}/x", **often},
            {"name": "my", "url": f"mysql://u:{c('my')}@{NOBODY}/x", **often},
            {"name": "cache", "url": f"redis://:{c('cache')}@{NOBODY}", **often},
            {
                "name": "mq",
                "url": f"amqp://u:{c('mq')}@{NOBODY}",
                "management_url": f"http://u:{c('mgmt')}@{NOBODY}",
                **often,
            },
        ],
        "checks": [
            {"name": "c", "url": f"https://{NOBODY}/?key={c('check')}", "headers": {"X-Key": c("check-header")}}
        ],
        "scrape": [
            {
                "name": "s",
                "url": f"http://{NOBODY}/metrics?key={c('scrape')}",
                "username": "u",
                "password": c("scrape-password"),
                "headers": {"X-Key": c("scrape-header")},
            },
            {"name": "t", "url": f"http://{NOBODY}/metrics", "bearer_token": c("scrape-bearer")},
        ],
        "marketplaces": {
            "coupang": {"enabled": True, "base_url": f"http://{NOBODY}", **seller},
            "naver": {
                "enabled": True,
                "base_url": f"http://{NOBODY}",
                "client_id": "id",
                "client_secret": "$2a$04$" + "CANARYnaver9f8e7dCANARYn"[:22],
            },
            "11st": {"enabled": True, "base_url": f"http://{NOBODY}", "api_key": c("11st")},
        },
        "notifications": {
            "slack": {"webhook_url": f"http://{NOBODY}/services/{c('slack')}"},
            "jandi": {"webhook_url": f"http://{NOBODY}/{c('jandi')}"},
            "dooray": {"webhook_url": f"http://{NOBODY}/{c('dooray')}"},
            "discord": {"webhook_url": f"http://{NOBODY}/{c('discord')}"},
            "telegram": {"bot_token": f"1:{c('telegram')}", "chat_id": "1", "api_url": f"http://{NOBODY}"},
            "email": {
                "smtp_server": "127.0.0.1",
                "smtp_port": 9,
                "username": "u",
                "password": c("mail"),
                "to": ["a@example.kr"],
            },
            "webhooks": [
                {
                    "name": "w",
                    "url": url.format(c("hook"), c("hook-token")),
                    "secret": c("hook-secret"),
                    "headers": {"X-Key": c("hook-header")},
                }
            ],
            "apprise": [f"json://u:{c('apprise')}@{NOBODY}/"],
            "proxy": f"http://u:{c('proxy')}@{NOBODY}",
        },
        "actions": [
            {
                "name": "a",
                "http": {"url": f"http://{NOBODY}/{c('action')}", "headers": {"X-Key": c("action-header")}},
                "cooldown": "1s",
            }
        ],
    }


def secret_paths(model: type[BaseModel] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every secret of the model, without places in lists and names in mappings."""
    for name, info in model.model_fields.items():
        yield from _within(info.annotation, (*path, info.alias or name))


def _within(annotation: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if annotation is SecretStr:
        yield path
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from secret_paths(annotation, path)
    else:
        for part in get_args(annotation):
            yield from _within(part, path)


def canary_paths(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where canaries stand in the settings, spelt alike."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            inner = path if path[-1:] == ("headers",) else (*path, name)
            yield from canary_paths(value, inner)
    elif isinstance(tree, list):
        for value in tree:
            yield from canary_paths(value, path)
    elif "CANARY" in str(tree):
        yield path


def test_every_secret_has_its_canary(tmp_path: Path) -> None:
    """A secret that is added to the model must be added to this test; a Redis address with a password is refused beside
    `redis.password`.
    """
    assert set(secret_paths()) - set(canary_paths(settings(tmp_path))) == {("redis", "url")}


def ours(answer: bytes | str) -> list[str]:
    """The lines that hold a canary."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return [line for line in text.splitlines() if "CANARY" in line]


def command(folder: Path, *words: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, WholeServer]]:
    """A server with all of it, after everything has failed once."""
    folder = tmp_path_factory.mktemp("canaries")
    given = settings(folder)
    del given["server"]["tls"]  # without a certificate the password of its key isn't read
    (folder / "config").mkdir()
    (folder / "config" / "monitoring_config.json").write_text(json.dumps(given), encoding="utf-8")
    with WholeServer(folder) as server:
        alert = {"message": "down", "metric": "m", "value": 1, "labels": {"a": "b"}, "level": "critical"}
        assert server.ask(post("/api/v1/alerts", json.dumps(alert).encode())).status == 202
        until("a failed message", lambda: b'"last_error":"' in server.ask(get("/api/v1/channels")).body)
        until("failed checks", lambda: server.ask(get("/api/v1/connections")).body.count(b'"down"') >= 1)
        yield folder, server


def test_no_answer_holds_a_secret(told: tuple[Path, WholeServer]) -> None:
    """Every GET of the document, the board's facts, the exposition, tests of channels, errors of all kinds."""
    _, server = told
    names = {"{name}": "cpu_usage", "{feed}": "f", "{symbol}": "s", "{id}": "1", "{token}": "t"}
    paths = []
    for path, methods in document()["paths"].items():
        for blank, name in names.items():
            path = path.replace(blank, name)
        paths += [path] if "get" in methods else []
    paths += ["/monitoring/boot.json", "/monitoring/dashboard", "/api/v1/audit?limit=1000", "/nowhere"]
    paths += ["/api/v1/notifications?state=all", "/api/v1/alerts?state=all"]
    found = {path: ours(server.ask(get(path)).body) for path in paths}
    channels = json.loads(server.ask(get("/api/v1/channels")).body)["channels"]
    for channel in channels:
        path = f"/api/v1/channels/{channel['name']}/test"
        found[path] = ours(server.ask(post(path, b"{}")).body)
    for path in ("/api/v1/rules", "/api/v1/alerts", "/api/v1/silences", "/api/v1/events"):
        found[f"POST {path}"] = ours(server.ask(post(path, b'{"x":')).body)
    assert len(channels) >= 7
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_log_holds_a_secret(told: tuple[Path, WholeServer]) -> None:
    """All log files, at DEBUG, and what the databases keep of messages and audits."""
    folder, _ = told
    files = [*folder.glob("logs/*"), *folder.glob("data/*")]
    assert any(file.stat().st_size for file in folder.glob("logs/*"))
    assert {file.name for file in files if file.is_file() and b"CANARY" in file.read_bytes()} == set()


def test_no_command_prints_a_secret(told: tuple[Path, WholeServer]) -> None:
    """`config show`, `config validate`, `doctor` and `checks`; also where the file is faulty."""
    folder, _ = told
    said = {words: command(folder, *words.split()) for words in ("config show", "config validate", "doctor --json")}
    file = folder / "config" / "monitoring_config.json"
    good = file.read_text()
    try:
        file.write_text(good.replace(f"http://{NOBODY}/services/", "ftp://x/").replace("redis://", "redisx://"))
        said["faulty"] = command(folder, "config", "validate")
        assert "redis" in said["faulty"]
    finally:
        file.write_text(good)
    assert all(said.values())
    assert {words: ours(text) for words, text in said.items() if ours(text)} == {}
