"""What the log hears."""

from __future__ import annotations

from structlog.testing import capture_logs

from bongsu.live.notes import Notes


def test_what_happens_often_is_said_now_and_then() -> None:
    """A flood of refusals makes a line every ten seconds, with the number of them; each reason has its own."""
    with capture_logs() as lines:
        notes = Notes("connections refused")
        for tenth in range(301):
            notes.count("origin", now=tenth / 10)
        notes.count("host", now=30.0)
        notes.count("stopping", now=30.0, silently=True)
    assert [(line["reason"], line["times"], line["since_start"]) for line in lines] == [
        ("origin", 1, 1),
        ("origin", 100, 101),
        ("origin", 100, 201),
        ("origin", 100, 301),
        ("host", 1, 1),
    ]
    assert notes.counts == {"origin": 301, "host": 1, "stopping": 1}
