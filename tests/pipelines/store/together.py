"""Scripts whose processes act at the same moment: they are forked, so that none is late because of imports."""

import subprocess
import sys

TOGETHER = """
import multiprocessing, sys
import alembic.command, alembic.context

def together(work, number):
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(number)
    workers = [context.Process(target=work, args=(barrier, worker)) for worker in range(number)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sys.exit(any(worker.exitcode for worker in workers))
"""


def done(script, *arguments):
    """A script after its end."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)
