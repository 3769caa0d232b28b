"""Seconds of work, without the seconds in which the work is only looked at."""

import time


class Clock:
    """Runs from its making until it is paused."""

    def __init__(self) -> None:
        self.kept, self.started = 0.0, time.perf_counter()
        self.running = True

    @property
    def seconds(self) -> float:
        """Seconds it ran."""
        return self.kept + (time.perf_counter() - self.started if self.running else 0.0)

    def pause(self) -> float:
        """Stop; the seconds it ran."""
        self.kept, self.running = self.seconds, False
        return self.kept

    def resume(self) -> None:
        """Run on; nothing where it runs."""
        if not self.running:
            self.started, self.running = time.perf_counter(), True
