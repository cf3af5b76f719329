"""What docs/feeds.md shows is true: bodies are taken, settings are valid, faults and paths are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bongsu.quality.faults import FAULTS
from bongsu.server.openapi_blocks import EXAMPLE_TIME
from bongsu.settings.feeds import Feed
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import in_memory

TEXT = (Path(__file__).parents[3] / "docs" / "feeds.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The code blocks of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("text", blocks("json"))
async def test_the_bodies_are_taken(text: str) -> None:
    """Every body shown is taken completely, with the present time in place of the example's."""
    clock = VirtualClock()
    *_, intake, _ = in_memory(clock)
    body = text.replace(str(EXAMPLE_TIME)[:-2], str(clock.now())[:-2]).encode()
    receipt = await intake.take(body, content_type="application/json", encoding="", sender="")
    assert receipt.accepted >= 2
    assert not receipt.refused


def test_the_settings_are_valid() -> None:
    """The feed shown can be declared like this."""
    (text,) = blocks("json-settings")
    assert Settings.model_validate(json.loads(text)).feeds["krx"].tick == "krx"


def test_every_key_and_fault_is_told() -> None:
    """Each setting of a feed and each fault stands in the document."""
    for name in (*Feed.model_fields, *FAULTS):
        assert f"`{name}`" in TEXT, name
