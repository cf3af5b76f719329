"""Settings shown, tried, changed, taken back while all runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bongsu.encryption import EncryptedStorage
from bongsu.model.errors import Conflict, Faulty, NotFound, Unavailable
from bongsu.model.series import SeriesTable
from bongsu.settings.load import load
from tests.fakes.clock import VirtualClock
from tests.fakes.desks import Office
from tests.fakes.history import FakeHistory

KEY = EncryptedStorage.new_key().decode()
CPU = "thresholds.cpu_threshold_percent"
Make = Callable[..., Office]


@pytest.fixture
def office(tmp_path: Path) -> Make:
    """Makes a desk in a folder of its own."""
    clock = VirtualClock()

    def make(**more: Any) -> Office:
        return Office(tmp_path, clock=clock, history=FakeHistory(SeriesTable()), **more)

    return make


async def test_a_change_is_in_force_kept_and_audited(office: Make) -> None:
    """One change: applied from what ran to what is wanted, a version with its author, an entry in the audit."""
    one = office(file={"thresholds": {"cpu_threshold_percent": 60}})
    view = await one.desk.change({CPU: 70}, version=0, note="quieter", by="kim")
    ((before, after),) = one.applied
    assert (before.thresholds.cpu_threshold_percent, after.thresholds.cpu_threshold_percent) == (60.0, 70.0)
    assert (view.version, view.sources[CPU], view.settings["thresholds"]["cpu_threshold_percent"]) == (1, "screen", 70)
    (version,) = await one.desk.versions()
    assert (version.number, version.by, version.note, version.at) == (1, "kim", "quieter", one.clock.now())
    ((path, old, new),) = [(change.path, change.before, change.after) for change in version.changes]
    assert (path, old, new) == (CPU, 60.0, 70.0)
    (entry,) = one.records.entries
    assert (entry.by, entry.action, entry.detail) == ("kim", "settings_changed", f"version 1: {CPU}")
    assert one.told == [1]


@pytest.mark.parametrize(
    "changes",
    [{CPU: 700}, {CPU: "high"}, {"zzz": 1}, {"storage.retention": {"raw": "9d", "minute": "1d"}}, {CPU: None}],
)
async def test_a_bad_change_never_takes_force(office: Make, changes: dict[str, Any]) -> None:
    """It is told with its path; nothing is applied, nothing kept."""
    one = office()
    assert (await one.desk.preview(changes)).faults
    with pytest.raises(Faulty) as error:
        await one.desk.change({"panels": [], **changes}, version=0, note="", by="kim")
    assert error.value.faults[0][0]
    assert (one.applied, one.records.kept_settings, one.desk.view().version) == ([], [], 0)


async def test_who_comes_late_is_told_and_changes_nothing(office: Make) -> None:
    """A change made from an older version is a conflict that names who was faster."""
    one = office()
    await one.desk.change({CPU: 70}, version=0, note="", by="kim")
    with pytest.raises(Conflict, match="kim"):
        await one.desk.change({CPU: 71}, version=0, note="", by="lee")
    assert one.desk.settings.thresholds.cpu_threshold_percent == 70


async def test_another_process_was_faster(office: Make) -> None:
    """The records have the last word: what can't be kept goes out of force, and what the other made holds."""
    one = office()
    other = one.open_desk(one.standing)
    await other.change({CPU: 10}, version=0, note="", by="lee")
    with pytest.raises(Conflict):
        await one.desk.change({CPU: 20}, version=0, note="", by="kim")
    assert (one.desk.settings.thresholds.cpu_threshold_percent, one.desk.view().version) == (10, 1)
    assert [after.thresholds.cpu_threshold_percent for _, after in one.applied] == [10, 20, 80, 10]
    assert one.told == [1]


async def test_what_cannot_be_kept_is_not_in_force(office: Make) -> None:
    """Records that can't be written: what ran before is put in force again."""
    one = office()
    one.records.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await one.desk.change({CPU: 20}, version=0, note="", by="kim")
    assert [after.thresholds.cpu_threshold_percent for _, after in one.applied] == [20, 80]
    assert one.desk.view().version == 0


async def test_what_a_part_cannot_take_up_is_not_kept(office: Make) -> None:
    """The part's fault comes back to who asked."""
    one = office()
    one.failure = Faulty((("notifications", "no such server"),))
    with pytest.raises(Faulty, match="no such server"):
        await one.desk.change({CPU: 20}, version=0, note="", by="kim")
    assert one.records.kept_settings == []


async def test_what_waits_for_a_start_is_said_and_not_applied(office: Make) -> None:
    """Before it is made (preview) and after (view); nothing is put in force for it."""
    one = office()
    preview = await one.desk.preview({"server.port": 9_000, CPU: 70})
    assert (preview.applies, [(change.path, change.applies) for change in preview.diff]) == (
        "restart",
        [("server.port", "restart"), (CPU, "now")],
    )
    view = await one.desk.change({"server.port": 9_000}, version=0, note="", by="kim")
    assert (view.restart, one.applied) == (("server.port",), [])
    view = await one.desk.change({"server.port": 8_080}, version=1, note="", by="kim")
    assert view.restart == ()


async def test_nothing_new_makes_no_version(office: Make) -> None:
    """A change that says what is said already is passed over."""
    one = office(file={"monitoring": {"language": "ko"}}, layer={CPU: 70.0})
    view = await one.desk.change({CPU: 70.0}, version=1, note="", by="kim")
    assert (view.version, len(one.records.kept_settings)) == (1, 1)


async def test_rolled_back_an_old_version_holds_again(office: Make) -> None:
    """As a new version; 0 takes everything back that screens set."""
    one = office(file={"thresholds": {"cpu_threshold_percent": 60}})
    await one.desk.change({CPU: 70}, version=0, note="", by="kim")
    await one.desk.change({CPU: 71, "panels": [{"metric": "m"}]}, version=1, note="", by="kim")
    view = await one.desk.roll_back(1, version=2, note="", by="lee")
    assert (view.version, view.settings["thresholds"]["cpu_threshold_percent"], view.settings["panels"]) == (3, 70, [])
    view = await one.desk.roll_back(0, version=None, note="from scratch", by="lee")
    assert (view.version, view.sources[CPU], view.settings["thresholds"]["cpu_threshold_percent"]) == (4, "file", 60)
    assert [version.by for version in await one.desk.versions()] == ["lee", "lee", "kim", "kim"]
    with pytest.raises(NotFound):
        await one.desk.roll_back(99, version=None, note="", by="lee")
    with pytest.raises(Conflict):
        await one.desk.roll_back(1, version=2, note="", by="lee")


async def test_a_setting_is_given_back_to_the_file(office: Make) -> None:
    """`reset` takes what the screen set away again."""
    one = office(file={"thresholds": {"cpu_threshold_percent": 60}}, layer={CPU: 70.0})
    view = await one.desk.change({}, ["thresholds"], version=1, note="", by="kim")
    assert (view.sources[CPU], view.settings["thresholds"]["cpu_threshold_percent"]) == ("file", 60)


# -- secrets -----------------------------------------------------------------------------------------------------------


@pytest.mark.guide("G059")
async def test_secrets_go_in_and_never_come_out(office: Make) -> None:
    """Kept encrypted, in force in the clear, and in no answer, version, audit entry, export or log."""
    one = office(environment={"BONGSU_SECRET_KEY": KEY}, file={"redis": {"url": "redis://:pw-of-redis@r"}})
    secrets = {
        "notifications.telegram": {"bot_token": "1:geheim-a", "chat_id": "5"},
        "notifications.webhooks": [{"name": "ops", "url": "https://ops.kr/geheim-b", "headers": {"X": "geheim-c"}}],
    }
    with capture_logs() as logs:
        preview = await one.desk.preview(secrets)
        view = await one.desk.change(secrets, version=0, note="", by="kim")
    ((_, after),) = one.applied
    assert after.notifications.webhooks[0].url.get_secret_value() == "https://ops.kr/geheim-b"
    told = (preview, view, await one.desk.versions(), one.desk.export(), one.records, one.records.entries, logs)
    kept = [version.layer + version.changes for version in one.records.kept_settings]
    assert not [one for one in ("geheim-", "pw-of-redis") if one in repr(told) + repr(kept)]
    assert "enc:" in kept[0]
    assert "enc:" not in repr(told[:4])
    assert view.settings["notifications"]["webhooks"][0] == {
        **view.settings["notifications"]["webhooks"][0],
        "url": "***",
        "headers": {"X": "***"},
    }
    assert view.sealing


async def test_without_a_key_a_secret_is_refused_in_the_language_asked_for(office: Make) -> None:
    """422 that says how to make a key; `sealing` tells it before somebody types."""
    one = office()
    assert not one.desk.view().sealing
    with pytest.raises(Faulty, match="bongsu secrets key --file"):
        await one.desk.change({"notifications.telegram.bot_token": "1:a"}, version=0, note="", by="kim", language="en")
    assert one.applied == []


async def test_an_export_is_a_settings_file(office: Make, tmp_path: Path) -> None:
    """File and screen together, without environment, flags and secrets; read again it is the same."""
    one = office(
        file={"monitoring": {"language": "en"}, "redis": {"url": "redis://:pw@r"}},
        environment={"BONGSU_MONITORING__TIMEZONE": "UTC"},
        flags={"server.port": 1},
    )
    changes = {
        CPU: 70,
        "rules": [{"if": "load_1m over 8 for 5m", "labels": {"host": "a"}}],
        "logging.levels": {"a": "INFO"},
    }
    await one.desk.change(changes, version=0, note="", by="kim")
    exported = one.desk.export()
    assert exported["monitoring"] == {"language": "en"}
    assert "redis" not in exported or exported["redis"] == {}
    elsewhere = tmp_path / "exported.json"
    elsewhere.write_text(json.dumps(exported), encoding="utf-8")
    read = load(config=elsewhere, environment={}, folder=tmp_path)
    assert (read.rules, read.thresholds) == (one.desk.settings.rules, one.desk.settings.thresholds)


# -- the file changes --------------------------------------------------------------------------------------------------


async def test_a_changed_file_comes_into_force_under_the_screen(office: Make) -> None:
    """What the file says anew holds, but for what screens set over it."""
    one = office(file={"thresholds": {"cpu_threshold_percent": 60}}, layer={CPU: 70.0})
    one.write({"thresholds": {"cpu_threshold_percent": 50, "disk_threshold_percent": 50}})
    assert await one.desk.reread()
    thresholds = one.desk.settings.thresholds
    assert (thresholds.cpu_threshold_percent, thresholds.disk_threshold_percent) == (70, 50)
    assert len(one.applied) == 1


@pytest.mark.parametrize(
    "text", ['{"thresholds": {"cpu_threshold_percent": 600}}', '{"rules": ', "", '{"zzz": 1}', None]
)
async def test_a_bad_file_never_stops_what_runs(office: Make, text: str | None) -> None:
    """What ran goes on; the faults are in the view, the log and the figures until the file is good again."""
    one = office(file={"thresholds": {"cpu_threshold_percent": 60}})
    one.path.unlink() if text is None else one.write(text)
    with capture_logs() as logs:
        assert not await one.desk.reread()
    assert [entry["event"] for entry in logs] == ["settings_wrong"]
    assert one.desk.settings.thresholds.cpu_threshold_percent == 60
    (fault,) = one.desk.view(language="en").faults
    assert fault.message
    assert "config/monitoring_config.json" in fault.hint
    figures = {sample.metric: sample.value for sample in one.desk.figures()}
    assert figures["bongsu_settings_faults"] == 1
    assert (await one.desk.change({CPU: 65}, version=0, note="", by="kim")).version == 1
    one.write({"thresholds": {"disk_threshold_percent": 61}})
    assert await one.desk.reread()
    assert one.desk.view().faults == ()
    assert one.desk.settings.thresholds.disk_threshold_percent == 61


async def test_what_cannot_be_taken_up_from_the_file_is_told(office: Make) -> None:
    """A part that fails over a file's values: they are not in force, and the fault is shown."""
    one = office(file={})
    one.failure = Faulty((("notifications", "no such server"),))
    one.write({"thresholds": {"cpu_threshold_percent": 61}})
    assert not await one.desk.reread()
    assert [(fault.path, fault.message) for fault in one.desk.view().faults] == [("notifications", "no such server")]
    assert one.desk.settings.thresholds.cpu_threshold_percent == 80


async def test_what_came_meanwhile_is_taken_up_at_the_start(office: Make) -> None:
    """A desk opened over records that are further than it knows holds what they say; what can't be used it tells."""
    one = office()
    await one.records.save_settings(
        json.dumps({CPU: 33, "monitoring.language": "fr"}), "[]", after=0, at=0, by="kim", note=""
    )
    with capture_logs() as logs:
        await one.desk.open()
    assert (one.desk.view().version, one.desk.settings.thresholds.cpu_threshold_percent) == (1, 33)
    assert [(entry["event"], "monitoring.language" in entry.get("fault", "")) for entry in logs][-1] == (
        "setting_left_out",
        True,
    )
    assert [fault.path for fault in one.desk.view().faults] == ["monitoring.language"]
    figures = {sample.metric: sample.value for sample in one.desk.figures()}
    assert (figures["bongsu_settings_version"], figures["bongsu_settings_faults"]) == (1, 1)
