"""The lines of one CSV record as its parser asks for them; those of a broken record are put back."""

from collections import deque
from collections.abc import Iterator

from pipelines.ingestion.readers.lines import Line
from pipelines.ingestion.rows import MAX_RECORD_BYTES, Rejected


class RecordLines:
    """An iterator for `csv.reader`; `taken` has the lines of the record that was begun last."""

    def __init__(self, source: Iterator[Line | Rejected]) -> None:
        self._source = source
        self._waiting: deque[Line | Rejected] = deque()
        self._width = 0
        self.taken: list[Line] = []
        self.cut = False  # the parser asked for a line that the record may not have

    def take(self) -> Line | Rejected | None:
        """The next line; None after the last one."""
        return self._waiting.popleft() if self._waiting else next(self._source, None)

    def put_back(self, *lines: Line | Rejected) -> None:
        """Lines that `take` gives again, in this order."""
        self._waiting.extendleft(reversed(lines))

    def begin(self, first: Line) -> None:
        """Begin a record with a line that was taken."""
        self._waiting.appendleft(first)
        self._width = 0
        self.taken = []
        self.cut = False

    def __iter__(self) -> "RecordLines":
        return self

    def __next__(self) -> str:
        """The next line of the record, which ends before a rejected line and after MAX_RECORD_BYTES characters."""
        line = self.take() if self._width < MAX_RECORD_BYTES else None
        if line is None or isinstance(line, Rejected):
            self.put_back(*([line] if line else []))
            self.cut = True
            raise StopIteration
        self._width += len(line[1])
        self.taken.append(line)
        return line[1]
