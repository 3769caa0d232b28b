"""Services that differ from ours in one thing: the process of a test runs one of them."""

from pipelines.kinds import known
from pipelines.serving import __main__
from pipelines.serving.process import process_pool
from pipelines.web import http_timeouts


def hasty():
    """Hangs up on clients after about a second."""
    http_timeouts.HEAD_SECONDS, http_timeouts.BODY_SECONDS, __main__.KEEP_ALIVE_SECONDS = 1.0, 1.5, 1
    __main__.main()


def doubtful():
    """Believes of no process of its own that it can live, however slowly this machine starts them."""
    process_pool.STEADY_SECONDS = 600.0
    __main__.main()


def with_stars():
    """Knows a kind whose answers have no label, too."""
    from tests.pipelines.kinds.stars import KIND  # here: imports torch

    known.register(KIND)
    __main__.main()
