"""What is given for running Bongsu elsewhere agrees with what it is."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

import pytest

from bongsu import cli
from bongsu.commands.secrets import holds_secret
from bongsu.commands.words import Words
from bongsu.settings.environment import GUIDE_NAMES, NO_SETTINGS, ignored_in, name_of, read_dotenv
from bongsu.settings.model import Settings
from bongsu.settings.tree import settings_of

ROOT = Path(__file__).parents[2]


@pytest.mark.guide("G019")
def test_the_example_of_dotenv_is_complete() -> None:
    """It names the guide's variables and every secret, nothing that is no setting, and is fine as it is."""
    names, faults = read_dotenv(ROOT / ".env.example")
    assert faults == []
    assert ignored_in(names, Settings, ".env.example") == []
    secrets = [path for path, info in settings_of(Settings) if holds_secret(info.annotation)]
    guides = {path: name for name, path in GUIDE_NAMES.items()}
    assert len(secrets) > 10
    assert [name for name in GUIDE_NAMES if name not in names] == []
    assert [name_of(path) for path in secrets if guides.get(path, name_of(path)) not in names] == []
    assert [name for name in names if "SECRET_KEY" in name and name in NO_SETTINGS] == ["BONGSU_SECRET_KEY_FILE"]


@pytest.mark.parametrize("name", ["bongsu", "bongsu-viewer"])
def test_the_unit_runs_a_command_that_exists(name: str) -> None:
    """The service starts `bongsu up` with flags it has, as its own user, with its folders writable and nothing else."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "deploy" / "systemd" / f"{name}.service", encoding="utf-8")
    service = unit["Service"]
    program, *words = service["ExecStart"].split()
    assert Path(program).name == "bongsu"
    assert cli.command_line(Words("en")).parse_args(words).config == Path("/etc/bongsu/monitoring_config.json")
    assert service["User"] == "bongsu"
    hardened = ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictSUIDSGID", "LockPersonality")
    assert {service[name] for name in hardened} == {"yes"}
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")


def test_the_composition_runs_commands_that_exist() -> None:
    """One owner and two viewers, each with flags that exist, ports of its own and the settings that its role needs."""
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    commands = [json.loads(one) for one in re.findall(r'command: (\["up".*\])$', text, re.MULTILINE)]
    parsed = [cli.command_line(Words("en")).parse_args(one) for one in commands]
    assert [one.role for one in parsed] == [None, "view", "view"]
    assert len({one.port for one in parsed}) == len({one.live_port for one in parsed}) == 3
    known = {name_of(path) for path, _ in settings_of(Settings)}
    named = set(re.findall(r"\bBONGSU_\w+__\w+", text))
    assert {"BONGSU_REDIS__URL", "BONGSU_SERVER__OWNER_URL"} <= named <= known
    assert text.count("BONGSU_SERVER__OWNER_URL") == 2
    assert [port for one in parsed[1:] if f":{(port := one.port)}/readyz" not in text] == []


def test_the_image_is_pinned_and_not_root() -> None:
    """Packages are installed by hash alone, what is copied exists, the last user isn't root, and it runs `up`."""
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE)[-1] not in {"root", "0"}
    copied = [name for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for name in line.split()]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(copied) <= set(let_in)
    cli.command_line(Words("en")).parse_args(["up"])
    assert text.rstrip().endswith('ENTRYPOINT ["python", "-m", "bongsu"]\nCMD ["up"]')
