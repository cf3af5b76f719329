"""A server's settings, played by the test: what it tells, what is tried, what is kept."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import msgspec

from bongsu.configuration.telling import origins_of
from bongsu.model.setting import SettingsView
from bongsu.settings.layer import BARRED
from bongsu.settings.load import Sources, put_together
from bongsu.settings.show import json_schema, shown
from tests.browser.alerts_stage import HOUR, channel, now
from tests.browser.rest import Ask, Rest

CPU = "thresholds.cpu_threshold_percent"
PAYLOAD = "<img src=x onerror=document.title='owned'>\"'&{{7*7}}"


@cache
def schema() -> str:
    """The schema of all settings, as JSON."""
    return json.dumps(json_schema())


def view(**changed: Any) -> dict[str, Any]:
    """All settings as REST tells them: a file, a screen, the environment and a flag have each set something."""
    file = {"notifications": {"webhooks": [{"name": "ops", "url": "https://ops.kr/x"}]}, "checks": []}
    sources = Sources(file=file, environment={"EMAIL_TO": "a@b.kr"}, flags={"server.port": 8_080})
    loaded = put_together(sources, {"monitoring.timezone": "UTC"})
    kinds, places = origins_of(loaded.origins)
    told = SettingsView(
        settings=shown(loaded.settings, mask="***"),
        sources=kinds,
        origins=places,
        fixed=("server.port", "notifications.email.to"),
        barred=BARRED,
        faults=(),
        restart=(),
        version=3,
        sealing=True,
    )
    body: dict[str, Any] = msgspec.to_builtins(told)
    return body | changed


def version(number: int, **changed: Any) -> dict[str, Any]:
    """One kept version."""
    change = {"path": CPU, "before": 80.0, "after": 70.0, "applies": "now"}
    told = {"number": number, "at": now() - HOUR * (9 - number), "by": "kim", "note": "", "changes": [change]}
    return told | changed


def difference(path: str, before: Any, after: Any, applies: str = "now") -> dict[str, Any]:
    """One setting that changes."""
    return {"path": path, "before": before, "after": after, "applies": applies}


def settings_bodies(*, furnished: bool) -> dict[str, Any]:
    """What REST answers by path: of settings nobody touched, or with faults, waits and versions."""
    fault = {"path": "rules[0].window", "message": "must be a duration", "hint": "config/monitoring_config.json"}
    seen = view(faults=[fault], restart=["server.live_port"]) if furnished else view(version=0)
    long = difference("panels", [], [{"metric": f"queue_{n}", "chart": "tile"} for n in range(9)])
    versions = [version(2, changes=[long]), version(1, note="quieter")] if furnished else []
    return {
        "settings": seen,
        "settings/schema": json.loads(schema()),
        "settings/versions": {"versions": versions},
        "settings/preview": {"faults": [], "diff": [], "applies": "now", "effects": []},
    }


class Desk:
    """Answers the settings' part of REST; `sent` keeps each command, answers may be changed while a page is open."""

    def __init__(self) -> None:
        self.view = view()
        self.preview: dict[str, Any] = {"faults": [], "diff": [], "applies": "now", "effects": []}
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.read: tuple[int, dict[str, Any]] | None = None
        self.versions = [version(3, by="lee", note=PAYLOAD), version(2), version(1)]
        self.sent: list[tuple[str, str, Any]] = []
        self.channels = [channel("webhook:ops"), channel("slack", "failing", last_error=PAYLOAD)]

    def open(self, rest: Rest) -> None:
        """Answers for a page."""
        rest.route("settings", self.answer)
        rest.route("channels$", lambda ask: ask.fulfill(json={"channels": self.channels}))
        rest.say("channels/[^/]*/test$", {"ok": True, "receipt": "r-77"})

    def answer(self, ask: Ask) -> None:
        """One request."""
        path = ask.path.removeprefix("settings").strip("/")
        if ask.method != "GET":
            self.sent.append((ask.method, path, ask.body))
        if path == "schema":
            ask.fulfill(body=schema())
            return
        if path in ("", "rollback") and ask.method != "GET":
            self._change(ask)
            return
        answers = {"": self.view, "preview": self.preview, "versions": {"versions": self.versions}}
        exported = {"thresholds": {"cpu_threshold_percent": 70}}
        if path == "" and self.read is not None:
            status, problem = self.read
            ask.fulfill(status=status, json=problem)
            return
        ask.fulfill(json=answers.get(path, exported))

    def _change(self, ask: Ask) -> None:
        if self.refusal is not None:
            status, problem = self.refusal
            ask.fulfill(status=status, json=problem)
            return
        self.view = copy.deepcopy(self.view)
        self.view["version"] += 1
        for path, value in (ask.body or {}).get("changes", {}).items():
            *sections, key = path.split(".")
            holder = self.view["settings"]
            for section in sections:
                holder = holder[section]
            holder[key] = value
            self.view["sources"][path] = "screen"
        ask.fulfill(json=self.view)
