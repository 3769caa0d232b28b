"""What came of one attempt: an answer, a refusal, or nothing; and how long to wait before the next."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx

from pipelines.client.calls import Call

T = TypeVar("T")
Outcome = httpx.Response | httpx.TransportError

FIRST_SECONDS = 0.2  # doubled with every attempt: five of them outlast a restart of the service
PATIENCE_SECONDS = 60.0
LATER = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
LOST = (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError)
KEY = "; give the client a key, or set NEEDLOOP_API_KEY"


class NoAnswer(RuntimeError):
    """The service refused, or is not there."""


class Unreachable(NoAnswer):
    """Nobody answered at the address."""


class Refused(NoAnswer):
    """The service answered with an error: `status`, and in `detail` what to do about it."""

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail
        super().__init__(f"the service answered {status}: {detail}{KEY if status in (401, 403) else ''}")


def wait(outcome: Outcome, attempt: int) -> float | None:
    """Seconds until the next attempt; None where there is an answer, or where waiting would not help.

    The first `attempt` is 0. A service that names a time in `Retry-After` is left alone for that long.
    """
    if isinstance(outcome, httpx.Response):
        asked = _retry_after(outcome) if outcome.status_code in LATER else None
    else:
        asked = 0.0 if isinstance(outcome, LOST) else None
    if asked is None or asked > PATIENCE_SECONDS:
        return None
    # By chance up to half as long again: clients that failed together should not come back together.
    return max(asked, FIRST_SECONDS * (1 << attempt) * random.uniform(1, 1.5))  # noqa: S311  no secret


def result(call: Call[T], outcome: Outcome, url: httpx.URL) -> T:
    """What the last attempt brought; raises Unreachable or Refused."""
    if not isinstance(outcome, httpx.Response):
        raise Unreachable(_missing(outcome, str(url).rstrip("/"))) from outcome
    if outcome.is_error:
        raise Refused(outcome.status_code, _detail(outcome))
    return call.read(outcome.json())


def _missing(error: httpx.TransportError, url: str) -> str:
    if isinstance(error, httpx.ReadTimeout):
        return f"the service at {url} took too long to answer; send fewer texts at once"
    return f"no service at {url} ({str(error) or type(error).__name__}); start one with: needloop serve"


def _retry_after(response: httpx.Response) -> float:
    """Of `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3); 0 without one that can be read."""
    said = response.headers.get("retry-after", "0")
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return 0.0


def _detail(response: httpx.Response) -> str:
    try:
        detail = response.json()["detail"]
        return detail if isinstance(detail, str) else "; ".join(map(_placed, detail))
    except (ValueError, LookupError, TypeError):  # somebody in between answered, in a form of their own
        return response.text[:400]


def _placed(one: dict[str, object]) -> str:
    place = one["loc"]
    return f"{'.'.join(map(str, place)) if isinstance(place, list) else place}: {one['msg']}"
