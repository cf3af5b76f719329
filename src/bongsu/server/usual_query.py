"""Questions to history as boards, consoles and clients write them, read in few steps.

Between two questions a machine does other things, and what is read with cold caches costs by how much code it runs
through: this takes half as long as `Parameters`. It knows no errors; whatever isn't plain is read as ever.
"""

from __future__ import annotations

from bongsu import native
from bongsu.model.query import AGGREGATIONS, TIERS, RangeQuery
from bongsu.server.parameters import LABEL, LONGEST, duration_of

_PLAIN = bytes(set(range(0x21, 0x7F)) - set(b"%+#"))
"""What such a query string consists of: the HTTP parser, too, would find no fault with it."""
_TIME = 13
"""Digits of UTC milliseconds in the years 2001 to 2286."""
_FIELDS = 50
_BEGIN = len(LABEL)


_told = native.question_reader(AGGREGATIONS, TIERS)


def usual_query(text: bytes, limit: int) -> RangeQuery | None:
    """What the query string asks: times in digits, a step, nothing percent-encoded; None where it is written otherwise.

    Raises:
        BadRequest: the step is no duration.
    """
    asked = _told(text)
    if not asked:
        return _read(text, limit)
    metric, start, end, step, agg, tier, *labels = asked
    if end > LONGEST:
        return None
    labels.sort()
    return RangeQuery(
        metric=metric,
        labels=tuple(labels),
        start=start,
        end=end,
        step=step,
        agg=AGGREGATIONS[agg] if agg >= 0 else "avg",
        tier=TIERS[tier] if tier >= 0 else "auto",
        limit=limit,
    )


def _read(text: bytes, limit: int) -> RangeQuery | None:
    """The same without the library."""
    if text.translate(None, _PLAIN):
        return None
    fields = text.decode("ascii").split("&")
    try:
        values: dict[str, str] = dict([field.split("=") for field in fields])
        known = len(values)
        start, end, metric, step = values.pop("start"), values.pop("end"), values.pop("metric"), values.pop("step")
    except (KeyError, ValueError):
        return None
    agg, tier = values.pop("agg", "avg"), values.pop("tier", "auto")
    begin, past = _time(start), _time(end)
    if known < len(fields) or known > _FIELDS or not (metric and step) or not 0 < begin < past <= LONGEST:
        return None
    if agg not in AGGREGATIONS or tier not in TIERS:
        return None
    labels = []
    for name, value in values.items():
        if not name.startswith(LABEL):
            return None
        labels.append((name[_BEGIN:], value))
    labels.sort()
    return RangeQuery(
        metric=metric,
        labels=tuple(labels),
        start=begin,
        end=past,
        step=duration_of("step", step),
        agg=agg,
        tier=tier,
        limit=limit,
    )


def _time(digits: str) -> int:
    """Milliseconds; 0 where they are told otherwise."""
    return int(digits) if len(digits) == _TIME and digits.isdecimal() else 0
