"""Questions that are read in few steps are read as they would be in many."""

from __future__ import annotations

from unittest.mock import Mock

from hypothesis import example, given
from hypothesis import strategies as st

from bongsu.http.limits import ServerLimits
from bongsu.model.errors import BadRequest
from bongsu.model.query import AGGREGATIONS, TIERS, RangeQuery
from bongsu.server.query import Queries
from bongsu.server.usual_query import _read, _told, usual_query
from tests.fakes.clock import VirtualClock

LIMIT = 7
TIMES = st.integers(0, 10**14).map(str) | st.sampled_from(
    ["now", "-1h", "1763778000000", "9999999999999", "1_63778000000", ""]
)
FIELDS = st.one_of(
    st.tuples(st.just("metric"), st.sampled_from(["cpu_usage", "a:b", "", "a b", "%41", "a#b", "a\x7f"])),
    st.tuples(st.sampled_from(["start", "end"]), TIMES),
    st.tuples(
        st.just("step"),
        st.sampled_from(["60s", "1000ms", "1m", "0s", "", "60", "10457w", "99999999999h", "999999999999w"]),
    ),
    st.tuples(st.just("agg"), st.sampled_from([*AGGREGATIONS, "", "mean"])),
    st.tuples(st.just("tier"), st.sampled_from([*TIERS, "", "week"])),
    st.tuples(
        st.sampled_from(["label.host", "label.core", "label.", "labels"]), st.sampled_from(["", "a", "b=c", "é"])
    ),
)
USUAL = st.tuples(
    st.just([("metric", "cpu_usage"), ("start", "1763778000000"), ("end", "1763864400000"), ("step", "60s")]),
    st.lists(FIELDS, max_size=3),
).map(lambda parts: [*parts[0], *parts[1]])


def read(text: bytes) -> RangeQuery | str:
    """The question as it is read in many steps, or why it can't be."""
    limits = ServerLimits(query_series=LIMIT - 1)
    queries = Queries(history=Mock(), prompt=None, live=Mock(), catalogue=Mock(), clock=VirtualClock(), limits=limits)
    try:
        return queries._read(text)
    except BadRequest as error:
        return str(error)


@given(USUAL.flatmap(st.permutations) | st.lists(FIELDS, max_size=8))
@example([("metric", "cpu_usage"), ("start", "1763778000000"), ("end", "9999999999999"), ("step", "60s")])
@example([("metric", "cpu_usage"), ("start", "1763778000000"), ("end", "1763864400000"), ("step", "999999999999w")])
@example([("metric", "cpu_usage"), ("start", "1763778000000"), ("end", "1763864400000"), ("step", "73200d")])
@example([("metric", "cpu_usage"), ("start", "1763778000000"), ("end", "1763864400000"), ("step", "73201d")])
def test_what_is_read_quickly(fields: list[tuple[str, str]]) -> None:
    """Whatever is asked, in any order: the same question, or none and it is read as ever."""
    text = "&".join(f"{name}={value}" for name, value in fields).encode()
    try:
        quick: RangeQuery | str | None = usual_query(text, LIMIT)
    except BadRequest as error:
        quick = str(error)
    assert quick is None or quick == read(text)
    assert not isinstance(quick, RangeQuery) or all(0x20 < one < 0x7F and one != ord("#") for one in text)
    try:
        plain = _read(text, LIMIT)
    except BadRequest as error:
        plain = str(error)  # type: ignore[assignment]
    assert plain is None or plain == quick, "what is read without the library is read with it"


def test_what_boards_clients_and_the_bench_ask() -> None:
    """Their questions are of the usual kind."""
    times = "start=1763778000000&end=1763864400000"
    for text in (
        f"metric=cpu_usage&{times}&step=60000ms&agg=avg&label.core=0",
        f"label.host=a&metric=cpu_usage&{times}&step=60s",
        f"metric=cpu_usage&label.group=g&{times}&step=60s&agg=max&tier=raw",
    ):
        asked = usual_query(text.encode(), LIMIT)
        assert asked is not None
        assert _told(text.encode())
        assert asked == read(text.encode())
        assert (asked.metric, asked.step, len(asked.labels)) == ("cpu_usage", 60_000, 1)
