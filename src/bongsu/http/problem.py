"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

import re
import secrets
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response

from bongsu.http.errors import MethodNotAllowed
from bongsu.model.errors import BongsuError, Faulty, NothingAcceptable, SignInNeeded

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:bongsu:problem:"
"""Prefix of the `type` of each problem; what follows is the error's code."""

_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def trace_id(headers: Headers) -> str:
    """The id under which the log knows this request: the sender's (`traceparent`), else a new one."""
    match = _TRACE_PARENT.fullmatch(headers.get("traceparent", ""))
    return match.group(1) if match else secrets.token_hex(16)


def unexpected() -> BongsuError:
    """What is told of an error that nobody foresaw: nothing of its insides."""
    return BongsuError(
        "an unexpected error happened; it was logged", hint="give the trace_id to whoever runs this server"
    )


def problem(error: BongsuError, trace: str, path: str) -> Response:
    """The answer that tells of an error."""
    document: dict[str, Any] = {
        "type": TYPES + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": path,
        "trace_id": trace,
    }
    if error.hint:
        document["hint"] = error.hint
    headers = {"cache-control": "no-store"}
    if error.retry_after is not None:
        document["retry_after"] = error.retry_after
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, NothingAcceptable):
        document["accepted"] = 0
        document["refused"] = [{"index": one.index, "reason": one.reason} for one in error.refused]
        if error.unlisted:
            document["unlisted"] = error.unlisted
    if isinstance(error, Faulty):
        document["faults"] = [{"path": path, "reason": reason} for path, reason in error.faults]
    if isinstance(error, SignInNeeded):
        headers["www-authenticate"] = 'Bearer realm="bongsu"'
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = error.allow
    return Response(msgspec.json.encode(document), status_code=error.status, headers=headers, media_type=MEDIA_TYPE)
