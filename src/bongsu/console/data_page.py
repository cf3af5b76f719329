"""The page 데이터 품질: the board's page of the feeds, live, mounted as a component."""

from __future__ import annotations

import streamlit as st

from bongsu.client import Client
from bongsu.console.facts import Facts
from bongsu.console.live import Served, live_data
from bongsu.console.near import came_near
from bongsu.console.place import Place
from bongsu.console.tokens import Theme
from bongsu.console.words import Words


class DataPage:
    """Draws the page in one language, from one server; the past of each feed is in the live view itself."""

    def __init__(
        self,
        *,
        place: Place,
        served: Served,
        facts: Facts,  # noqa: ARG002 (every page is made alike)
        source: Client,  # noqa: ARG002
        words: Words,
        theme: Theme,  # noqa: ARG002
    ) -> None:
        self._place = place
        self._served = served
        self._words = words

    def draw(self) -> None:
        """The whole page."""
        with st.container(key="live-data-place"):
            live_data(self._place, self._served, self._words, on_near=came_near)
