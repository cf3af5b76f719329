"""Asking one marketplace: signed as it wants, judged by its rules; secrets and customers stay out of everything."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from bongsu.calendars.window import Window
from bongsu.collect.checks.exchange import Answer, Exchanger, Request
from bongsu.collect.marketplaces.classify import Verdict, classify, read
from bongsu.collect.marketplaces.credentials import CredentialsError, coupang_authorization, filled, naver_token_form
from bongsu.collect.marketplaces.rules import ProviderRules
from bongsu.model.check import Outcome
from bongsu.ports import Clock

_TOKEN_LIFE = 10_800
"""Seconds that Naver's token holds where the answer doesn't say."""
_TOKEN_MARGIN = 300
"""Seconds before its end at which a new one is asked for."""
_CODE = re.compile(r"[^\w.*-]")
_TRACE = "gncp-gw-trace-id"

InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one marketplace's API is, and how long an answer may take (seconds; `slow_ms` makes it degraded)."""

    base_url: str
    rules: ProviderRules
    timeout: float
    slow_ms: float
    ca_file: str = ""
    windows: tuple[Window, ...] = ()


class Ask(Protocol):
    """How to ask one marketplace."""

    async def __call__(self) -> tuple[Answer, Verdict]:
        """One answer and what it means.

        Raises:
            CredentialsError: a key can't be used.
        """
        ...


class Judge:
    """Asks a place and judges what comes, with its declared maintenance in mind."""

    def __init__(self, place: Place, *, exchanger: Exchanger, clock: Clock) -> None:
        self.place = place
        self.clock = clock
        self._exchanger = exchanger

    async def ask(self, request: Request) -> tuple[Answer, Verdict]:
        """One exchange and its verdict."""
        place = self.place
        answer = await self._exchanger.exchange(request, timeout=place.timeout, ca_file=place.ca_file)
        now = self.clock.now()
        in_window = any(window.contains(now) for window in place.windows)
        return answer, classify(answer, read(answer), place.rules, in_window=in_window, slow_ms=place.slow_ms)


class AskCoupang:
    """Coupang: every request signed by itself."""

    def __init__(self, judge: Judge, *, access_key: str, secret_key: str, vendor_id: str) -> None:
        self._judge = judge
        self._access_key = access_key
        self._secret_key = secret_key
        self._vendor_id = vendor_id

    async def __call__(self) -> tuple[Answer, Verdict]:
        place = self._judge.place
        url = place.base_url + place.rules.path
        parts = urlsplit(url)
        authorization = coupang_authorization(
            access_key=self._access_key,
            secret_key=self._secret_key,
            at=self._judge.clock.now(),
            method="GET",
            path=parts.path,
            query=parts.query,
        )
        headers = {"Authorization": authorization, "X-Requested-By": self._vendor_id, "X-MARKET": "KR"}
        return await self._judge.ask(Request(url=url, headers=headers))


class AskElevenStreet:
    """11st: the key as it is, times in Korea's zone in the path."""

    def __init__(self, judge: Judge, *, api_key: str) -> None:
        self._judge = judge
        self._api_key = api_key

    async def __call__(self) -> tuple[Answer, Verdict]:
        place = self._judge.place
        url = place.base_url + filled(place.rules.path, self._judge.clock.now())
        return await self._judge.ask(Request(url=url, headers={"openapikey": self._api_key}))


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int = _TOKEN_LIFE


class AskNaver:
    """Naver: a token, kept until shortly before its end; where it is refused, a new one is asked for once."""

    def __init__(self, judge: Judge, *, client_id: str, client_secret: str, in_thread: InThread) -> None:
        self._judge = judge
        self._client_id = client_id
        self._client_secret = client_secret
        self._in_thread = in_thread
        self._bearer = ""
        self._bearer_ends = 0.0
        self.tokens = 0
        """Tokens asked for so far."""

    async def __call__(self) -> tuple[Answer, Verdict]:
        fresh = self._judge.clock.monotonic() >= self._bearer_ends
        if fresh:
            refused = await self._renew()
            if refused is not None:
                return refused
        answer, verdict = await self._with_token()
        if fresh or not verdict.renew:
            return answer, verdict
        refused = await self._renew()
        return refused or await self._with_token()

    async def _with_token(self) -> tuple[Answer, Verdict]:
        place = self._judge.place
        headers = {"Authorization": f"Bearer {self._bearer}"}
        answer, verdict = await self._judge.ask(Request(url=place.base_url + place.rules.path, headers=headers))
        if verdict.renew:
            self._bearer_ends = 0.0
        return answer, verdict

    async def _renew(self) -> tuple[Answer, Verdict] | None:
        """A new token; None once it is there, else the answer that refused it."""
        place, clock = self._judge.place, self._judge.clock
        timestamp = clock.now()
        body = await self._in_thread(
            lambda: naver_token_form(client_id=self._client_id, client_secret=self._client_secret, timestamp=timestamp)
        )
        self.tokens += 1
        request = Request(
            url=place.base_url + place.rules.token_path,
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=body,
        )
        answer, verdict = await self._judge.ask(request)
        if answer.status != 200:
            return answer, replace(verdict, renew=False)
        try:
            token = msgspec.json.decode(answer.body, type=_Token)
        except msgspec.DecodeError:
            return answer, Verdict(state="degraded", reason="content")
        self._bearer = token.access_token
        self._bearer_ends = clock.monotonic() + max(token.expires_in - _TOKEN_MARGIN, 60)
        return None


class Marketplace:
    """One marketplace as something that is probed."""

    def __init__(self, ask: Ask, *, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock

    async def probe(self) -> Outcome:
        """Ask once."""
        at = self._clock.now()
        try:
            answer, verdict = await self._ask()
        except CredentialsError as error:
            return Outcome(at=at, state="config_error", reason="credentials", detail=str(error))
        return Outcome(
            at=at,
            state=verdict.state,
            reason=verdict.reason,
            detail=_detail(answer),
            status=answer.status,
            response_ms=answer.response_ms,
            phases=answer.phases,
            certificate_ends=answer.certificate_ends,
            hold_ms=verdict.hold_ms,
        )


def _detail(answer: Answer) -> str:
    """What can be told of an answer: nothing of its body but its own code."""
    if answer.status is None:
        return answer.detail
    code = _CODE.sub("", read(answer).code or "")[:40]
    trace = _CODE.sub("", answer.headers.get(_TRACE, ""))[:64]
    return " ".join([f"HTTP {answer.status}", *([code] if code else []), *([f"trace {trace}"] if trace else [])])
