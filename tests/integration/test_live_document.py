"""The live protocol's document: its examples hold, its clients run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bongsu.clock import SystemClock
from bongsu.live.command import decode
from bongsu.live.group import LADDER_MS
from bongsu.model.metric import TOPICS
from tests.integration.live_server import COMMANDS, DOCS, FRAMES, PATIENCE, Served, serving

TEXT = (DOCS / "live-protocol.md").read_text()
NODE = """
import {{ follow }} from {module};
const seen = [];
const stop = follow({url}, {{
  topics: ['custom'],
  onValue: (one) => {{ seen.push(one.value); console.log(JSON.stringify(one)); }},
  onClear: (topic) => console.log(JSON.stringify({{ topic }})),
}});
process.stdin.once('data', () => {{ stop(); process.exit(0); }});
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", blocks("json"))
def test_the_examples_of_frames_hold(example: str) -> None:
    """Each JSON example is a frame, or a command, of the schema."""
    told = json.loads(example)
    if "op" in told:
        COMMANDS.validate(told)
        decode(example.encode())
    else:
        FRAMES.validate(told)


def test_every_kind_of_frame_has_an_example() -> None:
    """No frame of the schema is left unexplained, apart from kinds told with an alike one."""
    shown = {json.loads(example).get("t", "subscribe") for example in blocks("json")}
    assert shown == {"hello", "snapshot", "update", "gap", "alert", "mark", "ping", "error", "subscribe"}


def test_the_document_names_every_topic_and_interval() -> None:
    """Both lists are the code's."""
    assert all(f"`{topic}`" in TEXT for topic in TOPICS)
    assert ", ".join(str(one) for one in LADDER_MS) in TEXT


async def broken_off(served: Served) -> None:
    """Cut the connections as a network does; the client comes back by itself."""
    for connection in list(served.gateway.connections):
        connection.abort()


async def test_the_python_client_follows_and_resumes() -> None:
    """The document's client sees every value, also those told while it was away."""
    space: dict[str, Any] = {"__name__": "document"}
    exec(compile(blocks("python")[0], "live-protocol.md", "exec"), space)  # the example is what is tested
    async with serving(clock=SystemClock()) as served:
        stream = space["follow"](f"ws://127.0.0.1:{served.port}/", topics=["custom"], interval_ms=100)
        values = []
        async with asyncio.timeout(3 * PATIENCE), contextlib.aclosing(stream):
            served.publish(("x", 0.0))
            async for metric, labels, value, _ in stream:
                assert (metric, labels) == ("x", {})
                values.append(value)
                if value == 2.0:
                    await broken_off(served)
                if value == 5.0:
                    break
                served.publish(("x", value + 1.0))
        assert list(dict.fromkeys(values)) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


async def test_the_javascript_client_follows_and_resumes(program: Callable[..., str], tmp_path: Path) -> None:
    """The document's client runs under node, clears a topic once, and goes on after a break."""
    node = program("node")
    module, main = tmp_path / "follow.mjs", tmp_path / "main.mjs"
    module.write_text(blocks("js")[0])
    async with serving(clock=SystemClock()) as served:
        url = f"ws://127.0.0.1:{served.port}/"
        main.write_text(NODE.format(module=json.dumps(module.as_uri()), url=json.dumps(url)))
        served.publish(("x", 0.0))
        process = await asyncio.create_subprocess_exec(
            *(node, "--experimental-websocket", "--no-warnings", str(main)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        lines = []
        async with asyncio.timeout(3 * PATIENCE):
            async for line in process.stdout:
                lines.append(json.loads(line))
                value = lines[-1].get("value")
                if value == 1.0:
                    await broken_off(served)
                if value == 3.0:
                    break
                if value is not None:
                    served.publish(("x", value + 1.0))
            await process.communicate(b"\n")
        assert [one["topic"] for one in lines if "topic" in one] == ["custom"]
        assert [one["value"] for one in lines if "value" in one] == [0.0, 1.0, 2.0, 3.0]
