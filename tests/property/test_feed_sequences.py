"""Sequence numbers in any order and any batches: lost, double and late ones are those that a set would tell."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.quality.grouping import grouped
from bongsu.quality.sequence import Sequences

EVENTS = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40), st.integers(0, 1)), min_size=1, max_size=30),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_numbers_are_judged_as_a_set_would(batches: list[list[tuple[int, int, int]]]) -> None:
    """Duplicates, conflicts, disorder and what is lost in the end agree with sets of what came."""
    sequences = Sequences()
    sequences.grow(4)
    seen: dict[int, dict[int, int]] = {symbol: {} for symbol in range(4)}
    lost = np.zeros(sequences.rows, np.int64)
    for batch in batches:
        order = sorted(range(len(batch)), key=lambda i: batch[i][0])
        rows = [batch[i] for i in order]
        group = grouped(np.array([row[0] for row in rows], np.int32))
        seq = np.array([row[1] for row in rows], np.int64)
        content = np.array([row[2] << 40 for row in rows], np.uint64)
        found, recovered = sequences.take(group, seq, None, content)
        lost[group.ids] -= recovered
        for i, (symbol, number, said) in enumerate(rows):
            known = seen[symbol]
            duplicate = number in known
            assert found.duplicate[i] == duplicate
            assert found.conflict[i] == (duplicate and known[number] != said)
            assert found.disordered[i] == (not duplicate and bool(known) and number < max(known))
            known[number] = said
        if len(batch) % 2:
            lost += sequences.turn()
    lost += sequences.turn() + sequences.turn()
    for symbol, known in seen.items():
        first = next(iter(known), 0)
        later = [number for number in known if number >= first]
        assert lost[symbol] == (max(later) - first + 1 - len(later) if later else 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.booleans())
def test_a_new_session_loses_nothing(lengths: list[int], named: bool) -> None:
    """Numbers that begin anew with each session (or far below, twice in a row) are no holes and no duplicates."""
    sequences = Sequences()
    sequences.grow(1)
    lost = np.zeros(sequences.rows, np.int64)
    for number, length in enumerate(lengths, start=1):
        seq = np.arange(1, length + 1) + (0 if named else 10_000 * (len(lengths) - number))
        group = grouped(np.zeros(length, np.int32))
        session = np.full(length, number, np.int32) if named else None
        found, recovered = sequences.take(group, seq.astype(np.int64), session, np.zeros(length, np.uint64))
        assert not found.duplicate.any()
        lost[group.ids] -= recovered
        lost += sequences.turn()
    lost += sequences.turn() + sequences.turn()
    assert lost[0] == 0
