"""What can be wrong with a request, as one tree; the server turns each into an RFC 9457 problem.

BongsuError
├── BadRequest 400        the body or a parameter can't be read
├── SignInNeeded 401      who asks isn't known, or name and password are wrong
├── Forbidden 403         who asks is known and may not
├── NotFound 404
├── Conflict 409          it isn't so that this could be done to it
├── Gone 410              it was there, and its time is over
├── TooLarge 413          as sent or once inflated
├── UnsupportedType 415   media type or content encoding
├── NothingAcceptable 422 readable, but every item is faulty (carries the refusals)
├── Faulty 422            readable, but values in it can't be used (carries each fault's path)
├── TooMany 429           carries `retry_after`; nothing of the body was taken
├── Unavailable 503       a part is not ready or a store can't be written; carries `retry_after`
└── StorageFull 507       the disk is full
"""

from __future__ import annotations

from typing import ClassVar, Literal

from bongsu.model.sample import Refusal


class BongsuError(Exception):
    """An error told to whoever asked: `detail` says what is wrong and where, `hint` what to do about it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, hint: str = "", retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.retry_after = retry_after
        """Seconds to wait before trying again, where trying again can help."""


class BadRequest(BongsuError):
    """The body or a parameter can't be read."""

    status = 400
    code = "bad-request"
    title = "The request can't be read"


class SignInNeeded(BongsuError):
    """Nobody has said who asks, or what they said doesn't hold."""

    status = 401
    code = "sign-in-needed"
    title = "Sign in first"


class Forbidden(BongsuError):
    """Who asks is known, and this isn't theirs to do."""

    status = 403
    code = "forbidden"
    title = "This isn't permitted to you"


class NotFound(BongsuError):
    """There is no such thing."""

    status = 404
    code = "not-found"
    title = "There is no such thing"


class Conflict(BongsuError):
    """What was asked can't be done to the thing as it stands."""

    status = 409
    code = "conflict"
    title = "This can't be done as things stand"


class Gone(BongsuError):
    """It was there, and its time is over."""

    status = 410
    code = "gone"
    title = "Its time is over"


class TooLarge(BongsuError):
    """The body exceeds its limit, as sent or once inflated."""

    status = 413
    code = "too-large"
    title = "The body is too large"


class UnsupportedType(BongsuError):
    """The media type or the content encoding is none of ours."""

    status = 415
    code = "unsupported-type"
    title = "This type of body isn't understood"


class NothingAcceptable(BongsuError):
    """Readable, but not one item could be taken."""

    status = 422
    code = "nothing-acceptable"
    title = "Not one item could be taken"

    def __init__(self, refused: tuple[Refusal, ...], *, unlisted: int = 0) -> None:
        super().__init__(
            f"all {len(refused) + unlisted} items were refused", hint="see `refused` for each one's reason"
        )
        self.refused = refused
        self.unlisted = unlisted
        """Refused too, but left out of `refused`, which is bounded."""


class Faulty(BongsuError):
    """One thing was sent, readable, but values in it can't be used: a rule, a silence."""

    status = 422
    code = "faulty"
    title = "Some values can't be used"

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__(
            "; ".join(f"{path}: {reason}" if path else reason for path, reason in faults),
            hint="see `faults` for each one's path",
        )
        self.faults = faults
        """Path of the value (`window`, `labels.core`) and what would be right."""


class TooMany(BongsuError):
    """A bound was reached; nothing of the body was taken."""

    status = 429
    code = "too-many"
    title = "Too much at once"


class Unavailable(BongsuError):
    """A part isn't ready, or a store can't be written just now."""

    status = 503
    code = "unavailable"
    title = "Not available just now"


class StorageFull(BongsuError):
    """The disk is full: what is sent now can't be kept."""

    status = 507
    code = "storage-full"
    title = "The disk is full"


class ChannelError(Exception):
    """A notice was not delivered.

    `kind` is `auth` (the secret, address or set-up of the channel is wrong: nothing gets through until somebody mends
    it), `rate_limited`, `temporary` (trying again can help) or `permanent` (this message is refused, others may pass);
    the text never holds a secret. `retry_after` is in seconds, where the service says it.
    """

    def __init__(
        self,
        detail: str,
        *,
        kind: Literal["auth", "rate_limited", "temporary", "permanent"],
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.kind = kind
        self.retry_after = retry_after
