"""The page 설정: the board's page of settings, mounted as a component."""

from __future__ import annotations

import streamlit as st

from bongsu.console.live import live_settings
from bongsu.console.near import came_near
from bongsu.console.page import Page


class SettingsPage(Page):
    """What can be set; nothing of ours stands below it."""

    def draw(self) -> None:
        """The whole page."""
        with st.container(key="live-settings-place"):
            live_settings(self.place, self.served, self.words, on_near=came_near)
