"""The card below a live view in which the past is looked at: heading, the choice of a range, and what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from bongsu.clock import SystemClock
from bongsu.console.near import NEAR
from bongsu.console.note import note
from bongsu.console.ranges import CUSTOM, LONGEST_HOURS
from bongsu.console.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is looked at: `hours` before `until` (UTC ms; None is now), under the name that the address has."""

    name: str
    hours: float
    until: int | None = None

    @property
    def said(self) -> str:
        """What tells it from another: zooming into one doesn't hold for the next."""
        return self.name if self.until is None else f"{self.name} {self.hours} {self.until}"


def card(
    key: str,
    title: str,
    ranges: Mapping[str, float],
    default: str,
    *,
    words: Words,
    zone: ZoneInfo,
    draw: Callable[[Span], None],
) -> None:
    """Show the card; `draw` fills it once the reader has come near, and the range makes sense.

    The range is in the address: `?range=6h`, or `?range=custom&from=…&until=…`.
    """
    asked = st.query_params.get("range", default)
    choices = [*ranges, CUSTOM]
    with st.container(border=True, key=key):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            chosen = st.segmented_control(
                words("range"),
                choices,
                default=asked if asked in choices else default,
                format_func=lambda name: words(f"range.{name}"),
                key=f"{key}-range",
                label_visibility="collapsed",
                required=True,
                wrap=True,
            )
        if chosen != asked:
            st.query_params["range"] = chosen
        span = _custom(words, zone) if chosen == CUSTOM else Span(name=chosen, hours=ranges[chosen])
        if span is not None and st.session_state.get(NEAR):
            draw(span)


def _custom(words: Words, zone: ZoneInfo) -> Span | None:
    """Two moments of one's own; None, with a word about it, where they make no range."""
    now = datetime.fromtimestamp(SystemClock().now() / 1000, zone).replace(second=0, microsecond=0, tzinfo=None)
    with st.container(horizontal=True, key="custom-range"):
        begin = st.datetime_input(
            words("range.from"), now - timedelta(hours=3), key="from", step=timedelta(minutes=5), bind="query-params"
        )
        end = st.datetime_input(words("range.until"), now, key="until", step=timedelta(minutes=5), bind="query-params")
    hours = (end.replace(tzinfo=zone) - begin.replace(tzinfo=zone)).total_seconds() / 3_600
    if not 0 < hours <= LONGEST_HOURS:
        st.html(note("▲", words("range.order"), tint="warn"))
        return None
    return Span(name=CUSTOM, hours=hours, until=int(end.replace(tzinfo=zone).timestamp() * 1000))


def range_words(span: Span, words: Words, zone: ZoneInfo) -> str:
    """The range in words, for those who hear a figure instead of seeing it."""
    if span.until is None:
        return words(f"range.{span.name}")
    end = datetime.fromtimestamp(span.until / 1000, zone)
    begin = end - timedelta(hours=span.hours)
    return words("range.between", start=f"{begin:%Y-%m-%d %H:%M}", end=f"{end:%Y-%m-%d %H:%M}")
