"""What it costs to serve a model on this machine."""

from dataclasses import dataclass

from pipelines.evaluation.trial import Trial


@dataclass(frozen=True)
class Burden:
    """Median milliseconds for one text over HTTP and bytes on disk; the champion's in the same run, if there is one."""

    milliseconds: float
    bytes: int
    champion_milliseconds: float | None = None
    champion_bytes: int | None = None


def burden(contest: Trial, texts: list[str]) -> Burden:
    """Of the challenger beside the champion, on the same texts in turns."""
    spent = {who: 1000 * seconds for who, seconds in contest.seconds(texts).items()}
    size = {
        who: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for who, folder in contest.packages.items()
    }
    return Burden(spent["challenger"], size["challenger"], spent.get("champion"), size.get("champion"))
