"""The frame around the console's pages: settings of the page, language, theme, the bar, and what to do when away."""

from __future__ import annotations

import ssl
from functools import cache

import httpx
import streamlit as st

from bongsu.client import Client
from bongsu.console.alerts_page import AlertsPage
from bongsu.console.document import COOKIE
from bongsu.console.explore_page import DataPage, PerformancePage, SystemPage
from bongsu.console.facts import Facts, NotLetIn, ServerAway, read_facts
from bongsu.console.live import bar, served_in
from bongsu.console.menu import bar_of
from bongsu.console.note import note
from bongsu.console.page import Page
from bongsu.console.passport import own_token
from bongsu.console.place import Place, place_in
from bongsu.console.secure import verifying
from bongsu.console.settings_page import SettingsPage
from bongsu.console.tokens import Theme
from bongsu.console.words import Language, Words, language_of, words

RETRY = 2.0
"""Seconds between two tries while the server is away."""


PAGES: dict[str, type[Page]] = {
    "system": SystemPage,
    "data": DataPage,
    "performance": PerformancePage,
    "alerts": AlertsPage,
    "settings": SettingsPage,
}
"""Name in the address (`/?page=alerts`; its title is `page.<name>`) and what draws it; the first is the front page.

Pages are told apart by the query and not by the path: below another path Streamlit looks for its own server there
first, and keeps another theme for each.
"""


def run() -> None:
    """One run of the page script."""
    place = place_in(st.secrets)
    served = served_in(st.secrets["assets"])
    found = _found(place)
    facts = found if isinstance(found, Facts) else None
    said = words(_language(facts, place))
    name = page_of(st.query_params.get("page"))
    title = said(f"page.{name}")
    st.set_page_config(page_title=f"{title} · {said('brand')}", page_icon=f"{served.board}/beacon.svg", layout="wide")

    def page() -> None:
        shown = bar_of(served.board, said, list(PAGES), name, demo=facts is not None and facts.demo)
        bar(served, shown, on_language=_choose_language)
        if facts is None:
            st.fragment(lambda: _wait(place, said), run_every=RETRY)()
            return
        source = _client(place.rest_url, place.certificate, own_token())
        PAGES[name](place=place, served=served, facts=facts, source=source, words=said, theme=_theme()).draw()

    st.navigation([st.Page(page, title=title, url_path="system", default=True)], position="hidden").run()


def page_of(asked: str | None) -> str:
    """The page that the address asks for, else the front page."""
    return asked if asked in PAGES else next(iter(PAGES))


def _wait(place: Place, said: Words) -> None:
    """Say that the server is away, or doesn't let us in, and what to do; go on by itself when it does."""
    found = _found(place)
    if isinstance(found, Facts):
        st.rerun()
    if isinstance(found, NotLetIn):
        st.html(note("▲", said("barred.body"), title=said("barred.title"), tint="warn", until_live=True))
    elif place.starts:
        st.html(note("○", said("starting.body", log=place.log), title=said("starting.title"), until_live=True))
    else:
        st.html(
            note("■", said("away.body", url=place.rest_url), title=said("away.title"), tint="crit", until_live=True)
        )


def _found(place: Place) -> Facts | ServerAway:
    """What the server says of itself, or why it doesn't."""
    try:
        return _facts(place.rest_url, place.certificate)
    except ServerAway as fault:
        return fault


def _choose_language(code: str) -> None:
    st.query_params["lang"] = language_of(code)


def _language(facts: Facts | None, place: Place) -> Language:
    """`?lang=`, else what the bar left in a cookie, else the browser's own, else the setting."""
    setting = facts.language if facts else place.language
    return language_of(st.query_params.get("lang"), st.context.cookies.get(COOKIE), st.context.locale, setting)


def _theme() -> Theme:
    return "dark" if st.context.theme.type == "dark" else "light"


@st.cache_data(ttl=30, show_spinner=False)
def _facts(rest_url: str, certificate: str) -> Facts:
    token, verify = own_token(), verifying(certificate)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=rest_url, timeout=3.0, trust_env=False, verify=verify, headers=headers) as client:
        return read_facts(client)


@cache
def _client(rest_url: str, certificate: str, token: str) -> Client:
    """One client a process: its connections are shared by all visits."""
    verify = verifying(certificate)
    return Client(rest_url, token=token, ca=verify if isinstance(verify, ssl.SSLContext) else None)
