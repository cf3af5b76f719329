"""From an event's arrival to the drawn score, in a real browser beside a real server under load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bench.scores import Trial, pushed, settings_of
from bench.servers import bongsu

from tests.browser.console_stack import chromium

pytestmark = pytest.mark.slow

GOAL_MS = 1_000
EVENTS = 40
ROUNDS = 3


@pytest.mark.guide("G005")
@pytest.mark.guide("G037")
def test_an_event_is_in_the_score_on_the_screen_within_a_second(tmp_path: Path, program: Callable[..., str]) -> None:
    """With 5,000 symbols at 25,000 events/s: 40 events change a symbol's drawn score and the coverage within 1 s.

    In the best of three rounds: what else runs here is not ours. Hundreds of them are `python -m bench scores`.
    """
    program("chromium", "chromium-browser", "google-chrome")
    with bongsu(tmp_path, env=settings_of(EVENTS * ROUNDS + 1)) as server, chromium() as browser, pushed(server.port):
        trial = Trial(browser, server.port)
        worst = []
        for seed in range(ROUNDS):
            found = trial.run(EVENTS, seed=seed)
            worst.append(round(max(*found.score, *found.coverage)))
            if worst[-1] < GOAL_MS:
                break
        trial.close()
    assert min(worst) < GOAL_MS, worst
