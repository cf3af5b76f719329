"""Cookies of the console's own clients: none. Only what loads httpx anyway loads this (3 MiB)."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy


def no_jar() -> CookieJar:
    """A client that serves many keeps no cookie, or one visitor's would go along with another's request."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))
