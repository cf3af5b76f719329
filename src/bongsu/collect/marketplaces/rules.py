"""What is known of each marketplace's API, as data: `rules.json`, which the settings may correct key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Literal

import msgspec

from bongsu.model.check import State

Name = Literal["coupang", "naver", "11st"]
NAMES: tuple[Name, ...] = ("coupang", "naver", "11st")


class RulesError(Exception):
    """The rules of a marketplace can't be read; the text says which and why."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where everything that it names fits the answer, the answer means `state` for `reason`.

    `code` (one may end in `*`) is the answer's own code; `text` is a regular expression looked for in the body; `html`
    whether the body is a page. `renew` asks for a new token once; `hold: quota` leaves the API alone for the period
    that the quota's headers name.
    """

    state: State
    reason: str
    status: tuple[int, ...] = ()
    code: tuple[str, ...] = ()
    text: str = ""
    html: bool | None = None
    renew: bool = False
    hold: Literal["", "quota"] = ""

    def __post_init__(self) -> None:
        re.compile(self.text)


class Success(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a good answer looks: a body of that form, with one of these codes ("" for none at all)."""

    code: tuple[str, ...] = ()
    json: bool = False
    xml: bool = False


class Quota(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The headers that tell a quota, and what share of it probes may use."""

    limit: str
    period: str
    remaining: str
    share: float = 0.1


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The marketplace's name in both languages."""

    ko: str
    en: str


class ProviderRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of one marketplace's API."""

    title: Title
    base_url: str
    path: str
    success: Success
    body: tuple[Rule, ...] = ()
    """Judged before the status: they look into the body."""
    table: tuple[Rule, ...] = ()
    slow_ms: float = 3_000.0
    token_path: str = ""
    quota: Quota | None = None


def rules_of(name: Name, corrections: Mapping[str, Any] | None = None) -> ProviderRules:
    """The marketplace's rules; keys of `corrections` replace those of the file.

    Raises:
        RulesError: a correction doesn't fit.
    """
    shipped: dict[str, Any] = json.loads(files(__package__).joinpath("rules.json").read_text(encoding="utf-8"))
    try:
        return msgspec.convert({**shipped[name], **(corrections or {})}, ProviderRules)
    except (msgspec.ValidationError, re.error) as error:
        raise RulesError(f"marketplaces.{name}.rules: {error}") from None
