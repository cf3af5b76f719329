"""`bongsu notify test`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu import cli
from tests.unit.test_notification import Hook


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run where no settings are, and speak English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_MONITORING__LANGUAGE", "en")


@pytest.mark.guide("G050")
def test_each_channel_is_tried(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a channel says whether it delivered; the exit status is 1 where one didn't."""
    hook = Hook()
    monkeypatch.setenv("SLACK_WEBHOOK_URL", hook.url)
    assert cli.main(["notify", "test"]) == 0
    assert capsys.readouterr().out == "slack: delivered\n"
    hook.status = 404
    assert cli.main(["notify", "test", "slack", "pager"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-2].startswith("slack: NOT delivered: Slack answered 404")
    assert out[-1] == "pager: there is no such channel; there are: slack"
    hook.server.shutdown()
    hook.server.server_close()
    assert [one["text"].partition(":")[0] for one in hook.got] == ["🧪 TEST", "🧪 TEST"]


def test_without_channels(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing set up is said, with where to do it."""
    assert cli.main(["notify", "test"]) == 1
    assert "No channel is set up" in capsys.readouterr().out
