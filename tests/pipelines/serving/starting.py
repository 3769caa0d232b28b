"""Services that are not as patient as ours, or more: what the process of a test runs."""

from pipelines import patience
from pipelines.serving import __main__, members


def hasty():
    """Hangs up on clients after about a second."""
    patience.HEAD_SECONDS, patience.BODY_SECONDS, __main__.KEEP_ALIVE_SECONDS = 1.0, 1.5, 1
    __main__.main()


def doubtful():
    """Believes of no process of its own that it can live, however slowly this machine starts them."""
    members.STEADY_SECONDS = 600.0
    __main__.main()
