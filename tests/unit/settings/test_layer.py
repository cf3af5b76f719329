"""What screens set: over the file, under environment and flags; checked like the file, secrets never in the clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bongsu.encryption import EncryptedStorage
from bongsu.settings import moments
from bongsu.settings.faults import SettingsError
from bongsu.settings.layer import changed, sealed, without
from bongsu.settings.load import Sources, put_together
from bongsu.settings.model import Settings
from bongsu.settings.moments import AT_ONCE, Waiting, differing, in_force, moment_of, waiting
from bongsu.settings.show import shown
from bongsu.settings.standing import given_by_program, stand
from bongsu.settings.tree import field_at, settings_of, spell

KEY = EncryptedStorage.new_key().decode()


def sources(file: dict[str, Any] | None = None, *, flags: dict[str, Any] | None = None, **names: str) -> Sources:
    """Places that say these things."""
    return Sources(file=file or {}, flags=flags or {}, environment={"BONGSU_SECRET_KEY": KEY, **names})


def made(
    changes: dict[str, Any],
    *,
    reset: tuple[str, ...] = (),
    layer: dict[str, Any] | None = None,
    of: Sources | None = None,
) -> dict[str, Any]:
    """The layer that a change makes; it must be free of faults."""
    fresh, faults = changed(layer or {}, changes, reset, of or sources())
    assert faults == []
    return fresh


def codes(changes: dict[str, Any], *, of: Sources | None = None, reset: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Path and kind of each fault of a change."""
    _, faults = changed({}, changes, reset, of or sources())
    return [(fault.path, fault.code) for fault in faults]


def test_the_screen_lies_between_file_and_environment() -> None:
    """File < screen < environment < flags, setting by setting, and each is told where it comes from."""
    of = sources(
        {"monitoring": {"language": "en", "timezone": "UTC"}, "thresholds": {"cpu_threshold_percent": 1.0}},
        flags={"server.port": 4242},
        BONGSU_THRESHOLDS__CPU_THRESHOLD_PERCENT="3",
    )
    layer = {"monitoring.language": "ko", "thresholds.cpu_threshold_percent": 2.0, "server.port": 1}
    loaded = put_together(of, layer)
    settings = loaded.settings
    assert (settings.monitoring.language, settings.monitoring.timezone) == ("ko", "UTC")
    assert (settings.thresholds.cpu_threshold_percent, settings.server.port) == (3.0, 4242)
    assert loaded.origins[("monitoring", "language")] == "screen"
    assert loaded.origins[("thresholds", "cpu_threshold_percent")].startswith("environment ")


def test_sections_are_taken_apart() -> None:
    """A whole section is its single settings; lists stay whole; what is named again is replaced."""
    layer = made(
        {"thresholds": {"cpu_threshold_percent": 70}, "rules": [{"if": "cpu_usage over 9"}], "redis": {}},
        layer={"thresholds.cpu_threshold_percent": 1, "panels": []},
    )
    assert layer == {"thresholds.cpu_threshold_percent": 70, "panels": [], "rules": [{"if": "cpu_usage over 9"}]}


def test_what_is_reset_is_the_files_again() -> None:
    """A single setting or a whole section leaves the layer; what was never set is no fault."""
    layer = {"thresholds.cpu_threshold_percent": 1, "thresholds.disk_threshold_percent": 2, "panels": []}
    assert made({}, layer=layer, reset=("thresholds", "logging")) == {"panels": []}
    assert codes({}, reset=("thresholdz",)) == [("thresholdz", "unknown_key_near")]


def test_what_no_screen_may_set() -> None:
    """Where data lie and what programs are run stands in the file alone."""
    assert codes({"storage.data_dir": "x", "collectors": ["os"], "alerts": {"allowed_commands": ["sh"]}}) == [
        ("storage.data_dir", "settings_barred"),
        ("collectors", "settings_barred"),
        ("alerts.allowed_commands", "settings_barred"),
    ]


def test_what_stands_over_the_screen_is_fixed_and_says_by_what() -> None:
    """A change that environment or a flag would hide is refused with the name of its place."""
    of = sources(flags={"server.port": 1}, EMAIL_TO="a@b.kr")
    _, faults = changed({}, {"server.port": 2, "notifications.email.to": ["c@d.kr"]}, (), of)
    assert [(one.path, one.facts["place"]) for one in faults] == [
        ("server.port", "--port"),
        ("notifications.email.to", "environment EMAIL_TO"),
    ]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("monitoring.langage", "ko", "unknown_key_near"),
        ("zzz.yyy", 1, "unknown_key"),
        ("", 1, "unknown_key"),
        ("rules[0].metric", "m", "settings_whole"),
        ("feeds.krx.hours", "KRX", "settings_whole"),
        ("monitoring.language.x", 1, "settings_whole"),
        ("monitoring", 5, "type_object"),
        ("notifications.slack.webhook_url", "***", "settings_hidden"),
    ],
)
def test_what_is_no_setting(path: str, value: object, code: str) -> None:
    """Each such path is a fault of its own, with the sentence that helps."""
    assert codes({path: value}) == [(path, code)]
    _, (fault,) = changed({}, {path: value}, (), sources())
    assert fault.sentence("ko") != fault.sentence("en")


def test_hidden_secrets_sent_back_stay_as_they_were() -> None:
    """`***` is the secret of the same place; in lists that of the item with the same name, wherever it stands now."""
    hooks = [{"name": "a", "url": "https://a.kr/1"}, {"name": "b", "url": "https://b.kr/2", "headers": {"X": "9"}}]
    of = sources({"notifications": {"webhooks": hooks, "email": {"password": "geheim"}}})
    back = [{"name": "b", "url": "***", "headers": {"X": "***"}}, {"name": "c", "url": "https://c.kr/3"}]
    layer = made({"notifications.webhooks": back, "notifications.email.password": "***"}, of=of)
    assert layer["notifications.webhooks"] == [hooks[1], back[1]]
    assert layer["notifications.email.password"] == "geheim"
    _, (fault,) = changed({}, {"notifications.webhooks": [{"name": "new", "url": "***"}]}, (), of)
    assert (fault.path, fault.code) == ("notifications.webhooks[0].url", "settings_hidden")


@pytest.mark.guide("G059")
def test_secrets_are_kept_encrypted_and_read_again() -> None:
    """No secret of a layer stays in the clear; put together again it is the same settings."""
    of = sources()
    layer = made(
        {
            "notifications.telegram": {"bot_token": "1:abcdef", "chat_id": "77"},
            "notifications.webhooks": [{"name": "ops", "url": "https://ops.kr/t", "headers": {"X-Key": "geheim99"}}],
        },
        of=of,
    )
    settings = put_together(of, layer).settings
    kept = sealed(layer, settings, of)
    assert not any(secret in str(kept) for secret in ("1:abcdef", "ops.kr/t", "geheim99"))
    assert kept["notifications.telegram.chat_id"] == "77"
    assert put_together(of, kept).settings == settings
    assert sealed(kept, settings, of) == kept


def test_without_a_key_no_secret_is_kept(tmp_path: Path) -> None:
    """It is a fault at the secret's path that says how to make a key; settings without secrets need none."""
    of = Sources(folder=tmp_path)
    layer = {"notifications.telegram.bot_token": "1:abcdef", "monitoring.language": "en"}
    with pytest.raises(SettingsError) as error:
        sealed(layer, put_together(of, layer).settings, of)
    (fault,) = error.value.faults
    assert (fault.path, fault.code) == ("notifications.telegram.bot_token", "sealing_no_key")
    assert "bongsu secrets key --file config/secret.key" in fault.sentence("ko")
    plain = {"monitoring.language": "en"}
    assert sealed(plain, put_together(of, plain).settings, of) == plain


def test_a_bad_value_of_a_layer_is_left_out_and_told() -> None:
    """What can't be used (here: of an older version) goes, all else of the layer holds."""
    layer = {"monitoring.language": "fr", "thresholds.cpu_threshold_percent": 70.0, "gone.away": 1}
    standing = stand(sources(), layer, version=3)
    assert standing.layer == {"thresholds.cpu_threshold_percent": 70.0}
    assert standing.settings.thresholds.cpu_threshold_percent == 70.0
    assert {fault.path for fault in standing.faults} == {"monitoring.language", "gone"}
    assert without(layer, standing.faults) == standing.layer


def test_a_layer_whose_faults_have_no_path_is_left_out_whole() -> None:
    """Values that only together can't be used: the file alone holds, and it is said."""
    layer = {"storage.retention.raw": "900d", "storage.retention.minute": "1h"}
    standing = stand(sources(), layer, version=1)
    assert standing.settings == Settings()
    assert standing.faults


def test_a_bad_file_is_not_the_layers_fault() -> None:
    """Where the file itself can't be used nothing is put together."""
    with pytest.raises(SettingsError):
        stand(sources({"monitoring": {"language": "fr"}}), {"panels": []}, version=1)


def test_what_a_program_gives_comes_back_the_same() -> None:
    """Settings made in a program, as places: put together they are those, and the screen lies over them."""
    settings = put_together(
        sources({"rules": [{"if": "cpu_usage over 90 for 5m"}], "storage": {"retention": {"raw": "12h"}}}),
        {"notifications.telegram.bot_token": "1:abcdef", "marketplaces.11st.api_key": "k" * 10},
    ).settings
    standing = given_by_program(settings, Path())
    assert put_together(standing.sources).settings == settings
    assert stand(standing.sources, {"monitoring.language": "en"}, version=1).settings.monitoring.language == "en"


# -- when a change holds -----------------------------------------------------------------------------------------------


def test_every_path_that_holds_at_once_exists() -> None:
    """The table names settings and sections that there are."""
    known = {spell(path[:length]) for path, _ in settings_of(Settings) for length in range(1, len(path) + 1)}
    assert set(AT_ONCE) <= known
    assert field_at(Settings, ("storage", "retention")) is not None


def test_what_waits_for_a_start_is_named_and_not_in_force() -> None:
    """Of a mixed change the one half is in force, the other named; taken back, nothing waits."""
    running = Settings()
    wanted = put_together(
        sources(), {"server.port": 9_999, "monitoring.language": "en", "thresholds.cpu_threshold_percent": 7.0}
    ).settings
    assert waiting(running, wanted) == ["monitoring.language", "server.port"]
    mixed = in_force(running, wanted)
    assert (mixed.server.port, mixed.monitoring.language) == (8080, "ko")
    assert mixed.thresholds.cpu_threshold_percent == 7.0
    assert [spell(path) for path in differing(mixed, running)] == ["thresholds.cpu_threshold_percent"]
    assert waiting(running, running) == []


def test_what_waits_is_worked_out_once_a_change() -> None:
    """Asked every few seconds, it costs nothing; each change is seen, also one that takes another back."""
    running = Settings()
    wanted = put_together(sources(), {"server.port": 9_999}).settings
    later = Waiting(running)
    assert later.paths(running) == ()
    assert later.paths(wanted) == ("server.port",)
    with patch.object(moments, "differing", side_effect=AssertionError):
        assert later.paths(wanted) == ("server.port",)
    assert later.paths(running) == ()


def test_a_section_that_waits_but_for_a_part() -> None:
    """`alerts` is taken up at once, but for the life of links in messages."""
    assert (moment_of("alerts.repeat"), moment_of("alerts.acknowledge_link")) == ("now", "restart")
    assert moment_of("rulesets") == "restart"


def test_masks_tell_secrets_from_numbers() -> None:
    """A number under a name like a channel's is no secret: it is shown, and can be sent back."""
    settings = put_together(sources({"notifications": {"sending": {"per_minute": {"webhook:ops": 3}}}})).settings
    assert shown(settings)["notifications"]["sending"]["per_minute"] == {"webhook:ops": 3}
