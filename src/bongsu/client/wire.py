"""What goes over the wire: requests as plain values, and answers read into the model."""

from __future__ import annotations

import os
import random
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

import msgspec
import numpy as np

from bongsu.model import errors
from bongsu.model.query import Points
from bongsu.model.request import Requests
from bongsu.model.sample import Labels, Receipt, Refusal, Sample, labels_of

if TYPE_CHECKING:
    import httpx

Authority: TypeAlias = str | os.PathLike[str] | ssl.SSLContext | None
"""Who vouches for the server besides the authorities of the system and `SSL_CERT_FILE`: a file (PEM), or a context."""

CHUNK = 20_000
"""Samples in one body; more are sent as several."""

_FEW = 16
"""Up to so many samples go as rows, which people can read in a trace; more go as columns, which are cheaper."""

_ATTEMPTS = 5
_LONGEST_WAIT = 30.0
_JSON = {"content-type": "application/json"}
_KINDS = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.SignInNeeded,
        errors.Forbidden,
        errors.NotFound,
        errors.TooLarge,
        errors.UnsupportedType,
        errors.TooMany,
        errors.Unavailable,
        errors.StorageFull,
    )
}


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The newest value of one series; `at` is UTC milliseconds."""

    metric: str
    labels: dict[str, str]
    value: float
    unit: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as plain values."""

    method: str = "GET"
    path: str
    parameters: Mapping[str, str]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def metrics_asked(metric: str | None, topic: str | None, labels: Mapping[str, str] | None) -> Asked:
    """`GET /api/v1/metrics`."""
    return Asked(path="/api/v1/metrics", parameters=_given(labels, metric=metric, topic=topic))


def history_asked(
    metric: str, hours: float, step: str | None, agg: str | None, labels: Mapping[str, str] | None
) -> Asked:
    """`GET /api/v1/metrics/{name}/history`."""
    return Asked(
        path=f"/api/v1/metrics/{quote(metric, safe=':')}/history",
        parameters=_given(labels, hours=f"{hours:g}", step=step, agg=agg),
    )


def query_asked(
    metric: str,
    start: int | str | None,
    end: int | str | None,
    step: str | None,
    agg: str | None,
    tier: str | None,
    labels: Mapping[str, str] | None,
) -> Asked:
    """`GET /api/v1/query`."""
    given = _given(labels, metric=metric, start=start, end=end, step=step, agg=agg, tier=tier)
    return Asked(path="/api/v1/query", parameters=given)


def send_asked(samples: Iterable[Sample]) -> Iterator[Asked]:
    """`POST /api/v1/samples`, as many times as it takes."""
    everything = list(samples)
    for begin in range(0, len(everything), CHUNK):
        chunk = everything[begin : begin + CHUNK]
        body = _rows(chunk) if len(chunk) <= _FEW else _columns(chunk)
        yield Asked(method="POST", path="/api/v1/samples", parameters={}, body=msgspec.json.encode(body))


def requests_asked(items: Sequence[Requests]) -> Asked:
    """`POST /api/v1/requests`."""
    return Asked(method="POST", path="/api/v1/requests", parameters={}, body=msgspec.json.encode(items))


def waits() -> Iterator[float | None]:
    """Seconds to wait after each failed attempt; None after the last."""
    for attempt in range(_ATTEMPTS - 1):
        yield 0.25 * 2**attempt
    yield None


def pause(wait: float, busy: errors.BongsuError) -> float:
    """How long to wait: what the server asks for, but with a spread, so that senders don't come back all at once."""
    asked = wait if busy.retry_after is None else max(wait, float(busy.retry_after))
    return min(_LONGEST_WAIT, asked) * random.uniform(1.0, 1.25)  # noqa: S311 (no secret hangs on it)


def passes(busy: BaseException) -> bool:
    """Whether it may be over at the next attempt: a certificate that isn't trusted stays what it is."""
    import ssl

    cause: BaseException | None = busy
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return False
        cause = cause.__cause__ or cause.__context__
    return True


def joined(receipts: Iterable[Receipt]) -> Receipt:
    """The receipts of consecutive chunks as one, with indices into the whole.

    Raises:
        NothingAcceptable: there were samples, and all were refused.
    """
    accepted = unlisted = 0
    refused: list[Refusal] = []
    for position, receipt in enumerate(receipts):
        accepted += receipt.accepted
        unlisted += receipt.unlisted
        refused += [Refusal(position * CHUNK + one.index, one.code, one.detail) for one in receipt.refused]
    if refused and not accepted:
        raise errors.NothingAcceptable(tuple(refused), unlisted=unlisted)
    return Receipt(accepted=accepted, refused=tuple(refused), unlisted=unlisted)


def checked(response: httpx.Response) -> bytes:
    """The body of a good answer.

    Raises:
        BongsuError: the one that the server tells of.
    """
    if response.is_success:
        return response.content
    try:
        problem: dict[str, Any] = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        problem = {"detail": f"{response.request.url} answered {response.status_code} {response.reason_phrase}"}
    if response.status_code == errors.NothingAcceptable.status:
        refused = tuple(_refusal(one["index"], one["reason"]) for one in problem.get("refused", ()))
        raise errors.NothingAcceptable(refused, unlisted=problem.get("unlisted", 0))
    kind = _KINDS.get(response.status_code, errors.BongsuError)
    asked = response.headers.get("retry-after", "")
    raise kind(
        str(problem.get("detail", response.reason_phrase)),
        hint=str(problem.get("hint", "")),
        retry_after=int(asked) if asked.isdecimal() else None,
    )


def unreachable(error: Exception, url: object) -> errors.Unavailable:
    """What is told when no answer came."""
    reason = str(error) or type(error).__name__
    return errors.Unavailable(f"{url} can't be reached: {reason}", hint="check that `bongsu up` runs, and its address")


class _LatestAnswer(msgspec.Struct):
    at: int
    metrics: list[Measured]


class _OneSeries(msgspec.Struct):
    metric: str
    labels: dict[str, str]
    points: list[tuple[int, float]]


class _SeriesAnswer(msgspec.Struct):
    series: list[_OneSeries]


class _Refused(msgspec.Struct):
    index: int
    reason: str


class _ReceiptAnswer(msgspec.Struct):
    accepted: int
    refused: list[_Refused]
    unlisted: int = 0


def read_metrics(text: bytes) -> list[Measured]:
    """The answer of `GET /api/v1/metrics`."""
    return msgspec.json.decode(text, type=_LatestAnswer).metrics


def read_series(text: bytes) -> list[Points]:
    """The answer of a query."""
    return [
        Points(
            metric=one.metric,
            labels=labels_of(one.labels),
            at=np.fromiter((point[0] for point in one.points), np.int64, len(one.points)),
            value=np.fromiter((point[1] for point in one.points), np.float64, len(one.points)),
        )
        for one in msgspec.json.decode(text, type=_SeriesAnswer).series
    ]


def read_receipt(text: bytes) -> Receipt:
    """The answer to samples."""
    answer = msgspec.json.decode(text, type=_ReceiptAnswer)
    refused = tuple(_refusal(one.index, one.reason) for one in answer.refused)
    return Receipt(accepted=answer.accepted, refused=refused, unlisted=answer.unlisted)


def _refusal(index: int, reason: str) -> Refusal:
    code, _, detail = reason.partition(": ")
    return Refusal(index, code, detail)


def trust(url: str, ca: Authority) -> ssl.SSLContext | bool:
    """What certificates are verified by, always with https; without it loading the authorities (50 ms) is spared."""
    if url.lower().startswith("http://"):
        return False
    if isinstance(ca, ssl.SSLContext):
        return ca
    from bongsu.tls import authorities

    return authorities(None if ca is None else Path(ca))


def shown(token: str | None) -> dict[str, str]:
    """The header that tells who asks: with this token, else that of the environment (`BONGSU_TOKEN`), else nobody."""
    token = os.environ.get("BONGSU_TOKEN", "") if token is None else token
    return {"authorization": f"Bearer {token}"} if token else {}


def headers(asked: Asked) -> dict[str, str] | None:
    """Headers that the request needs."""
    return None if asked.body is None else {**_JSON, **asked.headers}


def _given(labels: Mapping[str, str] | None, **parameters: object) -> dict[str, str]:
    given = {name: str(value) for name, value in parameters.items() if value is not None}
    return given | {f"label.{name}": value for name, value in (labels or {}).items()}


def _rows(samples: list[Sample]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for sample in samples:
        row: dict[str, object] = {"metric": sample.metric, "value": sample.value}
        if sample.labels:
            row["labels"] = dict(sample.labels)
        if sample.at is not None:
            row["at"] = sample.at
        rows.append(row)
    return rows


def _columns(samples: list[Sample]) -> dict[str, object]:
    positions: dict[tuple[str, Labels], int] = {}
    index = [positions.setdefault((one.metric, one.labels), len(positions)) for one in samples]
    return {
        "series": [{"metric": metric, "labels": dict(labels)} for metric, labels in positions],
        "index": index,
        "at": [one.at for one in samples],
        "value": [one.value for one in samples],
    }
