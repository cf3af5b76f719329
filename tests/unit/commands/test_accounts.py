"""`bongsu user …` and `bongsu token …`: what they print, what they leave in the records, what they never take."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bongsu import cli
from bongsu.access.keys import digest_of

GOOD = "correct horse battery"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in an empty folder with this on standard input: status, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = cli.main(arguments)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def audit(folder: Path) -> list[tuple[str, str]]:
    """Action and subject of each entry."""
    with closing(sqlite3.connect(folder / "data" / "records.db")) as connection:
        rows = connection.execute("SELECT body FROM audit ORDER BY seq").fetchall()
    return [(entry["action"], entry["subject"]) for entry in (json.loads(body) for (body,) in rows)]


def test_accounts_from_the_first_to_the_last(say: Say, tmp_path: Path) -> None:
    """The first one administers, further ones look; each change is told, and stands in the audit."""
    assert "There are no accounts" in say("user", "list")[1]
    assert say("user", "add", "Boss", typed=f"{GOOD}\n") == (0, "boss may sign in (admin).\n", "")
    assert say("user", "add", "kim", typed=GOOD)[1] == "kim may sign in (viewer).\n"
    assert say("user", "role", "kim", "operator")[1] == "kim: operator, active.\n"
    assert say("user", "disable", "kim")[1] == "kim: operator, disabled.\n"
    status, told, _ = say("user", "list")
    assert status == 0
    assert [line.split()[:3] for line in told.splitlines()[1:]] == [
        ["boss", "admin", "active"],
        ["kim", "operator", "disabled"],
    ]
    assert say("user", "enable", "kim")[0] == 0
    assert say("user", "password", "kim", typed="staple battery horse")[0] == 0
    assert say("user", "remove", "kim")[0] == 0
    assert "everybody on this machine" in say("user", "remove", "boss")[1]
    assert audit(tmp_path)[-1] == ("user.removed", "boss")
    assert len(audit(tmp_path)) == 8


def test_what_is_not_done_is_told(say: Say) -> None:
    """A weak password, a name that is taken, one that isn't there, the last admin: exit 1 and why."""
    assert say("user", "add", "boss", typed=GOOD)[0] == 0
    for arguments, typed, why in (
        (("user", "add", "kim"), "short", "at least 10 characters"),
        (("user", "add", "BOSS"), GOOD, "already"),
        (("user", "disable", "kim"), "", "no account of that name"),
        (("user", "disable", "boss"), "", "nobody would be left"),
        (("token", "revoke", "x"), "", "no such token"),
    ):
        status, told, wrong = say(*arguments, typed=typed)
        assert (status, told) == (1, "")
        assert why in wrong


def test_a_password_is_no_argument(say: Say) -> None:
    """Arguments stand in the list of processes."""
    with pytest.raises(SystemExit, match="2"):
        say("user", "add", "kim", GOOD)
    with pytest.raises(SystemExit, match="2"):
        say("user", "add", "kim", f"--password={GOOD}")


def test_the_terminal_asks_twice(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that differ change nothing."""
    answers = iter([GOOD, "another horse"])

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("bongsu.commands.accounts.getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("bongsu.commands.accounts.sys", type("Sys", (), {"stdin": Terminal(), "stderr": io.StringIO()}))
    assert say("user", "add", "kim")[0] == 1
    answers = iter([GOOD, GOOD])
    assert say("user", "add", "kim")[0] == 0


def test_tokens(say: Say, tmp_path: Path) -> None:
    """The token alone is on standard output; the file holds its digest and nothing of it."""
    status, text, told = say("token", "create", "ci job", "--scope", "read", "--scope", "ingest", "--expires", "90d")
    text = text.strip()
    assert status == 0
    assert text.startswith("bgs_")
    assert "isn't shown again" in told
    token_id = told.split()[1]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert text.encode() not in kept
    assert digest_of(text).encode() in kept
    listed = say("token", "list")[1]
    assert token_id in listed
    assert "read,ingest" in listed
    assert text not in listed
    assert say("token", "revoke", token_id)[0] == 0
    assert "no tokens" in say("token", "list")[1]
    assert say("token", "create", "x", "--scope", "read", "--expires", "soon")[0] == 2
