"""The rows to learn from and their changed copies: what a recipe's `augmentation` adds."""

from collections.abc import Callable, Iterator
from random import Random

import pandas as pd

from pipelines.catalog.recipe import Augmentation
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find
from pipelines.training.augmentation.guarded import marks
from pipelines.training.augmentation.synonyms import reworded
from pipelines.training.augmentation.translation import back_translated, idle
from pipelines.training.augmentation.typos import can_be_misspelt, misspelt


class NoSynonyms(ValueError):
    """A language whose synonyms nobody has written down."""


class NoTypos(ValueError):
    """Texts in which no hand makes the typing errors that are known here."""


def augmented(train: pd.DataFrame, spec: ModelSpec, check: Callable[[], None] = idle) -> pd.DataFrame:
    """The rows (text, label, validation, ...) and `copies` changed copies of each row that is no validation row.

    A copy differs from its row in its text alone, and from every text that is there. It is left out where a number,
    a handle, a placeholder or a negation did not survive, or where a classifier of words wavers about its answer.
    The same rows and recipe give the same copies. `check` is called while it lasts, and may raise. Raises NoSynonyms,
    NoTypos and NoTranslator.
    """
    wanted = spec.recipe.augmentation
    learnt = train[~train["validation"]]
    if wanted is None or learnt.empty:
        return train
    if wanted.synonyms and spec.language != "en":
        raise NoSynonyms(f"synonyms are listed for English (en), not {spec.language!r}: use typos or translation")
    if wanted.typos and not wanted.synonyms and not any(map(can_be_misspelt, learnt["text"])):
        raise NoTypos("typing errors are those of words in Latin letters, and no text has one: use translation")
    changes = [learnt.assign(before=learnt["text"], text=texts) for texts in _changed(learnt, wanted, spec, check)]
    copies = _sound(pd.concat(changes, ignore_index=True), train, learnt, spec)
    return pd.concat([train, copies.drop(columns="before")], ignore_index=True)


def _changed(
    learnt: pd.DataFrame, wanted: Augmentation, spec: ModelSpec, check: Callable[[], None]
) -> Iterator[list[str]]:
    """The texts of each set of copies."""
    texts = learnt["text"].tolist()
    ways = back_translated(texts, wanted.translation, wanted.copies, check) if wanted.translation else []
    for number in range(wanted.copies):
        check()
        start = [way[number] for way in ways] if ways else texts
        # Lots of its own for each text: which other rows there are changes nothing.
        draws = (Random(f"{spec.recipe.seed} {number} {text}") for text in texts)  # noqa: S311  no secret
        yield [_change(text, wanted, draw) for text, draw in zip(start, draws, strict=True)]


def _change(text: str, wanted: Augmentation, draw: Random) -> str:
    if wanted.synonyms:
        text = reworded(text, wanted.synonyms, draw)
    return misspelt(text, wanted.typos, draw) if wanted.typos else text


def _sound(copies: pd.DataFrame, train: pd.DataFrame, learnt: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """The copies that say something new and mean the same."""
    known = set(train["text"].str.casefold())
    plain = copies["text"].str.casefold()
    copies = copies[~plain.isin(known) & ~plain.duplicated()]
    copies = copies[copies["before"].map(marks) == copies["text"].map(marks)]
    if copies.empty:
        return copies
    texts, cells = learnt["text"].tolist(), learnt["label"].tolist()
    before, after = copies["before"].tolist(), copies["text"].tolist()
    return copies[find(spec.kind).baseline.preserved(texts, cells, before, after, spec.target)]
