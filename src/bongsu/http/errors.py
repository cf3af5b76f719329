"""Errors that only HTTP knows, in the tree of `model.errors`."""

from __future__ import annotations

from bongsu.model.errors import BongsuError


class WrongHost(BongsuError):
    """The request is addressed to a name that isn't ours (a rebound DNS name, or a proxy's)."""

    status = 421
    code = "wrong-host"
    title = "This server doesn't answer to that name"


class WrongSite(BongsuError):
    """A page of another site asked for a change: its user didn't mean that (cross-site request forgery)."""

    status = 403
    code = "wrong-site"
    title = "Other sites may not ask for that"


class MethodNotAllowed(BongsuError):
    """The path exists, but not with this method."""

    status = 405
    code = "method-not-allowed"
    title = "This method isn't available here"

    def __init__(self, detail: str, *, allow: str) -> None:
        super().__init__(detail, hint=f"use {allow}")
        self.allow = allow
        """The methods that are available, as the header lists them."""


class TooSlow(BongsuError):
    """The body didn't arrive in time."""

    status = 408
    code = "too-slow"
    title = "The request took too long to arrive"


class Interrupted(BongsuError):
    """The client went away before its body was complete; nobody reads the answer."""

    status = 400
    code = "interrupted"
    title = "The request ended too early"


class HeadTooLarge(BongsuError):
    """Request line and headers don't come to an end within their limit."""

    status = 431
    code = "head-too-large"
    title = "The request's headers are too large"
