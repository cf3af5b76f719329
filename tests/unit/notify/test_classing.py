"""What answers mean."""

from __future__ import annotations

import pytest

from bongsu.model.errors import ChannelError
from bongsu.notify.classing import Answer, pause_of, refuse_unless_delivered

NOW = 1_763_778_000_000


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, None),
        (204, None),
        (301, "auth"),
        (307, "auth"),
        (400, "permanent"),
        (401, "auth"),
        (403, "auth"),
        (404, "auth"),
        (408, "temporary"),
        (410, "auth"),
        (413, "permanent"),
        (425, "temporary"),
        (429, "rate_limited"),
        (500, "temporary"),
        (503, "temporary"),
    ],
)
def test_statuses(status: int, kind: str | None) -> None:
    """Each status has its class."""
    if kind is None:
        refuse_unless_delivered(Answer(status=status), service="it", now=NOW)
        return
    with pytest.raises(ChannelError) as told:
        refuse_unless_delivered(Answer(status=status, body=b"why"), service="it", now=NOW)
    assert told.value.kind == kind
    assert str(status) in told.value.detail


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (Answer(status=429, headers={"retry-after": "30"}), 30.0),
        (Answer(status=429, headers={"retry-after": "Sat, 22 Nov 2025 02:20:10 GMT"}), 10.0),
        (Answer(status=429, headers={"retry-after": "Sat, 22 Nov 2025 02:00:00 GMT"}), 0.0),
        (Answer(status=429, headers={"retry-after": "soon"}), None),
        (Answer(status=429, headers={"retry-after": "nan"}), None),
        (Answer(status=429, headers={"retry-after": "1e99"}), 86_400.0),
        (Answer(status=429, headers={"retry-after": "-5"}), 0.0),
        (Answer(status=429, body=b'{"ok":false,"parameters":{"retry_after":14}}'), 14.0),
        (Answer(status=429, body=b'{"retry_after":0.35}'), 0.35),
        (Answer(status=429, body=b'{"retry_after":"x","parameters":7}'), None),
        (Answer(status=429, body=b"[1]"), None),
        (Answer(status=429), None),
    ],
)
def test_pauses(answer: Answer, pause: float | None) -> None:
    """Seconds, dates, Telegram's and Discord's own ways; nonsense is no pause."""
    assert pause_of(answer, NOW) == pause


def test_long_answers_are_cut() -> None:
    """An error page isn't quoted whole, and on one line."""
    with pytest.raises(ChannelError) as told:
        refuse_unless_delivered(Answer(status=500, body=b"<html>\n" * 5_000), service="it", now=NOW)
    assert len(told.value.detail) < 260
    assert "\n" not in told.value.detail
