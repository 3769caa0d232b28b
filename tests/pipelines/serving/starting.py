"""Variants of our service, each with one difference; a test runs one of them in its process."""

from pipelines.kinds import known
from pipelines.serving import __main__
from pipelines.serving.process import process_pool
from pipelines.web import http_timeouts


def hasty():
    """A service that closes idle connections after about a second."""
    http_timeouts.HEAD_SECONDS, http_timeouts.BODY_SECONDS, __main__.KEEP_ALIVE_SECONDS = 1.0, 1.5, 1
    __main__.main()


def doubtful():
    """A service that never counts a new process as steady."""
    process_pool.STEADY_SECONDS = 600.0
    __main__.main()


def with_stars():
    """A service that also knows a kind whose answers have no label."""
    from tests.pipelines.kinds.stars import KIND  # here: imports torch

    known.register(KIND)
    __main__.main()
