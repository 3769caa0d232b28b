"""The outcome of one attempt, its retry delay, and the exceptions of the client."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx

from pipelines.client.calls import Call

T = TypeVar("T")
Outcome = httpx.Response | httpx.TransportError

FIRST_SECONDS = 0.2  # doubled with every attempt: five attempts outlast a restart of the service
MAX_WAIT_SECONDS = 60.0
RETRY_STATUSES = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
CONNECTION_ERRORS = (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError)
KEY_ADVICE = "; give the client a key, or set NEEDLOOP_API_KEY"


class NoAnswer(RuntimeError):
    """The service refused the request or is unreachable."""


class Unreachable(NoAnswer):
    """No service answered at the address."""


class Refused(NoAnswer):
    """The service answered with an error: `status`, and in `detail` the advice."""

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail
        super().__init__(f"the service answered {status}: {detail}{KEY_ADVICE if status in (401, 403) else ''}")


def retry_delay(outcome: Outcome, attempt: int) -> float | None:
    """Seconds until the next attempt; None after a response or if a retry would not help.

    The first `attempt` is 0. The service's `Retry-After` is respected.
    """
    if isinstance(outcome, httpx.Response):
        requested = _retry_after(outcome) if outcome.status_code in RETRY_STATUSES else None
    else:
        requested = 0.0 if isinstance(outcome, CONNECTION_ERRORS) else None
    if requested is None or requested > MAX_WAIT_SECONDS:
        return None
    # Up to half as long again, by chance: clients that failed together should not retry together.
    return max(requested, FIRST_SECONDS * (1 << attempt) * random.uniform(1, 1.5))  # noqa: S311  no secret


def result(call: Call[T], outcome: Outcome, url: httpx.URL) -> T:
    """The parsed response of the last attempt. Raises Unreachable or Refused."""
    if not isinstance(outcome, httpx.Response):
        raise Unreachable(_no_service(outcome, str(url).rstrip("/"))) from outcome
    if outcome.is_error:
        raise Refused(outcome.status_code, _detail(outcome))
    return call.parse(outcome.json())


def _no_service(error: httpx.TransportError, url: str) -> str:
    if isinstance(error, httpx.ReadTimeout):
        return f"the service at {url} took too long to answer; send fewer texts at once"
    return f"no service at {url} ({str(error) or type(error).__name__}); start one with: needloop serve"


def _retry_after(response: httpx.Response) -> float:
    """Seconds of `Retry-After`, given in seconds or as a date (RFC 9110, 10.2.3); 0 without a valid one."""
    header = response.headers.get("retry-after", "0")
    if header.isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # no date, or a date without a time zone
        return 0.0


def _detail(response: httpx.Response) -> str:
    try:
        detail = response.json()["detail"]
        return detail if isinstance(detail, str) else "; ".join(map(_format_error, detail))
    except (ValueError, LookupError, TypeError):  # the answer of a proxy, in another format
        return response.text[:400]


def _format_error(error: dict[str, object]) -> str:
    location = error["loc"]
    return f"{'.'.join(map(str, location)) if isinstance(location, list) else location}: {error['msg']}"
