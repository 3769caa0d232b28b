from threading import Event

from pipelines.serving.models import polling
from pipelines.serving.models.polling import Poller


class Follower:
    """A poller that fails the first and the third time, with unexpected errors."""

    def __init__(self):
        self.seen, self.done = 0, Event()

    def due(self):
        return True

    def refresh(self):
        self.seen += 1
        if self.seen in (1, 3):
            raise TypeError("xyzzy-42")
        if self.seen == 4:
            self.done.set()


def test_a_look_that_fails_is_told_and_followed_by_the_next(monkeypatch, caplog):
    monkeypatch.setattr(polling, "INTERVAL_SECONDS", 0.01)
    follower = Follower()
    looking = Poller(follower)
    looking.start()
    assert follower.done.wait(10)
    looking.stop()
    assert "Follower failed: TypeError" in caplog.text
    assert "xyzzy-42" not in caplog.text
