"""Settings shown to people and editors."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from bongsu.settings.load import load_with_origins
from bongsu.settings.model import Settings
from bongsu.settings.show import MASK, json_schema, shown, told
from bongsu.settings.tree import settings_of, spell

CONFIG = Path(__file__).parents[3] / "config"


def test_secrets_are_masked_everywhere(tmp_path: Path) -> None:
    """No secret is shown, neither of a known key nor of a free-form object."""
    secret = "hunter2"
    settings = {
        "notifications": {
            "slack": {"webhook_url": f"https://hooks.slack.com/services/{secret}"},
            "apprise": [f"jandi://{secret}"],
            "webhooks": [{"name": "ops", "url": f"https://h/{secret}", "headers": {"X": secret}}],
        },
        "shop": {"url": f"postgresql://u:{secret}@h/d"},
        "marketplaces": {"naver": {"client_secret": secret, "rules": {"nested": [{"password": secret}]}}},
    }
    path = tmp_path / "s.json"
    path.write_text(json.dumps(settings))

    loaded = load_with_origins(config=path, environment={"EMAIL_PASSWORD": secret}, folder=tmp_path)

    assert secret not in json.dumps(shown(loaded.settings))
    assert secret not in str(list(told(loaded)))
    assert shown(loaded.settings)["notifications"]["webhooks"][0]["name"] == "ops"
    assert shown(loaded.settings)["notifications"]["apprise"] == [MASK]


def test_what_is_shown_is_valid_settings() -> None:
    """The shown defaults, put in a file, are the same settings."""
    assert Settings.model_validate(shown(Settings())) == Settings()


def test_the_schema_fits_the_shipped_file() -> None:
    """The JSON Schema beside the shipped file is the model's own, and accepts that file."""
    schema = json.loads((CONFIG / "monitoring_config.schema.json").read_text(encoding="utf-8"))
    assert schema == json.loads(json.dumps(json_schema())), (
        "run: bongsu config schema > config/monitoring_config.schema.json"
    )
    jsonschema.validate(json.loads((CONFIG / "monitoring_config.json").read_text(encoding="utf-8")), schema)


def test_the_schema_refuses_a_wrong_key() -> None:
    """An editor marks an unknown key."""
    errors = list(jsonschema.Draft202012Validator(json_schema()).iter_errors({"server": {"prot": 1}}))
    assert len(errors) == 1


def test_every_setting_has_its_sentence_in_both_languages() -> None:
    """Editors, documents and screens find a Korean and an English sentence for every setting."""
    for path, info in settings_of(Settings):
        if path == ("$schema",):
            continue
        extra = info.json_schema_extra
        assert info.description, spell(path)
        assert isinstance(extra, dict), spell(path)
        assert extra["x-ko"], spell(path)
