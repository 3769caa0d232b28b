"""`python forked.py FD MODULE...`: imports the modules once, and forks a process for each request of `forking`."""

import atexit
import gc
import json
import os
import select
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib import import_module
from socket import recv_fds, socket
from typing import Any

ENOUGH_BYTES = 2**20


def main() -> None:
    """In the parent: serve requests until the last client closes its socket. In a forked child: run the request."""
    with socket(fileno=int(sys.argv[1])) as listener:
        for module in sys.argv[2:]:
            import_module(module)
        gc.collect()
        gc.freeze()  # no forked process searches these objects for garbage
        with ExitStack() as asking:
            requested = _requested(listener, asking)
    if requested:
        os._exit(_end(requested))


def _end(requested: Callable[[], Any]) -> int:
    """Run the request and end as any process does, but wait for no C++ threads: they are not forked. The exit code."""
    code: object = 1
    try:
        requested()
        code = None
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
    if isinstance(code, str):
        print(code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]  # as Python ends: it waits for threads that are no daemons
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


def _requested(listener: socket, asking: ExitStack) -> Callable[[], Any] | None:
    connections = [asking.enter_context(listener.accept()[0])]
    while connections:
        for ready in select.select([listener, *connections], [], [])[0]:
            _reap(os.WNOHANG)
            if ready is listener:
                connections.append(asking.enter_context(listener.accept()[0]))
                continue
            message, fds, _, _ = recv_fds(ready, ENOUGH_BYTES, 4)
            if not message:
                connections.remove(ready)
                continue
            if not os.fork():
                return _forked(json.loads(message), *fds)
            for fd in fds:
                os.close(fd)
    _reap(0)
    return None


def _forked(request: dict[str, Any], report: int, *streams: int) -> Callable[[], Any] | None:
    """In the intermediate process: fork once more, report the child's id and exit code. In the child: its function."""
    with os.fdopen(report, "w") as told:
        if child := os.fork():
            print(child, file=told, flush=True)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=told, flush=True)
            os._exit(0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    module, _, function = request["call"].partition(":")
    sys.argv[:] = request["argv"]
    requested: Callable[[], Any] = getattr(import_module(module), function)
    return requested


def _reap(how: int) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            pass


if __name__ == "__main__":
    main()
