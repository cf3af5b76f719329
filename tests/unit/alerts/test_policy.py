"""Rotas, policies, and how the settings become a plan."""

from __future__ import annotations

import json
import stat
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bongsu.alerts.configured import plan_of, temper_of, unreachable
from bongsu.alerts.inhibiting import inhibitor, sources_of
from bongsu.alerts.links import AcknowledgeLinks, key_in
from bongsu.alerts.policy import Inhibition, Pace, Rota
from bongsu.alerts.silencing import in_force
from bongsu.model.alert import Alert, Notice
from bongsu.model.errors import Unavailable
from bongsu.model.sample import labels_of
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock


def ms(text: str, zone: str = "Asia/Seoul") -> int:
    """A local time as UTC ms."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


ROTA = Rota(name="r", people=("kim", "lee", "park"), starts=date(2026, 11, 4), weekday=0, handover=time(9, 0))
"""From Monday the 9th: the first on or after Wednesday the 4th."""


@pytest.mark.parametrize(
    ("now", "who"),
    [
        ("2026-11-09T09:00", "kim"),
        ("2026-11-16T08:59", "kim"),
        ("2026-11-16T09:00", "lee"),
        ("2026-11-23T09:00", "park"),
        ("2026-11-30T09:00", "kim"),
        ("2026-11-09T08:59", "park"),
        ("2027-11-08T09:00", "lee"),
    ],
)
def test_who_is_on_call(now: str, who: str) -> None:
    """A week each, in turn, from handover to handover, for ever and before the start as well."""
    assert ROTA.on_call(ms(now)) == who


def test_the_next_handover() -> None:
    """The coming Monday at nine; in Berlin nine by the clock on the wall, also over the end of summer time."""
    assert ROTA.next_handover(ms("2026-11-16T08:59")) == ms("2026-11-16T09:00")
    assert ROTA.next_handover(ms("2026-11-16T09:00")) == ms("2026-11-23T09:00")
    berlin = Rota(name="b", people=("a", "b"), starts=date(2026, 10, 19), timezone="Europe/Berlin")
    assert berlin.next_handover(ms("2026-10-20T00:00", "Europe/Berlin")) == ms("2026-10-26T09:00", "Europe/Berlin")
    assert berlin.on_call(ms("2026-10-26T08:59", "Europe/Berlin")) == "a"


FULL: dict[str, Any] = {
    "alerts": {
        "group_by": ["host"],
        "group_wait": "2s",
        "group_interval": "5m",
        "group_burst": 1,
        "repeat": "1h",
        "flaps": 3,
        "people": [{"name": "kim", "channels": ["webhook:kim"]}],
        "rotas": [{"name": "primary", "people": ["kim"], "day": "wed", "time": "10:30"}],
        "inhibition": [{"name": "power", "source": {"rule": "power"}, "target": {}, "equal": ["room"]}],
        "built_in_inhibition": False,
        "maintenance": [
            {"name": "backup", "matchers": {"host": "db*"}, "repeats": "sun", "start": "23:00", "end": "02:00"}
        ],
    },
    "escalation": [
        {
            "name": "night",
            "severities": ["critical"],
            "steps": [{"channels": ["slack"]}, {"wait": "10m", "rotas": ["primary"], "people": ["kim"]}],
            "repeat": "30m",
        }
    ],
}


def test_names_that_lead_to_nobody_are_told_with_their_path() -> None:
    """A misspelt channel or policy, wherever it stands; what exists is not told."""
    settings = Settings.model_validate(
        FULL
        | {
            "rules": [
                {"metric": "a", "value": 1, "channels": ["slack", "slakc"], "escalation": "nigth"},
                {"metric": "b", "value": 1, "escalation": "night"},
            ]
        }
    )
    assert list(unreachable(settings, ("slack",))) == [
        ("rules[0].channels[1]", "slakc"),
        ("alerts.people[0].channels[0]", "webhook:kim"),
        ("rules[0].escalation", "nigth"),
    ]


def test_the_plan_of_the_settings() -> None:
    """Every key arrives where it is decided by."""
    settings = Settings.model_validate(FULL)
    plan = plan_of(settings, channels=("slack", "webhook:kim"), language="en")
    assert (plan.group_by, plan.pace, plan.repeat) == (
        ("host",),
        Pace(wait=2_000, interval=300_000, burst=1),
        3_600_000,
    )
    assert plan.people == {"kim": ("webhook:kim",)}
    assert (plan.rotas["primary"].weekday, plan.rotas["primary"].handover) == (2, time(10, 30))
    assert [one.name for one in plan.inhibitions] == ["power"]
    (backup,) = plan.maintenance
    assert in_force(backup, ms("2026-11-29T23:30"))
    assert in_force(backup, ms("2026-11-30T01:59"))
    assert not in_force(backup, ms("2026-11-30T23:30"))
    night = plan.policy_for("critical")
    assert (night.name, night.repeat, night.steps[1].wait, night.steps[1].rotas) == (
        "night",
        1_800_000,
        600_000,
        ("primary",),
    )
    assert plan.policy_for("warning", "night").name == "night"
    assert plan.policy_for("warning").steps[0].everyone
    assert (plan.policy_for("warning").repeat, plan.policy_for("info").repeat) == (3_600_000, 0)
    assert (plan.language, temper_of(settings).flaps) == ("en", 3)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"escalation": [{"name": "x", "steps": []}]}, "escalation[0].steps"),
        ({"escalation": [{"name": "x", "steps": [{"people": ["kim"]}]}]}, "escalation[0].steps[0].people[0]"),
        ({"escalation": [{"name": "x", "steps": [{}, {"rotas": ["r"]}]}]}, "escalation[0].steps[1].rotas[0]"),
        ({"alerts": {"rotas": [{"name": "r", "people": ["nobody"]}]}}, "alerts.rotas[0].people[0]"),
        ({"alerts": {"rotas": [{"name": "r", "people": []}]}}, "alerts.rotas[0].people"),
        (
            {"alerts": {"maintenance": [{"name": "m", "matchers": {}, "start": "1:00", "end": "02:00"}]}},
            "alerts.maintenance[0].start",
        ),
        ({"alerts": {"group_burst": 0}}, "alerts.group_burst"),
        ({"alerts": {"repeat": "sometimes"}}, "alerts.repeat"),
        ({"actions": [{"name": "a"}]}, "actions[0]"),
        ({"actions": [{"name": "a", "built_in": "clean_old_data", "function": "a:b"}]}, "actions[0]"),
        ({"actions": [{"name": "a", "command": {"program": "/bin/ls"}}]}, "actions[0].command.program"),
        ({"actions": [{"name": "a", "command": {"program": "ls"}}]}, "actions[0].command.program"),
        ({"actions": [{"name": "a", "built_in": "clean_old_data"}] * 2}, "actions[1].name"),
    ],
)
def test_faults_have_their_path(tmp_path: Path, change: dict[str, Any], path: str) -> None:
    """What is wrong in a file is told with the path of each fault, in both languages."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps(change), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load(config=file, environment={}, folder=tmp_path)
    assert path in [fault.path for fault in refused.value.faults]
    assert all(fault.sentence("ko") and fault.sentence("en") for fault in refused.value.faults)


def alert(name: str, metric: str, **more: Any) -> Alert:
    labels = labels_of(more.pop("labels", {}))
    made: dict[str, Any] = {"severity": "error", "phase": "firing", "message": "m", "pending_at": 0, "changed_at": 0}
    return Alert(id=name, fingerprint=name, source="rule", metric=metric, labels=labels, **(made | more))


def test_what_could_cause_each_other_both_speak() -> None:
    """Where two alerts each fit source and target, neither keeps the other quiet; nor does one keep itself."""
    one = Inhibition(name="x", source=(("metric", "up*"),), target=(("metric", "up*"),), equal=("room",))
    first, second = alert("a", "up_1", labels={"room": "1"}), alert("b", "up_2", labels={"room": "1"})
    sources = sources_of([first, second], [one])
    assert [inhibitor(alert, sources, [one]) for alert in (first, second)] == ["", ""]


def test_a_missing_value_is_no_equality() -> None:
    """Two alerts that both lack the label have nothing in common; a cause that is over keeps nobody quiet."""
    one = Inhibition(name="x", source=(("metric", "cause"),), target=(), equal=("room",))
    bare = sources_of([alert("c", "cause")], [one])
    assert inhibitor(alert("t", "m"), bare, [one]) == ""
    over = sources_of([alert("c", "cause", labels={"room": "1"}, phase="resolved")], [one])
    assert inhibitor(alert("t", "m", labels={"room": "1"}), over, [one]) == ""
    live = sources_of([alert("c", "cause", labels={"room": "1"}, phase="acknowledged")], [one])
    assert inhibitor(alert("t", "m", labels={"room": "1"}), live, [one]) == "c"


def test_the_key_of_links(tmp_path: Path) -> None:
    """Made once, for its owner alone, and found again; where it can't be, that is said."""
    key = key_in(tmp_path)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (key_in(tmp_path), len(key)) == (key, 32)
    assert key_in(None) != key_in(None)
    with pytest.raises(Unavailable):
        key_in(tmp_path / "nowhere")


def test_links_only_for_what_can_be_acknowledged() -> None:
    """Without a public address, or where nothing fires, there is no link; the key is in no text of ours."""
    clock = VirtualClock()
    notice = Notice(id="n", kind="fired", channel="slack", severity="error", at=0, alerts=(alert("a", "m"),))
    over = Notice(
        id="n", kind="resolved", channel="slack", severity="error", at=0, alerts=(alert("a", "m", phase="resolved"),)
    )
    assert AcknowledgeLinks(b"k" * 32, public_url=None, lasts=1, clock=clock).url(notice) is None
    links = AcknowledgeLinks(b"k" * 32, public_url="https://ops.example.kr/bongsu", lasts=1_000, clock=clock)
    assert links.url(over) is None
    url = links.url(notice)
    assert url is not None
    assert url.startswith("https://ops.example.kr/bongsu/ack/n.")
    assert links.notice_of(url.rpartition("/")[2]) == "n"
    assert "kkk" not in url + repr(links)
