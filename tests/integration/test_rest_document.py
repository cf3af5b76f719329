"""What docs/rest.md shows is true: its bodies are accepted, its tables complete, its program runs."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
from pathlib import Path

import httpx
import jsonschema
import pytest

from bongsu.ingest.intake import JSON, NDJSON
from bongsu.ingest.refusals import CODES
from bongsu.server.openapi import document
from bongsu.server.openapi_blocks import EXAMPLE_TIME
from tests.fakes.server import Stand, running

TEXT = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The code blocks of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("kind", "media", "count"), [("json", JSON, 2), ("ndjson", NDJSON, 1)])
async def test_the_bodies_are_accepted(kind: str, media: str, count: int) -> None:
    """Every body shown is taken completely, with the present time in place of the example's."""
    found = blocks(kind)
    assert len(found) == count
    stand = Stand()
    async with running(stand), httpx.AsyncClient(base_url=stand.url, verify=False) as http:
        for text in found:
            body = text.replace(str(EXAMPLE_TIME), str(stand.clock.now()))
            answer = await http.post("/api/v1/samples", content=body, headers={"content-type": media})
            assert answer.status_code == 200
            assert answer.json()["refused"] == []
            assert answer.json()["accepted"] >= 2


def test_the_problem_is_one() -> None:
    """The problem document shown fits the schema."""
    (text,) = blocks("json-problem")
    jsonschema.validate(json.loads(text), document()["components"]["schemas"]["Problem"])


async def test_the_program_runs() -> None:
    """The program shown sends and reads as it says."""
    (program,) = blocks("python")
    stand = Stand()
    async with running(stand):
        printed = io.StringIO()

        def run() -> None:
            with contextlib.redirect_stdout(printed):
                exec(compile(program.replace("http://127.0.0.1:8080", stand.url), "docs/rest.md", "exec"), {})

        await asyncio.to_thread(run)
    assert "(('market', 'naver'),)" in printed.getvalue()


def test_every_route_and_reason_is_told() -> None:
    """Each path of the description and each reason of a refusal stands in the document."""
    for path in document()["paths"]:
        assert path in TEXT or path.startswith("/docs/")
    for code in CODES:
        assert f"`{code}`" in TEXT
