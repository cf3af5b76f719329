"""Every endpoint of the OpenAPI document, asked with what it allows and with what it doesn't (schemathesis).

`make fuzz` asks longer, and differently each time.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bongsu.app import App
from bongsu.server.openapi import document
from bongsu.settings.load import load

LONG = int(os.environ.get("BONGSU_FUZZ", "0"))
"""Examples an endpoint for `make fuzz`; 0: the few of the suite, the same each time."""


@schemathesis.serializer("application/x-ndjson")
def _lines(_: Any, value: Any) -> bytes:
    rows = value if isinstance(value, list) else [value]
    return b"\n".join(json.dumps(row).encode() for row in rows)


METHODS = {"get", "put", "post", "delete", "patch"}

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    allow_header_conformance,
]

CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"max-examples": LONG or 12, "deterministic": not LONG, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
    }
)


def readable(part: Any) -> Any:
    """The document with tuples (`prefixItems`) as lists of any of their members: schemathesis 4.32 turns them into what
    JSON Schema called so before 2020, and then refuses that.
    """
    if isinstance(part, dict):
        members = part.get("prefixItems")
        rest = {name: readable(value) for name, value in part.items() if name != "prefixItems"}
        return rest | ({"items": {"anyOf": readable(members)}} if members else {})
    return [readable(one) for one in part] if isinstance(part, list) else part


schema = schemathesis.openapi.from_dict(readable(document()), config=CONFIG)
ASKED = [(path, method) for path, item in schema.raw_schema["paths"].items() for method in item if method in METHODS]
"""Each endpoint, named by ourselves: what `schema.parametrize()` makes has one and the same id in pytest 9.2, of which
xdist runs a single one, and costs every worker that collects it four seconds.
"""


class Hosted:
    """A whole server in a thread of its own, with some of everything in it."""

    def __init__(self, folder: Path) -> None:
        given = {"server.port": 0, "server.live_port": 0, "storage.data_dir": str(folder / "data")}
        self._settings = load(given, environment={}, folder=folder)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._leave = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="hosted server")
        self.url = ""

    def __enter__(self) -> Hosted:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(30)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        app = App(self._settings, console=False)
        await app.start()
        self.url = app.addresses.rest
        self._ready.set()
        await self._leave.wait()
        await app.stop()


def fill(url: str) -> None:
    """Samples, requests, events, alerts, a silence, a rule, a mark: answers with something in them."""
    now = int(time.time() * 1000)
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        for path, body in (
            ("samples", [{"metric": "orders_open", "labels": {"market": "naver"}, "value": 12.5}]),
            ("requests", [{"service": "api", "route": "GET /", "ms": 12.0, "status": 200}]),
            ("events", [{"feed": "krx", "symbol": "005930", "at": now, "seq": 1, "fields": {"price": 71000.0}}]),
            ("alerts", {"level": "warning", "message": "slow", "metric": "orders_open", "value": 12, "threshold": 10}),
            ("silences", {"matchers": {"metric": "none"}, "for": "2h", "reason": "works", "by": "kim"}),
            ("rules", {"id": "open-orders", "metric": "orders_open", "op": ">", "value": 100}),
            ("marks", {"kind": "deploy", "label": "1.2.3"}),
        ):
            answer = http.post(f"/api/v1/{path}", json=body)
            assert answer.status_code < 300, answer.text


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with something in it."""
    with Hosted(tmp_path_factory.mktemp("fuzzed")) as hosted:
        fill(hosted.url)
        yield hosted.url


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Connections kept between requests."""
    with requests.Session() as one:
        one.trust_env = False
        yield one


@pytest.mark.parametrize(("path", "method"), ASKED, ids=[f"{method.upper()} {path}" for path, method in ASKED])
def test_answers_are_what_the_document_says(path: str, method: str, server: str, session: requests.Session) -> None:
    """No 5xx, no status, content type, header or body that the document doesn't know."""

    def ask(case: Any) -> None:
        case.call_and_validate(base_url=server, session=session, checks=CHECKS, timeout=20)

    operation = schema[path][method]
    build_operation_test(
        config=schema.config, operation=operation, test_func=ask, given_kwargs={}, feedback=NO_FEEDBACK
    )()
