"""Services that are not as patient as ours, or more: what the process of a test runs."""

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
