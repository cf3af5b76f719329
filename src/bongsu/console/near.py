"""What pages know of their reader: whether the part below the live view was come near to, and by hand or mouse."""

from __future__ import annotations

import streamlit as st

NEAR = "near"
"""The session's note that the history has been scrolled to: only then is it asked for and Plotly loaded."""


def came_near() -> None:
    """The reader has come near to what is below the live view."""
    st.session_state[NEAR] = True


def by_hand() -> bool:
    """Whether the page is held in a hand: there a finger on a chart must scroll the page, not zoom."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")
