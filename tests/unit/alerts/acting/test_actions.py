"""Automatic actions: what starts them, what holds them back, what they may run, and what is written down."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_changes

from bongsu.alerts.acting.action import (
    Action,
    BadArgument,
    BuiltIn,
    Command,
    Deed,
    Function,
    HttpCall,
    Run,
    Taken,
    arguments_of,
    refusal,
    started_by,
)
from bongsu.alerts.acting.configured import actions_of
from bongsu.alerts.acting.deeds import LONGEST_OUTPUT, Deeds, Failed, run
from bongsu.alerts.acting.runner import ActionRunner
from bongsu.model.alert import Alert, Transition
from bongsu.model.sample import labels_of
from bongsu.redaction import Redactor
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock
from tests.fakes.records import FakeRecords

T0 = 1_763_778_000_000
ALERT = Alert(
    id="a1",
    fingerprint="f1",
    source="rule",
    severity="error",
    phase="firing",
    message="down; rm -rf /",
    rule="nginx",
    metric="service_up",
    labels=labels_of(service="nginx", pid="4711"),
    pending_at=T0,
    changed_at=T0,
    fired_at=T0,
)
FIRED = Transition(alert=ALERT, change="fired", at=T0)
ECHO = Command(program="/bin/echo", arguments=("restart", Taken(label="service")))


class Stand:
    """A runner over plain records; everything posted is written down."""

    def __init__(self, *actions: Action, clock: VirtualClock | None = None, records: FakeRecords | None = None) -> None:
        self.clock = clock or VirtualClock(T0)
        self.records = records or FakeRecords(clock=self.clock)
        self.posted: list[tuple[str, Any, Mapping[str, str]]] = []
        self.status = 200
        self.runner = ActionRunner(
            actions,
            deeds=Deeds(post=self._post, built_in={"clean_old_data": self._clean}, allowed=("/bin/echo", "/bin/sh")),
            records=self.records,
            clock=self.clock,
            redactor=Redactor(["geheimnis"]),
        )

    async def __aenter__(self) -> Stand:
        await self.runner.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.stop()

    async def happened(self, *steps: Transition) -> list[dict[str, Any]]:
        """Let it hear the steps; what is in the audit once that many entries more are there."""
        before = len(self.records.entries)
        self.runner.happened(steps)
        await until(lambda: len(self.records.entries) > before)
        return [json.loads(entry.detail) for entry in self.records.entries]

    async def _post(self, url: str, document: object, headers: Mapping[str, str]) -> tuple[int, str]:
        self.posted.append((url, document, headers))
        return self.status, "token=geheimnis ok"

    async def _clean(self, _: Transition) -> str:
        return "cleaned"


CLEAN = BuiltIn(name="clean_old_data")


def action(deed: Deed = CLEAN, **more: Any) -> Action:
    return replace(Action(name="x", deed=deed), **more)


async def until(happened: Callable[[], bool]) -> None:
    """Let others go on until it happened."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 (what happens is another program's)
            await asyncio.sleep(0)


def test_what_starts_an_action() -> None:
    """The change, the severity and the matchers must fit, and the alert must not be kept quiet."""
    fitting = action(severities=frozenset({"error"}), matchers=(("rule", "ngi*"),))
    assert started_by(FIRED, [fitting]) == [fitting]
    assert started_by(with_changes(FIRED, change="resolved"), [fitting]) == []
    assert started_by(FIRED, [replace(fitting, severities=frozenset({"info"}))]) == []
    assert started_by(FIRED, [replace(fitting, matchers=(("rule", "other"),))]) == []
    for quiet in (with_changes(ALERT, silenced_by="s"), with_changes(ALERT, inhibited_by="i")):
        assert started_by(with_changes(FIRED, alert=quiet), [fitting]) == []


def test_what_holds_an_action_back() -> None:
    """The same trouble waits for its cooldown, all of them for the hour's rate; other actions' runs don't count."""
    one = action(cooldown=600_000, per_hour=2)
    at = T0 + 3_600_000

    def ran(fingerprint: str, ago: int, name: str = "x") -> Run:
        return Run(action=name, fingerprint=fingerprint, at=at - ago)

    assert refusal(one, ALERT, [], at) is None
    assert refusal(one, ALERT, [ran("f1", 599_999)], at) == "cooldown"
    assert refusal(one, ALERT, [ran("f1", 600_000)], at) is None
    assert refusal(one, ALERT, [ran("f2", 1), ran("f3", 3_599_999)], at) == "rate"
    assert refusal(one, ALERT, [ran("f2", 1), ran("f3", 3_600_000)], at) is None
    assert refusal(one, ALERT, [ran("f1", 1, "y")], at) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("nginx; reboot", "name"),
        ("$(reboot)", "name"),
        ("`id`", "name"),
        ("--force", "name"),
        ("../../etc/passwd", "name"),
        ("a b", "name"),
        ("", "name"),
        ("nginx\n", "name"),
        ("ｎginx", "name"),
        ("12x", "integer"),
        ("1e9", "integer"),
        ("３", "integer"),
        ("", "integer"),
        ("staging", "choice"),
        ("", "choice"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(value: str, kind: Any) -> None:
    """Whatever a sender writes into a label, only a value of the argument's type gets to a program."""
    alert = with_changes(ALERT, labels=(("v", value),))
    with pytest.raises(BadArgument):
        arguments_of(Command(program="/bin/true", arguments=(Taken(label="v", type=kind, choices=("prod",)),)), alert)


def test_good_arguments() -> None:
    """Texts as they are, names, numbers, choices, and the alert's own rule."""
    taken = (
        "-v",
        Taken(label="service"),
        Taken(label="pid", type="integer"),
        Taken(label="rule", type="choice", choices=("nginx",)),
    )
    assert arguments_of(Command(program="/x", arguments=taken), ALERT) == ["-v", "nginx", "4711", "nginx"]


@pytest.mark.guide("G015")
async def test_a_program_runs_without_a_shell() -> None:
    """What is configured runs by itself with the alert's value, and its output is in the audit."""
    async with Stand(action(ECHO)) as stand:
        (entry,) = await stand.happened(FIRED)
    assert (entry["outcome"], entry["output"], entry["change"]) == ("done", "restart nginx\n", "fired")
    (kept,) = stand.records.entries
    assert (kept.by, kept.action, kept.subject) == ("action:x", "action", "a1")


async def test_a_program_that_is_not_allowed() -> None:
    """What doesn't stand in the allow-list doesn't run, even where the settings were made without their check."""
    async with Stand(action(Command(program="/bin/true"))) as stand:
        (entry,) = await stand.happened(FIRED)
    assert entry["outcome"] == "failed"
    assert "allowed_commands" in entry["output"]


async def test_a_program_gets_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment holds no secret, its input is empty, and metacharacters are only characters."""
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.example/geheim")
    assert "SLACK" not in await run("/usr/bin/env", [])
    assert await run("/bin/echo", ["$(id)", ";", "*"]) == "$(id) ; *\n"
    assert await run("/bin/cat", []) == ""


async def test_a_program_that_fails_or_floods() -> None:
    """Another status, no such program, and endless output are told, bounded."""
    with pytest.raises(Failed, match="status 1"):
        await run("/bin/false", [])
    with pytest.raises(Failed, match="can't be started"):
        await run("/there/is/none", [])
    flood = await run("/usr/bin/head", ["-c", "1000000", "/dev/zero"])
    assert len(flood) == LONGEST_OUTPUT


async def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    """After its time the program is killed with everything it started, and the audit says so."""
    sleeper = Command(program="/bin/sh", arguments=("-c", f"echo $$ > {tmp_path}/pid; sleep 600 & wait"))
    async with Stand(action(sleeper, time_out=5_000)) as stand:
        stand.runner.happened([FIRED])
        await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
        await stand.clock.advance(5)
        await until(lambda: bool(stand.records.entries))
    assert json.loads(stand.records.entries[0].detail)["outcome"] == "timed_out"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_call() -> None:
    """The alert is posted as JSON with the configured headers; a secret in the answer is masked; 500 is a failure."""
    call = HttpCall(url="https://ops.example.kr/hook", headers={"x-key": "k"})
    async with Stand(action(call, cooldown=0)) as stand:
        (done,) = await stand.happened(FIRED)
        stand.status = 500
        failed = (await stand.happened(FIRED))[-1]
    url, document, headers = stand.posted[0]
    assert (url, headers, document["alert"]["id"]) == ("https://ops.example.kr/hook", {"x-key": "k"}, "a1")
    assert done["outcome"] == "done"
    assert "geheimnis" not in str(stand.records.entries)
    assert failed["outcome"] == "failed"
    assert "hook" not in repr(call)


def greet(told: dict[str, Any]) -> str:
    """A registered function."""
    return f"hello {told['alert']['rule']}"


async def greet_later(told: dict[str, Any]) -> str:
    """A registered coroutine."""
    return greet(told)


def stumble(told: dict[str, Any]) -> None:
    """One that fails."""
    raise LookupError("no such host")


async def leave(told: dict[str, Any]) -> None:
    """One that was a script once."""
    raise SystemExit(3)


async def test_functions() -> None:
    """A function and a coroutine get the alert; what they raise is a failure, and so is a name that isn't there."""
    outcomes = []
    for name in ("greet", "greet_later", "stumble", "leave", "nothing"):
        async with Stand(action(Function(path=f"{__name__}:{name}"))) as stand:
            stand.runner.happened([FIRED])
            await until(lambda: bool(stand.records.entries))
            detail = json.loads(stand.records.entries[0].detail)
            outcomes.append((detail["outcome"], detail["output"]))
    assert outcomes[:3] == [
        ("done", "hello nginx"),
        ("done", "hello nginx"),
        ("failed", "LookupError: no such host"),
    ]
    assert outcomes[3:] == [("failed", "SystemExit: 3"), ("failed", outcomes[4][1])]


async def test_dry_run_cooldown_and_built_ins() -> None:
    """A dry run does nothing and says what it would; a second run within the cooldown is held back and noted."""
    async with Stand(action(ECHO, dry_run=True)) as stand:
        (entry,) = await stand.happened(FIRED)
    assert entry["outcome"] == "dry_run"
    assert "/bin/echo" in entry["output"]
    async with Stand(action()) as stand:
        await stand.happened(FIRED)
        entries = await stand.happened(FIRED)
        assert [entry["outcome"] for entry in entries] == ["done", "cooldown"]
        figures = {dict(one.labels)["outcome"]: one.value for one in stand.runner.figures()}
        assert figures == {"done": 1, "cooldown": 1}
        again = Stand(action(), clock=stand.clock, records=stand.records)
    async with again:
        assert (await again.happened(FIRED))[-1]["outcome"] == "cooldown", "a restart resets no cooldown"
    async with Stand(action(BuiltIn(name="restart_collector"))) as stand:
        assert (await stand.happened(FIRED))[0]["outcome"] == "failed"


async def test_the_queue_of_actions_is_bounded() -> None:
    """A storm of alerts fills the queue and no more; what is dropped is counted."""
    stand = Stand(action())
    stand.runner.happened([FIRED] * 1_500)
    figures = {dict(one.labels)["outcome"]: one.value for one in stand.runner.figures()}
    assert figures == {"dropped": 500}


async def test_nothing_is_done_unless_configured() -> None:
    """Without actions in the settings nothing runs, and nothing waits."""
    assert actions_of(Settings()) == ()
    async with Stand() as stand:
        stand.runner.happened([FIRED])
        assert list(stand.runner.figures()) == []


def test_actions_from_the_settings() -> None:
    """Each kind as a settings file has it becomes what runs."""
    settings = Settings.model_validate(
        {
            "alerts": {"allowed_commands": ["/usr/bin/systemctl"]},
            "actions": [
                {
                    "name": "restart",
                    "command": {"program": "/usr/bin/systemctl", "arguments": ["restart", {"label": "service"}]},
                    "matchers": {"rule": "nginx"},
                    "cooldown": "1m",
                },
                {"name": "call", "http": {"url": "https://ops.example.kr/x", "headers": {"x-key": "k"}}},
                {"name": "own", "function": "my_actions:go", "on": ["fired", "resolved"], "dry_run": True},
                {"name": "clean", "built_in": "clean_old_data", "severities": ["critical"]},
            ],
        }
    )
    restart, call, own, clean = actions_of(settings)
    assert restart.deed == Command(program="/usr/bin/systemctl", arguments=("restart", Taken(label="service")))
    assert (restart.cooldown, restart.matchers) == (60_000, (("rule", "nginx"),))
    assert call.deed == HttpCall(url="https://ops.example.kr/x", headers={"x-key": "k"})
    assert (own.deed, own.on, own.dry_run) == (Function(path="my_actions:go"), frozenset({"fired", "resolved"}), True)
    assert (clean.deed, clean.severities) == (BuiltIn(name="clean_old_data"), frozenset({"critical"}))
