"""The command line: what is asked, what is told, and the exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bongsu import cli
from bongsu.commands import words
from bongsu.version import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run where no settings are, and speak English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` tells it and ends well."""
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"bongsu {__version__}\n"


def test_without_a_command_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`bongsu` alone lists the commands."""
    assert cli.main([]) == 0
    assert {"up", "check", "config"} <= set(re.findall(r"^    (\w+)", capsys.readouterr().out, re.MULTILINE))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["dcotor"], "Did you mean doctor?\nbongsu --help"),
        (["up", "--prot", "80"], "Not understood: --prot 80. Did you mean --port?\nbongsu up --help"),
        (["up", "--port", "abc"], "--port must be a whole number, but is abc.\nbongsu up --help"),
        (["up", "--port"], "--port needs a value.\nbongsu up --help"),
        (["config", "sho"], "there are: show, schema, validate. Did you mean show?\nbongsu config --help"),
        (["user", "add"], "Missing: NAME.\nbongsu user add --help"),
        (["user", "list", "kim"], "Not understood: kim.\nbongsu user list --help"),
        (["rules"], "usage: bongsu rules [-h] COMMAND"),
    ],
)
def test_what_is_mistyped_is_told_with_what_may_be_meant(
    capsys: pytest.CaptureFixture[str], typed: list[str], told: str
) -> None:
    """A misspelt command or flag, a missing value or command: one sentence of the command that was meant, and 2."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(typed)
    out, error = capsys.readouterr()
    assert (out, told in error) == ("", True), error


@pytest.mark.parametrize("typed", [["--help"], ["up", "--help"], ["rules", "--help"], ["up", "--prot", "1"], ["user"]])
def test_the_command_line_speaks_korean_through_and_through(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    """No heading and no mistake is told in argparse's own English."""
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "ko")
    with pytest.raises(SystemExit):
        cli.main(typed)
    said = "".join(capsys.readouterr())
    assert re.search(r"usage|positional|options:|arguments|unrecognized|error", said) is None, said
    assert re.search(r"[가-힣]", said)


@pytest.mark.guide("G125")
def test_help_needs_no_package_and_no_time() -> None:
    """Help loads nothing but the standard library, so that it works while packages are missing."""
    code = (
        "import sys; from bongsu import cli; cli.main([]);"
        "foreign = {n.split('.')[0] for n in sys.modules} - sys.stdlib_module_names - {'bongsu', '__main__'};"
        "sys.exit(', '.join(sorted(n for n in foreign if not n.startswith(('_', 'sitecustomize')))) or 0)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=_source_path())
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_package_is_one_line() -> None:
    """Without site-packages a command that needs one tells which, and how to install it; no traceback."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "bongsu.cli", "config", "validate"],
        capture_output=True,
        text=True,
        env=_source_path() | {"BONGSU_MONITORING__LANGUAGE": "en"},
    )
    assert done.returncode == 1
    assert re.fullmatch(r"A package is missing: \w+\. .*requirements\.txt.*\n", done.stderr)


def _source_path() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.guide("G025")
def test_validate_tells_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--validate-config` lists all faults with their paths and ends with 1."""
    (tmp_path / "mine.json").write_text('{"server": {"prot": 1}, "monitoring": {"timezone": "Seoul"}}')

    assert cli.dashboard(["--validate-config", "--config", "mine.json"]) == 1

    told = capsys.readouterr().err
    assert "(2)" in told
    assert "server.prot: there is no such setting; did you mean server.port? (mine.json)" in told
    assert "monitoring.timezone: is no time zone we know" in told


@pytest.mark.guide("G025")
def test_validate_good_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Good settings end with 0; a misspelled environment name is worth a word."""
    (tmp_path / ".env").write_text("BONGSU_SERVER__PROT=1\n")
    assert cli.main(["config", "validate"]) == 0
    told = capsys.readouterr().out
    assert "BONGSU_SERVER__PORT" in told
    assert "The settings are fine" in told


def test_show_tells_origins_and_masks_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`config show` says where each value comes from, and no secret."""
    (tmp_path / ".env").write_text("EMAIL_PASSWORD=hunter22\nDASHBOARD_PORT=9000\n")

    assert cli.main(["config", "show"]) == 0

    told = capsys.readouterr().out
    assert "hunter22" not in told
    assert re.search(r"^server\.console_port +9000 +\.env DASHBOARD_PORT$", told, re.MULTILINE)
    assert re.search(r"^server\.port +8080 +default$", told, re.MULTILINE)


def test_show_as_json_is_a_settings_file(capsys: pytest.CaptureFixture[str]) -> None:
    """`config show --json` can be saved as a settings file."""
    assert cli.main(["config", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["server"]["port"] == 8080


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`config schema` prints the JSON Schema."""
    assert cli.main(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["server"]


def test_a_closed_pipe_is_no_error() -> None:
    """`bongsu config schema | head -1` ends quietly."""
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m bongsu.cli config schema | head -1"],
        capture_output=True,
        text=True,
        env=_source_path() | {"PATH": "/usr/bin:/bin"},
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.parametrize("flag", ["--host=0.0.0.0", "--host=192.168.0.7"])
def test_other_addresses_are_refused_until_there_are_accounts(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`up --host 0.0.0.0` doesn't start, and says how to make an account, or how to look from elsewhere without."""
    assert cli.main(["up", flag]) == 1
    told = capsys.readouterr().err
    assert "bongsu user add" in told
    assert "ssh -L" in told
    assert flag.removeprefix("--host=") in told


def test_both_languages_say_the_same_things() -> None:
    """Each sentence exists in Korean and English with the same blanks."""
    assert list(words.KO) == list(words.EN)
    blanks = re.compile(r"\{[a-z_]+\}")
    for code, text in words.EN.items():
        assert set(blanks.findall(text)) == set(blanks.findall(words.KO[code])), code
