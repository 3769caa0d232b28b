"""A stopwatch that can be paused during evaluation."""

import time


class Clock:
    """Runs from its creation until it is paused."""

    def __init__(self) -> None:
        self.elapsed, self.started = 0.0, time.perf_counter()
        self.running = True

    @property
    def seconds(self) -> float:
        """Seconds it ran."""
        return self.elapsed + (time.perf_counter() - self.started if self.running else 0.0)

    def pause(self) -> float:
        """Stop, and return the seconds it ran."""
        self.elapsed, self.running = self.seconds, False
        return self.elapsed

    def resume(self) -> None:
        """Continue; no effect while it runs."""
        if not self.running:
            self.started, self.running = time.perf_counter(), True
