"""The rules for names and labels: pure checks that give the canonical labels or say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bongsu.ingest.limits import GateLimits
from bongsu.ingest.refusals import Refused
from bongsu.model.sample import Labels

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SHOWN = 60


def shown(value: object) -> str:
    """A value as it may stand in an answer: short, and without anything a terminal would obey."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of more than some thousand digits
        return "a number of very many digits"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def check_metric(metric: object, limits: GateLimits) -> str:
    """The metric's name if it is one.

    Raises:
        Refused: it isn't text, too long, or not spelled like a name.
    """
    if not isinstance(metric, str):
        raise Refused("bad-type", f"metric is {shown(metric)}; it must be text")
    if len(metric) > limits.name_length:
        raise Refused("bad-name", f"metric has {len(metric)} characters; at most {limits.name_length} are allowed")
    if not _METRIC.fullmatch(metric):
        raise Refused("bad-name", f"metric {shown(metric)} must match [a-zA-Z_:][a-zA-Z0-9_:]*")
    return metric


def check_labels(pairs: Iterable[tuple[object, object]], limits: GateLimits) -> Labels:
    """The canonical labels: sorted by name, without empty values (an empty label says the same as none).

    Raises:
        Refused: too many, a name twice or misspelled, a value that isn't text, is too long or holds control characters.
    """
    found: dict[str, str] = {}
    for count, (name, value) in enumerate(pairs, start=1):
        if count > limits.labels:
            raise Refused("bad-labels", f"more than {limits.labels} labels; drop some")
        label = _label_name(name, limits)
        if label in found:
            raise Refused("bad-labels", f"label {shown(label)} is given twice")
        found[label] = _label_value(label, value, limits)
    return tuple(sorted((label, text) for label, text in found.items() if text))


def _label_name(name: object, limits: GateLimits) -> str:
    if not isinstance(name, str) or len(name) > limits.name_length or not _LABEL.fullmatch(name):
        raise Refused("bad-labels", f"label name {shown(name)} must match [a-zA-Z_][a-zA-Z0-9_]*")
    if name.startswith("__"):
        raise Refused("bad-labels", f"label name {shown(name)} starts with __, which is reserved")
    return name


def _label_value(label: str, value: object, limits: GateLimits) -> str:
    if not isinstance(value, str):
        raise Refused("bad-labels", f"label {label} is {shown(value)}; label values must be text")
    if _UNPRINTABLE.search(value):
        raise Refused("bad-labels", f"label {label} holds control characters or lone surrogates")
    if len(value) * 4 > limits.label_value_bytes and len(value.encode()) > limits.label_value_bytes:
        raise Refused("bad-labels", f"label {label} is longer than {limits.label_value_bytes} bytes")
    return value
