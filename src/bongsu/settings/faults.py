"""What is wrong with the settings: each fault with its path, where the value came from, and a hint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bongsu.settings.tree import Path, children, spell
from bongsu.settings.words import Language, knows, say

_BOUNDS = {
    "greater_than_equal": ("at_least", "ge"),
    "greater_than": ("more_than", "gt"),
    "less_than_equal": ("at_most", "le"),
    "less_than": ("less_than", "lt"),
    "string_too_short": ("not_empty", "min_length"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    `path` is the setting's (`server.port`) or empty where a whole file or line is meant; `code` names the sentence;
    `origin` says where the value came from: a file, an environment name, a flag.
    """

    path: str
    code: str
    origin: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: Language = "en") -> str:
        """What is wrong and what would be right, without the value itself: it may be a secret."""
        return say(self.code, language, **self.facts)

    def line(self, language: Language = "en") -> str:
        """Path, sentence and origin, on one line."""
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.sentence(language)} ({self.origin})"


class SettingsError(Exception):
    """The settings can't be used; `faults` holds everything that is wrong, not only the first thing."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.line() for fault in self.faults))

    def lines(self, language: Language = "en") -> list[str]:
        """One line a fault."""
        return [fault.line(language) for fault in self.faults]


def faults_in(error: ValidationError, model: type[BaseModel], origins: Mapping[Path, str]) -> list[Fault]:
    """Translate what pydantic found; `origins` tells where each value came from."""
    return [_fault(detail, model, origins) for detail in error.errors(include_url=False, include_input=False)]


def _fault(detail: ErrorDetails, model: type[BaseModel], origins: Mapping[Path, str]) -> Fault:
    path = tuple(str(part) for part in detail["loc"])
    code, facts = _told(detail, path, model)
    return Fault(path=spell(path), code=code, origin=origin_of(path, origins), facts=facts)


def _told(detail: ErrorDetails, path: Path, model: type[BaseModel]) -> tuple[str, dict[str, str]]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(path, model)
    if kind in _BOUNDS:
        code, bound = _BOUNDS[kind]
        return code, {"bound": f"{context[bound]:,.10g}" if bound != "min_length" else ""}
    if kind == "literal_error":
        return "one_of", {"choices": str(context["expected"]).replace("'", "").replace(" or ", ", ")}
    if kind.endswith(("_type", "_parsing")) or kind in {"int_from_float", "finite_number", "is_instance_of"}:
        return f"type_{_noun(kind)}", {}
    facts = {name: str(fact) for name, fact in context.items()}
    return (kind, facts) if knows(kind) else ("other", {"message": detail["msg"]})


def _noun(kind: str) -> str:
    nouns = {"int": "int", "float": "float", "finite": "float", "bool": "bool", "list": "list", "string": "string"}
    return nouns.get(kind.split("_", 1)[0], "object")


def unknown_key(path: Path, model: type[BaseModel]) -> tuple[str, dict[str, str]]:
    """The sentence for a key that doesn't exist, with the nearest one that does."""
    known = children(model, path[:-1])
    near = get_close_matches(path[-1].lower(), known, n=1, cutoff=0.6)
    if near:
        return "unknown_key_near", {"near": spell((*path[:-1], near[0]))}
    return "unknown_key", {"known": ", ".join(sorted(known))}


def origin_of(path: Path, origins: Mapping[Path, str]) -> str:
    """Where a value came from: the longest recorded path that leads to it, or one below it."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    below = sorted({origin for known, origin in origins.items() if known[: len(path)] == path})
    return ", ".join(below) or "default"
