"""What a page shows when it fails in a way nobody foresaw: words and a number to find it by, never a traceback."""

from __future__ import annotations

import secrets

import streamlit as st
import structlog

from bongsu.console.document import COOKIE
from bongsu.console.note import note
from bongsu.console.words import language_of, words


def tell(error: Exception) -> bool:
    """Log the error under a number and show that number; True keeps Streamlit from showing its own box."""
    trace = secrets.token_hex(6)
    structlog.get_logger("bongsu.console").error("a page failed", trace=trace, exc_info=error)
    said = words(language_of(st.query_params.get("lang"), st.context.cookies.get(COOKIE)))
    st.html(note("■", said("error.body", trace=trace), title=said("error.title"), tint="crit"))
    return True
